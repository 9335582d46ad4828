"""Drafting: the events of firms without a system of their own, from what somebody scanned or typed. Pure.

| deed | event |
| --- | --- |
| pack, palletise | aggregation, add, `packing`: things into a logistic unit |
| ship | object, observe, `shipping`, `in_transit`, to a place |
| receive | object, observe, `receiving`, `in_progress` |
| make | transformation, `commissioning`: materials into products |
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from traceqr.acting import ActRefused
from traceqr.epcis import link
from traceqr.epcis.context import STANDARD
from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.reading import read_event
from traceqr.instant import to_iso
from traceqr.label.format import InvalidLabel, Label
from traceqr.label.serial import InvalidSerial, Serial
from traceqr.tracing.event import Event
from traceqr.tracing.thing import InvalidThing, Thing, ThingKind

MAX_LINES = 2_000
"""Lines of one field."""

MAX_THINGS = 10_000
"""Single things of one event that is drafted here."""

UNITS = {"kg": "KGM", "g": "GRM", "t": "TNE", "l": "LTR", "ml": "MLT", "m": "MTR", "千克": "KGM", "公斤": "KGM"}
UNITS |= {"克": "GRM", "吨": "TNE", "噸": "TNE", "升": "LTR", "毫升": "MLT", "米": "MTR"}
"""What people write, and the code of UN/ECE Recommendation 20 for it."""


class Deed(enum.StrEnum):
    """What somebody did with things."""

    PACK = "pack"
    PALLETISE = "palletise"
    SHIP = "ship"
    RECEIVE = "receive"
    MAKE = "make"


@dataclass(frozen=True, slots=True)
class Told:
    """What one line tells: a label by its serial, whose product the registry knows, or a thing; and how much of it."""

    thing: Thing | None
    serial: Serial | None = None
    last: Serial | None = None
    """The last label of several in a row."""
    quantity: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A deed with what it needs. Each amount is a thing with its quantity and unit, both empty for single things."""

    deed: Deed
    at_ms: int
    zone: ZoneInfo
    here: str = ""
    """The place where it happens, as events spell places."""
    there: str = ""
    """Where it goes."""
    parent: Thing | None = None
    things: Sequence[tuple[Thing, str, str]] = ()
    inputs: Sequence[tuple[Thing, str, str]] = field(default_factory=tuple)


def read_line(line: str) -> Told:
    """A code as scanners give it or people type it, with an amount behind it where one is told. Raises `ActRefused`."""
    text, quantity, unit = _parted(line.strip())
    if found := _RANGE.fullmatch(text):
        first, last = _serial(found[1]), _serial(found[2])
        if first.batch != last.batch or last.index < first.index:
            raise ActRefused(f"expected two labels of one batch, the first before the last, got {text!r}")
        return Told(None, first, last)
    if _SIXTEEN.fullmatch(text.replace(" ", "")):
        serial = _serial(text.replace(" ", ""))
        return Told(None, serial, serial)
    try:
        return Told(_thing(text), None, None, quantity, unit)
    except (InvalidThing, InvalidSpelling) as error:
        raise ActRefused(f"expected a code of a label, a lot or a logistic unit, got {text[:80]!r}: {error}") from error


_SIXTEEN = re.compile("[0-9]{16}")
_RANGE = re.compile(r"([0-9]{16})\s*(?:-|–|—|\.\.|至|到)\s*([0-9]{16})")
_AMOUNT = re.compile(r"(.*\S)[\t ,;]+([0-9]{1,9}(?:\.[0-9]{1,6})?)[\t ]*([^\W\d_]{1,12}|[A-Z0-9]{2,3})?", re.DOTALL)
_SPELLED = re.compile(r"\(01\)([0-9]{14})\((10|21)\)(.+)|\(00\)([0-9]{18})")
_STRUNG = re.compile(r"(?:\]C1|\]d2|\]Q3)?(?:00([0-9]{18})|01([0-9]{14})(10|21)([^\x1d]+))\x1d?")
_TYPED_LOT = re.compile(r"([0-9]{8}|[0-9]{12,14})[\t ,;/]+(\S.*)")


def _parted(text: str) -> tuple[str, str, str]:
    """The code, and the amount behind it. Of single things there is none."""
    found = _AMOUNT.fullmatch(text)
    is_lot = _TYPED_LOT.fullmatch(text) is not None and found is not None and not _has_lot(found[1])
    if not found or is_lot or _SIXTEEN.fullmatch(text.replace(" ", "")):
        return text, "", ""
    unit = (found[3] or "").strip()
    code = UNITS.get(unit.lower(), unit if re.fullmatch("[A-Z0-9]{2,3}", unit) else None)
    if unit and code is None:
        raise ActRefused(f"expected a unit such as kg, g, t, l, ml or m, got {unit!r}")
    return found[1], found[2], code or ""


def _has_lot(text: str) -> bool:
    return bool(_TYPED_LOT.fullmatch(text) or "(10)" in text or "/10/" in text)


def _serial(digits: str) -> Serial:
    try:
        return Serial.parse(digits)
    except InvalidSerial as error:
        raise ActRefused(str(error)) from error


def _thing(text: str) -> Thing:
    try:
        label = Label.parse(text)
        return Thing.label(label.gtin.digits, label.serial.batch, label.serial.index)
    except InvalidLabel:
        pass
    if found := _SPELLED.fullmatch(text):
        return Thing.unit(found[4]) if found[4] else Thing.parse(f"{found[2]}/{found[1]}/{found[3]}")
    if found := _STRUNG.fullmatch(text):
        return Thing.unit(found[1]) if found[1] else Thing.parse(f"{found[3]}/{found[2]}/{found[4]}")
    if re.fullmatch("[0-9]{18}", text.replace(" ", "")):
        return Thing.unit(text.replace(" ", ""))
    if found := _TYPED_LOT.fullmatch(text):
        return Thing.lot(found[1].zfill(14), found[2].strip())
    read = link.read(text)
    if read is None:
        raise InvalidThing("it is none of them")
    return read[0]


def read_lines(text: str, field_name: str) -> list[Told]:
    """All lines of a field that are not blank. Raises `ActRefused`, which names the line."""
    lines = [(place, line) for place, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MAX_LINES:
        raise ActRefused(f"expected at most {MAX_LINES:,} lines, got {len(lines):,}", field_name)
    found = []
    for place, line in lines:
        try:
            found.append(read_line(line))
        except ActRefused as error:
            raise ActRefused(f"line {place}: {error}", field_name) from error
    return found


def event(draft: Draft) -> Event:
    """The event of a draft, named by the hash of what it says. Raises `ActRefused`."""
    _require(draft)
    found, problems = read_event(_value(draft), "", STANDARD, None)
    if found is None:
        raise ActRefused("; ".join(problem.message for problem in problems), "things")
    return found


def _require(draft: Draft) -> None:
    if not draft.things:
        raise ActRefused("expected at least one code, got none", "things")
    if len(draft.things) + len(draft.inputs) > MAX_THINGS:
        raise ActRefused(f"expected at most {MAX_THINGS:,} things in one event", "things")
    packing = draft.deed in (Deed.PACK, Deed.PALLETISE)
    if packing and (draft.parent is None or draft.parent.kind is not ThingKind.UNIT):
        raise ActRefused("expected the SSCC of the logistic unit that it is packed into, got none", "parent")
    if draft.deed is Deed.PALLETISE and any(thing.kind is not ThingKind.UNIT for thing, _, _ in draft.things):
        raise ActRefused("expected SSCCs of logistic units to put on the pallet, got something else", "things")
    if draft.deed is Deed.MAKE and not draft.inputs:
        raise ActRefused("expected what it was made of, got nothing", "inputs")
    for thing, quantity, _ in (*draft.things, *draft.inputs):
        if quantity and not thing.kind.is_class:
            raise ActRefused(f"expected a quantity behind lots alone, {thing} is one thing", "things")


def _value(draft: Draft) -> dict[str, Any]:
    """The event as EPCIS has it."""
    offset = datetime.fromtimestamp(draft.at_ms / 1000, UTC).astimezone(draft.zone).strftime("%z")
    common: dict[str, Any] = {"eventTime": to_iso(draft.at_ms), "eventTimeZoneOffset": f"{offset[:3]}:{offset[3:5]}"}
    place = {"id": place_uri(draft.here)} if draft.here else None
    if place:
        common["readPoint"] = place
    if draft.deed is Deed.MAKE:
        made = {**_lists(draft.inputs, "inputEPCList", "inputQuantityList")}
        made |= _lists(draft.things, "outputEPCList", "outputQuantityList")
        return {"type": "TransformationEvent", **common, **made, "bizStep": "commissioning"}
    if draft.deed in (Deed.PACK, Deed.PALLETISE):
        assert draft.parent is not None  # it was required
        inside = _lists(draft.things, "childEPCs", "childQuantityList")
        told = {"parentID": link.write(draft.parent), **inside, "action": "ADD", "bizStep": "packing"}
        return {"type": "AggregationEvent", **common, **told}
    told = {**_lists(draft.things, "epcList", "quantityList"), "action": "OBSERVE"}
    if draft.deed is Deed.SHIP:
        told |= {"bizStep": "shipping", "disposition": "in_transit"}
        if draft.there:
            told["destinationList"] = [{"type": "location", "destination": place_uri(draft.there)}]
    else:
        told |= {"bizStep": "receiving", "disposition": "in_progress"}
        if place:
            told["bizLocation"] = place
    return {"type": "ObjectEvent", **common, **told}


def _lists(amounts: Sequence[tuple[Thing, str, str]], single: str, classes: str) -> dict[str, Any]:
    things = list(dict.fromkeys(link.write(thing) for thing, _, _ in amounts if not thing.kind.is_class))
    sums = [_quantity(*amount) for amount in amounts if amount[0].kind.is_class]
    return {**({single: things} if things else {}), **({classes: sums} if sums else {})}


def _quantity(thing: Thing, quantity: str, unit: str) -> dict[str, Any]:
    told: dict[str, Any] = {"epcClass": link.write(thing)}
    if quantity:
        told["quantity"] = float(quantity) if "." in quantity else int(quantity)
    return told | ({"uom": unit} if unit else {})


def place_uri(key: str) -> str:
    """A place as a document spells it."""
    return key.removeprefix("uri/") if key.startswith("uri/") else link.write_place(key)
