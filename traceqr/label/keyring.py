"""The public keys that verifiers hold: number, role, windows and status."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from traceqr.errors import TraceqrError
from traceqr.label.seal import MAX_KEY

ALGORITHM = "Ed25519"

# Curve25519's field, and the y coordinates of its points of order 1, 2, 4 and 8 (RFC 7748, section 4.1; the
# points are those with 8 * P = identity). Anyone can sign for such a key, so it proves nothing.
_FIELD = 2**255 - 19
_ORDER_EIGHT_Y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER_Y = frozenset({0, 1, _FIELD - 1, _ORDER_EIGHT_Y, _FIELD - _ORDER_EIGHT_Y})
_CURVE_D = -121665 * pow(121666, -1, _FIELD) % _FIELD


class KeyRefused(TraceqrError):
    """A key that must not be used: of small order, garbled, of another algorithm or with windows that contradict."""


class Role(enum.StrEnum):
    """A key serves one role only.

    HIDDEN is that of hidden roots: secrets without a public part (`label/hidden.py`). No record of this role is made
    or published. A reader knows it all the same, so that a label under a record that claims it is forged.
    """

    LABEL = "label"
    HIDDEN = "hidden"
    LEDGER = "ledger"
    BUNDLE = "bundle"
    PASSPORT = "passport"


class Status(enum.StrEnum):
    """What may still be done with a key."""

    ACTIVE = "active"
    RETIRED = "retired"
    DESTROYED = "destroyed"
    COMPROMISED = "compromised"


@dataclass(frozen=True, slots=True)
class Window:
    """From `from_ms` up to, not including, `to_ms`."""

    from_ms: int
    to_ms: int

    def holds(self, at_ms: int) -> bool:
        """Whether the instant lies inside."""
        return self.from_ms <= at_ms < self.to_ms


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key's record. The record decides the algorithm, never the label."""

    number: int
    role: Role
    octets: bytes
    signing: Window
    verifying: Window
    status: Status = Status.ACTIVE
    compromised_ms: int | None = None
    """The cut-off: the instant of the ledger position as of which the key counts as stolen."""
    algorithm: str = ALGORITHM
    verifier: VerifyKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.number <= MAX_KEY:
            raise KeyRefused(f"expected a key number from 1 to {MAX_KEY}, got {self.number}")
        if self.algorithm != ALGORITHM:
            raise KeyRefused(f"key {self.number}: expected algorithm {ALGORITHM!r}, got {self.algorithm!r}")
        if not self.signing.from_ms < self.signing.to_ms <= self.verifying.to_ms:
            raise KeyRefused(f"key {self.number}: expected a signing window that ends inside the verifying window")
        if (self.status is Status.COMPROMISED) != (self.compromised_ms is not None):
            raise KeyRefused(f"key {self.number}: expected a cut-off exactly when it is compromised")
        _refuse_weak(self.number, self.octets)
        object.__setattr__(self, "verifier", VerifyKey(self.octets))

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is the key's, as strictly as docs/label-format.md asks of a seal."""
        try:
            self.verifier.verify(message, signature)
        except BadSignatureError:
            return False
        return True

    def may_issue(self, at_ms: int) -> bool:
        """Whether new batches may be issued under the key."""
        return self.status is Status.ACTIVE and self.signing.holds(at_ms)

    def may_print(self, at_ms: int) -> bool:
        """Whether labels of existing batches may be printed: a retired key still prints what it has issued."""
        return self.status in (Status.ACTIVE, Status.RETIRED) and self.verifying.holds(at_ms)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys by number, and the numbers whose keys were refused on loading, with the reason."""

    keys: dict[int, PublicKey]
    refused: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, keys: Iterable[PublicKey]) -> Keyring:
        """From records that are already valid."""
        return cls({key.number: key for key in keys})

    def find(self, number: int) -> PublicKey | None:
        """The key, or None when the number was never allotted. Raises `KeyRefused` for a refused one."""
        if number in self.refused:
            raise KeyRefused(f"key {number} was refused: {self.refused[number]}")
        return self.keys.get(number)


def _refuse_weak(number: int, octets: bytes) -> None:
    if len(octets) != 32:
        raise KeyRefused(f"key {number}: expected a public key of 32 bytes, got {len(octets)}")
    y = int.from_bytes(octets, "little") & (2**255 - 1)
    if y >= _FIELD:
        raise KeyRefused(f"key {number}: expected the canonical encoding of a point, got one past the field")
    if y in _SMALL_ORDER_Y:
        raise KeyRefused(f"key {number}: expected a point of large order, got one of small order")
    # x^2 of RFC 8032, section 5.1.3. Without a root the octets are no point: garbled, and no signature could hold.
    x_squared = (y * y - 1) * pow(_CURVE_D * y * y + 1, -1, _FIELD) % _FIELD
    if pow(x_squared, (_FIELD - 1) // 2, _FIELD) != 1:
        raise KeyRefused(f"key {number}: expected a point on the curve, got none")
