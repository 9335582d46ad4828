"""A QR symbol as a value: its modules, whoever computed them."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from traceqr.errors import TraceqrError

QUIET_ZONE = 4
"""Modules that stay light around a symbol (ISO/IEC 18004, section 6.3.8)."""

MAX_VERSION = 10
"""Versions above are refused: at label size their modules are too fine for a phone on a curved pack."""

_LIGHT_OR_DARK = b"\0\1"


class SymbolError(TraceqrError):
    """A label that fits no symbol of this program, or a symbol or picture size that contradicts itself."""


class Level(enum.StrEnum):
    """Error correction: L restores about 7%, M 15% and Q 25% of the codewords."""

    L = "L"
    M = "M"
    Q = "Q"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A square of `size` rows without quiet zone, top row first.

    Each row is `size` bytes, left to right, 1 for a dark and 0 for a light module: immutable, true and false
    where asked, and what numpy reads and writes without copying (`numpy.frombuffer`, `ndarray.tobytes`).
    """

    version: int
    level: Level
    modules: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.version <= MAX_VERSION:
            raise SymbolError(f"expected a QR version from 1 to {MAX_VERSION}, got {self.version}")
        if len(self.modules) != self.size or any(len(row) != self.size for row in self.modules):
            raise SymbolError(f"expected {self.size} x {self.size} modules for version {self.version}, got others")
        if any(row.translate(None, _LIGHT_OR_DARK) for row in self.modules):
            raise SymbolError("expected modules of 0 and 1, got another value")

    @property
    def size(self) -> int:
        """Modules along a side, without quiet zone."""
        return 17 + 4 * self.version

    @property
    def framed(self) -> tuple[bytes, ...]:
        """The rows with the quiet zone around them: `size + 2 * QUIET_ZONE` rows of as many bytes."""
        side = bytes(QUIET_ZONE)
        edge = (bytes(self.size + 2 * QUIET_ZONE),) * QUIET_ZONE
        return edge + tuple(side + row + side for row in self.modules) + edge
