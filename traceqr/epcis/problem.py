"""What is wrong with a document or a query, in the words of the standard (GS1 EPCIS 2.0, section 8.2.6)."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from traceqr.errors import TraceqrError

MOST_PROBLEMS = 50
"""Problems that are told of one event: who has more will hear of the rest when these are mended."""

_SHOWN = 80


class ExceptionType(enum.StrEnum):
    """The standard's names, as a problem document spells them after `epcisException:`."""

    VALIDATION = "ValidationException"
    CAPTURE_LIMIT = "CaptureLimitExceededException"
    QUERY_PARAMETER = "QueryParameterException"
    QUERY_TOO_COMPLEX = "QueryTooComplexException"
    IMPLEMENTATION = "ImplementationException"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    pointer: str
    """A JSON pointer (RFC 6901), empty for the whole; the parameter of a query."""
    exception: ExceptionType
    message: str
    """What was expected, and what came."""

    def __str__(self) -> str:
        return f"{self.pointer or 'the whole'}: {self.message}"


class Refused(TraceqrError):
    """A document or a query that is taken by no part."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


def refused(exception: ExceptionType, message: str, pointer: str = "") -> Refused:
    """A refusal for one reason."""
    return Refused([Problem(pointer, exception, message)])


def shown(value: Any) -> str:
    """A value as it came, shortened, for a message."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def escaped(name: str) -> str:
    """A member's name as a JSON pointer spells it."""
    return name.replace("~", "~0").replace("/", "~1")
