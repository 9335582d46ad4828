"""The page of each enterprise: all that is public of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as BaseResponse

from traceqr.certificate import CertificateNumber
from traceqr.instant import DAY_MS
from traceqr.registry import case_figures, claims, licences, pledges, recalls, recognitions, rosters
from traceqr.registry.case_figures import Answering
from traceqr.registry.database import Reader, Row
from traceqr.registry.licences import Wanted
from traceqr.registry.recalls import Sought
from traceqr.registry.recognitions import Recognition
from traceqr.reporting import ANSWER_DAYS
from traceqr.rostering import state_at
from traceqr.web.answering import prefers_json
from traceqr.web.exhibit import answer, as_json, reading, rendered
from traceqr.web.registers import standing
from traceqr.web.site import site

_ = str

blueprint = Blueprint("firms", __name__)

MAX_PRODUCTS = 50
MAX_RECALLS = 5

YEAR_MS = 365 * DAY_MS
"""How an enterprise answers is told of so long."""

HONOUR_NAMES = {
    "award": _("Quality award"),
    "demonstration": _("Demonstration unit"),
    "practice": _("Typical practice"),
}
LEVEL_NAMES = {
    "national": _("National level"),
    "province": _("Province level"),
    "city": _("City level"),
    "district": _("District level"),
    "other": _("Other level"),
}


@blueprint.get("/enterprises/<uscc>")
def enterprise(uscc: str) -> BaseResponse:
    """All that is public of an enterprise."""
    if uscc != uscc.upper():
        return redirect(iri_to_uri(f"/enterprises/{uscc.upper()}"), 303)
    now_ms = site().clock()
    with reading() as reader:
        found = rosters.enterprise(reader, uscc)
        if found is None:
            abort(404)
        years = [_year(row, now_ms) for row in pledges.through_the_years(reader, found["id"])]
        marks = licences.register(reader, Wanted(enterprise_id=found["id"]))
        honours = recognitions.of_enterprise(reader, found["id"])
        products = _claimed(reader, found["id"])
        answering = case_figures.answering(reader, found["id"], now_ms - YEAR_MS, now_ms)
        going_on = recalls.sought(reader, Sought(enterprise_id=found["id"], open=True), None, MAX_RECALLS)
    shown: dict[str, list[Any]] = {
        "years": [row for row in years if row["valid_from_ms"] is not None],
        "licences": [{**row, "standing": standing(row, now_ms)} for row in marks],
        "honours": list(honours),
        "products": products,
        "recalls": [(row, recalls.told_of(row)) for row in going_on],
    }
    if prefers_json():
        return as_json(_of_enterprise(found, shown) | {"answering": _answering(answering)})
    words = {"honour_names": HONOUR_NAMES, "level_names": LEVEL_NAMES}
    return answer(rendered("firm.html", firm=found, answering=answering, answer_days=ANSWER_DAYS, **words, **shown))


def _year(row: Row, now_ms: int) -> Row:
    if row["valid_from_ms"] is None:
        return row
    state = state_at(row["state"], row["valid_from_ms"], row["valid_to_ms"], now_ms)
    return {**row, "standing": state, "certificate": str(CertificateNumber(row["code"], row["number"]))}


def _claimed(reader: Reader, enterprise_id: str) -> list[Row]:
    """Products whose GTIN the enterprise has the right to."""
    rows = rosters.products_of(reader, enterprise_id, MAX_PRODUCTS)
    return [row for row in rows if claims.accepted_for(reader, enterprise_id, row["gtin"])]


def _of_enterprise(found: Row, shown: dict[str, list[Any]]) -> dict[str, Any]:
    return {
        "uscc": found["uscc"],
        "name_zh": found["name_zh"],
        "name_en": found["name_en"],
        "region": found["region"],
        "sector": found["sector"],
        "pledges": [
            {"certificate": row["certificate"], "campaign": row["campaign_id"], "state": row["standing"]}
            for row in shown["years"]
        ],
        "licences": [{"licence": row["spelled"], "state": row["standing"]} for row in shown["licences"]],
        "recognitions": [_honour(each) for each in shown["honours"]],
        "products": [{"gtin": row["gtin"], "name_zh": row["name_zh"]} for row in shown["products"]],
        "recalls": [{"id": row["id"], "gtin": row["gtin"]} for row, _told in shown["recalls"]],
    }


def _answering(found: Answering) -> dict[str, int | None]:
    """How reports of the last 12 months were answered: numbers of cases, the share in whole percent, days."""
    names = ("cases", "due", "answered", "in_time")
    figures = {name: getattr(found, name) for name in names}
    return {**figures, "share_percent": found.share, "median_days": found.median_days, "within_days": ANSWER_DAYS}


def _honour(one: Recognition) -> dict[str, Any]:
    names = ("kind", "level", "year", "name_zh", "name_en", "conferred_by_zh", "conferred_by_en", "state", "reason")
    return {name: getattr(one, name) for name in names}
