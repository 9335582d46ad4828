"""The second factor: codes by the clock (TOTP, RFC 6238) that are good once, and recovery codes for a lost phone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from traceqr.errors import TraceqrError

STEP_S = 30
DIGITS = 6
ISSUER = "TraceQR"

RECOVERY_CODES = 10
_RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_RECOVERY_LENGTH = 24
"""Characters of 31, typed in six groups: 118 bits, so that nobody finds one from its digest."""

_NONCE = 12


class SecretUnreadable(TraceqrError):
    """The kept secret of a second factor was sealed under another TRACEQR_SECRET_KEY, or was altered."""


def new_secret() -> str:
    """160 random bits in base32, as authenticator apps take them."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """What a phone scans to take the secret in: an `otpauth` address."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S, name=login, issuer=ISSUER).provisioning_uri()


def step_of(secret: str, code: str, now_ms: int) -> int | None:
    """The time step whose code this is, or None. The steps before and after now's are taken too, since clocks differ;
    whoever calls takes each step once, so a code that was looked at over a shoulder is worth nothing.
    """
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    now = now_ms // 1000 // STEP_S
    found = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(totp.generate_otp(step), code)]
    return found[-1] if found else None


def new_recovery_codes() -> list[str]:
    """Codes to write down, each good once: `k7mq-2x9d-...`."""
    drawn = [
        "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    return ["-".join(code[at : at + 4] for at in range(0, _RECOVERY_LENGTH, 4)) for code in drawn]


def recovery_digest(account_id: str, code: str) -> str:
    """What is kept of a recovery code: a digest, however it was spaced or spelled. The codes are long enough to need no
    slow hash.
    """
    plain = "".join(code.split()).replace("-", "").lower()
    return hashlib.sha256(f"traceqr.recovery.v1\n{account_id}\n{plain}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals the secrets of second factors for the registry, so that a copy of it alone makes no codes (AES-256-GCM)."""

    key: bytes

    @classmethod
    def of(cls, secret_key: str) -> Vault:
        """Under a key of its own, derived from the deployment's secret."""
        derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"traceqr.second-factor.v1").derive(secret_key.encode())
        return cls(derived)

    def seal(self, account_id: str, secret: str) -> str:
        """The secret sealed for one account: no other's row opens it."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(self.key).encrypt(nonce, secret.encode(), account_id.encode())
        return base64.b64encode(nonce + sealed).decode("ascii")

    def open(self, account_id: str, sealed: str) -> str:
        """Raises `SecretUnreadable`."""
        try:
            octets = base64.b64decode(sealed, validate=True)
            opened = AESGCM(self.key).decrypt(octets[:_NONCE], octets[_NONCE:], account_id.encode())
        except (ValueError, InvalidTag) as error:
            raise SecretUnreadable(
                "expected the secret of a second factor under this TRACEQR_SECRET_KEY, got one that does not open:"
                " give the account its access anew"
            ) from error
        return opened.decode()
