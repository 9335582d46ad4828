"""The interface for programs: verify a label text, and fetch the public keys to do so oneself."""

from __future__ import annotations

import hashlib
import json

from flask import Blueprint, Response, request

from traceqr.errors import RegistryUnavailable
from traceqr.label.jwk import to_jwk
from traceqr.web import answering
from traceqr.web.problem import problem
from traceqr.web.site import site

MAX_BODY = 1 << 20
"""Bytes: as much as the form on the front page takes, so that a long text is judged and not refused."""

blueprint = Blueprint("api", __name__)


@blueprint.post("/api/v1/verify")
def verify() -> Response:
    """`{"text": "..."}` to a verdict. Recorded nowhere, and told no history."""
    request.max_content_length = MAX_BODY
    if request.mimetype != "application/json":
        return problem(415, "not-json", "expected the content type application/json, got another")
    try:
        body = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError):
        return problem(400, "bad-json", "expected a JSON object, got text that is not JSON")
    if not isinstance(body, dict):
        return problem(400, "not-an-object", f"expected a JSON object, got {_kind(body)}")
    if "text" not in body:
        return problem(400, "text-missing", 'expected the member "text", got none')
    text = body["text"]
    if not isinstance(text, str):
        return problem(400, "text-not-a-string", f'expected a string as "text", got {_kind(text)}')
    here = site()
    return answering.as_json(here, answering.verify(here, text))


@blueprint.get("/.well-known/traceqr-keys.json")
def keys() -> Response:
    """All public keys, with role, windows and status, as a JWK set (RFC 7517, section 5)."""
    try:
        keyring = site().verifier.keyring()
    except RegistryUnavailable:
        return problem(503, "registry-unreachable", "expected a registry that answers, got none")
    body = answering.dumps({"keys": [to_jwk(keyring.keys[number]) for number in sorted(keyring.keys)]})
    response = Response(body, content_type="application/jwk-set+json")
    response.headers["Cache-Control"] = "public, max-age=300"
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    response.make_conditional(request.environ)
    return response


def _kind(value: object) -> str:
    """A JSON value's type in JSON's own words."""
    kinds = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "an array"}
    return "null" if value is None else kinds.get(type(value), "an object")
