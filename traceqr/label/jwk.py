"""Public keys as they are published."""

from __future__ import annotations

import base64
from typing import Any

from traceqr.label.keyring import PublicKey


def to_jwk(key: PublicKey) -> dict[str, Any]:
    """The public key as a JWK (RFC 7517, RFC 8037), with TraceQR's own members named `traceqr_*`."""
    return {
        "kty": "OKP",
        "crv": key.algorithm,
        "x": base64.urlsafe_b64encode(key.octets).rstrip(b"=").decode("ascii"),
        "kid": str(key.number),
        "use": "sig",
        "alg": "EdDSA",
        "traceqr_role": str(key.role),
        "traceqr_status": str(key.status),
        "traceqr_signing_ms": [key.signing.from_ms, key.signing.to_ms],
        "traceqr_verifying_ms": [key.verifying.from_ms, key.verifying.to_ms],
        "traceqr_compromised_ms": key.compromised_ms,
    }
