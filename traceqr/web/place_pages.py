"""The pages and files of where a product's labels are scanned, as an enterprise and an association have them alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Protocol

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr import gazetteer
from traceqr.office.places import PERIODS, Cell, Places
from traceqr.web import assets, tiles
from traceqr.web.language import Language
from traceqr.web.numbers import whole
from traceqr.web.office_pages import page
from traceqr.web.places import place_name
from traceqr.web.site import language
from traceqr.web.tables import table_file

MOST_PLACES = 50
"""Places of the table; the files have all."""

MOST_COUNTRIES = 8
"""Countries that are named beside the map."""

COLUMNS = ("week", "place", "place_name", "province", "scans", "suspect_scans")
"""A week is told by its Monday. A place without a code is not known; `province` is empty outside China."""


class Desk(Protocol):
    """What answers for the identity."""

    def places(self, gtin: str, weeks: int) -> Places:
        """What was counted of a product."""

    def cells(self, gtin: str, weeks: int) -> list[Cell]:
        """All there is of it."""


def shown(desk: Desk, gtin: str, home: str) -> BaseResponse:
    """The map. `home` is what addresses of the console begin with."""
    weeks, spoken = _weeks(), language()
    found = desk.places(gtin, weeks)
    most = max((counted.scans for counted in found.provinces.values()), default=0)
    return page(
        "office/places.html",
        found=found,
        weeks=weeks,
        periods=PERIODS,
        tiles=tiles.tiles(found.provinces, spoken),
        shades=tiles.shades(most),
        placed=found.total.scans - found.unknown.scans,
        cities=list(found.places.items())[:MOST_PLACES],
        countries=list(found.abroad.items())[:MOST_COUNTRIES],
        name_of=lambda place: place_name(place, spoken),
        chart_scripts=assets.chart_scripts(),
        home=home,
    )


def table(desk: Desk, gtin: str) -> Response:
    """All there is as a table."""
    weeks = _weeks()
    rows = (tuple(map(str, row.values())) for row in _rows(desk.cells(gtin, weeks), language()))
    return table_file(_name(gtin, weeks, "csv"), COLUMNS, rows)


def document(desk: Desk, gtin: str) -> Response:
    """All there is as JSON."""
    weeks = _weeks()
    content = _written(gtin, weeks, _rows(desk.cells(gtin, weeks), language()))
    headers = {"Content-Disposition": f'attachment; filename="{_name(gtin, weeks, "json")}"', "Vary": "Cookie"}
    return Response(content, content_type="application/json", headers=headers)


def _weeks() -> int:
    weeks = whole(request.args.get("weeks"), 3)
    return weeks if weeks in PERIODS else PERIODS[1]


def _name(gtin: str, weeks: int, kind: str) -> str:
    return f"places-{gtin}-{weeks}-weeks.{kind}"


def _rows(cells: list[Cell], spoken: Language) -> Iterator[dict[str, str | int]]:
    for cell in cells:
        province = gazetteer.province(cell.place) if cell.place.isdecimal() else ""
        yield {
            "week": cell.week,
            "place": cell.place,
            "place_name": place_name(cell.place, spoken) if cell.place else "",
            "province": province,
            "scans": cell.counted.scans,
            "suspect_scans": cell.counted.suspect,
        }


def _written(gtin: str, weeks: int, rows: Iterator[dict[str, str | int]]) -> Iterator[str]:
    """A document that is sent as it is made, one place in one week a line."""
    yield json.dumps({"gtin": gtin, "weeks": weeks})[:-1] + ', "places": ['
    between = "\n"
    for row in rows:
        yield between + json.dumps(row, ensure_ascii=False)
        between = ",\n"
    yield "\n]}\n"
