"""Named queries of EPCIS 2.0 (section 12.8), and subscriptions to them by webhook."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, request

from traceqr.access import Right
from traceqr.epcis import strict
from traceqr.epcis.given import instant_of
from traceqr.epcis.problem import ExceptionType, refused
from traceqr.instant import InvalidDate, to_iso
from traceqr.office.events import EventOffice
from traceqr.office.queries import Controls, Listener, NamedQuery, NameTaken, QueryOffice
from traceqr.web import epcis_api, epcis_exchange, epcis_pages
from traceqr.web.epcis_api import address, json_answer, paging, route
from traceqr.web.epcis_exchange import Exchange
from traceqr.web.epcis_problem import Refusal, not_implemented

blueprint = epcis_api.blueprint
"""The same one: these are paths of the same interface."""

MAX_BODY = 64 * 1024

_CONTROLS = ("dest", "schedule", "stream", "reportIfEmpty", "initialRecordTime")


def _no_websocket(*_: object, **_path: str) -> Response:
    raise not_implemented("subscriptions are told by webhook, not by websocket: post one with a dest")


def _queries(office: EventOffice) -> QueryOffice:
    return QueryOffice(office.house, office.identity)


# --- queries


def _list(office: EventOffice, exchange: Exchange) -> Response:
    return _paged(office, exchange, [_shown(each) for each in _queries(office).queries()])


def _define(office: EventOffice, exchange: Exchange) -> Response:
    body = _body(("name", "query"), ExceptionType.VALIDATION)
    name, query = body.get("name"), body.get("query")
    if not isinstance(name, str) or not isinstance(query, dict):
        raise refused(ExceptionType.VALIDATION, "expected a name and the parameters of a query, got others", "/query")
    try:
        made = _queries(office).define(name, query)
    except NameTaken as error:
        raise Refusal(409, "ResourceAlreadyExistsException", str(error)) from error
    response = json_answer(exchange, _shown(made), 201)
    response.headers["Location"] = address("queries", made.name)
    return response


def _one(office: EventOffice, exchange: Exchange, name: str) -> Response:
    return json_answer(exchange, _shown(_queries(office).query(name)))


def _drop(office: EventOffice, exchange: Exchange, name: str) -> Response:  # noqa: ARG001 - as all runs are called
    _queries(office).drop(name)
    return Response(status=204)


def _events(office: EventOffice, exchange: Exchange, name: str) -> Response:
    query = _queries(office).asked(name)
    per_page, token = paging()  # nothing else may stand beside a query that has a name
    return epcis_api.found(office, exchange, replace(query, per_page=per_page, page_token=token), name)


def _shown(query: NamedQuery) -> dict[str, Any]:
    return {"name": query.name, "query": json.loads(query.query)}


# --- subscriptions


def _subscriptions(office: EventOffice, exchange: Exchange, name: str) -> Response:
    return _paged(office, exchange, [_told(each) for each in _queries(office).listeners(name)])


def _subscribe(office: EventOffice, exchange: Exchange, name: str) -> Response:
    queries = _queries(office)
    made = queries.subscribe(name, _controls(_body(_CONTROLS, ExceptionType.SUBSCRIPTION_CONTROLS)))
    listener = queries.listener(name, made.subscription.id)
    response = json_answer(exchange, {**_told(listener), "signatureToken": made.secret}, 201)
    response.headers["Location"] = address("queries", name, "subscriptions", made.subscription.id)
    return response


def _subscription(office: EventOffice, exchange: Exchange, name: str, subscription_id: str) -> Response:
    return json_answer(exchange, _told(_queries(office).listener(name, subscription_id)))


def _unsubscribe(
    office: EventOffice,
    exchange: Exchange,  # noqa: ARG001 - as all runs are called
    name: str,
    subscription_id: str,
) -> Response:
    _queries(office).unsubscribe(name, subscription_id)
    return Response(status=204)


def _told(listener: Listener) -> dict[str, Any]:
    controls = listener.controls
    told = {
        "subscriptionID": listener.subscription.id,
        "dest": listener.subscription.address,
        "createdAt": to_iso(listener.subscription.since_ms),
        "stream": controls.schedule == "",
        "reportIfEmpty": controls.report_if_empty,
    }
    if controls.schedule:
        told["schedule"] = json.loads(controls.schedule)
    if controls.initial_ms is not None:
        told["initialRecordTime"] = to_iso(controls.initial_ms)
    return told


def _controls(body: dict[str, Any]) -> Controls:
    """What a body says of how a query is subscribed to. Raises `Refused`."""
    dest, stream, report = body.get("dest"), body.get("stream", False), body.get("reportIfEmpty", False)
    if not isinstance(dest, str):
        raise _wrong("dest", "the address of a webhook")
    for name, value in (("stream", stream), ("reportIfEmpty", report)):
        if not isinstance(value, bool):
            raise _wrong(name, "true or false")
    if stream == ("schedule" in body):
        raise _wrong("schedule", "a schedule, or stream as true, and not both")
    return Controls(dest, body.get("schedule") if not stream else None, report, _initial(body))


def _initial(body: dict[str, Any]) -> int | None:
    given = body.get("initialRecordTime")
    if given is None:
        return None
    try:
        return instant_of(given if isinstance(given, str) else "")
    except InvalidDate as error:
        raise _wrong("initialRecordTime", "an instant with its offset") from error


def _wrong(name: str, expected: str) -> Exception:
    return refused(ExceptionType.SUBSCRIPTION_CONTROLS, f"{name}: expected {expected}, got another", f"/{name}")


# --- both


def _body(names: Sequence[str], exception: ExceptionType) -> dict[str, Any]:
    """A small object with some of these members."""
    epcis_exchange.require_json(request)
    request.max_content_length = MAX_BODY
    body = strict.parse(request.get_data(cache=False), MAX_BODY)
    if not isinstance(body, dict):
        raise refused(ExceptionType.VALIDATION, "expected an object, got another value")
    if strange := sorted(body.keys() - set(names)):
        raise refused(exception, f"expected members of {', '.join(names)}, got {strange[0][:80]!r}")
    return body


def _paged(office: EventOffice, exchange: Exchange, found: Sequence[dict[str, Any]]) -> Response:
    per_page, token = paging()
    start = epcis_pages.unseal(office, token) if token else 0
    response = json_answer(exchange, list(found[start : start + per_page]))
    return epcis_pages.tell_next(response, office, start + per_page if len(found) > start + per_page else None)


_NAME = "/queries/<name>"
route("/queries", "queries", Right.SEE_EVENTS, GET=_list, POST=_define)
route(_NAME, "query", Right.SEE_EVENTS, GET=_one, DELETE=_drop)
route(f"{_NAME}/events", "query_events", Right.SEE_EVENTS, GET=_events)
route(f"{_NAME}/subscriptions", "query_subscriptions", Right.SEE_EVENTS, GET=_subscriptions, POST=_subscribe)
route(
    f"{_NAME}/subscriptions/<subscription_id>",
    "query_subscription",
    Right.SEE_EVENTS,
    GET=_subscription,
    DELETE=_unsubscribe,
)
blueprint.add_url_rule(
    "/<anything:path>",
    "websocket",
    epcis_api.view(Right.SEE_EVENTS, GET=_no_websocket),
    methods=["GET"],
    provide_automatic_options=False,
    websocket=True,
)
