"""The enterprises of an association's region: `/association/enterprises`."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField, SelectField

from traceqr.access import Right, Role
from traceqr.acting import ActRefused
from traceqr.office.enrolment import Asked, EnrolmentOffice, EnterpriseFile, StaleEnterprise, Typed
from traceqr.web import forms
from traceqr.web.association import STANDING_NAMES
from traceqr.web.console import LICENCE_STATES
from traceqr.web.console_claims import KIND_NAMES, STATE_NAMES
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.numbers import whole
from traceqr.web.office_pages import done, invitation_link, page, refused
from traceqr.web.places import sector_names
from traceqr.web.site import language

_ = str

blueprint = Blueprint("association_enterprises", __name__)
blueprint.before_request(guard(Role.OFFICER))

STALE = _("Somebody else has changed this enterprise since you opened the form. Look at it, then change it again.")


class EnterpriseForm(OfficeForm):
    """What is said of an enterprise."""

    name_zh = forms.line(_("Chinese name"))
    name_en = forms.line(_("English name"), needed=False)
    region = forms.region()
    sector = SelectField(_("Sector"), default="")
    service_phone = forms.line(_("Service phone"), 40, needed=False, inputmode="tel")
    contact = forms.lines(_("Contact"), 500, needed=False, rows="3")

    def offer(self, present: str = "") -> None:
        """Put in what may be chosen: also what a table has called the sector, where that is none of the list."""
        listed = {"": "—", **sector_names(language())}
        self.sector.choices = forms.choices({**listed, **({} if present in listed else {present: present})}.items())

    def typed(self) -> Typed:
        """What was filled in."""
        return Typed(**{name: (self[name].data or "").strip() for name in Typed.__dataclass_fields__})


class NewEnterpriseForm(EnterpriseForm):
    """The same, with the code."""

    uscc = forms.line(_("USCC"), 30, autocomplete="off", spellcheck="false")


class AmendForm(EnterpriseForm):
    """The same, of the enterprise as it was shown."""

    shown = HiddenField()


def office() -> EnrolmentOffice:
    """The desk of whoever asks."""
    return EnrolmentOffice(door().house, identity())


@blueprint.get("/association/enterprises")
def listed() -> BaseResponse:
    """Enterprises by region, fifty at a time."""
    asked = Asked(**{name: request.args.get(name, "").strip()[:100] for name in ("region", "sector", "text")})
    found = office().listed(asked, request.args.get("after", "")[:30])
    return page("association/enterprises.html", asked=asked, found=found, sector_names=sector_names(language()))


@blueprint.route("/association/enterprises/new", methods=["GET", "POST"])
def new() -> BaseResponse:
    """Enrol an enterprise."""
    form, here = NewEnterpriseForm(), office()
    form.offer()
    here.need(Right.ENROL)
    if form.validate_on_submit():
        try:
            uscc = here.enrol(form.uscc.data.strip().upper(), form.typed())
        except ActRefused as refusal:
            form.take_refusal(refusal)
        else:
            return done(_("The enterprise is enrolled."), _address(uscc))
    return page("association/enterprise_new.html", 422 if request.method == "POST" else 200, form=form)


@blueprint.get("/association/enterprises/<uscc>")
def shown(uscc: str) -> BaseResponse:
    """One enterprise."""
    return _shown(uscc)


def _shown(uscc: str, form: AmendForm | None = None, link: str = "", status: int = 200) -> BaseResponse:
    file = office().file(uscc)
    return page(
        "association/enterprise.html",
        status,
        file=file,
        form=form or _filled(file),
        link=link,
        sector_names=sector_names(language()),
        standing_names=STANDING_NAMES,
        licence_states=LICENCE_STATES,
        claim_kinds=KIND_NAMES,
        claim_states=STATE_NAMES,
    )


def _filled(file: EnterpriseFile) -> AmendForm:
    values = {name: getattr(file.said, name) for name in Typed.__dataclass_fields__}
    form = AmendForm(formdata=None, data={**values, "shown": str(file.shown)})
    form.offer(file.said.sector)
    return form


@blueprint.post("/association/enterprises/<uscc>")
def amend(uscc: str) -> BaseResponse:
    """Change what is said of it."""
    form, shown = AmendForm(), whole(request.form.get("shown"))
    form.offer(office().file(uscc).said.sector)
    if not form.validate():
        return _shown(uscc, form, status=422)
    try:
        office().amend(uscc, form.typed(), -1 if shown is None else shown)
    except StaleEnterprise:
        form.form_errors.append(STALE)
        return _shown(uscc, form, status=409)
    except ActRefused as refusal:
        form.take_refusal(refusal)
        return _shown(uscc, form, status=422)
    return done(_("The enterprise is changed."), _address(uscc))


@blueprint.post("/association/enterprises/<uscc>/invite")
def invite(uscc: str) -> BaseResponse:
    """A link for its manager, shown once."""
    return _shown(uscc, link=invitation_link(office().invite(uscc).token))


@blueprint.post("/association/enterprises/<uscc>/invitations/<invitation_id>/withdraw")
def withdraw(uscc: str, invitation_id: str) -> BaseResponse:
    """Make a link worthless."""
    try:
        office().withdraw_invitation(uscc, invitation_id)
    except ActRefused as refusal:
        return refused(_address(uscc), refusal)
    return done(_("The invitation is withdrawn."), _address(uscc))


def _address(uscc: str) -> str:
    return url_for("association_enterprises.shown", uscc=uscc)
