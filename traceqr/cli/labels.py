"""`traceqr batch labels`: the labels of a batch in a form that a print house takes; and `traceqr batch hidden`: the
codes under their scratch layers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import click

from traceqr import exporting
from traceqr.activating import Range, resolve
from traceqr.cli import options
from traceqr.cli.children import told_to_stop
from traceqr.cli.house import House, open_house
from traceqr.cli.marks import Marks, held, standing
from traceqr.cli.meter import Meter
from traceqr.cli.output import (
    OutputError,
    continued,
    is_stream,
    marks_of,
    opened,
    part_of,
    require_room,
    size_of_part,
)
from traceqr.cli.ready import Ready, get_ready
from traceqr.cli.showing import echo_json, echo_table, moment, plain
from traceqr.cli.volumes import write_volumes
from traceqr.exporting import Asked, Export
from traceqr.hiding import root_of
from traceqr.instant import to_iso
from traceqr.printing import codes, formats
from traceqr.producing import MAX_JOBS, Made, Mark, produce, write
from traceqr.registry import exports
from traceqr.registry.exports import Content, Earlier

STANDARD_OUTPUT = Path("-")


@click.command()
@click.argument("number", type=options.NUMBER)
@click.option("--format", "file_format", type=click.Choice(formats.NAMES), required=True)
@options.output
@options.label_range
@click.option("--jobs", type=click.IntRange(1, MAX_JOBS), default=1, help="Processes that seal; 1 by default.")
@options.form
@click.option("--with-hidden", is_flag=True, help="With hidden codes on the labels: a whole copy in one file.")
@click.option("--volume", type=click.IntRange(min=1), help="Labels a file; -o is a folder then, with a manifest.")
@options.again
@click.option("--resume", is_flag=True, help="Keep FILE.part when broken off, and go on with it.")
def labels(
    number: int,
    file_format: str,
    output: Path | None,
    first: int | None,
    last: int | None,
    jobs: int,
    with_hidden: bool,
    volume: int | None,
    again: str | None,
    resume: bool,
    **given: Any,
) -> None:
    """Write the labels of a batch: the same bytes each time.

    The export is put on the ledger before the first label is written, and with its SHA-256 when all are. What was
    exported before is exported again only for a reason.
    """
    path = None if output == STANDARD_OUTPUT else output
    if path is None and (resume or volume):
        raise click.UsageError("expected -o with --resume or --volume")
    house, target = open_house(), Range(number, first, last)
    with told_to_stop(), _nothing_kept(path is not None and not resume):
        ready = get_ready(house, target, file_format, options.of_form(given), with_hidden, volume)
        asked = ready.asked(again or "", volume)
        if volume is not None and path is not None:
            write_volumes(house, ready, asked, path, volume, jobs, resume)
            return
        _require_reader(path, ready, asked_for=output is not None)
        _require_ending(path, ready)
        if path is None:
            _written(house, ready, asked, None, jobs)
            return
        if ready.form.size is not None:
            require_room(path, ready.form.size - (size_of_part(path) if resume else 0))
        with ready.told():
            made = (_resumed if resume else _written)(house, ready, asked, path, jobs)
        _say_done(ready, made, path)


@click.command()
@click.argument("number", type=options.NUMBER)
@options.output
@options.label_range
@options.again
def hidden(number: int, output: Path | None, first: int | None, last: int | None, again: str | None) -> None:
    """Write the hidden codes of labels as CSV, to be joined by serial: for the printer of the scratch layer alone.

    On the ledger like an export of labels, and again only for a reason.
    """
    path = None if output == STANDARD_OUTPUT else output
    house = open_house()
    with told_to_stop():
        with house.reading() as reader:
            planned = exporting.plan(reader, Range(number, first, last), house.desk.clock())
            root = root_of(reader, house.key_folder, number)
        if path is not None:
            require_room(path, codes.size(len(planned)))
        with opened(path) as file:
            made = exporting.export(house.desk, planned, Asked("csv", content=Content.HIDDEN, again=again or ""))
            pieces = codes.pieces(number, planned.first, planned.last, partial(root.codes, number))
            written = write(file, pieces)
        exporting.finish(house.desk, made, written.digest, written.size)
    if path is not None:
        click.echo(f"{_counted(len(planned), 'hidden code')} of batch {number} written to {plain(path)}", err=True)
        click.echo(f"SHA-256 {written.digest}", err=True)


@click.command("exports")
@click.argument("number", type=options.NUMBER)
@options.as_json
def listed(number: int, as_json: bool) -> None:
    """List what was exported of a batch, latest first: when, by whom, which labels, and whether wholly."""
    house = open_house()
    with house.reading() as reader:
        resolve(reader, Range(number))
        found = exports.of_batch(reader, number)
    if as_json:
        echo_json([_as_json(each) for each in found])
        return
    zone = house.settings.timezone
    echo_table(
        ("at", "by", "first", "last", "content", "format", "SHA-256", "again"),
        (
            (
                moment(each.at_ms, zone),
                each.actor,
                each.row.first,
                each.row.last,
                each.row.content,
                each.row.format,
                each.digest[:16] if each.digest else "broken off",
                each.payload.get("again", ""),
            )
            for each in found
        ),
        f"nothing was exported of batch {number}",
    )


def _as_json(each: Earlier) -> dict[str, Any]:
    fields = {**asdict(each.row), "at": to_iso(each.at_ms), "by": each.actor, "digest": each.digest}
    return {**fields, "options": each.payload.get("options", {}), "again": each.payload.get("again")}


@contextmanager
def _nothing_kept(is_so: bool) -> Iterator[None]:
    """Says what Ctrl-C has left, and how more of it is kept the next time."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        if is_so:
            click.echo("\nnothing is kept; what begins with --resume can be gone on with", err=True)
        raise


def _require_reader(path: Path | None, ready: Ready, *, asked_for: bool) -> None:
    if path is not None or not is_terminal():
        return
    if not ready.form.media_type.startswith("text/"):
        raise click.UsageError(f"expected -o FILE: {ready.name} is for printers and programs, of no use on a terminal")
    if not asked_for:
        raise click.UsageError("expected -o FILE, or -o - for labels on the terminal: that is an export all the same")


def _require_ending(path: Path | None, ready: Ready) -> None:
    """What is a zip of pictures must not look like a picture."""
    if path is not None and ready.form.suffix.endswith("zip") and path.suffix.lower() in (".png", ".svg"):
        raise OutputError(f"expected a name that ends in .zip, {ready.name} is a zip of pictures; got {plain(path)}")


def is_terminal() -> bool:
    """Whether standard output is one."""
    return sys.stdout.isatty()


def _written(house: House, ready: Ready, asked: Asked, path: Path | None, jobs: int) -> Made:
    """A file that is whole or not at all."""
    with opened(path) as file:
        made = exporting.export(house.desk, ready.plan, asked)
        written = _produced(ready, file, jobs, shown=path is not None or not is_terminal())
    # A crash here leaves a whole file and an export that looks broken off: what is certain is never said too early.
    exporting.finish(house.desk, made, written.digest, written.size)
    return written


def _resumed(house: House, ready: Ready, asked: Asked, path: Path, jobs: int) -> Made:
    """A file whose part is kept when the work is broken off, or that goes on where such a part is whole."""
    if is_stream(path):
        raise OutputError(f"expected a file to go on with, {path} is a device or a pipe")
    with held(marks_of(path), ready.identity) as marks:
        with continued(path) as file:
            made, written = _continued(house, ready, asked, path, file, marks, jobs)
        marks.remove()  # not before the file is in its place
    exporting.finish(house.desk, made, written.digest, written.size)
    return written


def _continued(
    house: House, ready: Ready, asked: Asked, path: Path, file: BinaryIO, marks: Marks, jobs: int
) -> tuple[Export, Made]:
    found, kept = standing(file, marks.read())
    if found is None and file.seek(0, 2):
        raise OutputError(
            f"expected {part_of(path)} as it was written when it was broken off, found no mark in {marks_of(path)} that"
            " it agrees with: remove both, and export again"
        )
    marks.begin(kept)
    if found is None:
        made = exporting.export(house.desk, ready.plan, asked)
    else:
        made = exporting.resume(house.desk, ready.plan, asked, found.start)
        click.echo(f"going on with {plain(part_of(path))} at label {found.start:,}", err=True)

    def mark(how_far: Mark) -> None:
        file.flush()
        marks.add(how_far)

    with Meter(f"batch {ready.plan.batch.number}", "labels") as meter:
        return made, produce(ready.work(jobs), ready.private, file, jobs, found, meter, mark)


def _produced(ready: Ready, file: BinaryIO, jobs: int, *, shown: bool = True) -> Made:
    with Meter(f"batch {ready.plan.batch.number}", "labels", shown=shown) as meter:
        return produce(ready.work(jobs), ready.private, file, jobs, None, meter)


def _say_done(ready: Ready, made: Made, path: Path) -> None:
    count = _counted(len(ready.plan), "label")
    click.echo(f"{count} of batch {ready.plan.batch.number} written to {plain(path)}", err=True)
    click.echo(f"SHA-256 {made.digest}", err=True)


def _counted(count: int, thing: str) -> str:
    return f"1 {thing}" if count == 1 else f"{count:,} {thing}s"
