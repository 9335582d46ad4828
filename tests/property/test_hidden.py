"""Hidden codes over many values: every single typing error is caught, and nothing has a second spelling."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from traceqr.label.hidden import LIMIT, VALUES, HiddenCode, HiddenRoot, InvalidHiddenCode, MistypedHiddenCode, reduced
from traceqr.label.serial import MAX_BATCH, MAX_INDEX, Serial

unhurried = settings(deadline=None)

secrets = st.binary(min_size=32, max_size=32)
serials = st.builds(Serial, st.integers(1, MAX_BATCH), st.integers(0, MAX_INDEX))
codes = st.integers(0, VALUES - 1).map(lambda value: f"{value:010d}").map(lambda t: t + mod_97_10.calc_check_digits(t))
words = st.integers(0, 2**64 - 1) | st.integers(LIMIT - 3, 2**64 - 1)


@unhurried
@given(codes, st.sampled_from(("", " ", "-")), st.sampled_from(("", " ", "-")))
@example("000000000098", "", "")
@example("999999999951", "-", "-")
def test_round_trip(digits: str, one: str, other: str) -> None:
    code = HiddenCode.parse(f"{digits[:4]}{one}{digits[4:8]}{other}{digits[8:]}")
    assert code.digits == digits
    assert HiddenCode.parse(code.grouped) == code


@unhurried
@given(codes)
def test_every_single_digit_error_is_caught(digits: str) -> None:
    for place in range(12):
        for other in set("0123456789") - {digits[place]}:
            with pytest.raises(MistypedHiddenCode):
                HiddenCode.parse(digits[:place] + other + digits[place + 1 :])


@unhurried
@given(codes)
def test_every_swap_of_neighbours_is_caught(digits: str) -> None:
    for place in range(11):
        swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        if swapped != digits:
            with pytest.raises(MistypedHiddenCode):
                HiddenCode.parse(swapped)


@unhurried
@given(codes)
def test_ten_digits_have_one_check(digits: str) -> None:
    fitting = [check for check in range(100) if _is_taken(f"{digits[:10]}{check:02d}")]
    assert fitting == [int(digits[10:])]


@unhurried
@given(st.text(max_size=16) | st.text("0123456789 -０１９", min_size=11, max_size=15))
def test_nothing_else_is_taken(typed: str) -> None:
    """What is taken has one reading, by a rule stated in another way than the reader's."""
    if not _is_taken(typed):
        return
    bare = typed.replace(" ", "").replace("-", "")
    assert bare.isascii()
    assert mod_97_10.is_valid(bare)
    groups = [bare[:4], bare[4:8], bare[8:]]
    assert typed in {groups[0] + a + groups[1] + b + groups[2] for a in ("", " ", "-") for b in ("", " ", "-")}


def _is_taken(typed: str) -> bool:
    try:
        HiddenCode.parse(typed)
    except InvalidHiddenCode:
        return False
    return True


@unhurried
@given(secrets, serials)
def test_codes_follow_the_specification(secret: bytes, serial: Serial) -> None:
    """Written down once more, from RFC 5869 and RFC 2104."""

    def mac(key: bytes, message: bytes) -> bytes:
        return hmac.new(key, message, hashlib.sha256).digest()

    batch_key = mac(mac(b"", secret), b"traceqr.hidden.batch.v1\0" + str(serial)[:8].encode() + b"\1")
    block = mac(batch_key, b"traceqr.hidden.v1\0" + str(serial).encode())
    word = int.from_bytes(block[:8], "big")
    code = HiddenRoot(1, secret).code(serial)
    if word < LIMIT:  # always, in the life of this test
        assert code.digits[:10] == f"{word % 10**10:010d}"
    assert HiddenRoot(2, secret).codes(serial.batch, serial.index, serial.index) == [code.digits]


@unhurried
@given(st.lists(words, min_size=4, max_size=16).filter(lambda some: len(some) % 4 == 0))
def test_the_first_word_below_the_limit_counts(some: list[int]) -> None:
    octets = b"".join(word.to_bytes(8, "big") for word in [*some, 5, 5, 5, 5])
    blocks = [octets[at : at + 32] for at in range(0, len(octets), 32)]
    assert reduced(blocks) == next(word for word in [*some, 5] if word < LIMIT) % VALUES


@unhurried
@given(secrets, secrets)
def test_a_commitment_tells_roots_apart(one: bytes, other: bytes) -> None:
    assert (HiddenRoot(1, one).commitment == HiddenRoot(2, other).commitment) == (one == other)
