"""`traceqr reports`: what people reported, and how long their contacts and photos are kept."""

from __future__ import annotations

import click

from traceqr import forgetting
from traceqr.attachments import AttachmentFolder
from traceqr.cli import options
from traceqr.cli.house import confirm, open_house
from traceqr.cli.showing import echo_json


@click.group()
def reports() -> None:
    """Reports by people who scanned a label."""


@reports.command()
@click.option(
    "--contact-days", type=int, default=forgetting.CONTACT_DAYS, show_default=True, help="Days after the case closed."
)
@click.option("--photo-days", type=int, default=forgetting.PHOTO_DAYS, show_default=True, help="The same, for photos.")
@options.yes
@options.as_json
def prune(contact_days: int, photo_days: int, yes: bool, as_json: bool) -> None:
    """Take out contacts and photos of cases that were closed long ago, and photos that no report names.

    Run it once a day. An interrupted run is finished by running it again.
    """
    house = open_house()
    folder = house.settings.attachments
    confirm("Take out contacts and photos of cases closed long ago? They cannot be brought back.", yes)
    gone = forgetting.forget(
        house.desk, house.database, AttachmentFolder(folder) if folder else None, contact_days, photo_days
    )
    if as_json:
        echo_json({"contacts": gone.contacts, "photos": gone.photos, "attachments": gone.attachments})
        return
    click.echo(f"{gone.contacts:,} contacts, {gone.photos:,} photos and {gone.attachments:,} files removed")
