"""`traceqr pledge`: what enterprises have signed."""

from __future__ import annotations

from pathlib import Path

import click

from traceqr import pledging
from traceqr.cli import options
from traceqr.cli.house import confirm, open_house
from traceqr.cli.showing import echo_json, echo_table, moment
from traceqr.cli.tables import import_tally
from traceqr.importing.pledges import import_pledges
from traceqr.instant import to_iso
from traceqr.registry import pledges
from traceqr.registry.database import Row


@click.group()
def pledge() -> None:
    """What enterprises have signed."""


@pledge.command("import")
@click.argument("file", type=options.FILE)
@options.as_json
def import_(file: Path, as_json: bool) -> None:
    """Publish those of a CSV file: all of them or none."""
    import_tally(import_pledges, file, as_json)


@pledge.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List pledges with their numbers, latest first."""
    house = open_house()
    with house.reading() as reader:
        rows = pledges.everything(reader)
    if as_json:
        echo_json([_as_json(row) for row in rows])
        return
    zone = house.settings.timezone
    echo_table(
        ("number", "campaign", "uscc", "enterprise", "from", "until", "state"),
        (
            (
                row["number"],
                row["campaign_id"],
                row["uscc"],
                row["name_zh"],
                moment(row["valid_from_ms"], zone)[:10],
                moment(row["valid_to_ms"] - 1, zone)[:10],
                row["state"],
            )
            for row in rows
        ),
        "there are no pledges",
    )


@pledge.command()
@click.argument("number", type=options.NUMBER)
@options.reason
@options.yes
def withdraw(number: int, reason: str, yes: bool) -> None:
    """Withdraw a pledge: every label that carries it says so. This cannot be undone."""
    house = open_house()
    confirm(f"Withdraw pledge {number} for ever?", yes)
    pledging.withdraw(house.desk, number, reason)
    click.echo(f"withdrawn: pledge {number}")


def _as_json(row: Row) -> Row:
    """Instants as ISO 8601, under names without their unit."""
    return {name.removesuffix("_ms"): to_iso(value) if name.endswith("_ms") else value for name, value in row.items()}
