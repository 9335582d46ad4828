"""Exporting labels for print: computed from the batch and its key, streamed, and recorded before the first byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceqr.acting import ActRefused, Desk
from traceqr.activating import Range, resolve
from traceqr.keying import KeyFolder
from traceqr.label.format import Label
from traceqr.label.gtin import Gtin
from traceqr.label.host import Origin
from traceqr.label.keyring import PublicKey, Status
from traceqr.label.seal import Seal
from traceqr.label.serial import Serial
from traceqr.registry import keys, products, spans
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader


@dataclass(frozen=True, slots=True)
class Export:
    """Labels `first` to `last` of a batch, ready to be computed. The same export gives the same bytes each time."""

    batch: Batch
    first: int
    last: int
    product_name: str
    private: Ed25519PrivateKey

    def __len__(self) -> int:
        return self.last - self.first + 1

    def labels(self) -> Iterator[Label]:
        """The labels in order, each sealed as it is asked for: memory stays flat for any number."""
        origin, gtin = Origin.parse(self.batch.origin), Gtin.parse(self.batch.gtin)
        for index in range(self.first, self.last + 1):
            serial = Serial(self.batch.number, index)
            seal = Seal.sign(self.private, self.batch.key_number, self.batch.pledge, gtin, serial)
            yield Label(origin, gtin, serial, seal)


def export(desk: Desk, folder: KeyFolder, target: Range, file_format: str) -> Export:
    """Prepare an export and put it on the ledger. Raises `ActRefused`, or `KeyFileError` for the private key."""
    # An encrypted key takes half a second to open. So it is opened before the act takes the lock that scans wait for
    # too, and whether it may print is asked again under the lock.
    with desk.database.snapshot() as reader:
        key = _printable_key(reader, resolve(reader, target)[0], desk.clock())
    private = folder.private(key)
    with desk.act() as act:
        batch, first, last = resolve(act.tx, target)
        _printable_key(act.tx, batch, act.at_ms)
        if all(span.life == "void" for span in spans.within(act.tx, batch.number, first, last)):
            raise ActRefused(f"batch {batch.number}: expected labels to print in {first} to {last}, all are void")
        name = products.name_of(act.tx, batch.gtin, batch.product_version)
        payload = {"first": first, "last": last, "format": file_format}
        act.record("labels.export", f"batch:{batch.number}", payload)
        return Export(batch, first, last, name, private)


def _printable_key(reader: Reader, batch: Batch, at_ms: int) -> PublicKey:
    key = keys.by_number(reader, batch.key_number)
    assert key is not None  # a foreign key of the registry
    if not key.may_print(at_ms):
        state = key.status if key.status not in (Status.ACTIVE, Status.RETIRED) else "outside its verifying window"
        raise ActRefused(f"batch {batch.number}: expected a key that may print, key {key.number} is {state}")
    return key
