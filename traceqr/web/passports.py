"""Digital product passports (docs/passport.md): credentials for programs, sealed where a seal is kept, and a page.

The passport of a piece is for whoever has its label, whose text is in the address; looking is never counted as a scan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, redirect, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response as BaseResponse

from traceqr import passporting
from traceqr.attesting import FOLDERS
from traceqr.digital_link.identified import MAX_TARGET, Identified, InvalidDigitalLink
from traceqr.documenting import EVENTS, Clerk, Contents
from traceqr.evidence import Verdict
from traceqr.passport import identity
from traceqr.passport.conformity import LICENCE, PLEDGE, RECOGNITION, conformity
from traceqr.passport.credential import PREFIX
from traceqr.passport.facts import Document, Issuer, Level, Term
from traceqr.passport.vocabulary import JSON_LD, JWT, PLAIN, VERSION
from traceqr.registry import keys, passports
from traceqr.registry.database import Reader
from traceqr.verdict import Code
from traceqr.web import answering
from traceqr.web.exhibit import VARY, page, reading
from traceqr.web.problem import problem
from traceqr.web.site import language, site
from traceqr.web.target import label_text, raw_target

_ = str

blueprint = Blueprint("passports", __name__)

HTML, JSON = "text/html", "application/json"

_READ = 1024
"""Characters of a header that are looked at."""

_TOLD = frozenset({Code.GENUINE, Code.SEEN, Code.RECALLED})
"""Verdicts of labels whose pieces have passports; what others have is their verdict."""

_SOON = "60"
"""Seconds after which a credential that is being signed anew may be asked for again."""

LEVEL_NAMES = {
    Level.MODEL: _("About all pieces of the product"),
    Level.BATCH: _("About one lot of the product"),
    Level.ITEM: _("About this piece"),
}
KIND_NAMES = {PLEDGE: _("Quality pledge"), LICENCE: _("Licence of a mark"), RECOGNITION: _("Recognition")}


@blueprint.get("/.well-known/did.json")
def issuer_document() -> Response:
    """Who signs the passports of this deployment, and with which keys."""
    with reading() as reader:
        found = identity.document(_issuer(), keys.keyring(reader), site().clock())
    response = Response(answering.dumps(found), content_type="application/did+json")
    response.headers["Cache-Control"] = "public, max-age=300"
    return _opened(response)


@blueprint.get(f"{PREFIX}/01/<anything:rest>")
def passport(rest: str) -> BaseResponse:  # noqa: ARG001  the raw target decides
    """The passport of a product, a lot or a piece."""
    what = _asked(PREFIX)
    if what.qualifier("21") is not None:
        return _of_label(PREFIX)
    with reading() as reader:
        contents = _clerk(reader).of(what)
        if contents is None:
            abort(404)
        offer = _offer(reader, PREFIX + what.path, contents.passport(_issuer(), _term()))
    return offer.page(contents) if offer.wants_page else offer.answer()


@blueprint.get(f"{EVENTS}/01/<anything:rest>")
def events(rest: str) -> BaseResponse:  # noqa: ARG001
    """What is public of the way of a lot or a piece."""
    what = _asked(EVENTS)
    if what.qualifier("21") is not None:
        return _of_label(EVENTS)
    with reading() as reader:
        contents = _clerk(reader).of(what)
        told = contents.events(_issuer(), _term()) if contents else None
        if told is None:
            abort(404)
        offer = _offer(reader, EVENTS + what.path, told)
    return redirect(PREFIX + what.path, 303) if offer.wants_page else offer.answer()


@blueprint.get(f"{PREFIX}/<any(pledges, licences, recognitions):folder>/<int:number>")
def attestation(folder: str, number: int) -> BaseResponse:
    """The credential of a pledge, a licence of a mark or a recognition."""
    kind = next(kind for kind, name in FOLDERS.items() if name == folder)
    if number > _MAX_NUMBER:
        abort(404)
    with reading() as reader:
        found = _clerk(reader).attestation(kind, number)
        if found is None:
            abort(404)
        offer = _offer(reader, found.path, conformity(_issuer(), found, _term()))
    return redirect(found.page, 303) if offer.wants_page else offer.answer()


_MAX_NUMBER = 2**53


@blueprint.get(PREFIX)
@blueprint.get(f"{PREFIX}/")
def nothing() -> BaseResponse:
    """Without a product there is no passport."""
    return redirect("/", 303)


@dataclass(frozen=True, slots=True)
class _Offer:
    """A credential as of now, and in its envelope where one is kept that says the same. `older` says that one is kept
    that says something else.
    """

    document: Document
    enveloped: str | None
    older: bool = False
    private: bool = False
    """Whether it is for whoever has the label alone."""

    @property
    def wants_page(self) -> bool:
        """Whether a page is what the client likes best."""
        return _liked(sealed=self.enveloped is not None) == HTML

    def answer(self) -> Response:
        """The credential for programs."""
        media_type = _liked(sealed=self.enveloped is not None)
        if media_type != JWT:
            return self._closed(Response(answering.dumps(self.document), content_type=media_type))
        if self.enveloped:
            return self._closed(Response(self.enveloped, content_type=JWT))
        if self.older:
            response = problem(503, "passport-outdated", "expected a seal over what is so now, it is being made anew")
            response.headers["Retry-After"] = _SOON
            return self._closed(response)
        return self._closed(problem(406, "passport-not-sealed", f"expected {JSON_LD} to be accepted, no seal is kept"))

    def page(self, contents: Contents, verdict: Verdict | None = None) -> Response:
        """The same for people."""
        response = page(
            "passport.html",
            contents=contents,
            verdict=verdict,
            sealed=self.enveloped is not None,
            level=LEVEL_NAMES[contents.goods.level],
            kind_names=KIND_NAMES,
            version=VERSION,
            media_types={"sealed": JWT, "plain": JSON_LD},
        )
        return self._closed(response)

    def _closed(self, response: Response) -> Response:
        response.headers.update(VARY)
        response.headers["Cache-Control"] = "no-store" if self.private else "no-cache"
        return _opened(response)


def _of_label(front: str) -> BaseResponse:
    """The passport of a piece, or its events. Behind any other verdict there is none, and the verdict is told."""
    here = site()
    verdict = here.verifier.verify(label_text(here.origin.scheme, _of_address(front)))
    if verdict.label is None or verdict.evidence is None or verdict.code not in _TOLD:
        return _verdict(verdict)
    with reading() as reader:
        contents = _clerk(reader).of_label(verdict.label, verdict.evidence)
    if contents is None:
        abort(404)
    told = contents.passport(_issuer(), _term()) if front == PREFIX else contents.events(_issuer(), _term())
    if told is None:
        abort(404)
    offer = _Offer(told, None, private=True)
    if not offer.wants_page:
        return offer.answer()
    return offer.page(contents, verdict) if front == PREFIX else redirect(f"/trace{_of_address(front)['RAW_URI']}", 303)


def _verdict(verdict: Verdict) -> Response:
    here = site()
    if _liked(sealed=False) != HTML:
        return answering.as_json(here, verdict)
    return answering.as_page(here, verdict, language())


def _liked(*, sealed: bool) -> str:
    """The media type that the client likes best; where it likes all alike, the envelope or else the credential."""
    header = request.headers.get("Accept", "")[:_READ] or "*/*"
    accepted = parse_accept_header(header, MIMEAccept)
    first = (*((JWT,) if sealed else ()), JSON_LD, PLAIN, JSON, HTML)
    return accepted.best_match(first) or accepted.best_match((JWT,)) or HTML


def _offer(reader: Reader, path: str, document: Document) -> _Offer:
    now_ms = site().clock()
    enveloped = passporting.current(reader, path, document, keys.keyring(reader), now_ms)
    return _Offer(document, enveloped, older=enveloped is None and passports.kept(reader, path) is not None)


def _asked(front: str) -> Identified:
    """What an address names, as it was sent. There is nothing behind one that cannot be read."""
    target = raw_target(request.environ)
    if len(target) > MAX_TARGET:
        abort(404)
    try:
        return Identified.parse(target.partition("?")[0].removeprefix(front))
    except InvalidDigitalLink:
        abort(404)


def _of_address(front: str) -> dict[str, Any]:
    """The environment of this request, as it would be at the label's own address."""
    return {**request.environ, "RAW_URI": raw_target(request.environ).removeprefix(front)}


def _issuer() -> Issuer:
    return Issuer(str(site().origin).lower())


def _term() -> Term:
    return Term(site().clock())


def _clerk(reader: Reader) -> Clerk:
    here = site()
    return Clerk(reader, here.clock(), here.settings.timezone)


def _opened(response: Response) -> Response:
    """Programs in pages of other sites may ask."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
