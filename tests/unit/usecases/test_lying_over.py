"""Which open recalls lie over a thing, over what is in it, or over what it was made of."""

from __future__ import annotations

import pytest
from support.chain import Chain, labels, sscc
from support.chain_scenarios import LEAVES, announcement, material
from support.world import World, gtin

from traceqr import recalling
from traceqr.activating import Range
from traceqr.chain import spreading
from traceqr.recalling import Lot
from traceqr.registry.batches import Batch
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing


@pytest.fixture
def chain(furnished: World) -> Chain:
    furnished.enterprise(2)
    return Chain(furnished)


@pytest.fixture
def tea(chain: Chain) -> Batch:
    """Ten labels of a lot, made of leaves; the first five are in a case, on a pallet."""
    batch = chain.world.issue(10, lot="T1")
    chain.made([labels(batch, 0, 9)], [LEAVES])
    chain.packed(sscc(1), labels(batch, 0, 4))
    chain.packed(sscc(2), sscc(1))
    return batch


def over(chain: Chain, thing: Thing | Run) -> int:
    with chain.world.database.snapshot() as reader:
        return len(spreading.over(reader, [thing if isinstance(thing, Run) else Run.of(thing)]))


def lot_of(batch: Batch) -> Thing:
    return Thing.lot(batch.gtin, "T1")


def test_of_some_labels(chain: Chain, tea: Batch) -> None:
    notice = recalling.open_on_batch(chain.world.desk, "recall", Range(tea.number, 3, 3), "r")
    assert [over(chain, labels(tea, index, index)) for index in (2, 3, 4)] == [0, 1, 0]
    assert [over(chain, sscc(number)) for number in (1, 2, 3)] == [1, 1, 0]
    assert (over(chain, lot_of(tea)), over(chain, LEAVES)) == (1, 0)
    recalling.lift(chain.world.desk, notice.id, "r")
    assert over(chain, labels(tea, 3, 3)) == 0


def test_of_a_lot(chain: Chain, tea: Batch) -> None:
    other = chain.world.issue(5, lot="T2")
    recalling.recall(chain.world.desk, Lot(gtin(), "T1"), announcement())
    assert (over(chain, lot_of(tea)), over(chain, labels(tea, 9, 9)), over(chain, sscc(2))) == (1, 1, 1)
    assert over(chain, labels(other, 0, 0)) == 0


def test_of_a_whole_product_that_no_event_names(chain: Chain) -> None:
    batch = chain.world.issue(5)
    recalling.open_on_product(chain.world.desk, "recall", gtin(), "r")
    assert over(chain, labels(batch, 4, 4)) == 1


def test_a_hold_is_no_recall(chain: Chain, tea: Batch) -> None:
    recalling.open_on_product(chain.world.desk, "hold", gtin(), "r")
    assert over(chain, labels(tea, 0, 0)) == 0


def test_of_a_material_in_what_the_enterprise_says_to_have_made_of_it(chain: Chain, tea: Batch) -> None:
    world = chain.world
    world.claim("prefix", "6907777", enterprise=2)
    theirs = Thing.lot(str(gtin(1, "6907777")), "MIX")
    chain.made([theirs], [LEAVES], by=2)
    recalling.recall(world.desk, material(world), announcement())
    assert (over(chain, LEAVES), over(chain, labels(tea, 9, 9)), over(chain, sscc(1))) == (1, 1, 1)
    assert over(chain, theirs) == 0


def test_nothing_where_none_is_open(chain: Chain, tea: Batch) -> None:
    assert over(chain, labels(tea, 0, 9)) == 0
