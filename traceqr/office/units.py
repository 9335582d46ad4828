"""Numbers of logistic units, and their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceqr.access import Right
from traceqr.chain import allocating
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.house import Absent
from traceqr.printing import logistic
from traceqr.printing.format import PrintError
from traceqr.printing.logistic import Code, Parcels
from traceqr.registry import sscc_allocations
from traceqr.registry.sscc_allocations import MAX_COUNT, Allocation

__all__ = ("FORMATS", "MAX_COUNT", "Code", "UnitOffice")

LATEST = 50
"""Allocations that are listed."""

FORMATS = {"pdf": "application/pdf", "zpl": "application/octet-stream", "txt": "text/plain; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Given:
    """Numbers that were given out, the first and the last with their check digits."""

    id: str
    first: str
    last: str
    count: int


@dataclass(frozen=True, slots=True)
class UnitOffice(EnterpriseOffice):
    """The logistic units of the identity's own enterprise."""

    def prefixes(self) -> Sequence[str]:
        """The company prefixes that numbers may be had under."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            return allocating.prefixes(reader, self.enterprise)

    def given(self) -> Sequence[Given]:
        """What was given out, the latest first."""
        self.need(Right.SEE_EVENTS)
        with self.house.database.snapshot() as reader:
            return [_given(one) for one in sscc_allocations.of_enterprise(reader, self.enterprise, LATEST)]

    def allocate(self, prefix: str, extension: str, count: int, begin: int | None) -> str:
        """The next numbers; returns the id under which their labels are had. Raises `ActRefused`."""
        self.need(Right.STATE_EVENTS)
        return allocating.allocate(self.desk, self.enterprise, prefix, extension, count, begin).id

    def file(self, allocation_id: str, format_: str, code: Code, dpi: int) -> bytes:
        """Their labels as a file. Raises `Absent`."""
        self.need(Right.PRINT)
        with self.house.database.snapshot() as reader:
            found = sscc_allocations.by_id(reader, allocation_id)
            own = self.own(reader)
        if found is None or found.enterprise_id != self.enterprise or format_ not in FORMATS:
            raise Absent("expected numbers of the own enterprise, found none")
        ssccs = allocating.ssccs(found.stems())
        if format_ == "txt":
            return "".join(f"{sscc}\n" for sscc in ssccs).encode("ascii")
        origin = str(self.house.origin).lower()
        if format_ == "zpl":
            return logistic.zpl(Parcels(ssccs, own.name_en or own.name_zh, origin, code), dpi)
        try:
            return logistic.pdf(Parcels(ssccs, own.name_zh, origin, code))
        except PrintError as error:
            raise Absent(str(error)) from error


def _given(one: Allocation) -> Given:
    first, last = allocating.ssccs([one.low, one.high])
    return Given(one.id, first, last, len(one))
