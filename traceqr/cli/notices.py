"""`traceqr notice`: the holds and recalls that are open."""

from __future__ import annotations

from dataclasses import asdict

import click

from traceqr import recalling
from traceqr.cli import options
from traceqr.cli.house import open_house
from traceqr.cli.showing import echo_json, echo_table, moment
from traceqr.instant import to_iso
from traceqr.registry import notices
from traceqr.registry.database import Row
from traceqr.registry.notices import Notice


@click.group()
def notice() -> None:
    """The holds and recalls that are open."""


@notice.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List them, latest first."""
    house = open_house()
    with house.reading() as reader:
        rows = notices.open_now(reader)
    if as_json:
        echo_json([as_json_row(row) for row in rows])
        return
    zone = house.settings.timezone
    echo_table(
        ("id", "kind", "covers", "since", "reason"),
        ((row["id"], row["kind"], covers(row), moment(row["opened_ms"], zone), row["reason"]) for row in rows),
        "no hold or recall is open",
    )


def say_opened(opened: Notice, as_json: bool) -> None:
    """Say what a hold or recall covers, and how to end it."""
    if as_json:
        echo_json(asdict(opened))
        return
    noun = "batch" if opened.batch is not None else "product" if opened.material is None else "material"
    click.echo(f"{opened.kind} {opened.id} over {covers(asdict(opened))}")
    click.echo(f"to end it: traceqr {noun} lift {opened.id} --reason TEXT")


def lift_notice(notice_id: str, reason: str, as_json: bool) -> None:
    """Lift a hold or a recall and say so."""
    lifted = recalling.lift(open_house().desk, notice_id, reason)
    if as_json:
        echo_json(asdict(lifted))
    else:
        click.echo(f"lifted: {lifted.kind} {lifted.id} over {covers(asdict(lifted))}")


def covers(row: Row) -> str:
    """What a notice lies over, in words."""
    if row.get("material"):
        return f"what was made of {row['material']}, GTIN {row['gtin']}, lot {row['lot']}"
    if row["batch"] is None:
        return f"product {row['gtin']}" + (f", lot {row['lot']}" if row["lot"] else "")
    return f"batch {row['batch']}, labels {row['first']} to {row['last']}"


def as_json_row(row: Row) -> Row:
    """An open notice for programs: its instant as ISO 8601."""
    return {name: value for name, value in row.items() if name != "opened_ms"} | {"opened": to_iso(row["opened_ms"])}
