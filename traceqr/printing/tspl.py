"""Labels in TSPL, the language of TSC's label printers, and of most that are sold in China.

What is relied on, from TSC's "TSPL/TSPL2 Programming Language" manual:

- `SIZE`, `GAP`, `DIRECTION`, `REFERENCE`: the label and the gap to the next, once at the head of the file, since a
  printer may feed when they change. Lengths in mm, positions in dots.
- `CLS`, `PRINT 1,1`: each label is drawn anew and printed once.
- `TEXT x,y,"font",rotation,x,y,"content"`: built-in fonts 1 to 5 of fixed width, 8 x 12 to 32 x 48 dots, enlarged.
- `BITMAP x,y,bytes,rows,0,data`: a picture as bytes, in which a bit that is *not* set is ink.
- `QRCODE x,y,level,cell,A,0,M2,S7,"content"`: a symbol with `cell` dots a module, 1 to 10, the printer choosing the
  modes of the data. M2 is model 2: without it printers make model 1, which phones do not read. S7 is the mask.

`native` leaves the symbol to the printer, `graphic` sends its dots: see `traceqr.printing.zpl`, where the same is true.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traceqr.printing.format import PrintError
from traceqr.printing.plate import Bitmap, Drawing, Font, Typed, broadened
from traceqr.printing.roll import Roll
from traceqr.printing.stencil import Octets, Slot, Source, text_of

GAP_MM = (0.0, 25.4)
"""Least and greatest gap between labels: 0 is a roll without gaps."""

_FONTS = {"1": (8, 12), "2": (12, 20), "3": (16, 24), "4": (24, 32), "5": (32, 48)}
"""Width and height of a character of each built-in font."""

_LARGEST = 10
"""Times that a font is enlarged at most."""

_TO_PAPER = 255


@dataclass(frozen=True)
class Tspl(Roll):
    """The labels of a job in TSPL, `gap_mm` apart on the roll. See `Roll`.

    Raises `PrintError` also for a gap out of range.
    """

    gap_mm: float = 2.0

    suffix = "tspl"
    font = Font(12, 8 / 12)

    def __post_init__(self) -> None:
        least, most = GAP_MM
        if not least <= self.gap_mm <= most:
            raise PrintError(f"expected a gap of {least:g} to {most:g} mm between labels, got {self.gap_mm:g}")
        assert self._plate  # refuses what cannot be printed

    def head(self) -> bytes:
        """Size and gap of the labels."""
        design = self.design
        lines = (
            f"SIZE {design.width:g} mm,{design.height:g} mm",
            f"GAP {self.gap_mm:g} mm,0 mm",
            "DIRECTION 0",
            "REFERENCE 0,0",
        )
        return "".join(f"{line}\r\n" for line in lines).encode()

    def _parts(self) -> list[bytes | Slot]:
        parts: list[bytes | Slot] = [b"CLS\r\n", *(_picture(bitmap) for bitmap in self._plate.drawn)]
        for typed in self._plate.typed:
            parts += (_type(typed), *self._words(typed), b'"\r\n')
        # The symbol comes last: pictures end at whole bytes, and paper must not cover what is beside them.
        if self.drawing is Drawing.NATIVE:
            parts += (self._command(), *text_of(self.job.series), b'"\r\n')
        else:
            parts += (self._field(), self._dots, b"\r\n")
        return [*parts, b"PRINT 1,1\r\n"]

    def _command(self) -> bytes:
        plate = self._plate
        return f'QRCODE {plate.x},{plate.y},{self.job.level},{plate.dots},A,0,M2,S7,"'.encode()

    def _field(self) -> bytes:
        plate = self._plate
        return f"BITMAP {plate.x},{plate.y},{plate.row_bytes},{plate.side},0,".encode()

    def _slot(self) -> Slot:
        plate = self._plate
        return Slot("dots", (plate.symbol.modules, plate.dots, plate.row_bytes), plate.row_bytes)

    def _drawn(self, symbols: Octets) -> Source:
        row_bytes = self._plate.row_bytes
        paper = broadened(self._plate.dots) ^ np.uint8(_TO_PAPER)

        def rows(some: slice) -> Octets:
            wide = paper[symbols[some]]
            return wide.reshape(*wide.shape[:2], 1, -1)[..., :row_bytes]

        return rows


def _picture(bitmap: Bitmap) -> bytes:
    content = bytes(octet ^ _TO_PAPER for octet in bitmap.content)
    return f"BITMAP {bitmap.x},{bitmap.y},{bitmap.row_bytes},{bitmap.height},0,".encode() + content + b"\r\n"


def _type(typed: Typed) -> bytes:
    """A line in the largest built-in font that fits, up to its words."""
    fitting = [
        (high * times, wide * times, times, name)
        for name, (wide, high) in _FONTS.items()
        for times in range(1, _LARGEST + 1)
        if high * times <= typed.size and wide * times * len(typed.text) <= typed.width
    ]
    high, wide, times, name = max(fitting)
    x = typed.x + round((typed.width - wide * len(typed.text)) * typed.align.share)
    y = typed.y + (typed.height - high) // 2
    return f'TEXT {x},{y},"{name}",0,{times},{times},"'.encode()
