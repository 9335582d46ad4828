"""What the instruments say, in the process that they count in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.unit.web.world import World, browser, settings_of
from traceqr.grouping import Threads
from traceqr.observing import Silent, kind_of
from traceqr.settings import InvalidSetting
from traceqr.verdict import Code
from traceqr.verifying import Verifier, Viewer
from traceqr.web import metrics
from traceqr.web.app import create_app
from traceqr.web.metrics import Metrics

T = TypeVar("T")
TOKEN = "a-token-of-tests-only"


class Told(Silent):
    """Keeps what it is told, and by whom."""

    def __init__(self) -> None:
        self.said: list[tuple[object, ...]] = []

    def committed(self, size: int, seconds: float, waiting: int) -> None:
        self.said.append(("committed", size, waiting, threading.get_ident()))

    def reached(self, recording: bool) -> None:
        self.said.append(("reached", recording, threading.get_ident()))

    def unavailable(self, kind: str, recording: bool) -> None:
        self.said.append(("unavailable", kind, recording, threading.get_ident()))


def value(made: Metrics, name: str, **labels: str) -> float | None:
    """One sample; None where there is none."""
    for family in text_string_to_metric_families(made.page().decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return None


def test_every_verdict_is_there_from_the_first() -> None:
    """At nought, so that a rate sees the first one."""
    made = Metrics("sqlite", Silent())
    for code in Code:
        for kind in ("scan", "verification"):
            assert value(made, "traceqr_verdicts_total", kind=kind, code=str(code)) == 0
    made.decided(Code.FORGED, False)
    made.decided("forged", False)
    assert value(made, "traceqr_verdicts_total", kind="verification", code="forged") == 2
    assert value(made, "traceqr_verdicts_total", kind="scan", code="forged") == 0


def test_commits() -> None:
    made = Metrics("sqlite", Silent())
    made.committed(3, 0.004, 7)
    made.committed(1, 0.2, 0)
    assert value(made, "traceqr_commit_members_sum") == 4
    assert value(made, "traceqr_commit_members_bucket", le="2.0") == 1
    assert value(made, "traceqr_commit_seconds_bucket", le="0.005") == 1
    assert value(made, "traceqr_commit_seconds_count") == 2
    assert value(made, "traceqr_scans_waiting") == 0


def test_errors_are_counted_by_kind_and_handed_on() -> None:
    told = Told()
    made = Metrics("postgresql", told)
    made.unavailable("PoolTimeout", True)
    made.reached(True)
    assert value(made, "traceqr_registry_errors_total", doing="recording", kind="PoolTimeout") == 1
    assert [said[0] for said in told.said] == ["unavailable", "reached"]


def test_requests_by_endpoint(world: World) -> None:
    made = Metrics("sqlite", Silent())
    settings = settings_of(TRACEQR_METRICS_TOKEN=TOKEN)
    verifier = Verifier(world.database, settings.official_hosts, world.time, observer=made)
    app = create_app(settings, verifier, lambda _: None, world.time)
    metrics.install(app, made)
    client = browser(app)
    label = world.label(world.issue())
    for path in (label.path, "/nowhere", "/healthz"):
        client.get(path, headers={"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"})
    for endpoint in ("public.label", "none", "health.alive"):
        assert value(made, "traceqr_request_seconds_count", endpoint=endpoint) == 1, endpoint
    assert value(made, "traceqr_commit_members_count") == 1
    page = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert page.status_code == 200
    assert str(label.serial) not in page.text
    assert client.get("/metrics").status_code == 404


class Hands(Threads):
    """Does groups in the thread that asks, and what may wait in a thread beside it, after `before`."""

    def __init__(self, before: Callable[[], None]) -> None:
        self._before = before
        self.beside: list[int] = []

    def start(self, work: Callable[[], None]) -> None:
        work()

    def aside(self, call: Callable[[], T]) -> T:
        self._before()
        with ThreadPoolExecutor(1) as pool:
            self.beside.append(pool.submit(threading.get_ident).result())
            return pool.submit(call).result()


def test_the_observer_is_told_by_the_thread_that_answers(world: World) -> None:
    """Also of what was committed in a thread beside it, since somebody else held the registry."""
    told, writing = Told(), ExitStack()
    hands = Hands(writing.close)
    verifier = Verifier(world.database, settings_of().official_hosts, world.time, observer=told, crew=hands)
    label = world.label(world.issue())
    with writing:
        writing.enter_context(world.database.transaction())
        verifier.scan(str(label), Viewer("0" * 64, True, "page", "chrome", "en"))
    here = threading.get_ident()
    assert hands.beside != [here]
    assert told.said == [("reached", True, here), ("committed", 1, 0, here)]


@pytest.mark.parametrize(
    "token", ["short", "x" * 15, "x" * 257, "with a blank in it", "not-ascii-é-é-é-é-é", "a\r\nb" * 8]
)
def test_a_token_that_cannot_be_one(token: str) -> None:
    with pytest.raises(InvalidSetting, match=r"^TRACEQR_METRICS_TOKEN: expected 16 to 256 characters") as caught:
        settings_of(TRACEQR_METRICS_TOKEN=token)
    assert token not in str(caught.value)


def test_a_token_does_not_show() -> None:
    made = settings_of(TRACEQR_METRICS_TOKEN=TOKEN)
    assert made.metrics_token == TOKEN
    assert TOKEN not in repr(made)
    assert settings_of().metrics_token == ""


@pytest.mark.parametrize("cause", [None, OSError(28, "secret place")])
def test_the_kind_of_an_error_is_a_class(cause: OSError | None) -> None:
    error = ValueError("secret message")
    error.__cause__ = cause
    assert kind_of(error) == ("OSError" if cause else "ValueError")
