"""What is found wrong with one event, collected while it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.problem import MOST_PROBLEMS, ExceptionType, Problem
from traceqr.instant import InvalidDate, from_iso

T = TypeVar("T")

_EARLIEST_MS = 0


class Faults:
    """Problems of an event, each with its pointer below the event."""

    def __init__(self, pointer: str) -> None:
        self.pointer = pointer
        self.found: list[Problem] = []

    def add(self, where: str, message: str) -> None:
        """`where` is a pointer from the event, such as `/epcList/3`."""
        if len(self.found) < MOST_PROBLEMS:
            self.found.append(Problem(self.pointer + where, ExceptionType.VALIDATION, message))

    def asked(self, where: str, read: Callable[[str], T], text: str, otherwise: T) -> T:
        """What `read` makes of a text; where it refuses, that is noted and `otherwise` stands in its place."""
        try:
            return read(text)
        except InvalidSpelling as error:
            self.add(where, str(error))
            return otherwise

    def instant(self, where: str, text: str) -> int:
        """The instant that a text spells; a fault where there is none, such as on a 30th of February."""
        try:
            at_ms = from_iso(text)
        except (InvalidDate, OverflowError):
            at_ms = _EARLIEST_MS - 1
        if at_ms < _EARLIEST_MS:
            self.add(where, f"expected an instant from 1970 to 9999, got {text!r}")
        return at_ms
