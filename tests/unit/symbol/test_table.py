from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.symbol.oracles import drawn_by_segno
from tests.unit.symbol.specimens import GTIN, PRIVATE, Rows, decode, host_of, picture_of
from traceqr.label.host import Origin
from traceqr.label.serial import MAX_INDEX, InvalidSerial
from traceqr.label.series import Series, Strip
from traceqr.symbol.encode import encode
from traceqr.symbol.segments import cut
from traceqr.symbol.symbol import Level, SymbolError
from traceqr.symbol.table import CHUNK, TableEncoder, encoder

UPPER = Origin.parse("HTTPS://QR.EXAMPLE.ORG")


def series_on(origin: Origin = UPPER, batch: int = 12_345_678) -> Series:
    return Series(origin, GTIN, batch, key=1, pledge=7)


def random_seals(count: int, seed: int = 1) -> tuple[str, ...]:
    """Seals whose digits are random; the first keeps the value below 2^560, so that they are seals."""
    chance = random.Random(seed)
    return tuple(f"1{chance.randrange(10**168):0168d}" for _ in range(count))


def rows_of(symbols: NDArray[np.uint8], place: int) -> Rows:
    """One symbol of an array as rows of modules, a byte each, as `Symbol` has them."""
    size = symbols.shape[1]
    return tuple(bytes(row) for row in np.unpackbits(symbols[place], axis=1)[:, :size])


def assert_equals_qrcode(table: TableEncoder, strip: Strip, level: Level, mask: int, places: Sequence[int]) -> None:
    symbols = table.encode(strip)
    for place in places:
        expected = encode(strip.label(place), level, mask=mask)
        assert table.version == expected.version
        assert rows_of(symbols, place) == expected.modules, f"label {place}, mask {mask}"


def by_segno(strip: Strip, place: int, table: TableEncoder, level: Level, mask: int) -> Rows | None:
    series = strip.series
    parts = cut(str(series.origin), str(series.gtin), strip.serials[place], strip.seals[place])
    return drawn_by_segno(parts, table.version, level, mask)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("origin", ["HTTPS://QR.EXAMPLE.ORG", "https://qr.example.org", "HTTP://127.0.0.1:8000"])
def test_equals_qrcode_and_segno_with_every_mask(origin: str, level: Level) -> None:
    strip = series_on(Origin.parse(origin)).strip(PRIVATE, 41, 43)
    for mask in range(8):
        table = encoder(strip.series, level, mask)
        assert_equals_qrcode(table, strip, level, mask, range(3))
        assert rows_of(table.encode(strip), 1) == by_segno(strip, 1, table, level, mask)


@pytest.mark.parametrize(
    ("level", "upper", "length", "version"),
    [
        (Level.L, True, 2, 6),
        (Level.L, True, 239, 10),
        (Level.L, False, 160, 10),
        (Level.M, True, 24, 7),
        (Level.M, True, 25, 8),
        (Level.M, True, 108, 9),
        (Level.M, True, 109, 10),
        (Level.M, True, 155, 10),
        (Level.M, False, 13, 7),
        (Level.M, False, 43, 8),
        (Level.M, False, 72, 10),
        (Level.Q, True, 4, 8),
        (Level.Q, False, 21, 9),
        (Level.Q, False, 40, 10),
    ],
)
def test_hosts_of_many_lengths(level: Level, upper: bool, length: int, version: int) -> None:
    origin = Origin.parse(f"https://{host_of(length)}")
    strip = Strip(series_on(origin.upper() if upper else origin), 77, random_seals(3, seed=length))
    table = encoder(strip.series, level, 5)
    assert table.version == version
    assert_equals_qrcode(table, strip, level, 5, range(3))
    expected = by_segno(strip, 2, table, level, 5)
    assert expected is None or rows_of(table.encode(strip), 2) == expected


@pytest.mark.parametrize("count", [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1])
def test_every_label_is_its_own_whatever_the_chunks(count: int) -> None:
    strip = Strip(series_on(), 9_500, random_seals(count))
    table = encoder(strip.series, Level.M, 0)
    whole = table.encode(strip)
    assert len(whole) == count
    last = count - 1
    assert_equals_qrcode(table, strip, Level.M, 0, sorted({0, count // 2, max(0, last - 1), last}))
    cut_otherwise = [Strip(strip.series, 9_500 + at, strip.seals[at : at + 700]) for at in range(0, count, 700)]
    assert (np.concatenate([table.encode(part) for part in cut_otherwise]) == whole).all()


def test_no_labels_are_no_symbols() -> None:
    symbols = encoder(series_on(), Level.M, 0).encode(Strip(series_on(), 5, ()))
    assert symbols.shape == (0, 45, 6)
    assert symbols.dtype == np.uint8


@pytest.mark.parametrize("batch", [1, 99, 100, 12_345_678, 99_999_999])
@pytest.mark.parametrize(
    "first", [0, 8, 98, 998, 9_998, 99_998, 999_998, 9_999_998, 10_000_000, 89_999_998, MAX_INDEX - 3]
)
def test_indices_that_carry_over_groups_of_digits(first: int, batch: int) -> None:
    strip = Strip(series_on(batch=batch), first, random_seals(4))
    assert_equals_qrcode(encoder(strip.series, Level.M, 0), strip, Level.M, 0, range(4))


@pytest.mark.parametrize("digits", ["0" * 169, "9" * 169, "0" * 168 + "1", "9" + "0" * 168, "0" * 84 + "9" * 85])
@pytest.mark.parametrize("level", Level)
def test_seals_that_fill_blocks_with_zeros_or_nines(digits: str, level: Level) -> None:
    """`qrcode` makes no block of zeros, so that segno alone is the oracle."""
    strip = Strip(series_on(batch=1), 0, (digits,))
    table = encoder(strip.series, level, 2)
    rows = rows_of(table.encode(strip), 0)
    assert rows == by_segno(strip, 0, table, level, 2)
    assert decode(framed(rows)).text == strip.texts[0]


def framed(rows: Rows) -> object:
    side = bytes(4)
    edge = (bytes(len(rows) + 8),) * 4
    return picture_of((*edge, *(side + row + side for row in rows), *edge))


@pytest.mark.parametrize("mask", range(8))
@pytest.mark.parametrize("level", Level)
def test_a_reader_reads_the_text_the_level_and_the_mask(mask: int, level: Level) -> None:
    strip = series_on().strip(PRIVATE, 99_998, 100_001)
    symbols = encoder(strip.series, level, mask).encode(strip)
    for place, text in enumerate(strip.texts):
        found = decode(framed(rows_of(symbols, place)))
        assert (found.text, found.ec_level, found.extra["DataMask"]) == (text, level, mask)


@pytest.mark.parametrize(
    ("level", "size", "row_bytes"), [(Level.L, 41, 6), (Level.M, 45, 6), (Level.Q, 53, 7)], ids=["6", "7", "9"]
)
def test_rows_are_packed_into_bytes_that_end_in_zeros(level: Level, size: int, row_bytes: int) -> None:
    strip = series_on().strip(PRIVATE, 0, 4)
    table = encoder(strip.series, level, 1)
    symbols = table.encode(strip)
    assert (table.size, table.row_bytes) == (size, row_bytes)
    assert (symbols.shape, symbols.dtype) == ((5, size, row_bytes), np.uint8)
    assert symbols.flags.c_contiguous
    assert not np.unpackbits(symbols, axis=2)[:, :, size:].any()
    # The first row begins with a finder pattern and its separator: seven dark modules, then a light one.
    assert symbols[0, 0, 0] == 0b11111110


def test_the_same_labels_are_the_same_bytes_in_a_new_encoder() -> None:
    strip = series_on().strip(PRIVATE, 0, 9)
    assert TableEncoder(strip.series, Level.M, 4).encode(strip).tobytes() == (
        TableEncoder(strip.series, Level.M, 4).encode(strip).tobytes()
    )


def test_batches_on_hosts_of_one_length_do_not_mix() -> None:
    """They share tables, and nothing else."""
    for origin, batch in (("HTTPS://A.EXAMPLE", 1), ("HTTPS://B.EXAMPLE", 1), ("HTTPS://A.EXAMPLE", 99_999_999)):
        strip = series_on(Origin.parse(origin), batch).strip(PRIVATE, 7, 9)
        assert_equals_qrcode(encoder(strip.series, Level.M, 6), strip, Level.M, 6, range(3))


def test_an_encoder_is_kept() -> None:
    assert encoder(series_on(), Level.M, 0) is encoder(series_on(), Level.M, 0)


def test_threads_share_an_encoder() -> None:
    strips = [Strip(series_on(), 5_000 * seed, random_seals(3_000, seed)) for seed in range(4)]
    table = encoder(series_on(), Level.M, 0)
    expected = [table.encode(strip).tobytes() for strip in strips]
    with ThreadPoolExecutor(4) as threads:
        for _ in range(3):
            assert [symbols.tobytes() for symbols in threads.map(table.encode, strips)] == expected


@pytest.mark.parametrize(
    ("level", "upper", "length"), [(Level.L, True, 240), (Level.M, False, 103), (Level.Q, True, 65)]
)
def test_host_too_long(level: Level, upper: bool, length: int) -> None:
    origin = Origin.parse(f"https://{host_of(length)}")
    expected = f"expected a host that fits .* version 10 at level {level}, got {length} characters.* version 11"
    with pytest.raises(SymbolError, match=expected):
        encoder(series_on(origin.upper() if upper else origin), level, 0)


@pytest.mark.parametrize("mask", [-1, 8])
def test_mask_out_of_range(mask: int) -> None:
    with pytest.raises(SymbolError, match=f"expected a mask from 0 to 7, got {mask}"):
        encoder(series_on(), Level.M, mask)


@pytest.mark.parametrize("batch", [0, 100_000_000])
def test_batch_out_of_range(batch: int) -> None:
    with pytest.raises(InvalidSerial, match=f"expected a batch number .* got {batch}"):
        encoder(series_on(batch=batch), Level.M, 0)


@pytest.mark.parametrize(
    "other",
    [
        series_on(Origin.parse("HTTPS://QR.EXAMPLE.COM")),
        series_on(UPPER.lower()),
        series_on(batch=12_345_679),
    ],
)
def test_strip_of_another_series(other: Series) -> None:
    with pytest.raises(SymbolError, match=f"expected labels of {series_on().head}, got labels of {other.head}"):
        encoder(series_on(), Level.M, 0).encode(Strip(other, 0, random_seals(1)))


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "1" * 168,
        "1" * 170,
        "1" * 168 + "x",
        "/" + "1" * 168,
        ":" + "1" * 168,
        "1" * 168 + "\uff11",
        "1" * 168 + "\u0661",
        "1" * 168 + "\xb2",
        " " * 169,
    ],
)
@pytest.mark.parametrize("place", [0, 3])
def test_seal_that_is_not_169_digits(bad: str, place: int) -> None:
    seals = list(random_seals(4))
    seals[place] = bad
    with pytest.raises(SymbolError, match=f"expected seals of 169 digits, got {bad!r}"):
        encoder(series_on(), Level.M, 0).encode(Strip(series_on(), 0, tuple(seals)))


def test_seals_whose_lengths_even_out() -> None:
    seals = ("1" * 168, "1" * 170)
    with pytest.raises(SymbolError, match=r"expected seals of 169 digits, got '1{168}'"):
        encoder(series_on(), Level.M, 0).encode(Strip(series_on(), 0, seals))


@pytest.mark.parametrize(("first", "count"), [(-1, 1), (MAX_INDEX + 1, 1), (MAX_INDEX, 2), (MAX_INDEX - 2, 4)])
def test_index_out_of_range(first: int, count: int) -> None:
    with pytest.raises(SymbolError, match=f"expected indices from 0 to {MAX_INDEX}, got {count} from {first}"):
        encoder(series_on(), Level.M, 0).encode(Strip(series_on(), first, random_seals(count)))
