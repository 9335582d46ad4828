"""Events written as EPCIS 2.0 has them, in JSON-LD: chunk by chunk, so that documents stream however long they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from traceqr.epcis import members, vocabulary
from traceqr.epcis.context import NAMESPACE, OFFICIAL, PREFIX
from traceqr.epcis.filling import filled
from traceqr.epcis.ranged import is_ranged, listed, ranges, singles
from traceqr.epcis.spelling import EpcFormat, PrefixLength, no_prefix_lengths, read_place, read_thing
from traceqr.epcis.spelling import write_place as spell_place
from traceqr.epcis.spelling import write_thing as spell_thing
from traceqr.epcis.vocabulary import CbvFormat, Vocabulary
from traceqr.instant import to_iso
from traceqr.tracing.event import Declaration, Event, Part

_CHUNK = 500
"""Identifiers that are written at once."""

_AS_IT_CAME = (EpcFormat.NO_PREFERENCE, EpcFormat.NEVER_TRANSLATES)
_WORDS_AS_THEY_CAME = (CbvFormat.NO_PREFERENCE, CbvFormat.NEVER_TRANSLATES)


@dataclass(frozen=True, slots=True)
class Form:
    """How identifiers and words are wanted. Where `prefix_length` knows no company prefix, Digital Links stay such."""

    epcs: EpcFormat = EpcFormat.NO_PREFERENCE
    words: CbvFormat = CbvFormat.NO_PREFERENCE
    prefix_length: PrefixLength = no_prefix_lengths

    def place(self, uri: str) -> str:
        """The URI of a place or party as it is wanted."""
        return uri if self.epcs in _AS_IT_CAME else spell_place(*read_place(uri), self.epcs, self.prefix_length)

    def thing(self, uri: str) -> str:
        """The URI of a thing or class as it is wanted."""
        return uri if self.epcs in _AS_IT_CAME else spell_thing(*read_thing(uri), self.epcs, self.prefix_length)

    def word(self, text: str, words: Vocabulary) -> str:
        """A word of the standard as it is wanted."""
        return text if self.words in _WORDS_AS_THEY_CAME else words.write(words.read(text), self.words)


AS_CAPTURED = Form()


@dataclass(frozen=True, slots=True)
class Told:
    """An event, and when it was recorded."""

    event: Event
    recorded_ms: int | None = None


def event_value(told: Told, form: Form = AS_CAPTURED) -> dict[str, Any]:
    """An event as the value of a JSON text, its lists in full."""
    return {**_members(told, form), **{name: list(uris) for name, uris in _lists(told.event, form)}}


def event_text(told: Told, form: Form = AS_CAPTURED) -> Iterator[str]:
    """The JSON text of an event that stands by itself, with its context, in chunks."""
    alone = _members(told, form)
    alone = {"@context": [OFFICIAL, *alone.pop("@context", [])], **alone}
    return _event(alone, told.event, form)


def document(events: Iterable[Told], created_ms: int, form: Form = AS_CAPTURED) -> Iterator[str]:
    """The JSON text of an EPCISDocument around events, in chunks."""
    yield from _around(events, form, _head("EPCISDocument", created_ms) + '"epcisBody":{', "}}")


def query_document(
    events: Iterable[Told],
    created_ms: int,
    form: Form = AS_CAPTURED,
    *,
    query_name: str = "SimpleEventQuery",
    subscription: str = "",
) -> Iterator[str]:
    """The JSON text of an EPCISQueryDocument around the events that a query found, in chunks."""
    named = f'"subscriptionID":{_json(subscription)},' if subscription else ""
    body = f'"epcisBody":{{"queryResults":{{{named}"queryName":{_json(query_name)},"resultsBody":{{'
    yield from _around(events, form, _head("EPCISQueryDocument", created_ms) + body, "}}}}")


def _head(kind: str, created_ms: int) -> str:
    told = {"@context": [OFFICIAL], "type": kind, "schemaVersion": "2.0", "creationDate": to_iso(created_ms)}
    return _json(told)[:-1] + ","


def _around(events: Iterable[Told], form: Form, head: str, tail: str) -> Iterator[str]:
    yield f'{head}"eventList":['
    comma = ""
    for told in events:
        yield comma
        yield from _event(_members(told, form), told.event, form)
        comma = ","
    yield f"]{tail}"


def _event(told: dict[str, Any], event: Event, form: Form) -> Iterator[str]:
    yield _json(told)[:-1]
    for name, uris in _lists(event, form):
        yield f",{_json(name)}:["
        yield from _joined(uris)
        yield "]"
    yield "}"


def _joined(uris: Iterator[str]) -> Iterator[str]:
    """URIs as JSON texts with commas between, some hundred at once."""
    comma = ""
    chunk: list[str] = []
    for uri in uris:
        chunk.append(_json(uri))
        if len(chunk) == _CHUNK:
            yield comma + ",".join(chunk)
            comma, chunk = ",", []
    if chunk:
        yield comma + ",".join(chunk)


def _lists(event: Event, form: Form) -> Iterator[tuple[str, Iterator[str]]]:
    """The lists of single things, each one's identifiers made while it is written."""
    if is_ranged(event):
        return
    items = singles(event)
    for part, name in members.LISTS.items():
        mine = [item for item in items if item.part is part]
        if mine:
            yield name, listed(mine, part, form.epcs, form.prefix_length)


def _members(told: Told, form: Form) -> dict[str, Any]:
    """All members but the lists of single things."""
    event = told.event
    content = _reworded(filled(event), form)
    content["eventID"] = event.id
    if told.recorded_ms is not None:
        content["recordTime"] = to_iso(told.recorded_ms)
    if event.declaration and "errorDeclaration" not in content:
        content["errorDeclaration"] = _declared(event.declaration)
    for uri in listed(event.items, Part.PARENT, form.epcs, form.prefix_length):
        content[members.PARENT] = uri
    if is_ranged(event):
        declared = content.get("@context", [])
        prefix = _free_prefix(declared)
        content["@context"] = [*declared, {prefix: NAMESPACE}]
        content[f"{prefix}:epcRanges"] = ranges(event, form.epcs, form.prefix_length)
    return content


def _free_prefix(declared: list[dict[str, str]]) -> str:
    taken = {name for each in declared for name, namespace in each.items() if namespace != NAMESPACE}
    return next(prefix for prefix in (PREFIX, *(f"{PREFIX}{n}" for n in range(100))) if prefix not in taken)


def _declared(declaration: Declaration) -> dict[str, Any]:
    told: dict[str, Any] = {"declarationTime": to_iso(declaration.at_ms)}
    if declaration.reason:
        told["reason"] = declaration.reason
    return {**told, "correctiveEventIDs": list(declaration.corrective)} if declaration.corrective else told


def _reworded(content: dict[str, Any], form: Form) -> dict[str, Any]:
    """The same members, identifiers and words as they are wanted."""
    if form.epcs not in _AS_IT_CAME:
        content = _with_identifiers(content, form)
    return content if form.words in _WORDS_AS_THEY_CAME else _with_words(content, form)


def _with_identifiers(content: dict[str, Any], form: Form) -> dict[str, Any]:
    found = dict(content)
    for name in ("readPoint", "bizLocation"):
        if name in found:
            found[name] = {**found[name], "id": form.place(found[name]["id"])}
    for name in members.CLASSES:
        if name in found:
            found[name] = [{**each, "epcClass": form.thing(each["epcClass"])} for each in found[name]]
    for name, member in (("sourceList", "source"), ("destinationList", "destination")):
        if name in found:
            found[name] = [{**each, member: form.place(each[member])} for each in found[name]]
    return found


def _with_words(content: dict[str, Any], form: Form) -> dict[str, Any]:
    found = dict(content)
    for name, words in (("bizStep", vocabulary.STEPS), ("disposition", vocabulary.DISPOSITIONS)):
        if name in found:
            found[name] = form.word(found[name], words)
    if "persistentDisposition" in found:
        told = found["persistentDisposition"].items()
        found["persistentDisposition"] = {
            name: [form.word(each, vocabulary.DISPOSITIONS) for each in listed] for name, listed in told
        }
    for name, words in _TYPED.items():
        if name in found:
            found[name] = [_typed(each, words, form) for each in found[name]]
    if "reason" in found.get("errorDeclaration", {}):
        reason = form.word(found["errorDeclaration"]["reason"], vocabulary.ERROR_REASONS)
        found["errorDeclaration"] = {**found["errorDeclaration"], "reason": reason}
    if "sensorElementList" in found:
        found["sensorElementList"] = [_sensed(each, form) for each in found["sensorElementList"]]
    return found


def _typed(each: Mapping[str, Any], words: Vocabulary, form: Form) -> dict[str, Any]:
    return {**each, "type": form.word(each["type"], words)} if "type" in each else dict(each)


def _sensed(element: Mapping[str, Any], form: Form) -> dict[str, Any]:
    reports = [
        {name: form.word(each, _SENSED[name]) if name in _SENSED else each for name, each in report.items()}
        for report in element["sensorReport"]
    ]
    return {**element, "sensorReport": reports}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


_TYPED = {
    "bizTransactionList": vocabulary.TRANSACTION_TYPES,
    "sourceList": vocabulary.PARTY_TYPES,
    "destinationList": vocabulary.PARTY_TYPES,
}
_SENSED = {
    "type": vocabulary.MEASUREMENTS,
    "exception": vocabulary.ALERTS,
    "component": vocabulary.COMPONENTS,
}
