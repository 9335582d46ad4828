"""What the SQLite adapter promises beyond the seam: pragmas, the one file, and locks."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.together import in_child, in_threads, until
from support.world import World

from traceqr import native
from traceqr.errors import RegistryUnavailable
from traceqr.registry import opening, sqlite, writelock
from traceqr.registry.database import Database, RegistryBusy
from traceqr.registry.sqlite import SqliteConnection, SqliteDatabase
from traceqr.registry.writelock import QUEUE, WriteLock


@pytest.fixture
def engine() -> str:
    """This module is about files."""
    return "sqlite"


@pytest.fixture
def database(world: World) -> SqliteDatabase:
    return world.database


@dataclass
class Naps:
    """Stands for the time that passes while somebody waits: it passes in naps alone, and a test may act in one."""

    taken: int = 0
    now_s: float = 0.0
    least_s: float = 0.0
    meanwhile: Callable[[int], None] = lambda _: None  # called with the number of each nap

    def sleep(self, seconds: float) -> None:
        self.taken += 1
        self.now_s += max(seconds, self.least_s)
        self.meanwhile(self.taken)

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> Naps:
    """Waiting without waiting: how long the program naps is counted, not endured."""
    made = Naps()
    monkeypatch.setattr(native, "sleep", made.sleep)
    monkeypatch.setattr(time, "monotonic", made.monotonic)
    return made


def write_something(database: Database) -> None:
    with database.transaction() as tx:
        tx.insert_many("meta", ("name", "value"), [("a", "1")])


def pragma(connection: SqliteConnection, name: str) -> object:
    return connection.raw.execute(f"PRAGMA {name}").fetchone()[0]


class TestPragmas:
    EXPECTED = {  # noqa: RUF012
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": sqlite.BUSY_TIMEOUT_MS,
    }

    def test_they_are_in_force_on_every_connection(self, world: World, database: SqliteDatabase) -> None:
        """Several at once, so that each is a connection of its own; then a handle as another process has it."""
        found = []
        with database.snapshot() as one, database.snapshot() as two, database.transaction() as three:
            assert len({id(connection.raw) for connection in (one, two, three)}) == 3
            found += [{name: pragma(view, name) for name in self.EXPECTED} for view in (one, two, three)]
        with world.another() as desk, desk.database.transaction() as four:
            found.append({name: pragma(four, name) for name in self.EXPECTED})  # type: ignore[arg-type]
        assert found == [self.EXPECTED] * 4

    def test_connections_are_kept_and_used_again(self, database: SqliteDatabase) -> None:
        with database.snapshot() as first:
            pass
        with database.transaction() as second:
            assert second is first

    def test_a_connection_given_back_has_no_transaction_open(self, database: SqliteDatabase) -> None:
        with database.snapshot() as reader:
            reader.rows("SELECT * FROM meta")
        assert not reader.raw.in_transaction
        with pytest.raises(ValueError, match="stop"), database.transaction() as tx:
            raise ValueError("stop")
        assert not tx.raw.in_transaction

    def test_a_connection_that_failed_is_not_used_again(self, database: SqliteDatabase) -> None:
        with pytest.raises(RegistryUnavailable), database.snapshot() as bad:
            bad.rows("SELECT * FROM no_such_table")
        with database.snapshot() as good:
            assert good is not bad
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            bad.raw.execute("SELECT 1")


class TestTheFile:
    def test_a_registry_can_be_read_by_its_owner_alone(self, world: World) -> None:
        assert world.path.stat().st_mode & 0o777 == 0o600

    def test_replaced_while_in_use(self, world: World, tmp_path: Path) -> None:
        """The connections held would checkpoint the old file into the new one's log: refuse and touch nothing."""
        other = World(_new(tmp_path / "other"))
        other.close()
        with world.database.snapshot():
            pass
        other.path.replace(world.path)
        for view in (world.database.snapshot, world.database.transaction):
            with pytest.raises(RegistryUnavailable, match="replaced while in use: restart this process"), view():
                pytest.fail("read from a file that was replaced")
        with world.another() as desk, desk.database.snapshot() as reader:  # a process started afterwards can
            opening.require_schema(reader)

    def test_gone_and_back(self, world: World, tmp_path: Path) -> None:
        world.close()
        world.path.rename(tmp_path / "away.db")
        with pytest.raises(RegistryUnavailable, match=r"found none; to make one, run: traceqr init"):
            opening.check(world.database)
        (tmp_path / "away.db").rename(world.path)
        opening.check(world.database)

    def test_the_log_of_another_file_beside_it(self, tmp_path: Path) -> None:
        """A backup was put in the place of a killed server's registry, whose log stayed behind."""
        world = World(_new(tmp_path / "live")).furnish()
        backup = tmp_path / "backup.db"
        world.database.backup(backup, lambda _: None)
        for _ in range(40):  # it is noticed where the pages lie so, which hangs on the schema
            world.issue(5)
        world.close()
        in_child(lambda: _act(world.url, tmp_path))
        shutil.copy(backup, world.path)
        log = world.path.with_name("traceqr.db-wal")
        for _ in range(2):  # whoever looks again is told again
            told = (
                f"malformed.*; {log} may be the log of another file"  # which page it meets first depends on the schema
            )
            with pytest.raises(RegistryUnavailable, match=told), closing(opening.open_database(world.url)) as database:
                opening.check(database)
            assert (world.path.read_bytes(), log.exists()) == (backup.read_bytes(), True), "nothing was written"
        for ending in ("-wal", "-shm"):
            log.with_name(f"traceqr.db{ending}").unlink()
        with closing(opening.open_database(world.url)) as database:
            assert database.faults() == []

    def test_nothing_is_made_where_there_is_no_registry(self, tmp_path: Path) -> None:
        database = opening.open_database(f"sqlite:///{tmp_path}/none.db")
        with pytest.raises(RegistryUnavailable, match="found none"), database.transaction():
            pytest.fail("began a transaction on nothing")
        assert list(tmp_path.iterdir()) == []


def is_free(path: Path) -> bool:
    """Whether somebody else could take the lock now."""
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class TestLocks:
    def test_a_foreign_writer_is_waited_for(self, world: World, naps: Naps) -> None:
        with world.another() as desk, closing(sqlite3.connect(world.path, isolation_level=None)) as foreign:
            foreign.execute("BEGIN IMMEDIATE")
            naps.meanwhile = lambda nap: foreign.execute("COMMIT") if nap == 3 else None
            write_something(desk.database)
        assert naps.taken == 3, "it goes on as soon as the other is done"

    def test_a_foreign_writer_who_stays_is_named(self, world: World, naps: Naps) -> None:
        naps.least_s = 0.5  # in truth each try takes a while, too
        with world.another() as desk, closing(sqlite3.connect(world.path, isolation_level=None)) as foreign:
            foreign.execute("BEGIN IMMEDIATE")
            with pytest.raises(RegistryUnavailable, match="is being written to by another program"):
                write_something(desk.database)
            assert writelock.PATIENCE_S <= naps.now_s < writelock.PATIENCE_S + 2
            foreign.execute("COMMIT")
            write_something(desk.database)  # and it recovers by itself

    def test_another_process_of_ours_is_waited_for(self, world: World, naps: Naps) -> None:
        with world.path.with_name("traceqr.db.lock").open("wb") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            naps.meanwhile = lambda nap: fcntl.flock(other, fcntl.LOCK_UN) if nap == 3 else None
            write_something(world.database)
        assert naps.taken == 3, "it goes on as soon as the other is done"

    def test_another_process_of_ours_that_stays_is_named(self, world: World, naps: Naps) -> None:
        lock = world.path.with_name("traceqr.db.lock")
        with lock.open("wb") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            with pytest.raises(RegistryUnavailable, match="is being written to by another process") as refused:
                write_something(world.database)
        assert str(lock) in str(refused.value)
        assert writelock.PATIENCE_S <= naps.now_s < writelock.PATIENCE_S + 2
        assert naps.taken > 100, "few long naps: the lock may pass from hand to hand while it sleeps"
        write_something(world.database)  # the thread lock did not stay behind

    def test_without_its_lock_file_nothing_is_written(self, world: World) -> None:
        """No other error than the registry's: a verdict must become `unchecked`, not a crash."""
        lock = world.path.with_name("traceqr.db.lock")
        lock.unlink(missing_ok=True)
        lock.mkdir()
        with pytest.raises(RegistryUnavailable, match="cannot open the write lock"), world.database.transaction():
            pytest.fail("began a transaction without the lock")
        lock.rmdir()
        with world.database.transaction() as tx:
            assert tx.row("SELECT 1 AS one") == {"one": 1}

    def test_an_error_of_the_body_is_not_taken_for_the_locks(self, world: World) -> None:
        with pytest.raises(PermissionError, match="mine"), world.database.transaction():
            raise PermissionError(1, "mine")

    def test_flock_keeps_processes_apart(self, tmp_path: Path) -> None:
        lock = WriteLock(tmp_path / "x.lock")
        with lock.held():
            assert not in_child(lambda: is_free(tmp_path / "x.lock"))
        assert in_child(lambda: is_free(tmp_path / "x.lock"))

    def test_a_child_that_leaves_the_block_does_not_free_its_parents_lock(self, tmp_path: Path) -> None:
        """The descriptor is shared across a fork, and so would be its unlocking."""
        lock = WriteLock(tmp_path / "x.lock")
        held = lock.held()
        held.__enter__()
        in_child(lambda: held.__exit__(None, None, None))
        assert not is_free(tmp_path / "x.lock")
        held.__exit__(None, None, None)
        assert is_free(tmp_path / "x.lock")

    def test_threads_are_kept_apart(self, tmp_path: Path) -> None:
        lock, inside, most = WriteLock(tmp_path / "x.lock"), [0], [0]

        def enter() -> None:
            for _ in range(20):
                with lock.held():
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                    time.sleep(0.0002)
                    inside[0] -= 1

        in_threads([enter] * 4)
        assert most == [1]

    def test_who_came_first_is_served_first(self, tmp_path: Path) -> None:
        """As many as there are places in the queue, each with a lock of its own, as processes have."""
        path, served = tmp_path / "x.lock", list[str]()
        waiting = []

        def wait(place: str) -> None:
            with WriteLock(path).held():
                served.append(place)

        with WriteLock(path).held():
            for place in QUEUE:
                waiting.append(threading.Thread(target=wait, args=(place,)))
                waiting[-1].start()
                until(lambda place=place: not is_free(path.with_name(path.name + place)))  # type: ignore[misc]
            assert not served
        for thread in waiting:
            thread.join(10)
        assert served == list(QUEUE)

    @pytest.mark.parametrize("place", QUEUE)
    def test_a_place_that_does_not_come_free_is_named_and_none_is_kept(self, tmp_path: Path, place: str) -> None:
        path = tmp_path / "x.lock"
        with path.with_name(path.name + place).open("wb") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            with pytest.raises(RegistryBusy, match=f"x.lock{place}"), WriteLock(path).held(0.01):
                pytest.fail("got past who was there before")
        assert all(is_free(path.with_name(path.name + each)) for each in ("", *QUEUE))
        with WriteLock(path).held(0.01):
            assert not is_free(path)

    def test_a_place_that_another_user_has_made_is_left_out(self, tmp_path: Path, monkeypatch: Any) -> None:
        made, path = os.open, tmp_path / "x.lock"

        def forbidden(opened: Path, *how: int) -> int:
            if str(opened).endswith(QUEUE[1]):
                raise PermissionError(errno.EACCES, "Permission denied")
            return made(opened, *how)

        monkeypatch.setattr(writelock.os, "open", forbidden)
        with WriteLock(path).held(0.01):
            assert not is_free(path)
        assert is_free(path)

    def test_connections_left_open_are_closed_under_the_lock_at_exit(self, world: World) -> None:
        """A closing reader checkpoints: a process that ends must queue for that as for a write."""
        program = (
            "import fcntl, sys\n"
            "from traceqr.registry import opening\n"
            "flock = fcntl.flock\n"
            "def told(handle, how):\n"
            "    try: flock(handle, how)\n"
            "    except BlockingIOError:\n"
            "        fcntl.flock = flock\n"
            "        print('waits', flush=True)\n"
            "        raise\n"
            "database = opening.open_database(sys.argv[1])\n"
            "with database.snapshot() as reader: reader.rows('SELECT * FROM meta')\n"
            "print('read', flush=True)\n"
            "fcntl.flock = told\n"
        )
        with world.database.transaction():
            child = subprocess.Popen([sys.executable, "-c", program, world.url], stdout=subprocess.PIPE)
            assert child.stdout is not None
            said = [child.stdout.readline(), child.stdout.readline()]
            ended = child.poll()
        assert child.wait(30) == 0
        child.stdout.close()
        assert said == [b"read\n", b"waits\n"], "the process closed its connection without asking for the lock"
        assert ended is None, "the process closed its connection beside a writer"

    def test_close_leaves_no_log_behind(self, world: World) -> None:
        with world.database.transaction() as tx:
            tx.insert_many("meta", ("name", "value"), [("a", "1")])
        assert world.path.with_name("traceqr.db-wal").exists()
        world.close()
        assert not world.path.with_name("traceqr.db-wal").exists()


class TestDurability:
    def test_a_killed_writer_leaves_whole_transactions(self, world: World) -> None:
        """SIGKILL between two statements of a transaction, again and again: all or nothing, and no lock stays."""
        for round_ in range(5):
            child = os.fork()
            if not child:
                with world.another() as desk, desk.database.transaction() as tx:
                    tx.insert_many("meta", ("name", "value"), [(f"half {round_}", "1")])
                    os.kill(os.getpid(), 9)
            os.waitpid(child, 0)
            with world.database.transaction() as tx:
                tx.insert_many("meta", ("name", "value"), [(f"whole {round_}", "1")])
        names = {row["name"] for row in world.rows("SELECT name FROM meta")}
        assert names == {"schema_version", *(f"whole {at}" for at in range(5))}

    def test_sqlites_own_rollback_is_not_rolled_back_twice(self, world: World) -> None:
        """When a disk is full SQLite has rolled back already; here the limit of pages stands for the disk."""
        with world.database.transaction() as tx:
            tx.raw.execute(f"PRAGMA max_page_count = {pragma(tx, 'page_count')}")
        with pytest.raises(RegistryUnavailable, match="full"), world.database.transaction() as tx:  # noqa: PT012
            for at in range(1000):
                tx.insert_many("meta", ("name", "value"), [(f"n{at}", "x" * 2000)])
        with world.another() as desk, desk.database.transaction() as tx:
            assert tx.rows("SELECT name FROM meta") == [{"name": "schema_version"}]
            tx.insert_many("meta", ("name", "value"), [("a", "1")])


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach; pytest's own is closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="traceqr-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(job: object) -> str:
    """What a job says in a process without root's power to write everywhere."""

    def run() -> str:
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        try:
            job()  # type: ignore[operator]
        except RegistryUnavailable as error:
            return str(error)
        return "done"

    return in_child(run)


class TestRights:
    def test_no_registry_is_made_in_a_folder_that_cannot_be_written(self, open_folder: Path) -> None:
        open_folder.chmod(0o555)
        message = as_nobody(lambda: opening.create(f"sqlite:///{open_folder}/new.db"))
        assert message == f"cannot create the registry {open_folder}/new.db: Permission denied"

    def test_a_registry_that_cannot_be_written_is_unavailable(self, open_folder: Path) -> None:
        made = World(open_folder)
        made.close()
        made.path.chmod(0o444)
        open_folder.chmod(0o555)

        def write() -> None:
            with opening.open_database(made.url).transaction() as tx:
                tx.insert_many("meta", ("name", "value"), [("a", "1")])

        assert as_nobody(write).startswith("cannot open the write lock")
        open_folder.chmod(0o755)


_left_open: list[World] = []


def _act(url: str, folder: Path) -> None:
    """Acts of a process that is about to end without closing anything."""
    world = World(_new(folder / "killed"), url=url, made=True)
    _left_open.append(world)
    for number in range(50, 53):
        world.enterprise(number)


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder
