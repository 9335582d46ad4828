"""How values look on a terminal, and as JSON for programs."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from traceqr.instant import to_iso

_Item = TypeVar("_Item")

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def plain(text: object, *, lines: bool = False) -> str:
    """Text that can do nothing to a terminal: control characters and changes of direction are spelled out."""
    return "".join(
        char if unicodedata.category(char) not in _UNSAFE or (lines and char == "\n") else _spelled(char)
        for char in str(text)
    )


def _spelled(char: str) -> str:
    return char.encode("ascii", "backslashreplace").decode() if ord(char) > 0x7F else f"\\x{ord(char):02x}"


def echo_json(value: object) -> None:
    """One line of JSON, in ASCII, so that no terminal or pipe can spoil it."""
    click.echo(json.dumps(value))


def in_iso(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for programs: instants as ISO 8601, under names without their unit."""
    return {
        name.removesuffix("_ms"): to_iso(value) if name.endswith("_ms") and value is not None else value
        for name, value in row.items()
    }


def moment(at_ms: int, zone: ZoneInfo) -> str:
    """An instant for people: `2026-09-01 08:00` in the deployment's time zone."""
    return f"{datetime.fromtimestamp(at_ms // 1000, zone):%Y-%m-%d %H:%M}"


def echo_table(headings: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Columns in line, wide characters counted as two; `empty` is said when there are no rows."""
    cells = [tuple(headings), *(tuple(plain(value) for value in row) for row in rows)]
    if len(cells) == 1:
        click.echo(empty)
        return
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        line = "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())


def echo_fields(fields: Mapping[str, object | None]) -> None:
    """Named values, one a line; those that are None or empty are left out."""
    for name, value in fields.items():
        if value not in (None, ""):
            click.echo(f"  {name:<11} {plain(value)}")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def progress(items: Iterable[_Item], length: int, label: str, shown: bool = True) -> Iterator[_Item]:
    """The items, with a bar on the terminal that standard error is, if it is one."""
    if not (shown and sys.stderr.isatty()):
        yield from items
        return
    steps = max(1, length // 200)
    with click.progressbar(items, length, label, file=sys.stderr, update_min_steps=steps) as bar:
        yield from bar
