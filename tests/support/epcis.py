"""Events and documents to change in tests, and where the vectors are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from traceqr.epcis.context import OFFICIAL

VECTORS = Path(__file__).parents[1] / "vectors" / "epcis"
PATHS = sorted(path for path in VECTORS.glob("*.json") if path.stem != "hashes")

TEA = {"tea": "https://example.com/tea/"}

ITEM = "urn:epc:id:sgtin:9521141.012345.A1"
CASE = "urn:epc:id:sscc:9521141.0000000017"
LOT = "urn:epc:class:lgtin:9521141.098765.L1"


def event_of(kind: str = "ObjectEvent", **members: Any) -> dict[str, Any]:
    """An event that is right unless `members` make it wrong; a member that is None is left out."""
    value: dict[str, Any] = {
        "type": kind,
        "eventTime": "2026-09-01T08:00:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
        **_WHAT[kind],
        **members,
    }
    return {name: each for name, each in value.items() if each is not None}


def document_of(events: list[Any]) -> dict[str, Any]:
    """A document around events."""
    return {
        "@context": [OFFICIAL, TEA],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-09-10T08:00:00.000Z",
        "epcisBody": {"eventList": events},
    }


_WHAT: dict[str, dict[str, Any]] = {
    "ObjectEvent": {"action": "OBSERVE", "epcList": [ITEM]},
    "AggregationEvent": {"action": "ADD", "parentID": CASE, "childEPCs": [ITEM]},
    "AssociationEvent": {"action": "ADD", "parentID": CASE, "childEPCs": [ITEM]},
    "TransactionEvent": {
        "action": "ADD",
        "bizTransactionList": [{"type": "po", "bizTransaction": "urn:x:po:1"}],
        "epcList": [ITEM],
    },
    "TransformationEvent": {
        "inputQuantityList": [{"epcClass": LOT, "quantity": 4, "uom": "KGM"}],
        "outputEPCList": [ITEM],
    },
}
