"""What single bits of the data do to the codewords of a symbol, ISO/IEC 18004, sections 7.4 to 7.6.

A bit of the data is in one codeword, and that in one block: where the bit is changed, that block's codewords of error
correction alone are others. They are reckoned by the `qrcode` library, as those of whole symbols are, which takes a
tenth of the time of drawing the symbol.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qrcode import base, util
from qrcode.base import RSBlock

from traceqr.symbol.encode import data_of
from traceqr.symbol.segments import Segment
from traceqr.symbol.symbol import Level


class Codewords:
    """The codewords of a symbol, data and error correction, as they are placed in it."""

    def __init__(self, parts: Sequence[Segment], version: int, level: Level) -> None:
        data, correction = data_of(parts, level)
        self._blocks: list[RSBlock] = base.rs_blocks(version, correction)
        self.octets = bytes(util.create_data(version, correction, data))
        self.starts = tuple(_starts(data, version))
        """Of each segment the bit of the data with which its text begins."""
        self._places: list[list[int]] = [[] for _ in self._blocks]
        for place, block in enumerate(_interleaved(self._blocks)):
            self._places[block].append(place)

    def change(self, bit: int) -> bytes:
        """What changing a bit of the data does: the codewords, added to those there are."""
        codeword, at = divmod(bit, 8)
        block = 0
        while codeword >= self._blocks[block].data_count:
            codeword -= self._blocks[block].data_count
            block += 1
        made = bytearray(len(self.octets))
        before = [self.octets[place] for place in self._places[block]]
        for place, one, other in zip(self._places[block], before, self._corrected(block, codeword, at), strict=True):
            made[place] = one ^ other
        return bytes(made)

    def _corrected(self, block: int, codeword: int, at: int) -> list[int]:
        """A block in which a bit of a codeword was changed."""
        shape = self._blocks[block]
        buffer = util.BitBuffer()
        buffer.buffer = [self.octets[place] for place in self._places[block][: shape.data_count]]
        buffer.buffer[codeword] ^= 0x80 >> at
        corrected: list[int] = util.create_bytes(buffer, [shape])
        return corrected


def _interleaved(blocks: Sequence[RSBlock]) -> Iterator[int]:
    """The block of each codeword: one of each in turn, as long as it has one, first of data and then of correction."""
    for counts in ([each.data_count for each in blocks], [each.total_count - each.data_count for each in blocks]):
        for turn in range(max(counts)):
            yield from (block for block, count in enumerate(counts) if turn < count)


def _starts(data: Sequence[util.QRData], version: int) -> Iterator[int]:
    buffer = util.BitBuffer()
    for each in data:
        buffer.put(each.mode, 4)
        buffer.put(len(each), util.length_in_bits(each.mode, version))
        yield len(buffer)
        each.write(buffer)
