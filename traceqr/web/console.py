"""The first page of an enterprise, `/console/`, and its licences of marks."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.office.enterprise import OverviewOffice
from traceqr.office.figures import FiguresOffice
from traceqr.web import assets
from traceqr.web.console_batches import KIND_NAMES
from traceqr.web.console_products import ReasonForm
from traceqr.web.door import door, guard, identity
from traceqr.web.numbers import whole
from traceqr.web.office_pages import page
from traceqr.web.site import site

_ = str

blueprint = Blueprint("console", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

PAGE = 50

LATELY = (30, 90)
"""Days that the scans are shown of."""

VERDICT_NAMES = {
    "genuine": _("genuine, scanned for the first time"),
    "seen": _("genuine, seen before"),
    "suspect": _("suspect"),
    "inactive": _("not activated yet"),
    "held": _("on hold"),
    "recalled": _("recalled"),
    "void": _("void"),
    "forged": _("forged"),
    "unchecked": _("not checked"),
}
PLEDGE_STATES = {
    "applied": _("under review"),
    "returned": _("asked back: answer the question"),
    "accepted": _("accepted: sign it now"),
    "refused": _("refused"),
    "signed": _("signed, not yet published"),
    "published": _("published"),
    "withdrawn": _("withdrawn"),
    "breached": _("declared breached: reply to the finding"),
}
DUE = ("returned", "accepted", "breached")
LICENCE_STATES = {"granted": _("granted"), "suspended": _("suspended"), "withdrawn": _("withdrawn")}


def office() -> OverviewOffice:
    """The desk of whoever asks."""
    return OverviewOffice(door().house, identity())


@blueprint.get("/console/")
def home() -> BaseResponse:
    """The numbers that matter, and what needs doing."""
    days = request.args.get("days", type=int)
    days = days if days in LATELY else LATELY[0]
    return page(
        "console/home.html",
        overview=office().overview(),
        scans=FiguresOffice(door().house, identity()).scans(days),
        days=days,
        lately=LATELY,
        verdict_names=VERDICT_NAMES,
        chart_scripts=assets.chart_scripts(),
        pledge_states=PLEDGE_STATES,
        due=DUE,
        kind_names=KIND_NAMES,
        why=ReasonForm(formdata=None),
    )


@blueprint.get("/console/marks")
def marks() -> BaseResponse:
    """Licences of marks, with what is left of each quota."""
    rows = office().licences(whole(request.args.get("before")), PAGE + 1)
    return page(
        "console/marks.html",
        licences=rows[:PAGE],
        last=rows[PAGE - 1]["number"] if len(rows) > PAGE else None,
        licence_states=LICENCE_STATES,
        now_ms=site().clock(),
    )
