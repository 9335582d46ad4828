"""Licensing: marks and their words, licences through their states, quotas, and what labels and print files tell."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from support.world import ASSOCIATION, MARK, ON_A_FILE, World, gtin, uscc

from traceqr import activating, exporting, issuing, licensing
from traceqr.acting import ActRefused, EntriesRefused
from traceqr.activating import Range
from traceqr.evidence import Mark, Verdict
from traceqr.exporting import Asked
from traceqr.instant import DAY_MS, from_iso
from traceqr.licensing import LicenceEntry
from traceqr.registry import dossiers, licences, marks
from traceqr.registry.exports import Content
from traceqr.registry.licences import Licence, Wanted
from traceqr.signer.granting import NotGranted, grant, linked
from traceqr.verdict_json import to_json, to_text

REASON = "抽查不合格 / failed a spot check"


@pytest.fixture
def licensed(world: World) -> World:
    return world.licensed()


def licence_of(world: World, number: int = 1) -> Licence:
    with world.database.snapshot() as reader:
        found = licences.by_number(reader, number)
    assert found is not None
    return found


def refused(world: World, do: Callable[[], Any], words: str, field: str | None = None) -> None:
    """It is refused in these words, and nothing has changed."""
    before = world.dump()
    with pytest.raises(ActRefused) as caught:
        do()
    error = caught.value.refusals[0][1] if isinstance(caught.value, EntriesRefused) else caught.value
    assert words in str(error)
    assert field is None or error.field == field
    assert world.dump() == before


class TestMarks:
    def test_its_words_have_versions(self, licensed: World) -> None:
        licensed.mark(name_en="Month of Quality")
        second = licensed.licence(valid_from=date(2027, 9, 1), valid_until=date(2027, 9, 30))
        assert (licence_of(licensed).text_version, licence_of(licensed, second).text_version) == (1, 2)
        with licensed.database.snapshot() as reader:
            (listed,) = marks.everything(reader)
        assert (listed["name_en"], listed["text_version"]) == ("Month of Quality", 2)
        assert listed["organisation_zh"] == ASSOCIATION

    def test_the_same_again_is_no_act(self, licensed: World) -> None:
        acts = licensed.acts()
        licensed.mark()
        assert licensed.acts() == acts

    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            ({"artwork": "stable-quality"}, "artwork", "expected artwork as it was defined, 'quality-month'"),
            ({"prefix": "ZL"}, "prefix", "expected prefix as it was defined, 'QM', got 'ZL'"),
            ({"organisation": "另一协会"}, "organisation", "expected its organisation, got '另一协会'"),
            ({"mark_id": "other"}, "prefix", "'QM' stands before licences of mark quality-month-2026"),
            ({"mark_id": "other", "prefix": "ZL", "organisation": "无"}, "organisation", "an enrolled organisation"),
            ({"mark_id": "Quality Month"}, "id", "expected an id of a to z, digits and single hyphens"),
            ({"mark_id": "a" * 41}, "id", "expected an id of a to z"),
            ({"prefix": "qm"}, "prefix", "expected a prefix of 2 to 8 capital letters and digits"),
            ({"artwork": "../../keys"}, "artwork", "expected an artwork of quality-month, stable-quality"),
            ({"name_zh": ""}, "name_zh", "expected name_zh of 1 to 60 printable characters, got ''"),
            ({"name_en": "x" * 61}, "name_en", "expected name_en of 1 to 60"),
            ({"meaning_zh": " 空格"}, "meaning_zh", "expected meaning_zh of 1 to 500"),
            ({"meaning_en": "a\u202eb"}, "meaning_en", "expected meaning_en of 1 to 500"),
        ],
    )
    @ON_A_FILE
    def test_refused(self, licensed: World, changes: dict[str, Any], field: str, words: str) -> None:
        refused(licensed, lambda: licensed.mark(**changes), words, field)


class TestGranting:
    def test_a_licence(self, licensed: World) -> None:
        assert licence_of(licensed) == Licence(
            1,
            "QM-2026-000001",
            MARK,
            1,
            licensed.one("SELECT id FROM enterprise")["id"],
            from_iso("2026-09-01T00:00:00+08:00"),
            from_iso("2026-11-01T00:00:00+08:00"),
            100,
            0,
            "granted",
            None,
        )
        entry = licensed.one("SELECT entry FROM ledger WHERE act = 'licence.grant'")["entry"]
        payload = json.loads(entry)["payload"]
        assert (payload["gtins"], payload["quota"], payload["spelled"]) == ([str(gtin())], 100, "QM-2026-000001")

    def test_the_same_again_is_no_act(self, licensed: World) -> None:
        acts = licensed.acts()
        assert licensed.licence() == 1
        assert licensed.acts() == acts

    def test_a_withdrawn_one_gives_way_to_another(self, licensed: World) -> None:
        licensing.withdraw_licence(licensed.desk, 1, REASON)
        assert licensed.licence() == 2

    def test_periods_may_follow_each_other(self, licensed: World) -> None:
        assert licensed.licence(valid_from=date(2026, 11, 1), valid_until=date(2026, 11, 1)) == 2

    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            ({"mark_id": "none"}, "mark", "expected the id of a mark that is defined, got 'none'"),
            ({"enterprise": 9}, "uscc", "expected the code of an enrolled enterprise"),
            ({"gtins": ()}, "gtins", "expected 1 to 1,000 different GTINs, got 0"),
            ({"gtins": (gtin(), gtin())}, "gtins", "expected 1 to 1,000 different GTINs, got 2"),
            ({"gtins": (gtin(7),)}, "gtins", f"expected GTINs of the enterprise's own products, got {gtin(7)}"),
            ({"gtins": (gtin(3),)}, "gtins", f"expected GTINs of the enterprise's own products, got {gtin(3)}"),
            ({"gtins": (gtin(4, "6990000"),)}, "gtins", "expected an accepted claim of the enterprise to it"),
            ({"quota": 0}, "quota", "expected a quota of 1 to 1,000,000,000,000 labels, got 0"),
            ({"quota": -5}, "quota", "got -5"),
            ({"quota": 10**13}, "quota", "got 10,000,000,000,000"),
            ({"valid_until": date(2026, 8, 31)}, "valid_until", "expected a last day from 2026-09-01 on"),
            ({"valid_from": date(1969, 1, 1)}, "valid_from", "expected a date from 1970 to 2999, got 1969-01-01"),
            ({"valid_until": date(9999, 12, 31)}, "valid_until", "expected a date from 1970 to 2999, got 9999-12-31"),
            ({"quota": 101}, "gtins", "expected no licence of mark quality-month-2026 on these days, QM-2026-000001"),
            ({"valid_from": date(2026, 10, 31)}, "gtins", "traceqr licence extend 1"),
        ],
    )
    @ON_A_FILE
    def test_refused(self, licensed: World, changes: dict[str, Any], field: str, words: str) -> None:
        licensed.enterprise(2)
        licensed.product(3, enterprise=2)
        licensed.product(4, prefix="6990000")
        refused(licensed, lambda: licensed.licence(**changes), words, field)

    def test_all_or_none(self, licensed: World) -> None:
        licensed.product(2)
        days = {"valid_from": date(2026, 9, 1), "valid_until": date(2026, 9, 30)}
        good = LicenceEntry(MARK, uscc(), (gtin(2),), quota=5, **days)
        with pytest.raises(EntriesRefused) as caught:
            licensing.grant_licences(licensed.desk, [good, replace(good, quota=0), good, replace(good, mark="x")])
        assert [index for index, _ in caught.value.refusals] == [1, 3]
        assert licensed.one("SELECT COUNT(*) AS n FROM mark_licence") == {"n": 1}


STEPS: dict[str, Callable[[World], Licence]] = {
    "suspend": lambda w: licensing.suspend_licence(w.desk, 1, REASON),
    "resume": lambda w: licensing.resume_licence(w.desk, 1),
    "withdraw": lambda w: licensing.withdraw_licence(w.desk, 1, REASON),
    "extend": lambda w: licensing.extend_licence(w.desk, 1, quota=licence_of(w).quota + 1),
}
LEADS = {
    ("granted", "suspend"): "suspended",
    ("granted", "withdraw"): "withdrawn",
    ("granted", "extend"): "granted",
    ("suspended", "resume"): "granted",
    ("suspended", "withdraw"): "withdrawn",
}
REACHED = {"granted": (), "suspended": ("suspend",), "withdrawn": ("withdraw",)}


class TestStates:
    @pytest.mark.parametrize(("state", "step"), list(itertools.product(REACHED, STEPS)))
    @ON_A_FILE
    def test_transitions(self, licensed: World, state: str, step: str) -> None:
        for earlier in REACHED[state]:
            STEPS[earlier](licensed)
        if (state, step) not in LEADS:
            refused(licensed, lambda: STEPS[step](licensed), "licence QM-2026-000001: expected it to be ")
            return
        changed = STEPS[step](licensed)
        assert changed == licence_of(licensed)
        assert changed.state == LEADS[state, step]
        assert (changed.reason is None) is (changed.state == "granted")

    @pytest.mark.parametrize("step", STEPS)
    @ON_A_FILE
    def test_no_such_licence(self, world: World, step: str) -> None:
        world.furnish()
        do = {
            "suspend": lambda: licensing.suspend_licence(world.desk, 7, REASON),
            "resume": lambda: licensing.resume_licence(world.desk, 7),
            "withdraw": lambda: licensing.withdraw_licence(world.desk, 7, REASON),
            "extend": lambda: licensing.extend_licence(world.desk, 7, quota=1),
        }
        refused(world, do[step], "expected the number of a licence, 7 is none")

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\u202eb", "a\nb"])
    @ON_A_FILE
    def test_a_reason_that_cannot_be_shown(self, licensed: World, reason: str) -> None:
        for do in (licensing.suspend_licence, licensing.withdraw_licence):
            refused(licensed, lambda do=do: do(licensed.desk, 1, reason), "expected a reason of 1 to 500", "reason")

    def test_extending(self, licensed: World) -> None:
        extended = licensing.extend_licence(licensed.desk, 1, date(2026, 12, 31), 250)
        assert (extended.quota, extended.valid_to_ms) == (250, from_iso("2027-01-01T00:00:00+08:00"))
        assert licence_of(licensed) == extended

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"valid_until": date(2026, 10, 30)}, "expected a later last day, got 2026-10-30"),
            ({"quota": 99}, "expected a larger quota than 100, got 99"),
            ({"quota": 100}, "expected a later last day or a larger quota, got the same"),
            ({}, "got the same"),
            ({"valid_until": date(2027, 9, 1)}, "expected no licence of mark quality-month-2026 on these days"),
        ],
    )
    @ON_A_FILE
    def test_extending_refused(self, licensed: World, more: dict[str, Any], words: str) -> None:
        licensed.licence(valid_from=date(2027, 9, 1), valid_until=date(2027, 9, 30))
        refused(licensed, lambda: licensing.extend_licence(licensed.desk, 1, **more), words)


class TestIssuing:
    def test_counted_against_the_quota(self, licensed: World) -> None:
        licensed.issue(60, marks=(1,))
        assert licence_of(licensed).left == 40
        refused(
            licensed,
            lambda: licensed.issue(41, marks=(1,)),
            "licence QM-2026-000001: expected a batch of at most 40 labels, which are left of its quota of 100, got 41",
            "marks",
        )
        licensed.issue(40, marks=(1,))
        assert licence_of(licensed).left == 0
        with licensed.database.snapshot() as reader:
            under = licences.batches_under(reader, 1)
            assert [row["number"] for row in under] == [2, 1]
            assert [row["number"] for row in licences.batches_under(reader, 1, before=2)] == [1]
            assert licences.of_batch(reader, 2) == [1]
        entry = licensed.one("SELECT entry FROM ledger WHERE subject = 'batch:2'")["entry"]
        assert json.loads(entry)["payload"]["marks"] == [1]

    def test_voided_labels_stay_counted(self, licensed: World) -> None:
        licensed.issue(100, marks=(1,))
        activating.void(licensed.desk, Range(1), REASON)
        assert licence_of(licensed).left == 0

    @pytest.mark.parametrize(
        ("prepare", "asked", "words"),
        [
            (lambda w: None, {"marks": (9,)}, "expected the number of a licence, 9 is none"),
            (lambda w: None, {"marks": (1, 1)}, "expected each mark once on a batch"),
            (lambda w: None, {"marks": tuple(range(9))}, "expected at most 8 marks on a batch, got 9"),
            (lambda w: w.product(2), {"gtin": gtin(2), "marks": (1,)}, f"expected one for GTIN {gtin(2)}, it is not"),
            (STEPS["suspend"], {"marks": (1,)}, "expected one in force, it is suspended"),
            (STEPS["withdraw"], {"marks": (1,)}, "expected one in force, it is withdrawn"),
            (lambda w: w.clock.pass_days(61), {"marks": (1,)}, "expected one in force, it is outside its dates"),
            (
                lambda w: w.licence(valid_from=date(2026, 12, 1), valid_until=date(2026, 12, 2)),
                {"marks": (2,)},
                "licence QM-2026-000002: expected one in force, it is outside its dates",
            ),
            (
                lambda w: (w.enterprise(2), w.product(3, 2, "6990000"), w.claim("prefix", "6990000", 2)),
                {"gtin": gtin(3, "6990000"), "marks": (1,), "pledge": 0},
                "expected one of the product's own enterprise",
            ),
        ],
    )
    @ON_A_FILE
    def test_refused(self, licensed: World, prepare: Callable[[World], Any], asked: dict[str, Any], words: str) -> None:
        prepare(licensed)
        refused(licensed, lambda: issuing.issue(licensed.desk, licensed.order(**asked)), words, "marks")

    def test_the_last_day_is_inside(self, licensed: World) -> None:
        licensed.clock.at_ms = from_iso("2026-10-31T23:59:59.999+08:00")
        licensed.issue(1, marks=(1,))
        licensed.clock.pass_ms(1)
        refused(licensed, lambda: licensed.issue(1, marks=(1,)), "outside its dates")

    def test_two_marks_on_a_batch(self, licensed: World) -> None:
        licensed.mark("stable-2026", prefix="WD", artwork="stable-quality")
        other = licensed.licence("stable-2026", quota=50)
        refused(licensed, lambda: licensed.issue(51, marks=(1, other)), "licence WD-2026-000002: expected a batch of")
        licensed.issue(50, marks=(other, 1))
        assert (licence_of(licensed).left, licence_of(licensed, other).left) == (50, 0)
        assert [mark.artwork for mark in verdict_on(licensed).evidence.marks] == ["quality-month", "stable-quality"]  # type: ignore[union-attr]


def verdict_on(world: World, batch: int = 1) -> Verdict:
    return world.verifier().verify(world.text(batch))


def mark_on(world: World) -> Mark:
    evidence = verdict_on(world).evidence
    assert evidence is not None
    (mark,) = evidence.marks
    return mark


class TestLabels:
    def test_states(self, licensed: World) -> None:
        licensed.issue(5, marks=(1,))
        verifier, text = licensed.verifier(), licensed.text(1)

        def told() -> tuple[str, int, str | None]:
            evidence = verifier.verify(text).evidence
            assert evidence is not None
            (mark,) = evidence.marks
            return str(mark.state), mark.since_ms, mark.reason

        began = licensed.clock.at_ms
        assert told() == ("in-force", began, None)
        licensed.clock.pass_days(1)
        licensing.suspend_licence(licensed.desk, 1, REASON)
        assert told() == ("suspended", licensed.clock.at_ms, REASON), "with the very next scan"
        suspended = licensed.clock.at_ms
        licensed.clock.pass_days(90)
        assert told() == ("suspended", suspended, REASON), "also after its last day"
        licensing.resume_licence(licensed.desk, 1)
        assert told() == ("expired", from_iso("2026-11-01T00:00:00+08:00"), None)
        licensing.withdraw_licence(licensed.desk, 1, REASON)
        assert told()[0] == "withdrawn"

    def test_before_its_first_day(self, licensed: World) -> None:
        """Only a clock that was set back sees that: nothing is issued before."""
        licensed.issue(5, marks=(1,))
        with licensed.database.snapshot() as reader:
            (mark,) = dossiers.dossier(reader, 1).marks_at(licensed.clock.at_ms - DAY_MS)
        assert mark.state == "ahead"

    def test_an_extension_leaves_the_state_as_old_as_it_was(self, licensed: World) -> None:
        licensed.issue(5, marks=(1,))
        before = mark_on(licensed)
        licensed.clock.pass_days(3)
        licensing.extend_licence(licensed.desk, 1, quota=500)
        assert mark_on(licensed) == before

    def test_later_words_are_marked(self, licensed: World) -> None:
        licensed.issue(5, marks=(1,))
        assert not mark_on(licensed).changed_since
        licensed.mark(meaning_en="Something else")
        assert mark_on(licensed).changed_since
        assert mark_on(licensed).meaning_en == "Pledged in public during the campaign"

    def test_one_object_for_each_state(self, licensed: World) -> None:
        """Pages and JSON are kept by the identity of what they show."""
        licensed.issue(5, marks=(1,))
        verifier = licensed.verifier()
        first, second = (verifier.verify(licensed.text(1, at)).evidence for at in (0, 1))
        assert first is not None
        assert second is not None
        assert first.marks is second.marks

    def test_json(self, licensed: World) -> None:
        licensed.issue(5, marks=(1,))
        licensing.suspend_licence(licensed.desk, 1, REASON)
        verdict = verdict_on(licensed)
        written = to_json(verdict)
        assert json.loads(to_text(verdict)) == written
        assert written["evidence"]["marks"] == [
            {
                "id": MARK,
                "state": "suspended",
                "since": "2026-09-01T00:00:00.000Z",
                "reason": REASON,
                "name_zh": "质量月专用标识",
                "name_en": "Quality Month mark",
                "meaning_zh": "活动期间公开承诺",
                "meaning_en": "Pledged in public during the campaign",
                "organisation_zh": ASSOCIATION,
                "organisation_en": "Quality Association",
                "licence": "QM-2026-000001",
                "valid_from": "2026-08-31T16:00:00.000Z",
                "valid_to": "2026-10-31T16:00:00.000Z",
                "changed_since": False,
            }
        ]

    def test_without_marks(self, licensed: World) -> None:
        licensed.issue(5)
        verdict = verdict_on(licensed)
        assert json.loads(to_text(verdict))["evidence"]["marks"] == to_json(verdict)["evidence"]["marks"] == []


class TestPrinting:
    def test_the_ledger_names_the_licences_that_are_shown(self, licensed: World) -> None:
        licensed.issue(20, marks=(1,))
        assert licensed.plan().imprint.marks == ("quality-month",)
        licensed.export(1, 0, 4, format="pdf", options={"design": "marked"})
        licensed.export(1, 5, 9, format="pdf", shows_marks=False)
        licensed.export(1, 10, 19, content=Content.HIDDEN)
        rows = licensed.rows("SELECT entry FROM ledger WHERE act LIKE '%.export' ORDER BY position")
        assert [json.loads(row["entry"])["payload"].get("marks") for row in rows] == [[1], None, None]

    @pytest.mark.parametrize("step", ["suspend", "withdraw"])
    @ON_A_FILE
    def test_a_mark_in_trouble_is_not_printed(self, licensed: World, step: str) -> None:
        licensed.issue(20, marks=(1,))
        broken = licensed.plan(1, 10, 19)
        asked = Asked("pdf", {"design": "marked"})
        exporting.export(licensed.desk, broken, asked)
        plan = licensed.plan(1, 0, 4)
        state = STEPS[step](licensed).state
        words = f"licence QM-2026-000001 of mark {MARK} is {state} since 2026-09-01T00:00:00.000Z: {REASON}"
        refused(licensed, lambda: exporting.export(licensed.desk, plan, asked), words, "design")
        refused(licensed, lambda: exporting.resume(licensed.desk, broken, asked, 12), words)
        refused(licensed, lambda: exporting.prove(licensed.desk, plan, asked, [0]), words)
        exporting.export(licensed.desk, plan, replace(asked, options={}, shows_marks=False))
        exporting.export(licensed.desk, plan, replace(asked, content=Content.HIDDEN))

    def test_one_that_ran_out_is(self, licensed: World) -> None:
        licensed.issue(20, marks=(1,))
        licensed.clock.pass_days(90)
        licensed.export(1, format="pdf", options={"design": "marked"})

    def test_a_link_ends_with_the_mark(self, licensed: World) -> None:
        licensed.issue(20, marks=(1,))
        until = licensed.clock.at_ms + 1_000_000
        shown = exporting.export(licensed.desk, licensed.plan(1, 0, 9), linked(Asked("pdf"), 0, until))
        unshown = exporting.export(
            licensed.desk, licensed.plan(1, 10, 19), linked(Asked("pdf", shows_marks=False), 0, until)
        )

        def granted(export_id: str) -> str:
            with licensed.database.snapshot() as reader:
                return grant(reader, export_id, licensed.clock.at_ms).export.id

        assert granted(shown.id) == shown.id
        licensing.suspend_licence(licensed.desk, 1, REASON)
        with pytest.raises(NotGranted, match="is suspended since") as caught:
            granted(shown.id)
        assert caught.value.reason == "labels-withdrawn"
        assert granted(unshown.id) == unshown.id
        licensing.resume_licence(licensed.desk, 1)
        assert granted(shown.id) == shown.id


class TestRegister:
    @pytest.fixture
    def many(self, licensed: World) -> World:
        licensed.enterprise(2)
        licensed.product(3, 2, "6990000")
        licensed.claim("prefix", "6990000", 2)
        licensed.mark("stable-2026", prefix="WD", artwork="stable-quality")
        licensed.licence("stable-2026")
        licensed.licence("stable-2026", 2, gtins=(gtin(3, "6990000"),))
        licensing.suspend_licence(licensed.desk, 2, REASON)
        return licensed

    @pytest.mark.parametrize(
        ("mark", "state", "enterprise", "numbers"),
        [
            (None, None, None, [3, 2, 1]),
            ("stable-2026", None, None, [3, 2]),
            (None, "suspended", None, [2]),
            (None, None, 2, [3]),
            ("stable-2026", "granted", 1, []),
            ("none", None, None, []),
        ],
    )
    def test_by_mark_state_and_enterprise(
        self, many: World, mark: str | None, state: str | None, enterprise: int | None, numbers: list[int]
    ) -> None:
        owner = enterprise and many.one("SELECT id FROM enterprise WHERE uscc = :uscc", uscc=uscc(enterprise))["id"]
        with many.database.snapshot() as reader:
            found = licences.register(reader, Wanted(mark, state, owner))
        assert [row["number"] for row in found] == numbers

    def test_page_by_page(self, many: World) -> None:
        with many.database.snapshot() as reader:
            first = licences.register(reader, most=2)
            second = licences.register(reader, before=first[-1]["number"], most=2)
            assert licences.register(reader, before=1) == []
        assert [row["number"] for row in first + second] == [3, 2, 1]

    def test_what_a_row_tells(self, many: World) -> None:
        with many.database.snapshot() as reader:
            row = licences.listed(reader, 2)
            assert licences.listed(reader, 9) is None
            assert licences.by_spelled(reader, "WD-2026-000002") == licences.by_number(reader, 2)
            assert licences.by_spelled(reader, "WD-2026-000009") is None
        assert row is not None
        assert (row["spelled"], row["mark_zh"], row["enterprise_zh"]) == (
            "WD-2026-000002",
            "质量月专用标识",
            "第1茶业有限公司",
        )
        assert (row["state"], row["reason"], row["since_ms"]) == ("suspended", REASON, many.clock.at_ms)
