"""Runs: things one after the other on a line, however many, as one value; and how they are found again by an index.

A run is kept under the block that it lies in, on the level that fits its length: level k has blocks of 16 to the power
of k places. A run that is no longer than a block lies in one of them or in two neighbours. So whoever looks for what
touches a place asks each level for one block (`reach`), however many runs there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from traceqr.tracing.thing import Thing, on_line

LEVELS = range(8)
"""Levels there are: the last one has blocks of more places than a line."""

_BITS = 4


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """Places `first` to `last` of a line, both included."""

    line: str
    first: int
    last: int

    @classmethod
    def of(cls, thing: Thing) -> Run:
        """One thing."""
        return cls(thing.line, thing.number, thing.number)

    def __len__(self) -> int:
        return self.last - self.first + 1

    def things(self) -> Iterator[Thing]:
        """Its things, in order."""
        return (on_line(self.line, number) for number in range(self.first, self.last + 1))

    def cut(self, other: Run) -> Run | None:
        """What both have; None where that is nothing."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Run(self.line, first, last) if self.line == other.line and first <= last else None


def merged(runs: Iterable[Run]) -> list[Run]:
    """The same places in as few runs as can be, in order: those that touch or overlap become one."""
    found: list[Run] = []
    for run in sorted(runs, key=attrgetter("line", "first")):
        if found and found[-1].line == run.line and run.first <= found[-1].last + 1:
            if run.last > found[-1].last:
                found[-1] = Run(run.line, found[-1].first, run.last)
        else:
            found.append(run)
    return found


def without(runs: Iterable[Run], taken: Iterable[Run]) -> list[Run]:
    """The places of `runs` that are not in `taken`, in order. Both are gone through once, side by side."""
    left: list[Run] = []
    away, at = merged(taken), 0
    for run in merged(runs):
        while at < len(away) and (away[at].line, away[at].last) < (run.line, run.first):
            at += 1
        first, after = run.first, at
        while after < len(away) and away[after].line == run.line and away[after].first <= run.last:
            if away[after].first > first:
                left.append(Run(run.line, first, away[after].first - 1))
            first = away[after].last + 1
            after += 1
        if first <= run.last:
            left.append(Run(run.line, first, run.last))
    return left


def level_of(run: Run) -> int:
    """The level that a run is kept on: the lowest whose blocks are no shorter than it."""
    return next(level for level in LEVELS if 1 << (_BITS * level) >= len(run))


def size_of(level: int) -> int:
    """How many places a block of a level has."""
    return 1 << (_BITS * level)


def blocks(run: Run) -> range:
    """The blocks, on its level, that a run lies in: one or two."""
    shift = _BITS * level_of(run)
    return range(run.first >> shift, (run.last >> shift) + 1)


def reach(first: int, last: int) -> list[tuple[int, int, int]]:
    """Where runs are kept that touch places `first` to `last`: for each level the first and the last block."""
    return [(level, first >> (_BITS * level), last >> (_BITS * level)) for level in LEVELS]
