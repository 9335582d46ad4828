"""What things were made of, and what was made of them; and by whose word."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from support.chain import Chain, item, labels, sscc
from support.world import World, gtin

from traceqr.chain import deriving
from traceqr.chain.deriving import Reach
from traceqr.chain.trusting import Trust
from traceqr.tracing.event import Action, Declaration, EventKind, Part
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing

MATERIALS = [Thing.lot(str(gtin(number, "6905555")), f"L{number}") for number in range(1, 6)]


@pytest.fixture
def chain(furnished: World) -> Chain:
    furnished.enterprise(2)
    return Chain(furnished)


def reach(chain: Chain, *seeds: Thing | Run) -> Reach:
    with chain.world.database.snapshot() as reader:
        return deriving.reach(reader, [seed if isinstance(seed, Run) else Run.of(seed) for seed in seeds])


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
            made, whole = deriving.origins(reader, [labels(by_label, 150, 150)])
            of_lot, _ = deriving.origins(reader, [labels(by_lot, 7, 7)])
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
            made, _ = deriving.origins(reader, [labels(batch, 0, 9)])
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
            made, whole = deriving.origins(reader, [labels(batch, 3, 3)])
            other, _ = deriving.origins(reader, [labels(batch, 5, 9)])
        assert whole
        assert [each.depth for each in made] == [1, 2]
        inside = [(one.carrier, one.item.run) for one in made[0].packed]
        expected = [Run.of(MATERIALS[1]), labels(batch, 10, 14)]
        assert inside == [(Run.of(sscc(2)), Run.of(sscc(1))), *((Run.of(sscc(1)), run) for run in expected)]
        assert [item.run for item in made[1].inputs] == [Run.of(MATERIALS[0])]
        assert [each.packed for each in other] == [()]
        assert labels(batch, 0, 4) in reach(chain, MATERIALS[0]).runs
        assert labels(batch, 0, 4) in reach(chain, labels(batch, 12, 12)).runs

    @pytest.mark.parametrize("packed_first", [True, False], ids=["packed-first", "made-first"])
    def test_what_is_in_a_case_that_was_made_was_made_too(self, chain: Chain, packed_first: bool) -> None:
        batch = chain.world.issue(10)
        steps = [
            lambda: chain.made([sscc(1)], [MATERIALS[0]]),
            lambda: chain.packed(sscc(1), labels(batch, 0, 3)),
            lambda: chain.packed(sscc(2), sscc(1), labels(batch, 4, 4)),
        ]
        for state in steps if not packed_first else reversed(steps):
            state()
        found = reach(chain, MATERIALS[0])
        assert [run for run in found.runs if run.line == labels(batch, 0, 9).line] == [labels(batch, 0, 3)]
        with chain.world.database.snapshot() as reader:
            ((made,), whole) = deriving.origins(reader, [labels(batch, 3, 3)])
            assert deriving.origins(reader, [labels(batch, 4, 4)]) == ([], True)
            up, _ = deriving.sources(reader, {"": [labels(batch, 3, 3)]}, Trust(reader))
        assert whole
        assert [item.run for item in made.inputs] == [Run.of(MATERIALS[0])]
        assert Run.of(MATERIALS[0]) in up

    def test_what_was_never_in_the_case_is_none(self, chain: Chain) -> None:
        items = [item(Part.PARENT, sscc(1)), item(Part.CHILD, MATERIALS[0])]
        packing = chain.event(EventKind.AGGREGATION, Action.ADD, *items)
        chain.state(packing)
        chain.made([MATERIALS[1]], [sscc(1)])
        with chain.world.database.snapshot() as reader:
            ((made,), _) = deriving.origins(reader, [Run.of(MATERIALS[1])])
        assert [one.item.run for one in made.packed] == [Run.of(MATERIALS[0])]
        chain.state(replace(packing, declaration=Declaration(chain.world.clock(), "incorrect_data")))
        with chain.world.database.snapshot() as reader:
            ((made,), _) = deriving.origins(reader, [Run.of(MATERIALS[1])])
        assert made.packed == ()

    def test_what_a_stranger_says_to_have_made_reaches_nothing(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        mixed = [labels(batch, 0, 9)]
        chain.packed(sscc(1, "6909999"), *mixed, by=2)
        chain.made([MATERIALS[1]], [sscc(1, "6909999")], by=2)
        assert reach(chain, labels(batch, 0, 9)).runs == mixed
