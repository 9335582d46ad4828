"""Pledging: the life of a pledge, from the application to its end, and when it is in force."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.world import ARTICLES, CAMPAIGN, World, gtin, uscc

from traceqr import pledging, upholding
from traceqr.acting import ActRefused, EntriesRefused
from traceqr.enrolling import EnterpriseEntry, Tally
from traceqr.evidence import Article, PledgeState
from traceqr.instant import DAY_MS, from_iso
from traceqr.pledging import MOVES, PledgeEntry
from traceqr.registry import pledge_records, pledges
from traceqr.registry.pledge_records import PledgeFile
from traceqr.registry.pledges import Pledge

MORE = (*ARTICLES, Article("三", "Third"))


def shown(world: World, batch_number: int = 1) -> object:
    """The pledge as a verdict shows it now."""
    from traceqr.registry import batches

    with world.database.snapshot() as reader:
        batch = batches.by_number(reader, batch_number)
    assert batch is not None
    evidence = world.verifier().verify(world.label(batch)).evidence
    assert evidence is not None
    assert evidence.pledge is not None
    return evidence.pledge


class TestPledges:
    def entry(self, **changes: object) -> PledgeEntry:
        values: dict[str, object] = {
            "campaign": CAMPAIGN, "uscc": uscc(1), "signed_on": date(2026, 8, 20), "valid_from": date(2026, 9, 1),
            "valid_until": date(2027, 8, 31),
        }  # fmt: skip
        return PledgeEntry(**{**values, **changes})  # type: ignore[arg-type]

    def publish(self, world: World, **changes: object) -> object:
        return pledging.publish_pledges(world.desk, [self.entry(**changes)])

    def test_the_same_again_changes_nothing(self, furnished: World) -> None:
        before = furnished.dump()
        self.publish(furnished)
        assert furnished.dump() == before

    @pytest.mark.parametrize(
        ("change", "field", "message"),
        [
            ({"campaign": "none"}, "campaign", "expected the id of an open campaign, got 'none'"),
            ({"uscc": uscc(5)}, "uscc", "import enterprises first"),
            ({"valid_until": date(2026, 8, 31)}, "valid_until", "expected a last day from 2026-09-01 on"),
            ({"valid_until": date(2027, 9, 1)}, "uscc", "with other dates"),
            ({"signed_on": date(2026, 8, 21)}, "uscc", "with other dates"),
            ({"valid_until": date(9999, 12, 31)}, "valid_until", "expected a date from 1970 to 2999, got 9999-12-31"),
            ({"signed_on": date(1, 1, 1)}, "signed_on", "expected a date from 1970 to 2999"),
        ],
    )
    def test_refusals(self, furnished: World, change: dict[str, object], field: str, message: str) -> None:
        before = furnished.dump()
        with pytest.raises(EntriesRefused, match=message) as caught:
            self.publish(furnished, **change)
        assert caught.value.refusals[0][1].field == field
        assert furnished.dump() == before

    def test_a_day_is_a_day_of_the_deployments_time_zone(self, furnished: World) -> None:
        row = furnished.one("SELECT valid_from_ms, valid_to_ms FROM pledge")
        assert row["valid_from_ms"] == from_iso("2026-09-01T00:00:00+08:00")
        assert row["valid_to_ms"] == from_iso("2027-09-01T00:00:00+08:00")

    def test_one_day_long(self, furnished: World) -> None:
        furnished.enterprise(2)
        self.publish(furnished, uscc=uscc(2), valid_from=date(2026, 9, 1), valid_until=date(2026, 9, 1))
        row = furnished.one("SELECT valid_to_ms - valid_from_ms AS length FROM pledge WHERE number = 2")
        assert row == {"length": DAY_MS}

    @pytest.mark.parametrize(
        ("at", "state"),
        [
            ("2026-08-31T23:59:59.999+08:00", PledgeState.AHEAD),
            ("2026-09-01T00:00:00+08:00", PledgeState.IN_FORCE),
            ("2027-08-31T23:59:59.999+08:00", PledgeState.IN_FORCE),
            ("2027-09-01T00:00:00+08:00", PledgeState.EXPIRED),
        ],
    )
    def test_its_state_follows_from_its_dates(self, furnished: World, at: str, state: PledgeState) -> None:
        furnished.issue()
        furnished.clock.at_ms = from_iso("2026-09-02T00:00:00+08:00")
        verifier = furnished.verifier()
        verifier.keyring()
        furnished.clock.at_ms = from_iso(at)
        with furnished.database.transaction() as tx:  # so that the key's window holds before September too
            tx.execute("UPDATE signing_key SET verifying_from_ms = 0")
        assert shown(furnished).state is state  # type: ignore[attr-defined]

    def test_withdrawn_is_shown_at_once_and_for_ever(self, furnished: World) -> None:
        furnished.issue()
        assert shown(furnished).state is PledgeState.IN_FORCE  # type: ignore[attr-defined]
        pledging.withdraw(furnished.desk, 1, "goods were not as promised")
        assert shown(furnished).state is PledgeState.WITHDRAWN  # type: ignore[attr-defined]
        furnished.clock.pass_days(400)
        assert shown(furnished).state is PledgeState.WITHDRAWN  # type: ignore[attr-defined]
        with pytest.raises(ActRefused, match="signed or published, it is withdrawn"):
            pledging.withdraw(furnished.desk, 1, "again")

    def test_nobodys(self, furnished: World) -> None:
        with pytest.raises(ActRefused, match="expected the number of a pledge, 2 is none"):
            pledging.withdraw(furnished.desk, 2, "r")


# --- what leads to a published pledge


def pledge(world: World, number: int) -> Pledge:
    with world.database.snapshot() as reader:
        found = pledges.by_number(reader, number)
    assert found is not None
    return found


def file_of(world: World, number: int) -> PledgeFile:
    with world.database.snapshot() as reader:
        found = pledge_records.file_of(reader, number)
    assert found is not None
    return found


STEPS: dict[str, Callable[[World, int], Any]] = {
    "pledge.apply": lambda w, n: pledging.apply(w.desk, CAMPAIGN, uscc(n)),
    "pledge.ask": lambda w, n: pledging.ask_back(w.desk, n, "q"),
    "pledge.answer": lambda w, n: pledging.answer(w.desk, n, "a"),
    "pledge.accept": lambda w, n: pledging.accept(w.desk, n),
    "pledge.refuse": lambda w, n: pledging.refuse(w.desk, n, "r"),
    "pledge.sign": lambda w, n: pledging.sign(w.desk, n, w.signature(name="另一人")),
    "pledge.publish": lambda w, n: pledging.publish(w.desk, n),
    "pledge.withdraw": lambda w, n: pledging.withdraw(w.desk, n, "r"),
    "pledge.breach": lambda w, n: upholding.declare_breach(w.desk, n, "f"),
    "pledge.reply": lambda w, n: upholding.reply(w.desk, n, "r"),
    "pledge.clear": lambda w, n: upholding.clear(w.desk, n, "r"),
}


class TestMoves:
    @pytest.mark.parametrize("state", pledges.STATES)
    def test_every_act_in_every_state(self, furnished: World, state: str) -> None:
        """The table is what happens: each act does what it says there, and is refused everywhere else."""
        for enterprise, move in enumerate(MOVES, 2):
            number = furnished.application(enterprise, state)
            after = MOVES[move].get(state)
            if move == "pledge.apply" and pledge(furnished, number).was_published:
                after = None
            before = furnished.dump()
            if after is None:
                with pytest.raises(ActRefused, match=f"it is {state}"):
                    STEPS[move](furnished, number)
                assert furnished.dump() == before
            else:
                STEPS[move](furnished, number)
                assert (pledge(furnished, number).state, furnished.acts()[-1]) == (after, move)
                assert len(furnished.acts()) == len(before["ledger"]) + 1

    def test_the_handbook_has_the_same_table(self) -> None:
        page = (Path(__file__).parents[3] / "docs" / "architecture.md").read_text(encoding="utf-8")
        table = page.partition("| act | from | to |\n| --- | --- | --- |\n")[2].partition("\n\n")[0]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
        told = {row[0].strip("`"): (set(row[1].split(", ")) - {"none"}, row[2]) for row in rows}
        assert told == {
            move: (set(states), ", ".join(dict.fromkeys(states.values()))) for move, states in MOVES.items()
        }

    def test_no_pledge(self, furnished: World) -> None:
        for move, step in STEPS.items():
            if move != "pledge.apply":
                with pytest.raises(ActRefused, match="expected the number of a pledge, 99 is none"):
                    step(furnished, 99)


class TestApplying:
    def test_it_takes_a_number_and_what_the_enterprise_is(self, furnished: World) -> None:
        furnished.enterprise(2, region="330106", sector="hotel")
        applied = pledging.apply(furnished.desk, CAMPAIGN, uscc(2))
        assert (applied.number, applied.state, applied.region, applied.sector) == (2, "applied", "330106", "hotel")
        assert not applied.in_force(furnished.clock())

    @pytest.mark.parametrize(
        ("edition", "enterprise", "field", "message"),
        [
            (
                {"apply_from": date(2026, 9, 2)},
                {},
                "campaign",
                "takes applications from 2026-09-02 to 2026-12-31: not now",
            ),
            ({"apply_until": date(2026, 8, 31)}, {}, "campaign", "from 2026-07-01 to 2026-08-31: not now"),
            ({"region": "330000"}, {}, "region", "expected an enterprise of region 330000, .* got one of 310000"),
            ({}, {"sector": "茶"}, "sector", "expected a sector that is invited, agriculture, food, .*, got '茶'"),
            ({}, {"sector": ""}, "sector", "got ''"),
            ({"sectors": ("hotel",)}, {}, "sector", "expected a sector that is invited, hotel, got 'food'"),
        ],
    )
    def test_who_is_not_invited(
        self, world: World, edition: dict[str, Any], enterprise: dict[str, Any], field: str, message: str
    ) -> None:
        world.association()
        world.campaign(**edition)
        world.enterprise(2, **enterprise)
        before = world.dump()
        with pytest.raises(ActRefused, match=message) as refused:
            pledging.apply(world.desk, CAMPAIGN, uscc(2))
        assert refused.value.field == field
        assert world.dump() == before

    @pytest.mark.parametrize("at", ["2026-07-01T00:00:00+08:00", "2026-12-31T23:59:59.999+08:00"])
    def test_the_period_has_its_first_and_its_last_day(self, world: World, at: str) -> None:
        world.association()
        world.clock.at_ms = from_iso("2026-06-01T00:00:00+08:00")
        world.campaign()
        world.enterprise(2)
        world.clock.at_ms = from_iso(at)
        assert pledging.apply(world.desk, CAMPAIGN, uscc(2)).number == 1

    def test_nobody_and_nowhere(self, furnished: World) -> None:
        with pytest.raises(ActRefused, match="import enterprises first"):
            pledging.apply(furnished.desk, CAMPAIGN, uscc(9))
        with pytest.raises(ActRefused, match="expected the id of an open campaign, got 'none'"):
            pledging.apply(furnished.desk, "none", uscc(1))

    @pytest.mark.parametrize("state", ["refused", "signed"])
    def test_anew_it_keeps_its_number_and_nothing_else(self, furnished: World, state: str) -> None:
        number = furnished.application(2, state)
        if state == "signed":
            pledging.withdraw(furnished.desk, number, "typed wrongly")
        furnished.enterprise(2, sector="hotel")
        anew = pledging.apply(furnished.desk, CAMPAIGN, uscc(2))
        assert (anew.number, anew.state, anew.sector, anew.text_version, anew.signed_ms) == (
            number,
            "applied",
            "hotel",
            None,
            None,
        )
        pledging.accept(furnished.desk, number)
        pledging.sign(furnished.desk, number, furnished.signature(name="另一人"))
        assert pledging.publish(furnished.desk, number).state == "published"
        assert file_of(furnished, number).signatures[-1].name == "另一人"


class TestWriting:
    def test_questions_answers_and_reasons_are_kept_in_order(self, furnished: World) -> None:
        number = furnished.application(2, "returned")
        furnished.clock.pass_ms(60_000)
        pledging.answer(furnished.desk, number, "  联系人：王五\r\n电话见附件\t ")
        pledging.refuse(furnished.desk, number, "r")
        notes = file_of(furnished, number).notes
        assert [(note.kind, note.content) for note in notes] == [
            ("question", "请补充材料"),
            ("answer", "联系人：王五\n电话见附件"),
            ("refusal", "r"),
        ]
        assert notes[1].at_ms - notes[0].at_ms == 60_000

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "expected a question of 1 to 2,000 characters, got 0"),
            (" \n ", "got 0"),
            ("x" * 2_001, "got 2,001"),
            ("a\x07b", "expected a question without control characters, got '.x07'"),
            ("a\u202eb", "without control characters"),
            ("a\ud800b", "without control characters"),
        ],
    )
    def test_what_is_no_text(self, furnished: World, text: str, message: str) -> None:
        number = furnished.application(2)
        before = furnished.dump()
        with pytest.raises(ActRefused, match=message) as refused:
            pledging.ask_back(furnished.desk, number, text)
        assert refused.value.field == "question"
        assert furnished.dump() == before

    def test_as_long_as_may_be(self, furnished: World) -> None:
        number = furnished.application(2)
        pledging.ask_back(furnished.desk, number, "问" * 2_000)
        assert len(file_of(furnished, number).notes[0].content) == 2_000

    def test_nothing_of_it_is_on_the_ledger(self, furnished: World) -> None:
        number = furnished.application(2)
        secret = "秘密王五"
        pledging.ask_back(furnished.desk, number, secret)
        pledging.answer(furnished.desk, number, secret)
        pledging.accept(furnished.desk, number)
        pledging.sign(furnished.desk, number, furnished.signature(name=secret, title=secret))
        pledging.publish(furnished.desk, number)
        upholding.declare_breach(furnished.desk, number, secret)
        upholding.reply(furnished.desk, number, secret)
        upholding.clear(furnished.desk, number, secret)
        pledging.withdraw(furnished.desk, number, secret)
        assert not [row for row in furnished.rows("SELECT entry FROM ledger") if secret in row["entry"]]


class TestSigning:
    def test_a_signature(self, furnished: World) -> None:
        number = furnished.application(2, "accepted")
        signed = pledging.sign(furnished.desk, number, furnished.signature(name=" 李诚 "))
        assert (signed.state, signed.text_version, signed.signed_ms) == ("signed", 1, furnished.clock())
        (found,) = file_of(furnished, number).signatures
        assert (found.name, found.title, found.account_id, found.text_version) == ("李诚", "总经理", "account-1", 1)
        assert found.at_ms == furnished.clock()

    def test_the_same_once_more_is_the_same(self, furnished: World) -> None:
        number = furnished.application(2, "accepted")
        once = pledging.sign(furnished.desk, number, furnished.signature())
        before = furnished.dump()
        furnished.clock.pass_ms(200)
        assert pledging.sign(furnished.desk, number, furnished.signature()) == once
        assert furnished.dump() == before

    @pytest.mark.parametrize("change", [{"name": "王五"}, {"title": "x"}, {"account_id": "account-2"}])
    def test_another_one_is_refused(self, furnished: World, change: dict[str, str]) -> None:
        number = furnished.application(2, "signed")
        with pytest.raises(ActRefused, match=f"pledge {number}: expected it to be accepted, it is signed"):
            pledging.sign(furnished.desk, number, furnished.signature(**change))

    def test_a_stale_form(self, furnished: World) -> None:
        number = furnished.application(2, "accepted")
        read = furnished.signature()
        furnished.campaign(articles=MORE)
        before = furnished.dump()
        with pytest.raises(ActRefused, match=r"under version 2 of the text.* the text has changed since") as refused:
            pledging.sign(furnished.desk, number, read)
        assert refused.value.field == "text_digest"
        assert furnished.dump() == before
        assert pledging.sign(furnished.desk, number, furnished.signature()).text_version == 2

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": " "}, "name"),
            ({"title": ""}, "title"),
            ({"name": "x" * 101}, "name"),
            ({"title": "a\nb"}, "title"),
        ],
    )
    def test_who_signs_has_a_name_and_a_title(self, furnished: World, change: dict[str, str], field: str) -> None:
        number = furnished.application(2, "accepted")
        with pytest.raises(ActRefused, match=f"expected a {field} of") as refused:
            pledging.sign(furnished.desk, number, furnished.signature(**change))
        assert refused.value.field == field


class TestPublishing:
    def test_it_is_valid_with_its_edition_but_not_before_it_was_signed(self, furnished: World) -> None:
        furnished.clock.at_ms = from_iso("2026-10-05T17:00:00+08:00")
        number = furnished.application(2, "signed")
        furnished.clock.pass_days(3)
        published = pledging.publish(furnished.desk, number)
        assert published.valid_from_ms == from_iso("2026-10-05T00:00:00+08:00")
        assert published.valid_to_ms == from_iso("2027-09-01T00:00:00+08:00")
        assert published.in_force(furnished.clock())

    def test_signed_before_its_edition_begins(self, furnished: World) -> None:
        furnished.campaign(valid_from=date(2026, 9, 10))
        number = furnished.application(2, "published")
        assert pledge(furnished, number).valid_from_ms == from_iso("2026-09-10T00:00:00+08:00")

    def test_not_after_its_edition(self, furnished: World) -> None:
        number = furnished.application(2, "signed")
        furnished.clock.at_ms = from_iso("2027-09-01T00:00:00+08:00")
        with pytest.raises(ActRefused, match="while pledges of its campaign are valid, until 2027-08-31"):
            pledging.publish(furnished.desk, number)

    def test_many_or_none(self, furnished: World) -> None:
        numbers = [furnished.application(2, "signed"), furnished.application(3, "accepted")]
        before = furnished.dump()
        with pytest.raises(EntriesRefused, match=f"entry 2: pledge {numbers[1]}: expected it to be signed"):
            pledging.publish_many(furnished.desk, numbers)
        assert furnished.dump() == before
        pledging.sign(furnished.desk, numbers[1], furnished.signature())
        assert [each.state for each in pledging.publish_many(furnished.desk, numbers)] == ["published"] * 2

    def test_accepting_many_or_none(self, furnished: World) -> None:
        numbers = [furnished.application(2), furnished.application(3)]
        with pytest.raises(EntriesRefused, match="entry 3: expected the number of a pledge, 99 is none"):
            pledging.accept_many(furnished.desk, [*numbers, 99])
        assert [each.state for each in pledging.accept_many(furnished.desk, numbers)] == ["accepted"] * 2

    @pytest.mark.parametrize("state", [state for state in pledges.STATES if state != "published"])
    def test_no_batch_carries_any_other(self, furnished: World, state: str) -> None:
        furnished.enterprise(2)
        furnished.product(2, enterprise=2, prefix="6905555")
        furnished.claim("prefix", "6905555", 2)
        number = furnished.application(2, state)
        with pytest.raises(ActRefused, match=f"expected one in force, it is {state}"):
            furnished.issue(gtin=gtin(2, "6905555"), pledge=number)

    def test_a_batch_carries_it_once_it_is_published(self, furnished: World) -> None:
        furnished.enterprise(2)
        furnished.product(2, enterprise=2, prefix="6905555")
        furnished.claim("prefix", "6905555", 2)
        number = furnished.application(2, "published")
        assert furnished.issue(gtin=gtin(2, "6905555"), pledge=number).pledge == number


class TestOnPaper:
    def paper(self, world: World, **changes: Any) -> Tally:
        days = {"signed_on": date(2026, 8, 20), "valid_from": date(2026, 9, 1), "valid_until": date(2027, 8, 31)}
        return pledging.publish_pledges(world.desk, [PledgeEntry(CAMPAIGN, uscc(2), **{**days, **changes})])

    def test_the_ledger_says_that_it_was_signed_on_paper(self, furnished: World) -> None:
        number = furnished.application(3, "published")
        entries = [
            json.loads(row["entry"])
            for row in furnished.rows("SELECT entry FROM ledger WHERE act = 'pledge.publish' ORDER BY position")
        ]
        assert [(entry["subject"], entry["payload"]["signed"]) for entry in entries] == [
            ("pledge:1", "paper"),
            (f"pledge:{number}", "here"),
        ]
        assert file_of(furnished, 1).signatures == ()

    @pytest.mark.parametrize("state", ["applied", "returned", "accepted"])
    def test_an_application_that_was_signed_on_paper(self, furnished: World, state: str) -> None:
        number = furnished.application(2, state)
        assert self.paper(furnished) == Tally(changed=1)
        assert pledge(furnished, number).state == "published"
        assert self.paper(furnished) == Tally(unchanged=1)

    @pytest.mark.parametrize("state", ["refused", "signed"])
    def test_what_was_decided_otherwise(self, furnished: World, state: str) -> None:
        number = furnished.application(2, state)
        with pytest.raises(EntriesRefused, match=f"has pledge {number} in {CAMPAIGN}: it is {state}"):
            self.paper(furnished)

    def test_a_sector_out_of_the_list_is_other(self, furnished: World) -> None:
        furnished.enterprise(2, sector="茶")
        self.paper(furnished)
        assert pledge(furnished, 2).sector == "other"

    def test_an_enterprise_of_another_region(self, world: World) -> None:
        world.association()
        world.campaign(region="330000")
        world.enterprise(2)
        with pytest.raises(EntriesRefused, match="expected an enterprise of region 330000, got one of 310000"):
            self.paper(world)


class TestMany:
    def entries(self, *numbers: int, **changes: Any) -> list[EnterpriseEntry]:
        return [
            EnterpriseEntry(
                **{
                    "uscc": uscc(number),
                    "name_zh": f"企业{number}",
                    "name_en": "",
                    "region": "330100",
                    "sector": "food",
                    "service_phone": "",
                    "contact": "",
                    **changes,
                }
            )
            for number in numbers
        ]

    def test_enterprises_and_applications_in_one_act(self, furnished: World) -> None:
        assert pledging.apply_many(furnished.desk, CAMPAIGN, self.entries(5, 6)) == Tally(added=2)
        assert furnished.acts()[-4:] == ["enterprise.enrol", "pledge.apply"] * 2
        before = furnished.dump()
        assert pledging.apply_many(furnished.desk, CAMPAIGN, self.entries(5, 6)) == Tally(unchanged=2)
        assert furnished.dump() == before

    def test_an_application_follows_the_region_until_it_is_decided(self, furnished: World) -> None:
        pledging.apply_many(furnished.desk, CAMPAIGN, self.entries(5, 6))
        pledging.accept(furnished.desk, 3)
        changed = pledging.apply_many(furnished.desk, CAMPAIGN, self.entries(5, 6, region="440100"))
        assert changed == Tally(changed=2)
        assert [pledge(furnished, number).region for number in (2, 3)] == ["440100", "330100"]

    def test_what_was_refused_is_not_brought_back(self, furnished: World) -> None:
        pledging.apply_many(furnished.desk, CAMPAIGN, self.entries(5))
        pledging.refuse(furnished.desk, 2, "r")
        assert pledging.apply_many(furnished.desk, CAMPAIGN, self.entries(5)) == Tally(unchanged=1)
        assert pledge(furnished, 2).state == "refused"

    def test_all_or_none(self, furnished: World) -> None:
        before = furnished.dump()
        with pytest.raises(EntriesRefused) as refused:
            pledging.apply_many(furnished.desk, CAMPAIGN, [*self.entries(5), *self.entries(6, sector="fun")])
        assert [(index, error.field) for index, error in refused.value.refusals] == [(1, "sector")]
        assert furnished.dump() == before

    def test_no_campaign(self, furnished: World) -> None:
        with pytest.raises(ActRefused, match="expected the id of an open campaign, got 'none'"):
            pledging.apply_many(furnished.desk, "none", self.entries(5))

    def test_within_a_region_alone(self, furnished: World) -> None:
        """Neither what would lie elsewhere, nor what is enrolled elsewhere and would be brought over."""
        furnished.enterprise(6, region="310000")
        before = furnished.dump()
        entries = [*self.entries(5, 6, region="330106"), *self.entries(7, region="310000")]
        with pytest.raises(EntriesRefused) as refused:
            pledging.apply_many(furnished.desk, CAMPAIGN, entries, "330000")
        found = [(index, error.field, str(error)) for index, error in refused.value.refusals]
        expected = "expected an enterprise within region 330000, one's own, got one of 310000"
        assert found == [(1, "uscc", f"{expected}, where it is enrolled"), (2, "region", expected)]
        assert furnished.dump() == before
        assert pledging.apply_many(furnished.desk, CAMPAIGN, entries[:1], "330000") == Tally(added=1)
        with pytest.raises(
            EntriesRefused, match="expected an enterprise within region 330000, one's own, got one of 31"
        ):
            pledging.publish_pledges(furnished.desk, [on_paper(6)], "330000")


def on_paper(number: int) -> PledgeEntry:
    return PledgeEntry(CAMPAIGN, uscc(number), date(2026, 8, 20), date(2026, 9, 1), date(2027, 8, 31))
