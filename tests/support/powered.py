"""A process whose disk will lose power: run under tests/faults/power_loss.c, it scans and acts until it is ended.

It reads orders, one a line, and lives through each in a child of its own, so that starting costs nothing. What the
registry has acknowledged is written to standard output before anything else is done, a line each.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import os
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.world import HOSTS, ORIGIN, START_MS, ZONE, Ids, gtin

from traceqr import issuing
from traceqr.acting import Desk
from traceqr.errors import RegistryUnavailable
from traceqr.issuing import Order
from traceqr.registry import sqlite
from traceqr.registry.sqlite import SqliteConnection, SqliteDatabase
from traceqr.verdict import Code
from traceqr.verifying import Verifier, Viewer

THREADS = 3
LONGEST_SESSION = 12
"""Scans of a thread before the registry is closed and opened anew, at most."""

OUT_OF_STEP = 97


class _Listening(SqliteDatabase):
    """The real one; it remembers why it could not be used, which a verdict does not say."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.refusals: list[str] = []

    @contextmanager
    def snapshot(self, *, soon: bool = False) -> Iterator[SqliteConnection]:
        with self._listening(), super().snapshot(soon=soon) as reader:
            yield reader

    @contextmanager
    def recording(self, *, soon: bool = False) -> Iterator[SqliteConnection]:
        with self._listening(), super().recording(soon=soon) as tx:
            yield tx

    @contextmanager
    def _listening(self) -> Iterator[None]:
        try:
            yield
        except RegistryUnavailable as error:
            self.refusals.append(f"{error}: {error.__cause__!r}")
            raise


@dataclass(frozen=True)
class Life:
    """From the start of the process to the loss of its power."""

    path: str
    seed: int
    operations: int
    pragmas: list[str]
    texts: list[str]

    def live(self) -> None:
        """Never returns."""
        sqlite._PRAGMAS = (*sqlite._PRAGMAS, *self.pragmas)
        shim, chance = ctypes.CDLL(None), random.Random(self.seed)
        shim.power_loss_arm(self.path.encode(), ctypes.c_long(self.operations), ctypes.c_uint64(self.seed))
        for session in itertools.count():
            database = _Listening(Path(self.path))
            jobs = [self._issue] + [self._scan] * THREADS
            length = chance.randint(1, LONGEST_SESSION)
            threads = [
                threading.Thread(target=job, args=(database, f"{self.seed}-{session}-{place}", length))
                for place, job in enumerate(jobs)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            database.close()

    def _scan(self, database: _Listening, name: str, length: int) -> None:
        verifier, chance = Verifier(database, HOSTS, lambda: START_MS), random.Random(name)
        for number in range(length):
            place, device = chance.randrange(len(self.texts)), f"{name}-{number}"
            verdict = verifier.scan(self.texts[place], Viewer(device, True, "page", "chrome", "zh-Hans"))
            good = verdict.code in (Code.GENUINE, Code.SEEN)
            assert verdict.label is not None
            _say(["scan", verdict.label.serial.batch, place, device] if good else ["bad", database.refusals])

    def _issue(self, database: _Listening, name: str, length: int) -> None:
        desk = Desk(database, name, lambda: START_MS, ZONE, Ids())
        for _ in range(length // 4):
            order = Order(gtin=gtin(), count=5, origin=ORIGIN, pledge=1, lot=name)
            _say(["issue", issuing.issue(desk, order).number])


def _say(what: list[Any]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def main() -> None:
    """Live through order after order."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                Life(**json.loads(line)).live()
            finally:
                os._exit(OUT_OF_STEP)
        _, status = os.waitpid(child, 0)
        _say(["end", os.waitstatus_to_exitcode(status)])


if __name__ == "__main__":
    main()
