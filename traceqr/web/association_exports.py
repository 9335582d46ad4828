"""Downloads of the association's console: the pledges of an edition, and its figures."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flask import Blueprint, Response

from traceqr.access import Role
from traceqr.instant import to_iso
from traceqr.office.reporting import COLUMNS, FIGURES, Report, ReportOffice
from traceqr.web.door import door, guard, identity
from traceqr.web.tables import table_file

blueprint = Blueprint("association_exports", __name__)
blueprint.before_request(guard(Role.OFFICER))


def office() -> ReportOffice:
    """The desk of whoever asks."""
    return ReportOffice(door().house, identity())


@blueprint.get("/association/campaigns/<campaign_id>/pledges.csv")
def pledges_table(campaign_id: str) -> Response:
    """The pledges as a table."""
    report = office().report(campaign_id)
    rows = ([row[name] for name in COLUMNS] for row in report.rows)
    return table_file(f"{report.campaign.id}-pledges.csv", COLUMNS, rows)


@blueprint.get("/association/campaigns/<campaign_id>/pledges.json")
def pledges_document(campaign_id: str) -> Response:
    """The same as JSON."""
    report = office().report(campaign_id)
    name = f"{report.campaign.id}-pledges.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Cookie"}
    return Response(_written(report), content_type="application/json", headers=headers)


@blueprint.get("/association/campaigns/<campaign_id>/figures.csv")
def figures_table(campaign_id: str) -> Response:
    """The figures as a table, one line for each region and sector."""
    rows = [[row[name] for name in FIGURES] for row in office().figures(campaign_id)]
    return table_file(f"{campaign_id}-figures.csv", FIGURES, rows)


def _written(report: Report) -> Iterator[str]:
    """A document that is sent as it is made, one pledge a line."""
    head = {
        "campaign": report.campaign.id,
        "name_zh": report.campaign.name_zh,
        "name_en": report.campaign.name_en,
        "year": report.campaign.year,
        "at": to_iso(report.at_ms),
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "pledges": ['
    between = "\n"
    for row in report.rows:
        yield between + json.dumps(row, ensure_ascii=False)
        between = ",\n"
    yield "\n]}\n"
