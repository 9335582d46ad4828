"""From a label text to the answer: a page for people, JSON for programs."""

from __future__ import annotations

import json

from flask import Response, g, request

from traceqr.evidence import Verdict
from traceqr.label.format import MAX_TEXT
from traceqr.recording import INSPECTOR
from traceqr.reporting import Scanned
from traceqr.verdict import Code
from traceqr.verdict_json import to_text
from traceqr.verifying import Viewer
from traceqr.web import scanning
from traceqr.web.device import Device
from traceqr.web.entry_passes import pass_for
from traceqr.web.language import Language
from traceqr.web.passes import Pass
from traceqr.web.site import Site
from traceqr.web.target import FRONT_PAGE, in_each_language

RETRY_SECONDS = "30"

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def verify(here: Site, text: str) -> Verdict:
    """Recorded nowhere, and not told the label's history."""
    return here.verifier.verify(text)


def scan(here: Site, text: str, device: Device | None, channel: str, language: Language) -> Verdict:
    """A scan by a person. Leaves in `g` the cookie to plant, the pass that confirms a new device, and the one by which
    a hidden code may be entered.
    """
    used = device or here.devices.new()
    agent = scanning.family(request.environ.get(scanning.AGENT, ""))
    whereabouts = here.whereabouts
    place, network = whereabouts.place(request.environ), whereabouts.network(request.environ)
    viewer = Viewer(used.stored, device is not None, channel, agent, str(language), place, network)
    verdict = here.verifier.scan(text, viewer)
    if device is None and verdict.sealed and verdict.label and verdict.code is not Code.UNCHECKED:
        serial = verdict.label.serial
        g.new_device = used
        g.pass_token = here.passes.issue(Pass(serial.batch, serial.index, used.stored, verdict.at_ms))
    if (entry_pass := pass_for(here, verdict, used.stored)) is not None:
        g.entry_pass = entry_pass
    return verdict


def inspect(here: Site, text: str, account: str, language: Language) -> Verdict:
    """The verdict of a label that an inspector looks at, told its history, and recorded as an inspector's look."""
    agent = scanning.family(request.environ.get(scanning.AGENT, ""))
    place = here.whereabouts.place(request.environ)
    device = here.devices.of_account(account)
    return here.verifier.scan(text, Viewer(device, False, INSPECTOR, agent, str(language), place))


def as_page(here: Site, verdict: Verdict, language: Language, repost: str | None = None) -> Response:
    """The verdict page. `repost` is the text to send again for another language, where no address leads here.

    Of a text that is too long, so much is sent again that it stays too long, and the page stays small.
    """
    again = None if repost is None else repost[: MAX_TEXT + 1]
    html = here.verdict_pages.render(
        language,
        verdict,
        seen_token=g.get("pass_token"),
        entry_pass=g.get("entry_pass"),
        ticket=here.tickets.issue(scanned(verdict), verdict.at_ms),
        addresses=FRONT_PAGE if again is not None else in_each_language(request.environ),
        repost=again,
    )
    return _answer(here, verdict, html, "text/html; charset=utf-8")


def scanned(verdict: Verdict) -> Scanned:
    """What a report by the page of a verdict is about: a label of ours only where the seal holds."""
    if verdict.sealed and verdict.label and verdict.evidence:
        serial = verdict.label.serial
        return Scanned(verdict.code, verdict.reason, serial.batch, serial.index)
    return Scanned(verdict.code, verdict.reason)


def as_json(here: Site, verdict: Verdict) -> Response:
    """The verdict for programs."""
    return _answer(here, verdict, to_text(verdict) + "\n", "application/json")


def prefers_json() -> bool:
    """Whether the client would rather have JSON than a page."""
    return scanning.prefers_json(request.environ.get(scanning.ACCEPT, ""))


def dumps(value: object) -> str:
    """Compact JSON, Chinese characters as they are."""
    return _ENCODER.encode(value) + "\n"


def status_of(verdict: Verdict) -> int:
    """200 for every verdict that was reached, forged ones included: the answer is the verdict, not a missing page,
    and in-app browsers put their own error page over a 404. 503 when the registry could not be asked, so that
    proxies, monitors and programs do not take the answer for a decided one.
    """
    return 503 if verdict.reason == "registry-unreachable" else 200


def _answer(here: Site, verdict: Verdict, body: str, content_type: str) -> Response:
    status = status_of(verdict)
    headers = _HEADERS if status == 200 else [*_HEADERS, ("Retry-After", RETRY_SECONDS)]
    response = Response(body, status, headers, content_type=content_type)
    if device := g.get("new_device"):
        here.devices.set(response, device)
    return response


_HEADERS = [("Cache-Control", "no-store"), ("Vary", "Accept, Accept-Language, Cookie")]
