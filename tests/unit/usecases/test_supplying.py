"""Through whose hands things went; who supplied them, and to whom they were supplied."""

from __future__ import annotations

import pytest
from support.chain import Chain, item, labels, sscc
from support.chain_scenarios import location
from support.staff import enterprise_id
from support.world import World, gtin

from traceqr.chain import arranging, following, supplying
from traceqr.chain.supplying import Centre, Hand, OneStep
from traceqr.registry.batches import Batch
from traceqr.tracing.event import Action, Audience, EventKind, Mention, Part
from traceqr.tracing.thing import Thing

LEAVES = Thing.lot(str(gtin(1, "6905555")), "L1")
WATER = Thing.lot(str(gtin(2, "6905555")), "W1")
FACTORY, SHOP = "414/6901234000015", "414/6907777000032"
FARM = Mention("source", "owning_party", "urn:x:farm")
NOTE = Mention("transaction", "desadv", "urn:epcglobal:cbv:bt:6901234000008:DN-7")


@pytest.fixture
def chain(furnished: World) -> Chain:
    furnished.enterprise(2)
    return Chain(furnished)


def hands(chain: Chain, thing: Thing, told: supplying.Telling = supplying.everything) -> list[Hand]:
    with chain.world.database.snapshot() as reader:
        return supplying.hands(reader, following.history(reader, thing), told)[0]


def steps(chain: Chain, thing: Thing, *materials: Thing, centre: int | None = None, begins: bool = False) -> OneStep:
    with chain.world.database.snapshot() as reader:
        own, _ = supplying.hands(reader, following.history(reader, thing))
        whose = Centre(enterprise_id(chain.world, centre) if centre else None, begins)
        return supplying.one_step(reader, own, materials, whose)


@pytest.fixture
def tea(chain: Chain) -> Batch:
    """Tea of leaves and water: the leaves were bought, the tea is on a pallet that the second enterprise took in."""
    batch = chain.world.issue(10, lot="T1")
    kilos = item(Part.OBJECT, LEAVES, "12.5", "KGM")
    bought = chain.event(
        EventKind.OBJECT, Action.OBSERVE, kilos, step="receiving", location=FACTORY, mentions=(FARM, NOTE)
    )
    chain.state(bought)
    chain.made([labels(batch, 0, 9)], [LEAVES, WATER])
    chain.packed(sscc(1), labels(batch, 0, 9))
    arranging.name_partner(chain.world.desk, enterprise_id(chain.world, 1), enterprise_id(chain.world, 2))
    chain.seen(sscc(1), step="shipping", read_point=FACTORY, mentions=(Mention("destination", "location", SHOP), NOTE))
    chain.seen(sscc(1), by=2, step="receiving", location=SHOP)
    return batch


def label(tea: Batch) -> Thing:
    return Thing.label(tea.gtin, tea.number, 3)


def test_through_whose_hands(chain: Chain, tea: Batch) -> None:
    first, second = (enterprise_id(chain.world, number) for number in (1, 2))
    sent, taken = hands(chain, label(tea))
    assert (sent.step, sent.sources, sent.destinations, sent.to) == ("shipping", (first,), (SHOP,), SHOP)
    assert (sent.place, sent.quantity, sent.through) == (FACTORY, "1", sscc(1))
    assert sent.references == (("desadv", NOTE.value),)
    assert (taken.step, taken.sources, taken.destinations, taken.stated_by) == ("receiving", (), (second,), second)
    public = lambda _enterprise, audience: audience is Audience.PUBLIC  # noqa: E731
    assert hands(chain, label(tea), public) == []


def test_a_bought_lot_has_its_quantity(chain: Chain, tea: Batch) -> None:
    (bought,) = hands(chain, LEAVES)
    assert (bought.quantity, bought.unit, bought.thing) == ("12.5", "KGM", LEAVES)
    assert (bought.sources, bought.destinations) == (("urn:x:farm",), (enterprise_id(chain.world, 1),))


def test_places_and_parties_are_those_of_their_enterprises(chain: Chain, tea: Batch) -> None:
    base = chain.world
    base.claim("prefix", "6907777", enterprise=2)
    shop = location(base, SHOP, enterprise_id=enterprise_id(base, 2))
    arranging.set_locations(base.desk, [shop])
    assert hands(chain, label(tea))[0].destinations == (enterprise_id(base, 2),)
    by_party = Mention("destination", "owning_party", "417/6907777000001")
    chain.seen(sscc(1), step="shipping", mentions=(by_party, Mention("destination", "location", f"{SHOP}/DOOR")))
    sent = hands(chain, label(tea))[-1]
    assert (sent.destinations, sent.to) == ((enterprise_id(base, 2),), f"{SHOP}/DOOR")


def test_a_lot_goes_the_way_of_its_labels(chain: Chain, tea: Batch) -> None:
    sent, taken = hands(chain, Thing.lot(tea.gtin, "T1"))
    assert (sent.thing, sent.quantity, taken.thing, taken.quantity) == (sscc(1), "1", sscc(1), "1")
    chain.seen(labels(tea, 2, 4), step="shipping", read_point=SHOP)
    assert hands(chain, Thing.lot(tea.gtin, "T1"))[-1].quantity == "3"


def test_what_a_unit_did_before_it_was_packed_is_not_its_contents(chain: Chain, tea: Batch) -> None:
    more = chain.world.issue(5, lot="T2")
    chain.seen(sscc(2), step="shipping", read_point=FACTORY)
    chain.packed(sscc(2), labels(more, 0, 4))
    assert hands(chain, Thing.lot(more.gtin, "T2")) == []


def test_one_step_back_and_one_step_on(chain: Chain, tea: Batch) -> None:
    found = steps(chain, label(tea), LEAVES, WATER, LEAVES, centre=1, begins=True)
    assert found.complete
    assert [(hand.thing, hand.sources) for hand in found.up] == [(LEAVES, ("urn:x:farm",))]
    assert [(hand.step, hand.destinations) for hand in found.down] == [
        ("shipping", (SHOP,)),
        ("receiving", (enterprise_id(chain.world, 2),)),
    ]


def test_of_who_took_it_in_it_is_another_step(chain: Chain, tea: Batch) -> None:
    second = enterprise_id(chain.world, 2)
    chain.seen(
        sscc(1), by=2, step="shipping", read_point=SHOP, mentions=(Mention("destination", "owning_party", "x:y"),)
    )
    found = steps(chain, label(tea), LEAVES, centre=2)
    assert [(hand.step, hand.destinations) for hand in found.up] == [("receiving", (second,))]
    assert [(hand.sources, hand.destinations) for hand in found.down] == [((second,), ("x:y",))]


def test_of_nobodys_things_all_is_told(chain: Chain, tea: Batch) -> None:
    found = steps(chain, LEAVES, WATER)
    assert [hand.step for hand in found.up] == ["receiving"]
    assert found.down == ()


def test_a_bound_that_was_met_is_said(chain: Chain, tea: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supplying, "MAX_MATERIALS", 1)
    assert not steps(chain, label(tea), LEAVES, WATER, centre=1).complete
    monkeypatch.setattr(supplying, "MAX_RUNS", 0)
    with chain.world.database.snapshot() as reader:
        assert not supplying.hands(reader, following.history(reader, Thing.lot(tea.gtin, "T1")))[1]
