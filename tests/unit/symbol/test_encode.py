from __future__ import annotations

import pytest

from tests.unit.symbol.specimens import by_segno, decode, label_at, label_on, picture_of
from traceqr.label.format import Label
from traceqr.symbol.encode import encode
from traceqr.symbol.symbol import QUIET_ZONE, Level, Symbol, SymbolError

# (level, upper case, version): the longest host that fits, and so the longest of all for version 10.
LONGEST = {
    (Level.L, True, 6): 42,
    (Level.L, True, 7): 71,
    (Level.L, True, 10): 239,
    (Level.L, False, 6): 25,
    (Level.L, False, 7): 45,
    (Level.L, False, 10): 160,
    (Level.M, True, 7): 24,
    (Level.M, True, 8): 68,
    (Level.M, True, 9): 108,
    (Level.M, True, 10): 155,
    (Level.M, False, 7): 13,
    (Level.M, False, 8): 43,
    (Level.M, False, 9): 71,
    (Level.M, False, 10): 102,
    (Level.Q, True, 8): 4,
    (Level.Q, True, 9): 36,
    (Level.Q, True, 10): 64,
    (Level.Q, False, 9): 21,
    (Level.Q, False, 10): 40,
}


@pytest.mark.parametrize(("case", "length"), LONGEST.items())
def test_longest_host_of_a_version(case: tuple[Level, bool, int], length: int) -> None:
    level, upper, version = case
    assert encode(label_on(length, upper), level, mask=0).version == version
    if version < 10:
        assert encode(label_on(length + 1, upper), level, mask=0).version == version + 1


@pytest.mark.parametrize("length", range(2, 25))
def test_level_m_upper_case_is_45_modules_for_every_host_up_to_24(length: int) -> None:
    assert encode(label_on(length, upper=True), mask=0).size == 45


@pytest.mark.parametrize("length", range(1, 14))
def test_level_m_lower_case_is_45_modules_for_every_host_up_to_13(length: int) -> None:
    assert encode(label_on(length, upper=False), mask=0).size == 45


@pytest.mark.parametrize(
    ("level", "upper", "length"),
    [(level, upper, length + 1) for (level, upper, version), length in LONGEST.items() if version == 10],
)
def test_longer_hosts_are_refused(level: Level, upper: bool, length: int) -> None:
    expected = f"expected a host that fits .* version 10 at level {level}, got {length} characters.* version 11"
    with pytest.raises(SymbolError, match=expected):
        encode(label_on(length, upper), level)


@pytest.mark.parametrize("mask", range(8))
@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("origin", ["HTTPS://QR.EXAMPLE.ORG", "https://qr.example.org", "HTTP://127.0.0.1:8000"])
def test_equals_segno_module_by_module(origin: str, level: Level, mask: int) -> None:
    label = label_at(origin)
    symbol = encode(label, level, mask=mask)
    assert symbol.modules == by_segno(label, symbol, mask)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize("length", [2, 13, 14, 24, 25, 40])
def test_reads_back_with_the_level_and_version_it_reports(length: int, upper: bool, level: Level) -> None:
    label = label_on(length, upper)
    symbol = encode(label, level)
    found = decode(picture_of(symbol.framed))
    assert found.text == str(label)
    assert found.ec_level == level
    assert found.extra["Version"] == str(symbol.version)


def test_default_level_is_m() -> None:
    assert encode(label_at()).level is Level.M


def test_same_label_same_symbol() -> None:
    assert encode(label_at()) == encode(label_at())


def test_mask_is_the_one_asked_for() -> None:
    label = label_at()
    assert [decode(picture_of(encode(label, mask=mask).framed)).extra["DataMask"] for mask in range(8)] == [*range(8)]


@pytest.mark.parametrize("mask", [-1, 8])
def test_mask_out_of_range(mask: int) -> None:
    with pytest.raises(SymbolError, match=f"expected a mask from 0 to 7, got {mask}"):
        encode(label_at(), mask=mask)


def test_seal_of_zeros_is_refused_not_crashed_on() -> None:
    text = str(label_at()).partition("?s=")[0] + "?s=" + "0" * 169
    with pytest.raises(SymbolError, match="expected a seal that was signed"):
        encode(Label.parse(text))


def test_framed_has_a_quiet_zone_of_four_modules() -> None:
    symbol = encode(label_at())
    assert QUIET_ZONE == 4
    rows = symbol.framed
    assert {len(rows)} | {len(row) for row in rows} == {53}
    assert not any(b"".join(rows[:4] + rows[-4:]))
    assert not any(row[:4].strip(b"\0") or row[-4:].strip(b"\0") for row in rows)
    assert tuple(row[4:-4] for row in rows[4:-4]) == symbol.modules


@pytest.mark.parametrize(
    ("version", "modules", "message"),
    [
        (0, (), "expected a QR version from 1 to 10, got 0"),
        (11, (bytes(61),) * 61, "expected a QR version from 1 to 10, got 11"),
        (1, (bytes(21),) * 20, "expected 21 x 21 modules for version 1"),
        (1, (bytes(22),) * 21, "expected 21 x 21 modules for version 1"),
        (1, (b"\2" * 21,) * 21, "expected modules of 0 and 1"),
    ],
)
def test_symbol_that_contradicts_itself(version: int, modules: tuple[bytes, ...], message: str) -> None:
    with pytest.raises(SymbolError, match=message):
        Symbol(version, Level.M, modules)
