"""When subscribed queries are asked."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from traceqr.epcis.problem import ExceptionType, Refused
from traceqr.epcis.schedule import Schedule
from traceqr.instant import from_iso, to_iso

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("fields", "after", "then"),
    [
        ({"second": "0"}, "2026-09-01T00:00:00Z", "2026-09-01T00:01:00.000Z"),
        ({"second": "0", "minute": "0,30"}, "2026-09-01T00:00:00Z", "2026-09-01T00:30:00.000Z"),
        ({"second": "0", "minute": "0", "hour": "[9-17]"}, "2026-09-01T09:00:00Z", "2026-09-02T01:00:00.000Z"),
        ({"second": "59", "minute": "59", "hour": "23"}, "2026-09-01T15:59:59Z", "2026-09-02T15:59:59.000Z"),
        (
            {"second": "0", "minute": "0", "hour": "0", "dayOfWeek": "1"},
            "2026-09-01T00:00:00Z",
            "2026-09-06T16:00:00.000Z",
        ),
        (
            {"second": "0", "minute": "0", "hour": "8", "dayOfMonth": "29", "month": "2"},
            "2026-09-01T00:00:00Z",
            "2028-02-29T00:00:00.000Z",
        ),
    ],
)
def test_the_next_time(fields: dict[str, str], after: str, then: str) -> None:
    found = Schedule.read(fields).after(from_iso(after), ZONE)
    assert found is not None
    assert to_iso(found) == then


@pytest.mark.parametrize(
    "value",
    [
        *(None, [], {}, "0 0 * * *", {"year": "2026"}, {"minute": 5}, {"minute": ""}, {"minute": "*"}),
        *({"hour": "24"}, {"dayOfMonth": "0"}, {"dayOfWeek": "[6-2]"}, {"month": "2", "dayOfMonth": "30"}),
        {"minute": "1," * 200},
    ],
    ids=str,
)
def test_what_is_none(value: object) -> None:
    with pytest.raises(Refused) as refused:
        Schedule.read(value)
    assert refused.value.problems[0].exception is ExceptionType.SUBSCRIPTION_CONTROLS
