"""Where things came from, where they went, what they are in: found from events in any order of arrival."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from support.chain import HOUR_MS, Chain, item, labels, sscc
from support.world import World, gtin

from traceqr import activating, keying
from traceqr.activating import Range
from traceqr.chain import following
from traceqr.chain.following import FOREVER_MS, History, Reach
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


def reach(chain: Chain, *seeds: Thing | Run) -> Reach:
    with chain.world.database.snapshot() as reader:
        return following.reach(reader, [seed if isinstance(seed, Run) else Run.of(seed) for seed in seeds])


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
        assert [(stay.inside, stay.contradicted) for stay in found.stays] == [(case, False)]

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
        assert [(stay.inside, stay.contradicted) for stay in stays] == [(one, True), (other, False)]
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


class TestReach:
    def test_through_five_levels_to_labels_of_lots_and_to_labels_by_themselves(self, chain: Chain) -> None:
        by_lot, by_label = chain.world.issue(1_000, lot="FINISHED"), chain.world.issue(1_000)
        untouched = chain.world.issue(1_000)
        for one, other in itertools.pairwise(MATERIALS):
            chain.made([other], [one])
        chain.made([Thing.lot(by_lot.gtin, "FINISHED"), labels(by_label, 100, 199)], [MATERIALS[-1]])
        found = reach(chain, MATERIALS[0])
        assert found.complete
        assert labels(by_lot, 0, 999) in found.runs
        assert labels(by_label, 100, 199) in found.runs
        assert not any(run.cut(labels(untouched, 0, 999)) for run in found.runs)
        assert sorted(found.events.values()) == [1, 2, 3, 4, 5]
        with chain.world.database.snapshot() as reader:
            made, whole = following.origins(reader, [labels(by_label, 150, 150)])
            of_lot, _ = following.origins(reader, [labels(by_lot, 7, 7)])
        assert whole
        assert [each.depth for each in made] == [1, 2, 3, 4, 5]
        assert {each.event.number for each in of_lot} == {each.event.number for each in made}

    def test_a_middle_lot_leads_down_and_not_up(self, chain: Chain) -> None:
        for one, other in itertools.pairwise(MATERIALS):
            chain.made([other], [one])
        assert reach(chain, MATERIALS[2]).runs == sorted(Run.of(thing) for thing in MATERIALS[2:])

    def test_transformations_in_a_circle_end(self, chain: Chain) -> None:
        for one, other in itertools.pairwise([*MATERIALS, MATERIALS[0]]):
            chain.made([other], [one])
        found = reach(chain, MATERIALS[1])
        assert found.complete
        assert found.runs == sorted(Run.of(thing) for thing in MATERIALS)

    def test_one_transformation_in_several_events(self, chain: Chain) -> None:
        chain.made([], [MATERIALS[0]], transformation="urn:x:1")
        chain.made([MATERIALS[1]], [], transformation="urn:x:1")
        chain.made([MATERIALS[2]], [], transformation="urn:x:2")
        assert reach(chain, MATERIALS[0]).runs == sorted(Run.of(thing) for thing in MATERIALS[:2])

    def test_another_s_event_under_the_id_of_a_transformation_is_none_of_it(self, chain: Chain) -> None:
        """Else whoever learns the id recalls what others have made."""
        chain.world.enterprise(2)
        batch = chain.world.issue(10)
        chain.made([labels(batch, 0, 9)], [MATERIALS[0]], transformation="urn:x:1")
        chain.made([], [MATERIALS[1]], by=2, transformation="urn:x:1")
        assert reach(chain, MATERIALS[1]).runs == [Run.of(MATERIALS[1])]
        assert labels(batch, 0, 9) in reach(chain, MATERIALS[0]).runs
        with chain.world.database.snapshot() as reader:
            made, _ = following.origins(reader, [labels(batch, 0, 9)])
        assert [item.run for each in made for item in each.inputs] == [Run.of(MATERIALS[0])]

    def test_a_case_taken_for_an_input_brings_what_is_in_it(self, chain: Chain) -> None:
        chain.packed(sscc(1), MATERIALS[0])
        chain.packed(sscc(2), sscc(1))
        chain.made([MATERIALS[1]], [sscc(2)])
        assert Run.of(MATERIALS[1]) in reach(chain, MATERIALS[0]).runs

    @pytest.mark.parametrize("packed_first", [True, False])
    def test_what_is_in_a_case_that_was_taken_is_an_origin(self, chain: Chain, packed_first: bool) -> None:
        batch = chain.world.issue(20)
        pack = [
            lambda: chain.made([MATERIALS[1]], [MATERIALS[0]]),
            lambda: chain.packed(sscc(1), MATERIALS[1], labels(batch, 10, 14)),
            lambda: chain.packed(sscc(2), sscc(1)),
            lambda: chain.made([labels(batch, 0, 4)], [sscc(2), MATERIALS[4]]),
            lambda: chain.made([labels(batch, 5, 9)], [MATERIALS[4]]),
        ]
        for state in pack if packed_first else reversed(pack):
            state()
        with chain.world.database.snapshot() as reader:
            made, whole = following.origins(reader, [labels(batch, 3, 3)])
            other, _ = following.origins(reader, [labels(batch, 5, 9)])
        assert whole
        assert [each.depth for each in made] == [1, 2]
        inside = [(one.carrier, one.item.run) for one in made[0].packed]
        expected = [Run.of(MATERIALS[1]), labels(batch, 10, 14)]
        assert inside == [(Run.of(sscc(2)), Run.of(sscc(1))), *((Run.of(sscc(1)), run) for run in expected)]
        assert [item.run for item in made[1].inputs] == [Run.of(MATERIALS[0])]
        assert [each.packed for each in other] == [()]
        assert labels(batch, 0, 4) in reach(chain, MATERIALS[0]).runs
        assert labels(batch, 0, 4) in reach(chain, labels(batch, 12, 12)).runs

    def test_what_was_never_in_the_case_is_none(self, chain: Chain) -> None:
        items = [item(Part.PARENT, sscc(1)), item(Part.CHILD, MATERIALS[0])]
        packing = chain.event(EventKind.AGGREGATION, Action.ADD, *items)
        chain.state(packing)
        chain.made([MATERIALS[1]], [sscc(1)])
        with chain.world.database.snapshot() as reader:
            ((made,), _) = following.origins(reader, [Run.of(MATERIALS[1])])
        assert [one.item.run for one in made.packed] == [Run.of(MATERIALS[0])]
        chain.state(replace(packing, declaration=Declaration(chain.world.clock(), "incorrect_data")))
        with chain.world.database.snapshot() as reader:
            ((made,), _) = following.origins(reader, [Run.of(MATERIALS[1])])
        assert made.packed == ()

    def test_what_a_stranger_says_to_have_made_reaches_nothing(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        mixed = [labels(batch, 0, 9)]
        chain.packed(sscc(1, "6909999"), *mixed, by=2)
        chain.made([MATERIALS[1]], [sscc(1, "6909999")], by=2)
        assert reach(chain, labels(batch, 0, 9)).runs == mixed


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
