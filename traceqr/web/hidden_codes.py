"""Entering the code from under the scratch layer: a form on the page of a verdict, and the answer. It is no scan.

Who sends the form must have scanned the label: it carries a pass that the page of the scan was given, and is good for
the device that scanned alone.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr.entering import Entered, Outcome
from traceqr.instant import to_iso
from traceqr.label.serial import Serial
from traceqr.reporting import Scanned
from traceqr.verdict import Code
from traceqr.verdict_json import purchase_to_json
from traceqr.web import answering, entry_words
from traceqr.web.crossing import refuse_cross_site
from traceqr.web.passes import Pass
from traceqr.web.site import Site, cookies, language, site
from traceqr.web.target import FRONT_PAGE

PATH = "/hidden-code"
MAX_FORM = 4_096
"""Bytes of a form: a pass has some 250, a code 12."""

blueprint = Blueprint("hidden_codes", __name__)


@blueprint.get(PATH)
def unasked() -> BaseResponse:
    """The address of an answer, opened again without the form: back to the start."""
    return redirect("/", 303)


@blueprint.post(PATH)
def enter() -> Response:
    """A code that somebody typed."""
    here = site()
    refuse_cross_site(request.headers, here.origin.scheme)
    request.max_content_length = MAX_FORM
    token, typed = request.form.get("pass", ""), request.form.get("code", "")
    scan = here.entry_passes.read(token, here.clock())
    device = here.devices.read(cookies())
    if here.entries is None or scan is None or (device is not None and device.stored != scan.device):
        return _stale(here)
    where = here.whereabouts
    entered = here.entries.enter(
        typed,
        Serial(scan.batch, scan.index),
        scan.device,
        network=where.network(request.environ),
        place=where.place(request.environ),
    )
    return _answer(here, entered, scan, token)


def _stale(here: Site) -> Response:
    if answering.prefers_json():
        return _json({"outcome": entry_words.STALE}, 403)
    return _page(here, 403, face=entry_words.STALE, entered=None, serial="", entry_pass=None, ticket="")


def _answer(here: Site, entered: Entered, scan: Pass, token: str) -> Response:
    status = _STATUS.get(entered.outcome, 200)
    if answering.prefers_json():
        response = _json(to_json(entered), status)
    else:
        face = entry_words.face(entered)
        again = token if face in entry_words.AGAIN else None
        serial = Serial(scan.batch, scan.index).readable
        ticket = _ticket(here, face, entered, scan) if entry_words.TONES[face] == "stop" else ""
        response = _page(here, status, face=face, entered=entered, serial=serial, entry_pass=again, ticket=ticket)
    if wait := _RETRY.get(entered.outcome, entered.wait_s if entered.outcome is Outcome.WAIT else 0):
        response.headers["Retry-After"] = str(wait)
    return response


def _ticket(here: Site, face: str, entered: Entered, scan: Pass) -> str:
    """By which the answer is reported: a label that is suspect, with the answer as the reason."""
    return here.tickets.issue(Scanned(Code.SUSPECT, face, scan.batch, scan.index), entered.at_ms)


_STATUS = {Outcome.WAIT: 429, Outcome.UNAVAILABLE: 503}
_RETRY = {Outcome.UNAVAILABLE: int(answering.RETRY_SECONDS)}


def to_json(entered: Entered) -> dict[str, Any]:
    """The answer for programs. `wait_seconds` is when another code may be entered, null where that is at once."""
    return {
        "outcome": str(entered.outcome),
        "at": to_iso(entered.at_ms),
        "purchase": None if entered.purchase is None else purchase_to_json(entered.purchase),
        "wait_seconds": entered.wait_s or None,
        "wait_for_others": entered.others,
    }


def _json(content: dict[str, Any], status: int) -> Response:
    return Response(answering.dumps(content), status, _HEADERS, content_type="application/json")


def _page(here: Site, status: int, **values: object) -> Response:
    html = here.pages.render("hidden_code.html", language(), addresses=FRONT_PAGE, repost=None, **values)
    return Response(html, status, _HEADERS, content_type="text/html; charset=utf-8")


_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language, Cookie"}
