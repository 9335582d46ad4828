"""What must hold in an event: a named case for each bad one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.epcis import CASE, ITEM, LOT, document_of, event_of

from traceqr.epcis import document

TIME = "2026-09-01T08:00:00Z"
CLASS = "urn:epc:idpat:sgtin:9521141.012345.*"
PLACE = {"id": "urn:epc:id:sgln:9521141.00001.0"}


def sensed(report: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return event_of(sensorElementList=[{"sensorMetadata": metadata, "sensorReport": [report]}])


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "type-unknown": ({**event_of(), "type": "QuantityEvent"}, "", "expected an event with one of the types"),
    "type-no-text": ({**event_of(), "type": ["ObjectEvent"]}, "", "got a list"),
    "no-type": (event_of(type=None), "", "got an object"),
    "no-time": (event_of(eventTime=None), "", "expected the member 'eventTime', got none"),
    "time-without-offset": (event_of(eventTime="2026-09-01T08:00:00"), "/eventTime", "an instant with its offset"),
    "time-of-a-week": (event_of(eventTime="2026-W36-2T08:00:00Z"), "/eventTime", "an instant with its offset"),
    "no-such-day": (event_of(eventTime="2026-02-30T08:00:00Z"), "/eventTime", "expected an instant from 1970 to 9999"),
    "leap-second": (event_of(eventTime="2026-06-30T23:59:60Z"), "/eventTime", "expected an instant from 1970 to 9999"),
    "long-ago": (event_of(eventTime="1969-12-31T23:59:59Z"), "/eventTime", "expected an instant from 1970 to 9999"),
    "before-year-1": (event_of(eventTime="0001-01-01T00:00:00+14:00"), "/eventTime", "an instant from 1970"),
    "recorded-on-no-day": (event_of(recordTime="2026-02-30T08:00:00Z"), "/recordTime", "an instant from 1970"),
    "no-offset": (event_of(eventTimeZoneOffset=None), "", "expected the member 'eventTimeZoneOffset', got none"),
    "offset-too-far": (event_of(eventTimeZoneOffset="+14:30"), "/eventTimeZoneOffset", "from -14:00 to +14:00"),
    "offset-z": (event_of(eventTimeZoneOffset="Z"), "/eventTimeZoneOffset", "from -14:00 to +14:00"),
    "no-action": (event_of(action=None), "", "expected the member 'action', got none"),
    "action-in-lower-case": (event_of(action="add"), "/action", "expected ADD, OBSERVE or DELETE, got 'add'"),
    "id-no-uri": (event_of(eventID="17"), "/eventID", "expected a URI of at most 512 characters, got '17'"),
    "nothing": (event_of(epcList=None), "", "expected something in epcList or quantityList"),
    "empty": (event_of(epcList=[]), "", "expected something in epcList or quantityList"),
    "sensed-nowhere": (
        event_of(epcList=None, sensorElementList=[{"sensorReport": [{"type": "Speed"}]}]),
        "",
        "expected something in epcList or quantityList",
    ),
    "check-digit": (
        event_of(epcList=[ITEM, "https://id.gs1.org/01/09521141123455/21/7"]),
        "/epcList/1",
        "expected check digit 4 at the end of GTIN",
    ),
    "twice": (event_of(epcList=[ITEM, CASE, ITEM]), "/epcList/2", "expected each thing once"),
    "twice-in-two-spellings": (
        event_of(epcList=[ITEM, "https://id.gs1.org/01/09521141123454/21/A1"]),
        "/epcList/1",
        "expected each thing once",
    ),
    "class-as-a-thing": (event_of(epcList=[CLASS]), "/epcList/0", "expected a single thing, got"),
    "lot-as-a-thing": (event_of(epcList=[LOT]), "/epcList/0", "expected a single thing, got"),
    "asset-type-as-a-thing": (
        event_of(epcList=["https://id.gs1.org/8003/09521141000106"]),
        "/epcList/0",
        "expected a single thing, got",
    ),
    "pattern-as-a-thing": (
        event_of(epcList=["urn:epc:idpat:gdti:9521141.00002.*"]),
        "/epcList/0",
        "expected a single thing, got",
    ),
    "thing-as-a-class": (
        event_of(quantityList=[{"epcClass": CASE, "quantity": 1}]),
        "/quantityList/0/epcClass",
        "expected a class, such as a lot, got",
    ),
    "document-as-a-class": (
        event_of(quantityList=[{"epcClass": "urn:epc:id:gdti:9521141.00002.7", "quantity": 1}]),
        "/quantityList/0/epcClass",
        "expected a class, such as a lot, got",
    ),
    "half-a-piece": (
        event_of(quantityList=[{"epcClass": LOT, "quantity": 1.5}]),
        "/quantityList/0/quantity",
        "expected a whole number where uom is not told, got 1.5",
    ),
    "less-than-nothing": (
        event_of(quantityList=[{"epcClass": LOT, "quantity": -1, "uom": "KGM"}]),
        "/quantityList/0/quantity",
        "expected a quantity from 0 to 1e15, got -1",
    ),
    "quantity-in-words": (
        event_of(quantityList=[{"epcClass": LOT, "quantity": "4"}]),
        "/quantityList/0/quantity",
        "expected a quantity from 0 to 1e15, got '4'",
    ),
    "unit-of-nobody": (
        event_of(quantityList=[{"epcClass": LOT, "quantity": 1, "uom": "kilo"}]),
        "/quantityList/0/uom",
        "expected a unit of UN/ECE Recommendation 20, such as KGM, got 'kilo'",
    ),
    "unit-of-nothing": (event_of(quantityList=[{"epcClass": LOT, "uom": "KGM"}]), "/quantityList/0", "expected"),
    "quantity-of-nothing": (
        event_of(quantityList=[{"quantity": 4}]),
        "/quantityList/0",
        "expected the member 'epcClass', got none",
    ),
    "quantity-and-more": (
        event_of(quantityList=[{"epcClass": LOT, "price": 4}]),
        "/quantityList/0",
        "expected no other member, got 'price'",
    ),
    "member-of-another-event": (
        event_of(inputEPCList=[ITEM]),
        "/inputEPCList",
        "expected no inputEPCList in an event of type ObjectEvent, got one",
    ),
    "action-of-a-transformation": (
        event_of("TransformationEvent", action="ADD"),
        "/action",
        "expected no action in an event of type TransformationEvent, got one",
    ),
    "ilmd-when-seen": (
        event_of(ilmd={"tea:grade": "A"}),
        "/ilmd",
        "expected ilmd with the action ADD alone, got it with OBSERVE",
    ),
    "ilmd-of-a-group": (
        event_of("AggregationEvent", ilmd={}),
        "/ilmd",
        "expected no ilmd in an event of type AggregationEvent",
    ),
    "step": (event_of(bizStep="flying"), "/bizStep", "expected a business step of the CBV 2.0 or a URI, got 'flying'"),
    "disposition": (event_of(disposition="lost"), "/disposition", "expected a disposition of the CBV 2.0 or a URI"),
    "place": (event_of(readPoint={"id": "dock 4"}), "/readPoint/id", "expected a URI of at most 512 characters"),
    "place-check-digit": (
        event_of(bizLocation={"id": "https://id.gs1.org/414/9521141000017"}),
        "/bizLocation/id",
        "expected check digit 4 at the end of GLN",
    ),
    "party-as-a-place": (
        event_of(readPoint={"id": "urn:epc:id:pgln:9521141.00000"}),
        "/readPoint/id",
        "expected a place, got",
    ),
    "place-as-text": (event_of(readPoint=PLACE["id"]), "/readPoint", "expected an object with the id of a place"),
    "transaction-type": (
        event_of(bizTransactionList=[{"type": "promise", "bizTransaction": "urn:x:1"}]),
        "/bizTransactionList/0/type",
        "expected a type of business transaction of the CBV 2.0 or a URI, got 'promise'",
    ),
    "source-type": (
        event_of(sourceList=[{"type": "seller", "source": "urn:x:1"}]),
        "/sourceList/0/type",
        "expected a type of source or destination of the CBV 2.0 or a URI, got 'seller'",
    ),
    "source-without-type": (
        event_of(sourceList=[{"source": "urn:x:1"}]),
        "/sourceList/0",
        "expected the member 'type', got none",
    ),
    "destination-check-digit": (
        event_of(destinationList=[{"type": "location", "destination": "https://id.gs1.org/414/9521141000017"}]),
        "/destinationList/0/destination",
        "expected check digit 4 at the end of GLN",
    ),
    "packed-in-nothing": (
        event_of("AggregationEvent", parentID=None),
        "",
        "expected a parentID where the action is ADD",
    ),
    "packed-nothing": (event_of("AggregationEvent", childEPCs=None), "", "expected something in childEPCs"),
    "seen-nothing": (
        event_of("AggregationEvent", action="OBSERVE", childEPCs=[]),
        "",
        "expected something in childEPCs or childQuantityList with OBSERVE, got nothing",
    ),
    "parent-a-class": (event_of("AggregationEvent", parentID=LOT), "/parentID", "expected a single thing, got"),
    "joined-to-nothing": (event_of("AssociationEvent", parentID=None), "", "expected the member 'parentID', got none"),
    "no-transaction": (event_of("TransactionEvent", bizTransactionList=None), "", "the member 'bizTransactionList'"),
    "transactions-empty": (
        event_of("TransactionEvent", bizTransactionList=[]),
        "/bizTransactionList",
        "expected at least one business transaction, got 0",
    ),
    "transaction-of-nothing": (
        event_of("TransactionEvent", epcList=None),
        "",
        "expected something in epcList, quantityList or parentID with ADD, got nothing",
    ),
    "made-of-nothing": (
        event_of("TransformationEvent", inputQuantityList=None),
        "",
        "expected inputs and outputs, or a transformationID and one of them, got fewer",
    ),
    "made-nothing": (
        event_of("TransformationEvent", outputEPCList=[]),
        "",
        "expected inputs and outputs, or a transformationID and one of them, got fewer",
    ),
    "named-but-empty": (
        event_of("TransformationEvent", transformationID="urn:x:1", inputQuantityList=None, outputEPCList=None),
        "",
        "expected inputs or outputs of the transformation, got none",
    ),
    "persistently-nothing": (event_of(persistentDisposition={}), "/persistentDisposition", "with set or unset"),
    "persistently-both": (
        event_of(persistentDisposition={"set": ["damaged"], "unset": ["urn:epcglobal:cbv:disp:damaged"]}),
        "/persistentDisposition",
        "expected each disposition set or unset, got both of 'damaged'",
    ),
    "persistently-what": (
        event_of(persistentDisposition={"set": ["damaged", "lost"]}),
        "/persistentDisposition/set/1",
        "expected a disposition of the CBV 2.0 or a URI, got 'lost'",
    ),
    "declared-when": (event_of(errorDeclaration={}), "/errorDeclaration", "the member 'declarationTime', got none"),
    "declared-on-no-day": (
        event_of(errorDeclaration={"declarationTime": "2026-02-30T00:00:00Z"}),
        "/errorDeclaration/declarationTime",
        "expected an instant from 1970 to 9999",
    ),
    "declared-why": (
        event_of(errorDeclaration={"declarationTime": TIME, "reason": "oops"}),
        "/errorDeclaration/reason",
        "expected a reason of an error declaration of the CBV 2.0 or a URI, got 'oops'",
    ),
    "corrected-by-itself": (
        event_of(eventID="urn:x:1", errorDeclaration={"declarationTime": TIME, "correctiveEventIDs": ["urn:x:1"]}),
        "/errorDeclaration/correctiveEventIDs",
        "expected the ids of other events, got that of this one",
    ),
    "corrected-twice-by-one": (
        event_of(errorDeclaration={"declarationTime": TIME, "correctiveEventIDs": ["urn:x:1", "urn:x:1"]}),
        "/errorDeclaration/correctiveEventIDs",
        "expected a list of at most 100 event ids, each once, got one twice",
    ),
    "sensed-nothing": (event_of(sensorElementList=[]), "/sensorElementList", "expected a list of 1 to 500"),
    "sensed-no-report": (
        event_of(sensorElementList=[{"sensorReport": []}]),
        "/sensorElementList/0/sensorReport",
        "expected a list of 1 to 1,000 measurements, got 0",
    ),
    "sensed-of-no-type": (
        sensed({"value": 1}),
        "/sensorElementList/0/sensorReport/0",
        "expected a type of measurement",
    ),
    "sensed-what": (
        sensed({"type": "Taste"}),
        "/sensorElementList/0/sensorReport/0/type",
        "expected a type of measurement of the CBV 2.0 or a URI, got 'Taste'",
    ),
    "alert-of-nobody": (
        sensed({"exception": "PANIC"}),
        "/sensorElementList/0/sensorReport/0/exception",
        "expected a sensor alert of the CBV 2.0 or a URI, got 'PANIC'",
    ),
    "component-of-nobody": (
        sensed({"type": "Speed", "component": "w"}),
        "/sensorElementList/0/sensorReport/0/component",
        "expected a component of a measurement of the CBV 2.0 or a URI, got 'w'",
    ),
    "unit-alone": (
        sensed({"type": "Speed", "uom": "MTS", "stringValue": "fast"}),
        "/sensorElementList/0/sensorReport/0/uom",
        "expected a unit beside a number",
    ),
    "rank-alone": (sensed({"type": "Speed", "percRank": 5}), "/sensorElementList/0/sensorReport/0", "expected"),
    "rank-of-more-than-all": (
        sensed({"type": "Speed", "percRank": 101, "percValue": 1}),
        "/sensorElementList/0/sensorReport/0/percRank",
        "expected a percentage, got 101",
    ),
    "least-above-most": (
        sensed({"type": "Speed", "minValue": 5, "maxValue": 4, "uom": "MTS"}),
        "/sensorElementList/0/sensorReport/0/maxValue",
        "expected at least 5, the least, got 4",
    ),
    "half-an-octet": (
        sensed({"type": "Speed", "hexBinaryValue": "f0f"}),
        "/sensorElementList/0/sensorReport/0/hexBinaryValue",
        "expected pairs of hexadecimal digits, got 'f0f'",
    ),
    "sensed-backwards": (
        sensed({"type": "Speed"}, startTime="2026-09-01T09:00:00Z", endTime=TIME),
        "/sensorElementList/0/sensorMetadata/endTime",
        "expected no instant before startTime",
    ),
    "sensed-on-no-day": (
        sensed({"type": "Speed", "time": "2026-02-30T00:00:00Z"}),
        "/sensorElementList/0/sensorReport/0/time",
        "expected an instant from 1970 to 9999",
    ),
    "certified-by-words": (event_of(certificationInfo="organic"), "/certificationInfo", "a URI or a list of at most"),
}


def told(event: dict[str, Any]) -> list[tuple[str, str]]:
    found = document.read(json.dumps(document_of([event])).encode())
    assert bool(found.events) != bool(found.problems)
    return [(each.pointer.removeprefix("/epcisBody/eventList/0"), each.message) for each in found.problems]


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name: str) -> None:
    event, pointer, words = WRONG[name]
    found = told(event)
    assert any(where == pointer and words in message for where, message in found), found
    assert all("expected" in message for _, message in found)


RIGHT: dict[str, dict[str, Any]] = {
    "object": event_of(),
    "all-children-taken-out": event_of("AggregationEvent", action="DELETE", childEPCs=None),
    "children-without-a-parent": event_of("AggregationEvent", action="OBSERVE", parentID=None),
    "parent-that-was-measured": event_of(
        "AggregationEvent",
        action="OBSERVE",
        childEPCs=None,
        sensorElementList=[{"sensorReport": [{"type": "Speed", "value": 1, "uom": "MTS"}]}],
    ),
    "all-taken-apart": event_of("AssociationEvent", action="DELETE", childEPCs=None),
    "a-place-with-a-sensor": event_of("AssociationEvent", parentID="urn:epc:id:sgln:9521141.00001.0"),
    "a-transaction-taken-back": event_of("TransactionEvent", action="DELETE", epcList=None),
    "a-transaction-of-a-pallet": event_of("TransactionEvent", epcList=None, parentID=CASE),
    "inputs-of-a-named-one": event_of("TransformationEvent", transformationID="urn:x:1", outputEPCList=None),
    "ilmd-of-what-is-made": event_of("TransformationEvent", ilmd={"tea:grade": "A"}),
    "nothing-weighed": event_of(quantityList=[{"epcClass": LOT, "quantity": 0, "uom": "KGM"}]),
    "measured-place": event_of(
        epcList=None, readPoint=PLACE, sensorElementList=[{"sensorReport": [{"exception": "ERROR_CONDITION"}]}]
    ),
    "nine-decimals": event_of(eventTime="2026-09-01T08:00:00.123456789+14:00"),
    "declared-without-a-reason": event_of(errorDeclaration={"declarationTime": TIME}),
    "words-of-ones-own": event_of(bizStep="https://example.com/withering", disposition="urn:x:drying"),
    "certified-twice": event_of(certificationInfo=["https://example.com/1", "https://example.com/2"]),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    assert told(RIGHT[name]) == []


RANGES: dict[str, tuple[Any, str, str]] = {
    "no-list": ({}, "", "expected a list of 1 to 20,000 ranges, got an object"),
    "of-no-part": ([{"part": "parent", "first": ITEM, "last": ITEM}], "/0/part", "object, child, input or output"),
    "of-another-part": ([{"part": "input", "first": ITEM, "last": ITEM}], "/0/part", "expected one of object in this"),
    "backwards": ([{"part": "object", "first": ITEM[:-1] + "2", "last": ITEM}], "/0/last", "or one after it"),
    "of-two-lines": ([{"part": "object", "first": ITEM, "last": CASE}], "/0/last", "or one after it"),
    "in-two-spellings": (
        [{"part": "object", "first": ITEM, "last": "https://id.gs1.org/01/09521141123454/21/A2"}],
        "/0/last",
        "or one after it in its spelling",
    ),
    "of-classes": ([{"part": "object", "first": LOT, "last": LOT}], "/0/first", "expected a single thing"),
    "open": ([{"part": "object", "first": ITEM}], "/0", "expected the member 'last', got none"),
    "twice": ([{"part": "object", "first": ITEM, "last": ITEM}] * 2, None, "expected each thing once as object"),
}


@pytest.mark.parametrize("name", RANGES)
def test_wrong_ranges(name: str) -> None:
    value, pointer, words = RANGES[name]
    event = event_of(**{"@context": {"own": "urn:x-traceqr:epcis:"}, "epcList": None, "own:epcRanges": value})
    where = "" if pointer is None else f"/own:epcRanges{pointer}"
    assert any(found == where and words in message for found, message in told(event)), told(event)


def test_a_thing_that_is_listed_and_in_a_range() -> None:
    ranges = [{"part": "object", "first": ITEM, "last": ITEM[:-1] + "9"}]
    event = event_of(**{"@context": {"own": "urn:x-traceqr:epcis:"}, "own:epcRanges": ranges})
    assert told(event) == [("", "expected each thing once as object, got one twice")]


def test_an_audience_of_nobody() -> None:
    event = event_of(**{"@context": {"own": "urn:x-traceqr:epcis:"}, "own:audience": "everybody"})
    assert told(event) == [("/own:audience", "expected one of public, partners, regulators, got 'everybody'")]


def test_all_that_is_wrong_is_told_at_once() -> None:
    event = event_of(bizStep="flying", disposition="lost", epcList=[LOT, "urn:epc:id:sgtin:9521141.1.1"])
    assert [pointer for pointer, _ in told(event)] == ["/epcList/0", "/epcList/1", "/bizStep", "/disposition"]


@pytest.mark.parametrize("uri", ["x", ITEM, LOT])
def test_of_very_much_that_is_wrong_some_is_told(uri: str) -> None:
    assert len(told(event_of(epcList=[uri] * 10_000))) == 50
