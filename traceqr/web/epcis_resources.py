"""The resources of EPCIS 2.0 by which events are looked up (section 12.7): types of events, things, steps, places and
dispositions, each with its events.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask import Response

from traceqr.access import Right
from traceqr.epcis import members, vocabulary
from traceqr.epcis.context import OFFICIAL
from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.problem import ExceptionType, refused
from traceqr.epcis.query import from_query_string
from traceqr.epcis.spelling import read_place, read_thing, write_place
from traceqr.epcis.writing import Form
from traceqr.office.events import EventOffice
from traceqr.office.house import Absent
from traceqr.web import epcis_api, epcis_pages
from traceqr.web.epcis_api import json_answer, paging, raw_query, route, segments
from traceqr.web.epcis_exchange import Exchange
from traceqr.web.epcis_problem import not_implemented

blueprint = epcis_api.blueprint
"""The same one: these are paths of the same interface."""

EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: its name in paths, the parameter by which its events are asked for, and what its values are."""

    name: str
    parameter: Callable[[str], str]
    """From a value to the parameter of a query."""
    listed: Callable[[EventOffice, Form], Sequence[str]]


def _word(parameter: str, words: vocabulary.Vocabulary) -> Callable[[str], str]:
    def of(value: str) -> str:
        words.read(value)
        return parameter

    return of


def _place(parameter: str) -> Callable[[str], str]:
    def of(value: str) -> str:
        read_place(value)
        return parameter

    return of


def _thing(value: str) -> str:
    thing, _ = read_thing(value)
    return "MATCH_anyEPCClass" if thing.kind.is_class else "MATCH_anyEPC"


def _type(value: str) -> str:
    if value not in members.TYPES:
        raise Absent("expected one of the standard's types of events, got another")
    return "eventType"


def _types(_office: EventOffice, _form: Form) -> Sequence[str]:
    return sorted(members.TYPES)


def _things(_office: EventOffice, _form: Form) -> Sequence[str]:
    raise not_implemented(
        "things are not listed, since each label is one: ask for the events of a thing by its address"
    )


def _words(column: str, words: vocabulary.Vocabulary) -> Callable[[EventOffice, Form], Sequence[str]]:
    return lambda office, form: [words.write(each, form.words) for each in office.values(column)]


def _places(column: str) -> Callable[[EventOffice, Form], Sequence[str]]:
    return lambda office, form: [write_place(each, "", form.epcs, form.prefix_length) for each in office.values(column)]


RESOURCES = (
    Resource("eventTypes", _type, _types),
    Resource("epcs", _thing, _things),
    Resource("bizSteps", _word("EQ_bizStep", vocabulary.STEPS), _words("step", vocabulary.STEPS)),
    Resource("bizLocations", _place("EQ_bizLocation"), _places("location")),
    Resource("readPoints", _place("EQ_readPoint"), _places("read_point")),
    Resource(
        "dispositions",
        _word("EQ_disposition", vocabulary.DISPOSITIONS),
        _words("disposition", vocabulary.DISPOSITIONS),
    ),
)


def _list(resource: Resource) -> epcis_api.Run:
    def run(office: EventOffice, exchange: Exchange) -> Response:
        per_page, token = paging()
        start = epcis_pages.unseal(office, token) if token else 0
        found = resource.listed(office, exchange.form(office))
        response = _collection(exchange, found[start : start + per_page])
        return epcis_pages.tell_next(response, office, start + per_page if len(found) > start + per_page else None)

    return run


def _one(resource: Resource) -> epcis_api.Run:
    def run(office: EventOffice, exchange: Exchange, **_: str) -> Response:
        value, *rest = segments(resource.name)
        parameter = _parameter(resource, value)
        if not rest:
            paging()
            return _collection(exchange, [EVENTS])
        query = f"{raw_query()}&{parameter}={quote(value, safe='')}"
        return epcis_api.found(office, exchange, from_query_string(query, exchange.namespaces))

    return run


def _parameter(resource: Resource, value: str) -> str:
    try:
        return resource.parameter(value)
    except InvalidSpelling as error:
        raise refused(ExceptionType.QUERY_PARAMETER, str(error), resource.name) from error


def _collection(exchange: Exchange, found: Sequence[str]) -> Response:
    return json_answer(exchange, {"@context": [OFFICIAL], "type": "Collection", "member": list(found)})


for _resource in RESOURCES:
    route(f"/{_resource.name}", _resource.name, Right.SEE_EVENTS, GET=_list(_resource))
    route(f"/{_resource.name}/<anything:value>", f"{_resource.name}_of", Right.SEE_EVENTS, GET=_one(_resource))
