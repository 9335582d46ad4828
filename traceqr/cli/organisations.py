"""`traceqr organisation`: associations and regulators."""

from __future__ import annotations

from pathlib import Path

import click

from traceqr.cli import options
from traceqr.cli.tables import import_tally
from traceqr.importing.organisations import import_organisations


@click.group()
def organisation() -> None:
    """Associations and regulators."""


@organisation.command("import")
@click.argument("file", type=options.FILE)
@options.as_json
def import_(file: Path, as_json: bool) -> None:
    """Enrol those of a CSV file: all of them or none."""
    import_tally(import_organisations, file, as_json)
