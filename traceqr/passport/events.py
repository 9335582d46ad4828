"""The DigitalTraceabilityEvent of UNTP 0.6.0: what is public of the way of a lot or of a piece.

It names what the page of that way names, and no more. An event of a transaction has to name its parties there, which
nobody made public: so it is told as one of the things alone, an ObjectEvent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from urllib.parse import quote

from traceqr.passport.credential import credential
from traceqr.passport.facts import Document, Happening, Issuer, Term, Things, Way
from traceqr.passport.vocabulary import TRACEABILITY
from traceqr.tracing.event import Action, EventKind
from traceqr.tracing.thing import Thing, ThingKind

_TYPES = {
    EventKind.TRANSFORMATION: "TransformationEvent",
    EventKind.AGGREGATION: "AggregationEvent",
    EventKind.ASSOCIATION: "AssociationEvent",
}
_OURS = (ThingKind.UNIT, ThingKind.PRODUCT, ThingKind.LOT, ThingKind.ITEM)
"""Kinds of things whose Digital Links our resolver reads."""

_TOO_LARGE = 2**53

_QUALIFIER = {ThingKind.LOT: "10", ThingKind.ITEM: "21"}


def traceability(issuer: Issuer, way: Way, term: Term) -> Document:
    """The credential, without a proof. Events stand in the order in which things happened."""
    more = {"name": f"Public events of {way.about}"}
    if not way.complete:
        more["description"] = f"The first {len(way.happenings)} public events; there are more."
    subject = [_event(issuer, each) for each in way.happenings]
    return credential(issuer, "DigitalTraceabilityEvent", TRACEABILITY, way.path, subject, term, **more)


def address(issuer: Issuer, thing: Thing) -> str:
    """The URI of a thing: a Digital Link, unless it is told by a URI of its own."""
    if thing.kind is ThingKind.URI:
        return thing.key
    origin = issuer.origin if thing.kind in _OURS else "https://id.gs1.org"
    if thing.kind in _QUALIFIER:
        tail = f"01/{thing.gtin}/{_QUALIFIER[thing.kind]}/{quote(thing.qualifier, safe='')}"
    else:
        tail = f"{thing.kind}/{quote(thing.key, safe='')}"
    return f"{origin}/{tail}"


def place(issuer: Issuer, key: str) -> str:
    """The URI of a place."""
    kind, _, rest = key.partition("/")
    if kind != "414":
        return rest
    gln, _, extension = rest.partition("/")
    return f"{issuer.origin}/414/{gln}" + (f"/254/{quote(extension, safe='')}" if extension else "")


def _event(issuer: Issuer, each: Happening) -> dict[str, object]:
    kind = _TYPES.get(each.kind, "ObjectEvent")
    told: dict[str, object] = {
        "type": [kind, "Event"],
        "id": each.id,
        "processType": each.step.replace("_", " ").capitalize() if ":" not in each.step else "",
        "eventTime": Term(each.at_ms).members["validFrom"],
        "action": "" if each.action is Action.NONE else str(each.action),
        "disposition": each.disposition,
        "bizStep": each.step,
        "bizLocation": place(issuer, each.place) if each.place else "",
        **_things(issuer, each),
    }
    return {name: value for name, value in told.items() if value}


def _things(issuer: Issuer, each: Happening) -> Mapping[str, object]:
    if each.kind is EventKind.TRANSFORMATION:
        return {
            **_lists(issuer, each.inputs, "inputEPCList", "inputQuantityList"),
            **_lists(issuer, each.outputs, "outputEPCList", "outputQuantityList"),
        }
    if each.kind in (EventKind.AGGREGATION, EventKind.ASSOCIATION):
        if not each.children:
            return _lists(issuer, [each.target], "childEPCList", "childQuantityList")
        parents = _lists(issuer, [each.target], "parentEPC", "")
        parent = {name: listed[0] for name, listed in parents.items()}
        return {**parent, **_lists(issuer, each.children, "childEPCList", "childQuantityList")}
    return _lists(issuer, [each.target], "epcList", "quantityList")


def _lists(issuer: Issuer, sorts: Iterable[Things], single: str, quantities: str) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for one in sorts:
        if one.thing is not None and _number(one.quantity) is None:
            item: dict[str, object] = {"type": ["Item"], "id": address(issuer, one.thing), "name": one.name}
            found.setdefault(single, []).append(item)
        elif (element := _quantity(issuer, one)) and quantities:
            found.setdefault(quantities, []).append(element)
    return found


def _quantity(issuer: Issuer, one: Things) -> dict[str, object] | None:
    """So much of a class, or so many pieces of a product. Of what has no class, such as cases, there is none."""
    if one.thing is not None:
        product = address(issuer, one.thing)
    elif one.gtin:
        product = f"{issuer.origin}/01/{one.gtin}"
    else:
        return None
    told: dict[str, object] = {"type": ["QuantityElement"], "productId": product, "productName": one.name}
    told["quantity"] = one.count if one.quantity is None else _number(one.quantity)
    return {**told, "uom": one.unit} if one.unit else told


def _number(text: str | None) -> int | float | None:
    """A decimal number as JSON has it; None for one that is too large for its readers (RFC 8785, section 3.2.2.3)."""
    value = None if text is None else Decimal(text)
    if value is None or abs(value) >= _TOO_LARGE:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
