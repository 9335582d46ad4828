"""The steps of docs/scaling.md, side by side: SQLite with two workers, one PostgreSQL with one, two and three nodes.

Every step gets the same load: recorded JSON scans, each of another label by another device that comes back with its
cookie, labels in no order. The database, all nodes and the client share this machine, so rates say little of what nodes
on machines of their own would do; the processor time per scan, of nodes and of database, is what the arithmetic takes.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

from load import Outcome, drive, get
from measure import table
from serving import METRICS_TOKEN, SECRET, counter, free_port
from stock import Stock, stocked

from traceqr.web.device import Devices

NODES = 3
CLIENTS = 24
SCANS = 3_000
ROUNDS = 4
WARM = 300
STARTED_WITHIN_S = 30
TICKS = os.sysconf("SC_CLK_TCK")

A_DAY = 1_000_000_000
PEAK = 5
BUSY = 0.6
"""How much of a core is planned to be in use at the peak."""
SHARD_CORES = 16
KEPT_DAYS = 90


@dataclass
class Step:
    """One way to be set up, and what was measured of it so far."""

    name: str
    stock: Stock
    ports: Sequence[int]
    node_pids: Sequence[int]
    database_pid: int | None
    requests: list[bytes]
    rates: list[float] = field(default_factory=list)
    slow: list[float] = field(default_factory=list)
    scans: int = 0
    node_cpu: float = 0.0
    database_cpu: float = 0.0
    commits: float = 0.0
    members: float = 0.0
    log_bytes: int = 0

    def load(self, scans: int) -> None:
        """Send the next requests, split among the nodes, and note what they cost."""
        batch, self.requests = self.requests[:scans], self.requests[scans:]
        before = self._costs()
        outcomes, seconds = _drive(self.ports, batch)
        node_cpu, database_cpu, commits, members, log_bytes = (
            after - was for after, was in zip(self._costs(), before, strict=True)
        )
        assert all(set(outcome.statuses) == {200} for outcome in outcomes), "expected a verdict for every scan"
        latencies = Outcome(latencies=[latency for outcome in outcomes for latency in outcome.latencies])
        self.rates.append(scans / seconds)
        self.slow.append(latencies.slowest(0.01))
        self.scans += scans
        self.node_cpu += node_cpu
        self.database_cpu += database_cpu
        self.commits += commits
        self.members += members
        self.log_bytes += int(log_bytes)

    def _costs(self) -> tuple[float, float, float, float, float]:
        counts = [counter(port, f"traceqr_commit_members_{what}") for what in ("count", "sum") for port in self.ports]
        half = len(counts) // 2
        return (
            sum(_family_cpu(pid) for pid in self.node_pids),
            _family_cpu(self.database_pid) if self.database_pid else 0.0,
            sum(counts[:half]),
            sum(counts[half:]),
            _log_position(self.stock) if self.database_pid else 0.0,
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--scans", type=int, default=SCANS)
    chosen = parser.parse_args()
    address = free_port()  # what all labels lead to; nobody listens there
    with ExitStack() as held:
        files, server = (held.enter_context(stocked(backend, address)) for backend in ("sqlite", "postgres"))
        each = WARM + chosen.rounds * chosen.scans
        steps = [_one_machine(held, files, address, each), *_nodes(held, server, address, each)]
        before = _table_bytes(server)
        for step in steps:
            step.load(WARM)
            step.__dict__.update(_begun(step))
        for number in range(chosen.rounds):
            for step in steps[number % len(steps) :] + steps[: number % len(steps)]:
                step.load(chosen.scans)
        for stock, kinds in ((files, steps[:1]), (server, steps[1:])):
            sent = sum(step.scans + WARM for step in kinds)
            assert stock.recorded() == sent, f"expected {sent} scans in the registry, found {stock.recorded()}"
        stored = (_table_bytes(server) - before) / (sum(step.scans + WARM for step in steps[1:]))
        connections = _connections(server)
    for step in steps:
        _tell(step)
    _tell_needs(steps[-1], stored, connections)


if __name__ == "__main__":
    main()
