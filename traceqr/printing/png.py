"""Symbols as PNG pictures (ISO/IEC 15948) in whole dots: `PngZip`, a zip file with one for each label, and
`ContactSheet`, one picture of some labels with their serials, to look them over.

A picture is black and white, one bit a dot, with the quiet zone. Three private chunks of 4 bytes at its end, which
programs skip, are the counterweight of the zip file's checksum.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from traceqr.label.serial import Serial
from traceqr.label.series import Strip
from traceqr.printing.archive import MOST_LABELS, Members, check_count, check_strip, folder_note
from traceqr.printing.counterweight import Counterweight
from traceqr.printing.deflating import Deflater, deflater
from traceqr.printing.format import Job, PrintError
from traceqr.printing.plate import broadened
from traceqr.printing.sizes import ADVISED_MM, INCH_MM, SymbolSize, modules
from traceqr.printing.stencil import Octets, Slot
from traceqr.symbol.png import MAX_DOTS
from traceqr.symbol.symbol import QUIET_ZONE
from traceqr.symbol.table import encoder

MOST_ON_SHEET = 1_000
"""Labels on a contact sheet: more nobody looks over, and few programs show."""

MAX_COLUMNS = 50

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FREE_BYTES = 4
_FREE_CHUNKS = 3
"""A chunk ends in a CRC of its own, which leaves 16 of its 32 free bits independent; three chunks leave all 32."""

_GAP = 4
_INK, _PAPER = 0, 255
_SMALLEST_TYPE = 9


@dataclass(frozen=True)
class PngZip:
    """The symbols of a job as PNG files in one zip file, `dots` dots a module.

    `dpi`, where given, is the resolution at which layout programs place them. Raises `PrintError` for dots out of
    range, for modules too small to print at that resolution, and for more labels than an archive holds; `SymbolError`
    for a host too long.
    """

    job: Job
    dots: int = 8
    dpi: int | None = None
    most: int = MOST_LABELS

    suffix = "png.zip"
    media_type = "application/zip"
    unit = 1

    def __post_init__(self) -> None:
        _check_dots(self.dots)
        check_count(self.job, self.most)
        modules = self._modules
        if self.dpi is not None:
            SymbolSize.of_dots(modules, self.dots, self.dpi)

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return self._members.archive.size

    @property
    def notes(self) -> Sequence[str]:
        """The pictures' size in dots, and in millimetres where the resolution is known."""
        side = (self._modules + 2 * QUIET_ZONE) * self.dots
        pictures = f"Pictures of {side} x {side} dots, {self.dots} dots a module, quiet zone included."
        named = folder_note(self.job.series, "png")
        if self.dpi is not None:
            size = SymbolSize.of_dots(self._modules, self.dots, self.dpi)
            return (pictures, named, f"Place them at {size.whole_mm:.2f} mm, no other size.", *size.notes)
        finest = int(self.dots * INCH_MM / ADVISED_MM)
        told = (
            "They name no resolution: the program that places them decides the size. Do not let it smooth them; "
            f"above {finest} dpi modules are below {ADVISED_MM} mm."
        )
        return (pictures, named, told)

    def head(self) -> bytes:
        """Nothing: each label stands for itself."""
        return b""

    def body(self, strip: Strip) -> bytes:
        """The files of a strip. Raises `PrintError` for labels of another job."""
        check_strip(self.job, strip)
        streams = self._deflater.streams(encoder(self.job.series, self.job.level, self.job.mask).encode(strip))
        sums = np.array([zlib.crc32(each, _IDAT_CRC) for each in streams], ">u4")[:, None].view(np.uint8)
        stream, check = self._slots
        return self._members.filled(strip, {stream: lambda some: streams[some], check: lambda some: sums[some]})

    def tail(self) -> bytes:
        """The directory of the zip file."""
        return self._members.archive.tail()

    @cached_property
    def _modules(self) -> int:
        return modules(self.job)

    @property
    def _deflater(self) -> Deflater:
        return deflater(self._modules, self.dots)

    @cached_property
    def _slots(self) -> tuple[Slot, Slot]:
        """The stream of a picture, and the CRC of its chunk."""
        size = self._deflater.size
        return Slot("stream", (size,), size), Slot("check", (4,), 4)

    @cached_property
    def _members(self) -> Members:
        side = (self._modules + 2 * QUIET_ZONE) * self.dots
        begin = _SIGNATURE + _chunk(b"IHDR", struct.pack(">2L5B", side, side, 1, 0, 0, 0, 0))
        if self.dpi is not None:
            metre = round(self.dpi * 1000 / INCH_MM)
            begin += _chunk(b"pHYs", struct.pack(">2LB", metre, metre, 1))
        stream, check = self._slots
        parts = (begin + struct.pack(">L", stream.used) + b"IDAT", stream, check)
        return Members.of(self.job, "png", parts, _WEIGHT)


@dataclass(frozen=True)
class ContactSheet:
    """Some labels of a job in one picture, row by row: symbols of `dots` dots a module, serials below.

    To look over, not to print. Raises `PrintError` for dots or columns out of range, and for more labels than that.
    """

    job: Job
    dots: int = 3
    columns: int = 8

    suffix = "png"
    media_type = "image/png"
    size = None

    def __post_init__(self) -> None:
        _check_dots(self.dots)
        if not 1 <= self.columns <= MAX_COLUMNS:
            raise PrintError(f"expected 1 to {MAX_COLUMNS} columns, got {self.columns}")
        if not 1 <= len(self.job) <= MOST_ON_SHEET:
            raise PrintError(
                f"expected 1 to {MOST_ON_SHEET:,} labels on a contact sheet, got {len(self.job):,}: choose some with "
                "--first and --last"
            )

    @property
    def unit(self) -> int:
        """All labels: one picture is made as a whole."""
        return len(self.job)

    @property
    def notes(self) -> Sequence[str]:
        """What it is for."""
        return (f"{len(self.job):,} symbols with their serials, to look over. It is not for printing.",)

    def head(self) -> bytes:
        """Nothing: all is in the one piece."""
        return b""

    def body(self, strip: Strip) -> bytes:
        """The picture. Raises `PrintError` for any but all labels of the job."""
        check_strip(self.job, strip)
        if len(strip) != len(self.job):
            raise PrintError(f"expected all {len(self.job)} labels of the contact sheet at once, got {len(strip)}")
        symbols = self._symbols(strip)
        side, deep = symbols.shape[1], symbols.shape[1] + self._caption_height(symbols.shape[1]) + _GAP
        columns = min(self.columns, len(strip))
        size = (columns * (side + _GAP) + _GAP, -(-len(strip) // columns) * deep + _GAP)
        sheet = Image.new("L", size, _PAPER)
        pencil, font = ImageDraw.Draw(sheet), ImageFont.load_default(_type_size(side))
        for at, symbol in enumerate(symbols):
            x, y = _GAP + at % columns * (side + _GAP), _GAP + at // columns * deep
            sheet.paste(Image.fromarray(symbol), (x, y))
            middle = (x + side / 2, y + side)
            pencil.multiline_text(middle, self._caption(strip.first + at), _INK, font, anchor="ma", align="center")
        content = io.BytesIO()
        sheet.save(content, "PNG", compress_level=6)
        return content.getvalue()

    def tail(self) -> bytes:
        """Nothing."""
        return b""

    def _symbols(self, strip: Strip) -> Octets:
        """Grey pictures, quiet zone included: shape (labels, side, side)."""
        table = encoder(self.job.series, self.job.level, self.job.mask)
        wide = broadened(self.dots)[table.encode(strip)].reshape(len(strip), table.size, -1)
        dark = np.unpackbits(wide, axis=2)[:, :, : table.size * self.dots].repeat(self.dots, axis=1)
        quiet = QUIET_ZONE * self.dots
        grey: NDArray[np.uint8] = np.where(np.pad(dark, ((0, 0), (quiet, quiet), (quiet, quiet))), _INK, _PAPER)
        return grey.astype(np.uint8)

    def _caption(self, index: int) -> str:
        """The serial on two lines: batch and label."""
        readable = Serial(self.job.series.batch, index).readable
        return f"{readable[:9]}\n{readable[10:]}"

    def _caption_height(self, side: int) -> int:
        return 3 * _type_size(side)


def _type_size(side: int) -> int:
    """Dots of type of which nine digits and a space fit below a symbol."""
    return max(_SMALLEST_TYPE, side // 9)


def _check_dots(dots: int) -> None:
    if not 1 <= dots <= MAX_DOTS:
        raise PrintError(f"expected 1 to {MAX_DOTS} dots a module, got {dots}")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))


def _end(free: int) -> bytes:
    """The end of a picture, with bits that may be chosen. `trQr` says: ancillary, private, safe to copy."""
    content = free.to_bytes(_FREE_CHUNKS * _FREE_BYTES, "big")
    pieces = (content[at : at + _FREE_BYTES] for at in range(0, len(content), _FREE_BYTES))
    return b"".join(_chunk(b"trQr", piece) for piece in pieces) + _chunk(b"IEND", b"")


_IDAT_CRC = zlib.crc32(b"IDAT")
_WEIGHT = Counterweight(_end, 8 * _FREE_CHUNKS * _FREE_BYTES)
