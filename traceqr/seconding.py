"""Seconding: an act that cannot be undone is proposed by one person and done with the yes of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import rfc8785

from traceqr.access import Identity, Right
from traceqr.acting import Act, ActRefused, Desk
from traceqr.registry import proposals
from traceqr.registry.database import Reader
from traceqr.registry.proposals import Proposal

WAITS_DAYS = 7
_DAY_MS = 86_400_000


def propose(
    desk: Desk,
    act_name: str,
    subject: str,
    arguments: Mapping[str, Any],
    *,
    enterprise: str | None = None,
    organisation: str | None = None,
) -> Proposal:
    """Propose an act, named as on the ledger. It concerns one body, or else the deployment. Nothing is done yet."""
    spelled = _spelled(arguments)
    with desk.act() as act:
        until_ms = act.at_ms + WAITS_DAYS * _DAY_MS
        proposal = Proposal(
            desk.new_id(), act_name, subject, spelled, desk.actor, enterprise, organisation, until_ms, "open"
        )
        body = {"enterprise": enterprise, "organisation": organisation}
        payload = {name: value for name, value in body.items() if value}
        position = act.record(
            "proposal.open",
            f"proposal:{proposal.id}",
            {**payload, "act": act_name, "subject": subject, "arguments": spelled, "until_ms": until_ms},
        )
        proposals.insert(act.tx, proposal, position)
        return proposal


def second(desk: Desk, proposal_id: str, identity: Identity) -> Proposal:
    """Say yes to somebody else's proposal. It is not done by that: see `carry_out`."""
    return _decide(desk, proposal_id, identity, "second", "seconded")


def decline(desk: Desk, proposal_id: str, identity: Identity) -> Proposal:
    """Say no to somebody else's proposal."""
    return _decide(desk, proposal_id, identity, "decline", "declined")


def withdraw(desk: Desk, proposal_id: str) -> Proposal:
    """Take one's own proposal back."""
    with desk.act() as act:
        proposal = _open(act, proposal_id)
        if proposal.proposed_by != desk.actor:
            raise ActRefused(f"proposal {proposal_id}: expected whoever proposed it, got somebody else")
        return _set(act, proposal, "withdraw", "withdrawn")


def carry_out(
    desk: Desk, proposal_id: str, act_name: str, subject: str, arguments: Mapping[str, Any]
) -> Proposal:
    """Use up a proposal that was seconded: whoever calls then does the act, once, and with what was agreed to. At a
    desk of `Desk.together` both land at once.

    Where the act is a transaction of its own, or more than one, a crash in between leaves it undone and the proposal
    used up: it is proposed anew.
    """
    with desk.act() as act:
        proposal = proposals.by_id(act.tx, proposal_id)
        if proposal is None or (proposal.act, proposal.subject) != (act_name, subject):
            raise ActRefused(f"expected a proposal of {act_name} for {subject}, {proposal_id!r} is none")
        if proposal.arguments != (spelled := _spelled(arguments)):
            raise ActRefused(f"proposal {proposal_id}: expected {proposal.arguments}, as was agreed to, got {spelled}")
        if proposal.state != "seconded":
            raise ActRefused(
                f"proposal {proposal_id}: expected one that a second person agreed to, it is {proposal.state}"
            )
        if act.at_ms >= proposal.until_ms:
            raise ActRefused(f"proposal {proposal_id}: expected one that is in time, this has ended; propose it anew")
        return _set(act, proposal, "carry_out", "done")


def may_second(identity: Identity, proposal: Proposal) -> bool:
    """Whether an identity may decide on a proposal: not its own, and only of its own body or, for an operator, of the
    deployment.
    """
    if proposal.proposed_by == identity.actor or identity.token or not identity.may(Right.SECOND):
        return False
    return (proposal.enterprise_id, proposal.organisation_id) == (identity.enterprise, identity.organisation)


def awaiting(reader: Reader, identity: Identity, now_ms: int) -> list[Proposal]:
    """Open proposals that concern the body of an identity, or for an operator the deployment; its own too."""
    body = (identity.enterprise, identity.organisation)
    return [one for one in proposals.open_ones(reader, now_ms) if (one.enterprise_id, one.organisation_id) == body]


def _spelled(arguments: Mapping[str, Any]) -> str:
    """Canonical JSON, so that the same is spelled the same."""
    return rfc8785.dumps(dict(arguments)).decode()


def _decide(desk: Desk, proposal_id: str, identity: Identity, verb: str, state: str) -> Proposal:
    with desk.act() as act:
        proposal = _open(act, proposal_id)
        if not may_second(identity, proposal):
            raise ActRefused(f"proposal {proposal_id}: expected a second person of the same body, got another")
        return _set(act, proposal, verb, state)


def _open(act: Act, proposal_id: str) -> Proposal:
    proposal = proposals.by_id(act.tx, proposal_id)
    if proposal is None:
        raise ActRefused(f"expected the id of a proposal, {proposal_id!r} is none")
    if proposal.state != "open" or act.at_ms >= proposal.until_ms:
        raise ActRefused(f"proposal {proposal_id}: expected one that is open, it {_is(proposal)}")
    return proposal


def _is(proposal: Proposal) -> str:
    return "has ended" if proposal.state == "open" else f"is {proposal.state}"


def _set(act: Act, proposal: Proposal, verb: str, state: str) -> Proposal:
    position = act.record(f"proposal.{verb}", f"proposal:{proposal.id}", {})
    proposals.set_state(act.tx, proposal.id, state, position)
    return proposal
