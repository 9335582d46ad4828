"""What cannot be undone needs a second person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.staff import Person, admitted, enterprise_id, organisation_id
from support.world import World

from traceqr import seconding
from traceqr.access import Identity, Role
from traceqr.acting import ActRefused, Desk
from traceqr.registry.proposals import Proposal

ACT, SUBJECT, WHY = "product.recall", "product:1", {"reason": "r"}


def desk_of(world: World, person: Person) -> Desk:
    return replace(world.desk, actor=person.identity.actor)


@pytest.fixture
def manager(furnished: World) -> Person:
    return admitted(furnished, Role.MANAGER)


@pytest.fixture
def other(furnished: World) -> Person:
    return admitted(furnished, Role.MANAGER)


@pytest.fixture
def proposal(furnished: World, manager: Person) -> Proposal:
    return seconding.propose(
        desk_of(furnished, manager), ACT, SUBJECT, WHY, enterprise=enterprise_id(furnished)
    )


def test_another_says_yes_and_it_is_done_once(furnished: World, other: Person, proposal: Proposal) -> None:
    seconding.second(desk_of(furnished, other), proposal.id, other.identity)
    done = seconding.carry_out(furnished.desk, proposal.id, ACT, SUBJECT, WHY)
    assert done.arguments == '{"reason":"r"}'
    with pytest.raises(ActRefused, match="it is done"):
        seconding.carry_out(furnished.desk, proposal.id, ACT, SUBJECT, WHY)


def test_nobody_says_yes_to_his_own(furnished: World, manager: Person, proposal: Proposal) -> None:
    with pytest.raises(ActRefused, match="second person"):
        seconding.second(desk_of(furnished, manager), proposal.id, manager.identity)


def test_who_else_may_not(furnished: World, proposal: Proposal) -> None:
    furnished.regulator()
    furnished.enterprise(2)
    strangers: list[Identity] = [
        admitted(furnished, Role.MANAGER, enterprise_id(furnished, 2)).identity,
        admitted(furnished, Role.CLERK).identity,
        admitted(furnished, Role.OFFICER).identity,
        admitted(furnished, Role.INSPECTOR).identity,
        admitted(furnished, Role.OPERATOR).identity,
    ]
    for stranger in strangers:
        for decide in (seconding.second, seconding.decline):
            with pytest.raises(ActRefused, match="second person"):
                decide(furnished.desk, proposal.id, stranger)
        assert not seconding.may_second(stranger, proposal)


def test_no_token_says_yes(furnished: World, other: Person, proposal: Proposal) -> None:
    token = replace(other.identity, token="1" * 16)
    with pytest.raises(ActRefused, match="second person"):
        seconding.second(furnished.desk, proposal.id, token)


def test_the_deployment_is_the_operators(furnished: World) -> None:
    proposal = seconding.propose(furnished.desk, "key.add", "key:label", {})
    for role, body in ((Role.OFFICER, organisation_id(furnished)), (Role.MANAGER, None)):
        assert not seconding.may_second(admitted(furnished, role, body).identity, proposal)
    operator = admitted(furnished, Role.OPERATOR)
    assert seconding.second(furnished.desk, proposal.id, operator.identity)


def test_no(furnished: World, other: Person, proposal: Proposal) -> None:
    seconding.decline(desk_of(furnished, other), proposal.id, other.identity)
    with pytest.raises(ActRefused, match="is declined"):
        seconding.second(desk_of(furnished, other), proposal.id, other.identity)
    with pytest.raises(ActRefused, match="second person agreed to, it is declined"):
        seconding.carry_out(furnished.desk, proposal.id, ACT, SUBJECT, WHY)


def test_taken_back_by_its_own_proposer_alone(
    furnished: World, manager: Person, other: Person, proposal: Proposal
) -> None:
    with pytest.raises(ActRefused, match="whoever proposed it"):
        seconding.withdraw(desk_of(furnished, other), proposal.id)
    seconding.withdraw(desk_of(furnished, manager), proposal.id)
    with pytest.raises(ActRefused, match="is withdrawn"):
        seconding.second(desk_of(furnished, other), proposal.id, other.identity)


def test_it_waits_for_a_week(furnished: World, other: Person, proposal: Proposal) -> None:
    furnished.clock.pass_days(seconding.WAITS_DAYS)
    with pytest.raises(ActRefused, match="has ended"):
        seconding.second(desk_of(furnished, other), proposal.id, other.identity)


def test_a_yes_does_not_last_for_ever(furnished: World, other: Person, proposal: Proposal) -> None:
    seconding.second(desk_of(furnished, other), proposal.id, other.identity)
    furnished.clock.pass_days(seconding.WAITS_DAYS)
    with pytest.raises(ActRefused, match="propose it anew"):
        seconding.carry_out(furnished.desk, proposal.id, ACT, SUBJECT, WHY)


@pytest.mark.parametrize(("act", "subject"), [("key.add", SUBJECT), (ACT, "product:2")])
def test_a_yes_to_something_else(
    furnished: World, other: Person, proposal: Proposal, act: str, subject: str
) -> None:
    seconding.second(desk_of(furnished, other), proposal.id, other.identity)
    with pytest.raises(ActRefused, match="expected a proposal of"):
        seconding.carry_out(furnished.desk, proposal.id, act, subject, WHY)


def test_what_breaks_off_leaves_the_yes(furnished: World, other: Person, proposal: Proposal) -> None:
    """At a desk of both, the act and the use of the yes land together or not at all."""
    seconding.second(desk_of(furnished, other), proposal.id, other.identity)

    def broken_off() -> None:
        with furnished.desk.together() as (desk, _tx):
            seconding.carry_out(desk, proposal.id, ACT, SUBJECT, WHY)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    with furnished.desk.together() as (desk, _tx):
        assert seconding.carry_out(desk, proposal.id, ACT, SUBJECT, WHY).id == proposal.id
    assert furnished.one("SELECT state FROM proposal WHERE id = :id", id=proposal.id)["state"] == "done"


def test_a_yes_to_something_like_it(furnished: World, other: Person, proposal: Proposal) -> None:
    seconding.second(desk_of(furnished, other), proposal.id, other.identity)
    with pytest.raises(ActRefused, match="as was agreed to"):
        seconding.carry_out(furnished.desk, proposal.id, ACT, SUBJECT, {"reason": "another"})


def test_what_waits_is_told_to_its_body(furnished: World, manager: Person, other: Person, proposal: Proposal) -> None:
    officer = admitted(furnished, Role.OFFICER)

    def awaiting(person: Person) -> list[str]:
        with furnished.database.snapshot() as reader:
            return [one.id for one in seconding.awaiting(reader, person.identity, furnished.clock())]

    assert awaiting(manager) == awaiting(other) == [proposal.id]
    assert awaiting(officer) == []
