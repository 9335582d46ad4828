"""Rosters of editions, for readers and for the press, and the page of each enterprise."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, request
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from traceqr.certificate import CertificateNumber
from traceqr.instant import to_iso
from traceqr.printing.tabular import one_line
from traceqr.region import is_region
from traceqr.registry import campaigns
from traceqr.rostering import STATES, Asked, Member, Roster
from traceqr.sector import SECTORS
from traceqr.web.answering import dumps, prefers_json
from traceqr.web.exhibit import VARY, Cards, answer, as_json, exhibit, page, reading, rendered
from traceqr.web.places import region_name, sector_names
from traceqr.web.site import language, site
from traceqr.web.target import raw_target

_ = str

blueprint = Blueprint("rosters", __name__)

_PLEDGED_FROM = _("Pledged from %(date)s on")

PAGE = 50
MAX_KEPT = 256
"""Pages of rosters that are kept at once, some 40 KB each."""

MAX_CARDS = 20_000
"""Lines of all rosters in all languages that are kept at once, under 1 KB each."""


@blueprint.get("/rosters")
def editions() -> Response:
    """All editions, latest first."""
    with reading() as reader:
        rows = campaigns.everything(reader)
    return page("rosters.html", editions=rows)


@blueprint.get("/rosters/<campaign>")
def roster(campaign: str) -> Response:
    """A page of an edition's roster, or of what was searched for in it."""
    now_ms = site().clock()
    found = _roster(campaign)
    if prefers_json():
        return as_json(_for_programs(found, found.found(_asked(request.args), now_ms), now_ms))
    key = (language(), f"{raw_target(request.environ)}?{request.query_string!r}")
    kept, pages = exhibit().pages.get(key), exhibit().pages
    if kept is not None and kept[0] is found and kept[1] <= now_ms < kept[2]:
        return answer(kept[3])
    html = _page(found, now_ms)
    if len(pages) >= MAX_KEPT:
        pages.clear()
    pages[key] = (found, now_ms, found.good_until(now_ms), html)
    return answer(html)


@blueprint.get("/rosters/<campaign>.csv")
def table(campaign: str) -> Response:
    """The roster, or what is asked for of it, as a table."""
    found, now_ms = _roster(campaign), site().clock()
    out = io.StringIO()
    writer = csv.writer(out)
    rows = [_told(found, each, now_ms) for each in found.found(_asked(request.args), now_ms)]
    writer.writerow(_COLUMNS)
    writer.writerows([one_line(row[name]) for name in _COLUMNS] for row in rows)
    return _file(out.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", f"{campaign}.csv")


@blueprint.get("/rosters/<campaign>.json")
def document(campaign: str) -> Response:
    """The same as JSON."""
    found, now_ms = _roster(campaign), site().clock()
    told = _for_programs(found, found.found(_asked(request.args), now_ms), now_ms)
    return _file(dumps(told).encode(), "application/json", f"{campaign}.json")


def _roster(campaign: str) -> Roster:
    with reading() as reader:
        found = exhibit().rosters.of(reader, campaign)
    if found is None:
        abort(404)
    return found


def _asked(args: MultiDict[str, str]) -> Asked:
    """What was asked for; what is no region, sector or state asks for any."""
    region, sector, state = (args.get(name, "") for name in ("region", "sector", "state"))
    return Asked(
        args.get("q", "").strip(),
        region if is_region(region) else "",
        sector if sector in SECTORS else "",
        state if state in STATES else "",
    )


def _page(found: Roster, now_ms: int) -> str:
    asked = _asked(request.args)
    members = found.found(asked, now_ms)
    last = max(1, -(-len(members) // PAGE))
    given = request.args.get("page", "1")
    number = min(int(given), last) if given.isascii() and given.isdecimal() and len(given) < 7 else 1
    number = max(1, number)
    filters = [(name, getattr(asked, field)) for name, field in _FILTERS]
    return rendered(
        "roster.html",
        roster=found,
        choices=_choices(found, asked),
        cards=_cards(found, members[(number - 1) * PAGE : number * PAGE], now_ms),
        count=len(members),
        number=number,
        last=last,
        asked=asked,
        filters=[(name, value) for name, value in filters if value],
    )


def _choices(found: Roster, asked: Asked) -> Markup:
    """The parts of the form that are chosen from lists, made once for each choice, as long as the roster stays."""
    key, kept = (language(), found.campaign.id, asked.region, asked.sector, asked.state), exhibit().choices
    held = kept.get(key)
    if held is None or held[0] is not found:
        if len(kept) >= MAX_KEPT:
            kept.clear()
        made = rendered("roster_choices.html", roster=found, asked=asked, states=STATES)
        held = kept[key] = (found, Markup(made))  # noqa: S704  escaped when rendered
    return held[1]


_CUT = "\0"
"""Between two lines: no text of a registry holds it."""


def _cards(found: Roster, members: Sequence[Member], now_ms: int) -> list[Markup]:
    """The lines of a page, each made once in a language, as long as nothing of the roster changes."""
    key, kept = (language(), found.campaign.id), exhibit().cards
    held = kept.get(key)
    if held is None or held.roster is not found or not held.from_ms <= now_ms < held.until_ms:
        held = kept[key] = Cards(found, now_ms, found.good_until(now_ms))
    if sum(len(each.made) for each in kept.values()) > MAX_CARDS:
        kept.clear()
        held.made.clear()
        kept[key] = held
    new = [each for each in members if each.number not in held.made]
    if new:  # all of them in one go: a template costs more to begin than a line of it
        for each, card in zip(new, _lines(new, now_ms), strict=False):
            held.made[each.number] = Markup(card)  # noqa: S704  escaped when rendered
    return [held.made[each.number] for each in members]


def _lines(members: Sequence[Member], now_ms: int) -> list[str]:
    """Members as lines. What many of them share is put into words once."""
    pages, spoken = site().pages, language()
    since = {
        each: pages.words(spoken, _PLEDGED_FROM, date=pages.dates[spoken].day_of(each))
        for each in {member.valid_from_ms for member in members}
    }
    return rendered(
        "members.html",
        members=[(each, each.state_at(now_ms), each.marks_at(now_ms)) for each in members],
        places={each: region_name(each) for each in {member.region for member in members}},
        sectors=sector_names(spoken),
        since=since,
        cut=_CUT,
    ).split(_CUT)


_FILTERS = (("q", "text"), ("region", "region"), ("sector", "sector"), ("state", "state"))


_COLUMNS = (
    *("certificate", "uscc", "name_zh", "name_en", "region", "region_name", "sector", "sector_name", "state"),
    *("signed", "valid_from", "valid_to", "marks"),
)


def _told(found: Roster, member: Member, now_ms: int) -> dict[str, str]:
    """A member for the press."""
    return {
        "certificate": str(CertificateNumber(found.campaign.code, member.number)),
        "uscc": member.uscc,
        "name_zh": member.name_zh,
        "name_en": member.name_en,
        "region": member.region,
        "region_name": region_name(member.region),
        "sector": member.sector,
        "sector_name": SECTORS[member.sector].zh_hans if member.sector in SECTORS else member.sector,
        "state": member.state_at(now_ms),
        "signed": to_iso(member.signed_ms),
        "valid_from": to_iso(member.valid_from_ms),
        "valid_to": to_iso(member.valid_to_ms),
        "marks": "; ".join(dict.fromkeys(mark.name_zh for mark in member.marks_at(now_ms))),
    }


def _for_programs(found: Roster, members: Sequence[Member], now_ms: int) -> dict[str, Any]:
    campaign = found.campaign
    return {
        "campaign": campaign.id,
        "name_zh": campaign.name_zh,
        "name_en": campaign.name_en,
        "year": campaign.year,
        "at": to_iso(now_ms),
        "count": len(members),
        "members": [_told(found, each, now_ms) for each in members],
    }


def _file(content: bytes, content_type: str, name: str) -> Response:
    headers = {**VARY, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=content_type, headers=headers)
