"""What a symbol must be, by segno, for parts that need not be a label: all digits, all versions up to 10."""

from __future__ import annotations

from collections.abc import Sequence

import segno

from traceqr.symbol.segments import Mode, Segment
from traceqr.symbol.symbol import Level

Rows = tuple[bytes, ...]


def drawn_by_segno(parts: Sequence[Segment], version: int, level: Level, mask: int) -> Rows | None:
    """Rows of modules, 1 for dark, or None where segno is known to pad wrongly.

    segno 1.6.6 adds a byte of zeros where the data end on a codeword already (heuer/segno issue 148), against
    ISO/IEC 18004, section 7.4.10. Decoders read both.
    """
    if (sum(bits(part, version) for part in parts) + 4) % 8 == 0:
        return None
    content = [(part.text, int(part.mode)) for part in parts]
    code = segno.make(content, error=level.value, version=version, mask=mask, boost_error=False, micro=False)
    return tuple(bytes(row) for row in code.matrix)


def bits(part: Segment, version: int) -> int:
    """Bits of a segment, header included (ISO/IEC 18004, section 7.4 and table 3)."""
    length, large = len(part.text), version >= 10
    if part.mode is Mode.NUMERIC:
        return 4 + (12 if large else 10) + length // 3 * 10 + (0, 4, 7)[length % 3]
    if part.mode is Mode.ALPHANUMERIC:
        return 4 + (11 if large else 9) + length // 2 * 11 + length % 2 * 6
    return 4 + (16 if large else 8) + length * 8
