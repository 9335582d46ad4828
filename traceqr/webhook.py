"""Signed webhooks, in the manner of Standard Webhooks (standardwebhooks.com): what proves that a call comes from us.

A call has three headers: `webhook-id`, the same whenever the same is sent again; `webhook-timestamp`, the second of
this attempt; and `webhook-signature`, an HMAC-SHA-256 over both and the body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from traceqr.errors import TraceqrError

PREFIX = "whsec_"
"""By which people, and programs that look for secrets where they should not be, know one."""

SECRET_BYTES = 32
_NONCE = 12


class SecretUnreadable(TraceqrError):
    """The kept secret of a subscription was sealed under another TRACEQR_SECRET_KEY, or was altered."""


def new_secret() -> str:
    """256 random bits, as receivers' libraries take them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def headers(secret: str, message_id: str, at_s: int, body: bytes) -> Mapping[str, str]:
    """What stands beside a body that is sent at a second since 1970."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{_signature(secret, message_id, at_s, body)}",
    }


def _signature(secret: str, message_id: str, at_s: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{at_s}.".encode() + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode("ascii")


@dataclass(frozen=True, slots=True)
class WebhookSeal:
    """Seals secrets for the registry, so that a copy of it alone signs nothing (AES-256-GCM)."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, secret_key: str) -> WebhookSeal:
        """Under a key of its own, derived from the deployment's secret."""
        return cls(HKDF(hashes.SHA256(), 32, salt=None, info=b"traceqr.webhook.v1").derive(secret_key.encode()))

    def seal(self, subscription_id: str, secret: str) -> str:
        """The secret sealed for one subscription: no other's row opens it."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(self.key).encrypt(nonce, secret.encode(), subscription_id.encode())
        return base64.b64encode(nonce + sealed).decode("ascii")

    def open(self, subscription_id: str, sealed: str) -> str:
        """Raises `SecretUnreadable`."""
        try:
            octets = base64.b64decode(sealed, validate=True)
            return AESGCM(self.key).decrypt(octets[:_NONCE], octets[_NONCE:], subscription_id.encode()).decode()
        except (ValueError, InvalidTag) as error:
            raise SecretUnreadable(
                "expected the secret of a subscription under this TRACEQR_SECRET_KEY, got one that does not open:"
                " renew it"
            ) from error
