"""The contract of the seam, for every backend: tests here use `Database`, `Reader` and `Transaction` alone.

A backend is a class with `open()`, which returns a new handle on the same registry as another process would have it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest
from support.together import in_child, in_processes, in_threads
from support.world import World, gtin, uscc

from traceqr import enrolling, issuing
from traceqr.acting import ActRefused
from traceqr.errors import RegistryUnavailable
from traceqr.registry import opening
from traceqr.registry.database import Database, Reader, RegistryConflict, Transaction


class Backend(Protocol):
    """Makes handles on one new registry."""

    def open(self) -> Database: ...

    def close(self) -> None: ...


@dataclass
class SqliteBackend:
    root: Path
    handles: list[Database] = field(default_factory=list)

    def __post_init__(self) -> None:
        opening.create(self.url).close()

    @property
    def url(self) -> str:
        return f"sqlite:///{self.root / 'traceqr.db'}"

    def open(self) -> Database:
        database = opening.open_database(self.url)
        self.handles.append(database)
        return database

    def close(self) -> None:
        for database in self.handles:
            database.close()


BACKENDS = {"sqlite": SqliteBackend}


@pytest.fixture(params=sorted(BACKENDS))
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    made = BACKENDS[request.param](tmp_path)
    yield made
    made.close()


@pytest.fixture
def database(backend: Backend) -> Database:
    return backend.open()


def put(tx: Transaction, name: str, value: str) -> None:
    tx.insert_many("meta", ("name", "value"), [(name, value)])


def value_of(reader: Reader, name: str) -> str | None:
    row = reader.row("SELECT value FROM meta WHERE name = :name", {"name": name})
    return str(row["value"]) if row else None


def increment(tx: Transaction, name: str) -> None:
    """Read, think, write: loses updates unless the lock is taken before the read."""
    seen = value_of(tx, name)
    assert seen is not None
    tx.execute("UPDATE meta SET value = :value WHERE name = :name", {"value": str(int(seen) + 1), "name": name})


class TestStatements:
    def test_rows_are_dicts_by_column_name_in_the_order_asked_for(self, database: Database) -> None:
        with database.transaction() as tx:
            assert tx.insert_many("meta", ("name", "value"), ((f"n{at}", str(at)) for at in range(3))) == 3
        with database.snapshot() as reader:
            found = reader.rows(
                "SELECT name, value AS number FROM meta WHERE name <> 'schema_version' ORDER BY name DESC"
            )
        assert found == [{"name": f"n{at}", "number": str(at)} for at in (2, 1, 0)]

    def test_row_is_the_first_or_none(self, database: Database) -> None:
        with database.transaction() as tx:
            put(tx, "a", "1")
            put(tx, "b", "2")
            assert tx.row("SELECT name FROM meta WHERE name IN ('a', 'b') ORDER BY name") == {"name": "a"}
            assert tx.row("SELECT name FROM meta WHERE name = :name", {"name": "c"}) is None

    def test_no_rows_is_an_empty_list(self, database: Database) -> None:
        with database.snapshot() as reader:
            assert reader.rows("SELECT * FROM batch") == []

    def test_execute_counts_the_rows_it_changed(self, database: Database) -> None:
        with database.transaction() as tx:
            for name in "abc":
                put(tx, name, "x")
            assert tx.execute("UPDATE meta SET value = 'y' WHERE value = 'x' AND name <> :name", {"name": "a"}) == 2
            assert tx.execute("DELETE FROM meta WHERE name = 'nobody'") == 0

    def test_insert_many_takes_none(self, database: Database) -> None:
        with database.transaction() as tx:
            assert tx.insert_many("meta", ("name", "value"), []) in (0, -1)
        with database.snapshot() as reader:
            assert reader.rows("SELECT name FROM meta") == [{"name": "schema_version"}]

    def test_a_transaction_sees_its_own_writes(self, database: Database) -> None:
        with database.transaction() as tx:
            put(tx, "a", "1")
            assert value_of(tx, "a") == "1"

    @pytest.mark.parametrize("text", ["茶叶𠮷", "'; DROP TABLE meta; --", "%s ? :name", " trailing ", ""])
    def test_text_comes_back_as_it_went_in(self, database: Database, text: str) -> None:
        with database.transaction() as tx:
            put(tx, "a", text)
        with database.snapshot() as reader:
            assert value_of(reader, "a") == text

    @pytest.mark.parametrize("number", [0, 2**31, 2**32 - 1, 2**53, 2**63 - 1, -(2**63)])
    def test_integers_have_64_bits(self, database: Database, number: int) -> None:
        with database.transaction() as tx:
            tx.insert_many("scan", SCAN, [scan_row(at_ms=number)])
            assert tx.row("SELECT at_ms FROM scan WHERE at_ms = :n", {"n": number}) == {"at_ms": number}

    @pytest.mark.parametrize("value", [2**63, -(2**63) - 1, "\ud800"], ids=["too great", "too small", "surrogate"])
    def test_what_no_backend_can_store_is_a_conflict(self, database: Database, value: object) -> None:
        with pytest.raises(RegistryConflict, match="expected integers of 64 bits and text of Unicode"):  # noqa: SIM117
            with database.transaction() as tx:
                tx.insert_many("meta", ("name", "value"), [("a", value)])
        with pytest.raises(RegistryConflict, match="expected integers of 64 bits"), database.snapshot() as reader:
            reader.row("SELECT name FROM meta WHERE value = :value", {"value": value})

    def test_nul_is_refused_since_postgresql_stores_none(self, database: Database) -> None:
        with pytest.raises(RegistryConflict, match="NUL"), database.transaction() as tx:
            put(tx, "a", "x\0y")
        with pytest.raises(RegistryConflict, match="NUL"), database.transaction() as tx:
            tx.execute("UPDATE meta SET value = :value", {"value": "x\0y"})


class TestTransactions:
    def test_commit_is_seen_by_others(self, backend: Backend) -> None:
        one, other = backend.open(), backend.open()
        with one.transaction() as tx:
            put(tx, "a", "1")
        with other.snapshot() as reader:
            assert value_of(reader, "a") == "1"

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, RegistryUnavailable])
    def test_any_exception_rolls_back_and_comes_through(self, database: Database, error: type[BaseException]) -> None:
        with pytest.raises(error), database.transaction() as tx:  # noqa: PT012
            put(tx, "a", "1")
            raise error("stop")
        with database.transaction() as tx:
            assert value_of(tx, "a") is None
            put(tx, "b", "2")  # and the lock is free again
        with database.snapshot() as reader:
            assert value_of(reader, "b") == "2"

    def test_nothing_is_seen_before_the_commit(self, backend: Backend) -> None:
        one, other = backend.open(), backend.open()
        with one.transaction() as tx:
            put(tx, "a", "1")
            with other.snapshot() as reader:
                assert value_of(reader, "a") is None

    def test_a_snapshot_stays_as_it_was_while_a_writer_commits(self, backend: Backend) -> None:
        reading, writing = backend.open(), backend.open()
        with writing.transaction() as tx:
            put(tx, "a", "before")
        with reading.snapshot() as reader:
            assert value_of(reader, "a") == "before"
            with writing.transaction() as tx:
                tx.execute("UPDATE meta SET value = 'after' WHERE name = 'a'")
            assert value_of(reader, "a") == "before"
            assert len(reader.rows("SELECT name FROM meta")) == 2
        with reading.snapshot() as reader:
            assert value_of(reader, "a") == "after"

    def test_a_snapshot_does_not_wait_for_a_writer(self, backend: Backend) -> None:
        one, other = backend.open(), backend.open()
        with one.transaction(), other.snapshot() as reader:  # waiting would be for this very thread, and in vain
            assert value_of(reader, "schema_version") == str(opening.SCHEMA_VERSION)

    def test_what_a_snapshot_leaves_open_is_not_written(self, database: Database) -> None:
        with database.snapshot() as reader:
            reader.rows("SELECT 1 AS one")
            assert not hasattr(Reader, "execute")
        with database.transaction() as tx:
            put(tx, "a", "1")

    def test_a_bad_statement_is_no_exception_of_the_driver(self, database: Database) -> None:
        with pytest.raises(RegistryUnavailable), database.snapshot() as reader:
            reader.rows("SELECT * FROM no_such_table")
        with pytest.raises(RegistryUnavailable), database.transaction() as tx:
            tx.execute("UPDATE no_such_table SET a = 1")
        with database.transaction() as tx:
            put(tx, "a", "1")

    def test_close_can_be_called_again_and_the_database_used_again(self, database: Database) -> None:
        with database.snapshot() as reader:
            assert value_of(reader, "schema_version")
        database.close()
        database.close()
        with database.snapshot() as reader:
            assert value_of(reader, "schema_version")


SCAN = ("batch", "label_index", "device", "at_ms", "channel", "agent", "language", "confirmed")


def scan_row(**changes: object) -> tuple[object, ...]:
    values: dict[str, object] = dict(zip(SCAN, (1, 0, "d", 0, "page", "chrome", "en", 0), strict=True))
    return tuple({**values, **changes}.values())


def ledger_row(position: int) -> tuple[object, ...]:
    return (position, 0, "test.act", "test:1", "{}", *["0" * 64] * 3)


LEDGER = ("position", "at_ms", "act", "subject", "entry", "leaf_hash", "peak_hash", "root_hash")

CONFLICTS = {
    "primary key": lambda tx: tx.insert_many("scan", SCAN, [scan_row(), scan_row()]),
    "unique": lambda tx: tx.insert_many(
        "organisation",
        ("id", "kind", "level", "region", "name_zh", "name_en", "position"),
        [(name, "association", "city", "310000", "同名", name, 0) for name in "ab"],
    ),
    "not null": lambda tx: tx.insert_many("meta", ("name", "value"), [("a", None)]),
    "check": lambda tx: tx.insert_many("scan", SCAN, [scan_row(channel="telepathy")]),
    "check of an update": lambda tx: tx.execute("UPDATE ledger SET leaf_hash = 'short'"),
    "foreign key of an insert": lambda tx: tx.insert_many(
        "organisation",
        ("id", "kind", "level", "region", "name_zh", "name_en", "position"),
        [("a", "association", "city", "310000", "名", "Name", 999)],
    ),
    "ledger: a gap": lambda tx: tx.insert_many("ledger", LEDGER, [ledger_row(5)]),
    "ledger: a change": lambda tx: tx.execute("UPDATE ledger SET act = 'other'"),
    "ledger: a deletion": lambda tx: tx.execute("DELETE FROM ledger"),
}


class TestConflicts:
    @pytest.mark.parametrize("kind", CONFLICTS)
    def test_each_constraint_refuses_and_nothing_stays(self, database: Database, kind: str) -> None:
        with database.transaction() as tx:
            tx.insert_many("ledger", LEDGER, [ledger_row(0)])
        with pytest.raises(RegistryConflict, match="the registry refused the change"), database.transaction() as tx:  # noqa: PT012
            put(tx, "written before", "1")
            CONFLICTS[kind](tx)
        with database.transaction() as tx:
            assert value_of(tx, "written before") is None
            assert tx.rows("SELECT position, act FROM ledger") == [{"position": 0, "act": "test.act"}]
            put(tx, "goes on", "1")

    def test_a_foreign_key_refuses_a_deletion(self, database: Database) -> None:
        with database.transaction() as tx:
            tx.insert_many("ledger", LEDGER, [ledger_row(0)])
            tx.insert_many(
                "signing_key",
                ("number", "role", "algorithm", "public_key", "signing_from_ms", "signing_to_ms", "verifying_from_ms",
                 "verifying_to_ms", "status", "position"),
                [(1, "label", "Ed25519", "0" * 64, 0, 1, 0, 1, "active", 0)],
            )  # fmt: skip
            tx.insert_many("enterprise", *ENTERPRISE)
            tx.insert_many("product", ("gtin", "enterprise_id", "version"), [("0" * 14, "e", 1)])
        with pytest.raises(RegistryConflict), database.transaction() as tx:
            tx.execute("DELETE FROM enterprise")


ENTERPRISE = (
    ("id", "uscc", "name_zh", "name_en", "region", "sector", "service_phone", "contact", "contact_salt", "position"),
    [("e", "9" * 18, "名", "Name", "310000", "food", "1", "c", "s", 0)],
)


class TestConcurrency:
    def test_threads_lose_nothing(self, database: Database) -> None:
        with database.transaction() as tx:
            put(tx, "counter", "0")

        def fifty() -> None:
            for _ in range(50):
                with database.transaction() as tx:
                    increment(tx, "counter")

        in_threads([fifty] * 8)
        with database.snapshot() as reader:
            assert value_of(reader, "counter") == "400"

    def test_processes_lose_nothing_and_see_no_lock_error(self, backend: Backend) -> None:
        with backend.open().transaction() as tx:
            put(tx, "counter", "0")

        def fifty(writer: int) -> int:
            database = backend.open()
            for at in range(50):
                with database.transaction() as tx:
                    increment(tx, "counter")
                    tx.insert_many("scan", SCAN, [scan_row(device=f"d{writer}", at_ms=at)])
                with database.snapshot() as reader:
                    assert value_of(reader, "counter") is not None
            database.close()
            return writer

        assert in_processes([lambda writer=writer: fifty(writer) for writer in range(4)]) == [0, 1, 2, 3]
        with backend.open().snapshot() as reader:
            assert value_of(reader, "counter") == "200"
            assert reader.row("SELECT COUNT(*) AS scans FROM scan") == {"scans": 200}

    def test_readers_see_whole_transactions_only(self, backend: Backend) -> None:
        """Two values are always changed together; no reader ever finds them apart."""
        writing, reading = backend.open(), backend.open()
        with writing.transaction() as tx:
            put(tx, "left", "0")
            put(tx, "right", "0")
        done = threading.Event()

        def write() -> int:
            for _ in range(100):
                with writing.transaction() as tx:
                    increment(tx, "left")
                    increment(tx, "right")
            done.set()
            return 0

        def read() -> int:
            torn = 0
            while not done.is_set():
                with reading.snapshot() as reader:
                    torn += value_of(reader, "left") != value_of(reader, "right")
            return torn

        assert in_threads([write, read, read]) == [0, 0, 0]

    def test_a_waiting_writer_goes_on_when_the_other_is_done(self, backend: Backend) -> None:
        one, other = backend.open(), backend.open()
        trying, entered = threading.Event(), threading.Event()

        def second() -> None:
            trying.set()
            with other.transaction() as tx:
                entered.set()
                assert value_of(tx, "a") == "1"

        thread = threading.Thread(target=second, daemon=True)
        with one.transaction() as tx:
            thread.start()
            assert trying.wait(30)
            put(tx, "a", "1")
            assert not entered.wait(0.2), "two writers at once"  # unhindered it takes microseconds
        assert entered.wait(30)
        thread.join(30)


class TestFork:
    """A handle is worth nothing in a forked child, whatever was open or locked at the fork."""

    @pytest.mark.parametrize("used_before", [False, True])
    def test_a_fork_inherits_nothing(self, database: Database, used_before: bool) -> None:
        if used_before:
            with database.transaction() as tx:
                put(tx, "a", "1")

        def child() -> list[str]:
            refused = []
            for view in (database.snapshot, database.transaction):
                try:
                    with view():
                        pass
                except RegistryUnavailable as error:
                    refused.append(str(error))
            database.close()  # says nothing and touches nothing
            return refused

        assert [message[:40] for message in in_child(child)] == ["expected a registry opened after the for"] * 2
        with database.transaction() as tx:
            put(tx, "b", "2")

    def test_not_even_while_a_thread_of_the_parent_holds_the_lock(self, database: Database) -> None:
        entered, leave = threading.Event(), threading.Event()

        def hold() -> None:
            with database.transaction():
                entered.set()
                leave.wait(30)

        thread = threading.Thread(target=hold)
        thread.start()
        entered.wait(30)
        try:

            def child() -> str:
                try:
                    with database.transaction():
                        return "inherited"
                except RegistryUnavailable:
                    return "refused"

            assert in_child(child) == "refused"
        finally:
            leave.set()
            thread.join()

    def test_a_child_forked_inside_a_transaction_does_not_keep_the_lock(self, backend: Backend) -> None:
        database, other = backend.open(), backend.open()
        read_end, write_end = os.pipe()
        with database.transaction() as tx:
            put(tx, "a", "1")
            child = os.fork()
            if not child:  # lives until its parent says so
                os.close(write_end)
                os.read(read_end, 1)
                os._exit(0)
        os.close(read_end)
        finished = threading.Event()

        def write() -> None:
            with other.transaction() as tx:
                put(tx, "b", "2")
            finished.set()

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        freed = finished.wait(5)
        os.close(write_end)
        os.waitpid(child, 0)
        thread.join(10)
        assert freed, "the lock lasted as long as the child"


class TestUseCasesUnderTheLock:
    """The lock is taken before the first read: of many who pass one check, one does."""

    RACERS = 8

    @pytest.mark.parametrize("run", [in_threads, in_processes])
    def test_one_of_many_enterprises_gets_the_gtin(self, furnished: World, run: object) -> None:
        contested = str(gtin(7, prefix="6987654"))
        for number in range(11, 11 + self.RACERS):
            furnished.enterprise(number)
        claims = [furnished.claim("gtin", contested, number, accepted=False) for number in range(11, 11 + self.RACERS)]

        def accept(claim: str) -> str:
            with furnished.another() as desk:
                try:
                    return enrolling.accept_claim(desk, claim, "质量检验协会（测试）").state
                except ActRefused:
                    return "refused"

        outcomes = run([lambda claim=claim: accept(claim) for claim in claims])  # type: ignore[operator]
        assert sorted(outcomes) == ["accepted"] + ["refused"] * (self.RACERS - 1)
        assert furnished.acts().count("claim.accept") == 2  # the prefix it was furnished with, and this one

    @pytest.mark.parametrize("run", [in_threads, in_processes])
    def test_batch_numbers_are_dense_and_unique(self, furnished: World, run: object) -> None:
        each = 5

        def issue() -> list[int]:
            with furnished.another() as desk:
                return [issuing.issue(desk, furnished.order()).number for _ in range(each)]

        numbers = sorted(number for some in run([issue] * self.RACERS) for number in some)  # type: ignore[operator]
        assert numbers == list(range(1, self.RACERS * each + 1))
        positions = [row["position"] for row in furnished.rows("SELECT position FROM ledger ORDER BY position")]
        assert positions == list(range(len(positions)))

    def test_one_enterprise_is_enrolled_once(self, furnished: World) -> None:
        entry = enrolling.EnterpriseEntry(uscc(99), "新", "New", "310000", "food", "1", "c")

        def enrol(racer: int) -> int:
            with furnished.another(racer * 1000) as desk:
                return enrolling.enrol_enterprises(desk, [entry]).added

        added = in_processes([lambda racer=racer: enrol(racer) for racer in range(1, self.RACERS + 1)])
        assert sorted(added) == [0] * (self.RACERS - 1) + [1]
