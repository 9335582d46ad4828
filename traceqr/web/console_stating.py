"""The small form for firms without a system: pack, palletise, ship, receive, make, at `/console/trace/state`."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.office.stating import Deed, StatingOffice
from traceqr.web import forms, modules, scanner
from traceqr.web.console_trace import shown
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.office_pages import done

_ = str

blueprint = Blueprint("console_stating", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

MAX_TEXT = 500_000
"""Characters of a field of codes."""

DEED_NAMES = {
    Deed.PACK: _("Pack into a case"),
    Deed.PALLETISE: _("Stack on a pallet"),
    Deed.SHIP: _("Ship"),
    Deed.RECEIVE: _("Receive"),
    Deed.MAKE: _("Make"),
}
FIELDS: dict[Deed, dict[str, str]] = {
    Deed.PACK: {"parent": _("Case (SSCC)"), "things": _("Labels in it"), "here": _("Where")},
    Deed.PALLETISE: {"parent": _("Pallet (SSCC)"), "things": _("Cases on it (SSCC)"), "here": _("Where")},
    Deed.SHIP: {"things": _("What is shipped"), "here": _("From"), "there": _("To")},
    Deed.RECEIVE: {"things": _("What was received"), "here": _("Where")},
    Deed.MAKE: {"inputs": _("Materials"), "things": _("What was made"), "here": _("Where")},
}
"""The fields of each form, in order, with their words."""

HINT = _("One code a line: scan, type or paste. Labels in a row: first serial - last serial.")
HINT_LOTS = _("One code a line. A lot is GTIN, blank, lot; behind it may stand how much: 06905555000014 L1 12.5 kg")


def _codes() -> TextAreaField:
    return TextAreaField(
        "", [forms.Chosen(), Length(max=MAX_TEXT, message=forms.TOO_LONG)], render_kw={"spellcheck": "false", "rows": 6}
    )


class StatingForm(OfficeForm):
    """What was done with which things."""

    parent = StringField(
        "", [forms.Chosen(), Length(max=400, message=forms.TOO_LONG)], render_kw={"autocomplete": "off"}
    )
    inputs = _codes()
    things = _codes()
    here = SelectField("", validate_choice=False)
    there = SelectField("", validate_choice=False)
    at = StringField(_("When, if not just now"), [Length(max=40)], render_kw={"type": "datetime-local"})


def office() -> StatingOffice:
    """The desk of whoever asks."""
    return StatingOffice(door().house, identity())


@blueprint.get("/console/trace/state")
def deeds() -> BaseResponse:
    """What may be stated."""
    office().places()
    return shown("console/trace_state.html", deeds=DEED_NAMES)


@blueprint.route("/console/trace/state/<deed>", methods=["GET", "POST"])
def state(deed: str) -> BaseResponse:
    """Scan and state one thing."""
    try:
        chosen = Deed(deed)
    except ValueError as error:
        raise NotFound from error
    form = _form(chosen)
    if form.validate_on_submit():
        try:
            number = office().state(chosen, {name: form[name].data or "" for name in (*FIELDS[chosen], "at")})
        except ActRefused as refusal:
            form.take_refusal(refusal)
        else:
            return done(_("It is stated."), url_for("console_trace.event", number=number))
    return shown(
        "console/trace_deed.html",
        200 if request.method == "GET" else 422,
        form=form,
        deed=chosen,
        deeds=DEED_NAMES,
        fields=FIELDS[chosen],
        hint=HINT_LOTS if chosen is Deed.MAKE else HINT,
        script=modules.address("field/stating.js"),
        reader=scanner.addresses(),
    )


def _form(deed: Deed) -> StatingForm:
    form = StatingForm()
    own, theirs = office().places()
    none = ("", _("not told"))
    form.here.choices = forms.choices([none, *((place.key, place.name_zh) for place in own)])
    form.there.choices = forms.choices([none, *((place.key, place.name_zh) for place in (*theirs, *own))])
    for name, words in FIELDS[deed].items():
        form[name].label.text = words
    return form
