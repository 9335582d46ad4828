"""A credential in its envelope: a compact JWS over its canonical JSON (RFC 7515, RFC 8037; VC-JOSE-COSE 1.0, 3.1.1).

It has one spelling, and no other is read: canonical header, canonical payload, base64url without padding.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from traceqr import canonical
from traceqr.errors import TraceqrError
from traceqr.instant import InvalidDate, from_iso
from traceqr.label.keyring import KeyRefused, Keyring
from traceqr.passport.facts import Document, Issuer
from traceqr.passport.identity import key_id, may_be_trusted

MAX_BYTES = 2 * 2**20
"""Of a credential in its envelope: the longest way that a page tells has room, with all that its lines name."""

_SIGNATURE = 64
_HEADER = {"alg": "EdDSA", "cty": "vc", "typ": "vc+jwt"}


class NotProven(TraceqrError):
    """A text that is no credential in its envelope, or one that does not count. `reason` is a stable identifier."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Enveloped:
    """A credential in its envelope. `kid` names the key."""

    kid: str
    payload: bytes
    signature: bytes

    @classmethod
    def signed(cls, document: Document, kid: str, sign: Callable[[bytes], bytes]) -> Enveloped:
        """Sign a credential."""
        payload = canonical.encode(document)
        return cls(kid, payload, sign(_input(kid, payload)))

    @classmethod
    def parse(cls, text: str) -> Enveloped:
        """Read one. Raises `NotProven`."""
        if len(text) > MAX_BYTES or not text.isascii():
            raise NotProven("malformed", f"expected at most {MAX_BYTES:,} characters of ASCII, got {len(text):,}")
        parts = text.split(".")
        if len(parts) != 3:
            raise NotProven("malformed", f"expected three parts with dots between, got {len(parts)}")
        header, payload, signature = map(_octets, parts)
        found = cls(_kid(header), payload, signature)
        _object(payload, "payload")
        if len(signature) != _SIGNATURE:
            raise NotProven("malformed", f"expected a signature of {_SIGNATURE} octets, got {len(signature)}")
        if str(found) != text:
            raise NotProven("malformed", "expected the one spelling of an envelope, got another")
        return found

    def __str__(self) -> str:
        return f"{self.message.decode('ascii')}.{_text(self.signature)}"

    @property
    def message(self) -> bytes:
        """What the signature is over."""
        return _input(self.kid, self.payload)

    @property
    def document(self) -> dict[str, Any]:
        """The credential."""
        return _object(self.payload, "payload")


def proven(text: str, issuer: Issuer, keyring: Keyring, at_ms: int) -> dict[str, Any]:
    """The credential in an envelope, if it counts at an instant. Raises `NotProven`.

    1. The envelope is read in its one spelling.
    2. It names a key of the issuer's, which is for passports, not stolen, and in its time.
    3. The signature holds.
    4. The credential names the same issuer.
    5. It is good at the instant.
    """
    found = Enveloped.parse(text)  # 1
    start, _, number = found.kid.rpartition("#")
    try:  # 2
        key = keyring.find(int(number)) if start == issuer.did and number.isdecimal() else None
    except KeyRefused as error:
        raise NotProven("key-unknown", str(error)) from error
    if key is None or found.kid != key_id(issuer, key.number) or not may_be_trusted(key, at_ms):
        raise NotProven("key-unknown", f"expected a key for passports of {issuer.did}, got {found.kid[:100]!r}")
    if not key.has_signed(found.message, found.signature):  # 3
        raise NotProven("signature", f"expected the signature of key {key.number}, got another")
    document = found.document
    if _issuer(document) != issuer.did:  # 4
        raise NotProven("issuer", f"expected the issuer {issuer.did}, got {str(_issuer(document))[:100]!r}")
    if not _instant(document, "validFrom") <= at_ms < _instant(document, "validUntil"):  # 5
        raise NotProven("out-of-term", "expected a credential that is good now, got one that is not")
    return document


def _issuer(document: Mapping[str, Any]) -> object:
    named = document.get("issuer")
    return named.get("id") if isinstance(named, dict) else named


def _instant(document: Mapping[str, Any], name: str) -> int:
    try:
        return from_iso(str(document.get(name, "")))
    except InvalidDate as error:
        raise NotProven("out-of-term", f"expected an instant as {name}: {error}") from error


def _input(kid: str, payload: bytes) -> bytes:
    header = canonical.encode({**_HEADER, "kid": kid})
    return f"{_text(header)}.{_text(payload)}".encode("ascii")


def _kid(header: bytes) -> str:
    members = _object(header, "header")
    kid = members.get("kid")
    if not isinstance(kid, str) or {**_HEADER, "kid": kid} != members:
        raise NotProven("malformed", "expected a header with alg EdDSA, cty vc, typ vc+jwt and kid, got another")
    return kid


def _object(octets: bytes, what: str) -> dict[str, Any]:
    try:
        value = canonical.decode(octets)
    except canonical.NotCanonical as error:
        raise NotProven("malformed", f"{what}: {error}") from error
    if not isinstance(value, dict):
        raise NotProven("malformed", f"expected an object as {what}, got something else")
    return value


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotProven("malformed", "expected base64url without padding, got something else") from error


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
