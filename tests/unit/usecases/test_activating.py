"""The life of labels: issued, active, void; nothing revives what is void."""

from __future__ import annotations

import pytest
from support.world import World

from traceqr import activating
from traceqr.acting import ActRefused
from traceqr.activating import Changed, Range


def lives(world: World) -> str:
    """One letter a label."""
    rows = world.rows("SELECT first, last, life FROM span ORDER BY batch, first")
    return "".join(row["life"][0] * (row["last"] - row["first"] + 1) for row in rows)


@pytest.fixture
def issued(furnished: World) -> World:
    furnished.issue(10, active=False)
    return furnished


def test_ranges(issued: World) -> None:
    assert activating.activate(issued.desk, Range(1, 2, 5), "sold") == Changed(1, 2, 5, 4)
    assert lives(issued) == "iiaaaaiiii"
    assert activating.void(issued.desk, Range(1, 4, 7), "lost") == Changed(1, 4, 7, 4)
    assert lives(issued) == "iiaavvvvii"
    assert activating.activate(issued.desk, Range(1), "all") == Changed(1, 0, 9, 4)
    assert lives(issued) == "aaaavvvvaa"
    assert activating.void(issued.desk, Range(1), "all") == Changed(1, 0, 9, 6)
    assert lives(issued) == "v" * 10


@pytest.mark.parametrize(
    ("target", "first", "last"),
    [(Range(1), 0, 9), (Range(1, 3), 3, 9), (Range(1, None, 3), 0, 3), (Range(1, 9, 9), 9, 9), (Range(1, 0, 0), 0, 0)],
)
def test_what_is_left_out_is_the_batchs_own_end(issued: World, target: Range, first: int, last: int) -> None:
    changed = activating.activate(issued.desk, target, "r")
    assert (changed.first, changed.last, changed.labels) == (first, last, last - first + 1)


@pytest.mark.parametrize("target", [Range(1, -1, 3), Range(1, 0, 10), Range(1, 5, 4), Range(1, 10), Range(1, None, -1)])
def test_outside(issued: World, target: Range) -> None:
    for act in (activating.activate, activating.void):
        with pytest.raises(ActRefused, match="batch 1: expected labels within 0 to 9, got"):
            act(issued.desk, target, "r")
    assert lives(issued) == "i" * 10


@pytest.mark.parametrize("number", [0, 2, -1])
def test_no_such_batch(issued: World, number: int) -> None:
    with pytest.raises(ActRefused, match=f"expected the number of a batch, {number} is none"):
        activating.activate(issued.desk, Range(number), "r")


def test_nothing_to_do_is_said(issued: World) -> None:
    activating.activate(issued.desk, Range(1), "r")
    with pytest.raises(ActRefused, match="expected labels that are issued in 0 to 9, found none"):
        activating.activate(issued.desk, Range(1), "again")
    activating.void(issued.desk, Range(1), "r")
    with pytest.raises(ActRefused, match="expected labels that are active or issued in 0 to 9, found none"):
        activating.void(issued.desk, Range(1), "again")


def test_void_is_terminal(issued: World) -> None:
    activating.void(issued.desk, Range(1), "lost")
    with pytest.raises(ActRefused):
        activating.activate(issued.desk, Range(1), "back")
    assert lives(issued) == "v" * 10


@pytest.mark.parametrize("reason", ["", "  "])
def test_voiding_needs_a_reason_since_the_page_shows_it(issued: World, reason: str) -> None:
    with pytest.raises(ActRefused, match="expected a reason that people will read"):
        activating.void(issued.desk, Range(1), reason)


def test_only_the_named_batch(issued: World) -> None:
    issued.issue(10, active=False)
    activating.activate(issued.desk, Range(2, 0, 4), "r")
    assert lives(issued) == "i" * 10 + "aaaaaiiiii"


def test_the_reason_of_a_void_is_shown_and_the_instant_of_activation(issued: World) -> None:
    batch_label = issued.label(_batch(issued), 3)
    issued.clock.pass_days(1)
    activating.activate(issued.desk, Range(1, 3, 3), "r")
    evidence = issued.verifier().verify(batch_label).evidence
    assert evidence is not None
    assert (evidence.activated_ms, evidence.notices) == (issued.clock.at_ms, ())
    issued.clock.pass_days(1)
    activating.void(issued.desk, Range(1, 3, 3), "roll lost")
    evidence = issued.verifier().verify(batch_label).evidence
    assert evidence is not None
    assert evidence.activated_ms is None
    assert [(notice.kind, notice.reason, notice.since_ms) for notice in evidence.notices] == [
        ("void", "roll lost", issued.clock.at_ms)
    ]


def _batch(world: World) -> object:
    from traceqr.registry import batches

    with world.database.snapshot() as reader:
        return batches.by_number(reader, 1)
