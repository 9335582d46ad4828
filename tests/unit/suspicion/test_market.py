"""The scenarios of `benchmarks/suspicion.py` at small scale: who is found in a made-up market, who is left alone."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
LABELS, COPIED, SEED = 30_000, 40, 7


@pytest.fixture(scope="module", params=["address", "shared", "none"])
def courses(request: pytest.FixtureRequest) -> Iterator[dict[str, list[Any]]]:
    """The courses of all labels by what they stand for, as the service comes to know places one way or another."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import suspicion

        found = defaultdict(list)
        for course in suspicion.courses_of(LABELS, COPIED, SEED, request.param):
            found[course.kind].append(course)
        found["threshold"] = [suspicion.THRESHOLD]
        yield found
    finally:
        sys.path.remove(str(BENCHMARKS))


def accused(courses: dict[str, list[Any]], kind: str) -> float:
    (threshold,) = courses["threshold"]
    assert len(courses[kind]) > 10, kind
    return sum(course.most >= threshold for course in courses[kind]) / len(courses[kind])


@pytest.mark.parametrize("kind", ["bought", "given away", "dealer's stock", "attacked from 1"])
def test_none_of_these_is_accused(courses: dict[str, list[Any]], kind: str) -> None:
    assert accused(courses, kind) == 0


@pytest.mark.parametrize("kind", ["on a table", "passed on"])
def test_these_are_hardly_ever_accused(courses: dict[str, list[Any]], kind: str) -> None:
    assert accused(courses, kind) < 0.1


@pytest.mark.parametrize(
    "kind",
    ["few copies, spread wide", "many copies, one city", "photographed at a display", "insider, unsold stock"],
)
def test_copies_are_found_in_time(courses: dict[str, list[Any]], kind: str) -> None:
    judged = [course for course in courses[kind] if course.copies > 20 and course.judged]
    assert judged
    (threshold,) = courses["threshold"]
    assert sum(course.found_in_time(threshold) for course in judged) >= 0.9 * len(judged)


def test_what_cannot_be_told_from_copies_is_said_to_go_around(courses: dict[str, list[Any]]) -> None:
    """A viral photo, and an attack from twenty networks: docs/suspicion.md says so."""
    (threshold,) = courses["threshold"]
    assert all(course.most >= threshold for course in courses["viral photo"])
    assert accused(courses, "attacked from 20") > 0.9


def test_two_or_three_copies_of_a_label_are_not_found(courses: dict[str, list[Any]]) -> None:
    few = [course for course in courses["insider, unsold stock"] if course.copies <= 3]
    (threshold,) = courses["threshold"]
    assert few
    assert not any(course.most >= threshold for course in few)


def test_a_seed_makes_the_same_market() -> None:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import suspicion

        one, again = ([c.scores for c in suspicion.courses_of(300, 6, 5, "address")] for _ in range(2))
        assert one == again
    finally:
        sys.path.remove(str(BENCHMARKS))
