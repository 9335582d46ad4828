"""What is wrong with a registry, and where."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

LIKE_IT = 20
"""Findings of one kind that are told; of the others there is the number. A registry of a billion rows may be wrong in
every one of them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: `place` names it, as `batch 3`, and `message` says what is the matter."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(slots=True)
class Findings:
    """Those so far."""

    told: list[Finding] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, place: str, message: str) -> None:
        """Note one. `kind` groups those that are alike."""
        self._counts[kind] += 1
        if self._counts[kind] <= LIKE_IT:
            self.told.append(Finding(place, message))

    def all(self) -> tuple[Finding, ...]:
        """Those that are told, and how many more there are of each kind."""
        more = [
            Finding(kind, f"{count - LIKE_IT:,} more findings like those above")
            for kind, count in self._counts.items()
            if count > LIKE_IT
        ]
        return (*self.told, *more)

    def total(self) -> int:
        """How many there are, those not told included."""
        return self._counts.total()
