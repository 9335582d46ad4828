"""Inspections from the command line: erased after their term."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.inspections import Inspectors, inspectors
from support.program import Program
from support.world import SetClock, new_in_file

from traceqr.instant import DAY_MS, system_clock


@pytest.fixture
def field(program: Program) -> Iterator[Inspectors]:
    """Inspectors of a registry beside `program`, eight years ago: the ledger's clock goes forward only."""
    world = new_in_file(program.root, SetClock(system_clock() - 3_000 * DAY_MS))
    yield inspectors(world)
    world.close()


def test_they_are_erased_after_their_term(program: Program, field: Inspectors) -> None:
    field.take(field.entry())
    assert "nothing to erase" in program.good("inspections", "erase", "--before", "2001-01-01", "--yes")
    world, last = field.world, ("inspections", "erase", "--before", "2024-01-01", "--yes")
    assert program.json(*last) == {"inspections": 1, "photos": 0}
    assert world.acts()[-1] == "inspection.erase"
    assert program.json(*last) == {"inspections": 0, "photos": 0}
    program.refused("inspections", "erase", "--before", "2999-01-01", "--yes")
    program.refused("inspections", "erase", "--before", "2001-01-01", "--organisation", "nobody", "--yes")
