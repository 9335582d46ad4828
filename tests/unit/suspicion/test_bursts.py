"""Bursts of a batch's scans."""

from __future__ import annotations

import pytest

from traceqr.suspicion.bursts import BASE_DAYS, LEAST, bursts


def steady(each: int, days: int = 60) -> dict[int, int]:
    return dict.fromkeys(range(days), each)


def test_a_steady_batch_has_none() -> None:
    assert bursts(steady(100), BASE_DAYS, 59) == []


def test_a_sudden_day_is_one() -> None:
    found = bursts({**steady(20), 50: 200}, 40, 59)
    assert [(burst.day, burst.scans, round(burst.expected)) for burst in found] == [(50, 200, 20)]


def test_its_own_scans_do_not_hide_the_next() -> None:
    assert [burst.day for burst in bursts({**steady(2), 50: 400, 51: 900}, 40, 59)] == [50, 51]


@pytest.mark.parametrize("scans", [1, 5, LEAST - 1])
def test_few_scans_are_none(scans: int) -> None:
    assert bursts({50: scans}, 40, 59) == []


def test_many_out_of_nothing_are_one() -> None:
    assert [burst.day for burst in bursts({50: LEAST}, 40, 59)] == [50]


def test_growth_over_weeks_is_none() -> None:
    assert bursts({day: 10 + day for day in range(120)}, BASE_DAYS, 119) == []


def test_no_days() -> None:
    assert bursts({}, 0, 59) == []
