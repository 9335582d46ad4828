"""The life of a batch's labels as a string of two bits a label, or as runs; and sets of labels as one bit a label.

Label i is in the lowest bits of its octet first, in the manner of the IETF's Token Status List. Strings are kept as
zlib streams, and inflated when they are asked: ten thousand batches of a million labels would be gigabytes.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, groupby, islice, pairwise
from operator import itemgetter

from traceqr.bundle.reading import Malformed
from traceqr.verdict import Life

Run = tuple[int, int]
"""The last label of a run, and its life as a number."""

Range = tuple[int, int]
"""First and last label, both included."""

MOST_RUNS = 64
"""Runs, or ranges, that a publisher writes at most; of more it makes a string of bits."""

LIVES = (Life.ISSUED, Life.ACTIVE, Life.VOID)
NUMBER_OF = {life: number for number, life in enumerate(LIVES)}

_UNUSED = 3
_KEPT = 16
_LEVEL, _WINDOW, _MEMORY = 9, 15, 9
_PAIRS_IN_USE = bytes(octet for octet in range(256) if all(octet >> shift & 3 != _UNUSED for shift in (0, 2, 4, 6)))


@dataclass(frozen=True, slots=True)
class Runs:
    """Lives in runs: each from behind the one before it."""

    runs: tuple[Run, ...]

    def at(self, index: int) -> Life:
        """The life of a label that is below the batch's count."""
        return LIVES[self.runs[bisect_left(self.runs, index, key=itemgetter(0))][1]]


@dataclass(frozen=True, slots=True)
class Bits:
    """Lives as two bits a label: the zlib stream of it."""

    blob: bytes
    count: int

    def at(self, index: int) -> Life:
        """The life of a label that is below the batch's count."""
        return LIVES[_kept(self.blob, octets_of(self.count, 2))[index // 4] >> 2 * (index % 4) & 3]

    def check(self) -> None:
        """Raise `Malformed` unless it inflates to as many octets as there must be, none of them with a life unknown."""
        inflated = inflate(self.blob, octets_of(self.count, 2))
        if inflated.translate(None, _PAIRS_IN_USE) or inflated[-1] >> 2 * ((self.count - 1) % 4 + 1):
            raise Malformed("expected lives 0 to 2 for the labels there are, and 0 behind the last one")


@dataclass(frozen=True, slots=True)
class Ranges:
    """A set of labels in ranges that neither touch nor overlap."""

    ranges: tuple[Range, ...]

    def holds(self, index: int) -> bool:
        """Whether a label is among them."""
        place = bisect_left(self.ranges, index, key=itemgetter(1))
        return place < len(self.ranges) and self.ranges[place][0] <= index


@dataclass(frozen=True, slots=True)
class OneBit:
    """A set of labels as one bit a label: the zlib stream of it."""

    blob: bytes
    count: int

    def holds(self, index: int) -> bool:
        """Whether a label, below the batch's count, is among them."""
        return bool(_kept(self.blob, octets_of(self.count, 1))[index // 8] >> index % 8 & 1)

    def check(self) -> None:
        """Raise `Malformed` unless it inflates to as many octets as there must be, with 0 behind the last label."""
        if inflate(self.blob, octets_of(self.count, 1))[-1] >> (self.count - 1) % 8 + 1:
            raise Malformed("expected 0 behind the last label")


def lives(spans: Iterable[Run]) -> Runs | Bits:
    """From runs that cover a batch in order; neighbours may be alike. Only as many are held as are written as runs."""
    runs = _merged(spans)
    first = list(islice(runs, MOST_RUNS + 1))
    if len(first) <= MOST_RUNS:
        return Runs(tuple(first))
    return _as_bits(first, runs)


def label_set(ranges: Iterable[Range], count: int) -> Ranges | OneBit:
    """From ranges in order, which may touch each other. As with `lives`."""
    joined = _joined(ranges)
    first = list(islice(joined, MOST_RUNS + 1))
    if len(first) <= MOST_RUNS:
        return Ranges(tuple(first))
    bits = bytearray(octets_of(count, 1))
    for low, high in chain(first, joined):
        for index in range(low, high + 1):
            bits[index // 8] |= 1 << index % 8
    return OneBit(deflate(bits), count)


def disjoint(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Ranges in any order as ranges that neither touch nor overlap, in order."""
    return tuple(_joined(sorted(ranges)))


def octets_of(count: int, width: int) -> int:
    """How many octets a string of `width` bits a label takes."""
    return -(-count * width // 8)


def deflate(octets: bytes | bytearray) -> bytes:
    """As a zlib stream, as small as zlib makes it."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY)
    return packer.compress(octets) + packer.flush()


def inflate(blob: bytes, size: int, *, at_most: bool = False) -> bytes:
    """The octets of a zlib stream that ends with the blob. Stops past `size`. Raises `Malformed`."""
    unpacker = zlib.decompressobj()
    try:
        octets = unpacker.decompress(blob, size + 1)
    except zlib.error as error:
        raise Malformed(f"expected a zlib stream: {error}") from error
    if len(octets) > size or (len(octets) < size and not at_most):
        raise Malformed(f"expected a zlib stream of {size:,} octets, got {'more' if len(octets) > size else 'fewer'}")
    if not unpacker.eof or unpacker.unused_data:
        raise Malformed("expected a zlib stream that ends with its blob")
    return octets


@lru_cache(maxsize=_KEPT)
def _kept(blob: bytes, size: int) -> bytes:
    """Inflated, for the next label of the same batch."""
    return inflate(blob, size)


def _merged(runs: Iterable[Run]) -> Iterator[Run]:
    for life, alike in groupby(runs, key=itemgetter(1)):
        last = -1
        for run in alike:
            last = run[0]
        yield last, life


def _joined(ranges: Iterable[Range]) -> Iterator[Range]:
    held: Range | None = None
    for low, high in ranges:
        if held is not None and low <= held[1] + 1:
            held = held[0], max(held[1], high)
            continue
        if held is not None:
            yield held
        held = low, high
    if held is not None:
        yield held


def _as_bits(first: list[Run], more: Iterator[Run]) -> Bits:
    """Filled with the life that most of the first labels have, then the runs of the others are drawn over it."""
    common = _commonest(first)
    bits = bytearray()
    start = 0
    for last, life in chain(first, more):
        bits.extend(bytes([common * 0b01010101]) * (octets_of(last + 1, 2) - len(bits)))
        if life != common:
            _draw(bits, start, last, life)
        start = last + 1
    if start % 4:
        bits[-1] &= (1 << 2 * (start % 4)) - 1
    return Bits(deflate(bits), start)


def _commonest(runs: list[Run]) -> int:
    labels = [0] * len(LIVES)
    for (before, _), (last, life) in pairwise([(-1, 0), *runs]):
        labels[life] += last - before
    return labels.index(max(labels))


def _draw(bits: bytearray, first: int, last: int, life: int) -> None:
    low, high = -(-first // 4), (last + 1) // 4
    if low < high:
        bits[low:high] = bytes([life * 0b01010101]) * (high - low)
        singles = chain(range(first, low * 4), range(high * 4, last + 1))
    else:
        singles = chain(range(first, last + 1))
    for index in singles:
        shift = 2 * (index % 4)
        bits[index // 4] = bits[index // 4] & ~(3 << shift) | life << shift
