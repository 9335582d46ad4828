"""Logistic units in the console, at `/console/trace/units`: their numbers (SSCC), and labels for them."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.office.units import FORMATS, MAX_COUNT, Code, UnitOffice
from traceqr.web import forms
from traceqr.web.console_trace import shown
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.numbers import whole
from traceqr.web.office_pages import done

_ = str

blueprint = Blueprint("console_units", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

DPI = (203, 300, 600)
MAX_BEGIN = 10**12

NO_COUNT = _("Enter a number from 1 to 1000.")
NO_BEGIN = _("Enter a number, or nothing.")


class UnitsForm(OfficeForm):
    """How many numbers, and under what."""

    prefix = SelectField(_("Company prefix"), [forms.Chosen()], validate_choice=False)
    extension = SelectField(
        _("First digit"), [forms.Chosen()], choices=forms.choices((digit, digit) for digit in "0123456789")
    )
    count = IntegerField(
        _("How many"), [InputRequired(forms.NEEDED), NumberRange(1, MAX_COUNT, message=NO_COUNT)], default=10
    )
    begin = IntegerField(
        _("Begin at number"),
        [Optional(), NumberRange(0, MAX_BEGIN, message=NO_BEGIN)],
        render_kw={"inputmode": "numeric"},
    )


def office() -> UnitOffice:
    """The desk of whoever asks."""
    return UnitOffice(door().house, identity())


@blueprint.route("/console/trace/units", methods=["GET", "POST"])
def units() -> BaseResponse:
    """Numbers that were given out, and the next ones."""
    form = UnitsForm()
    prefixes = office().prefixes()
    form.prefix.choices = forms.choices((prefix, prefix) for prefix in prefixes)
    if form.validate_on_submit():
        try:
            office().allocate(form.prefix.data or "", form.extension.data, form.count.data, form.begin.data)
        except ActRefused as refusal:
            form.take_refusal(refusal)
        else:
            return done(_("The numbers are yours. Print their labels now, or later."), url_for("console_units.units"))
    return shown(
        "console/trace_units.html",
        200 if request.method == "GET" else 422,
        form=form,
        given=office().given(),
        prefixes=prefixes,
    )


@blueprint.get("/console/trace/units/<allocation_id>.<any(pdf, zpl, txt):format_>")
def file(allocation_id: str, format_: str) -> Response:
    """The labels of such numbers."""
    code = Code.QR if request.args.get("code") == Code.QR else Code.GS1_128
    dpi = whole(request.args.get("dpi"), 3)
    content = office().file(allocation_id, format_, code, dpi if dpi in DPI else DPI[0])
    headers = {"Content-Disposition": f'attachment; filename="sscc-{allocation_id}.{format_}"', "Vary": "Cookie"}
    return Response(content, content_type=FORMATS[format_], headers=headers)
