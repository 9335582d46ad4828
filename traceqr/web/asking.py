"""Which requests the resolver answers, and what they ask for (GS1-Conformant Resolver, sections 2.4 to 2.10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from flask import Response, current_app
from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

from traceqr.digital_link.identified import MAX_TARGET, Identified, InvalidDigitalLink, check_query
from traceqr.digital_link.links import Wish
from traceqr.digital_link.linkset import MEDIA_TYPE
from traceqr.digital_link.vocabulary import LINKSET, link_type
from traceqr.web.scanning import ACCEPT
from traceqr.web.target import raw_target

EXTENSION = "traceqr-resolver"

JSON, JSON_LD, HTML = "application/json", "application/ld+json", "text/html"

_READ = 1024
"""Characters of a header that are looked at."""

_MAX_VALUE = 200
"""Characters of a link type or a context."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request names, and what of it is wanted. `kind` is a link type, or None where the default is; `linkset`
    says that all links are, as `media_type`. `stated` says that a type was asked for that may be none.
    """

    what: Identified
    query: str
    kind: str | None
    stated: bool
    linkset: bool
    media_type: str
    wish: Wish


def resolver() -> Callable[[], Response] | None:
    """What answers for the resolver in this app, if anything does."""
    found: Callable[[], Response] | None = current_app.extensions.get(EXTENSION)
    return found


def is_for_resolver(environ: Mapping[str, Any]) -> bool:
    """Whether an address of a label is not asked for as one: it has no seal, or links are asked for. Every scan comes
    by here, so that it is a few looks at short texts.
    """
    query = environ["QUERY_STRING"]
    if not (query.startswith("s=") or "&s=" in query):
        return True
    return "linkType=" in query or "linkset" in environ.get(ACCEPT, "") or environ["REQUEST_METHOD"] == "OPTIONS"


def asked(environ: dict[str, Any]) -> Asked:
    """What a request asks. Raises `InvalidDigitalLink`."""
    path, _, query = _target(environ).partition("?")
    what = Identified.parse(path)
    check_query(query)
    values = _values(query)
    stated = values.get("linkType", "")
    accepted = parse_accept_header(environ.get(ACCEPT, "")[:_READ], MIMEAccept)
    # What stands first is for clients that like all alike, as `curl` does: those are led, and shown lists as JSON.
    liked = accepted.best_match((HTML, MEDIA_TYPE, JSON, JSON_LD)) or HTML
    linkset = stated in LINKSET or liked == MEDIA_TYPE or (not stated and liked != HTML)
    media_type = accepted.best_match((MEDIA_TYPE, JSON, JSON_LD, HTML)) or MEDIA_TYPE
    kind = None if stated in LINKSET else link_type(stated)
    return Asked(what, query, kind, bool(stated), linkset, media_type, _wish(environ, values, accepted))


def _target(environ: dict[str, Any]) -> str:
    target = raw_target(environ)
    if len(target) > MAX_TARGET:
        raise InvalidDigitalLink("too-long", f"expected at most {MAX_TARGET} characters, got {len(target)}")
    return target


def _values(query: str) -> dict[str, str]:
    """What the resolver's own parameters say, each once."""
    found: dict[str, str] = {}
    for parameter in query.split("&"):
        name, _, value = parameter.partition("=")
        if name not in ("linkType", "context", "lang"):
            continue
        decoded = unquote(value)
        if name in found and name != "lang":
            raise InvalidDigitalLink("parameter-repeated", f"expected {name} once, got it again")
        if len(decoded) > _MAX_VALUE or not decoded.isprintable():
            raise InvalidDigitalLink("parameter-malformed", f"expected at most {_MAX_VALUE} plain characters as {name}")
        found[name] = decoded
    return found


def _wish(environ: Mapping[str, Any], values: Mapping[str, str], accepted: MIMEAccept) -> Wish:
    languages = parse_accept_header(environ.get("HTTP_ACCEPT_LANGUAGE", "")[:_READ], LanguageAccept)
    wanted = [(tag, quality) for tag, quality in languages if quality > 0]
    if values.get("lang"):  # what a reader has chosen on a page of ours comes before what his browser says
        wanted.insert(0, (values["lang"], 2.0))
    media_types = tuple((name.partition(";")[0].lower(), quality) for name, quality in accepted if quality > 0)
    return Wish(tuple(wanted), media_types, values.get("context", ""))
