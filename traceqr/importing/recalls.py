"""A recall with its words, from a TOML file: what is recalled, and what people are told in each language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from traceqr.activating import Range
from traceqr.errors import TraceqrError
from traceqr.importing.decoding import Source, read_text
from traceqr.importing.fault import Fault, ImportRefused
from traceqr.label.gtin import Gtin
from traceqr.noting import require_text
from traceqr.recalling import GRADES, MOST, Announcement, Lot
from traceqr.registry.recalls import LANGUAGES, PARTS

MAX_BYTES = 100_000
_MAX_LINE = 100
_KEYS = ("gtin", "lot", "batch", "first", "last", "class", "ordered_by", *LANGUAGES)


@dataclass(frozen=True, slots=True)
class RecallEntry:
    """What such a file says. `ordered_by` is the Chinese name of an organisation, or empty."""

    target: Range | Lot
    announcement: Announcement
    ordered_by: str = ""


class _Refused(TraceqrError):
    """A value that is not as expected."""


def read_recall(source: Source) -> RecallEntry:
    """Read such a file. Raises `ImportRefused` with every fault, by its key."""
    return parse_recall(source.name, read_text(source, MAX_BYTES))


def parse_recall(source: str, text: str) -> RecallEntry:
    """Read the text of one."""
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # numbers and nesting past Python's limits raise these
        raise ImportRefused(source, [Fault(0, "", f"expected TOML, got a text that is not: {error}")]) from error
    faults = [
        Fault(0, key[:80], f"expected keys among {', '.join(_KEYS)}, got {key[:80]!r}")
        for key in found
        if key not in _KEYS
    ]
    values = _Values(found, faults)
    target, texts = _target(values), _texts(found, faults)
    grade = values.of("class", _grade)
    ordered_by = values.of("ordered_by", _line)
    if faults or target is None:
        raise ImportRefused(source, faults)
    return RecallEntry(target, Announcement(texts, grade), ordered_by or "")


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of a table, whose faults go to a list."""

    found: Mapping[str, Any]
    faults: list[Fault]

    def of(self, key: str, parse: Any) -> Any:
        """A value, or None where there is none, or one that is at fault."""
        if key not in self.found:
            return None
        try:
            return parse(self.found[key])
        except TraceqrError as error:
            self.faults.append(Fault(0, key, str(error)))
            return None


def _target(values: _Values) -> Range | Lot | None:
    given = set(values.found) & {"gtin", "lot", "batch", "first", "last"}
    batch, gtin = values.of("batch", _whole), values.of("gtin", _gtin)
    lot, first, last = values.of("lot", _line), values.of("first", _whole), values.of("last", _whole)
    if "batch" in given and not given & {"gtin", "lot"}:
        return None if batch is None else Range(batch, first, last)
    if "gtin" in given and not given & {"batch", "first", "last"}:
        return None if gtin is None else Lot(gtin, lot)
    values.faults.append(Fault(0, "", "expected batch, with or without first and last, or gtin, with or without lot"))
    return None


def _texts(found: Mapping[str, Any], faults: list[Fault]) -> dict[str, str]:
    texts = {}
    for tag, ending in LANGUAGES.items():
        table = found.get(tag)
        if table is None and tag != "zh-Hans":
            continue
        if not isinstance(table, dict) or set(table) != set(PARTS):
            faults.append(Fault(0, tag, f"expected a table [{tag}] with {', '.join(PARTS)}"))
            continue
        for part in PARTS:
            try:
                texts[f"{part}_{ending}"] = require_text(_string(table[part]), part, MOST[part])
            except TraceqrError as error:
                faults.append(Fault(0, f"{tag}.{part}", str(error)))
    return texts


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise _Refused("expected a text in quotes, got something else")
    return value


def _line(value: Any) -> str:
    return require_text(_string(value), "text", _MAX_LINE, lines=False)


def _gtin(value: Any) -> Gtin:
    return Gtin.from_trade(_line(value))


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 10**9:
        raise _Refused("expected a whole number from 0 to 999,999,999, without quotes")
    return value


def _grade(value: Any) -> int:
    if type(value) is not int or value not in GRADES:
        raise _Refused("expected class 1, 2 or 3, without quotes")
    return value
