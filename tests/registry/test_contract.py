"""The contract of the seam, for every backend: tests here use `Database`, `Reader` and `Transaction` alone.

`Backend.open()` returns a new handle on the same registry as another process would have it.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support import postgres
from support.together import in_child, in_processes, in_threads
from support.world import World, gtin, uscc

from traceqr import claiming, enrolling, issuing
from traceqr.acting import ActRefused
from traceqr.errors import RegistryUnavailable
from traceqr.registry import opening
from traceqr.registry.database import Database, Reader, RegistryConflict, Transaction


@dataclass
class Backend:
    """One new registry, and handles on it."""

    url: str
    handles: list[Database] = field(default_factory=list)

    def open(self) -> Database:
        database = opening.open_database(self.url)
        self.handles.append(database)
        return database

    def close(self) -> None:
        for database in self.handles:
            database.close()


@pytest.fixture
def backend(engine: str, tmp_path: Path) -> Iterator[Backend]:
    with ExitStack() as held:
        if engine == "postgres":
            made = Backend(held.enter_context(postgres.new_registry()))
        else:
            made = Backend(f"sqlite:///{tmp_path / 'traceqr.db'}")
            opening.create(made.url).close()
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


SCAN = ("batch", "label_index", "device", "at_ms", "channel", "agent", "language", "confirmed")
SCAN += ("early", "place", "network", "shared")
MORE = (0, "", -1, 0)


def scan_row(**changes: object) -> tuple[object, ...]:
    values: dict[str, object] = dict(zip(SCAN, (1, 0, "d", 0, "page", "chrome", "en", 0, *MORE), strict=True))
    return tuple({**values, **changes}.values())


def ledger_row(position: int) -> tuple[object, ...]:
    return (position, 0, "test.act", "test:1", "{}", *["0" * 64] * 3)


LEDGER = ("position", "at_ms", "act", "subject", "entry", "leaf_hash", "peak_hash", "root_hash")

ENTERPRISE = (
    ("id", "uscc", "name_zh", "name_en", "region", "sector", "service_phone", "contact", "contact_salt", "position"),
    [("e", "9" * 18, "名", "Name", "310000", "food", "1", "c", "s", 0)],
)

ODD_TEXT = ["茶叶𠮷", "\\", "\\N", "\\.", "\t", "a\nb", "a\r\nb", "", " ", "'", '"', "%s", ":name", "\\x00", "{}", ","]
"""What means something to some way of sending rows."""


def insert_returning(tx: Transaction, column: str, value: object) -> None:
    marks = ", ".join(f":{name}" for name in SCAN)
    sql = f"INSERT INTO scan ({', '.join(SCAN)}) VALUES ({marks}) RETURNING device"
    tx.rows(sql, dict(zip(SCAN, scan_row(**{column: value}), strict=True)))


WRITING: dict[str, Callable[[Transaction, str, object], object]] = {
    "execute": lambda tx, column, value: tx.execute(f"UPDATE scan SET {column} = :value", {"value": value}),
    "insert one": lambda tx, column, value: tx.insert_many("scan", SCAN, [scan_row(**{column: value})]),
    "insert many": lambda tx, column, value: tx.insert_many(
        "scan", SCAN, [scan_row(label_index=at, **{column: value}) for at in range(100)]
    ),
    "returning": insert_returning,
}


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

    @pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 10_000])
    @pytest.mark.parametrize("as_one", [list, iter], ids=["list", "generator"])
    def test_insert_many_takes_any_number(self, database: Database, count: int, as_one: Callable[..., Any]) -> None:
        """One backend changes its way at 64 rows: what is stored is the same."""
        texts = itertools.islice(itertools.cycle(ODD_TEXT), count)
        rows = [(1, at, text, -at, "page", "茶\t\\N\r\n", "", at % 2, *MORE) for at, text in enumerate(texts)]
        with database.transaction() as tx:
            assert tx.insert_many("scan", SCAN, as_one(rows)) == count
        with database.snapshot() as reader:
            assert [tuple(row.values()) for row in reader.rows("SELECT * FROM scan ORDER BY label_index")] == rows

    @pytest.mark.parametrize("count", [1, 100])
    def test_insert_many_stores_null(self, database: Database, count: int) -> None:
        columns = (
            "id",
            "enterprise_id",
            "kind",
            "value",
            "evidence",
            "state",
            "organisation_id",
            "decided_ms",
            "position",
        )
        with database.transaction() as tx:
            tx.insert_many("ledger", LEDGER, [ledger_row(0)])
            tx.insert_many("enterprise", *ENTERPRISE)
            rows = [(f"c{at}", "e", "gtin", "0", "\\N", "filed", None, None, 0) for at in range(count)]
            assert tx.insert_many("gtin_claim", columns, rows) == count
            found = tx.rows("SELECT evidence, organisation_id, decided_ms FROM gtin_claim")
        assert found == [{"evidence": "\\N", "organisation_id": None, "decided_ms": None}] * count

    @pytest.mark.parametrize("before", [0, 5, 63, 64, 500])
    @pytest.mark.parametrize("bad", ["x\0y", "\ud800"], ids=["NUL", "surrogate"])
    def test_insert_many_refuses_a_bad_row_with_all_of_them(self, backend: Backend, before: int, bad: str) -> None:
        database = backend.open()
        rows = [scan_row(at_ms=at) for at in range(before)] + [scan_row(at_ms=before, agent=bad)] * 2
        with pytest.raises(RegistryConflict, match="expected integers of 64 bits"), database.transaction() as tx:
            tx.insert_many("scan", SCAN, rows)
        with database.transaction() as tx:
            assert tx.rows("SELECT * FROM scan") == []
            put(tx, "goes on", "1")

    @pytest.mark.parametrize("before", [0, 5, 64, 500])
    def test_rows_that_end_in_an_error_come_to_nothing(self, database: Database, before: int) -> None:
        """A table that is being imported has a bad line: its own error comes through."""

        def rows() -> Iterator[tuple[object, ...]]:
            yield from (scan_row(at_ms=at) for at in range(before))
            raise ValueError("line 7")

        with pytest.raises(ValueError, match="line 7"), database.transaction() as tx:
            tx.insert_many("scan", SCAN, rows())
        with database.transaction() as tx:
            assert tx.rows("SELECT * FROM scan") == []
            put(tx, "goes on", "1")

    def test_returning_gives_rows(self, database: Database) -> None:
        upsert = (
            "INSERT INTO meta (name, value) VALUES (:name, :value)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value RETURNING name, value"
        )
        with database.transaction() as tx:
            assert tx.row(upsert, {"name": "a", "value": "1"}) == {"name": "a", "value": "1"}
            assert tx.rows(upsert, {"name": "a", "value": "2"}) == [{"name": "a", "value": "2"}]
            assert tx.rows("UPDATE meta SET value = 'x' WHERE name = 'nobody' RETURNING name") == []
            assert tx.row("DELETE FROM meta WHERE name = 'nobody' RETURNING name") is None
        with database.snapshot() as reader:
            assert value_of(reader, "a") == "2"

    def test_a_parameter_may_occur_more_than_once_and_be_null(self, database: Database) -> None:
        with database.snapshot() as reader:
            row = reader.row(
                "SELECT name, CAST(:missing AS TEXT) AS missing FROM meta WHERE name = :name AND name = :name",
                {"name": "schema_version", "missing": None},
            )
        assert row == {"name": "schema_version", "missing": None}

    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("100 %", "100 %"),
            ("%s %(name)s %%", "%s %(name)s %%"),
            (":name", ":name"),
            ("it''s :name, '' too", "it's :name, ' too"),
            ("12:30:name", "12:30:name"),
            ("", ""),
        ],
    )
    def test_what_stands_in_quotes_is_no_parameter(self, database: Database, written: str, read: str) -> None:
        with database.snapshot() as reader:
            sql = f"SELECT '{written}' AS text, name FROM meta WHERE name = :name"
            assert reader.row(sql, {"name": "schema_version"}) == {"text": read, "name": "schema_version"}
            assert reader.row(f"SELECT '{written}' AS text") == {"text": read}

    def test_numbers_are_numbers_whatever_their_size(self, database: Database) -> None:
        with database.transaction() as tx:
            tx.insert_many("scan", SCAN, [scan_row(label_index=at, at_ms=2**at) for at in range(0, 63, 7)])
            for at in range(0, 63, 7):
                found = tx.row("SELECT label_index FROM scan WHERE at_ms = :n AND at_ms < :n + 1", {"n": 2**at})
                assert found == {"label_index": at}
            assert tx.row("SELECT CAST(SUM(label_index) AS BIGINT) AS n FROM scan") == {"n": sum(range(0, 63, 7))}
            assert tx.row("SELECT COUNT(*) AS n, MAX(at_ms) AS most FROM scan") == {"n": 9, "most": 2**56}

    def test_plain_text_is_ordered_alike(self, database: Database) -> None:
        names = ["0", "00", "1", "a", "ab", "b"]
        with database.transaction() as tx:
            tx.insert_many("meta", ("name", "value"), [(name, "") for name in reversed(names)])
            found = tx.rows("SELECT name FROM meta WHERE value = '' ORDER BY name")
        assert [row["name"] for row in found] == names

    def test_an_aggregate_of_nothing_has_its_row(self, database: Database) -> None:
        with database.snapshot() as reader:
            assert reader.row("SELECT MAX(number) AS most, COUNT(*) AS n FROM batch") == {"most": None, "n": 0}

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

    @pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**40], ids=["too great", "too small", "far too great"])
    @pytest.mark.parametrize("where", WRITING)
    def test_an_integer_past_64_bits_is_a_conflict(self, database: Database, number: int, where: str) -> None:
        with pytest.raises(RegistryConflict, match="expected integers of 64 bits"), database.transaction() as tx:
            WRITING[where](tx, "at_ms", number)
        with pytest.raises(RegistryConflict, match="expected integers of 64 bits"), database.snapshot() as reader:
            reader.row("SELECT device FROM scan WHERE at_ms = :value", {"value": number})

    @pytest.mark.parametrize("text", ["x\0y", "\0", "\ud800"], ids=["NUL", "NUL alone", "surrogate"])
    @pytest.mark.parametrize("where", WRITING)
    def test_text_that_no_backend_stores_is_a_conflict(self, database: Database, text: str, where: str) -> None:
        with pytest.raises(RegistryConflict, match="text of Unicode characters without NUL"):  # noqa: SIM117
            with database.transaction() as tx:
                WRITING[where](tx, "agent", text)
        with pytest.raises(RegistryConflict, match="without NUL"), database.snapshot() as reader:
            reader.row("SELECT device FROM scan WHERE agent = :value", {"value": text})


KINDS = ("transaction", "recording", "maintenance")


def begun(database: Database, kind: str) -> AbstractContextManager[Transaction]:
    made: AbstractContextManager[Transaction] = getattr(database, kind)()
    return made


class TestTransactions:
    @pytest.mark.parametrize("kind", KINDS)
    def test_commit_is_seen_by_others(self, backend: Backend, kind: str) -> None:
        one, other = backend.open(), backend.open()
        with begun(one, kind) as tx:
            put(tx, "a", "1")
        with other.snapshot() as reader:
            assert value_of(reader, "a") == "1"

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, RegistryUnavailable])
    @pytest.mark.parametrize("kind", KINDS)
    def test_any_exception_rolls_back_and_comes_through(
        self, database: Database, error: type[BaseException], kind: str
    ) -> None:
        with pytest.raises(error), begun(database, kind) as tx:  # noqa: PT012
            put(tx, "a", "1")
            raise error("stop")
        with database.transaction() as tx:
            assert value_of(tx, "a") is None
            put(tx, "b", "2")  # and the lock is free again
        with database.snapshot() as reader:
            assert value_of(reader, "b") == "2"

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_refused_statement_that_is_passed_over_loses_all(self, database: Database, kind: str) -> None:
        """One backend would commit the rest, the other would lose it without a word: so neither, and it is said."""
        with pytest.raises(RegistryConflict, match="nothing of the transaction is kept"):  # noqa: SIM117, PT012
            with begun(database, kind) as tx:
                put(tx, "a", "1")
                with suppress(RegistryConflict):
                    put(tx, "a", "2")
        with begun(database, kind) as tx:
            assert value_of(tx, "a") is None
            put(tx, "b", "2")
        with database.snapshot() as reader:
            assert value_of(reader, "b") == "2"

    def test_only_maintenance_changes_the_schema_and_all_of_it_or_nothing(self, database: Database) -> None:
        script = (
            "-- A comment; with 'a quote.\n"
            "CREATE TABLE extra (name TEXT NOT NULL PRIMARY KEY);\n"
            "INSERT INTO extra (name) VALUES ('100 % :name;');\n"
        )
        with pytest.raises(RegistryUnavailable), database.maintenance() as tx:
            tx.run_script(script + "INSERT INTO no_such_table (name) VALUES ('x');\n")
        with database.maintenance() as tx:
            tx.run_script(script)
        with database.snapshot() as reader:
            assert reader.rows("SELECT name FROM extra") == [{"name": "100 % :name;"}]
        assert not hasattr(Transaction, "run_script")

    def test_acts_and_maintenance_exclude_each_other(self, backend: Backend) -> None:
        one, other = backend.open(), backend.open()
        entered = threading.Event()

        def migrate() -> None:
            with other.maintenance():
                entered.set()

        thread = threading.Thread(target=migrate, daemon=True)
        with one.transaction():
            thread.start()
            assert not entered.wait(0.2), "a migration in the middle of an act"
        assert entered.wait(30)
        thread.join(30)

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


class TestRecording:
    """Scans: the row that two write at once is locked by the upsert that touches it."""

    UPSERT = (
        "INSERT INTO sighting (batch, label_index, first_seen_ms, last_seen_ms, times_seen, devices, trace, signs)"
        " VALUES (1, :index, 0, 0, 0, 0, '', '')"
        " ON CONFLICT (batch, label_index) DO UPDATE SET times_seen = sighting.times_seen RETURNING times_seen"
    )

    def count(self, tx: Transaction, index: int) -> None:
        row = tx.row(self.UPSERT, {"index": index})
        assert row is not None
        tx.execute(
            "UPDATE sighting SET times_seen = :seen WHERE batch = 1 AND label_index = :index",
            {"seen": row["times_seen"] + 1, "index": index},
        )

    @pytest.mark.parametrize("run", [in_threads, in_processes])
    def test_what_is_read_after_the_upsert_holds(self, backend: Backend, run: Any) -> None:
        """Also where the row is made by the first of them, and whatever acts meanwhile."""

        def fifty(worker: int) -> int:
            database = backend.open()
            for at in range(50):
                with database.recording() as tx:
                    for index in (at % 3, 3):  # in the order of their keys
                        self.count(tx, index)
                if not worker:
                    with database.transaction() as tx:
                        put(tx, f"act {at}", "")
            database.close()
            return worker

        assert run([lambda worker=worker: fifty(worker) for worker in range(6)]) == list(range(6))
        with backend.open().snapshot() as reader:
            found = reader.rows("SELECT label_index, times_seen FROM sighting ORDER BY label_index")
        assert [row["times_seen"] for row in found] == [17 * 6, 17 * 6, 16 * 6, 50 * 6]


class TestPlace:
    def test_it_says_where_the_registry_is(self, backend: Backend, engine: str) -> None:
        place = backend.open().place
        assert place.startswith("postgresql://" if engine == "postgres" else "/")
        assert place.rpartition("/")[2] in backend.url

    def test_nothing_is_wrong_with_a_new_registry(self, database: Database) -> None:
        assert database.faults() == []


class TestFork:
    """A handle is worth nothing in a forked child, whatever was open or locked at the fork."""

    @pytest.mark.parametrize("used_before", [False, True])
    def test_a_fork_inherits_nothing(self, database: Database, used_before: bool) -> None:
        if used_before:
            with database.transaction() as tx:
                put(tx, "a", "1")

        def child() -> list[str]:
            refused = []
            for view in (database.snapshot, database.transaction, database.recording, database.maintenance):
                try:
                    with view():
                        pass
                except RegistryUnavailable as error:
                    refused.append(str(error))
            database.close()  # says nothing and touches nothing
            return refused

        assert [message[:40] for message in in_child(child)] == ["expected a registry opened after the for"] * 4
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
                    return claiming.accept_claim(desk, claim, "质量检验协会（测试）").state
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
