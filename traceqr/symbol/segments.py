"""How a label's text is cut into QR segments: always the same cuts, so that labels of one batch differ in data only.

ISO/IEC 18004, section 7.4. The layout is explicit because the optimisers of libraries differ in where they cut, and
a symbol must be the same whoever makes it:

| text | mode |
| --- | --- |
| `HTTPS://HOST/01/` | alphanumeric; byte when in lower case |
| GTIN | numeric |
| `/21/` | alphanumeric |
| SERIAL | numeric |
| `?s=` | byte |
| SEAL | numeric |
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from traceqr.label.format import Label


class Mode(enum.IntEnum):
    """The mode indicators of ISO/IEC 18004, table 2, that labels use."""

    NUMERIC = 1
    ALPHANUMERIC = 2
    BYTE = 4


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of ASCII text in one mode."""

    mode: Mode
    text: str


def segments(label: Label) -> tuple[Segment, ...]:
    """The six segments of a label. Their texts, joined, are the label's text."""
    return cut(str(label.origin), str(label.gtin), str(label.serial), str(label.seal))


def cut(origin: str, gtin: str, serial: str, seal: str) -> tuple[Segment, ...]:
    """The six segments of these parts as a label has them, whatever their digits say."""
    head = f"{origin}/01/"
    return (
        Segment(Mode.ALPHANUMERIC if head.isupper() else Mode.BYTE, head),
        Segment(Mode.NUMERIC, gtin),
        Segment(Mode.ALPHANUMERIC, "/21/"),
        Segment(Mode.NUMERIC, serial),
        Segment(Mode.BYTE, "?s="),
        Segment(Mode.NUMERIC, seal),
    )
