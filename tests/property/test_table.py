"""Whatever the series and its seals, the table encoder's symbols are those of `qrcode` and of segno, and are read."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.unit.symbol.oracles import drawn_by_segno
from tests.unit.symbol.specimens import Rows, decode, host_of, picture_of
from traceqr.label.format import Label
from traceqr.label.gtin import Gtin
from traceqr.label.host import Origin
from traceqr.label.seal import Seal
from traceqr.label.series import Series, Strip
from traceqr.symbol.encode import encode
from traceqr.symbol.segments import segments
from traceqr.symbol.symbol import Level, Symbol, SymbolError
from traceqr.symbol.table import encoder

LONGEST = {
    (Level.L, True): 239,
    (Level.L, False): 160,
    (Level.M, True): 155,
    (Level.M, False): 102,
    (Level.Q, True): 64,
    (Level.Q, False): 40,
}

# Digits by chance, as signatures have them; structure of hypothesis' choice; and long runs of zeros.
seals = st.one_of(
    st.integers(0, 2**32 - 1).map(lambda seed: f"1{random.Random(seed).randrange(10**168):0168d}"),
    st.builds(Seal, st.integers(1, 2**16 - 1), st.integers(0, 2**32 - 1), st.binary(min_size=64, max_size=64)).map(str),
    st.integers(0, 2**560 - 1).map("{:0169d}".format),
)
gtins = st.sampled_from([Gtin.parse(digits) for digits in ("06901234567892", "99999999999997", "00000000000000")])
batches = st.integers(1, 99_999_999)
masks = st.integers(0, 7)


@st.composite
def origins(draw: st.DrawFn, level: Level) -> Origin:
    """Of any length that fits version 10, in both spellings."""
    upper = draw(st.booleans())
    text = f"https://{host_of(draw(st.integers(1, LONGEST[level, upper])))}"
    return Origin.parse(text.upper() if upper else text)


def by_qrcode(label: Label, level: Level, mask: int) -> Rows | None:
    """None for what it cannot make, a block of zeros."""
    try:
        return encode(label, level, mask=mask).modules
    except SymbolError:
        return None


def check(strip: Strip, level: Level, mask: int) -> None:
    """Each symbol of the strip, against both oracles and a reader."""
    table = encoder(strip.series, level, mask)
    event(f"version {table.version}")
    for place, rows in enumerate(table.encode(strip)):
        modules = tuple(bytes(row) for row in np.unpackbits(rows, axis=1)[:, : table.size])
        label = strip.label(place)
        drawn = {
            "qrcode": by_qrcode(label, level, mask),
            "segno": drawn_by_segno(segments(label), table.version, level, mask),
        }
        for name, oracle in drawn.items():
            event(f"{name} compared" if oracle else f"{name} cannot")
            assert oracle is None or modules == oracle, name
        symbol = Symbol(table.version, level, modules)
        assert decode(picture_of(symbol.framed)).text == str(label)


@given(st.data(), st.sampled_from(Level), batches, gtins)
@settings(max_examples=12, deadline=None)
def test_any_layout(data: st.DataObject, level: Level, batch: int, gtin: Gtin) -> None:
    series = Series(data.draw(origins(level)), gtin, batch, key=1, pledge=0)
    for mask in data.draw(st.sets(masks, min_size=2, max_size=2)):
        first = data.draw(st.integers(0, 99_999_999))
        check(Strip(series, first, (data.draw(seals),)), level, mask)


@given(
    st.sampled_from(["HTTPS://A.EXAMPLE", "HTTPS://B.EXAMPLE", "https://a.example"]),
    gtins,
    batches,
    st.integers(0, 99_999_997),
    st.lists(seals, min_size=1, max_size=3),
    masks,
)
@settings(max_examples=60, deadline=None)
def test_any_labels(origin: str, gtin: Gtin, batch: int, first: int, sealed: list[str], mask: int) -> None:
    series = Series(Origin.parse(origin), gtin, batch, key=1, pledge=0)
    check(Strip(series, first, tuple(sealed)), Level.M, mask)
