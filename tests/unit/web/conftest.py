"""Fixtures of the web tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.unit.web.world import World, browser, build


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A deployment of its own for each test."""
    made = build(tmp_path)
    yield made
    made.base.close()


@pytest.fixture
def client(world: World) -> FlaskClient:
    """A browser that was never here before."""
    return browser(world.app())
