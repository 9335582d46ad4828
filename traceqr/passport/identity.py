"""Who issues, for whoever checks: the document behind the issuer's identifier (did:web, DID Core 1.0)."""

from __future__ import annotations

from traceqr.label.jwk import to_jwk
from traceqr.label.keyring import Keyring, PublicKey, Role, Status
from traceqr.passport.facts import Issuer

_CONTEXTS = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"]
_GOOD = (Status.ACTIVE, Status.RETIRED)


def key_id(issuer: Issuer, number: int) -> str:
    """How credentials name a key."""
    return f"{issuer.did}#{number}"


def may_be_trusted(key: PublicKey | None, at_ms: int) -> bool:
    """Whether what a key has signed counts: a key for passports, neither stolen nor destroyed, in its time."""
    return key is not None and key.role is Role.PASSPORT and key.status in _GOOD and key.verifying.holds(at_ms)


def document(issuer: Issuer, keyring: Keyring, at_ms: int) -> dict[str, object]:
    """The document: all keys whose credentials count, and none of another role."""
    good = [keyring.keys[number] for number in sorted(keyring.keys) if may_be_trusted(keyring.keys[number], at_ms)]
    return {
        "@context": _CONTEXTS,
        "id": issuer.did,
        "verificationMethod": [_method(issuer, key) for key in good],
        "assertionMethod": [key_id(issuer, key.number) for key in good],
    }


def _method(issuer: Issuer, key: PublicKey) -> dict[str, object]:
    jwk = to_jwk(key)
    return {
        "id": key_id(issuer, key.number),
        "type": "JsonWebKey",
        "controller": issuer.did,
        "publicKeyJwk": {name: jwk[name] for name in ("kty", "crv", "x", "kid", "use", "alg")},
    }
