"""The EPCIS 2.0 interface: documents are captured over HTTP and queried back equal; who is told of which events."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from support.chain import sscc
from support.epcis import PATHS, document_of, event_of
from support.staff import enterprise_id

from tests.unit.web.office.conftest import Offices
from tests.unit.web.office.test_enterprise_api import program
from tests.unit.web.world import GREEN_TEA
from traceqr.access import Scope
from traceqr.chain import arranging
from traceqr.delivering.questions import Questions
from traceqr.instant import from_iso
from traceqr.office.events import LIMITS
from traceqr.tracing.event import Audience
from traceqr.web.epcis_api import PREFIX
from traceqr.web.epcis_exchange import VERSION

CONTROLS = {"dest": "https://partner.example/events", "stream": True}
CASE = f"https://id.gs1.org/00/{sscc(1).key}"
OURS = "https://id.gs1.org/01/{gtin}/21/{serial}"


@dataclass
class Partner:
    """A program of an enterprise that speaks EPCIS."""

    client: Any
    secret: str

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        own = {
            "Authorization": f"Bearer {self.secret}",
            **({} if body is None else {"Content-Type": "application/json"}),
        }
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(PREFIX + path, method=method, data=data, headers={**own, **told})

    def capture(self, body: Any, **headers: str) -> Any:
        """What became of a document, by its job."""
        answer = self.post("/capture", body, **headers)
        assert answer.status_code == 202, answer.text
        return self.get(answer.headers["Location"].partition(PREFIX)[2]).json

    def events(self, query: str = "") -> list[Any]:
        """All that a query finds, page after page."""
        found: list[Any] = []
        path = f"/events?{query}"
        while path:
            answer = self.get(path)
            assert answer.status_code == 200, answer.text
            found += results(answer)
            path = following(answer)
        return found


def results(answer: Any) -> list[Any]:
    body = answer.json
    assert body["type"] == "EPCISQueryDocument"
    return list(body["epcisBody"]["queryResults"]["resultsBody"]["eventList"])


def following(answer: Any) -> str:
    """Where the next page is; empty at the end."""
    link = answer.headers.get("Link", "")
    assert bool(link) == ("GS1-Next-Page-Token-Expires" in answer.headers)
    return link.partition(PREFIX)[2].partition(">")[0]


def partner(offices: Offices, number: int = 1, *scopes: Scope) -> Partner:
    """A program of enterprise `number`."""
    if number > 1:
        offices.world.base.enterprise(number)
    made = program(offices, *(scopes or (Scope.EVENTS,)), enterprise=number)
    assert made.secret
    return Partner(made.client, made.secret)


def stated(number: int, *things: str, at: str = "2026-11-01T08:00:00.000Z", **members: Any) -> dict[str, Any]:
    """An event with an id of its own, about things of nobody."""
    listed = list(things) or [f"https://things.example/{number}"]
    told = {"eventTime": at, "eventTimeZoneOffset": "+00:00", "eventID": f"https://events.example/{number}"}
    return event_of(**{**told, "epcList": listed, **members})


def ids(events: list[Any]) -> list[str]:
    return [event["eventID"].rpartition("/")[2] for event in events]


class TestDocumentsComeBack:
    """What was captured is what is answered."""

    @pytest.mark.parametrize("links", [False, True], ids=["urns", "links"])
    def test_equal(self, offices: Offices, links: bool) -> None:
        """Once as EPC URNs and once as Digital Links: the same events, so that both have one id."""
        who = partner(offices)
        count = 0
        for path in PATHS:
            document = json.loads(path.read_bytes())
            if document["type"] != "EPCISDocument" or path.stem.endswith("-links") != links:
                continue
            job = who.capture(document)
            assert job["success"], (path.name, job["errors"])
            sent = _events(document)
            found = who.events("orderBy=recordTime&orderDirection=ASC&perPage=3")[count:]
            assert sorted(map(_alone, found)) == sorted(_alone(each) for each in sent), path.name
            count += len(sent)
        assert count > 5


def _events(document: Any) -> list[Any]:
    body = document["epcisBody"]
    return list(body.get("eventList") or [body["event"]])


def _alone(event: dict[str, Any]) -> str:
    """An event without what capturing adds, and without the id that it may have got. An empty list tells nothing."""
    added = ("recordTime", "@context", "eventID")
    return json.dumps(
        {name: value for name, value in event.items() if name not in added and value != []}, sort_keys=True
    )


class TestCapture:
    def test_rollback_takes_nothing_of_a_document_with_one_bad_event(self, offices: Offices) -> None:
        who = partner(offices)
        job = who.capture(document_of([stated(1), stated(2, bizStep="sniffing"), stated(3)]))
        assert (job["success"], job["running"], job["captureErrorBehaviour"]) == (False, False, "rollback")
        assert [(one["type"], one["instance"]) for one in job["errors"]] == [
            ("epcisException:ValidationException", "#/epcisBody/eventList/1/bizStep")
        ]
        assert who.events() == []

    def test_proceed_takes_what_is_right(self, offices: Offices) -> None:
        who = partner(offices)
        bad = [stated(2, bizStep="sniffing"), stated(4, "https://id.gs1.org/00/395211410000000010")]
        body = document_of([stated(1), bad[0], stated(3), bad[1]])
        job = who.capture(body, **{"GS1-EPCIS-Capture-Error-Behaviour": "proceed"})
        assert (job["success"], len(job["errors"])) == (False, 2)
        assert sorted(ids(who.events())) == ["1", "3"]

    def test_what_the_registry_refuses_is_named_by_its_place(self, offices: Offices) -> None:
        who = partner(offices)
        assert who.capture(document_of([stated(1)]))["success"]
        for behaviour, there in (("rollback", ["1"]), ("proceed", ["1", "2"])):
            body = document_of([stated(2), stated(1, bizStep="shipping")])
            job = who.capture(body, **{"GS1-EPCIS-Capture-Error-Behaviour": behaviour})
            assert [one["instance"] for one in job["errors"]] == ["#/epcisBody/eventList/1"]
            assert sorted(ids(who.events())) == there

    def test_what_is_sent_twice_is_captured_once(self, offices: Offices) -> None:
        who = partner(offices)
        jobs = [who.capture(document_of([stated(1), stated(2)])) for _ in range(2)]
        assert [job["success"] for job in jobs] == [True, True]
        assert jobs[0]["captureID"] != jobs[1]["captureID"]
        assert len(who.events()) == 2

    def test_an_id_twice_in_a_document(self, offices: Offices) -> None:
        job = partner(offices).capture(document_of([stated(1), stated(1)]))
        assert [one["instance"] for one in job["errors"]] == ["#/epcisBody/eventList/1/eventID"]

    def test_jobs_are_listed_by_pages(self, offices: Offices) -> None:
        who = partner(offices)
        made = []
        for number in range(5):
            made.append(who.capture(document_of([stated(number)]))["captureID"])
            offices.world.time.pass_ms(1)
        found, path = [], "/capture?perPage=2"
        while path:
            answer = who.get(path)
            found += [job["captureID"] for job in answer.json]
            path = following(answer)
        assert found == made[::-1]

    def test_jobs_of_another_enterprise_are_not_there(self, offices: Offices) -> None:
        job = partner(offices).capture(document_of([stated(1)]))
        other = partner(offices, 2)
        assert other.get("/capture").json == []
        assert other.get(f"/capture/{job['captureID']}").status_code == 404

    def test_limits_are_announced(self, offices: Offices) -> None:
        who = partner(offices)
        for answer in (who.send("OPTIONS", "/capture"), who.post("/capture", document_of([stated(1)]))):
            assert answer.headers["GS1-EPCIS-Capture-Limit"] == str(LIMITS.max_events)
            assert answer.headers["GS1-EPCIS-Capture-File-Size-Limit"] == str(LIMITS.max_bytes)

    def test_too_many_events(self, offices: Offices) -> None:
        body = document_of([stated(number) for number in range(LIMITS.max_events + 1)])
        answer = partner(offices).post("/capture", body)
        assert (answer.status_code, answer.json["type"]) == (413, "epcisException:CaptureLimitExceededException")

    def test_a_document_of_200_megabytes_is_refused_before_it_is_read(self, offices: Offices) -> None:
        who = partner(offices)
        read = []

        class Endless:
            def read(self, size: int = -1) -> bytes:
                read.append(size)
                return b""

            def readline(self, size: int = -1) -> bytes:
                return self.read(size)

        answer = who.client.open(
            PREFIX + "/capture",
            method="POST",
            headers={"Authorization": f"Bearer {who.secret}", "Content-Type": "application/json"},
            environ_overrides={"CONTENT_LENGTH": "200000000", "wsgi.input": Endless()},
        )
        assert (answer.status_code, answer.json["type"]) == (413, "epcisException:CaptureLimitExceededException")
        assert len(read) <= 1  # to drop what was on its way, and no more

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            (b'{"type":' + b"[" * 100_000, ""),
            (json.dumps({"a": json.loads("[" * 30 + "]" * 30)}).encode(), ""),
            (b"<epcis/>", ""),
            (b"", ""),
            (b'{"type":"EPCISDocument","type":"EPCISDocument"}', ""),
            (b"\xff", ""),
            (b"[]", ""),
            (json.dumps({**document_of([]), "schemaVersion": "1.2"}).encode(), "/schemaVersion"),
            (json.dumps({**document_of([]), "@context": "https://strange.example/c"}).encode(), "/@context"),
        ],
        ids=["deep", "deeper than 24", "XML", "nothing", "a member twice", "no UTF-8", "a list", "1.2", "context"],
    )
    def test_what_is_no_document(self, offices: Offices, body: bytes, pointer: str) -> None:
        answer = partner(offices).post("/capture", body)
        assert (answer.status_code, answer.json["type"]) == (400, "epcisException:ValidationException")
        assert answer.content_type == "application/problem+json"
        assert answer.json["errors"][0]["pointer"] == pointer

    def test_one_event(self, offices: Offices) -> None:
        who = partner(offices)
        event = {"@context": document_of([])["@context"], **stated(1)}
        made = who.post("/events", event)
        assert made.status_code == 201
        path = made.headers["Location"].partition(PREFIX)[2]
        assert path == "/events/" + quote("https://events.example/1", safe="")
        told = who.get(path).json
        assert _alone(told) == _alone(event)
        assert who.get("/events/https://events.example/1").json == told
        assert who.post("/events", event).status_code == 201
        assert who.post("/events", {**event, "bizStep": "shipping"}).status_code == 400
        assert who.post("/events", document_of([event])).status_code == 400
        assert who.post("/capture", event).status_code == 400
        assert who.get("/events/https://events.example/2").json["type"] == "epcisException:NoSuchResourceException"


class TestEvents:
    def test_pages_are_stable_while_events_arrive(self, offices: Offices) -> None:
        """Late events, and new ones, belong to no page of an answer that began before them."""
        who = partner(offices)
        hours = [f"2026-11-0{day}T0{hour}:00:00.000Z" for day in range(1, 4) for hour in range(4)]
        who.capture(document_of([stated(number, at=at) for number, at in enumerate(hours)]))
        found, path, late = [], "/events?perPage=5&orderBy=eventTime&orderDirection=ASC", 100
        while path:
            answer = who.get(path)
            assert answer.status_code == 200, answer.text
            found += ids(results(answer))
            who.capture(document_of([stated(late + hour, at=at) for hour, at in enumerate(hours)]))
            path, late = following(answer), late + 100
        assert found == [str(number) for number in range(12)]
        assert len(who.events("perPage=1000")) == 12 * 4

    @pytest.mark.parametrize("order", ["eventTime", "recordTime"])
    @pytest.mark.parametrize("direction", ["ASC", "DESC"])
    def test_order_of_what_was_captured_and_what_arose(self, offices: Offices, order: str, direction: str) -> None:
        who = partner(offices)
        for number in range(3):
            offices.world.base.issue(3, gtin=GREEN_TEA, active=number == 1)
            at = (f"2026-11-1{9 - number}T00:00:00.000Z", "2026-11-20T08:12:00.000Z")
            who.capture(document_of([stated(2 * number, at=at[0]), stated(2 * number + 1, at=at[1])]))
        told = {"eventTime": "eventTime", "recordTime": "recordTime"}[order]
        whole = who.events(f"perPage=100&orderBy={order}&orderDirection={direction}")
        paged = who.events(f"perPage=1&orderBy={order}&orderDirection={direction}")
        assert whole == paged
        assert len(whole) == 6 + 3
        times = [from_iso(event[told]) for event in whole]
        assert times == sorted(times, reverse=direction == "DESC")

    def test_events_that_arise_by_themselves(self, offices: Offices) -> None:
        who = partner(offices)
        batch = offices.world.base.issue(5, gtin=GREEN_TEA, active=True)
        label = OURS.format(gtin=batch.gtin, serial=f"{batch.number:08d}00000003")
        for query in ("", "EQ_bizStep=commissioning", f"MATCH_epc={quote(label, safe='')}"):
            (event,) = who.events(query)
            assert (event["bizStep"], event["action"], len(event["epcList"])) == ("commissioning", "ADD", 5)
            assert label in event["epcList"]
        assert who.get("/events/" + quote(event["eventID"], safe="")).json["eventID"] == event["eventID"]
        assert who.events("EQ_bizStep=shipping") == []
        assert who.events("eventType=AggregationEvent") == []

    def test_counts(self, offices: Offices) -> None:
        who = partner(offices)
        who.capture(document_of([stated(number) for number in range(7)]))
        assert len(who.events("eventCountLimit=5&perPage=2")) == 5
        assert len(who.events("maxEventCount=7&perPage=3")) == 7
        refused = who.get("/events?maxEventCount=6")
        assert (refused.status_code, refused.json["type"]) == (413, "epcisException:QueryTooLargeException")

    def test_too_many_to_look_at_ends_a_page_early(self, offices: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("traceqr.chain.seeking.MAX_LOOKED", 4)
        who = partner(offices)
        who.capture(
            document_of([stated(number, bizStep="shipping" if number == 9 else "packing") for number in range(10)])
        )
        first = who.get("/events?EXISTS_errorDeclaration=&perPage=5")
        assert results(first) == []
        assert following(first)
        assert who.events("LT_recordTime=2000-01-01T00:00:00Z") == []
        refused = who.get("/events?maxEventCount=9&LT_recordTime=2000-01-01T00:00:00Z")
        assert (refused.status_code, refused.json["type"]) == (413, "epcisException:QueryTooComplexException")

    @pytest.mark.parametrize(
        "query",
        [
            *(
                "EQ_nothing=1",
                "perPage=0",
                "perPage=many",
                "orderBy=colour",
                "GE_eventTime=yesterday",
                "eventType=Party",
            ),
            *("nextPageToken=x", "nextPageToken=%FF", "perPage=1&perPage=2", "MATCH_epc=", "EQ_bizStep=%zz"),
            *("eventCountLimit=1&maxEventCount=1", "MATCH_epc=urn:epc:id:sgtin:9521141.012345", "EQ_source_x=1"),
        ],
    )
    def test_questions_that_are_none(self, offices: Offices, query: str) -> None:
        answer = partner(offices).get(f"/events?{query}")
        assert (answer.status_code, answer.json["type"]) == (400, "epcisException:QueryParameterException")

    def test_a_token_is_for_its_question_and_its_enterprise(self, offices: Offices) -> None:
        who, other = partner(offices), partner(offices, 2)
        who.capture(document_of([stated(number) for number in range(3)]))
        path = following(who.get("/events?perPage=1"))
        assert who.get(path).status_code == 200
        assert who.get(path + "&EQ_bizStep=shipping").status_code == 400
        assert who.get(path.replace("/events", "/capture")).status_code == 400
        assert other.get(path).status_code == 400
        offices.world.time.pass_days(2)
        assert who.get(path).status_code == 400


class TestWhoIsTold:
    """Of the events of the first enterprise, by audience and by whom it has named."""

    def test_by_audience_and_partnership(self, offices: Offices) -> None:
        who, other = partner(offices), partner(offices, 2)
        base = offices.world.base
        audiences = {"1": "public", "2": "partners", "3": "regulators"}
        events = [stated(int(n), **{"traceqr:audience": audience}) for n, audience in audiences.items()]
        document = document_of(events)
        document["@context"].append({"traceqr": "urn:x-traceqr:epcis:"})
        assert who.capture(document)["success"]
        assert len(who.events()) == 3
        named = [f"MATCH_epc=https://things.example/{n}" for n in audiences]
        assert other.events() == []
        assert [ids(other.events(query)) for query in named] == [["1"], [], []]
        arranging.name_partner(base.desk, enterprise_id(base), enterprise_id(base, 2))
        assert sorted(ids(other.events())) == ["1", "2"]
        assert [ids(other.events(query)) for query in named] == [["1"], ["2"], []]
        assert other.get("/events/https://events.example/3").status_code == 404

    def test_what_others_state_of_ones_own_things(self, offices: Offices) -> None:
        who, other = partner(offices), partner(offices, 2)
        base = offices.world.base
        batch = base.issue(5, gtin=GREEN_TEA, active=True)
        label = OURS.format(gtin=batch.gtin, serial=f"{batch.number:08d}00000000")
        arranging.set_audience(base.desk, enterprise_id(base, 2), "shipping", Audience.PUBLIC)
        assert other.capture(document_of([stated(1, label, bizStep="shipping"), stated(2, label, bizStep="packing")]))[
            "success"
        ]
        query = "EQ_bizStep=shipping,packing"
        assert ids(who.events(query)) == ["1"]
        arranging.name_partner(base.desk, enterprise_id(base), enterprise_id(base, 2))
        assert sorted(ids(who.events(query))) == ["1", "2"]
        assert sorted(ids(who.events(query + "&orderBy=recordTime"))) == ["1", "2"]

    def test_a_pattern_finds_no_strangers_public_events(self, offices: Offices) -> None:
        who = partner(offices)
        base = offices.world.base
        batch = base.issue(2, gtin=GREEN_TEA, active=True)
        other = partner(offices, 2)
        label = OURS.format(gtin=batch.gtin, serial=f"{batch.number:08d}00000000")
        assert len(other.events(f"MATCH_epc={quote(label, safe='')}")) == 1
        assert other.events("MATCH_epc=urn:epc:idpat:sgtin:*.*.*") == []
        assert len(who.events("MATCH_epc=urn:epc:idpat:sgtin:*.*.*")) == 1

    def test_a_token_without_the_scope(self, offices: Offices) -> None:
        made = partner(offices, 1, Scope.READ, Scope.PRODUCTS)
        for method, path in (("GET", "/events"), ("POST", "/capture"), ("POST", "/events"), ("GET", "/capture/x")):
            answer = made.send(method, path)
            assert (answer.status_code, answer.json["type"]) == (403, "epcisException:SecurityException")

    @pytest.mark.parametrize("secret", ["", "x", "Ω"])
    def test_no_token(self, offices: Offices, secret: str) -> None:
        answer = Partner(partner(offices).client, secret).get("/events")
        assert (answer.status_code, answer.json["type"]) == (401, "epcisException:SecurityException")
        assert answer.headers["WWW-Authenticate"]


class TestHeaders:
    def test_of_every_answer(self, offices: Offices) -> None:
        who = partner(offices)
        for answer in (who.get("/events"), who.get("/events?x"), Partner(who.client, "").get("/events")):
            for name in ("GS1-EPCIS-Version", "GS1-EPCIS-Min", "GS1-EPCIS-Max", "GS1-CBV-Version"):
                assert answer.headers[name] == VERSION
            assert "GS1-Vendor-Version" in answer.headers

    @pytest.mark.parametrize(
        "headers",
        [
            {"GS1-EPCIS-Version": "1.2"},
            {"GS1-EPCIS-Min": "2.0.1"},
            {"GS1-EPCIS-Max": "1.2.0"},
            {"GS1-CBV-Version": "new"},
            {"GS1-EPC-Format": "Roman"},
            {"GS1-CBV-XML-Format": "Roman"},
            {"Accept": "application/xml"},
            {"Accept": "text/html"},
        ],
        ids=str,
    )
    def test_what_cannot_be_had(self, offices: Offices, headers: dict[str, str]) -> None:
        answer = partner(offices).get("/events", **headers)
        assert (answer.status_code, answer.json["type"]) == (406, "epcisException:NotAcceptableException")

    @pytest.mark.parametrize(
        "headers",
        [
            {"GS1-EPCIS-Version": "2.0", "GS1-EPCIS-Min": "1.0", "GS1-EPCIS-Max": "2.1", "GS1-CBV-Version": "2.0.0"},
            {"Accept": "application/ld+json"},
            {"Accept": "*/*"},
            {"GS1-Extensions": "tea=https://example.com/tea/, x=urn:x:"},
        ],
        ids=str,
    )
    def test_what_can(self, offices: Offices, headers: dict[str, str]) -> None:
        answer = partner(offices).get("/events", **headers)
        assert answer.status_code == 200
        assert answer.content_type == headers.get("Accept", "application/json").replace("*/*", "application/json")

    def test_identifiers_and_words_as_they_are_wanted(self, offices: Offices) -> None:
        who = partner(offices)
        base = offices.world.base
        base.claim("prefix", "6901234")
        batch = base.issue(1, gtin=GREEN_TEA, active=True)
        serial = f"{batch.number:08d}00000000"
        (event,) = results(
            who.get("/events", **{"GS1-EPC-Format": "Always_EPC_URN", "GS1-CBV-XML-Format": "Always_URN"})
        )
        digits = str(batch.gtin)
        assert event["epcList"] == [f"urn:epc:id:sgtin:6901234.{digits[0]}{digits[8:13]}.{serial}"]
        assert event["bizStep"] == "urn:epcglobal:cbv:bizstep:commissioning"

    def test_xml_is_not_understood(self, offices: Offices) -> None:
        who = partner(offices)
        for path in ("/capture", "/events"):
            answer = who.post(path, b"<x/>", **{"Content-Type": "application/xml"})
            assert (answer.status_code, answer.json["type"]) == (415, "epcisException:UnsupportedMediaTypeException")
            assert "XML" in answer.json["detail"]

    def test_options_and_other_methods(self, offices: Offices) -> None:
        who = partner(offices)
        answer = Partner(who.client, "").send("OPTIONS", "/events")
        assert (answer.status_code, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")
        assert who.send("DELETE", "/events").status_code == 405
        head = who.send("HEAD", "/events")
        assert (head.status_code, head.data) == (200, b"")


class TestResources:
    @pytest.fixture
    def who(self, offices: Offices) -> Partner:
        """Of whom three events are known."""
        who = partner(offices)
        places = {"readPoint": {"id": "https://id.gs1.org/414/9521141000014"}, "bizLocation": {"id": "urn:x:shop:1"}}
        events = [
            stated(1, CASE, bizStep="shipping", disposition="in_transit", **places),
            stated(2, bizStep="https://steps.example/a,b", bizLocation={"id": "https://id.gs1.org/414/9521141000014"}),
            stated(3, kind="AggregationEvent", parentID=CASE, childEPCs=["urn:x:1"], epcList=None),
        ]
        assert who.capture(document_of(events))["success"]
        return who

    def test_lists(self, who: Partner) -> None:
        for resource, member in (
            ("bizSteps", ["https://steps.example/a,b", "shipping"]),
            ("dispositions", ["in_transit"]),
            ("readPoints", ["https://id.gs1.org/414/9521141000014"]),
            ("bizLocations", ["https://id.gs1.org/414/9521141000014", "urn:x:shop:1"]),
        ):
            assert who.get(f"/{resource}").json["member"] == member
            found, path = [], f"/{resource}?perPage=1"
            while path:
                answer = who.get(path)
                found += answer.json["member"]
                path = following(answer)
            assert found == member

    def test_types(self, who: Partner) -> None:
        told = who.get("/eventTypes").json
        assert (told["type"], len(told["member"])) == ("Collection", 5)
        assert who.get("/eventTypes/ObjectEvent").json["member"] == ["events"]
        assert who.get("/eventTypes/PartyEvent").json["type"] == "epcisException:NoSuchResourceException"

    def test_things_are_not_listed(self, who: Partner) -> None:
        answer = who.get("/epcs")
        assert (answer.status_code, answer.json["type"]) == (501, "epcisException:NotImplementedException")

    def test_events(self, who: Partner) -> None:
        for path, found in (
            ("eventTypes/AggregationEvent", ["3"]),
            ("bizSteps/shipping", ["1"]),
            ("bizSteps/https%3A%2F%2Fref.gs1.org%2Fcbv%2FBizStep-shipping", ["1"]),
            ("bizSteps/https%3A%2F%2Fsteps.example%2Fa%2Cb", ["2"]),
            ("bizSteps/packing", []),
            ("dispositions/in_transit", ["1"]),
            ("readPoints/urn:epc:id:sgln:9521141.00001.0", ["1"]),
            ("bizLocations/urn:x:shop:1", ["1"]),
            (f"epcs/{quote(CASE, safe='')}", ["1", "3"]),
            (f"epcs/{CASE}", ["1", "3"]),
            ("epcs/urn:x:1", ["3"]),
            ("epcs/urn:epc:class:lgtin:9521141.012345.L1", []),
        ):
            answer = who.get(f"/{path}/events?orderBy=recordTime&orderDirection=ASC")
            assert answer.status_code == 200, answer.text
            assert ids(results(answer)) == found, path
            assert who.get(f"/{path}").json["member"] == ["events"]

    def test_values_that_are_none(self, who: Partner) -> None:
        for path in ("bizSteps/sniffing", "epcs/x", "epcs/", "readPoints/%zz", "bizLocations/a%20b", "epcs/%FF"):
            for end in ("", "/events"):
                assert who.get(f"/{path}{end}").status_code == 400, path + end

    def test_a_condition_twice(self, who: Partner) -> None:
        assert who.get("/bizSteps/shipping/events?EQ_bizStep=packing").status_code == 400
        assert ids(results(who.get("/bizSteps/shipping/events?EQ_disposition=in_transit"))) == ["1"]

    def test_values_of_others(self, offices: Offices, who: Partner) -> None:
        other, base = partner(offices, 2), offices.world.base
        assert other.get("/bizSteps").json["member"] == []
        arranging.name_partner(base.desk, enterprise_id(base), enterprise_id(base, 2))
        assert other.get("/bizSteps").json["member"] == ["https://steps.example/a,b", "shipping"]
        arranging.set_audience(base.desk, enterprise_id(base), "", Audience.REGULATORS)
        assert who.capture(document_of([stated(9, bizStep="destroying")]))["success"]
        assert "destroying" in who.get("/bizSteps").json["member"]
        assert "destroying" not in other.get("/bizSteps").json["member"]


class TestNamedQueries:
    def test_from_first_to_last(self, offices: Offices) -> None:
        who, other = partner(offices), partner(offices, 2)
        who.capture(document_of([stated(1, bizStep="shipping"), stated(2, bizStep="packing"), stated(3)]))
        asked = {"name": "shipped", "query": {"EQ_bizStep": ["shipping"], "orderDirection": "ASC"}}
        made = who.post("/queries", asked)
        assert (made.status_code, made.json) == (201, asked)
        assert made.headers["Location"].endswith("/queries/shipped")
        assert who.get("/queries").json == [asked]
        assert who.get("/queries/shipped").json == asked
        answer = who.get("/queries/shipped/events?perPage=5")
        assert ids(results(answer)) == ["1"]
        assert answer.json["epcisBody"]["queryResults"]["queryName"] == "shipped"
        again = who.post("/queries", asked)
        assert (again.status_code, again.json["type"]) == (409, "epcisException:ResourceAlreadyExistsException")
        for path in ("/queries/shipped", "/queries/shipped/events", "/queries/shipped/subscriptions"):
            assert other.get(path).json["type"] == "epcisException:NoSuchResourceException"
        assert other.send("DELETE", "/queries/shipped").status_code == 404
        assert (other.get("/queries").json, other.post("/queries", asked).status_code) == ([], 201)
        assert who.send("DELETE", "/queries/shipped").status_code == 204
        assert who.get("/queries/shipped/events").status_code == 404
        assert who.post("/queries", asked).status_code == 201

    def test_pages(self, offices: Offices) -> None:
        who = partner(offices)
        who.capture(document_of([stated(number) for number in range(5)]))
        for name in ("a", "b", "c"):
            assert who.post("/queries", {"name": name, "query": {}}).status_code == 201
        found, path = [], "/queries/b/events?perPage=2"
        while path:
            answer = who.get(path)
            found += ids(results(answer))
            path = following(answer)
        assert sorted(found) == ["0", "1", "2", "3", "4"]
        names, path = [], "/queries?perPage=2"
        while path:
            answer = who.get(path)
            names += [one["name"] for one in answer.json]
            path = following(answer)
        assert names == ["a", "b", "c"]

    def test_what_is_refused(self, offices: Offices) -> None:
        who = partner(offices)
        for body, kind in (
            ({"name": "a", "query": {"EQ_bizStep": "shipping"}}, "QueryParameterException"),
            ({"name": "a", "query": {"nothing": 1}}, "QueryParameterException"),
            ({"name": "a/b", "query": {}}, "ValidationException"),
            ({"name": "", "query": {}}, "ValidationException"),
            ({"name": "SimpleEventQuery", "query": {}}, "ValidationException"),
            ({"name": "a"}, "ValidationException"),
            ({"name": "a", "query": []}, "ValidationException"),
            ({"name": "a", "query": {}, "more": 1}, "ValidationException"),
            ([], "ValidationException"),
        ):
            answer = who.post("/queries", body)
            assert (answer.status_code, answer.json["type"]) == (400, f"epcisException:{kind}"), body
        assert who.get("/queries/a/events?EQ_bizStep=shipping").status_code == 404
        assert who.post("/queries", {"name": "a", "query": {}}).status_code == 201
        assert who.get("/queries/a/events?EQ_bizStep=shipping").status_code == 400


class TestSubscriptions:
    def subscribed(self, who: Partner, **controls: Any) -> Any:
        who.post("/queries", {"name": "shipped", "query": {"EQ_bizStep": ["shipping"]}})
        told = {name: value for name, value in {**CONTROLS, **controls}.items() if value is not None}
        return who.post("/queries/shipped/subscriptions", told)

    def test_from_first_to_last(self, offices: Offices) -> None:
        who, other = partner(offices), partner(offices, 2)
        schedule = {"minute": "0,30", "hour": "[8-18]"}
        made = self.subscribed(who, stream=None, schedule=schedule, initialRecordTime="2026-11-01T00:00:00Z")
        assert made.status_code == 201, made.text
        assert made.json["signatureToken"].startswith("whsec_")
        told = {name: value for name, value in made.json.items() if name != "signatureToken"}
        assert (told["schedule"], told["initialRecordTime"]) == (schedule, "2026-11-01T00:00:00.000Z")
        path = made.headers["Location"].partition(PREFIX)[2]
        assert who.get(path).json == told
        assert who.get("/queries/shipped/subscriptions").json == [told]
        assert self.subscribed(who).status_code == 201
        assert other.get(path).status_code == other.send("DELETE", path).status_code == 404
        assert who.send("DELETE", path).status_code == 204
        assert who.get(path).status_code == who.send("DELETE", path).status_code == 404
        assert who.send("DELETE", "/queries/shipped").status_code == 204
        assert offices.world.base.rows("SELECT id FROM subscription WHERE state = 'active'") == []

    def test_what_is_refused(self, offices: Offices) -> None:
        who = partner(offices)
        for controls in (
            {"dest": None},
            {"dest": 1},
            {"stream": False},
            {"stream": None},
            {"stream": "yes"},
            {"schedule": {"minute": "0"}},
            {"stream": None, "schedule": {}},
            {"stream": None, "schedule": {"minute": "60"}},
            {"stream": None, "schedule": {"minute": "[5-3]"}},
            {"stream": None, "schedule": {"dayOfMonth": "30", "month": "2"}},
            {"stream": None, "schedule": {"fortnight": "1"}},
            {"initialRecordTime": "yesterday"},
            {"signatureToken": "mine"},
            {"reportIfEmpty": 1},
        ):
            answer = self.subscribed(who, **controls)
            kind = "epcisException:SubscriptionControlsException"
            assert (answer.status_code, answer.json["type"]) == (400, kind), controls
        for dest in ("http://partner.example/", "https://10.0.0.1/", "x"):
            assert self.subscribed(who, dest=dest).status_code == 400
        assert who.post("/queries/other/subscriptions", CONTROLS).status_code == 404

    def test_no_websocket(self, offices: Offices) -> None:
        who = partner(offices)
        for path in ("/queries/a/events", "/queries/a/subscriptions"):
            answer = who.get(path, Upgrade="websocket", Connection="Upgrade")
            assert (answer.status_code, answer.json["type"]) == (501, "epcisException:NotImplementedException")

    def gathered(self, offices: Offices) -> list[Any]:
        """What is put out in one round, as it is sent."""
        base = offices.world.base
        before = {row["id"] for row in base.rows("SELECT id FROM notification")}
        Questions(base.database, base.clock, base.desk.timezone).ask()
        rows = base.rows("SELECT n.id, n.payload FROM notification n JOIN delivery d ON d.notification_id = n.id")
        return [json.loads(row["payload"]) for row in rows if row["id"] not in before]

    def test_a_stream_tells_what_is_new(self, offices: Offices) -> None:
        who = partner(offices)
        who.capture(document_of([stated(1, bizStep="shipping")]))
        made = self.subscribed(who)
        assert self.gathered(offices) == []
        late = [stated(2, bizStep="shipping", at="2020-01-01T00:00:00.000Z"), stated(3, bizStep="packing")]
        who.capture(document_of(late))
        (message,) = self.gathered(offices)
        told = message["epcisBody"]["queryResults"]
        assert (told["queryName"], told["subscriptionID"]) == ("shipped", made.json["subscriptionID"])
        assert ids(told["resultsBody"]["eventList"]) == ["2"]
        assert self.gathered(offices) == []

    def test_from_an_instant_on_and_in_messages_of_some(
        self, offices: Offices, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("traceqr.delivering.questions.EVENTS", 2)
        who = partner(offices)
        who.capture(document_of([stated(number, bizStep="shipping") for number in range(5)]))
        self.subscribed(who, initialRecordTime="2026-11-01T00:00:00Z")
        told = [message["epcisBody"]["queryResults"]["resultsBody"]["eventList"] for _ in range(4)
                for message in self.gathered(offices)]  # fmt: skip
        assert [ids(events) for events in told] == [["0", "1"], ["2", "3"], ["4"]]

    def test_by_a_schedule(self, offices: Offices) -> None:
        who = partner(offices)
        self.subscribed(who, stream=None, schedule={"minute": "30", "second": "0"}, reportIfEmpty=True)
        who.capture(document_of([stated(1, bizStep="shipping")]))
        assert self.gathered(offices) == []
        found = []
        for _ in range(3):
            offices.world.time.pass_ms(60 * 60_000)
            found += [
                ids(message["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
                for message in self.gathered(offices)
            ]
        assert found == [["1"], [], []]
