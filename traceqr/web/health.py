"""For supervisors and load balancers: does the process live, and can it give verdicts."""

from __future__ import annotations

import re

from flask import Blueprint, Response

from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.registry.database import RegistryNewer
from traceqr.registry.opening import RegistryOlder
from traceqr.web.answering import dumps
from traceqr.web.site import site

blueprint = Blueprint("health", __name__)

_STABLE = re.compile("[a-z]+(-[a-z]+)*")


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return _json(200, {"status": "alive"})


@blueprint.get("/readyz")
def ready() -> Response:
    """The registry answers and its keys can be read."""
    try:
        site().readiness.require()
    except TraceqrError as error:
        return _json(503, {"status": "not-ready", "reason": reason_of(error)})
    return _json(200, {"status": "ready"})


def reason_of(error: TraceqrError) -> str:
    """A stable identifier. The message stays here: it may hold a path or an address."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, str) and _STABLE.fullmatch(reason):
        return reason
    if isinstance(error, RegistryNewer):
        return "registry-newer"
    if isinstance(error, RegistryOlder):
        return "registry-older"
    return "registry-unreachable" if isinstance(error, RegistryUnavailable) else "not-ready"


def _json(status: int, body: dict[str, str]) -> Response:
    return Response(dumps(body), status, mimetype="application/json")
