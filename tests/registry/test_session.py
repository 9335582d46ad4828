"""What a connection to PostgreSQL goes through: pipelines that break off, servers and nodes that stand still."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from support.world import World, viewer

from traceqr.errors import RegistryUnavailable
from traceqr.registry import opening, postgres
from traceqr.verifying import Verifier

ON_NEW_CONNECTIONS = True
"""What is found of connections is of those that the test has made."""

FULL = """
    CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
"""
SESSIONS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
def engine() -> Iterator[str]:
    """This module is about a server."""
    return "postgres"


@pytest.fixture
def texts(furnished: World) -> list[str]:
    batch = furnished.issue(60)
    return [furnished.label(batch, index) for index in range(60)]


@contextmanager
def verifying(world: World) -> Iterator[Verifier]:
    database = opening.open_database(world.url)
    try:
        yield world.verifier(database)
    finally:
        database.close()


@contextmanager
def standing_still(world: World) -> Iterator[None]:
    """The server's side of each connection hangs, and its sockets stay open."""
    with psycopg.connect(world.url) as raw:
        pids = [pid for (pid,) in raw.execute(SESSIONS).fetchall()]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("scans_before", range(14))
def test_after_a_refused_write_all_is_as_before(furnished: World, texts: list[str], scans_before: int) -> None:
    """However often the statements had been run. psycopg prepares them after some runs, in the middle of a pipeline;
    one that breaks off there leaves it with statements that the server never got.
    """
    with verifying(furnished) as verifier, psycopg.connect(furnished.url, autocommit=True) as raw:
        raw.execute(FULL)
        verifier.ready()
        for text in texts[:scans_before]:
            assert verifier.scan(text, viewer()).code == "genuine"
        raw.execute("CREATE TRIGGER full_disk BEFORE INSERT ON scan FOR EACH ROW EXECUTE FUNCTION disk_full()")
        assert verifier.scan(texts[20], viewer()).code == "unchecked"
        raw.execute("DROP TRIGGER full_disk ON scan")
        assert {str(verifier.scan(text, viewer()).code) for text in texts[21:]} == {"genuine"}


def test_a_server_that_stands_still_is_given_up(
    furnished: World, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "ANSWER_PATIENCE_S", 0.4)
    with verifying(furnished) as verifier:
        assert verifier.scan(texts[0], viewer()).code == "genuine"
        with standing_still(furnished):
            assert verifier.scan(texts[1], viewer()).code == "unchecked"
        assert verifier.scan(texts[1], viewer()).code == "genuine"
        with standing_still(furnished), pytest.raises(RegistryUnavailable, match=r"answer of the server within 0\.4 s"):
            verifier.ready()


def test_reports_may_take_longer(furnished: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "ANSWER_PATIENCE_S", 0.1)
    with furnished.database.snapshot() as reader:
        assert reader.row("SELECT COUNT(*) AS n FROM (SELECT pg_sleep(0.5)) s") == {"n": 1}


def test_a_node_that_stands_still_lets_the_others_act(furnished: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that was paused in the middle of an act holds the lock of acts, and its connection lives."""
    monkeypatch.setitem(postgres._SESSION, "idle_in_transaction_session_timeout", "300")
    holding, released = threading.Event(), threading.Event()
    refused: list[Exception] = []

    def paused() -> None:
        database = opening.open_database(furnished.url)
        try:
            with database.transaction():
                holding.set()
                released.wait(20)
        except RegistryUnavailable as error:
            refused.append(error)
        finally:
            database.close()

    thread = threading.Thread(target=paused)
    thread.start()
    assert holding.wait(10)
    began = time.monotonic()
    issued = furnished.issue(1)
    assert time.monotonic() - began < 9, "it was not the patience of the second that ended the wait"
    released.set()
    thread.join()
    assert issued.number
    assert len(refused) == 1, "what the paused one did is not there, and it knows"
