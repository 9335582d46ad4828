"""An enterprise's clerk, in a process of its own: issues small batches, activates their beginnings, and says each act
once it is done. Run as a script with the registry's URL.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.processes import kill
from support.world import ORIGIN, ZONE, gtin

from traceqr import activating, issuing
from traceqr.acting import Desk
from traceqr.activating import Range
from traceqr.errors import RegistryUnavailable
from traceqr.instant import system_clock
from traceqr.issuing import Order
from traceqr.registry import opening
from traceqr.registry.database import Database

COUNT, ACTIVE = 5, 3
_PAUSE_S = 0.02


def work(url: str) -> None:
    """Act for ever. What the registry cannot take now is tried again."""
    desk = Desk(opening.open_database(url), "clerk", system_clock, ZONE, lambda: secrets.token_hex(8))
    while True:
        try:
            batch = issuing.issue(desk, Order(gtin=gtin(), count=COUNT, origin=ORIGIN, pledge=1))
            print("issue", batch.number, flush=True)
            activating.activate(desk, Range(batch.number, 0, ACTIVE - 1), "stored for sale")
            print("activate", batch.number, flush=True)
        except RegistryUnavailable:
            print("refused", flush=True)
        time.sleep(_PAUSE_S)


@dataclass
class Clerk:
    """What the clerk has said, over all the processes that did its work."""

    url: str
    said: list[tuple[str, int]] = field(default_factory=list)
    refused: int = 0
    kills: int = 0

    def start(self) -> None:
        """Begin in a new process."""
        here = Path(__file__).parents[1]
        command = [sys.executable, "-c", "import sys; from support import clerk; clerk.work(sys.argv[1])", self.url]
        env = {"PYTHONPATH": f"{here}:{here.parent}", "PATH": ""}
        self._process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def kill(self) -> None:
        """End it as it stands, in the middle of whatever it does."""
        kill([self._process.pid])
        self._process.wait()
        self._reader.join(10)
        self._process.stdout.close()  # type: ignore[union-attr]
        self.kills += 1

    def _read(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            act, _, batch = line.strip().partition(" ")
            if act == "refused":
                self.refused += 1
            elif line.endswith("\n"):
                self.said.append((act, int(batch)))


@contextmanager
def at_work(url: str) -> Iterator[Clerk]:
    """A clerk acts until the block ends."""
    clerk = Clerk(url)
    clerk.start()
    try:
        yield clerk
    finally:
        clerk.kill()


def require_done(clerk: Clerk, database: Database) -> int:
    """Hold what the clerk said against the registry and its ledger; returns how many acts it said were done."""
    with database.snapshot() as reader:
        acts = Counter((row["act"], row["subject"]) for row in reader.rows("SELECT act, subject FROM ledger"))
        spans = {
            (row["batch"], row["first"], row["last"], row["life"])
            for row in reader.rows("SELECT batch, first, last, life FROM span")
        }
    for act, batch in clerk.said:
        assert acts[f"batch.{act}", f"batch:{batch}"] == 1, f"acknowledged, and not there once: {act} {batch}"
    active = {batch for act, batch in clerk.said if act == "activate"}
    assert {(batch, 0, ACTIVE - 1, "active") for batch in active} <= spans
    return len(clerk.said)
