"""`traceqr location`: places that events name."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from traceqr.cli import options
from traceqr.cli.house import open_house
from traceqr.cli.showing import echo_json
from traceqr.cli.tables import watch
from traceqr.importing.locations import import_locations


@click.group()
def location() -> None:
    """Places that events name: farms, factories, warehouses, shops."""


@location.command("import")
@click.argument("file", type=options.FILE)
@click.option("--dry-run", is_flag=True, help="Only try it: say what would change, or all that is wrong.")
@options.as_json
def import_(file: Path, dry_run: bool, as_json: bool) -> None:
    """Say what those of a table (CSV or .xlsx) are, or say it anew: all of them or none."""
    tally = import_locations(open_house().desk, file, watch, dry_run=dry_run)
    if as_json:
        echo_json({**asdict(tally), "dry_run": dry_run})
        return
    would = "would be " if dry_run else ""
    counts = f"{tally.added:,} {would}added, {tally.changed:,} {would}changed, {tally.unchanged:,} unchanged"
    click.echo(f"{counts}; nothing was done" if dry_run else counts)
