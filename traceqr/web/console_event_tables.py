"""Tables of goods received, made, packed and shipped, and of places: tried out, then captured as they were tried:
`/console/events/import`.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.office import event_tables
from traceqr.office.event_tables import EventTable, EventTableOffice
from traceqr.web import parcels, trying
from traceqr.web.door import door, guard, identity
from traceqr.web.language import Language
from traceqr.web.office_pages import page
from traceqr.web.site import language
from traceqr.web.trying import FileForm

_ = str

blueprint = Blueprint("console_event_tables", __name__)
blueprint.before_request(parcels.make_room)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

KIND_NAMES = {
    EventTable.RECEIVING: _("Goods received"),
    EventTable.PRODUCTION: _("Goods produced"),
    EventTable.PACKING: _("Goods packed"),
    EventTable.SHIPPING: _("Goods shipped"),
    EventTable.LOCATIONS: _("Places"),
}
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def office() -> EventTableOffice:
    """The desk of whoever asks."""
    return EventTableOffice(door().house, identity())


@blueprint.get("/console/events/import")
def chooser() -> BaseResponse:
    """What may be imported."""
    office().code()  # the right to it
    return page("console/event_imports.html", kinds=KIND_NAMES)


@blueprint.get("/console/events/import/<kind>.csv")
def empty_table(kind: str) -> BaseResponse:
    """A table to fill in."""
    return _empty(kind, "csv")


@blueprint.get("/console/events/import/<kind>.xlsx")
def empty_workbook(kind: str) -> BaseResponse:
    """The same, with cells that are text."""
    return _empty(kind, "xlsx")


def _empty(kind: str, form: str) -> BaseResponse:
    found = _kind(kind)
    office().code()  # the right to it
    content = event_tables.empty_table(found, form, english=_english())
    headers = {"Content-Disposition": f'attachment; filename="{found}.{form}"', "Vary": "Cookie"}
    return Response(content, content_type=MEDIA_TYPES[form], headers=headers)


@blueprint.route("/console/events/import/<kind>", methods=["GET", "POST"])
def into(kind: str) -> BaseResponse:
    """A table of one kind."""
    found, desk = _kind(kind), office()

    def show(form: FileForm, status: int, shown: dict[str, object]) -> BaseResponse:
        headings = event_tables.headings(found, english=_english())
        values = {"kind": found, "kind_name": KIND_NAMES[found], "own": desk.code(), "headings": headings}
        return page("console/event_import.html", status, form=form, **values, **shown)

    return trying.answer(
        f"import events {found}", lambda table, dry_run: desk.take(found, table, dry_run=dry_run), show
    )


def _kind(kind: str) -> EventTable:
    if kind not in set(EventTable):
        abort(404)
    return EventTable(kind)


def _english() -> bool:
    return language() is Language.EN
