"""A symbol as vector SVG: one path, filled, in millimetres."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from xml.sax.saxutils import escape

from traceqr.symbol.symbol import QUIET_ZONE, Symbol, SymbolError

_DROPPED = frozenset({"Cc", "Cf", "Cs"})
_NOT_XML = "\ufffe\uffff"
_KEPT = "\u200c\u200d"
"""The joiners, of category Cf, that some scripts cannot be spelled without."""


def to_svg(symbol: Symbol, module_mm: float = 0.5, title: str = "QR code") -> str:
    """One SVG document with its quiet zone on white; `title` is what a screen reader says.

    Raises `SymbolError` unless a module has a size.
    """
    if not 0 < module_mm <= 1000:
        raise SymbolError(f"expected a module of more than 0 and at most 1000 mm, got {module_mm}")
    side = symbol.size + 2 * QUIET_ZONE
    length = number(side * module_mm)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{length}mm" height="{length}mm" '
        f'viewBox="0 0 {side} {side}" role="img" shape-rendering="crispEdges">'
        f"<title>{xml_text(title)}</title>"
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>'
        f'<path fill-rule="evenodd" transform="translate({QUIET_ZONE} {QUIET_ZONE})" d="{outline(symbol)}"/>'
        "</svg>\n"
    )


def outline(symbol: Symbol) -> str:
    """The outlines of the dark areas as SVG path data, unit one module, origin at the top left module.

    Fill it by the rule `evenodd`. Outlines instead of a rectangle a run: half the size, and no hairlines between
    rows where a printer or viewer smooths edges.
    """
    across, down = _corner_pairs(symbol)
    parts = []
    for start in list(across):
        if start not in across:
            continue
        parts.append(f"M{start[0]} {start[1]}")
        corner = start
        while corner in across:
            turn = across.pop(corner)
            del across[turn]
            parts.append(f"h{turn[0] - corner[0]}")
            corner = down[turn]
            parts.append("z" if corner == start else f"v{corner[1] - turn[1]}")
    return "".join(parts)


_Corner = tuple[int, int]


def _corner_pairs(symbol: Symbol) -> tuple[dict[_Corner, _Corner], dict[_Corner, _Corner]]:
    """Each corner (x, y) with the one its horizontal edge leads to, and with the one its vertical edge leads to.

    A lattice point is a corner where an odd number of the four modules around it is dark. Where two dark modules
    touch in the diagonal the outlines cross, which `evenodd` allows. So along each lattice line the corners pair
    up, first with second, third with fourth.
    """
    across: dict[_Corner, _Corner] = {}
    down: dict[_Corner, _Corner] = {}
    open_above: dict[int, _Corner] = {}
    for y, columns in enumerate(_corners(symbol)):
        left: _Corner | None = None
        for x in columns:
            corner = (x, y)
            left = _join(across, left, corner)
            above = _join(down, open_above.pop(x, None), corner)
            if above is not None:
                open_above[x] = above
    return across, down


def _join(pairs: dict[_Corner, _Corner], first: _Corner | None, second: _Corner) -> _Corner | None:
    """Pair `second` with `first`, if one is open; the corner that is open afterwards."""
    if first is None:
        return second
    pairs[first] = second
    pairs[second] = first
    return None


def _corners(symbol: Symbol) -> Iterator[list[int]]:
    """For each lattice line from top to bottom, the x of its corners from left to right."""
    above = 0
    for row in (*symbol.modules, bytes(symbol.size)):
        below = int.from_bytes(row, "little")
        edges = above ^ below
        corners = (edges ^ (edges << 8)).to_bytes(symbol.size + 1, "little")
        yield [x for x, odd in enumerate(corners) if odd]
        above = below


def number(value: float) -> str:
    """A length in three decimals at most, without trailing zeros: `26.5`."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def xml_text(text: str) -> str:
    """Text as XML content: escaped, and without characters that XML forbids or that turn the reading direction."""
    kept = (
        char for char in text if char in _KEPT or (unicodedata.category(char) not in _DROPPED and char not in _NOT_XML)
    )
    return escape("".join(kept))
