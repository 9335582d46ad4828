"""The steps of docs/scaling.md, side by side: SQLite with two workers, one PostgreSQL with one, two and three nodes.

Every step gets the same load: recorded JSON scans, each of another label by another device that comes back with its
cookie, labels in no order. Database, nodes and client share this machine, so the rates say little of nodes on machines
of their own; what the arithmetic takes is the processor time per scan, of nodes and of database. A node has one worker.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg
from load import Outcome, drive, get
from measure import table
from processor import family_s, postmaster
from serving import OURS, SECRET, counter, free_port, serving, settings
from stock import Stock, stocked

from traceqr.web.device import Devices

NODES = 3
CLIENTS = 24
SCANS = 3_000
ROUNDS = 4
WARM = 300

A_DAY = 1_000_000_000
AVERAGE = A_DAY / 86_400
PEAK = 5
BUSY = 0.6
"""How much of a core may be in use at the peak."""
SHARD_CORES, SHARD_TB = 16, 8
KEPT_DAYS, COUNTED_DAYS = 90, 365
GB, TB = 1e9, 1e12


@dataclass(frozen=True)
class Costs:
    """Counters of a step at one instant, or what they have grown by: processor seconds, commits and what was in them,
    bytes of the write-ahead log.
    """

    node_s: float
    database_s: float
    commits: float
    members: float
    log_bytes: float

    def since(self, before: Costs) -> Costs:
        """The difference."""
        return Costs(*(now - was for now, was in zip(vars(self).values(), vars(before).values(), strict=True)))


@dataclass(frozen=True)
class Load:
    """What came of one load on one step."""

    scans: int
    seconds: float
    latencies: list[float]
    costs: Costs


@dataclass
class Step:
    """One way to be set up, the requests that it will get, and what came of them."""

    name: str
    stock: Stock
    ports: Sequence[int]
    pids: Sequence[int]
    database_pid: int | None
    requests: list[bytes]
    loads: list[Load] = field(default_factory=list)

    def load(self, scans: int) -> Load:
        """Send the next requests, split among the nodes."""
        sent, self.requests = self.requests[:scans], self.requests[scans:]
        before = self._costs()
        outcomes, seconds = _drive(self.ports, sent)
        assert all(set(outcome.statuses) == {200} for outcome in outcomes), "expected a verdict for every scan"
        latencies = [latency for outcome in outcomes for latency in outcome.latencies]
        return Load(len(sent), seconds, latencies, self._costs().since(before))

    def per_scan(self, cost: str) -> float:
        """A cost, divided by the scans."""
        return sum(getattr(load.costs, cost) for load in self.loads) / sum(load.scans for load in self.loads)

    def _costs(self) -> Costs:
        commits, members = (
            sum(counter(port, f"traceqr_commit_members_{what}") for port in self.ports) for what in ("count", "sum")
        )
        nodes = sum(family_s(pid) for pid in self.pids)
        if self.database_pid is None:
            return Costs(nodes, 0.0, commits, members, 0.0)
        return Costs(nodes, family_s(self.database_pid), commits, members, _asked(self.stock, _LOG))


_LOG = "SELECT pg_current_wal_insert_lsn() - '0/0'"
_CONNECTIONS = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'traceqr'"
_STORED = "SELECT SUM(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = '{}'::regclass"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--scans", type=int, default=SCANS)
    chosen = parser.parse_args()
    address = free_port()  # what all labels lead to; nobody listens there
    with ExitStack() as held:
        files = held.enter_context(stocked("sqlite", address))
        server = held.enter_context(stocked("postgres", address))
        steps = _steps(held, files, server, address, WARM + chosen.rounds * chosen.scans)
        for step in steps:
            step.load(WARM)
        for number in range(chosen.rounds):
            turn = number % len(steps)
            for step in steps[turn:] + steps[:turn]:
                step.loads.append(step.load(chosen.scans))
        sent = WARM + chosen.rounds * chosen.scans
        _require_recorded(files, sent)
        _require_recorded(server, sent * NODES)
        stored = {name: _asked(server, _STORED.format(name)) / (sent * NODES) for name in ("scan", "sighting")}
        server.database.close()
        connections = int(_asked(server, _CONNECTIONS))
    _tell_steps(steps)
    _tell_needs(steps[-1], stored, connections)


def _steps(held: ExitStack, files: Stock, server: Stock, address: int, each: int) -> list[Step]:
    """One machine with a file, and one to three nodes of those that serve the same PostgreSQL."""
    alone = _node(held, files, address, 2)
    nodes = [_node(held, server, address, 1) for _ in range(NODES)]
    database_pid = postmaster(server.url)
    texts = iter(_in_no_order(server.labels(each * NODES)))
    found = [_step("SQLite, 2 workers", files, [alone], None, iter(_in_no_order(files.labels(each))), address, each)]
    for count in range(1, NODES + 1):
        name = f"PostgreSQL, {count} node{'s' if count > 1 else ''}"
        found.append(_step(name, server, nodes[:count], database_pid, texts, address, each))
    return found


def _step(
    name: str,
    stock: Stock,
    nodes: Sequence[tuple[int, int]],
    database_pid: int | None,
    texts: Iterator[str],
    address: int,
    each: int,
) -> Step:
    devices = Devices(SECRET, secure=False, token_bytes=stock.token_bytes)
    requests = [_scan(next(texts), address, devices) for _ in range(each)]
    ports, pids = zip(*nodes, strict=True)
    return Step(name, stock, ports, pids, database_pid, requests)


def _in_no_order(texts: list[str]) -> list[str]:
    """People scan labels as they meet them, which fills indexes less densely than one label after the other."""
    random.Random(1).shuffle(texts)
    return texts


def _scan(text: str, address: int, devices: Devices) -> bytes:
    """A person's navigation to a label, on a phone that has been here before."""
    return get(
        text.partition(str(address))[2],
        address,
        Accept="application/json",
        Accept_Language="zh-CN,zh;q=0.9",
        Sec_Fetch_Dest="document",
        Sec_Fetch_Mode="navigate",
        User_Agent="Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 MicroMessenger/8.0.50",
        Cookie=f"{devices.name}={devices.new().cookie}",
    )


def _drive(ports: Sequence[int], requests: Sequence[bytes]) -> tuple[list[Outcome], float]:
    """The requests split evenly, each part with its share of the clients; and the seconds until the last answer."""
    outcomes: list[Outcome] = []

    def send(place: int, port: int) -> None:
        outcomes.append(drive(port, requests[place :: len(ports)], CLIENTS // len(ports)))

    threads = [threading.Thread(target=send, args=each) for each in enumerate(ports)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    assert len(outcomes) == len(ports), "a client failed"
    return outcomes, seconds


def _node(held: ExitStack, stock: Stock, address: int, workers: int) -> tuple[int, int]:
    """Starts a node; returns its port and the process id of its master."""
    port = free_port()
    return port, held.enter_context(serving(OURS, port, stock.folder, workers, **settings(stock, address)))


def _asked(stock: Stock, question: str) -> float:
    """A number from the server, over a connection that does not stay."""
    with psycopg.connect(stock.url) as connection:
        row = connection.execute(question).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return float(row[0])


def _require_recorded(stock: Stock, scans: int) -> None:
    assert stock.recorded() == scans, f"expected {scans} scans in the registry, found {stock.recorded()}"


def _tell_steps(steps: Sequence[Step]) -> None:
    for step in steps:
        rates = [load.scans / load.seconds for load in step.loads]
        latencies = Outcome(latencies=[latency for load in step.loads for latency in load.latencies])
        commits = step.per_scan("commits")
        rows = [
            ("scans a second, median of rounds", f"{statistics.median(rates):,.0f}"),
            ("scans a second, by round", " ".join(f"{rate:,.0f}" for rate in rates)),
            ("median, slowest 1%", f"{latencies.median * 1e3:.1f} ms, {latencies.slowest(0.01) * 1e3:.1f} ms"),
            ("scans a commit", f"{step.per_scan('members') / commits:.1f}"),
            ("processor time of nodes", f"{step.per_scan('node_s') * 1e6:,.0f} us a scan"),
        ]
        if step.database_pid is not None:
            rows += [
                ("processor time of the database", f"{step.per_scan('database_s') * 1e6:,.0f} us a scan"),
                ("write-ahead log", f"{step.per_scan('log_bytes'):,.0f} bytes a scan"),
            ]
        table(f"{step.name}: {sum(load.scans for load in step.loads):,} scans by {CLIENTS} clients", rows)


def _tell_needs(step: Step, stored: dict[str, float], connections: int) -> None:
    """What a billion scans a day would take, from the last step's costs."""
    node, database = (AVERAGE * PEAK * step.per_scan(cost) / BUSY for cost in ("node_s", "database_s"))
    detail, counts = stored["scan"] * A_DAY * KEPT_DAYS / TB, stored["sighting"] * A_DAY * COUNTED_DAYS / TB
    log = step.per_scan("log_bytes")
    by_cores, by_disk = math.ceil(database / SHARD_CORES), math.ceil((detail + counts) / SHARD_TB)
    table(
        f"Stored, {step.name}",
        [
            ("scan, with its index", f"{stored['scan']:,.0f} bytes a scan"),
            ("sighting, with its index", f"{stored['sighting']:,.0f} bytes a label"),
            ("connections", f"{connections} held by {len(step.ports)} workers"),
        ],
    )
    table(
        f"A billion scans a day: {AVERAGE:,.0f} a second, {AVERAGE * PEAK:,.0f} at the peak, cores {BUSY:.0%} busy",
        [
            ("node cores", f"{math.ceil(node):,}"),
            ("database cores", f"{math.ceil(database):,}"),
            ("stored a day", f"{(stored['scan'] + stored['sighting']) * A_DAY / TB:,.2f} TB"),
            (f"detail of {KEPT_DAYS} days", f"{detail:,.0f} TB"),
            (f"counts that stay, {COUNTED_DAYS} days, each scan another label", f"{counts:,.0f} TB"),
            (
                "write-ahead log",
                f"{log * A_DAY / TB:,.2f} TB a day, {log * AVERAGE * PEAK / 1e6:,.0f} MB/s at the peak",
            ),
            (f"shards of {SHARD_CORES} cores and {SHARD_TB} TB", f"{by_cores} by cores, {by_disk} by disk"),
        ],
    )


if __name__ == "__main__":
    main()
