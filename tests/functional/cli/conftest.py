"""The command line on a real registry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support import kept
from support.program import Program
from support.world import SetClock, World, new_in_file

from traceqr.instant import system_clock


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Before anything is made."""
    return Program(tmp_path)


@pytest.fixture
def shop(program: Program) -> Iterator[World]:
    """A registry beside `program` in which batches can be issued today: the program has no other clock."""
    world = new_in_file(program.root, SetClock(BEGUN_MS))
    kept.begin(world, _furnish)
    world.clock.at_ms = system_clock()
    yield world
    world.close()


BEGUN_MS = system_clock()


def _furnish(world: World) -> None:
    today = datetime.now(UTC).date()
    world.association()
    world.enterprise()
    world.product()
    world.claim()
    world.campaign()
    day = timedelta(days=1)
    world.pledge(signed_on=today - 9 * day, valid_from=today - 9 * day, valid_until=today + 300 * day)
    world.key()
