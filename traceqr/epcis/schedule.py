"""When a subscribed query is asked: the standard's QuerySchedule (EPCIS 2.0, section 8.2.5.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from traceqr.epcis.problem import ExceptionType, refused, shown

_FIELDS = {
    "second": (0, 59),
    "minute": (0, 59),
    "hour": (0, 23),
    "dayOfMonth": (1, 31),
    "month": (1, 12),
    "dayOfWeek": (1, 7),
}
_ELEMENT = re.compile(r"(\d{1,2})|\[(\d{1,2})-(\d{1,2})\]")
_DAYS = 5 * 366
"""So far is looked ahead: the 29th of February comes within."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """By field the values that an instant must have; a field that was not given asks nothing."""

    fields: Mapping[str, frozenset[int]]

    @classmethod
    def read(cls, value: Any) -> Schedule:
        """From its object. Raises `Refused` (SubscriptionControlsException)."""
        if not isinstance(value, dict) or not value or not value.keys() <= _FIELDS.keys():
            raise _refused(f"expected an object with some of {', '.join(_FIELDS)}, got {shown(value)}")
        found = cls({name: _values(name, text) for name, text in value.items()})
        if found.after(0, UTC) is None:
            raise _refused("expected a schedule that comes round, got one of a day that there is not")
        return found

    def after(self, at_ms: int, zone: tzinfo) -> int | None:
        """The first instant behind another; None where none comes."""
        start = datetime.fromtimestamp(at_ms / 1000, zone).replace(microsecond=0) + timedelta(seconds=1)
        for offset in range(_DAYS):
            day = (start + timedelta(days=offset)).date()
            begin = (start.hour, start.minute, start.second) if offset == 0 else (0, 0, 0)
            parts = (("month", day.month), ("dayOfMonth", day.day), ("dayOfWeek", day.isoweekday()))
            if all(self._has(*part) for part in parts) and (found := self._in_day(begin)):
                at = datetime(day.year, day.month, day.day, *found, tzinfo=zone)
                return int(at.timestamp() * 1000)
        return None

    def _in_day(self, begin: tuple[int, int, int]) -> tuple[int, int, int] | None:
        hours, minutes, seconds = (self._listed(name) for name in ("hour", "minute", "second"))
        for hour in hours:
            if hour < begin[0]:
                continue
            for minute in minutes:
                if (hour, minute) < begin[:2]:
                    continue
                found = next((second for second in seconds if (hour, minute, second) >= begin), None)
                if found is not None:
                    return hour, minute, found
        return None

    def _has(self, name: str, value: int) -> bool:
        return name not in self.fields or value in self.fields[name]

    def _listed(self, name: str) -> list[int]:
        low, high = _FIELDS[name]
        return sorted(self.fields.get(name, range(low, high + 1)))


def _values(name: str, text: Any) -> frozenset[int]:
    low, high = _FIELDS[name]
    found: set[int] = set()
    for part in text.split(",") if isinstance(text, str) and len(text) <= 200 else [""]:
        element = _ELEMENT.fullmatch(part.strip())
        if element is None:
            raise _refused(f"{name}: expected numbers and ranges such as 0,[10-20], got {shown(text)}")
        first = int(element[1] or element[2])
        last = int(element[1] or element[3])
        if not low <= first <= last <= high:
            raise _refused(f"{name}: expected {low} to {high}, got {shown(part)}")
        found |= set(range(first, last + 1))
    return frozenset(found)


def _refused(message: str) -> Exception:
    return refused(ExceptionType.SUBSCRIPTION_CONTROLS, message, "schedule")
