"""An enterprise applies, answers, signs and replies, through the forms; and what it must not sign or see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from support import staff
from support.staff import Person, enterprise_id

from tests.unit.web.office.conftest import Offices, Visitor
from traceqr.access import Role
from traceqr.evidence import Article

SCRIPT = "<script>alert(1)</script>"


@dataclass
class Signatory:
    """A manager of the second enterprise, signed in with a second factor, and a pledge of it."""

    offices: Offices
    person: Person
    visitor: Visitor
    number: int

    @property
    def path(self) -> str:
        return f"/console/pledges/{self.number}"

    def sign(self, **changes: str) -> Any:
        given = {
            "name": "李诚",
            "title": "总经理",
            "text_digest": self.offices.world.base.text_digest(),
            "code": self.person.code(),
            **changes,
        }
        return self.visitor.post(f"{self.path}/sign", form=self.path, **given)

    @property
    def state(self) -> str:
        row = self.offices.world.base.one("SELECT state FROM pledge WHERE number = :number", number=self.number)
        return str(row["state"])

    @property
    def signatures(self) -> int:
        return len(self.offices.world.base.rows("SELECT id FROM pledge_signature"))


def signatory(offices: Offices, state: str) -> Signatory:
    number = offices.world.base.application(2, state)
    person = staff.admitted(offices.world.base, Role.MANAGER, enterprise_id(offices.world.base, 2), factor=True)
    return Signatory(offices, person, offices.visitor().sign_in(person), number)


def test_an_edition_is_applied_for(offices: Offices) -> None:
    offices.world.base.enterprise(2)
    manager = offices.as_(Role.MANAGER, enterprise_id(offices.world.base, 2))
    campaign = offices.world.base.one("SELECT id FROM campaign")["id"]
    answer = manager.post("/console/pledges/apply", form="/console/pledges", campaign=campaign)
    assert answer.status_code == 303
    assert "under review" in manager.get(answer.headers["Location"]).text
    page = manager.get("/console/pledges").text
    assert "Open for applications" not in page
    assert "under review" in page


def test_an_edition_that_is_none_or_held_already(offices: Offices) -> None:
    manager = offices.as_(Role.MANAGER)
    campaign = offices.world.base.one("SELECT id FROM campaign")["id"]
    for wrong in (campaign, "none", ""):
        assert manager.post("/console/pledges/apply", form="/console/products/new", campaign=wrong).status_code == 404


def test_a_question_is_answered(offices: Offices) -> None:
    who = signatory(offices, "returned")
    assert "What needs doing" in who.visitor.get("/console/").text
    assert "请补充材料" in who.visitor.get(who.path).text
    assert who.visitor.post(f"{who.path}/answer", form=who.path, content=" ").status_code == 422
    assert who.visitor.post(f"{who.path}/answer", form=who.path, content=SCRIPT).status_code == 303
    assert who.state == "applied"
    assert SCRIPT not in who.visitor.get(who.path).text
    answer = who.visitor.post(f"{who.path}/answer", form="/console/products/new", content="twice")
    assert (answer.status_code, who.state) == (422, "applied")


class TestSigning:
    def test_the_whole_text_in_both_languages(self, offices: Offices) -> None:
        who = signatory(offices, "accepted")
        page = who.visitor.get(who.path).text
        assert "不作虚假宣传。" in page
        assert "We advertise nothing untrue." in page
        assert offices.world.base.text_digest() in page

    def test_is_done_once(self, offices: Offices) -> None:
        who = signatory(offices, "accepted")
        code = who.person.code()
        assert who.sign(code=code).status_code == 303
        again = who.visitor.post(
            f"{who.path}/sign",
            form="/console/products/new",
            name="李诚",
            title="总经理",
            text_digest=offices.world.base.text_digest(),
            code=code,
        )
        assert again.status_code == 303
        assert (who.state, who.signatures) == ("signed", 1)

    def test_a_text_that_has_changed(self, offices: Offices) -> None:
        who = signatory(offices, "accepted")
        old = offices.world.base.text_digest()
        offices.world.base.campaign(articles=(Article("不掺假。", "Nothing is adulterated."),))
        answer = who.sign(text_digest=old)
        assert answer.status_code == 422
        assert "The text has changed since you opened the page." in answer.text
        assert "Nothing is adulterated." in answer.text
        assert (who.state, who.signatures) == ("accepted", 0)

    @pytest.mark.parametrize(
        "wrong", [{"code": "000000"}, {"code": ""}, {"name": " "}, {"title": ""}, {"name": "x" * 101}, {"name": "a\0b"}]
    )
    def test_a_bad_form(self, offices: Offices, wrong: dict[str, str]) -> None:
        who = signatory(offices, "accepted")
        assert who.sign(**wrong).status_code == 422
        assert (who.state, who.signatures) == ("accepted", 0)

    @pytest.mark.parametrize("digest", ["", "0" * 64, SCRIPT])
    def test_another_text(self, offices: Offices, digest: str) -> None:
        who = signatory(offices, "accepted")
        assert who.sign(text_digest=digest).status_code == 422
        assert who.signatures == 0

    @pytest.mark.parametrize("state", ["applied", "returned", "refused", "published", "withdrawn", "breached"])
    def test_in_another_state(self, offices: Offices, state: str) -> None:
        who = signatory(offices, state)
        before = who.signatures
        answer = who.visitor.post(
            f"{who.path}/sign",
            form="/console/products/new",
            name="x",
            title="y",
            text_digest=offices.world.base.text_digest(),
            code=who.person.code(),
        )
        assert (answer.status_code, who.state, who.signatures) == (422, state, before)

    def test_without_a_second_factor(self, offices: Offices) -> None:
        number = offices.world.base.application(2, "accepted")
        manager = offices.as_(Role.MANAGER, enterprise_id(offices.world.base, 2))
        page = manager.get(f"/console/pledges/{number}").text
        assert "To sign you need a second factor." in page
        assert 'name="text_digest"' not in page
        answer = manager.post(
            f"/console/pledges/{number}/sign",
            form="/console/products/new",
            name="x",
            title="y",
            text_digest=offices.world.base.text_digest(),
            code="123456",
        )
        assert answer.headers["Location"] == "/account/second-factor"
        assert offices.world.base.rows("SELECT id FROM pledge_signature") == []


def test_a_finding_is_replied_to_once(offices: Offices) -> None:
    who = signatory(offices, "breached")
    finding = offices.world.base.one("SELECT id FROM pledge_finding")["id"]
    path = f"{who.path}/findings/{finding}/reply"
    assert who.visitor.post(path, form=who.path, content="").status_code == 422
    assert who.visitor.post(path, form=who.path, content=f"已整改 {SCRIPT}").status_code == 303
    assert SCRIPT not in who.visitor.get(who.path).text
    assert who.visitor.post(path, form="/console/products/new", content="another").status_code == 422
    assert (
        who.visitor.post(f"{who.path}/findings/none/reply", form="/console/products/new", content="x").status_code
        == 422
    )
    assert "已整改" in offices.world.base.one("SELECT reply FROM pledge_finding")["reply"]


class TestTenancy:
    @pytest.mark.parametrize("act", ["", "/sign", "/answer", "/findings/none/reply"])
    def test_another_enterprises_pledge(self, offices: Offices, act: str) -> None:
        number = offices.world.base.application(2, "accepted")
        manager = offices.as_(Role.MANAGER)
        path = f"/console/pledges/{number}"
        acts = offices.world.base.acts()
        if act:
            data = {"content": "x", "name": "x", "title": "y", "text_digest": "z", "code": "1"}
            assert manager.post(f"{path}{act}", form="/console/products/new", **data).status_code == 404
            assert manager.post(f"/console/pledges/999{act}", form="/console/products/new").status_code == 404
        assert manager.get(path).status_code == 404
        assert offices.world.base.acts() == acts

    def test_a_clerk_reads_and_does_nothing(self, offices: Offices) -> None:
        number = offices.world.base.application(2, "accepted")
        clerk = offices.as_(Role.CLERK, enterprise_id(offices.world.base, 2))
        path = f"/console/pledges/{number}"
        assert "A manager of your enterprise applies and signs." in clerk.get(path).text
        data = {"content": "x", "name": "x", "title": "y", "text_digest": "z", "code": "1"}
        for act in ("/sign", "/answer", "/findings/none/reply"):
            assert clerk.post(f"{path}{act}", form="/console/products/new", **data).status_code == 403
        campaign = offices.world.base.one("SELECT id FROM campaign")["id"]
        answer = clerk.post("/console/pledges/apply", form="/console/products/new", campaign=campaign)
        assert answer.status_code == 403

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.OFFICER, Role.INSPECTOR])
    def test_other_roles(self, offices: Offices, role: Role) -> None:
        for path in ("/console/pledges", "/console/pledges/1"):
            assert offices.as_(role).get(path).status_code == 302
