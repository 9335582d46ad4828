"""The labels of a batch by the thousand: texts and seals computed together, without a value for each of their parts.

All labels of a batch share all but the last eight digits of the serial and the seal. What is made here equals, label by
label, what `Label` and `Seal.sign` make; the tests hold it to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.signing import SigningKey

from traceqr.errors import TraceqrError
from traceqr.label.format import Label
from traceqr.label.gtin import Gtin
from traceqr.label.host import Origin
from traceqr.label.seal import SEAL_BYTES, SEAL_DIGITS, Seal, message
from traceqr.label.serial import Serial


@dataclass(frozen=True, slots=True)
class Series:
    """What all labels of a batch share. A value that may travel to other processes; it holds no key.

    `key` and `pledge` are numbers as on the label; `batch` is the batch's number.
    """

    origin: Origin
    gtin: Gtin
    batch: int
    key: int
    pledge: int

    @property
    def head(self) -> str:
        """The text of each label up to the label's index: `HTTPS://HOST/01/GTIN/21/BATCH`."""
        return f"{self.origin}/01/{self.gtin}/21/{self.batch:08d}"

    def strip(self, private: Ed25519PrivateKey, first: int, last: int) -> Strip:
        """Labels `first` to `last`, sealed. Raises `InvalidSeal` or `InvalidSerial` for numbers that fit no label."""
        return Strip(self, first, self.seals(private, first, last))

    def seals(self, private: Ed25519PrivateKey, first: int, last: int) -> tuple[str, ...]:
        """The seals of labels `first` to `last`, 169 digits each."""
        signatures = self.signatures(private, first, last)
        return self.written(signatures)

    def signatures(self, private: Ed25519PrivateKey, first: int, last: int) -> list[bytes]:
        """The signatures of labels `first` to `last`, 64 bytes each (RFC 8032), by libsodium: the same as those of
        `cryptography`, which holds the keys, in two thirds of the time.
        """
        if not 0 <= first <= last:
            raise TraceqrError(f"expected a first label up to the last, got {first} to {last}")
        Serial(self.batch, last)  # refuses what fits no serial
        signed = message(self.key, self.pledge, self.gtin, Serial(self.batch, first))[:-8]
        sign = SigningKey(private.private_bytes_raw()).sign
        return [sign(b"%b%08d" % (signed, index)).signature for index in range(first, last + 1)]

    def written(self, signatures: Sequence[bytes]) -> tuple[str, ...]:
        """Signatures of this series as seals."""
        lead = self.key.to_bytes(2, "big") + self.pledge.to_bytes(4, "big")
        # The leading bytes are the same on each, so all values have as many digits: one addition of what stands above
        # the signature, and zeros in front.
        above = int.from_bytes(lead, "big") << 8 * (SEAL_BYTES - len(lead))
        from_bytes = int.from_bytes
        return tuple([str(above + from_bytes(each, "big")).zfill(SEAL_DIGITS) for each in signatures])


@dataclass(frozen=True, slots=True)
class Strip:
    """Consecutive labels of a series: the index of the first, and the seal of each, 169 digits."""

    series: Series
    first: int
    seals: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.seals)

    @property
    def serials(self) -> list[str]:
        """16 digits each."""
        batch = f"{self.series.batch:08d}"
        return [f"{batch}{index:08d}" for index in range(self.first, self.first + len(self.seals))]

    @property
    def texts(self) -> list[str]:
        """What the symbols hold."""
        head = self.series.head
        return [f"{head}{index:08d}?s={seal}" for index, seal in enumerate(self.seals, self.first)]

    def label(self, place: int) -> Label:
        """The label at a place of the strip, from 0, as a value."""
        series = self.series
        return Label(
            series.origin, series.gtin, Serial(series.batch, self.first + place), Seal.parse(self.seals[place])
        )
