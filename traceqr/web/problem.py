"""Errors for programs: problem details (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response

from traceqr.web.answering import dumps


def problem(status: int, reason: str, detail: str, **more: object) -> Response:
    """`reason` is stable and may be matched; `detail` is for people; `more` are members of the kind of problem."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Response(dumps({**body, "reason": reason, **more}), status, content_type="application/problem+json")


def coded(status: int, code: str, detail: str, **more: object) -> Response:
    """The same, with the reason as `code` too, as the app of inspectors is told it."""
    return problem(status, code, detail, code=code, **more)
