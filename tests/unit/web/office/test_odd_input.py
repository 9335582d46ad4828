"""Every route of the consoles, asked by those who may, with what nobody types: no answer is a fault of ours."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from flask import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_tenancy import SECRET, furnish, path_of, rules
from traceqr.access import Role
from traceqr.web.numbers import MAX_DIGITS, whole

ODD = {
    "beyond integers": "9" * 30,
    "beyond what is read as a number": "9" * 5_000,
    "below integers": "-" + "9" * 30,
    "NUL": "a\0b",
    "another direction": "a\u202eb",
    "a superscript": "\u00b2",
}
"""Values of every parameter and field that a view reads."""

GOOD = {
    "act": "hold",
    "badge": "x",
    "batch": "1",
    "campaign": "quality-month-2026",
    "content": "x",
    "count": "1",
    "days": "1",
    "evidence": "x",
    "finding": "x",
    "first": "0",
    "gtin": "06901234567892",
    "instead_of": "x",
    "kind": "gtin",
    "last": "1",
    "lot": "x",
    "name": "x",
    "name_en": "x",
    "name_zh": "x",
    "number": "1",
    "parcel": "x",
    "pledge": "0",
    "question": "x",
    "quota": "100",
    "reason": "x",
    "seen": "1",
    "shown": "1",
    "state": "applied",
    "href": "https://tea.example/",
    "title": "x",
    "target": "x",
    "text": "x",
    "value": "06901234567892",
    "version": "1",
    "year": "2026",
}
"""Fields of forms, with what is taken. Each is odd once."""

MORE = {
    **dict.fromkeys(("brand", "specification", "standard", "meaning_zh", "meaning_en", "uscc"), "x"),
    **dict.fromkeys(("valid_from", "valid_until", "apply_from", "apply_until"), "2027-01-01"),
    "level": "national",
    "region": "000000",
    "role": "clerk",
    "scopes": "read",
    "sure": "y",
    "step": "land",
}
"""Fields that are good always, so that forms are taken."""


class Read(ImmutableMultiDict[str, str]):
    """Parameters or fields that keep which of them were asked for: an odd value of any other one changes nothing."""

    names: ClassVar[set[str]] = set()

    def get(self, key: str, *args: Any, **more: Any) -> Any:
        self.names.add(key)
        return super().get(key, *args, **more)

    def getlist(self, key: str, *args: Any, **more: Any) -> Any:
        self.names.add(key)
        return super().getlist(key, *args, **more)

    def __getitem__(self, key: str) -> Any:
        self.names.add(key)
        return super().__getitem__(key)


class Reading(Request):
    """A request that keeps what is read of it."""

    parameter_storage_class = Read


@pytest.fixture
def insiders(offices: Offices) -> tuple[dict[str, str], list[Visitor]]:
    """What is the first enterprise's, and who has to do with it."""
    offices.app.request_class = Reading
    things, owner = furnish(offices)
    body = str(offices.world.base.one("SELECT id FROM organisation WHERE region = '440100'")["id"])
    inspector = offices.as_(Role.INSPECTOR, body)
    return dict(things), [offices.visitor().sign_in(owner), offices.as_(Role.OFFICER), inspector]


@pytest.mark.parametrize("odd", ODD.values(), ids=list(ODD))
def test_no_route_breaks(offices: Offices, insiders: tuple[dict[str, str], list[Visitor]], odd: str) -> None:
    things, visitors = insiders
    read: set[str] = set()
    for visitor, office in zip(visitors, ("/console/", "/association/", "/inspect"), strict=True):
        token = visitor.token("/account/")
        for rule in rules(offices):
            if rule.rule.startswith(office):
                assert broken(visitor, rule, path_of(rule, things), odd, token, read) == []
    assert read >= {"after", "before", "gtin", "q", "state", "weeks", "act", "reason", "lot", "name_zh", "quota"}


def broken(visitor: Visitor, rule: Rule, path: str, odd: str, token: str, read: set[str]) -> list[str]:
    """Of a route, what it cannot cope with; tells what it reads."""
    found = []
    for name in read_by(visitor, "GET", path, {}) if "GET" in (rule.methods or ()) else ():
        read.add(name)
        if visitor.client.get(path, query_string={name: odd}).status_code >= 500:
            found.append(f"{path}?{name}=")
    good = {**MORE, **GOOD, "csrf_token": token}
    for name in read_by(visitor, "POST", path, good) if "POST" in (rule.methods or ()) else ():
        read.add(name)
        if visitor.client.post(path, data={**good, name: odd}).status_code >= 500:
            found.append(f"{path}, {name}")
    return found


def read_by(visitor: Visitor, method: str, path: str, fields: dict[str, str]) -> list[str]:
    """What a view asks for, without the token that the door does."""
    Read.names.clear()
    visitor.client.open(path, method=method, data=fields)
    return sorted(Read.names - {"csrf_token", "lang"})


def test_pages_of_lists_begin_anew_where_the_number_is_none(
    insiders: tuple[dict[str, str], list[Visitor]],
) -> None:
    owner = insiders[1][0]
    for before in ("9" * 30, "-1", "\u00b2", "x"):
        answer = owner.client.get("/console/batches", query_string={"before": before})
        assert answer.status_code == 200, before
        assert SECRET in answer.text, before


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\x1b", "\ufeff", "\ue000"])
def test_what_every_label_would_show_turns_no_direction(
    offices: Offices, insiders: tuple[dict[str, str], list[Visitor]], char: str
) -> None:
    things, (owner, *_) = insiders
    before = offices.world.base.dump("session", "pace")
    for path in (f"/console/products/{things['gtin']}/hold", "/console/batches/1"):
        page = path.removesuffix("/hold")
        answer = owner.post(path, form=page, act="hold", reason=f"a{char}b")
        assert answer.status_code == 422, path
        assert "There are characters that cannot be shown" in answer.text, path
    assert offices.world.base.dump("session", "pace") == before


def test_nobody_signs_in_with_nul(offices: Offices) -> None:
    answer = offices.visitor().post("/account/sign-in", login="a\0b", password="x")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("who", "path", "name"),
    [
        (0, "/console/pledges/apply", "campaign"),
        (1, "/association/claims/{claim_id}/accept", "instead_of"),
        (1, "/association/campaigns/{campaign_id}/accept", "text"),
    ],
)
def test_hidden_fields_with_nul_name_nothing(
    insiders: tuple[dict[str, str], list[Visitor]], who: int, path: str, name: str
) -> None:
    things, visitors = insiders
    fields = {"csrf_token": visitors[who].token("/account/"), name: "a\0b"}
    assert visitors[who].client.post(path.format(**things), data=fields).status_code == 404


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), (" 7 ", 7), ("9" * MAX_DIGITS, int("9" * MAX_DIGITS)), ("9" * (MAX_DIGITS + 1), None), ("", None)]
    + [(text, None) for text in ("-1", "+1", "1.0", "1_0", "\u0663", "\u00b2", "0x1", None)],
)
def test_whole(text: str | None, number: int | None) -> None:
    assert whole(text) == number
