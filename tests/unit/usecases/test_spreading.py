"""A recall lies over all that was made of what is recalled, at once, and over nothing else."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from support.chain import HOUR_MS, Chain, item, labels, sscc
from support.chain_scenarios import LEAVES, announcement, material
from support.staff import enterprise_id, organisation_id
from support.world import World, gtin

from traceqr import assembling, claiming, recalling
from traceqr.acting import ActRefused
from traceqr.activating import Range
from traceqr.chain import arranging, deriving, spreading, tracking
from traceqr.checking.whole import check
from traceqr.evidence import Material, Notice
from traceqr.label.keyring import Keyring
from traceqr.office.foreseeing import foresee
from traceqr.recalling import Announcement, Lot, Statement
from traceqr.registry import notices as registry_notices
from traceqr.registry import recall_reach, recalls
from traceqr.registry.batches import Batch
from traceqr.tracing.event import Action, Declaration, Event, EventKind, Part
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing, label_line
from traceqr.verdict_json import to_json

MATERIALS = [Thing.lot(str(gtin(number, "6905555")), f"L{number}") for number in range(1, 6)]
"""Lots of what nobody has claimed, between what is recalled and what is sold."""

TEA = "LEAVES-1"


@pytest.fixture
def chain(furnished: World) -> Chain:
    furnished.enterprise(2)
    furnished.product(2)
    return Chain(furnished)


@pytest.fixture
def leaves(chain: Chain) -> Batch:
    """Labels of a material that is a product itself, of one lot."""
    return chain.world.issue(100, gtin=gtin(2), lot=TEA)


def codes(world: World, batch: Batch) -> str:
    """One letter a label: Genuine, Recalled."""
    verifier = world.verifier()
    return "".join(str(verifier.verify(world.label(batch, index)).code)[0] for index in range(batch.label_count))


def told(world: World, batch: Batch, index: int) -> tuple[Notice, ...]:
    evidence = world.verifier().verify(world.label(batch, index)).evidence
    assert evidence is not None
    return evidence.notices


def sound(world: World) -> bool:
    return check(world.database).findings == ()


def recall_leaves(chain: Chain, reason: str = "glass") -> str:
    """Recall the lot of leaves; the id of the notice."""
    words = {"hazard_zh_hans": reason, "advice_zh_hans": "退回", "contact_zh_hans": "400"}
    return recalling.recall(chain.world.desk, Lot(gtin(2), TEA), Announcement(words, 1)).id


def error_of(event: Event, at_ms: int) -> Event:
    return replace(event, declaration=Declaration(at_ms, "incorrect_data"))


class TestFiveLevels:
    @pytest.fixture
    def sold(self, chain: Chain, leaves: Batch) -> Batch:
        """Leaves, four lots of nobody's, and labels 3 to 6 at last."""
        sold = chain.world.issue(10)
        steps = [Thing.lot(leaves.gtin, TEA), *MATERIALS[:4]]
        for one, other in itertools.pairwise(steps):
            chain.made([other], [one])
        chain.made([labels(sold, 3, 6)], [MATERIALS[3]])
        return sold

    def test_a_recall_upstream_is_shown_downstream_at_once(self, chain: Chain, leaves: Batch, sold: Batch) -> None:
        notice = recall_leaves(chain)
        assert codes(chain.world, sold) == "gggrrrrggg"
        assert set(codes(chain.world, leaves)) == {"r"}
        assert chain.world.rows("SELECT batch, first, last FROM recall_reach") == [
            {"batch": sold.number, "first": 3, "last": 6}
        ]
        with chain.world.database.snapshot() as reader:
            assert recall_reach.counted(reader, notice) == recall_reach.Reached(4, 1, whole=True)
        assert sound(chain.world)

    def test_and_goes_when_it_is_lifted(self, chain: Chain, sold: Batch) -> None:
        notice = recall_leaves(chain)
        recalling.lift(chain.world.desk, notice, "laboratory was wrong", "unfounded")
        assert codes(chain.world, sold) == "g" * 10
        assert chain.world.one("SELECT COUNT(*) AS n FROM span WHERE batch = :batch", batch=sold.number) == {"n": 1}
        assert sound(chain.world)

    def test_each_of_two_recalls_goes_by_itself(self, chain: Chain, sold: Batch) -> None:
        one, other = recall_leaves(chain, "glass"), recall_leaves(chain, "lead")
        recalling.lift(chain.world.desk, one, "r")
        assert codes(chain.world, sold) == "gggrrrrggg"
        assert [notice.reason for notice in told(chain.world, sold, 4)] == ["lead"]
        recalling.lift(chain.world.desk, other, "r")
        assert codes(chain.world, sold) == "g" * 10

    def test_the_page_says_that_a_material_is_recalled(self, chain: Chain, leaves: Batch, sold: Batch) -> None:
        recall_leaves(chain)
        (notice,) = told(chain.world, sold, 3)
        names = ("绿茶2", "Green Tea 2", "第1茶业有限公司", "Tea House No. 1")
        assert notice.material == Material(leaves.gtin, TEA, *names)
        assert notice.recall is not None
        assert notice.recall.in_language("zh-Hans").hazard == "glass"
        told_as_json = to_json(chain.world.verifier().verify(chain.world.label(sold, 3)))
        assert told_as_json["evidence"]["notices"][0]["material"] == {
            "gtin": leaves.gtin,
            "lot": TEA,
            "name_zh": "绿茶2",
            "name_en": "Green Tea 2",
            "recalled_by_zh": "第1茶业有限公司",
            "recalled_by_en": "Tea House No. 1",
        }
        assert [notice.material for notice in told(chain.world, leaves, 0)] == [None]

    def test_of_the_whole_product_or_of_labels(self, chain: Chain, leaves: Batch, sold: Batch) -> None:
        other = chain.world.issue(10)
        chain.made([labels(other, 0, 1)], [labels(leaves, 50, 59)])
        product = recalling.open_on_product(chain.world.desk, "recall", gtin(2), "r")
        assert (codes(chain.world, sold), codes(chain.world, other)) == ("gggrrrrggg", "rrgggggggg")
        recalling.lift(chain.world.desk, product.id, "r")
        beside = recalling.open_on_batch(chain.world.desk, "recall", Range(leaves.number, 60, 70), "r")
        assert codes(chain.world, other) == "g" * 10
        recalling.lift(chain.world.desk, beside.id, "r")
        recalling.open_on_batch(chain.world.desk, "recall", Range(leaves.number, 59, 70), "r")
        assert (codes(chain.world, sold), codes(chain.world, other)) == ("g" * 10, "rrgggggggg")
        assert sound(chain.world)

    def test_a_hold_stays_where_it_is(self, chain: Chain, sold: Batch) -> None:
        recalling.open_on_product(chain.world.desk, "hold", gtin(2), "r")
        assert codes(chain.world, sold) == "g" * 10

    def test_bundles_say_the_same(self, chain: Chain, sold: Batch) -> None:
        notice = recall_leaves(chain)
        with chain.world.database.snapshot() as reader:
            pieces = list(assembling.pieces(reader, Keyring({})))
            manifest = {recall.id for recall in assembling.open_recalls(reader)}
        batches = {batch.number: batch for piece in pieces for batch in piece.outline.batches}
        assert batches[sold.number].recalls == ((3, 6, notice),)
        assert manifest == {notice}


class TestLateEvents:
    def test_what_is_stated_after_the_recall_counts_at_once(self, chain: Chain, leaves: Batch) -> None:
        sold = chain.world.issue(10)
        chain.made([labels(sold, 0, 4)], [MATERIALS[1]])
        chain.made([MATERIALS[1]], [MATERIALS[0]])
        recall_leaves(chain)
        assert codes(chain.world, sold) == "g" * 10
        chain.world.clock.pass_ms(HOUR_MS)
        early = chain.world.clock() - 100 * HOUR_MS
        chain.made([MATERIALS[0]], [Thing.lot(leaves.gtin, TEA)], at_ms=early)
        assert codes(chain.world, sold) == "rrrrrggggg"
        assert sound(chain.world)

    def test_a_pack_that_was_taken_with_its_pallet(self, chain: Chain, leaves: Batch) -> None:
        sold = chain.world.issue(10)
        recall_leaves(chain)
        chain.made([labels(sold, 5, 9)], [sscc(2)])
        chain.packed(sscc(2), sscc(1))
        assert codes(chain.world, sold) == "g" * 10
        chain.packed(sscc(1), labels(leaves, 7, 7))
        assert codes(chain.world, sold) == "gggggrrrrr"

    def test_what_is_packed_into_a_case_that_was_made_of_it(self, chain: Chain, leaves: Batch) -> None:
        sold = chain.world.issue(10)
        recall_leaves(chain)
        chain.made([sscc(1)], [Thing.lot(leaves.gtin, TEA)])
        assert codes(chain.world, sold) == "g" * 10
        chain.packed(sscc(1), labels(sold, 0, 4))
        assert codes(chain.world, sold) == "r" * 5 + "g" * 5
        assert sound(chain.world)

    def test_the_second_half_of_a_transformation(self, chain: Chain, leaves: Batch) -> None:
        sold = chain.world.issue(10)
        recall_leaves(chain)
        chain.made([], [labels(leaves, 0, 9)], transformation="urn:x:1")
        chain.made([labels(sold, 0, 0)], [], transformation="urn:x:1")
        assert codes(chain.world, sold) == "r" + "g" * 9

    def test_what_touches_no_recall_changes_nothing(self, chain: Chain, leaves: Batch) -> None:
        sold = chain.world.issue(10)
        recall_leaves(chain)
        chain.made([labels(sold, 0, 9)], [Thing.lot(leaves.gtin, "LEAVES-2")])
        chain.packed(sscc(1), labels(leaves, 0, 9))
        assert codes(chain.world, sold) == "g" * 10


class TestErrors:
    def test_labels_leave_a_recall_when_the_transformation_was_an_error(self, chain: Chain, leaves: Batch) -> None:
        sold = chain.world.issue(10)
        items = [item(Part.INPUT, Thing.lot(leaves.gtin, TEA)), item(Part.OUTPUT, labels(sold, 0, 9))]
        event = chain.event(EventKind.TRANSFORMATION, Action.NONE, *items)
        recall_leaves(chain)
        chain.state(event)
        assert codes(chain.world, sold) == "r" * 10
        chain.made([labels(sold, 2, 3)], [Thing.lot(leaves.gtin, TEA)])
        chain.state(error_of(event, chain.world.clock()))
        assert codes(chain.world, sold) == "ggrrgggggg"
        assert sound(chain.world)

    def test_or_when_they_were_never_in_the_case(self, chain: Chain, leaves: Batch) -> None:
        sold = chain.world.issue(10)
        items = [item(Part.PARENT, sscc(1)), item(Part.CHILD, labels(leaves, 0, 9))]
        packing = chain.event(EventKind.AGGREGATION, Action.ADD, *items)
        chain.state(packing)
        chain.made([labels(sold, 0, 9)], [sscc(1)])
        recall_leaves(chain)
        assert codes(chain.world, sold) == "r" * 10
        chain.state(error_of(packing, chain.world.clock()))
        assert codes(chain.world, sold) == "g" * 10

    def test_event_and_error_in_one_document(self, chain: Chain, leaves: Batch) -> None:
        sold = chain.world.issue(10)
        recall_leaves(chain)
        items = [item(Part.INPUT, Thing.lot(leaves.gtin, TEA)), item(Part.OUTPUT, labels(sold, 0, 9))]
        event = chain.event(EventKind.TRANSFORMATION, Action.NONE, *items)
        chain.state(event, error_of(event, chain.world.clock()))
        assert codes(chain.world, sold) == "g" * 10


class TestLaterBatches:
    def test_a_later_batch_of_a_lot_that_is_reached(self, chain: Chain, leaves: Batch) -> None:
        chain.made([Thing.lot(str(gtin()), "FINISHED")], [Thing.lot(leaves.gtin, TEA)])
        recall_leaves(chain)
        later, other = chain.world.issue(5, lot="FINISHED"), chain.world.issue(5, lot="ANOTHER")
        assert (codes(chain.world, later), codes(chain.world, other)) == ("r" * 5, "g" * 5)
        assert sound(chain.world)

    def test_a_later_batch_of_the_lot_that_is_recalled_lies_under_the_recall_itself(
        self, chain: Chain, leaves: Batch
    ) -> None:
        chain.made([MATERIALS[0]], [Thing.lot(leaves.gtin, TEA)])
        recall_leaves(chain)
        later = chain.world.issue(5, gtin=gtin(2), lot=TEA)
        assert codes(chain.world, later) == "r" * 5
        assert [notice.material for notice in told(chain.world, later, 0)] == [None]
        assert chain.world.rows("SELECT batch FROM recall_reach") == []

    def test_labels_that_were_told_of_before_they_were_issued(self, chain: Chain, leaves: Batch) -> None:
        ahead = Run(Thing.label(str(gtin()), leaves.number + 1, 0).line, 2, 99)
        chain.made([ahead], [Thing.lot(leaves.gtin, TEA)])
        recall_leaves(chain)
        assert codes(chain.world, chain.world.issue(5)) == "ggrrr"
        assert sound(chain.world)

    def test_a_lot_that_has_no_labels_can_be_recalled_where_events_name_it(self, chain: Chain) -> None:
        sold = chain.world.issue(5)
        chain.made([labels(sold, 0, 0)], [Thing.lot(str(gtin(2)), TEA)])
        recall_leaves(chain)
        assert codes(chain.world, sold) == "rgggg"


class TestStrangers:
    def test_what_a_stranger_says_to_have_made_reaches_nothing(self, chain: Chain, leaves: Batch) -> None:
        mine = chain.world.issue(10)
        recall_leaves(chain)
        chain.packed(sscc(1), labels(leaves, 0, 9), by=2)
        chain.made([labels(mine, 0, 9)], [sscc(1)])
        assert chain.world.one("SELECT standing FROM trace_event WHERE number = 1") == {"standing": "stranger"}
        assert codes(chain.world, mine) == "g" * 10

    def test_who_made_things_of_anothers_recalled_goods_has_his_own_covered(self, chain: Chain, leaves: Batch) -> None:
        world = chain.world
        world.claim("prefix", "6907777", enterprise=2)
        world.product(1, enterprise=2, prefix="6907777")
        theirs = world.issue(5, gtin=gtin(1, "6907777"), pledge=0)
        chain.made([labels(theirs, 0, 4)], [labels(leaves, 0, 9)], by=2)
        recall_leaves(chain)
        assert codes(world, theirs) == "r" * 5
        with world.database.snapshot() as reader:
            (row,) = recall_reach.by_product(reader, registry_notices.open_now(reader)[0]["id"])
        assert (row["number"], row["labels"], row["enterprise_en"]) == (theirs.number, 5, "Tea House No. 2")


class TestWhatNobodyHasClaimed:
    """One says to have made of his recalled goods what another truly used: his word alone leads no further."""

    @pytest.fixture
    def theirs(self, chain: Chain) -> Batch:
        world = chain.world
        world.claim("prefix", "6907777", enterprise=2)
        world.product(1, enterprise=2, prefix="6907777")
        batch = world.issue(5, gtin=gtin(1, "6907777"), pledge=0)
        chain.made([labels(batch, 0, 4)], [MATERIALS[0]], by=2)
        return batch

    def test_leads_to_the_goods_of_who_goes_by_the_word(self, chain: Chain, leaves: Batch, theirs: Batch) -> None:
        world = chain.world
        own = world.issue(5)
        chain.made([MATERIALS[0]], [Thing.lot(leaves.gtin, TEA)])
        chain.made([labels(own, 0, 4)], [MATERIALS[0]])
        recall_leaves(chain)
        assert (codes(world, own), codes(world, theirs)) == ("r" * 5, "g" * 5)
        arranging.name_partner(world.desk, enterprise_id(world, 2), enterprise_id(world))
        assert codes(world, theirs) == "r" * 5
        assert sound(world)
        arranging.drop_partner(world.desk, enterprise_id(world, 2), enterprise_id(world))
        assert codes(world, theirs) == "g" * 5
        assert sound(world)

    def test_nor_what_was_put_into_a_case_of_nobody(self, chain: Chain, leaves: Batch, theirs: Batch) -> None:
        world = chain.world
        more = world.issue(5, gtin=gtin(1, "6907777"), pledge=0)
        chain.packed(sscc(7, "6909999"), Thing.lot(leaves.gtin, TEA))
        chain.made([labels(more, 0, 4)], [sscc(7, "6909999")], by=2)
        recall_leaves(chain)
        assert codes(world, more) == "g" * 5
        arranging.name_partner(world.desk, enterprise_id(world, 2), enterprise_id(world))
        assert codes(world, more) == "r" * 5

    def test_what_was_said_of_one_s_own_stays_so_when_it_is_another_s(self, chain: Chain, leaves: Batch) -> None:
        world = chain.world
        world.enterprise(3)
        claim = world.claim("prefix", "6907777", enterprise=2)
        world.claim("prefix", "6908888", enterprise=3)
        world.product(1, enterprise=3, prefix="6908888")
        theirs = world.issue(5, gtin=gtin(1, "6908888"), pledge=0)
        mixed = Thing.lot(gtin(1, "6907777").digits, "MIX")
        chain.made([mixed], [Thing.lot(leaves.gtin, TEA)], by=2)
        chain.made([labels(theirs, 0, 4)], [mixed], by=3)
        recalled = recall_leaves(chain)
        assert codes(world, theirs) == "r" * 5, "where all is claimed, nobody need be named"
        recalling.lift(world.desk, recalled, "r")
        claiming.revoke_claim(world.desk, claim, "质量检验协会（测试）", "sold")
        world.claim("prefix", "6907777")
        recall_leaves(chain)
        assert codes(world, theirs) == "r" * 5

    def test_nor_what_somebody_says_to_have_made_with_what_is_in_it(
        self, chain: Chain, leaves: Batch, theirs: Batch
    ) -> None:
        world, case = chain.world, sscc(7, "6909999")
        chain.packed(case, labels(theirs, 0, 4), by=2)
        chain.made([case], [Thing.lot(leaves.gtin, TEA)])
        recall_leaves(chain)
        assert codes(world, theirs) == "g" * 5
        arranging.name_partner(world.desk, enterprise_id(world, 2), enterprise_id(world))
        assert codes(world, theirs) == "r" * 5

    def test_an_order_goes_by_everybodys(self, chain: Chain, leaves: Batch, theirs: Batch) -> None:
        chain.made([MATERIALS[0]], [Thing.lot(leaves.gtin, TEA)])
        words = {"hazard_zh_hans": "r", "advice_zh_hans": "退回", "contact_zh_hans": "400"}
        recalling.recall(chain.world.desk, Lot(gtin(2), TEA), Announcement(words, 1), organisation_id(chain.world))
        assert codes(chain.world, theirs) == "r" * 5

    def test_what_was_told_of_another_s_labels_before_there_were_any(self, chain: Chain, leaves: Batch) -> None:
        world = chain.world
        expected = Run(label_line(gtin(1, "6907777").digits, leaves.number + 1), 0, 4)
        chain.made([expected], [Thing.lot(leaves.gtin, TEA)])
        chain.made([Thing.lot(gtin(1, "6907777").digits, "NEXT")], [Thing.lot(leaves.gtin, TEA)])
        world.claim("prefix", "6907777", enterprise=2)
        world.product(1, enterprise=2, prefix="6907777")
        theirs = world.issue(5, gtin=gtin(1, "6907777"), pledge=0, lot="NEXT")
        assert theirs.number == leaves.number + 1
        recall_leaves(chain)
        assert codes(world, theirs) == "g" * 5


class TestBounds:
    def test_a_recall_that_cannot_be_followed_to_its_end_says_so(
        self, chain: Chain, leaves: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deriving, "MAX_DEPTH", 3)
        near, far = chain.world.issue(5), chain.world.issue(5)
        steps = [Thing.lot(leaves.gtin, TEA), *MATERIALS[:3]]
        for one, other in itertools.pairwise(steps[:3]):
            chain.made([other], [one])
        chain.made([labels(near, 0, 4)], [MATERIALS[0]])
        notice = recall_leaves(chain)
        assert self.is_whole(chain, notice)
        last = [item(Part.INPUT, MATERIALS[1]), item(Part.OUTPUT, MATERIALS[2])]
        event = chain.event(EventKind.TRANSFORMATION, Action.NONE, *last)
        chain.state(event)
        chain.made([labels(far, 0, 4)], [MATERIALS[2]])
        assert not self.is_whole(chain, notice)
        assert codes(chain.world, near) == "r" * 5
        chain.state(error_of(event, chain.world.clock()))
        assert self.is_whole(chain, notice)
        assert sound(chain.world)

    def is_whole(self, chain: Chain, notice: str) -> bool:
        with chain.world.database.snapshot() as reader:
            return recall_reach.counted(reader, notice).whole

    def test_who_states_very_much_keeps_no_recall_from_others_goods(
        self, chain: Chain, leaves: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deriving, "MAX_RUNS", 5)
        sold, made = chain.world.issue(5), Thing.lot(str(gtin(1)), "MIX")
        junk = [Thing.lot(str(gtin(number, "6905555")), "JUNK") for number in range(10, 20)]
        chain.made(junk, [Thing.lot(leaves.gtin, TEA)], by=2)
        chain.made([made], [Thing.lot(leaves.gtin, TEA)])
        chain.made([labels(sold, 0, 4)], [made])
        notice = recall_leaves(chain)
        assert codes(chain.world, sold) == "r" * 5
        assert not self.is_whole(chain, notice)

    def test_nor_from_goods_that_are_made_later(
        self, chain: Chain, leaves: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sold = chain.world.issue(5)
        junk = [Thing.lot(str(gtin(number, "6905555")), "JUNK") for number in range(10, 20)]
        chain.made([MATERIALS[0]], junk, by=2)
        recall_leaves(chain)
        monkeypatch.setattr(deriving, "MAX_RUNS", 5)
        laid: list[str] = []
        monkeypatch.setattr(spreading, "lay", lambda _, notice: laid.append(notice.id))
        chain.made([labels(sold, 0, 4)], [MATERIALS[0]])
        assert laid == [], "what another says to have made the material of is not gone through"

    def test_where_too_much_lies_above_every_recall_is_looked_at(
        self, chain: Chain, leaves: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sold = chain.world.issue(5)
        recall_leaves(chain)
        monkeypatch.setattr(deriving, "MAX_RUNS", 1)
        chain.made([labels(sold, 0, 4)], [MATERIALS[0]])
        chain.made([MATERIALS[0]], [MATERIALS[1]])
        chain.made([MATERIALS[1]], [Thing.lot(leaves.gtin, TEA), MATERIALS[2]])
        assert not self.is_whole(chain, chain.world.one("SELECT id FROM recall")["id"])

    def test_transformations_in_a_circle_end(self, chain: Chain, leaves: Batch) -> None:
        sold = chain.world.issue(5)
        circle = [Thing.lot(leaves.gtin, TEA), *MATERIALS[:3], Thing.lot(leaves.gtin, TEA)]
        recall_leaves(chain)
        for one, other in itertools.pairwise(circle):
            chain.made([other], [one])
        chain.made([labels(sold, 0, 0)], [MATERIALS[2]])
        assert codes(chain.world, sold) == "rgggg"
        assert sound(chain.world)


class TestMaterials:
    """Of what is no product of anybody here."""

    def test_lies_over_what_the_enterprise_made_of_it(self, chain: Chain) -> None:
        sold = chain.world.issue(10)
        chain.made([labels(sold, 3, 6)], [LEAVES])
        notice = recalling.recall(chain.world.desk, material(chain.world), announcement())
        assert codes(chain.world, sold) == "gggrrrrggg"
        (said,) = told(chain.world, sold, 3)
        names = ("鲜叶", "", "第1茶业有限公司", "Tea House No. 1")
        assert said.material == Material(LEAVES.gtin or "", LEAVES.qualifier, *names)
        chain.made([labels(sold, 0, 0)], [LEAVES])
        assert codes(chain.world, sold) == "rggrrrrggg"
        assert sound(chain.world)
        recalling.lift(chain.world.desk, notice.id, "r")
        assert codes(chain.world, sold) == "g" * 10
        assert sound(chain.world)

    def test_anothers_goods_only_by_order_and_ones_own_whoever_made_them(self, chain: Chain) -> None:
        world = chain.world
        world.claim("prefix", "6907777", enterprise=2)
        world.product(1, enterprise=2, prefix="6907777")
        theirs = world.issue(5, gtin=gtin(1, "6907777"), pledge=0)
        chain.made([labels(theirs, 0, 4)], [LEAVES], by=2)
        own = recalling.recall(world.desk, material(world), announcement())
        assert codes(world, theirs) == "g" * 5
        recalling.lift(world.desk, own.id, "r")
        ordered = recalling.recall(world.desk, material(world), announcement(), organisation_id(world))
        assert codes(world, theirs) == "r" * 5
        recalling.lift(world.desk, ordered.id, "r")
        arranging.name_partner(world.desk, enterprise_id(world), enterprise_id(world, 2), makes=True)
        for_me = world.issue(5)
        chain.made([labels(for_me, 0, 4)], [LEAVES], by=2)
        recalling.open_on_material(world.desk, material(world), "r")
        assert codes(world, for_me) == "r" * 5
        assert codes(world, theirs) == "g" * 5, "nobody recalls another's goods by naming him"
        assert sound(world)

    def test_the_next_hops_are_followed_whoever_states_them(self, chain: Chain) -> None:
        world = chain.world
        world.claim("prefix", "6907777", enterprise=2)
        world.product(1, enterprise=2, prefix="6907777")
        theirs = world.issue(5, gtin=gtin(1, "6907777"), pledge=0)
        mixed = Thing.lot(str(gtin(1)), "MIX")
        chain.made([mixed], [LEAVES])
        chain.made([labels(theirs, 0, 4)], [mixed], by=2)
        recalling.recall(world.desk, material(world), announcement())
        assert codes(world, theirs) == "r" * 5

    @pytest.mark.parametrize("is_ordered", [True, False], ids=["ordered", "by-itself"])
    def test_what_it_would_reach_is_what_it_reaches(self, chain: Chain, is_ordered: bool) -> None:
        world = chain.world
        world.claim("prefix", "6907777", enterprise=2)
        world.product(1, enterprise=2, prefix="6907777")
        theirs, mine = world.issue(5, gtin=gtin(1, "6907777"), pledge=0), world.issue(10)
        chain.packed(sscc(1), LEAVES)
        chain.made([labels(mine, 2, 4)], [sscc(1)])
        chain.made([labels(theirs, 0, 4)], [LEAVES], by=2)
        target = material(world)
        cover = recalls.Cover(target.gtin.digits, lot=target.lot, material=target.name)
        by, everybody = (None if is_ordered else target.enterprise_id), lambda _enterprise: True
        with world.database.snapshot() as reader:
            found = foresee(reader, cover, by, tracking.everything, everybody)
        assert (found.labels, found.enterprises, found.complete) == ((8, 2, True) if is_ordered else (3, 1, True))
        notice = recalling.recall(world.desk, target, announcement(), organisation_id(world) if is_ordered else None)
        with world.database.snapshot() as reader:
            assert recall_reach.counted(reader, notice.id).labels == found.labels
            (alike,) = registry_notices.open_on_material(
                reader, target.gtin.digits, target.lot, notice.reason, target.enterprise_id
            )
        assert alike == notice

    def test_what_the_recall_of_a_product_would_reach(self, chain: Chain, leaves: Batch) -> None:
        sold, other = chain.world.issue(10), chain.world.issue(7, gtin=gtin(2))
        chain.made([labels(sold, 0, 4)], [labels(leaves, 0, 9)])
        with chain.world.database.snapshot() as reader:
            found = foresee(reader, recalls.Cover(leaves.gtin), None, tracking.everything, lambda _enterprise: False)
        assert (found.labels, found.batches) == (leaves.label_count + other.label_count + 5, 3)
        assert (found.elsewhere, found.holdings) == (found.labels, [])

    @pytest.mark.parametrize("is_ordered", [True, False], ids=["ordered", "by-itself"])
    def test_of_a_product_it_goes_by_the_same_word(self, chain: Chain, leaves: Batch, is_ordered: bool) -> None:
        world = chain.world
        world.claim("prefix", "6907777", enterprise=2)
        world.product(1, enterprise=2, prefix="6907777")
        theirs = world.issue(5, gtin=gtin(1, "6907777"), pledge=0)
        chain.made([MATERIALS[0]], [Thing.lot(leaves.gtin, TEA)])
        chain.made([labels(theirs, 0, 4)], [MATERIALS[0]], by=2)
        by = None if is_ordered else enterprise_id(world)
        with world.database.snapshot() as reader:
            cover = recalls.Cover(leaves.gtin, lot=TEA)
            found = foresee(reader, cover, by, tracking.everything, lambda _enterprise: True)
        assert found.labels == leaves.label_count + (5 if is_ordered else 0)

    def test_is_found_by_its_name_and_stated_of(self, chain: Chain) -> None:
        sold = chain.world.issue(10)
        chain.made([labels(sold, 3, 6)], [LEAVES])
        notice = recalling.recall(chain.world.desk, material(chain.world), announcement())
        recalling.state_progress(chain.world.desk, notice.id, Statement(4, 0))
        with pytest.raises(ActRefused, match="expected recovered from 0 to 4"):
            recalling.state_progress(chain.world.desk, notice.id, Statement(5, 0))
        with chain.world.database.snapshot() as reader:
            (row,) = recalls.sought(reader, recalls.Sought(text="鲜"), None, 10)
            (opened,) = registry_notices.open_of_enterprise(reader, enterprise_id(chain.world))
            pieces = list(assembling.pieces(reader, Keyring({})))
        assert (row["product_zh"], row["gtin"], row["lot"]) == ("鲜叶", LEAVES.gtin, LEAVES.qualifier)
        assert (opened["gtin"], opened["is_of_material"]) == (LEAVES.gtin, 1)
        assert [batch.recalls for piece in pieces for batch in piece.outline.batches] == [((3, 6, notice.id),)]

    def test_of_what_is_not_there_or_somebodys_is_refused(self, chain: Chain) -> None:
        world, one = chain.world, material(chain.world)
        with pytest.raises(ActRefused, match="that events name"):
            recalling.recall(world.desk, one, announcement())
        chain.seen(LEAVES)
        with pytest.raises(ActRefused, match="expected the id of an enrolled enterprise"):
            recalling.recall(world.desk, replace(one, enterprise_id="none"), announcement())
        with pytest.raises(ActRefused, match="expected the id of an enrolled organisation"):
            recalling.open_on_material(world.desk, one, "r", "none")
        with pytest.raises(ActRefused, match="name"):
            recalling.recall(world.desk, replace(one, name=" "), announcement())
        with pytest.raises(ActRefused, match="expected the GTIN of a material that nobody has claimed"):
            recalling.recall(world.desk, replace(one, gtin=gtin()), announcement())
        world.claim("prefix", "6905555", enterprise=2)
        with pytest.raises(ActRefused, match="expected the GTIN of a material that nobody has claimed"):
            recalling.recall(world.desk, one, announcement())
        assert world.rows("SELECT id FROM notice") == []


def test_a_thousand_ranges_of_one_batch_are_laid_and_lifted(chain: Chain, leaves: Batch) -> None:
    sold = chain.world.issue(4_000)
    chain.made([labels(sold, 4 * n, 4 * n + 1) for n in range(1_000)], [Thing.lot(leaves.gtin, TEA)])
    notice = recall_leaves(chain)
    spans = chain.world.one("SELECT COUNT(*) AS n FROM span WHERE batch = :batch AND recalls = 1", batch=sold.number)
    assert spans["n"] == 1_000
    assert sound(chain.world)
    recalling.lift(chain.world.desk, notice, "r")
    assert chain.world.one("SELECT COUNT(*) AS n FROM span WHERE batch = :batch", batch=sold.number)["n"] == 1


def test_the_check_finds_who_is_said_to_be_affected_by_another_act(chain: Chain) -> None:
    chain.made([labels(chain.world.issue(10), 0, 4)], [LEAVES])
    recalling.recall(chain.world.desk, material(chain.world, 2), announcement(), organisation_id(chain.world))
    assert sound(chain.world)
    with chain.world.database.transaction() as tx:
        tx.execute("UPDATE recall_affected SET position = 0")
    (finding,) = check(chain.world.database).findings
    assert "or trace.capture, found" in finding.message


def test_the_check_finds_labels_that_a_recall_reaches_and_no_span_counts(chain: Chain, leaves: Batch) -> None:
    sold = chain.world.issue(10)
    chain.made([labels(sold, 0, 4)], [Thing.lot(leaves.gtin, TEA)])
    recall_leaves(chain)
    with chain.world.database.transaction() as tx:
        tx.execute("UPDATE recall_reach SET last = 5")
    (finding, *_) = check(chain.world.database).findings
    assert "a notice begins or ends at label 6" in finding.message or "expected recalls" in finding.message
