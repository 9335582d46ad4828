"""Keys of devices, and what they sign."""

from __future__ import annotations

from typing import Any

import pytest
from support.inspections import Key, base64url

from traceqr.inspection.proof import BrokenSignature, DeviceKey, InvalidKey

KEY = Key()
HELD = DeviceKey.of_jwk(KEY.jwk)
MESSAGE = "数据".encode()
GOOD = KEY.sign(MESSAGE)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def test_what_the_key_has_signed_is_taken() -> None:
    HELD.verify(GOOD, MESSAGE)
    DeviceKey(HELD.point).verify(KEY.sign(MESSAGE), MESSAGE)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        GOOD[:-1],
        GOOD + "=",
        GOOD + "AA",
        GOOD.replace(GOOD[0], "!", 1),
        "A" * 86,
        base64url((0).to_bytes(32) + (1).to_bytes(32)),
        base64url(ORDER.to_bytes(32) + (1).to_bytes(32)),
        base64url(b"\xff" * 64),
        GOOD[:-1] + ("B" if GOOD[-1] != "B" else "C"),
        Key().sign(MESSAGE),
        KEY.sign(MESSAGE + b"\0"),
        KEY.sign_entry("数据"),
    ],
    ids=[
        *("empty", "too short", "padded", "too long", "no base64url", "r of zero and s of zero", "r of zero"),
        *("r of the order", "past all numbers", "another spelling", "another key's", "of another message"),
        "for another purpose",
    ],
)
def test_any_other_signature_is_broken(signature: str) -> None:
    with pytest.raises(BrokenSignature):
        HELD.verify(signature, MESSAGE)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kty": "OKP"}, "kty EC and crv P-256"),
        ({"crv": "P-384"}, "kty EC and crv P-256"),
        ({"d": "AA"}, "got one with its private part"),
        ({"x": KEY.jwk["x"][:-1]}, "expected x of 32 octets"),
        ({"x": KEY.jwk["x"] + "="}, "expected x of 32 octets"),
        ({"y": None}, "expected y of 32 octets"),
        ({"y": 5}, "expected y of 32 octets"),
        ({"x": base64url(bytes(32)), "y": base64url(bytes(32))}, "got one beside it"),
        ({"x": base64url(b"\xff" * 32)}, "got one beside it"),
    ],
)
def test_what_is_no_key_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidKey, match=message):
        DeviceKey.of_jwk({**KEY.jwk, **changes})


@pytest.mark.parametrize(
    "point",
    ["", "02" + HELD.point[2:66], HELD.point.upper(), "00"],
    ids=["empty", "compressed", "upper case", "at infinity"],
)
def test_a_point_in_another_spelling_is_refused(point: str) -> None:
    with pytest.raises(InvalidKey):
        DeviceKey(point)
