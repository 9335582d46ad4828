"""How large a symbol comes out: modules in millimetres and in whole printer dots, told before anything is printed.

Sizes are computed, never measured: a print grade (ISO/IEC 15415) is what a verifier device says of a printed label, and
nothing here claims one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from traceqr.label.seal import SEAL_DIGITS
from traceqr.label.serial import Serial
from traceqr.printing.format import Job, PrintError
from traceqr.symbol.encode import version_of
from traceqr.symbol.segments import cut
from traceqr.symbol.symbol import QUIET_ZONE

INCH_MM = 25.4

GS1_CHECKOUT_MM = (0.396, 0.990)
"""Smallest and largest module of a GS1 QR code at retail checkout (GS1 General Specifications)."""

ADVISED_MM = 0.25
"""Below this, old phones and worn labels begin to fail."""

SMALLEST_MM = 0.17
"""Below this no phone camera can be counted on, and nothing is printed."""

FEW_DOTS = 2
"""Up to so many dots a module, ink or heat that spreads by one dot changes it by half."""

MAX_DPI = 4800
# A width such as 53 dots, given in millimetres, must not lose a dot to the last bit of a float.
_SLACK = 1e-6


def modules(job: Job) -> int:
    """Modules along a side of each symbol of a job, without quiet zone. Raises `SymbolError` for a host too long."""
    series = job.series
    parts = cut(str(series.origin), str(series.gtin), str(Serial(series.batch, job.first)), "0" * SEAL_DIGITS)
    return 17 + 4 * version_of(parts, series.origin, job.level)


@dataclass(frozen=True, slots=True)
class SymbolSize:
    """A symbol of `modules` a side, printed with modules of `module_mm`.

    `dpi` is the printer's resolution and `dots` the dots of a module; both are None where the printer is not known.
    """

    modules: int
    module_mm: float
    dpi: int | None = None
    dots: int | None = None

    @classmethod
    def fit(cls, modules: int, width_mm: float, dpi: int | None = None) -> SymbolSize:
        """The largest that fits `width_mm` with its quiet zone; on a printer of `dpi`, of whole dots.

        Raises `PrintError` when that is too small to print.
        """
        across = modules + 2 * QUIET_ZONE
        if not (width_mm > 0 and math.isfinite(width_mm)):
            raise PrintError(f"expected a symbol of more than 0 mm, got {width_mm:g} mm")
        if dpi is None:
            return cls(modules, width_mm / across).printable()
        dots = math.floor(width_mm / INCH_MM * _resolution(dpi) / across + _SLACK)
        if dots < 1:
            raise PrintError(
                f"expected a dot a module at least, got {width_mm:g} mm for {across} modules with the quiet zone "
                f"at {dpi} dpi; make the symbol {across * INCH_MM / dpi:.1f} mm wide or more"
            )
        return cls.of_dots(modules, dots, dpi)

    @classmethod
    def of_dots(cls, modules: int, dots: int, dpi: int) -> SymbolSize:
        """The one whose modules are `dots` of a printer of `dpi`. Raises `PrintError` when it is too small to print."""
        if dots < 1:
            raise PrintError(f"expected a dot a module at least, got {dots}")
        return cls(modules, dots * INCH_MM / _resolution(dpi), dpi, dots).printable()

    def printable(self) -> SymbolSize:
        """The same size. Raises `PrintError` unless phones can be expected to read it."""
        if self.module_mm < SMALLEST_MM:
            across = self.modules + 2 * QUIET_ZONE
            raise PrintError(
                f"expected modules of {SMALLEST_MM} mm at least, got {self.module_mm:.3f} mm; "
                f"make the symbol {across * SMALLEST_MM:.1f} mm wide or more"
            )
        return self

    @property
    def side_mm(self) -> float:
        """Of the symbol, without its quiet zone."""
        return self.modules * self.module_mm

    @property
    def quiet_mm(self) -> float:
        """Of the quiet zone, on each side: 4 modules (ISO/IEC 18004, section 9.1)."""
        return QUIET_ZONE * self.module_mm

    @property
    def whole_mm(self) -> float:
        """Of the symbol with its quiet zone."""
        return self.side_mm + 2 * self.quiet_mm

    @property
    def at_checkout(self) -> bool:
        """Whether the module is of a size that GS1 asks for at retail checkout."""
        smallest, largest = GS1_CHECKOUT_MM
        return smallest <= self.module_mm <= largest

    @property
    def notes(self) -> tuple[str, ...]:
        """In words: the size, then what the one who prints should know of it."""
        return (self._size_note(), self._checkout_note(), *self._warnings())

    def _size_note(self) -> str:
        dots = "" if self.dots is None else f" ({self.dots} dots at {self.dpi} dpi)"
        return (
            f"Symbol of {self.modules} x {self.modules} modules, {self.side_mm:.2f} mm a side: module "
            f"{self.module_mm:.3f} mm{dots}, quiet zone {self.quiet_mm:.2f} mm."
        )

    def _checkout_note(self) -> str:
        smallest, largest = GS1_CHECKOUT_MM
        where = "inside" if self.at_checkout else "below" if self.module_mm < smallest else "above"
        return f"The module is {where} the {smallest:.3f} to {largest:.3f} mm that GS1 asks for at retail checkout."

    def _warnings(self) -> list[str]:
        found = []
        if self.module_mm < ADVISED_MM:
            found.append(
                f"Warning: modules below {ADVISED_MM} mm; old phones and worn labels may not read. Try it first."
            )
        if self.dots is not None and self.dots <= FEW_DOTS:
            dots = "1 dot" if self.dots == 1 else f"{self.dots} dots"
            found.append(
                f"Warning: {dots} a module; print that spreads by a dot may not read. "
                "A larger symbol or a finer printer is safer."
            )
        return found


def _resolution(dpi: int) -> int:
    if not 1 <= dpi <= MAX_DPI:
        raise PrintError(f"expected a printer of 1 to {MAX_DPI} dpi, got {dpi}")
    return dpi
