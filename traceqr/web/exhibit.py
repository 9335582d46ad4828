"""What the public pages share: the registry, what is kept of it, and how they answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Response, abort, current_app, request
from markupsafe import Markup

from traceqr.errors import RegistryUnavailable
from traceqr.registry.database import Database, Reader, RegistryConflict
from traceqr.rostering import Roster, Rosters
from traceqr.web.answering import dumps
from traceqr.web.language import Language
from traceqr.web.places import region_name, sector_names
from traceqr.web.site import language, site
from traceqr.web.target import in_each_language

EXTENSION = "traceqr-exhibit"

VARY = {"Vary": "Accept, Accept-Language, Cookie"}


@dataclass(frozen=True)
class Cards:
    """Lines of a roster in one language by the numbers of pledges, good from one instant until another."""

    roster: Roster
    from_ms: int
    until_ms: int
    made: dict[int, Markup] = field(default_factory=dict)


@dataclass(frozen=True)
class Exhibit:
    """The registry, and what is kept of it."""

    database: Database
    rosters: Rosters = field(default_factory=Rosters)
    pages: dict[tuple[Language, str], tuple[object, int, int, str]] = field(default_factory=dict)
    choices: dict[tuple[Language, str, str, str, str], tuple[object, Markup]] = field(default_factory=dict)
    cards: dict[tuple[Language, str], Cards] = field(default_factory=dict)


def exhibit() -> Exhibit:
    """That of the current app."""
    found: Exhibit = current_app.extensions[EXTENSION]
    return found


@contextmanager
def reading() -> Iterator[Reader]:
    """The registry as of now; the page says so where it cannot be asked."""
    try:
        with exhibit().database.snapshot(soon=True) as reader:
            yield reader
    except (RegistryUnavailable, RegistryConflict):  # a conflict: the role lacks a right
        abort(503)


def rendered(template: str, **values: Any) -> str:
    """A page in the reader's language."""
    common = {
        "addresses": in_each_language(request.environ),
        "repost": None,
        "region_name": region_name,
        "sector_name": sector_names(language()).__getitem__,
    }
    return site().pages.render(template, language(), **{**common, **values})


def page(template: str, status: int = 200, **values: Any) -> Response:
    """The answer with a page."""
    return answer(rendered(template, **values), status)


def answer(html: str, status: int = 200) -> Response:
    """The answer with a page that is made."""
    return Response(html, status, mimetype="text/html", headers=VARY)


def as_json(value: object) -> Response:
    """The answer for programs."""
    return Response(dumps(value), content_type="application/json", headers=VARY)
