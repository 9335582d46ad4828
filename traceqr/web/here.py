"""Where a person has scanned a label, if he wants to say it: by his browser's position, or by a city that he chooses.

A page of its own, reached by a tap: the page of a verdict runs no script and asks for nothing. It carries the label's
text, which only who has the label knows, and the cookie tells whose scan is meant.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr import gazetteer
from traceqr.errors import RegistryUnavailable
from traceqr.gazetteer import NOWHERE
from traceqr.web import assets
from traceqr.web.crossing import refuse_cross_site
from traceqr.web.places import cities, place_name
from traceqr.web.site import cookies, language, site
from traceqr.web.target import in_each_language, label_text, raw_target

blueprint = Blueprint("here", __name__)

HERE = "/here"
MAX_FORM = 1024
"""Bytes: two numbers, or a code."""

_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,6})?")


@blueprint.get("/here/01/<anything:rest>")
def ask(rest: str) -> Response:  # noqa: ARG001  the raw target decides
    """Ask where he is."""
    return _page("ask")


@blueprint.post("/here/01/<anything:rest>")
def tell(rest: str) -> BaseResponse:  # noqa: ARG001
    """Keep where he is."""
    refuse_cross_site(request.headers, site().origin.scheme)
    request.max_content_length = MAX_FORM
    here, device = site(), site().devices.read(cookies())
    place = _place(request.form)
    if place == NOWHERE:
        return _page("unknown", 422)
    if device is None:
        return _page("nobody", 409)
    try:
        kept = here.verifier.locate(label_text(here.origin.scheme, _of_label()), device.stored, place)
    except RegistryUnavailable:
        return _page("unavailable", 503)
    return _page("kept" if kept else "nobody", 200 if kept else 409, place=place_name(place, language()))


@blueprint.get("/here")
def nowhere() -> BaseResponse:
    """Without a label there is nothing to say."""
    return redirect("/", 303)


def _of_label() -> dict[str, Any]:
    """The request as if it had been for the label."""
    return {"HTTP_HOST": request.environ.get("HTTP_HOST", ""), "RAW_URI": _target()}


def _target() -> str:
    return raw_target(request.environ).removeprefix(HERE)


def _place(form: Any) -> str:
    """The place that was told: by degrees, or by the code of a city."""
    chosen = str(form.get("place", ""))
    if chosen:
        return chosen if gazetteer.spot(chosen) is not None else NOWHERE
    degrees = [str(form.get(name, "")) for name in ("latitude", "longitude")]
    if not all(map(_DEGREES.fullmatch, degrees)):
        return NOWHERE
    latitude, longitude = map(float, degrees)
    return gazetteer.nearest(latitude, longitude)


def _page(said: str, status: int = 200, place: str = "") -> Response:
    html = site().pages.render(
        "here.html",
        language(),
        said=said,
        place=place,
        back=_target() if _target().startswith("/01/") else "/",
        provinces=cities(language()),
        script=assets.address("here.js"),
        report_style=assets.address("report.css"),
        addresses=in_each_language(request.environ),
        repost=None,
    )
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
    return Response(html, status, mimetype="text/html", headers=headers)
