"""The document of the interface for programs (OpenAPI 3.1), and its page, made from what requests are checked by."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, request

from traceqr import __version__
from traceqr.access import Scope
from traceqr.web import api_schemas as schemas
from traceqr.web import assets, epcis_openapi
from traceqr.web.answering import dumps
from traceqr.web.api_routes import ROUTES
from traceqr.web.enterprise_api import MAX_KEY, MAX_PAGE, PAGE, PREFIX
from traceqr.web.route import Route
from traceqr.web.site import language, site
from traceqr.web.target import in_each_language

_ = str

blueprint = Blueprint("openapi", __name__)

_PATHS = {
    "gtin": schemas.GTIN,
    "number": {"type": "integer", "minimum": 1},
    "id": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
}

SCOPES = {
    Scope.READ: _("See the products, batches, pledges and licences of the enterprise."),
    Scope.PRINT: _("Get links to files of labels for print."),
    Scope.ISSUE: _("Issue batches, and change the state of labels."),
    Scope.PRODUCTS: _("Enrol and amend products, and file claims to GTINs."),
    Scope.PLEDGES: _("Apply for editions, answer questions, and reply to findings. Only a person signs."),
    Scope.CASES: _("Read what people report of the enterprise's labels, and answer it."),
    Scope.EVENTS: _("State events, and ask for those that the enterprise may be told of, by EPCIS 2.0."),
}

PROBLEMS = {
    400: _("The request is malformed: no JSON, no idempotency key, or a key of another form."),
    401: _("There is no token, or it has ended."),
    403: _("The token lacks the scope that the call needs."),
    404: _("There is nothing of that name, or it is another enterprise's."),
    409: _("What is to be made is there already."),
    412: _("Somebody else has made a new version meanwhile."),
    413: _("The body is too large."),
    415: _("The body is not sent as application/json."),
    422: _("A member is not as it must be, or a rule of the registry forbids the act; nothing has changed."),
    428: _("A change needs the version that was seen, in If-Match."),
    429: _("Too many requests: Retry-After says how long to wait."),
    503: _("The registry does not answer: send the same request with the same key again."),
}


@blueprint.get(PREFIX + "/openapi.json")
def openapi() -> Response:
    """For programs; needs no token, since it tells nothing of anybody."""
    return Response(dumps(document(str(site().origin))), content_type="application/json")


@blueprint.get("/api/")
def browse() -> Response:
    """For people."""
    here = site()
    html = here.pages.render(
        "api.html",
        language(),
        addresses=in_each_language(request.environ),
        repost=None,
        office_style=assets.address("office.css"),
        prefix=PREFIX,
        calls=[_shown(route) for route in ROUTES],
        scopes=SCOPES,
        problems=PROBLEMS,
    )
    return Response(html, mimetype="text/html", headers={"Vary": "Accept-Language, Cookie"})


def document(origin: str) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {PREFIX + "/verify": {"post": _VERIFY}}
    for route in ROUTES:
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(route)
    paths |= epcis_openapi.paths()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "TraceQR",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": origin}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": schemas.PROBLEM},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": route.body, "example": dict(route.example)}}}
    return {
        "operationId": route.name,
        "summary": route.summary,
        "description": f"Needs the scope {route.scope}.",
        "security": [{"token": []}],
        "parameters": _parameters(route),
        **({"requestBody": body} if route.body else {}),
        "responses": {
            str(route.status): _response(route),
            "default": {
                "description": "A problem (RFC 9457).",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }


def _response(route: Route) -> dict[str, Any]:
    tag = {"ETag": {"schema": {"type": "string"}, "description": "The version."}}
    return {
        "description": "Done." if route.method != "GET" else "Found.",
        **({"headers": tag} if route.versioned else {}),
        "content": {"application/json": {"schema": route.answer}},
    }


def _parameters(route: Route) -> list[dict[str, Any]]:
    found = [_parameter(name, "path", _PATHS[name]) for name in re.findall(r"{(\w+)}", route.path)]
    if route.listed:
        found += [
            {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "What `next` gave."},
            {
                "name": "limit",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": PAGE},
            },
        ]
    if route.keyed:
        key = {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]+$"}
        found.append(_parameter("Idempotency-Key", "header", key))
    if route.method == "PUT":
        found.append(_parameter("If-Match", "header", {"type": "string", "pattern": '^"[1-9][0-9]{0,8}"$'}))
    return found


def _parameter(name: str, place: str, schema: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "required": True, "schema": schema}


_VERIFY: dict[str, Any] = {
    "operationId": "verify",
    "summary": "Judge the text of a label; needs no token, and is recorded nowhere",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
            }
        },
    },
    "responses": {
        "200": {
            "description": "The verdict, as docs/verdicts.md tells.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        "503": {"description": "The registry does not answer."},
    },
}


def _shown(route: Route) -> dict[str, Any]:
    """A call as the page shows it: its members in one list, with what is in them."""
    example = dumps(dict(route.example)).strip() if route.body else ""
    return {"route": route, "takes": _members(route.body), "gives": _members(route.answer), "example": example}


def _members(schema: Any, above: str = "") -> list[tuple[str, str, bool, str]]:
    found = []
    for name, each in (schema or {}).get("properties", {}).items():
        kind = each["type"] if isinstance(each["type"], str) else " | ".join(each["type"])
        found.append(
            (
                above + name,
                kind,
                name in schema.get("required", ()),
                _described(each) or _described(each.get("items", {})),
            )
        )
        found += _members(each.get("items", each), f"{above}{name}/")
    return found


def _described(schema: Any) -> str:
    words = [schema["description"]] if "description" in schema else []
    if "enum" in schema:
        words.append(", ".join(str(each) for each in schema["enum"]))
    if "maximum" in schema:
        words.append(f"{schema.get('minimum', 0):,}–{schema['maximum']:,}")
    if "maxLength" in schema:
        words.append(f"{schema.get('minLength', 0)}–{schema['maxLength']:,}")
    return " · ".join(words)
