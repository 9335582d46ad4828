"""Error answers: a page in the visual language of all others, or problem details for programs.

Neither the answer nor the log repeats what a client sent: an error is logged by an incident number, the kind of the
exception, the name of the endpoint and the places in our code, and the page shows the number.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from traceqr.web import words
from traceqr.web.answering import prefers_json
from traceqr.web.logs import events, places
from traceqr.web.problem import coded, problem
from traceqr.web.site import language, site
from traceqr.web.target import FRONT_PAGE

DRAIN_BYTES = 64 * 1024 * 1024
"""Of a body that is too large this much is read and dropped: a browser shows an answer only after it has sent all."""

_CHUNK = 1 << 16

FIELD = "/inspect/api/"
"""What the addresses begin with that the app of inspectors asks."""


def install(app: Flask) -> None:
    """Answer every error through this module."""
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Exception, on_crash)


def on_http_error(error: HTTPException) -> Response:
    """What Flask or a view refused."""
    if isinstance(error, RequestEntityTooLarge):
        drain(request.environ)
    status = error.code or 500
    response = answer(status)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def on_crash(error: Exception) -> Response:
    """What nobody foresaw."""
    incident = secrets.token_hex(4)
    events().error(
        "request-failed",
        incident=incident,
        kind=type(error).__name__,
        endpoint=request.endpoint,
        places=places(error.__traceback__),
    )
    return answer(500, incident)


def answer(status: int, incident: str | None = None) -> Response:
    """The page of a status, or problem details; `incident` is the number that the log has it under."""
    shown = status if status in words.FAULTS else 500 if status >= 500 else 400
    title, advice = words.FAULTS[shown]
    if request.path.startswith(FIELD):
        return coded(status, f"http-{status}", f"{title}. {advice}")
    if _is_for_programs():
        return problem(status, f"http-{status}", f"{title}. {advice}")
    html = site().pages.render(
        "fault.html", language(), shown=shown, status=status, incident=incident, addresses=FRONT_PAGE, repost=None
    )
    return Response(html, status, mimetype="text/html", headers={"Vary": "Accept, Accept-Language, Cookie"})


def _is_for_programs() -> bool:
    return request.path.startswith(("/api/", "/epcis/", "/.well-known/")) or prefers_json()


def drain(environ: dict[str, Any]) -> None:
    """Read and drop what the client still sends, up to a bound."""
    body = environ.get("wsgi.input")
    left = DRAIN_BYTES
    try:
        while body is not None and left > 0 and (chunk := body.read(min(_CHUNK, left))):
            left -= len(chunk)
    except (OSError, ValueError):
        return  # the client has gone, so nobody waits for an answer
