"""What the import commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import click

from traceqr.acting import Desk
from traceqr.cli.house import open_house
from traceqr.cli.showing import echo_json, progress
from traceqr.enrolling import Tally
from traceqr.importing.table import Watch

_Item = TypeVar("_Item")


def watch(items: Sequence[_Item], doing: str) -> Iterable[_Item]:
    """Items with a progress bar; see `importing.table.Watch`."""
    return progress(items, len(items), doing)


def import_tally(do: Callable[[Desk, Path, Watch], Tally], file: Path, as_json: bool) -> None:
    """Import a file and say what that did."""
    tally = do(open_house().desk, file, watch)
    if as_json:
        echo_json(asdict(tally))
    else:
        click.echo(f"{tally.added:,} added, {tally.changed:,} changed, {tally.unchanged:,} unchanged")
