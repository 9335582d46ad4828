"""The standard's SimpleEventQuery (EPCIS 2.0, section 8.2.7.1): its parameters, read strictly into one value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from traceqr.epcis.context import STANDARD, Declared, Namespaces
from traceqr.epcis.given import MAX_PARAMETERS, Given, from_text
from traceqr.epcis.matching import matches
from traceqr.epcis.parameters import Asked
from traceqr.epcis.problem import ExceptionType, Refused, refused, shown
from traceqr.epcis.wanted import (
    EventQuery,
    FieldTest,
    Match,
    MentionTest,
    Operator,
    OrderBy,
    Pattern,
    QuantityTest,
    Within,
)

__all__ = [
    "EventQuery",
    "FieldTest",
    "Match",
    "MentionTest",
    "Operator",
    "OrderBy",
    "Pattern",
    "QuantityTest",
    "Within",
    "from_json",
    "from_query_string",
    "matches",
]


def from_query_string(raw: str, namespaces: Namespaces = STANDARD) -> EventQuery:
    """From what follows the question mark, percent-encoded as it came. Raises `Refused` (QueryParameterException).

    Lists have commas between their values; commas inside of values are escaped.
    """
    pairs = [pair.partition("=") for pair in raw.split("&") if pair]
    return _asked([from_text(name, value) for name, _, value in pairs], {**STANDARD, **namespaces})


def from_json(value: Mapping[str, Any], namespaces: Namespaces = STANDARD) -> EventQuery:
    """From the object `query` of a body. Raises `Refused` (QueryParameterException)."""
    if not isinstance(value, dict):
        raise refused(ExceptionType.QUERY_PARAMETER, f"expected an object with parameters, got {shown(value)}", "query")
    declared = Declared(value.get("@context"), "/@context", namespaces)
    if declared.problems:
        raise Refused(declared.problems)
    return _asked([Given(name, each, typed=True) for name, each in value.items() if name != "@context"], declared.names)


def _asked(parameters: list[Given], names: Namespaces) -> EventQuery:
    if len(parameters) > MAX_PARAMETERS:
        message = f"expected at most {MAX_PARAMETERS} parameters, got {len(parameters)}"
        raise refused(ExceptionType.QUERY_TOO_COMPLEX, message)
    asked, seen = Asked(names), set[str]()
    for each in parameters:
        if each.name in seen:
            raise each.refused("the parameter once", "it twice")
        seen.add(each.name)
        asked.take(each)
    return asked.query()
