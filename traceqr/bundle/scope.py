"""For what a bundle speaks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from traceqr.bundle.reading import Malformed
from traceqr.region import at_level

_REGION = re.compile("region:((?!00)[0-9]{2})0000")


@dataclass(frozen=True, slots=True)
class Scope:
    """`public` (no parts), `all`, or `region:RR0000` (the enterprises of a province)."""

    text: str

    def __post_init__(self) -> None:
        if self.text not in ("public", "all") and not _REGION.fullmatch(self.text):
            raise Malformed(f"expected the scope public, all or region:RR0000 with a province, got {self.text[:40]!r}")

    @classmethod
    def of_province(cls, region: str) -> Scope:
        """That of the province that a region lies in. Raises `Malformed` for the whole country."""
        return cls(f"region:{at_level(region, 2)}")

    def __str__(self) -> str:
        return self.text

    @property
    def is_public(self) -> bool:
        """Whether it is told to everybody, and holds no parts."""
        return self.text == "public"

    @property
    def is_whole(self) -> bool:
        """Whether it names all batches: one that it does not name was never issued."""
        return self.text == "all"

    def holds(self, region: str) -> bool:
        """Whether the batches of an enterprise of that region belong to it."""
        return self.is_whole or (not self.is_public and at_level(region, 2) == self.text.removeprefix("region:"))


PUBLIC = Scope("public")
ALL = Scope("all")
