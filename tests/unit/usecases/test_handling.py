"""What becomes of cases: answered, escalated, closed and opened again, in the order that there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.staff import admitted, enterprise_id, organisation_id
from support.world import World

from traceqr import admitting, handling
from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.instant import DAY_MS
from traceqr.registry import case_figures, case_texts, cases
from traceqr.reporting import Scanned, Sender
from traceqr.suspecting import suspected

YEAR_MS = 365 * DAY_MS


@pytest.fixture
def market(furnished: World) -> World:
    furnished.issue(10)
    return furnished


def state(world: World, case_id: str) -> cases.Case:
    with world.database.snapshot() as reader:
        found = cases.by_id(reader, case_id)
    assert found is not None
    return found


def closed(world: World) -> str:
    case_id = world.case()
    handling.answer(world.desk, case_id, "an answer")
    handling.close(world.desk, case_id, "copied")
    return case_id


class TestAnswers:
    def test_the_first_one_counts(self, market: World) -> None:
        case_id = market.case()
        market.clock.pass_days(1)
        first = market.clock()
        handling.answer(market.desk, case_id, "first")
        market.clock.pass_days(1)
        handling.answer(market.desk, case_id, "second")
        assert state(market, case_id).answered_ms == first

    def test_that_of_an_association_does_not_stand_for_the_enterprise(self, market: World) -> None:
        case_id = market.case()
        handling.answer(market.desk, case_id, "We ask them.", organisation_id(market))
        assert state(market, case_id).answered_ms is None

    def test_that_of_an_association_counts_where_there_is_none(self, market: World) -> None:
        case_id = market.case(scanned=Scanned("forged", "seal-broken"))
        handling.answer(market.desk, case_id, "It is a forgery.", organisation_id(market))
        assert state(market, case_id).answered_ms == market.clock()

    def test_the_ledger_holds_no_text(self, market: World) -> None:
        case_id = market.case(content="王五买的", contact="13800000000")
        handling.note(market.desk, case_id, "王五 is angry")
        handling.answer(market.desk, case_id, "亲爱的王五")
        assert "王五" not in repr(market.rows("SELECT entry FROM ledger"))
        assert market.one("SELECT COUNT(*) AS n FROM trail WHERE kind = 'cases'") == {"n": 2}


class TestAssigning:
    def test_to_a_person_of_the_enterprise(self, market: World) -> None:
        case_id, clerk = market.case(), admitted(market, Role.CLERK)
        handling.assign(market.desk, case_id, clerk.account.id)
        assert state(market, case_id).account_id == clerk.account.id

    @pytest.mark.parametrize("who", ["another enterprise", "association", "operator", "left", "nobody"])
    def test_to_nobody_else(self, market: World, who: str) -> None:
        case_id = market.case()
        market.enterprise(2)
        people: dict[str, Callable[[], str]] = {
            "another enterprise": lambda: admitted(market, Role.CLERK, enterprise_id(market, 2)).account.id,
            "association": lambda: admitted(market, Role.OFFICER).account.id,
            "operator": lambda: admitted(market, Role.OPERATOR).account.id,
            "left": lambda: left(market),
            "nobody": lambda: "0" * 16,
        }
        account = people[who]()
        with pytest.raises(ActRefused, match="expected an account of the body") as caught:
            handling.assign(market.desk, case_id, account)
        assert caught.value.field == "account"

    def test_a_forgery_is_given_to_an_officer(self, market: World) -> None:
        case_id, officer = market.case(scanned=Scanned("forged", "r")), admitted(market, Role.OFFICER)
        handling.assign(market.desk, case_id, officer.account.id)
        with pytest.raises(ActRefused, match="of the body"):
            handling.assign(market.desk, case_id, admitted(market, Role.OPERATOR).account.id)


def left(world: World) -> str:
    clerk = admitted(world, Role.CLERK)
    admitting.close(world.desk, clerk.account.id)
    return clerk.account.id


class TestLateness:
    def test_it_follows_from_the_instant(self, market: World) -> None:
        case_id = market.case()
        market.clock.pass_ms(7 * DAY_MS)
        assert not state(market, case_id).is_late(market.clock())
        market.clock.pass_ms(1)
        assert state(market, case_id).is_late(market.clock())
        with market.database.snapshot() as reader:
            assert [case.id for case in cases.late(reader, market.clock())] == [case_id]
        handling.answer(market.desk, case_id, "at last")
        assert not state(market, case_id).is_late(market.clock())
        with market.database.snapshot() as reader:
            assert cases.late(reader, market.clock()) == []

    def test_what_is_late_is_escalated_once(self, market: World) -> None:
        case_id = market.case()
        with pytest.raises(ActRefused, match="that is late"):
            handling.escalate(market.desk, case_id)
        market.clock.pass_days(8)
        handling.escalate(market.desk, case_id)
        assert state(market, case_id).escalated_ms == market.clock()
        with pytest.raises(ActRefused, match="not escalated yet"):
            handling.escalate(market.desk, case_id)

    def test_without_an_enterprise_there_is_nobody_to_escalate_over(self, market: World) -> None:
        case_id = market.case(scanned=Scanned("forged", "r"))
        market.clock.pass_days(8)
        with pytest.raises(ActRefused, match="of an enterprise"):
            handling.escalate(market.desk, case_id)


class TestClosing:
    def test_nobody_is_left_without_an_answer(self, market: World) -> None:
        case_id = market.case()
        with pytest.raises(ActRefused, match="expected an answer to those who reported"):
            handling.close(market.desk, case_id, "genuine")

    @pytest.mark.parametrize("finding", ["", "guilty", "copied "])
    def test_a_finding_of_the_list(self, market: World, finding: str) -> None:
        with pytest.raises(ActRefused, match="expected a finding"):
            handling.close(market.desk, market.case(), finding)

    def test_it_is_opened_again_with_a_reason(self, market: World) -> None:
        case_id = closed(market)
        answered = state(market, case_id).answered_ms
        market.clock.pass_days(1)
        handling.reopen(market.desk, case_id, "The finding was wrong.")
        again = state(market, case_id)
        assert (again.state, again.finding, again.closed_ms, again.answered_ms) == ("open", None, None, answered)

    def test_not_beside_one_that_is_open(self, market: World) -> None:
        case_id = closed(market)
        market.clock.pass_ms(1)
        market.case()
        with pytest.raises(ActRefused, match="none that is open about the same"):
            handling.reopen(market.desk, case_id, "r")

    @pytest.mark.parametrize("act", ["answer", "close", "assign", "escalate"])
    def test_nothing_more_is_done_about_a_closed_one(self, market: World, act: str) -> None:
        case_id = closed(market)
        acts: dict[str, Callable[[], Any]] = {
            "answer": lambda: handling.answer(market.desk, case_id, "x"),
            "close": lambda: handling.close(market.desk, case_id, "other"),
            "assign": lambda: handling.assign(market.desk, case_id, "x"),
            "escalate": lambda: handling.escalate(market.desk, case_id),
        }
        with pytest.raises(ActRefused, match="expected it to be open, it is closed"):
            acts[act]()
        handling.note(market.desk, case_id, "a note")

    def test_an_open_one_is_not_opened(self, market: World) -> None:
        with pytest.raises(ActRefused, match="expected it to be closed, it is open"):
            handling.reopen(market.desk, market.case(), "r")

    @pytest.mark.parametrize("case_id", ["", "x", "0" * 16])
    def test_no_case(self, market: World, case_id: str) -> None:
        with pytest.raises(ActRefused, match="expected the id of a case"):
            handling.answer(market.desk, case_id, "x")


def test_each_body_reads_its_own_notes(market: World) -> None:
    case_id, own = market.case(), organisation_id(market)
    handling.note(market.desk, case_id, "of the enterprise")
    handling.note(market.desk, case_id, "of the association", own)
    with market.database.snapshot() as reader:
        assert [row["content"] for row in case_texts.notes(reader, case_id, None)] == ["of the enterprise"]
        assert [row["content"] for row in case_texts.notes(reader, case_id, own)] == ["of the association"]


def test_each_event_is_noted_for_those_who_tell_others(market: World) -> None:
    case_id = closed(market)
    handling.reopen(market.desk, case_id, "r")
    with market.database.snapshot() as reader:
        found = case_texts.events_after(reader, 0, "", 9)
        assert [event.kind for event in found] == ["reported", "answered", "closed", "reopened"]
        assert {event.case_id for event in found} == {case_id}
        assert case_texts.events_after(reader, found[-1].at_ms, found[-1].id, 9) == []


class TestFigures:
    def answering(self, world: World, since_ms: int = 0) -> case_figures.Answering:
        with world.database.snapshot() as reader:
            return case_figures.answering(reader, enterprise_id(world), since_ms, world.clock())

    def test_nothing_was_reported(self, market: World) -> None:
        found = self.answering(market)
        assert (found.cases, found.due, found.share, found.median_days) == (0, 0, None, None)

    def test_what_is_not_due_yet_does_not_count_against_it(self, market: World) -> None:
        market.case()
        found = self.answering(market)
        assert (found.cases, found.due, found.share) == (1, 0, None)

    def test_answered_in_time_late_and_not_at_all(self, market: World) -> None:
        days = {"310000": 1, "320000": 3, "330000": 9}
        made = {place: market.case(sender=Sender(place=place)) for place in days}
        market.clock.pass_ms(1)
        market.case(sender=Sender(place="340000"))
        for place, day in days.items():
            market.clock.at_ms = state(market, made[place]).opened_ms + day * DAY_MS
            handling.answer(market.desk, made[place], "an answer")
        found = self.answering(market)
        assert (found.cases, found.due, found.answered, found.in_time) == (4, 4, 3, 2)
        assert (found.share, found.median_days) == (50, 3)

    def test_of_the_last_year_alone(self, market: World) -> None:
        market.case()
        market.clock.pass_ms(YEAR_MS + 1)
        assert self.answering(market, market.clock() - YEAR_MS).cases == 0

    def test_what_nobody_reported_does_not_count(self, market: World) -> None:
        with market.database.recording() as tx:
            suspected(tx, market.desk.new_id, 1, 3, "", market.clock(), "many-devices")
        assert self.answering(market).cases == 0
