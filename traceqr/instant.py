"""Instants are integer milliseconds since 1970-01-01T00:00:00Z, and carry `_ms` in their name."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from traceqr.errors import TraceqrError

Clock = Callable[[], int]
"""Returns the present instant. Passed in everywhere, so that tests own the time."""

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

CHINA = ZoneInfo("Asia/Shanghai")

_EPOCH = date(1970, 1, 1).toordinal()


class InvalidDate(TraceqrError):
    """A calendar date or an instant that is not written as ISO 8601."""


def system_clock() -> int:
    """The present instant by the system clock."""
    return time.time_ns() // 1_000_000


def to_iso(at_ms: int) -> str:
    """`1763596800000` becomes `'2025-11-20T00:00:00.000Z'`."""
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    return f"{moment.isoformat()[:19]}.{at_ms % 1000:03d}Z"


def from_iso(text: str) -> int:
    """The instant of an ISO 8601 text that names its offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidDate(f"expected an instant such as 2026-09-01T00:00:00Z, got {text!r}") from error
    if moment.tzinfo is None:
        raise InvalidDate(f"expected an instant with its offset, such as a final Z, got {text!r}")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def parse_date(text: str) -> date:
    """A calendar date, spelled `2026-09-01` and in no other way."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidDate(f"expected a date such as 2026-09-01, got {text!r}") from error
    if day.isoformat() != text:
        raise InvalidDate(f"expected a date such as 2026-09-01, got {text!r}")
    return day


def day_number(at_ms: int, zone: ZoneInfo) -> int:
    """The day of an instant in `zone`, counted from 1970-01-01, which is 0."""
    return datetime.fromtimestamp(at_ms // 1000, zone).toordinal() - _EPOCH


def numbered_day(number: int) -> date:
    """The day of a number of `day_number`."""
    return date.fromordinal(number + _EPOCH)


def day_start(day: date, zone: ZoneInfo) -> int:
    """The instant at which `day` begins in `zone`."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000


def day_end(day: date, zone: ZoneInfo) -> int:
    """The instant at which the day after `day` begins in `zone`: the exclusive end of `day`."""
    return day_start(day + timedelta(days=1), zone)
