"""The association's console: the enterprises of a region, and the officers of the association itself."""

from __future__ import annotations

from typing import Any

import pytest
from support.staff import enterprise_id, organisation_id
from support.world import uscc

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_association import association
from tests.unit.web.office.test_association_editions import hidden_value
from traceqr import admitting, upholding
from traceqr.access import Role
from traceqr.office.enrolment import Asked, EnrolmentOffice, Typed
from traceqr.office.house import Absent, Denied
from traceqr.office.people import OfficersOffice
from traceqr.web.door import EXTENSION

LIST = "/association/enterprises"
NEW = f"{LIST}/new"
ONE = f"{LIST}/{uscc(1)}"
OFFICERS = "/association/officers"

TYPED = {
    "uscc": uscc(9),
    "name_zh": "示例茶业有限公司",
    "name_en": "Example Tea",
    "region": "330106",
    "sector": "food",
    "service_phone": "400-000-0000",
    "contact": "质量部",
}
SAID = Typed(**{name: value for name, value in TYPED.items() if name != "uscc"})


@pytest.fixture
def officer(offices: Offices) -> Visitor:
    return offices.as_(Role.OFFICER)


def enterprise(offices: Offices, number: int = 9) -> dict[str, Any]:
    return dict(offices.world.base.one("SELECT * FROM enterprise WHERE uscc = :uscc", uscc=uscc(number)))


class TestList:
    def test_is_searched_and_narrowed(self, offices: Offices, officer: Visitor) -> None:
        offices.world.base.enterprise(2, region="330106", sector="retail", name_zh="百货商店")
        for asked in ("", f"text={uscc(2)}", "text=百货", "text=Tea House No. 2", "sector=retail", "region=330000"):
            assert f"{LIST}/{uscc(2)}" in officer.get(f"{LIST}?{asked}").text, asked
        for asked in ("text=%25", "text=_", "text=' OR 1=1", "sector=finance", "region=310000"):
            assert f"{LIST}/{uscc(2)}" not in officer.get(f"{LIST}?{asked}").text, asked
        for asked in ("sector=none", "region=33", "region=%00", "region=..", "sector=' OR 1=1"):
            assert officer.get(f"{LIST}?{asked}").status_code == 404, asked

    def test_goes_on_page_by_page(self, offices: Offices, officer: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("traceqr.office.enrolment.PAGE", 1)
        offices.world.base.enterprise(2, region="110105")
        first = officer.get(LIST).text
        assert f"{LIST}/{uscc(2)}" in first
        assert f"{LIST}/{uscc(1)}" not in first
        assert f"after=110105-{uscc(2)}" in first
        last = officer.get(f"{LIST}?after=110105-{uscc(2)}").text
        assert f"{LIST}/{uscc(1)}" in last
        assert "Next page" not in last
        assert f"{LIST}/{uscc(2)}" in officer.get(f"{LIST}?after=nothing").text


class TestEnrolling:
    def test_by_a_form(self, offices: Offices, officer: Visitor) -> None:
        answer = officer.post(NEW, **{**TYPED, "uscc": f" {uscc(9).lower()} "})
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"{LIST}/{uscc(9)}"
        assert enterprise(offices)["contact"] == "质量部"
        assert offices.world.base.acts()[-1] == "enterprise.enrol"

    def test_wrong_input_is_said_at_its_field(self, offices: Offices, officer: Visitor) -> None:
        for field, value, why in (
            ("uscc", "91330106MA2DEMXA10", "This is no valid USCC"),
            ("uscc", "9133", "This is no valid USCC"),
            ("uscc", uscc(1), "enrolled already"),
            ("uscc", "", "This must be filled in"),
            ("name_zh", "  ", "This must be filled in"),
            ("name_zh", "x" * 201, "This is too long"),
            ("name_zh", "茶\u202e业", "characters that cannot be shown"),
            ("region", "33", "Enter the 6 digits"),
            ("sector", "gambling", "Not a valid choice"),
            ("service_phone", "call us", "Enter a telephone number"),
        ):
            answer = officer.post(NEW, **{**TYPED, field: value})
            assert answer.status_code == 422, (field, value)
            assert why in answer.text, (field, value)
            assert 'value="Example Tea"' in answer.text, "what was typed is kept"
        assert len(offices.world.base.rows("SELECT id FROM enterprise")) == 1

    def test_not_outside_the_own_region(self, offices: Offices) -> None:
        visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
        answer = visitor.post(NEW, **TYPED)
        assert answer.status_code == 422
        assert "must lie within your own" in answer.text
        assert visitor.post(NEW, **{**TYPED, "region": "110105"}).status_code == 303

    def test_one_that_is_enrolled_elsewhere_is_not_taken_over(self, offices: Offices) -> None:
        visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
        answer = visitor.post(NEW, **{**TYPED, "uscc": uscc(1), "region": "110105"})
        assert answer.status_code == 422
        assert enterprise(offices, 1)["region"] == "310000"

    def test_script_is_shown_as_it_is_spelled(self, offices: Offices, officer: Visitor) -> None:
        script = "<script>alert(1)</script>"
        assert (
            officer.post(NEW, **{**TYPED, "name_zh": script, "name_en": script, "contact": script}).status_code == 303
        )
        for path in (LIST, f"{LIST}/{uscc(9)}", f"{LIST}?text={script}"):
            page = officer.get(path).text
            assert script not in page
            assert "&lt;script&gt;alert(1)" in page


class TestOne:
    def test_all_that_is_known_of_it(self, offices: Offices, officer: Visitor) -> None:
        base = offices.world.base
        base.mark()
        upholding.declare_breach(base.desk, 1, "抽检不合格")
        offices.person(Role.MANAGER)
        base.enterprise(1, contact="张三 13800000000")
        page = officer.get(ONE).text
        for told in (uscc(1), "张三 13800000000", "抽检不合格", "A single GTIN", "/association/applications/1"):
            assert told in page
        assert "<dt>Open accounts</dt><dd>1</dd>" in page
        assert "Licences of marks" in page

    def test_changed_by_a_form(self, offices: Offices, officer: Visitor) -> None:
        said = {name: value for name, value in TYPED.items() if name != "uscc"}
        shown = hidden_value(officer.get(ONE).text, "shown")
        assert officer.post(ONE, **said, shown=shown).status_code == 303
        assert enterprise(offices, 1)["name_zh"] == "示例茶业有限公司"
        stale = officer.post(ONE, **{**said, "name_zh": "旧名"}, shown=shown)
        assert stale.status_code == 409
        assert "Somebody else has changed this enterprise" in stale.text
        for wrong in ("", "x", "9" * 30):
            assert officer.post(ONE, **said, shown=wrong).status_code == 409
        assert officer.post(ONE, **{**said, "service_phone": "x"}, shown=shown).status_code in (409, 422)
        assert enterprise(offices, 1)["name_zh"] == "示例茶业有限公司"

    def test_a_sector_of_no_list_is_kept(self, offices: Offices, officer: Visitor) -> None:
        offices.world.base.enterprise(1, sector="茶叶加工")
        page = officer.get(ONE).text
        assert '<option value="茶叶加工" selected>' in page
        said = {**TYPED, "sector": "茶叶加工", "shown": hidden_value(page, "shown")}
        assert officer.post(ONE, **said).status_code == 303

    def test_is_not_moved_out_of_the_own_region(self, offices: Offices) -> None:
        visitor = offices.as_(Role.OFFICER, association(offices, "本省协会（测试）", "310000"))
        shown = hidden_value(visitor.get(ONE).text, "shown")
        answer = visitor.post(ONE, **{**TYPED, "region": "110105", "shown": shown})
        assert answer.status_code == 422
        assert enterprise(offices, 1)["region"] == "310000"


class TestInvitingManagers:
    def test_by_a_link_that_is_shown_once(self, offices: Offices, officer: Visitor) -> None:
        answer = officer.post(f"{ONE}/invite", form=ONE)
        link = hidden_link(answer.text)
        assert "/account/invitation/" in link
        assert link not in officer.get(ONE).text
        row = offices.world.base.one("SELECT role, enterprise_id FROM invitation WHERE state = 'open'")
        assert (row["role"], row["enterprise_id"]) == ("manager", enterprise_id(offices.world.base))

    def test_and_taken_back(self, offices: Offices, officer: Visitor) -> None:
        officer.post(f"{ONE}/invite", form=ONE)
        made = offices.world.base.one("SELECT id FROM invitation WHERE state = 'open'")["id"]
        path = f"{ONE}/invitations/{made}/withdraw"
        assert officer.post(path, form=ONE).status_code == 303
        assert officer.post(path, form=ONE).status_code == 404

    def test_those_of_the_enterprise_itself_are_its_own(self, offices: Offices, officer: Visitor) -> None:
        base = offices.world.base
        clerk = admitting.invite(base.desk, Role.CLERK, enterprise=enterprise_id(base)).invitation.id
        anew = admitting.invite_anew(base.desk, offices.person(Role.MANAGER).account.id).invitation.id
        page = officer.get(ONE).text
        for one in (clerk, anew):
            assert one not in page
            assert officer.post(f"{ONE}/invitations/{one}/withdraw", form=ONE).status_code == 404


def hidden_link(page: str) -> str:
    return page.partition('readonly value="')[2].partition('"')[0]


class TestOfficers:
    def test_invited_by_a_link(self, offices: Offices, officer: Visitor) -> None:
        answer = officer.post(f"{OFFICERS}/invite", form=OFFICERS)
        assert "/account/invitation/" in hidden_link(answer.text)
        row = offices.world.base.one("SELECT role, organisation_id FROM invitation WHERE state = 'open'")
        assert (row["role"], row["organisation_id"]) == ("officer", organisation_id(offices.world.base))

    def test_a_link_is_taken_back(self, offices: Offices, officer: Visitor) -> None:
        officer.post(f"{OFFICERS}/invite", form=OFFICERS)
        made = offices.world.base.one("SELECT id FROM invitation WHERE state = 'open'")["id"]
        assert officer.post(f"{OFFICERS}/invitations/{made}/withdraw", form=OFFICERS).status_code == 303
        assert made not in officer.get(OFFICERS).text

    def test_closed_and_admitted_anew(self, offices: Offices, officer: Visitor) -> None:
        other = offices.person(Role.OFFICER)
        assert other.login in officer.get(OFFICERS).text
        answer = officer.post(f"{OFFICERS}/{other.account.id}/anew", form=OFFICERS)
        assert "/account/invitation/" in hidden_link(answer.text)
        assert officer.post(f"{OFFICERS}/{other.account.id}/close", form=OFFICERS).status_code == 303
        assert "closed" in officer.get(OFFICERS).text
        again = officer.post(f"{OFFICERS}/{other.account.id}/close", form=OFFICERS)
        assert again.status_code == 303
        assert "This account is closed." in officer.get(OFFICERS).text

    def test_nobody_closes_his_own(self, offices: Offices) -> None:
        person = offices.person(Role.OFFICER)
        visitor = offices.visitor().sign_in(person)
        assert visitor.post(f"{OFFICERS}/{person.account.id}/close", form=OFFICERS).status_code == 403

    def test_those_of_another_body_are_not_there(self, offices: Offices, officer: Visitor) -> None:
        body = association(offices, "某省协会（测试）")
        other, manager = offices.person(Role.OFFICER, body), offices.person(Role.MANAGER)
        made = admitting.invite(offices.world.desk, Role.OFFICER, organisation=body).invitation.id
        assert other.login not in officer.get(OFFICERS).text
        for path in (
            f"{other.account.id}/close",
            f"{other.account.id}/anew",
            f"{manager.account.id}/close",
            f"invitations/{made}/withdraw",
            "none/close",
        ):
            assert officer.post(f"{OFFICERS}/{path}", form=OFFICERS).status_code == 404, path


class TestWhoseTheyAre:
    def test_of_another_region(self, offices: Offices) -> None:
        visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
        assert uscc(1) not in visitor.get(LIST).text
        assert visitor.get(f"{LIST}?region=310000").status_code == 404
        assert visitor.get(ONE).status_code == 404
        for path in (ONE, f"{ONE}/invite", f"{ONE}/invitations/1/withdraw"):
            assert visitor.post(path, form=LIST + "/new", **TYPED).status_code == 404
        assert not offices.world.base.rows("SELECT id FROM invitation WHERE state = 'open'")

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICER])
    def test_the_offices_themselves_ask(self, offices: Offices, role: Role) -> None:
        house, identity = offices.app.extensions[EXTENSION].house, offices.person(role).identity
        desk, people = EnrolmentOffice(house, identity), OfficersOffice(house, identity)
        asked: list[Any] = [
            lambda: desk.enrol(uscc(9), SAID),
            lambda: desk.amend(uscc(1), SAID, 1),
            lambda: desk.invite(uscc(1)),
            lambda: desk.withdraw_invitation(uscc(1), "x"),
        ]
        asked += [lambda: desk.listed(Asked()), lambda: desk.file(uscc(1))]
        asked += [people.people, people.invitations, lambda: people.invite(Role.OFFICER)]
        asked.append(lambda: people.close_account("x"))
        for ask in asked:
            with pytest.raises(Denied):
                ask()

    def test_an_officer_invites_officers_alone(self, offices: Offices) -> None:
        people = OfficersOffice(offices.app.extensions[EXTENSION].house, offices.person(Role.OFFICER).identity)
        for role in Role:
            if role is not Role.OFFICER:
                with pytest.raises(Denied):
                    people.invite(role)

    def test_what_is_not_there(self, offices: Offices) -> None:
        desk = EnrolmentOffice(offices.app.extensions[EXTENSION].house, offices.person(Role.OFFICER).identity)
        for code in (uscc(77), "none", "", "%"):
            with pytest.raises(Absent):
                desk.file(code)
