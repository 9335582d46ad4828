"""Pledges that were not kept: `/association/applications/<number>/findings`, on the page of the application."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.office.findings import FindingOffice
from traceqr.web.association import ClearingForm, FindingForm, decided, seen
from traceqr.web.door import door, guard, identity

_ = str

blueprint = Blueprint("association_findings", __name__)
blueprint.before_request(guard(Role.OFFICER))


def office() -> FindingOffice:
    """The desk of whoever asks."""
    return FindingOffice(door().house, identity())


@blueprint.post("/association/applications/<int:number>/findings")
def declare(number: int) -> BaseResponse:
    """Declare the pledge breached, with what was found."""
    form = FindingForm()
    return decided(
        number,
        form,
        lambda: office().declare(number, seen(), form.finding.data),
        _("The pledge is declared breached. Every label that carries it says so."),
    )


@blueprint.post("/association/applications/<int:number>/findings/<finding_id>/clear")
def clear(number: int, finding_id: str) -> BaseResponse:
    """Clear a finding that was wrong."""
    form = ClearingForm()
    return decided(
        number,
        form,
        lambda: office().clear(number, seen(), finding_id, form.reason.data),
        _("The finding is cleared."),
        finding_id,
    )
