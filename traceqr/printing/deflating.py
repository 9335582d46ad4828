"""Symbols as zlib streams (RFC 1950, RFC 1951) of pictures in whole dots: all of one length, a thousand at a time.

A picture of a symbol says little: rows of modules, each repeated in as many rows of dots as a module has. So a row of
modules is written once, byte by byte, and its repetitions are copies of the row before. At a given number of dots a
module only some bytes occur (two at 8 dots: all light, all dark), so all of these get codes of one length, and each
row, and each picture, takes the same number of bits. At 1, 2, 4 and 8 dots pictures come out up to a third larger than
zlib makes them, at others up to about twice; many times as fast, and the same whichever zlib a machine has.

Dots are 1 for light, as in grey PNG pictures of one bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from traceqr.printing.plate import broadened
from traceqr.symbol.symbol import QUIET_ZONE

Octets = NDArray[np.uint8]
Bits = list[int]

CHUNK_BITS = 1 << 22
"""Bits that are laid out together, a byte each."""

_ZLIB_HEADER = b"\x78\x01"
_ADLER = 65_521
_END_OF_BLOCK = 256
_LONGEST = 258
_LIGHT, _FILTER = 0xFF, 0
"""The byte of light dots, and the byte before each row that says it is unfiltered."""

_LENGTH_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
"""Section 3.2.7."""


class Deflater:
    """Streams of symbols of `modules` a side, drawn with quiet zone at `dots` dots a module.

    `side` is the picture's in dots, `size` the bytes of a stream. Safe to share between threads.
    """

    def __init__(self, modules: int, dots: int) -> None:
        self.modules = modules
        self.dots = dots
        self.side = (modules + 2 * QUIET_ZONE) * dots
        self._width = (self.side + 7) // 8
        self._bytes: Octets = broadened(dots) ^ np.uint8(_LIGHT)
        codes = _Codes(self._bytes, self._repeats(QUIET_ZONE), self._repeats(1), self._width + 1)
        self._literal = len(codes.literal(_LIGHT))
        self._codes = np.array(
            [[bit for byte in row for bit in codes.literal(byte)] for row in self._bytes.tolist()], np.uint8
        )
        edge = self._row(codes, QUIET_ZONE)
        row = self._row(codes, 1)
        self._opening = len(codes.header) + len(edge)
        self._row_bits = len(row)
        self._template = np.array(codes.header + edge + row * modules + edge + codes.end, np.uint8)
        self.size = len(_ZLIB_HEADER) + (len(self._template) + 7) // 8 + 4
        self._sums = self._weights()

    def streams(self, symbols: Octets) -> Octets:
        """The streams of symbols as of `TableEncoder.encode`: shape (n, size)."""
        made = np.empty((len(symbols), self.size), np.uint8)
        made[:, : len(_ZLIB_HEADER)] = np.frombuffer(_ZLIB_HEADER, np.uint8)
        count = max(1, CHUNK_BITS // len(self._template))
        for at in range(0, len(symbols), count):
            rows = _framed(symbols[at : at + count])
            made[at : at + count, len(_ZLIB_HEADER) : -4] = self._packed(rows)
            made[at : at + count, -4:] = self._checksums(rows)
        return made

    def _repeats(self, rows: int) -> int:
        """Bytes that repeat the first row of dots of so many equal rows of modules."""
        return (rows * self.dots - 1) * (self._width + 1)

    def _row(self, codes: _Codes, rows: int) -> Bits:
        """Equal rows of modules, all light."""
        literals = codes.literal(_FILTER) + codes.literal(_LIGHT) * self._width
        return literals + codes.copies(self._repeats(rows))

    def _packed(self, rows: Octets) -> Octets:
        bits = np.tile(self._template, (len(rows), 1))
        across = bits[:, self._opening :][:, : self.modules * self._row_bits]
        holes = across.reshape(len(rows), self.modules, self._row_bits)[:, :, self._literal :]
        used = self._width * self._literal
        holes[:, :, :used] = self._codes[rows].reshape(len(rows), self.modules, -1)[:, :, :used]
        return np.packbits(bits, axis=1, bitorder="little")

    def _weights(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For each byte of a row of modules, and each value of it: the sum of its bytes of dots, and that of each times
        its place in the row.
        """
        count = -(-(self.modules + 2 * QUIET_ZONE) // 8)
        places = np.arange(count * self.dots).reshape(count, 1, self.dots)
        values = np.where(places < self._width, self._bytes[None].astype(np.int64), 0)
        return values.sum(axis=2), (values * places).sum(axis=2)

    def _checksums(self, rows: Octets) -> Octets:
        """Adler-32 (RFC 1950, section 9): sum of all bytes, and sum of those sums, without looking at each dot."""
        count, dots, stride = len(rows), self.dots, self._width + 1
        every = np.zeros((count, rows.shape[1] + 2 * QUIET_ZONE, rows.shape[2]), np.uint8)
        every[:, QUIET_ZONE:-QUIET_ZONE] = rows
        which = np.arange(rows.shape[2])
        sums, placed = (table[which, every].sum(axis=2) for table in self._sums)
        length = self.side * stride
        # A byte at place `at` is in `length - at` of the sums of sums, and each row is there `dots` times.
        tops = np.arange(every.shape[1]) * dots * stride
        weights = dots * (length - tops - 1) - stride * dots * (dots - 1) // 2
        first = (1 + dots * sums.sum(axis=1)) % _ADLER
        second = (length + sums @ weights - dots * placed.sum(axis=1)) % _ADLER
        octets: Octets = (second << 16 | first).astype(">u4")[:, None].view(np.uint8)
        return octets


@lru_cache(maxsize=4)
def deflater(modules: int, dots: int) -> Deflater:
    """Made once in a process."""
    return Deflater(modules, dots)


class _Codes:
    """The Huffman codes of such streams (RFC 1951, section 3.2): half of all for literals, half for the rest.

    `header` begins the one block of a stream, `end` ends it.
    """

    def __init__(self, occurring: Octets, edge: int, row: int, stride: int) -> None:
        lengths = [0] * 286
        literals = _padded({_FILTER, *occurring.ravel().tolist()})
        for byte in literals:
            lengths[byte] = len(literals).bit_length()
        copied = {_length(piece)[0] for total in (edge, row) for piece in _pieces(total)}
        others = sorted({_END_OF_BLOCK, *copied})
        for place, symbol in enumerate(others):
            lengths[symbol] = min(place + 2, len(others))
        self._codes = _canonical(lengths)
        distance, extra, self._distance = _distance(stride)
        self._distance_bits = [0, *_number(self._distance, extra)]
        self.header = [1, *_number(2, 2), *_described(lengths, [0] * distance + [1])]
        self.end = self._codes[_END_OF_BLOCK]

    def literal(self, byte: int) -> Bits:
        return self._codes[byte]

    def copies(self, total: int) -> Bits:
        """Copies of what stands a row of dots before, `total` bytes."""
        bits: Bits = []
        for piece in _pieces(total):
            symbol, extra, value = _length(piece)
            bits += self._codes[symbol] + _number(value, extra) + self._distance_bits
        return bits


def _padded(literals: set[int]) -> set[int]:
    """With as many others that their number is a power of two: a set of codes must be complete."""
    wanted = 1 << (len(literals) - 1).bit_length()
    spare = (byte for byte in range(256) if byte not in literals)
    return literals | {next(spare) for _ in range(wanted - len(literals))}


def _pieces(total: int) -> list[int]:
    """A total as lengths of copies, 3 to 258 each; none for a total of none."""
    if not total:
        return []
    whole, rest = divmod(total, _LONGEST)
    if rest >= 3 or not rest:
        return [_LONGEST] * whole + [rest] * (rest > 0)
    return [_LONGEST] * (whole - 1) + [_LONGEST - 3, rest + 3]


def _length(length: int) -> tuple[int, int, int]:
    """The symbol of a copy's length, and how many extra bits follow of what value (section 3.2.5)."""
    if length == _LONGEST:
        return 285, 0, 0
    symbol, base = 257, 3
    while True:
        extra = max(0, (symbol - 261) // 4)
        if length < base + (1 << extra):
            return symbol, extra, length - base
        symbol, base = symbol + 1, base + (1 << extra)


def _distance(distance: int) -> tuple[int, int, int]:
    """The same for how far back a copy is taken from."""
    symbol, base = 0, 1
    while True:
        extra = max(0, symbol // 2 - 1)
        if distance < base + (1 << extra):
            return symbol, extra, distance - base
        symbol, base = symbol + 1, base + (1 << extra)


def _number(value: int, bits: int) -> Bits:
    """Least significant bit first."""
    return [value >> bit & 1 for bit in range(bits)]


def _canonical(lengths: Sequence[int]) -> dict[int, Bits]:
    """Codes by their lengths, most significant bit first (section 3.2.2)."""
    codes, code = {}, 0
    for length in range(1, max(lengths) + 1):
        for symbol, own in enumerate(lengths):
            if own == length:
                codes[symbol] = [code >> bit & 1 for bit in reversed(range(length))]
                code += 1
        code <<= 1
    return codes


def _described(lengths: Sequence[int], distances: Sequence[int]) -> Bits:
    """The lengths of all codes, as a block begins with them (section 3.2.7)."""
    while not lengths[-1]:
        lengths = lengths[:-1]
    runs = list(_runs([*lengths, *distances]))
    used = _padded({symbol for symbol, _ in runs})
    own = [(len(used) - 1).bit_length() if symbol in used else 0 for symbol in range(len(_LENGTH_ORDER))]
    codes = _canonical(own)
    shown = len(_LENGTH_ORDER)
    while not own[_LENGTH_ORDER[shown - 1]]:
        shown -= 1
    bits = _number(len(lengths) - 257, 5) + _number(len(distances) - 1, 5) + _number(shown - 4, 4)
    for symbol in _LENGTH_ORDER[:shown]:
        bits += _number(own[symbol], 3)
    for symbol, extra in runs:
        bits += codes[symbol] + extra
    return bits


def _runs(lengths: Sequence[int]) -> Iterator[tuple[int, Bits]]:
    """Lengths, with runs of zeros, and of others, shortened."""
    at = 0
    while at < len(lengths):
        value, run = lengths[at], 1
        while at + run < len(lengths) and lengths[at + run] == value:
            run += 1
        if not value and run >= 11:
            run = min(run, 138)
            yield 18, _number(run - 11, 7)
        elif not value and run >= 3:
            yield 17, _number(run - 3, 3)
        elif value and run >= 4:
            run = min(run, 7)
            yield value, []
            yield 16, _number(run - 4, 2)
        else:
            run = 1
            yield value, []
        at += run


def _framed(symbols: Octets) -> Octets:
    """Rows of modules with the quiet zone before and after them, packed as before."""
    count, rows, width = symbols.shape
    framed = np.zeros((count, rows, width + 1), np.uint8)
    framed[:, :, :-1] = symbols >> QUIET_ZONE
    framed[:, :, 1:] |= symbols << np.uint8(8 - QUIET_ZONE)
    return framed
