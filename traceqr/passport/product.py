"""The DigitalProductPassport of UNTP 0.6.0: what is told of a product, a lot or a piece."""

from __future__ import annotations

from collections.abc import Sequence

from traceqr.passport.credential import PREFIX, credential, link, party
from traceqr.passport.facts import MAX_CLAIMS, Attestation, Document, Goods, Issuer, OpenRecall, Term, Way
from traceqr.passport.vocabulary import (
    GTIN_SCHEME,
    PASSPORT,
    SAFETY,
    TO_CONFORMITY,
    TO_EVENTS,
    TO_PRODUCT,
    TO_RECALLS,
)


def passport(
    issuer: Issuer,
    goods: Goods,
    attestations: Sequence[Attestation],
    recalls: Sequence[OpenRecall],
    way: Way | None,
    term: Term,
) -> Document:
    """The passport, without a proof. Recalls come before all other claims."""
    claims = [*(_recalled(issuer, one) for one in recalls), *(_claim(issuer, goods, one) for one in attestations)]
    subject: dict[str, object] = {
        "type": ["ProductPassport"],
        "id": issuer.origin + goods.path,
        "product": _product(issuer, goods),
        "granularityLevel": str(goods.level),
    }
    if claims:
        subject["conformityClaim"] = claims[:MAX_CLAIMS]
    if way is not None:
        subject["traceabilityInformation"] = [_traceability(issuer, way)]
    more = {"name": f"Digital product passport: {goods.name}"}
    if len(claims) > MAX_CLAIMS:
        more["description"] = f"The first {MAX_CLAIMS} of {len(claims)} claims."
    return credential(issuer, "DigitalProductPassport", PASSPORT, PREFIX + goods.path, subject, term, **more)


def _product(issuer: Issuer, goods: Goods) -> dict[str, object]:
    told: dict[str, object] = {
        "type": ["Product"],
        "id": issuer.origin + goods.path,
        "name": goods.name,
        "registeredId": ".".join(part for part in (goods.gtin, goods.lot, goods.serial) if part),
        "idScheme": GTIN_SCHEME,
        "description": _description(goods),
        "furtherInformation": [
            link(f"{issuer.origin}/products/{goods.gtin}", "About the product", TO_PRODUCT),
            link(f"{issuer.origin}/recalls?q={goods.gtin}", "Recalls of the product", TO_RECALLS),
        ],
        "producedByParty": party(issuer, goods.producer),
    }
    if goods.picture:
        told["productImage"] = link(f"{issuer.origin}/pictures/{goods.picture}", "Picture of the product")
    known = {"batchNumber": goods.lot, "serialNumber": goods.serial, "productionDate": goods.produced_on}
    return {**told, **{name: value for name, value in known.items() if value}}


def _description(goods: Goods) -> str:
    names = " / ".join(part for part in (goods.name_zh, goods.name_en) if part)
    told = {"Brand": goods.brand, "Specification": goods.specification, "Product standard": goods.standard}
    return "; ".join([names, *(f"{name}: {value}" for name, value in told.items() if value)])


def _claim(issuer: Issuer, goods: Goods, one: Attestation) -> dict[str, object]:
    credential_url = issuer.origin + one.path
    told: dict[str, object] = {
        "type": ["Claim", "Declaration"],
        "id": f"{issuer.origin}{PREFIX}{goods.path}#{one.path.removeprefix(f'{PREFIX}/').replace('/', '-')}",
        "description": one.description,
        "conformance": one.conforms,
        "conformityTopic": one.topic,
        "conformityEvidence": link(credential_url, f"{one.name} {one.number}", TO_CONFORMITY, secure=True),
    }
    return {**told, "assessmentDate": one.on} if one.on else told


def _recalled(issuer: Issuer, one: OpenRecall) -> dict[str, object]:
    return {
        "type": ["Claim", "Declaration"],
        "id": f"{issuer.origin}{one.page}",
        "description": f"Under recall since {one.since}. {one.words}".strip(),
        "conformance": False,
        "conformityTopic": SAFETY,
        "assessmentDate": one.since,
        "conformityEvidence": link(f"{issuer.origin}{one.page}", "Recall", TO_RECALLS, secure=True),
    }


def _traceability(issuer: Issuer, way: Way) -> dict[str, object]:
    events = link(issuer.origin + way.path, f"Public events of {way.about}", TO_EVENTS, secure=True)
    return {
        "type": ["TraceabilityPerformance"],
        "valueChainProcess": "All steps that the enterprises have published",
        "traceabilityEvent": [events],
    }
