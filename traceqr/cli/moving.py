"""`traceqr copy` and `traceqr backup`: the registry in another place."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from traceqr import copying
from traceqr.cli import options
from traceqr.cli.house import read_settings
from traceqr.cli.meter import Meter
from traceqr.cli.showing import echo_json, echo_table, plain
from traceqr.copying import Copied
from traceqr.settings import InvalidSetting, Settings


def _url(_: click.Context, _parameter: click.Parameter, text: str) -> str:
    """A registry's URL. Whatever is wrong with it, what may be a password is not repeated."""
    if "://" not in text:
        raise click.BadParameter(f"expected the URL of a registry, got a path: write sqlite:///{plain(text)}")
    try:
        return Settings.parse({"TRACEQR_DATABASE": text}).database
    except InvalidSetting as error:
        raise click.BadParameter(str(error).removeprefix("TRACEQR_DATABASE: ")) from error


@click.command()
@click.argument("source", callback=_url)
@click.argument("target", callback=_url)
@options.as_json
def copy(source: str, target: str, as_json: bool) -> None:
    """Copy a registry whole to a new place.

    SOURCE and TARGET are URLs as in TRACEQR_DATABASE, of either kind of database. The source may serve meanwhile; what
    happens to it after the copy has begun is not in the copy. There is a whole copy afterwards, checked row by row, or
    none.
    """
    with Meter("copying") as meter:
        copied = copying.copy(source, target, meter)
    if as_json:
        echo_json({**asdict(copied), "rows": sum(copied.counts.values())})
        return
    echo_table(("table", "rows"), [(name, f"{rows:,}") for name, rows in copied.counts.items()], "")
    click.echo(f"\ncopied to {plain(copied.place)}, and compared row by row")
    _say_ledger(copied)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options.as_json
def backup(file: Path, as_json: bool) -> None:
    """Write a consistent copy of the registry to FILE, a new SQLite file, while it serves.

    TRACEQR_DATABASE=sqlite:///FILE opens it. Keys are not in it: see traceqr keys backup. On PostgreSQL it needs the
    owner's role.
    """
    with Meter("backing up") as meter:
        copied = copying.backup(read_settings().database, file, meter)
    size = file.stat().st_size
    if as_json:
        echo_json({**asdict(copied), "rows": sum(copied.counts.values()), "bytes": size})
        return
    click.echo(f"written to {plain(file)}, {size:,} bytes, {sum(copied.counts.values()):,} rows")
    _say_ledger(copied)
    click.echo("keys are not in it: back them up with: traceqr keys backup FILE")


def _say_ledger(copied: Copied) -> None:
    entries = "1 entry" if copied.size == 1 else f"{copied.size:,} entries"
    click.echo(f"ledger: {entries}, root {copied.root}")
