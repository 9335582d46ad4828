"""Labels by the thousand, of which all bytes are laid down but the few that differ from label to label."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from traceqr.label.seal import SEAL_DIGITS
from traceqr.label.serial import Serial
from traceqr.label.series import Series, Strip

Octets = NDArray[np.uint8]

CHUNK_BYTES = 1 << 19
"""Bytes of the labels that are filled in together: they stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that differs from label to label: `shape` bytes, of which the first `used` of the last axis do differ.

    `filler` is what the others are. `name` says what goes there.
    """

    name: str
    shape: tuple[int, ...]
    used: int
    filler: int = 0

    @property
    def width(self) -> int:
        """Its bytes in all."""
        return math.prod(self.shape)


INDEX = Slot("index", (8,), 8)
"""The label's index, 8 digits."""

HIGH, LOW = Slot("high", (4,), 4), Slot("low", (4,), 4)
"""Its first and last four digits."""

SEAL = Slot("seal", (SEAL_DIGITS,), SEAL_DIGITS)

Source = Callable[[slice], Octets]
"""What goes into a slot on some labels of a strip: shape (labels, ...), as can be broadcast to that of the slot."""


@dataclass(frozen=True, slots=True)
class Stencil:
    """The bytes of any label, and where it differs from the next: all labels have the same length."""

    content: bytes
    slots: tuple[tuple[int, Slot], ...]

    @classmethod
    def of(cls, parts: Sequence[bytes | Slot]) -> Self:
        """From the pieces of a label in order."""
        content, slots = bytearray(), []
        for part in parts:
            if isinstance(part, Slot):
                slots.append((len(content), part))
            content += bytes([part.filler]) * part.width if isinstance(part, Slot) else part
        return cls(bytes(content), tuple(slots))

    def __len__(self) -> int:
        return len(self.content)

    def filled(self, strip: Strip, others: Mapping[Slot, Source]) -> bytes:
        """The labels of a strip; `others` says what goes into slots beside those of this module."""
        sources = {**_sources(strip), **others}
        count = min(len(strip), max(1, CHUNK_BYTES // len(self)))
        labels = np.tile(np.frombuffer(self.content, np.uint8), (count, 1))
        views = [
            (labels[:, at : at + slot.width].reshape(count, *slot.shape)[..., : slot.used], sources[slot])
            for at, slot in self.slots
        ]
        made = []
        for start in range(0, len(strip), count):
            some = slice(start, min(start + count, len(strip)))
            for view, source in views:
                view[: some.stop - start] = source(some)
            made.append(labels[: some.stop - start].tobytes())
        return b"".join(made)


def text_of(series: Series) -> tuple[bytes | Slot, ...]:
    """What the symbol holds, in pieces."""
    return (series.head.encode("ascii"), INDEX, b"?s=", SEAL)


def readable_of(series: Series) -> tuple[bytes | Slot, ...]:
    """The serial for people, in pieces."""
    return (Serial(series.batch, 0).readable[:10].encode("ascii"), HIGH, b" ", LOW)


def _sources(strip: Strip) -> dict[Slot, Source]:
    indices = np.arange(strip.first, strip.first + len(strip))[:, None]
    digits = (indices // 10 ** np.arange(7, -1, -1) % 10 + ord("0")).astype(np.uint8)

    def seals(some: slice) -> Octets:
        return np.frombuffer("".join(strip.seals[some]).encode("ascii"), np.uint8).reshape(-1, SEAL_DIGITS)

    return {
        INDEX: lambda some: digits[some],
        HIGH: lambda some: digits[some, :4],
        LOW: lambda some: digits[some, 4:],
        SEAL: seals,
    }
