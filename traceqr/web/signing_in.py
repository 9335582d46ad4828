"""Signing in and out, the second factor, and taking up an invitation: `/account/...`, for whoever is not in yet."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from traceqr.acting import ActRefused
from traceqr.authenticating import Entered, SignInRefused, SlowDown
from traceqr.office import entrance
from traceqr.office.entrance import Newcomer
from traceqr.office.house import Absent
from traceqr.symbol.encode import encode_text
from traceqr.symbol.svg import to_svg
from traceqr.web import forms
from traceqr.web.door import acquainted, door, entered, home, let_in, let_out, protect, token, where_now
from traceqr.web.forms import OfficeForm
from traceqr.web.office_pages import done, page
from traceqr.web.scanning import AGENT, family
from traceqr.web.watch import note, note_seldom

_ = str

blueprint = Blueprint("signing_in", __name__)
blueprint.before_request(protect)

WRONG = _("Login and password do not belong together, or there is no such account.")
WRONG_CODE = _("This code is not right, has ended, or was used already. Wait for the next one.")
SLOW = _("There were many attempts. Wait a minute, then try again.")
NOT_THE_SAME = _("The two passwords are not the same.")


class SignInForm(OfficeForm):
    """Login and password."""

    login = forms.line(_("Mail address or mobile number"), autocomplete="username", inputmode="email")
    password = forms.password(_("Password"))


class CodeForm(OfficeForm):
    """The second factor."""

    code = forms.code(_("Code of your app, or a recovery code"))


class InvitationForm(OfficeForm):
    """What a newcomer gives."""

    login = forms.line(_("Mail address or mobile number"), autocomplete="username", inputmode="email")
    name = forms.line(_("Your name"), entrance.MAX_NAME, autocomplete="name")
    password = forms.password(_("Password"), new=True)
    again = forms.password(_("The password again"), new=True)


@blueprint.route("/account/sign-in", methods=["GET", "POST"])
def sign_in() -> BaseResponse:
    """By login and password."""
    found = entered()
    if found is not None and request.method == "GET":
        return redirect(home() if found.identity else where_now(found))
    form = SignInForm()
    if form.validate_on_submit():
        try:
            begun = door().house.doorkeeper.sign_in(form.login.data, form.password.data, _agent(), acquainted())
        except SignInRefused as error:
            note("sign-in-refused", account=error.account)
            form.form_errors.append(WRONG)
        except SlowDown as error:
            return _slow(form, "account/sign_in.html", error)
        else:
            return let_in(begun, redirect(url_for("signing_in.go"), 303))
    return page("account/sign_in.html", 200 if request.method == "GET" else 422, form=form)


@blueprint.get("/account/go")
def go() -> BaseResponse:
    """Where to go now: the next step of signing in, or where one was going."""
    found = entered()
    return redirect(home() if found and found.identity else where_now(found), 303)


@blueprint.route("/account/code", methods=["GET", "POST"])
def code() -> BaseResponse:
    """The second factor of somebody who has one."""
    found = entered()
    if found is None or found.identity is not None or not found.has_second_factor:
        return redirect(url_for("signing_in.go"))
    form = CodeForm()
    if form.validate_on_submit():
        try:
            whole = door().house.doorkeeper.give_code(token(), form.code.data)
        except SignInRefused as error:
            note("second-factor-refused", account=error.account)
            form.code.errors = [WRONG_CODE]
        except SlowDown as error:
            return _slow(form, "account/code.html", error)
        else:
            return let_in(whole, redirect(url_for("signing_in.go"), 303))
    return page("account/code.html", 200 if request.method == "GET" else 422, form=form)


@blueprint.route("/account/second-factor/begin", endpoint="second_factor", methods=["GET", "POST"])
def begin_second_factor() -> BaseResponse:
    """Setting up the second factor, without which this role is not let in."""
    found = entered()
    if found is None or found.identity is not None or found.has_second_factor:
        return redirect(url_for("signing_in.go"))
    form, house, sealed = CodeForm(), door().house, secret_in_hand(found)
    if form.validate_on_submit():
        try:
            codes = entrance.set_up(house, found, sealed, form.code.data.strip())
        except ActRefused:
            form.code.errors = [WRONG_CODE]
        else:
            session.pop("secret", None)
            whole = house.doorkeeper.go_on(token())
            response = let_in(whole, Response())
            shown = page("account/recovery_codes.html", codes=codes, going=url_for("signing_in.go"))
            response.set_data(shown.get_data())
            response.headers.update(shown.headers)
            return response
    return page(
        "account/second_factor.html",
        200 if request.method == "GET" else 422,
        form=form,
        first=True,
        **shown_secret(found, sealed),
    )


@blueprint.post("/account/sign-out")
def sign_out() -> BaseResponse:
    """End the session."""
    let_out()
    response = done(_("You have signed out."), url_for("signing_in.sign_in"))
    # What a page left behind. Cookies of scans stay; never "storage": what an inspector has not sent yet lies there.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.route("/account/invitation/<invited>", methods=["GET", "POST"])
def invitation(invited: str) -> BaseResponse:
    """Take up an invitation, by the link that somebody was sent."""
    try:
        offer = entrance.offer(door().house, invited)
    except Absent:
        note_seldom("invitation-refused")
        return page("account/invitation_over.html", 404)
    form = InvitationForm()
    if form.validate_on_submit():
        if form.password.data != form.again.data:
            form.again.errors = [NOT_THE_SAME]
        else:
            try:
                return _admitted(invited, form)
            except ActRefused as refusal:
                form.take_refusal(refusal)
    return page("account/invitation.html", 200 if request.method == "GET" else 422, form=form, offer=offer)


def _admitted(invited: str, form: InvitationForm) -> BaseResponse:
    newcomer = Newcomer(form.login.data, form.name.data, form.password.data)
    entrance.admit(door().house, invited, newcomer)
    let_out()
    begun = door().house.doorkeeper.sign_in(form.login.data, form.password.data, _agent(), None)
    return let_in(begun, redirect(url_for("signing_in.go"), 303))


def secret_in_hand(found: Entered) -> str:
    """The secret that is being set up in this session. It lies in the cookie, sealed, until its code has come."""
    sealed: str | None = session.get("secret")
    if sealed is None:
        sealed = session["secret"] = entrance.new_secret(door().house, found)
    return sealed


def shown_secret(found: Entered, sealed: str) -> dict[str, object]:
    """What a template shows of it: to be typed, and to be scanned."""
    typed, address = entrance.secret_address(door().house, found, sealed)
    drawn = Markup(to_svg(encode_text(address), title="TOTP"))  # noqa: S704  our own drawing
    return {"secret": typed, "symbol": drawn}


def _slow(form: OfficeForm, template: str, error: SlowDown) -> Response:
    found = entered()
    note_seldom("sign-in-slowed", account=found.account.id if found else "")
    form.form_errors.append(SLOW)
    response = page(template, 429, form=form)
    response.headers["Retry-After"] = str(-(-error.wait_ms // 1000))
    return response


def _agent() -> str:
    return family(request.environ.get(AGENT, ""))
