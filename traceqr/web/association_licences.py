"""The licences of an association's marks: `/association/licences`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Field, HiddenField, SelectField
from wtforms.validators import InputRequired

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.instant import InvalidDate, parse_date
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.office.house import Stale
from traceqr.office.licences import PAGE, Asked, LicenceOffice
from traceqr.web import forms
from traceqr.web.association_marks import STALE
from traceqr.web.console import LICENCE_STATES
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.numbers import whole
from traceqr.web.office_pages import done, page, refused
from traceqr.web.site import site

_ = str

blueprint = Blueprint("association_licences", __name__)
blueprint.before_request(guard(Role.OFFICER))

MOST = 1_000_000_000_000
NO_DAY = _("Enter a day, such as 2026-09-01.")
NO_QUOTA = _("Enter a whole number of labels from 1 to 1,000,000,000,000.")
NO_GTIN = _("This is no valid GTIN: look at its digits once more.")
NO_PRODUCTS = _("Choose at least one product.")
LAST_FIRST = _("The last day lies before the first.")
NOTHING_MORE = _("Enter a later last day, a larger number of labels, or both.")
SUSPENDED = _("The licence is suspended. Every label that carries the mark says so.")
WITHDRAWN = _("The licence is withdrawn. Every label that carries the mark says so.")
WAITS = _("The withdrawal waits for the yes of a second person.")

_COUNT = re.compile("[0-9]{1,13}")
_BETWEEN = re.compile(r"[\s,;，；、]+")


class GrantForm(OfficeForm):
    """A licence to grant; which products were ticked stands beside it."""

    mark = SelectField(_("Mark"), [InputRequired(forms.NEEDED)])
    others = forms.lines(_("Other products, by their GTINs"), 20_000, needed=False)
    valid_from = forms.line(_("First day"), 10, type="date")
    valid_until = forms.line(_("Last day"), 10, type="date")
    quota = forms.line(_("Number of labels"), 20, inputmode="numeric", autocomplete="off")


class ReasonForm(OfficeForm):
    """Why a licence is suspended or withdrawn."""

    reason = forms.lines(_("Reason, shown on the page of every label"), 500)
    seen = HiddenField()


class ExtendForm(OfficeForm):
    """More days, more labels, or both."""

    valid_until = forms.line(_("New last day"), 10, needed=False, type="date")
    quota = forms.line(_("New number of labels in all"), 20, needed=False, inputmode="numeric", autocomplete="off")
    seen = HiddenField()


def office() -> LicenceOffice:
    """The desk of whoever asks."""
    return LicenceOffice(door().house, identity())


@blueprint.get("/association/licences")
def listed() -> BaseResponse:
    """Licences, latest first, a page at a time."""
    given = {name: request.args.get(name, "").strip()[:100] for name in ("mark", "state", "text")}
    here = office()
    rows = here.listed(Asked(**given), whole(request.args.get("before")))
    return page(
        "association/licences.html",
        asked=given,
        licences=rows[:PAGE],
        last=rows[PAGE - 1]["number"] if len(rows) > PAGE else None,
        kinds=here.kinds(),
        licence_states=LICENCE_STATES,
        now_ms=site().clock(),
    )


# --- granting


@blueprint.route("/association/licences/new", methods=["GET", "POST"])
def new() -> BaseResponse:
    """Choose an enterprise, then grant it a licence."""
    here, uscc = office(), request.args.get("uscc", "")
    if not uscc:
        text = request.args.get("text", "").strip()[:100]
        found = here.enterprises(text) if text else None
        return page("association/licence_for.html", text=text, found=found, kinds=here.kinds())
    licensee = here.licensee(uscc, request.args.get("product", "").strip()[:100])
    form, ticked = GrantForm(), request.form.getlist("gtin")
    form.mark.choices = forms.choices((row["id"], f"{row['name_zh']} · {row['prefix']}") for row in here.kinds())
    problem = ""
    if form.validate_on_submit() and (days := _days(form)) and (quota := _quota(form.quota)):
        gtins = _gtins(form, ticked)
        if gtins:
            try:
                granted = here.grant(form.mark.data, uscc, gtins, days, quota)
            except ActRefused as refusal:
                form.take_refusal(refusal)
            else:
                message = _("The licence is granted.") if granted.added else _("This licence was granted before.")
                return done(message, address(granted.licence.number))
        elif gtins is not None:
            problem = NO_PRODUCTS
    return page(
        "association/licence_new.html",
        422 if request.method == "POST" else 200,
        licensee=licensee,
        form=form,
        ticked=ticked,
        problem=problem,
        product=request.args.get("product", ""),
    )


def _days(form: GrantForm) -> tuple[date, date] | None:
    first, last = _day(form.valid_from), _day(form.valid_until)
    if first is None or last is None:
        return None
    if last < first:
        form.valid_until.errors = [LAST_FIRST]
        return None
    return first, last


def _day(field: Field) -> date | None:
    try:
        return parse_date(field.data.strip())
    except InvalidDate:
        field.errors = [NO_DAY]
        return None


def _quota(field: Field) -> int | None:
    digits = field.data.strip().replace(",", "")
    if not _COUNT.fullmatch(digits) or not 1 <= int(digits) <= MOST:
        field.errors = [NO_QUOTA]
        return None
    return int(digits)


def _gtins(form: GrantForm, ticked: list[str]) -> list[Gtin] | None:
    """What was ticked and typed, each once; None where something is no GTIN."""
    typed = [each for each in _BETWEEN.split(form.others.data or "") if each]
    try:
        return list(dict.fromkeys(Gtin.from_trade(each) for each in (*ticked, *typed)))
    except InvalidGtin:
        form.others.errors = [NO_GTIN]
        return None


# --- one licence


@blueprint.get("/association/licences/<int:number>")
def shown(number: int) -> BaseResponse:
    """One licence."""
    return _shown(number)


def _shown(
    number: int, status: int = 200, problem: str = "", why: ReasonForm | None = None, more: ExtendForm | None = None
) -> BaseResponse:
    return page(
        "association/licence.html",
        status,
        file=office().file(number),
        problem=problem,
        why=why or ReasonForm(formdata=None),
        more=more or ExtendForm(formdata=None),
        licence_states=LICENCE_STATES,
        now_ms=site().clock(),
    )


@blueprint.post("/association/licences/<int:number>/suspend")
def suspend(number: int) -> BaseResponse:
    """Every label that carries the mark says so."""

    def do(here: LicenceOffice, why: str) -> str:
        here.suspend(number, _seen(), why)
        return SUSPENDED

    return _for_a_reason(number, do)


@blueprint.post("/association/licences/<int:number>/withdraw")
def withdraw(number: int) -> BaseResponse:
    """For good, with the yes of a second person."""
    return _for_a_reason(number, lambda here, why: WITHDRAWN if here.withdraw(number, _seen(), why) else WAITS)


def _for_a_reason(number: int, do: Callable[[LicenceOffice, str], str]) -> BaseResponse:
    form = ReasonForm()
    if not form.validate():
        return _shown(number, 422, why=form)
    try:
        message = do(office(), form.reason.data)
    except Stale:
        return _shown(number, 409, STALE, why=form)
    except ActRefused as refusal:
        form.take_refusal(refusal)
        return _shown(number, 422, why=form)
    return done(message, address(number))


@blueprint.post("/association/licences/<int:number>/resume")
def resume(number: int) -> BaseResponse:
    """End a suspension."""
    try:
        office().resume(number, _seen())
    except Stale:
        return _shown(number, 409, STALE)
    except ActRefused as refusal:
        return refused(address(number), refusal)
    return done(_("The suspension has ended."), address(number))


@blueprint.post("/association/licences/<int:number>/extend")
def extend(number: int) -> BaseResponse:
    """More days or labels."""
    form = ExtendForm()
    if not form.validate():
        return _shown(number, 422, more=form)
    day = _day(form.valid_until) if form.valid_until.data else None
    quota = _quota(form.quota) if form.quota.data else None
    if form.valid_until.errors or form.quota.errors:
        return _shown(number, 422, more=form)
    if day is None and quota is None:
        form.form_errors.append(NOTHING_MORE)
        return _shown(number, 422, more=form)
    try:
        office().extend(number, _seen(), day, quota)
    except Stale:
        return _shown(number, 409, STALE, more=form)
    except ActRefused as refusal:
        form.take_refusal(refusal)
        return _shown(number, 422, more=form)
    return done(_("The licence is extended."), address(number))


@blueprint.post("/association/licences/<int:number>/withdraw/<proposal_id>")
def carry_out(number: int, proposal_id: str) -> BaseResponse:
    """Withdraw it as two people have agreed to."""
    try:
        office().carry_out(number, proposal_id)
    except ActRefused as refusal:
        return refused(address(number), refusal)
    return done(WITHDRAWN, address(number))


def _seen() -> int:
    return whole(request.form.get("seen")) or 0


def address(number: int) -> str:
    """Where a licence is shown."""
    return url_for("association_licences.shown", number=number)
