"""Labels as vector SVG: one design, 40 x 55 mm, single or in a sheet.

The official host stands in words on every label, since a look-alike symbol can lead anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from traceqr.errors import TraceqrError
from traceqr.label.format import Label
from traceqr.printing.lines import wrap
from traceqr.symbol.svg import number, outline, xml_text
from traceqr.symbol.symbol import QUIET_ZONE, Symbol

WIDTH_MM = 40
HEIGHT_MM = 55
MARGIN_MM = 5
GAP_MM = 2
MAX_COLUMNS = 100

CAPTION = "\u626b\u7801\u9a8c\u8bc1 Scan to verify"

_MIDDLE = WIDTH_MM / 2
_TEXT_MM = 36.0
_SYMBOL_MM = 32.0
"""Side of the symbol with its quiet zone: a module is 0.60 mm at version 7 and 0.49 mm at version 10, inside the
0.396 to 0.990 mm that GS1 asks for at a checkout."""
_SYMBOL_TOP = 10.6
_NAME_SIZE = 3.0
_NAME_TOPS = {0: (), 1: (7.2,), 2: (5.2, 9.2)}
_HOST_SIZE = 2.8
_HOST_LINE = 52
_HOST_MIDDLE = 48.8
_HOST_HEIGHT = 4.0
_LEADING = 1.1
_MONO_EM = 0.62
"""Width of a character of a monospaced font, in font sizes, on the safe side."""

_SANS = "Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, Arial, sans-serif"
_MONO = "DejaVu Sans Mono, Menlo, Consolas, monospace"
_INK = "#14110f"
_SEAL_RED = "#a3241d"

_PAPER = (
    f'<rect x="0.1" y="0.1" width="{WIDTH_MM - 0.2}" height="{HEIGHT_MM - 0.2}" rx="2" fill="#fff" '
    f'stroke="{_INK}" stroke-width="0.2"/>'
)
_CAPTION = (
    f'<path fill="none" stroke="{_SEAL_RED}" stroke-width="0.25" d="M3 46.3h34"/>'
    f'<text x="{_MIDDLE:g}" y="45.2" font-size="2.5" font-weight="600" fill="{_SEAL_RED}">{CAPTION}</text>'
)


class SheetError(TraceqrError):
    """A sheet whose columns or number of labels contradict what was announced."""


@dataclass(frozen=True, slots=True)
class _Design:
    """What all labels of a product share, as SVG."""

    name: str

    @classmethod
    def of(cls, product_name: str) -> _Design:
        lines = wrap(product_name, _TEXT_MM / _NAME_SIZE, 2)
        tops = _NAME_TOPS[len(lines)]
        return cls("".join(_text(line, top, _NAME_SIZE, "600") for line, top in zip(lines, tops, strict=True)))

    def draw(self, label: Label, symbol: Symbol) -> str:
        """The label as SVG elements, unit one millimetre, origin at its top left corner."""
        readable = label.serial.readable
        return (
            f"<title>{xml_text(readable)}</title>{_PAPER}{self.name}{_symbol(symbol)}{_CAPTION}{_host(label)}"
            f"{_text(readable, 53, 2.2, '400', _MONO)}"
        )


def label_svg(label: Label, symbol: Symbol, product_name: str) -> str:
    """One label as an SVG document of 40 x 55 mm. A name that does not fit two lines ends in an ellipsis."""
    return f"{_open(WIDTH_MM, HEIGHT_MM)}{_Design.of(product_name).draw(label, symbol)}</svg>\n"


def sheet(labels: Iterable[tuple[Label, Symbol]], product_name: str, *, count: int, columns: int = 4) -> Iterator[str]:
    """One SVG document with `count` labels in a grid, row by row, in pieces of one label.

    Holds one label at a time. Raises `SheetError` for a grid without cells at once, and when there turn out to be
    more or fewer labels than announced: then what was written is no document.
    """
    if not 1 <= columns <= MAX_COLUMNS or count < 1:
        raise SheetError(f"expected 1 to {MAX_COLUMNS} columns and a label at least, got {columns} and {count}")
    return _sheet(labels, _Design.of(product_name), count, columns)


def _sheet(labels: Iterable[tuple[Label, Symbol]], design: _Design, count: int, columns: int) -> Iterator[str]:
    yield _open(_extent(min(columns, count), WIDTH_MM), _extent(-(-count // columns), HEIGHT_MM))
    at = -1
    for at, (label, symbol) in enumerate(labels):
        if at >= count:
            raise SheetError(f"expected {count} labels for the sheet, got more")
        row, column = divmod(at, columns)
        x, y = MARGIN_MM + column * (WIDTH_MM + GAP_MM), MARGIN_MM + row * (HEIGHT_MM + GAP_MM)
        yield f'<g transform="translate({x} {y})">{design.draw(label, symbol)}</g>\n'
    if at + 1 != count:
        raise SheetError(f"expected {count} labels for the sheet, got {at + 1}")
    yield "</svg>\n"


def _extent(cells: int, cell_mm: int) -> int:
    return 2 * MARGIN_MM + cells * cell_mm + (cells - 1) * GAP_MM


def _open(width_mm: int, height_mm: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_mm}mm" height="{height_mm}mm" '
        f'viewBox="0 0 {width_mm} {height_mm}" role="img" font-family="{_SANS}" text-anchor="middle">\n'
    )


def _symbol(symbol: Symbol) -> str:
    side = symbol.size + 2 * QUIET_ZONE
    scale = _SYMBOL_MM / side
    x, y = (WIDTH_MM - _SYMBOL_MM) / 2 + QUIET_ZONE * scale, _SYMBOL_TOP + QUIET_ZONE * scale
    return (
        f'<path fill-rule="evenodd" shape-rendering="crispEdges" '
        f'transform="translate({number(x)} {number(y)}) scale({scale:.5f})" d="{outline(symbol)}"/>'
    )


def _host(label: Label) -> str:
    """The host in full, whatever its length: smaller, and in several lines, but never shortened."""
    host = label.origin.host
    count = -(-len(host) // _HOST_LINE)
    length = -(-len(host) // count)
    size = min(_HOST_SIZE, _TEXT_MM / (_MONO_EM * length), _HOST_HEIGHT / (_LEADING * count))
    step = size * _LEADING
    first = _HOST_MIDDLE + size * 0.35 - (count - 1) * step / 2
    return "".join(
        _text(host[at * length : (at + 1) * length], first + at * step, size, "700", _MONO) for at in range(count)
    )


def _text(text: str, y: float, size: float, weight: str, family: str | None = None) -> str:
    font = f' font-family="{family}"' if family else ""
    return (
        f'<text x="{_MIDDLE:g}" y="{number(y)}" font-size="{number(size)}" font-weight="{weight}" '
        f'fill="{_INK}"{font}>{xml_text(text)}</text>'
    )
