"""The hidden code, under a scratch layer: 12 digits that nobody can tell from the label (docs/label-format.md,
section 13). It is derived from a secret, the hidden root, and never stored.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from traceqr.errors import TraceqrError
from traceqr.label.serial import Serial

SECRET_BYTES = 32
DOMAIN = b"traceqr.hidden.v1\0"

VALUES = 10**10
"""How many values the first ten digits have."""

LIMIT = 2**64 // VALUES * VALUES
"""Words from here on are passed over: below it lie equally many words for each value."""

_WORD_BYTES = 8
_BATCH_INFO = b"traceqr.hidden.batch.v1\0"
_COMMITMENT = b"traceqr.hidden.root.v1\0"
_TYPED = re.compile("([0-9]{4})[ -]?([0-9]{4})[ -]?([0-9]{4})")
_TWELVE_DIGITS = re.compile("[0-9]{12}")


class InvalidHiddenCode(TraceqrError):
    """No hidden code: not 12 digits in groups of four. The message does not repeat what was typed."""


class MistypedHiddenCode(InvalidHiddenCode):
    """12 digits whose last two do not fit the others: a typing error, since no label has such a code."""


@dataclass(frozen=True, slots=True, eq=False)
class HiddenCode:
    """A code whose check digits fit. Whether it is that of a label, only who holds the root can tell.

    Its digits are a secret until the layer is scratched off: they are in no message and not in `repr`. Two codes are
    compared in constant time.
    """

    digits: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _TWELVE_DIGITS.fullmatch(self.digits):
            raise InvalidHiddenCode(f"expected a hidden code of 12 digits, got {len(self.digits)} characters")
        # Compared as they are written: 97 more would leave the same remainder, and be a second spelling.
        if self.digits != _checked(int(self.digits[:10])):
            raise MistypedHiddenCode("expected two last digits that fit the ten before them, got others: mistyped")

    @classmethod
    def parse(cls, typed: str) -> HiddenCode:
        """From 12 ASCII digits, with one space or one hyphen or nothing after the fourth and after the eighth.

        Raises `InvalidHiddenCode`, and `MistypedHiddenCode` where only the check digits are at fault.
        """
        match = _TYPED.fullmatch(typed)
        if match is None:
            raise InvalidHiddenCode(
                "expected a hidden code of 12 digits, in groups of four with at most one space or hyphen between them,"
                f" got {len(typed)} characters that are not"
            )
        return cls("".join(match.groups()))

    @property
    def grouped(self) -> str:
        """For people: `1234-5678-9012`."""
        return grouped(self.digits)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HiddenCode):
            return NotImplemented
        return hmac.compare_digest(self.digits, other.digits)

    def __hash__(self) -> int:
        return hash(self.digits)


def grouped(digits: str) -> str:
    """The 12 digits of a code as they are printed: `1234-5678-9012`."""
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


@dataclass(frozen=True, slots=True)
class HiddenRoot:
    """A secret of 32 bytes, and the number that the registry knows it by. It may travel to other processes."""

    number: int
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != SECRET_BYTES:
            raise TraceqrError(f"expected a hidden root of {SECRET_BYTES} bytes, got {len(self.secret)}")

    @property
    def commitment(self) -> str:
        """What may be published: a hash, in hex, that fits this secret and no other, and does not give it away."""
        return hashlib.sha256(_COMMITMENT + self.secret).hexdigest()

    def code(self, serial: Serial) -> HiddenCode:
        """The code of one label of a batch that this root serves."""
        return HiddenCode(_checked(reduced(_blocks(self.batch_key(serial.batch), str(serial)))))

    def codes(self, batch: int, first: int, last: int) -> list[str]:
        """The codes of labels `first` to `last` of a batch that this root serves, 12 digits each.

        Some 2 microseconds a label; the list takes 70 bytes a label, so ask for some thousands at a time. Raises
        `TraceqrError` for a range that is none, `InvalidSerial` for numbers that fit no label.
        """
        if not 0 <= first <= last:
            raise TraceqrError(f"expected a first label up to the last, got {first} to {last}")
        Serial(batch, last)  # refuses what fits no serial
        key = self.batch_key(batch)
        begun = hmac.new(key, DOMAIN + b"%08d" % batch, "sha256")
        from_bytes = int.from_bytes
        made = []
        for index in range(first, last + 1):
            one = begun.copy()
            one.update(b"%08d" % index)
            # All but one word in five thousand million is below the limit; that one takes the long way round.
            word = from_bytes(one.digest()[:_WORD_BYTES], "big")
            made.append(_checked(word % VALUES if word < LIMIT else reduced(_blocks(key, str(Serial(batch, index))))))
        return made

    def batch_key(self, batch: int) -> bytes:
        """The key of a batch, 32 bytes (HKDF, RFC 5869): who gets it can tell the codes of that batch, of no other."""
        info = _BATCH_INFO + b"%08d" % batch
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(self.secret)


def reduced(blocks: Iterable[bytes]) -> int:
    """The first word of a stream that is below `LIMIT`, modulo `VALUES`. So each value is equally likely.

    The words are the blocks' 8 bytes, big-endian, in order; what is left of a block at its end is not used.
    """
    for block in blocks:
        for at in range(0, len(block) - _WORD_BYTES + 1, _WORD_BYTES):
            word = int.from_bytes(block[at : at + _WORD_BYTES], "big")
            if word < LIMIT:
                return word % VALUES
    raise TraceqrError(f"expected a word below {LIMIT} in the stream, it ended without one")


def _blocks(key: bytes, serial: str) -> Iterator[bytes]:
    """HMAC-SHA-256 over the message, then over the message and a counter from 1, 4 bytes big-endian. It has no end."""
    message = DOMAIN + serial.encode("ascii")
    yield hmac.digest(key, message, "sha256")
    for number in itertools.count(1):
        yield hmac.digest(key, message + number.to_bytes(4, "big"), "sha256")


def _checked(value: int) -> str:
    """A value below 10^10 in ten digits, and two more by ISO 7064, MOD 97-10: the whole leaves 1 when divided by 97."""
    return f"{value:010d}{98 - value * 100 % 97:02d}"
