"""Calls about recalls: see `api_routes`. Where two people must agree, a program does not recall."""

from __future__ import annotations

from typing import Any

from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.label.gtin import Gtin
from traceqr.office.recalls import Announcement, Lot, Range, RecallOffice, Statement, Used
from traceqr.office.trade import TradeOffice
from traceqr.web import api_schemas as schemas
from traceqr.web.calls import Row, get, listing, paged
from traceqr.web.recalls import for_programs, progress_for_programs
from traceqr.web.route import Body, Call, Route

_ENDINGS = {"zh-Hans": "zh_hans", "zh-Hant": "zh_hant", "en": "en"}
_WORDS = {
    "hazard": "瓶口可能有玻璃碎屑",
    "advice": "立即停止饮用，将产品退回购买处",
    "contact": "质量部 400-000-0000",
}


def _desk(office: TradeOffice) -> RecallOffice:
    """The desk of recalls, in the same transaction."""
    return RecallOffice(office.house, office.identity, office.joined)


def _recall(row: Row) -> Body:
    told = for_programs(row)
    return {name: told[name] for name in schemas.RECALL["properties"]}


def _file(office: TradeOffice, call: Call) -> Body:
    file = _desk(office).file(call.path["id"])
    return {
        **_recall(file.row),
        "labels": file.labels,
        "seen_before": file.reach.before,
        "seen_since": file.reach.since,
        "more_seen": file.reach.more,
        "progress": [progress_for_programs(one) for one in file.progress],
    }


def _issue(office: TradeOffice, call: Call) -> Body:
    texts = {
        f"{part}_{_ENDINGS[tag]}": text for tag, words in call.body["texts"].items() for part, text in words.items()
    }
    made = _desk(office).issue(_target(call.body), Announcement(texts, call.body.get("class")))
    assert made is not None  # a program proposes nothing
    return _recall(_desk(office).told(made.id))


def _target(body: Any) -> Range | Lot | Used:
    if "batch" in body:
        if "gtin" in body or "lot" in body or "material" in body:
            raise ActRefused("expected a batch, or a gtin with or without a lot, got both", "batch")
        return Range(body["batch"], body.get("first"), body.get("last"))
    if "gtin" not in body or "first" in body or "last" in body:
        raise ActRefused("expected a batch, or a gtin with or without a lot, got neither", "gtin")
    gtin = Gtin.parse(body["gtin"])
    if "material" not in body:
        return Lot(gtin, body.get("lot"))
    if "lot" not in body:
        raise ActRefused("expected the lot of the material, got none", "lot")
    return Used(gtin, body["lot"], body["material"])


def _progress(office: TradeOffice, call: Call) -> Body:
    body = call.body
    statement = Statement(body["recovered"], body["destroyed"], body.get("remark", ""))
    _desk(office).state_progress(call.path["id"], None, statement, tell_reach=body.get("tell_reach", False))
    return _recall(_desk(office).told(call.path["id"]))


def _lift(office: TradeOffice, call: Call) -> Body:
    _desk(office).lift(call.path["id"], None, call.body["reason"], call.body["outcome"])
    return _recall(_desk(office).told(call.path["id"]))


def _does(name: str, path: str, summary: str, run: Any, body: Any, example: Body, status: int = 200) -> Route:
    return Route(name, "POST", path, Right.CHANGE_STATE, summary, schemas.RECALL, run, status, body, example)


RECALLS: tuple[Route, ...] = (
    listing(
        "recalls",
        "/recalls",
        "Recalls of the enterprise's goods, open and lifted, latest first",
        schemas.RECALL,
        int,
        paged(lambda office, call: _desk(office).listed(before=call.after, most=call.most), "position", _recall),
    ),
    get(
        "recall_file",
        "/recalls/{id}",
        "A recall, with whom it reached and how far it has come",
        schemas.RECALL_FILE,
        _file,
    ),
    _does(
        "issue_recall",
        "/recalls",
        "Recall labels of a batch, a lot or a product, or what was made of a lot of a material. Refused where a second"
        " person must agree: see the console",
        _issue,
        schemas.NEW_RECALL,
        {"gtin": "06901234000016", "lot": "20260915-A2", "class": 2, "texts": {"zh-Hans": _WORDS}},
        201,
    ),
    _does(
        "state_progress",
        "/recalls/{id}/progress",
        "State how far a recall has come. It is published",
        _progress,
        schemas.NEW_PROGRESS,
        {"recovered": 3, "destroyed": 1, "tell_reach": True},
    ),
    _does(
        "lift_recall",
        "/recalls/{id}/lift",
        "Lift a recall that the enterprise has laid",
        _lift,
        schemas.LIFTING,
        {"reason": "All packs are back", "outcome": "completed"},
    ),
)
