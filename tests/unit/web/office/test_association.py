"""The association's console: figures, the queue, decisions, and whose they are."""

from __future__ import annotations

from typing import Any

import pytest
from support.world import ASSOCIATION, CAMPAIGN

from tests.unit.web.office.conftest import Offices, Visitor
from traceqr import enrolling, pledging
from traceqr.access import Role
from traceqr.enrolling import OrganisationEntry
from traceqr.office.house import Absent, Denied
from traceqr.office.review import ReviewOffice, Wanted
from traceqr.web.door import EXTENSION, HOMES

EDITION = f"/association/campaigns/{CAMPAIGN}"
QUEUE = f"{EDITION}/queue"


def one(number: int) -> str:
    return f"/association/applications/{number}"


def association(offices: Offices, name: str, region: str = "110000") -> str:
    """The id of another association, of a province."""
    entry = OrganisationEntry("association", "province", region, name, "Another Association")
    enrolling.enrol_organisations(offices.world.desk, [entry])
    return str(offices.world.base.one("SELECT id FROM organisation WHERE name_zh = :name", name=name)["id"])


def state(offices: Offices, number: int) -> str:
    return str(offices.world.base.one("SELECT state FROM pledge WHERE number = :number", number=number)["state"])


@pytest.fixture
def officer(offices: Offices) -> Visitor:
    return offices.as_(Role.OFFICER)


def region_of(offices: Offices, number: int) -> str:
    return str(offices.world.base.one("SELECT region FROM pledge WHERE number = :n", n=number)["region"])


class TestFigures:
    def test_the_board_counts(self, offices: Offices, officer: Visitor) -> None:
        offices.world.base.application(5)
        page = officer.get("/association/").text
        assert f'{QUEUE}?state=applied">Applied</a></th>\n<td class="number">1</td>' in page
        assert f'{QUEUE}?state=published">Expired</a>' in page
        assert "yours" in page

    def test_by_sector_and_by_region(self, offices: Offices, officer: Visitor) -> None:
        number = offices.world.base.application(5)
        page = officer.get(EDITION).text
        assert f"{QUEUE}?region={region_of(offices, number)[:2]}0000" in page
        assert f"{QUEUE}?sector=" in page
        assert "style=" not in page

    def test_of_another_region_are_nil(self, offices: Offices) -> None:
        offices.world.base.application(5)
        visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
        assert '<td class="number">1</td>' not in visitor.get("/association/").text


class TestQueue:
    def test_is_narrowed(self, offices: Offices, officer: Visitor) -> None:
        number = offices.world.base.application(5)
        row = offices.world.base.one(
            "SELECT e.uscc, e.name_zh, g.sector FROM pledge g JOIN enterprise e ON e.id = g.enterprise_id"
            " WHERE g.number = :number",
            number=number,
        )
        for found in (f"text={row['uscc']}", f"text={row['name_zh'][1:3]}", f"sector={row['sector']}", ""):
            assert one(number) in officer.get(f"{QUEUE}?{found}").text
        for missed in ("text=%25", "text=_", "text=' OR 1=1", "sector=finance", "state=signed"):
            assert one(number) not in officer.get(f"{QUEUE}?{missed}").text

    @pytest.mark.parametrize("asked", ["state=none", "sector=none", "region=33", "region=..", "region=%00"])
    def test_what_is_no_filter(self, officer: Visitor, asked: str) -> None:
        assert officer.get(f"{QUEUE}?{asked}").status_code == 404

    @pytest.mark.parametrize(
        "path",
        [f"{QUEUE}?text=a%00b", f"/association/applications/{'9' * 30}", "/association/campaigns/a%00b"],
    )
    def test_what_no_database_can_be_asked_about(self, officer: Visitor, path: str) -> None:
        assert officer.get(path).status_code == 404

    def test_goes_on_page_by_page(self, offices: Offices, officer: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("traceqr.office.review.PAGE", 1)
        first, second = offices.world.base.application(5), offices.world.base.application(6)
        page = officer.get(QUEUE).text
        assert one(first) in page
        assert one(second) not in page
        after = f"{region_of(offices, first)}-{first}"
        assert f"after={after}" in page
        last = officer.get(f"{QUEUE}?after={after}").text
        assert one(second) in last
        assert "Next page" not in last

    def test_all_ticked_at_once(self, offices: Offices, officer: Visitor) -> None:
        numbers = [offices.world.base.application(each) for each in (5, 6)]
        answer = officer.post(f"{EDITION}/accept", form=QUEUE, number=numbers, state="applied")
        assert answer.status_code == 303
        assert [state(offices, number) for number in numbers] == ["accepted", "accepted"]

    def test_signed_ones_are_published_at_once(self, offices: Offices, officer: Visitor) -> None:
        number = offices.world.base.application(5, "signed")
        answer = officer.post(f"{EDITION}/publish", form=f"{QUEUE}?state=signed", number=[number], state="signed")
        assert answer.status_code == 303
        assert state(offices, number) == "published"

    def test_one_that_was_decided_meanwhile_leaves_all(self, offices: Offices, officer: Visitor) -> None:
        first, second = offices.world.base.application(5), offices.world.base.application(6)
        token = officer.token(QUEUE)
        pledging.refuse(offices.world.desk, second, "材料不全")
        data = {"csrf_token": token, "number": [first, second], "state": "applied"}
        answer = officer.client.post(f"{EDITION}/accept", data=data, headers={"Accept-Language": "en"})
        assert answer.status_code == 409
        assert "somebody else was quicker" in answer.text
        assert state(offices, first) == "applied"

    @pytest.mark.parametrize(("numbers", "status"), [([], 422), (["x"], 400), (["-1"], 400), (["999"], 404)])
    def test_wrong_numbers(self, offices: Offices, officer: Visitor, numbers: list[str], status: int) -> None:
        offices.world.base.application(5)
        answer = officer.post(f"{EDITION}/accept", form=QUEUE, number=numbers, state="applied")
        assert answer.status_code == status


class TestDecisions:
    def test_asked_back(self, offices: Offices, officer: Visitor) -> None:
        number = offices.world.base.application(5)
        question = "<script>alert(1)</script>"
        assert officer.post(f"{one(number)}/ask", form=one(number), question=question).status_code == 303
        assert state(offices, number) == "returned"
        page = officer.get(one(number)).text
        assert question not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_accepted_and_published(self, offices: Offices, officer: Visitor) -> None:
        number = offices.world.base.application(5)
        assert officer.post(f"{one(number)}/accept", form=one(number)).status_code == 303
        assert state(offices, number) == "accepted"
        pledging.sign(offices.world.desk, number, offices.world.base.signature())
        assert officer.post(f"{one(number)}/publish", form=one(number)).status_code == 303
        assert state(offices, number) == "published"

    def test_refused_for_a_reason(self, offices: Offices, officer: Visitor) -> None:
        number = offices.world.base.application(5)
        for reason in ("", "  ", "x" * 1_001):
            assert officer.post(f"{one(number)}/refuse", form=one(number), reason=reason).status_code == 422
        assert state(offices, number) == "applied"
        assert officer.post(f"{one(number)}/refuse", form=one(number), reason="材料不全").status_code == 303
        assert "材料不全" in officer.get(one(number)).text

    @pytest.mark.parametrize("what", ["accept", "ask", "refuse", "publish"])
    def test_of_two_officers_one_wins(self, offices: Offices, officer: Visitor, what: str) -> None:
        number = offices.world.base.application(5)
        hidden = officer.hidden(one(number))
        second = offices.as_(Role.OFFICER)
        assert second.post(f"{one(number)}/accept", form=one(number)).status_code == 303
        answer = officer.send(f"{one(number)}/{what}", {**hidden, "question": "为什么", "reason": "材料不全"})
        assert answer.status_code == 409
        assert "somebody else was quicker" in answer.text
        assert state(offices, number) == "accepted"

    @pytest.mark.parametrize("what", ["accept", "ask", "refuse"])
    def test_what_was_answered_meanwhile_is_read_first(self, offices: Offices, officer: Visitor, what: str) -> None:
        """The state is the same again, but what was shown is not all that there is now."""
        number = offices.world.base.application(5)
        hidden = officer.hidden(one(number))
        pledging.ask_back(offices.world.desk, number, "为什么")
        pledging.answer(offices.world.desk, number, "因为")
        data = {"question": "为什么", "reason": "材料不全"}
        for sent in (hidden, {**hidden, "seen": ""}, {**hidden, "seen": "x"}, {**hidden, "seen": "9" * 30}):
            assert officer.send(f"{one(number)}/{what}", {**sent, **data}).status_code == 409
        assert state(offices, number) == "applied"
        assert officer.post(f"{one(number)}/{what}", form=one(number), **data).status_code == 303

    def test_what_was_returned_is_not_refused_by_an_older_page(self, offices: Offices, officer: Visitor) -> None:
        number = offices.world.base.application(5)
        hidden = officer.hidden(one(number))
        pledging.ask_back(offices.world.desk, number, "为什么")
        assert officer.send(f"{one(number)}/refuse", {**hidden, "reason": "材料不全"}).status_code == 409
        assert state(offices, number) == "returned"

    @pytest.mark.parametrize("many", [False, True])
    def test_an_edition_that_has_ended(self, offices: Offices, officer: Visitor, many: bool) -> None:
        number = offices.world.base.application(5, "signed")
        offices.world.base.clock.pass_days(400)
        visitor = offices.as_(Role.OFFICER)  # the session of the first has ended
        answer = (
            visitor.post(f"{EDITION}/publish", form=f"{QUEUE}?state=signed", number=[number], state="signed")
            if many
            else visitor.post(f"{one(number)}/publish", form=one(number))
        )
        assert answer.status_code == 409
        assert "The pledges of this edition are valid no more." in answer.text

    def test_withdrawn_for_a_reason(self, offices: Offices, officer: Visitor) -> None:
        assert officer.post(f"{one(1)}/withdraw", form=one(1), reason=" ").status_code == 422
        assert officer.post(f"{one(1)}/withdraw", form=one(1), reason="企业申请退出").status_code == 303
        assert state(offices, 1) == "withdrawn"
        page = officer.get(one(1)).text
        assert "企业申请退出" in page
        assert f"{one(1)}/withdraw" not in page


class TestWhoseTheyAre:
    @pytest.mark.parametrize("what", ["accept", "ask", "refuse", "publish", "withdraw"])
    def test_of_another_region(self, offices: Offices, what: str) -> None:
        number = offices.world.base.application(5)
        visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
        assert visitor.get(one(number)).status_code == 404
        assert one(number) not in visitor.get(QUEUE).text
        assert visitor.get(f"{QUEUE}?region={region_of(offices, number)}").status_code == 404
        data = {"question": "为什么", "reason": "材料不全"}
        assert visitor.post(f"{one(number)}/{what}", form="/association/", **data).status_code == 404
        for many in ("accept", "publish"):
            assert visitor.post(f"{EDITION}/{many}", form="/association/", number=[number]).status_code == 404
        assert state(offices, number) == "applied"

    def test_a_lower_level_decides_in_its_region(self, offices: Offices) -> None:
        number = offices.world.base.application(5)
        region = region_of(offices, number)[:2] + "0000"
        visitor = offices.as_(Role.OFFICER, association(offices, "本省协会（测试）", region))
        assert visitor.post(f"{one(number)}/accept", form=one(number)).status_code == 303
        assert state(offices, number) == "accepted"

    def test_a_co_organiser_reads_only(self, offices: Offices) -> None:
        number = offices.world.base.application(5)
        body = association(offices, "协办协会（测试）", region_of(offices, number)[:2] + "0000")
        offices.world.base.campaign(co_organisers=("协办协会（测试）",))
        visitor = offices.as_(Role.OFFICER, body)
        assert "Decide" not in visitor.get(one(number)).text
        contact = offices.world.base.rows("SELECT contact FROM enterprise ORDER BY position DESC")[0]["contact"]
        assert contact not in visitor.get(one(number)).text
        assert contact in offices.as_(Role.OFFICER).get(one(number)).text
        assert visitor.post(f"{one(number)}/accept", form="/association/").status_code == 403
        assert state(offices, number) == "applied"

    def test_a_campaign_of_another_region(self, offices: Offices) -> None:
        body = association(offices, "某省协会（测试）")
        offices.world.base.campaign("province-2027", region="330000")
        visitor = offices.as_(Role.OFFICER, body)
        for path in ("", "/queue"):
            assert visitor.get(f"/association/campaigns/province-2027{path}").status_code == 404
        assert "province-2027" not in visitor.get("/association/").text

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICER])
    def test_other_roles_are_kept_out(self, offices: Offices, role: Role) -> None:
        visitor = offices.as_(role)
        for path in ("/association/", EDITION, QUEUE, one(1)):
            answer = visitor.get(path)
            assert answer.status_code == 302
            assert answer.headers["Location"] == HOMES[role]

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICER])
    def test_the_office_itself_asks(self, offices: Offices, role: Role) -> None:
        desk = ReviewOffice(offices.app.extensions[EXTENSION].house, offices.person(role).identity)
        asked: list[Any] = [
            desk.editions,
            lambda: desk.edition(CAMPAIGN),
            lambda: desk.funnel(CAMPAIGN),
            lambda: desk.queue(CAMPAIGN, Wanted("applied")),
            lambda: desk.application(1),
            lambda: desk.accept_many([1]),
            lambda: desk.publish_many([1]),
            lambda: desk.accept(1, 1),
            lambda: desk.publish(1, 1),
            lambda: desk.ask_back(1, 1, "为什么"),
            lambda: desk.refuse(1, 1, "材料不全"),
            lambda: desk.withdraw(1, 1, "企业申请退出"),
        ]
        for ask in asked:
            with pytest.raises(Denied):
                ask()

    def test_a_number_of_another_campaign(self, offices: Offices) -> None:
        number = offices.world.base.application(5)
        offices.world.base.campaign("quality-month-2027", organiser=ASSOCIATION)
        desk = ReviewOffice(offices.app.extensions[EXTENSION].house, offices.person(Role.OFFICER).identity)
        with pytest.raises(Absent):
            desk.accept_many([number], "quality-month-2027")


def test_regions_have_names(offices: Offices, officer: Visitor) -> None:
    number = offices.world.base.application(5)
    for path in (QUEUE, one(number), EDITION):
        assert "上海市" in officer.get(path).text
