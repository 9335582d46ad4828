"""From the trace of a label to a score, and to the reasons that make it up.

A score is a sum of points. Each reason has points for every credit beyond what innocent people bring about, and a most
that it can give, so that none but the plainest makes a label suspect by itself. The weights and the threshold come from
`benchmarks/suspicion.py`; docs/suspicion.md tells how, and what they cannot find.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from traceqr.suspicion.trace import Trace

THRESHOLD = 100
"""From so many points on a label is suspect."""


class Sign(enum.StrEnum):
    """What speaks for copies of a label."""

    DEVICES = "many-devices"
    REGIONS = "many-regions"
    LEAPS = "far-apart"
    EARLY = "before-sale"
    AFTER = "after-purchase"
    OUTSIDE = "outside-market"


@dataclass(frozen=True, slots=True)
class Weight:
    """So many points for each credit beyond `free`, and no more than `most`."""

    each: float
    free: float
    most: float = float("inf")

    def points(self, credit: float) -> float:
        """What a credit gives."""
        return min(self.most, max(0.0, credit - self.free) * self.each)


WEIGHTS: dict[Sign, Weight] = {
    Sign.DEVICES: Weight(15, 3),
    Sign.REGIONS: Weight(12, 2),
    Sign.LEAPS: Weight(8, 1, 24),
    Sign.EARLY: Weight(20, 1.5, 60),
    Sign.AFTER: Weight(25, 2),
    Sign.OUTSIDE: Weight(4, 1, 12),
}


@dataclass(frozen=True, slots=True)
class Point:
    """How much one sign brings to a score, and by what credit."""

    sign: Sign
    points: float
    credit: float


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A score with what it is made of, heaviest first; signs that bring nothing are left out."""

    score: int
    points: tuple[Point, ...] = ()

    @property
    def suspect(self) -> bool:
        """Whether the label is suspect."""
        return self.score >= THRESHOLD

    @property
    def signs(self) -> tuple[Sign, ...]:
        """The signs, heaviest first."""
        return tuple(point.sign for point in self.points)


NONE = Suspicion(0)

_INNOCENT = min(weight.free for weight in WEIGHTS.values())
"""A label of no more credit than that has no more of any sign, and so no points. Nearly all labels are such."""


def weigh(trace: Trace, at_ms: int) -> Suspicion:
    """The suspicion of a label at an instant."""
    if trace.credit <= _INNOCENT:
        return NONE
    found, score = [], 0.0
    for (sign, weight), credit in zip(_IN_ORDER, _credits(trace, at_ms), strict=True):
        if credit > weight.free:
            points = weight.points(credit)
            found.append(Point(sign, points, credit))
            score += points
    found.sort(key=_by_points)
    return Suspicion(int(score), tuple(found))


_IN_ORDER = tuple(WEIGHTS.items())


def _credits(trace: Trace, at_ms: int) -> tuple[float, ...]:
    """What is weighed, in the order of `WEIGHTS`."""
    return trace.credit_at(at_ms), trace.regions, trace.leaps, trace.early, trace.after, trace.outside


def _by_points(point: Point) -> float:
    return -point.points
