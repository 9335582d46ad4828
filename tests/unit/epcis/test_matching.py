"""Whether an event is what is asked for: each parameter finds it, and its neighbour does not."""

from __future__ import annotations

import json

import pytest
from support.epcis import CASE, LOT, document_of, event_of

from traceqr.epcis import document, query
from traceqr.epcis.query import EventQuery, matches
from traceqr.instant import from_iso
from traceqr.tracing.event import Action, Event, EventKind, Item, Part
from traceqr.tracing.run import Run

NAMES = {"tea": "https://example.com/tea/"}
RECORDED_MS = from_iso("2026-09-02T00:00:00Z")
EVENT = event_of(
    "TransformationEvent",
    **{
        "eventID": "urn:x:event",
        "transformationID": "urn:x:run",
        "inputEPCList": ["urn:epc:id:giai:9521141.VAT7"],
        "inputQuantityList": [{"epcClass": LOT, "quantity": 4.5, "uom": "KGM"}, {"epcClass": "urn:x:foil"}],
        "outputEPCList": [f"urn:epc:id:sgtin:9521141.012345.A{n}" for n in range(1, 9)] + [CASE],
        "bizStep": "commissioning",
        "disposition": "in_progress",
        "persistentDisposition": {"set": ["completeness_verified"], "unset": ["damaged"]},
        "readPoint": {"id": "urn:epc:id:sgln:9521141.00001.LINE-2", "tea:floor": 3},
        "bizLocation": {"id": "urn:epc:id:sgln:9521141.00001.0"},
        "bizTransactionList": [{"type": "prodorder", "bizTransaction": "urn:x:order"}],
        "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:9521141.00000"}],
        "destinationList": [{"type": "location", "destination": "urn:epc:id:sgln:9521141.00001.0"}],
        "errorDeclaration": {
            "declarationTime": "2026-09-03T00:00:00Z",
            "reason": "incorrect_data",
            "correctiveEventIDs": ["urn:x:better"],
            "tea:by": "me",
        },
        "ilmd": {"tea:grade": "特级", "tea:tasted": [{"tea:points": 92.5}], "tea:until": "2028-09-02T00:00:00Z"},
        "tea:organic": True,
        "tea:batch": ["B7", "B8"],
        "sensorElementList": [
            {
                "sensorMetadata": {"deviceID": "urn:x:device", "startTime": "2026-09-01T00:00:00Z", "tea:fw": "4"},
                "sensorReport": [
                    {"type": "Temperature", "value": 92, "uom": "CEL", "tea:probe": 1},
                    {"type": "Pressure", "value": 1, "uom": "BAR", "booleanValue": False, "stringValue": "ok"},
                ],
                "tea:mounted": "inside",
            }
        ],
    },
)

YES_AND_NO = {
    "kind": ("eventType=TransformationEvent", "eventType=ObjectEvent"),
    "action": ("", "EQ_action=ADD"),
    "since": ("GE_eventTime=2026-09-01T00:00:00Z", "GE_eventTime=2026-09-01T00:00:00.001Z"),
    "until": ("LT_eventTime=2026-09-01T00:00:00.001Z", "LT_eventTime=2026-09-01T00:00:00Z"),
    "recorded": ("GE_recordTime=2026-09-02T00:00:00Z", "LT_recordTime=2026-09-02T00:00:00Z"),
    "step": ("EQ_bizStep=packing,commissioning", "EQ_bizStep=packing"),
    "disposition": ("EQ_disposition=in_progress", "EQ_disposition=active"),
    "set": ("EQ_persistentDisposition_set=completeness_verified", "EQ_persistentDisposition_set=damaged"),
    "unset": ("EQ_persistentDisposition_unset=damaged", "EQ_persistentDisposition_unset=completeness_verified"),
    "read-point": (
        "EQ_readPoint=https://id.gs1.org/414/9521141000014/254/LINE-2",
        "EQ_readPoint=https://id.gs1.org/414/9521141000014",
    ),
    "read-point-within": (
        "WD_readPoint=urn:epc:id:sgln:9521141.00001.0",
        "WD_readPoint=urn:epc:id:sgln:9521141.00001.LINE",
    ),
    "location": ("EQ_bizLocation=urn:epc:id:sgln:9521141.00001.0", "EQ_bizLocation=urn:epc:id:sgln:9521141.00002.0"),
    "location-within": (
        "WD_bizLocation=https://id.gs1.org/414/9521141000014",
        "WD_bizLocation=https://id.gs1.org/414/9521141000014/254/LINE-2",
    ),
    "id": ("EQ_eventID=urn:x:other,urn:x:event", "EQ_eventID=urn:x:other"),
    "transformation": ("EQ_transformationID=urn:x:run", "EQ_transformationID=urn:x:walk"),
    "output": (
        "MATCH_outputEPC=urn:epc:id:sgtin:9521141.012345.A8",
        "MATCH_outputEPC=urn:epc:id:sgtin:9521141.012345.A9",
    ),
    "output-by-link": (
        "MATCH_outputEPC=https://id.gs1.org/01/09521141123454/21/A1",
        "MATCH_outputEPC=https://id.gs1.org/01/09521141123454/21/B1",
    ),
    "output-by-pattern": (
        "MATCH_outputEPC=urn:epc:idpat:sgtin:9521141.*.*",
        "MATCH_outputEPC=urn:epc:idpat:sgtin:952115.*.*,urn:epc:idpat:sgtin:9521141.112345.*",
    ),
    "unit-by-pattern": ("MATCH_outputEPC=urn:epc:idpat:sscc:9521141.*", "MATCH_inputEPC=urn:epc:idpat:sscc:9521141.*"),
    "unit-by-a-long-pattern": (
        "MATCH_outputEPC=urn:epc:idpat:sscc:9521141000.*",
        "MATCH_outputEPC=urn:epc:idpat:sscc:9521141001.*",
    ),
    "input-by-pattern": (
        "MATCH_inputEPC=urn:epc:idpat:giai:9521141.*",
        "MATCH_inputEPC=urn:epc:idpat:giai:95211417.*",
    ),
    "any": ("MATCH_anyEPC=urn:epc:id:giai:9521141.VAT7", "MATCH_epc=urn:epc:id:giai:9521141.VAT7"),
    "class": (f"MATCH_inputEPCClass={LOT}", f"MATCH_outputEPCClass={LOT}"),
    "class-that-is-a-uri": ("MATCH_anyEPCClass=urn:x:foil", "MATCH_anyEPC=urn:x:foil"),
    "class-by-pattern": (
        "MATCH_anyEPCClass=urn:epc:class:lgtin:9521141.098765.*",
        "MATCH_anyEPCClass=urn:epc:class:lgtin:9521141.012345.*",
    ),
    "quantity": ("GE_quantity=4.5", "GT_quantity=4.5"),
    "quantity-in-a-unit": ("EQ_quantity_KGM=4,4.5", "EQ_quantity_GRM=4.5"),
    "transaction": ("EQ_bizTransaction_prodorder=urn:x:order", "EQ_bizTransaction_po=urn:x:order"),
    "source": (
        "EQ_source_owning_party=https://id.gs1.org/417/9521141000007",
        "EQ_source_possessing_party=https://id.gs1.org/417/9521141000007",
    ),
    "destination": (
        "EQ_destination_location=urn:epc:id:sgln:9521141.00001.0",
        "EQ_destination_location=urn:epc:id:sgln:9521141.00001.LINE-2",
    ),
    "declared": ("EXISTS_errorDeclaration=&EQ_errorReason=incorrect_data", "EQ_errorReason=did_not_occur"),
    "declared-since": (
        "GE_errorDeclarationTime=2026-09-03T00:00:00Z",
        "LT_errorDeclarationTime=2026-09-03T00:00:00Z",
    ),
    "corrected": ("EQ_correctiveEventID=urn:x:better,urn:x:best", "EQ_correctiveEventID=urn:x:best"),
    "extension": ("EQ_tea:batch=B8", "EQ_tea:batch=B9"),
    "extension-true": ("EQ_tea:organic=true", "EQ_tea:organic=false"),
    "extension-exists": ("EXISTS_tea:batch=", "EXISTS_tea:grade="),
    "ilmd": ("EQ_ILMD_tea:grade=%E7%89%B9%E7%BA%A7", "EQ_tea:grade=%E7%89%B9%E7%BA%A7"),
    "ilmd-inside": ("GE_INNER_ILMD_tea:points=92.5", "GT_INNER_ILMD_tea:points=92.5"),
    "ilmd-not-at-the-top": ("EXISTS_INNER_ILMD_tea:points=", "EXISTS_ILMD_tea:points="),
    "ilmd-time": ("LE_ILMD_tea:until=2028-09-02T08:00:00+08:00", "LT_ILMD_tea:until=2028-09-02T08:00:00+08:00"),
    "ilmd-no-number": ("EQ_ILMD_tea:grade=%E7%89%B9%E7%BA%A7", "GT_ILMD_tea:grade=1"),
    "of-a-declaration": ("EQ_ERROR_DECLARATION_tea:by=me", "EQ_ERROR_DECLARATION_tea:by=you"),
    "of-a-place": ("EQ_readPoint_tea:floor=3", "EQ_bizLocation_tea:floor=3"),
    "measured": ("EQ_type=Temperature", "EQ_type=Speed"),
    "measured-so-much": ("GT_value_CEL=91", "GT_value_BAR=1"),
    "measured-in-truth": ("EQ_booleanValue=false", "EQ_booleanValue=true"),
    "measured-in-words": ("EQ_stringValue=ok", "EQ_stringValue=door"),
    "measured-by": ("EQ_deviceID=urn:x:device", "EQ_deviceID=urn:x:gadget"),
    "measured-from": ("GE_startTime=2026-09-01T00:00:00Z", "GE_startTime=2026-09-01T00:00:01Z"),
    "of-a-sensor": ("EQ_SENSORELEMENT_tea:mounted=inside", "EQ_SENSORREPORT_tea:mounted=inside"),
    "of-a-report": ("EQ_SENSORREPORT_tea:probe=1", "EQ_SENSORREPORT_tea:probe=2"),
    "of-metadata": ("EQ_SENSORMETADATA_tea:fw=4", "EQ_SENSORMETADATA_tea:fw=5"),
}


def _event() -> Event:
    found = document.read(json.dumps(document_of([EVENT])).encode())
    assert found.problems == ()
    return found.events[0]


FOUND = _event()


@pytest.mark.parametrize("name", YES_AND_NO)
def test_yes_and_no(name: str) -> None:
    yes, no = YES_AND_NO[name]
    assert matches(query.from_query_string(yes, NAMES), FOUND, RECORDED_MS)
    assert not matches(query.from_query_string(no, NAMES), FOUND, RECORDED_MS)


def test_all_must_hold() -> None:
    asked = [yes for yes, _ in YES_AND_NO.values()]
    parts = {part.partition("=")[0]: part for each in asked for part in each.split("&") if part}
    whole = query.from_query_string("&".join(parts.values()), NAMES)
    assert matches(whole, FOUND, RECORDED_MS)


def test_an_event_without_sensors() -> None:
    found = document.read(json.dumps(document_of([event_of()])).encode()).events[0]
    assert not matches(query.from_query_string("EXISTS_sensorElementList="), found)
    assert not matches(query.from_query_string("EXISTS_errorDeclaration="), found)
    assert matches(EventQuery(), found)


def test_when_it_was_recorded_must_be_told_where_that_is_asked() -> None:
    assert not matches(query.from_query_string("GE_recordTime=2026-09-02T00:00:00Z"), FOUND)


def test_an_event_that_came_in_no_document() -> None:
    run = Run("21/09521141123454/00000007########", 0, 10**6)
    event = Event("urn:x:1", EventKind.OBJECT, Action.ADD, 0, (Item(Part.OBJECT, run, "urn:7"),), step="commissioning")
    assert matches(query.from_query_string("MATCH_epc=urn:epc:id:sgtin:9521141.012345.0000000700001000"), event)
    assert not matches(query.from_query_string("MATCH_epc=urn:epc:id:sgtin:9521141.012345.0000000800000000"), event)
    assert not matches(query.from_query_string("EXISTS_sensorElementList="), event)
