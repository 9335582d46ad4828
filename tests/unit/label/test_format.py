"""Label texts as a whole: one spelling, read from the raw text."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceqr.errors import TraceqrError
from traceqr.label.format import MAX_PARAMETERS, MAX_TEXT, InvalidLabel, Label
from traceqr.label.gtin import Gtin
from traceqr.label.host import Origin
from traceqr.label.seal import Seal
from traceqr.label.serial import Serial

PRIVATE = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"test key, worth nothing").digest())
GTIN = Gtin.parse("06901234567892")
SERIAL = Serial(1, 42)
SEAL = Seal.sign(PRIVATE, 1, 7, GTIN, SERIAL)
LABEL = Label(Origin.parse("HTTPS://QR.EXAMPLE.ORG"), GTIN, SERIAL, SEAL)
BARE = "HTTPS://QR.EXAMPLE.ORG/01/06901234567892/21/0000000100000042"
TEXT = f"{BARE}?s={SEAL}"


def reason_of(text: str) -> str:
    with pytest.raises(InvalidLabel) as caught:
        Label.parse(text)
    return caught.value.reason


def test_write() -> None:
    assert str(LABEL) == TEXT
    assert LABEL.path == TEXT.removeprefix("HTTPS://QR.EXAMPLE.ORG")


def test_read() -> None:
    assert Label.parse(TEXT) == LABEL


def test_the_two_spellings_of_the_origin() -> None:
    lower = TEXT.replace("HTTPS://QR.EXAMPLE.ORG", "https://qr.example.org")
    label = Label.parse(lower)
    assert str(label) == lower
    assert label.origin.upper() == LABEL.origin


@pytest.mark.parametrize(
    "query",
    ["?s={s}&from=singlemessage&isappinstalled=0", "?from=timeline&s={s}", "?a&s={s}&b=", "?s={s}&a=1&a=2",
     "?s={s}&S=1", "?s={s}&x17=1&17x=1&a.b-c_d~e=1", "?s={s}&t=a=b", "?s={s}&u=https://example.net/?x:y@z",
     "?s={s}&t=%3B17%3D1", "?s={s}&t=!$'()*+,-./:?@[]_~"],
)  # fmt: skip
def test_harmless_parameters_are_dropped(query: str) -> None:
    assert Label.parse(BARE + query.replace("{s}", str(SEAL))) == LABEL


@pytest.mark.parametrize(
    ("query", "reason", "message"),
    [
        ("", "seal-missing", "expected the seal as .s=..., got no query"),
        ("?from=x", "seal-missing", "expected exactly one parameter s, got 0"),
        ("?s={s}&s={s}", "seal-repeated", "expected exactly one parameter s, got 2"),
        ("?s&s={s}&s", "seal-repeated", "expected exactly one parameter s, got 3"),
        ("?s={s}&17=251231", "parameter-numeric", "expected no application identifier beside the seal, got '17'"),
        ("?0=&s={s}", "parameter-numeric", "expected no application identifier beside the seal, got '0'"),
        ("?%73={s}", "parameter-malformed", "expected parameters of plain ASCII"),
        ("?s={s}&%31%37=1", "parameter-malformed", "expected parameters of plain ASCII, got '%31%37=1'"),
        ("?s={s}&１７=1", "parameter-malformed", "expected parameters of plain ASCII"),
        ("?s={s}&a=1;17=251231", "parameter-malformed", "expected parameters of plain ASCII, got 'a=1;17=251231'"),
        ("?s={s}&", "parameter-malformed", "expected parameters of plain ASCII, got ''"),
        ("?", "parameter-malformed", "expected parameters of plain ASCII, got ''"),
        ("?s={s}&=1", "parameter-malformed", "expected parameters of plain ASCII, got '=1'"),
        ('?s={s}&a="', "parameter-malformed", "expected parameters of plain ASCII"),
        ("?s={s}&a=\n", "parameter-malformed", r"expected parameters of plain ASCII, got 'a=\\n'"),
        ("?s=", "seal-malformed", "expected a seal of 169 digits, got 0 characters"),
        ("?s", "seal-malformed", "expected a seal of 169 digits, got 0 characters"),
        ("?s={s}\n", "seal-malformed", "expected a seal of 169 digits, got 170 characters"),
        ("?s={s};17=1", "seal-malformed", "expected a seal of 169 digits, got 174 characters"),
        ("?s=" + "9" * 169, "seal-overflow", "expected a seal whose value is below"),
    ],
)
def test_queries_that_are_refused(query: str, reason: str, message: str) -> None:
    text = BARE + query.replace("{s}", str(SEAL))
    with pytest.raises(InvalidLabel, match=message) as caught:
        Label.parse(text)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "text",
    ["", "https://", "hello", TEXT + "#", TEXT + "#x", TEXT.replace("/01/", "/p/01/"), TEXT.replace("/01/", "//01/"),
     TEXT.replace("?", "/?"), TEXT.replace("/01/", "/1/"), TEXT.replace("/21/", "/10/"), TEXT.replace("://", ":/"),
     TEXT[8:], " " + TEXT, "\n" + TEXT, "\ufeff" + TEXT, TEXT.replace("/", "\\"), "FTP" + TEXT[5:]],
)  # fmt: skip
def test_other_shapes_are_refused(text: str) -> None:
    assert reason_of(text) == "not-a-label"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("06901234567892", "06901234567893", "gtin-check-digit"),
        ("06901234567892", "6901234567892", "gtin-malformed"),
        ("06901234567892", "%306901234567892", "gtin-malformed"),
        ("06901234567892", "０6901234567892", "gtin-malformed"),
        ("06901234567892", "", "gtin-malformed"),
        ("0000000100000042", "000000010000042", "serial-malformed"),
        ("0000000100000042", "0000000000000042", "serial-malformed"),
        ("0000000100000042", "", "serial-malformed"),
        ("HTTPS://QR", "HTTPS://qr", "host-case"),
        ("HTTPS://QR", "HTTPS://Q_R", "host-malformed"),
        ("HTTPS://QR", "HTTP://QR", "http-on-public-host"),
    ],
)
def test_parts_that_are_refused(old: str, new: str, reason: str) -> None:
    assert reason_of(TEXT.replace(old, new)) == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * (MAX_TEXT + 1), "text-too-long"),
        (TEXT.replace("01/", "02/") + "&17=1", "not-a-label"),
        (TEXT.replace("QR", "qr") + "&17=1", "parameter-numeric"),
        (TEXT.replace("QR", "qr").replace("892", "893"), "host-case"),
        (TEXT.replace("892", "893").replace("/0000", "/000"), "gtin-check-digit"),
        (TEXT.replace("/0000", "/000") + "0", "serial-malformed"),
        (TEXT + "0&17=1", "parameter-numeric"),
        (TEXT + "&s=1&17=1", "parameter-numeric"),
    ],
)
def test_the_first_fault_is_named(text: str, reason: str) -> None:
    """In the order of the specification: length, shape, query, origin, GTIN, serial, seal."""
    assert reason_of(text) == reason


def test_limits() -> None:
    assert Label.parse(TEXT + "&a=1" * (MAX_PARAMETERS - 1)) == LABEL
    with pytest.raises(InvalidLabel, match="expected at most 64 parameters, got more"):
        Label.parse(TEXT + "&a=1" * MAX_PARAMETERS)
    padded = f"{TEXT}&a="
    assert Label.parse(padded.ljust(MAX_TEXT, "x")) == LABEL
    with pytest.raises(InvalidLabel, match="expected at most 4096 characters, got 4097"):
        Label.parse(padded.ljust(MAX_TEXT + 1, "x"))


def test_what_the_parts_let_through_the_comparison_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a part's parser were lax one day, decode-encode-compare would still hold the one spelling."""
    original = Seal.parse
    monkeypatch.setattr(Seal, "parse", staticmethod(lambda digits: original(digits.strip())))
    assert Label.parse(TEXT) == LABEL
    with pytest.raises(InvalidLabel, match="expected the one spelling of this label, got another") as caught:
        Label.parse(TEXT + " ")
    assert caught.value.reason == "not-a-label"


def test_messages_hold_no_control_characters() -> None:
    """Error messages reach logs: what came is quoted, never raw."""
    for text in (TEXT + "&a=\r\nINFO forged line", TEXT.replace("892", "89\n"), TEXT.replace("QR", "\x1b[31m")):
        with pytest.raises(InvalidLabel) as caught:
            Label.parse(text)
        assert str(caught.value).isprintable()


def test_the_error_has_the_one_root() -> None:
    assert issubclass(InvalidLabel, TraceqrError)
