"""Clocks are wrong: one steps back an hour, those of two nodes differ by five minutes. The registry stays in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest
from support.audit import wounds
from support.together import in_threads
from support.world import HOSTS, START_MS, SetClock, World, viewer

from traceqr import activating, recalling
from traceqr.activating import Range
from traceqr.evidence import Verdict
from traceqr.instant import DAY_MS
from traceqr.registry import opening
from traceqr.verdict import Code
from traceqr.verdict_json import to_json
from traceqr.verifying import Verifier

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
APART_MS = 5 * MINUTE_MS
RACERS = 8


def test_a_clock_steps_back_an_hour(engine: str, furnished: World, figure: Callable[[str], None]) -> None:
    batch = furnished.issue(5)
    text, verifier = furnished.label(batch), furnished.verifier()
    furnished.clock.pass_days(1)
    before_ms = furnished.clock()
    assert verifier.scan(text, viewer("a")).reason == "first-sighting"
    recalling.open_on_batch(furnished.desk, "hold", Range(batch.number, 4, 4), "a reason")

    furnished.clock.pass_ms(-HOUR_MS)
    assert verifier.scan(text, viewer("a")).reason == "own-earlier-scan"
    other = verifier.scan(text, viewer("b"))
    assert (other.code, other.history and other.history.times_seen) == (Code.SEEN, 1)
    require_no_future(other)
    later = [furnished.issue(5), furnished.issue(5, active=False)]
    activating.activate(furnished.desk, Range(later[1].number), "stored for sale")
    assert verifier.scan(furnished.label(later[1]), viewer("c")).code is Code.GENUINE

    furnished.clock.pass_ms(HOUR_MS)  # the very instant of the first scan comes a second time
    assert furnished.clock() == before_ms
    assert verifier.scan(text, viewer("a")).code is Code.SEEN
    assert verifier.scan(text, viewer("b")).code is Code.SEEN

    instants = [row["at_ms"] for row in furnished.rows("SELECT at_ms FROM ledger ORDER BY position")]
    assert instants == sorted(instants)
    assert instants[-3:] == [before_ms] * 3
    scans = furnished.rows("SELECT device, at_ms FROM scan WHERE batch = 1 ORDER BY device, at_ms")
    assert [(row["device"], row["at_ms"]) for row in scans] == [
        ("a", before_ms),
        ("b", before_ms - HOUR_MS),
        ("b", before_ms),
    ]
    summary = furnished.one("SELECT first_seen_ms, last_seen_ms, times_seen, devices FROM sighting WHERE batch = 1")
    assert tuple(summary.values()) == (before_ms - HOUR_MS, before_ms, 3, 2)
    assert wounds(furnished.database) == []
    figure(
        f"{engine}, clock an hour back: {len(instants)} acts in the order of their instants, 4 of 6 scans kept and"
        " 2 known for reloads, counts right"
    )


def test_a_key_from_the_future_is_not_trusted(furnished: World) -> None:
    """The clock falls behind the instant at which the key was made: what cannot be decided is not good."""
    text = furnished.label(furnished.issue(5))
    furnished.clock.pass_ms(-HOUR_MS)
    verdict = furnished.verifier().scan(text, viewer("a"))
    assert (verdict.code, verdict.reason) == (Code.UNCHECKED, "key-window-ahead")
    assert furnished.rows("SELECT * FROM scan") == []


@pytest.mark.parametrize("first", ["fast", "slow"])
def test_two_nodes_five_minutes_apart(engine: str, furnished: World, first: str, figure: Callable[[str], None]) -> None:
    text = furnished.label(furnished.issue(5))
    slow, fast = START_MS + DAY_MS, START_MS + DAY_MS + APART_MS
    with nodes(furnished, slow, fast) as (one, two):
        early, late = (two, one) if first == "fast" else (one, two)
        assert early.scan(text, viewer("a")).reason == "first-sighting"
        told = [late.scan(text, viewer("b")), early.scan(text, viewer("c")), late.scan(text, viewer("d"))]
        assert [(verdict.code, verdict.history and verdict.history.times_seen) for verdict in told] == [
            (Code.SEEN, 1),
            (Code.SEEN, 2),
            (Code.SEEN, 3),
        ]
        for verdict in told:
            require_no_future(verdict)
        assert late.scan(text, viewer("a")).code is Code.SEEN  # the same page on another node, not another scan
    summary = furnished.one("SELECT first_seen_ms, last_seen_ms, times_seen, devices FROM sighting")
    assert tuple(summary.values()) == (slow, fast, 4, 4)
    assert wounds(furnished.database) == []
    figure(
        f"{engine}, two nodes 5 minutes apart, the {first} one first: first seen is the earlier instant, and nobody is"
        " told of a scan after his own"
    )


def test_nodes_with_different_clocks_race(engine: str, furnished: World, figure: Callable[[str], None]) -> None:
    """Of many first scans at once, on two nodes whose clocks differ, one is the first."""
    text = furnished.label(furnished.issue(5))
    with nodes(furnished, START_MS + DAY_MS, START_MS + DAY_MS + APART_MS) as pair:
        jobs = [lambda place=place: pair[place % 2].scan(text, viewer(f"device-{place}")) for place in range(RACERS)]
        told = in_threads(jobs)
    assert sorted(verdict.reason for verdict in told) == ["first-sighting"] + ["seen-before"] * (RACERS - 1)
    for verdict in told:
        require_no_future(verdict)
    assert wounds(furnished.database) == []
    figure(f"{engine}, {RACERS} first scans at once on two nodes 5 minutes apart: one is the first")


@contextmanager
def nodes(world: World, *at_ms: int) -> Iterator[list[Verifier]]:
    """A verifier for each clock, each with its own connections."""
    with ExitStack() as opened:
        databases = [opened.enter_context(closing(opening.open_database(world.url))) for _ in at_ms]
        yield [Verifier(database, HOSTS, SetClock(at)) for database, at in zip(databases, at_ms, strict=True)]


def require_no_future(verdict: Verdict) -> None:
    """No answer tells of a scan after itself."""
    said = to_json(verdict)
    first = said["history"]["first_seen"]
    assert first is None or first <= said["at"]
