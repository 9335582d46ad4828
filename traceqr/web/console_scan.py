"""Cartons and rolls by phone, at `/console/scan`: first and last label are scanned, shown, and changed."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.office.spans import NotTaken, Scanned, SpanOffice, Why
from traceqr.symbol.isolated import read_isolated
from traceqr.symbol.reading import MAX_PHOTO_BYTES, PhotoError
from traceqr.web import modules, scanner
from traceqr.web.console_batches import LIFE_NAMES
from traceqr.web.door import door, guard, identity
from traceqr.web.office_pages import done, page
from traceqr.web.span_forms import NOTHING, ActForm, EndsForm, recall_of
from traceqr.web.words import PHOTO_FAULTS

_ = str

blueprint = Blueprint("console_scan", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

WHY = {
    Why.NO_LABEL: _("This is no label. Scan the code again, or type the 16 digits of the serial number."),
    Why.FOREIGN: _("This is no label of this system: its code leads to another address, or names another product."),
    Why.NOT_OWN: _("This is no label of your enterprise."),
    Why.TWO_BATCHES: _("The two labels are of different batches. Scan the first and the last of one carton or roll."),
}
MISSING = _("Scan this label, choose a photo of it, or type its serial number.")


def office() -> SpanOffice:
    """The desk of whoever asks."""
    return SpanOffice(door().house, identity())


@blueprint.get("/console/scan")
def ends() -> BaseResponse:
    """Where the two labels are scanned."""
    return _ends(EndsForm(formdata=None))


@blueprint.post("/console/scan")
def look() -> BaseResponse:
    """What was scanned, and what may be done with it; nothing is done yet."""
    form = EndsForm()
    if not form.validate():
        return _ends(form, 422)
    first, last = _text(form, "first"), _text(form, "last")
    if form.first.errors or form.last.errors:
        return _ends(form, 422)
    found = _scanned(form, first, last)
    return _ends(form, 422) if found is None else _shown(found, ActForm(formdata=None))


@blueprint.post("/console/scan/do")
def do() -> BaseResponse:
    """Change the state of the labels that were shown."""
    form, seen = ActForm(), EndsForm()
    found = _scanned(seen, seen.first.data or "", seen.last.data or "")
    if found is None:
        return _ends(seen, 422)
    if not (form.validate() and form.is_whole()):
        return _shown(found, form, 422)
    reason = (form.reason.data or "").strip()
    if form.act.data == "recall":
        return redirect(recall_of(found.labels, reason), 303)
    try:
        _change(form.act.data, found, reason)
    except ActRefused:  # the labels and the reason are good, so there is nothing among them that can change
        form.form_errors.append(NOTHING)
        return _shown(found, form, 422)
    return done(_("It is done."), url_for("console_batches.shown", number=found.batch.number))


def _change(act: str, found: Scanned, reason: str) -> None:
    if act == "activate":
        office().activate(found.labels, reason)
    elif act == "void":
        office().void(found.labels, reason)
    else:
        office().hold(found.labels, reason)


def _text(form: EndsForm, end: str) -> str:
    """What a label was told by: a photo of it, or what stands in the field. A fault of the form where it is neither."""
    photo = _photo(f"{end}_photo")
    try:
        text = read_isolated(photo) if photo is not None else (form[end].data or "").strip()
    except PhotoError as error:
        form[end].errors = [PHOTO_FAULTS.get(error.reason, WHY[Why.NO_LABEL])]
        return ""
    if not text:
        form[end].errors = [MISSING]
    return text


def _photo(name: str) -> bytes | None:
    """The photo that was chosen, cut after one byte too many."""
    given = request.files.get(name)
    if given is None or not given.filename:
        return None
    content: bytes = given.read(MAX_PHOTO_BYTES + 1)
    given.close()  # a large one is a file on disk
    return content


def _scanned(form: EndsForm, first: str, last: str) -> Scanned | None:
    try:
        return office().scanned(first, last)
    except NotTaken as error:
        form[error.end].errors = [WHY[error.why]]
        return None


def _ends(form: EndsForm, status: int = 200) -> BaseResponse:
    return page(
        "console/scan.html",
        status,
        form=form,
        script=modules.address("field/carton.js"),
        reader=scanner.addresses(),
    )


def _shown(found: Scanned, form: ActForm, status: int = 200) -> BaseResponse:
    return page("console/scanned.html", status, found=found, form=form, life_names=LIFE_NAMES)
