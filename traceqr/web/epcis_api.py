"""The interface of EPCIS 2.0 (section 12): `/epcis/v2`, by tokens with the scope `events`. Served with the consoles.

As with `/api/v1` no cookie is looked at and none is set. docs/epcis.md says what is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from traceqr.access import Right
from traceqr.epcis import writing
from traceqr.epcis.problem import ExceptionType, refused
from traceqr.epcis.query import EventQuery, from_query_string
from traceqr.errors import TraceqrError
from traceqr.instant import to_iso
from traceqr.office.events import LIMITS, PROCEED, ROLLBACK, CaptureJob, EventOffice, Mark
from traceqr.web import enterprise_api, epcis_exchange, epcis_pages, epcis_problem, faults
from traceqr.web.answering import dumps
from traceqr.web.door import door
from traceqr.web.epcis_exchange import Exchange
from traceqr.web.epcis_problem import Refusal
from traceqr.web.site import site
from traceqr.web.target import raw_target

PREFIX = "/epcis/v2"
PER_PAGE, MAX_PER_PAGE = 30, 1_000

Run = Callable[..., Response]

SERVED: list[tuple[str, str, tuple[str, ...]]] = []
"""What is served: paths, names and methods, as the document of the interface tells them."""

blueprint = Blueprint("epcis_api", __name__, url_prefix=PREFIX)

_BEHAVIOUR = "GS1-EPCIS-Capture-Error-Behaviour"
_ESCAPED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")


def view(right: Right, **runs: Run) -> Callable[..., Response]:
    """A view that runs what stands for the method of a request, for programs whose token has the right."""
    methods = ", ".join(sorted({*runs, "OPTIONS", *(["HEAD"] if "GET" in runs else [])}))

    def answered(**path: str) -> Response:
        if request.method == "OPTIONS":
            return _headed(Response(status=204, headers={"Allow": methods}))
        request.max_content_length = LIMITS.max_bytes
        try:
            run = runs["GET" if request.method == "HEAD" else request.method]
            return _headed(run(_office(right), Exchange.of(request), **path))
        except RequestEntityTooLarge:
            faults.drain(request.environ)
            message = f"expected at most {LIMITS.max_bytes:,} bytes, got more"
            return _headed(epcis_problem.answer(refused(ExceptionType.CAPTURE_LIMIT, message)))
        except enterprise_api.Refusal as error:
            return _headed(_unauthorised(error))
        except TraceqrError as error:
            response = epcis_problem.answer(error)
            enterprise_api.note(response.status_code)
            return _headed(response)

    return answered


def route(path: str, name: str, right: Right, **runs: Run) -> None:
    """Serve what stands for each method of a path."""
    SERVED.append((path, name, tuple(runs)))
    methods = [*runs, "OPTIONS"]
    blueprint.add_url_rule(path, name, view(right, **runs), methods=methods, provide_automatic_options=False)


def _office(right: Right) -> EventOffice:
    identity = g.identity = enterprise_api.holder()
    if not identity.may(right):
        raise Refusal(403, "SecurityException", "expected a token with the scope events")
    office = EventOffice(door().house, identity)
    office.take(writing=request.method not in ("GET", "HEAD"))
    return office


def _unauthorised(error: enterprise_api.Refusal) -> Response:
    response = epcis_problem.answer(Refusal(error.status, "SecurityException", str(error)))
    response.headers["WWW-Authenticate"] = 'Bearer realm="traceqr"'
    enterprise_api.note(error.status)
    return response


def _headed(response: Response) -> Response:
    response = epcis_exchange.head(response)
    is_capture = request.path.startswith((f"{PREFIX}/capture", f"{PREFIX}/events"))
    return epcis_exchange.limits(response) if is_capture or request.method == "OPTIONS" else response


def json_answer(exchange: Exchange, body: Any, status: int = 200) -> Response:
    """An answer in the media type that is wanted."""
    return Response(dumps(body), status, content_type=exchange.media_type)


def raw_query() -> str:
    """What follows the question mark, as it came."""
    return raw_target(request.environ).partition("?")[2]


def address(*parts: str) -> str:
    """The address of a resource, with each part escaped."""
    return "/".join((f"{site().origin}{PREFIX}", *(quote(part, safe="") for part in parts)))


# --- capture


def _capture(office: EventOffice, exchange: Exchange) -> Response:
    epcis_exchange.require_json(request)
    behaviour = request.headers.get(_BEHAVIOUR, ROLLBACK)
    if behaviour not in (ROLLBACK, PROCEED):
        raise Refusal(400, "ValidationException", f"{_BEHAVIOUR}: expected {ROLLBACK} or {PROCEED}, got another")
    job = office.capture(request.get_data(cache=False), behaviour, exchange.namespaces)
    response = Response(status=202, headers={"Location": address("capture", job.id)})
    response.headers[_BEHAVIOUR] = behaviour
    return response


def _jobs(office: EventOffice, exchange: Exchange) -> Response:
    per_page, token = paging()
    before = tuple(epcis_pages.unseal(office, token)) if token else None
    found = office.jobs(before, per_page + 1)
    held = found[:per_page]
    response = Response(f"[{','.join(_job(job) for job in held)}]", content_type=exchange.media_type)
    more = [held[-1].created_ms, held[-1].id] if len(found) > per_page else None
    return epcis_pages.tell_next(response, office, more)


def _one_job(office: EventOffice, exchange: Exchange, job_id: str) -> Response:
    return Response(_job(office.job(job_id)), content_type=exchange.media_type)


def _job(job: CaptureJob) -> str:
    told = {
        "captureID": job.id,
        "createdAt": to_iso(job.created_ms),
        "finishedAt": to_iso(job.finished_ms),
        "running": False,
        "success": job.success,
        "captureErrorBehaviour": job.behaviour,
    }
    return f'{dumps(told).strip()[:-1]},"errors":{job.errors}}}'


def paging() -> tuple[int, str]:
    """The parameters of a list that has no others: how many, and the token. Raises `Refused`."""
    query = from_query_string(raw_query())
    if EventQuery(per_page=query.per_page, page_token=query.page_token) != query:
        raise refused(ExceptionType.QUERY_PARAMETER, "expected perPage and nextPageToken alone, got others")
    return query.per_page or PER_PAGE, query.page_token


# --- events


def _state(office: EventOffice, exchange: Exchange) -> Response:
    epcis_exchange.require_json(request)
    event_id = office.state(request.get_data(cache=False), exchange.namespaces)
    return Response(status=201, headers={"Location": address("events", event_id)})


def _events(office: EventOffice, exchange: Exchange) -> Response:
    return found(office, exchange, from_query_string(raw_query(), exchange.namespaces))


def found(office: EventOffice, exchange: Exchange, query: EventQuery, query_name: str = "SimpleEventQuery") -> Response:
    """A page of what a query finds, as an EPCISQueryDocument that is made while it is sent."""
    mark = _read_mark(epcis_pages.unseal(office, query.page_token)) if query.page_token else None
    page = office.search(query, mark)
    text = writing.query_document(page.events, site().clock(), exchange.form(office), query_name=query_name)
    response = Response((chunk.encode() for chunk in text), content_type=exchange.media_type)
    response.headers["GS1-EPC-Format"] = str(exchange.epcs)
    response.headers["GS1-CBV-XML-Format"] = str(exchange.words)
    following = page.next
    value = [following.key, following.last_number, following.last_position, following.left] if following else None
    return epcis_pages.tell_next(response, office, value)


def _read_mark(value: Any) -> Mark:
    key, last_number, last_position, left = value
    return Mark(tuple(key) if key else None, last_number, last_position, left)


def _one_event(office: EventOffice, exchange: Exchange, **_: str) -> Response:
    told = office.event(segments("events")[0])
    text = writing.event_text(told, exchange.form(office))
    return Response((chunk.encode() for chunk in text), content_type=exchange.media_type)


def segments(resource: str) -> list[str]:
    """What follows the name of a resource in the path, taken apart and then decoded: an identifier may hold slashes.
    One whose slashes were not escaped is put together again; `events` at the end stands for itself.
    """
    path = raw_target(request.environ).partition("?")[0]
    parts = path.removeprefix(f"{PREFIX}/{resource}/").split("/")
    tail = [parts.pop()] if len(parts) > 1 and parts[-1] == "events" else []
    return [_decoded("/".join(parts)), *tail]


def _decoded(text: str) -> str:
    try:
        if _ESCAPED.fullmatch(text):
            return unquote(text, errors="strict")
    except UnicodeDecodeError:
        pass
    raise refused(ExceptionType.VALIDATION, "expected a path of percent-encoded UTF-8, got another")


route("/capture", "captures", Right.STATE_EVENTS, GET=_jobs, POST=_capture)
route("/capture/<job_id>", "capture", Right.STATE_EVENTS, GET=_one_job)
route("/events", "events", Right.SEE_EVENTS, GET=_events, POST=_state)
route("/events/<anything:event_id>", "event", Right.SEE_EVENTS, GET=_one_event)
