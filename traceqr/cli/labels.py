"""`traceqr batch labels`: the labels of a batch in a form that a print house takes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from traceqr.activating import Range
from traceqr.cli import options
from traceqr.cli.house import House, open_house
from traceqr.cli.output import OutputError, opened, write_text
from traceqr.cli.showing import plain, progress
from traceqr.exporting import Export, export
from traceqr.label.format import Label
from traceqr.printing import csv, svg
from traceqr.registry import batches
from traceqr.symbol.encode import encode

MAX_SVG = 1_000
"""Labels on one SVG sheet: browsers and drawing programs choke on more."""

STANDARD_OUTPUT = Path("-")


@click.command()
@click.argument("number", type=options.NUMBER)
@click.option("--format", "file_format", type=click.Choice(["csv", "svg"]), required=True)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True), help="A file, not stdout."
)
@options.label_range
def labels(number: int, file_format: str, output: Path | None, first: int | None, last: int | None) -> None:
    """Write the labels of a batch: the same bytes each time.

    The export is put on the ledger before the first label is written.
    """
    house, target = open_house(), Range(number, first, last)
    path = None if output == STANDARD_OUTPUT else output
    if file_format == "svg":
        _require_reader(path)
        _require_few(house, target)
    with opened(path) as file:
        exported = export(house.desk, house.key_folder, target, file_format)
        shown = path is not None or not is_terminal()
        watched = progress(exported.labels(), len(exported), f"batch {number}", shown)
        write_text(file, _pieces(file_format, exported, watched))
    if path is not None:
        count = "1 label" if len(exported) == 1 else f"{len(exported):,} labels"
        click.echo(f"{count} of batch {number} written to {plain(path)}", err=True)


def _require_reader(path: Path | None) -> None:
    if path is None and is_terminal():
        raise click.UsageError("expected -o FILE: an SVG sheet is a drawing, of no use on a terminal")


def is_terminal() -> bool:
    """Whether standard output is one."""
    return sys.stdout.isatty()


def _require_few(house: House, target: Range) -> None:
    """Refused before the export is on the ledger."""
    with house.reading() as reader:
        batch = batches.by_number(reader, target.batch)
    if batch is None:
        return  # the export says so
    last = batch.label_count - 1 if target.last is None else min(target.last, batch.label_count - 1)
    count = last - (target.first or 0) + 1
    if count > MAX_SVG:
        raise OutputError(
            f"expected at most {MAX_SVG:,} labels for one SVG sheet, got {count:,}: choose some with --first and"
            " --last, or take --format csv"
        )


def _pieces(file_format: str, exported: Export, labels: Iterator[Label]) -> Iterable[str]:
    if file_format == "csv":
        return csv.rows(labels, exported.product_name, exported.batch.lot)
    pairs = ((label, encode(label)) for label in labels)
    return svg.sheet(pairs, exported.product_name, count=len(exported))
