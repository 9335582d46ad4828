"""What the views need, made once by the app factory and found again in each request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request
from werkzeug.http import parse_cookie

from traceqr.entering import Entries
from traceqr.instant import Clock
from traceqr.label.host import Origin
from traceqr.settings import Settings
from traceqr.verifying import Verifier
from traceqr.web.device import Devices
from traceqr.web.language import COOKIE, HOST_COOKIE, Language, choose
from traceqr.web.pages import Pages
from traceqr.web.passes import Passes
from traceqr.web.readiness import Readiness
from traceqr.web.samples import Sample
from traceqr.web.tickets import Tickets
from traceqr.web.verdict_page import VerdictPages
from traceqr.web.whereabouts import Whereabouts

EXTENSION = "traceqr"

PictureOf = Callable[[str], tuple[bytes, str] | None]
"""From a picture's digest to its bytes and media type. May raise `RegistryUnavailable`."""


@dataclass(frozen=True, slots=True)
class Site:
    """One deployment of the verifier web."""

    settings: Settings
    origin: Origin
    verifier: Verifier
    picture_of: PictureOf
    clock: Clock
    devices: Devices
    passes: Passes
    entry_passes: Passes
    pages: Pages
    verdict_pages: VerdictPages
    samples: tuple[Sample, ...]
    readiness: Readiness
    whereabouts: Whereabouts
    tickets: Tickets
    entries: Entries | None = None
    """Who takes hidden codes; None where there is no guard to ask."""


def site() -> Site:
    """The site of the current request."""
    found: Site = current_app.extensions[EXTENSION]
    return found


def cookies() -> Mapping[str, str]:
    """The cookies of the current request, read once. Flask's own way goes through all headers each time."""
    found: Mapping[str, str] | None = g.get("cookies")
    if found is None:
        found = g.cookies = cookies_of(request.environ)
    return found


def cookies_of(environ: Mapping[str, Any]) -> Mapping[str, str]:
    """The cookies of a request."""
    return parse_cookie(environ.get("HTTP_COOKIE"))


def wish(environ: Mapping[str, Any]) -> str | None:
    """The language that the address asks for, if it does. Query strings are long here, and few have one."""
    return request.args.get("lang") if "lang=" in environ.get("QUERY_STRING", "") else None


def language() -> Language:
    """The language of the current request, chosen once."""
    chosen: Language | None = g.get("language")
    if chosen is None:
        chosen = g.language = language_of(request.environ, cookies())
    return chosen


def language_of(environ: Mapping[str, Any], jar: Mapping[str, str]) -> Language:
    """The language of the current request, by its environment and its cookies."""
    return choose(wish(environ), jar.get(HOST_COOKIE) or jar.get(COOKIE), environ.get("HTTP_ACCEPT_LANGUAGE"))
