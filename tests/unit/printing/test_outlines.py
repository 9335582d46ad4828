from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.symbol.specimens import GTIN, PRIVATE, host_of, rasterise
from traceqr.label.host import Origin
from traceqr.label.series import Series
from traceqr.printing.outlines import outlines, room
from traceqr.symbol.svg import outline
from traceqr.symbol.symbol import Level, Symbol
from traceqr.symbol.table import encoder


@given(st.integers(1, 10), st.integers(1, 70), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_equal_to_those_made_one_at_a_time(version: int, count: int, seed: int) -> None:
    modules = 17 + 4 * version
    bits = np.random.default_rng(seed).integers(0, 2, (count, modules, modules), np.uint8)
    bits[:1] = seed % 2
    made = list(outlines(np.packbits(bits, axis=2), modules))
    assert len(made) == count
    for square, path in zip(bits, made, strict=True):
        symbol = Symbol(version, Level.M, tuple(row.tobytes() for row in square))
        assert path.decode() == outline(symbol)
        assert rasterise(path.decode(), modules) == symbol.modules


@pytest.mark.parametrize(
    ("length", "level"),
    [(4, "L"), (4, "M"), (4, "Q"), (40, "L"), (40, "M"), (62, "Q"), (100, "M"), (150, "M"), (230, "L")],
)
def test_there_is_room_for_all(length: int, level: str) -> None:
    """Far more than the longest of some labels needs: see `room`."""
    origin = Origin.parse(f"https://{host_of(length)}".upper())
    table = encoder(Series(origin, GTIN, 1, 1, 0), Level(level), 2)
    strip = table.series.strip(PRIVATE, 0, 299)
    lengths = [len(path) for path in outlines(table.encode(strip), table.size)]
    assert max(lengths) + 6 * np.std(lengths) < room(table.size) < 1.35 * np.mean(lengths)
