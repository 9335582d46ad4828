"""The device cookie: 128 random bits and a tag that only this deployment can make.

It tells one browser's second look from another browser's first. What is stored is an HMAC of it under a key of the
deployment: a copy of the registry names no device.
"""

from __future__ import annotations

import binascii
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from werkzeug.wrappers import Response

MAX_AGE = 400 * 86_400
"""Seconds: the longest that browsers keep a cookie."""

_BYTES = 16
_TAG = 16
_LENGTH = 43
"""Characters of 32 bytes in base64 without padding."""

# The alphabet of RFC 4648, section 5. A character of the other alphabet is none of ours, and becomes one of neither.
_LAST = frozenset("AEIMQUYcgkosw048")
_FROM_URL, _TO_URL = str.maketrans("-_+/", "+/!!"), str.maketrans("+/", "-_")


def derive(secret: str, purpose: bytes) -> bytes:
    """A key of 32 bytes for one purpose, by HKDF-SHA-256 (RFC 5869)."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"traceqr.web." + purpose).derive(secret.encode())


@dataclass(frozen=True, slots=True)
class Device:
    """One browser. `stored` is the HMAC that the registry knows it by, in hex."""

    cookie: str
    stored: str


class Devices:
    """Issues and reads device cookies."""

    def __init__(self, secret: str, secure: bool, token_bytes: Callable[[int], bytes]) -> None:
        self._tag_key = derive(secret, b"device.tag.v1")
        self._store_key = derive(secret, b"device.store.v1")
        self._token_bytes = token_bytes
        self._secure = secure
        # The prefix makes browsers refuse the cookie from a sub-domain or over plain HTTP (RFC 6265bis, 4.1.3.2).
        self.name = "__Host-traceqr" if secure else "traceqr"

    def new(self) -> Device:
        """A device never seen before."""
        octets = self._token_bytes(_BYTES)
        encoded = binascii.b2a_base64(octets + self._tag(octets), newline=False).decode("ascii")
        return Device(encoded.rstrip("=").translate(_TO_URL), self._stored(octets))

    def of_account(self, account: str) -> str:
        """What stands for whoever has signed in, whichever browser he uses; no cookie has so many octets."""
        return self._stored(f"account:{account}".encode())

    def read(self, cookies: Mapping[str, str]) -> Device | None:
        """The device of a request, or None unless it carries a cookie that we issued, in its one spelling."""
        cookie = cookies.get(self.name, "")
        # The last character carries four bits: of the four that would decode alike, one is ours.
        if len(cookie) != _LENGTH or not cookie.isascii() or cookie[-1] not in _LAST:
            return None
        try:
            octets = binascii.a2b_base64(cookie.translate(_FROM_URL) + "=", strict_mode=True)
        except ValueError:
            return None
        if not hmac.compare_digest(self._tag(octets[:_BYTES]), octets[_BYTES:]):
            return None
        return Device(cookie, self._stored(octets[:_BYTES]))

    def set(self, response: Response, device: Device) -> None:
        """Let the answer plant the cookie."""
        response.set_cookie(
            self.name, device.cookie, max_age=MAX_AGE, path="/", secure=self._secure, httponly=True, samesite="Lax"
        )

    def _tag(self, octets: bytes) -> bytes:
        return hmac.digest(self._tag_key, octets, "sha256")[:_TAG]

    def _stored(self, octets: bytes) -> str:
        return hmac.digest(self._store_key, octets, "sha256").hex()
