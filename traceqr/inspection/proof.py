"""What a device proves itself by: a key of its own on P-256, and ECDSA signatures with SHA-256 (FIPS 186-5) in the form
that browsers give them, r and s of 32 octets each.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from traceqr.errors import TraceqrError

ENTRY = b"traceqr.inspection.v1\0"
DEVICE = b"traceqr.device.v1\0"
"""What stands before that which is signed, so that no signature is good for another thing."""

_SIDE = 32
_SIGNATURE = re.compile("[A-Za-z0-9_-]{86}")
_COORDINATE = re.compile("[A-Za-z0-9_-]{43}")
_POINT = re.compile("04[0-9a-f]{128}")


class InvalidKey(TraceqrError):
    """What is no public key of a device."""


class BrokenSignature(TraceqrError):
    """A signature that the key did not make over this."""


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """The public key of a device: a point on P-256, uncompressed (SEC 1, section 2.3.3), in hex."""

    point: str

    def __post_init__(self) -> None:
        if not _POINT.fullmatch(self.point):
            raise InvalidKey(f"expected an uncompressed point on P-256 in hex, got {self.point[:20]!r}")
        self._loaded()

    @classmethod
    def of_jwk(cls, jwk: Mapping[str, Any]) -> DeviceKey:
        """From a JWK (RFC 7518, section 6.2.1); what else stands in it is not looked at, but for a private part."""
        if (jwk.get("kty"), jwk.get("crv")) != ("EC", "P-256"):
            raise InvalidKey("expected a JWK of kty EC and crv P-256, got another")
        if "d" in jwk:
            raise InvalidKey("expected a public key, got one with its private part")
        return cls("04" + _coordinate(jwk, "x").hex() + _coordinate(jwk, "y").hex())

    def verify(self, signature: str, message: bytes) -> None:
        """Raise `BrokenSignature` unless the key has signed the message. `signature` is base64url without padding."""
        octets = _octets(signature) if _SIGNATURE.fullmatch(signature) else None
        if octets is None:
            raise BrokenSignature("expected a signature of 64 octets in base64url without padding, got another text")
        r, s = int.from_bytes(octets[:_SIDE]), int.from_bytes(octets[_SIDE:])
        try:
            self._loaded().verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as error:
            raise BrokenSignature("expected a signature by the device's key over this, got another") from error

    def _loaded(self) -> ec.EllipticCurvePublicKey:
        try:
            return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(self.point))
        except ValueError as error:
            raise InvalidKey("expected a point on P-256, got one beside it") from error


def _coordinate(jwk: Mapping[str, Any], name: str) -> bytes:
    given = jwk.get(name)
    octets = _octets(given) if isinstance(given, str) and _COORDINATE.fullmatch(given) else None
    if octets is None:
        raise InvalidKey(f"expected {name} of 32 octets in base64url without padding, got another text")
    return octets


def _octets(text: str) -> bytes | None:
    """The octets of a text in base64url without padding, in its one spelling."""
    octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return octets if base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii") == text else None
