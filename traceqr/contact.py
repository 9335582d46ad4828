"""Contacts of people who report: sealed for the registry, so that a copy of it alone names nobody (AES-256-GCM)."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from traceqr.errors import TraceqrError

_NONCE = 12


class ContactUnreadable(TraceqrError):
    """A contact that was sealed under another secret, or for another report, or was altered."""


@dataclass(frozen=True, slots=True)
class ContactSeal:
    """Seals contacts, and opens them where that is allowed."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: str) -> ContactSeal:
        """Under a key of its own, derived from a secret of the deployment."""
        return cls(HKDF(hashes.SHA256(), 32, salt=None, info=b"traceqr.contact.v1").derive(secret.encode()))

    def seal(self, report_id: str, contact: str) -> str:
        """The contact sealed for one report: no other's row opens it."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(self.key).encrypt(nonce, contact.encode(), report_id.encode())
        return base64.b64encode(nonce + sealed).decode("ascii")

    def open(self, report_id: str, sealed: str) -> str:
        """The contact of a report. Raises `ContactUnreadable`."""
        try:
            octets = base64.b64decode(sealed, validate=True)
            return AESGCM(self.key).decrypt(octets[:_NONCE], octets[_NONCE:], report_id.encode()).decode()
        except (ValueError, InvalidTag) as error:
            raise ContactUnreadable(
                "expected a contact sealed under TRACEQR_CONTACT_KEY (or else TRACEQR_SECRET_KEY) of this deployment,"
                " got one that does not open"
            ) from error
