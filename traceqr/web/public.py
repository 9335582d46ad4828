"""The pages for people: the front page, the label URL, the form, product pictures and samples."""

from __future__ import annotations

import re
from time import sleep

from flask import Blueprint, Response, abort, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr.errors import TraceqrError
from traceqr.label.format import InvalidLabel, Label
from traceqr.symbol.isolated import read_isolated
from traceqr.symbol.reading import PhotoError
from traceqr.symbol.symbol import SymbolError
from traceqr.web import answering, assets, modules, scanner
from traceqr.web.asking import is_for_resolver, resolver
from traceqr.web.crossing import refuse_cross_site
from traceqr.web.samples import symbol_svg
from traceqr.web.scanning import is_scan
from traceqr.web.site import Site, cookies, cookies_of, language, language_of, site
from traceqr.web.target import in_each_language, label_text

blueprint = Blueprint("public", __name__)

MAX_TEXT_FORM = 1 << 20
"""Bytes of a form's text: far more than a label, so that a long text is judged and not refused."""

BROKEN_SEAL_PAUSE_S = 0.05
"""How long the answer to a broken seal waits, unless the device was here before. A person does not notice; who sends
many over a connection slows himself down, and the scans of others go on meanwhile: a greenlet waits, not a worker.
"""

_PHOTO_STATUS = {"photo-too-large": 413, "photo-busy": 503}

_DIGEST = re.compile("[0-9a-f]{64}")


@blueprint.route("/01/<anything:rest>", methods=["GET", "OPTIONS"], provide_automatic_options=False)
def label(rest: str) -> Response:  # noqa: ARG001
    """The label URL. `rest` is decoded and decides nothing; the raw target does. What has no seal, or asks for links,
    is for the resolver where there is one.
    """
    here, environ = site(), request.environ
    if is_for_resolver(environ) and (resolve := resolver()) is not None:
        return resolve()
    text = label_text(here.origin.scheme, environ)
    jar = cookies_of(environ)  # once, and handed on: this is the path of every scan
    device, tongue = here.devices.read(jar), language_of(environ, jar)
    if is_scan(environ, known=device is not None):
        verdict = answering.scan(here, text, device, "page", tongue)
    else:
        verdict = answering.verify(here, text)
    if verdict.reason == "seal-broken" and device is None:
        sleep(BROKEN_SEAL_PAUSE_S)
    if answering.prefers_json():
        return answering.as_json(here, verdict)
    return answering.as_page(here, verdict, tongue)


@blueprint.get("/")
def front() -> Response:
    """What this is, and where to paste a label text or show a photo."""
    return _front(200, None)


@blueprint.get("/check")
def scanner_page() -> Response:
    """Where a label is scanned from an address that people know, instead of following the label's own."""
    return _page(
        site(),
        "check.html",
        check_style=assets.address("check.css"),
        script=modules.address("field/check.js"),
        reader=scanner.addresses(),
    )


@blueprint.post("/check")
def check() -> BaseResponse:
    """A pasted text or an uploaded photo."""
    here = site()
    refuse_cross_site(request.headers, here.origin.scheme)
    if request.mimetype != "multipart/form-data":
        request.max_content_length = MAX_TEXT_FORM
    if "photo" in request.files:
        return _check_photo(here)
    text = request.form.get("text", "").strip()
    if not text:
        return _front(400, "text-missing")
    if path := _official_path(here, text):
        return redirect(path, 303)
    return answering.as_page(here, answering.verify(here, text), language(), repost=text)


@blueprint.get("/pictures/<digest>")
def picture(digest: str) -> Response:
    """A product picture, named by its content."""
    if not _DIGEST.fullmatch(digest):
        abort(404)
    try:
        found = site().picture_of(digest)
    except TraceqrError:
        abort(503)
    if found is None:
        abort(404)
    content, media_type = found
    return Response(content, content_type=media_type, headers={"Cache-Control": "public, max-age=31536000, immutable"})


@blueprint.get("/samples")
def samples() -> Response:
    """The sample labels of a demonstration."""
    here = site()
    if not here.samples:
        abort(404)
    return _page(here, "samples.html", samples=here.samples)


@blueprint.get("/samples/<int:number>.svg")
def sample_symbol(number: int) -> Response:
    """The QR symbol of one sample."""
    found = site().samples[number : number + 1]
    if not found or found[0].label is None:
        abort(404)
    try:
        svg = symbol_svg(found[0].label)
    except SymbolError:
        abort(404)
    return Response(svg, mimetype="image/svg+xml", headers={"Cache-Control": "public, max-age=3600"})


def _check_photo(here: Site) -> BaseResponse:
    upload = request.files["photo"]
    content = upload.stream.read()
    if not content:
        return _front(400, "photo-missing")
    try:
        text = read_isolated(content)
    except PhotoError as error:
        return _front(_PHOTO_STATUS.get(error.reason, 400), error.reason)
    device = here.devices.read(cookies())
    if _official_path(here, text) and is_scan(request.environ, known=device is not None, methods=("POST",)):
        verdict = answering.scan(here, text, device, "photo", language())
    else:
        verdict = answering.verify(here, text)
    return answering.as_page(here, verdict, language(), repost=text)


def _official_path(here: Site, text: str) -> str | None:
    """The path of a well-formed label of this deployment, in its one spelling."""
    try:
        found = Label.parse(text)
    except InvalidLabel:
        return None
    return found.path if found.origin.host in here.settings.official_hosts else None


def _front(status: int, fault: str | None) -> Response:
    return _page(site(), "front.html", status, fault=fault, samples=site().samples)


def _page(here: Site, template: str, status: int = 200, **values: object) -> Response:
    addresses = in_each_language(request.environ)
    html = here.pages.render(template, language(), addresses=addresses, repost=None, **values)
    return Response(html, status, mimetype="text/html", headers={"Vary": "Accept-Language, Cookie"})
