"""Fixtures for all tests. What they build stands in tests/support, which `pythonpath` makes importable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.loopback import loopback_only
from support.world import World


@pytest.fixture(autouse=True, scope="session")
def stay_here() -> Iterator[None]:
    """No test opens a socket to anything but loopback."""
    with loopback_only():
        yield


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A new, empty registry with a folder for keys."""
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def furnished(world: World) -> World:
    """A registry in which label batches can be issued."""
    return world.furnish()
