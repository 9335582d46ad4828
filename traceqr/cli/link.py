"""`traceqr batch link`: labels as a file that a print house fetches from the web."""

from __future__ import annotations

from typing import Any

import click

from traceqr import exporting
from traceqr.activating import Range
from traceqr.cli import options
from traceqr.cli.house import open_house
from traceqr.cli.ready import Ready, get_ready
from traceqr.cli.showing import echo_json, moment, plain
from traceqr.printing import formats
from traceqr.printing.format import PrintError
from traceqr.printing.volumes import file_name
from traceqr.signer.granting import linked

MAX_HOURS = 24 * 30

_HOUR_MS = 3_600_000


@click.command()
@click.argument("number", type=options.NUMBER)
@click.option("--format", "file_format", type=click.Choice(formats.NAMES), required=True)
@options.label_range
@options.form
@click.option("--valid-hours", type=click.IntRange(1, MAX_HOURS), default=24, show_default=True)
@options.again
@options.as_json
def link(
    number: int,
    file_format: str,
    first: int | None,
    last: int | None,
    valid_hours: int,
    again: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Put an export on the ledger, and print the address where its file can be fetched, for the print house.

    Whoever has the address gets the labels: send it by a safe way. It needs a running signer, and a web node with the
    role print. An hour after the file was fetched whole, the address is of no use.
    """
    house = open_house()
    origin, secret = house.settings.require_origin(), house.settings.require_secret_key()
    ready = get_ready(house, Range(number, first, last), file_format, options.of_form(given))
    _require_fit(ready)
    until_ms = house.desk.clock() + valid_hours * _HOUR_MS
    made = exporting.export(house.desk, ready.plan, linked(ready.asked(again or ""), ready.job.mask, until_ms))
    from traceqr.web.links import Link, Links  # Flask takes a fifth of a second, which other commands need not wait

    plan = ready.plan
    name = file_name(number, plan.first, plan.last, ready.form.suffix)
    address = f"{origin}/print/{Links(secret).issue(Link(made.id, until_ms))}/{name}"
    if as_json:
        echo_json({"export": made.id, "address": address, "until_ms": until_ms, "bytes": ready.form.size})
        return
    for note in ready.form.notes:
        click.echo(plain(note), err=True)
    click.echo(
        f"{len(plan):,} labels of batch {number}, {ready.form.size:,} bytes, until"
        f" {moment(until_ms, house.settings.timezone)} (export {made.id}):",
        err=True,
    )
    click.echo(address)


def _require_fit(ready: Ready) -> None:
    """Raise `PrintError` for a file that a web node could not make."""
    if ready.form.size is None:
        raise PrintError(f"expected a format whose length is known before it is made, {ready.name} is none")
    if {"design_sha256", "sheet_sha256"} & set(ready.options):
        raise PrintError(
            "expected a built-in design and sheet: web nodes do not have files of your own; write the labels with"
            " traceqr batch labels"
        )
