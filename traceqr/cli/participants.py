"""`traceqr participant`: enterprises that take part in a campaign, many at a time."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from traceqr.cli import options
from traceqr.cli.house import open_house
from traceqr.cli.showing import echo_json
from traceqr.cli.tables import watch
from traceqr.importing.participants import import_participants


@click.group()
def participant() -> None:
    """Enterprises that take part in a campaign, many at a time."""


@participant.command("import")
@click.argument("file", type=options.FILE)
@click.option("--campaign", "campaign_id", required=True, help="The id of the campaign that they apply in.")
@click.option("--dry-run", is_flag=True, help="Say what would land, and change nothing.")
@options.as_json
def import_(file: Path, campaign_id: str, dry_run: bool, as_json: bool) -> None:
    """Enrol or amend the enterprises of a CSV file and apply for each: all of them or none."""
    tally = import_participants(open_house().desk, file, campaign_id, watch, dry_run=dry_run)
    if as_json:
        echo_json({**asdict(tally), "dry_run": dry_run})
        return
    would = "would be " if dry_run else ""
    counts = f"{tally.added:,} {would}added, {tally.changed:,} {would}changed, {tally.unchanged:,} unchanged"
    click.echo(f"{counts}; nothing was done" if dry_run else counts)
