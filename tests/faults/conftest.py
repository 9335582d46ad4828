"""What the tests of faults share: the figures they print, and how often they do it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def figure(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints a figure at once, and again at the end of the run."""

    def say(text: str) -> None:
        request.config.stash.setdefault(FIGURES, []).append(text)
        with capsys.disabled():
            print(f"\n  {text}")

    return say


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if said := config.stash.get(FIGURES, []):
        terminalreporter.section("figures of the faults")
        for text in said:
            terminalreporter.write_line(text)


@pytest.fixture(scope="session")
def rounds() -> Callable[[int], int]:
    """How often a fault is made: as often as FAULT_ROUNDS says, else as often as the test does by itself."""
    return lambda usual: int(os.environ.get("FAULT_ROUNDS") or usual)
