"""What people report in the region of an association: `/association/cases`."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.office.cases import AssociationCases
from traceqr.web.association import seen
from traceqr.web.case_pages import STALE, CasePages
from traceqr.web.door import door, guard, identity
from traceqr.web.office_pages import decided

_ = str

blueprint = Blueprint("association_cases", __name__)
blueprint.before_request(guard(Role.OFFICER))


def office() -> AssociationCases:
    """The desk of whoever asks."""
    return AssociationCases(door().house, identity())


_pages = CasePages("/association/cases", office)
_pages.serve(blueprint)


@blueprint.post("/association/cases/<case_id>/escalate")
def escalate(case_id: str) -> BaseResponse:
    """Take part in a case that is late."""
    return decided(
        None,
        lambda: office().escalate(case_id, seen()),
        lambda status, problem: _pages.shown_with(case_id, status, problem),
        STALE,
        (_("The case is escalated. You may answer and close it now."), f"/association/cases/{case_id}"),
    )
