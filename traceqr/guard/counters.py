"""The counters of wrong entries, in a small SQLite file of the guard's own: they outlive it.

An entry meets, in this order:

1. a code that was found wrong for this label before is wrong again, and costs nothing: it tells a guesser nothing new.
   So those who bought copies with one printed code are all told, and do not make each other wait.
2. the device's own delay, by its wrong entries for this label and for all labels.
3. the delay of the label or of its batch, by the wrong entries of all. It is waited for once: who meets it gets a turn,
   and when that has come his entry is judged, however many others have guessed meanwhile. So strangers can make an
   owner wait for `LONGEST_MS`, and never for longer.
4. then it is judged. Only a wrong entry is counted. What was counted is durable before anybody is answered.

Turns are bounded: they, and not the delays, bound how many guesses there can be in all, since a device costs nothing.
Where all turns are given away, the network that holds most of them gives up its latest. So somebody who comes from a
network of his own always gets one, unless as many networks as there are turns guess at the same time.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from traceqr.entering import Entry, Judgement
from traceqr.errors import TraceqrError
from traceqr.guard.clock import SteadyClock
from traceqr.guard.delays import (
    LONGEST_MS,
    OF_BATCH,
    OF_DEVICE,
    OF_DEVICE_AND_LABEL,
    OF_LABEL,
    Budget,
)
from traceqr.instant import DAY_MS, Clock

LABEL_TURNS = 256
"""Turns of one label at a time: of at most so many guesses in 15 minutes one may be right by chance."""

BATCH_TURNS = 4_096
ALL_TURNS = 65_536

TURN_LASTS_MS = 3_600_000
"""A turn that has come is kept for an hour."""

TRIED = 64
"""Wrong codes of a label that are remembered."""

TRIED_FOR_MS = 90 * DAY_MS
MOST_TRIED = 200_000
MOST_DEBTS = 500_000
"""Rows of the file: beyond that the oldest codes, and the debts that are paid soonest, are forgotten."""

PRUNE_EVERY = 256
"""Entries between two looks for what may be forgotten."""

_APPLICATION = 0x74716764
"""`tqgd`: what SQLite writes into the head of a file of counters."""

_SCHEMA = """
CREATE TABLE kept (at_ms INTEGER NOT NULL, salt BLOB NOT NULL);
CREATE TABLE debt (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    paid_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE INDEX debt_paid ON debt (paid_ms);
CREATE TABLE turn (
    batch INTEGER NOT NULL,
    label_index INTEGER NOT NULL,
    device TEXT NOT NULL,
    network TEXT NOT NULL,
    asked_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (batch, label_index, device)
) WITHOUT ROWID;
CREATE INDEX turn_until ON turn (until_ms);
CREATE TABLE tried (
    batch INTEGER NOT NULL,
    label_index INTEGER NOT NULL,
    digest BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (batch, label_index, digest)
) WITHOUT ROWID;
CREATE INDEX tried_at ON tried (at_ms);
"""


class CountersError(TraceqrError):
    """The file of counters cannot be used."""


class Counters:
    """The file of one guard, which alone has it open. Safe to share between threads."""

    def __init__(self, path: Path, clock: Callable[[int], Clock] = SteadyClock) -> None:
        """Opens the file, or makes it. `clock` makes the clock from the latest instant in the file. Raises
        `CountersError`.
        """
        self._guard = threading.Lock()
        self._since_pruned = 0
        try:
            self._connection = _open(path)
            self._salt, left_ms = _kept(self._connection)
        except (OSError, sqlite3.Error) as error:
            raise CountersError(f"cannot use the guard's counters in {path}: {error}") from error
        self._clock = clock(left_ms)

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._connection.close()

    def judged(self, entry: Entry, is_right: Callable[[], bool]) -> Judgement:
        """What is to be answered to an entry; `is_right` is asked only where it may be judged now. When this returns,
        what it has cost is durable. Raises `CountersError`.
        """
        try:
            with self._transaction() as now_ms:
                return _Case(self._connection, entry, now_ms, self._digest(entry)).judged(is_right)
        except sqlite3.Error as error:
            raise CountersError(f"the guard's counters cannot be kept: {error}") from error

    def _digest(self, entry: Entry) -> bytes:
        """Of a wrong code: enough to know it again, of no use to whoever reads the file elsewhere."""
        return hashlib.blake2b(entry.code.digits.encode("ascii"), digest_size=8, key=self._salt).digest()

    @contextmanager
    def _transaction(self) -> Iterator[int]:
        """The instant of a transaction that is committed at its end."""
        with self._guard:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                now_ms, before = self._clock(), self._connection.total_changes
                yield now_ms
                self._forget(now_ms)
                if self._connection.total_changes > before:  # else nothing is written, and the disk is not waited for
                    self._connection.execute("UPDATE kept SET at_ms = max(at_ms, ?)", (now_ms,))
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def _forget(self, now_ms: int) -> None:
        """What says no more than a row that is not there, and what is too much."""
        self._since_pruned -= 1
        if self._since_pruned > 0:
            return
        self._since_pruned = PRUNE_EVERY
        run = self._connection.execute
        run("DELETE FROM debt WHERE paid_ms <= ?", (now_ms,))
        run("DELETE FROM turn WHERE until_ms <= ?", (now_ms,))
        run("DELETE FROM tried WHERE at_ms <= ?", (now_ms - TRIED_FOR_MS,))
        _cut(self._connection, "debt", "paid_ms", MOST_DEBTS)
        _cut(self._connection, "tried", "at_ms", MOST_TRIED)


class _Case:
    """One entry, in its transaction."""

    def __init__(self, connection: sqlite3.Connection, entry: Entry, now_ms: int, digest: bytes) -> None:
        self._run = connection.execute
        self._entry = entry
        self._now_ms = now_ms
        self._digest = digest
        batch, index = entry.serial.batch, entry.serial.index
        self._label = (batch, index)
        own = f"{batch}:{index}:{entry.device}"
        self._own: list[tuple[Budget, str, str]] = [
            (OF_DEVICE_AND_LABEL, "own", own),
            (OF_DEVICE, "device", entry.device),
        ]
        self._of_all: list[tuple[Budget, str, str]] = [
            (OF_LABEL, "label", f"{batch}:{index}"),
            (OF_BATCH, "batch", str(batch)),
        ]

    def judged(self, is_right: Callable[[], bool]) -> Judgement:
        if self._was_tried():
            return Judgement.wrong(self._next_s())
        if wait_ms := self._own_wait():
            return Judgement.wait(_seconds(wait_ms), others=False)
        if wait_ms := self._turn_wait():
            return Judgement.wait(_seconds(wait_ms), others=True)
        self._run("DELETE FROM turn WHERE batch = ? AND label_index = ? AND device = ?", self._place)
        if is_right():
            # Not the device's own budget over all labels: who owns one of them would wipe it out at will.
            self._run("DELETE FROM debt WHERE kind = ? AND name = ?", self._own[0][1:])
            return Judgement.right()
        self._charge()
        return Judgement.wrong(self._next_s())

    @property
    def _place(self) -> tuple[int, int, str]:
        return (*self._label, self._entry.device)

    def _was_tried(self) -> bool:
        found = self._run(
            "SELECT 1 FROM tried WHERE batch = ? AND label_index = ? AND digest = ?", (*self._label, self._digest)
        )
        return found.fetchone() is not None

    def _debt(self, kind: str, name: str) -> tuple[int, int]:
        """When it is paid, and when it was made last."""
        row = self._run("SELECT paid_ms, last_ms FROM debt WHERE kind = ? AND name = ?", (kind, name)).fetchone()
        return row or (0, 0)

    def _own_wait(self) -> int:
        """What is left of the device's own delay, which runs from its last wrong entry on."""
        waits = []
        for budget, kind, name in self._own:
            paid_ms, last_ms = self._debt(kind, name)
            waits.append(last_ms + budget.delay_at(paid_ms, self._now_ms) - self._now_ms)
        return max(0, *waits)

    def _toll(self) -> int:
        """The delay of the label and its batch."""
        return max(budget.delay_at(self._debt(kind, name)[0], self._now_ms) for budget, kind, name in self._of_all)

    def _turn_wait(self) -> int:
        """What is left until the device's turn; it gets one if it has none."""
        toll = self._toll()
        if not toll:
            return 0
        row = self._run(
            "SELECT due_ms FROM turn WHERE batch = ? AND label_index = ? AND device = ? AND until_ms > ?",
            (*self._place, self._now_ms),
        ).fetchone()
        if row:
            return min(toll, max(0, int(row[0]) - self._now_ms))
        return toll if self._take_turn(toll) else LONGEST_MS

    def _take_turn(self, toll: int) -> bool:
        batch, index = self._label
        scopes = (
            ("batch = ? AND label_index = ?", (batch, index), LABEL_TURNS),
            ("batch = ?", (batch,), BATCH_TURNS),
            ("1 = 1", (), ALL_TURNS),
        )
        if not all(self._has_room(*scope) for scope in scopes):
            return False
        due_ms = self._now_ms + toll
        self._run(
            "INSERT OR REPLACE INTO turn (batch, label_index, device, network, asked_ms, due_ms, until_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*self._place, self._entry.network, self._now_ms, due_ms, due_ms + TURN_LASTS_MS),
        )
        return True

    def _has_room(self, where: str, values: tuple[int, ...], most: int) -> bool:
        """Whether there is a turn to give, if need be that which the network with the most of them got last."""
        where, live = f"{where} AND until_ms > ?", (*values, self._now_ms)
        (taken,) = self._run(f"SELECT COUNT(*) FROM turn WHERE {where}", live).fetchone()  # noqa: S608  our own text
        if taken < most:
            return True
        networks = dict(self._run(f"SELECT network, COUNT(*) FROM turn WHERE {where} GROUP BY network", live))  # noqa: S608
        greatest = max(networks, key=lambda network: (networks[network], network))
        if networks[greatest] <= networks.get(self._entry.network, 0) + 1:
            return False
        place = self._run(
            f"SELECT batch, label_index, device FROM turn WHERE {where} AND network = ?"  # noqa: S608
            " ORDER BY asked_ms DESC, due_ms DESC LIMIT 1",
            (*live, greatest),
        ).fetchone()
        self._run("DELETE FROM turn WHERE batch = ? AND label_index = ? AND device = ?", place)
        return True

    def _charge(self) -> None:
        for budget, kind, name in (*self._own, *self._of_all):
            paid_ms = budget.with_one_more(self._debt(kind, name)[0], self._now_ms)
            self._run("INSERT OR REPLACE INTO debt VALUES (?, ?, ?, ?)", (kind, name, paid_ms, self._now_ms))
        self._run("INSERT OR REPLACE INTO tried VALUES (?, ?, ?, ?)", (*self._label, self._digest, self._now_ms))
        self._run(
            "DELETE FROM tried WHERE batch = ? AND label_index = ? AND digest NOT IN (SELECT digest FROM tried"
            " WHERE batch = ? AND label_index = ? ORDER BY at_ms DESC LIMIT ?)",
            (*self._label, *self._label, TRIED),
        )

    def _next_s(self) -> int:
        """When the device may try another code, as things stand."""
        return _seconds(max(self._own_wait(), self._toll()))


def _seconds(milliseconds: int) -> int:
    return -(-milliseconds // 1000)


def _open(path: Path) -> sqlite3.Connection:
    """Made for its owner alone, whatever the umask."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    connection.execute("PRAGMA journal_mode = TRUNCATE")
    connection.execute("PRAGMA synchronous = FULL")
    (found,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if found == 0 and tables == 0:
        _make(connection)
    elif found != _APPLICATION:
        raise CountersError(f"expected the guard's counters in {path}, or no file, found another database")
    return connection


def _make(connection: sqlite3.Connection) -> None:
    """All of it or nothing: a guard that ends in between leaves an empty file."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in filter(str.strip, _SCHEMA.split(";")):
        connection.execute(statement)
    connection.execute("INSERT INTO kept VALUES (0, ?)", (os.urandom(32),))
    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
    connection.execute("COMMIT")


def _kept(connection: sqlite3.Connection) -> tuple[bytes, int]:
    salt, at_ms = connection.execute("SELECT salt, at_ms FROM kept").fetchone()
    return salt, at_ms


def _cut(connection: sqlite3.Connection, table: str, column: str, most: int) -> None:
    """Take the lowest rows of a table away that are more than it may have."""
    (rows,) = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()  # noqa: S608  our own names
    if rows > most:
        connection.execute(
            f"DELETE FROM {table} WHERE {column} <= (SELECT {column} FROM {table} ORDER BY {column}"  # noqa: S608
            " LIMIT 1 OFFSET ?)",
            (rows - most - 1,),
        )
