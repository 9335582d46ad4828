"""Bytes at the end of a file that bring its CRC-32 to a value chosen beforehand, whatever stands before them.

A CRC is affine over GF(2) (ISO 3309; RFC 1952, section 8): flipping a bit of a file flips always the same bits of its
CRC, those depending only on how far from the end it stands. So 32 bits at the end that may be chosen freely, and whose
flips are linearly independent, bring any CRC to any other; which bits to flip is looked up in tables made once.

A file that was damaged on its way still fails its CRC: nothing is lost of what a CRC is for. It was never a guard
against people; the SHA-256 of a file is.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

TARGET = 0x54524351
"""The CRC-32 of all weighted files: `TRCQ` in ASCII."""


class Counterweight:
    """The end of a file, of constant length, in which some bits are free.

    `end` writes it with those bits as given, so that each bit of the number flips bytes of the end independently of the
    others: `end(a ^ b) == end(a) ^ end(b) ^ end(0)`.
    """

    def __init__(self, end: Callable[[int], bytes], bits: int) -> None:
        blank = end(0)
        self.blank = blank
        self._blank = int.from_bytes(blank, "big")
        flips = [int.from_bytes(end(1 << bit), "big") ^ self._blank for bit in range(bits)]
        columns = [zlib.crc32(end(1 << bit)) ^ zlib.crc32(blank) for bit in range(bits)]
        solved = _solved(columns, flips)
        self._tables = [_table(solved[8 * place : 8 * place + 8]) for place in range(4)]

    def __len__(self) -> int:
        return len(self.blank)

    def after(self, crc: int) -> bytes:
        """The end of a file whose CRC-32 so far is `crc`."""
        missing = zlib.crc32(self.blank, crc) ^ TARGET
        low, second, third, high = self._tables
        flips = low[missing & 255] ^ second[missing >> 8 & 255] ^ third[missing >> 16 & 255] ^ high[missing >> 24]
        return (self._blank ^ flips).to_bytes(len(self.blank), "big")


def _solved(columns: list[int], flips: list[int]) -> list[int]:
    """For each bit of a CRC, what flips it alone, by Gauss's elimination."""
    rows: dict[int, tuple[int, int]] = {}
    for crc, flip in zip(columns, flips, strict=True):
        for bit, (value, change) in rows.items():
            if crc >> bit & 1:
                crc, flip = crc ^ value, flip ^ change
        if crc:
            bit = crc.bit_length() - 1
            for other, (value, change) in rows.items():
                if value >> bit & 1:
                    rows[other] = (value ^ crc, change ^ flip)
            rows[bit] = (crc, flip)
    assert len(rows) == 32, f"expected 32 independent bits, got {len(rows)}"
    return [rows[bit][1] for bit in range(32)]


def _table(flips: list[int]) -> list[int]:
    """All sums of eight flips, by the bits of a byte."""
    sums = [0]
    for flip in flips:
        sums += [each ^ flip for each in sums]
    return sums
