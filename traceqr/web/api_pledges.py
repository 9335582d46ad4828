"""Calls about pledges, editions and licences of marks: see `api_routes`.

Nobody signs by a program: a signature is a person's, with a second factor.
"""

from __future__ import annotations

from typing import Any

from traceqr.access import Right
from traceqr.instant import to_iso
from traceqr.office.pledges import PledgeOffice
from traceqr.office.trade import TradeOffice
from traceqr.registry.pledge_records import PledgeFile
from traceqr.registry.pledges import Pledge
from traceqr.web import api_schemas as schemas
from traceqr.web.calls import Row, get, instant, listing, paged
from traceqr.web.route import Body, Call, Route


def _edition(row: Row) -> Body:
    names = ("id", "year", "name_zh", "name_en", "theme_zh", "theme_en")
    return {**{name: row[name] for name in names}, "until": to_iso(row["apply_to_ms"])}


def _pledge(row: Row) -> Body:
    return {
        **{name: row[name] for name in ("number", "campaign_zh", "campaign_en", "year", "state")},
        "campaign": row["campaign_id"],
        "signed": instant(row["signed_ms"]),
        "valid_from": instant(row["valid_from_ms"]),
        "valid_to": instant(row["valid_to_ms"]),
    }


def _pledge_file(office: TradeOffice, call: Call) -> Body:
    """A pledge with what was written about it."""
    number = call.path["number"]
    row = office.pledge(number)
    return {**_pledge(row), **_written(_desk(office).pledged(number).file)}


def _written(file: PledgeFile) -> Body:
    return {
        "notes": [{"kind": one.kind, "content": one.content, "at": to_iso(one.at_ms)} for one in file.notes],
        "findings": [
            {
                "id": one.id,
                "content": one.content,
                "at": to_iso(one.at_ms),
                "open": one.is_open,
                "reply": one.reply or None,
            }
            for one in file.findings
        ],
    }


def _desk(office: TradeOffice) -> PledgeOffice:
    """The desk of pledges, in the same transaction."""
    return PledgeOffice(office.house, office.identity, office.joined)


def _apply(office: TradeOffice, call: Call) -> Body:
    return _state(_desk(office).apply(call.body["campaign"]))


def _answer(office: TradeOffice, call: Call) -> Body:
    return _state(_desk(office).answer(call.path["number"], call.body["content"].strip()))


def _reply(office: TradeOffice, call: Call) -> Body:
    return _state(_desk(office).reply(call.path["number"], call.body["finding"], call.body["content"].strip()))


def _state(pledge: Pledge) -> Body:
    return {"number": pledge.number, "state": pledge.state}


def _licence(row: Row) -> Body:
    names = ("number", "spelled", "mark_zh", "mark_en", "quota", "used", "state", "reason")
    return {
        **{name: row[name] for name in names},
        "mark": row["mark_id"],
        "valid_from": to_iso(row["valid_from_ms"]),
        "valid_to": to_iso(row["valid_to_ms"]),
        **({"gtins": row["gtins"]} if "gtins" in row else {}),
    }


def _does(name: str, path: str, summary: str, run: Any, status: int, body: Any, example: Body) -> Route:
    return Route(name, "POST", path, Right.APPLY, summary, schemas.PLEDGE_STATE, run, status, body, example)


PLEDGES: tuple[Route, ...] = (
    listing(
        "editions",
        "/editions",
        "Editions that the enterprise may apply for now",
        schemas.EDITION,
        str,
        paged(lambda office, call: office.editions(call.after or "", call.most), "id", _edition),
    ),
    listing(
        "pledges",
        "/pledges",
        "Pledges, latest first",
        schemas.PLEDGE,
        int,
        paged(lambda office, call: office.pledges(call.after, call.most), "number", _pledge),
    ),
    get(
        "pledge",
        "/pledges/{number}",
        "A pledge, with questions, answers and findings",
        schemas.PLEDGE_FILE,
        _pledge_file,
    ),
    _does(
        "apply",
        "/pledges",
        "Apply for an edition. A person signs, once it is accepted",
        _apply,
        201,
        schemas.NEW_PLEDGE,
        {"campaign": "quality-month-2026"},
    ),
    _does(
        "answer",
        "/pledges/{number}/answer",
        "Answer the question of whoever reviews an application",
        _answer,
        200,
        schemas.ANSWER,
        {"content": "See chapter 3 of the quality manual"},
    ),
    _does(
        "reply",
        "/pledges/{number}/reply",
        "Reply to a finding, once. It is published",
        _reply,
        200,
        schemas.REPLY,
        {"finding": "0123456789abcdef", "content": "The lot was withdrawn on the same day"},
    ),
    listing(
        "licences",
        "/licences",
        "Licences of marks, latest first",
        schemas.LICENCE,
        int,
        paged(lambda office, call: office.licences(call.after, call.most), "number", _licence),
    ),
    get(
        "licence",
        "/licences/{number}",
        "A licence, with the products that it is for",
        schemas.LICENCE,
        lambda office, call: _licence(office.licence(call.path["number"])),
    ),
)
