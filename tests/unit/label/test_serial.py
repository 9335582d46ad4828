"""Serials: batch number and label index, 8 digits each."""

from __future__ import annotations

import pytest

from traceqr.label.serial import MAX_BATCH, MAX_COUNT, MAX_INDEX, InvalidSerial, Serial


@pytest.mark.parametrize(
    ("digits", "batch", "index", "readable"),
    [
        ("0000000100000000", 1, 0, "0000 0001 0000 0000"),
        ("0000000100000042", 1, 42, "0000 0001 0000 0042"),
        ("1234567887654321", 12_345_678, 87_654_321, "1234 5678 8765 4321"),
        ("9999999999999999", 99_999_999, 99_999_999, "9999 9999 9999 9999"),
    ],
)
def test_parse_and_write(digits: str, batch: int, index: int, readable: str) -> None:
    serial = Serial.parse(digits)
    assert (serial.batch, serial.index, str(serial), serial.readable) == (batch, index, digits, readable)
    assert serial == Serial(batch, index)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "000000010000000",
        "00000001000000000",
        "000000010000000O",
        "0000000100000000\n",
        " 000000100000000",
        "+000000100000000",
        "0000_00100000000",
        "000000010000000０",
        "000000010000000٠",
        "000000010000000²",
        "%30000000100000000",
    ],
)
def test_anything_but_sixteen_ascii_digits_is_refused(text: str) -> None:
    with pytest.raises(InvalidSerial, match="expected a serial of 16 digits, got "):
        Serial.parse(text)


def test_batch_zero_is_refused() -> None:
    with pytest.raises(InvalidSerial, match="expected a batch number from 1 to 99999999, got 0"):
        Serial.parse("0" * 16)


@pytest.mark.parametrize("batch", [-1, 0, MAX_BATCH + 1])
def test_batch_outside_its_range(batch: int) -> None:
    with pytest.raises(InvalidSerial, match=f"expected a batch number from 1 to 99999999, got {batch}"):
        Serial(batch, 0)


@pytest.mark.parametrize("index", [-1, MAX_INDEX + 1])
def test_index_outside_its_range(index: int) -> None:
    with pytest.raises(InvalidSerial, match=f"expected a label index from 0 to 99999999, got {index}"):
        Serial(1, index)


def test_a_batch_holds_a_hundred_million_labels() -> None:
    assert MAX_COUNT == 100_000_000
