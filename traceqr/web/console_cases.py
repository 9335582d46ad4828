"""What people report of an enterprise's labels: `/console/cases`."""

from __future__ import annotations

from flask import Blueprint

from traceqr.access import Role
from traceqr.office.cases import EnterpriseCases
from traceqr.web.case_pages import CasePages
from traceqr.web.door import door, guard, identity

blueprint = Blueprint("console_cases", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))


def office() -> EnterpriseCases:
    """The desk of whoever asks."""
    return EnterpriseCases(door().house, identity())


CasePages("/console/cases", office).serve(blueprint)
