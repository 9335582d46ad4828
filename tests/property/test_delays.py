"""Delays after wrong entries: bounded, never shorter for more of them, and gone with time, whatever the clock does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceqr.guard import delays
from traceqr.guard.delays import LONGEST_MS, SHORTEST_MS, Budget

BUDGETS = st.builds(Budget, free=st.integers(0, 500), step=st.integers(1, 200), forgive_ms=st.integers(1, 3_600_000))
INSTANTS = st.integers(0, 2**45)
OURS = (delays.OF_DEVICE_AND_LABEL, delays.OF_DEVICE, delays.OF_LABEL, delays.OF_BATCH)


@given(BUDGETS, st.integers(0, 100_000))
def test_more_wrong_entries_never_wait_for_less(budget: Budget, wrong: int) -> None:
    assert 0 <= budget.delay_ms(wrong) <= budget.delay_ms(wrong + 1) <= LONGEST_MS


@given(BUDGETS)
def test_what_is_free_is_free_and_the_next_is_not(budget: Budget) -> None:
    assert budget.delay_ms(budget.free) == 0
    assert budget.delay_ms(budget.free + 1) == SHORTEST_MS


@given(BUDGETS)
def test_what_is_remembered_is_enough_for_the_longest_delay(budget: Budget) -> None:
    assert budget.delay_ms(budget.most) == LONGEST_MS


@given(BUDGETS, INSTANTS, INSTANTS, st.integers(0, 10**9))
def test_a_delay_only_falls_with_time(budget: Budget, paid_ms: int, now_ms: int, passed_ms: int) -> None:
    assert budget.delay_at(paid_ms, now_ms + passed_ms) <= budget.delay_at(paid_ms, now_ms) <= LONGEST_MS


@given(BUDGETS, INSTANTS, st.lists(st.integers(0, 10**7), max_size=60))
def test_after_a_rest_all_is_forgiven(budget: Budget, now_ms: int, gaps: list[int]) -> None:
    """However many wrong entries there were, and however they came."""
    paid_ms = 0
    for gap in gaps:
        now_ms += gap
        paid_ms = budget.with_one_more(paid_ms, now_ms)
    assert budget.unforgiven(paid_ms, now_ms) <= min(len(gaps), budget.most)
    assert budget.delay_at(paid_ms, now_ms + budget.most * budget.forgive_ms) == 0


@given(BUDGETS, INSTANTS, INSTANTS)
def test_one_more_is_never_one_less(budget: Budget, paid_ms: int, now_ms: int) -> None:
    """Also where the clock was set back far, and the debt seems endless."""
    before = budget.unforgiven(paid_ms, now_ms)
    assert min(before + 1, budget.most) == budget.unforgiven(budget.with_one_more(paid_ms, now_ms), now_ms)


@pytest.mark.parametrize("budget", OURS)
def test_ours_are_forgiven_within_hours(budget: Budget) -> None:
    assert budget.most * budget.forgive_ms <= 4 * 3_600_000


def test_as_the_handbook_has_it() -> None:
    found = [delays.OF_DEVICE_AND_LABEL.delay_ms(wrong) // 1000 for wrong in range(4, 13)]
    assert found == [0, 15, 30, 60, 120, 240, 480, 900, 900]
