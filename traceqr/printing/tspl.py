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

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from traceqr.label.series import Strip
from traceqr.printing.design import Align, Design, Kind
from traceqr.printing.format import Job, PrintError
from traceqr.printing.plate import Bitmap, Drawing, Font, Plate, Typed, broadened
from traceqr.printing.stencil import Octets, Slot, Source, Stencil, readable_of, text_of
from traceqr.symbol.table import encoder

GAP_MM = (0.0, 25.4)
"""Least and greatest gap between labels: 0 is a roll without gaps."""

_FONTS = {"1": (8, 12), "2": (12, 20), "3": (16, 24), "4": (24, 32), "5": (32, 48)}
"""Width and height of a character of each built-in font."""

_LARGEST = 10
"""Times that a font is enlarged at most."""

_FONT = Font(12, 8 / 12)
_SHARE = {Align.LEFT: 0.0, Align.CENTRE: 0.5, Align.RIGHT: 1.0}
_TO_PAPER = 255


@dataclass(frozen=True)
class Tspl:
    """The labels of a job in TSPL, for a printer of 203, 300 or 600 dpi whose head is `head_mm` wide, if known.

    Raises `PrintError` for a label that such a printer could not print, see `Plate.of`, and for a gap out of range.
    """

    job: Job
    design: Design
    dpi: int = 203
    drawing: Drawing = Drawing.NATIVE
    head_mm: float | None = None
    gap_mm: float = 2.0

    suffix = "tspl"
    media_type = "application/octet-stream"
    unit = 1

    def __post_init__(self) -> None:
        least, most = GAP_MM
        if not least <= self.gap_mm <= most:
            raise PrintError(f"expected a gap of {least:g} to {most:g} mm between labels, got {self.gap_mm:g}")
        assert self._plate  # refuses what cannot be printed

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return len(self.head()) + len(self.job) * len(self._stencil)

    @property
    def notes(self) -> Sequence[str]:
        """The size of label and symbol on this printer, and what to try first."""
        return self._plate.notes

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

    def body(self, strip: Strip) -> bytes:
        """The labels of a strip."""
        if self.drawing is Drawing.NATIVE:
            return self._stencil.filled(strip, {})
        return self._stencil.filled(strip, {self._dots: self._bits(strip)})

    def tail(self) -> bytes:
        """Nothing."""
        return b""

    @cached_property
    def _plate(self) -> Plate:
        return Plate.of(self.job, self.design, self.dpi, self.drawing, _FONT, self.head_mm)

    @cached_property
    def _stencil(self) -> Stencil:
        plate, series = self._plate, self.job.series
        parts: list[bytes | Slot] = [b"CLS\r\n", *(_picture(bitmap) for bitmap in plate.drawn)]
        for typed in plate.typed:
            words = readable_of(series) if typed.kind is Kind.SERIAL else (typed.text.encode("ascii"),)
            parts += (_type(typed), *words, b'"\r\n')
        # The symbol comes last: pictures end at whole bytes, and paper must not cover what is beside them.
        if self.drawing is Drawing.NATIVE:
            parts += (self._command(), *text_of(series), b'"\r\n')
        else:
            parts += (self._field(), self._dots, b"\r\n")
        return Stencil.of([*parts, b"PRINT 1,1\r\n"])

    def _command(self) -> bytes:
        plate = self._plate
        return f'QRCODE {plate.x},{plate.y},{self.job.level},{plate.dots},A,0,M2,S7,"'.encode()

    def _field(self) -> bytes:
        plate = self._plate
        return f"BITMAP {plate.x},{plate.y},{plate.row_bytes},{plate.side},0,".encode()

    @cached_property
    def _dots(self) -> Slot:
        plate = self._plate
        return Slot("dots", (plate.symbol.modules, plate.dots, plate.row_bytes), plate.row_bytes)

    def _bits(self, strip: Strip) -> Source:
        plate, job = self._plate, self.job
        symbols = encoder(job.series, job.level, job.mask).encode(strip)
        paper = broadened(plate.dots) ^ np.uint8(_TO_PAPER)

        def rows(some: slice) -> Octets:
            wide = paper[symbols[some]]
            return wide.reshape(*wide.shape[:2], 1, -1)[..., : plate.row_bytes]

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
    x = typed.x + round((typed.width - wide * len(typed.text)) * _SHARE[typed.align])
    y = typed.y + (typed.height - high) // 2
    return f'TEXT {x},{y},"{name}",0,{times},{times},"'.encode()
