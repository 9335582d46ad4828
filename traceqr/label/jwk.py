"""Public keys as they are published."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from traceqr.label.keyring import KeyRefused, Keyring, PublicKey, Role, Status, Window


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


def from_jwk(record: Mapping[str, Any]) -> PublicKey:
    """The key of a record that has the members of `to_jwk`, each of its kind. Raises `KeyRefused`."""
    number = int(record["kid"])
    try:
        octets = base64.b64decode(record["x"] + "=" * (-len(record["x"]) % 4), altchars=b"-_", validate=True)
        role, status = Role(record["traceqr_role"]), Status(record["traceqr_status"])
    except ValueError as error:
        raise KeyRefused(f"key {number}: its record is garbled") from error
    return PublicKey(
        number=number,
        role=role,
        octets=octets,
        signing=Window(*record["traceqr_signing_ms"]),
        verifying=Window(*record["traceqr_verifying_ms"]),
        status=status,
        compromised_ms=record["traceqr_compromised_ms"],
        algorithm=record["crv"],
    )


def keyring_of(records: Iterable[Mapping[str, Any]]) -> Keyring:
    """The keys of such records. One that must not be used is refused by number, and leaves the others usable."""
    keys: dict[int, PublicKey] = {}
    refused: dict[int, str] = {}
    for record in records:
        try:
            key = from_jwk(record)
        except KeyRefused as error:
            refused[int(record["kid"])] = str(error)
        else:
            keys[key.number] = key
    return Keyring(keys, refused)
