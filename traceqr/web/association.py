"""The association's console: `/association/`, campaigns with their figures, and the applications of a region."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.office.review import PAGE, STANDINGS, ReviewOffice, Wanted
from traceqr.sector import SECTORS
from traceqr.web import forms
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.language import Language
from traceqr.web.office_pages import done, page
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


def office() -> ReviewOffice:
    """The desk of whoever asks."""
    return ReviewOffice(door().house, identity())


def sector_names() -> dict[str, str]:
    """The sectors by their codes, in the language of whoever asks."""
    spelled = {Language.ZH_HANS: "zh_hans", Language.ZH_HANT: "zh_hant"}.get(language(), "en")
    return {code: str(getattr(words, spelled)) for code, words in SECTORS.items()}


def _page(template: str, status: int = 200, **values: object) -> BaseResponse:
    return page(
        f"association/{template}",
        status,
        sector_names=sector_names(),
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
    return _page("figures.html", edition=desk.edition(campaign_id), funnel=desk.funnel(campaign_id))


@blueprint.get("/association/campaigns/<campaign_id>/queue")
def queue(campaign_id: str) -> BaseResponse:
    """Applications in a state, fifty at a time."""
    return _queue(campaign_id)


def _queue(campaign_id: str, status: int = 200, problem: str = "") -> BaseResponse:
    given = {name: request.values.get(name, "").strip()[:100] for name in ("state", "region", "sector", "text")}
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
        (desk.accept if what == "accept" else desk.publish)(numbers, campaign_id)
    except ActRefused:
        return _queue(campaign_id, 409, MEANWHILE)
    state = "applied" if what == "accept" else "signed"
    message = _("The applications are accepted.") if what == "accept" else _("The pledges are published.")
    return done(message, url_for("association.queue", campaign_id=campaign_id, state=state))


def _numbers() -> list[int]:
    given = request.form.getlist("number")
    if len(given) > PAGE or not all(one.isascii() and one.isdigit() and len(one) <= 10 for one in given):
        raise BadRequest
    return sorted({int(one) for one in given})


@blueprint.get("/association/applications/<int:number>")
def application(number: int) -> BaseResponse:
    """One application with all there is of it."""
    return _application(number)


def _application(
    number: int,
    status: int = 200,
    problem: str = "",
    question: QuestionForm | None = None,
    refusal: RefusalForm | None = None,
) -> BaseResponse:
    return _page(
        "application.html",
        status,
        one=office().application(number),
        problem=problem,
        question=question or QuestionForm(formdata=None),
        refusal=refusal or RefusalForm(formdata=None),
        note_names=NOTE_NAMES,
    )


@blueprint.post("/association/applications/<int:number>/accept")
def accept(number: int) -> BaseResponse:
    """The enterprise may sign."""
    try:
        office().accept([number])
    except ActRefused:
        return _application(number, 409, MEANWHILE)
    return done(_("The application is accepted: the enterprise may sign."), _address(number))


@blueprint.post("/association/applications/<int:number>/publish")
def publish(number: int) -> BaseResponse:
    """Labels may carry it."""
    try:
        office().publish([number])
    except ActRefused as refusal:
        still = office().application(number).file.pledge.state == "signed"
        return _application(number, 409, worded(str(refusal)) if still else MEANWHILE)
    return done(_("The pledge is published: labels may carry it."), _address(number))


@blueprint.post("/association/applications/<int:number>/ask")
def ask(number: int) -> BaseResponse:
    """Return it with a question."""
    form = QuestionForm()
    if not form.validate():
        return _application(number, 422, question=form)
    try:
        office().ask_back(number, form.question.data)
    except ActRefused as refusal:
        if refusal.field == "question":
            form.take_refusal(refusal)
            return _application(number, 422, question=form)
        return _application(number, 409, MEANWHILE, question=form)
    return done(_("The application is returned with your question."), _address(number))


@blueprint.post("/association/applications/<int:number>/refuse")
def refuse(number: int) -> BaseResponse:
    """Refuse it, and say why."""
    form = RefusalForm()
    if not form.validate():
        return _application(number, 422, refusal=form)
    try:
        office().refuse(number, form.reason.data)
    except ActRefused as refusal:
        if refusal.field == "reason":
            form.take_refusal(refusal)
            return _application(number, 422, refusal=form)
        return _application(number, 409, MEANWHILE, refusal=form)
    return done(_("The application is refused."), _address(number))


def _address(number: int) -> str:
    return url_for("association.application", number=number)
