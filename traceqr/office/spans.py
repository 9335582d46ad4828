"""Labels told by the first and the last of a carton or a roll: the labels themselves say of which batch."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from traceqr.access import Right
from traceqr.errors import TraceqrError
from traceqr.label.format import InvalidLabel, Label
from traceqr.label.host import InvalidOrigin, Origin
from traceqr.label.serial import InvalidSerial, Serial
from traceqr.office.batches import BatchOffice, Labels
from traceqr.office.house import Absent
from traceqr.registry import products, spans
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader


class Why(enum.StrEnum):
    """What is wrong with a label that was scanned."""

    NO_LABEL = "no-label"
    """The code says something else, or what was typed is no serial."""
    FOREIGN = "foreign"
    """A label of another address, or one that no batch of ours has like that."""
    NOT_OWN = "not-own"
    """Of another enterprise, or of nobody: nobody is told which."""
    TWO_BATCHES = "two-batches"


class NotTaken(TraceqrError):
    """A label that was scanned is of no use. `end` is the one at fault, first or last."""

    def __init__(self, why: Why, end: str) -> None:
        super().__init__(f"expected labels of one own batch, the {end} is: {why}")
        self.why = why
        self.end = end


@dataclass(frozen=True, slots=True)
class Scanned:
    """What the first and the last label say. `lives` are the labels between them by state."""

    batch: Batch
    name_zh: str
    first: Serial
    last: Serial
    lives: dict[str, int]

    @property
    def count(self) -> int:
        """How many labels it is, both ends included."""
        return self.last.index - self.first.index + 1

    @property
    def labels(self) -> Labels:
        """As acts take them."""
        return Labels(self.batch.number, self.first.index, self.last.index)


@dataclass(frozen=True, slots=True)
class SpanOffice(BatchOffice):
    """Cartons and rolls of the identity's own enterprise."""

    def scanned(self, first: str, last: str) -> Scanned:
        """What lies between two labels, told by the texts of their codes or by their serials, in either order. Raises
        `NotTaken`.
        """
        self.need(Right.CHANGE_STATE)
        with self.house.database.snapshot() as reader:
            begins, batch = self._found(reader, first, "first")
            ends, other = self._found(reader, last, "last")
            if batch.number != other.number:
                raise NotTaken(Why.TWO_BATCHES, "last")
            begins, ends = sorted((begins, ends), key=lambda serial: serial.index)
            name = products.name_of(reader, batch.gtin, batch.product_version)
            lives = _lives(spans.of_batch(reader, batch.number), begins.index, ends.index)
            return Scanned(batch, name, begins, ends, lives)

    def _found(self, reader: Reader, text: str, end: str) -> tuple[Serial, Batch]:
        serial, label = _read(text, end)
        try:
            batch = self.own_batch(reader, serial.batch)
        except Absent as error:
            raise NotTaken(Why.NOT_OWN, end) from error
        if serial.index >= batch.label_count:
            raise NotTaken(Why.NOT_OWN, end)
        if label and not _is_of(label, batch):
            raise NotTaken(Why.FOREIGN, end)
        return serial, batch


def _read(text: str, end: str) -> tuple[Serial, Label | None]:
    """The serial of a label, and the label where its code was read."""
    text = text.strip()
    digits = text.replace(" ", "")
    try:
        if digits.isascii() and digits.isdecimal():
            return Serial.parse(digits), None
        label = Label.parse(text)
    except (InvalidLabel, InvalidSerial) as error:
        raise NotTaken(Why.NO_LABEL, end) from error
    return label.serial, label


def _is_of(label: Label, batch: Batch) -> bool:
    try:
        same = label.origin.upper() == Origin.parse(batch.origin).upper()
    except InvalidOrigin:
        return False
    return same and label.gtin.digits == batch.gtin


def _lives(found: Sequence[spans.Span], first: int, last: int) -> dict[str, int]:
    lives: dict[str, int] = {}
    for span in found:
        if (count := min(span.last, last) - max(span.first, first) + 1) > 0:
            lives[span.life] = lives.get(span.life, 0) + count
    return lives
