"""The shape of UNTP 0.6.0 as far as passports fill it, in words of our own: what must be there, of what kind it is, and
nothing that the protocol does not know. It was written by reading the protocol's chapters; its own schemas are stricter
nowhere, and laxer where they let anything more stand.
"""

from __future__ import annotations

from typing import Any

import jsonschema_rs

Schema = dict[str, Any]

URI: Schema = {"type": "string", "pattern": "^(https?://|urn:|did:)[!-~]+$"}
WORDS: Schema = {"type": "string", "minLength": 1}
DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
INSTANT: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$"}
TOPIC: Schema = {
    "enum": [
        *(f"environment.{one}" for one in ("energy", "emissions", "water", "waste", "deforestation", "biodiversity")),
        *("circularity.content", "circularity.design"),
        *(f"social.{one}" for one in ("labour", "rights", "community", "safety")),
        *(f"governance.{one}" for one in ("ethics", "compliance", "transparency")),
    ]
}


def closed(types: list[str] | None, required: dict[str, Schema], **more: Schema) -> Schema:
    """An object with these members and no others, of these types where it has some."""
    members = {**required, **more}
    if types:
        members["type"] = {"const": types}
    return {
        "type": "object",
        "properties": members,
        "required": [*required, *(["type"] if types else [])],
        "additionalProperties": False,
    }


def listed(one: Schema) -> Schema:
    return {"type": "array", "items": one, "minItems": 1}


SCHEME = closed(["IdentifierScheme"], {"id": URI, "name": WORDS})
PARTY = closed(None, {"id": URI, "name": WORDS}, registeredId=WORDS, idScheme=SCHEME)
LINK = closed(["Link"], {"linkURL": URI, "linkName": WORDS}, linkType=URI)
SECURE_LINK = closed(["SecureLink", "Link"], {"linkURL": URI, "linkName": WORDS}, linkType=URI)
PRODUCT = closed(
    ["Product"],
    {"id": URI, "name": WORDS, "registeredId": WORDS, "idScheme": SCHEME},
    description=WORDS,
    productImage=LINK,
    furtherInformation=listed(LINK),
    producedByParty=PARTY,
    batchNumber=WORDS,
    serialNumber=WORDS,
    productionDate=DAY,
)
CLAIM = closed(
    ["Claim", "Declaration"],
    {"id": URI, "conformance": {"type": "boolean"}, "conformityTopic": TOPIC},
    description=WORDS,
    assessmentDate=DAY,
    conformityEvidence=SECURE_LINK,
)
ITEM = closed(["Item"], {"id": URI, "name": WORDS})
QUANTITY = closed(
    ["QuantityElement"],
    {"productId": URI, "productName": WORDS, "quantity": {"type": "number"}},
    uom={"type": "string", "pattern": "^[A-Z0-9]{2,3}$"},
)


def credential(kind: str, short: str, subject: Schema) -> Schema:
    context = ["https://www.w3.org/ns/credentials/v2", f"https://test.uncefact.org/vocabulary/untp/{short}/0.6.0/"]
    return closed(
        [kind, "VerifiableCredential"],
        {
            "@context": {"const": context},
            "id": URI,
            "issuer": closed(["CredentialIssuer"], {"id": {"pattern": "^did:web:"}, "name": WORDS}),
            "validFrom": INSTANT,
            "credentialSubject": subject,
        },
        name=WORDS,
        description=WORDS,
        validUntil=INSTANT,
    )


def event(kind: str, **lists: Schema) -> Schema:
    return closed(
        [kind, "Event"],
        {"id": URI, "eventTime": INSTANT},
        processType=WORDS,
        action={"enum": ["observe", "add", "delete"]},
        disposition=WORDS,
        bizStep=WORDS,
        bizLocation=URI,
        **lists,
    )


_CHILDREN = {"parentEPC": ITEM, "childEPCList": listed(ITEM), "childQuantityList": listed(QUANTITY)}

PASSPORT = credential(
    "DigitalProductPassport",
    "dpp",
    closed(
        ["ProductPassport"],
        {"id": URI, "product": PRODUCT, "granularityLevel": {"enum": ["item", "batch", "model"]}},
        conformityClaim=listed(CLAIM),
        traceabilityInformation=listed(
            closed(
                ["TraceabilityPerformance"],
                {"valueChainProcess": WORDS, "traceabilityEvent": listed(SECURE_LINK)},
            )
        ),
    ),
)
CONFORMITY = credential(
    "DigitalConformityCredential",
    "dcc",
    closed(
        ["ConformityAttestation", "Attestation"],
        {
            "id": URI,
            "assessorLevel": {"enum": ["Self", "Commercial", "Buyer", "Membership", "Unspecified", "3rdParty"]},
            "assessmentLevel": {
                "enum": ["GovtApproval", "GlobalMRA", "Accredited", "Verified", "Validated", "Unspecified"]
            },
            "attestationType": {"enum": ["certification", "declaration", "inspection", "testing", "verification"]},
            "issuedToParty": PARTY,
        },
        name=WORDS,
        description=WORDS,
        conformityCertificate=SECURE_LINK,
        scope=closed(["ConformityAssessmentScheme", "Standard"], {"id": URI, "name": WORDS, "issuingParty": PARTY}),
        assessment=listed(
            closed(
                ["ConformityAssessment", "Declaration"],
                {"id": URI, "conformance": {"type": "boolean"}, "conformityTopic": TOPIC},
                name=WORDS,
                description=WORDS,
                assessmentDate=DAY,
                assessedOrganisation=PARTY,
                auditor=PARTY,
                assessedProduct=listed(closed(["ProductVerification"], {"product": PRODUCT})),
            )
        ),
    ),
)
EVENTS = credential(
    "DigitalTraceabilityEvent",
    "dte",
    listed(
        {
            "oneOf": [
                event(
                    "TransformationEvent",
                    inputEPCList=listed(ITEM),
                    inputQuantityList=listed(QUANTITY),
                    outputEPCList=listed(ITEM),
                    outputQuantityList=listed(QUANTITY),
                ),
                event("AggregationEvent", **_CHILDREN),
                event("AssociationEvent", **_CHILDREN),
                event("ObjectEvent", epcList=listed(ITEM), quantityList=listed(QUANTITY)),
            ]
        }
    ),
)


def faults(schema: Schema, value: object) -> list[str]:
    """What is wrong with a value; empty where nothing is."""
    validator = jsonschema_rs.Draft202012Validator(schema)
    return [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(value)]
