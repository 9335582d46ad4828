"""Words set into boxes by the real widths of the typeface: smaller, in several lines, at last with an ellipsis."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from traceqr.printing.design import SIZE_MM, Align, Box, Item, Kind
from traceqr.printing.fonts import Face
from traceqr.printing.format import PrintError

LEADING = 1.2
"""From baseline to baseline, in type sizes."""

ASCENT, DESCENT = 0.88, 0.12
"""How the em of a Chinese character stands about the baseline."""

SHRINK = 0.6
"""Words that may be shortened are set no smaller than this part of their size; then they are shortened."""

ELLIPSIS = "\u2026"
SHORTENED = frozenset({Kind.PRODUCT_NAME, Kind.ENTERPRISE_NAME, Kind.SPECIFICATION})
"""What may end in an ellipsis. A host, a serial, a lot or a date that is cut says something else."""

_STEP = 0.97
_BALANCING = 24
# A line does not begin with what closes, nor end with what opens.
_CLOSING = frozenset("、。，．：；！？）」』】》〉”’…,.:;!?)]}%·")
_OPENING = frozenset("（「『【《〈“‘([{")
_HOST_BREAKS = frozenset(".-:")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of type: where its baseline begins, in mm from the label's top left corner, and its size in mm."""

    text: str
    x: float
    y: float
    size: float


def typeset(item: Item, text: str, face: Face) -> tuple[Line, ...]:
    """The lines of a clean text in an item's box. Raises `PrintError` where it does not fit and must not be cut."""
    if not text:
        return ()
    lines, size = _fitted(item, text, face)
    height = size * (1 + LEADING * (len(lines) - 1))
    first = item.box.y + (item.box.height - height) / 2 + ASCENT * size
    return tuple(
        Line(line, _start(item.box, item.align, face.width(line) * size), first + at * LEADING * size, size)
        for at, line in enumerate(lines)
    )


def _fitted(item: Item, text: str, face: Face) -> tuple[list[str], float]:
    for count, size in _tries(item):
        if size * (1 + LEADING * (count - 1)) > item.box.height + 1e-9:
            continue
        lines = _wrap(text, item.box.width / size, face, item.kind)
        if len(lines) <= count:
            return _balanced(lines, text, item.box.width / size, face, item.kind), size
    if item.kind not in SHORTENED:
        raise PrintError(f"expected {item.kind} to fit {item.box}, got {len(text)} characters: {text[:60]!r}")
    return _shortened(item, text, face)


def _tries(item: Item) -> Iterator[tuple[int, float]]:
    """Numbers of lines and sizes, the best first. A host is rather small in one line than large in two."""
    least = _least(item)
    if item.kind not in SHORTENED:
        yield from ((1, size) for size in _sizes(item.size, least))
        least = SIZE_MM[0]
    for size in _sizes(item.size, least):
        yield from ((count, size) for count in range(1, item.lines + 1))


def _sizes(size: float, least: float) -> Iterator[float]:
    while size > least:
        yield size
        size *= _STEP
    yield least


def _least(item: Item) -> float:
    return min(item.size, max(SIZE_MM[0], item.size * SHRINK))


def _shortened(item: Item, text: str, face: Face) -> tuple[list[str], float]:
    """As many lines as the box holds at the smallest size, the last with an ellipsis."""
    size = _least(item)
    room = int((item.box.height / size - 1) / LEADING + 1 + 1e-9)
    if room < 1:
        raise PrintError(f"expected a box that holds a line of {size:g} mm for {item.kind}, got {item.box}")
    count, width = min(item.lines, room), item.box.width / size
    lines = _wrap(text, width, face, item.kind)
    kept, at = lines[: count - 1], 0
    for line in kept:
        at = text.index(line, at) + len(line)
    rest = text[at:].lstrip()
    while rest and face.width(rest.rstrip() + ELLIPSIS) > width:
        rest = rest[:-1]
    return [*kept, rest.rstrip() + ELLIPSIS], size


def _balanced(lines: list[str], text: str, width: float, face: Face, kind: Kind) -> list[str]:
    """The same number of lines, as even as can be: no single character is left for the last one."""
    best, least, most = lines, width / max(1, len(lines)), width
    for _ in range(_BALANCING if len(lines) > 1 else 0):
        middle = (least + most) / 2
        tried = _wrap(text, middle, face, kind)
        if len(tried) <= len(lines) and all(face.width(line) <= middle for line in tried):
            best, most = tried, middle
        else:
            least = middle
    return best


def _wrap(text: str, width: float, face: Face, kind: Kind) -> list[str]:
    """As few lines as can be of at most `width` type sizes, but one character a line at least."""
    lines, line = [], ""
    for atom in _atoms(text, kind is Kind.HOST):
        for part in [atom] if face.width(atom.rstrip()) <= width else atom:
            if line and face.width((line + part).rstrip()) > width:
                lines.append(line.rstrip())
                line = ""
            line += part
    return [*lines, line.rstrip()]


def _atoms(text: str, is_host: bool) -> Iterator[str]:
    """A text in the pieces between which a line may break."""
    atom = ""
    for char in text:
        if atom and _may_break(atom[-1], char, is_host):
            yield atom
            atom = ""
        atom += char
    yield atom


def _may_break(before: str, after: str, is_host: bool) -> bool:
    if is_host:
        return before in _HOST_BREAKS
    if before == " ":
        return after != " "
    if before in _OPENING or after in _CLOSING or after == " ":
        return False
    return _is_wide(before) or _is_wide(after)


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _start(box: Box, align: Align, length: float) -> float:
    if align is Align.LEFT:
        return box.x
    return box.right - length if align is Align.RIGHT else box.x + (box.width - length) / 2
