"""Several nodes on one database: whichever node answers, people are told the same, and at once what the console did."""

from __future__ import annotations

import itertools
import json
import random
import re
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import InitVar, dataclass, field
from functools import partial
from pathlib import Path

import psycopg
import pytest
from support.burst import await_more, people
from support.nodes import GTIN, NODES, Crowd, Deployment, Heard, Node, deployment, devices
from support.processes import family, open_files
from support.program import Program
from support.server import Answer
from support.together import in_threads

from traceqr import recalling
from traceqr.acting import Desk
from traceqr.activating import Range
from traceqr.highwater import HighWater
from traceqr.instant import CHINA, system_clock
from traceqr.label.format import Label
from traceqr.label.gtin import Gtin
from traceqr.recalling import Announcement, Lot
from traceqr.registry import opening
from traceqr.web.device import Device

BROWSER = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}
IMAGE = {"Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Site": "same-origin"}
REASON = ("--reason", "a test of several nodes")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One deployment for all tests here; each has batches of its own, and leaves all nodes running."""
    with deployment(tmp_path_factory.mktemp("nodes")) as started:
        yield started


@pytest.fixture
def bought() -> Device:
    """A phone."""
    return devices.new()


def require_whole(house: Deployment) -> None:
    """The program's own check finds nothing, and the ledger is as far as the console's high-water file."""
    found = house.console.json("check")
    assert found["whole"], found["findings"]
    mark = HighWater(house.console.high_water).read()
    assert mark is not None
    assert (mark.size, mark.root) == (found["size"], found["root"])


# --- what a node is


def test_all_are_ready_without_a_private_key(house: Deployment) -> None:
    for node in house.nodes:
        answer: Answer = node.get("/readyz")
        assert (answer.status, json.loads(answer.body)) == (200, {"status": "ready"})
        assert list(node.folder.rglob("*.key")) == []
        files = [name for pid in family(node.server.process.pid) for name in open_files(pid)]
        assert [name for name in files if str(house.console.keys) in name] == []
    assert len(list(house.console.keys.glob("*.key"))) >= 1
    environment = [Path(f"/proc/{node.server.process.pid}/environ").read_bytes() for node in house.nodes]
    assert all(b"TRACEQR_ROLES=public\0" in one and str(house.console.keys).encode() not in one for one in environment)


def test_all_answer_for_the_resolver(house: Deployment) -> None:
    """By the role of a public node, which reads no more than it shows."""
    for node in house.nodes:
        linked = json.loads(node.get(f"/01/{GTIN}", Accept="application/linkset+json").body)
        assert "https://ref.gs1.org/voc/certificationInfo" in linked["linkset"][0]
        assert node.get(f"/products/{GTIN}").status == 200
        assert node.get(f"/01/{GTIN}?linkType=gs1:epcis").status == 404


WRITES = {
    "a ledger entry": "INSERT INTO ledger SELECT position + 1, at_ms, act, subject, entry, leaf_hash, peak_hash,"
    " root_hash FROM ledger ORDER BY position DESC LIMIT 1",
    "another ledger": "UPDATE ledger SET act = 'batch.recall'",
    "no ledger": "DELETE FROM ledger",
    "a batch": "UPDATE batch SET label_count = label_count + 1",
    "a state": "UPDATE span SET life = 'active', holds = 0, recalls = 0",
    "a key": "UPDATE signing_key SET status = 'active'",
    "a notice": "UPDATE notice SET closed_position = opened_position",
    "forgotten scans": "DELETE FROM scan",
    "no triggers": "ALTER TABLE ledger DISABLE TRIGGER ALL",
    "another role": "SET ROLE postgres",
}


@pytest.mark.parametrize("what", WRITES)
def test_no_node_can_write_what_the_console_writes(house: Deployment, what: str) -> None:
    with psycopg.connect(house.nodes[0].url, autocommit=True) as connection:
        assert connection.execute("SELECT COUNT(*) > 0 FROM ledger").fetchone() == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(WRITES[what])  # type: ignore[call-overload]


def test_the_command_line_does_no_act_with_a_nodes_role(house: Deployment, tmp_path: Path) -> None:
    number, labels = house.console.issue(3, "--active")
    before = house.console.json("check")["root"]
    thief = Program(tmp_path)
    thief.env["TRACEQR_DATABASE"] = house.nodes[1].url
    assert "expected the high-water file" in thief.refused("batch", "recall", number, *REASON)
    copied = shutil.copy(house.console.high_water, tmp_path)
    for act in (["recall"], ["void", "--yes"]):
        said = thief.refused("batch", *act, number, *REASON, TRACEQR_HIGH_WATER=str(copied))
        assert "the registry refused the change: permission denied" in said
    assert house.console.json("check")["root"] == before
    assert set(house.codes(labels[0], devices.new())) == {"genuine"}


def test_the_balancer_must_hand_the_host_on(house: Deployment) -> None:
    """A label's host is the one that was asked for: a node's own address is not official."""
    _, labels = house.console.issue(1, "--active")
    for node in house.nodes:
        own = json.loads(node.get(labels[0].path, Host=f"127.0.0.1:{node.port}", Accept="application/json").body)
        assert (own["code"], own["reason"], own["host_official"]) == ("suspect", "host-foreign", False)
        asked = json.loads(node.get(labels[0].path, Accept="application/json").body)
        assert (asked["code"], asked["host_official"]) == ("genuine", True)


# --- one history


def test_of_sixty_at_once_one_is_the_first(house: Deployment) -> None:
    number, labels = house.console.issue(5, "--active")
    for label in labels:
        people = [(house.nodes[place % NODES], devices.new()) for place in range(60)]
        heard = in_threads([partial(node.scan, label, device) for node, device in people])
        assert Counter((one.status, one.code) for one in heard) == {(200, "genuine"): 1, (200, "seen"): 59}
        told = sorted(one.verdict["history"]["times_seen"] for one in heard)
        assert told == list(range(60)), "each was told how many came before, and no two the same"
        last = house.nodes[0].scan(label, devices.new()).verdict["history"]
        assert (last["times_seen"], last["other_devices"]) == (60, 60)
    assert house.sightings(number) == dict.fromkeys(range(5), (61, 61))
    require_whole(house)


def test_a_phone_that_one_node_knows_is_known_to_all(house: Deployment, bought: Device) -> None:
    number, labels = house.console.issue(1, "--active")
    first, *later = house.on_every_node(labels[0], bought)
    assert (first.code, first.verdict["reason"]) == ("genuine", "first-sighting")
    for heard in later:
        assert (heard.code, heard.verdict["reason"]) == ("genuine", "own-earlier-scan")
        assert heard.verdict["history"] == {
            "first_seen": heard.verdict["history"]["first_seen"],
            "times_seen": 1,
            "other_devices": 0,
            "own_before": True,
            "signs": [],
            "confirmed_here": False,
        }
    assert {heard.verdict["history"]["first_seen"] for heard in later} == {first.verdict["at"]}
    for heard in house.on_every_node(labels[0], devices.new()):
        assert heard.code == "seen"
    assert house.sightings(number) == {0: (2, 2)}


def test_a_page_of_one_node_is_confirmed_by_another(house: Deployment) -> None:
    """A browser without a cookie: it gets its cookie from one node, and the image that the page names from the next."""
    number, labels = house.console.issue(1, "--active")
    page = house.nodes[0].get(labels[0].path, **BROWSER)
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    (image,) = re.findall(r"/seen/[A-Za-z0-9_.-]+\.gif", page.text)
    assert house.sightings(number) == {}
    assert house.nodes[1].get(image, Cookie=cookie, **IMAGE).status == 200
    assert house.sightings(number) == {0: (1, 1)}
    asked = {**BROWSER, "Accept": "application/json"}
    own = json.loads(house.nodes[2].get(labels[0].path, Cookie=cookie, **asked).body)
    assert (own["code"], own["reason"]) == ("genuine", "own-earlier-scan")
    assert house.nodes[2].scan(labels[0], devices.new()).code == "seen"


# --- acts are seen at once


@dataclass
class Timeline:
    """What is to be told of a label, from which instant on. While a command runs, before and after are both true."""

    states: list[tuple[float, str]] = field(default_factory=list)
    """When a command began, and what is told after it."""
    ends: list[float] = field(default_factory=list)
    """When the command had ended."""

    def possible(self, asked_s: float, told_s: float) -> set[str]:
        """What may have been told to somebody who asked and was told at these instants."""
        return {
            code
            for place, (began, code) in enumerate(self.states)
            if began <= told_s and (place + 1 >= len(self.ends) or asked_s <= self.ends[place + 1])
        }


@dataclass
class Watched:
    """A label of a batch that acts are done on: somebody asks for it all the time, and what is told has its time."""

    label: Label
    at_first: InitVar[str]
    """What is told of it before any act."""
    times: Timeline = field(default_factory=Timeline)

    def __post_init__(self, at_first: str) -> None:
        with self.becoming(at_first):
            pass

    @contextmanager
    def becoming(self, code: str) -> Iterator[None]:
        """In the block a command is run, after which this is told."""
        self.times.states.append((time.monotonic(), code))
        yield
        self.times.ends.append(time.monotonic())

    def stale(self, heard: Sequence[Heard]) -> list[str]:
        """Answers that were not true at any instant between question and answer."""
        place = (self.label.serial.batch, self.label.serial.index)
        return [
            f"node {one.node}: {one.code}, expected one of {possible}"
            for one in heard
            if one.pair[:2] == place and one.code not in (possible := self.times.possible(one.asked_s, one.told_s))
        ]


@dataclass
class Street:
    """Everybody: those who buy, each label scanned by two devices that nobody has seen, and those who ask again and
    again for the labels that are watched, on all nodes by turns.
    """

    nodes: Sequence[Node]
    sold: Sequence[Label]
    watched: list[Label] = field(default_factory=list)
    _chance: random.Random = field(default_factory=lambda: random.Random(4))
    _bought: int = 0
    _watcher: Device = field(default_factory=devices.new)

    def choose(self, number: int) -> tuple[Node, Label, Device]:
        node = self._chance.choice(self.nodes)
        if number % 2 and self.watched:
            return node, self._chance.choice(self.watched), self._watcher
        self._bought += 1
        return node, self.sold[(self._bought - 1) // 2], devices.new()


Sold = tuple[int, Sequence[Label]]
"""A batch's number, and its labels."""


@contextmanager
def crowd_on_the_street(house: Deployment, sold: Sold, *watched: Watched) -> Iterator[Crowd]:
    """Everybody scans while in the block acts are done; afterwards, what all were told is held against what was so."""
    number, labels = sold
    crowd = Crowd(Street(house.nodes, labels, [each.label for each in watched]).choose)
    with crowd.scanning(6):
        crowd.await_more(30)
        yield crowd
        crowd.await_more(30)
    assert crowd.lost == []
    assert {one.status for one in crowd.heard} == {200}
    for each in watched:
        assert each.stale(crowd.heard) == []
    require_as_sent(house, number, crowd.heard)
    require_whole(house)


def test_what_the_console_does_is_told_by_every_node_from_the_next_scan_on(house: Deployment, bought: Device) -> None:
    console, require = house.console, partial(house.require_codes, bought)
    sold = console.issue(20_000, "--active")
    number, labels = console.issue(200)
    free, held = Watched(labels[0], "inactive"), Watched(labels[1], "inactive")
    with crowd_on_the_street(house, sold, free, held) as crowd:
        require("inactive", labels[30])

        with free.becoming("genuine"), held.becoming("genuine"):
            console.run("batch", "activate", number, "--last", 149, *REASON)
        require("genuine", labels[30])
        require("inactive", labels[199])
        crowd.await_more(30)

        with held.becoming("held"):
            hold = console.json("batch", "hold", number, "--first", 1, "--last", 20, *REASON)["id"]
        require("held", labels[11])
        require("genuine", labels[30])
        crowd.await_more(30)

        with free.becoming("recalled"), held.becoming("recalled"):
            recall = console.json("batch", "recall", number, *REASON)["id"]
        require("recalled", labels[11], labels[30], labels[199])
        crowd.await_more(30)

        with free.becoming("genuine"), held.becoming("held"):
            console.run("batch", "lift", recall, *REASON)
        require("genuine", labels[30])
        require("held", labels[11])
        with held.becoming("genuine"):
            console.run("batch", "lift", hold, *REASON)
        require("genuine", labels[11])


@dataclass(frozen=True)
class Page:
    """What a page said that somebody was shown: the hazard under a recall, or `sold`."""

    node: int
    said: str
    asked_s: float
    told_s: float


def page_of(node: Node, label: Label, device: Device | None) -> Page:
    """Open a label's page as a person does, with a cookie or without."""
    known = {"Cookie": f"{devices.name}={device.cookie}"} if device else {}
    asked_s = time.monotonic()
    answer = node.get(label.path, **BROWSER, **known, **{"Accept-Language": "en"})
    told_s = time.monotonic()
    found = re.search(
        r'data-verdict="recalled".*?class="hazard">([^<]+)<.*?Take it back &lt;now&gt;', answer.text, re.S
    )
    if found is None:
        assert re.search('data-verdict="(genuine|seen)"', answer.text)
    return Page(node.number, found[1] if found else "sold", asked_s, told_s)


@dataclass
class Readers:
    """People who open the pages of some labels on two nodes by turns, all the time."""

    nodes: Sequence[Node]
    labels: Sequence[Label]
    pages: list[Page] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    times: Timeline = field(default_factory=Timeline)
    _turns: Iterator[int] = field(default_factory=itertools.count)
    _device: Device = field(default_factory=devices.new)

    def read(self) -> None:
        while not self.stop.is_set():
            turn = next(self._turns)
            device = self._device if turn % 3 else None
            try:
                self.pages.append(page_of(self.nodes[turn % 2], self.labels[turn % len(self.labels)], device))
            except Exception as error:  # it is told by the test's own thread
                self.broken.append(error)
                return

    @contextmanager
    def becoming(self, said: str) -> Iterator[None]:
        """In the block an act is done, after which this is told by whichever node."""
        self.times.states.append((time.monotonic(), said))
        yield
        self.times.ends.append(time.monotonic())
        assert [page_of(node, self.labels[0], None).said for node in self.nodes] == [said] * len(self.nodes)
        await_more(8, lambda: len(self.pages), lambda: self.broken)


def test_no_page_of_a_recalled_label_is_without_its_recall(house: Deployment) -> None:
    """Issued, lifted and issued again while two nodes serve pages: what was recalled before a page was asked for is
    told on it, with hazard and advice, and what was lifted before is not.
    """
    number, labels = house.console.issue(3, "--active")
    readers = Readers(house.nodes[:2], labels)
    database = opening.open_database(house.url)
    new_id, high_water = partial(secrets.token_hex, 8), HighWater(house.console.high_water)
    desk = Desk(database, "operator", system_clock, CHINA, new_id, high_water)
    with closing(database), people(4, readers.read, readers.stop):
        with readers.becoming("sold"):
            pass
        for turn in range(4):
            texts = {f"{part}_zh_hans": "说明" for part in ("hazard", "advice", "contact")}
            texts |= {"hazard_en": f"hazard {turn}", "advice_en": "Take it back <now>.", "contact_en": "us"}
            over = Range(number) if turn % 2 else Lot(Gtin.parse(GTIN))
            with readers.becoming(f"hazard {turn}"):
                notice = recalling.recall(desk, over, Announcement(texts, 1))
            with readers.becoming("sold"):
                recalling.lift(desk, notice.id, "it was found to be safe", "unfounded")
    assert readers.broken == []
    wrong = [one for one in readers.pages if one.said not in readers.times.possible(one.asked_s, one.told_s)]
    assert wrong == []
    assert {one.said for one in readers.pages} == {"sold", *(f"hazard {turn}" for turn in range(4))}
    assert {one.node for one in readers.pages} == {1, 2}
    require_whole(house)


def test_a_stolen_key_is_told_by_every_node_from_the_next_scan_on(house: Deployment, bought: Device) -> None:
    console, require = house.console, partial(house.require_codes, bought)
    sold = console.issue(20_000, "--active")  # by the key before it
    stolen = console.json("keys", "new")["number"]
    number, labels = console.issue(200)
    console.run("batch", "activate", number, "--last", 149, *REASON)
    seen, waiting = Watched(labels[0], "genuine"), Watched(labels[198], "inactive")
    with crowd_on_the_street(house, sold, seen, waiting) as crowd:
        require("genuine", labels[30])
        require("inactive", labels[199])
        crowd.await_more(30)

        with waiting.becoming("void"):
            console.run("keys", "compromise", stolen, "--yes", *REASON)
        unseen = house.on_every_node(labels[100], bought)
        assert [(one.code, one.verdict["reason"]) for one in unseen] == [("suspect", "key-compromised")] * NODES
        require("void", labels[199])
        require("genuine", labels[30])  # seen before the theft
        console.run("keys", "new")


def require_as_sent(house: Deployment, batch: int, heard: Sequence[Heard]) -> None:
    """What was answered is what is recorded, and counted: each scan once, and one first scan a label."""
    sent = [one for one in heard if one.pair[0] == batch]
    times = Counter(one.pair[1] for one in sent)
    assert len(sent) > 0
    assert {one.node for one in sent} == {node.number for node in house.nodes}
    assert house.recorded(batch) == {one.pair for one in sent}
    assert house.sightings(batch) == {index: (count, count) for index, count in times.items()}
    assert Counter(one.pair[1] for one in sent if one.code == "genuine") == dict.fromkeys(times, 1)
    assert {one.code for one in sent} == {"genuine", "seen"}


# --- a node that dies


def test_a_node_that_is_killed_and_started_again_disturbs_no_other(house: Deployment) -> None:
    number, labels = house.console.issue(20_000, "--active")
    first, second, third = house.nodes
    crowd = Crowd(Street(house.nodes, labels).choose)
    with crowd.scanning(6):
        crowd.await_more(20, [second])
        second.kill()
        crowd.await_more(60, [first, third])
        house.console.run("batch", "hold", number, "--first", 19_999, "--last", 19_999, *REASON)
        for node in (first, third):
            assert node.get("/readyz").status == 200
            assert node.scan(labels[-1], devices.new()).code == "held"
        second.start()
        crowd.await_more(20, [second])
    assert second.get("/readyz").status == 200
    assert second.scan(labels[-1], devices.new()).code == "held"
    assert {node for node, _ in crowd.lost} == {second.number}
    assert {(one.status, one.code) for one in crowd.heard} == {(200, "genuine"), (200, "seen")}
    firsts = Counter(one.pair[1] for one in crowd.heard if one.code == "genuine")
    assert set(firsts.values()) == {1}
    kept = {pair for pair in house.recorded(number) if pair[1] != 19_999}
    assert {one.pair for one in crowd.heard} <= kept
    assert kept <= {one.pair for one in crowd.heard} | {pair for _, pair in crowd.lost}
    counts = Counter(index for _, index, _ in kept)
    sightings = {index: counted for index, counted in house.sightings(number).items() if index != 19_999}
    assert sightings == {index: (count, count) for index, count in counts.items()}
    require_whole(house)
