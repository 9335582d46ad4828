"""Events written as they came, or as they are wanted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.epcis import LOT, PATHS, document_of, event_of

from traceqr.epcis import document, writing
from traceqr.epcis.context import OFFICIAL
from traceqr.epcis.document import DocumentType
from traceqr.epcis.event_hash import hash_id
from traceqr.epcis.spelling import EpcFormat
from traceqr.epcis.vocabulary import CbvFormat
from traceqr.epcis.writing import Form, Told
from traceqr.tracing.event import Action, Declaration, Event, EventKind, Item, Mention, Part
from traceqr.tracing.run import Run

AT_MS = 1_788_000_000_000
LINKS = Form(EpcFormat.ALWAYS_GS1_DIGITAL_LINK)
URNS = Form(EpcFormat.ALWAYS_EPC_URN, prefix_length=lambda digits: 7 if digits.startswith("952") else None)


def read(event: dict[str, Any]) -> Event:
    found = document.read(json.dumps(document_of([event])).encode())
    assert found.problems == ()
    return found.events[0]


def events_of(value: Any) -> list[dict[str, Any]]:
    body = value.get("epcisBody", {"eventList": [value]})
    body = body.get("queryResults", {}).get("resultsBody", body)
    found: list[dict[str, Any]] = body["eventList"]
    return found


def written(events: Iterator[Told] | list[Told], form: Form = writing.AS_CAPTURED) -> list[dict[str, Any]]:
    return events_of(json.loads("".join(writing.document(events, AT_MS, form))))


def comparable(event: dict[str, Any]) -> dict[str, Any]:
    """What is told, without what the house adds and what is told by being left out."""
    left_out = {"@context", "eventID", "recordTime"}
    return {name: each for name, each in event.items() if name not in left_out and each != []}


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
class TestVectors:
    def test_are_written_as_they_came(self, path: Path) -> None:
        found = document.read(path.read_bytes())
        again = written([Told(event, AT_MS) for event in found.events])
        came = events_of(json.loads(path.read_text(encoding="utf-8")))
        assert [comparable(event) for event in again] == [comparable(event) for event in came]
        assert [event["eventID"] for event in again] == [event.id for event in found.events]

    def test_are_read_again_as_the_same(self, path: Path) -> None:
        found = document.read(path.read_bytes())
        text = "".join(writing.document([Told(event, AT_MS) for event in found.events], AT_MS))
        assert document.read(text.encode()).events == found.events
        for event in found.events:
            alone = document.read("".join(writing.event_text(Told(event))).encode())
            assert (alone.type, alone.events) == (DocumentType.EVENT, (event,))

    @pytest.mark.parametrize("form", [LINKS, URNS], ids=["links", "urns"])
    @pytest.mark.parametrize("words", list(CbvFormat))
    def test_say_the_same_in_any_form(self, path: Path, form: Form, words: CbvFormat) -> None:
        found = document.read(path.read_bytes())
        text = "".join(writing.document(map(Told, found.events), AT_MS, replace(form, words=words)))
        again = document.read(text.encode())
        assert again.problems == ()
        assert [hash_id(event) for event in again.events] == [hash_id(event) for event in found.events]
        assert [event.mentions for event in again.events] == [event.mentions for event in found.events]
        assert [(event.step, event.read_point) for event in again.events] == [
            (event.step, event.read_point) for event in found.events
        ]

    def test_values_and_chunks_are_the_same(self, path: Path) -> None:
        for event in document.read(path.read_bytes()).events:
            told = Told(event, AT_MS)
            chunks = json.loads("".join(writing.event_text(told)))
            value = writing.event_value(told)
            assert chunks.pop("@context") == [OFFICIAL, *value.pop("@context", [])]
            assert chunks == value


@pytest.mark.parametrize("path", [path for path in PATHS if path.stem.endswith("-links")], ids=lambda path: path.stem)
def test_the_one_spelling_becomes_the_other(path: Path) -> None:
    """The vectors come in both: what is written of one is the other."""
    other = path.with_name(path.name.replace("-links", ""))
    links, urns = (document.read(each.read_bytes()).events for each in (path, other))
    spelled = [comparable(event) for event in written(map(Told, urns), LINKS)]
    assert spelled == [comparable(event) for event in events_of(json.loads(path.read_text(encoding="utf-8")))]
    spelled = [comparable(event) for event in written(map(Told, links), URNS)]
    assert spelled == [comparable(event) for event in events_of(json.loads(other.read_text(encoding="utf-8")))]


class TestForms:
    def test_a_prefix_that_is_not_known_leaves_the_link(self) -> None:
        event = read(event_of(epcList=["https://id.gs1.org/01/04012345111118/21/7"]))
        assert writing.event_value(Told(event), URNS)["epcList"] == ["https://id.gs1.org/01/04012345111118/21/7"]

    def test_a_lot_that_no_urn_has_stays_a_link(self) -> None:
        lot = "https://id.gs1.org/01/09521141987650/10/%E6%98%A5%E8%8C%B6"
        event = read(event_of(quantityList=[{"epcClass": lot}, {"epcClass": LOT}]))
        told = writing.event_value(Told(event), URNS)
        assert [each["epcClass"] for each in told["quantityList"]] == [lot, LOT]

    def test_words(self) -> None:
        event = read(
            event_of(
                bizStep="shipping",
                disposition="urn:epcglobal:cbv:disp:damaged",
                persistentDisposition={"set": ["damaged"]},
                bizTransactionList=[{"type": "po", "bizTransaction": "urn:x:1"}, {"bizTransaction": "urn:x:2"}],
                errorDeclaration={"declarationTime": "2026-09-01T08:00:00Z", "reason": "did_not_occur"},
                sensorElementList=[{"sensorReport": [{"type": "Speed", "component": "x"}]}],
            )
        )
        web = writing.event_value(Told(event), Form(words=CbvFormat.ALWAYS_WEB_URI))
        assert (web["bizStep"], web["disposition"]) == (
            "https://ref.gs1.org/cbv/BizStep-shipping",
            "https://ref.gs1.org/cbv/Disp-damaged",
        )
        assert web["bizTransactionList"][0]["type"] == "https://ref.gs1.org/cbv/BTT-po"
        assert web["errorDeclaration"]["reason"] == "https://ref.gs1.org/cbv/ER-did_not_occur"
        assert web["sensorElementList"][0]["sensorReport"][0] == {
            "type": "https://gs1.org/voc/Speed",
            "component": "https://ref.gs1.org/cbv/Comp-x",
        }
        urn = writing.event_value(Told(event), Form(words=CbvFormat.ALWAYS_URN))
        assert (urn["bizStep"], urn["persistentDisposition"]) == (
            "urn:epcglobal:cbv:bizstep:shipping",
            {"set": ["urn:epcglobal:cbv:disp:damaged"]},
        )


class TestWhatIsAdded:
    def test_id_and_time_of_recording(self) -> None:
        told = writing.event_value(Told(read(event_of(eventID="urn:x:1")), AT_MS))
        assert (told["eventID"], told["recordTime"]) == ("urn:x:1", "2026-08-29T10:40:00.000Z")

    def test_a_declaration_that_came_later(self) -> None:
        event = replace(read(event_of()), declaration=Declaration(AT_MS, "incorrect_data", ("urn:x:2",)))
        assert writing.event_value(Told(event))["errorDeclaration"] == {
            "declarationTime": "2026-08-29T10:40:00.000Z",
            "reason": "incorrect_data",
            "correctiveEventIDs": ["urn:x:2"],
        }

    def test_members_of_an_event_that_came_in_no_document(self) -> None:
        event = Event(
            "urn:x:1",
            EventKind.OBJECT,
            Action.ADD,
            AT_MS,
            (
                Item(Part.OBJECT, Run("21/09521141123454/00000007########", 5, 6), "https://id.gs1.org"),
                Item(Part.OBJECT, Run("10/09521141987650/L1", 0, 0), "", "2.5", "KGM"),
            ),
            step="commissioning",
            location="414/9521141000014/DOCK 2",
            mentions=(Mention("transaction", "po", "urn:x:2"), Mention("source", "location", "414/9521141000014")),
        )
        told = writing.event_value(Told(event))
        assert told == {
            "type": "ObjectEvent",
            "eventTime": "2026-08-29T10:40:00.000Z",
            "eventTimeZoneOffset": "+00:00",
            "action": "ADD",
            "bizStep": "commissioning",
            "bizLocation": {"id": "https://id.gs1.org/414/9521141000014/254/DOCK%202"},
            "bizTransactionList": [{"type": "po", "bizTransaction": "urn:x:2"}],
            "sourceList": [{"type": "location", "source": "https://id.gs1.org/414/9521141000014"}],
            "quantityList": [{"epcClass": "https://id.gs1.org/01/09521141987650/10/L1", "quantity": 2.5, "uom": "KGM"}],
            "eventID": "urn:x:1",
            "epcList": [
                "https://id.gs1.org/01/09521141123454/21/0000000700000005",
                "https://id.gs1.org/01/09521141123454/21/0000000700000006",
            ],
        }
        assert hash_id(event).startswith("ni:///sha-256;")


class TestRanges:
    def event(self, things: int) -> Event:
        run = Run("21/09521141123454/00000007########", 0, things - 1)
        return Event("urn:x:1", EventKind.OBJECT, Action.ADD, AT_MS, (Item(Part.OBJECT, run, "urn:7"),))

    def test_ten_thousand_things_are_listed(self) -> None:
        told = writing.event_value(Told(self.event(10_000)))
        assert len(told["epcList"]) == 10_000
        assert "@context" not in told

    def test_more_are_told_by_their_ends(self) -> None:
        event = self.event(10_001)
        text = "".join(writing.event_text(Told(event)))
        assert len(text) < 1_000
        told = json.loads(text)
        assert told["@context"] == [OFFICIAL, {"traceqr": "urn:x-traceqr:epcis:"}]
        assert told["traceqr:epcRanges"] == [
            {
                "part": "object",
                "first": "urn:epc:id:sgtin:9521141.012345.0000000700000000",
                "last": "urn:epc:id:sgtin:9521141.012345.0000000700010000",
            }
        ]
        assert document.read(text.encode()).events[0].items == event.items

    def test_hundred_million_are_no_more_work(self) -> None:
        told = writing.event_value(Told(self.event(10**8)), LINKS)
        assert told["traceqr:epcRanges"][0]["last"] == "https://id.gs1.org/01/09521141123454/21/0000000799999999"

    def test_a_prefix_that_is_taken_is_left_alone(self) -> None:
        context = [{"traceqr": "https://example.com/other/"}]
        event = replace(self.event(10_001), content={"@context": context, "traceqr:x": 1})
        told = writing.event_value(Told(event))
        assert told["@context"] == [*context, {"traceqr0": "urn:x-traceqr:epcis:"}]
        assert "traceqr0:epcRanges" in told


class TestDocuments:
    def test_stream(self) -> None:
        """An event is asked for when those before it are written, and its things when they are."""
        asked: list[int] = []

        def told() -> Iterator[Told]:
            for number in range(3):
                asked.append(number)
                run = Run("21/09521141123454/00000007########", 0, 9_999)
                yield Told(Event("urn:x:1", EventKind.OBJECT, Action.ADD, AT_MS, (Item(Part.OBJECT, run, "urn:7"),)))

        chunks = writing.query_document(told(), AT_MS)
        first = [next(chunks) for _ in range(4)]
        assert asked == [0]
        rest = list(chunks)
        assert asked == [0, 1, 2]
        assert max(map(len, first + rest)) < 40_000
        found = document.read("".join(first + rest).encode())
        assert (found.type, len(found.entries)) == (DocumentType.QUERY_DOCUMENT, 3)

    def test_of_no_event(self) -> None:
        assert document.read("".join(writing.document([], AT_MS)).encode()).entries == ()
        text = "".join(writing.query_document([], AT_MS, query_name="mine", subscription="s-1"))
        results = json.loads(text)["epcisBody"]["queryResults"]
        assert (results["queryName"], results["subscriptionID"]) == ("mine", "s-1")
        assert document.read(text.encode()).entries == ()
