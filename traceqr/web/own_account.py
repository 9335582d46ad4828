"""One's own account: `/account/`, for whoever has signed in."""

from __future__ import annotations

from flask import Blueprint, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Field

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.authenticating import SignInRefused
from traceqr.office.house import Absent
from traceqr.office.own import OwnOffice
from traceqr.web import forms
from traceqr.web.door import door, entered, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.office_pages import done, page, refused
from traceqr.web.signing_in import NOT_THE_SAME, WRONG_CODE, CodeForm, secret_in_hand, shown_secret
from traceqr.web.watch import note

_ = str

blueprint = Blueprint("own_account", __name__)
blueprint.before_request(guard())

HOME = "/account/"

ACT_NAMES = {
    "licence.withdraw": _("Withdrawal of the licence"),
    "product.recall": _("Recall of the whole product"),
    "lot.recall": _("Recall of a lot"),
    "batch.recall": _("Recall of labels of a batch"),
    "material.recall": _("Recall of what was made of a material"),
}
"""Acts that bodies propose in their consoles; what operators propose is told by its name on the ledger."""

PLACES = {"licence.withdraw": "/association/licences/"}
"""Where that is shown which such an act is about."""

PROPOSED = dict.fromkeys(("product.recall", "lot.recall", "batch.recall", "material.recall"), "recalls/proposals/")
"""Where a proposal itself is shown in words, below the pages of its body."""

WRONG_PASSWORD = _("This is not your present password.")


class PasswordForm(OfficeForm):
    """The present password, and the new one twice."""

    old = forms.password(_("Present password"))
    new = forms.password(_("New password"), new=True)
    again = forms.password(_("The password again"), new=True)


class NewFactorForm(OfficeForm):
    """A code of the second factor in use, or the password where there is none, and a code of the new app."""

    code: Field = forms.code(_("Code of the app in use, or a recovery code"))
    password: Field = forms.password(_("Present password"))
    new_code = forms.code(_("Code of the new app"))


def office() -> OwnOffice:
    """The desk of the person who asks."""
    return OwnOffice(door().house, identity())


def _digest() -> str:
    found = entered()
    assert found is not None  # the guard has let somebody in
    return found.session.digest


@blueprint.get("/account/")
def overview() -> BaseResponse:
    """Who one is here, what one proves it by, where one is signed in."""
    return page("account/overview.html", own=office().account(), this=_digest())


@blueprint.post("/account/sessions/<session_id>/end")
def end_session(session_id: str) -> BaseResponse:
    """End one session."""
    office().end_session(session_id)
    return done(_("The session has ended."), HOME)


@blueprint.post("/account/sessions/end-others")
def end_others() -> BaseResponse:
    """End all sessions but this."""
    office().end_other_sessions(_digest())
    return done(_("All other sessions have ended."), HOME)


@blueprint.route("/account/password", methods=["GET", "POST"])
def password() -> BaseResponse:
    """Another password."""
    form = PasswordForm()
    if form.validate_on_submit():
        if form.new.data != form.again.data:
            form.again.errors = [NOT_THE_SAME]
        else:
            try:
                office().change_password(form.old.data, form.new.data, _digest())
            except ActRefused as refusal:
                if refusal.field == "old":
                    note("password-refused", account=identity().account)
                    form.old.errors = [WRONG_PASSWORD]
                else:
                    form.take_refusal(refusal)
            else:
                return done(_("The password is changed. All other sessions have ended."), HOME)
    return page("account/password.html", 200 if request.method == "GET" else 422, form=form)


@blueprint.route("/account/second-factor", methods=["GET", "POST"])
def second_factor() -> BaseResponse:
    """Set the second factor up, or move it to another phone."""
    found = entered()
    assert found is not None  # the guard has let somebody in
    form, sealed = NewFactorForm(), secret_in_hand(found)
    if found.has_second_factor:
        del form.password
    else:
        del form.code
    proof = form.code or form.password
    if form.validate_on_submit():
        try:
            codes = office().replace_second_factor(proof.data, sealed, form.new_code.data.strip())
        except SignInRefused as error:
            note("second-factor-refused", account=error.account)
            form.code.errors = [WRONG_CODE]
        except ActRefused as refusal:
            _take_refusal(form, refusal)
        else:
            session.pop("secret", None)
            return page("account/recovery_codes.html", codes=codes, going=HOME)
    status = 200 if request.method == "GET" else 422
    return page("account/second_factor.html", status, form=form, first=False, **shown_secret(found, sealed))


def _take_refusal(form: NewFactorForm, refusal: ActRefused) -> None:
    if refusal.field == "password":
        note("password-refused", account=identity().account)
        form.password.errors = [WRONG_PASSWORD]
    else:
        form.new_code.errors = [WRONG_CODE]


@blueprint.route("/account/recovery-codes", methods=["GET", "POST"])
def recovery_codes() -> BaseResponse:
    """New recovery codes, for a code."""
    form = CodeForm()
    if form.validate_on_submit():
        try:
            codes = office().renew_recovery_codes(form.code.data)
        except SignInRefused as error:
            note("second-factor-refused", account=error.account)
            form.code.errors = [WRONG_CODE]
        else:
            return page("account/recovery_codes.html", codes=codes, going=HOME)
    return page("account/code.html", 200 if request.method == "GET" else 422, form=form)


@blueprint.route("/account/second-factor/remove", methods=["GET", "POST"])
def remove_second_factor() -> BaseResponse:
    """Go back to the password alone, where the role allows it."""
    form = CodeForm()
    if Role(identity().role).second_factor:
        raise Absent("expected a role that may do without a second factor")
    if form.validate_on_submit():
        try:
            office().remove_second_factor(form.code.data)
        except SignInRefused as error:
            note("second-factor-refused", account=error.account)
            form.code.errors = [WRONG_CODE]
        except ActRefused as refusal:
            form.take_refusal(refusal)
        else:
            return done(_("The second factor is removed. The password alone lets you in."), HOME)
    return page("account/code.html", 200 if request.method == "GET" else 422, form=form)


@blueprint.get("/account/proposals")
def proposals() -> BaseResponse:
    """What waits for a second person."""
    return page(
        "account/proposals.html",
        awaiting=office().awaiting(),
        act_names=ACT_NAMES,
        places=PLACES,
        proposed=PROPOSED,
    )


@blueprint.post("/account/proposals/<proposal_id>/<decision>")
def decide(proposal_id: str, decision: str) -> BaseResponse:
    """Say yes or no to a proposal, or take one's own back."""
    here, back = office(), url_for("own_account.proposals")
    try:
        if decision == "second":
            here.second(proposal_id)
            return done(_("You have agreed."), back)
        if decision == "decline":
            here.decline(proposal_id)
            return done(_("You have declined."), back)
        if decision == "withdraw":
            here.withdraw(proposal_id)
            return done(_("The proposal is taken back."), back)
    except ActRefused as refusal:
        return refused(back, refusal)
    raise Absent("expected a decision, got something else")
