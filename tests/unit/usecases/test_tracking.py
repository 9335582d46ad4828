"""Which labels contain something, where they are now, and who handed it to whom."""

from __future__ import annotations

import itertools

import pytest
from support.chain import Chain, item, labels, sscc
from support.world import World, gtin

from traceqr.chain import deriving, tracking
from traceqr.chain.tracking import Tracked, View
from traceqr.registry.batches import Batch
from traceqr.tracing.event import Action, Audience, EventKind, Mention, Part
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing

MATERIALS = [Thing.lot(str(gtin(number, "6905555")), f"L{number}") for number in range(1, 6)]
FACTORY, WAREHOUSE, SHOP = ("414/6901234000015", "414/6901234000022", "414/6901234000039")


@pytest.fixture
def chain(furnished: World) -> Chain:
    furnished.enterprise(2)
    return Chain(furnished)


def track(chain: Chain, *things: Thing | Run, told: tracking.Telling = tracking.everything) -> Tracked:
    with chain.world.database.snapshot() as reader:
        return tracking.track(reader, [one if isinstance(one, Run) else Run.of(one) for one in things], View(told))


def places(found: Tracked) -> dict[tuple[str, str], int]:
    return {(spot.place, spot.to): spot.labels for spot in found.spots}


@pytest.fixture
def sold(chain: Chain) -> Batch:
    """100 labels of five levels, in cases of 10, five of them on a pallet that is under way, two that arrived."""
    batch = chain.world.issue(100)
    for one, other in itertools.pairwise(MATERIALS):
        chain.made([other], [one])
    chain.made([labels(batch, 0, 99)], [MATERIALS[-1]], location=FACTORY)
    for number in range(10):
        chain.packed(sscc(number), labels(batch, 10 * number, 10 * number + 9), location=FACTORY)
    chain.packed(sscc(100), Run(sscc(0).line, 0, 4))
    chain.packed(sscc(101), Run(sscc(5).line, 5, 6), location=WAREHOUSE)
    to = (Mention("destination", "location", SHOP),)
    chain.seen(sscc(100), step="shipping", read_point=FACTORY, mentions=to)
    chain.seen(sscc(101), step="receiving", location=SHOP)
    return batch


def test_labels_and_places_that_contain_a_material(chain: Chain, sold: Batch) -> None:
    found = track(chain, MATERIALS[0])
    assert found.complete
    assert (found.labels, found.transformations) == (100, (1, 2, 3, 4, 5))
    (holding,) = found.holdings
    assert (holding.batch, holding.labels, holding.runs) == (sold.number, 100, (labels(sold, 0, 99),))
    assert places(found) == {(FACTORY, SHOP): 50, (SHOP, ""): 20, (FACTORY, ""): 30}
    units = {(spot.place, spot.to): spot.units for spot in found.spots}
    assert units[FACTORY, SHOP] == [Run.of(sscc(100))]
    assert units[FACTORY, ""] == [Run(sscc(0).line, 7, 9)]


def test_of_a_label_a_range_and_a_unit(chain: Chain, sold: Batch) -> None:
    assert places(track(chain, labels(sold, 55, 55))) == {(SHOP, ""): 1}
    assert places(track(chain, labels(sold, 45, 54))) == {(FACTORY, SHOP): 5, (SHOP, ""): 5}
    assert places(track(chain, sscc(101))) == {(SHOP, ""): 20}
    assert places(track(chain, sscc(3))) == {(FACTORY, SHOP): 10}


def test_what_is_unpacked_stays_where_it_was_and_goes_its_own_way(chain: Chain, sold: Batch) -> None:
    chain.packed(sscc(101), sscc(5), action=Action.DELETE)
    chain.seen(sscc(101), location=WAREHOUSE)
    assert places(track(chain, labels(sold, 50, 69))) == {(SHOP, ""): 10, (WAREHOUSE, ""): 10}
    chain.seen(labels(sold, 50, 52), step="retail_selling", location="414/6901234000046")
    assert places(track(chain, labels(sold, 50, 59))) == {(SHOP, ""): 7, ("414/6901234000046", ""): 3}


def test_what_is_emptied_holds_nothing_any_more(chain: Chain, sold: Batch) -> None:
    chain.packed(sscc(101), action=Action.DELETE)
    chain.seen(sscc(101), location=FACTORY)
    assert places(track(chain, labels(sold, 50, 69))) == {(SHOP, ""): 20}
    assert {run for spot in track(chain, labels(sold, 50, 69)).spots for run in spot.units} == {Run(sscc(5).line, 5, 6)}


def test_late_events_fall_into_their_place(chain: Chain, sold: Batch) -> None:
    early = chain.world.clock() - 40 * 3_600_000
    chain.seen(sscc(101), location=WAREHOUSE, at_ms=early)
    assert places(track(chain, labels(sold, 50, 69))) == {(SHOP, ""): 20}


def test_a_stranger_moves_nothing(chain: Chain, sold: Batch) -> None:
    chain.seen(labels(sold, 0, 99), by=2, location=WAREHOUSE)
    assert WAREHOUSE not in {spot.place for spot in track(chain, labels(sold, 0, 99)).spots}


def test_places_that_one_is_not_told_of_are_left_out(chain: Chain, sold: Batch) -> None:
    chain.seen(labels(sold, 0, 99), location=WAREHOUSE, audience=Audience.REGULATORS)
    public = lambda _enterprise, audience: audience is not Audience.REGULATORS  # noqa: E731
    assert places(track(chain, labels(sold, 0, 99))) == {(WAREHOUSE, ""): 100}
    assert WAREHOUSE not in {spot.place for spot in track(chain, labels(sold, 0, 99), told=public).spots}


def test_labels_of_which_no_event_tells_a_place(chain: Chain) -> None:
    batch = chain.world.issue(5)
    assert places(track(chain, labels(batch, 0, 4))) == {("", ""): 5}


def test_bulk_goods_are_told_with_the_labels(chain: Chain) -> None:
    chain.seen(MATERIALS[0], step="receiving", location=WAREHOUSE)
    (spot,) = track(chain, MATERIALS[0]).spots
    assert (spot.place, spot.labels, spot.others) == (WAREHOUSE, 0, [Run.of(MATERIALS[0])])


def test_units_in_a_circle_end(chain: Chain) -> None:
    batch = chain.world.issue(5)
    chain.packed(sscc(1), labels(batch, 0, 4), location=FACTORY)
    for parent, child in ((2, 1), (3, 2), (1, 3)):
        chain.packed(sscc(parent), sscc(child))
    assert places(track(chain, labels(batch, 0, 4))) == {(FACTORY, ""): 5}


def test_a_bound_that_was_met_is_said(chain: Chain, sold: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "MAX_STRETCHES", 3)
    assert not track(chain, labels(sold, 0, 99)).complete
    monkeypatch.undo()
    monkeypatch.setattr(deriving, "MAX_DEPTH", 3)
    assert not track(chain, MATERIALS[0]).complete


def test_units_that_lie_in_two_blocks_are_found_once(chain: Chain) -> None:
    batch = chain.world.issue(100)
    chain.packed(sscc(1), labels(batch, 10, 21), location=FACTORY)
    chain.seen(labels(batch, 14, 30), location=SHOP)
    assert places(track(chain, labels(batch, 0, 99))) == {(FACTORY, ""): 4, (SHOP, ""): 17, ("", ""): 79}


def test_an_event_over_labels_without_a_batch_is_no_label(chain: Chain) -> None:
    ahead = Run(Thing.label(str(gtin()), 77, 0).line, 0, 9)
    event = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, ahead), location=SHOP)
    chain.state(event)
    found = track(chain, ahead)
    assert (found.labels, found.holdings) == (0, ())
