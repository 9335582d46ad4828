"""The operator's console: `/operator/`, who works for organisations and for the deployment."""

from __future__ import annotations

from flask import Blueprint, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField
from wtforms.validators import InputRequired

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.office.operator import OperatorOffice
from traceqr.web import forms
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.office_pages import ROLE_NAMES, done, invitation_link, page, refused

_ = str

blueprint = Blueprint("operator", __name__)
blueprint.before_request(guard(Role.OPERATOR))

_ROLES = (Role.OFFICER, Role.INSPECTOR, Role.OPERATOR)


class InviteForm(OfficeForm):
    """Role and organisation of a newcomer."""

    role = SelectField(
        _("Role"), [InputRequired(forms.NEEDED)], choices=forms.choices((str(one), ROLE_NAMES[one]) for one in _ROLES)
    )
    organisation = SelectField(_("Organisation"), default="")


def office() -> OperatorOffice:
    """The desk of whoever asks."""
    return OperatorOffice(door().house, identity())


@blueprint.get("/operator/")
def accounts() -> BaseResponse:
    """All who work for organisations and for the deployment."""
    return _accounts()


def _form(formdata: bool) -> InviteForm:
    form = InviteForm() if formdata else InviteForm(formdata=None)
    named = ((one.id, one.name_zh) for one in office().organisations())
    form.organisation.choices = forms.choices((("", "—"), *named))
    return form


def _accounts(form: InviteForm | None = None, link: str = "", status: int = 200) -> BaseResponse:
    return page(
        "operator/accounts.html",
        status,
        people=office().accounts(),
        form=form or _form(False),
        link=link,
        own=identity().account,
    )


@blueprint.post("/operator/invite")
def invite() -> BaseResponse:
    """A link for a newcomer, shown once."""
    form = _form(True)
    if form.validate():
        try:
            made = office().invite(Role(form.role.data), form.organisation.data or None)
        except ActRefused as refusal:
            form.take_refusal(refusal)
        else:
            return _accounts(link=invitation_link(made.token))
    return _accounts(form, status=422)


@blueprint.post("/operator/accounts/<account_id>/anew")
def anew(account_id: str) -> BaseResponse:
    """A link for somebody who has lost password or phone."""
    try:
        made = office().invite_anew(account_id)
    except ActRefused as refusal:
        return refused(url_for("operator.accounts"), refusal)
    return _accounts(link=invitation_link(made.token))


@blueprint.post("/operator/accounts/<account_id>/close")
def close(account_id: str) -> BaseResponse:
    """End somebody's access."""
    try:
        office().close_account(account_id)
    except ActRefused as refusal:
        return refused(url_for("operator.accounts"), refusal)
    return done(_("The account is closed."), url_for("operator.accounts"))
