"""A part: batches of one product and one enterprise, with the state of all their labels. Section 3 of the format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from traceqr.bundle import reading
from traceqr.bundle.bits import LIVES, Bits, OneBit, Range, Ranges, Run, Runs, deflate, inflate
from traceqr.bundle.described import Enterprise, Mark, Pledge, Product
from traceqr.bundle.manifest import MAX_BATCHES
from traceqr.bundle.reading import Malformed
from traceqr.label.seal import MAX_KEY, MAX_PLEDGE
from traceqr.label.serial import MAX_BATCH, MAX_COUNT
from traceqr.verdict import State

MAX_DESCRIPTION = 16 * 2**20
"""Octets, inflated."""

_LENGTH = 4
_MEMBERS = ("product", "enterprise", "pledges", "marks", "batches")
_OF_BATCH = (
    *("number", "count", "key", "pledge", "marks", "lot", "produced", "expires", "origin", "life", "holds", "recalls"),
    "sighted",
)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch, and how its labels stand. `marks` are numbers of licences, `recalls` ranges with the id of a recall."""

    number: int
    count: int
    key: int
    pledge: int
    marks: tuple[str, ...]
    lot: str | None
    produced: str | None
    expires: str | None
    origin: str
    life: Runs | Bits
    holds: tuple[Range, ...]
    recalls: tuple[tuple[int, int, str], ...]
    sighted: Ranges | OneBit | None = None
    """The labels that were sighted before the cut-off of a compromised key."""

    def state(self, index: int) -> State:
        """The state of a label that is below the count."""
        return State(self.life.at(index), Ranges(self.holds).holds(index), bool(self.recalls_over(index)))

    def recalls_over(self, index: int) -> tuple[str, ...]:
        """The ids of the recalls that lie over a label."""
        return tuple(recall for first, last, recall in self.recalls if first <= index <= last)

    def is_sighted(self, index: int) -> bool:
        """Whether a label, below the count, was sighted before the cut-off."""
        return self.sighted is not None and self.sighted.holds(index)

    @property
    def blobs(self) -> list[bytes]:
        """What of it is kept in blobs, in their order."""
        return [kept.blob for kept in (self.life, self.sighted) if isinstance(kept, Bits | OneBit)]


@dataclass(frozen=True, slots=True)
class Part:
    """A part that was read or is to be written."""

    product: Product
    enterprise: Enterprise
    pledges: tuple[Pledge, ...]
    marks: tuple[Mark, ...]
    batches: tuple[Batch, ...]
    _by_number: Mapping[int, Batch] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_number", {batch.number: batch for batch in self.batches})

    def encode(self) -> bytes:
        """As octets. Raises `Malformed` for a description past `MAX_DESCRIPTION`."""
        written = _Writer()
        description = reading.encode(
            {
                "product": self.product.members(),
                "enterprise": self.enterprise.members(),
                "pledges": [pledge.members() for pledge in self.pledges],
                "marks": [mark.members() for mark in self.marks],
                "batches": [written.batch(batch) for batch in self.batches],
            }
        )
        if len(description) > MAX_DESCRIPTION:
            raise Malformed(f"expected a description of at most {MAX_DESCRIPTION:,} octets, got {len(description):,}")
        packed = deflate(description)
        return b"".join((len(packed).to_bytes(_LENGTH, "big"), packed, *written.blobs))

    @classmethod
    def parse(cls, octets: bytes) -> Part:
        """Strict. Raises `Malformed`."""
        length = int.from_bytes(octets[:_LENGTH], "big")
        described = octets[_LENGTH : _LENGTH + length]
        if len(octets) < _LENGTH or len(described) != length:
            raise Malformed(f"expected a description of {length:,} octets, got {len(described):,}")
        description = reading.decode(inflate(described, MAX_DESCRIPTION, at_most=True))
        given = reading.record(description, "part", *_MEMBERS)
        reader = _Reader(octets[_LENGTH + length :])
        part = cls(
            Product.read(given["product"]),
            Enterprise.read(given["enterprise"]),
            reading.listed(given["pledges"], "pledges", Pledge.read),
            reading.listed(given["marks"], "marks", Mark.read),
            reading.listed(given["batches"], "batches", reader.batch, MAX_BATCHES),
        )
        reader.require_end()
        part._require_whole()
        return part

    def _require_whole(self) -> None:
        reading.ascending(self.pledges, "pledges", lambda pledge: pledge.number)
        reading.ascending(self.marks, "marks", lambda mark: mark.licence)
        reading.ascending(self.batches, "batches", lambda batch: batch.number)
        pledges, marks = {pledge.number for pledge in self.pledges}, {mark.licence for mark in self.marks}
        if not self.batches:
            raise Malformed("batches: expected a batch, got none")
        for batch in self.batches:
            if (batch.pledge and batch.pledge not in pledges) or not marks.issuperset(batch.marks):
                raise Malformed(f"batch {batch.number}: expected its pledge and marks among those of the part")

    def batch(self, number: int) -> Batch | None:
        """The batch of that number."""
        return self._by_number.get(number)

    def pledge_of(self, batch: Batch) -> Pledge | None:
        """The pledge of a batch of the part."""
        return next((pledge for pledge in self.pledges if pledge.number == batch.pledge), None)

    def marks_of(self, batch: Batch) -> tuple[Mark, ...]:
        """The marks of a batch of the part."""
        return tuple(mark for mark in self.marks if mark.licence in batch.marks)


class _Writer:
    """Lays the blobs of batches one behind the other."""

    def __init__(self) -> None:
        self.blobs: list[bytes] = []
        self._end = 0

    def batch(self, batch: Batch) -> dict[str, Any]:
        """The record of a batch, its blobs laid down."""
        return {
            "number": batch.number,
            "count": batch.count,
            "key": batch.key,
            "pledge": batch.pledge,
            "marks": list(batch.marks),
            "lot": batch.lot,
            "produced": batch.produced,
            "expires": batch.expires,
            "origin": batch.origin,
            "life": {"runs": _lists(batch.life.runs)}
            if isinstance(batch.life, Runs)
            else self._laid("bits", batch.life),
            "holds": _lists(batch.holds),
            "recalls": _lists(batch.recalls),
            "sighted": self._sighted(batch.sighted),
        }

    def _sighted(self, sighted: Ranges | OneBit | None) -> Any:
        if sighted is None:
            return None
        return _lists(sighted.ranges) if isinstance(sighted, Ranges) else self._laid("bits1", sighted)

    def _laid(self, name: str, kept: Bits | OneBit) -> dict[str, list[int]]:
        place = [self._end, len(kept.blob)]
        self.blobs.append(kept.blob)
        self._end += len(kept.blob)
        return {name: place}


class _Reader:
    """Takes up the blobs of batches one behind the other: nothing may lie between them or be left."""

    def __init__(self, blobs: bytes) -> None:
        self._blobs = blobs
        self._end = 0

    def batch(self, value: Any, where: str) -> Batch:
        """A batch from its record."""
        given = reading.record(value, where, *_OF_BATCH)
        count = reading.integer(given["count"], f"{where}.count", 1, MAX_COUNT)
        return Batch(
            number=reading.integer(given["number"], f"{where}.number", 1, MAX_BATCH),
            count=count,
            key=reading.integer(given["key"], f"{where}.key", 1, MAX_KEY),
            pledge=reading.integer(given["pledge"], f"{where}.pledge", 0, MAX_PLEDGE),
            marks=_licences(given["marks"], f"{where}.marks"),
            lot=reading.optional(given["lot"], f"{where}.lot", reading.text),
            produced=reading.optional(given["produced"], f"{where}.produced", reading.day),
            expires=reading.optional(given["expires"], f"{where}.expires", reading.day),
            origin=reading.text(given["origin"], f"{where}.origin"),
            life=self._life(given["life"], f"{where}.life", count),
            holds=_ranges(given["holds"], f"{where}.holds", count),
            recalls=_recalls(given["recalls"], f"{where}.recalls", count),
            sighted=self._sighted(given["sighted"], f"{where}.sighted", count),
        )

    def require_end(self) -> None:
        """Raise `Malformed` if octets are left."""
        if self._end != len(self._blobs):
            raise Malformed(f"expected {self._end:,} octets of blobs, got {len(self._blobs):,}")

    def _life(self, value: Any, where: str, count: int) -> Runs | Bits:
        if isinstance(value, dict) and "runs" in value:
            return _runs(reading.record(value, where, "runs")["runs"], where, count)
        bits = Bits(self._taken(reading.record(value, where, "bits")["bits"], where), count)
        bits.check()
        return bits

    def _sighted(self, value: Any, where: str, count: int) -> Ranges | OneBit | None:
        if value is None:
            return None
        if isinstance(value, list):
            return Ranges(_ranges(value, where, count))
        bits = OneBit(self._taken(reading.record(value, where, "bits1")["bits1"], where), count)
        bits.check()
        return bits

    def _taken(self, value: Any, where: str) -> bytes:
        place = reading.listed(value, where, partial(reading.integer, least=0))
        if len(place) != len(("offset", "length")) or place[0] != self._end:
            raise Malformed(f"{where}: expected the blob from octet {self._end:,} on, got {place}")
        self._end += place[1]
        return self._blobs[place[0] : self._end]


def _lists(values: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(value) for value in values]


def _licences(value: Any, where: str) -> tuple[str, ...]:
    licences = reading.listed(value, where, reading.text)
    reading.ascending(licences, where, str)
    return licences


def _runs(value: Any, where: str, count: int) -> Runs:
    runs: tuple[Run, ...] = reading.listed(value, where, _run)
    reading.ascending(runs, where, lambda run: run[0])
    if not runs or runs[-1][0] != count - 1:
        raise Malformed(f"{where}: expected runs up to label {count - 1}")
    if any(before[1] == after[1] for before, after in pairwise(runs)):
        raise Malformed(f"{where}: expected neighbours of unlike lives")
    return Runs(runs)


def _run(value: Any, where: str) -> Run:
    last, life = _numbers(value, where)
    return last, reading.integer(life, where, 0, len(LIVES) - 1)


def _ranges(value: Any, where: str, count: int) -> tuple[Range, ...]:
    ranges: tuple[Range, ...] = reading.listed(value, where, _numbers)
    if any(not first <= last < count for first, last in ranges):
        raise Malformed(f"{where}: expected ranges of labels up to {count - 1}")
    if any(after[0] <= before[1] + 1 for before, after in pairwise(ranges)):
        raise Malformed(f"{where}: expected ranges in order that neither touch nor overlap")
    return ranges


def _numbers(value: Any, where: str) -> tuple[int, int]:
    given = reading.listed(value, where, partial(reading.integer, least=0))
    if len(given) != len(("first", "last")):
        raise Malformed(f"{where}: expected two numbers, got {len(given)}")
    return given[0], given[1]


def _recalls(value: Any, where: str, count: int) -> tuple[tuple[int, int, str], ...]:
    recalls: tuple[tuple[int, int, str], ...] = reading.listed(value, where, _recall)
    if any(not first <= last < count for first, last, _ in recalls):
        raise Malformed(f"{where}: expected ranges of labels up to {count - 1}")
    reading.ascending(recalls, where, lambda recall: recall)
    return recalls


def _recall(value: Any, where: str) -> tuple[int, int, str]:
    if not isinstance(value, list) or len(value) != len(("first", "last", "id")):
        raise Malformed(f"{where}: expected a list of first, last and id")
    return (*_numbers(value[:2], where), reading.text(value[2], where))
