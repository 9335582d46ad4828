"""Labels in ZPL II, the language of Zebra's label printers and of many that imitate them.

What is relied on, from Zebra's "ZPL II Programming Guide":

- `^XA` and `^XZ`, `^PW`, `^LL`, `^LH`, `^FO`, `^FD`, `^FS`: a label, its size and its fields, in dots. Each label
  states all of it, so that a file may be cut anywhere between two labels. No quantity is set: one label of each.
- `^CI28`: UTF-8. All that is sent is ASCII anyway, without `^`, `~` or a backslash, so no field needs `^FH`.
- `^A0` and `^FB`: the scalable font that every printer holds, in one line that is aligned in its box.
- `^GFA`: a picture in hexadecimal digits, in which `,` fills a row with paper and `:` repeats the row before (section
  "Alternative Data Compression Scheme"; its letters for runs too). At most 99,999 bytes.
- `^BQN,2,n` with `^FDMA,...`: a symbol of model 2 with `n` dots a module, error correction M, and the printer choosing
  the modes of the data. `n` is 1 to 10; later firmware takes more, which is not relied on.

What is not in the guide: firmware sets a `^BQ` field lower than its `^FO` by the height that `^BY` last set: 10 dots,
unless a label before said otherwise. So `^BY` is set to a height of 1 dot first, and either behaviour is a dot apart.

There are two ways to print a symbol. `native` leaves it to the printer: short files, as fast as labels can be sealed,
but the printer chooses modes and mask, and an old one may make a symbol of a higher version, so larger. `graphic` sends
the dots themselves: the same symbol on every printer. Its rows are written in full, not compressed as `:Z64:`. That is
four times as long, but all labels are equally long, so the size of a file is known before it is made, and no version of
a compression library changes its bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby

import numpy as np

from traceqr.printing.design import Align
from traceqr.printing.format import PrintError
from traceqr.printing.plate import Bitmap, Drawing, Font, Typed, broadened
from traceqr.printing.roll import Roll
from traceqr.printing.stencil import Octets, Slot, Source, text_of

MOST_BYTES = 99_999
"""Of a `^GF` picture."""

_JUSTIFIED = {Align.LEFT: "L", Align.CENTRE: "C", Align.RIGHT: "R"}


@dataclass(frozen=True)
class Zpl(Roll):
    """The labels of a job in ZPL II. See `Roll`."""

    suffix = "zpl"
    font = Font(10, 0.62)

    def __post_init__(self) -> None:
        sizes = [len(bitmap.content) for bitmap in self._plate.drawn]
        if self.drawing is Drawing.GRAPHIC:
            sizes.append(self._plate.row_bytes * self._plate.side)
        if max(sizes, default=0) > MOST_BYTES:
            raise PrintError(
                f"expected pictures of at most {MOST_BYTES:,} bytes on a label, got one of {max(sizes):,}: make it"
                " smaller, or take a coarser printer"
            )

    def _parts(self) -> list[bytes | Slot]:
        plate = self._plate
        parts: list[bytes | Slot] = [f"^XA^CI28^LH0,0^PW{plate.width}^LL{plate.height}".encode()]
        parts += [graphic(bitmap) for bitmap in plate.drawn]
        for typed in plate.typed:
            parts += (_type(typed), *self._words(typed), b"^FS")
        if self.drawing is Drawing.NATIVE:
            parts += (self._command(), *text_of(self.job.series))
        else:
            parts += (self._field(), self._dots)
        return [*parts, b"^FS^XZ\n"]

    def _command(self) -> bytes:
        """For the printer to make the symbol. The level is the first letter of the field's data."""
        plate = self._plate
        return f"^BY2,3,1^FO{plate.x},{plate.y - 1}^BQN,2,{plate.dots}^FD{self.job.level}A,".encode()

    def _field(self) -> bytes:
        plate = self._plate
        count = plate.row_bytes * plate.side
        return f"^FO{plate.x},{plate.y}^GFA,{count},{count},{plate.row_bytes},".encode()

    def _slot(self) -> Slot:
        """In hexadecimal: each row of modules once, and `:` for each of its rows of dots but the first."""
        plate = self._plate
        digits = 2 * plate.row_bytes
        return Slot("dots", (plate.symbol.modules, digits + plate.dots - 1), digits, ord(":"))

    def _drawn(self, symbols: Octets) -> Source:
        digits, used = _digits(self._plate.dots), self._dots.used

        def rows(some: slice) -> Octets:
            wide = digits[symbols[some]]
            return wide.reshape(*wide.shape[:2], -1)[:, :, :used]

        return rows


@cache
def _digits(dots: int) -> Octets:
    """What 8 modules become, in hexadecimal: shape (256, 2 * dots)."""
    return np.frombuffer(broadened(dots).tobytes().hex().upper().encode("ascii"), np.uint8).reshape(256, 2 * dots)


def _type(typed: Typed) -> bytes:
    """A line in the scalable font, up to its words: in the middle of its box, and aligned by `^FB`."""
    top = typed.y + (typed.height - typed.size) // 2
    justified = _JUSTIFIED[typed.align]
    return f"^FO{typed.x},{top}^FB{typed.width},1,0,{justified},0^A0N,{typed.size},{typed.size}^FD".encode()


def graphic(bitmap: Bitmap) -> bytes:
    """A picture as a field, its rows shortened: it is sent with each label, so every byte counts."""
    count, width = len(bitmap.content), bitmap.row_bytes
    rows = "".join(_row(row.hex().upper()) + ":" * (len(list(same)) - 1) for row, same in groupby(bitmap.rows))
    return f"^FO{bitmap.x},{bitmap.y}^GFA,{count},{count},{width},{rows}^FS".encode()


def _row(digits: str) -> str:
    """A row by "Alternative Data Compression Scheme": runs by their length, and `,` for paper up to the end."""
    inked = digits.rstrip("0")
    runs = "".join(_run(digit, len(list(same))) for digit, same in groupby(inked))
    return runs if len(inked) == len(digits) else f"{runs},"


def _run(digit: str, length: int) -> str:
    """`G` to `Y` stand for 1 to 19 times the next digit, `g` to `z` for 20 to 400 times, and they add up."""
    if length < 3:
        return digit * length
    most, rest = divmod(length, 400)
    twenties, ones = divmod(rest, 20)
    return "z" * most + (chr(ord("f") + twenties) if twenties else "") + (chr(ord("F") + ones) if ones else "") + digit
