"""What the registry says of batches, cut into the parts of a trust bundle. Parts are told apart before they are made,
so that one which has not changed is not made again; and they are made one at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from traceqr.bundle import bits
from traceqr.bundle.bits import NUMBER_OF, Runs
from traceqr.bundle.described import Enterprise, Mark, Pledge, Product
from traceqr.bundle.manifest import MAX_BATCHES, PartEntry, Recall, Words
from traceqr.bundle.part import Batch, Part
from traceqr.label.keyring import Keyring
from traceqr.registry import bundle_sources as sources
from traceqr.registry.database import Reader, Row
from traceqr.registry.recalls import LANGUAGES
from traceqr.verdict import Life

MOST_LABELS = 4_000_000
"""A part ends with the batch that brings it so far, or one void label would send many batches anew."""

_WRITTEN_AS = "1"
"""To be changed when parts are written otherwise from the same rows."""

_NO_LIFE = Runs(())


@dataclass(frozen=True, slots=True)
class Piece:
    """A part to be: all of it but the lives of labels, and what tells whether these are still the same."""

    outline: Part
    source: str
    cut_offs: Mapping[int, int | None]
    """By batch: since when its key counts as stolen."""

    def made(self, reader: Reader) -> Part:
        """The part, from the same view of the registry. The spans of one batch are in memory as bits alone."""
        return replace(self.outline, batches=tuple(self._with_lives(reader, batch) for batch in self.outline.batches))

    def named(self, digest: str, size: int) -> PartEntry:
        """As a manifest names it."""
        part = self.outline
        numbers = tuple(batch.number for batch in part.batches)
        return PartEntry(digest, size, part.product.gtin, part.enterprise.uscc, part.enterprise.region, numbers)

    def _with_lives(self, reader: Reader, batch: Batch) -> Batch:
        spans = ((last, NUMBER_OF[Life(life)]) for last, life in sources.lives(reader, batch.number))
        cut_off, sighted = self.cut_offs[batch.number], None
        if cut_off is not None:
            labels = sources.sighted(reader, batch.number, cut_off)
            sighted = bits.label_set(((label, label) for label in labels if label < batch.count), batch.count)
        return replace(batch, life=bits.lives(spans), sighted=sighted)


def pieces(reader: Reader, keyring: Keyring) -> Iterator[Piece]:
    """All batches there are, each in one piece: of one enterprise, one product and one version of it."""
    for issuer in sources.issuers(reader):
        firm = _Firm.read(reader, issuer)
        for rows in _cut(sources.batches(reader, issuer["id"])):
            yield firm.piece(reader, rows, keyring)


def open_recalls(reader: Reader) -> tuple[Recall, ...]:
    """The recalls that are open, with their words in each language that has some."""
    return tuple(
        Recall(
            row["id"],
            row["gtin"],
            row["since_ms"],
            row["grade"],
            (row["ordered_zh"], row["ordered_en"]) if row["ordered_zh"] else None,
            {tag: words for tag, ending in LANGUAGES.items() if (words := _words(row, ending))},
        )
        for row in sources.open_recalls(reader)
    )


def _words(row: Row, ending: str) -> Words | None:
    told = [row[f"{name}_{ending}"] or "" for name in Words.__dataclass_fields__]
    return Words(*told) if any(told) else None


def _cut(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Batches in runs of one product, in the order of their numbers. What is behind a later batch changes nothing of
    an earlier piece, so new batches change the last piece alone.
    """
    for _, alike in groupby(rows, key=itemgetter("gtin", "product_version")):
        held: list[Row] = []
        for row in alike:
            held.append(row)
            if len(held) == MAX_BATCHES or sum(each["label_count"] for each in held) >= MOST_LABELS:
                yield held
                held = []
        if held:
            yield held


@dataclass(frozen=True, slots=True)
class _Firm:
    """An enterprise, with what its batches carry and what lies over them."""

    enterprise: Enterprise
    pledges: Mapping[int, Pledge]
    marks: Mapping[int, Sequence[Mark]]
    notices: Sequence[Row]

    @classmethod
    def read(cls, reader: Reader, issuer: Row) -> _Firm:
        marks: dict[int, list[Mark]] = {}
        for row in sources.marks(reader, issuer["id"]):
            marks.setdefault(row["batch"], []).append(Mark(**{name: row[name] for name in Mark.__dataclass_fields__}))
        return cls(
            Enterprise(**{name: issuer[name] for name in Enterprise.__dataclass_fields__}),
            {row["number"]: Pledge(**row) for row in sources.pledges(reader, issuer["id"])},
            marks,
            sources.notices(reader, issuer["id"]),
        )

    def piece(self, reader: Reader, rows: Sequence[Row], keyring: Keyring) -> Piece:
        """The piece of some batches of one version of a product."""
        batches = tuple(self._outline(row) for row in rows)
        carried = {mark.licence: mark for batch in batches for mark in self.marks.get(batch.number, ())}
        outline = Part(
            Product(**{name: rows[0][name] for name in Product.__dataclass_fields__}),
            self.enterprise,
            tuple(self.pledges[number] for number in sorted({batch.pledge for batch in batches} - {0})),
            tuple(carried[licence] for licence in sorted(carried)),
            batches,
        )
        cut_offs = {batch.number: _cut_off(keyring, batch.key) for batch in batches}
        told = [(row["changed"], *_seen(reader, row["number"], cut_offs[row["number"]])) for row in rows]
        source = hashlib.sha256(repr((_WRITTEN_AS, outline, told)).encode("utf-8", "surrogatepass")).hexdigest()
        return Piece(outline, source, cut_offs)

    def _outline(self, row: Row) -> Batch:
        return Batch(
            number=row["number"],
            count=row["label_count"],
            key=row["key_number"],
            pledge=row["pledge"],
            marks=tuple(sorted(mark.licence for mark in self.marks.get(row["number"], ()))),
            lot=row["lot"],
            produced=row["produced_on"],
            expires=row["expires_on"],
            origin=row["origin"],
            life=_NO_LIFE,
            holds=bits.disjoint((first, last) for first, last, _ in self._over(row, "hold")),
            recalls=tuple(sorted(set(self._over(row, "recall")))),
        )

    def _over(self, row: Row, kind: str) -> Iterator[tuple[int, int, str]]:
        """The ranges of a batch that lie under open notices of a kind, with the ids of these."""
        for notice in self.notices:
            if notice["kind"] != kind or notice["gtin"] != row["gtin"]:
                continue
            if notice["batch"] == row["number"]:
                yield notice["first"], notice["last"], notice["id"]
            elif notice["batch"] is None and notice["lot"] in (None, row["lot"]):
                yield 0, row["label_count"] - 1, notice["id"]


def _cut_off(keyring: Keyring, number: int) -> int | None:
    key = keyring.keys.get(number)
    return key.compromised_ms if key else None


def _seen(reader: Reader, batch: int, cut_off: int | None) -> tuple[int | None, int]:
    """The cut-off of a batch's key, and how many labels were seen before it."""
    return cut_off, 0 if cut_off is None else sources.sighted_count(reader, batch, cut_off)
