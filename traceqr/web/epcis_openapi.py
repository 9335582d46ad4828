"""The paths of the EPCIS interface, for the document of the interfaces (OpenAPI 3.1), made from the routes served."""

from __future__ import annotations

import re
from typing import Any

from traceqr.epcis import members
from traceqr.epcis.spelling import EpcFormat
from traceqr.epcis.vocabulary import CbvFormat
from traceqr.epcis.wanted import OrderBy
from traceqr.office.events import PROCEED, ROLLBACK
from traceqr.web import epcis_queries, epcis_resources
from traceqr.web.epcis_api import MAX_PER_PAGE, PREFIX, SERVED
from traceqr.web.epcis_exchange import JSON, JSON_LD

_TEXT: dict[str, Any] = {"type": "string"}
_PAGING = {
    "perPage": {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE},
    "nextPageToken": _TEXT,
}
_ASKED = {
    **_PAGING,
    "eventType": {"type": "string", "enum": sorted(members.TYPES)},
    "EQ_action": {"type": "string", "enum": ["ADD", "OBSERVE", "DELETE"]},
    "EQ_bizStep": _TEXT,
    "EQ_disposition": _TEXT,
    "EQ_readPoint": _TEXT,
    "EQ_bizLocation": _TEXT,
    "EQ_eventID": _TEXT,
    "EQ_transformationID": _TEXT,
    "MATCH_epc": _TEXT,
    "MATCH_epcClass": _TEXT,
    "MATCH_anyEPC": _TEXT,
    "GE_eventTime": _TEXT,
    "LT_eventTime": _TEXT,
    "GE_recordTime": _TEXT,
    "LT_recordTime": _TEXT,
    "orderBy": {"type": "string", "enum": [str(each) for each in OrderBy]},
    "orderDirection": {"type": "string", "enum": ["ASC", "DESC"]},
    "eventCountLimit": {"type": "integer", "minimum": 1},
    "maxEventCount": {"type": "integer", "minimum": 1},
}
"""Of the standard's parameters those that most ask for; docs/epcis.md has all."""

_OBJECT: dict[str, Any] = {"type": "object"}
_QUERY = {"type": "object", "properties": {"name": _TEXT, "query": _OBJECT}, "required": ["name", "query"]}
_SUBSCRIPTION = {
    "type": "object",
    "properties": {
        "dest": _TEXT,
        "stream": {"type": "boolean"},
        "schedule": _OBJECT,
        "reportIfEmpty": {"type": "boolean"},
        "initialRecordTime": _TEXT,
    },
    "required": ["dest"],
}
_BODIES = {"captures": _OBJECT, "events": _OBJECT, "queries": _QUERY, "query_subscriptions": _SUBSCRIPTION}
"""By the name of the route."""

_MADE = {"captures": "202"}
_STATUS = {"GET": "200", "POST": "201", "DELETE": "204"}
_LISTS = frozenset({"captures", "queries", "query_events", "query_subscriptions"})

assert epcis_queries.blueprint is epcis_resources.blueprint  # whose routes are served by then


def paths() -> dict[str, dict[str, Any]]:
    """By path and method."""
    return {
        PREFIX + _spelled(path): {method.lower(): _operation(path, name, method) for method in methods}
        for path, name, methods in _whole()
    }


def _whole() -> list[tuple[str, str, tuple[str, ...]]]:
    """The routes; that of a value of a resource stands for its events too."""
    found = []
    for path, name, methods in SERVED:
        found.append((path, name, methods))
        if name.endswith("_of"):
            found.append((f"{path}/events", f"{name}_events", methods))
    return found


def _spelled(path: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)


def _operation(path: str, name: str, method: str) -> dict[str, Any]:
    body = _BODIES.get(name) if method == "POST" else None
    content = {media_type: {"schema": body} for media_type in (JSON, JSON_LD)}
    status = _MADE.get(name, _STATUS[method]) if method == "POST" else _STATUS[method]
    return {
        "operationId": f"epcis_{name}_{method.lower()}",
        "summary": "EPCIS 2.0, as docs/epcis.md tells",
        "description": "Needs the scope events.",
        "security": [{"token": []}],
        "parameters": [*_of_path(path), *_of_query(name, method), *_of_headers(name, method)],
        **({"requestBody": {"required": True, "content": content}} if body else {}),
        "responses": {
            status: {"description": "Done." if method != "GET" else "Found."},
            "default": {
                "description": "A problem (RFC 9457), with a type of the standard.",
                "content": {"application/problem+json": {"schema": _OBJECT}},
            },
        },
    }


def _of_path(path: str) -> list[dict[str, Any]]:
    names = re.findall(r"<(?:\w+:)?(\w+)>", path)
    return [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names]


def _of_query(name: str, method: str) -> list[dict[str, Any]]:
    if method != "GET":
        return []
    asked = name == "events" or name.endswith("_of_events")
    listed = _PAGING if name in _LISTS or any(name == each.name for each in epcis_resources.RESOURCES) else {}
    return [{"name": each, "in": "query", "schema": schema} for each, schema in (_ASKED if asked else listed).items()]


def _of_headers(name: str, method: str) -> list[dict[str, Any]]:
    formats = {"GS1-EPC-Format": list(map(str, EpcFormat)), "GS1-CBV-XML-Format": list(map(str, CbvFormat))}
    if (name, method) == ("captures", "POST"):
        formats = {"GS1-EPCIS-Capture-Error-Behaviour": [ROLLBACK, PROCEED]}
    return [
        {"name": each, "in": "header", "schema": {"type": "string", "enum": values}} for each, values in formats.items()
    ]
