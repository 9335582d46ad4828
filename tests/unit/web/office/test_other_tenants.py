"""Whoever is in sees and changes what is his own body's; what is another's is as if it were not there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from support.staff import Person, enterprise_id, invited

from tests.unit.web.office.conftest import Offices
from traceqr import entrusting
from traceqr.access import Role, Scope
from traceqr.admitting import token_digest


@dataclass
class Victim:
    """What the first enterprise has."""

    manager: Person
    invitation: str
    token: str


@pytest.fixture
def victim(offices: Offices) -> Victim:
    base = offices.world.base
    manager = offices.person(Role.MANAGER)
    digest = token_digest(invited(base, Role.CLERK))
    invitation = str(base.rows("SELECT id FROM invitation WHERE digest = :digest", digest=digest)[0]["id"])
    made = entrusting.issue_token(
        base.desk, enterprise_id(base), manager.account.id, "their label printer", [Scope.PRINT], 30
    )
    return Victim(manager, invitation, made.token.id)


def second_enterprise(offices: Offices) -> str:
    base = offices.world.base
    if len(base.rows("SELECT id FROM enterprise")) < 2:
        base.enterprise(2)
    return enterprise_id(base, 2)


ATTACKS: dict[str, Callable[[Victim], str]] = {
    "withdraw an invitation": lambda v: f"/console/team/invitations/{v.invitation}/withdraw",
    "take over an account": lambda v: f"/console/team/{v.manager.account.id}/anew",
    "close an account": lambda v: f"/console/team/{v.manager.account.id}/close",
    "revoke a token": lambda v: f"/console/tokens/{v.token}/revoke",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_manager_of_another_enterprise(offices: Offices, victim: Victim, attack: str) -> None:
    visitor = offices.as_(Role.MANAGER, second_enterprise(offices))
    before = offices.world.base.dump()
    assert visitor.post(ATTACKS[attack](victim), form="/console/team").status_code == 404
    after = offices.world.base.dump()
    assert {name: after[name] for name in after if name != "session"} == {
        name: before[name] for name in before if name != "session"
    }


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_manager_of_the_same_one_may(offices: Offices, victim: Victim, attack: str) -> None:
    """So what is refused above is refused for whose it is, and not for a wrong address."""
    assert offices.as_(Role.MANAGER).post(ATTACKS[attack](victim), form="/console/team").status_code in (200, 303)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_clerk_of_the_same_one(offices: Offices, victim: Victim, attack: str) -> None:
    visitor = offices.as_(Role.CLERK)
    before = offices.world.base.dump()["ledger"]
    assert visitor.post(ATTACKS[attack](victim), form="/account/").status_code == 403
    assert offices.world.base.dump()["ledger"] == before


def test_lists_hold_ones_own(offices: Offices, victim: Victim) -> None:
    visitor = offices.as_(Role.MANAGER, second_enterprise(offices))
    team, tokens = visitor.get("/console/team").text, visitor.get("/console/tokens").text
    assert victim.manager.account.name not in team
    assert victim.invitation not in team
    assert "their label printer" not in tokens


def test_the_operator_has_no_business_with_an_enterprises_people(offices: Offices, victim: Victim) -> None:
    visitor = offices.as_(Role.OPERATOR)
    assert victim.manager.account.name not in visitor.get("/operator/").text
    for what in ("anew", "close"):
        path = f"/operator/accounts/{victim.manager.account.id}/{what}"
        assert visitor.post(path, form="/operator/").status_code == 404
