"""What credentials of all three kinds have in common (VCDM 2.0, section 4; UNTP 0.6.0, Verifiable Credential)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import quote

from traceqr import canonical
from traceqr.passport.facts import Document, Issuer, Party, Term
from traceqr.passport.vocabulary import CREDENTIALS, USCC_SCHEME

PREFIX = "/passport"
"""In front of the paths of all credentials."""


def credential(
    issuer: Issuer, kind: str, context: str, path: str, subject: object, term: Term, **more: str
) -> dict[str, object]:
    """A credential without a proof. `more` are members of its own, such as its name."""
    return {
        "@context": [CREDENTIALS, context],
        "type": [kind, "VerifiableCredential"],
        "id": f"{issuer.origin}{path}",
        "issuer": {"type": ["CredentialIssuer"], "id": issuer.did, "name": f"TraceQR, {issuer.host}"},
        **more,
        **term.members,
        "credentialSubject": subject,
    }


def party(issuer: Issuer, one: Party) -> dict[str, object]:
    """A party: an enterprise by its code, an organisation by its name alone."""
    if not one.uscc:
        return {"id": f"urn:x-traceqr:organisation:{issuer.host}:{quote(one.name_zh, safe='')}", "name": one.name}
    return {"id": issuer.origin + one.page, "name": one.name, "registeredId": one.uscc, "idScheme": USCC_SCHEME}


def link(url: str, name: str, kind: str = "", *, secure: bool = False) -> dict[str, object]:
    """A link with its name."""
    types = ["SecureLink", "Link"] if secure else ["Link"]
    told: dict[str, object] = {"type": types, "linkURL": url, "linkName": name}
    return {**told, "linkType": kind} if kind else told


def source(document: Document) -> str:
    """The digest of what a credential says, whenever it is made: two of one digest differ in their terms alone."""
    said = {name: value for name, value in document.items() if name not in ("validFrom", "validUntil")}
    return hashlib.sha256(canonical.encode(said)).hexdigest()


def dated(document: Document, term: Term) -> Mapping[str, object]:
    """The same with another term."""
    said = {name: value for name, value in document.items() if name not in ("validFrom", "validUntil")}
    return {**said, **term.members}
