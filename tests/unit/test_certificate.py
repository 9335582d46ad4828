"""Numbers of certificates: one spelling, and a typing error is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceqr.certificate import MAX_PLEDGE, CertificateNumber, InvalidCertificateNumber, is_code

NUMBERS = st.builds(CertificateNumber, st.from_regex("[A-Z][A-Z0-9]{1,11}", fullmatch=True), st.integers(1, MAX_PLEDGE))
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_a_number() -> None:
    number = CertificateNumber("QM2026", 123)
    assert str(number) == "QM2026-00000123-E"
    assert CertificateNumber.parse("QM2026-00000123-E") == number


def test_the_largest() -> None:
    assert str(CertificateNumber("QM2026", MAX_PLEDGE)).startswith("QM2026-4294967295-")


@given(NUMBERS)
def test_what_is_written_is_read(number: CertificateNumber) -> None:
    assert CertificateNumber.parse(str(number)) == number


@given(NUMBERS, st.data())
def test_one_mistyped_character_is_noticed(number: CertificateNumber, data: st.DataObject) -> None:
    text = str(number)
    place = data.draw(st.sampled_from([at for at, char in enumerate(text) if char != "-"]))
    char = data.draw(st.sampled_from([char for char in ALPHABET if char != text[place]]))
    with pytest.raises(InvalidCertificateNumber):
        CertificateNumber.parse(text[:place] + char + text[place + 1 :])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a certificate number such as QM2026-00000123-E, got ''"),
        ("QM2026-00000123", "expected a certificate number such as"),
        ("QM2026-123-E", "expected a certificate number such as"),
        ("qm2026-00000123-E", "expected a certificate number such as"),
        ("QM2026-00000123-E ", "expected a certificate number such as"),
        ("QM2026-00000123-E\n", "expected a certificate number such as"),
        ("QM2026-０0000123-E", "expected a certificate number such as"),
        ("QM2026-00000123-V", "'QM2026-00000123-V': one of its characters is mistyped"),
        ("QM2026-00000213-E", "one of its characters is mistyped"),
        ("QM2026-000000123-E", "expected the certificate number spelled 'QM2026-00000123-E'"),
        ("QM2026-00000000-0", "expected a pledge number from 1 to 4,294,967,295, got 0"),
        ("QM2026-9999999999-0", "expected a pledge number from 1 to 4,294,967,295"),
    ],
)
def test_what_is_none(text: str, message: str) -> None:
    with pytest.raises(InvalidCertificateNumber, match=message):
        CertificateNumber.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "qm2026-00000123-e",
        " QM2026 - 00000123 - E ",
        "ＱＭ２０２６－０００００１２３－Ｅ",
        "QM2026 00000123 E",
        "QM2026—00000123—E",
    ],
)
def test_as_people_type_it(text: str) -> None:
    assert CertificateNumber.typed(text) == CertificateNumber("QM2026", 123)


def test_typed_without_end() -> None:
    with pytest.raises(InvalidCertificateNumber):
        CertificateNumber.typed("- " * 1_000_000)


@pytest.mark.parametrize(
    ("code", "good"),
    [
        *(("QM2026", True), ("Q1", True)),
        *((code, False) for code in ("Q", "2026", "Q-1", "qm", "A" * 13, "QM\n")),
    ],
)
def test_codes(code: str, good: bool) -> None:
    assert is_code(code) is good
    if not good:
        with pytest.raises(InvalidCertificateNumber, match="expected an edition's code"):
            CertificateNumber(code, 1)
