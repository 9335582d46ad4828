"""Fixtures for all tests. What they build stands in tests/support, which `pythonpath` makes importable."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from support.loopback import loopback_only
from support.memory import in_memory
from support.world import ENGINES, World, new_world
from werkzeug.routing import Rule

from traceqr import passwords
from traceqr.symbol import table

# How long an example takes says nothing of whether it is right: timings belong in benchmarks/.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# A shell without job control starts what runs in the background with SIGINT ignored, and the programs that tests start
# would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


# A test's folder is in memory where there is room: each commit of a registry waits for a disk for some milliseconds.
if folder := in_memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


# Whatever a password's hash costs, the tests would pay it a thousand times over.
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pytest_collection_finish() -> None:
    """What a run has gathered stays to its end: no search for garbage goes through thousands of tests again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """At the end all of it may go."""
    gc.unfreeze()


# The tables of a layout take a fifth of a second to make. The tests go through some fifteen layouts in each of many
# modules, where a process that prints has one; 16 take some 300 MB.
table._tables = lru_cache(maxsize=16)(table._tables.__wrapped__)


# The parts of a route, and what writes its addresses, come of its text alone. It takes 90 ms for all routes of an app,
# and a thousand tests have an app of their own.
_compile = Rule.compile
_compiled: dict[tuple[object, ...], dict[str, Any]] = {}
_KEPT = ("_parts", "_trace", "_converters", "arguments")
_BUILDERS = ("_build", "_build_unknown")


def _compile_once(rule: Rule) -> None:
    if rule.defaults or rule.host or rule.subdomain:
        _compile(rule)
        return
    key = (rule.rule, rule.merge_slashes, *rule.map.converters.items())
    if key in _compiled:
        vars(rule).update(_compiled[key])
        for name in _BUILDERS:
            setattr(rule, name, _compiled[key][name].__get__(rule))
        return
    _compile(rule)
    _compiled[key] = {name: getattr(rule, name) for name in _KEPT} | {
        name: getattr(rule, name).__func__ for name in _BUILDERS
    }


Rule.compile = _compile_once


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
def world(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Iterator[World]:
    """A new, empty registry with a folder for keys. Connections to a server are new ones for tests that alter what they
    are made by, and in modules that are about them.
    """
    alone = "monkeypatch" in request.fixturenames or getattr(request.module, "ON_NEW_CONNECTIONS", False)
    with new_world(engine, tmp_path, alone=alone) as made:
        yield made


@pytest.fixture
def furnished(world: World) -> World:
    """A registry in which label batches can be issued."""
    return world.furnish()
