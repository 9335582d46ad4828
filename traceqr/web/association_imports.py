"""Imports of the association's console: tried first, with every fault named, then landed as they were tried."""

from __future__ import annotations

from flask import Blueprint, abort
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.office.taking_in import IntakeOffice, Kind, headings
from traceqr.web import parcels, trying
from traceqr.web.door import door, guard, identity
from traceqr.web.language import Language
from traceqr.web.office_pages import page
from traceqr.web.site import language
from traceqr.web.tables import table_file
from traceqr.web.trying import FileForm

_ = str

blueprint = Blueprint("association_imports", __name__)
blueprint.before_request(parcels.make_room)
blueprint.before_request(guard(Role.OFFICER))

KIND_NAMES = {
    Kind.ENTERPRISES: _("Enterprises"),
    Kind.PARTICIPANTS: _("Participants"),
    Kind.PLEDGES: _("Pledges signed on paper"),
    Kind.RECOGNITIONS: _("Recognitions"),
}


def office() -> IntakeOffice:
    """The desk of whoever asks."""
    return IntakeOffice(door().house, identity())


@blueprint.get("/association/imports")
def chooser() -> BaseResponse:
    """What may be imported."""
    return page("association/imports.html", editions=office().takes_into())


@blueprint.get("/association/imports/<kind>.csv")
def empty_table(kind: str) -> BaseResponse:
    """A table to fill in: its header alone, which a star in a heading does no harm to."""
    if kind not in set(Kind):
        abort(404)
    office().takes_into()
    return table_file(f"{kind}.csv", _headings(Kind(kind)), ())


def _headings(kind: Kind) -> list[str]:
    """As they stand in a header, in the language of whoever asks; those that must be there with a star."""
    chinese = language() is not Language.EN
    return [(one.name_zh if chinese else one.name) + ("*" if one.required else "") for one in headings(kind)]


@blueprint.route("/association/imports/enterprises", methods=["GET", "POST"])
def enterprises() -> BaseResponse:
    """Enterprises of the own region."""
    return _import(Kind.ENTERPRISES)


@blueprint.route("/association/imports/recognitions", methods=["GET", "POST"])
def recognitions() -> BaseResponse:
    """Recognitions of enterprises of the own region."""
    return _import(Kind.RECOGNITIONS)


@blueprint.route("/association/campaigns/<campaign_id>/imports/<kind>", methods=["GET", "POST"])
def into_edition(campaign_id: str, kind: str) -> BaseResponse:
    """Participants of an edition, or its pledges signed on paper."""
    if kind not in (Kind.PARTICIPANTS, Kind.PLEDGES):
        abort(404)
    return _import(Kind(kind), campaign_id)


def _import(kind: Kind, campaign_id: str = "") -> BaseResponse:
    desk = office()

    def show(form: FileForm, status: int, shown: dict[str, object]) -> BaseResponse:
        edition = desk.into(campaign_id) if campaign_id else None
        desk.takes_into()  # the right to it, also where no edition is meant
        values = {"kind": kind, "kind_name": KIND_NAMES[kind], "edition": edition, "headings": _headings(kind)}
        return page("association/import.html", status, form=form, **values, **shown)

    return trying.answer(
        f"import {kind} {campaign_id}",
        lambda table, dry_run: desk.take(kind, table, campaign_id, dry_run=dry_run),
        show,
    )
