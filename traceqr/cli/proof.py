"""`traceqr batch proof`: some labels, made as they are printed, read back and checked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from traceqr import exporting, proving
from traceqr.activating import Range
from traceqr.cli import options
from traceqr.cli.house import open_house
from traceqr.cli.ready import Ready, get_ready
from traceqr.cli.showing import echo_json, echo_table
from traceqr.printing import formats
from traceqr.proving import MAX_SAMPLE, Proof

SAMPLE = 20


@click.command()
@click.argument("number", type=options.NUMBER)
@click.option(
    "--sample", type=click.IntRange(1, MAX_SAMPLE), default=SAMPLE, help=f"Labels at least; {SAMPLE} by default."
)
@click.option("--format", "file_format", type=click.Choice(formats.NAMES), default="pdf", help="pdf by default.")
@options.label_range
@options.form
@click.option("--with-hidden", is_flag=True, help="With hidden codes, for a design that prints them.")
@options.as_json
def proof(
    number: int,
    sample: int,
    file_format: str,
    first: int | None,
    last: int | None,
    with_hidden: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Make some labels as they are printed, read them from the picture, and check their seals; of PDF the serials and
    hidden codes in words, too.

    Nothing is kept, so it is no export and no scan; but labels are sealed for it, so it is on the ledger. Ends with 1
    when a label fails.
    """
    house = open_house()
    target = Range(number, first, last)
    ready = get_ready(house, target, file_format, options.of_form(given), with_hidden, MAX_SAMPLE)
    dpi = int(ready.options.get("dpi", formats.DEFAULT_DPI))
    drawn = formats.draws(file_format, ready.options)
    proving.require_readable(file_format, drawn)
    chosen = proving.windows(ready.plan.first, ready.plan.last, ready.form.unit, sample)
    indexes = [index for start, end in chosen for index in range(start, end + 1)]
    exporting.prove(house.desk, ready.plan, ready.asked(""), indexes)
    found = proving.prove(ready.plan, ready.private, file_format, dpi, drawn, chosen, ready.part)
    _say_json(ready, found) if as_json else _say(ready, found)
    if not found.holds:
        click.get_current_context().exit(1)


def _say_json(ready: Ready, found: Proof) -> None:
    labels = [asdict(label) for label in found.labels]
    echo_json(
        {
            "batch": ready.plan.batch.number,
            "format": ready.name,
            "dpi": found.dpi,
            "drawn": found.drawn,
            "holds": found.holds,
            "strange": found.strange,
            "labels": labels,
        }
    )


def _say(ready: Ready, found: Proof) -> None:
    rows = ((label.index, label.serial, label.fault or "read, and its seal holds") for label in found.labels)
    echo_table(("label", "serial", "finding"), rows, "")
    failed = sum(label.fault is not None for label in found.labels)
    how = f"read from pictures at {found.dpi} dpi" if found.drawn else "read from the text that is sent"
    click.echo(
        f"batch {ready.plan.batch.number}, {ready.name}: {len(found.labels) - failed} of {len(found.labels)} {how}"
    )
    if found.strange:
        click.echo(f"{found.strange} codes were read that are none of these labels")
    if not found.drawn:
        click.echo("others draw these symbols: print one, and scan it: traceqr verify --image photo.jpg")
