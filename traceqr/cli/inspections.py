"""`traceqr inspections`: erasing those whose term is over."""

from __future__ import annotations

from datetime import date

import click

from traceqr import erasing
from traceqr.attachments import AttachmentFolder
from traceqr.cli import options
from traceqr.cli.house import confirm, open_house
from traceqr.cli.meter import Meter
from traceqr.cli.showing import echo_json
from traceqr.erasing import Erased


@click.group()
def inspections() -> None:
    """Inspections in the field, and how long they are kept."""


@inspections.command()
@click.option("--before", type=options.DATE, required=True, help="Inspections complete before this day go.")
@click.option("--organisation", metavar="ID", help="Only those of this regulator.")
@options.yes
@options.as_json
def erase(before: date, organisation: str | None, yes: bool, as_json: bool) -> None:
    """Erase old inspections with their photos; the ledger keeps their digests.

    Those that an open case rests on stay. An interrupted run is finished by running it again.
    """
    house = open_house()
    folder, due = house.settings.attachments, erasing.due(house.desk, before, organisation)
    gone = Erased(0, 0)
    if due:
        confirm(f"Erase {due:,} inspections before {before}, with their photos? They cannot be brought back.", yes)
        attachments = AttachmentFolder(folder) if folder else None
        with Meter("erasing", "inspections") as meter:
            gone = erasing.erase(house.desk, attachments, before, organisation, meter.adding(due))
    if as_json:
        echo_json({"inspections": gone.inspections, "photos": gone.photos})
        return
    said = f"{gone.inspections:,} inspections erased, and {gone.photos:,} photos"
    click.echo(said if due else "there is nothing to erase")
