"""`traceqr recognition`: honours of enterprises, as their pages show them."""

from __future__ import annotations

from pathlib import Path

import click

from traceqr import recognising
from traceqr.cli import options
from traceqr.cli.house import open_house
from traceqr.cli.showing import echo_json, echo_table
from traceqr.cli.tables import import_tally
from traceqr.importing.recognitions import import_recognitions
from traceqr.registry import recognitions


@click.group()
def recognition() -> None:
    """Honours of enterprises: quality awards, demonstration units, typical practices."""


@recognition.command("import")
@click.argument("file", type=options.FILE)
@options.as_json
def import_(file: Path, as_json: bool) -> None:
    """Record those of a CSV file: all of them or none."""
    import_tally(import_recognitions, file, as_json)


@recognition.command("list")
@click.option("--below", type=options.NUMBER, help="With numbers below this: the page that follows.")
@click.option("--most", type=click.IntRange(1, recognitions.MOST_LISTED), default=100, show_default=True)
@options.as_json
def list_(below: int | None, most: int, as_json: bool) -> None:
    """List them, latest recorded first, a page at a time."""
    with open_house().reading() as reader:
        rows = recognitions.everything(reader, below, most)
    if as_json:
        echo_json(rows)
        return
    names = ("number", "uscc", "enterprise_zh", "kind", "level", "year", "name_zh", "state")
    echo_table(names, ([row[name] for name in names] for row in rows), "there are no recognitions")
    if len(rows) == most:
        click.echo(f"for more: --below {rows[-1]['number']}", err=True)


@recognition.command()
@click.argument("number", type=options.NUMBER)
@options.reason
@options.as_json
def revoke(number: int, reason: str, as_json: bool) -> None:
    """Let one stand no more: the enterprise's page says so, with the reason."""
    revoked = recognising.revoke_recognition(open_house().desk, number, reason)
    if as_json:
        echo_json({"number": number, "state": revoked.state})
    else:
        click.echo(f"recognition {number}: {revoked.state}")
