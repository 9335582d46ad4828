"""The interface for an enterprise's own programs: `/api/v1`, by tokens. Served with the consoles.

No cookie is looked at and none is set, so no other site can send anything in somebody's name, and none may read the
answers (there is no CORS).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, Response, g, request

from traceqr.access import Identity
from traceqr.acting import ActRefused, RegistryBehind, Unmarked
from traceqr.authenticating import SlowDown
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.office.house import Absent, Denied
from traceqr.office.trade import READING, WRITING, Exists, KeyReused, Outdated, TradeOffice
from traceqr.web import schema
from traceqr.web.answering import RETRY_SECONDS, dumps
from traceqr.web.api_routes import ROUTES
from traceqr.web.door import door
from traceqr.web.problem import problem
from traceqr.web.route import Body, Call, Route
from traceqr.web.watch import note_seldom

PREFIX = "/api/v1"
MAX_KEY = 64
PAGE, MAX_PAGE = 50, 100

blueprint = Blueprint("enterprise_api", __name__, url_prefix=PREFIX)

_KEY = re.compile("[!-~]{1,64}")
_BEARER = re.compile("[Bb]earer +([!-~]{1,200})")
_VERSION = re.compile('"([1-9][0-9]{0,8})"')
_PATHS = {
    "gtin": re.compile("[0-9]{14}"),
    "number": re.compile("[1-9][0-9]{0,9}"),
    "id": re.compile("[A-Za-z0-9_-]{1,64}"),
}


class Refusal(TraceqrError):
    """A request that is not done, with the answer to it."""

    def __init__(self, status: int, reason: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.reason = reason
        self.more = more


def _view(route: Route) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        request.max_content_length = route.max_body
        try:
            return _answered(route, path)
        except TraceqrError as error:
            answer = refusal(error, route)
            note(answer.status_code)
            return answer

    return view


def note(status: int) -> None:
    """Log refused access, by the id of the token where it is a good one."""
    holder: Identity | None = g.get("identity")
    if status == 401:
        note_seldom("token-refused", endpoint=request.endpoint or "")
    elif holder is not None and status in (403, 404):
        note_seldom("access-refused", token=holder.token or "", endpoint=request.endpoint or "", status=str(status))


for _route in ROUTES:
    blueprint.add_url_rule(
        _route.path.replace("{", "<").replace("}", ">"), _route.name, _view(_route), methods=[_route.method]
    )


def _answered(route: Route, path: Mapping[str, str]) -> Response:
    identity = g.identity = holder()
    if not identity.may(route.right):
        raise Refusal(403, "scope-missing", f"expected a token with the scope {route.scope}", scope=str(route.scope))
    office = TradeOffice(door().house, identity)
    office.take(writing=route.method != "GET")
    call = _call(route, path)
    call = replace(call, body=route.read(call.body))
    if route.keyed:
        made = office.once(
            route.right, _key(), _digest(), lambda joined: (route.status, dumps(route.run(joined, call)))
        )
        return _said(route, route.shown(json.loads(made.body)), made.status)
    return _said(route, route.shown(route.run(office, call)), route.status)


def holder() -> Identity:
    """Who a request is from, by its token. Raises `Refusal` (401)."""
    given = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    found = door().house.doorkeeper.holder(given[1]) if given else None
    if found is None:
        raise Refusal(
            401,
            "token-missing" if given is None else "token-unknown",
            "expected a token that is good, as: Authorization: Bearer TOKEN",
        )
    return found


def _call(route: Route, path: Mapping[str, str]) -> Call:
    for name, value in path.items():
        if not _PATHS[name].fullmatch(value):
            raise Absent("expected the address of something, got none of its form")
    places = {name: int(value) if name == "number" else value for name, value in path.items()}
    after, most = _query(route)
    return Call(places, _body(route), after, most, _version() if route.method == "PUT" else 0)


def _query(route: Route) -> tuple[Any, int]:
    known = {"cursor", "limit"} if route.listed else set()
    for name in request.args:
        if name not in known or len(request.args.getlist(name)) > 1:
            raise _invalid([schema.Fault(name[:40], "a parameter of this call, once", "another")])
    limit = request.args.get("limit", str(PAGE))
    if not re.fullmatch("[1-9][0-9]{0,2}", limit) or int(limit) > MAX_PAGE:
        raise _invalid([schema.Fault("limit", f"1 to {MAX_PAGE}", json.dumps(limit[:40]))])
    cursor = request.args.get("cursor")
    return (None if cursor is None else _read_cursor(cursor, route.listed)), int(limit)


def _read_cursor(cursor: str, kind: type | None) -> Any:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor[:200].encode()))
    except (ValueError, binascii.Error):
        found = None
    if not _is_key(found, kind):
        raise _invalid([schema.Fault("cursor", "a cursor that an answer gave as next", "another text")])
    return found


def _is_key(found: object, kind: type | None) -> bool:
    if kind is int:
        return type(found) is int and 0 <= found < 2**62
    return isinstance(found, str) and found.isascii() and found.isprintable()


def _cursor(key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _body(route: Route) -> Body:
    if route.body is None:
        return {}
    if request.mimetype != "application/json":
        raise Refusal(415, "not-json", "expected the content type application/json, got another")
    try:
        body = schema.parse(request.get_data())
    except ValueError as error:
        raise Refusal(400, "bad-json", "expected JSON in UTF-8 with each member once, got text that is none") from error
    if found := schema.faults(route.body, body):
        raise _invalid(found)
    assert isinstance(body, dict)  # every schema of a body is an object's
    return body


def _invalid(found: list[schema.Fault]) -> Refusal:
    return Refusal(422, "invalid", "expected other members, see faults", faults=[asdict(fault) for fault in found])


def _version() -> int:
    given = request.headers.get("If-Match")
    if given is None:
        raise Refusal(428, "version-missing", 'expected the version that was seen, as: If-Match: "1"')
    found = _VERSION.fullmatch(given)
    if found is None:
        raise Refusal(400, "version-malformed", 'expected one version, as: If-Match: "1"')
    return int(found[1])


def _key() -> str:
    given = request.headers.get("Idempotency-Key")
    if given is None:
        raise Refusal(400, "key-missing", "expected the header Idempotency-Key, new for each thing that is to be done")
    if not _KEY.fullmatch(given):
        raise Refusal(400, "key-malformed", f"expected an Idempotency-Key of 1 to {MAX_KEY} visible ASCII characters")
    return given


def _digest() -> str:
    """Of all that says what is asked for."""
    head = f"{request.method} {request.path}\n".encode()
    return hashlib.sha256(head + request.get_data()).hexdigest()


def _said(route: Route, body: Body, status: int) -> Response:
    if route.listed:
        body = {**body, "next": None if body["next"] is None else _cursor(body["next"])}
    response = Response(dumps(body), status, content_type="application/json")
    if route.versioned:
        response.headers["ETag"] = f'"{body["version"]}"'
    return response


def refusal(error: TraceqrError, route: Route) -> Response:
    """The answer to what was not done. Re-raises what nobody foresaw."""
    if isinstance(error, Refusal):
        response = problem(error.status, error.reason, str(error), **error.more)
        if error.status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="traceqr"'
        return response
    if isinstance(error, SlowDown):
        return _slow_down(error, route)
    if isinstance(error, Outdated):
        return problem(412, "version-outdated", str(error), version=error.present)
    for kind, (status, reason) in _REASONS.items():
        if isinstance(error, kind):
            return _plain(error, status, reason)
    raise error


_REASONS: Mapping[type[TraceqrError], tuple[int, str]] = {
    Denied: (403, "not-allowed"),
    Absent: (404, "not-found"),
    Exists: (409, "exists"),
    KeyReused: (422, "key-reused"),
    RegistryBehind: (503, "registry-behind"),
    Unmarked: (503, "unmarked"),
    RegistryUnavailable: (503, "registry-unreachable"),
    ActRefused: (422, "refused"),
}
"""In this order: the first that fits."""

_ABOUT_THE_HOUSE = {
    "registry-behind": "expected a registry that has lost nothing; nothing was done, and the operator must look",
    "unmarked": "the act is done; send the same request again with the same key for its answer, and tell the operator",
    "registry-unreachable": "expected a registry that answers, got none: send the same request with the same key again",
}
"""Whose own messages name places on the server."""


def _plain(error: TraceqrError, status: int, reason: str) -> Response:
    at_fault = error.field if isinstance(error, ActRefused) and status == 422 else ""
    detail = _ABOUT_THE_HOUSE.get(reason, str(error))
    response = problem(status, reason, detail, **({"member": at_fault} if at_fault else {}))
    if status == 503:
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _slow_down(error: SlowDown, route: Route) -> Response:
    pace = READING if route.method == "GET" else WRITING
    response = problem(429, "too-many", str(error))
    response.headers["Retry-After"] = str(-(-error.wait_ms // 1000))
    window = pace.burst * pace.every_ms // 1000
    response.headers["RateLimit-Policy"] = f'"{route.method.lower()}";q={pace.burst};w={window}'
    return response
