"""The small grammar of PDF files: numbers, streams, cross-references (ISO 32000-1, section 7), and embedded fonts."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from traceqr.printing.fonts import Subset

POINTS = 72.0 / 25.4
"""Points in a millimetre."""

ENTRY = 20
"""Bytes of a cross-reference."""

_TOGETHER = 1 << 16
"""Cross-references that are worked out together: a large file has millions."""

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_FREE = b"0000000000 65535 f \n"
_CMAP = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<%b> <%b>
endcodespacerange
%b
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def number(value: float) -> bytes:
    """As short as can be, to a millionth of its unit."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return b"0" if text == "-0" else text.encode()


def numbers(*values: float) -> bytes:
    """With spaces between."""
    return b" ".join(map(number, values))


def stream(content: bytes, entries: bytes = b"", *, packed: bool = False) -> bytes:
    """A stream object; `entries` come into its dictionary."""
    data = zlib.compress(content, 9) if packed else content
    how = b"/Filter/FlateDecode" if packed else b""
    return b"<</Length %d%b%b>>\nstream\n%b\nendstream" % (len(data), how, entries, data)


def words(text: str) -> bytes:
    """A text string in UTF-16 with its byte order mark."""
    return b"<feff%b>" % text.encode("utf-16-be").hex().encode()


class Objects:
    """Indirect objects, numbered from 1 in the order in which they stand in the file."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = []

    def add(self, body: bytes = b"") -> int:
        """The number of a new object. Its body may be put in later."""
        self._bodies.append(body)
        return len(self._bodies)

    def put(self, number: int, body: bytes) -> None:
        """The body of an object that was added without."""
        self._bodies[number - 1] = body

    @property
    def count(self) -> int:
        """Objects so far."""
        return len(self._bodies)

    def written(self) -> tuple[bytes, tuple[int, ...]]:
        """The beginning of the file, and where in it each object begins."""
        parts, offsets, at = [HEADER], [], len(HEADER)
        for order, body in enumerate(self._bodies, 1):
            part = b"%d 0 obj\n%b\nendobj\n" % (order, body)
            offsets.append(at)
            parts.append(part)
            at += len(part)
        return b"".join(parts), tuple(offsets)


def add_font(objects: Objects, font: Subset) -> int:
    """The number of an embedded font whose strings are glyph numbers, two bytes each, and can be selected as text."""
    file = objects.add(stream(font.content, b"/Length1 %d" % len(font.content), packed=True))
    name = font.name.encode()
    descriptor = objects.add(
        b"<</Type/FontDescriptor/FontName/%b/Flags 4/FontBBox[%b]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d"
        b"/StemV 80/FontFile2 %d 0 R>>"
        % (name, numbers(*font.bounds), font.ascent, font.descent, font.cap_height, file)
    )
    cid = objects.add(
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/%b"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        b"/FontDescriptor %d 0 R/CIDToGIDMap/Identity/W[0[%b]]>>" % (name, descriptor, numbers(*font.widths))
    )
    unicode = objects.add(stream(to_unicode(_characters(font), 2), packed=True))
    return objects.add(
        b"<</Type/Font/Subtype/Type0/BaseFont/%b/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>"
        % (name, cid, unicode)
    )


def _characters(font: Subset) -> dict[int, str]:
    """Which character each glyph is."""
    found: dict[int, str] = {}
    for char, glyph in sorted(font.glyphs.items()):
        found.setdefault(glyph, char)
    return dict(sorted(found.items()))


def to_unicode(characters: Mapping[int, str], width: int) -> bytes:
    """What each code of `width` bytes is as text, in blocks of at most 100 as the format asks (section 9.10.3)."""
    lines = [
        b"<%0*x> <%b>" % (2 * width, code, char.encode("utf-16-be").hex().encode()) for code, char in characters.items()
    ]
    blocks = [lines[at : at + 100] for at in range(0, len(lines), 100)]
    written = b"\n".join(b"%d beginbfchar\n%b\nendbfchar" % (len(block), b"\n".join(block)) for block in blocks)
    return _CMAP % (b"00" * width, b"ff" * width, written)


def references(offsets: NDArray[np.int64]) -> bytearray:
    """The cross-reference table of objects 1 and on, which begin at these bytes of the file."""
    head = b"xref\n0 %d\n%b" % (len(offsets) + 1, _FREE)
    table = bytearray(head + b"0000000000 00000 n \n" * len(offsets))
    entries = np.frombuffer(table, np.uint8, offset=len(head)).reshape(-1, ENTRY)
    for start in range(0, len(offsets), _TOGETHER):
        rest = offsets[start : start + _TOGETHER]
        for place in range(9, -1, -1):
            rest, digit = np.divmod(rest, 10)
            entries[start : start + _TOGETHER, place] += digit.astype(np.uint8)
    return table
