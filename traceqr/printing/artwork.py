"""The drawings of marks: SVG files of one colour that come with the program, read as outlines.

Each is an emblem with words beside it, 240 units high. Words are outlines, so no typeface is needed; the characters
follow Noto Serif CJK and Noto Sans CJK (SIL Open Font License 1.1). They are drawings of our own: whoever licenses the
mark of a real body takes that body's artwork.

A file has one path of the commands M, L, Q and Z with absolute places, filled by the rule `evenodd`. So PDF and SVG
show the very same outlines, and dots are made of them here, alike on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from traceqr.printing.design import Align, Box
from traceqr.printing.format import PrintError

ARTWORKS = ("quality-month", "stable-quality")
"""Names of the drawings: files in `artworks/`."""

LEAST_MM = 6.0
"""Height of the smallest artwork whose words can be read."""

GAP_MM = 1.0
"""Between two artworks."""

_FILE = re.compile(r'<svg [^>]*viewBox="0 0 ([0-9]+) ([0-9]+)"><path [^>]*\bd="([^"]+)"/></svg>\n')
_COMMAND = re.compile("([MLQZ])([^MLQZ]*)")

Point = tuple[float, float]
Command = tuple[str, tuple[Point, ...]]
"""A letter, and the places that it leads to: of Q the handle and the end."""


@dataclass(frozen=True, slots=True)
class Artwork:
    """A drawing, `width` x `height` units. `path` is its SVG path data."""

    name: str
    width: int
    height: int
    path: str

    def commands(self) -> Iterator[Command]:
        """The outlines, a command at a time."""
        for letter, text in _COMMAND.findall(self.path):
            numbers = [float(each) for each in text.split()]
            yield letter, tuple(zip(numbers[::2], numbers[1::2], strict=True))


@dataclass(frozen=True, slots=True)
class Placed:
    """An artwork in a box of its own proportions."""

    artwork: Artwork
    box: Box

    @property
    def scale(self) -> float:
        """Millimetres of a unit."""
        return self.box.height / self.artwork.height


def content(name: str) -> bytes:
    """The SVG file of an artwork. Raises `PrintError` for a name that is none."""
    if name not in ARTWORKS:
        raise PrintError(f"expected an artwork of {', '.join(ARTWORKS)}, got {name!r}")
    return (resources.files("traceqr.printing") / "artworks" / f"{name}.svg").read_bytes()


@cache
def artwork(name: str) -> Artwork:
    """The artwork of that name. Raises `PrintError`."""
    found = _FILE.fullmatch(content(name).decode("ascii"))
    if found is None:
        raise PrintError(f"expected artwork {name!r} as one path in an SVG file, got something else")
    return Artwork(name, int(found[1]), int(found[2]), found[3])


def arranged(names: Sequence[str], box: Box, align: Align = Align.CENTRE) -> tuple[Placed, ...]:
    """Artworks in a box, as large as they fit: side by side, or one below the other where they are larger so.

    Raises `PrintError` where they would be too small to read.
    """
    drawn = [artwork(name) for name in names]
    if not drawn:
        return ()
    ratios = [each.width / each.height for each in drawn]
    spare = GAP_MM * (len(drawn) - 1)
    beside = min(box.height, (box.width - spare) / sum(ratios))
    below = min((box.height - spare) / len(drawn), box.width / max(ratios))
    height = max(beside, below)
    if height < LEAST_MM:
        raise PrintError(
            f"expected a place in which each of {len(drawn)} marks is at least {LEAST_MM:g} mm high, got one of {box}"
        )
    return _row(drawn, box, align, height) if beside >= below else _column(drawn, box, align, height)


def _row(drawn: Sequence[Artwork], box: Box, align: Align, height: float) -> tuple[Placed, ...]:
    widths = [height * each.width / each.height for each in drawn]
    x = box.x + (box.width - sum(widths) - GAP_MM * (len(drawn) - 1)) * align.share
    y = box.y + (box.height - height) / 2
    placed = []
    for each, width in zip(drawn, widths, strict=True):
        placed.append(Placed(each, Box(x, y, width, height)))
        x += width + GAP_MM
    return tuple(placed)


def _column(drawn: Sequence[Artwork], box: Box, align: Align, height: float) -> tuple[Placed, ...]:
    y = box.y + (box.height - height * len(drawn) - GAP_MM * (len(drawn) - 1)) / 2
    placed = []
    for each in drawn:
        width = height * each.width / each.height
        placed.append(Placed(each, Box(box.x + (box.width - width) * align.share, y, width, height)))
        y += height + GAP_MM
    return tuple(placed)
