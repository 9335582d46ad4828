"""The officer's desk for pledges that were not kept."""

from __future__ import annotations

from dataclasses import dataclass

from traceqr import upholding
from traceqr.access import Right
from traceqr.office.review import ReviewOffice


@dataclass(frozen=True, slots=True)
class FindingOffice(ReviewOffice):
    """What an officer finds against pledges of his region. Each act is by a page that was shown, or raises `Stale`."""

    def declare(self, number: int, seen: int, finding: str) -> None:
        """Declare that a pledge was not kept."""
        self.need(Right.FIND_BREACH)
        with self.deciding(number, seen) as desk:
            upholding.declare_breach(desk, number, finding)

    def clear(self, number: int, seen: int, finding_id: str, reason: str) -> None:
        """Clear a finding that was wrong."""
        self.need(Right.FIND_BREACH)
        with self.deciding(number, seen) as desk:
            upholding.clear(desk, number, reason, finding_id)
