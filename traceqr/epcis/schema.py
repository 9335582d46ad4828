"""The shapes of documents and events: a JSON Schema (draft 2020-12) of our own, and what it finds, in our words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any

import jsonschema_rs

from traceqr.epcis.problem import MOST_PROBLEMS, ExceptionType, Problem, escaped, shown

SHAPES = {
    "ObjectEvent": "acted",
    "AggregationEvent": "acted",
    "AssociationEvent": "associated",
    "TransactionEvent": "traded",
    "TransformationEvent": "event",
}
"""From the types of events to their shapes."""


def faults(shape: str, value: Any, pointer: str) -> list[Problem]:
    """What of a value is not of one of the schema's shapes. `pointer` is where the value stands."""
    validator = _validator(shape)
    if validator.is_valid(value):
        return []
    return list(_first(validator.iter_errors(value), pointer))


def _first(errors: Iterable[jsonschema_rs.ValidationError], pointer: str) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for error in errors:
        where = pointer + "".join(f"/{escaped(str(each))}" for each in error.instance_path)
        message = _message(error)
        if (where, message) not in seen:
            seen.add((where, message))
            yield Problem(where, ExceptionType.VALIDATION, message)
        if len(seen) == MOST_PROBLEMS:
            return


def _message(error: jsonschema_rs.ValidationError) -> str:
    kind: Any = error.kind
    if kind.name == "required":
        return f"expected the member {kind.property!r}, got none"
    if kind.name == "additionalProperties":
        return f"expected no other member, got {', '.join(map(shown, kind.unexpected))}"
    if kind.name in ("maxItems", "minItems") and isinstance(error.instance, list):
        return f"expected {_expected(error)}, got {len(error.instance):,}"
    if kind.name == "uniqueItems":
        return f"expected {_expected(error)}, got one twice"
    return f"expected {_expected(error)}, got {shown(error.instance)}"


def _expected(error: jsonschema_rs.ValidationError) -> str:
    """The description that stands nearest to the rule that was broken."""
    node: Any = _schema()
    found = error.message
    for step in error.schema_path:
        node = node[step]
        if isinstance(node, dict):
            found = node.get("description", found)
    return found


@cache
def _validator(shape: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{shape}", "$defs": _schema()["$defs"]})


@cache
def _schema() -> dict[str, Any]:
    text = resources.files("traceqr.epcis").joinpath("epcis.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
