"""Where the labels of a product are scanned: the page of its map with twenty million scans, beside a bare Flask page of
as many bytes under the same server, on both backends.

No scan is made: of the sums that scans leave behind (`scan_place`) there are as many rows as twenty million scans over
52 weeks leave at all cities and at forty countries, some of them of suspect labels; on PostgreSQL eight times as many
of the last weeks, counted by eight processes at once, until `traceqr scans prune` adds them up with those before.
The registry holds those of nine other products beside. A process adds up once the weeks that are over and remembers
them: what its first page costs is told apart from what all further ones do.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator
from typing import Any

from bench_dashboard import PASSWORD, signed_in
from load import drive, get
from measure import table
from serving import BARE, OURS, free_port, serving, settings
from stock import Stock, stocked

from traceqr import admitting, gazetteer
from traceqr.access import Role
from traceqr.admitting import Newcomer
from traceqr.demo.catalogue import ITEMS
from traceqr.instant import CHINA, day_number, system_clock
from traceqr.pruning import SETTLED_DAYS
from traceqr.registry.database import Spread
from traceqr.registry.tallies import LANES, WEEK, week_of

SCANS, WEEKS, COUNTRIES = 20_000_000, 52, 40
OTHERS = 9
PRODUCT, EMPTY = ITEMS[0].gtin, ITEMS[3].gtin
"""One with all these scans, and one of the same enterprise with none."""

COLUMNS = ("gtin", "week", "place", "suspect", "lane", "scans")
REQUESTS, ROUNDS, STARTS, GOAL = 40, 3, 3, 200


def main() -> None:
    """The backends in turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--backend", choices=["sqlite", "postgres"], action="append")
    for backend in parser.parse_args().backend or ["sqlite", "postgres"]:
        with stocked(backend, free_port()) as stock:
            _measure(backend, stock, _furnish(stock))


def _furnish(stock: Stock) -> tuple[str, int]:
    """A login of the product's enterprise, and how many rows there are of the product."""
    with stock.database.snapshot() as reader:
        row = reader.row("SELECT enterprise_id FROM product WHERE gtin = :gtin", {"gtin": str(PRODUCT)})
    assert row is not None
    rows = list(_cells(1 if stock.database.spread is Spread.FILE else LANES))
    with stock.database.maintenance() as tx:
        tx.execute("DELETE FROM scan_place")  # what the demonstration has scanned
        for gtin in (str(PRODUCT), *(f"{number:014d}" for number in range(OTHERS))):
            tx.insert_many("scan_place", COLUMNS, ((gtin, *row) for row in rows))
        if stock.url.startswith("postgres"):  # as it does by itself before long
            tx.run_script("ANALYZE;")
    token = admitting.invite(stock.desk, Role.MANAGER, enterprise=row["enterprise_id"]).token
    return admitting.admit(stock.desk, token, Newcomer("bench@firm.example", "测速员", PASSWORD)).login, len(rows)


def _cells(lanes: int) -> Iterator[tuple[Any, ...]]:
    """Twenty million scans: many in few places, suspect ones in a tenth of all cells."""
    chance, present = random.Random(6), week_of(day_number(system_clock(), CHINA))
    places = [spot.place for spot in gazetteer.cities()] + ["710000", "810000", "820000", ""]
    places += [f"{first}{second}" for first in "ABCDE" for second in "ABCDEFGH"][:COUNTRIES]
    weights = {place: chance.paretovariate(1.2) for place in places}
    scale = SCANS / sum(weights.values()) / WEEKS
    for ago in range(WEEKS):
        apart = lanes if ago * WEEK <= SETTLED_DAYS else 1
        for place, weight in weights.items():
            for lane in range(apart):
                yield present - WEEK * ago, place, 0, lane, max(1, round(weight * scale / apart))
                if chance.random() < 0.1:
                    yield present - WEEK * ago, place, 1, lane, 1


def _measure(backend: str, stock: Stock, furnished: tuple[str, int]) -> None:
    login, rows = furnished
    first = [_first(stock, login) for _ in range(STARTS)]
    port, bare_port = free_port(), free_port()
    with serving(OURS, port, stock.folder, workers=1, **_told(stock, port)):
        cookie = signed_in(port, login)
        body = drive(port, [_request(port, cookie)], 1).last_body
        scans = re.search(rb"<dd>(2\d,\d{3},\d{3}), ", body)
        assert scans, "twenty million"
        with serving(BARE, bare_port, stock.folder, BARE_BYTES=str(len(body)), BARE_TYPE="text/html"):
            bare, ours = [], []
            for _ in range(ROUNDS):
                bare.append(drive(bare_port, [get("/01/x", bare_port)] * REQUESTS, 1).median)
                outcome = drive(port, [_request(port, cookie)] * REQUESTS, 1)
                assert set(outcome.statuses) == {200}, outcome.statuses
                ours.append(outcome.median)
    told = [("bare page of as many bytes", f"{min(bare) * 1e3:.2f} ms")]
    for name, taken in (("a process's first", min(first)), ("all others", min(ours))):
        told.append((name, f"{taken * 1e3:.1f} ms, {taken / min(bare):.0f} times (goal {GOAL})"))
    counted = f"{scans[1].decode()} scans in {rows:,} rows, {WEEKS} weeks"
    table(f"Map of {counted}, {backend}, {len(body):,} bytes, one client", told)


def _first(stock: Stock, login: str) -> float:
    """Seconds of the first page of a process that has shown another product before: all but the numbers is loaded."""
    port = free_port()
    with serving(OURS, port, stock.folder, workers=1, **_told(stock, port)):
        cookie = signed_in(port, login)
        warm = drive(port, [_request(port, cookie, str(EMPTY))] * 5, 1)
        assert set(warm.statuses) == {200}, warm.statuses
        outcome = drive(port, [_request(port, cookie)], 1)
        assert set(outcome.statuses) == {200}, outcome.statuses
        return outcome.latencies[0]


def _told(stock: Stock, port: int) -> dict[str, str]:
    console = {"TRACEQR_ROLES": "public,console", "TRACEQR_HIGH_WATER": str(stock.folder / "high-water.json")}
    return settings(stock, port) | console


def _request(port: int, cookie: str, gtin: str = str(PRODUCT)) -> bytes:
    return get(f"/console/products/{gtin}/places?weeks={WEEKS}", port, Accept="text/html", Cookie=cookie)


if __name__ == "__main__":
    main()
