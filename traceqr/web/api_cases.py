"""Calls about what people report: see `api_routes`. Contacts are told to no program."""

from __future__ import annotations

from traceqr.access import Right
from traceqr.instant import to_iso
from traceqr.label.serial import Serial
from traceqr.office.cases import FINDINGS, Case, EnterpriseCases
from traceqr.office.trade import TradeOffice
from traceqr.web import api_schemas as schemas
from traceqr.web.calls import Row, instant
from traceqr.web.route import Body, Call, Route

MAX_WRITTEN = 1_000

_CASE = {
    "id": schemas.ID,
    "gtin": schemas.TEXT,
    "batch": schemas.COUNT,
    "place": schemas.TEXT,
    "state": schemas.one_of("How it stands.", "open", "closed"),
    "late": {"type": "boolean"},
    "finding": schemas.nullable(schemas.TEXT),
    "reports": schemas.COUNT,
    "suspects": schemas.COUNT,
    "opened": schemas.INSTANT,
    "due": schemas.nullable(schemas.INSTANT),
    "answered": schemas.nullable(schemas.INSTANT),
    "closed": schemas.nullable(schemas.INSTANT),
}
CASE = schemas.members(_CASE)
CASE_FILE = schemas.members(
    {
        **_CASE,
        "answers": schemas.array(
            schemas.members(
                {
                    "kind": schemas.one_of("What it is.", "answer", "escalation", "closing", "reopening"),
                    "content": schemas.TEXT,
                    "at": schemas.INSTANT,
                }
            )
        ),
    }
)
REPORT = schemas.members(
    {
        "id": schemas.ID,
        "at": schemas.INSTANT,
        "serial": schemas.TEXT,
        "verdict": schemas.TEXT,
        "reason": schemas.TEXT,
        "content": schemas.TEXT,
        "shop": schemas.TEXT,
        "place": schemas.TEXT,
        "language": schemas.TEXT,
        "photos": schemas.COUNT,
    }
)
CASE_STATE = schemas.members(
    {
        "id": schemas.ID,
        "state": schemas.one_of("How it stands now.", "open", "closed"),
        "finding": schemas.nullable(schemas.TEXT),
    }
)
ANSWER = schemas.members({"content": schemas.text("What all who reported are told; it names nobody.", MAX_WRITTEN)})
CLOSING = schemas.members(
    {"finding": schemas.one_of("What was found.", *FINDINGS)},
    {"content": schemas.text("Words beside it; all who reported are told.", MAX_WRITTEN)},
)


def _desk(office: TradeOffice) -> EnterpriseCases:
    """The desk of cases, in the same transaction."""
    return EnterpriseCases(office.house, office.identity, office.joined)


def _case(row: Row) -> Body:
    instants = ("due", "answered", "closed")
    return {
        **{name: row[name] for name in ("id", "gtin", "batch", "place", "state", "finding", "reports", "suspects")},
        "late": row["late"],
        "opened": to_iso(row["opened_ms"]),
        **{name: instant(row[f"{name}_ms"]) for name in instants},
    }


def _report(row: Row) -> Body:
    names = ("id", "verdict", "reason", "content", "shop", "place", "language")
    return {
        **{name: row[name] for name in names},
        "at": to_iso(row["at_ms"]),
        "serial": str(Serial(row["batch"], row["label_index"])),
        "photos": len(row["photos"]),
    }


def _cases(office: TradeOffice, call: Call) -> Body:
    found = _desk(office).queue("all", after=call.after or "", most=call.most)
    return {"items": [_case(row) for row in found.rows], "next": found.after or None}


def _reports(office: TradeOffice, call: Call) -> Body:
    found = _desk(office).file(call.path["id"], call.after or "", call.most)
    return {"items": [_report(row) for row in found.reports], "next": found.after or None}


def _case_file(office: TradeOffice, call: Call) -> Body:
    found = _desk(office).file(call.path["id"], most=1)
    answers = [{"kind": row["kind"], "content": row["content"], "at": to_iso(row["at_ms"])} for row in found.answers]
    return {**_case({**found.row, "late": found.late}), "answers": answers}


def _answer(office: TradeOffice, call: Call) -> Body:
    return _state(_desk(office).answer(call.path["id"], None, call.body["content"]))


def _close(office: TradeOffice, call: Call) -> Body:
    finding, content = call.body["finding"], call.body.get("content", "")
    return _state(_desk(office).close(call.path["id"], None, finding, content))


def _state(found: Case) -> Body:
    return {"id": found.id, "state": found.state, "finding": found.finding}


CASES: tuple[Route, ...] = (
    Route(
        "cases",
        "GET",
        "/cases",
        Right.HANDLE_CASES,
        "What people report of the enterprise's labels, as cases, the one opened last first",
        schemas.page_of(CASE),
        _cases,
        listed=str,
    ),
    Route("case", "GET", "/cases/{id}", Right.HANDLE_CASES, "A case, with its answers", CASE_FILE, _case_file),
    Route(
        "case_reports",
        "GET",
        "/cases/{id}/reports",
        Right.HANDLE_CASES,
        "The reports of a case, earliest first; words and shop are as they were typed, by anybody",
        schemas.page_of(REPORT),
        _reports,
        listed=str,
    ),
    Route(
        "answer_case",
        "POST",
        "/cases/{id}/answer",
        Right.HANDLE_CASES,
        "Answer all who reported. The first answer is the one that counts",
        CASE_STATE,
        _answer,
        200,
        ANSWER,
        {"content": "We have looked into it: the lot was stored too warm. Please return it."},
    ),
    Route(
        "close_case",
        "POST",
        "/cases/{id}/close",
        Right.HANDLE_CASES,
        "Close a case that was answered, with a finding",
        CASE_STATE,
        _close,
        200,
        CLOSING,
        {"finding": "defect", "content": "The lot is withdrawn."},
    ),
)
"""The calls about cases."""
