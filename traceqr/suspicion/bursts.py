"""Sudden bursts of a batch's scans: for the enterprise, since they say that something goes on, and not what.

A promotion, a viral picture, copies put on sale and a script look alike in them. So a burst makes no label suspect.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

BASE_DAYS = 28
"""The days before, by which a day is measured."""

LEAST = 30
"""Fewer scans in a day are no burst, however few there were before."""

DEVIATIONS = 6
"""So many standard deviations above what the days before let expect. Scans that come one by one, by chance, do so about
once in a hundred million days.
"""


@dataclass(frozen=True, slots=True)
class Burst:
    """A day with far more scans than the days before let expect."""

    day: int
    scans: int
    expected: float


def bursts(scans_by_day: Mapping[int, int], first: int, last: int) -> list[Burst]:
    """The bursts among the days from a first to a last, by their numbers. Days without scans may be missing."""
    return [found for day in range(first, last + 1) if (found := _burst(scans_by_day, day))]


def _burst(scans_by_day: Mapping[int, int], day: int) -> Burst | None:
    """A day, if it is one. Days before are counted with one scan more: nothing is expected to be exactly nothing."""
    scans = scans_by_day.get(day, 0)
    before = sum(scans_by_day.get(each, 0) for each in range(day - BASE_DAYS, day))
    expected = (before + 1) / BASE_DAYS
    if scans < LEAST or scans < expected + DEVIATIONS * math.sqrt(expected):
        return None
    return Burst(day, scans, expected)
