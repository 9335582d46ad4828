"""Tracing in the consoles: of what somebody types or scans, where it came from and where it went: one page for all."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.office.house import Absent
from traceqr.office.tracking import MAX_SHOWN, MAX_TEXT, TraceFile, TrackingOffice
from traceqr.tracing.thing import ThingKind
from traceqr.web import trace_words
from traceqr.web.door import door, guard, identity
from traceqr.web.office_pages import page

_ = str

NOT_READ = _("This is no label, lot or SSCC. Scan a code, or type a GTIN and a lot with a space between.")
NOT_THERE = _("Nothing is known of this, or it is not yours to see.")

KIND_NAMES = {
    ThingKind.ITEM: _("Label or item"),
    ThingKind.LOT: _("Lot"),
    ThingKind.PRODUCT: _("Product"),
    ThingKind.UNIT: _("Case or pallet"),
    ThingKind.RETURNABLE: _("Returnable container"),
    ThingKind.ASSET: _("Asset"),
    ThingKind.URI: _("Something else"),
}


def build(name: str, path: str, *roles: Role) -> Blueprint:
    """The page at `path`, for those roles."""
    blueprint = Blueprint(name, __name__)
    blueprint.before_request(guard(*roles))
    recalls = path.rpartition("/")[0] + "/recalls" if Role.INSPECTOR not in roles else ""

    def shown() -> BaseResponse:
        """What is told of the thing that was asked for; the form alone where nothing was."""
        text = request.args.get("q", "").replace("\0", "").strip()[:MAX_TEXT]
        if not text:
            return _page(path)
        try:
            file = TrackingOffice(door().house, identity()).trace(text)
        except ActRefused:
            return _page(path, 422, text=text, problem=NOT_READ)
        except Absent:
            return _page(path, 404, text=text, problem=NOT_THERE)
        return _page(path, text=text, file=file, recall=_recall(recalls, file))

    blueprint.add_url_rule(path, "shown", shown, methods=["GET"])
    return blueprint


def _recall(recalls: str, file: TraceFile) -> str:
    """Where this lot is recalled, or what was made of it where it is nobody's; not where it is another's to recall."""
    mine = identity().enterprise
    if not recalls or file.lot is None or (mine is not None and file.owner not in (None, mine)):
        return ""
    over = "lot" if file.owner else "material"
    return f"{recalls}/new?{urlencode({'over': over, 'gtin': file.lot[0], 'lot': file.lot[1]})}"


def _page(
    path: str, status: int = 200, text: str = "", problem: str = "", file: TraceFile | None = None, recall: str = ""
) -> BaseResponse:
    return page(
        "console/follow.html",
        status,
        path=path,
        q=text,
        problem=problem,
        file=file,
        recall=recall,
        most=MAX_SHOWN,
        kind_names=KIND_NAMES,
        step_names=trace_words.STEP_NAMES,
        unit_names=trace_words.UNIT_NAMES,
    )
