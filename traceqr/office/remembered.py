"""What was added up of the registry and cannot become another, kept by each process."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

Value = TypeVar("Value")

MOST = 1_000


class Remembered:
    """Values by keys that name all they depend on: a span of days that are over, or a head of the ledger."""

    def __init__(self) -> None:
        self._held: dict[Hashable, Any] = {}

    def of(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value under a key, made where there is none. What was made by another thread meanwhile is the same."""
        try:
            return cast(Value, self._held[key])
        except KeyError:
            if len(self._held) >= MOST:
                self._held.clear()
            value = self._held[key] = make()
            return value
