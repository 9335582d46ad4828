"""Recognitions of enterprises, as an association vouches for them: `/association/recognitions`."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.office.recognitions import MAX_NAME, MAX_REASON, RecognitionEntry, RecognitionOffice
from traceqr.web import forms
from traceqr.web.door import door, guard, identity
from traceqr.web.firms import HONOUR_NAMES, LEVEL_NAMES
from traceqr.web.forms import OfficeForm
from traceqr.web.office_pages import done, page

_ = str

blueprint = Blueprint("association_recognitions", __name__)
blueprint.before_request(guard(Role.OFFICER))

TEXTS = ("uscc", "name_zh", "name_en", "conferred_by_zh", "conferred_by_en")
NO_YEAR = _("Enter a year from 1978 to this one.")
MEANWHILE = _("Nothing was done: somebody else was quicker. See how it stands now.")


class RecordForm(OfficeForm):
    """A recognition to record."""

    uscc = forms.spelled(_("USCC of the enterprise"), "[0-9A-Za-z]{18}", _("A USCC has 18 digits and letters."), 30)
    kind = SelectField(_("Kind"), [InputRequired(forms.NEEDED)], choices=forms.choices(HONOUR_NAMES.items()))
    level = SelectField(_("Level"), [InputRequired(forms.NEEDED)], choices=forms.choices(LEVEL_NAMES.items()))
    year = IntegerField(
        _("Year"),
        [InputRequired(NO_YEAR), NumberRange(1978, 2999, message=NO_YEAR)],
        render_kw={"inputmode": "numeric"},
    )
    name_zh = forms.line(_("Chinese name"), MAX_NAME)
    name_en = forms.line(_("English name"), MAX_NAME, needed=False)
    conferred_by_zh = forms.line(_("Conferred by, in Chinese"), MAX_NAME)
    conferred_by_en = forms.line(_("Conferred by, in English"), MAX_NAME, needed=False)

    def entry(self) -> RecognitionEntry:
        """What was filled in."""
        texts = {name: (self[name].data or "").strip() for name in TEXTS}
        texts["uscc"] = texts["uscc"].upper()
        return RecognitionEntry(kind=self.kind.data, level=self.level.data, year=self.year.data, **texts)


class RevokeForm(OfficeForm):
    """Why a recognition stands no more."""

    reason = forms.line(_("Why does it stand no more? Everybody may read it."), MAX_REASON)


def office() -> RecognitionOffice:
    """The desk of whoever asks."""
    return RecognitionOffice(door().house, identity())


@blueprint.get("/association/recognitions")
def listed() -> BaseResponse:
    """Recognitions in the region, fifty at a time."""
    asked = request.args.get("text", "")
    text = "".join(char for char in asked if char.isprintable()).strip()[:100]
    return page(
        "association/recognitions.html",
        found=office().recognitions(text, request.args.get("below", "")),
        text=text,
        honour_names=HONOUR_NAMES,
        level_names=LEVEL_NAMES,
    )


@blueprint.route("/association/recognitions/new", methods=["GET", "POST"])
def new() -> BaseResponse:
    """Record one."""
    office().recognitions()  # the right to it
    form = RecordForm()
    if request.method == "GET":
        form.uscc.data = request.args.get("uscc", "")[:18]
    elif form.validate():
        try:
            added = office().record(form.entry())
        except ActRefused as refusal:
            form.take_refusal(refusal)
        else:
            told = _("The recognition is recorded, and stands on the enterprise's page.")
            there = _("It was recorded just so before: nothing has changed.")
            return done(told if added else there, url_for("association_recognitions.listed"))
    return page("association/recognition_new.html", 422 if request.method == "POST" else 200, form=form)


@blueprint.get("/association/recognitions/<int:number>")
def shown(number: int) -> BaseResponse:
    """One recognition."""
    return _shown(number)


def _shown(number: int, status: int = 200, problem: str = "", form: RevokeForm | None = None) -> BaseResponse:
    return page(
        "association/recognition.html",
        status,
        honour=office().recognition(number),
        problem=problem,
        form=form or RevokeForm(formdata=None),
        honour_names=HONOUR_NAMES,
        level_names=LEVEL_NAMES,
    )


@blueprint.post("/association/recognitions/<int:number>/revoke")
def revoke(number: int) -> BaseResponse:
    """Let it stand no more."""
    form = RevokeForm()
    if not form.validate():
        return _shown(number, 422, form=form)
    try:
        office().revoke(number, form.reason.data)
    except ActRefused as refusal:
        if refusal.field == "reason":
            form.take_refusal(refusal)
            return _shown(number, 422, form=form)
        return _shown(number, 409, MEANWHILE, form)
    told = _("The recognition is revoked. The enterprise's page says so, with the reason.")
    return done(told, url_for("association_recognitions.shown", number=number))
