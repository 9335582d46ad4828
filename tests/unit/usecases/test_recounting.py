"""The story of a thing: what everybody may know of its way, in order, and what is missing from it."""

from __future__ import annotations

import pytest
from support.chain import HOUR_MS, Chain, item, labels, sscc
from support.chain_scenarios import GLN, called, location
from support.staff import enterprise_id
from support.world import World, gtin

from traceqr.acting import ActRefused
from traceqr.chain import arranging, recounting, telling
from traceqr.chain.telling import Line, Story
from traceqr.registry.batches import Batch
from traceqr.registry.materials import MaterialName
from traceqr.tracing.event import Action, Audience, Declaration, Event, EventKind, Part
from traceqr.tracing.thing import Thing

LEAVES = Thing.lot(str(gtin(1, "6905555")), "L1")
SHOP = "414/6901234000016"
PUBLIC = {"audience": Audience.PUBLIC}


@pytest.fixture
def chain(furnished: World) -> Chain:
    furnished.enterprise(2)
    return Chain(furnished)


def label(batch: Batch, index: int = 0) -> Thing:
    return Thing.label(batch.gtin, batch.number, index)


def story(chain: Chain, thing: Thing) -> Story:
    with chain.world.database.snapshot() as reader:
        return recounting.recount(reader, thing)


def told(found: Story) -> list[str]:
    return [f"({line.gap})" if line.gap else line.what for line in found.lines]


def lines(found: Story, what: str) -> list[Line]:
    return [line for line in found.lines if line.what == what]


def test_the_whole_way_in_order(chain: Chain) -> None:
    chain.seen(LEAVES, step="receiving", location=GLN, **PUBLIC)
    batch = chain.world.issue(10)
    chain.made([labels(batch, 0, 9)], [LEAVES], location=GLN, **PUBLIC)
    chain.seen(label(batch), step="inspecting", disposition="conformant", **PUBLIC)
    chain.packed(sscc(1), labels(batch, 0, 5), **PUBLIC)
    chain.packed(sscc(2), sscc(1), **PUBLIC)
    chain.seen(sscc(2), step="shipping", read_point=GLN, **PUBLIC)
    chain.seen(sscc(2), step="receiving", location=SHOP, **PUBLIC)
    found = story(chain, label(batch))
    steps = ["receiving", "activated", "made", "inspecting", "packing", "packing", "shipping", "receiving"]
    assert told(found) == steps
    assert found.complete
    first, last = found.lines[0], found.lines[-1]
    assert first.subject is not None
    assert (first.subject.lot, last.subject) == ("L1", None)
    assert last.through == (sscc(1), sscc(2))
    assert (lines(found, "shipping")[0].place, last.place) == (GLN, SHOP)
    assert [one.lot for one in lines(found, "made")[0].things] == ["L1"]


class TestWhatIsNotForEverybody:
    def test_an_event_is_left_out(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        chain.seen(label(batch), step="storing")
        chain.seen(label(batch), step="inspecting", audience=Audience.REGULATORS)
        assert told(story(chain, label(batch))) == ["(origin)", "activated"]

    def test_what_a_case_went_through_is_left_out_where_the_packing_is(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        chain.packed(sscc(1), label(batch))
        chain.seen(sscc(1), step="shipping", **PUBLIC)
        assert told(story(chain, label(batch))) == ["(origin)", "activated"]
        assert told(story(chain, sscc(1))) == ["shipping", "(arrival)"]

    @pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.PARTNERS])
    def test_what_was_in_a_case_that_was_used_is_told_where_the_packing_is(
        self, chain: Chain, audience: Audience
    ) -> None:
        batch = chain.world.issue(10)
        chain.seen(LEAVES, step="receiving", location=GLN, **PUBLIC)
        chain.packed(sscc(1), LEAVES, audience=audience)
        chain.made([label(batch)], [sscc(1)], **PUBLIC)
        found = story(chain, label(batch))
        is_told = audience is Audience.PUBLIC
        assert [one.lot for one in lines(found, "made")[0].things] == ["", *(["L1"] if is_told else [])]
        assert ("receiving" in told(found)) is is_told

    def test_what_is_behind_a_transformation_is_left_out_with_it(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        tea = Thing.lot(str(gtin(2)), "T1")
        chain.made([tea], [LEAVES], **PUBLIC)
        chain.made([labels(batch, 0, 9)], [tea])
        chain.seen(LEAVES, step="inspecting", **PUBLIC)
        assert told(story(chain, label(batch))) == ["(origin)", "activated"]

    def test_strangers_and_errors_are_left_out(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        chain.seen(label(batch), by=2, step="inspecting", **PUBLIC)
        wrong = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, label(batch)), step="storing", **PUBLIC)
        chain.state(wrong)
        said = {name: getattr(wrong, name) for name in ("id", "kind", "action", "at_ms", "items", "content")}
        chain.state(Event(**said, declaration=Declaration(chain.world.clock(), "did_not_occur")))
        assert told(story(chain, label(batch))) == ["(origin)", "activated"]


class TestWhatOthersSay:
    """What nobody has claimed, and what others say to have used, is told by those by whose word its owner goes."""

    def test_he_used_it(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        chain.made([Thing.lot(str(gtin(3, "6905555")), "X")], [label(batch)], by=2, **PUBLIC)
        assert told(story(chain, label(batch))) == ["(origin)", "activated"]
        arranging.name_partner(chain.world.desk, enterprise_id(chain.world), enterprise_id(chain.world, 2))
        assert told(story(chain, label(batch))) == ["(origin)", "activated", "used"]

    def test_what_a_material_was_made_of(self, chain: Chain) -> None:
        mixed = Thing.lot(str(gtin(3, "6905555")), "MIX")
        chain.made([mixed], [LEAVES], by=2, **PUBLIC)
        batch = chain.world.issue(10)
        chain.made([labels(batch, 0, 9)], [mixed], **PUBLIC)
        assert told(story(chain, label(batch))) == ["activated", "made"]
        arranging.name_partner(chain.world.desk, enterprise_id(chain.world), enterprise_id(chain.world, 2))
        assert told(story(chain, label(batch))) == ["made", "activated", "made"]

    def test_what_happened_to_a_material(self, chain: Chain) -> None:
        for step in ("inspecting", "storing"):
            chain.seen(LEAVES, by=2, step=step, **PUBLIC)
        chain.seen(LEAVES, step="receiving", **PUBLIC)
        batch = chain.world.issue(10)
        chain.made([labels(batch, 0, 9)], [LEAVES], **PUBLIC)
        assert told(story(chain, label(batch))) == ["receiving", "activated", "made"]

    def test_the_way_of_a_thing_goes_before_that_of_its_materials(
        self, chain: Chain, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(telling, "MAX_LINES", 3)
        for step in ("receiving", "inspecting", "storing"):
            chain.seen(LEAVES, step=step, **PUBLIC)
        batch = chain.world.issue(10)
        chain.made([labels(batch, 0, 9)], [LEAVES], **PUBLIC)
        found = story(chain, label(batch))
        assert told(found) == ["receiving", "activated", "made"]
        assert not found.complete

    def test_the_same_as_the_owner_is_told_once(self, chain: Chain) -> None:
        world, batch = chain.world, chain.world.issue(10)
        arranging.name_partner(world.desk, enterprise_id(world), enterprise_id(world, 2))
        event = chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, label(batch)), step="storing", **PUBLIC)
        chain.state(event, by=2)
        chain.state(event)
        (line,) = lines(story(chain, label(batch)), "storing")
        assert line.by == enterprise_id(world)


class TestMaterials:
    def test_what_became_of_the_rest_is_another_story(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        chain.made([labels(batch, 0, 9)], [LEAVES], **PUBLIC)
        chain.seen(LEAVES, step="shipping", **PUBLIC)
        assert told(story(chain, label(batch))) == ["activated", "made"]

    def test_through_several_transformations(self, chain: Chain) -> None:
        tea = Thing.lot(str(gtin(2)), "T1")
        chain.made([tea], [LEAVES], **PUBLIC)
        batch = chain.world.issue(10)
        chain.made([labels(batch, 0, 9)], [tea], **PUBLIC)
        first, second = lines(story(chain, label(batch)), "made")
        assert first.subject is not None
        assert (first.subject.lot, first.things[0].lot) == ("T1", "L1")
        assert (second.subject, second.things[0].lot) == (None, "T1")

    def test_the_lot_that_a_label_is_of(self, chain: Chain) -> None:
        batch = chain.world.issue(10, lot="A7")
        lot = Thing.lot(batch.gtin, "A7")
        chain.made([lot], [LEAVES], **PUBLIC)
        chain.seen(lot, step="inspecting", **PUBLIC)
        found = story(chain, label(batch))
        assert told(found) == ["activated", "made", "inspecting"]
        tested = lines(found, "inspecting")[0].subject
        assert tested is not None
        assert tested.lot == "A7"


class TestGaps:
    def test_it_arrived_nowhere(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        chain.seen(label(batch), step="shipping", read_point=GLN, **PUBLIC)
        chain.seen(label(batch), step="transporting", **PUBLIC)
        assert told(story(chain, label(batch)))[2:] == ["shipping", "transporting", "(arrival)"]

    def test_it_left_two_places_and_arrived_once(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        chain.seen(label(batch), step="shipping", read_point=GLN, **PUBLIC)
        chain.seen(label(batch), step="shipping", read_point=SHOP, **PUBLIC)
        chain.seen(label(batch), step="receiving", **PUBLIC)
        assert told(story(chain, label(batch)))[2:] == ["shipping", "(between)", "shipping", "receiving"]

    def test_it_is_in_two_cases(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        chain.packed(sscc(1), label(batch), **PUBLIC)
        chain.packed(sscc(2), label(batch), **PUBLIC)
        found = story(chain, label(batch))
        assert told(found)[2:] == ["packing", "(contradicted)", "packing"]
        assert found.lines[3].through == (sscc(1),)

    def test_that_it_is_in_two_cases_is_told_where_both_are_for_everybody(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        chain.packed(sscc(1), label(batch), **PUBLIC)
        chain.packed(sscc(2), label(batch))
        assert told(story(chain, label(batch)))[2:] == ["packing"]

    def test_more_than_a_page_tells(self, chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(telling, "MAX_LINES", 2)
        batch = chain.world.issue(10)
        chain.seen(label(batch), step="storing", **PUBLIC)
        found = story(chain, label(batch))
        assert (len(found.lines), found.complete) == (2, False)


class TestUnits:
    def test_what_is_in_it_is_counted_by_product(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        chain.packed(sscc(1), labels(batch, 0, 3), labels(batch, 5, 6), **PUBLIC)
        (line,) = story(chain, sscc(1)).lines
        assert [(one.gtin, one.count) for one in line.things] == [(batch.gtin, 6)]

    def test_what_else_came_into_what_it_was_in_is_not_told_of_it(self, chain: Chain) -> None:
        batch = chain.world.issue(10)
        chain.packed(sscc(1), label(batch, 0), **PUBLIC)
        chain.packed(sscc(1), label(batch, 1), **PUBLIC)
        assert told(story(chain, label(batch, 0)))[2:] == ["packing"]
        assert told(story(chain, sscc(1))) == ["packing", "packing"]


def test_names_of_places_firms_and_products(chain: Chain) -> None:
    world = chain.world
    arranging.set_locations(world.desk, [location(world)])
    batch = world.issue(10)
    chain.seen(label(batch), step="storing", location=f"{GLN}/A-3", **PUBLIC)
    chain.seen(label(batch), step="storing", location=SHOP, at_ms=world.clock() + HOUR_MS // 60, **PUBLIC)
    with world.database.snapshot() as reader:
        found = recounting.recount(reader, label(batch))
        names = recounting.names_in(reader, found)
    place = names.place(f"{GLN}/A-3")
    assert place is not None
    assert place.name_en == "Tea factory 1"
    assert names.place(SHOP) is None
    assert set(names.enterprises) == {enterprise_id(world)}


def test_a_material_is_called_what_those_who_tell_of_it_call_it(chain: Chain) -> None:
    world = chain.world
    batch = world.issue(10)
    chain.made([labels(batch, 0, 9)], [LEAVES], **PUBLIC)
    for enterprise, name in ((2, "别家的叫法"), (1, "鲜叶")):
        arranging.name_material(world.desk, called(world, name, enterprise=enterprise))
    with world.database.snapshot() as reader:
        names = recounting.names_in(reader, recounting.recount(reader, label(batch)))
    assert names.products[LEAVES.gtin or ""].name_zh == "鲜叶"


@pytest.mark.parametrize(
    ("gtin_digits", "name_zh", "name_en", "told"),
    [
        ("06905555000001", "鲜叶", "", "check digit"),
        ("6905555", "鲜叶", "", "expected a GTIN of 14 digits"),
        (str(gtin(1)), "鲜叶", "", "is a product"),
        (str(gtin(1, "6907777")), "鲜叶", "", "nobody has claimed"),
        (str(gtin(1, "6905555")), " ", "", "expected a name_zh"),
        (str(gtin(1, "6905555")), "鲜\n叶", "", "name_zh"),
        (str(gtin(1, "6905555")), "鲜叶", "a" * 101, "at most 100 characters"),
    ],
)
def test_a_name_that_is_none(chain: Chain, gtin_digits: str, name_zh: str, name_en: str, told: str) -> None:
    world = chain.world
    world.claim("prefix", "6907777", enterprise=2)
    with pytest.raises(ActRefused, match=told):
        arranging.name_material(world.desk, MaterialName(gtin_digits, enterprise_id(world), name_zh, name_en))
    assert world.rows("SELECT gtin FROM material_name") == []
