"""Print files of batches: ordered here, fetched from `/print/` by whoever has the address."""

from __future__ import annotations

from flask import Blueprint, current_app, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.office.batches import BatchOffice, NotOfThisBatch, place
from traceqr.office.printing import (
    DESIGNS,
    FORMATS,
    SHEETS,
    PrintedBefore,
    PrintFile,
    PrintOffice,
    PrintOrder,
    Unprintable,
)
from traceqr.web import assets, downloads, forms
from traceqr.web.console_batches import NO_LABEL, NO_RANGE
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.links import Link, Links
from traceqr.web.office_pages import done, page
from traceqr.web.site import site

_ = str

blueprint = Blueprint("console_printing", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

DPI = ("203", "300", "600")
LEVELS = ("M", "L", "Q")

BEFORE = _("Some of these labels were printed before. Say why they are printed again; the ledger keeps it.")
NOT_SO = _("Labels cannot be printed in this form. Choose another sheet, design or format.")
NOT_PRINTABLE = _("These labels may not be printed now: all are void, or the right to the GTIN or the key has ended.")


class PrintForm(OfficeForm):
    """Which labels, and in what form."""

    format = SelectField(_("Format"), choices=forms.choices((name, name.upper()) for name in FORMATS))
    first = forms.line(_("First label"), 400, needed=False, autocomplete="off", spellcheck="false")
    last = forms.line(_("Last label"), 400, needed=False, autocomplete="off", spellcheck="false")
    design = SelectField(_("Design"), choices=forms.choices((name, name) for name in DESIGNS))
    sheet = SelectField(_("Sheet, for PDF"), choices=forms.choices((name, name) for name in SHEETS))
    dpi = SelectField(_("Resolution of the printer (dpi)"), choices=forms.choices((d, d) for d in DPI), default="300")
    level = SelectField(_("Error correction"), choices=forms.choices((level, level) for level in LEVELS))
    again = forms.line(_("Why labels are printed again"), 200, needed=False)


def office() -> PrintOffice:
    """The desk of whoever asks."""
    return PrintOffice(door().house, identity())


def _links() -> Links | None:
    """Of this node, or None where it hands out no files."""
    room = current_app.extensions.get(downloads.EXTENSION)
    return room.links if room else None


@blueprint.route("/console/batches/<int:number>/print", methods=["GET", "POST"])
def order(number: int) -> BaseResponse:
    """Order a print file of a batch."""
    BatchOffice(door().house, identity()).file(number)
    form = PrintForm()
    if _links() and form.validate_on_submit() and (made := _ordered(form, number)):
        here = url_for("console_printing.file", number=number, export_id=made)
        return done(_("The print file is ready to be fetched."), here)
    status = 422 if request.method == "POST" else 200
    return page("console/print_new.html", status, number=number, form=form, prints=_links() is not None)


def _ordered(form: PrintForm, number: int) -> str | None:
    """The id of the export, or None with what is wrong in the form."""
    first, last = _end(form, number, "first"), _end(form, number, "last")
    if form.first.errors or form.last.errors:
        return None
    options = {"design": form.design.data, "level": form.level.data, "dpi": int(form.dpi.data)}
    if form.format.data == "pdf":
        options["sheet"] = form.sheet.data
    try:
        return office().order(
            PrintOrder(number, first, last, form.format.data, options, (form.again.data or "").strip())
        )
    except PrintedBefore:
        form.again.errors = [BEFORE]
    except Unprintable:
        form.form_errors.append(NOT_SO)
    except ActRefused:
        form.form_errors.append(NOT_PRINTABLE)
    return None


def _end(form: PrintForm, number: int, name: str) -> int | None:
    here = BatchOffice(door().house, identity())
    try:
        index = place(number, form[name].data or "")
    except NotOfThisBatch:
        form[name].errors = [NO_LABEL]
        return None
    if index is not None and index >= here.file(number).batch.label_count:
        form[name].errors = [NO_RANGE]
    return index


@blueprint.get("/console/batches/<int:number>/files/<export_id>")
def file(number: int, export_id: str) -> BaseResponse:
    """A print file: its state, and where it is fetched."""
    found = office().file(number, export_id)
    script = assets.address("download.js")
    return page("console/print_file.html", file=found, address=_address(found), download_script=script)


def _address(found: PrintFile) -> str:
    """Where the file is fetched, or nothing."""
    links = _links()
    if links is None or found.until_ms is None:
        return ""
    token = links.issue(Link(found.made.row.id, found.until_ms))
    return f"{site().origin}/print/{token}/{found.name}"
