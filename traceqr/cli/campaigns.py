"""`traceqr campaign`: editions of a campaign, with the text that enterprises sign."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from traceqr.cli import options
from traceqr.cli.house import open_house
from traceqr.cli.showing import echo_json
from traceqr.importing.campaigns import import_campaign


@click.group()
def campaign() -> None:
    """Editions of a campaign, with the text that enterprises sign."""


@campaign.command("import")
@click.argument("file", type=options.FILE)
@options.as_json
def import_(file: Path, as_json: bool) -> None:
    """Open the campaign of a TOML file, or publish a new version of its text."""
    opened = import_campaign(open_house().desk, file)
    if as_json:
        echo_json(asdict(opened))
    else:
        click.echo(f"campaign {opened.id}: version {opened.text_version} of its text is the one to sign")
