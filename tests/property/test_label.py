"""Round trips of every codec of the label, and biip as an independent reader of GTINs and Digital Links."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import string

import pytest
from biip import ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gtin import Gtin as BiipGtin
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from nacl.signing import VerifyKey

from traceqr.label.format import InvalidLabel, Label
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.label.host import InvalidOrigin, Origin
from traceqr.label.seal import MAX_KEY, MAX_PLEDGE, InvalidSeal, Seal, message
from traceqr.label.serial import MAX_BATCH, MAX_INDEX, InvalidSerial, Serial

PRIVATE = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"test key, worth nothing").digest())
PUBLIC = VerifyKey(PRIVATE.public_key().public_bytes_raw())

unhurried = settings(deadline=None)
"""A slow machine is no finding."""

DIGIT = st.sampled_from("0123456789")


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(DIGIT, min_size=count, max_size=count)


def with_check_digit(payload: str) -> str:
    """By the rule of the GS1 General Specifications, section 7.9: weights 3, 1, 3, ... from the left of 13 digits."""
    weighted = sum(int(digit) * weight for digit, weight in zip(payload, (3, 1) * 6 + (3,), strict=True))
    return payload + str(-weighted % 10)


gtins = digits(13).map(with_check_digit).map(Gtin)
serials = st.builds(Serial, st.integers(1, MAX_BATCH), st.integers(0, MAX_INDEX))
seals = st.builds(Seal, st.integers(0, MAX_KEY), st.integers(0, MAX_PLEDGE), st.binary(min_size=64, max_size=64))

_LETTER_OR_DIGIT = string.ascii_lowercase + string.digits
_dns_labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
_names = (
    st.lists(_dns_labels, min_size=1, max_size=6)
    .map(".".join)
    .filter(lambda name: len(name) <= 253)
    .filter(lambda name: not name.split(".")[-1].isdigit() and not name.split(".")[-1].startswith("0x"))
)
_addresses = st.ip_addresses(v=4).map(str)
_PRIVATE_NETWORKS = [
    ipaddress.IPv4Network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
]
_private_addresses = st.sampled_from(_PRIVATE_NETWORKS).flatmap(
    lambda network: st.ip_addresses(network=network).map(str)
)


def _with_port(scheme: str, names: st.SearchStrategy[str], default: int) -> st.SearchStrategy[str]:
    ports = st.integers(1, 65_535).filter(lambda port: port != default).map(lambda port: f":{port}")
    return st.builds(lambda name, port: f"{scheme}://{name}{port}", names, st.just("") | ports)


origins = (
    (_with_port("https", _names | _addresses, 443) | _with_port("http", _private_addresses | st.just("localhost"), 80))
    .flatmap(lambda text: st.sampled_from([text, text.upper()]))
    .map(Origin)
)
labels = st.builds(Label, origins, gtins, serials, seals)


@unhurried
@given(gtins)
def test_gtin(gtin: Gtin) -> None:
    assert Gtin.parse(str(gtin)) == gtin == Gtin.from_trade(gtin.trade)


@unhurried
@given(serials)
def test_serial(serial: Serial) -> None:
    assert Serial.parse(str(serial)) == serial
    assert serial.readable.replace(" ", "") == str(serial)


@unhurried
@given(seals)
def test_seal(seal: Seal) -> None:
    assert len(str(seal)) == 169
    assert Seal.parse(str(seal)) == seal


@unhurried
@given(origins)
def test_origin(origin: Origin) -> None:
    assert Origin.parse(str(origin)) == origin
    assert {origin.upper().host, origin.lower().host} == {origin.host}
    assert Origin.parse(f"{origin.scheme}://{origin.host}") == origin.lower()


@unhurried
@given(labels)
def test_label(label: Label) -> None:
    assert Label.parse(str(label)) == label
    assert str(label) == f"{label.origin}{label.path}"


@unhurried
@given(digits(16))
def test_any_sixteen_digits_are_a_serial_or_name_batch_zero(text: str) -> None:
    if text.startswith("0" * 8):
        with pytest.raises(InvalidSerial, match="expected a batch number"):
            Serial.parse(text)
    else:
        assert str(Serial.parse(text)) == text


@unhurried
@given(digits(169))
@example(f"{2**560 - 1}")
@example(f"{2**560}")
def test_any_169_digits_are_a_seal_or_overflow(text: str) -> None:
    if text < str(2**560):  # equal lengths: the order of digits is the order of numbers
        assert str(Seal.parse(text)) == text
    else:
        with pytest.raises(InvalidSeal, match="below") as caught:
            Seal.parse(text)
        assert caught.value.overflow


@unhurried
@given(st.text())
def test_whatever_parses_is_written_the_same(text: str) -> None:
    """One spelling each, for every text at all."""
    for parse, error in (
        (Gtin.parse, InvalidGtin),
        (Serial.parse, InvalidSerial),
        (Seal.parse, InvalidSeal),
        (Origin.parse, InvalidOrigin),
        (Label.parse, InvalidLabel),
    ):
        try:
            value = parse(text)
        except error:
            continue
        assert str(value) == text


_AROUND_HOSTS = string.ascii_letters + string.digits + ".-:_@%[]/\\ \n\0ſK１。"


@unhurried
@given(st.sampled_from(["https://", "http://", "HTTPS://", "HTTP://"]), st.text(_AROUND_HOSTS, max_size=40))
def test_origins_hold_what_they_say(scheme: str, rest: str) -> None:
    """Whatever is accepted is a plain host and port: nothing that a browser would read as another one."""
    text = scheme + rest
    try:
        origin = Origin.parse(text)
    except InvalidOrigin:
        return
    assert text in (text.lower(), text.upper())
    name, _, port = origin.host.partition(":")
    assert set(name) <= set(_LETTER_OR_DIGIT + ".-")
    assert port == "" or 1 <= int(port) <= 65_535
    last = name.split(".")[-1]
    assert not re.fullmatch("0x[0-9a-f]*", last)
    if last.isdigit():
        assert str(ipaddress.IPv4Address(name)) == name
    if origin.scheme == "http":
        assert name == "localhost" or any(ipaddress.IPv4Address(name) in network for network in _PRIVATE_NETWORKS)


@unhurried
@given(gtins, serials, st.integers(1, MAX_KEY), st.integers(0, MAX_PLEDGE))
def test_what_is_sealed_holds_and_nothing_else_does(gtin: Gtin, serial: Serial, key: int, pledge: int) -> None:
    seal = Seal.parse(str(Seal.sign(PRIVATE, key, pledge, gtin, serial)))
    assert seal.holds(PUBLIC, gtin, serial)
    assert not Seal(key, pledge ^ 1, seal.signature).holds(PUBLIC, gtin, serial)
    assert not Seal(key ^ 2 or 1, pledge, seal.signature).holds(PUBLIC, gtin, serial)
    assert not seal.holds(PUBLIC, gtin, Serial(serial.batch, serial.index ^ 1))


@unhurried
@given(gtins, serials, st.binary(min_size=64, max_size=64), st.integers(0, 511))
def test_openssl_agrees_on_what_holds(gtin: Gtin, serial: Serial, noise: bytes, bit: int) -> None:
    signed = message(1, 0, gtin, serial)
    good = PRIVATE.sign(signed)
    flipped = (int.from_bytes(good, "big") ^ 1 << bit).to_bytes(64, "big")
    for signature in (good, flipped, noise, good[:32] + noise[32:], noise[:32] + good[32:]):
        try:
            PRIVATE.public_key().verify(signature, signed)
            expected = True
        except InvalidSignature:
            expected = False
        assert Seal(1, 0, signature).holds(PUBLIC, gtin, serial) is expected


@unhurried
@given(digits(14))
def test_biip_agrees_on_check_digits(text: str) -> None:
    assume(len(text.lstrip("0")) > 8)  # biip takes shorter ones apart as GTIN-8 and restricted numbers
    try:
        BiipGtin.parse(text)
    except ParseError:
        with pytest.raises(InvalidGtin):
            Gtin.parse(text)
    else:
        assert Gtin.parse(text).digits == text


@unhurried
@given(gtins)
def test_biip_reads_every_gtin(gtin: Gtin) -> None:
    assume(len(gtin.digits.lstrip("0")) > 8)
    assert BiipGtin.parse(gtin.digits).as_gtin_14() == gtin.digits


@unhurried
@given(labels)
def test_biip_reads_a_label_as_a_digital_link(label: Label) -> None:
    assume(len(label.gtin.digits.lstrip("0")) > 8)
    link = GS1DigitalLinkURI.parse(str(label))
    assert {element.ai.ai: element.value for element in link.element_strings} == {
        "01": label.gtin.digits,
        "21": str(label.serial),
    }
