"""The people and the programs of an enterprise: `/console/team` and `/console/tokens`."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import IntegerField, RadioField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from traceqr.access import Right, Role, Scope
from traceqr.acting import ActRefused
from traceqr.office.team import TeamOffice
from traceqr.web import forms
from traceqr.web.admission import people_routes
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.office_pages import done, invitation_link, page, refused
from traceqr.web.site import site

_ = str

blueprint = Blueprint("team", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

SCOPE_NAMES: dict[str, str] = {
    Scope.READ: _("Read: products, batches, what was scanned"),
    Scope.PRINT: _("Print: fetch labels of batches"),
    Scope.ISSUE: _("Issue: batches, and the state of their labels"),
    Scope.PRODUCTS: _("Products: enrol and amend"),
    Scope.PLEDGES: _("Pledges: apply, answer, reply"),
    Scope.CASES: _("Cases: what is reported, and answers"),
    Scope.EVENTS: _("Events: capture and query them by EPCIS"),
}


class InviteForm(OfficeForm):
    """The role of a colleague."""

    role = RadioField(
        _("Role"),
        [InputRequired(forms.NEEDED)],
        choices=forms.choices(
            ((str(Role.CLERK), _("Enterprise clerk")), (str(Role.MANAGER), _("Enterprise manager")))
        ),
        default=str(Role.CLERK),
    )


class TokenForm(OfficeForm):
    """A token for a program."""

    name = forms.line(_("What it is for"), 60)
    scopes = SelectMultipleField(
        _("What it is good for"),
        [InputRequired(forms.NEEDED)],
        choices=forms.choices(SCOPE_NAMES.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    days = IntegerField(
        _("Days until it ends"),
        [InputRequired(forms.NEEDED), NumberRange(1, 366, message=_("Enter a number from 1 to 366."))],
        default=180,
    )


def office() -> TeamOffice:
    """The desk of whoever asks."""
    return TeamOffice(door().house, identity())


@blueprint.get("/console/team")
def people() -> BaseResponse:
    """Who works here."""
    return _team()


def _team(form: InviteForm | None = None, link: str = "", status: int = 200) -> BaseResponse:
    here = office()
    manages = identity().may(Right.MANAGE_TEAM)
    return page(
        "console/team.html",
        status,
        people=here.people(),
        invitations=here.invitations() if manages else (),
        manages=manages,
        form=form or InviteForm(formdata=None),
        link=link,
        own=identity().account,
    )


@blueprint.post("/console/team/invite")
def invite() -> BaseResponse:
    """A link for a colleague, shown once."""
    form = InviteForm()
    if not form.validate():
        return _team(form, status=422)
    made = office().invite(Role(form.role.data))
    return _team(link=invitation_link(made.token))


people_routes(blueprint, "/console/team", office, lambda link: _team(link=link))


@blueprint.route("/console/tokens", methods=["GET", "POST"])
def tokens() -> BaseResponse:
    """The tokens of the enterprise, and a new one."""
    here, form, secret = office(), TokenForm(), ""
    if form.validate_on_submit():
        try:
            made = here.issue_token(form.name.data, [Scope(one) for one in form.scopes.data], form.days.data)
        except ActRefused as refusal:
            form.take_refusal(refusal)
        else:
            secret, form = made.secret, TokenForm(formdata=None)
    status = 200 if request.method == "GET" or secret else 422
    return page(
        "console/tokens.html",
        status,
        tokens=here.tokens(),
        form=form,
        secret=secret,
        scope_names=SCOPE_NAMES,
        now_ms=site().clock(),
    )


@blueprint.post("/console/tokens/<token_id>/revoke")
def revoke(token_id: str) -> BaseResponse:
    """Make a token worthless."""
    try:
        office().revoke_token(token_id)
    except ActRefused as refusal:
        return refused(url_for("team.tokens"), refusal)
    return done(_("The token is revoked."), url_for("team.tokens"))
