"""`traceqr account`: links, lists, and the end of an account."""

from __future__ import annotations

import json
import re

import pytest
from support.program import Program
from support.staff import PASSWORD, admitted
from support.world import ASSOCIATION, World, uscc

from traceqr import admitting
from traceqr.access import Role
from traceqr.admitting import Newcomer


@pytest.mark.parametrize(
    "options",
    [
        ("--role", "operator"),
        ("--role", "officer", "--organisation", ASSOCIATION),
        ("--role", "manager", "--uscc", uscc()),
    ],
)
def test_a_link_lets_somebody_in(program: Program, shop: World, options: tuple[str, ...]) -> None:
    made = program.run("account", "invite", *options)
    assert made.exit_code == 0, made.output
    token = re.fullmatch(r"https?://[^/]+/account/invitation/([A-Za-z0-9_-]{43})\n", made.stdout)
    assert token
    assert "is let in, once, until 20" in made.stderr
    account = admitting.admit(shop.desk, token[1], Newcomer("new@firm.example", "新人", PASSWORD))
    assert account.role == options[1]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--role", "officer"), "an organisation for the role officer"),
        (("--role", "officer", "--organisation", "无"), "enrolled organisation, got '无'"),
        (("--role", "clerk", "--uscc", "91310000000000009X"), "enrolled enterprise"),
        (("--role", "operator", "--uscc", uscc()), "no body for the role operator"),
        (("--role", "inspector", "--organisation", ASSOCIATION), "a role for the association"),
    ],
)
def test_a_wrong_body(program: Program, shop: World, options: tuple[str, ...], why: str) -> None:
    before = shop.dump()
    assert why in program.refused("account", "invite", *options)
    assert shop.dump() == before


def test_listed_closed_and_forgotten(program: Program, shop: World) -> None:
    person = admitted(shop, Role.CLERK)
    listed = json.loads(program.run("account", "list", "--json").stdout)
    assert [(one["login"], one["state"]) for one in listed] == [(person.login, "active")]
    assert person.login in program.run("account", "list").stdout
    closed = program.run("account", "close", person.login, "--yes")
    assert person.account.id in closed.stdout
    assert program.run("account", "erase", person.account.id, "--yes").exit_code == 0
    assert person.login not in program.run("account", "list").stdout
    assert "still has a name" in program.refused("account", "erase", person.account.id, "--yes")


def test_access_anew(program: Program, shop: World) -> None:
    person = admitted(shop, Role.CLERK)
    made = json.loads(program.run("account", "anew", person.login, "--json").stdout)
    assert set(made) == {"link", "until"}
    assert "what somebody signs in by" in program.refused("account", "anew", "nobody@firm.example")
