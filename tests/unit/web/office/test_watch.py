"""What the log says of security: who came in, who was not let in, what was refused; by ids alone."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from support.staff import enterprise_id

from tests.unit.web.office.conftest import Offices
from traceqr import entrusting
from traceqr.access import Role, Scope
from traceqr.web import watch

WRONG = "not-the-password"


@pytest.fixture(autouse=True)
def _nothing_said_yet() -> None:
    watch._last.clear()


def said(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [record.msg for record in caplog.records if isinstance(record.msg, dict)]


def of(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in each.items() if name not in ("event", "level")}
        for each in said(caplog)
        if each["event"] == event
    ]


@pytest.fixture
def caplog(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "traceqr")
    return caplog


def test_who_came_in_and_left(offices: Offices, caplog: pytest.LogCaptureFixture) -> None:
    clerk, officer = offices.person(Role.CLERK), offices.person(Role.OFFICER)
    visitor = offices.visitor().sign_in(clerk)
    offices.visitor().sign_in(officer)
    visitor.post("/account/sign-out", form="/account/")
    assert of(caplog, "signed-in") == [
        {"account": clerk.account.id, "role": "clerk", "factors": "one"},
        {"account": officer.account.id, "role": "officer", "factors": "two"},
    ]
    assert of(caplog, "signed-out") == [{"account": clerk.account.id}]


def test_who_was_not_let_in(offices: Offices, caplog: pytest.LogCaptureFixture) -> None:
    officer, visitor = offices.person(Role.OFFICER), offices.visitor()
    visitor.post("/account/sign-in", login="nobody@firm.example", password=WRONG)
    visitor.post("/account/sign-in", login=officer.login, password=WRONG)
    visitor.post("/account/sign-in", login=officer.login, password=officer.password)
    visitor.post("/account/code", code="000000")
    assert of(caplog, "sign-in-refused") == [{}, {"account": officer.account.id}]
    assert of(caplog, "second-factor-refused") == [{"account": officer.account.id}]
    assert of(caplog, "signed-in") == []


def test_a_flood_is_told_once_a_minute(
    offices: Offices, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(watch.time, "monotonic", lambda: now)
    visitor = offices.visitor()
    for _ in range(9):
        visitor.post("/account/sign-in", login="nobody@firm.example", password=WRONG)
    assert len(of(caplog, "sign-in-slowed")) == 1
    now += 61
    visitor.post("/account/sign-in", login="nobody@firm.example", password=WRONG)
    assert len(of(caplog, "sign-in-slowed")) == 2


def test_a_flood_of_different_lines_fills_no_memory() -> None:
    for number in range(2_500):
        watch.note_seldom("access-refused", account=str(number))
    assert len(watch._last) <= 1_000


def test_roles_that_were_refused(offices: Offices, caplog: pytest.LogCaptureFixture) -> None:
    clerk = offices.person(Role.CLERK)
    visitor = offices.visitor().sign_in(clerk)
    visitor.get("/operator/")
    assert visitor.get("/console/tokens").status_code == 403
    assert visitor.post("/account/sessions/0123456789abcdef/end", form="/account/").status_code == 404
    assert of(caplog, "access-refused") == [
        {"account": clerk.account.id, "endpoint": "operator.accounts", "role": "clerk"},
        {"account": clerk.account.id, "endpoint": "team.tokens", "status": "403"},
        {"account": clerk.account.id, "endpoint": "own_account.end_session", "status": "404"},
    ]


def test_forms_and_links_that_were_refused(offices: Offices, caplog: pytest.LogCaptureFixture) -> None:
    visitor = offices.as_(Role.MANAGER)
    visitor.client.post("/console/team/invite", data={"role": "clerk"})
    visitor.client.post("/console/team/invite", data={"role": "clerk"}, headers={"Origin": "https://evil.example"})
    offices.visitor().get("/account/invitation/guessed")
    assert of(caplog, "form-refused") == [
        {"reason": "token", "endpoint": "team.invite"},
        {"reason": "cross-site", "endpoint": "team.invite"},
    ]
    assert of(caplog, "invitation-refused") == [{}]


def test_programs_that_were_refused(offices: Offices, caplog: pytest.LogCaptureFixture) -> None:
    base, manager = offices.world.base, offices.person(Role.MANAGER)
    made = entrusting.issue_token(base.desk, enterprise_id(base), manager.account.id, "x", [Scope.READ], 1)
    client = offices.visitor().client
    for token, method, path in (
        ("guessed", "GET", "/products"),
        (made.secret, "POST", "/batches"),
        (made.secret, "GET", "/batches/999"),
        (made.secret, "GET", "/batches/x"),
    ):
        client.open(f"/api/v1{path}", method=method, headers={"Authorization": f"Bearer {token}"})
    assert of(caplog, "token-refused") == [{"endpoint": "enterprise_api.products"}]
    assert of(caplog, "access-refused") == [
        {"token": made.token.id, "endpoint": "enterprise_api.issue_batch", "status": "403"},
        {"token": made.token.id, "endpoint": "enterprise_api.batch", "status": "404"},
    ]
    assert made.secret not in repr(said(caplog))


def test_nothing_that_was_typed_is_in_it(offices: Offices, caplog: pytest.LogCaptureFixture) -> None:
    officer = offices.person(Role.OFFICER)
    offices.visitor().post("/account/sign-in", login="typed@firm.example", password=WRONG)
    offices.visitor().sign_in(officer)
    text = repr(said(caplog))
    for personal in ("typed@", WRONG, officer.login, officer.account.name, officer.password):
        assert personal not in text
