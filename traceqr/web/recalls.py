"""The public list of recalls, the page of each, and feeds of them."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, request

from traceqr.evidence import Recall
from traceqr.instant import to_iso
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.label.serial import Serial
from traceqr.registry import recall_reach, recalls
from traceqr.registry.database import Row
from traceqr.registry.recalls import Sought
from traceqr.verdict_json import recall_to_json
from traceqr.web.answering import dumps, prefers_json
from traceqr.web.exhibit import as_json, page, reading
from traceqr.web.feeds import Feed, Item, atom, json_feed
from traceqr.web.language import DEFAULT, Language
from traceqr.web.site import site

_ = str

blueprint = Blueprint("recalls", __name__)

PAGE = 50
IN_FEED = 50
MAX_SOUGHT = 60

STATES = {"": _("All recalls"), "open": _("Going on"), "lifted": _("Ended")}

OUTCOME_NAMES = {
    "completed": _("Completed: what had to be done is done"),
    "unfounded": _("Unfounded: the hazard was not there"),
    "other": _("Ended"),
}

TITLE = _("Recall notices")

_ID = re.compile("[A-Za-z0-9_-]{1,64}")
_USCC = re.compile("[0-9A-HJ-NPQRTUWXY]{18}")
_OPEN = {"open": True, "lifted": False}


@blueprint.get("/recalls")
def listed() -> Response:
    """Recalls, latest first, those that were searched for."""
    text, state, before = _asked()
    with reading() as reader:
        rows = recalls.sought(reader, _sought(text, state), before, PAGE + 1)
    shown, after = rows[:PAGE], rows[PAGE - 1]["position"] if len(rows) > PAGE else None
    if prefers_json():
        response = as_json({"recalls": [for_programs(row) for row in shown], "before": after})
    else:
        told = [(row, recalls.told_of(row)) for row in shown]
        response = page(
            "recalls.html", recalls=told, q=text, state=state, states=STATES, after=after, begun=before is None
        )
    return response


@blueprint.get("/recalls/<recall_id>")
def recall(recall_id: str) -> Response:
    """One recall: what people are told, and how far it has come."""
    if not _ID.fullmatch(recall_id):
        abort(404)
    with reading() as reader:
        row = recalls.by_id(reader, recall_id)
        if row is None:
            abort(404)
        progress = recalls.progress_of(reader, recall_id)
        under = recalls.labels_under(reader, recalls.cover_of(row))
        spread = recall_reach.counted(reader, recall_id)
    if prefers_json():
        return as_json(
            {
                **for_programs(row),
                "labels": under,
                "labels_made_of_it": {"labels": spread.labels, "batches": spread.batches, "complete": spread.whole},
                "progress": [progress_for_programs(one) for one in progress],
            }
        )
    return page(
        "recall.html",
        row=row,
        told=recalls.told_of(row),
        progress=progress,
        under=under,
        spread=spread,
        serials=serials_of(row),
        outcome_names=OUTCOME_NAMES,
    )


@blueprint.get("/recalls.atom")
def atom_feed() -> Response:
    """What was recalled, changed or lifted last, as Atom."""
    feed = _feed("/recalls.atom")
    return _cached(atom(feed), "application/atom+xml; charset=utf-8", feed)


@blueprint.get("/recalls.json")
def json_feed_() -> Response:
    """The same as JSON Feed."""
    feed = _feed("/recalls.json")
    return _cached(dumps(json_feed(feed)).encode(), "application/feed+json; charset=utf-8", feed)


def serials_of(row: Row) -> tuple[str, str] | None:
    """The first and the last serial under a recall of labels of a batch."""
    if row["batch"] is None:
        return None
    return Serial(row["batch"], row["first"]).readable, Serial(row["batch"], row["last"]).readable


def for_programs(row: Row) -> dict[str, Any]:
    """A recall as JSON."""
    names = ("gtin", "product_zh", "product_en", "uscc", "enterprise_zh", "enterprise_en")
    return {
        **recall_to_json(recalls.told_of(row)),
        **{name: row[name] for name in (*names, "batch", "first", "last", "lot")},
        "material": row["product_zh"] if row["material"] is not None else None,
        "state": "open" if row["closed_ms"] is None else "lifted",
        "opened": to_iso(row["opened_ms"]),
        "changed": to_iso(row["changed_ms"]),
        "lifted": None if row["closed_ms"] is None else to_iso(row["closed_ms"]),
        "outcome": row["outcome"],
        "closing": row["closing"],
    }


def progress_for_programs(one: Row) -> dict[str, Any]:
    """A statement of progress as JSON."""
    names = ("id", "recovered", "destroyed", "reached")
    return {**{name: one[name] for name in names}, "remark": one["remark"] or None, "at": to_iso(one["at_ms"])}


def _asked() -> tuple[str, str, int | None]:
    """What was searched for; what is no state or no place asks for all."""
    text, state, before = (request.args.get(name, "") for name in ("q", "state", "before"))
    beyond = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None
    return text.replace("\0", "").strip()[:MAX_SOUGHT], state if state in STATES else "", beyond


def _sought(text: str, state: str) -> Sought:
    open_ = _OPEN.get(state)
    if _USCC.fullmatch(text.upper()):
        return Sought(uscc=text.upper(), open=open_)
    try:
        return Sought(gtin=Gtin.from_trade(text).digits, open=open_)
    except InvalidGtin:
        return Sought(text=text, open=open_)


def _feed(path: str) -> Feed:
    """In the language of the address alone, so that caches may share it."""
    tag = request.args.get("lang", "")
    language = next((each for each in Language if each == tag), DEFAULT)
    with reading() as reader:
        rows = recalls.changed_last(reader, IN_FEED)
    origin, words = str(site().origin), site().pages.words
    items = [_item(row, language, origin) for row in rows]
    asked = f"?lang={language}"
    return Feed(
        f"TraceQR · {words(language, TITLE)}", language, f"{origin}/recalls{asked}", origin + path + asked, items
    )


def _item(row: Row, language: Language, origin: str) -> Item:
    told = recalls.told_of(row)
    english = language is Language.EN
    product = (row["product_en"] if english else "") or row["product_zh"]
    author = (row["enterprise_en"] if english else "") or row["enterprise_zh"]
    state = "open" if row["closed_ms"] is None else "lifted"
    ended = "" if row["closed_ms"] is None else f"[{site().pages.words(language, STATES['lifted'])}] "
    return Item(
        f"{origin}/recalls/{row['id']}",
        f"{ended}{product}: {told.in_language(language).hazard}".replace("\n", " "),
        _content(told, language, row),
        row["opened_ms"],
        row["changed_ms"],
        author,
        f"{origin}/enterprises/{row['uscc']}",
        (state, *(() if told.grade is None else (f"class-{told.grade}",))),
        for_programs(row),
    )


def _content(told: Recall, language: Language, row: Row) -> str:
    words = told.in_language(language)
    return "\n\n".join(text for text in (words.hazard, words.advice, words.contact, row["closing"]) if text)


def _cached(content: bytes, content_type: str, feed: Feed) -> Response:
    """Readers ask again and again: those who have it are told so. What is kept is asked about each time."""
    response = Response(content, content_type=content_type)
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    response.last_modified = datetime.fromtimestamp(feed.changed_ms // 1000, UTC)
    response.headers["Cache-Control"] = "public, no-cache"
    response.make_conditional(request)
    return response
