"""`traceqr case`: what is reported, as cases; and those whose answer is late."""

from __future__ import annotations

import click

from traceqr import handling
from traceqr.acting import ActRefused
from traceqr.cli import options
from traceqr.cli.house import House, open_house
from traceqr.cli.showing import echo_json, echo_table, moment
from traceqr.instant import system_clock, to_iso
from traceqr.registry import cases
from traceqr.registry.cases import STANDINGS, Sought
from traceqr.registry.database import Row

MOST = 1_000


@click.group()
def case() -> None:
    """Cases of what people report."""


@case.command(name="list")
@click.option("--standing", type=click.Choice(STANDINGS), default="open", show_default=True, help="How they stand.")
@options.as_json
def listed(standing: str, as_json: bool) -> None:
    """List cases, the one opened last first, a thousand at most."""
    house = open_house()
    with house.reading() as reader:
        found = cases.sought(reader, Sought(system_clock(), standing=standing), MOST)
    if as_json:
        echo_json([_as_json(row) for row in found])
        return
    zone = house.settings.timezone
    echo_table(
        ("case", "product", "batch", "place", "reports", "suspects", "opened", "state", "enterprise"),
        [
            (
                row["id"],
                row["gtin"] or "-",
                str(row["batch"]),
                row["place"] or "-",
                f"{row['reports']:,}",
                f"{row['suspects']:,}",
                moment(row["opened_ms"], zone),
                row["finding"] or row["state"],
                row["enterprise_zh"] or "-",
            )
            for row in found
        ],
        "there are none",
    )


@case.command()
@options.as_json
def escalate(as_json: bool) -> None:
    """Escalate all cases of enterprises whose answer is late. Run it once a day."""
    house = open_house()
    with house.reading() as reader:
        late = cases.late(reader, system_clock(), MOST, to_escalate=True)
    done = [each.id for each in late if _escalated(house, each.id)]
    if as_json:
        echo_json(done)
        return
    click.echo(f"{len(done):,} cases escalated")


def _escalated(house: House, case_id: str) -> bool:
    try:
        handling.escalate(house.desk, case_id)
    except ActRefused:  # somebody was quicker
        return False
    return True


def _as_json(row: Row) -> dict[str, object]:
    names = ("id", "gtin", "batch", "place", "state", "finding", "reports", "suspects", "uscc")
    instants = ("opened_ms", "due_ms", "answered_ms", "escalated_ms", "closed_ms")
    told = {name.removesuffix("_ms"): row[name] and to_iso(row[name]) for name in instants}
    return {name: row[name] for name in names} | told
