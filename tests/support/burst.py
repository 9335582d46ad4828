"""A burst of scans: people with phones, in threads, who ask again when they see no answer.

Each scan is by a device that has its cookie already, so that it counts at once. Every label is scanned by two devices,
at about the same time. What was answered is kept, to be held against the registry afterwards.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from support.audit import Pair
from support.server import SECRET

from traceqr.label.format import Label
from traceqr.web.device import Device, Devices

NAVIGATION = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}
PERSON = {"Accept": "application/json", **NAVIGATION}

NETWORK = "60.1.2.3"
"""An address of one network, from which all come: so that no number of them is odd."""
PATIENCE_S = 30
_PAUSE_S = 0.05

devices = Devices(SECRET, False, os.urandom)
"""The deployment's own, as tests serve it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one device was told of one label. `at_s` is by the monotonic clock, when the answer was whole."""

    pair: Pair
    status: int
    verdict: dict[str, Any]
    at_s: float
    took_s: float

    @property
    def code(self) -> str:
        """The verdict's code."""
        return str(self.verdict.get("code"))


def headers_of(device: Device) -> dict[str, str]:
    """The header fields of a person who scans with a device, and reads JSON."""
    return {**PERSON, "X-Forwarded-For": NETWORK, "Cookie": f"{devices.name}={device.cookie}"}


def ask(connection: http.client.HTTPConnection, label: Label, device: Device) -> Told:
    """Scan a label. Raises OSError or HTTPException where no whole answer comes."""
    started = time.monotonic()
    connection.request("GET", label.path, headers=headers_of(device))
    answer = connection.getresponse()
    body = answer.read()
    at_s = time.monotonic()
    pair = (label.serial.batch, label.serial.index, device.stored)
    try:
        verdict = json.loads(body)
    except ValueError:
        verdict = {"code": f"no JSON but {body[:200]!r}"}
    return Told(pair, answer.status, verdict, at_s, at_s - started)


@contextmanager
def people(count: int, scan: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    """So many people, each a thread that scans until `stop` is set, as it is when the block ends."""
    threads = [threading.Thread(target=scan, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE_S + 10)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"


def await_more(more: int, answered: Callable[[], int], said: Callable[[], object]) -> None:
    """Wait until so many more are answered. `said` is what a failure says: what was answered so far."""
    wanted, deadline = answered() + more, time.monotonic() + PATIENCE_S
    while answered() < wanted:
        assert time.monotonic() < deadline, f"expected {more} more scans within {PATIENCE_S} s, got in all: {said()}"
        time.sleep(0.005)


@dataclass
class Burst:
    """Scans over a pool of labels, each label twice. Read `answers` after the burst, or `good` while it goes on."""

    port: int
    labels: Sequence[Label]
    answers: list[Told] = field(default_factory=list)
    asked: set[Pair] = field(default_factory=set)
    lost: int = 0
    """Requests that were sent and got no whole answer."""
    good: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._places = itertools.count()

    def going_on(self, clients: int) -> AbstractContextManager[None]:
        """So many people scan until the block ends."""
        return people(clients, self._client, self._stop)

    def await_good(self, more: int) -> None:
        """Wait until so many more scans are acknowledged."""
        await_more(more, lambda: self.good, self.said)

    def said(self) -> dict[str, int]:
        """How often each verdict was given."""
        return dict(Counter(f"{told.status} {told.code}" for told in list(self.answers)))

    def _client(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)) as connection:
            while not self._stop.is_set():
                with self._guard:
                    label = self.labels[next(self._places) // 2]
                self._scan(connection, label, devices.new())

    def _scan(self, connection: http.client.HTTPConnection, label: Label, device: Device) -> None:
        with self._guard:
            self.asked.add((label.serial.batch, label.serial.index, device.stored))
        while not self._stop.is_set():
            try:
                told = ask(connection, label, device)
            except (OSError, http.client.HTTPException):
                connection.close()
                with self._guard:
                    self.lost += 1
            else:
                with self._guard:
                    self.answers.append(told)
                    self.good += told.status == 200
                if told.status == 200:
                    return
            self._stop.wait(_PAUSE_S)


def acknowledged(answers: Sequence[Told]) -> set[Pair]:
    """The scans that were answered with a verdict that is only given once they are recorded."""
    return {told.pair for told in answers if told.status == 200}


def wrong(answers: Sequence[Told]) -> list[str]:
    """Answers that are not true of active labels that two devices scan: a verdict other than `genuine` or `seen` with
    200, or than `unchecked` with 503; or one label told to be first seen to both.
    """
    found = [str(told) for told in answers if not _possible(told)]
    first: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for told in answers:
        if told.code == "genuine":
            first[told.pair[:2]].add(told.pair[2])
    return found + [f"label {label}: first to {told}" for label, told in first.items() if len(told) > 1]


def _possible(told: Told) -> bool:
    if told.status == 503:
        return (told.code, told.verdict.get("reason")) == ("unchecked", "registry-unreachable")
    return told.status == 200 and told.code in ("genuine", "seen")


def require_kept(burst: Burst, kept: Counter[Pair]) -> int:
    """Hold a burst against the registry's record; returns how many scans were acknowledged."""
    good = acknowledged(burst.answers)
    assert wrong(burst.answers) == []
    assert good - set(kept) == set(), "acknowledged, and not there"
    assert [pair for pair, times in kept.items() if times != 1] == [], "there twice"
    assert set(kept) - burst.asked == set(), "there, and never asked for"
    return len(good)


def at_once(port: int, label: Label, within_s: float = PATIENCE_S) -> Told:
    """One scan by a new device, over a connection of its own. Raises OSError where no answer comes."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=within_s)) as connection:
        return ask(connection, label, devices.new())
