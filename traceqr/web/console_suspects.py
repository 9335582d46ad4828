"""Suspect labels of an enterprise: `/console/suspects`."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.office.suspects import SuspectOffice
from traceqr.web import suspect_pages
from traceqr.web.door import door, guard, identity

blueprint = Blueprint("console_suspects", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

HOME = "/console"


def office() -> SuspectOffice:
    """The desk of whoever asks."""
    return SuspectOffice(door().house, identity())


@blueprint.get("/console/suspects")
def listed() -> BaseResponse:
    """The latest first, a page at a time."""
    return suspect_pages.listed(office(), HOME)


@blueprint.get("/console/suspects.csv")
def table() -> Response:
    """All of them as a table."""
    return suspect_pages.table(office())


@blueprint.get("/console/suspects.json")
def document() -> Response:
    """The same as JSON."""
    return suspect_pages.document(office())


@blueprint.get("/console/suspects/<int:number>/<int:index>")
def shown(number: int, index: int) -> BaseResponse:
    """One label: why it is suspect, and where it was seen."""
    return suspect_pages.shown(office(), number, index, HOME)


@blueprint.get("/console/suspects/<int:number>/<int:index>/scans.csv")
def label_table(number: int, index: int) -> Response:
    """Its latest scans as a table."""
    return suspect_pages.label_table(office(), number, index)


@blueprint.get("/console/suspects/<int:number>/<int:index>/file.json")
def label_document(number: int, index: int) -> Response:
    """All that its page tells, as JSON."""
    return suspect_pages.label_document(office(), number, index)
