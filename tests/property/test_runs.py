"""Runs of things against plain sets of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from traceqr.tracing.run import LEVELS, Run, blocks, level_of, merged, reach, without
from traceqr.tracing.thing import Thing, label_line, on_line

LINE = label_line("06901234000016", 5)
OTHER = label_line("06901234000016", 6)
END = 10**8 - 1

numbers = st.one_of(st.integers(0, 40), st.integers(0, END))


def runs(most: int = END) -> st.SearchStrategy[Run]:
    pairs = st.tuples(st.sampled_from([LINE, OTHER]), st.integers(0, most), st.integers(0, most))
    return pairs.map(lambda drawn: Run(drawn[0], min(drawn[1:]), max(drawn[1:])))


def places(found: list[Run]) -> set[tuple[str, int]]:
    return {(run.line, number) for run in found for number in range(run.first, run.last + 1)}


@given(st.lists(runs(40), max_size=8), st.lists(runs(40), max_size=8))
def test_taking_away_and_merging_are_those_of_sets(some: list[Run], others: list[Run]) -> None:
    assert places(merged(some)) == places(some)
    assert places(without(some, others)) == places(some) - places(others)
    left = without(some, others)
    assert left == merged(left)


@given(runs(), numbers)
def test_a_run_is_found_by_whatever_it_touches_and_kept_in_two_places_at_most(run: Run, number: int) -> None:
    kept = {(level_of(run), block) for block in blocks(run)}
    assert len(kept) <= 2
    asked = {level: range(low, high + 1) for level, low, high in reach(number, number)}
    assert set(asked) == set(LEVELS)
    if run.first <= number <= run.last:
        assert any(block in asked[level] for level, block in kept)


@given(runs(), runs())
def test_runs_that_overlap_find_each_other(run: Run, other: Run) -> None:
    asked = {level: range(low, high + 1) for level, low, high in reach(other.first, other.last)}
    if run.first <= other.last and run.last >= other.first:
        assert any(block in asked[level_of(run)] for block in blocks(run))


@given(numbers)
def test_a_label_comes_back_from_its_line(number: int) -> None:
    label = Thing.label("06901234000016", 5, number)
    assert Thing.parse(label.text) == label == on_line(label.line, label.number)
