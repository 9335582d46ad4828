"""Breaches in the association's console: declared, replied to, cleared, and by whom."""

from __future__ import annotations

import pytest

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_association import association, one, state
from traceqr import upholding
from traceqr.access import Role
from traceqr.office.findings import FindingOffice
from traceqr.office.house import Denied
from traceqr.web.door import EXTENSION

PAGE = one(1)
FINDINGS = f"{PAGE}/findings"
BAD = "抽检不合格"


@pytest.fixture
def officer(offices: Offices) -> Visitor:
    return offices.as_(Role.OFFICER)


def declared(offices: Offices) -> str:
    return upholding.declare_breach(offices.world.desk, 1, BAD).finding_id


def test_declared_and_said_everywhere(offices: Offices, officer: Visitor) -> None:
    assert "Declare the breach" in officer.get(PAGE).text
    assert officer.post(FINDINGS, form=PAGE, finding=BAD).status_code == 303
    assert state(offices, 1) == "breached"
    page = officer.get(PAGE).text
    assert BAD in page
    assert "has not replied yet" in page
    assert f"{PAGE}/withdraw" not in page
    assert BAD in offices.as_(Role.MANAGER).get("/console/pledges/1").text


@pytest.mark.parametrize("text", ["", " \n", "x" * 2_001, "a\x00b", "‮b"])
def test_no_finding(offices: Offices, officer: Visitor, text: str) -> None:
    assert officer.post(FINDINGS, form=PAGE, finding=text).status_code == 422
    assert state(offices, 1) == "published"


def test_a_script_is_shown_as_text(offices: Offices, officer: Visitor) -> None:
    script = "<script>alert(1)</script>"
    officer.post(FINDINGS, form=PAGE, finding=script)
    manager = offices.as_(Role.MANAGER)
    found = offices.world.base.one("SELECT id FROM pledge_finding")["id"]
    manager.post(f"/console/pledges/1/findings/{found}/reply", form="/console/pledges/1", content=script)
    for page in (officer.get(PAGE).text, manager.get("/console/pledges/1").text):
        assert script not in page
        assert page.count("&lt;script&gt;alert(1)") == 2


def test_the_reply_is_read_before_it_is_cleared(offices: Offices, officer: Visitor) -> None:
    finding = declared(offices)
    hidden = officer.hidden(PAGE)
    upholding.reply(offices.world.desk, 1, "复检合格", finding)
    clear = f"{FINDINGS}/{finding}/clear"
    answer = officer.send(clear, {**hidden, "reason": "复检合格，撤销认定"})
    assert answer.status_code == 409
    assert "somebody else was quicker" in answer.text
    assert "复检合格，撤销认定" in answer.text
    assert "Reply of the enterprise" in answer.text
    assert officer.post(clear, form=PAGE, reason="").status_code == 422
    assert officer.post(clear, form=PAGE, reason="复检合格，撤销认定").status_code == 303
    assert state(offices, 1) == "published"
    assert "Why it was cleared" in officer.get(PAGE).text
    assert officer.post(clear, form=PAGE, reason="再次").status_code == 409


def test_of_several_findings_one_is_cleared(offices: Offices, officer: Visitor) -> None:
    first, second = declared(offices), declared(offices)
    page = officer.get(PAGE).text
    assert f'id="clear-{first}"' in page
    assert f'id="clear-{second}"' in page
    assert officer.post(f"{FINDINGS}/{first}/clear", form=PAGE, reason="").text.count('class="wrong-why"') == 1
    assert officer.post(f"{FINDINGS}/{first}/clear", form=PAGE, reason="误报").status_code == 303
    assert state(offices, 1) == "breached"


def test_by_a_page_from_before_a_colleague_declared_one(offices: Offices, officer: Visitor) -> None:
    hidden = officer.hidden(PAGE)
    declared(offices)
    assert officer.send(FINDINGS, {**hidden, "finding": BAD}).status_code == 409
    assert officer.send(f"{PAGE}/withdraw", {**hidden, "reason": BAD}).status_code == 409
    assert len(offices.world.base.rows("SELECT id FROM pledge_finding")) == 1


def test_of_another_region(offices: Offices) -> None:
    finding = declared(offices)
    visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
    for path in (FINDINGS, f"{FINDINGS}/{finding}/clear"):
        assert visitor.post(path, form="/association/", finding=BAD, reason=BAD).status_code == 404
    assert state(offices, 1) == "breached"


def test_of_a_co_organiser(offices: Offices) -> None:
    body = association(offices, "协办协会（测试）", "310000")
    offices.world.base.campaign(co_organisers=("协办协会（测试）",))
    visitor = offices.as_(Role.OFFICER, body)
    assert "Declare the breach" not in visitor.get(PAGE).text
    assert visitor.post(FINDINGS, form="/association/", finding=BAD).status_code == 403
    assert state(offices, 1) == "published"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICER])
def test_the_office_itself_asks(offices: Offices, role: Role) -> None:
    desk = FindingOffice(offices.app.extensions[EXTENSION].house, offices.person(role).identity)
    with pytest.raises(Denied):
        desk.declare(1, 1, BAD)
    with pytest.raises(Denied):
        desk.clear(1, 1, "x", BAD)
