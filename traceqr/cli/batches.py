"""`traceqr batch`: issuing labels and what becomes of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import click

from traceqr import activating, issuing, recalling
from traceqr.activating import Changed, Range
from traceqr.cli import options, seconds
from traceqr.cli.gathered import Gathered
from traceqr.cli.house import confirm, open_house
from traceqr.cli.notices import lift_notice, say_opened
from traceqr.cli.showing import echo_json, echo_table, moment, plain
from traceqr.instant import to_iso
from traceqr.label.gtin import Gtin
from traceqr.label.serial import Serial
from traceqr.registry import batches
from traceqr.registry.batches import Batch
from traceqr.registry.database import Row

_PLACES = {
    "labels": "labels.labels",
    "hidden": "labels.hidden",
    "link": "link.link",
    "exports": "labels.listed",
    "proof": "proof.proof",
    "delivery": "delivery.delivery",
    "show": "standing.show",
}


@click.group(cls=Gathered, places=_PLACES)
def batch() -> None:
    """Batches of labels: issue, print, activate, hold, recall, void."""


@batch.command()
@click.option("--gtin", type=options.GTIN, required=True, help="The product.")
@click.option("--count", type=int, required=True, help="How many labels, 1 to 100,000,000; round up as you like.")
@click.option("--pledge", type=options.NUMBER, help="Number of the enterprise's pledge that the labels carry.")
@click.option("--mark", "marks", type=options.NUMBER, multiple=True, help="Number of a licence; may be repeated.")
@click.option("--lot", help="The production lot.")
@click.option("--produced-on", type=options.DATE, help="Such as 2026-09-01.")
@click.option("--expires-on", type=options.DATE, help="Such as 2027-09-01.")
@click.option("--market", multiple=True, help="Region the goods are meant for, such as 330000; may be repeated.")
@click.option("--active", is_flag=True, help="For sale at once, without a later activation.")
@options.as_json
def issue(
    gtin: Gtin,
    count: int,
    pledge: int | None,
    marks: tuple[int, ...],
    lot: str | None,
    produced_on: date | None,
    expires_on: date | None,
    market: tuple[str, ...],
    active: bool,
    as_json: bool,
) -> None:
    """Issue a batch."""
    house = open_house()
    origin = house.settings.label_origin()
    order = issuing.Order(gtin, count, origin, pledge or 0, lot, produced_on, expires_on, active, marks, market)
    issued = issuing.issue(house.desk, order)
    life = "active" if active else "issued"
    if as_json:
        echo_json({**_issued(issued, life), "marks": sorted(marks)})
        return
    more = "" if active else ", not yet activated for sale"
    click.echo(f"batch {issued.number}: {count:,} labels of {gtin}{more}")
    click.echo(f"to print them: traceqr batch labels {issued.number} --format csv -o labels.csv")


@batch.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List batches, latest first."""
    house = open_house()
    with house.reading() as reader:
        rows = batches.everything(reader)
    if as_json:
        echo_json([_listed(row) for row in rows])
        return
    zone = house.settings.timezone
    echo_table(
        ("number", "gtin", "product", "labels", "lot", "pledge", "issued"),
        (
            (
                row["number"],
                row["gtin"],
                row["name_zh"],
                f"{row['label_count']:,}",
                row["lot"] or "",
                row["pledge"] or "",
                moment(row["issued_ms"], zone),
            )
            for row in rows
        ),
        "there are no batches",
    )


@batch.command()
@click.argument("number", type=options.NUMBER)
@options.label_range
@options.reason
@options.as_json
def activate(number: int, first: int | None, last: int | None, reason: str, as_json: bool) -> None:
    """Let labels be sold: those that are issued become active."""
    _say_changed("activated", activating.activate(open_house().desk, Range(number, first, last), reason), as_json)


@batch.command()
@click.argument("number", type=options.NUMBER)
@options.label_range
@options.reason
@options.yes
@options.as_json
def void(number: int, first: int | None, last: int | None, reason: str, yes: bool, as_json: bool) -> None:
    """End labels: nothing revives them. This cannot be undone."""
    house = open_house()
    confirm(f"Void labels of batch {number} for ever?", yes)
    _say_changed("voided", activating.void(house.desk, Range(number, first, last), reason), as_json)


@batch.command()
@click.argument("number", type=options.NUMBER)
@options.label_range
@options.reason
@options.as_json
def hold(number: int, first: int | None, last: int | None, reason: str, as_json: bool) -> None:
    """Suspend the sale of labels, until the hold is lifted."""
    say_opened(recalling.open_on_batch(open_house().desk, "hold", Range(number, first, last), reason), as_json)


@batch.command()
@click.argument("number", type=options.NUMBER)
@options.label_range
@options.reason
@seconds.option
@options.as_json
def recall(number: int, first: int | None, last: int | None, reason: str, proposal: str | None, as_json: bool) -> None:
    """Recall labels by a reason alone, until the recall is lifted. With all its words: traceqr recall issue."""
    opened = seconds.carried_out(
        open_house(),
        "batch.recall",
        f"batch:{number}",
        {"first": first, "last": last, "reason": reason},
        proposal,
        lambda desk: recalling.open_on_batch(desk, "recall", Range(number, first, last), reason),
    )
    if opened:
        say_opened(opened, as_json)


@batch.command()
@click.argument("notice_id")
@options.reason
@options.as_json
def lift(notice_id: str, reason: str, as_json: bool) -> None:
    """Lift a hold or a recall by its id; what was before holds again."""
    lift_notice(notice_id, reason, as_json)


def _say_changed(done: str, changed: Changed, as_json: bool) -> None:
    if as_json:
        echo_json(asdict(changed))
        return
    among = plain(f"{changed.first} to {changed.last} of batch {changed.batch}")
    click.echo(f"{done}: {changed.labels:,} labels among {among}")


def _issued(issued: Batch, life: str) -> dict[str, Any]:
    fields = asdict(issued)
    count = fields.pop("label_count")
    return {
        **fields,
        "pledge": issued.pledge or None,
        "count": count,
        "life": life,
        "first_serial": str(Serial(issued.number, 0)),
        "last_serial": str(Serial(issued.number, count - 1)),
    }


def _listed(row: Row) -> Row:
    return {
        "number": row["number"],
        "gtin": row["gtin"],
        "name_zh": row["name_zh"],
        "count": row["label_count"],
        "lot": row["lot"],
        "pledge": row["pledge"] or None,
        "issued": to_iso(row["issued_ms"]),
    }
