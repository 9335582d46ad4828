"""The DigitalConformityCredential of UNTP 0.6.0: a pledge, a licence of a mark, or a recognition, as it stands.

We sign what the association has decided and do not assess anything: the association is named as who owns the scheme and
who assessed. How far it is accredited is not for us to say, so the levels of assurance are `Unspecified`.
"""

from __future__ import annotations

from traceqr.passport.credential import credential, link, party
from traceqr.passport.facts import Attestation, Document, Issuer, Term
from traceqr.passport.vocabulary import CONFORMITY, GTIN_SCHEME, TO_CERTIFICATE

PLEDGE, LICENCE, RECOGNITION = "pledge", "licence", "recognition"
"""Kinds of attestations."""

_SORTS = {PLEDGE: ("Self", "declaration"), LICENCE: ("Unspecified", "certification")}
_ELSE = ("Unspecified", "declaration")
"""Who assesses, and what is attested: a pledge is the enterprise's own word."""


def conformity(issuer: Issuer, one: Attestation, term: Term) -> Document:
    """The credential, without a proof."""
    assessor, sort = _SORTS.get(one.kind, _ELSE)
    name = f"{one.name} {one.number}"
    subject: dict[str, object] = {
        "type": ["ConformityAttestation", "Attestation"],
        "id": f"{issuer.origin}{one.path}#attestation",
        "name": name,
        "assessorLevel": assessor,
        "assessmentLevel": "Unspecified",
        "attestationType": sort,
        "description": one.description,
        "issuedToParty": party(issuer, one.to),
        "conformityCertificate": link(issuer.origin + one.page, name, TO_CERTIFICATE, secure=True),
        "scope": {
            "type": ["ConformityAssessmentScheme", "Standard"],
            "id": f"{issuer.origin}{one.scheme}",
            "name": one.name,
            "issuingParty": party(issuer, one.by),
        },
        "assessment": [_assessment(issuer, one)],
    }
    return credential(issuer, "DigitalConformityCredential", CONFORMITY, one.path, subject, term, name=name)


def _assessment(issuer: Issuer, one: Attestation) -> dict[str, object]:
    told: dict[str, object] = {
        "type": ["ConformityAssessment", "Declaration"],
        "id": f"{issuer.origin}{one.path}#assessment",
        "name": one.name,
        "description": one.description,
        "conformance": one.conforms,
        "conformityTopic": one.topic,
        "assessedOrganisation": party(issuer, one.to),
        "auditor": party(issuer, one.by),
    }
    if one.on:
        told["assessmentDate"] = one.on
    if one.products:
        told["assessedProduct"] = [_product(issuer, gtin, name) for gtin, name in one.products]
    return told


def _product(issuer: Issuer, gtin: str, name: str) -> dict[str, object]:
    product = {
        "type": ["Product"],
        "id": f"{issuer.origin}/01/{gtin}",
        "name": name,
        "registeredId": gtin,
        "idScheme": GTIN_SCHEME,
    }
    return {"type": ["ProductVerification"], "product": product}
