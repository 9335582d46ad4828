"""The association's console: `/association/`, campaigns with their figures, and the applications of a region."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Right, Role
from traceqr.acting import ActRefused
from traceqr.office.house import Stale
from traceqr.office.review import PAGE, STANDINGS, ReviewOffice, Wanted
from traceqr.web import forms, office_pages
from traceqr.web.door import door, guard, identity, refuse_nul
from traceqr.web.forms import OfficeForm
from traceqr.web.numbers import whole
from traceqr.web.office_pages import done, page
from traceqr.web.places import region_name, sector_names
from traceqr.web.refusals import worded
from traceqr.web.site import language

_ = str

blueprint = Blueprint("association", __name__)
blueprint.before_request(guard(Role.OFFICER))

STANDING_NAMES = {
    "applied": _("Applied"),
    "returned": _("Asked back"),
    "accepted": _("Accepted"),
    "signed": _("Signed"),
    "published": _("Published"),
    "breached": _("Breached"),
    "withdrawn": _("Withdrawn"),
    "refused": _("Refused"),
    "expired": _("Expired"),
}
NOTE_NAMES = {
    "question": _("Question"),
    "answer": _("Answer"),
    "refusal": _("Reason for the refusal"),
    "withdrawal": _("Reason for the withdrawal"),
}
MEANWHILE = _("Nothing was done: somebody else was quicker. See how it stands now.")
NONE_CHOSEN = _("Choose at least one application.")

_QUEUED_AS = {"expired": "published"}
"""Standings that are no state: in which queue they are found."""


class QuestionForm(OfficeForm):
    """What an enterprise is asked before its application is decided."""

    question = forms.lines(_("What do you need to know?"), 1_000)


class RefusalForm(OfficeForm):
    """Why an application is refused."""

    reason = forms.lines(_("Why is it refused? The enterprise is told."), 1_000)


class WithdrawalForm(OfficeForm):
    """Why a pledge is withdrawn."""

    reason = forms.lines(_("Why is the pledge withdrawn? The enterprise is told."), 1_000)


class FindingForm(OfficeForm):
    """What was found against a pledge."""

    finding = forms.lines(_("What was found? Everybody reads it who scans a label with this pledge."), 2_000)


class ClearingForm(OfficeForm):
    """Why a finding is cleared."""

    reason = forms.lines(_("Why was the finding wrong?"), 2_000)


FORMS: dict[str, type[OfficeForm]] = {
    "question": QuestionForm,
    "refusal": RefusalForm,
    "withdrawal": WithdrawalForm,
    "finding": FindingForm,
}
"""What stands on the page of an application, by the names in its template."""


def office() -> ReviewOffice:
    """The desk of whoever asks."""
    return ReviewOffice(door().house, identity())


def _page(template: str, status: int = 200, **values: object) -> BaseResponse:
    return page(
        f"association/{template}",
        status,
        sector_names=sector_names(language()),
        standing_names=STANDING_NAMES,
        standings=STANDINGS,
        queued_as=_QUEUED_AS,
        **values,
    )


@blueprint.get("/association/")
def board() -> BaseResponse:
    """Editions with how many pledges stand how."""
    desk = office()
    shown = [(edition, desk.funnel(edition.campaign.id)) for edition in desk.editions()]
    return _page("board.html", shown=shown)


@blueprint.get("/association/campaigns/<campaign_id>")
def figures(campaign_id: str) -> BaseResponse:
    """One edition: its figures by sector and by region."""
    desk = office()
    funnel = desk.funnel(campaign_id)
    named = {code: f"{region_name(code)} {code}" for code in funnel.regions if region_name(code) != code}
    return _page("figures.html", edition=desk.edition(campaign_id), funnel=funnel, region_names=named)


@blueprint.get("/association/campaigns/<campaign_id>/queue")
def queue(campaign_id: str) -> BaseResponse:
    """Applications in a state, fifty at a time."""
    return _queue(campaign_id)


def _queue(campaign_id: str, status: int = 200, problem: str = "") -> BaseResponse:
    given = {name: request.values.get(name, "").strip()[:100] for name in ("state", "region", "sector", "text")}
    refuse_nul(*given.values())
    wanted = Wanted(**{**given, "state": given["state"] or "applied"})
    desk = office()
    return _page(
        "queue.html",
        status,
        edition=desk.edition(campaign_id),
        wanted=wanted,
        found=desk.queue(campaign_id, wanted, request.args.get("after", "")),
        problem=problem,
    )


@blueprint.post("/association/campaigns/<campaign_id>/accept")
def accept_shown(campaign_id: str) -> BaseResponse:
    """Accept all that are ticked, or none."""
    return _many(campaign_id, "accept")


@blueprint.post("/association/campaigns/<campaign_id>/publish")
def publish_shown(campaign_id: str) -> BaseResponse:
    """Publish all that are ticked, or none."""
    return _many(campaign_id, "publish")


def _many(campaign_id: str, what: str) -> BaseResponse:
    numbers = _numbers()
    if not numbers:
        return _queue(campaign_id, 422, NONE_CHOSEN)
    desk = office()
    try:
        (desk.accept_many if what == "accept" else desk.publish_many)(numbers, campaign_id)
    except ActRefused as refusal:
        return _queue(campaign_id, 409, _why_not(desk, numbers, refusal))
    state = "applied" if what == "accept" else "signed"
    message = _("The applications are accepted.") if what == "accept" else _("The pledges are published.")
    return done(message, url_for("association.queue", campaign_id=campaign_id, state=state))


def _why_not(desk: ReviewOffice, numbers: list[int], refusal: ActRefused) -> str:
    """Why not all could be published: that a colleague was quicker, or what else there is."""
    standing = {desk.application(number).file.pledge.state for number in numbers}
    errors = [error for _index, error in getattr(refusal, "refusals", ())]
    return worded(str(errors[0])) if standing == {"signed"} and errors else MEANWHILE


def _numbers() -> list[int]:
    given = request.form.getlist("number")
    if len(given) > PAGE or not all(one.isascii() and one.isdigit() and len(one) <= 10 for one in given):
        raise BadRequest
    return sorted({int(one) for one in given})


@blueprint.get("/association/applications/<int:number>")
def application(number: int) -> BaseResponse:
    """One application with all there is of it."""
    return shown(number)


def shown(
    number: int, status: int = 200, problem: str = "", sent: OfficeForm | None = None, finding_id: str = ""
) -> BaseResponse:
    """The page of an application, with the form that was sent where something is wrong in it."""
    one = office().application(number)
    clearing = {each.id: ClearingForm(formdata=None) for each in one.file.findings if each.is_open}
    if isinstance(sent, ClearingForm) and finding_id in clearing:
        clearing[finding_id] = sent
    for each, form in clearing.items():
        form.reason.id = f"clear-{each}"  # several may stand on one page
    empty = {name: form(formdata=None) for name, form in FORMS.items()}
    filled = {name: sent for name, form in FORMS.items() if isinstance(sent, form)}
    return _page(
        "application.html",
        status,
        one=one,
        problem=problem,
        note_names=NOTE_NAMES,
        may_find=identity().may(Right.FIND_BREACH),
        clearing=clearing,
        **(empty | filled),
    )


def seen() -> int:
    """By which page of an application somebody decides; 0 where it is not said."""
    return whole(request.form.get("seen")) or 0


@blueprint.post("/association/applications/<int:number>/accept")
def accept(number: int) -> BaseResponse:
    """The enterprise may sign."""
    try:
        office().accept(number, seen())
    except ActRefused:
        return shown(number, 409, MEANWHILE)
    return done(_("The application is accepted: the enterprise may sign."), address(number))


@blueprint.post("/association/applications/<int:number>/publish")
def publish(number: int) -> BaseResponse:
    """Labels may carry it."""
    try:
        office().publish(number, seen())
    except ActRefused as refusal:
        still = office().application(number).file.pledge.state == "signed"
        return shown(number, 409, worded(str(refusal)) if still and not isinstance(refusal, Stale) else MEANWHILE)
    return done(_("The pledge is published: labels may carry it."), address(number))


@blueprint.post("/association/applications/<int:number>/ask")
def ask(number: int) -> BaseResponse:
    """Return it with a question."""
    form = QuestionForm()
    return decided(
        number,
        form,
        lambda: office().ask_back(number, seen(), form.question.data),
        _("The application is returned with your question."),
    )


@blueprint.post("/association/applications/<int:number>/refuse")
def refuse(number: int) -> BaseResponse:
    """Refuse it, and say why."""
    form = RefusalForm()
    return decided(
        number, form, lambda: office().refuse(number, seen(), form.reason.data), _("The application is refused.")
    )


@blueprint.post("/association/applications/<int:number>/withdraw")
def withdraw(number: int) -> BaseResponse:
    """Withdraw it, and say why."""
    form = WithdrawalForm()
    return decided(
        number, form, lambda: office().withdraw(number, seen(), form.reason.data), _("The pledge is withdrawn.")
    )


def decided(
    number: int, form: OfficeForm, decide: Callable[[], None], message: str, finding_id: str = ""
) -> BaseResponse:
    """Do what a form on the page of an application is for: see `office_pages.decided`."""
    return office_pages.decided(
        form,
        decide,
        lambda status, problem: shown(number, status, problem, form, finding_id),
        MEANWHILE,
        (message, address(number)),
    )


def address(number: int) -> str:
    """Where an application is shown."""
    return url_for("association.application", number=number)
