"""Refusals of the EPCIS interface: problem details with the standard's types (EPCIS 2.0, section 12.5)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response

from traceqr.acting import ActRefused, RegistryBehind, Unmarked
from traceqr.authenticating import SlowDown
from traceqr.epcis.problem import ExceptionType, Refused
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.office.house import Absent, Denied
from traceqr.web.answering import RETRY_SECONDS, dumps

MAX_TOLD = 20
"""Problems of one document or query that are told one by one."""

_STATUS: Mapping[ExceptionType, int] = {
    ExceptionType.CAPTURE_LIMIT: 413,
    ExceptionType.QUERY_TOO_COMPLEX: 413,
    ExceptionType.QUERY_TOO_LARGE: 413,
    ExceptionType.IMPLEMENTATION: 501,
}
"""By the standard's exception; all others are 400."""


class Refusal(TraceqrError):
    """A request that is not done: a status, and the name of the standard's exception; empty where it has none."""

    def __init__(self, status: int, exception: str, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.exception = exception
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def not_implemented(detail: str) -> Refusal:
    """That something of the standard is left out."""
    return Refusal(501, "NotImplementedException", detail)


def answer(error: TraceqrError) -> Response:
    """The answer to what was not done. Re-raises what nobody foresaw."""
    if isinstance(error, Refusal):
        return _problem(error.status, error.exception, str(error), error.headers)
    if isinstance(error, Refused):
        return _refused(error)
    if isinstance(error, SlowDown):
        return _problem(429, "", str(error), {"Retry-After": str(-(-error.wait_ms // 1000))})
    for kind, (status, exception, detail) in _KINDS.items():
        if isinstance(error, kind):
            headers = {"Retry-After": RETRY_SECONDS} if status == 503 else {}
            return _problem(status, exception, detail or str(error), headers)
    raise error


def _refused(error: Refused) -> Response:
    first = error.problems[0]
    told = [{"detail": each.message, "pointer": each.pointer} for each in error.problems[:MAX_TOLD]]
    status = _STATUS.get(first.exception, 400)
    return _problem(status, first.exception, str(first), {}, errors=told)


def _problem(status: int, exception: str, detail: str, headers: Mapping[str, str], **more: Any) -> Response:
    body = {
        "type": f"epcisException:{exception}" if exception else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    return Response(dumps(body), status, dict(headers), content_type="application/problem+json")


_BEHIND = "expected a registry that has lost nothing; nothing was done, and the operator must look"
_UNMARKED = "the act is done; send the same request again, and tell the operator"
_UNREACHABLE = "expected a registry that answers, got none: send the same request again"

_KINDS: Mapping[type[TraceqrError], tuple[int, str, str]] = {
    Denied: (403, "SecurityException", ""),
    Absent: (404, "NoSuchResourceException", ""),
    RegistryBehind: (503, "ImplementationException", _BEHIND),
    Unmarked: (503, "ImplementationException", _UNMARKED),
    RegistryUnavailable: (503, "ImplementationException", _UNREACHABLE),
    ActRefused: (400, "ValidationException", ""),
}
"""In this order: the first that fits. Messages of the house that name places on the server are not told."""
