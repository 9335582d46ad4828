"""What the PostgreSQL adapter promises beyond the seam: its pool, its server, its passwords, and the public's role."""

from __future__ import annotations

import logging
import re
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from support import postgres as server
from support.audit import wounds
from support.chain import Chain
from support.hidden import guarding, issue_with_codes, name, right_code
from support.ports import free_port
from support.server import ROOT
from support.together import in_threads
from support.world import CAMPAIGN, MARK, START_MS, ZONE, World, gtin, new_world, uscc, viewer

from traceqr import activating, handling, issuing, licensing, passporting, recalling, upholding
from traceqr.acting import Desk
from traceqr.activating import Range
from traceqr.digital_link.identified import Identified
from traceqr.documenting import Clerk
from traceqr.entering import Entries, Entry, Judgement
from traceqr.errors import RegistryUnavailable
from traceqr.guard.counters import Counters
from traceqr.guard.judging import Judge
from traceqr.label.keyring import Role
from traceqr.label.serial import Serial
from traceqr.passport.conformity import RECOGNITION, conformity
from traceqr.passport.facts import Issuer, Term
from traceqr.photo import Photo
from traceqr.receipt import Receipt
from traceqr.registry import (
    batches,
    campaigns,
    case_figures,
    certificates,
    claims,
    keys,
    licences,
    marks,
    opening,
    pledges,
    postgres,
    products,
    rosters,
)
from traceqr.registry.database import Database, RegistryConflict, Spread
from traceqr.registry.licences import Wanted
from traceqr.registry.postgres import PostgresDatabase
from traceqr.reporting import Scanned, Sender, Statement
from traceqr.rostering import Rosters
from traceqr.suspecting import suspected
from traceqr.tracing.event import Audience
from traceqr.tracing.thing import Thing

ON_NEW_CONNECTIONS = True
"""What is found of connections is of those that the test has made."""

SECRET = "hunter2-of-the-registry"
PHOTO = Photo(b"a photo", (3_024, 12_015))


@pytest.fixture
def engine() -> Iterator[str]:
    """This module is about a server."""
    return "postgres"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "CONNECT_PATIENCE_S", 0.3)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = opening.open_database(url)
    try:
        yield database
    finally:
        database.close()


def sessions(world: World) -> int:
    """How many connections to the world's database there are."""
    with psycopg.connect(server.server().get_uri()) as connection:
        row = connection.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = %s", (world.url_parts["dbname"],)
        ).fetchone()
    assert row is not None
    return int(row[0])


def write(database: Database, name: str = "a") -> None:
    with database.transaction() as tx:
        tx.insert_many("meta", ("name", "value"), [(name, "1")])


class TestConnections:
    def test_one_that_died_while_it_was_idle_is_replaced(self, world: World) -> None:
        """The server was restarted: nobody who comes afterwards hears of it."""
        with ExitStack() as held:  # several, so that all of them are dead
            for _ in range(4):
                held.enter_context(world.database.snapshot())
        assert sessions(world) >= 4
        server.throw_out(world.url)
        write(world.database)
        opening.check(world.database)
        for _ in range(4):
            with world.database.snapshot() as reader:
                assert reader.row("SELECT value FROM meta WHERE name = 'a'") == {"value": "1"}

    def test_one_that_dies_in_the_middle_is_said_and_nothing_is_kept(self, world: World) -> None:
        with pytest.raises(RegistryUnavailable, match="cannot be used"), world.database.transaction() as tx:  # noqa: PT012
            tx.insert_many("meta", ("name", "value"), [("a", "1")])
            server.throw_out(world.url)
            tx.insert_many("meta", ("name", "value"), [("b", "1")])
        with world.database.transaction() as tx:  # the lock went with it
            assert tx.rows("SELECT name FROM meta WHERE name IN ('a', 'b')") == []

    def test_one_that_dies_at_the_commit_is_doubtful_and_said_to_be(self, world: World) -> None:
        with pytest.raises(RegistryUnavailable, match="look whether it was done"), world.database.transaction() as tx:  # noqa: PT012
            tx.insert_many("meta", ("name", "value"), [("a", "1")])
            server.throw_out(world.url)

    def test_they_are_used_again(self, world: World) -> None:
        for at in range(20):
            write(world.database, f"n{at}")
            opening.check(world.database)
        assert sessions(world) <= 2

    def test_all_in_use(self, world: World, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(postgres, "POOL_SIZE", 2)
        with world.another() as desk:
            database = desk.database
            with database.snapshot(), database.recording():
                with pytest.raises(RegistryUnavailable, match=r"within 0\.3 s, got none"), database.snapshot():
                    pytest.fail("a third connection of two")
                with pytest.raises(RegistryUnavailable, match="all connections are in use"), database.transaction():
                    pytest.fail("a third connection of two")
            opening.check(database)

    def test_many_threads_take_turns(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(postgres, "POOL_SIZE", 2)
        with world.another() as desk:
            in_threads([lambda at=at: write(desk.database, f"n{at}") for at in range(30)])
        assert len(world.rows("SELECT name FROM meta")) >= 31

    def test_closed_in_the_middle(self, world: World) -> None:
        """By another thread: who has begun ends, and the connection is not kept."""
        with world.another() as desk:
            with desk.database.transaction() as tx:
                desk.database.close()
                tx.insert_many("meta", ("name", "value"), [("a", "1")])
            assert sessions(world) == 0
        assert world.one("SELECT value FROM meta WHERE name = 'a'") == {"value": "1"}

    def test_how_a_session_is_set(self, world: World) -> None:
        server.run_as_owner(f"ALTER DATABASE {world.url_parts['dbname']} SET synchronous_commit = off")
        with world.another() as desk, desk.database.recording() as tx:
            found = {name: tx.row(f"SHOW {name}") for name in ("synchronous_commit", "lock_timeout", "timezone")}
            assert tx.row("SHOW transaction_isolation") == {"transaction_isolation": "read committed"}
        assert {name: row and row.popitem()[1] for name, row in found.items()} == {
            "synchronous_commit": "on",
            "lock_timeout": "10s",
            "timezone": "UTC",
        }
        with world.database.snapshot() as reader:
            assert reader.row("SHOW transaction_isolation") == {"transaction_isolation": "repeatable read"}

    def test_a_snapshot_writes_nothing(self, world: World) -> None:
        with pytest.raises(RegistryUnavailable, match="read-only"), world.database.snapshot() as reader:
            reader.rows("INSERT INTO meta (name, value) VALUES ('a', '1') RETURNING name")


class TestWaiting:
    """With the patience of a test, not that of a deployment."""

    @pytest.fixture
    def hasty(self, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
        monkeypatch.setitem(postgres._SESSION, "lock_timeout", "50")
        with world.another() as desk:
            yield desk.database

    def test_an_act_that_does_not_end_is_said(self, world: World, hasty: Database) -> None:
        with world.database.transaction():
            with pytest.raises(RegistryUnavailable, match="is being written to by another process for more than"):
                write(hasty)
            with hasty.recording() as tx:  # a scan does not wait for it
                tx.insert_many("meta", ("name", "value"), [("a", "1")])
        write(hasty, "b")

    def test_two_that_wait_for_each_other_are_told_apart(self, world: World) -> None:
        """A deadlock: one of them is done, the other hears that the registry cannot be used, and nothing is half."""
        write(world.database, "a")
        write(world.database, "b")
        met = threading.Barrier(2)

        def change(first: str, second: str) -> str:
            try:
                with world.database.recording() as tx:
                    tx.execute("UPDATE meta SET value = :me WHERE name = :name", {"me": first, "name": first})
                    met.wait(10)
                    tx.execute("UPDATE meta SET value = :me WHERE name = :name", {"me": first, "name": second})
            except RegistryUnavailable as error:
                return str(error)
            return first

        outcomes = in_threads([lambda: change("a", "b"), lambda: change("b", "a")])
        (winner,) = set(outcomes) & {"a", "b"}
        (refused,) = set(outcomes) - {winner}
        assert refused == "the registry cannot be used: deadlock detected"
        assert world.rows("SELECT value FROM meta WHERE name IN ('a', 'b')") == [{"value": winner}] * 2


@pytest.mark.usefixtures("impatient")
class TestServers:
    def test_out_of_reach(self) -> None:
        port = free_port()
        with opened(f"postgresql://operator:{SECRET}@127.0.0.1:{port}/traceqr") as database:
            assert database.place == f"postgresql://127.0.0.1:{port}/traceqr"
            for view in (database.snapshot, database.transaction, database.recording):
                with pytest.raises(RegistryUnavailable, match=f"127.0.0.1:{port}/traceqr within .* got none"), view():
                    pytest.fail("begun without a server")

    def test_out_of_reach_is_told_with_its_reason(self, world: World) -> None:
        away, parts = free_port(), world.url_parts
        for host, port in (("127.0.0.1", away), (f"{parts['host']},127.0.0.1", f"5432,{away}")):
            url = f"postgresql://nobody@/{parts['dbname']}?host={host}&port={port}"
            with opened(url) as database, pytest.raises(RegistryUnavailable, match=r"got none: Connection refused$"):
                opening.check(database)

    def test_one_that_lets_nobody_in_says_so_and_is_asked_anew(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """At once: with this patience the test would not end."""
        monkeypatch.setattr(postgres, "CONNECT_PATIENCE_S", 3600)
        parts = world.url_parts
        both = f"{parts['host']},{parts['host']}&port=5432,5432"
        for role, host in (("late one", parts["host"]), ("late two", both)):
            url = f"postgresql://{quote(role)}:{SECRET}@/{parts['dbname']}?host={host}"
            with opened(url) as database:
                for view in (database.snapshot, database.transaction, database.recording):
                    with pytest.raises(RegistryUnavailable) as caught, view():
                        pytest.fail("begun by nobody")
                    assert str(caught.value) == f'{database.place} refused the connection: role "{role}" does not exist'
                server.run_as_owner(f'CREATE ROLE "{role}" LOGIN')
                try:
                    with database.snapshot() as reader:
                        assert reader.row("SELECT current_user AS name") == {"name": role}
                finally:
                    server.run_as_owner(f'DROP ROLE "{role}"')

    def test_many_at_once_are_refused(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(postgres, "CONNECT_PATIENCE_S", 3600)
        parts = world.url_parts
        with opened(f"postgresql://nobody@/{parts['dbname']}?host={parts['host']}") as database:

            def refused() -> str:
                with pytest.raises(RegistryUnavailable) as caught:
                    opening.check(database)
                return str(caught.value)

            said = set(in_threads([refused] * 12))
        assert said == {f'{database.place} refused the connection: role "nobody" does not exist'}

    def test_one_that_let_us_in_before_is_waited_for(self, world: World) -> None:
        """A connection more that is refused does not spoil those that are there."""
        server.run_as_owner('CREATE ROLE "leaving" LOGIN')
        parts = world.url_parts
        with opened(f"postgresql://leaving@/{parts['dbname']}?host={parts['host']}") as database:
            with database.snapshot() as reader:
                server.run_as_owner('ALTER ROLE "leaving" NOLOGIN')
                told = r"within 0\.3 s, got none: role .* is not permitted to log in"
                with pytest.raises(RegistryUnavailable, match=told), ExitStack() as held:  # noqa: PT012
                    for _ in range(postgres.POOL_SIZE):  # one or two may have been made before
                        held.enter_context(database.snapshot())
                assert reader.row("SELECT 1 AS one") == {"one": 1}
            with database.snapshot() as reader:
                assert reader.row("SELECT 1 AS one") == {"one": 1}
        server.run_as_owner('DROP ROLE "leaving"')

    def test_one_that_takes_no_writes_makes_no_verdict(self, world: World) -> None:
        """As a standby would look: a verdict from a replica may be an old one."""
        server.run_as_owner(f"ALTER DATABASE {world.url_parts['dbname']} SET default_transaction_read_only = on")
        with world.another() as desk:
            for view in (desk.database.snapshot, desk.database.transaction, desk.database.recording):
                with pytest.raises(RegistryUnavailable, match="got none"), view():
                    pytest.fail("begun on a server that takes no writes")

    def test_away_and_back(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        write(world.database)
        world.take_away()
        for _ in range(2):
            with pytest.raises(RegistryUnavailable, match="got none"):
                opening.check(world.database)
        world.bring_back()
        monkeypatch.undo()
        opening.check(world.database)


def telling(action: Callable[[], object], caplog: pytest.LogCaptureFixture) -> str:
    """All that an action says when it fails: its message, those it came from, and the log."""
    with caplog.at_level(logging.DEBUG), pytest.raises(RegistryUnavailable) as caught:
        action()
    said, error = [], caught.value
    while error is not None:
        said.append(f"{error!s} {error!r}")
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return "\n".join([*said, *(record.getMessage() for record in caplog.records)])


UNREADABLE = [
    f"postgresql://operator:{SECRET}%zz@127.0.0.1/db",
    f"postgresql://operator:{SECRET} x@127.0.0.1/db",
    f"postgresql://operator:{SECRET}@127.0.0.1:port/db",
    f"postgresql://operator:{SECRET}/x@127.0.0.1/db",
    f"postgresql://operator:12/{SECRET}@127.0.0.1/db",
    f"postgresql://operator:x@{SECRET}@127.0.0.1/db",
    f"postgresql://127.0.0.1/db?user=operator&pasword={SECRET}",
    f"postgresql://operator:{SECRET}@[::1/db",
    f"postgresql://127.0.0.1/db?password={SECRET}%",
]


@pytest.mark.usefixtures("impatient")
class TestPasswords:
    """None is ever repeated: not where the registry is, not in an error, not in the log."""

    @pytest.mark.parametrize("url", UNREADABLE)
    def test_a_url_that_cannot_be_read(self, url: str, caplog: pytest.LogCaptureFixture) -> None:
        with opened(url) as database:
            assert SECRET not in database.place
            said = telling(lambda: opening.check(database), caplog)
        assert SECRET not in said
        if "pasword" not in url:
            assert "%40" in said, "the remedy"

    @pytest.mark.parametrize("password", [SECRET, f"{SECRET}@/:%?#&= é茶"])
    @pytest.mark.parametrize("where", ["user", "parameter"])
    def test_out_of_reach(self, password: str, where: str, caplog: pytest.LogCaptureFixture) -> None:
        host, spelled = f"127.0.0.1:{free_port()}", quote(password, safe="")
        url = (
            f"postgresql://operator:{spelled}@{host}/db"
            if where == "user"
            else f"postgresql://{host}/db?user=operator&password={spelled}"
        )
        with opened(url) as database:
            assert database.place == f"postgresql://{host}/db"
            said = telling(lambda: opening.check(database), caplog)
        assert SECRET not in said
        assert host in said

    @pytest.mark.parametrize("wrong", ["database", "user", "password"])
    def test_refused_by_the_server(self, world: World, wrong: str, caplog: pytest.LogCaptureFixture) -> None:
        parts = {**world.url_parts, "password": SECRET}
        parts |= {"database": {"dbname": "no_such"}, "user": {"user": "nobody"}, "password": {}}[wrong]
        if wrong == "password":  # the server lets its owner in without; a connection that breaks off must do
            parts["options"] = "-c no_such_setting=1"
        url = (
            f"postgresql://{parts['user']}:{SECRET}@/{parts['dbname']}?host={parts['host']}"
            f"&options={quote(parts.get('options', ''))}"
        )
        with opened(url) as database:
            said = telling(lambda: opening.check(database), caplog)
            assert SECRET not in database.place
        assert SECRET not in said
        assert database.place in said

    def test_a_user_in_which_it_stands_is_not_repeated(self, world: World) -> None:
        """Somebody has encoded the colon too, so that the server answers with all of it."""
        parts = world.url_parts
        url = f"postgresql://operator%3A{SECRET}@/{parts['dbname']}?host={parts['host']}"
        with opened(url) as database, pytest.raises(RegistryUnavailable) as caught:
            opening.check(database)
        assert str(caught.value) == f"{database.place} refused the connection: see its log"


UNREADABLE = ("account", "credential", "recovery_code", "invitation", "session", "api_token", "pace", "proposal")
UNREADABLE += ("answered", "trail", "subscription", "notification", "delivery")
UNREADABLE += ("inspector", "field_device", "field_photo", "inspection", "inspection_entry", "inspection_officer")
UNREADABLE += ("inspection_product", "inspection_photo", "inspection_correction", "inspection_referral")
UNREADABLE += ("partner", "step_audience", "capture", "trace_mention", "trace_concern", "capture_job")
UNREADABLE += ("named_query", "query_subscription", "sscc_allocation")
UNREADABLE += ("case_note", "case_event", "report_photo", "bundle_part", "recall_affected")
"""Tables that a public node cannot even read."""

ACTS = {
    "ledger": "INSERT INTO ledger (position, at_ms, act, subject, entry, leaf_hash, peak_hash, root_hash)"
    " SELECT MAX(position) + 1, 0, 'a', 'b', '{}', MAX(leaf_hash), MAX(leaf_hash), MAX(leaf_hash) FROM ledger",
    "meta": "INSERT INTO meta (name, value) VALUES ('a', 'b')",
    "label_export": "INSERT INTO label_export (id) VALUES ('x')",
    "organisation": "INSERT INTO organisation (id) VALUES ('x')",
    "enterprise": "INSERT INTO enterprise (id) VALUES ('x')",
    "gtin_claim": "INSERT INTO gtin_claim (id) VALUES ('x')",
    "document": "INSERT INTO document (id) VALUES ('x')",
    "claim_document": "INSERT INTO claim_document (claim_id) VALUES ('x')",
    "picture": "INSERT INTO picture (digest, media_type, content) VALUES ('a', 'b', 'c')",
    "product": "INSERT INTO product SELECT '0' || gtin, enterprise_id, version FROM product",
    "product_version": "INSERT INTO product_version (gtin) SELECT gtin FROM product",
    "link": "UPDATE link SET href = 'https://evil.example/'",
    "campaign": "INSERT INTO campaign (id) VALUES ('x')",
    "pledge_text": "INSERT INTO pledge_text (campaign_id) VALUES ('x')",
    "mark": "INSERT INTO mark (id) VALUES ('x')",
    "mark_text": "UPDATE mark_text SET name_zh = 'x'",
    "mark_licence": "UPDATE mark_licence SET state = 'granted', reason = NULL",
    "licence_product": "INSERT INTO licence_product (licence, gtin) VALUES (1, 'x')",
    "bundle": "UPDATE bundle SET expires_ms = expires_ms + 1",
    "bundle_manifest": "DELETE FROM bundle_manifest",
    "passport_issue": "UPDATE passport_issue SET expires_ms = expires_ms + 1",
    "passport": "UPDATE passport SET content = 'x'",
    "recognition": "UPDATE recognition SET state = 'recorded', reason = NULL",
    "batch_mark": "DELETE FROM batch_mark",
    "pledge": "INSERT INTO pledge (number) VALUES (9)",
    "pledge_signature": "INSERT INTO pledge_signature (id) VALUES ('x')",
    "pledge_note": "INSERT INTO pledge_note (id) VALUES ('x')",
    "pledge_finding": "INSERT INTO pledge_finding (id) VALUES ('x')",
    "signing_key": "INSERT INTO signing_key (number) VALUES (9)",
    "hidden_root": "INSERT INTO hidden_root (number) VALUES (9)",
    "batch": "INSERT INTO batch (number) VALUES (9)",
    "span": "INSERT INTO span (batch) VALUES (9)",
    "notice": "INSERT INTO notice (id) VALUES ('x')",
    "case_answer": "INSERT INTO case_answer (id) VALUES ('x')",
    "recall": "INSERT INTO recall (id) VALUES ('x')",
    "recall_progress": "INSERT INTO recall_progress (id) VALUES ('x')",
    "recall_reach": "UPDATE recall_reach SET last = 0",
    "location": "UPDATE location SET name_zh = 'x'",
    "material_name": "UPDATE material_name SET name_zh = 'x'",
    "trace_line": "INSERT INTO trace_line (number) VALUES (9)",
    "trace_event": "UPDATE trace_event SET standing = 'owner'",
    "trace_item": "UPDATE trace_item SET last = last + 1",
}

REPORTED = ("case_file", "report", "report_photo", "case_suspect", "case_event", "report_pace")
"""Tables that a public node files reports into."""

DENIED = {
    **{f"insert into {table}": statement for table, statement in ACTS.items()},
    **{f"delete from {table}": f"DELETE FROM {table}" for table in ACTS},
    "update ledger": "UPDATE ledger SET act = 'x'",
    "update batch": "UPDATE batch SET lot = 'x'",
    "update span": "UPDATE span SET life = 'active', holds = 0, recalls = 0",
    "update signing_key": "UPDATE signing_key SET status = 'active'",
    "update notice": "UPDATE notice SET closed_position = 0",
    "update recall": "UPDATE recall SET hazard_en = 'x'",
    "update progress of a recall": "UPDATE recall_progress SET recovered = 9",
    "read the salt of a recall": "SELECT salt FROM recall",
    "read the salt of progress": "SELECT salt FROM recall_progress",
    "update product": "UPDATE product SET version = 1",
    "update pledge": "UPDATE pledge SET state = 'published'",
    "update meta": "UPDATE meta SET value = '9'",
    "update enterprise": "UPDATE enterprise SET service_phone = 'x'",
    "read a hidden root's commitment": "SELECT commitment FROM hidden_root",
    "read when a hidden root begins": "SELECT first_batch FROM hidden_root",
    "read the words of an event": "SELECT content FROM trace_event",
    "read what was exported": "SELECT digest FROM label_export",
    "take a purchase back": "DELETE FROM purchase",
    "make a purchase somebody else's": "UPDATE purchase SET device = 'x'",
    "make a purchase earlier": "UPDATE purchase SET confirmed_ms = 0",
    "read a contact": "SELECT contact FROM enterprise",
    "read a document": "SELECT content FROM document",
    "read a document's name": "SELECT name FROM document",
    "read whose document it is": "SELECT document_id FROM claim_document",
    "read its salt": "SELECT contact_salt FROM enterprise",
    "read all of an enterprise": "SELECT * FROM enterprise",
    "read who signed": "SELECT name FROM pledge_signature",
    "read what was asked": "SELECT content FROM pledge_note",
    "read the salt of a finding": "SELECT salt FROM pledge_finding",
    "answer for an enterprise": "UPDATE pledge_finding SET reply = 'x'",
    "delete scans": "DELETE FROM scan",
    "delete scans of one part": "DELETE FROM scan_0",
    "truncate scans": "TRUNCATE scan",
    "truncate the ledger": "TRUNCATE ledger CASCADE",
    "truncate sightings": "TRUNCATE sighting",
    "move scans to another batch": "UPDATE scan SET batch = batch + 1",
    "move sightings to another label": "UPDATE sighting SET label_index = label_index + 1",
    "forget who goes through many labels": "DELETE FROM visitor",
    "clear a suspect label": "DELETE FROM suspect",
    "give a suspect label to another": "UPDATE suspect SET enterprise_id = 'x'",
    "delete counts of scans": "DELETE FROM scan_day",
    "move scans to another day": "UPDATE scan_day SET day = day + 1",
    "stop all scans": "LOCK TABLE scan IN ACCESS EXCLUSIVE MODE",
    **{f"read {table}": f"SELECT * FROM {table}" for table in UNREADABLE},
    "create a table": "CREATE TABLE mine (a TEXT)",
    "drop a table": "DROP TABLE sighting",
    "drop the trigger": "DROP TRIGGER ledger_no_change ON ledger",
    "disable the triggers": "ALTER TABLE ledger DISABLE TRIGGER ALL",
    "no triggers for me": "SET session_replication_role = replica",
    "replace the guard": "CREATE OR REPLACE FUNCTION ledger_is_final() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
    **{f"delete from {table}": f"DELETE FROM {table}" for table in REPORTED},
    "write what a body notes for itself": "INSERT INTO case_note (id) VALUES ('x')",
    "close a case": "UPDATE case_file SET state = 'closed'",
    "answer a case": "UPDATE case_file SET answered_ms = 1",
    "move a case to another enterprise": "UPDATE case_file SET enterprise_id = NULL",
    "read who has a case": "SELECT account_id FROM case_file",
    "read a sealed contact": "SELECT contact FROM report",
    "read what was reported": "SELECT content FROM report",
    "change what was reported": "UPDATE report SET content = 'x'",
    "read the salt of an answer": "SELECT salt FROM case_answer",
    "slow down who signs in": "UPDATE pace SET free_ms = 0",
    "become the owner": "SET ROLE postgres",
    "read the server's files": "COPY meta FROM '/etc/hostname'",
}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def public_role() -> Iterator[str]:
    """A role that may connect, and no more; with a name that must be quoted, and quoted rightly."""
    name = 'public "node"; --'
    server.run_as_owner(f"CREATE ROLE {quoted(name)} LOGIN NOSUPERUSER")
    try:
        yield name
    finally:
        server.run_as_owner(f"DROP ROLE {quoted(name)}")


@dataclass
class Served:
    """A registry with one batch, and how a node that serves the public has it: connected as its own role, so that it
    cannot go back.
    """

    world: World
    role: str
    database: Database

    def label(self, index: int) -> str:
        with self.world.database.snapshot() as reader:
            batch = batches.by_number(reader, 1)
        assert batch is not None
        return self.world.label(batch, index)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with public_role() as role, new_world("postgres", tmp_path_factory.mktemp("served")) as world:
        world.furnish().issue(10)
        opening.grant_public(world.url, role)
        url = f"postgresql://{quote(role)}@/{world.url_parts['dbname']}?host={world.url_parts['host']}"
        with opened(url) as database:
            yield Served(world, role, database)
        with world.database.maintenance() as tx:
            tx.run_script(f"DROP OWNED BY {quoted(role)}")


class TestThePublicsRole:
    def test_it_verifies_scans_and_confirms(self, served: Served) -> None:
        verifier, text = served.world.verifier(served.database), served.label(0)
        verifier.ready()
        assert verifier.verify(text).code == "genuine"
        first = verifier.scan(text, viewer("one", returned=False))
        assert (first.code, first.reason) == ("genuine", "first-sighting")
        verifier.confirm(1, 0, "one", served.world.clock.at_ms)
        assert verifier.scan(text, viewer("two")).reason == "seen-before"
        assert verifier.verify(text, history=True).code == "seen"
        evidence = first.evidence
        assert evidence is not None
        assert evidence.pledge is not None
        assert evidence.enterprise.service_phone == "400-000-0000"

    def test_it_takes_hidden_codes_and_holds_none(self, served: Served, tmp_path: Path) -> None:
        """It asks the guard, and keeps who was the first. Neither a root nor anything of a code is in its reach."""
        batch, serial = issue_with_codes(served.world), Serial(2, 3)
        with guarding(served.world, tmp_path / "guard") as line:
            entries = Entries(served.database, line, served.world.clock)
            typed = right_code(served.world, serial).grouped
            found = [entries.enter(typed, serial, name(device)).outcome for device in ("one", "two", "one")]
        assert found == ["confirmed", "already-confirmed", "confirmed-again"]
        verifier = served.world.verifier(served.database)
        evidence = verifier.scan(served.world.label(batch, 3), viewer(name("two"))).evidence
        assert evidence is not None
        assert evidence.purchase is not None
        assert evidence.purchase.other_entries == 1

    def test_the_guard_needs_four_tables(self, served: Served, tmp_path: Path) -> None:
        """As docs/operating.md grants them to a role of its own."""
        issue_with_codes(served.world)
        owner, role = served.world.url, "guard"
        with served.world.database.maintenance() as tx:
            tx.run_script(f"CREATE ROLE {role} LOGIN; GRANT SELECT ON meta, ledger, batch, hidden_root TO {role};")
        try:
            parts = served.world.url_parts
            with opened(f"postgresql://{role}@/{parts['dbname']}?host={parts['host']}") as database:
                opening.check(database)
                with closing(Counters(tmp_path / "counters")) as counters:
                    judge = Judge(database, served.world.folder, counters, lambda event, **fields: None)
                    assert judge.open_roots() == [1]
                    right = Entry(Serial(2, 0), right_code(served.world, Serial(2, 0)), name("a"))
                    assert judge.judged(right) == Judgement.right()
        finally:
            with opened(owner) as database, database.maintenance() as tx:
                tx.run_script(f"DROP OWNED BY {role}; DROP ROLE {role};")

    def test_every_verdict_can_be_made(self, served: Served) -> None:
        """What stands in notices and voided spans is read too."""
        text, verifier = served.label(1), served.world.verifier(served.database)
        notice = recalling.open_on_batch(served.world.desk, "recall", Range(1, 1, 1), "r")
        assert verifier.scan(text, viewer()).code == "recalled"
        recalling.lift(served.world.desk, notice.id, "r")
        assert verifier.scan(text, viewer()).code == "genuine"
        activating.void(served.world.desk, Range(1, 1, 1), "r")
        assert verifier.scan(text, viewer()).code == "void"

    def test_marks_are_told(self, served: Served) -> None:
        world = served.world
        world.mark()
        number = world.issue(5, marks=(world.licence(),)).number
        licensing.suspend_licence(world.desk, 1, "r")
        evidence = world.verifier(served.database).verify(world.text(number)).evidence
        assert evidence is not None
        assert [(mark.state, mark.reason) for mark in evidence.marks] == [("suspended", "r")]

    @pytest.mark.parametrize("what", DENIED)
    def test_it_can_do_nothing_else(self, served: Served, what: str) -> None:
        before = served.world.dump()
        with (
            pytest.raises(RegistryConflict, match=r"permission denied|must be owner"),
            served.database.recording() as tx,
        ):
            tx.execute(DENIED[what])
        assert served.world.dump() == before

    def test_no_act_can_be_done_with_it(self, served: Served) -> None:
        desk = Desk(
            served.database, "intruder", served.world.clock, served.world.desk.timezone, served.world.desk.new_id
        )
        with pytest.raises(RegistryConflict, match="permission denied"):
            issuing.issue(desk, served.world.order())

    def test_every_table_was_thought_of(self, served: Served) -> None:
        rows = served.world.rows(
            "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        )
        tables = {row["name"] for row in rows if not row["name"].rpartition("_")[2].isdigit()}
        of_scans = {"scan", "scan_batch", "scan_day", "scan_place", "sighting", "purchase", "suspect", "visitor"}
        assert tables == {*ACTS, *UNREADABLE, *REPORTED, *of_scans}

    def test_what_was_found_against_a_pledge_is_read(self, served: Served) -> None:
        world = served.world
        batch = world.issue(1)
        upholding.declare_breach(world.desk, 1, "f")
        upholding.reply(world.desk, 1, "r")
        evidence = world.verifier(served.database).verify(world.label(batch)).evidence
        assert evidence is not None
        assert evidence.pledge is not None
        assert [(finding.text, finding.reply) for finding in evidence.pledge.findings] == [("f", "r")]

    def test_public_pages_are_read(self, served: Served) -> None:
        """Certificates, rosters, enterprises and the register: all that their pages ask."""
        served.world.mark()
        served.world.licence()
        with served.database.snapshot() as reader:
            certified = certificates.certified(reader, 1)
            roster = Rosters().of(reader, CAMPAIGN)
            found = rosters.enterprise(reader, uscc(1))
            assert certified is not None
            assert found is not None
            assert roster is not None
            assert [each.uscc for each in roster.members] == [uscc(1)]
            assert pledges.through_the_years(reader, found["id"])
            assert [row["gtin"] for row in rosters.products_of(reader, found["id"], 9)] == [str(gtin())]
            assert claims.accepted_for(reader, found["id"], str(gtin())) is not None
            assert campaigns.everything(reader)
            assert [row["id"] for row in marks.everything(reader)] == [MARK]
            (listed,) = licences.register(reader, Wanted(enterprise_id=found["id"]))
            assert licences.by_spelled(reader, listed["spelled"]) is not None
            assert licences.products_of(reader, listed["number"]) == [str(gtin())]
            assert products.by_gtin(reader, str(gtin())) is not None

    def test_passports_are_handed_out(self, served: Served) -> None:
        """Made of what stands now, and with the seal that somebody else has put to it."""
        world, issuer = served.world, Issuer("https://qr.example.org")
        world.issue(5, lot="P1", pledge=0)
        world.recognition()
        Chain(world).seen(Thing.lot(str(gtin()), "P1"), step="inspecting", audience=Audience.PUBLIC)
        world.key(Role.PASSPORT)
        passporting.publish(world.desk, world.database, world.folder, issuer.origin)
        with served.database.snapshot() as reader:
            clerk, keyring = Clerk(reader, world.clock(), ZONE), keys.keyring(reader)
            contents = clerk.of(Identified("01", str(gtin()), (("10", "P1"),)))
            assert contents is not None
            assert contents.way is not None
            told = {
                f"/passport/01/{gtin()}/10/P1": contents.passport(issuer, Term(0)),
                contents.way.path: contents.events(issuer, Term(0)),
                **{one.path: conformity(issuer, one, Term(0)) for one in contents.attestations},
            }
            assert len(told) >= 4
            for path, document in told.items():
                assert document is not None
                assert passporting.current(reader, path, document, keyring, world.clock()), path
            assert clerk.attestation(RECOGNITION, 1) is not None

    def test_reports_are_filed_and_followed(self, served: Served) -> None:
        """By the node's own role, also into a case that is open already, with all that the receipt's page asks."""
        world, desk = served.world, served.world.report_desk(served.database)
        receipt, other = Receipt.drawn(b"a" * 16), Receipt.drawn(b"b" * 16)
        sender, statement = Sender("device", "network"), Statement("copied", "x" * 30, contact="c", photos=(PHOTO,))
        desk.attempt(sender)
        desk.file(Scanned("genuine", "r", 1, 0), sender, statement, receipt)
        desk.file(Scanned("seen", "r", 1, 1), sender, Statement("quality"), other)
        desk.file(Scanned("forged", "seal-broken"), sender, Statement("quality"), Receipt.drawn(b"c" * 16))
        case = world.one("SELECT id, enterprise_id FROM case_file WHERE batch = 1")
        handling.answer(world.desk, case["id"], "an answer")
        handling.note(world.desk, case["id"], "a note")
        told = desk.told(other)
        assert told is not None
        assert [row["content"] for row in told[1]] == ["an answer"]
        with served.database.snapshot() as reader:
            assert case_figures.answering(reader, case["enterprise_id"], 0, world.clock()).in_time == 1
        with served.database.recording() as tx:
            suspected(tx, world.desk.new_id, 1, 3, "", world.clock(), "many-devices")
            suspected(tx, world.desk.new_id, 1, 3, "", world.clock(), "many-devices")
        assert world.one("SELECT reports, suspects FROM case_file WHERE batch = 1") == {"reports": 2, "suspects": 1}

    def test_granting_again_changes_nothing(self, served: Served) -> None:
        opening.grant_public(served.world.url, served.role)
        served.world.verifier(served.database).ready()

    @pytest.mark.parametrize("name", ["no_such_role", "public", 'x"; DROP TABLE meta; --', "", "postgres; --"])
    def test_a_role_that_is_not_there(self, furnished: World, name: str) -> None:
        before = furnished.dump()
        with pytest.raises(RegistryConflict, match=r"expected a role of the server at postgresql://.* is none"):
            opening.grant_public(furnished.url, name)
        assert furnished.dump() == before

    def test_who_owns_nothing_grants_nothing(self, served: Served) -> None:
        """The server only warns of it."""
        assert isinstance(served.database, PostgresDatabase)
        with pytest.raises(RegistryConflict, match="expected a connection as the owner of the registry: no privileges"):
            opening.grant_public(served.database._url, served.role)
        with served.database.recording() as tx:
            tx.execute("GRANT ALL ON ledger TO CURRENT_USER")
        with pytest.raises(RegistryConflict, match="permission denied"), served.database.recording() as tx:
            tx.execute("UPDATE ledger SET act = 'x'")


def test_plain_tables_are_taken_for_distributed_ones(furnished: World) -> None:
    """What docs/scaling.md has run on the way to several machines, but for the calls of Citus, which is not here."""
    page = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    indented = textwrap.dedent("\n".join(line for line in page.splitlines() if line.startswith("    ")))
    script = [line for line in indented.splitlines() if re.match("(ALTER|CREATE|DROP) TABLE|INSERT INTO", line)]
    assert len(script) == 13, script
    text = furnished.label(furnished.issue(5))
    assert furnished.verifier().scan(text, viewer("a")).reason == "first-sighting"
    assert furnished.database.spread is Spread.PARTS
    with furnished.database.maintenance() as tx:
        tx.run_script("\n".join(script))
    with opened(furnished.url) as database:
        assert furnished.verifier(database).scan(text, viewer("b")).reason == "seen-before"
        assert database.spread is Spread.MACHINES
        assert wounds(database) == []


def test_creating_needs_an_empty_database() -> None:
    with server.empty_database() as url:
        opening.require_absent(url)
        opening.create(url).close()
        with pytest.raises(RegistryUnavailable, match=r"expected an empty database at postgresql://.*, found table"):
            opening.require_absent(url)
        with pytest.raises(RegistryUnavailable, match="expected an empty database"):
            opening.create(url)


def test_creating_is_whole_or_not_at_all() -> None:
    def stop(_: object) -> None:
        raise ValueError("stop")

    with server.empty_database() as url:
        with pytest.raises(ValueError, match="stop"):
            opening.create_filled(url, stop)
        opening.require_absent(url)


def test_the_clock_of_the_server_is_not_asked(world: World) -> None:
    world.association()
    assert world.one("SELECT MIN(at_ms) AS at_ms FROM ledger") == {"at_ms": START_MS}
