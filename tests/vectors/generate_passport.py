"""Regenerate tests/vectors/passport-v1.json, byte for byte: `python tests/vectors/generate_passport.py`.

As with generate.py beside it, whose keys it takes: no code is shared with TraceQR. What credentials say is written here
by docs/passport.md alone, and sealed with nothing but base64, JSON and Ed25519.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from generate import HOST, TEA, TestKey, gtin_of  # noqa: E402

TARGET = HERE / "passport-v1.json"
ABOUT = (
    "Golden vectors of TraceQR product passports; docs/passport.md says how they are checked. "
    "The key is a test key, worth nothing."
)
Json = dict[str, Any]

ORIGIN = f"https://{HOST}"
DID = f"did:web:{HOST}"
KEY_NUMBER = 9
KEY = TestKey.named("passport")
AT, FROM, UNTIL = "2026-09-15T04:00:00.000Z", "2026-09-14T00:00:00.000Z", "2026-09-21T00:00:00.000Z"
LEAVES = gtin_of("0690555500001")
USCC = "91310000MA1FL0BJ3X"
FROM_MS, YEAR_MS = 1_788_998_400_000, 366 * 86_400_000

_UNTP = "https://test.uncefact.org/vocabulary"
_W3C = "https://www.w3.org/ns/credentials/v2"
_LINKS = f"{_UNTP}/linkTypes"
_VOC = "https://ref.gs1.org/voc"
_GTIN = {"type": ["IdentifierScheme"], "id": "https://id.gs1.org/01/", "name": "Global Trade Item Number (GTIN)"}
_FIRM = {
    "id": f"{ORIGIN}/enterprises/{USCC}",
    "name": "Example Tea",
    "registeredId": USCC,
    "idScheme": {
        "type": ["IdentifierScheme"],
        "id": "https://www.gsxt.gov.cn/",
        "name": "Unified Social Credit Code (GB 32100-2015)",
    },
}
_BODY = {
    "id": f"urn:x-traceqr:organisation:{HOST}:%E7%A4%BA%E4%BE%8B%E5%8D%8F%E4%BC%9A",
    "name": "Example Association",
}

# --- What credentials say --------------------------------------------------------------------------------------------


def credential(kind: str, short: str, path: str, subject: Any, name: str) -> Json:
    return {
        "@context": [_W3C, f"{_UNTP}/untp/{short}/0.6.0/"],
        "type": [kind, "VerifiableCredential"],
        "id": ORIGIN + path,
        "issuer": {"type": ["CredentialIssuer"], "id": DID, "name": f"TraceQR, {HOST}"},
        "name": name,
        "validFrom": FROM,
        "validUntil": UNTIL,
        "credentialSubject": subject,
    }


def link(url: str, name: str, kind: str, *types: str) -> Json:
    return {"type": [*types, "Link"], "linkURL": ORIGIN + url, "linkName": name, "linkType": kind}


def claim(path: str, words: str, conforms: bool, topic: str, on: str, evidence: Json) -> Json:
    return {
        "type": ["Claim", "Declaration"],
        "id": ORIGIN + path,
        "description": words,
        "conformance": conforms,
        "conformityTopic": topic,
        "assessmentDate": on,
        "conformityEvidence": evidence,
    }


PLEDGED = (
    "Pledge of quality and integrity by the enterprise itself in Quality Month 2026 (2026), in force until 2027-09-14."
)
LICENSED = "Licence to carry the mark Stable Quality, suspended."


def passport() -> Json:
    """Of a lot, with a pledge in force, a licence that is suspended, an open recall and public events."""
    path = f"/01/{TEA}/10/A7"
    product = {
        "type": ["Product"],
        "id": ORIGIN + path,
        "name": "Longjing tea",
        "registeredId": f"{TEA}.A7",
        "idScheme": _GTIN,
        "description": "龙井茶 / Longjing tea; Brand: 示例; Specification: 250 g; Product standard: GB/T 18650",
        "furtherInformation": [
            link(f"/products/{TEA}", "About the product", f"{_VOC}/pip"),
            link(f"/recalls?q={TEA}", "Recalls of the product", f"{_VOC}/recallStatus"),
        ],
        "producedByParty": _FIRM,
        "batchNumber": "A7",
        "productionDate": "2026-09-01",
    }
    claims = [
        claim(
            "/recalls/r1",
            "Under recall since 2026-09-12. Metal parts Do not drink",
            False,
            "social.safety",
            "2026-09-12",
            link("/recalls/r1", "Recall", f"{_VOC}/recallStatus", "SecureLink"),
        ),
        claim(
            f"/passport{path}#pledges-12",
            PLEDGED,
            True,
            "governance.ethics",
            "2026-09-02",
            link("/passport/pledges/12", "Quality Month 2026 QM2026-00000012-3", f"{_LINKS}/dcc", "SecureLink"),
        ),
        claim(
            f"/passport{path}#licences-3",
            LICENSED,
            False,
            "governance.compliance",
            "2026-09-03",
            link("/passport/licences/3", "Stable Quality SQ-0003", f"{_LINKS}/dcc", "SecureLink"),
        ),
    ]
    told = link(f"/passport/events{path}", "Public events of Longjing tea, lot A7", f"{_LINKS}/dte", "SecureLink")
    subject = {
        "type": ["ProductPassport"],
        "id": ORIGIN + path,
        "product": product,
        "granularityLevel": "batch",
        "conformityClaim": claims,
        "traceabilityInformation": [
            {
                "type": ["TraceabilityPerformance"],
                "valueChainProcess": "All steps that the enterprises have published",
                "traceabilityEvent": [told],
            }
        ],
    }
    name = "Digital product passport: Longjing tea"
    return credential("DigitalProductPassport", "dpp", f"/passport{path}", subject, name)


def conformity() -> Json:
    """Of the licence that is suspended."""
    path = "/passport/licences/3"
    product = {
        "type": ["Product"],
        "id": f"{ORIGIN}/01/{TEA}",
        "name": "Longjing tea",
        "registeredId": TEA,
        "idScheme": _GTIN,
    }
    assessment = {
        "type": ["ConformityAssessment", "Declaration"],
        "id": f"{ORIGIN}{path}#assessment",
        "name": "Stable Quality",
        "description": LICENSED,
        "conformance": False,
        "conformityTopic": "governance.compliance",
        "assessedOrganisation": _FIRM,
        "auditor": _BODY,
        "assessmentDate": "2026-09-03",
        "assessedProduct": [{"type": ["ProductVerification"], "product": product}],
    }
    subject = {
        "type": ["ConformityAttestation", "Attestation"],
        "id": f"{ORIGIN}{path}#attestation",
        "name": "Stable Quality SQ-0003",
        "assessorLevel": "Unspecified",
        "assessmentLevel": "Unspecified",
        "attestationType": "certification",
        "description": LICENSED,
        "issuedToParty": _FIRM,
        "conformityCertificate": link(
            "/licences/SQ-0003", "Stable Quality SQ-0003", f"{_VOC}/certificationInfo", "SecureLink"
        ),
        "scope": {
            "type": ["ConformityAssessmentScheme", "Standard"],
            "id": f"{ORIGIN}/marks/stable-quality/licences",
            "name": "Stable Quality",
            "issuingParty": _BODY,
        },
        "assessment": [assessment],
    }
    return credential("DigitalConformityCredential", "dcc", path, subject, "Stable Quality SQ-0003")


def events() -> Json:
    """Of the lot: made of leaves, packed, and stored in a case at a place of its enterprise."""
    case = {"type": ["Item"], "id": f"{ORIGIN}/00/369012340000000017", "name": "SSCC 369012340000000017"}
    lot = {"type": ["Item"], "id": f"{ORIGIN}/01/{TEA}/10/A7", "name": "Longjing tea"}
    leaves = {
        "type": ["QuantityElement"],
        "productId": f"{ORIGIN}/01/{LEAVES}/10/L%201",
        "productName": "Tea leaves",
        "quantity": 12.5,
        "uom": "KGM",
    }
    pieces = {
        "type": ["QuantityElement"],
        "productId": f"{ORIGIN}/01/{TEA}",
        "productName": "Longjing tea",
        "quantity": 24,
    }
    subject = [
        {
            "type": ["TransformationEvent", "Event"],
            "id": "https://events.example/1",
            "processType": "Commissioning",
            "eventTime": "2026-09-01T08:00:00.000Z",
            "bizStep": "commissioning",
            "bizLocation": f"{ORIGIN}/414/6901234000009/254/3",
            "inputQuantityList": [leaves],
            "outputEPCList": [lot],
        },
        {
            "type": ["AggregationEvent", "Event"],
            "id": "https://events.example/2",
            "processType": "Packing",
            "eventTime": "2026-09-01T09:00:00.000Z",
            "action": "add",
            "bizStep": "packing",
            "parentEPC": case,
            "childQuantityList": [pieces],
        },
        {
            "type": ["ObjectEvent", "Event"],
            "id": "urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8",
            "processType": "Staging outbound",
            "eventTime": "2026-09-01T10:00:00.000Z",
            "action": "observe",
            "disposition": "in_progress",
            "bizStep": "staging_outbound",
            "bizLocation": "https://places.example/9",
            "epcList": [case],
        },
    ]
    told = credential(
        "DigitalTraceabilityEvent",
        "dte",
        f"/passport/events/01/{TEA}/10/A7",
        subject,
        "Public events of Longjing tea, lot A7",
    )
    return {**told, "description": "The first 3 public events; there are more."}


# --- The envelope ----------------------------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """RFC 8785, for values whose names are ASCII and whose numbers are short."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def enveloped(payload: bytes, header: Json | None = None, key: TestKey = KEY) -> str:
    told = {"alg": "EdDSA", "cty": "vc", "kid": f"{DID}#{KEY_NUMBER}", "typ": "vc+jwt"} if header is None else header
    message = f"{b64(canonical(told))}.{b64(payload)}"
    return f"{message}.{b64(key.sign(message.encode('ascii')))}"


def header(**changes: Any) -> Json:
    told = {"alg": "EdDSA", "cty": "vc", "kid": f"{DID}#{KEY_NUMBER}", "typ": "vc+jwt", **changes}
    return {name: value for name, value in told.items() if value is not None}


def jwk(number: int, key: TestKey, role: str, **changes: Any) -> Json:
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": b64(key.public),
        "kid": str(number),
        "use": "sig",
        "alg": "EdDSA",
        "traceqr_role": role,
        "traceqr_status": "active",
        "traceqr_signing_ms": [FROM_MS, FROM_MS + YEAR_MS],
        "traceqr_verifying_ms": [FROM_MS, FROM_MS + 2 * YEAR_MS],
        "traceqr_compromised_ms": None,
        **changes,
    }


STOLEN, OTHER, ENDED = (TestKey.named(f"passport, {name}") for name in ("compromised", "of a bundle", "ended"))
KEYS = [
    jwk(KEY_NUMBER, KEY, "passport"),
    jwk(10, STOLEN, "passport", traceqr_status="compromised", traceqr_compromised_ms=FROM_MS + 1),
    jwk(11, OTHER, "bundle"),
    jwk(
        12,
        ENDED,
        "passport",
        traceqr_signing_ms=[FROM_MS - YEAR_MS, FROM_MS],
        traceqr_verifying_ms=[FROM_MS - YEAR_MS, FROM_MS],
    ),
]


def refused() -> list[Json]:
    """Envelopes that do not count, each with what it is refused for."""
    good = conformity()
    octets = canonical(good)
    text = enveloped(octets)
    head, body, signature = text.split(".")
    drawn = [
        ("empty", "", "malformed"),
        ("two-parts", f"{head}.{body}", "malformed"),
        ("four-parts", f"{text}.{signature}", "malformed"),
        ("padded", f"{head}=.{body}.{signature}", "malformed"),
        ("not-base64url", f"{head}.{body[:-1]}*.{signature}", "malformed"),
        ("standard-alphabet", f"{head}.{body}.{'+' * 86}", "malformed"),
        ("header-not-canonical", f"{b64(b' ' + canonical(header()))}.{body}.{signature}", "malformed"),
        ("payload-not-canonical", enveloped(json.dumps(good).encode()), "malformed"),
        ("payload-twice-a-member", enveloped(b'{"id":"a","id":"b"}'), "malformed"),
        ("payload-an-array", enveloped(b"[]"), "malformed"),
        ("payload-no-json", enveloped(b"\xff\xfe"), "malformed"),
        ("signature-short", f"{head}.{body}.{b64(bytes(63))}", "malformed"),
        ("alg-none", enveloped(octets, header(alg="none")), "malformed"),
        ("alg-another", enveloped(octets, header(alg="HS256")), "malformed"),
        ("typ-another", enveloped(octets, header(typ="JWT")), "malformed"),
        ("no-cty", enveloped(octets, header(cty=None)), "malformed"),
        ("header-with-a-key", enveloped(octets, header(jwk={"kty": "OKP"})), "malformed"),
        ("kid-a-number", enveloped(octets, header(kid=9)), "malformed"),
        ("kid-of-another-host", enveloped(octets, header(kid="did:web:evil.example#9")), "key-unknown"),
        ("kid-without-a-key", enveloped(octets, header(kid=f"{DID}#99")), "key-unknown"),
        ("kid-with-a-zero-in-front", enveloped(octets, header(kid=f"{DID}#09")), "key-unknown"),
        ("kid-without-a-number", enveloped(octets, header(kid=DID)), "key-unknown"),
        ("key-stolen", enveloped(octets, header(kid=f"{DID}#10"), STOLEN), "key-unknown"),
        ("key-of-another-role", enveloped(octets, header(kid=f"{DID}#11"), OTHER), "key-unknown"),
        ("key-past-its-time", enveloped(octets, header(kid=f"{DID}#12"), ENDED), "key-unknown"),
        ("another-key-signed", enveloped(octets, key=OTHER), "signature"),
        ("payload-changed", f"{head}.{b64(canonical({**good, 'name': 'x'}))}.{signature}", "signature"),
        (
            "another-issuer",
            enveloped(canonical({**good, "issuer": {**good["issuer"], "id": "did:web:evil.example"}})),
            "issuer",
        ),
        ("no-issuer", enveloped(canonical({name: good[name] for name in good if name != "issuer"})), "issuer"),
        ("not-yet", enveloped(canonical({**good, "validFrom": "2026-09-15T04:00:00.001Z"})), "out-of-term"),
        ("over", enveloped(canonical({**good, "validUntil": AT})), "out-of-term"),
        ("without-an-end", enveloped(canonical({n: good[n] for n in good if n != "validUntil"})), "out-of-term"),
        ("end-no-instant", enveloped(canonical({**good, "validUntil": 5})), "out-of-term"),
    ]
    return [{"name": name, "envelope": envelope, "reason": reason} for name, envelope, reason in drawn]


def vectors() -> Json:
    told = {"passport": passport(), "conformity": conformity(), "events": events()}
    return {
        "about": ABOUT,
        "origin": ORIGIN,
        "at": AT,
        "keys": KEYS,
        "private_seed_hex": KEY.seed.hex(),
        "credentials": [
            {"name": name, "credential": value, "envelope": enveloped(canonical(value))} for name, value in told.items()
        ],
        "refused": refused(),
    }


def rendered() -> bytes:
    """The file."""
    return json.dumps(vectors(), ensure_ascii=False, indent=1).encode("utf-8") + b"\n"


if __name__ == "__main__":
    TARGET.write_bytes(rendered())
