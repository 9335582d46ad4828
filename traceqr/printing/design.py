"""What stands where on a label: a small declarative template, read strictly from TOML.

    name = "plain"
    width = 40
    height = 50

    [[item]]
    kind = "symbol"
    x = 4
    y = 4
    width = 32
    height = 32

    [[item]]
    kind = "host"
    x = 2
    y = 38
    width = 36
    height = 4
    size = 2.8

All lengths are millimetres from the top left corner. The box of the symbol holds its quiet zone too, so nothing else
may reach into it. A design without the official host in words is refused: a look-alike symbol can lead anywhere.
"""

from __future__ import annotations

import enum
import functools
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from traceqr.printing.format import Job, PrintError
from traceqr.printing.toml import Table, shown, toml_text, toml_values

BUILT_IN = ("classic", "strip", "marked", "scratch")
"""Names of the designs that come with the program: files in `designs/`."""

CAPTION = "\u626b\u7801\u9a8c\u8bc1 Scan to verify"

SIDE_MM = (10.0, 400.0)
"""Shortest and longest side of a label."""

SIZE_MM = (0.7, 30.0)
"""Smallest and largest type."""

MAX_ITEMS = 64
MAX_LINES = 6
MAX_WORDS = 120
# Boxes that touch do not overlap, whatever the last bit of their sums says.
_SLACK = 1e-6


class Kind(enum.StrEnum):
    """What an item shows."""

    SYMBOL = "symbol"
    HOST = "host"
    SERIAL = "serial"
    PRODUCT_NAME = "product_name"
    CAPTION = "caption"
    LOT = "lot"
    ENTERPRISE_NAME = "enterprise_name"
    SPECIFICATION = "specification"
    PRODUCED_ON = "produced_on"
    EXPIRES_ON = "expires_on"
    HIDDEN_CODE = "hidden_code"
    LOGO = "logo"
    MARKS = "marks"
    """A place for the artworks of the marks that a batch carries; it stays empty where it carries none."""

    RULE = "rule"
    """A box filled with its colour: a line, or a band. One that touches the label's edge is drawn into the bleed."""

    FRAME = "frame"
    """The outline of its box, rounded: the only item that others may stand inside of."""


class Weight(enum.StrEnum):
    """Of type."""

    REGULAR = "regular"
    BOLD = "bold"


class Align(enum.StrEnum):
    """Of lines in their box. The block of lines stands in the middle of its height."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"

    @property
    def share(self) -> float:
        """How much of the spare room is left of a line."""
        return {"left": 0.0, "centre": 0.5, "right": 1.0}[self]


class Colour(enum.StrEnum):
    """Black alone, or the red of a seal."""

    INK = "ink"
    RED = "red"


WORDLESS = frozenset({Kind.SYMBOL, Kind.LOGO, Kind.MARKS, Kind.RULE, Kind.FRAME})
"""Kinds that hold no type."""

VARYING = frozenset({Kind.SYMBOL, Kind.SERIAL, Kind.HIDDEN_CODE})
"""Kinds that differ from label to label."""

_REPEATABLE = frozenset({Kind.CAPTION, Kind.RULE, Kind.FRAME})


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in mm, from the label's top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return self.y + self.height

    def overlaps(self, other: Box) -> bool:
        """Whether they share more than an edge."""
        return (
            self.x < other.right - _SLACK
            and other.x < self.right - _SLACK
            and self.y < other.bottom - _SLACK
            and other.y < self.bottom - _SLACK
        )

    def encloses(self, other: Box) -> bool:
        """Whether the other lies in this one."""
        return (
            self.x <= other.x + _SLACK
            and self.y <= other.y + _SLACK
            and other.right <= self.right + _SLACK
            and other.bottom <= self.bottom + _SLACK
        )

    def __str__(self) -> str:
        return f"{self.width:g} x {self.height:g} mm at ({self.x:g}, {self.y:g})"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on a label, in its box.

    `size` is the largest type size in mm (the em); words that do not fit are set smaller, in up to `lines` lines.
    `words` is what a caption says, and what stands before every other text. `picture` is the file of a logo.
    """

    kind: Kind
    box: Box
    size: float = 0.0
    lines: int = 1
    weight: Weight = Weight.REGULAR
    align: Align = Align.CENTRE
    colour: Colour = Colour.INK
    words: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Design:
    """A label's design that can be printed: items inside the page, none over another, a symbol and the host."""

    name: str
    width: float
    height: float
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        _check(self)

    @classmethod
    def parse(cls, source: str | Mapping[str, Any]) -> Design:
        """From TOML text, or what was read from such. Strict: raises `PrintError` for what it does not know."""
        values = toml_values("design", source) if isinstance(source, str) else source
        table = Table("design", values, {"name", "width", "height", "item"})
        items = values.get("item", [])
        if not isinstance(items, list) or not 1 <= len(items) <= MAX_ITEMS:
            raise PrintError(f"design: expected 1 to {MAX_ITEMS} items as [[item]], got {shown(items)}")
        return cls(
            table.text("name", 60) or "design",
            table.number("width", *SIDE_MM),
            table.number("height", *SIDE_MM),
            tuple(_item(number, each) for number, each in enumerate(items, 1)),
        )

    @classmethod
    def read(cls, path: Path) -> Design:
        """From a TOML file; a logo's path is taken from the file's folder. Raises `PrintError`."""
        values = toml_values("design", toml_text("a design", path))
        for each in values.get("item", []) if isinstance(values.get("item"), list) else []:
            if isinstance(each, dict) and isinstance(each.get("picture"), str):
                each["picture"] = str(path.parent / each["picture"])
        return cls.parse(values)

    def of(self, kind: Kind) -> tuple[Item, ...]:
        """The items of a kind, in order."""
        return tuple(item for item in self.items if item.kind is kind)

    @property
    def symbol(self) -> Item:
        """The one symbol; its box is a square that holds the quiet zone."""
        return self.of(Kind.SYMBOL)[0]

    def without(self, kind: Kind) -> Design:
        """The same without the items of a kind."""
        return replace(self, items=tuple(item for item in self.items if item.kind is not kind))

    @property
    def shows_marks(self) -> bool:
        """Whether labels of this design bear the artworks of marks."""
        return bool(self.of(Kind.MARKS))

    @property
    def asks_for_hidden_code(self) -> bool:
        """Whether a label of this design holds all that a copier needs."""
        return bool(self.of(Kind.HIDDEN_CODE))


@functools.cache
def built_in(name: str) -> Design:
    """A design that comes with the program. Raises `PrintError` for a name that is none."""
    if name not in BUILT_IN:
        raise PrintError(f"expected a design of {', '.join(BUILT_IN)}, or a file, got {name!r}")
    return Design.parse((resources.files("traceqr.printing") / "designs" / f"{name}.toml").read_text(encoding="utf-8"))


def wording(item: Item, job: Job) -> str:
    """What an item says on every label of a job: empty where nothing is known, and for what differs by label."""
    imprint = job.imprint
    said = {
        Kind.HOST: job.series.origin.host,
        Kind.PRODUCT_NAME: imprint.product_name,
        Kind.LOT: imprint.lot,
        Kind.ENTERPRISE_NAME: imprint.enterprise_name,
        Kind.SPECIFICATION: imprint.specification,
        Kind.PRODUCED_ON: imprint.produced_on,
        Kind.EXPIRES_ON: imprint.expires_on,
    }
    if item.kind is Kind.CAPTION:
        return item.words
    text = said.get(item.kind, "")
    return f"{item.words}{text}" if text else ""


_BOX = {"kind", "x", "y", "width", "height"}
_TYPE = {"size", "lines", "weight", "align", "colour", "words"}
_KEYS = {
    Kind.SYMBOL: _BOX,
    Kind.LOGO: _BOX | {"picture", "align"},
    Kind.MARKS: _BOX | {"align", "colour"},
    Kind.RULE: _BOX | {"colour"},
    Kind.FRAME: _BOX | {"colour"},
}


def _item(number: int, values: Mapping[str, Any]) -> Item:
    where = f"item {number}"
    kind = Table(where, values, _BOX | _TYPE | {"picture"}).choice("kind", Kind)
    where = f"item {number} ({kind})"
    table = Table(where, values, _KEYS.get(kind, _BOX | _TYPE))
    longest = SIDE_MM[1]
    box = Box(
        table.number("x", 0, longest),
        table.number("y", 0, longest),
        table.number("width", 0.05, longest),
        table.number("height", 0.05, longest),
    )
    picture = table.text("picture", 4096)
    if kind is Kind.LOGO and not picture:
        raise PrintError(f"{where}: expected picture, the path of a PNG or JPEG file, got none")
    return Item(
        kind,
        box,
        0.0 if kind in WORDLESS else table.number("size", *SIZE_MM),
        table.whole("lines", 1, MAX_LINES, 1),
        table.choice("weight", Weight, Weight.REGULAR),
        table.choice("align", Align, Align.CENTRE),
        table.choice("colour", Colour, Colour.INK),
        table.text("words", MAX_WORDS, CAPTION if kind is Kind.CAPTION else ""),
        picture,
    )


def _check(design: Design) -> None:
    """Raise `PrintError` unless the design can be printed, and tells people where its symbol leads."""
    page = Box(0, 0, design.width, design.height)
    for item in design.items:
        if not page.encloses(item.box):
            raise PrintError(
                f"design {design.name!r}: expected all items inside {page.width:g} x {page.height:g} mm, "
                f"got {item.kind} of {item.box}"
            )
        if item.kind in VARYING and item.lines > 1:
            raise PrintError(f"design {design.name!r}: expected {item.kind} in one line, got {item.lines} lines")
    _check_kinds(design)
    for one, other in itertools.combinations(design.items, 2):
        if one.box.overlaps(other.box) and not _framed(one, other):
            raise PrintError(f"design {design.name!r}: expected no item over another, got {_clash(one, other)}")


def _check_kinds(design: Design) -> None:
    for kind in Kind:
        count = len(design.of(kind))
        if count > 1 and kind not in _REPEATABLE:
            raise PrintError(f"design {design.name!r}: expected one {kind}, got {count}")
    if not design.of(Kind.SYMBOL):
        raise PrintError(f"design {design.name!r}: expected a symbol, got none")
    if not design.of(Kind.HOST):
        raise PrintError(
            f"design {design.name!r}: expected the host in words, got none; people compare it with the one that opens"
        )
    box = design.symbol.box
    if abs(box.width - box.height) > _SLACK:
        raise PrintError(f"design {design.name!r}: expected a square box for the symbol, got {box}")


def _framed(one: Item, other: Item) -> bool:
    return (one.kind is Kind.FRAME and one.box.encloses(other.box)) or (
        other.kind is Kind.FRAME and other.box.encloses(one.box)
    )


def _clash(one: Item, other: Item) -> str:
    clash = f"{one.kind} of {one.box} and {other.kind} of {other.box}"
    return f"{clash}; the symbol's box is its quiet zone too" if Kind.SYMBOL in (one.kind, other.kind) else clash
