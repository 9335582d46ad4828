"""`traceqr scans`: how many scans are kept, and taking out old ones."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from traceqr import pruning
from traceqr.cli import options
from traceqr.cli.house import House, confirm, open_house
from traceqr.cli.meter import Meter
from traceqr.cli.showing import echo_json, echo_table, moment
from traceqr.instant import day_start, to_iso
from traceqr.pruning import Stock
from traceqr.registry.retention import Kept

_EVER_MS = 2**62
"""An instant after all others."""


@click.group()
def scans() -> None:
    """Scans by people, and how long their detail is kept."""


@scans.command()
@click.option("--before", type=options.DATE, help="Only scans before the start of this day, such as 2026-09-01.")
@options.as_json
def count(before: date | None, as_json: bool) -> None:
    """Count the scans whose detail is kept."""
    house = open_house()
    found = _stock(house, day_start(before, house.settings.timezone) if before else _EVER_MS)
    if as_json:
        echo_json(_as_json(found))
        return
    zone = house.settings.timezone
    echo_table(
        ("scans", "rows", "oldest"),
        [
            (name, f"{kept.rows:,}", "" if kept.oldest_ms is None else moment(kept.oldest_ms, zone))
            for name, kept in (("confirmed", found.confirmed), ("never confirmed", found.unconfirmed))
        ],
        "",
    )
    if found.pruned_before_ms is not None:
        click.echo(f"detail before {moment(found.pruned_before_ms, zone)} was pruned")


@scans.command()
@click.option("--before", type=options.DATE, required=True, help="Scans before the start of this day go.")
@click.option("--unconfirmed-only", is_flag=True, help="Only scans that never came to count.")
@options.yes
@options.as_json
def prune(before: date, unconfirmed_only: bool, yes: bool, as_json: bool) -> None:
    """Take out the detail of old scans; the counts that verdicts need stay.

    A device whose detail is gone counts as another one when it scans the same label again. An interrupted run is
    finished by running it again.
    """
    house = open_house()
    found = _stock(house, pruning.first_instant(house.desk, before))
    rows = found.unconfirmed.rows + (0 if unconfirmed_only else found.confirmed.rows)
    gone = 0
    if rows:
        confirm(f"Take out the detail of {rows:,} scans before {before}? It cannot be brought back.", yes)
        gone = _prune(house, before, unconfirmed_only, rows)
    pruning.fold(house.desk, house.database)
    left = _stock(house, _EVER_MS)
    if as_json:
        echo_json({"removed": gone, "left": _as_json(left)})
        return
    kept = f"{left.confirmed.rows + left.unconfirmed.rows:,} are left"
    click.echo(f"{gone:,} scans removed, {kept}" if rows else f"there is nothing to remove; {kept}")


def _prune(house: House, before: date, unconfirmed_only: bool, rows: int) -> int:
    with Meter("pruning") as meter:
        return pruning.prune(house.desk, house.database, before, unconfirmed_only, meter.adding(rows))


def _stock(house: House, before_ms: int) -> Stock:
    with house.reading() as reader:
        return pruning.stock(reader, before_ms)


def _as_json(found: Stock) -> dict[str, Any]:
    return {
        "confirmed": _kept(found.confirmed),
        "unconfirmed": _kept(found.unconfirmed),
        "pruned_before": None if found.pruned_before_ms is None else to_iso(found.pruned_before_ms),
    }


def _kept(kept: Kept) -> dict[str, Any]:
    return {"rows": kept.rows, "oldest": None if kept.oldest_ms is None else to_iso(kept.oldest_ms)}
