"""Documents: each vector is read, and each bad one refused by name and place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.epcis import PATHS, document_of, event_of

from traceqr.epcis import document
from traceqr.epcis.context import OFFICIAL
from traceqr.epcis.document import DocumentType, Limits, Reading
from traceqr.epcis.problem import ExceptionType, Problem, Refused
from traceqr.instant import from_iso
from traceqr.tracing.event import Action, Audience, Declaration, EventKind, Item, Mention, Part
from traceqr.tracing.run import Run


def read(value: Any, **more: Any) -> Reading:
    return document.read(json.dumps(value).encode(), **more)


def problems(event: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    """What is wrong with an event, as pointers below it and messages."""
    found = read(document_of([event]), **more)
    assert bool(found.problems) != bool(found.events)
    assert all(problem.exception is ExceptionType.VALIDATION for problem in found.problems)
    return [(problem.pointer.removeprefix("/epcisBody/eventList/0"), problem.message) for problem in found.problems]


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_each_vector_is_read(path: Path) -> None:
    found = document.read(path.read_bytes())
    assert found.problems == ()
    assert found.events


class TestEvents:
    def test_an_object_event(self) -> None:
        found = document.read(next(path for path in PATHS if path.stem == "object-events").read_bytes())
        assert (found.type, found.created_ms) == (DocumentType.DOCUMENT, from_iso("2026-09-10T08:00:00Z"))
        made, ship, arrive = found.events
        assert (made.kind, made.action, made.step) == (EventKind.OBJECT, Action.ADD, "commissioning")
        assert made.items == (Item(Part.OBJECT, Run("21/09521141123454/00000007########", 0, 23), "urn:7"),)
        assert made.at_ms == from_iso("2026-09-02T02:00:00Z")
        assert (made.read_point, made.location) == ("414/9521141000014/LINE-2", "414/9521141000014")
        assert made.id.startswith("ni:///sha-256;")
        assert not {"epcList", "eventID", "recordTime"} & made.content.keys()
        assert made.content["@context"] == [{"tea": "https://example.com/tea/"}]
        assert ship.items == (Item(Part.OBJECT, Run("00/095211410########", 17, 19), "urn:7"),)
        assert ship.mentions == (
            Mention("transaction", "po", "urn:epcglobal:cbv:bt:9524000000071:PO-2026-88"),
            Mention("transaction", "desadv", "https://example.com/despatch/4711"),
            Mention("source", "owning_party", "417/9521141000007"),
            Mention("source", "location", "414/9521141000014"),
            Mention("destination", "owning_party", "417/9524000000002"),
            Mention("destination", "location", "414/9524000000071"),
        )
        leaf, box = arrive.items
        assert leaf == Item(Part.OBJECT, Run("10/09521141987650/LEAF-26/8", 0, 0), "urn:7", "1250.5", "KGM")
        assert box == Item(Part.OBJECT, Run("01/09521141555552", 0, 0), "urn:7", "500", "")

    def test_the_order_of_members_is_not_kept(self) -> None:
        value = event_of(bizStep="packing", **{"tea:b": [{"tea:y": 1, "tea:x": 2}], "tea:a": 1})
        turned = dict(reversed(value.items())) | {"tea:b": [{"tea:x": 2, "tea:y": 1}]}
        one, other = (read(document_of([each])).events[0].content for each in (value, turned))
        assert json.dumps(one) == json.dumps(other)

    def test_an_aggregation_has_its_parent_first(self) -> None:
        found = document.read(next(path for path in PATHS if path.stem == "aggregation-events").read_bytes())
        _, pallet, unpack = found.events
        assert [item.part for item in pallet.items] == [Part.PARENT, Part.CHILD, Part.CHILD]
        assert (unpack.action, [item.part for item in unpack.items]) == (Action.DELETE, [Part.PARENT])

    def test_a_quantity_that_is_not_told(self) -> None:
        found = document.read(next(path for path in PATHS if path.stem == "transformation-events").read_bytes())
        assert [item.quantity for item in found.events[0].items if item.part is Part.INPUT] == [None, "400", None]

    def test_an_error_declaration(self) -> None:
        found = document.read(next(path for path in PATHS if path.stem == "error-declaration").read_bytes())
        wrong, declared, right = found.events
        assert wrong.id == declared.id != right.id
        assert declared.declaration == Declaration(from_iso("2026-09-04T00:00:00Z"), "incorrect_data", (right.id,))

    def test_ranges_are_runs(self) -> None:
        found = document.read(next(path for path in PATHS if path.stem == "ranges").read_bytes())
        event = found.events[0]
        assert [len(run) for run in event.runs(Part.OBJECT)] == [50_000, 100]
        assert event.audience is Audience.PUBLIC
        assert [name for name in event.content if "Ranges" in name] == []

    def test_words_become_bare_names(self) -> None:
        found = document.read(next(path for path in PATHS if path.stem == "words-spelled-out").read_bytes())
        event = found.events[0]
        assert (event.step, event.disposition, event.mentions[0].type) == (
            "arriving",
            "in_progress",
            "possessing_party",
        )
        assert event.content["bizStep"] == "urn:epcglobal:cbv:bizstep:arriving"


class TestRuns:
    def test_keep_the_order_that_they_came_in(self) -> None:
        ids = [f"urn:epc:id:sgtin:9521141.012345.{serial}" for serial in ("B1", "A1", "A2")]
        found = read(document_of([event_of(epcList=ids)])).events[0]
        assert [(item.run.line[18:], len(item.run)) for item in found.items] == [("B#", 1), ("A#", 2)]

    def test_are_sorted_where_they_are_fewer_then(self) -> None:
        ids = [f"urn:epc:id:sgtin:9521141.012345.A{serial}" for serial in (3, 1, 2)]
        found = read(document_of([event_of(epcList=ids)])).events[0]
        assert [(item.run.first, item.run.last) for item in found.items] == [(1, 3)]

    def test_two_spellings_are_two_runs(self) -> None:
        ids = ["urn:epc:id:sgtin:9521141.012345.A1", "https://id.gs1.org/01/09521141123454/21/A2"]
        found = read(document_of([event_of(epcList=ids)])).events[0]
        assert [item.spelling for item in found.items] == ["urn:7", "https://id.gs1.org"]

    @pytest.mark.parametrize("length", [6, 7, 8, 9, 12])
    def test_logistic_units_of_any_company_prefix(self, length: int) -> None:
        prefix = "952114100001"[:length]
        ids = [f"urn:epc:id:sscc:{prefix}.{n:0{17 - length}d}" for n in range(90, 112)]
        found = read(document_of([event_of(epcList=ids)])).events[0]
        assert len(found.items) == 1
        assert len(found.items[0].run) == 22
        links = [f"https://id.gs1.org/00/{each.key}" for each in found.items[0].run.things()]
        again = read(document_of([event_of(epcList=links)])).events[0]
        assert again.items[0].run == found.items[0].run


class TestTheWhole:
    @pytest.mark.parametrize(
        ("change", "pointer", "words"),
        [
            ({"type": "EPCISMasterDataDocument"}, "/type", "expected EPCISDocument or EPCISQueryDocument"),
            ({"schemaVersion": "1.2"}, "/schemaVersion", "expected version 2.0 of EPCIS, got '1.2'"),
            ({"schemaVersion": 2.0}, "/schemaVersion", "expected version 2.0 of EPCIS, got 2.0"),
            ({"creationDate": "2026-09-10"}, "/creationDate", "expected an instant with its offset"),
            ({"creationDate": "2026-02-30T00:00:00Z"}, "/creationDate", "expected an instant from 1970"),
            ({"epcisBody": []}, "/epcisBody", "expected an object with the events, got a list"),
            ({"epcisBody": {}}, "/epcisBody", "expected an object with eventList or event, got an object"),
            ({"epcisBody": {"eventList": {}}}, "/epcisBody/eventList", "expected a list of events, got an object"),
            ({"@context": "https://example.com/c.jsonld"}, "/@context", f"expected {OFFICIAL} or an object"),
            ({"@context": [OFFICIAL, 7]}, "/@context/1", "expected an address or an object, got 7"),
            ({"@context": {"x y": "https://example.com/"}}, "/@context/x y", "expected a prefix, a term or @vocab"),
            ({"@context": {"x": "nowhere"}}, "/@context/x", "expected a URI"),
            ({"@context": {"x": 3}}, "/@context/x", "expected the URI of a namespace, got 3"),
            ({"@context": {"gs1": "https://evil.example/"}}, "/@context/gs1", "expected gs1 to stand for"),
            ({"@context": {"@version": 2}}, "/@context/@version", "expected one of"),
            ({"@context": {f"x{n}": "https://example.com/" for n in range(60)}}, "/@context", "at most 50 namespaces"),
        ],
        ids=lambda value: None if isinstance(value, dict) else str(value)[:40],
    )
    def test_is_refused(self, change: dict[str, Any], pointer: str, words: str) -> None:
        with pytest.raises(Refused, match=words) as refusal:
            read({**document_of([event_of()]), **change})
        assert refusal.value.problems[0].pointer == pointer

    @pytest.mark.parametrize("missing", ["@context", "type", "schemaVersion", "creationDate", "epcisBody"])
    def test_lacks_a_member(self, missing: str) -> None:
        value = {name: each for name, each in document_of([event_of()]).items() if name != missing}
        with pytest.raises(Refused, match=f"expected the member '{missing}', got none"):
            read(value)

    @pytest.mark.parametrize("value", [[], 3, None, "x", {}])
    def test_is_no_document(self, value: Any) -> None:
        with pytest.raises(Refused, match="expected"):
            read(value)

    def test_of_200_megabytes_is_refused_before_it_is_parsed(self) -> None:
        with pytest.raises(Refused, match="expected at most 20,000,000 bytes, got 200,000,000") as refusal:
            document.read(bytes(200_000_000))
        assert refusal.value.problems[0].exception is ExceptionType.CAPTURE_LIMIT

    def test_with_too_many_events(self) -> None:
        with pytest.raises(Refused, match="expected at most 2 events, got 3") as refusal:
            read(document_of([event_of()] * 3), limits=Limits(max_events=2))
        assert refusal.value.problems[0].exception is ExceptionType.CAPTURE_LIMIT

    def test_with_too_many_things(self) -> None:
        event = event_of(epcList=[f"urn:epc:id:sgtin:9521141.012345.{n}" for n in range(9)])
        with pytest.raises(Refused, match="expected at most 10 things, got 18"):
            read(document_of([event, event]), limits=Limits(max_things=10))

    def test_deeply_nested(self) -> None:
        deep: Any = "x"
        for _ in range(30):
            deep = {"tea:in": deep}
        with pytest.raises(Refused, match="expected at most 24 levels"):
            read(document_of([event_of(**{"tea:deep": deep})]))

    def test_with_a_member_twice(self) -> None:
        text = json.dumps(document_of([event_of()])).replace('"action"', '"action":"ADD","action"')
        with pytest.raises(Refused, match="expected each member once, got 'action' twice"):
            document.read(text.encode())

    def test_good_events_are_told_beside_bad_ones(self) -> None:
        found = read(document_of([event_of(), event_of(bizStep="flying"), event_of(eventID="urn:x:2"), 7]))
        assert [entry.event is not None for entry in found.entries] == [True, False, True, False]
        assert [problem.pointer for problem in found.problems] == [
            "/epcisBody/eventList/1/bizStep",
            "/epcisBody/eventList/3",
        ]

    def test_of_very_many_bad_events_each_is_told(self) -> None:
        bad = event_of(bizStep="flying", disposition="lost", epcList=[])
        bad["sensorElementList"] = [{"sensorReport": [{}] * 60}]
        found = read(document_of([{**bad, "eventID": f"urn:x:{n}"} for n in range(100)]))
        assert [len(entry.problems) for entry in found.entries] == [50] * 20 + [1] * 80

    def test_the_same_event_twice(self) -> None:
        found = read(document_of([event_of(eventID="urn:x:1"), event_of(eventID="urn:x:1", bizStep="packing")]))
        assert [entry.event is not None for entry in found.entries] == [True, False]
        assert found.problems == (
            Problem(
                "/epcisBody/eventList/1/eventID",
                ExceptionType.VALIDATION,
                "expected an id that no other event of the document has, got 'urn:x:1', "
                "which /epcisBody/eventList/0 has",
            ),
        )

    def test_the_same_event_twice_without_an_id(self) -> None:
        assert len(read(document_of([event_of(), event_of()])).problems) == 1


class TestNamespaces:
    def test_that_nobody_declared_are_refused(self) -> None:
        assert problems(event_of(**{"coffee:roast": 1})) == [
            ("/coffee:roast", "expected a name of the standard or with a declared prefix, got 'coffee:roast'")
        ]

    @pytest.mark.parametrize(
        ("where", "event"),
        [
            ("/tea:a/coffee:b", event_of(**{"tea:a": {"coffee:b": 1}})),
            ("/tea:a/1/coffee:b", event_of(**{"tea:a": [1, {"coffee:b": 1}]})),
            ("/ilmd/coffee:b", event_of(action="ADD", ilmd={"coffee:b": 1})),
            ("/readPoint/coffee:b", event_of(readPoint={"id": "urn:x:1", "coffee:b": 1})),
            (
                "/sensorElementList/0/sensorReport/0/coffee:b",
                event_of(sensorElementList=[{"sensorReport": [{"type": "Speed", "coffee:b": 1}]}]),
            ),
            (
                "/errorDeclaration/coffee:b",
                event_of(errorDeclaration={"declarationTime": "2026-09-04T08:00:00Z", "coffee:b": 1}),
            ),
        ],
        ids=lambda value: value if isinstance(value, str) else None,
    )
    def test_are_needed_wherever_a_name_stands(self, where: str, event: dict[str, Any]) -> None:
        assert [pointer for pointer, _ in problems(event)] == [where]

    def test_may_be_declared_outside_of_the_body(self) -> None:
        event = event_of(**{"coffee:roast": 1})
        found = read(document_of([event]), namespaces={"coffee": "https://example.com/coffee/"}).events[0]
        assert found.content["@context"] == [{"coffee": "https://example.com/coffee/"}]

    def test_may_be_declared_by_the_event(self) -> None:
        event = event_of(**{"@context": {"coffee": "https://example.com/coffee/"}, "coffee:roast": 1})
        assert read(document_of([event])).events[0].content["coffee:roast"] == 1

    def test_may_be_terms_or_a_vocabulary(self) -> None:
        context = [{"roast": {"@id": "https://example.com/coffee/roast"}}, {"@vocab": "https://example.com/v/"}]
        event = event_of(**{"@context": context, "roast": 1, "grind": 2, "https://example.com/full": 3})
        found = read(document_of([event])).events[0]
        assert found.content["@context"] == [
            {"@vocab": "https://example.com/v/", "roast": "https://example.com/coffee/roast"}
        ]

    @pytest.mark.parametrize(
        "context",
        [
            OFFICIAL,
            [OFFICIAL],
            "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
            "https://gs1.github.io/EPCIS/epcis-context.jsonld",
            "https://id.gs1.org/epcis-context.jsonld",
            {},
            [],
            {"@version": 1.1, "@protected": True},
            {"gs1": "https://ref.gs1.org/voc/", "cbvmda": "urn:epcglobal:cbv:mda", "cbv": "https://ref.gs1.org/cbv/"},
        ],
        ids=str,
    )
    def test_contexts_that_are_known(self, context: Any) -> None:
        assert read({**document_of([event_of()]), "@context": context}).events


class TestFuture:
    NOW_MS = from_iso("2026-09-02T00:00:00Z")

    def test_a_clock_that_is_a_little_fast(self) -> None:
        assert problems(event_of(eventTime="2026-09-02T00:09:59Z"), now_ms=self.NOW_MS) == []

    def test_an_event_that_is_yet_to_come(self) -> None:
        assert problems(event_of(eventTime="2026-09-02T00:10:01Z"), now_ms=self.NOW_MS) == [
            ("/eventTime", "expected an instant that has come, got '2026-09-02T00:10:01Z'")
        ]


def test_a_bare_event() -> None:
    found = read({"@context": [OFFICIAL], **event_of()})
    assert (found.type, found.created_ms, len(found.events)) == (DocumentType.EVENT, None, 1)
    assert read(event_of()).events == found.events
    assert read(event_of(bizStep="flying")).problems[0].pointer == "/bizStep"


def test_the_body_may_hold_one_event_alone() -> None:
    value = {**document_of([]), "epcisBody": {"event": event_of()}}
    assert [entry.pointer for entry in read(value).entries] == ["/epcisBody/event"]
    assert read(document_of([])).entries == ()
