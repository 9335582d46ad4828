"""The hash by which an event is named that came without an id (CBV 2.0, section 8.9).

The standard's members come first, in its order; then the extensions that stand inside of some of them, and those of the
event, sorted. So the same event has the same hash whoever writes it, in whichever of the allowed spellings. Events that
are written with `traceqr:epcRanges`, since they name too many things, are hashed with it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from traceqr.epcis import link, members, vocabulary
from traceqr.epcis.canonical import canonical
from traceqr.epcis.context import NAMESPACE, Declared, Namespaces, in_braces
from traceqr.epcis.filling import filled
from traceqr.epcis.ranged import is_ranged, listed, ranges, singles
from traceqr.epcis.spelling import EpcFormat
from traceqr.epcis.things import spelled
from traceqr.epcis.vocabulary import CbvFormat, Vocabulary
from traceqr.instant import from_iso, to_iso
from traceqr.tracing.event import Event, Item, Part

_TEXT_NUMBER = re.compile(r"-?[0-9]+\.[0-9]+")
_FRACTION = re.compile(r"(T[0-9:]{8}\.[0-9]{3})([0-9])[0-9]*")
_URNS = {
    words.urn: words
    for words in (
        *(vocabulary.STEPS, vocabulary.DISPOSITIONS, vocabulary.TRANSACTION_TYPES, vocabulary.PARTY_TYPES),
        *(vocabulary.ERROR_REASONS, vocabulary.COMPONENTS),
    )
}
_SENSOR_WORDS = {
    "type": vocabulary.MEASUREMENTS,
    "exception": vocabulary.ALERTS,
    "component": vocabulary.COMPONENTS,
}
_VOC = "https://ref.gs1.org/voc/"
_RANGES = f"{{{NAMESPACE.removesuffix(':')}}}epcRanges"
_TIMES = ("time", "startTime", "endTime")
_METADATA = (*_TIMES, "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules")
_REPORT = (
    *("type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism"),
    *("chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue"),
    *("minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem"),
)
_PARTIES = (
    ("bizTransactionList", "bizTransaction", vocabulary.TRANSACTION_TYPES),
    ("sourceList", "source", vocabulary.PARTY_TYPES),
    ("destinationList", "destination", vocabulary.PARTY_TYPES),
)


def hash_id(event: Event) -> str:
    """`ni:///sha-256;HEX?ver=CBV2.0`. Neither the event's id nor its error declaration is part of it."""
    return f"ni:///sha-256;{hashlib.sha256(pre_hash(event).encode()).hexdigest()}?ver=CBV2.0"


def pre_hash(event: Event) -> str:
    """The text that is hashed."""
    event = replace(event, content=filled(event))
    names = Declared(event.content.get("@context"), "").names
    return "".join((*_standard(event), *_ilmd(event.content, names), *sorted(_extensions(event, names))))


def is_same(one: Event, other: Event) -> bool:
    """Whether two events say the same, in whichever spellings. What the hash leaves out must be the same too: error
    declarations and certifications.
    """
    return _unhashed(one) == _unhashed(other) and pre_hash(one) == pre_hash(other)


def _unhashed(event: Event) -> tuple[Any, ...]:
    told = event.content.get("errorDeclaration", {})
    more = {name: value for name, value in told.items() if name not in members.DECLARATION}
    things = {(item.part, item.run.line) for item in event.items}
    return event.kind, event.at_ms, things, event.declaration, more, event.content.get("certificationInfo")


def _standard(event: Event) -> Iterator[str]:
    content = event.content
    yield f"eventType={members.NAMES[event.kind]}"
    yield f"eventTime={_instant(content['eventTime'])}"
    yield f"eventTimeZoneOffset={content['eventTimeZoneOffset']}"
    yield from _things(event)
    if event.action:
        yield f"action={event.action.value.upper()}"
    yield from _valued("transformationID", event.transformation)
    yield from _word("bizStep", event.step, vocabulary.STEPS)
    yield from _word("disposition", event.disposition, vocabulary.DISPOSITIONS)
    yield from _persistent(content.get("persistentDisposition", {}))
    for name in ("readPoint", "bizLocation"):
        if name in content:
            yield f"{name}id={canonical(content[name]['id'])}"
    for name, member, words in _PARTIES:
        yield from _parties(content.get(name, ()), name, member, words)
    yield from sorted(_sensor(element) for element in content.get("sensorElementList", ()))


def _things(event: Event) -> Iterator[str]:
    content, items = event.content, singles(event)
    single = {part: () if is_ranged(event) else _listed(items, part) for part in members.LISTS}
    yield from _list("epcList", single[Part.OBJECT])
    yield from (f"parentID={uri}" for uri in _canonical(items, Part.PARENT))
    yield from _list("inputEPCList", single[Part.INPUT])
    yield from _list("childEPCs", single[Part.CHILD])
    for name in ("quantityList", "childQuantityList", "inputQuantityList"):
        yield from _list(name, map(_quantity, content.get(name, ())))
    yield from _list("outputEPCList", single[Part.OUTPUT])
    yield from _list("outputQuantityList", map(_quantity, content.get("outputQuantityList", ())))


def _listed(items: list[Item], part: Part) -> Iterator[str]:
    return (f"epc={uri}" for uri in _canonical(items, part))


def _canonical(items: list[Item], part: Part) -> Iterator[str]:
    unspelled = (replace(item, spelling="") for item in items if item.part is part)
    for uri in listed(unspelled, part, EpcFormat.ALWAYS_GS1_DIGITAL_LINK):
        yield uri if uri.startswith(link.ORIGIN) else canonical(uri)


def _list(name: str, elements: Iterable[str]) -> Iterator[str]:
    found = sorted(elements)
    if found:
        yield name
        yield from found


def _quantity(element: Mapping[str, Any]) -> str:
    parts = [f"quantityElementepcClass={canonical(element['epcClass'])}"]
    parts += _valued("quantity", element.get("quantity"))
    return "".join((*parts, *_valued("uom", element.get("uom"))))


def _persistent(value: Mapping[str, Any]) -> Iterator[str]:
    words = vocabulary.DISPOSITIONS
    told = [sorted(_full(words.read(each), words) for each in value.get(name, ())) for name in ("set", "unset")]
    if any(told):
        yield "persistentDisposition"
    yield from (f"set={each}" for each in told[0])
    yield from (f"unset={each}" for each in told[1])


def _parties(elements: Iterable[Mapping[str, Any]], name: str, member: str, words: Vocabulary) -> Iterator[str]:
    """A type stands before what it is the type of."""
    found = []
    for each in elements:
        kind = _word("type", words.read(each["type"]), words) if "type" in each else ()
        found.append("".join((*kind, f"{member}={canonical(each[member])}")))
    yield from _list(name, found)


def _sensor(element: Mapping[str, Any]) -> str:
    """Of an element what is the standard's. By CBV 2.0 the name of the list is not told."""
    told = element.get("sensorMetadata", {})
    metadata = "".join(_member(name, told[name]) for name in _METADATA if name in told)
    reports = sorted(
        "sensorReport" + "".join(_member(name, each[name]) for name in _REPORT if name in each)
        for each in element["sensorReport"]
    )
    return "".join(("sensorElement", f"sensorMetadata{metadata}" if metadata else "", *reports))


def _member(name: str, value: Any) -> str:
    if name in _TIMES:
        return f"{name}={_instant(value)}"
    if name in _SENSOR_WORDS:
        words = _SENSOR_WORDS[name]
        return "".join(_word(name, words.read(value), words))
    return "".join(_valued(name, value))


def _ilmd(content: Mapping[str, Any], names: Namespaces) -> Iterator[str]:
    told = sorted(_extension(content.get("ilmd", {}), frozenset(), names))
    if told:
        yield "ilmd"
        yield from told


def _extensions(event: Event, names: Namespaces) -> Iterator[str]:
    content = event.content
    yield from _extension(content, members.STANDARD, names)
    if is_ranged(event):
        yield from _named(_RANGES, ranges(event), names)
    for name in ("readPoint", "bizLocation"):
        if told := sorted(_extension(content.get(name, {}), members.PLACE, names)):
            yield "".join((name, *told))
    for element in content.get("sensorElementList", ()):
        yield from _sensor_extensions(element, names)


def _sensor_extensions(element: Mapping[str, Any], names: Namespaces) -> Iterator[str]:
    found = []
    if told := sorted(_extension(element.get("sensorMetadata", {}), members.METADATA, names)):
        found.append("".join(("sensorMetadata", *told)))
    reports = (sorted(_extension(each, members.REPORT, names)) for each in element["sensorReport"])
    found += sorted("".join(("sensorReport", *told)) for told in reports if told)
    found += sorted(_extension(element, members.ELEMENT, names))
    if found:
        yield "".join(("sensorElement", *found))


def _extension(value: Mapping[str, Any], known: frozenset[str], names: Namespaces) -> Iterator[str]:
    for name, inner in value.items():
        if name not in known:
            yield from _named(in_braces(name, names) or name, inner, names)


def _named(name: str, value: Any, names: Namespaces) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _named(name, each, names)
    elif isinstance(value, dict):
        yield "".join((name, *sorted(_extension(value, frozenset(), names))))
    else:
        yield "".join(_valued(name, value)) or name


def _word(name: str, word: str, words: Vocabulary) -> Iterator[str]:
    if word:
        yield f"{name}={_full(word, words)}"


def _full(word: str, words: Vocabulary) -> str:
    """The address of a word. That of the GS1 Web Vocabulary is the newer of the two that are in use."""
    return words.write(word, CbvFormat.ALWAYS_WEB_URI).replace(vocabulary.VOC, _VOC)


def _valued(name: str, value: Any) -> Iterator[str]:
    text = _text(value)
    if text:
        yield f"{name}={text}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _trimmed(spelled(value))
    text = str(value).strip()
    if _TEXT_NUMBER.fullmatch(text):
        return _trimmed(text)
    return _uri(text) if ":" in text else text


def _uri(text: str) -> str:
    for start, words in _URNS.items():
        if text.startswith(start):
            return _full(text.removeprefix(start), words)
    return canonical(text)


def _trimmed(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def _instant(text: str) -> str:
    """In UTC, with three decimals, the third rounded by the fourth."""
    more = _FRACTION.search(text)
    return to_iso(from_iso(text) + (1 if more and more[2] >= "5" else 0))
