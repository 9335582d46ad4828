"""What is told of a thing as files: a report as PDF and CSV, and the events that it rests on as EPCIS 2.0."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr.acting import ActRefused
from traceqr.office.house import Absent
from traceqr.office.trace_reports import ReportOffice
from traceqr.office.tracking import MAX_TEXT, thing_of
from traceqr.printing.format import PrintError
from traceqr.web import trace_report, trace_table
from traceqr.web.aside import apart
from traceqr.web.door import door, identity
from traceqr.web.site import language, site
from traceqr.web.tables import table_file


def asked() -> str:
    """What somebody typed or scanned."""
    return request.args.get("q", "").replace("\0", "").strip()[:MAX_TEXT]


def serve(blueprint: Blueprint, path: str, shown: Callable[[], BaseResponse]) -> None:
    """The files below the page at `path`. What cannot be read, or is not theirs, that page says (`shown`)."""
    files = _Files(path, shown)
    blueprint.add_url_rule(f"{path}/report.pdf", "document", files.document, methods=["GET"])
    blueprint.add_url_rule(f"{path}/report.csv", "table", files.table, methods=["GET"])
    blueprint.add_url_rule(f"{path}/events.jsonld", "events", files.events, methods=["GET"])


@dataclass(frozen=True, slots=True)
class _Files:
    path: str
    shown: Callable[[], BaseResponse]

    def document(self) -> BaseResponse:
        """The report, for people."""
        return self._answered(self._drawn)

    def table(self) -> BaseResponse:
        """The report, for spreadsheets."""
        return self._answered(self._listed)

    def events(self) -> BaseResponse:
        """The events, for programs."""
        return self._answered(self._exchanged)

    def _answered(self, answer: Callable[[ReportOffice, str], BaseResponse]) -> BaseResponse:
        try:
            return answer(ReportOffice(door().house, identity()), asked())
        except (ActRefused, Absent):
            return self.shown()

    def _drawn(self, office: ReportOffice, text: str) -> BaseResponse:
        from traceqr.certifying.sheet import draw  # what draws takes its time to load, and few ask for it

        report = office.report(text)
        address = f"{str(site().origin).lower()}{self.path}"
        document = trace_report.document(report, language(), door().house.timezone, address)
        try:
            content = apart(lambda: draw(document))
        except PrintError:
            abort(503)
        return _file(Response(content, mimetype="application/pdf"), trace_table.file_name(report.file.thing, ".pdf"))

    def _listed(self, office: ReportOffice, text: str) -> BaseResponse:
        report = office.report(text)
        name = trace_table.file_name(report.file.thing, ".csv")
        return table_file(name, trace_table.COLUMNS, trace_table.rows(report))

    def _exchanged(self, office: ReportOffice, text: str) -> BaseResponse:
        found = office.document(text)
        body = (chunk.encode() for chunk in found.chunks)
        suffix = ".jsonld" if found.complete else "-incomplete.jsonld"
        name = trace_table.file_name(thing_of(text), suffix)
        return _file(Response(body, content_type="application/ld+json"), name)


def _file(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response
