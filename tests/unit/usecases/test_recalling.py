"""Holds and recalls lie over the life of labels, each with its own id; lifting one restores what was."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from support.scenarios import announcement
from support.staff import organisation_id
from support.together import in_threads
from support.world import World, gtin, viewer

from traceqr import activating, recalling
from traceqr.acting import ActRefused
from traceqr.activating import Range
from traceqr.recalling import Announcement, Lot, Statement
from traceqr.registry import dossiers, recalls
from traceqr.registry.batches import Batch
from traceqr.registry.recalls import Cover, Reach, Sought
from traceqr.verdict_json import to_json


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


# --- what recalls tell


def test_a_lot_covers_its_batches_and_later_ones_of_the_lot_alone(furnished: World, batch: Batch) -> None:
    of_lot = furnished.issue(2, lot="L1")
    other = furnished.issue(2, lot="L2")
    notice = recalling.recall(furnished.desk, Lot(gtin(), "L1"), announcement())
    later = furnished.issue(2, lot="L1")
    assert [codes(furnished, each) for each in (batch, of_lot, other, later)] == ["g" * 10, "rr", "gg", "rr"]
    recalling.lift(furnished.desk, notice.id, "r")
    assert [codes(furnished, each) for each in (of_lot, later)] == ["gg", "gg"]


def test_a_lot_of_another_product_is_not_meant(furnished: World) -> None:
    furnished.product(2)
    mine, other = furnished.issue(1, lot="L1"), furnished.issue(1, lot="L1", gtin=gtin(2))
    recalling.recall(furnished.desk, Lot(gtin(), "L1"), announcement())
    assert (codes(furnished, mine), codes(furnished, other)) == ("r", "g")


def test_the_verdict_has_all_words(furnished: World, batch: Batch) -> None:
    given = announcement(1)
    notice = recalling.recall(furnished.desk, Range(1), given, organisation_id(furnished))
    verdict = furnished.verifier().verify(furnished.label(batch))
    assert verdict.evidence is not None
    (told,) = verdict.evidence.notices
    assert told.recall is not None
    assert (told.kind, told.reason) == ("recall", given.texts["hazard_zh_hans"])
    assert (told.recall.id, told.recall.grade, told.recall.ordered_en) == (notice.id, 1, "Quality Association")
    assert [each.language for each in told.recall.wordings] == ["zh-Hans", "zh-Hant", "en"]
    assert told.recall.in_language("zh-Hant").advice == given.texts["advice_zh_hant"]
    said = to_json(verdict)["evidence"]["notices"][0]["recall"]
    assert said["texts"]["en"] == {part: given.texts[f"{part}_en"] for part in ("hazard", "advice", "contact")}
    assert (said["id"], said["class"], said["ordered_by_en"]) == (notice.id, 1, "Quality Association")


@pytest.mark.parametrize("kind", recalling.KINDS)
def test_what_is_lifted_while_a_page_is_made_is_told_on_it(furnished: World, batch: Batch, kind: str) -> None:
    """The state may be read before the lifting and the words after it: on a server each sees what is committed."""
    recalling.lift(furnished.desk, recalling.open_on_batch(furnished.desk, kind, Range(1), "earlier").id, "r")
    recalling.open_on_batch(furnished.desk, kind, Range(1, 5, 9), "others")
    notice = recalling.open_on_batch(furnished.desk, kind, Range(1, 0, 3), "glass")
    with furnished.database.snapshot() as reader:
        dossier, standing = dossiers.dossier(reader, 1), dossiers.standing(reader, 1, 2)
    assert standing is not None
    recalling.lift(furnished.desk, notice.id, "r")
    with furnished.database.snapshot() as reader:
        told = dossiers.evidence(reader, dossier, 2, standing, furnished.clock()).notices
    assert [(each.kind, each.reason, each.recall is not None) for each in told] == [(kind, "glass", kind == "recall")]


def test_what_nobody_wrote_is_read_in_the_nearest_language(furnished: World, batch: Batch) -> None:
    texts = {name: text for name, text in announcement().texts.items() if name.endswith("_hans")}
    recalling.recall(furnished.desk, Range(1), Announcement(texts))
    evidence = furnished.verifier().verify(furnished.label(batch)).evidence
    assert evidence is not None
    told = evidence.notices[0].recall
    assert told is not None
    assert {told.in_language(tag).language for tag in ("zh-Hans", "zh-Hant", "en", "tlh")} == {"zh-Hans"}


def test_a_reason_alone_is_the_hazard(furnished: World, batch: Batch) -> None:
    recalling.open_on_batch(furnished.desk, "recall", Range(1), "glass")
    evidence = furnished.verifier().verify(furnished.label(batch)).evidence
    assert evidence is not None
    assert evidence.notices[0].recall is not None
    (words,) = evidence.notices[0].recall.wordings
    assert (words.language, words.hazard, words.advice, words.contact) == ("zh-Hans", "glass", "", "")


def test_a_script_in_the_words_is_text(furnished: World) -> None:
    furnished.issue()
    texts = {name: f"<script>alert('{name}')</script>" for name in announcement().texts}
    notice = recalling.recall(furnished.desk, Range(1), Announcement(texts))
    row = furnished.one("SELECT hazard_en FROM recall WHERE id = :id", id=notice.id)
    assert row == {"hazard_en": "<script>alert('hazard_en')</script>"}


BAD_WORDS: dict[str, tuple[dict[str, str], str]] = {
    "no hazard": ({"hazard_zh_hans": " "}, "hazard_zh_hans"),
    "nothing to do": ({"advice_zh_hans": ""}, "advice_zh_hans"),
    "nobody to ask": ({"contact_zh_hans": "\n"}, "contact_zh_hans"),
    "a long hazard": ({"hazard_zh_hans": "长" * 501}, "hazard_zh_hans"),
    "half of a language": ({"advice_en": ""}, "advice_en"),
    "a control character": ({"hazard_en": "bell \a"}, "hazard_en"),
    "text turned round": ({"contact_zh_hant": "\u202e400"}, "contact_zh_hant"),
    "a language nobody knows": ({"hazard_fr": "verre"}, "texts"),
}


@pytest.mark.parametrize("name", BAD_WORDS)
def test_words_that_are_refused(furnished: World, batch: Batch, name: str) -> None:
    changes, field = BAD_WORDS[name]
    given = replace(announcement(), texts={**announcement().texts, **changes})
    before = furnished.dump()
    with pytest.raises(ActRefused) as caught:
        recalling.recall(furnished.desk, Range(1), given)
    assert caught.value.field == field
    assert furnished.dump() == before


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Lot(gtin(), "L9"), "expected a lot that a batch of 06901234000016 has, got 'L9'"),
        (Lot(gtin(9)), "expected the GTIN of an enrolled product"),
        (Range(1, 5, 10), "expected labels within 0 to 9"),
        (Range(7), "expected the number of a batch"),
    ],
)
def test_what_is_not_there_is_not_recalled(furnished: World, batch: Batch, target: Range | Lot, words: str) -> None:
    with pytest.raises(ActRefused, match=words):
        recalling.recall(furnished.desk, target, announcement())


def test_a_class_that_there_is_not(furnished: World, batch: Batch) -> None:
    with pytest.raises(ActRefused, match="expected class 1, 2 or 3, got 4"):
        recalling.recall(furnished.desk, Range(1), announcement(4))


def test_an_organisation_that_is_not_there(furnished: World, batch: Batch) -> None:
    with pytest.raises(ActRefused, match="expected the id of an enrolled organisation"):
        recalling.recall(furnished.desk, Range(1), announcement(), "nobody")


@pytest.mark.parametrize("target", [Range(3, 1, 4), Range(3), Lot(gtin()), Lot(gtin(), "L1")])
def test_what_is_agreed_to_comes_back_as_it_was(target: Range | Lot) -> None:
    given = announcement(None)
    name, subject = recalling.act_of(target)
    assert recalling.agreed(name, subject, recalling.arguments_of(target, given)) == (target, given)


def test_an_agreement_to_a_reason_alone() -> None:
    agreed = recalling.agreed("product.recall", f"product:{gtin().digits}", {"reason": "glass"})
    assert agreed == (Lot(gtin()), Announcement({"hazard_zh_hans": "glass"}))


# --- how far they have come


def test_the_latest_statement_counts(furnished: World, batch: Batch) -> None:
    notice = recalling.recall(furnished.desk, Range(1, 2, 5), announcement())
    recalling.state_progress(furnished.desk, notice.id, Statement(4, 1, "门店已下架", 3))
    furnished.clock.pass_ms(1_000)
    recalling.state_progress(furnished.desk, notice.id, Statement(3, 3))
    with furnished.database.snapshot() as reader:
        latest, first = recalls.progress_of(reader, notice.id)
        row = recalls.by_id(reader, notice.id)
    assert (latest["recovered"], latest["destroyed"], latest["reached"], latest["remark"]) == (3, 3, None, "")
    assert (first["recovered"], first["reached"], first["remark"]) == (4, 3, "门店已下架")
    assert row is not None
    assert (row["changed_ms"] - row["opened_ms"], row["lot"]) == (1_000, None)


@pytest.mark.parametrize(
    ("statement", "field"),
    [
        (Statement(5, 0), "recovered"),
        (Statement(-1, 0), "recovered"),
        (Statement(0, 5), "destroyed"),
        (Statement(0, 0, reached=5), "reached"),
        (Statement(0, 0, "x" * 1_001), "remark"),
        (Statement(0, 0, "bell \a"), "remark"),
    ],
)
def test_progress_that_is_refused(furnished: World, batch: Batch, statement: Statement, field: str) -> None:
    notice = recalling.recall(furnished.desk, Range(1, 2, 5), announcement())
    with pytest.raises(ActRefused) as caught:
        recalling.state_progress(furnished.desk, notice.id, statement)
    assert caught.value.field == field
    assert furnished.rows("SELECT id FROM recall_progress") == []


def test_a_hold_and_what_is_lifted_make_no_progress(furnished: World, batch: Batch) -> None:
    hold = recalling.open_on_batch(furnished.desk, "hold", Range(1), "r")
    lifted = recalling.recall(furnished.desk, Range(1), announcement())
    recalling.lift(furnished.desk, lifted.id, "all is back", "completed")
    for notice_id in (hold.id, lifted.id, "nothing"):
        with pytest.raises(ActRefused, match="expected the id of an open"):
            recalling.state_progress(furnished.desk, notice_id, Statement(0, 0))


def test_a_recall_ends_with_its_outcome(furnished: World, batch: Batch) -> None:
    notice = recalling.recall(furnished.desk, Range(1), announcement())
    with pytest.raises(ActRefused, match="expected an outcome of completed, unfounded, other, got 'done'"):
        recalling.lift(furnished.desk, notice.id, "r", "done")
    with pytest.raises(ActRefused, match="expected a reason of 1 to"):
        recalling.lift(furnished.desk, notice.id, " ", "completed")
    recalling.lift(furnished.desk, notice.id, "全部收回", "completed")
    with pytest.raises(ActRefused, match="expected the id of an open hold or recall"):
        recalling.lift(furnished.desk, notice.id, "again", "completed")
    row = furnished.one("SELECT outcome, closing FROM recall")
    assert row == {"outcome": "completed", "closing": "全部收回"}


def test_of_many_that_lift_at_once_one_does(furnished: World, batch: Batch) -> None:
    notice = recalling.recall(furnished.desk, Range(1), announcement())

    def lift() -> bool:
        try:
            recalling.lift(furnished.desk, notice.id, "r")
        except ActRefused:
            return False
        return True

    assert sorted(in_threads([lift] * 6)) == [False] * 5 + [True]
    assert codes(furnished, batch) == "g" * 10


def test_lifting_and_issuing_at_once_leave_what_is_open(furnished: World, batch: Batch) -> None:
    """Whatever the order, the span counts what is open: lifted ones are gone, new ones are there."""
    old = [recalling.recall(furnished.desk, Range(1, 0, 5), announcement()) for _ in range(4)]
    lifting = [partial(recalling.lift, furnished.desk, notice.id, "r") for notice in old]
    issuing = [partial(recalling.recall, furnished.desk, Range(1, 4, 9), announcement()) for _ in range(4)]
    in_threads([each for pair in zip(lifting, issuing, strict=True) for each in pair])
    assert furnished.rows("SELECT first, recalls FROM span ORDER BY first") == [
        {"first": 0, "recalls": 0},
        {"first": 4, "recalls": 4},
    ]
    assert codes(furnished, batch) == "g" * 4 + "r" * 6


# --- whom they reach


def test_reach_counts_labels_before_and_since(furnished: World, batch: Batch) -> None:
    second = furnished.issue(10, lot="L1")
    scan = furnished.verifier().scan
    for index in (0, 1, 2):
        scan(furnished.label(batch, index), viewer())
    furnished.clock.pass_days(1)
    since_ms = furnished.clock()
    for device in ("device-1", "device-2"):
        for each, index in ((batch, 2), (batch, 3), (second, 4)):
            scan(furnished.label(each, index), viewer(device))
    with furnished.database.snapshot() as reader:

        def reach(cover: Cover, **most: int) -> Reach:
            return recalls.reach(reader, cover, since_ms, **most)

        digits = gtin().digits
        assert reach(Cover(digits)) == Reach(3, 3)
        assert reach(Cover(digits, lot="L1")) == Reach(0, 1)
        assert reach(Cover(digits, 1, 1, 2)) == Reach(2, 1)
        assert reach(Cover(digits), most=5) == Reach(3, 3)
        assert reach(Cover(digits), most=3).more
        assert recalls.labels_under(reader, Cover(digits)) == 20
        assert recalls.labels_under(reader, Cover(digits, lot="L1")) == 10
        assert recalls.labels_under(reader, Cover(gtin(9).digits)) == 0


# --- which there are


def test_recalls_are_found(furnished: World, batch: Batch) -> None:
    furnished.issue(1, lot="L7")
    ids = [
        recalling.recall(furnished.desk, target, announcement()).id
        for target in (Range(1, 0, 3), Lot(gtin(), "L7"), Lot(gtin()))
    ]
    recalling.lift(furnished.desk, ids[0], "r")
    recalling.open_on_batch(furnished.desk, "hold", Range(1), "no recall")
    with furnished.database.snapshot() as reader:

        def found(what: Sought, before: int | None = None, most: int = 9) -> list[int]:
            return [ids.index(row["id"]) for row in recalls.sought(reader, what, before, most)]

        first = recalls.sought(reader, Sought(), None, 1)
        assert found(Sought()) == [2, 1, 0]
        assert found(Sought(), first[0]["position"], 1) == [1]
        assert found(Sought(open=True)) == [2, 1]
        assert found(Sought(open=False)) == [0]
        assert found(Sought(text="L7")) == [1]
        assert found(Sought(text="绿茶")) == [2, 1, 0]
        assert found(Sought(text="%")) == []
        assert found(Sought(gtin=gtin().digits, region="31")) == [2, 1, 0]
        assert found(Sought(region="33")) == found(Sought(uscc="x")) == found(Sought(enterprise_id="x")) == []
        assert [ids.index(row["id"]) for row in recalls.changed_last(reader, 2)] == [0, 2]
