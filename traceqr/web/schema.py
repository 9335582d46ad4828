"""JSON as it comes from outside, against a schema (JSON Schema 2020-12, a small part of it): the same that the document
of the interface shows. Strict: no member that is not named, nothing coerced, and every fault is told at once.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from traceqr.errors import TraceqrError
from traceqr.instant import parse_date
from traceqr.label.gtin import Gtin

Schema = Mapping[str, Any]

MAX_FAULTS = 20
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one member; `member` is a path such as `marks/0`, empty for the whole."""

    member: str
    expected: str
    got: str


def parse(content: bytes) -> object:
    """JSON of UTF-8. Raises `ValueError`, also for a member that stands there twice and for what is no number."""
    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("too deep") from error


def faults(schema: Schema, value: object, member: str = "") -> list[Fault]:
    """All that is wrong with a value."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kind = _kind(value)
    if kind not in kinds and not (kind == "integer" and "number" in kinds):
        return [Fault(member, " or ".join(kinds), kind if kind in ("object", "array") else _shown(value))]
    if "enum" in schema and value not in schema["enum"]:
        return [Fault(member, "one of " + ", ".join(str(each) for each in schema["enum"]), _shown(value))]
    return _CHECKS[kind](schema, value, member) if kind in _CHECKS else []


def _object(schema: Schema, value: Any, member: str) -> list[Fault]:
    known: Mapping[str, Schema] = schema.get("properties", {})
    found = [
        Fault(_under(member, name), "the member", "none") for name in schema.get("required", ()) if name not in value
    ]
    for name, each in value.items():
        if name in known:
            found += faults(known[name], each, _under(member, name))
        else:
            found.append(Fault(_under(member, _named(name)), "no such member", _shown(each)))
    return found[:MAX_FAULTS]


def _array(schema: Schema, value: Any, member: str) -> list[Fault]:
    if len(value) > schema.get("maxItems", len(value)):
        return [Fault(member, f"at most {schema['maxItems']} items", str(len(value)))]
    if schema.get("uniqueItems") and len({json.dumps(each) for each in value}) < len(value):
        return [Fault(member, "each item once", "one twice")]
    return [fault for place, each in enumerate(value) for fault in faults(schema["items"], each, _under(member, place))]


def _integer(schema: Schema, value: Any, member: str) -> list[Fault]:
    low, high = schema.get("minimum", value), schema.get("maximum", value)
    return [] if low <= value <= high else [Fault(member, f"{low} to {high}", _shown(value))]


def _string(schema: Schema, value: Any, member: str) -> list[Fault]:
    low, high = schema.get("minLength", 0), schema.get("maxLength", len(value))
    if not low <= len(value) <= high:
        return [Fault(member, f"{low} to {high} characters", str(len(value)))]
    if "pattern" in schema and not re.fullmatch(schema["pattern"].removeprefix("^").removesuffix("$"), value):
        return [Fault(member, f"text of the pattern {schema['pattern']}", _shown(value))]
    expected, is_good = _FORMATS.get(schema.get("format", ""), ("", None))
    return [Fault(member, expected, _shown(value))] if is_good and not is_good(value) else []


def _is_line(text: str) -> bool:
    return bool(text.strip() or not text) and all(char.isprintable() or char == "\u3000" for char in text)


def _is_text(text: str) -> bool:
    return bool(text.strip()) and all(char.isprintable() or char in "\u3000\n" for char in text)


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def does(text: str) -> bool:
        try:
            parse(text)
        except TraceqrError:
            return False
        return True

    return does


_FORMATS: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "line": ("printable characters in one line", _is_line),
    "text": ("printable characters", _is_text),
    "base64": ("bytes in base64 (RFC 4648, section 4)", _is_base64),
    "date": ("a date such as 2026-09-01", _parses(parse_date)),
    "gtin": ("a GTIN of 14 digits with its check digit", _parses(Gtin.parse)),
}
_CHECKS = {"object": _object, "array": _array, "integer": _integer, "string": _string}


def _kind(value: object) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", type(None): "null"}
    return kinds.get(type(value), "object")


def _shown(value: object) -> str:
    """As it came, shortened; in ASCII, so that nothing that came is more than text."""
    return json.dumps(value)[:_SHOWN]


def _named(name: str) -> str:
    """A member that we do not know, shortened; halves of characters, which JSON can spell, are spelled out."""
    return name[:_SHOWN].encode("utf-8", "backslashreplace").decode()


def _under(member: str, name: str | int) -> str:
    return f"{member}/{name}" if member else str(name)


def _once(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) < len(members):
        raise ValueError("a member stands there twice")
    return found


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
