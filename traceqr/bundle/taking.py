"""Taking a manifest and its parts: sections 4 of the format. What fails leaves the holder with what it had."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from traceqr.bundle.envelope import Envelope
from traceqr.bundle.manifest import Manifest, PartEntry
from traceqr.bundle.part import Part
from traceqr.bundle.reading import Malformed
from traceqr.bundle.refusal import BundleRefused
from traceqr.bundle.scope import Scope
from traceqr.instant import to_iso
from traceqr.label.keyring import KeyRefused, Keyring, PublicKey, Role, Status


@dataclass(frozen=True, slots=True)
class Taken:
    """A manifest that was taken, with the octets that it came as: the file."""

    manifest: Manifest
    octets: bytes


def take_manifest(octets: bytes, *, trusted: Keyring, scope: Scope, held: Taken | None, at_ms: int) -> Taken:
    """The seven steps, on a file. `trusted` are the keys that were published when the device was set up, `held` what it
    has of the scope, whose own keys are trusted too. Raises `BundleRefused`.
    """
    # 1. form
    try:
        envelope = Envelope.split(octets)
        manifest = Manifest.parse(envelope.manifest)
    except Malformed as error:
        raise BundleRefused("bundle-malformed", str(error)) from error
    # 2. key
    key = _trusted_key(envelope.key, _together(trusted, held))
    # 3. signature
    if not key.has_signed(envelope.message, envelope.signature):
        raise BundleRefused(
            "bundle-seal-broken", f"expected a signature by key {key.number}, got one that does not hold"
        )
    # 4. window
    if not key.signing.holds(manifest.made_ms):
        raise BundleRefused(
            "bundle-key-window", f"expected it made in the signing window of key {key.number}, not {_made(manifest)}"
        )
    # 5. scope
    if manifest.scope != scope:
        raise BundleRefused("bundle-scope", f"expected scope {scope}, got {manifest.scope}")
    # 6. version
    _require_not_older(manifest, octets, held)
    # 7. expiry
    if manifest.expires_ms <= at_ms:
        raise BundleRefused(
            "bundle-expired", f"expected one that is in force, got one up to {to_iso(manifest.expires_ms)}"
        )
    return Taken(manifest, octets)


def take_part(manifest: Manifest, digest: str, octets: bytes) -> Part:
    """A part that the manifest names by its digest. Raises `BundleRefused`."""
    entry = next((part for part in manifest.parts if part.digest == digest), None)
    if entry is None or len(octets) != entry.size or hashlib.sha256(octets).hexdigest() != digest:
        raise BundleRefused("part-altered", f"expected a part of digest {digest[:64]!r} that the manifest names")
    try:
        part = Part.parse(octets)
        _require_as_named(part, entry, manifest)
    except Malformed as error:
        raise BundleRefused("part-malformed", str(error)) from error
    return part


def _together(trusted: Keyring, held: Taken | None) -> Keyring:
    """What a manifest that was taken says of a key, goes before what was known of it when the device was set up."""
    if held is None:
        return trusted
    later = held.manifest.keyring
    keys: Mapping[int, PublicKey] = {number: key for number, key in trusted.keys.items() if number not in later.refused}
    refused = {number: why for number, why in trusted.refused.items() if number not in later.keys}
    return Keyring({**keys, **later.keys}, {**refused, **later.refused})


def _trusted_key(number: int, keyring: Keyring) -> PublicKey:
    try:
        key = keyring.find(number)
    except KeyRefused as error:
        raise BundleRefused("bundle-key-unknown", str(error)) from error
    if key is None or key.role is not Role.BUNDLE or key.status not in (Status.ACTIVE, Status.RETIRED):
        raise BundleRefused("bundle-key-unknown", f"expected a key for bundles that is trusted, got number {number}")
    return key


def _require_not_older(manifest: Manifest, octets: bytes, held: Taken | None) -> None:
    if held is None or held.manifest.scope != manifest.scope:
        return
    known = held.manifest.version
    if manifest.version < known or (manifest.version == known and octets != held.octets):
        raise BundleRefused(
            "bundle-older", f"expected a version after {known}, or the same file, got {manifest.version}"
        )


def _require_as_named(part: Part, entry: PartEntry, manifest: Manifest) -> None:
    named = (entry.gtin, entry.enterprise, entry.region, entry.batches)
    got = (
        part.product.gtin,
        part.enterprise.uscc,
        part.enterprise.region,
        tuple(batch.number for batch in part.batches),
    )
    if named != got:
        raise Malformed(f"expected GTIN, enterprise, region and batches {named}, got {got}")
    recalls = {recall.id for recall in manifest.recalls}
    if any(recall not in recalls for batch in part.batches for _, _, recall in batch.recalls):
        raise Malformed("expected recalls of the manifest, got another")


def _made(manifest: Manifest) -> str:
    return to_iso(manifest.made_ms)
