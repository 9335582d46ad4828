"""The state of a batch's labels: disjoint ranges that together cover 0 to count - 1, split and merged on write."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import pairwise

from traceqr.registry.database import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Span:
    """Labels `first` to `last`, both included, that share a life, the act that gave it, and the open notices."""

    first: int
    last: int
    life: str
    life_position: int
    holds: int = 0
    recalls: int = 0

    def __len__(self) -> int:
        return self.last - self.first + 1


_COLUMNS = tuple(Span.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM span WHERE batch = :batch"


def insert_first(tx: Transaction, batch: int, span: Span) -> None:
    """The one span of a batch that was just issued."""
    _insert(tx, batch, [span])


def of_batch(reader: Reader, batch: int) -> list[Span]:
    """All spans of a batch, in order."""
    return [Span(**row) for row in reader.rows(_SELECT + " ORDER BY first", {"batch": batch})]


def within(reader: Reader, batch: int, first: int, last: int) -> list[Span]:
    """The spans that touch the range, in order."""
    return [span for span in _around(reader, batch, first, last) if span.first <= last and span.last >= first]


def change(tx: Transaction, batch: int, first: int, last: int, how: Callable[[Span], Span]) -> int:
    """Apply `how` to labels `first` to `last`; returns how many labels it changed.

    `how` maps each span (cut to the range) to one with the same bounds. Neighbours that become alike are merged, so
    the number of spans is bounded by the history of acts, never by their repetition.
    """
    return change_each(tx, batch, [(first, last)], how)


def change_each(tx: Transaction, batch: int, ranges: Sequence[tuple[int, int]], how: Callable[[Span], Span]) -> int:
    """The same for several ranges of a batch at once, disjoint and in order: what lies between them is read as well."""
    before = _around(tx, batch, ranges[0][0], ranges[-1][1])
    firsts = [first for first, _ in ranges]
    cut = list(_cut(before, [edge for first, last in ranges for edge in (first, last + 1)]))
    after = []
    for span in cut:
        place = bisect_right(firsts, span.first) - 1
        after.append(how(span) if place >= 0 and span.last <= ranges[place][1] else span)
    changed = sum(len(new) for old, new in zip(cut, after, strict=True) if old != new)
    merged = _merged(after)
    if merged != before:
        tx.execute(
            "DELETE FROM span WHERE batch = :batch AND first BETWEEN :low AND :high",
            {"batch": batch, "low": before[0].first, "high": before[-1].first},
        )
        _insert(tx, batch, merged)
    return changed


def _around(reader: Reader, batch: int, first: int, last: int) -> list[Span]:
    """The spans that touch the range, and the neighbour on either side, with which they may merge."""
    rows = reader.rows(
        _SELECT + " AND first >= COALESCE((SELECT MAX(first) FROM span WHERE batch = :batch AND first < :first), 0)"
        " AND first <= :after ORDER BY first",
        {"batch": batch, "first": first, "after": last + 1},
    )
    return [Span(**row) for row in rows]


def _cut(spans: Iterable[Span], edges: Sequence[int]) -> Iterable[Span]:
    """Split the spans at edges, which are in order."""
    for span in spans:
        inner = edges[bisect_right(edges, span.first) : bisect_right(edges, span.last)]
        for low, high in pairwise((span.first, *inner, span.last + 1)):
            if low < high:  # two ranges may touch, and their edge is there twice
                yield replace(span, first=low, last=high - 1)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in spans:
        if merged and replace(merged[-1], first=span.first, last=span.last) == span:
            merged[-1] = replace(merged[-1], last=span.last)
        else:
            merged.append(span)
    return merged


def _insert(tx: Transaction, batch: int, spans: list[Span]) -> None:
    tx.insert_many("span", ("batch", *_COLUMNS), [(batch, *astuple(span)) for span in spans])
