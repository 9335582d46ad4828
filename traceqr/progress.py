"""How far a long piece of work has come, told to whoever shows it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Told, from time to time, how many rows are done and how many there are."""


def unshown(_done: int, _total: int) -> None:
    """The progress of work that nobody is shown."""
