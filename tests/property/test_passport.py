"""What is sealed is read as the same; whatever comes instead is refused by name; and every thing has a URI."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from support import untp
from support.world import gtin

from traceqr.instant import DAY_MS
from traceqr.label.keyring import Keyring, PublicKey, Role, Window
from traceqr.passport.events import address
from traceqr.passport.facts import Issuer, Term
from traceqr.passport.identity import key_id
from traceqr.passport.proof import Enveloped, NotProven, proven
from traceqr.tracing.thing import MAX_LOT, InvalidThing, Thing

START_MS = 1_788_000_000_000
PRIVATE = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"only for tests").digest())
WINDOW = Window(START_MS, START_MS + 100 * DAY_MS)
KEYRING = Keyring.of([PublicKey(3, Role.PASSPORT, PRIVATE.public_key().public_bytes_raw(), WINDOW, WINDOW)])
ISSUER = Issuer("https://qr.example.org:8443")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2.0**53) + 1, 2.0**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_sealed_and_read_again(more: dict[str, Any]) -> None:
    document = {**more, "issuer": ISSUER.did, **Term(START_MS, START_MS + DAY_MS).members}
    text = str(Enveloped.signed(document, key_id(ISSUER, 3), PRIVATE.sign))
    assert str(Enveloped.parse(text)) == text
    assert proven(text, ISSUER, KEYRING, START_MS) == document


@given(st.text(max_size=60) | st.builds(".".join, st.lists(st.text("abcAZ09-_=", max_size=30), max_size=4)))
def test_whatever_comes_is_refused_by_name(text: str) -> None:
    with pytest.raises(NotProven):
        proven(text, ISSUER, KEYRING, START_MS)


@given(st.text(min_size=1, max_size=MAX_LOT))
def test_every_lot_has_a_uri(lot: str) -> None:
    try:
        thing = Thing.lot(str(gtin()), lot)
    except InvalidThing:
        return
    told = address(ISSUER, thing)
    assert untp.faults(untp.URI, told) == []
    assert told.startswith("https://qr.example.org:8443/01/")
