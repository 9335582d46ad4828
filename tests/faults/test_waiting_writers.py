"""Scans that wait for the registry's writer hold up nothing else: workers answer, and what only reads goes on."""

from __future__ import annotations

import fcntl
import http.client
import json
import re
import select
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from support.burst import ask as ask_as_a_person
from support.burst import devices
from support.shop import Shop, open_shop
from support.together import in_threads
from support.world import World, viewer

from traceqr.label.format import Label
from traceqr.verdict import Code

WAITING = 6
ASKED = 8
"""Questions while others wait: more than there are workers, so that each worker is asked several times."""

ANSWER_WITHIN_S = 5
"""Well under the patience of a waiting scan: an answer that came only because the scans gave up would be late."""

PERSON = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}
PROGRAM = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


@contextmanager
def our_lock(registry: Path) -> Iterator[None]:
    """Another process of the program writes."""
    with registry.with_name(registry.name + ".lock").open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file unlocks it


@contextmanager
def foreign_lock(registry: Path) -> Iterator[None]:
    """Somebody writes who does not know our lock, such as the sqlite3 shell."""
    with closing(sqlite3.connect(registry, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        yield  # closing the connection rolls back


LOCKS: dict[str, tuple[Callable[[Path], AbstractContextManager[None]], int]] = {
    "our own lock": (our_lock, 100),
    "a foreign writer": (foreign_lock, 200),
}


def connection(shop: Shop, patience_s: float = ANSWER_WITHIN_S) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", shop.server.port, timeout=patience_s)


def ask(shop: Shop, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """One answer, or TimeoutError."""
    with closing(connection(shop)) as asking:
        asking.request(method, path, body, PROGRAM if body else {})
        answer = asking.getresponse()
        return answer.status, answer.read()


def recorded(shop: Shop, first: int) -> list[int]:
    found = shop.world.rows(
        "SELECT label_index FROM scan WHERE label_index BETWEEN :first AND :last ORDER BY label_index",
        first=first,
        last=first + WAITING - 1,
    )
    return [row["label_index"] for row in found]


@pytest.mark.parametrize("kind", LOCKS)
def test_the_site_answers_while_scans_wait(shop: Shop, kind: str) -> None:
    lock, first = LOCKS[kind]
    assert ask(shop, "GET", "/healthz")[0] == 200
    question = json.dumps({"text": shop.text(first + WAITING)}).encode()
    with ExitStack() as opened:
        scans = [opened.enter_context(closing(connection(shop, patience_s=30))) for _ in range(WAITING)]
        with lock(shop.world.path):
            for index, scan in enumerate(scans, first):
                scan.request("GET", shop.path(index), headers=PERSON)  # sent, and not yet read: it waits
            for _ in range(ASKED):
                assert ask(shop, "GET", "/healthz") == (200, b'{"status":"alive"}\n')
                status, body = ask(shop, "POST", "/api/v1/verify", question)
                assert (status, json.loads(body)["code"]) == (200, "genuine")
            answered, _, _ = select.select([scan.sock for scan in scans], [], [], 0)
            assert answered == [], "a scan was answered without being recorded, or the lock holds nobody up"
            assert recorded(shop, first) == []
        for scan in scans:
            answer = scan.getresponse()
            page = answer.read().decode()
            assert answer.status == 200
            assert re.findall(r'data-verdict="([a-z]+)"', page) == ["genuine"]
    assert recorded(shop, first) == list(range(first, first + WAITING))


def test_beyond_patience_nothing_is_good(shop: Shop, figure: Callable[[str], None]) -> None:
    """Somebody holds the lock for longer than anybody waits: all are told `unchecked`, and may ask again later."""
    first = 300
    labels = [Label.parse(shop.text(index)) for index in range(first, first + WAITING)]
    people = [devices.new() for _ in labels]
    with ExitStack() as opened:
        asking = [opened.enter_context(closing(connection(shop, patience_s=60))) for _ in labels]
        with our_lock(shop.world.path):
            jobs = zip(asking, labels, people, strict=True)
            told = in_threads([partial(ask_as_a_person, *job) for job in jobs])
            assert {(one.status, one.code, one.verdict["reason"]) for one in told} == {
                (503, "unchecked", "registry-unreachable")
            }
            assert recorded(shop, first) == []
        again = [ask_as_a_person(*job) for job in zip(asking, labels, people, strict=True)]
    assert {(one.status, one.code) for one in again} == {(200, "genuine")}
    assert recorded(shop, first) == list(range(first, first + WAITING))
    shop.world.issue(5)
    figure(
        f"lock held for {max(one.took_s for one in told):.1f} s: {WAITING} scans unchecked after at least"
        f" {min(one.took_s for one in told):.1f} s, none recorded; all genuine in"
        f" {max(one.took_s for one in again) * 1000:.0f} ms once it was let go"
    )


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_scans_do_not_wait_for_an_act(furnished: World, figure: Callable[[str], None]) -> None:
    """On a server, an act that takes long holds up other acts, and no scan."""
    text = furnished.label(furnished.issue(5))
    verifier = furnished.verifier()
    with furnished.another(ids_from=1_000) as desk, desk.act() as act:
        act.record("batch.hold", "batch:1", {"reason": "a reason"})
        first, other = verifier.scan(text, viewer("a")), verifier.scan(text, viewer("b"))
        assert (first.code, other.code) == (Code.GENUINE, Code.SEEN)
        assert len(furnished.rows("SELECT * FROM scan")) == 2
    assert verifier.scan(text, viewer("c")).code is Code.SEEN
    figure("PostgreSQL: 2 scans recorded while an act held its lock, a third after it")
