"""`traceqr organisation`: associations and regulators."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from traceqr.cli import options
from traceqr.cli.house import open_house
from traceqr.cli.showing import echo_json, echo_table
from traceqr.cli.tables import import_tally
from traceqr.importing.organisations import import_organisations
from traceqr.registry import organisations


@click.group()
def organisation() -> None:
    """Associations and regulators."""


@organisation.command("import")
@click.argument("file", type=options.FILE)
@options.as_json
def import_(file: Path, as_json: bool) -> None:
    """Enrol those of a CSV file: all of them or none."""
    import_tally(import_organisations, file, as_json)


@organisation.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List them, in the order in which they were enrolled."""
    with open_house().reading() as reader:
        found = organisations.everyone(reader)
    if as_json:
        echo_json([asdict(each) for each in found])
        return
    names = ("name_zh", "name_en", "kind", "level", "region")
    echo_table(names, ([getattr(each, name) for name in names] for each in found), "there are no organisations")
