"""`traceqr enterprise`: enterprises."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from traceqr.cli import options
from traceqr.cli.house import open_house
from traceqr.cli.showing import echo_json, echo_table
from traceqr.cli.tables import import_tally
from traceqr.importing.enterprises import import_enterprises
from traceqr.registry import enterprises
from traceqr.registry.enterprises import Enterprise


@click.group()
def enterprise() -> None:
    """Enterprises."""


@enterprise.command("import")
@click.argument("file", type=options.FILE)
@options.as_json
def import_(file: Path, as_json: bool) -> None:
    """Enrol those of a CSV file: all of them or none."""
    import_tally(import_enterprises, file, as_json)


@enterprise.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List them, without their contacts."""
    with open_house().reading() as reader:
        found = [_shown(each) for each in enterprises.everyone(reader)]
    if as_json:
        echo_json(found)
        return
    names = ("uscc", "name_zh", "region", "sector", "service_phone")
    echo_table(names, ([each[name] for name in names] for each in found), "there are no enterprises")


def _shown(enterprise: Enterprise) -> dict[str, str]:
    """A contact is personal data, and lists end up in tickets and chats."""
    return {name: value for name, value in asdict(enterprise).items() if name not in ("contact", "contact_salt")}
