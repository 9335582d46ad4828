"""What was done in an enterprise's name or to what is its own: `/console/history`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.instant import to_iso
from traceqr.office.history import KINDS, Deed, HistoryOffice, Sought
from traceqr.web import deeds
from traceqr.web.door import door, guard, identity
from traceqr.web.numbers import whole
from traceqr.web.office_pages import page
from traceqr.web.site import language, site
from traceqr.web.tables import table_file

blueprint = Blueprint("console_history", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

PAGE = 50
COLUMNS = ("time", "entry", "act", "what", "by", "name", "on", "id", "called", "first", "last", "reason")


def office() -> HistoryOffice:
    """The desk of whoever asks."""
    return HistoryOffice(door().house, identity())


@blueprint.get("/console/history")
def listed() -> BaseResponse:
    """Acts, latest first, a page at a time."""
    sought, before = _sought(), whole(request.args.get("before"))
    found = office().page(sought, before, PAGE + 1)
    return page(
        "console/history.html",
        deeds=found[:PAGE],
        last=found[PAGE - 1].position if len(found) > PAGE else None,
        before=before,
        sought=sought,
        query=_query(sought),
        words=deeds,
        kinds=KINDS,
        called=lambda who: deeds.name_of(who, language()),
    )


@blueprint.get("/console/history.csv")
def table() -> Response:
    """All of them as a table."""
    return table_file("history.csv", COLUMNS, _rows(office().all(_sought()), _translated()))


def _sought() -> Sought:
    """What the filter asks for; what it cannot ask for is no filter."""
    kind = request.args.get("kind", "")
    return Sought(kind if kind in KINDS else None, whole(request.args.get("batch"), 9))


def _query(sought: Sought) -> str:
    asked = {"kind": sought.kind, "batch": sought.batch}
    return urlencode({name: value for name, value in asked.items() if value is not None})


def _translated() -> Callable[[str], str]:
    """Words in the language of the request, also once it has been answered and is being sent."""
    pages, spoken = site().pages, language()
    return lambda message: pages.words(spoken, message)


def _rows(found: Iterator[Deed], words: Callable[[str], str]) -> Iterator[tuple[str, ...]]:
    for deed in found:
        yield (
            to_iso(deed.at_ms),
            str(deed.position),
            deed.act,
            words(deeds.ACT_NAMES.get(deed.act, deed.act)),
            deed.who.kind,
            deed.who.name_zh or words(deeds.WHO_NAMES[deed.who.kind]),
            deed.noun,
            deed.id,
            deed.about,
            "" if deed.first is None else str(deed.first),
            "" if deed.last is None else str(deed.last),
            deed.reason,
        )
