"""The seal: 70 bytes as 169 decimal digits, and the Ed25519 signature (RFC 8032) in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from traceqr.errors import TraceqrError
from traceqr.label.gtin import Gtin
from traceqr.label.serial import Serial

SEAL_BYTES = 70
SEAL_DIGITS = 169
MAX_KEY = 2**16 - 1
MAX_PLEDGE = 2**32 - 1
DOMAIN = b"traceqr.label.v1\0"

_DIGITS = re.compile("[0-9]{169}")
_LIMIT = 2 ** (8 * SEAL_BYTES)


class InvalidSeal(TraceqrError):
    """Not 169 digits of a value below 2^560, or a number that does not fit its field.

    `overflow` tells the right count of digits with too great a value from other faults.
    """

    def __init__(self, message: str, *, overflow: bool = False) -> None:
        super().__init__(message)
        self.overflow = overflow


@dataclass(frozen=True, slots=True)
class Seal:
    """Key number (1 to 65,535), pledge number (0 = none) and the 64 bytes of the signature."""

    key: int
    pledge: int
    signature: bytes

    @classmethod
    def parse(cls, digits: str) -> Seal:
        """From exactly 169 ASCII digits. Raises `InvalidSeal`."""
        if not _DIGITS.fullmatch(digits):
            raise InvalidSeal(f"expected a seal of {SEAL_DIGITS} digits, got {len(digits)} characters")
        value = int(digits)
        if value >= _LIMIT:
            raise InvalidSeal("expected a seal whose value is below 2^560, got a greater one", overflow=True)
        octets = value.to_bytes(SEAL_BYTES, "big")
        return cls(int.from_bytes(octets[:2], "big"), int.from_bytes(octets[2:6], "big"), octets[6:])

    @classmethod
    def sign(cls, private: Ed25519PrivateKey, key: int, pledge: int, gtin: Gtin, serial: Serial) -> Seal:
        """Seal one label. Deterministic: the same label has the same seal each time."""
        return cls(key, pledge, private.sign(message(key, pledge, gtin, serial)))

    def holds(self, public: VerifyKey, gtin: Gtin, serial: Serial) -> bool:
        """Whether the signature is the key's, over this product, serial and pledge.

        By libsodium, which verifies in half the time that OpenSSL takes: a scan's dearest step. It is as strict, and
        refuses an R of small order besides, as docs/label-format.md asks.
        """
        try:
            public.verify(message(self.key, self.pledge, gtin, serial), self.signature)
        except BadSignatureError:
            return False
        return True

    def __str__(self) -> str:
        octets = self.key.to_bytes(2, "big") + self.pledge.to_bytes(4, "big") + self.signature
        return f"{int.from_bytes(octets, 'big'):0{SEAL_DIGITS}d}"


def message(key: int, pledge: int, gtin: Gtin, serial: Serial) -> bytes:
    """The signed bytes. The host is not among them, since a domain can move."""
    if not 1 <= key <= MAX_KEY:
        raise InvalidSeal(f"expected a key number from 1 to {MAX_KEY}, got {key}")
    if not 0 <= pledge <= MAX_PLEDGE:
        raise InvalidSeal(f"expected a pledge number from 0 to {MAX_PLEDGE}, got {pledge}")
    return DOMAIN + key.to_bytes(2, "big") + pledge.to_bytes(4, "big") + f"{gtin}{serial}".encode("ascii")
