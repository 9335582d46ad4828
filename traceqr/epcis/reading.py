"""One event, from the value of its JSON text to `Event`; all that is wrong with it is found at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from traceqr.epcis import members, rules, schema, things
from traceqr.epcis.context import Declared, Namespaces, used
from traceqr.epcis.event_hash import hash_id
from traceqr.epcis.faults import Faults
from traceqr.epcis.naming import Names
from traceqr.epcis.problem import Problem, shown
from traceqr.epcis.spelling import read_place
from traceqr.epcis.vocabulary import DISPOSITIONS, ERROR_REASONS, PARTY_TYPES, STEPS, TRANSACTION_TYPES, Vocabulary
from traceqr.tracing.event import Action, Audience, Declaration, Event, EventKind, Item, Mention

AHEAD_MS = 10 * 60_000
"""How far clocks may differ: what is later than that is of the future."""

_PARTY = "417/"


def read_event(
    value: Any, pointer: str, outer: Namespaces, now_ms: int | None = None
) -> tuple[Event | None, tuple[Problem, ...]]:
    """The event that a value tells, or what is wrong with it. `outer` are the namespaces of its document."""
    kind = _kind(value)
    if kind is None:
        faults = Faults(pointer)
        faults.add("", f"expected an event with one of the types {', '.join(members.TYPES)}, got {_described(value)}")
        return None, tuple(faults.found)
    if problems := schema.faults(schema.SHAPES[value["type"]], value, pointer):
        return None, tuple(problems)
    return _Reader(value, kind, pointer, outer).read(now_ms)


def _kind(value: Any) -> EventKind | None:
    told = value.get("type") if isinstance(value, dict) else None
    return members.TYPES.get(told) if isinstance(told, str) else None


def _described(value: Any) -> str:
    return shown(value["type"]) if isinstance(value, dict) and "type" in value else shown(value)


class _Reader:
    """Reads one event that has the right shape."""

    def __init__(self, value: dict[str, Any], kind: EventKind, pointer: str, outer: Namespaces) -> None:
        self.value = value
        self.kind = kind
        self.faults = Faults(pointer)
        if "@context" in value:
            declared = Declared(value["@context"], f"{pointer}/@context", outer)
            self.faults.found += declared.problems
            outer = declared.names
        self.names = Names(outer, self.faults)

    def read(self, now_ms: int | None) -> tuple[Event | None, tuple[Problem, ...]]:
        self.names.look_through(self.value, self.kind)
        ranged = self._ranges()
        event = self._event(self._items(ranged), now_ms)
        rules.check(self.value, self.kind, frozenset(item.part.value for item in ranged), self.faults)
        if self.faults.found:
            return None, tuple(self.faults.found)
        return (event if event.id else replace(event, id=hash_id(event))), ()

    def _event(self, items: tuple[Item, ...], now_ms: int | None) -> Event:
        value = self.value
        return Event(
            id=value.get("eventID", ""),
            kind=self.kind,
            action=Action(value.get("action", "").lower()),
            at_ms=self._at(now_ms),
            items=items,
            step=self._word("bizStep", STEPS),
            disposition=self._word("disposition", DISPOSITIONS),
            read_point=self._place("readPoint"),
            location=self._place("bizLocation"),
            transformation=value.get("transformationID", ""),
            mentions=self._transactions() + self._parties("source") + self._parties("destination"),
            declaration=self._declaration(),
            audience=self._audience(),
            content=self._content(),
        )

    def _at(self, now_ms: int | None) -> int:
        at_ms = self.faults.instant("/eventTime", self.value["eventTime"])
        if now_ms is not None and at_ms > now_ms + AHEAD_MS:
            self.faults.add("/eventTime", f"expected an instant that has come, got {self.value['eventTime']!r}")
        if "recordTime" in self.value:
            self.faults.instant("/recordTime", self.value["recordTime"])
        return at_ms

    def _ranges(self) -> list[Item]:
        name = self.names.ours.get(members.RANGES)
        if name is None:
            return []
        where = f"/{name}"
        if problems := schema.faults("ranges", self.value[name], self.faults.pointer + where):
            self.faults.found += problems
            return []
        return things.ranges(self.value[name], members.PARTS[self.kind], where, self.faults)

    def _items(self, ranged: list[Item]) -> tuple[Item, ...]:
        value, faults = self.value, self.faults
        found = things.parent(value[members.PARENT], "/parentID", faults) if members.PARENT in value else []
        for name, part in members.SINGLE.items():
            found += things.single(value.get(name, []), part, f"/{name}", faults)
            found += [item for item in ranged if item.part is part]
        for name, part in members.CLASSES.items():
            found += things.classes(value.get(name, []), part, f"/{name}", faults)
        things.require_once(found, faults)
        return tuple(found)

    def _word(self, name: str, words: Vocabulary) -> str:
        return self.faults.asked(f"/{name}", words.read, self.value[name], "") if name in self.value else ""

    def _place(self, name: str) -> str:
        if name not in self.value:
            return ""
        uri = self.value[name]["id"]
        place, _ = self.faults.asked(f"/{name}/id", read_place, uri, ("", ""))
        if place.startswith(_PARTY):
            self.faults.add(f"/{name}/id", f"expected a place, got {uri!r}, which names a party")
        return place

    def _transactions(self) -> tuple[Mention, ...]:
        listed = enumerate(self.value.get("bizTransactionList", ()))
        typed = [(self._type(each, f"/bizTransactionList/{place}", TRANSACTION_TYPES), each) for place, each in listed]
        return tuple(Mention("transaction", kind, each["bizTransaction"]) for kind, each in typed)

    def _parties(self, kind: str) -> tuple[Mention, ...]:
        found = []
        for number, each in enumerate(self.value.get(f"{kind}List", ())):
            where = f"/{kind}List/{number}"
            named, _ = self.faults.asked(f"{where}/{kind}", read_place, each[kind], ("", ""))
            found.append(Mention(kind, self._type(each, where, PARTY_TYPES), named))
        return tuple(found)

    def _type(self, each: dict[str, Any], where: str, words: Vocabulary) -> str:
        return self.faults.asked(f"{where}/type", words.read, each["type"], "") if "type" in each else ""

    def _declaration(self) -> Declaration | None:
        declared = self.value.get("errorDeclaration")
        if declared is None:
            return None
        unheard = Faults("")  # what is wrong with it, the rules tell
        return Declaration(
            unheard.instant("", declared["declarationTime"]),
            unheard.asked("", ERROR_REASONS.read, declared.get("reason", ""), "") if declared.get("reason") else "",
            tuple(declared.get("correctiveEventIDs", ())),
        )

    def _audience(self) -> Audience | None:
        name = self.names.ours.get(members.AUDIENCE)
        if name is None:
            return None
        told = self.value[name]
        if told not in tuple(Audience):
            self.faults.add(f"/{name}", f"expected one of {', '.join(Audience)}, got {shown(told)}")
            return None
        return Audience(told)

    def _content(self) -> dict[str, Any]:
        left_out = {*members.NOT_KEPT, self.names.ours.get(members.RANGES)}
        content = {name: each for name, each in self.value.items() if name not in left_out}
        if context := used(self.names.names, self.names.needed):
            content["@context"] = context
        ordered: dict[str, Any] = _ordered(content)
        return ordered


def _ordered(value: Any) -> Any:
    """The same with its members in the order of their names, so that an event is kept alike whoever wrote it."""
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value)}
    return [_ordered(each) for each in value] if isinstance(value, list) else value
