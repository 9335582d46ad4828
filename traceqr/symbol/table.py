"""QR symbols by the million: a symbol as an affine map of its digits, looked up in tables and added.

**A symbol is an affine map.** Write a symbol as a vector of bits, one a module, and let addition be XOR: a vector space
over the field of two elements, GF(2). All symbols of one batch have the same version, level, mask and segments of the
same lengths (ISO/IEC 18004, section 7.4). From their data bits x to their modules f(x) there are these steps:

| step | section of ISO/IEC 18004 | as a map of bits |
| --- | --- | --- |
| mode indicators, lengths, terminator, padding | 7.4 | adds bits that do not depend on x |
| Reed-Solomon codewords | 7.5 | linear over GF(256), and each of its constants multiplies linearly over GF(2) |
| interleaving of the blocks | 7.6 | puts bits in another order |
| placement, finder and timing patterns | 7.7, 6.3 | puts bits in their places, adds modules that do not depend on x |
| data mask | 7.8 | adds a pattern that does not depend on x |
| format and version information | 7.9, 7.10 | adds modules that do not depend on x |

Each is linear or adds a constant, so f(x) = A x + c: what one bit of the data does to the modules is the same whatever
the other bits are. Where x and y differ in bit b alone, f(x) + f(y) is column b of A.

**From bits to digits.** A numeric segment writes three digits as 10 bits, and a lone last digit as 4 (section 7.4.3).
So a group of digits of value v has a table T with T[v] the sum of the columns of the bits set in v; T[0] is zero. Then

    f(x) = f(0) + T1[v1] + T2[v2] + ... + T61[v61]

over the four groups of the serial that hold digits of the label's index, and the 57 of the seal. All else is the same
on all labels of a batch and is in f(0). That is 61 rows to look up and to XOR instead of some thousand multiplications
in GF(256), and numpy does it for a thousand labels at a time.

**Where the columns come from.** From the `qrcode` library itself, through `traceqr.symbol.codewords`: what a bit of the
data does to the codewords of its block, and, from a dozen symbols that it draws, where each bit of the codewords goes.
The starting point is not x = 0 but a symbol with the value 1 in every group, as `qrcode` cannot make a block of zeros.
The columns do not depend on the mask nor on what the constant segments say, only on their lengths, so that batches on
the same host share their tables: another batch costs one symbol. The tables of one layout take 15 to 27 MB.

Three digits at a time was measured against a byte at a time (the 71 codewords of the seal, 256 rows each, 5 MB): from
equal to a tenth faster, and nothing has to be packed across the borders of codewords.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from traceqr.label.seal import SEAL_DIGITS
from traceqr.label.serial import MAX_COUNT, Serial
from traceqr.label.series import Series, Strip
from traceqr.symbol.codewords import Codewords
from traceqr.symbol.encode import draw, place, version_of
from traceqr.symbol.segments import Segment, cut
from traceqr.symbol.symbol import Level, Symbol, SymbolError

CHUNK = 1024
"""Labels at a time: what they add up in, and one table, stay in the second-level cache."""

_SERIAL_DIGITS = 16
_SERIAL, _SEAL = 3, 5
"""Which of the segments of a label these are."""

_BATCH_GROUPS = 2
"""Groups of the serial that hold digits of the batch's number alone: the first six of its eight."""

_BITS = {3: 10, 1: 4}
"""Bits of a group of so many digits, ISO/IEC 18004, section 7.4.3."""

_WORD = 8

Rows = NDArray[np.uint64]
"""Symbols in words, one a row: rows of modules packed into bytes, one after the other, zeros up to a whole word."""


class TableEncoder:
    """Symbols of one series at one level and mask, equal to those of `encode` module by module.

    A symbol is `size` rows of `row_bytes` bytes: modules from left to right, most significant bit first, 1 for dark,
    zeros up to the whole byte, and no quiet zone. Safe to share between threads.
    """

    def __init__(self, series: Series, level: Level, mask: int) -> None:
        """Makes the tables: see `encoder`, which does it once."""
        serial = str(Serial(series.batch, 0))
        parts = cut(str(series.origin), str(series.gtin), serial, "0" * SEAL_DIGITS)
        self.series = series
        self.version = version_of(parts, series.origin, level)
        self.size = 17 + 4 * self.version
        self.row_bytes = (self.size + 7) // 8
        self._base = self._at_one(level, mask)
        spelling = "A" if str(series.origin).isupper() else "a"
        self._tables = _tables(spelling * len(str(series.origin)), self.version, level)
        for table in self._tables:
            self._base ^= table[1]  # which leaves f(0)

    def _at_one(self, level: Level, mask: int) -> Rows:
        """The symbol of the series with the value 1 in every group that has a table."""
        batch = f"{self.series.batch:08d}"
        groups = (batch[:3], batch[3:6], *_ONES[_BATCH_GROUPS:])
        parts = _parts(str(self.series.origin), str(self.series.gtin), groups)
        return _packed(draw(parts, self.version, level, mask))

    def encode(self, strip: Strip) -> NDArray[np.uint8]:
        """The symbols of a strip, in an array of shape (labels, size, row_bytes).

        Raises `SymbolError` for a strip of another series, for a seal that is not 169 digits, and for an index above
        99,999,999.
        """
        if strip.series != self.series:
            raise SymbolError(f"expected labels of {self.series.head}, got labels of {strip.series.head}")
        if not 0 <= strip.first <= MAX_COUNT - len(strip):
            raise SymbolError(f"expected indices from 0 to {MAX_COUNT - 1}, got {len(strip)} from {strip.first}")
        symbols = np.empty((len(strip), self.size * self.row_bytes), np.uint8)
        workspace = np.empty((2, min(len(strip), CHUNK), len(self._base)), np.uint64)
        for at in range(0, len(strip), CHUNK):
            values = self._values(strip.first + at, strip.seals[at : at + CHUNK])
            total = self._sum(values, workspace[:, : values.shape[1]])
            symbols[at : at + CHUNK] = total.view(np.uint8)[:, : symbols.shape[1]]
        return symbols.reshape(len(strip), self.size, self.row_bytes)

    def _sum(self, values: NDArray[np.intp], workspace: Rows) -> Rows:
        """The symbols of the labels whose groups have these values, shape (groups, labels)."""
        total: Rows = workspace[0]
        term: Rows = workspace[1]
        total[:] = self._base
        for table, chosen in zip(self._tables, values, strict=True):
            # No value is out of range; `clip` only because numpy copies the whole output where it is to raise.
            np.take(table, chosen, axis=0, out=term, mode="clip")
            np.bitwise_xor(total, term, out=total)
        return total

    def _values(self, first: int, seals: Sequence[str]) -> NDArray[np.intp]:
        """The values of the groups of consecutive labels, shape (groups, labels)."""
        index = np.arange(first, first + len(seals))
        # The third group of the serial holds the batch's last two digits and the index's first.
        heads = (self.series.batch % 100 * 10 + index // 10**7, index // 10**4 % 1000, index // 10 % 1000, index % 10)
        values = np.empty((len(self._tables), len(seals)), np.intp)
        values[: len(heads)] = heads
        values[len(heads) :] = _groups_of(seals)
        return values


@lru_cache(maxsize=2)
def encoder(series: Series, level: Level, mask: int) -> TableEncoder:
    """The encoder of a series, made in a fifth of a second the first time and kept in the process.

    Raises `SymbolError` for a host that needs a version above 10 and for a mask that is not 0 to 7.
    """
    return TableEncoder(series, level, mask)


def _groups_of(seals: Sequence[str]) -> NDArray[np.int16]:
    """The values of each seal's groups of digits, shape (57, labels)."""
    if set(map(len, seals)) != {SEAL_DIGITS}:
        raise _not_seals(seals)
    octets = "".join(seals).encode("ascii", "replace")  # which makes `?` of all that is no digit either
    # One row a digit, so that each group is then made of whole rows.
    digits = np.frombuffer(octets, np.uint8).reshape(-1, SEAL_DIGITS).T - np.uint8(ord("0"))
    if digits.max() > 9:
        raise _not_seals(seals)
    digits = np.ascontiguousarray(digits)
    values = np.empty((SEAL_DIGITS // 3 + 1, len(seals)), np.int16)
    np.multiply(digits[0:-1:3], np.int16(100), out=values[:-1])
    values[:-1] += digits[1:-1:3] * np.int16(10)
    values[:-1] += digits[2:-1:3]
    values[-1] = digits[-1]
    return values


def _not_seals(seals: Sequence[str]) -> SymbolError:
    bad = next(seal for seal in seals if len(seal) != SEAL_DIGITS or not (seal.isascii() and seal.isdigit()))
    return SymbolError(f"expected seals of {SEAL_DIGITS} digits, got {bad!r}")


def _lengths() -> Iterator[int]:
    """Digits of each group of serial and seal, in order."""
    for digits in (_SERIAL_DIGITS, SEAL_DIGITS):
        yield from (min(3, digits - at) for at in range(0, digits, 3))


_LENGTHS = tuple(_lengths())
_SERIAL_GROUPS = -(-_SERIAL_DIGITS // 3)
_ONES = tuple("1".zfill(length) for length in _LENGTHS)
"""The groups of serial and seal, each of value 1."""


def _parts(origin: str, gtin: str, groups: Sequence[str]) -> tuple[Segment, ...]:
    digits = "".join(groups)
    return cut(origin, gtin, digits[:_SERIAL_DIGITS], digits[_SERIAL_DIGITS:])


@lru_cache(maxsize=2)
def _tables(origin: str, version: int, level: Level) -> tuple[Rows, ...]:
    """A table for each group that differs between labels, for all origins of this spelling and length."""
    start = Codewords(_parts(origin, "1" * 14, _ONES), version, level)
    bits = _bits_of_modules(len(start.octets), version, level)
    return tuple(_table([_column(start.change(at), bits) for at in places]) for places in _changed(start))


def _changed(start: Codewords) -> Iterator[list[int]]:
    """Of each group that has a table the bits of the data that write it, the least first."""
    for segment, lengths in ((_SERIAL, _LENGTHS[:_SERIAL_GROUPS]), (_SEAL, _LENGTHS[_SERIAL_GROUPS:])):
        end = start.starts[segment]
        for group, length in enumerate(lengths):
            end += _BITS[length]
            if segment == _SEAL or group >= _BATCH_GROUPS:
                yield list(range(end - 1, end - 1 - _BITS[length], -1))


def _table(columns: Sequence[Rows]) -> Rows:
    """T of a group: a row for each value, the sum of the columns of the bits set in it."""
    table = np.zeros((1, len(columns[0])), np.uint64)
    for column in columns:
        table = np.concatenate((table, table ^ column))
    return table[: 10 ** (1 if len(columns) == _BITS[1] else 3)].copy()


def _column(octets: bytes, bits: NDArray[np.intp]) -> Rows:
    """What a change of codewords does to the modules."""
    return _in_words(np.append(np.unpackbits(np.frombuffer(octets, np.uint8)), np.uint8(0))[bits])


def _bits_of_modules(codewords: int, version: int, level: Level) -> NDArray[np.intp]:
    """For each module the bit of the codewords that it shows, counted from 0, or -1; shape (size, size). It is told by
    symbols in which bit b is set where b + 1 has a certain power of two in it, one for each of the powers.
    """
    blank = _modules(place(bytes(codewords), version, level))
    numbers = np.arange(1, 8 * codewords + 1)
    found = np.zeros(blank.shape, np.intp)
    for power in range(int(numbers[-1]).bit_length()):
        marked = np.packbits((numbers >> power & 1).astype(np.uint8)).tobytes()
        found |= (_modules(place(marked, version, level)) ^ blank).astype(np.intp) << power
    return found - 1


def _packed(symbol: Symbol) -> Rows:
    """One symbol in words."""
    return _in_words(_modules(symbol))


def _modules(symbol: Symbol) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(symbol.modules), np.uint8).reshape(symbol.size, symbol.size)


def _in_words(modules: NDArray[np.uint8]) -> Rows:
    octets = np.packbits(modules, axis=1).ravel()
    return np.pad(octets, (0, -len(octets) % _WORD)).view(np.uint64)
