"""One parameter of a query as it was given: as text in a query string, or as a value in JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote

from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.problem import ExceptionType, Refused, refused, shown
from traceqr.instant import InvalidDate, from_iso

MAX_PARAMETERS = 100
MAX_VALUES = 1_000
MAX_TEXT = 2_000

T = TypeVar("T")

_ESCAPED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_WHOLE = re.compile(r"[0-9]{1,9}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter. `value` is text that is still percent-encoded unless it is `typed`."""

    name: str
    value: Any
    typed: bool = False

    def refused(self, expected: str, got: str | None = None) -> Refused:
        """That the parameter is not as it is expected."""
        message = f"expected {expected}, got {shown(self.value) if got is None else got}"
        return refused(ExceptionType.QUERY_PARAMETER, message, self.name)

    def texts(self) -> list[str]:
        """A list of one text or more."""
        found = self.value if self.typed else [_decoded(self, each) for each in self.value.split(",")]
        if not (isinstance(found, list) and found and all(isinstance(each, str) and each for each in found)):
            raise self.refused("a list of texts")
        if len(found) > MAX_VALUES or any(len(each) > MAX_TEXT for each in found):
            raise self.refused(f"at most {MAX_VALUES:,} values of {MAX_TEXT:,} characters", f"{len(found):,}")
        return found

    def read(self, read: Callable[[str], T]) -> list[T]:
        """What `read` makes of each text; its refusals become those of the parameter."""
        try:
            return [read(each) for each in self.texts()]
        except InvalidSpelling as error:
            raise refused(ExceptionType.QUERY_PARAMETER, str(error), self.name) from error

    def text(self) -> str:
        """One text."""
        found = self.value if self.typed else _decoded(self, self.value)
        if not isinstance(found, str) or not 1 <= len(found) <= MAX_TEXT:
            raise self.refused("a text")
        return found

    def one_of(self, *words: str) -> str:
        """One of some words."""
        found = self.text()
        if found not in words:
            raise self.refused(f"one of {', '.join(words)}")
        return found

    def instant(self) -> int:
        """An instant with its offset."""
        text = self.text()
        try:
            return instant_of(text)
        except InvalidDate as error:
            raise self.refused("an instant with its offset, such as 2026-09-01T00:00:00.000Z") from error

    def whole(self, least: int = 0) -> int:
        """A whole number below a thousand million."""
        found = self.value
        if not self.typed and _WHOLE.fullmatch(found):
            found = int(found)
        if type(found) is not int or not least <= found < 10**9:
            raise self.refused(f"a whole number from {least}")
        return found

    def numbers(self) -> tuple[float, ...]:
        """One number or more."""
        found = self.value
        if not self.typed:
            found = [float(each) if _NUMBER.fullmatch(each) else None for each in found.split(",")]
        found = found if isinstance(found, list) else [found]
        if not found or len(found) > MAX_VALUES or any(type(each) not in (int, float) for each in found):
            raise self.refused("a number")
        return tuple(map(float, found))

    def number(self) -> float:
        """One number."""
        found = self.numbers()
        if len(found) > 1:
            raise self.refused("one number")
        return found[0]

    def boolean(self) -> bool:
        """True or false."""
        found = {"true": True, "false": False}.get(self.value) if not self.typed else self.value
        if not isinstance(found, bool):
            raise self.refused("true or false")
        return found

    def nothing(self) -> None:
        """No value: null in JSON, nothing after the sign of equality, or true."""
        if self.value not in ((None, True) if self.typed else ("", "true")):
            raise self.refused("no value")

    def comparable(self) -> float | str:
        """A number, or an instant as its text."""
        if self.typed and type(self.value) in (int, float):
            return float(self.value)
        text = self.text()
        if not self.typed and _NUMBER.fullmatch(text):
            return float(text)
        if not _TIME.fullmatch(text):
            raise self.refused("a number or an instant with its offset")
        self.instant()
        return text


def from_text(name: str, value: str) -> Given:
    """A parameter of a query string."""
    given = Given(name, value)
    return Given(_decoded(given, name), value)


def instant_of(text: str) -> int:
    """The instant of a text that is spelled as the standard has it. Raises `InvalidDate`."""
    if not _TIME.fullmatch(text):
        raise InvalidDate(f"expected an instant with its offset, got {text!r}")
    return from_iso(text)


def _decoded(given: Given, text: str) -> str:
    try:
        if _ESCAPED.fullmatch(text):
            return unquote(text, errors="strict")
    except UnicodeDecodeError:
        pass
    raise given.refused("percent-encoded UTF-8", shown(text))
