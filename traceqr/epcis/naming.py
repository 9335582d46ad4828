"""Names of extensions: each must be declared, wherever in an event it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from traceqr.epcis import members
from traceqr.epcis.context import Namespaces, expanded, prefix_of
from traceqr.epcis.faults import Faults
from traceqr.epcis.problem import escaped, shown
from traceqr.tracing.event import EventKind

_ANYWHERE = frozenset({"@id", "@type", "@value", "@language", "id", "type", "#text"})
"""What JSON-LD has a meaning for inside of extensions."""

MAX_NAME = 300


class Names:
    """The names of an event: what they need declared, and our own extensions among them."""

    def __init__(self, names: Namespaces, faults: Faults) -> None:
        self.names = names
        self.needed: set[str] = set()
        self.ours: dict[str, str] = {}
        """From the full names of our own extensions to how they were written here."""
        self._faults = faults

    def look_through(self, value: dict[str, Any], kind: EventKind) -> None:
        """Look at every name in an event that has the right shape."""
        for name in value:
            if name not in members.ALLOWED[kind]:
                self._top(name, value[name], kind)
        for where, inner, known in _with_extensions(value):
            self._members(inner, where, known)

    def _top(self, name: str, value: Any, kind: EventKind) -> None:
        where = f"/{escaped(name)}"
        if name in members.STANDARD:
            self._faults.add(where, f"expected no {name} in an event of type {members.NAMES[kind]}, got one")
            return
        full = self._declared(name, where)
        if full in (members.RANGES, members.AUDIENCE):
            self.ours[full] = name
        if full != members.RANGES:
            self._need(name)
            self._value(value, where)

    def _members(self, value: dict[str, Any], where: str, known: frozenset[str]) -> None:
        for name, inner in value.items():
            if name not in known:
                self._declared(name, f"{where}/{escaped(name)}")
                self._need(name)
                self._value(inner, f"{where}/{escaped(name)}")

    def _value(self, value: Any, where: str) -> None:
        if isinstance(value, dict):
            self._members(value, where, _ANYWHERE)
        elif isinstance(value, list):
            for place, each in enumerate(value):
                self._value(each, f"{where}/{place}")

    def _declared(self, name: str, where: str) -> str:
        full = expanded(name, self.names) if len(name) <= MAX_NAME else None
        if full is None:
            self._faults.add(where, f"expected a name of the standard or with a declared prefix, got {shown(name)}")
        return full or ""

    def _need(self, name: str) -> None:
        prefix = prefix_of(name)
        self.needed.add(prefix if prefix in self.names else "@vocab")


def _with_extensions(value: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], frozenset[str]]]:
    """The members of the standard that may hold extensions: where, what, and what of it is the standard's."""
    yield "/readPoint", value.get("readPoint", {}), members.PLACE
    yield "/bizLocation", value.get("bizLocation", {}), members.PLACE
    yield "/errorDeclaration", value.get("errorDeclaration", {}), members.DECLARATION
    yield "/ilmd", value.get("ilmd", {}), frozenset()
    for place, element in enumerate(value.get("sensorElementList", ())):
        where = f"/sensorElementList/{place}"
        yield where, element, members.ELEMENT
        yield f"{where}/sensorMetadata", element.get("sensorMetadata", {}), members.METADATA
        for number, report in enumerate(element["sensorReport"]):
            yield f"{where}/sensorReport/{number}", report, members.REPORT
