"""Pages of the consoles: one frame, the menu of the role, and how a refusal is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, flash, get_flashed_messages, redirect, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Identity, Right, Role
from traceqr.acting import ActRefused
from traceqr.authenticating import SignInRefused, SlowDown
from traceqr.errors import RegistryUnavailable
from traceqr.office.house import Absent, Denied
from traceqr.web import assets, faults
from traceqr.web.door import door, entered
from traceqr.web.forms import OfficeForm
from traceqr.web.places import region_name
from traceqr.web.refusals import worded
from traceqr.web.site import language, site
from traceqr.web.target import in_each_language
from traceqr.web.watch import note_seldom

_ = str


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the menu: its words, its address, the right without which it is not shown, and another page that it
    is for.
    """

    name: str
    path: str
    right: Right | None = None
    also: str = ""


_ENTERPRISE = (
    Place(_("Overview"), "/console/"),
    Place(_("Products"), "/console/products"),
    Place(_("Batches"), "/console/batches"),
    Place(_("Scan"), "/console/scan"),
    Place(_("Traceability"), "/console/trace", Right.SEE_EVENTS, also="/console/follow"),
    Place(_("Cases"), "/console/cases", Right.HANDLE_CASES),
    Place(_("Recalls"), "/console/recalls"),
    Place(_("Suspects"), "/console/suspects"),
    Place(_("GTIN rights"), "/console/claims"),
    Place(_("Pledges"), "/console/pledges"),
    Place(_("Marks"), "/console/marks"),
    Place(_("Team"), "/console/team"),
    Place(_("Notifications"), "/console/notifications", Right.NOTIFY),
    Place(_("Trail"), "/console/history"),
)

MENUS: dict[Role, tuple[Place, ...]] = {
    Role.OPERATOR: (Place(_("Accounts"), "/operator/"),),
    Role.OFFICER: (
        Place(_("Campaigns"), "/association/", Right.REVIEW),
        Place(_("Enterprises"), "/association/enterprises", Right.ENROL),
        Place(_("Cases"), "/association/cases", Right.WATCH_CASES),
        Place(_("Imports"), "/association/imports", Right.ENROL),
        Place(_("GTIN rights"), "/association/claims", Right.DECIDE_CLAIMS),
        Place(_("Marks"), "/association/marks", Right.LICENSE),
        Place(_("Licences"), "/association/licences", Right.LICENSE),
        Place(_("Recognitions"), "/association/recognitions", Right.ENROL),
        Place(_("Recalls"), "/association/recalls", Right.ORDER_RECALLS),
        Place(_("Trace"), "/association/trace", Right.SEE_REGION),
        Place(_("Notifications"), "/association/notifications", Right.NOTIFY),
        Place(_("Suspects"), "/association/suspects", Right.SEE_REGION),
        Place(_("Inspections"), "/inspections/", Right.WATCH_INSPECTIONS),
        Place(_("Officers"), "/association/officers", Right.INVITE_OFFICERS),
    ),
    Role.INSPECTOR: (
        Place(_("Inspections"), "/inspections/", Right.WATCH_INSPECTIONS),
        Place(_("Trace"), "/inspections/trace", Right.SEE_REGION),
        Place(_("Notifications"), "/inspections/notifications", Right.NOTIFY),
        Place(_("My devices"), "/account/devices", Right.INSPECT),
    ),
    Role.MANAGER: (*_ENTERPRISE, Place(_("Tokens"), "/console/tokens", Right.MANAGE_TOKENS)),
    Role.CLERK: _ENTERPRISE,
}
"""By role; every console adds its own pages here."""

ROLE_NAMES: dict[str, str] = {
    Role.OPERATOR: _("Operator"),
    Role.OFFICER: _("Association officer"),
    Role.INSPECTOR: _("Inspector"),
    Role.MANAGER: _("Enterprise manager"),
    Role.CLERK: _("Enterprise clerk"),
}


def page(template: str, status: int = 200, **values: object) -> Response:
    """A page in the frame of the consoles."""
    found = entered()
    html = site().pages.render(
        template,
        language(),
        addresses=in_each_language(request.environ),
        repost=None,
        me=found.account if found else None,
        menu=_menu(found.identity) if found and found.identity else (),
        here=request.path,
        role_names=ROLE_NAMES,
        csrf_token=generate_csrf,
        told=get_flashed_messages(with_categories=True),
        office_style=assets.address("office.css"),
        office_script=assets.address("office.js"),
        second_person=door().house.second_person,
        region_name=region_name,
        **values,
    )
    return Response(html, status, mimetype="text/html", headers={"Vary": "Accept-Language, Cookie"})


def done(message: str, path: str) -> BaseResponse:
    """After something was done: see its page (303), which says so once. The message is a message id."""
    flash(message, "done")
    return redirect(path, 303)


def decided(
    form: OfficeForm | None,
    do: Callable[[], object],
    show: Callable[[int, str], BaseResponse],
    meanwhile: str,
    after: tuple[str, str],
) -> BaseResponse:
    """Do what a form, or a button without one, is for. What the form lacks is said in it; whatever else is refused,
    somebody else was quicker. `show` makes the page, of a status and a problem; `after` is what `done` takes.
    """
    if form and not form.validate():
        return show(422, "")
    try:
        do()
    except ActRefused as refusal:
        if form is None or refusal.field not in form:
            return show(409, meanwhile)
        form.take_refusal(refusal)
        return show(422, "")
    return done(*after)


def invitation_link(token: str) -> str:
    """What somebody is sent who is invited."""
    return f"{site().origin}{url_for('signing_in.invitation', invited=token)}"


def refused(path: str, refusal: ActRefused) -> BaseResponse:
    """After something was refused that has no form of its own: see its page, which says why."""
    flash(worded(str(refusal)), "refused")
    return redirect(path, 303)


def _menu(identity: Identity) -> tuple[Place, ...]:
    return tuple(place for place in MENUS[identity.role] if place.right is None or identity.may(place.right))


def install(app: Flask) -> None:
    """Answer what desks refuse."""
    answers: dict[type[Exception], int] = {
        Denied: 403,
        Absent: 404,
        ActRefused: 409,
        SignInRefused: 403,
        RegistryUnavailable: 503,
    }
    for error, status in answers.items():
        app.register_error_handler(error, _answering(status))
    app.register_error_handler(SlowDown, _slow_down)


def _answering(status: int) -> Callable[[Exception], Response]:
    def answer(error: Exception) -> Response:
        if isinstance(error, Denied | Absent):
            found = entered()
            account = found.account.id if found else ""
            note_seldom("access-refused", account=account, endpoint=request.endpoint or "", status=str(status))
        return faults.answer(status)

    return answer


def _slow_down(error: SlowDown) -> Response:
    response = faults.answer(429)
    response.headers["Retry-After"] = str(-(-error.wait_ms // 1000))
    return response
