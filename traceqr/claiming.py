"""Claiming: which enterprise has the right to a GTIN, reviewed by an organisation.

A claim that shares a GTIN with an accepted one of another enterprise contests it. It is accepted only in its place: the
organisation that decides names what it revokes, and both happen at once. What was printed before stays as it was, and
says that the right is gone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from traceqr.acting import Act, ActRefused, Desk, each
from traceqr.document import Document
from traceqr.enrolling import require_enterprise
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.registry import claims, documents, organisations
from traceqr.registry.claims import Claim
from traceqr.registry.organisations import Organisation

_CLAIM_FORMS = {"gtin": re.compile("[0-9]{14}"), "prefix": re.compile("[0-9]{7,12}")}
_GTIN8_RANGE = "00000"
"""A GTIN-8 in 14 digits starts with six zeros, and belongs to no company prefix (GS1 General Specifications 1.4.3)."""

_CLAIM_WORDS = {"gtin": "a GTIN of 14 digits", "prefix": "a GS1 company prefix of 7 to 12 digits"}

MAX_DOCUMENTS = 5
"""Certificates beside one claim."""

_WANTED = {"filed": "a claim that awaits its decision", "accepted": "an accepted claim"}
_ACTS = {"accepted": "claim.accept", "refused": "claim.refuse", "revoked": "claim.revoke"}

_NAMED = 5
"""Organisations named in a message at most."""


@dataclass(frozen=True, slots=True)
class ClaimEntry:
    """A claim to file: `kind` is gtin (14 digits) or prefix (7 to 12 digits). The evidence is in words; beside it stand
    certificates, as `document.read_document` makes them.
    """

    uscc: str
    kind: str
    value: str
    evidence: str
    documents: tuple[Document, ...] = ()


def file_claims(desk: Desk, entries: Sequence[ClaimEntry]) -> list[Claim]:
    """File claims to GTINs or company prefixes, to be reviewed, also such as contest accepted ones of others."""
    with desk.act() as act:
        return each(entries, lambda entry: _file_claim(desk, act, entry))


def accept_claim(
    desk: Desk, claim_id: str, organisation_name: str, instead_of: Sequence[str] = (), reason: str = ""
) -> Claim:
    """Accept a claim. Where it contests accepted claims of others, all of them must be named in `instead_of`: they are
    revoked in the same act, for a reason that the ledger keeps.
    """
    if instead_of:
        _require_reason(reason)
    with desk.act() as act:
        claim = _in_state(act, claim_id, "filed")
        decided_by = _organisation(act, organisation_name)
        for other in _contested(act, claim, instead_of):
            _decide(act, other, "revoked", decided_by, {"reason": reason, "instead": claim.id})
        return _decide(act, claim, "accepted", decided_by, {})


def refuse_claim(desk: Desk, claim_id: str, organisation_name: str, reason: str) -> Claim:
    """Refuse a claim, for a reason that the ledger keeps."""
    _require_reason(reason)
    with desk.act() as act:
        claim = _in_state(act, claim_id, "filed")
        return _decide(act, claim, "refused", _organisation(act, organisation_name), {"reason": reason})


def revoke_claim(desk: Desk, claim_id: str, organisation_name: str, reason: str) -> Claim:
    """Revoke an accepted claim, for a reason that the ledger keeps: nothing is issued or printed under it any more, and
    every label that was says so. It cannot be undone, but the enterprise may file another claim.
    """
    _require_reason(reason)
    with desk.act() as act:
        claim = _in_state(act, claim_id, "accepted")
        return _decide(act, claim, "revoked", _organisation(act, organisation_name), {"reason": reason})


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ActRefused("expected a reason that the ledger keeps, got none", "reason")


def _contested(act: Act, claim: Claim, instead_of: Sequence[str]) -> list[Claim]:
    """The accepted claims that a claim takes the place of: exactly those that were named, so that nobody decides about
    one that he has not seen.
    """
    named = f"claim {claim.id} to {claim.kind} {claim.value}"
    overlapping = {other.id: other for other in claims.accepted_overlapping(act.tx, claim)}
    for other in overlapping.values():
        if other.enterprise_id != claim.enterprise_id and other.id not in instead_of:
            raise ActRefused(
                f"{named}: {other.kind} {other.value} is accepted for another enterprise, as {other.id}; to revoke it"
                " in the same act, name it as one that this stands instead of",
                "instead_of",
            )
        if (other.enterprise_id, other.kind, other.value) == (claim.enterprise_id, claim.kind, claim.value):
            raise ActRefused(f"{named}: accepted already as {other.id}")
    for other_id in instead_of:
        if other_id not in overlapping or overlapping[other_id].enterprise_id == claim.enterprise_id:
            raise ActRefused(f"{named}: expected claims of others that it contests, {other_id!r} is none", "instead_of")
    return [overlapping[other_id] for other_id in dict.fromkeys(instead_of)]


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
    held = _beside(entry)
    claim = Claim(desk.new_id(), enterprise.id, entry.kind, entry.value, entry.evidence, "filed")
    payload = {"enterprise": enterprise.id, "kind": claim.kind, "value": claim.value, "evidence": claim.evidence}
    digests = {"documents": list(held)} if held else {}
    claims.insert(act.tx, claim, act.record("claim.file", f"claim:{claim.id}", payload | digests))
    kept = [documents.keep(act.tx, document, desk.new_id(), enterprise.id) for document in held.values()]
    documents.attach(act.tx, claim.id, kept)
    return claim


def _beside(entry: ClaimEntry) -> dict[str, Document]:
    """The documents of an entry by their digests, each once."""
    held = {document.digest: document for document in entry.documents}
    if len(held) > MAX_DOCUMENTS:
        raise ActRefused(f"expected at most {MAX_DOCUMENTS} documents beside a claim, got {len(held)}", "documents")
    return held


def _check_gtin(digits: str) -> None:
    try:
        Gtin.parse(digits)
    except InvalidGtin as error:
        raise ActRefused(str(error), "value") from error


def _in_state(act: Act, claim_id: str, state: str) -> Claim:
    claim = claims.by_id(act.tx, claim_id)
    if claim is None:
        raise ActRefused(f"expected the id of a claim, {claim_id!r} is none")
    if claim.state != state:
        raise ActRefused(f"expected {_WANTED[state]}, {claim_id} is {claim.state}")
    return claim


def _decide(act: Act, claim: Claim, state: str, decided_by: Organisation, more: dict[str, str]) -> Claim:
    payload = {"organisation": decided_by.id, "kind": claim.kind, "value": claim.value, **more}
    position = act.record(_ACTS[state], f"claim:{claim.id}", payload)
    claims.decide(act.tx, claim.id, state, decided_by.id, act.at_ms, position)
    return replace(claim, state=state, organisation_id=decided_by.id, decided_ms=act.at_ms)


def _organisation(act: Act, name_zh: str) -> Organisation:
    organisation = organisations.by_name(act.tx, name_zh)
    if organisation is None:
        raise ActRefused(f"expected the Chinese name of an enrolled organisation, got {name_zh!r}; {_enrolled(act)}")
    return organisation


def _enrolled(act: Act) -> str:
    names = [repr(organisation.name_zh) for organisation in organisations.everyone(act.tx)]
    if not names:
        return "none is enrolled yet: import organisations first"
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"enrolled: {', '.join(names[:_NAMED])}{more}"
