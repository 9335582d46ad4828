"""What the languages of roll printers have in common: a label is laid down once, and differs in a few places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from traceqr.label.series import Strip
from traceqr.printing.design import Design, Kind
from traceqr.printing.format import Job
from traceqr.printing.plate import Drawing, Font, Plate, Typed
from traceqr.printing.stencil import Octets, Slot, Source, Stencil, readable_of
from traceqr.symbol.table import encoder


@dataclass(frozen=True)
class Roll:
    """The labels of a job for a printer of 203, 300 or 600 dpi whose head is `head_mm` wide, if known.

    Raises `PrintError` for a label that such a printer could not print: see `Plate.of`.
    """

    job: Job
    design: Design
    dpi: int = 203
    drawing: Drawing = Drawing.NATIVE
    head_mm: float | None = None

    media_type = "application/octet-stream"
    unit = 1
    font: ClassVar[Font]
    """The printer's own."""

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return len(self.head()) + len(self.job) * len(self._stencil)

    @property
    def notes(self) -> Sequence[str]:
        """The size of label and symbol on this printer, and what to try first."""
        return self._plate.notes

    def head(self) -> bytes:
        """Nothing: each label stands for itself."""
        return b""

    def body(self, strip: Strip) -> bytes:
        """The labels of a strip."""
        if self.drawing is Drawing.NATIVE:
            return self._stencil.filled(strip, {})
        symbols = encoder(self.job.series, self.job.level, self.job.mask).encode(strip)
        return self._stencil.filled(strip, {self._dots: self._drawn(symbols)})

    def tail(self) -> bytes:
        """Nothing."""
        return b""

    @cached_property
    def _plate(self) -> Plate:
        return Plate.of(self.job, self.design, self.dpi, self.drawing, self.font, self.head_mm)

    @cached_property
    def _stencil(self) -> Stencil:
        return Stencil.of(self._parts())

    @cached_property
    def _dots(self) -> Slot:
        return self._slot()

    def _words(self, typed: Typed) -> tuple[bytes | Slot, ...]:
        """What is set in the printer's own font."""
        if typed.kind is Kind.SERIAL:
            return (typed.words.encode("ascii"), *readable_of(self.job.series))
        return (typed.text.encode("ascii"),)

    def _parts(self) -> list[bytes | Slot]:
        """A label in pieces."""
        raise NotImplementedError

    def _slot(self) -> Slot:
        """Where the dots of a symbol go that is sent as a picture."""
        raise NotImplementedError

    def _drawn(self, symbols: Octets) -> Source:
        """The dots of symbols as of `TableEncoder.encode`."""
        raise NotImplementedError
