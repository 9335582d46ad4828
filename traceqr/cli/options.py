"""Options and arguments that several commands share, and how their values are read. A bad value is a wrong call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from traceqr.errors import TraceqrError
from traceqr.instant import parse_date
from traceqr.label.gtin import Gtin

_Command = TypeVar("_Command", bound=Callable[..., Any])

MAX_REASON = 500


class _Parsed(click.ParamType[Any]):
    """A value that one of our own parsers reads."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See `click.ParamType.convert`."""
        try:
            return self._parse(value) if isinstance(value, str) else value
        except TraceqrError as error:
            self.fail(str(error), param, ctx)


def _reason(text: str) -> str:
    stripped = text.strip()
    if not stripped or len(stripped) > MAX_REASON or not all(map(_is_shown, stripped)):
        raise TraceqrError(f"expected a reason of 1 to {MAX_REASON} printable characters, got {text[:80]!r}")
    return stripped


def _is_shown(char: str) -> bool:
    return char.isprintable() or char == "\u3000"


def _date(text: str) -> date:
    return parse_date(text)


GTIN = _Parsed("gtin", Gtin.from_trade)
DATE = _Parsed("date", _date)
FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
NUMBER = click.IntRange(min=1)

as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
reason = click.option("--reason", type=_Parsed("text", _reason), required=True, help="Why; the ledger keeps it.")
yes = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


def label_range(command: _Command) -> _Command:
    """`--first` and `--last`: indexes of labels in a batch, both included."""
    first = click.option("--first", type=click.IntRange(min=0), help="Index of the first label; 0 by default.")
    last = click.option("--last", type=click.IntRange(min=0), help="Index of the last label; the batch's by default.")
    return first(last(command))
