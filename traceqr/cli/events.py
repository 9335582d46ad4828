"""`traceqr event`: what happens to things in a supply chain, from tables."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from traceqr.acting import ActRefused
from traceqr.cli import options
from traceqr.cli.house import House, open_house
from traceqr.cli.output import opened
from traceqr.cli.showing import echo_json, plain
from traceqr.cli.tables import watch
from traceqr.importing import events
from traceqr.importing.events import import_events
from traceqr.importing.templates import as_csv, as_workbook
from traceqr.registry import enterprises

_KIND = click.Choice([str(kind) for kind in events.Kind])


@click.group()
def event() -> None:
    """Events of the supply chain: goods received, made, packed and shipped."""


@event.command("import")
@click.argument("kind", type=_KIND)
@click.argument("file", type=options.FILE)
@click.option(
    "--enterprise", "uscc", help="Who states them, by the unified social credit code; the only one by itself."
)
@click.option("--dry-run", is_flag=True, help="Only try it: say what would be captured, or all that is wrong.")
@options.as_json
def import_(kind: str, file: Path, uscc: str | None, dry_run: bool, as_json: bool) -> None:
    """Capture those of a table (CSV or .xlsx): all of them or none.

    The same table again changes nothing.
    """
    house = open_house()
    stating = _enterprise(house, uscc)
    tally = import_events(house.desk, file, events.Kind(kind), stating, watch, dry_run=dry_run)
    if as_json:
        echo_json({**asdict(tally), "dry_run": dry_run})
        return
    would = "would be " if dry_run else ""
    noun = "event" if tally.added == 1 else "events"
    counts = f"{tally.added:,} {noun} {would}captured, {tally.unchanged:,} known already"
    click.echo(f"{counts}; nothing was done" if dry_run else counts)


def _enterprise(house: House, uscc: str | None) -> str:
    with house.reading() as reader:
        if uscc is None:
            known = enterprises.everyone(reader)
            if len(known) != 1:
                raise ActRefused(f"expected --enterprise, since {len(known):,} enterprises are enrolled", "enterprise")
            return known[0].id
        found = enterprises.by_uscc(reader, uscc)
    if found is None:
        raise ActRefused(f"expected the code of an enrolled enterprise, got {uscc!r}", "enterprise")
    return found.id


@event.command()
@click.argument("kind", type=_KIND)
@click.option(
    "-o", "--output", "path", type=click.Path(path_type=Path), help="A file named .csv or .xlsx; stdout by default."
)
@click.option("--english", is_flag=True, help="With English headings.")
def template(kind: str, path: Path | None, english: bool) -> None:
    """Write an empty table to be filled in. In a workbook its cells are text, so that Excel spoils no number."""
    table = events.table(events.Kind(kind))
    if path is None:
        click.echo(as_csv(table, english=english), nl=False)
        return
    making = {".csv": as_csv, ".xlsx": as_workbook}.get(path.suffix.lower())
    if making is None:
        raise click.BadParameter(f"expected a file named .csv or .xlsx, got {path.name!r}", param_hint="--output")
    with opened(path) as file:
        file.write(making(table, english=english))
    click.echo(f"written: {plain(path)}")
