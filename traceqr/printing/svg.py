"""Labels as vector SVG: `SvgSheet`, one document with some labels in a grid, and `SvgZip`, a zip file with a document
for each label.

For layout programs, and to look at. Words are text in typefaces that the file names and does not hold; a design is
drawn as in PDF, apart from them. Every label takes the same number of bytes: the path of its symbol is filled up with
spaces, which SVG skips.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from traceqr.label.series import Strip
from traceqr.printing.archive import MOST_LABELS, Members, check_count, check_strip, folder_note
from traceqr.printing.counterweight import Counterweight
from traceqr.printing.design import Design, built_in
from traceqr.printing.format import Job, PrintError
from traceqr.printing.outlines import outlines
from traceqr.printing.pdflabel import Setting
from traceqr.printing.sizes import SymbolSize, modules
from traceqr.printing.stencil import Octets, Slot, Source, Stencil
from traceqr.printing.svglabel import check_design, definitions, label, opening, outline_slot
from traceqr.symbol.table import encoder

MOST_ON_SHEET = 1_000
"""Labels of a sheet: programs that draw hold a document as a whole."""

MAX_COLUMNS = 100
FEWEST_COLUMNS = 4
MARGIN_MM = 5.0
GAP_MM = 2.0

_CUT = '<rect width="{width:g}" height="{height:g}" fill="none" stroke="#bbb" stroke-width="0.1"/>'
"""A thin grey line where a label is cut, half of it outside."""

_PLACE = Slot("place", (19,), 19)
"""Where a label stands on its sheet: x and y in mm, 9 characters each."""

_LETTERS = 9
_FREE_BITS = 4
"""Free bits of a letter: `@` and `A` to `O` differ in four. Nine letters have 32 that are independent."""


@dataclass(frozen=True)
class SvgSheet:
    """Labels of a job in one document, row by row, at most `MOST_ON_SHEET` of them.

    Without a number of `columns` there are about as many as rows. `dpi`, where given, is the printer's resolution:
    modules are whole dots then. Raises `PrintError` or `SymbolError` for what cannot be drawn: words that do not fit,
    characters without a glyph, modules too small, a design that asks for hidden codes, a grid without cells, too many
    labels.
    """

    job: Job
    design: Design = field(default_factory=lambda: built_in("classic"))
    dpi: int | None = None
    columns: int | None = None

    suffix = "svg"
    media_type = "image/svg+xml"
    unit = 1

    def __post_init__(self) -> None:
        if self.columns is not None and not 1 <= self.columns <= MAX_COLUMNS:
            raise PrintError(f"expected 1 to {MAX_COLUMNS} columns, got {self.columns}")
        if len(self.job) > MOST_ON_SHEET:
            raise PrintError(
                f"expected at most {MOST_ON_SHEET:,} labels for one SVG sheet, got {len(self.job):,}: choose some with"
                " --first and --last, or take --format svg-zip"
            )
        check_count(self.job, MOST_ON_SHEET)
        check_design(self.design)
        assert len(self._stencil)  # words are set, and symbols fitted, before anything is promised

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return len(self.head()) + len(self.job) * len(self._stencil) + len(self.tail())

    @property
    def notes(self) -> Sequence[str]:
        """The sheet, and the size of symbols."""
        width, height = self._extents
        return (
            f"One sheet of {width:g} x {height:g} mm with labels of {self.design.width:g} x {self.design.height:g} mm.",
            *_notes(self._drawn.symbol_size),
        )

    def head(self) -> bytes:
        """The document's beginning, and logos."""
        return opening(*self._extents) + definitions(self._drawn.setting)

    def body(self, strip: Strip) -> bytes:
        """The labels of a strip. Raises `PrintError` for labels of another job."""
        check_strip(self.job, strip)
        places = self._places(strip.first - self.job.first, len(strip))
        return self._stencil.filled(strip, {**self._drawn.sources(strip), _PLACE: lambda some: places[some]})

    def tail(self) -> bytes:
        """The document's end."""
        return b"</svg>\n"

    @cached_property
    def _drawn(self) -> _Drawn:
        return _Drawn.of(self.job, self.design, self.dpi)

    @cached_property
    def _stencil(self) -> Stencil:
        edge = _CUT.format(width=self.design.width, height=self.design.height).encode()
        return Stencil.of([b'<g transform="translate(', _PLACE, b')">', *self._drawn.parts, edge, b"</g>\n"])

    @property
    def _across(self) -> int:
        """Labels in a row: a long strip would be larger than programs draw."""
        return self.columns or max(FEWEST_COLUMNS, math.isqrt(len(self.job)))

    @property
    def _extents(self) -> tuple[float, float]:
        columns = min(self._across, len(self.job))
        rows = -(-len(self.job) // columns)
        return (_extent(columns, self.design.width), _extent(rows, self.design.height))

    def _places(self, first: int, count: int) -> Octets:
        cells = (divmod(at, self._across) for at in range(first, first + count))
        step_x, step_y = self.design.width + GAP_MM, self.design.height + GAP_MM
        texts = [f"{MARGIN_MM + column * step_x:9.2f} {MARGIN_MM + row * step_y:9.2f}" for row, column in cells]
        return np.frombuffer("".join(texts).encode("ascii"), np.uint8).reshape(count, _PLACE.used)


@dataclass(frozen=True)
class SvgZip:
    """The labels of a job as documents in one zip file, each in the label's own size.

    `dpi` as of `SvgSheet`, which says what is refused; here more labels than an archive holds.
    """

    job: Job
    design: Design = field(default_factory=lambda: built_in("classic"))
    dpi: int | None = None
    most: int = MOST_LABELS

    suffix = "svg.zip"
    media_type = "application/zip"
    unit = 1

    def __post_init__(self) -> None:
        check_count(self.job, self.most)
        check_design(self.design)
        assert self._members  # as above

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return self._members.archive.size

    @property
    def notes(self) -> Sequence[str]:
        """How files are called, and the size of symbols."""
        return (folder_note(self.job.series, "svg"), *_notes(self._drawn.symbol_size))

    def head(self) -> bytes:
        """Nothing: each label stands for itself."""
        return b""

    def body(self, strip: Strip) -> bytes:
        """The files of a strip. Raises `PrintError` for labels of another job."""
        check_strip(self.job, strip)
        return self._members.filled(strip, self._drawn.sources(strip))

    def tail(self) -> bytes:
        """The directory of the zip file."""
        return self._members.archive.tail()

    @cached_property
    def _drawn(self) -> _Drawn:
        return _Drawn.of(self.job, self.design, self.dpi)

    @cached_property
    def _members(self) -> Members:
        begin = opening(self.design.width, self.design.height) + definitions(self._drawn.setting)
        return Members.of(self.job, "svg", (begin, *self._drawn.parts), _WEIGHT)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The labels of a job on a design, as far as they are the same."""

    job: Job
    setting: Setting
    symbol_size: SymbolSize
    parts: tuple[bytes | Slot, ...]

    @classmethod
    def of(cls, job: Job, design: Design, dpi: int | None) -> _Drawn:
        setting, size = Setting.of(design, job), SymbolSize.fit(modules(job), design.symbol.box.width, dpi)
        return cls(job, setting, size, tuple(label(setting, job, size)))

    def sources(self, strip: Strip) -> dict[Slot, Source]:
        """The symbols of a strip."""
        job, slot = self.job, outline_slot(self.symbol_size.modules)
        symbols = encoder(job.series, job.level, job.mask).encode(strip)

        def paths(some: slice) -> Octets:
            made = [path.ljust(slot.used) for path in outlines(symbols[some], self.symbol_size.modules)]
            if max(map(len, made)) > slot.used:
                raise PrintError(f"expected outlines of at most {slot.used:,} bytes, got {max(map(len, made)):,}")
            return np.frombuffer(b"".join(made), np.uint8).reshape(len(made), slot.used)

        return {slot: paths}


def _extent(cells: int, cell_mm: float) -> float:
    return 2 * MARGIN_MM + cells * cell_mm + (cells - 1) * GAP_MM


def _notes(size: SymbolSize) -> tuple[str, ...]:
    words = "Words are set by the fonts of the machine that opens the file: turn them into outlines before you send it."
    return (*size.notes, words)


def _end(free: int) -> bytes:
    """The end of a document, with bits that may be chosen."""
    letters = bytes(0x40 | free >> _FREE_BITS * place & 0xF for place in range(_LETTERS))
    return b"<!--" + letters + b"--></svg>\n"


_WEIGHT = Counterweight(_end, _FREE_BITS * _LETTERS)
