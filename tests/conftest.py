"""Fixtures for all tests. What they build stands in tests/support, which `pythonpath` makes importable."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from support.loopback import loopback_only
from support.world import ENGINES, World, new_world

from traceqr import passwords
from traceqr.symbol import table

# How long an example takes says nothing of whether it is right: timings belong in benchmarks/.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# A shell without job control starts what runs in the background with SIGINT ignored, and the programs that tests start
# would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


# Whatever a password's hash costs, the tests would pay it a thousand times over.
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pytest_collection_finish() -> None:
    """What a run has gathered stays to its end: no search for garbage goes through thousands of tests again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """At the end all of it may go."""
    gc.unfreeze()


# The tables of a layout take a second to make. The tests go through some fifteen layouts in each of many modules, where
# a process that prints has one; 16 take some 300 MB.
table._tables = lru_cache(maxsize=16)(table._tables.__wrapped__)


@pytest.fixture(autouse=True, scope="session")
def stay_here() -> Iterator[None]:
    """No test opens a socket to anything but loopback."""
    with loopback_only():
        yield


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """What the registry stands on: every test of a world runs on both. A module that is about one of them alone
    overrides this fixture.
    """
    return str(request.param)


@pytest.fixture
def world(engine: str, tmp_path: Path) -> Iterator[World]:
    """A new, empty registry with a folder for keys."""
    with new_world(engine, tmp_path) as made:
        yield made


@pytest.fixture
def furnished(world: World) -> World:
    """A registry in which label batches can be issued."""
    return world.furnish()
