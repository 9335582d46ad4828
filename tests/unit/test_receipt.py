"""Receipts: typed as people type, with every slip of one character noticed."""

from __future__ import annotations

import pytest

from traceqr.receipt import ALPHABET, LENGTH, Receipt

RECEIPT = Receipt.drawn(bytes(range(3, 19)))


def test_it_is_spelled_in_groups_and_read_back() -> None:
    assert [len(group) for group in str(RECEIPT).split("-")] == [5, 5, 5, 5]
    assert Receipt.parse(str(RECEIPT)) == RECEIPT


@pytest.mark.parametrize("octets", [b"\0" * 16, b"\xff" * 16, bytes(range(16)), b"o" * 16])
def test_however_it_is_typed(octets: bytes) -> None:
    made = Receipt.drawn(octets)
    loose = str(made).lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert Receipt.parse(f"  {loose} ") == made


def test_every_wrong_character_is_noticed() -> None:
    for place in range(LENGTH):
        for char in set(ALPHABET) - {RECEIPT.plain[place]}:
            assert Receipt.parse(RECEIPT.plain[:place] + char + RECEIPT.plain[place + 1 :]) is None


def test_two_that_changed_places_are_noticed() -> None:
    plain = RECEIPT.plain
    for place in range(LENGTH - 1):
        if plain[place] != plain[place + 1]:
            assert Receipt.parse(plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]) is None


@pytest.mark.parametrize(
    "text", ["", "x", "U" * 20, "0" * 19, "0" * 21, "0" * 10_000, "'; DROP TABLE report; --", "０" * 20, "\0" * 20]
)
def test_what_is_no_receipt(text: str) -> None:
    assert Receipt.parse(text) is None


def test_other_octets_make_other_receipts_and_digests() -> None:
    made = {Receipt.drawn(bytes([at] * 16)) for at in range(256)}
    assert len({each.digest for each in made}) == 256
