"""What is wrong with a file: every fault by its place, in one error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceqr.errors import TraceqrError

MAX_FAULTS = 10_000
"""Faults named at most: past that many, the file as a whole is the mistake."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`row` counts as a spreadsheet shows it, the header being row 1; 0 stands for the file as a whole.

    `column` is the column's name in these docs, or its letter when it has none, or empty; `heading` is what the
    file itself calls it.
    """

    row: int
    column: str
    message: str
    heading: str = ""

    def __str__(self) -> str:
        named = f"{self.column} ({self.heading})" if self.heading not in ("", self.column) else self.column
        place = [f"row {self.row}"] if self.row else []
        if named:
            place.append(f"column {named}" if self.row else named)
        return f"{', '.join(place)}: {self.message}" if place else self.message


class ImportRefused(TraceqrError):
    """A file with faults: nothing of it has landed. `faults` are in the order of the file."""

    def __init__(self, source: str, faults: Sequence[Fault]) -> None:
        self.source = source
        self.faults = tuple(faults[:MAX_FAULTS])
        self.complete = len(faults) < MAX_FAULTS
        super().__init__("\n".join((self._summary(), *map(str, self.faults))))

    def _summary(self) -> str:
        count = len(self.faults)
        found = "1 fault" if count == 1 else f"{count:,} faults"
        return f"{self.source}: nothing was imported, {found if self.complete else f'the first {found}'}:"
