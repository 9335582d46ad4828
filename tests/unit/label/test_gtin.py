"""GTINs: 14 digits, check digit right, one spelling."""

from __future__ import annotations

import pytest

from traceqr.errors import TraceqrError
from traceqr.label.gtin import Gtin, InvalidGtin

# The first three are the examples of the GS1 General Specifications; the rest are computed by hand.
VALID = ["09506000134352", "00614141123452", "00000096385074", "06901234567892", "16901234567899", "00000000000000"]


@pytest.mark.parametrize("digits", VALID)
def test_parse(digits: str) -> None:
    gtin = Gtin.parse(digits)
    assert str(gtin) == gtin.digits == digits


@pytest.mark.parametrize("digits", VALID)
def test_every_other_check_digit_is_refused(digits: str) -> None:
    for other in set("0123456789") - {digits[-1]}:
        with pytest.raises(InvalidGtin, match=f"expected check digit {digits[-1]} at the end of .*, got {other}"):
            Gtin.parse(digits[:-1] + other)


@pytest.mark.parametrize("place", range(14))
def test_every_single_altered_digit_is_refused(place: int) -> None:
    digits = "06901234567892"
    for other in set("0123456789") - {digits[place]}:
        with pytest.raises(InvalidGtin, match="expected check digit"):
            Gtin.parse(digits[:place] + other + digits[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "6901234567892",
        "006901234567892",
        "0690123456789X",
        "06901234567892 ",
        " 6901234567892",
        "06901234567892\n",
        "06901234567892\0",
        "0690_234567892",
        "+6901234567892",
        "-6901234567892",
        "０6901234567892",
        "٠6901234567892",
        "0690123456789²",
        "%306901234567892",
        "0.901234567892",
        "1e10",
    ],
)
def test_anything_but_fourteen_ascii_digits_is_refused(text: str) -> None:
    with pytest.raises(InvalidGtin, match="expected a GTIN of 14 digits, got "):
        Gtin.parse(text)


@pytest.mark.parametrize(
    ("printed", "digits", "trade"),
    [
        ("96385074", "00000096385074", "0000096385074"),
        ("614141123452", "00614141123452", "0614141123452"),
        ("6901234567892", "06901234567892", "6901234567892"),
        ("06901234567892", "06901234567892", "6901234567892"),
        ("16901234567899", "16901234567899", "16901234567899"),
    ],
)
def test_from_trade(printed: str, digits: str, trade: str) -> None:
    gtin = Gtin.from_trade(printed)
    assert (gtin.digits, gtin.trade) == (digits, trade)


@pytest.mark.parametrize(
    "text", ["", "690123456789212", "690123456", "12345678901", "６901234567892", "6901234567892\n"]
)
def test_from_trade_refuses_other_lengths_and_digits(text: str) -> None:
    with pytest.raises(InvalidGtin, match="expected a GTIN of 8, 12, 13 or 14 digits, got "):
        Gtin.from_trade(text)


def test_from_trade_checks_the_check_digit() -> None:
    with pytest.raises(InvalidGtin, match="expected check digit 2 at the end of GTIN '06901234567893', got 3"):
        Gtin.from_trade("6901234567893")


def test_the_error_has_the_one_root() -> None:
    assert issubclass(InvalidGtin, TraceqrError)
