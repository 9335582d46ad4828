"""Seals: 70 bytes as 169 digits, and the Ed25519 signature in them."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.signing import VerifyKey

from traceqr.label.gtin import Gtin
from traceqr.label.seal import MAX_KEY, MAX_PLEDGE, InvalidSeal, Seal, message
from traceqr.label.serial import Serial

PRIVATE = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"test key, worth nothing").digest())
PUBLIC = VerifyKey(PRIVATE.public_key().public_bytes_raw())
GTIN = Gtin.parse("06901234567892")
SERIAL = Serial(1, 42)
L = 2**252 + 27742317777372353535851937790883648493

# RFC 8032, section 7.1: secret key, public key, message, signature.
RFC_8032 = [
    pytest.param(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
        id="test-1",
    ),
    pytest.param(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
        id="test-2",
    ),
    pytest.param(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
        id="test-3",
    ),
    pytest.param(
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
        "3dca179c138ac17ad9bef1177331a704",
        id="test-sha-abc",
    ),
]


@pytest.mark.parametrize(("secret", "public", "text", "signature"), RFC_8032)
def test_signatures_are_those_of_rfc_8032(secret: str, public: str, text: str, signature: str) -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert private.public_key().public_bytes_raw().hex() == public
    assert private.sign(bytes.fromhex(text)).hex() == signature
    VerifyKey(bytes.fromhex(public)).verify(bytes.fromhex(text), bytes.fromhex(signature))


@pytest.mark.parametrize(
    ("key", "pledge", "fields"),
    [
        (1, 0, "000100000000"),
        (258, 16_909_060, "010201020304"),
        (MAX_KEY, MAX_PLEDGE, "ffffffffffff"),
    ],
)
def test_message_byte_for_byte(key: int, pledge: int, fields: str) -> None:
    expected = b"traceqr.label.v1\x00" + bytes.fromhex(fields) + b"06901234567892" + b"0000000100000042"
    assert message(key, pledge, GTIN, SERIAL) == expected
    assert len(expected) == 53


def test_layout_of_the_seventy_bytes() -> None:
    seal = Seal(0x0102, 0x03040506, bytes(range(7, 71)))
    assert int(str(seal)).to_bytes(70, "big") == bytes(range(1, 71))
    assert Seal.parse(str(seal)) == seal


@pytest.mark.parametrize(
    ("digits", "seal"),
    [
        ("0" * 169, Seal(0, 0, bytes(64))),
        ("0" * 168 + "1", Seal(0, 0, bytes(63) + b"\1")),
        (str(2**560 - 1), Seal(MAX_KEY, MAX_PLEDGE, b"\xff" * 64)),
    ],
    ids=["zero", "one", "greatest"],
)
def test_ends_of_the_range(digits: str, seal: Seal) -> None:
    assert len(digits) == 169
    assert Seal.parse(digits) == seal
    assert str(seal) == digits


@pytest.mark.parametrize("value", [2**560, 2**560 + 1, 10**169 - 1])
def test_values_from_2_560_overflow(value: int) -> None:
    with pytest.raises(InvalidSeal, match=r"expected a seal whose value is below 2\^560") as caught:
        Seal.parse(str(value))
    assert caught.value.overflow


GOOD = str(Seal.sign(PRIVATE, 1, 7, GTIN, SERIAL))


@pytest.mark.parametrize(
    "digits",
    [
        "",
        GOOD[:-1],
        GOOD + "0",
        "0" + GOOD,
        GOOD[1:],
        "+" + GOOD[1:],
        "-" + GOOD[1:],
        GOOD[:9] + "_" + GOOD[10:],
        " " + GOOD[1:],
        GOOD[:-1] + " ",
        GOOD + "\n",
        GOOD[:-1] + "\n",
        GOOD + "\0",
        GOOD[:-1] + "０",
        GOOD[:-1] + "٠",
        GOOD[:-1] + "²",
        GOOD[:-1] + "a",
        "0x" + GOOD[2:],
        GOOD[:-3] + "%30",
    ],
)
def test_anything_but_169_ascii_digits_is_refused(digits: str) -> None:
    with pytest.raises(InvalidSeal, match=f"expected a seal of 169 digits, got {len(digits)} characters") as caught:
        Seal.parse(digits)
    assert not caught.value.overflow


def test_signing_is_deterministic_and_holds() -> None:
    seal = Seal.sign(PRIVATE, 1, 7, GTIN, SERIAL)
    assert seal == Seal.sign(PRIVATE, 1, 7, GTIN, SERIAL)
    assert (seal.key, seal.pledge, len(seal.signature)) == (1, 7, 64)
    assert seal.holds(PUBLIC, GTIN, SERIAL)


@pytest.mark.parametrize(
    ("key", "pledge", "gtin", "serial"),
    [
        (2, 7, GTIN, SERIAL),
        (1, 8, GTIN, SERIAL),
        (1, 0, GTIN, SERIAL),
        (1, 7, Gtin.parse("16901234567899"), SERIAL),
        (1, 7, GTIN, Serial(1, 43)),
        (1, 7, GTIN, Serial(2, 42)),
    ],
    ids=["key", "pledge", "no-pledge", "gtin", "index", "batch"],
)
def test_the_signature_covers_everything(key: int, pledge: int, gtin: Gtin, serial: Serial) -> None:
    seal = Seal.sign(PRIVATE, 1, 7, GTIN, SERIAL)
    assert not Seal(key, pledge, seal.signature).holds(PUBLIC, gtin, serial)


def test_every_altered_bit_of_the_signature_breaks_it() -> None:
    seal = Seal.sign(PRIVATE, 1, 7, GTIN, SERIAL)
    value = int.from_bytes(seal.signature, "big")
    altered = (Seal(1, 7, (value ^ 1 << bit).to_bytes(64, "big")) for bit in range(512))
    assert not any(seal.holds(PUBLIC, GTIN, SERIAL) for seal in altered)


@pytest.mark.parametrize("times", range(1, 16))
def test_s_plus_multiples_of_l_is_refused(times: int) -> None:
    seal = Seal.sign(PRIVATE, 1, 7, GTIN, SERIAL)
    s = int.from_bytes(seal.signature[32:], "little") + times * L
    if s >= 2**256:
        pytest.fail("the multiple does not fit: choose a smaller one")
    assert not Seal(1, 7, seal.signature[:32] + s.to_bytes(32, "little")).holds(PUBLIC, GTIN, SERIAL)


def test_another_key_does_not_hold() -> None:
    other = VerifyKey(Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw())
    assert not Seal.sign(PRIVATE, 1, 7, GTIN, SERIAL).holds(other, GTIN, SERIAL)


@pytest.mark.parametrize("key", [-1, 0, MAX_KEY + 1])
def test_key_numbers_that_do_not_fit(key: int) -> None:
    with pytest.raises(InvalidSeal, match=f"expected a key number from 1 to 65535, got {key}"):
        Seal.sign(PRIVATE, key, 0, GTIN, SERIAL)


@pytest.mark.parametrize("pledge", [-1, MAX_PLEDGE + 1])
def test_pledge_numbers_that_do_not_fit(pledge: int) -> None:
    with pytest.raises(InvalidSeal, match=f"expected a pledge number from 0 to 4294967295, got {pledge}"):
        Seal.sign(PRIVATE, 1, pledge, GTIN, SERIAL)
