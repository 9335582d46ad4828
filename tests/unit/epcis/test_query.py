"""The standard's query parameters: read strictly, from query strings and from JSON alike."""

from __future__ import annotations

from typing import Any

import pytest

from traceqr.epcis import query
from traceqr.epcis.problem import ExceptionType, Refused
from traceqr.epcis.query import (
    EventQuery,
    FieldTest,
    Match,
    MentionTest,
    Operator,
    OrderBy,
    Pattern,
    QuantityTest,
    Within,
)
from traceqr.instant import from_iso
from traceqr.tracing.event import Action, EventKind, Part
from traceqr.tracing.run import Run

NAMES = {"tea": "https://example.com/tea/"}
AT = "2026-09-01T08:00:00+08:00"
AT_MS = from_iso(AT)
ITEM = "urn:epc:id:sgtin:9521141.012345.A1"
RUN = Run("21/09521141123454/A#", 1, 1)

SPACE = "{https://example.com/tea/}"
PAIRS: dict[str, tuple[str, dict[str, Any], EventQuery]] = {
    "nothing": ("", {}, EventQuery()),
    "kinds": (
        "eventType=ObjectEvent,AssociationEvent",
        {"eventType": ["ObjectEvent", "AssociationEvent"]},
        EventQuery(kinds=frozenset({EventKind.OBJECT, EventKind.ASSOCIATION})),
    ),
    "action": ("EQ_action=ADD", {"EQ_action": ["ADD"]}, EventQuery(actions=frozenset({Action.ADD}))),
    "times": (
        f"GE_eventTime={AT}&LT_eventTime=2026-09-01T00:00:00.5Z",
        {"GE_eventTime": AT, "LT_eventTime": "2026-09-01T00:00:00.5Z"},
        EventQuery(since_ms=AT_MS, until_ms=AT_MS + 500),
    ),
    "times-of-recording": (
        f"GE_recordTime={AT.replace('+', '%2B')}&LT_recordTime={AT}",
        {"GE_recordTime": AT, "LT_recordTime": AT},
        EventQuery(recorded_since_ms=AT_MS, recorded_until_ms=AT_MS),
    ),
    "words": (
        "EQ_bizStep=shipping,urn:epcglobal:cbv:bizstep:packing&EQ_disposition=https%3A%2F%2Fref.gs1.org%2Fcbv%2FDisp-damaged",
        {
            "EQ_bizStep": ["shipping", "urn:epcglobal:cbv:bizstep:packing"],
            "EQ_disposition": ["https://ref.gs1.org/cbv/Disp-damaged"],
        },
        EventQuery(steps=frozenset({"shipping", "packing"}), dispositions=frozenset({"damaged"})),
    ),
    "persistent": (
        "EQ_persistentDisposition_set=damaged&EQ_persistentDisposition_unset=expired",
        {"EQ_persistentDisposition_set": ["damaged"], "EQ_persistentDisposition_unset": ["expired"]},
        EventQuery(set_dispositions=frozenset({"damaged"}), unset_dispositions=frozenset({"expired"})),
    ),
    "places": (
        "EQ_readPoint=urn:epc:id:sgln:9521141.00001.0&WD_readPoint=https://id.gs1.org/414/9521141000014"
        "&EQ_bizLocation=urn:x:1&WD_bizLocation=urn:x:2",
        {
            "EQ_readPoint": ["urn:epc:id:sgln:9521141.00001.0"],
            "WD_readPoint": ["https://id.gs1.org/414/9521141000014"],
            "EQ_bizLocation": ["urn:x:1"],
            "WD_bizLocation": ["urn:x:2"],
        },
        EventQuery(
            read_points=frozenset({"414/9521141000014"}),
            read_points_within=frozenset({"414/9521141000014"}),
            locations=frozenset({"urn:x:1"}),
            locations_within=frozenset({"urn:x:2"}),
        ),
    ),
    "things": (
        f"MATCH_epc={ITEM}&MATCH_parentID={ITEM}",
        {"MATCH_epc": [ITEM], "MATCH_parentID": [ITEM]},
        EventQuery(
            matches=(
                Match(frozenset({Part.OBJECT, Part.CHILD}), (Pattern((RUN,)),), classes=False),
                Match(frozenset({Part.PARENT}), (Pattern((RUN,)),), classes=False),
            )
        ),
    ),
    "classes": (
        "MATCH_anyEPCClass=urn:epc:idpat:sgtin:9521141.012345.*,urn:epc:class:lgtin:9521141.012345.*",
        {"MATCH_anyEPCClass": ["urn:epc:idpat:sgtin:9521141.012345.*", "urn:epc:class:lgtin:9521141.012345.*"]},
        EventQuery(
            matches=(
                Match(
                    frozenset({Part.OBJECT, Part.CHILD, Part.INPUT, Part.OUTPUT}),
                    (Pattern((Run("01/09521141123454", 0, 0),)), Pattern(prefixes=("10/09521141123454/",))),
                    classes=True,
                ),
            )
        ),
    ),
    "quantities": (
        "GT_quantity=2&EQ_quantity_KGM=1,2.5",
        {"GT_quantity": 2, "EQ_quantity_KGM": [1, 2.5]},
        EventQuery(
            quantities=(QuantityTest(Operator.GT, (2.0,)), QuantityTest(Operator.EQ, (1.0, 2.5), "KGM")),
        ),
    ),
    "mentions": (
        "EQ_bizTransaction_po=urn:x:1,urn:x:2&EQ_source_owning_party=urn:epc:id:pgln:9521141.00000"
        "&EQ_destination_urn:epcglobal:cbv:sdt:location=urn:x:3",
        {
            "EQ_bizTransaction_po": ["urn:x:1", "urn:x:2"],
            "EQ_source_owning_party": ["urn:epc:id:pgln:9521141.00000"],
            "EQ_destination_urn:epcglobal:cbv:sdt:location": ["urn:x:3"],
        },
        EventQuery(
            mentions=(
                MentionTest("transaction", "po", frozenset({"urn:x:1", "urn:x:2"})),
                MentionTest("source", "owning_party", frozenset({"417/9521141000007"})),
                MentionTest("destination", "location", frozenset({"urn:x:3"})),
            )
        ),
    ),
    "ids": (
        "EQ_eventID=ni:///sha-256;ab%3Fver=CBV2.0,urn:x:2&EQ_transformationID=urn:x:3",
        {"EQ_eventID": ["ni:///sha-256;ab?ver=CBV2.0", "urn:x:2"], "EQ_transformationID": ["urn:x:3"]},
        EventQuery(
            event_ids=frozenset({"ni:///sha-256;ab?ver=CBV2.0", "urn:x:2"}), transformations=frozenset({"urn:x:3"})
        ),
    ),
    "errors": (
        f"EXISTS_errorDeclaration=&GE_errorDeclarationTime={AT}&LT_errorDeclaration_Time={AT}"
        "&EQ_errorReason=incorrect_data&EQ_correctiveEventID=urn:x:1",
        {
            "EXISTS_errorDeclaration": None,
            "GE_errorDeclarationTime": AT,
            "LT_errorDeclaration_Time": AT,
            "EQ_errorReason": ["incorrect_data"],
            "EQ_correctiveEventID": ["urn:x:1"],
        },
        EventQuery(
            in_error=True,
            declared_since_ms=AT_MS,
            declared_until_ms=AT_MS,
            reasons=frozenset({"incorrect_data"}),
            corrective=frozenset({"urn:x:1"}),
        ),
    ),
    "order": (
        "orderBy=recordTime&orderDirection=ASC&eventCountLimit=5&perPage=30&nextPageToken=abc%3D",
        {
            "orderBy": "recordTime",
            "orderDirection": "ASC",
            "eventCountLimit": 5,
            "perPage": 30,
            "nextPageToken": "abc=",
        },
        EventQuery(order_by=OrderBy.RECORD_TIME, descending=False, count_limit=5, per_page=30, page_token="abc="),
    ),
    "most": ("maxEventCount=7&perPage=5000", {"maxEventCount": 7, "perPage": 5000}, EventQuery(most=7, per_page=1000)),
    "extensions": (
        "EQ_tea:grade=A,B&GT_ILMD_tea:points=90&LE_INNER_tea:points=2026-09-01T00:00:00Z&EXISTS_readPoint_tea:dock"
        "&EXISTS_INNER_ERROR_DECLARATION_tea:by=",
        {
            "EQ_tea:grade": ["A", "B"],
            "GT_ILMD_tea:points": 90,
            "LE_INNER_tea:points": "2026-09-01T00:00:00Z",
            "EXISTS_readPoint_tea:dock": None,
            "EXISTS_INNER_ERROR_DECLARATION_tea:by": None,
        },
        EventQuery(
            fields=(
                FieldTest(Within.EVENT, Operator.EQ, f"{SPACE}grade", ("A", "B")),
                FieldTest(Within.ILMD, Operator.GT, f"{SPACE}points", (90.0,)),
                FieldTest(Within.EVENT, Operator.LE, f"{SPACE}points", ("2026-09-01T00:00:00Z",), inner=True),
                FieldTest(Within.READ_POINT, Operator.EXISTS, f"{SPACE}dock"),
                FieldTest(Within.DECLARATION, Operator.EXISTS, f"{SPACE}by", inner=True),
            )
        ),
    ),
    "sensors": (
        "EXISTS_sensorElementList=&EQ_type=gs1:Temperature&GT_value_CEL=4.5&LT_endTime=2026-09-01T00:00:00Z"
        "&EQ_deviceID=urn:x:1&GE_percRank=95&EQ_booleanValue=true&EQ_stringValue=door%20open"
        "&EQ_SENSORREPORT_tea:probe=1",
        {
            "EXISTS_sensorElementList": None,
            "EQ_type": ["gs1:Temperature"],
            "GT_value_CEL": 4.5,
            "LT_endTime": "2026-09-01T00:00:00Z",
            "EQ_deviceID": ["urn:x:1"],
            "GE_percRank": 95,
            "EQ_booleanValue": True,
            "EQ_stringValue": ["door open"],
            "EQ_SENSORREPORT_tea:probe": ["1"],
        },
        EventQuery(
            fields=(
                FieldTest(Within.SENSOR, Operator.EXISTS, ""),
                FieldTest(Within.SENSOR, Operator.EQ, "type", ("Temperature",)),
                FieldTest(Within.REPORT, Operator.GT, "value", (4.5,), unit="CEL"),
                FieldTest(Within.SENSOR, Operator.LT, "endTime", ("2026-09-01T00:00:00Z",)),
                FieldTest(Within.SENSOR, Operator.EQ, "deviceID", ("urn:x:1",)),
                FieldTest(Within.SENSOR, Operator.GE, "percRank", (95.0,)),
                FieldTest(Within.SENSOR, Operator.EQ, "booleanValue", (True,)),
                FieldTest(Within.SENSOR, Operator.EQ, "stringValue", ("door open",)),
                FieldTest(Within.REPORT, Operator.EQ, f"{SPACE}probe", ("1",)),
            )
        ),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_both_ways_ask_the_same(name: str) -> None:
    raw, value, wanted = PAIRS[name]
    assert query.from_query_string(raw, NAMES) == wanted
    assert query.from_json(value, NAMES) == wanted


PATTERNS: dict[str, tuple[str, Pattern]] = {
    "items-of-a-product": ("urn:epc:idpat:sgtin:9521141.012345.*", Pattern(prefixes=("21/09521141123454/",))),
    "items-of-a-product-by-link": ("https://id.gs1.org/01/09521141123454", Pattern(prefixes=("21/09521141123454/",))),
    "items-of-a-firm": (
        "urn:epc:idpat:sgtin:9521141.*.*",
        Pattern(prefixes=tuple(f"21/{n}9521141" for n in range(10))),
    ),
    "all-items": ("urn:epc:idpat:sgtin:*.*.*", Pattern(prefixes=("21/",))),
    "units-of-a-firm": (
        "urn:epc:idpat:sscc:9521141.*",
        Pattern(prefixes=tuple(f"00/{n}9521141" for n in range(10))),
    ),
    "units-of-a-firm-of-ten-digits": (
        "urn:epc:idpat:sscc:9521141234.*",
        Pattern(runs=tuple(Run(f"00/{n}95211412########", 34_000_000, 34_999_999) for n in range(10))),
    ),
    "all-units": ("urn:epc:idpat:sscc:*.*", Pattern(prefixes=("00/",))),
    "assets-of-a-type": ("urn:epc:idpat:grai:9521141.00010.*", Pattern(prefixes=("8003/09521141000106",))),
    "assets-of-a-firm": ("urn:epc:idpat:grai:9521141.*.*", Pattern(prefixes=("8003/09521141",))),
    "things-of-a-firm": (
        "urn:epc:idpat:giai:9521141.*",
        Pattern(prefixes=("8004/",), starts=("8004/9521141",)),
    ),
    "an-address": ("https://example.com/7", Pattern(runs=(Run("uri/https://example.com/7", 0, 0),))),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns(name: str) -> None:
    uri, wanted = PATTERNS[name]
    assert query.from_json({"MATCH_epc": [uri]}).matches[0].patterns == (wanted,)


REFUSED: dict[str, tuple[str, str]] = {
    "unknown": ("EQ_taste=good", "expected a parameter of the SimpleEventQuery, or an extension that is declared"),
    "no-parameter": ("flavour=good", "expected a parameter of the SimpleEventQuery, got 'flavour'"),
    "undeclared": ("EQ_coffee:roast=dark", "or an extension that is declared, got 'coffee:roast'"),
    "twice": ("perPage=5&perPage=6", "expected the parameter once, got it twice"),
    "twice-in-two-spellings": ("perPage=5&per%50age=6", "expected the parameter once, got it twice"),
    "kind": ("eventType=QuantityEvent", "expected some of ObjectEvent"),
    "action": ("EQ_action=add", "expected some of ADD, OBSERVE, DELETE, got 'add'"),
    "no-values": ("EQ_bizStep=", "expected a list of texts"),
    "an-empty-value": ("EQ_bizStep=shipping,", "expected a list of texts"),
    "word": ("EQ_bizStep=flying", "expected a business step of the CBV 2.0 or a URI, got 'flying'"),
    "time": ("GE_eventTime=yesterday", "expected an instant with its offset"),
    "time-without-offset": ("GE_eventTime=2026-09-01T08:00:00", "expected an instant with its offset"),
    "day-of-no-month": ("GE_eventTime=2026-02-30T08:00:00Z", "expected an instant with its offset"),
    "comparison-that-is-not": ("GT_eventTime=2026-09-01T08:00:00Z", "expected a parameter of the SimpleEventQuery"),
    "check-digit": ("MATCH_epc=https://id.gs1.org/00/195211410000000171", "expected check digit 2 at the end of SSCC"),
    "class-as-a-thing": ("MATCH_epc=urn:epc:class:lgtin:9521141.098765.L1", "expected a single thing or a pattern"),
    "pattern": ("MATCH_epc=urn:epc:idpat:sgtin:*.012345.*", "expected nothing but \\* after a \\*"),
    "pattern-of-units": ("MATCH_epc=urn:epc:idpat:sscc:9521141.1*", "expected nothing but \\* after a \\*"),
    "place": ("EQ_readPoint=dock", "expected a URI of at most 512 characters, got 'dock'"),
    "transaction-type": ("EQ_bizTransaction_promise=urn:x:1", "expected a type of business transaction"),
    "quantity": ("GT_quantity=many", "expected a number, got 'many'"),
    "quantities": ("GT_value_CEL=1,2", "expected one number, got '1,2'"),
    "exists-what": ("EXISTS_errorDeclaration=maybe", "expected no value, got 'maybe'"),
    "boolean": ("EQ_booleanValue=yes", "expected true or false, got 'yes'"),
    "order": ("orderBy=bizStep", "expected one of eventTime, recordTime, got 'bizStep'"),
    "direction": ("orderDirection=up", "expected one of ASC, DESC, got 'up'"),
    "page": ("perPage=0", "expected a whole number from 1, got '0'"),
    "page-in-words": ("perPage=ten", "expected a whole number from 1, got 'ten'"),
    "page-of-very-many": ("perPage=99999999999", "expected a whole number from 1"),
    "both-limits": ("eventCountLimit=1&maxEventCount=1", "expected eventCountLimit or maxEventCount, got both"),
    "percent": ("EQ_bizStep=a%zz", "expected percent-encoded UTF-8"),
    "octets": ("EQ_bizStep=%ff", "expected percent-encoded UTF-8"),
    "comparable": ("GT_tea:x=soon", "expected a number or an instant with its offset, got 'soon'"),
    "too-many-values": ("EQ_bizStep=" + ",".join(["shipping"] * 1_001), "expected at most 1,000 values"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    raw, words = REFUSED[name]
    with pytest.raises(Refused, match=words) as refusal:
        query.from_query_string(raw, NAMES)
    assert refusal.value.problems[0].exception is ExceptionType.QUERY_PARAMETER


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "expected an object with parameters, got a list"),
        ({"perPage": "5"}, "expected a whole number from 1, got '5'"),
        ({"perPage": True}, "expected a whole number from 1, got True"),
        ({"EQ_bizStep": "shipping"}, "expected a list of texts, got 'shipping'"),
        ({"EQ_bizStep": [1]}, "expected a list of texts, got a list"),
        ({"EQ_bizStep": []}, "expected a list of texts, got a list"),
        ({"GT_quantity": "2"}, "expected a number, got '2'"),
        ({"GE_eventTime": 5}, "expected a text, got 5"),
        ({"EXISTS_errorDeclaration": False}, "expected no value, got False"),
        ({"EQ_tea:x": {}}, "expected a list of texts, a text or a number, got an object"),
        ({"EQ_booleanValue": "true"}, "expected true or false, got 'true'"),
        ({"@context": {"x": 1}}, "expected the URI of a namespace, got 1"),
    ],
    ids=str,
)
def test_refused_in_json(value: Any, words: str) -> None:
    with pytest.raises(Refused, match=words):
        query.from_json(value, NAMES)


def test_what_is_left_out_is_said() -> None:
    with pytest.raises(Refused, match="attributes of master data, which are not kept here") as refusal:
        query.from_query_string("HASATTR_bizLocation=https://example.com/size")
    assert refusal.value.problems[0].exception is ExceptionType.IMPLEMENTATION


def test_too_many_parameters() -> None:
    with pytest.raises(Refused, match="expected at most 100 parameters, got 101") as refusal:
        query.from_query_string("&".join(f"EQ_tea:p{n}=1" for n in range(101)), NAMES)
    assert refusal.value.problems[0].exception is ExceptionType.QUERY_TOO_COMPLEX


def test_a_query_in_json_declares_its_own_namespaces() -> None:
    found = query.from_json({"@context": {"coffee": "https://example.com/coffee/"}, "EXISTS_coffee:roast": None})
    assert found.fields[0].name == "{https://example.com/coffee/}roast"


def test_a_plus_is_a_plus() -> None:
    found = query.from_query_string("MATCH_epc=urn:epc:id:sgtin:9521141.012345.A+1")
    assert found.matches[0].patterns[0].runs == (Run("21/09521141123454/A+#", 1, 1),)
