"""The app factory. It alone knows every part of the web; blueprints know only what `site()` hands them."""

from __future__ import annotations

import atexit
import os
import secrets
from collections.abc import Callable

from flask import Blueprint, Flask, Response, request

from traceqr.entering import Entries
from traceqr.guard.asking import Line
from traceqr.instant import Clock, system_clock
from traceqr.registry import products
from traceqr.registry.opening import is_sqlite, open_database
from traceqr.settings import Settings
from traceqr.symbol.reading import MAX_PHOTO_BYTES
from traceqr.verifying import Verifier
from traceqr.web import (
    api,
    assets,
    entry_passes,
    faults,
    headers,
    health,
    here,
    hidden_codes,
    metrics,
    modules,
    public,
    scanner,
    seen,
    showcase,
)
from traceqr.web.aside import crew
from traceqr.web.catalogues import load
from traceqr.web.device import Devices
from traceqr.web.language import COOKIE, COOKIE_MAX_AGE, HOST_COOKIE, Language
from traceqr.web.logs import RegistryChanges
from traceqr.web.metrics import Metrics
from traceqr.web.pages import Pages
from traceqr.web.passes import Passes
from traceqr.web.readiness import Readiness
from traceqr.web.samples import read_samples
from traceqr.web.site import EXTENSION, PictureOf, Site, cookies, wish
from traceqr.web.target import Anything
from traceqr.web.tickets import Tickets
from traceqr.web.verdict_page import VerdictPages
from traceqr.web.whereabouts import Whereabouts

_SLACK = 64 * 1024
"""What a form needs beside the photo."""


def create_app(
    settings: Settings,
    verifier: Verifier,
    picture_of: PictureOf,
    clock: Clock = system_clock,
    token_bytes: Callable[[int], bytes] = secrets.token_bytes,
    entries: Entries | None = None,
) -> Flask:
    """The verifier web of one deployment; without `entries` it takes no hidden codes. Raises `InvalidSetting` when a
    setting that it needs is missing.
    """
    origin, secret = settings.require_origin(), settings.require_secret_key()
    https = origin.scheme == "https"
    app = Flask("traceqr.web", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_PHOTO_BYTES + _SLACK
    # Of text in a form with files; a form without is bounded as a whole, by the view.
    app.config["MAX_FORM_MEMORY_SIZE"] = public.MAX_TEXT_FORM
    app.url_map.converters["anything"] = Anything
    app.url_map.merge_slashes = False
    pages = Pages({language: load(language) for language in Language}, _shared(settings), settings.timezone)
    app.extensions[EXTENSION] = Site(
        settings,
        origin,
        verifier,
        picture_of,
        clock,
        Devices(secret, https, token_bytes),
        Passes(secret),
        Passes(secret, entry_passes.PURPOSE, entry_passes.MAX_AGE_MS),
        pages,
        VerdictPages(pages),
        read_samples(settings.samples),
        Readiness(verifier),
        Whereabouts(secret, settings.proxies, settings.places),
        Tickets(secret),
        entries,
    )
    for blueprint in _blueprints(settings.roles):
        app.register_blueprint(blueprint)
    faults.install(app)
    app.after_request(_remember(https))
    headers.install(app, https=https)
    return app


def _blueprints(roles: frozenset[str]) -> list[Blueprint]:
    """What a process serves to those whom it is for; health and assets go with any. What needs more than a site has is
    not among them. What only a role needs is imported with it here and below: a process is up the sooner without it.
    """
    found = [health.blueprint, assets.blueprint, modules.blueprint, scanner.blueprint]
    if "public" in roles:
        found += [public.blueprint, seen.blueprint, here.blueprint, hidden_codes.blueprint, api.blueprint]
    if "inspect" in roles:
        from traceqr.web import inspect_app

        found.append(inspect_app.blueprint)
    return found


def from_environment() -> Flask:
    """The app as servers start it, by the settings in the environment.

    A missing setting stops it here, with its name. A registry that cannot be reached does not: pages say so.
    """
    settings = Settings.parse(os.environ)
    database = open_database(settings.database)
    atexit.register(database.close)
    counting = (
        Metrics("sqlite" if is_sqlite(settings.database) else "postgresql", RegistryChanges())
        if settings.metrics_token
        else None
    )

    def picture_of(digest: str) -> tuple[bytes, str] | None:
        with database.snapshot(soon=True) as reader:
            return products.picture(reader, digest)

    hands = crew(waiting_blocks=is_sqlite(settings.database))
    verifier = Verifier(
        database,
        settings.official_hosts,
        system_clock,
        observer=counting or RegistryChanges(),
        crew=hands,
        zone=settings.timezone,
        watching=settings.suspicion,
    )
    entries = (
        Entries(database, Line(settings.guard), system_clock, observer=counting or RegistryChanges(), crew=hands)
        if settings.guard
        else None
    )
    app = create_app(settings, verifier, picture_of, entries=entries)
    if "public" in settings.roles:
        showcase.install(app, database)
    if "print" in settings.roles:
        from traceqr.web import downloads

        downloads.install(app, settings, database)
    if settings.roles & {"console", "inspect"}:
        from traceqr.web import consoles

        consoles.install(app, settings, database)
    if counting:
        metrics.install(app, counting)
    return app


def _shared(settings: Settings) -> dict[str, object]:
    """What every template may name."""
    return {
        "official": settings.require_origin().host,
        "origin": str(settings.require_origin()),
        "hosts": settings.official_hosts,
        "filing": settings.filing,
        "style": assets.STYLE_ADDRESS,
        "icon": assets.ICON_ADDRESS,
        "roster_style": assets.address("roster.css"),
        "artworks": assets.ARTWORK_ADDRESSES,
    }


def _remember(https: bool) -> Callable[[Response], Response]:
    """Keep a language that a reader has switched to."""
    name = HOST_COOKIE if https else COOKIE

    def remember(response: Response) -> Response:
        wished = wish(request.environ)
        # What caches may share must not set one reader's cookie.
        if wished in _TAGS and response.mimetype == "text/html" and cookies().get(name) != wished:
            response.set_cookie(
                name, str(wished), max_age=COOKIE_MAX_AGE, path="/", secure=https, httponly=True, samesite="Lax"
            )
        return response

    return remember


_TAGS = frozenset(str(tag) for tag in Language)
