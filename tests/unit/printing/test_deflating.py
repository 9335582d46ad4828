"""Our streams, unpacked by zlib, which checks codes, copies and checksum."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.symbol.specimens import picture_of
from traceqr.printing.deflating import deflater
from traceqr.symbol.symbol import QUIET_ZONE


def symbols_of(modules: int, count: int, seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Squares of random modules, packed: no symbols, as a stream does not care."""
    bits = np.random.default_rng(seed).integers(0, 2, (count, modules, modules), np.uint8)
    bits[:1] = seed % 2
    return np.packbits(bits, axis=2)


def expected(symbol: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], modules: int, dots: int) -> bytes:
    """The rows of a PNG picture, each after its filter byte."""
    bits = np.unpackbits(symbol, axis=1)[:, :modules]
    picture = picture_of([row.tobytes() for row in np.pad(bits, QUIET_ZONE)], dots)
    light = (np.asarray(picture) > 0).astype(np.uint8)
    padded = np.pad(light, ((0, 0), (0, -light.shape[1] % 8)), constant_values=1)
    return b"".join(b"\0" + row.tobytes() for row in np.packbits(padded, axis=1))


@pytest.mark.parametrize("dots", range(1, 65))
def test_every_number_of_dots(dots: int) -> None:
    symbols = symbols_of(45, 3, dots)
    made = deflater(45, dots).streams(symbols)
    assert made.shape == (3, deflater(45, dots).size)
    for symbol, stream in zip(symbols, made, strict=True):
        unpacking = zlib.decompressobj()
        assert unpacking.decompress(stream.tobytes()) == expected(symbol, 45, dots)
        assert unpacking.eof
        assert unpacking.unused_data == b""


@given(st.integers(1, 10), st.integers(1, 16), st.integers(0, 2**32), st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_every_version(version: int, dots: int, seed: int, count: int) -> None:
    modules = 17 + 4 * version
    symbols = symbols_of(modules, count, seed)
    for symbol, stream in zip(symbols, deflater(modules, dots).streams(symbols), strict=True):
        assert zlib.decompress(stream.tobytes()) == expected(symbol, modules, dots)


@pytest.mark.parametrize("dots", [1, 8, 64])
def test_many_at_a_time_are_as_one_by_one(dots: int) -> None:
    symbols = symbols_of(57, 600, 3)
    made = deflater(57, dots).streams(symbols)
    for at in (0, 1, 255, 256, 599):
        assert np.array_equal(deflater(57, dots).streams(symbols[at : at + 1])[0], made[at])


@pytest.mark.parametrize("dots", [1, 2, 4, 8])
def test_about_as_small_as_zlib_makes_them(dots: int) -> None:
    symbols = symbols_of(45, 2, 1)
    assert deflater(45, dots).size < 1.5 * len(zlib.compress(expected(symbols[1], 45, dots), 9)) + 40
