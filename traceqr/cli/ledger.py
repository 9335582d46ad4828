"""`traceqr ledger`: every act, in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from traceqr.cli import options
from traceqr.cli.house import House, open_house
from traceqr.cli.showing import echo_json, moment, plain
from traceqr.registry import ledger as registry_ledger

PAGE = 1_000


@click.group()
def ledger() -> None:
    """Every act, in order."""


@ledger.command("list")
@click.option("--from", "first", type=click.IntRange(min=0), default=0, help="Position to begin with.")
@options.as_json
def list_(first: int, as_json: bool) -> None:
    """List entries, oldest first. As JSON: one entry a line, with its leaf hash."""
    house = open_house()
    zone = house.settings.timezone
    for entry in _entries(house, first):
        if as_json:
            echo_json(entry)
        else:
            payload = json.dumps(entry["payload"], ensure_ascii=False)
            when = moment(entry["at_ms"], zone)
            click.echo(plain(f"{entry['position']:>6}  {when}  {entry['act']:<18} {entry['subject']}  {payload}"))


def _entries(house: House, first: int) -> Iterator[dict[str, Any]]:
    """One short view of the registry a page: a reader who pauses holds nothing up."""
    while True:
        with house.reading() as reader:
            rows = registry_ledger.page(reader, first, PAGE)
        for row in rows:
            yield {**json.loads(row["entry"]), "leaf_hash": row["leaf_hash"]}
        if len(rows) < PAGE:
            return
        first = rows[-1]["position"] + 1
