"""What happened to things, and what they are in: found from events in any order of arrival."""

from __future__ import annotations

import pytest
from support.chain import HOUR_MS, Chain, item, labels, sscc
from support.world import World, gtin

from traceqr import activating, keying
from traceqr.activating import Range
from traceqr.chain import following
from traceqr.chain.following import FOREVER_MS, History
from traceqr.registry.batches import Batch
from traceqr.tracing.event import Action, Declaration, Event, EventKind, Part
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing

MATERIALS = [Thing.lot(str(gtin(number, "6905555")), f"L{number}") for number in range(1, 6)]


@pytest.fixture
def chain(furnished: World) -> Chain:
    furnished.enterprise(2)
    return Chain(furnished)


def history(chain: Chain, thing: Thing) -> History:
    with chain.world.database.snapshot() as reader:
        return following.history(reader, thing)


def label(batch: Batch, index: int) -> Thing:
    return Thing.label(batch.gtin, batch.number, index)


def steps(found: History) -> list[str]:
    return [happened.event.step for happened in found.events]


class TestHistory:
    def test_of_a_label_begins_with_what_arose_from_acts(self, chain: Chain) -> None:
        batch = chain.world.issue(10, active=False)
        activating.activate(chain.world.desk, Range(batch.number, 2, 5), "r")
        activating.void(chain.world.desk, Range(batch.number, 5, 6), "r")
        assert steps(history(chain, label(batch, 1))) == ["encoding"]
        assert steps(history(chain, label(batch, 2))) == ["encoding", "commissioning"]
        assert steps(history(chain, label(batch, 5))) == ["encoding", "commissioning", "decommissioning"]
        assert steps(history(chain, label(batch, 6))) == ["encoding", "decommissioning"]

    def test_an_act_tells_of_what_it_changed_and_no_more(self, chain: Chain) -> None:
        batch = chain.world.issue(10, active=False)
        activating.activate(chain.world.desk, Range(batch.number, 2, 5), "r")
        activating.activate(chain.world.desk, Range(batch.number), "r")
        assert steps(history(chain, label(batch, 3))) == ["encoding", "commissioning"]

    def test_a_stolen_key_voids_what_is_not_active(self, chain: Chain) -> None:
        batch = chain.world.issue(10, active=False)
        activating.activate(chain.world.desk, Range(batch.number, 0, 4), "r")
        keying.compromise(chain.world.desk, batch.key_number, "stolen")
        assert steps(history(chain, label(batch, 4))) == ["encoding", "commissioning"]
        assert steps(history(chain, label(batch, 5))) == ["encoding", "decommissioning"]

    def test_goes_on_with_what_the_label_is_in(self, chain: Chain) -> None:
        batch = chain.world.issue(100)
        case, pallet = sscc(1), sscc(2)
        chain.packed(case, labels(batch, 0, 23))
        chain.packed(pallet, case)
        chain.seen(pallet, step="shipping")
        chain.packed(pallet, case, action=Action.DELETE)
        chain.seen(pallet, step="storing")
        chain.packed(case, labels(batch, 0, 23), action=Action.DELETE)
        chain.seen(case, step="storing")
        chain.seen(labels(batch, 0, 23), step="stocking")
        found = history(chain, label(batch, 7))
        assert [(each.event.step, len(each.through)) for each in found.events] == [
            *(("commissioning", 0), ("packing", 0), ("packing", 1), ("shipping", 2), ("packing", 1), ("packing", 0)),
            ("stocking", 0),
        ]
        assert [(stay.inside, stay.contradicted_by is not None) for stay in found.stays] == [(case, False)]

    def test_is_not_that_of_its_neighbours(self, chain: Chain) -> None:
        batch = chain.world.issue(100)
        chain.packed(sscc(1), labels(batch, 0, 23))
        chain.seen(sscc(1), step="shipping")
        assert steps(history(chain, label(batch, 24))) == ["commissioning"]

    def test_late_events_fall_into_their_place(self, chain: Chain) -> None:
        batch = chain.world.issue(100)
        case = sscc(1)
        times = [chain.world.clock() + hours * HOUR_MS for hours in (1, 2, 3)]
        chain.world.clock.pass_ms(10 * HOUR_MS)
        stated = [
            chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, case), step="shipping", at_ms=times[1]),
            chain.event(
                EventKind.AGGREGATION,
                Action.DELETE,
                item(Part.PARENT, case),
                item(Part.CHILD, labels(batch, 0, 23)),
                step="unpacking",
                at_ms=times[2],
            ),
            chain.event(
                EventKind.AGGREGATION,
                Action.ADD,
                item(Part.PARENT, case),
                item(Part.CHILD, labels(batch, 0, 23)),
                step="packing",
                at_ms=times[0],
            ),
        ]
        for event in stated:
            chain.state(event)
        own = [happened.event.step for happened in history(chain, label(batch, 3)).events if not happened.through]
        assert own == ["commissioning", "packing", "unpacking"]
        through = [happened.event.step for happened in history(chain, label(batch, 3)).events if happened.through]
        assert "shipping" in through

    def test_a_case_in_two_pallets_is_a_contradiction_and_the_latest_holds(self, chain: Chain) -> None:
        batch = chain.world.issue(100)
        case, one, other = sscc(1), sscc(2), sscc(3)
        chain.packed(case, labels(batch, 0, 23))
        chain.packed(one, case)
        chain.packed(other, case)
        stays = history(chain, case).stays
        assert [(stay.inside, stay.contradicted_by is not None) for stay in stays] == [(one, True), (other, False)]
        assert stays[1].to_ms == FOREVER_MS

    def test_what_is_emptied_holds_nothing(self, chain: Chain) -> None:
        batch = chain.world.issue(100)
        case = sscc(1)
        chain.packed(case, labels(batch, 0, 23))
        chain.packed(case, action=Action.DELETE)
        chain.seen(case, step="shipping")
        assert "shipping" not in steps(history(chain, label(batch, 0)))
        with chain.world.database.snapshot() as reader:
            assert following.contents(reader, case) == []

    def test_a_stranger_is_told_of_and_packs_nothing(self, chain: Chain) -> None:
        batch = chain.world.issue(100)
        chain.packed(sscc(1, "6909999"), labels(batch, 0, 23), by=2)
        chain.seen(sscc(1, "6909999"), by=2, step="shipping")
        found = history(chain, label(batch, 0))
        assert found.stays == []
        assert [(each.event.step, each.event.counts) for each in found.events][1:] == [("packing", False)]

    def test_what_was_declared_an_error_packs_nothing(self, chain: Chain) -> None:
        batch = chain.world.issue(100)
        packing = chain.event(
            EventKind.AGGREGATION, Action.ADD, item(Part.PARENT, sscc(1)), item(Part.CHILD, labels(batch, 0, 23))
        )
        chain.state(packing)
        assert history(chain, label(batch, 0)).stays != []
        members = {"id": packing.id, "kind": packing.kind, "action": packing.action, "at_ms": packing.at_ms}
        chain.state(Event(items=packing.items, declaration=Declaration(packing.at_ms, "incorrect_data"), **members))  # type: ignore[arg-type]
        assert history(chain, label(batch, 0)).stays == []

    def test_containers_in_a_circle_end(self, chain: Chain) -> None:
        one, two, three = sscc(1), sscc(2), sscc(3)
        for parent, child in ((two, one), (three, two), (one, three)):
            chain.packed(parent, child)
        assert history(chain, one).complete

    def test_containers_deeper_than_can_be_followed_are_said_to_be_so(self, chain: Chain) -> None:
        for number in range(1, following.MAX_DEPTH + 3):
            chain.packed(sscc(number + 1), sscc(number))
        assert not history(chain, sscc(1)).complete


def test_what_is_in_a_pallet_level_by_level(chain: Chain) -> None:
    batch = chain.world.issue(1_000)
    for number in range(40):
        chain.packed(sscc(number + 1), labels(batch, 24 * number, 24 * number + 23))
    cases = Run(sscc(1).line, 1, 40)
    pallet = sscc(100)
    chain.packed(pallet, cases)
    with chain.world.database.snapshot() as reader:
        assert following.contents(reader, pallet) == [cases]
        assert following.contents(reader, sscc(3)) == [labels(batch, 48, 71)]
