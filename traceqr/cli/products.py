"""`traceqr product`: products, and holds and recalls of all their labels."""

from __future__ import annotations

from pathlib import Path

import click

from traceqr import recalling
from traceqr.cli import options, seconds
from traceqr.cli.house import open_house
from traceqr.cli.notices import lift_notice, say_opened
from traceqr.cli.showing import echo_json, echo_table
from traceqr.cli.tables import import_tally
from traceqr.importing.products import import_products
from traceqr.label.gtin import Gtin
from traceqr.registry import products


@click.group()
def product() -> None:
    """Products, and holds and recalls of all their labels."""


@product.command("import")
@click.argument("file", type=options.FILE)
@options.as_json
def import_(file: Path, as_json: bool) -> None:
    """Enrol those of a CSV file, or new versions of them: all or none.

    Pictures are files beside the table, named in the column picture.
    """
    import_tally(import_products, file, as_json)


@product.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List products in their present versions, by GTIN."""
    with open_house().reading() as reader:
        rows = products.everything(reader)
    if as_json:
        echo_json(rows)
        return
    names = ("gtin", "name_zh", "brand", "specification", "uscc", "enterprise_zh", "version")
    echo_table(names, ([row[name] for name in names] for row in rows), "there are no products")


@product.command()
@click.argument("gtin", type=options.GTIN)
@options.reason
@options.as_json
def hold(gtin: Gtin, reason: str, as_json: bool) -> None:
    """Suspend the sale of a product, later batches included."""
    say_opened(recalling.open_on_product(open_house().desk, "hold", gtin, reason), as_json)


@product.command()
@click.argument("gtin", type=options.GTIN)
@options.reason
@seconds.option
@options.as_json
def recall(gtin: Gtin, reason: str, proposal: str | None, as_json: bool) -> None:
    """Recall a product by a reason alone, later batches included. With all its words: traceqr recall issue."""
    house = open_house()
    opened = seconds.carried_out(
        house,
        "product.recall",
        f"product:{gtin.digits}",
        {"reason": reason},
        proposal,
        lambda desk: recalling.open_on_product(desk, "recall", gtin, reason),
    )
    if opened:
        say_opened(opened, as_json)


@product.command()
@click.argument("notice_id")
@options.reason
@options.as_json
def lift(notice_id: str, reason: str, as_json: bool) -> None:
    """Lift a hold or a recall by its id."""
    lift_notice(notice_id, reason, as_json)
