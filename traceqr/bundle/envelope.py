"""The file of a manifest: `magic key signature manifest`, and what is signed of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from traceqr.bundle.manifest import MAX_BYTES
from traceqr.bundle.reading import Malformed

MAGIC = b"TQB1"
DOMAIN = b"traceqr.bundle.v1\0"

_SIGNATURE = 64
_HEAD = len(MAGIC) + 2 + _SIGNATURE


@dataclass(frozen=True, slots=True)
class Envelope:
    """A manifest as it is kept and sent, with the number of the key that signed it."""

    key: int
    signature: bytes
    manifest: bytes

    @classmethod
    def signed(cls, key: int, manifest: bytes, sign: Callable[[bytes], bytes]) -> Envelope:
        """Sign a manifest."""
        return cls(key, sign(_message(key, manifest)), manifest)

    @classmethod
    def split(cls, octets: bytes) -> Envelope:
        """From a file. Raises `Malformed`."""
        if octets[: len(MAGIC)] != MAGIC:
            raise Malformed(f"expected a file that begins with {MAGIC.decode()}, got {octets[: len(MAGIC)]!r}")
        if not _HEAD < len(octets) <= _HEAD + MAX_BYTES:
            raise Malformed(f"expected {_HEAD + 1} to {_HEAD + MAX_BYTES:,} octets, got {len(octets):,}")
        key = int.from_bytes(octets[len(MAGIC) : _HEAD - _SIGNATURE], "big")
        return cls(key, octets[_HEAD - _SIGNATURE : _HEAD], octets[_HEAD:])

    def __bytes__(self) -> bytes:
        return MAGIC + self.key.to_bytes(2, "big") + self.signature + self.manifest

    @property
    def message(self) -> bytes:
        """What the signature is over."""
        return _message(self.key, self.manifest)


def _message(key: int, manifest: bytes) -> bytes:
    return DOMAIN + key.to_bytes(2, "big") + manifest
