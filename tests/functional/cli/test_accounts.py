"""`traceqr account`: links, lists, and the end of an account."""

from __future__ import annotations

import json
import re

import pytest
from support.program import Program
from support.staff import PASSWORD, VAULT, admitted
from support.world import ASSOCIATION, World, gtin, uscc

from traceqr import admitting, seconding
from traceqr.access import Role
from traceqr.admitting import Newcomer
from traceqr.authenticating import Doorkeeper


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


def test_sessions_are_ended(program: Program, shop: World) -> None:
    one, other = admitted(shop, Role.CLERK), admitted(shop, Role.CLERK)
    keeper = Doorkeeper(shop.database, shop.clock, VAULT, shop.desk.new_id)
    tokens = [keeper.sign_in(each.login, each.password, "firefox", None).token for each in (one, other, other)]
    ledger = shop.dump()["ledger"]
    assert program.run("account", "sign-out", one.login).exit_code == 0
    assert [keeper.entered(token) is not None for token in tokens] == [False, True, True]
    assert program.run("account", "sign-out", "--everybody").exit_code == 0
    assert [keeper.entered(token) for token in tokens] == [None, None, None]
    assert keeper.sign_in(one.login, one.password, "firefox", None).complete, "the account stays open"
    assert shop.dump()["ledger"] == ledger, "sessions are no acts"
    for wrong in ((), (one.login, "--everybody")):
        assert "LOGIN, or --everybody" in program.run("account", "sign-out", *wrong).output
    assert "what somebody signs in by" in program.refused("account", "sign-out", "nobody@firm.example")


class TestSecondPersons:
    """What cannot be undone is proposed, agreed to by another, and then done."""

    def proposed(self, program: Program, *command: object) -> str:
        said = program.run(*command, TRACEQR_SECOND_PERSON="needed")
        assert said.exit_code == 0, said.output
        assert said.stdout.startswith("proposed, not done: ")
        return said.stdout.split()[-1]

    @pytest.mark.parametrize(
        ("command", "act"),
        [
            (("keys", "new"), "key.add"),
            (("keys", "new", "--role", "hidden"), "hidden_root.add"),
            (("keys", "destroy", 1, "--reason", "r", "--yes"), "key.destroy"),
            (("keys", "compromise", 1, "--reason", "r", "--yes"), "key.compromise"),
            (("product", "recall", str(gtin()), "--reason", "r"), "product.recall"),
            (("batch", "recall", 1, "--first", 2, "--reason", "r"), "batch.recall"),
            (("licence", "withdraw", 1, "--reason", "r", "--yes"), "licence.withdraw"),
        ],
    )
    def test_each(self, program: Program, shop: World, command: tuple[object, ...], act: str) -> None:
        operator = admitted(shop, Role.OPERATOR).identity
        shop.mark()
        shop.licence()
        shop.issue()
        before = shop.acts().count(act)
        proposal = self.proposed(program, *command)
        assert shop.acts().count(act) == before
        again = (*command, "--proposal", proposal)
        assert "a second person agreed to, it is open" in program.refused(*again, TRACEQR_SECOND_PERSON="needed")
        seconding.second(shop.desk, proposal, operator)
        done = program.run(*again, TRACEQR_SECOND_PERSON="needed")
        assert done.exit_code == 0, done.output
        assert shop.acts()[-2:] == ["proposal.carry_out", act]
        assert "it is done" in program.refused(*again, TRACEQR_SECOND_PERSON="needed")

    def test_with_something_else_than_was_agreed_to(self, program: Program, shop: World) -> None:
        operator = admitted(shop, Role.OPERATOR).identity
        proposal = self.proposed(program, "keys", "new", "--signing-days", 30)
        seconding.second(shop.desk, proposal, operator)
        for other in (("keys", "new"), ("keys", "compromise", 1, "--reason", "r", "--yes")):
            assert "expected" in program.refused(*other, "--proposal", proposal, TRACEQR_SECOND_PERSON="needed")
        assert shop.acts()[-1] == "proposal.second"

    def test_a_setting_that_is_neither(self, program: Program, shop: World) -> None:
        assert "TRACEQR_SECOND_PERSON: expected needed or off, got 'no'" in program.refused(
            "keys", "new", TRACEQR_SECOND_PERSON="no"
        )
