"""The pages and files of suspect labels, as an enterprise and an association have them alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Protocol
from urllib.parse import urlencode

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr.instant import to_iso
from traceqr.office.suspects import Asked, Listed, Suspected, SuspectFile
from traceqr.web import suspicion_words
from traceqr.web.console import VERDICT_NAMES
from traceqr.web.office_pages import page
from traceqr.web.places import place_name
from traceqr.web.site import language
from traceqr.web.tables import table_file

COLUMNS = (
    *("serial", "gtin", "name_zh", "name_en", "since", "last", "score", "signs", "place", "place_name"),
    *("uscc", "enterprise_zh"),
)
"""Of the list. Instants are in UTC; signs are told by their names, with blanks between."""

SCAN_COLUMNS = ("at", "place", "place_name", "told_by_the_person", "agent", "channel", "before_sale", "device")

Where = Callable[[str], str]


class Desk(Protocol):
    """What answers for the identity."""

    def page(self, asked: Asked, below: str = "") -> Listed:
        """A page of suspects."""

    def all(self, asked: Asked) -> Iterator[Suspected]:
        """All of them."""

    def file(self, batch: int, index: int) -> SuspectFile:
        """One of them."""


def listed(desk: Desk, home: str) -> BaseResponse:
    """A page of the list. `home` is what addresses of the console begin with."""
    asked, below = _asked(), request.args.get("below", "")[:40]
    return page(
        "office/suspects.html",
        asked=asked,
        found=desk.page(asked, below),
        below=below,
        query=_query(asked),
        home=home,
        words=suspicion_words,
        where=_namer(),
    )


def table(desk: Desk) -> Response:
    """All of them as a table."""
    where = _namer()
    rows = (tuple(map(str, _row(one, where).values())) for one in desk.all(_asked()))
    return table_file("suspects.csv", COLUMNS, rows)


def document(desk: Desk) -> Response:
    """All of them as JSON."""
    return _document("suspects.json", _listed(desk.all(_asked()), _namer()))


def shown(desk: Desk, batch: int, index: int, home: str) -> BaseResponse:
    """One label."""
    file = desk.file(batch, index)
    return page(
        "office/suspect.html",
        file=file,
        points=[suspicion_words.told(point) for point in file.suspicion.points],
        home=home,
        words=suspicion_words,
        verdict_names=VERDICT_NAMES,
        where=_namer(),
    )


def label_table(desk: Desk, batch: int, index: int) -> Response:
    """The latest scans of a label as a table."""
    file = desk.file(batch, index)
    rows = [tuple(map(str, row.values())) for row in _looks(file)]
    return table_file(f"suspect-{file.label.serial}.csv", SCAN_COLUMNS, rows)


def label_document(desk: Desk, batch: int, index: int) -> Response:
    """All that its page tells, as JSON."""
    file = desk.file(batch, index)
    return _document(f"suspect-{file.label.serial}.json", [json.dumps(_told(file), ensure_ascii=False, indent=1)])


def _document(name: str, content: Iterator[str] | list[str]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Cookie"}
    return Response(content, content_type="application/json", headers=headers)


def _listed(found: Iterator[Suspected], where: Where) -> Iterator[str]:
    """A document that is sent as it is made, one label a line."""
    yield '{"suspects": ['
    between = "\n"
    for one in found:
        yield between + json.dumps(_row(one, where), ensure_ascii=False)
        between = ",\n"
    yield "\n]}\n"


def _asked() -> Asked:
    return Asked(*(request.args.get(name, "").strip()[:20] for name in ("product", "uscc")))


def _query(asked: Asked) -> str:
    return urlencode({name: value for name, value in (("product", asked.product), ("uscc", asked.uscc)) if value})


def _namer() -> Where:
    """Names places in the language of the request, also once it has been answered and is being sent."""
    spoken = language()
    return lambda place: place_name(place, spoken) if place else ""


def _row(one: Suspected, where: Where) -> dict[str, str | int]:
    return {
        "serial": str(one.serial),
        "gtin": one.gtin,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "since": to_iso(one.since_ms),
        "last": to_iso(one.last_ms),
        "score": one.score,
        "signs": " ".join(one.signs),
        "place": one.place,
        "place_name": where(one.place),
        "uscc": one.uscc,
        "enterprise_zh": one.enterprise_zh,
    }


def _looks(file: SuspectFile) -> list[dict[str, str | int | bool]]:
    where = _namer()
    return [
        {
            "at": to_iso(look.at_ms),
            "place": look.place,
            "place_name": where(look.place),
            "told_by_the_person": look.told,
            "agent": look.agent,
            "channel": look.channel,
            "before_sale": look.early,
            "device": look.device,
        }
        for look in file.looks
    ]


def _told(file: SuspectFile) -> dict[str, object]:
    where = _namer()
    return {
        **_row(file.label, where),
        "lot": None if file.label.uscc else file.batch.lot,  # the enterprise's own matter
        "verdict_now": file.verdict,
        "score_now": file.suspicion.score,
        "suspect_from": suspicion_words.THRESHOLD,
        "points": [
            {"sign": point.sign, "points": round(point.points, 1), "credit": round(point.credit, 3)}
            for point in file.suspicion.points
        ],
        "first_seen": to_iso(file.seen.first_seen_ms) if file.seen.times_seen else None,
        "last_seen": to_iso(file.seen.last_seen_ms) if file.seen.times_seen else None,
        "times_seen": file.seen.times_seen,
        "devices": file.seen.devices,
        "places": [
            {
                "place": each.place,
                "place_name": where(each.place),
                "region": each.region,
                "credit": each.credit,
                "scans_kept": each.scans,
                "first": None if each.first_ms is None else to_iso(each.first_ms),
                "last": to_iso(each.last_ms),
            }
            for each in file.places
        ],
        "scans": _looks(file),
    }
