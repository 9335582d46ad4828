"""Reading the small tables that people write for printing: strictly, each value with its bounds, from TOML."""

from __future__ import annotations

import enum
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from traceqr.printing.format import PrintError


def toml_values(what: str, text: str) -> dict[str, Any]:
    """What a TOML text says. Raises `PrintError`."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PrintError(f"{what}: expected TOML, got something else: {error}") from error


_Choice = TypeVar("_Choice", bound=enum.StrEnum)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of TOML with known keys, read value by value."""

    where: str
    values: Mapping[str, Any]
    known: set[str]

    def __post_init__(self) -> None:
        if not isinstance(self.values, Mapping):
            raise PrintError(f"{self.where}: expected a table, got {shown(self.values)}")
        unknown = [key for key in self.values if key not in self.known]
        if unknown:
            raise PrintError(f"{self.where}: expected only {', '.join(sorted(self.known))}, got {unknown[0]!r}")

    def number(self, key: str, least: float, most: float, default: float | None = None) -> float:
        """A finite number."""
        value = self.values.get(key, default)
        if value is None:
            raise PrintError(f"{self.where}: expected {key} from {least:g} to {most:g}, it is missing")
        numeric = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not numeric or not least <= value <= most:
            raise PrintError(f"{self.where}: expected {key} from {least:g} to {most:g}, got {shown(value)}")
        return float(value)

    def whole(self, key: str, least: int, most: int, default: int) -> int:
        """A number without a fraction."""
        value = self.number(key, least, most, default)
        if value != int(value):
            raise PrintError(f"{self.where}: expected {key} to be a whole number, got {value:g}")
        return int(value)

    def text(self, key: str, most: int, default: str = "") -> str:
        """Text of at most so many characters."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or len(value) > most:
            raise PrintError(f"{self.where}: expected {key} of at most {most} characters, got {shown(value)}")
        return value

    def choice(self, key: str, choices: type[_Choice], default: _Choice | None = None) -> _Choice:
        """One of some words."""
        value = self.values.get(key, default)
        try:
            return choices(value)
        except ValueError as error:
            names = ", ".join(choices)
            raise PrintError(f"{self.where}: expected {key} to be one of {names}, got {shown(value)}") from error


def toml_text(what: str, path: Path) -> str:
    """The content of a file. Raises `PrintError`."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PrintError(f"expected {what} in {str(path)!r}, could not read it: {error}") from error


def shown(value: object) -> str:
    """A value for a message, short whatever it is."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
