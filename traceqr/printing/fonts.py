"""The typeface of printed labels: Noto Sans SC, TrueType, for Latin and for Chinese, both simplified and traditional.

The files are not part of the source: `make fonts` copies them from the npm package `@expo-google-fonts/noto-sans-sc`
into `fonts/`, and a wheel that is built after that holds them. They are under the SIL Open Font License 1.1.
"""

from __future__ import annotations

import functools
import hashlib
import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from traceqr.printing.design import Weight
from traceqr.printing.format import PrintError

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

FILES = {Weight.REGULAR: "NotoSansSC_400Regular.ttf", Weight.BOLD: "NotoSansSC_700Bold.ttf"}

_DROPPED = frozenset({"Cc", "Cf", "Cs"})
_NOT_EMBEDDED = ("BASE", "DSIG", "GDEF", "GPOS", "GSUB", "OS/2", "STAT", "VORG", "gasp", "name", "post", "vhea", "vmtx")
"""Tables that a PDF reader does not ask for (ISO 32000-1, section 9.9)."""


@dataclass(frozen=True, slots=True)
class Subset:
    """The glyphs of some characters as a TrueType font.

    `glyphs` gives each character's glyph number, `widths` the advance of each glyph in thousandths of the type size.
    The other measures are in the same unit.
    """

    name: str
    content: bytes
    glyphs: dict[str, int]
    widths: tuple[int, ...]
    bounds: tuple[int, int, int, int]
    ascent: int
    descent: int
    cap_height: int

    def hex(self, text: str) -> bytes:
        """A text as glyph numbers, four hexadecimal digits each: a string under Identity-H."""
        return b"".join(b"%04x" % self.glyphs[char] for char in text)


@dataclass(frozen=True, slots=True)
class Face:
    """One weight of the typeface. `advances` are by code point, in type sizes."""

    weight: Weight
    advances: dict[int, float]

    def width(self, text: str) -> float:
        """How long a line is, in type sizes. Each character must have a glyph."""
        return sum(self.advances[ord(char)] for char in text)

    def require(self, text: str, what: str) -> None:
        """Raise `PrintError` unless there is a glyph for each character; `what` says where the text comes from."""
        for char in text:
            if ord(char) not in self.advances:
                name = unicodedata.name(char, "a character without a name")
                raise PrintError(
                    f"expected characters that the typeface has in {what}, got {char!r} (U+{ord(char):04X}, {name})"
                )


@functools.cache
def face(weight: Weight) -> Face:
    """A weight, read once in a process. Raises `PrintError` where there are no font files: it says how to get them."""
    with _open(weight) as font:
        em = font["head"].unitsPerEm
        advances = font["hmtx"].metrics
        return Face(weight, {code: advances[name][0] / em for code, name in font.getBestCmap().items()})


@functools.lru_cache(maxsize=16)
def subset_of(weight: Weight, characters: frozenset[str]) -> Subset:
    """A font of these characters alone. The same characters give the same bytes."""
    from fontTools import subset  # takes its time, and most processes set no type

    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, glyph_names=False)
    options.drop_tables += list(_NOT_EMBEDDED)
    with _open(weight) as font:
        name, cap_height = _postscript_name(font), font["OS/2"].sCapHeight
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=sorted(map(ord, characters)))
        subsetter.subset(font)
        content = io.BytesIO()
        font.save(content, reorderTables=True)
        return _described(f"{_tag(characters)}+{name}", content.getvalue(), font, cap_height)


def _described(name: str, content: bytes, font: TTFont, cap_height: int) -> Subset:
    order = {glyph: number for number, glyph in enumerate(font.getGlyphOrder())}
    scale = 1000 / font["head"].unitsPerEm
    metrics, head = font["hmtx"].metrics, font["head"]
    return Subset(
        name,
        content,
        {chr(code): order[glyph] for code, glyph in font.getBestCmap().items()},
        tuple(round(metrics[glyph][0] * scale) for glyph in order),
        (round(head.xMin * scale), round(head.yMin * scale), round(head.xMax * scale), round(head.yMax * scale)),
        round(font["hhea"].ascent * scale),
        round(font["hhea"].descent * scale),
        round(cap_height * scale),
    )


def cleaned(text: str) -> str:
    """A text as it is set: composed (NFC), white space folded, without control and formatting characters."""
    folded = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(char for char in folded if unicodedata.category(char) not in _DROPPED)


def files() -> Iterable[Traversable]:
    """The font files, whether they are there or not."""
    return (resources.files("traceqr.printing") / "fonts" / name for name in FILES.values())


def _open(weight: Weight) -> TTFont:
    file = resources.files("traceqr.printing") / "fonts" / FILES[weight]
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise PrintError(
            f"expected the font {FILES[weight]}, which PDF files need, found none; run: make fonts "
            "(or install a wheel that was built after it)"
        ) from error
    from fontTools.ttLib import TTFont

    return TTFont(io.BytesIO(content), lazy=True, recalcTimestamp=False)


def _postscript_name(font: TTFont) -> str:
    name = font["name"].getDebugName(6)
    return str(name) if name else "NotoSansSC"


def _tag(characters: frozenset[str]) -> str:
    """Six letters that tell subsets of one font apart (ISO 32000-1, section 9.6.4)."""
    digest = hashlib.sha256("".join(sorted(characters)).encode()).digest()
    return "".join(chr(65 + byte % 26) for byte in digest[:6])
