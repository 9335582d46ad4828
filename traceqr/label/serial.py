"""The serial of a label, AI (21): batch number and label index, 8 digits each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from traceqr.errors import TraceqrError

MAX_BATCH = 99_999_999
MAX_INDEX = 99_999_999
MAX_COUNT = MAX_INDEX + 1

_SIXTEEN_DIGITS = re.compile("[0-9]{16}")


class InvalidSerial(TraceqrError):
    """Not a serial of format 1."""


@dataclass(frozen=True, slots=True)
class Serial:
    """Label `index` (from 0) of batch number `batch` (from 1)."""

    batch: int
    index: int

    def __post_init__(self) -> None:
        if not 1 <= self.batch <= MAX_BATCH:
            raise InvalidSerial(f"expected a batch number from 1 to {MAX_BATCH}, got {self.batch}")
        if not 0 <= self.index <= MAX_INDEX:
            raise InvalidSerial(f"expected a label index from 0 to {MAX_INDEX}, got {self.index}")

    @classmethod
    def parse(cls, digits: str) -> Serial:
        """From exactly 16 ASCII digits. Raises `InvalidSerial`."""
        if not _SIXTEEN_DIGITS.fullmatch(digits):
            raise InvalidSerial(f"expected a serial of 16 digits, got {digits!r}")
        return cls(int(digits[:8]), int(digits[8:]))

    def __str__(self) -> str:
        return f"{self.batch:08d}{self.index:08d}"

    @property
    def readable(self) -> str:
        """For people: `0000 0001 0000 0042`."""
        digits = str(self)
        return " ".join(digits[at : at + 4] for at in range(0, 16, 4))
