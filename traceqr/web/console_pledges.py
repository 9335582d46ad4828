"""The pledges of an enterprise: `/console/pledges`."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField

from traceqr.access import Right, Role
from traceqr.acting import ActRefused
from traceqr.authenticating import SignInRefused
from traceqr.office.pledges import NoSecondFactor, PledgeOffice, StaleText
from traceqr.web import forms
from traceqr.web.console import PLEDGE_STATES
from traceqr.web.door import door, guard, identity, refuse_nul
from traceqr.web.forms import OfficeForm
from traceqr.web.office_pages import done, page, refused
from traceqr.web.signing_in import WRONG_CODE

_ = str

blueprint = Blueprint("console_pledges", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

STALE = _("The text has changed since you opened the page. Read it and sign it anew.")
NOT_NOW = _("This pledge is not in a state in which that can be done. Look at the page again.")


class SignForm(OfficeForm):
    """A signature under the text that was shown."""

    name = forms.line(_("Your name"), 100, autocomplete="name")
    title = forms.line(_("Your title in the enterprise"), 100, autocomplete="organization-title")
    code = forms.code(_("Code of your second factor"))
    text_digest = HiddenField()


class TextForm(OfficeForm):
    """An answer or a reply."""

    content = forms.lines(_("Your answer"), 2_000)


def office() -> PledgeOffice:
    """The desk of whoever asks."""
    return PledgeOffice(door().house, identity())


@blueprint.get("/console/pledges")
def listed() -> BaseResponse:
    """Pledges through the years, and editions that are open."""
    here = office()
    return page(
        "console/pledges.html",
        pledges=here.listed(),
        editions=here.editions(),
        may_apply=identity().may(Right.APPLY),
        pledge_states=PLEDGE_STATES,
    )


@blueprint.post("/console/pledges/apply")
def apply() -> BaseResponse:
    """Apply for an edition."""
    campaign = request.form.get("campaign", "")
    refuse_nul(campaign)
    try:
        number = office().apply(campaign).number
    except ActRefused as refusal:
        return refused(url_for("console_pledges.listed"), refusal)
    return done(_("The application is filed."), url_for("console_pledges.shown", number=number))


@blueprint.get("/console/pledges/<int:number>")
def shown(number: int) -> BaseResponse:
    """One pledge."""
    return _shown(number)


def _shown(
    number: int, signing: SignForm | None = None, written: TextForm | None = None, status: int = 200
) -> BaseResponse:
    return page(
        "console/pledge.html",
        status,
        pledged=office().pledged(number),
        form=signing or SignForm(formdata=None),
        written=written or TextForm(formdata=None),
        may_apply=identity().may(Right.APPLY),
        may_sign=identity().may(Right.SIGN),
        pledge_states=PLEDGE_STATES,
    )


@blueprint.post("/console/pledges/<int:number>/sign")
def sign(number: int) -> BaseResponse:
    """Sign the text as it was shown."""
    form = SignForm()
    office().pledged(number)
    if not form.validate():
        return _shown(number, form, status=422)
    try:
        office().sign(
            number, form.name.data.strip(), form.title.data.strip(), form.text_digest.data or "", form.code.data
        )
    except StaleText:
        form.form_errors.append(STALE)
    except NoSecondFactor:
        return redirect("/account/second-factor", 303)
    except SignInRefused:
        form.code.errors = [WRONG_CODE]
    except ActRefused as refusal:
        if refusal.field in ("name", "title"):
            form.take_refusal(refusal)
        else:
            form.form_errors.append(NOT_NOW)
    else:
        return done(_("The pledge is signed."), url_for("console_pledges.shown", number=number))
    return _shown(number, form, status=422)


@blueprint.post("/console/pledges/<int:number>/answer")
def answer(number: int) -> BaseResponse:
    """Answer a question about the application."""
    form = TextForm()
    if not form.validate():
        return _shown(number, written=form, status=422)
    try:
        office().answer(number, form.content.data)
    except ActRefused:
        form.form_errors.append(NOT_NOW)
        return _shown(number, written=form, status=422)
    return done(_("The answer is sent."), url_for("console_pledges.shown", number=number))


@blueprint.post("/console/pledges/<int:number>/findings/<finding_id>/reply")
def reply(number: int, finding_id: str) -> BaseResponse:
    """Reply to a finding."""
    form = TextForm()
    if not form.validate():
        return _shown(number, written=form, status=422)
    try:
        office().reply(number, finding_id, form.content.data)
    except ActRefused:
        form.form_errors.append(NOT_NOW)
        return _shown(number, written=form, status=422)
    return done(_("The reply is published beside the finding."), url_for("console_pledges.shown", number=number))
