"""Hashes of events (CBV 2.0, section 8.9): those that are published, and those of our own vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.epcis import CASE, ITEM, LOT, PATHS, TEA, VECTORS, document_of, event_of

from traceqr.epcis import document
from traceqr.epcis.event_hash import hash_id, pre_hash
from traceqr.tracing.event import Event

HASHES: dict[str, list[str]] = json.loads((VECTORS / "hashes.json").read_text(encoding="utf-8"))


EXAMPLE_UNITS = ("040123450000003338", "040123450000001112", "040123450000002225")
EXAMPLE_SUBSTANCE = "https://identifiers.org/inchikey:CZMRCDWAGMRECN-UGDNZRGBSA-N"
EXAMPLE_ORGANISM = "https://www.ncbi.nlm.nih.gov/taxonomy/1126011"


def read(event: dict[str, Any]) -> Event:
    found = document.read(json.dumps({**document_of([event]), "@context": [TEA]}).encode())
    assert found.problems == ()
    return found.events[0]


PUBLISHED = {
    # The examples of the reference implementation, each with its hash; the same events are written here in other words.
    "6ae96341e0acc6d7a261364751f60e68278a81cdf51da0abb6b4e617014e39d7": event_of(
        **{
            "@context": {"own": "https://ns.example.com/epcis/"},
            "eventTime": "2020-03-04T10:00:30.000Z",
            "eventTimeZoneOffset": "+01:00",
            "epcList": [f"https://dl.example.org/00/{sscc}" for sscc in EXAMPLE_UNITS],
            "bizStep": "https://ref.gs1.org/cbv/BizStep-departing",
            "readPoint": {"id": "https://dl.example.org/414/4012345000115/254/987"},
            "own:myField3": {"own:mySubField3": [3, 1.0]},
            "own:myField2": 0,
            "own:myField1": {"own:mySubField2": " 5", "own:mySubField1": 2},
        }
    ),
    "271565c346ae2fb28c4583c4dca4ab4772d465eb4e0b6e548d77d8b49377d95c": event_of(
        eventTime="2020-04-01T14:00:00Z",
        eventTimeZoneOffset="+01:00",
        epcList=["https://dl.example.org/01/04012345111118/21/9876"],
        bizStep="urn:epcglobal:cbv:bizstep:inspecting",
        readPoint={"id": "https://dl.example.org/414/4012345000054"},
        sensorElementList=[
            {
                "sensorReport": [
                    {"uom": "C35", "value": 0.18, "chemicalSubstance": EXAMPLE_SUBSTANCE, "type": "Dimensionless"},
                    {"uom": "C35", "value": 0.05, "microorganism": EXAMPLE_ORGANISM, "type": "gs1:Dimensionless"},
                    {"uom": "CEL", "value": 26.0, "sDev": 0.1, "type": "https://gs1.org/voc/Temperature"},
                    {"uom": "A93", "value": 12.1, "type": "https://ref.gs1.org/voc/AbsoluteHumidity"},
                ],
                "sensorMetadata": {
                    "deviceMetadata": "urn:epc:id:giai:4000001.111",
                    "deviceID": "https://dl.example.org/8004/4000001111",
                },
            }
        ],
    ),
    "3ae14c02c4bdc220cc31942cf804f6845eb8dec96ba6483391c92a9b165f9329": event_of(
        **{
            "@context": {"example": "https://ns.example.com/epcis/"},
            "eventTime": "2020-03-04T10:00:30Z",
            "eventTimeZoneOffset": "+01:00",
            "epcList": ["https://dl.example.org/x/01/00614141111114/21/987"],
            "bizStep": "urn:epcglobal:cbv:bizstep:departing",
            "disposition": "https://ref.gs1.org/cbv/Disp-in_transit",
            "readPoint": {"id": "https://id.gs1.org/414/4012345000115", "example:myField1": " AB-12 "},
            "bizTransactionList": [
                {"type": "urn:epcglobal:cbv:btt:po", "bizTransaction": "urn:epc:id:gdti:4012345.11111.123"}
            ],
            "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00000"}],
            "destinationList": [{"type": "owning_party", "destination": "https://id.gs1.org/417/0614141000005"}],
            "example:userExt": "CD-34",
        }
    ),
}


@pytest.mark.parametrize("digest", PUBLISHED)
def test_published_hashes(digest: str) -> None:
    assert hash_id(read(PUBLISHED[digest])) == f"ni:///sha-256;{digest}?ver=CBV2.0"


@pytest.mark.parametrize(("decimals", "rounded"), [("1415", "142"), ("1414", "141"), ("9999", "1000"), ("1", "100")])
def test_instants_have_three_decimals(decimals: str, rounded: str) -> None:
    found = pre_hash(read(event_of(eventTime=f"2023-02-02T11:04:03.{decimals}Z")))
    wanted = f"11:04:03.{rounded}Z" if len(rounded) == 3 else "11:04:04.000Z"
    assert f"eventTime=2023-02-02T{wanted}" in found


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_our_vectors(path: Path) -> None:
    assert [hash_id(event) for event in document.read(path.read_bytes()).events] == HASHES[path.stem]


@pytest.mark.parametrize("name", [name for name in HASHES if f"{name}-links" in HASHES])
def test_both_spellings_have_one_hash(name: str) -> None:
    assert HASHES[name] == HASHES[f"{name}-links"]


class TestPreHash:
    def test_lists_are_sorted_and_named_once(self) -> None:
        event = event_of(epcList=[ITEM, CASE])
        assert pre_hash(read(event)) == (
            "eventType=ObjectEventeventTime=2026-09-01T00:00:00.000ZeventTimeZoneOffset=+08:00"
            "epcListepc=https://id.gs1.org/00/095211410000000175epc=https://id.gs1.org/01/09521141123454/21/A1"
            "action=OBSERVE"
        )

    def test_quantities_have_no_zeros_at_their_end(self) -> None:
        event = event_of("TransformationEvent", outputQuantityList=[{"epcClass": LOT, "quantity": 2.50, "uom": "KGM"}])
        assert pre_hash(read(event)).endswith(
            "inputQuantityListquantityElementepcClass=https://id.gs1.org/01/09521141987650/10/L1quantity=4uom=KGM"
            "outputEPCListepc=https://id.gs1.org/01/09521141123454/21/A1"
            "outputQuantityListquantityElementepcClass=https://id.gs1.org/01/09521141987650/10/L1quantity=2.5uom=KGM"
        )

    def test_a_type_stands_before_what_it_is_of(self) -> None:
        listed = [
            {"bizTransaction": "urn:x:b"},
            {"type": "po", "bizTransaction": "urn:x:2"},
            {"type": "inv", "bizTransaction": "urn:x:1"},
        ]
        assert pre_hash(read(event_of(bizTransactionList=listed))).endswith(
            "bizTransactionListbizTransaction=urn:x:btype=https://ref.gs1.org/cbv/BTT-invbizTransaction=urn:x:1"
            "type=https://ref.gs1.org/cbv/BTT-pobizTransaction=urn:x:2"
        )

    def test_sensors(self) -> None:
        element = {
            "tea:mounted": True,
            "sensorReport": [
                {"value": 26.0, "type": "gs1:Temperature", "uom": "CEL", "tea:probe": 2},
                {"type": "Speed", "component": "x", "uom": "MTS", "value": 0.5, "tea:probe": "1.0"},
            ],
            "sensorMetadata": {"bizRules": "urn:x:rules", "time": "2026-09-01T08:00:00.1235+08:00", "tea:a": None},
        }
        assert pre_hash(read(event_of(sensorElementList=[element]))).endswith(
            "sensorElementsensorMetadatatime=2026-09-01T00:00:00.124ZbizRules=urn:x:rules"
            "sensorReporttype=https://ref.gs1.org/voc/Speedvalue=0.5component=https://ref.gs1.org/cbv/Comp-xuom=MTS"
            "sensorReporttype=https://ref.gs1.org/voc/Temperaturevalue=26uom=CEL"
            "sensorElementsensorMetadata{https://example.com/tea/}a"
            "sensorReport{https://example.com/tea/}probe=1sensorReport{https://example.com/tea/}probe=2"
            "{https://example.com/tea/}mounted=true"
        )

    def test_extensions_are_sorted_within_and_among_one_another(self) -> None:
        event = event_of(
            **{
                "tea:b": [3, "x", {"tea:y": 1, "tea:x": [2]}],
                "tea:a": {"tea:z": "1"},
                "cbvmda:lotNumber": "L1",
            }
        )
        space = "{https://example.com/tea/}"
        assert pre_hash(read(event)).endswith(
            f"action=OBSERVE{space}a{space}z=1{space}b=3{space}b=x{space}b{space}x=2{space}y=1"
            "{urn:epcglobal:cbv:mda}lotNumber=L1"
        )

    def test_what_is_no_part_of_it(self) -> None:
        event = event_of(recordTime="2026-09-02T00:00:00Z", eventID="urn:x:1", certificationInfo="urn:x:2")
        declared = {**event, "errorDeclaration": {"declarationTime": "2026-09-02T00:00:00Z", "tea:by": "me"}}
        assert pre_hash(read(event)) == pre_hash(read(declared)) == pre_hash(read(event_of()))

    @pytest.mark.parametrize(
        "change",
        [
            {"eventTime": "2026-09-01T08:00:00.001+08:00"},
            {"eventTimeZoneOffset": "+07:00"},
            {"epcList": [ITEM, CASE]},
            {"action": "DELETE"},
            {"bizStep": "packing"},
            {"disposition": "damaged"},
            {"persistentDisposition": {"set": ["damaged"]}},
            {"persistentDisposition": {"unset": ["damaged"]}},
            {"readPoint": {"id": "urn:x:1"}},
            {"bizLocation": {"id": "urn:x:1"}},
            {"sourceList": [{"type": "location", "source": "urn:x:1"}]},
            {"destinationList": [{"type": "location", "destination": "urn:x:1"}]},
            {"quantityList": [{"epcClass": LOT}]},
            {"tea:a": 1},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_every_member_changes_it(self, change: dict[str, Any]) -> None:
        assert hash_id(read(event_of(**change))) != hash_id(read(event_of()))


def test_events_of_very_many_things_are_hashed_by_their_ranges() -> None:
    event = document.read((VECTORS / "ranges.json").read_bytes()).events[0]
    assert pre_hash(event).count("{urn:x-traceqr:epcis}epcRanges") == 2
    assert len(pre_hash(event)) < 2_000
