"""What an enterprise arranges for its events: what places and materials are called, partners, who is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from traceqr.acting import Act, ActRefused, Desk, each
from traceqr.chain import spreading
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.legible import unshown
from traceqr.noting import require_text
from traceqr.region import is_region
from traceqr.registry import claims, enterprises, locations, materials, partners, products
from traceqr.registry.locations import Location
from traceqr.registry.materials import MaterialName
from traceqr.tracing.event import Audience
from traceqr.tracing.place import InvalidPlace, Place

MAX_LOCATIONS = 2_000
"""Places that are set at once at most."""

MAX_NAME, MAX_ADDRESS = 100, 200
"""Characters of a place's name and of its address."""

MAX_STEP = 200
"""Characters of a step."""

RECOMMENDED: Mapping[str, Audience] = {
    **dict.fromkeys(
        (
            *("collecting", "creating_class_instance", "commissioning", "inspecting", "packing", "shipping"),
            *("arriving", "receiving", "accepting", "retail_selling"),
        ),
        Audience.PUBLIC,
    ),
    "sampling": Audience.REGULATORS,
    "": Audience.PARTNERS,
}
"""Whom to tell of what where nothing speaks against it: the way of the goods is for everybody, what is in between for
partners, samples that are not judged yet for authorities. The empty step stands for all others.
"""


def set_locations(desk: Desk, entries: Sequence[Location]) -> None:
    """Say what places are: new ones, or others that are said anew. All or none. Raises `EntriesRefused`."""
    if not 1 <= len(entries) <= MAX_LOCATIONS:
        raise ActRefused(f"expected 1 to {MAX_LOCATIONS:,} places at once, got {len(entries):,}")
    with desk.act() as act:
        held = locations.by_keys(act.tx, [entry.key for entry in entries])
        each(entries, lambda entry: _set(act, held, entry))


def name_material(desk: Desk, entry: MaterialName) -> None:
    """Say what a material is called that is no product of anybody enrolled. Raises `ActRefused`."""
    try:
        Gtin.parse(entry.gtin)
    except InvalidGtin as error:
        raise ActRefused(str(error), "gtin") from error
    require_text(entry.name_zh, "name_zh", MAX_NAME, lines=False)
    _require_line(entry.name_en, "name_en", MAX_NAME)
    with desk.act() as act:
        _require_nobodys(act, entry)
        payload = {"gtin": entry.gtin, "name_zh": entry.name_zh, "name_en": entry.name_en}
        position = act.record("material.name", f"enterprise:{entry.enterprise_id}", payload)
        materials.name(act.tx, entry, position)


def _require_nobodys(act: Act, entry: MaterialName) -> None:
    if products.by_gtin(act.tx, entry.gtin) is not None:
        raise ActRefused(f"expected the GTIN of a material that is not enrolled, {entry.gtin} is a product", "gtin")
    claimed = {claim.enterprise_id for claim in claims.accepted_to(act.tx, entry.gtin)}
    if claimed - {entry.enterprise_id}:
        raise ActRefused(f"expected the GTIN of a material that nobody has claimed, {entry.gtin} is another's", "gtin")


def name_partner(desk: Desk, enterprise_id: str, partner_id: str, *, makes: bool = False) -> None:
    """Let another enterprise state events about this one's things; one that `makes` also says what it made for it.

    What it stated before as a stranger stays a stranger's.
    """
    if enterprise_id == partner_id:
        raise ActRefused("expected another enterprise for a partner, got the enterprise itself", "partner")
    with desk.act() as act:
        if enterprises.by_id(act.tx, partner_id) is None:
            raise ActRefused("expected an enrolled enterprise for a partner, found none", "partner")
        payload = {"partner": partner_id, "makes": int(makes)}
        position = act.record("partner.name", f"enterprise:{enterprise_id}", payload)
        partners.name(act.tx, enterprise_id, partner_id, position, makes=makes)
        spreading.after_naming(act.tx)


def drop_partner(desk: Desk, enterprise_id: str, partner_id: str) -> None:
    """Take a partner's right away: what it states from now on is a stranger's."""
    with desk.act() as act:
        if not partners.is_named(act.tx, enterprise_id, partner_id):
            raise ActRefused("expected a partner that the enterprise has named, it is none", "partner")
        position = act.record("partner.drop", f"enterprise:{enterprise_id}", {"partner": partner_id})
        partners.drop(act.tx, enterprise_id, partner_id, position)
        spreading.after_naming(act.tx)


def set_audience(desk: Desk, enterprise_id: str, step: str, audience: Audience) -> None:
    """Say who is told of the enterprise's events of a step that are captured from now on; an empty one stands for all
    others.
    """
    set_audiences(desk, enterprise_id, {step: audience})


def set_audiences(desk: Desk, enterprise_id: str, wanted: Mapping[str, Audience]) -> None:
    """The same for several steps at once."""
    for step in filter(None, wanted):
        require_text(step, "step", MAX_STEP, lines=False)
    with desk.act() as act:
        for step, audience in wanted.items():
            payload = {"step": step, "audience": str(audience)}
            position = act.record("audience.set", f"enterprise:{enterprise_id}", payload)
            partners.set_audience(act.tx, enterprise_id, step, audience, position)


def _set(act: Act, held: dict[str, Location], entry: Location) -> None:
    place = _sound(entry)
    is_under_own_prefix = _is_under_own_prefix(act, place, entry)
    before = held.get(entry.key)
    if before is not None and before.enterprise_id != entry.enterprise_id and not is_under_own_prefix:
        raise ActRefused(f"expected a place of the enterprise's own, {entry.key} is another's", "key")
    payload = asdict(entry)
    position = act.record("location.set", f"location:{payload.pop('key')}", payload)
    if before is None:
        locations.insert(act.tx, entry, position)
    else:
        locations.change(act.tx, entry, position)
    held[entry.key] = entry


def _sound(entry: Location) -> Place:
    try:
        place = Place.parse(entry.key)
    except InvalidPlace as error:
        raise ActRefused(str(error), "key") from error
    if entry.kind not in locations.KINDS:
        raise ActRefused(f"expected a kind of {', '.join(locations.KINDS)}, got {entry.kind!r}", "kind")
    if not is_region(entry.region):
        raise ActRefused(f"expected a region of six digits (GB/T 2260), got {entry.region!r}", "region")
    require_text(entry.name_zh, "name_zh", MAX_NAME, lines=False)
    _require_line(entry.name_en, "name_en", MAX_NAME)
    _require_line(entry.address, "address", MAX_ADDRESS)
    return place


def _require_line(text: str, field: str, most: int) -> None:
    """What may be left empty, and stands on one line."""
    if len(text) > most or unshown(text) or "\n" in text:
        raise ActRefused(f"expected a {field} of at most {most} characters on one line, got {text!r}", field)


def _is_under_own_prefix(act: Act, place: Place, entry: Location) -> bool:
    """Whether a place has a GLN under the enterprise's company prefix: then it is its own, whoever named it before.
    Refuses one that is under another's.
    """
    claim = claims.prefix_of(act.tx, place.gln) if place.gln else None
    if claim is not None and claim.enterprise_id != entry.enterprise_id:
        raise ActRefused(f"expected a GLN of the enterprise's own prefix, {place.gln} is under another's", "key")
    return claim is not None
