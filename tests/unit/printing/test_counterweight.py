from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceqr.printing.counterweight import TARGET, Counterweight


def letters(free: int) -> bytes:
    """Nine letters of four free bits each, and a constant end."""
    return b"<" + bytes(0x40 | free >> 4 * place & 15 for place in range(9)) + b">\n"


WEIGHT = Counterweight(letters, 36)


@given(st.binary(max_size=5_000))
def test_any_file_gets_the_checksum(content: bytes) -> None:
    end = WEIGHT.after(zlib.crc32(content))
    assert zlib.crc32(content + end) == TARGET
    assert len(end) == len(WEIGHT) == 12
    assert (end[:1], end[-2:]) == (b"<", b">\n")
    assert set(end[1:-2]) <= set(b"@ABCDEFGHIJKLMNO")


@given(st.binary(min_size=1, max_size=500), st.data())
def test_damage_is_still_found(content: bytes, data: st.DataObject) -> None:
    whole = bytearray(content + WEIGHT.after(zlib.crc32(content)))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    assert zlib.crc32(whole) != TARGET


def test_an_end_with_too_few_free_bits() -> None:
    with pytest.raises(AssertionError, match="expected 32 independent bits, got 29"):
        Counterweight(lambda free: bytes(0x40 | free >> 4 * place & 15 for place in range(8)) + b"-->", 30)
