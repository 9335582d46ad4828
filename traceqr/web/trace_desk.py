"""Tracing in the consoles: of what somebody types or scans, where it came from and where it went: one page for all, and
files of what it tells.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Right, Role
from traceqr.acting import ActRefused
from traceqr.office.house import Absent
from traceqr.office.tracking import MAX_SHOWN, TraceFile, TrackingOffice
from traceqr.web import assets, trace_files, trace_report, trace_words
from traceqr.web.door import door, guard, identity
from traceqr.web.office_pages import page

_ = str

NOT_READ = _("This is no label, lot or SSCC. Scan a code, or type a GTIN and a lot with a space between.")
NOT_THERE = _("Nothing is known of this, or it is not yours to see.")


def build(name: str, path: str, *roles: Role) -> Blueprint:
    """The page at `path`, for those roles."""
    blueprint = Blueprint(name, __name__)
    blueprint.before_request(guard(*roles))
    recalls = path.rpartition("/")[0] + "/recalls" if Role.INSPECTOR not in roles else ""

    def shown() -> BaseResponse:
        """What is told of the thing that was asked for; the form alone where nothing was."""
        text = trace_files.asked()
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
    trace_files.serve(blueprint, path, shown)
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
        kind_names=trace_words.THING_NAMES,
        step_names=trace_words.STEP_NAMES,
        unit_names=trace_words.UNIT_NAMES,
        query=urlencode({"q": text}),
        words=trace_report,
        tabbed=path.startswith("/console/"),
        trace_style=assets.address("trace.css"),
        may_state=identity().may(Right.STATE_EVENTS),
    )
