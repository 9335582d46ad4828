"""Holds and recalls lie over the life of labels, each with its own id; lifting one restores what was."""

from __future__ import annotations

import pytest
from support.world import World, gtin

from traceqr import activating, recalling
from traceqr.acting import ActRefused
from traceqr.activating import Range
from traceqr.registry.batches import Batch


@pytest.fixture
def batch(furnished: World) -> Batch:
    return furnished.issue(10)


def codes(world: World, batch: Batch) -> str:
    """One letter a label: Genuine, Held, Recalled, Void, Inactive."""
    verifier = world.verifier()
    return "".join(str(verifier.verify(world.label(batch, index)).code)[0] for index in range(batch.label_count))


def test_precedence_void_recalled_held_inactive(furnished: World) -> None:
    batch = furnished.issue(6, active=False)
    activating.activate(furnished.desk, Range(1, 1, 5), "r")
    recalling.open_on_batch(furnished.desk, "hold", Range(1, 2, 5), "r")
    recalling.open_on_batch(furnished.desk, "recall", Range(1, 3, 5), "r")
    activating.void(furnished.desk, Range(1, 4, 4), "r")
    assert codes(furnished, batch) == "ighrvr"


@pytest.mark.parametrize("kind", recalling.KINDS)
def test_over_labels_that_are_not_active_yet(furnished: World, kind: str) -> None:
    batch = furnished.issue(2, active=False)
    notice = recalling.open_on_batch(furnished.desk, kind, Range(1), "r")
    assert codes(furnished, batch) == kind[0] * 2
    recalling.lift(furnished.desk, notice.id, "r")
    assert codes(furnished, batch) == "ii"


def test_what_another_covers_stays_covered(furnished: World, batch: Batch) -> None:
    one = recalling.open_on_batch(furnished.desk, "recall", Range(1, 0, 5), "one")
    two = recalling.open_on_batch(furnished.desk, "recall", Range(1, 4, 8), "two")
    recalling.lift(furnished.desk, one.id, "r")
    assert codes(furnished, batch) == "ggggrrrrrg"
    recalling.lift(furnished.desk, two.id, "r")
    assert codes(furnished, batch) == "g" * 10
    assert furnished.one("SELECT COUNT(*) AS n FROM span") == {"n": 1}


def test_a_product_covers_earlier_and_later_batches_and_no_other_product(furnished: World, batch: Batch) -> None:
    furnished.product(2)
    other = furnished.issue(1, gtin=gtin(2))
    notice = recalling.open_on_product(furnished.desk, "recall", gtin(), "r")
    later = furnished.issue(1)
    assert (codes(furnished, batch), codes(furnished, later), codes(furnished, other)) == ("r" * 10, "r", "g")
    assert furnished.one("SELECT COUNT(*) AS n FROM span WHERE recalls > 0") == {"n": 0}
    recalling.lift(furnished.desk, notice.id, "r")
    assert (codes(furnished, batch), codes(furnished, later)) == ("g" * 10, "g")


def test_the_page_is_told_every_open_notice_recalls_first(furnished: World, batch: Batch) -> None:
    recalling.open_on_product(furnished.desk, "hold", gtin(), "product held")
    recalling.open_on_batch(furnished.desk, "recall", Range(1, 3, 3), "glass")
    lifted = recalling.open_on_batch(furnished.desk, "recall", Range(1, 3, 3), "mistake")
    recalling.lift(furnished.desk, lifted.id, "r")
    recalling.open_on_batch(furnished.desk, "hold", Range(1, 4, 5), "elsewhere")
    evidence = furnished.verifier().verify(furnished.label(batch, 3)).evidence
    assert evidence is not None
    assert [(notice.kind, notice.reason) for notice in evidence.notices] == [
        ("recall", "glass"),
        ("hold", "product held"),
    ]


def test_a_page_stays_small_under_many_notices(furnished: World, batch: Batch) -> None:
    for number in range(20):
        recalling.open_on_batch(furnished.desk, "hold", Range(1), f"reason {number}")
    recalling.open_on_batch(furnished.desk, "recall", Range(1), "the one that matters")
    evidence = furnished.verifier().verify(furnished.label(batch)).evidence
    assert evidence is not None
    assert len(evidence.notices) == 8
    assert evidence.notices[0].reason == "the one that matters"


def test_lifting_twice(furnished: World, batch: Batch) -> None:
    notice = recalling.open_on_batch(furnished.desk, "hold", Range(batch.number), "r")
    recalling.lift(furnished.desk, notice.id, "r")
    with pytest.raises(ActRefused, match="expected the id of an open hold or recall"):
        recalling.lift(furnished.desk, notice.id, "r")
    assert furnished.one("SELECT holds FROM span") == {"holds": 0}


@pytest.mark.parametrize(
    ("kind", "reason", "field"), [("delay", "r", "kind"), ("hold", "", "reason"), ("recall", " \t", "reason")]
)
def test_refused(furnished: World, batch: Batch, kind: str, reason: str, field: str) -> None:
    for act in (
        lambda: recalling.open_on_batch(furnished.desk, kind, Range(batch.number), reason),
        lambda: recalling.open_on_product(furnished.desk, kind, gtin(), reason),
    ):
        with pytest.raises(ActRefused) as caught:
            act()
        assert caught.value.field == field


def test_outside(furnished: World, batch: Batch) -> None:
    with pytest.raises(ActRefused, match="expected labels within 0 to 9"):
        recalling.open_on_batch(furnished.desk, "hold", Range(batch.number, 5, 10), "r")
    with pytest.raises(ActRefused, match="expected the GTIN of an enrolled product"):
        recalling.open_on_product(furnished.desk, "hold", gtin(9), "r")
