"""The resolver: addresses of GS1 Digital Link lead to links about what they name (docs/resolver.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, Response, request
from werkzeug.routing import BaseConverter

from traceqr.digital_link.elements import ALPHAS, KEYS
from traceqr.digital_link.identified import InvalidDigitalLink
from traceqr.digital_link.links import Placed, choose, default
from traceqr.digital_link.linkset import CONTEXT, header, linkset
from traceqr.digital_link.vocabulary import NAMESPACE, UNTP_NAMESPACE, UNTP_PREFIX
from traceqr.label.seal import SEAL_DIGITS
from traceqr.web import answering
from traceqr.web.asking import EXTENSION, HTML, JSON_LD, Asked, asked
from traceqr.web.exhibit import VARY, page, reading
from traceqr.web.known_links import Known, carries_seal, has_serial, known
from traceqr.web.problem import problem
from traceqr.web.site import language, site
from traceqr.web.target import label_text

_ = str

blueprint = Blueprint("resolving", __name__)

METHODS = "GET, HEAD, OPTIONS"

HEADLINES = {
    200: _("Links about this product"),
    300: _("There are several answers"),
    400: _("This address cannot be read"),
    404: _("Nothing is known about this"),
}
ADVICE = {
    200: _("What the enterprise and this site have to say about it."),
    300: _("Choose where to go on."),
    400: _("It is no address of a product, a parcel or a place as the standard GS1 Digital Link has them."),
    404: _("No enterprise with the right to this number has linked what you ask for."),
}

_UNSAFE = re.compile("[^!$-;=?-\\[\\]_a-z~]")
"""What has no place in the query of an address, a double quote and angle brackets among it."""


_SEAL = re.compile(f"[0-9]{{{SEAL_DIGITS}}}")


class Compressed(BaseConverter):
    """What looks like a compressed address: one segment with large letters and digits, and longer than words are."""

    regex = "(?=[a-z0-9_-]*[A-Z])(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{12,}"
    part_isolating = True


@blueprint.get("/.well-known/gs1resolver")
def description() -> Response:
    """What this resolver answers (section 3)."""
    root = str(site().origin)
    body = {
        "name": f"TraceQR, {site().origin.host}",
        "resolverRoot": root,
        "supportedPrimaryKeys": list(KEYS),
        "supportedLinkType": [
            {"namespace": NAMESPACE, "prefix": "gs1:"},
            {"namespace": UNTP_NAMESPACE, "prefix": UNTP_PREFIX},
        ],
        "linkTypeDefaultCanBeLinkset": False,
        "jsonLdContextLocation": CONTEXT,
        "contact": {"fn": f"TraceQR, {root}"},
    }
    response = Response(answering.dumps(body), content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return _opened(response)


def other(rest: str = "") -> Response:  # noqa: ARG001
    """An address with another key than a GTIN, or in a spelling that is told to be none."""
    return answer()


def install(app: Flask) -> None:
    """Let an app answer addresses: those of labels that are none, and all others."""
    app.url_map.converters["compressed"] = Compressed
    app.extensions[EXTENSION] = answer
    app.register_blueprint(blueprint)


blueprint.add_url_rule("/<compressed:rest>", view_func=other)
for _front in (*KEYS, *ALPHAS):
    if _front != "01":  # the label's own view hands those on
        blueprint.add_url_rule(
            f"/{_front}/<anything:rest>", view_func=other, methods=["GET", "OPTIONS"], provide_automatic_options=False
        )


def answer() -> Response:
    """The answer to the request for an address, whatever it is."""
    if request.method == "OPTIONS":
        return _opened(Response(status=204, headers={"Allow": METHODS}))
    try:
        wanted = asked(request.environ)
    except InvalidDigitalLink as error:
        return _refused(400, error.reason, str(error))
    with reading() as reader:
        found = known(reader, wanted.what, _seal(wanted.query))
    if found is None:
        message = f"expected something that is linked here, {wanted.what.path} is not"
        return _refused(404, "unknown", message, serial=has_serial(wanted.what))
    return _about(found, wanted)


def _seal(query: str) -> str:
    """The seal of a label in a query, once and in full; it may be anybody's."""
    found = [part[2:] for part in query.split("&") if part.startswith("s=")]
    return found[0] if len(found) == 1 and _SEAL.fullmatch(found[0]) else ""


def _about(found: Known, wanted: Asked) -> Response:
    if wanted.linkset:
        return _listed(200, found, wanted, found.links)
    if not wanted.stated:
        single = default(found.links, wanted.wish)
        return _led(single, found, wanted) if single else _listed(300, found, wanted, found.links)
    chosen = choose(found.links, wanted.kind, wanted.wish) if wanted.kind else ()
    if not chosen:
        return _refused(404, "link-type-unknown", "expected a link type that is linked here, got another", found=found)
    return _led(chosen[0], found, wanted) if len(chosen) == 1 else _listed(300, found, wanted, chosen)


def _led(one: Placed, found: Known, wanted: Asked) -> Response:
    """To where a link leads, with the query that came."""
    response = Response(status=307, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = passed_on(one.link.href, wanted.query)
    response.autocorrect_location_header = False
    return _linked(response, found, wanted)


def passed_on(href: str, query: str) -> str:
    """An address with a query behind its own. The seal of a label is not passed on: whoever has it has the label."""
    kept = "&".join(part for part in query.split("&") if part and part.partition("=")[0] != "s")
    if not kept:
        return href
    base, hash_, fragment = href.partition("#")
    safe = _UNSAFE.sub(lambda found: quote(found[0], safe=""), kept)
    return f"{base}{'&' if '?' in base else '?'}{safe}{hash_}{fragment}"


def _listed(status: int, found: Known, wanted: Asked, links: Sequence[Placed]) -> Response:
    """Several links, as the client likes them."""
    body = linkset(str(site().origin), found.description, links)
    if wanted.media_type == HTML:
        response = _page(status, found, links)
    else:
        content: dict[str, Any] = {"@context": CONTEXT, **body} if wanted.media_type == JSON_LD else body
        response = Response(answering.dumps(content), status, content_type=wanted.media_type)
    return _linked(response, found, wanted)


def _page(status: int, found: Known | None, links: Sequence[Placed]) -> Response:
    return page(
        "links.html",
        status,
        headline=HEADLINES[status],
        advice=ADVICE[status],
        found=found,
        links=links,
    )


def _refused(status: int, reason: str, message: str, *, found: Known | None = None, serial: bool = False) -> Response:
    """What is no address, or of which nothing is known. People are told of a code like a label's what a scan of it
    tells them: that it is none.
    """
    if answering.prefers_json():
        response = problem(status, reason, message)
        response.headers.update(VARY)
    elif request.path.startswith("/01/") and (status == 400 or serial):
        here = site()
        verdict = answering.verify(here, label_text(here.origin.scheme, request.environ))
        response = answering.as_page(here, verdict, language())
        response.status_code = status
    else:
        response = _page(status, found, found.links if found else ())
    return _opened(response)


def _linked(response: Response, found: Known, wanted: Asked) -> Response:
    own = f"{site().origin}{wanted.what.path}?linkType=linkset"
    response.headers["Link"] = header(own, [one for one in found.links if not carries_seal(one.link)])
    response.headers.update(VARY)
    return _opened(response)


def _opened(response: Response) -> Response:
    """Programs in pages of other sites may ask, and read what they are told."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = METHODS
    response.headers["Access-Control-Allow-Headers"] = "Accept, Accept-Language"
    response.headers["Access-Control-Expose-Headers"] = "Link, Location"
    return response
