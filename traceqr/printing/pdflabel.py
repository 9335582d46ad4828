"""A label as PDF content: what all labels of a file share, drawn once, and what differs, with holes where it goes.

Every label of a file takes the same number of bytes. So where something stands on a page is known without making it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from traceqr.label.hidden import grouped
from traceqr.label.serial import Serial
from traceqr.printing.artwork import Placed, arranged
from traceqr.printing.design import VARYING, WORDLESS, Box, Colour, Design, Item, Kind, Weight, wording
from traceqr.printing.fonts import Subset, cleaned, face, subset_of
from traceqr.printing.format import Job
from traceqr.printing.pdfobjects import POINTS, number, numbers
from traceqr.printing.sizes import SymbolSize
from traceqr.printing.tiles import columns
from traceqr.printing.typesetting import Line, typeset

HIDDEN_SAMPLE = grouped("0" * 12)
_INK = {Colour.INK: b"0 g 0 G", Colour.RED: b"0.15 0.95 0.9 0.15 k 0.15 0.95 0.9 0.15 K"}
"""Black is black alone, so that it prints sharp and not in four colours; red is for four."""

_FRAME_MM = 0.2
_RADIUS_MM = 1.0
_ROUND = 0.5523
"""Where the handles of a Bezier curve stand that looks like a quarter of a circle."""

_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Hole:
    """Where digits go in the bytes of a label: 4 each, after `at`, without what stands between their groups.

    `kind` says which, `weight` in which font.
    """

    kind: Kind
    weight: Weight
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """The bytes of one label on a page, and the holes in them. The strings of the symbol begin at `symbol`."""

    content: bytes
    symbol: int
    holes: tuple[Hole, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """The words of a job on a design: lines of each item, and the fonts they need; and the artworks of its marks."""

    design: Design
    lines: tuple[tuple[Item, tuple[Line, ...]], ...]
    marks: tuple[Placed, ...] = ()

    @classmethod
    def of(cls, design: Design, job: Job) -> Setting:
        """Raises `PrintError` for words and marks that do not fit, and for characters that the typeface lacks."""
        lines = []
        for item in design.items:
            if item.kind not in WORDLESS:
                text = _sample(item, job) if item.kind in VARYING else cleaned(wording(item, job))
                face(item.weight).require(text, str(item.kind))
                lines.append((item, typeset(item, text, face(item.weight))))
        marks = [
            placed for item in design.of(Kind.MARKS) for placed in arranged(job.imprint.marks, item.box, item.align)
        ]
        return cls(design, tuple(lines), tuple(marks))

    @property
    def weights(self) -> tuple[Weight, ...]:
        """The fonts that are needed."""
        used = {item.weight for item, lines in self.lines if lines}
        return tuple(weight for weight in Weight if weight in used)

    def font(self, weight: Weight) -> Subset:
        """The glyphs of all words in a weight, and all digits."""
        words = "".join(line.text for item, lines in self.lines for line in lines if item.weight is weight)
        return subset_of(weight, frozenset(words + _DIGITS))

    @property
    def smallest_mm(self) -> float:
        """The smallest size of type."""
        return min(line.size for _, lines in self.lines for line in lines)

    @property
    def varying(self) -> tuple[tuple[Item, Line], ...]:
        """Items whose words differ by label, with the line that they are set on."""
        return tuple((item, lines[0]) for item, lines in self.lines if item.kind in VARYING)


def _sample(item: Item, job: Job) -> str:
    """Words as wide as those of any label: all digits are of one width."""
    return f"{item.words}{Serial(job.series.batch, 0).readable if item.kind is Kind.SERIAL else HIDDEN_SAMPLE}"


def shared(setting: Setting, bleed: float, logos: Sequence[bytes]) -> bytes:
    """What all labels share, in points from the label's top left corner, y upwards. `logos` are the images' names."""
    names = iter(logos)
    parts = []
    for item in setting.design.items:
        if item.kind is Kind.RULE:
            parts.append(b"%b %b re f" % (_INK[item.colour], _rectangle(_bled(item.box, setting.design, bleed))))
        elif item.kind is Kind.FRAME:
            parts.append(b"%b %b w %b S" % (_INK[item.colour], number(_FRAME_MM * POINTS), _rounded(item.box)))
        elif item.kind is Kind.LOGO:
            parts.append(next(names))
        elif item.kind is Kind.MARKS:
            parts.extend(b"q %b %b f* Q" % (_INK[item.colour], _outlines(placed)) for placed in setting.marks)
    for item, lines in setting.lines:
        if item.kind not in VARYING:
            font = setting.font(item.weight) if lines else None
            parts.extend(_line(item, line, font.hex(line.text)) for line in lines if font)
    return b"\n".join(parts)


def _outlines(placed: Placed) -> bytes:
    """An artwork as a path. PDF has no curve of one handle: it is drawn as the cubic that is the same curve."""
    box, scale = placed.box, placed.scale
    parts = []
    at = (0.0, 0.0)
    for letter, places in placed.artwork.commands():
        if letter == "Z":
            parts.append(b"h")
            continue
        points = [(box.x + x * scale, box.y + y * scale) for x, y in places]
        if letter == "Q":
            handle, end = points
            points = [_towards(at, handle), _towards(end, handle), end]
        parts.append(_segment(_OPERATORS[letter], *(place for point in points for place in point)))
        at = points[-1]
    return b" ".join(parts)


_OPERATORS = {"M": b"m", "L": b"l", "Q": b"c"}


def _towards(place: tuple[float, float], handle: tuple[float, float]) -> tuple[float, float]:
    return place[0] + (handle[0] - place[0]) * 2 / 3, place[1] + (handle[1] - place[1]) * 2 / 3


def _line(item: Item, line: Line, glyphs: bytes) -> bytes:
    return b"BT %b /%b %b Tf %b Td<%b>Tj ET" % (
        _INK[item.colour],
        font_name(item.weight),
        number(line.size * POINTS),
        numbers(line.x * POINTS, -line.y * POINTS),
        glyphs,
    )


def font_name(weight: Weight) -> bytes:
    """Of a font among a page's resources."""
    return b"R" if weight is Weight.REGULAR else b"B"


def placed_image(name: bytes, item: Item, width: int, height: int) -> bytes:
    """An image of so many pixels, as large as its item's box holds, and aligned in it."""
    box = item.box
    scale = min(box.width / width, box.height / height)
    across, down = width * scale, height * scale
    x, y = box.x + (box.width - across) * item.align.share, box.y + (box.height - down) / 2
    matrix = numbers(across * POINTS, 0, 0, down * POINTS, x * POINTS, -(y + down) * POINTS)
    return b"q %b cm/%b Do Q" % (matrix, name)


def _bled(box: Box, design: Design, bleed: float) -> Box:
    """A box that touches the label's edge, drawn beyond it."""
    left = bleed if box.x <= 0 else 0
    top = bleed if box.y <= 0 else 0
    right = bleed if box.right >= design.width - 1e-6 else 0
    bottom = bleed if box.bottom >= design.height - 1e-6 else 0
    return Box(box.x - left, box.y - top, box.width + left + right, box.height + top + bottom)


def _rectangle(box: Box) -> bytes:
    return numbers(box.x * POINTS, -box.bottom * POINTS, box.width * POINTS, box.height * POINTS)


def _rounded(box: Box) -> bytes:
    """An outline inside its box, whose corners are round."""
    half = _FRAME_MM / 2
    left, top, right, bottom = box.x + half, box.y + half, box.right - half, box.bottom - half
    radius = min(_RADIUS_MM, (right - left) / 2, (bottom - top) / 2)
    near = radius * (1 - _ROUND)
    path = [
        _segment(b"m", left + radius, top),
        _segment(b"l", right - radius, top),
        _segment(b"c", right - near, top, right, top + near, right, top + radius),
        _segment(b"l", right, bottom - radius),
        _segment(b"c", right, bottom - near, right - near, bottom, right - radius, bottom),
        _segment(b"l", left + radius, bottom),
        _segment(b"c", left + near, bottom, left, bottom - near, left, bottom - radius),
        _segment(b"l", left, top + radius),
        _segment(b"c", left, top + near, left + near, top, left + radius, top),
    ]
    return b" ".join(path) + b" h"


def _segment(operator: bytes, *places: float) -> bytes:
    points = [place * POINTS * (-1 if at % 2 else 1) for at, place in enumerate(places)]
    return b"%b %b" % (numbers(*points), operator)


def cell(setting: Setting, size: SymbolSize, corner: tuple[float, float], symbol: tuple[float, float]) -> Cell:
    """A label on a page, as far as it is known. Both corners are top left, in points from the page's bottom left.

    All cells of a file are of one length: their numbers are padded.
    """
    content = b"q 1 0 0 1 %b cm/L Do Q %b BT" % (_padded(*corner), _INK[Colour.INK])
    module = size.module_mm * POINTS
    across = columns(size.modules)
    # Text runs downwards (x of the text is the page's y), and each string is set a tile to the right of the last.
    content += b" %b Tm" % b" ".join((b"0 -1 1 0", _padded(symbol[0] - 7 * module, symbol[1])))
    content += b"/Q %b Tf %b TL\n" % (number(module), number(-7 * module))
    start = len(content)
    content += (b"(" + b"\x80" * size.modules + b")'") * across
    holes = []
    for item, line in setting.varying:
        glyphs = setting.font(item.weight).hex(line.text)
        content += b"\n%b/%b %b Tf 1 0 0 1 %b Tm<" % (
            _INK[item.colour],
            font_name(item.weight),
            number(line.size * POINTS),
            _padded(corner[0] + line.x * POINTS, corner[1] - line.y * POINTS),
        )
        holes.append(Hole(item.kind, item.weight, tuple(_starts(item, line.text, len(content)))))
        content += glyphs + b">Tj"
    return Cell(content + b" ET\n", start, tuple(holes))


def _starts(item: Item, text: str, at: int) -> Iterable[int]:
    """Where each digit that differs goes: the last eight of a serial, all twelve of a hidden code."""
    count = 8 if item.kind is Kind.SERIAL else 12
    digits = [place for place, char in enumerate(text) if place >= len(item.words) and char.isdigit()]
    return (at + 4 * place for place in digits[-count:])


def _padded(x: float, y: float) -> bytes:
    return b"%10.5f %10.5f" % (x, y)
