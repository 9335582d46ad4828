"""Imports of the association's console: tried first, with every fault named, then landed as they were tried."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.office.taking_in import IntakeOffice, Kind, Outcome, Table, headings
from traceqr.web import fault_words, forms, parcels
from traceqr.web.beside import beside
from traceqr.web.door import door, guard, identity
from traceqr.web.fault_words import Told
from traceqr.web.forms import OfficeForm
from traceqr.web.language import Language
from traceqr.web.office_pages import done, page
from traceqr.web.parcels import Parcel, ParcelOver
from traceqr.web.site import language, site
from traceqr.web.tables import table_file

_ = str

blueprint = Blueprint("association_imports", __name__)
blueprint.before_request(parcels.make_room)
blueprint.before_request(guard(Role.OFFICER))

MAX_OPEN = 200
"""From more faults on, those of each column are folded up."""

KIND_NAMES = {
    Kind.ENTERPRISES: _("Enterprises"),
    Kind.PARTICIPANTS: _("Participants"),
    Kind.PLEDGES: _("Pledges signed on paper"),
}
WHOLE = _("The file as a whole")
TALLY = _("Imported: %(added)s new, %(changed)s changed, %(unchanged)s unchanged.")

NO_FILE = _("Choose a file.")
TOO_LARGE = _("Choose a file of at most 5 MB. Larger ones are imported at the command line.")
OVER = _("The file was kept for an hour, and is gone. Choose it again.")


class FileForm(OfficeForm):
    """A table."""

    table = forms.file(_("Table (CSV)"), ".csv,.txt,text/csv")


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


@blueprint.route("/association/campaigns/<campaign_id>/imports/<kind>", methods=["GET", "POST"])
def into_edition(campaign_id: str, kind: str) -> BaseResponse:
    """Participants of an edition, or its pledges signed on paper."""
    if kind not in (Kind.PARTICIPANTS, Kind.PLEDGES):
        abort(404)
    return _import(Kind(kind), campaign_id)


def _import(kind: Kind, campaign_id: str = "") -> BaseResponse:
    form = FileForm()
    if request.method == "GET":
        return _page(form, kind, campaign_id)
    parcel = _parcel(form, _purpose(kind, campaign_id))
    if parcel is None:
        return _page(form, kind, campaign_id, status=422)
    step, desk, table = request.form.get("step", ""), office(), Table(parcel.name, parcel.content)
    outcome = beside(lambda: desk.take(kind, table, campaign_id, dry_run=step != "land"))
    if step == "faults":
        return _table_of_faults(outcome)
    if step == "land" and outcome.tally:
        return done(_worded(outcome), request.path)
    return _page(form, kind, campaign_id, parcel, outcome, status=422 if outcome.faults else 200)


def _parcel(form: FileForm, purpose: str) -> Parcel | None:
    """The file that is chosen, or the one that was tried; a fault of the form where there is none."""
    lands, sealed = request.form.get("step") == "land", request.form.get("parcel", "")
    given = None if lands else parcels.uploaded("table")  # what lands is what was tried
    try:
        parcel = given or (parcels.unseal(sealed, purpose) if sealed else None)
    except ParcelOver:
        form.table.errors = [OVER]
        return None
    if parcel is None:
        form.table.errors = [NO_FILE]
    elif len(parcel.content) > parcels.MAX_BYTES:
        form.table.errors = [TOO_LARGE]
        return None
    return parcel


def _purpose(kind: Kind, campaign_id: str) -> str:
    return f"import {kind} {campaign_id}"


def _worded(outcome: Outcome) -> str:
    assert outcome.tally is not None  # it has landed
    counts = {name: f"{getattr(outcome.tally, name):,}" for name in ("added", "changed", "unchanged")}
    return site().pages.words(language(), TALLY, **counts)


def _page(
    form: FileForm,
    kind: Kind,
    campaign_id: str,
    parcel: Parcel | None = None,
    outcome: Outcome | None = None,
    status: int = 200,
) -> BaseResponse:
    edition = office().into(campaign_id) if campaign_id else None
    office().takes_into()  # the right to it, also where no edition is meant
    told = fault_words.told(outcome.faults) if outcome else []
    return page(
        "association/import.html",
        status,
        form=form,
        kind=kind,
        kind_name=KIND_NAMES[kind],
        edition=edition,
        parcel=parcels.seal(parcel, _purpose(kind, campaign_id)) if parcel else "",
        name=parcel.name if parcel else "",
        digest=hashlib.sha256(parcel.content).hexdigest() if parcel else "",
        outcome=outcome,
        by_column=_by_column(told),
        open=len(told) <= MAX_OPEN,
        whole=WHOLE,
        headings=_headings(kind),
    )


def _by_column(faults: Sequence[Told]) -> dict[str, list[Told]]:
    """Faults by the column that they are in, the column with the most of them first."""
    found: dict[str, list[Told]] = {}
    for fault in faults:
        found.setdefault(fault.column, []).append(fault)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def _table_of_faults(outcome: Outcome) -> Response:
    rows = (
        (str(each.row or ""), each.column, each.expected, each.came, each.hint)
        for each in fault_words.told(outcome.faults)
    )
    return table_file("faults.csv", ("row", "column", "expected", "found", "hint"), rows)
