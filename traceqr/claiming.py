"""Claiming: which enterprise has the right to a GTIN, reviewed by an organisation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from traceqr.acting import Act, ActRefused, Desk, each
from traceqr.enrolling import require_enterprise
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.registry import claims, organisations
from traceqr.registry.claims import Claim

_CLAIM_FORMS = {"gtin": re.compile("[0-9]{14}"), "prefix": re.compile("[0-9]{7,12}")}
_GTIN8_RANGE = "00000"
"""A GTIN-8 in 14 digits starts with six zeros, and belongs to no company prefix (GS1 General Specifications 1.4.3)."""

_CLAIM_WORDS = {"gtin": "a GTIN of 14 digits", "prefix": "a GS1 company prefix of 7 to 12 digits"}


_NAMED = 5
"""Organisations named in a message at most."""


@dataclass(frozen=True, slots=True)
class ClaimEntry:
    """A claim to file: `kind` is gtin (14 digits) or prefix (7 to 12 digits)."""

    uscc: str
    kind: str
    value: str
    evidence: str


def file_claims(desk: Desk, entries: Sequence[ClaimEntry]) -> list[Claim]:
    """File claims to GTINs or company prefixes, to be reviewed."""
    with desk.act() as act:
        return each(entries, lambda entry: _file_claim(desk, act, entry))


def accept_claim(desk: Desk, claim_id: str, organisation_name: str) -> Claim:
    """Accept a claim. Refused when it shares a GTIN with a claim accepted for another enterprise."""
    with desk.act() as act:
        claim = _filed(act, claim_id)
        for other in claims.accepted_overlapping(act.tx, claim):
            if other.enterprise_id != claim.enterprise_id:
                raise ActRefused(
                    f"claim {claim_id} to {claim.kind} {claim.value}: {other.kind} {other.value} is accepted for"
                    " another enterprise"
                )
            if (other.kind, other.value) == (claim.kind, claim.value):
                raise ActRefused(f"claim {claim_id} to {claim.kind} {claim.value}: accepted already as {other.id}")
        return _decide(act, claim, "accepted", organisation_name, reason="")


def refuse_claim(desk: Desk, claim_id: str, organisation_name: str, reason: str) -> Claim:
    """Refuse a claim, for a reason that the ledger keeps."""
    if not reason.strip():
        raise ActRefused("expected a reason that the ledger keeps, got none", "reason")
    with desk.act() as act:
        return _decide(act, _filed(act, claim_id), "refused", organisation_name, reason)


def _file_claim(desk: Desk, act: Act, entry: ClaimEntry) -> Claim:
    if entry.kind not in _CLAIM_FORMS:
        raise ActRefused(f"expected a claim to gtin or prefix, got {entry.kind!r}", "kind")
    if not _CLAIM_FORMS[entry.kind].fullmatch(entry.value):
        raise ActRefused(f"expected {_CLAIM_WORDS[entry.kind]}, got {entry.value!r}", "value")
    if entry.kind == "gtin":
        _check_gtin(entry.value)
    elif entry.value.startswith(_GTIN8_RANGE):
        raise ActRefused(
            f"expected a company prefix, got {entry.value!r} from the range of GTIN-8, which are claimed singly",
            "value",
        )
    enterprise = require_enterprise(act, entry.uscc)
    claim = Claim(desk.new_id(), enterprise.id, entry.kind, entry.value, entry.evidence, "filed")
    position = act.record(
        "claim.file",
        f"claim:{claim.id}",
        {"enterprise": enterprise.id, "kind": claim.kind, "value": claim.value, "evidence": claim.evidence},
    )
    claims.insert(act.tx, claim, position)
    return claim


def _check_gtin(digits: str) -> None:
    try:
        Gtin.parse(digits)
    except InvalidGtin as error:
        raise ActRefused(str(error), "value") from error


def _filed(act: Act, claim_id: str) -> Claim:
    claim = claims.by_id(act.tx, claim_id)
    if claim is None:
        raise ActRefused(f"expected the id of a claim, {claim_id!r} is none")
    if claim.state != "filed":
        raise ActRefused(f"expected a claim that awaits its decision, {claim_id} is {claim.state}")
    return claim


def _decide(act: Act, claim: Claim, state: str, organisation_name: str, reason: str) -> Claim:
    organisation = organisations.by_name(act.tx, organisation_name)
    if organisation is None:
        raise ActRefused(
            f"expected the Chinese name of an enrolled organisation, got {organisation_name!r}; {_enrolled(act)}"
        )
    payload = {"organisation": organisation.id, "kind": claim.kind, "value": claim.value}
    if reason:
        payload["reason"] = reason
    act_name = "claim.accept" if state == "accepted" else "claim.refuse"
    position = act.record(act_name, f"claim:{claim.id}", payload)
    claims.decide(act.tx, claim.id, state, organisation.id, act.at_ms, position)
    return replace(claim, state=state, organisation_id=organisation.id, decided_ms=act.at_ms)


def _enrolled(act: Act) -> str:
    names = [repr(organisation.name_zh) for organisation in organisations.everyone(act.tx)]
    if not names:
        return "none is enrolled yet: import organisations first"
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"enrolled: {', '.join(names[:_NAMED])}{more}"
