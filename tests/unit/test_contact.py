"""Contacts of people who report: nothing of them is read without the key, nor in another report's row."""

from __future__ import annotations

import base64

import pytest

from traceqr.contact import ContactSeal, ContactUnreadable

SEAL = ContactSeal.of("only-for-tests-" * 4)
SAID = "王五 138-0000-0000"


def test_it_is_opened_for_its_report() -> None:
    sealed = SEAL.seal("report-1", SAID)
    assert SEAL.open("report-1", sealed) == SAID
    assert "138" not in base64.b64decode(sealed).decode("latin-1")


def test_the_same_contact_is_sealed_differently_each_time() -> None:
    assert SEAL.seal("report-1", SAID) != SEAL.seal("report-1", SAID)


def test_another_reports_row_does_not_open_it() -> None:
    with pytest.raises(ContactUnreadable):
        SEAL.open("report-2", SEAL.seal("report-1", SAID))


def test_another_secret_does_not_open_it() -> None:
    with pytest.raises(ContactUnreadable, match="TRACEQR_CONTACT_KEY"):
        ContactSeal.of("another-secret-" * 4).open("report-1", SEAL.seal("report-1", SAID))


@pytest.mark.parametrize(
    "sealed", ["", "x", "AAAA", "é", SEAL.seal("r", SAID)[:-4]], ids=["none", "x", "short", "no ASCII", "cut"]
)
def test_what_was_altered_does_not_open(sealed: str) -> None:
    with pytest.raises(ContactUnreadable):
        SEAL.open("r", sealed)


def test_the_key_is_in_no_message() -> None:
    assert repr(SEAL.key) not in repr(SEAL)
