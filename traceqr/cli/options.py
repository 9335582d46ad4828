"""Options and arguments that several commands share, and how their values are read. A bad value is a wrong call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from traceqr.errors import TraceqrError
from traceqr.instant import parse_date
from traceqr.label.gtin import Gtin
from traceqr.printing import formats

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
published_reason = click.option(
    "--reason", type=_Parsed("text", _reason), required=True, help="Why; everybody reads it, and the ledger keeps it."
)
yes = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


def label_range(command: _Command) -> _Command:
    """`--first` and `--last`: indexes of labels in a batch, both included."""
    first = click.option("--first", type=click.IntRange(min=0), help="Index of the first label; 0 by default.")
    last = click.option("--last", type=click.IntRange(min=0), help="Index of the last label; the batch's by default.")
    return first(last(command))


output = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    help="A file, not stdout; a folder with --volume.",
)
again = click.option("--again", type=_Parsed("reason", _reason), help="Why labels are exported that were before.")

_FORM = (
    click.option("--columns", help="Of csv and txt, such as serial,text."),
    click.option("--bom", is_flag=True, help="csv, txt: a byte order mark, for older spreadsheets."),
    click.option("--no-header", is_flag=True, help="txt: without the names of the columns."),
    click.option("--sheet", help="pdf: A4, Letter, roll, a label sheet as A4-3x8-70x37, or FILE.toml. png: contact."),
    click.option("--margin", help="pdf on A4 or Letter: the white border in mm."),
    click.option("--gap", help="pdf on A4 or Letter, tspl: mm between labels."),
    click.option("--bleed", help="pdf: mm that are drawn beyond the cut."),
    click.option("--marks/--no-marks", default=None, help="pdf: crop marks; on A4 and Letter unless told."),
    click.option("--head", help="zpl, tspl: width of the print head in mm, to be checked."),
    click.option("--design", help="Of labels: a name, or a TOML file of your own."),
    click.option("--width", help="Of a label in mm; the design is scaled to it."),
    click.option("--dpi", type=click.Choice(["203", "300", "600"]), help="The printer's resolution."),
    click.option("--dots", type=click.IntRange(min=1), help="png: dots of a module."),
    click.option("--level", type=click.Choice(["L", "M", "Q"]), help="Error correction; M by default."),
    click.option("--native", "drawing", flag_value="native", help="zpl, tspl: the printer makes the symbols."),
    click.option("--graphic", "drawing", flag_value="graphic", help="zpl, tspl: symbols are sent dot by dot."),
)


def form(command: _Command) -> _Command:
    """The options of formats; each format takes some of them."""
    for option in reversed(_FORM):
        command = option(command)
    return command


def of_form(given: Mapping[str, Any]) -> dict[str, Any]:
    """Those that were given, as plain values. Raises `PrintError` for a file that is not there."""
    chosen = {name: value for name, value in given.items() if value not in (None, False)}
    if given.get("marks") is not None:
        chosen["marks"] = "with" if given["marks"] else "without"
    if "dpi" in chosen:
        chosen["dpi"] = int(chosen["dpi"])
    return chosen | formats.own_files(chosen)
