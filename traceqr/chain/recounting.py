"""Recounting: what is known of a thing and everybody may know, read from the registry for its story (`telling.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from traceqr.chain import deriving, following, telling
from traceqr.chain.following import Happened
from traceqr.chain.telling import Facts, Named, Story
from traceqr.chain.trusting import ANYBODY, Trust
from traceqr.registry import enterprises, locations, materials, products, trace_items
from traceqr.registry.database import Reader, Row
from traceqr.registry.locations import Location
from traceqr.registry.materials import MaterialName
from traceqr.registry.products import ProductText
from traceqr.tracing.event import EventKind, Part
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing

MAX_MATERIALS = 200
"""Runs of materials whose events are looked for."""


@dataclass(frozen=True, slots=True)
class Names:
    """What things, places and enterprises are called, by what events call them."""

    places: Mapping[str, Location]
    enterprises: Mapping[str, Row]
    products: Mapping[str, ProductText | MaterialName]

    def place(self, key: str) -> Location | None:
        """The place of a key, or the one that it is a part of."""
        return self.places.get(key) or self.places.get(whole_place(key))


def whole_place(key: str) -> str:
    """The place that a place with an extension is a part of."""
    return "/".join(key.split("/")[:2]) if key.startswith("414/") else key


def recount(reader: Reader, thing: Thing) -> Story:
    """The story of one thing. Nobody tells that he used another's thing, or what happened to a material, but those by
    whose word its owner goes, and those who made things of that on the way to it.
    """
    trust = Trust(reader)
    history = following.history(reader, thing, trust)
    owner = trust.owner(Run.of(thing)) or ANYBODY
    history.events = [each for each in history.events if not _is_use(each) or _is_heard(trust, each, owner)]
    numbers = {each.event.number for each in history.events if _has_parts(each.event.kind) and each.event.number > 0}
    numbers |= {made.event.number for made in history.made if telling.is_public(made.event)}
    facts = Facts(
        history,
        trace_items.of_events(reader, numbers, [Part.PARENT, Part.CHILD, Part.OUTPUT]),
        deriving.lots_of_labels(reader, [Run.of(thing)]),
    )
    followed = [*telling.materials(facts), *facts.lots]
    asking = {owner, *(made.event.enterprise_id for made in telling.origins(facts)[0])}
    facts.upstream = [
        (told, part, run)
        for told, part, run in following.touches(reader, followed[:MAX_MATERIALS])
        if any(trust.meet(run, told.enterprise_id, one) for one in asking)
    ]
    story = telling.told(facts)
    return story if len(followed) <= MAX_MATERIALS else Story(story.thing, story.lines, complete=False)


def _is_use(happened: Happened) -> bool:
    return happened.event.kind is EventKind.TRANSFORMATION and happened.part is Part.INPUT


def _is_heard(trust: Trust, happened: Happened, owner: str) -> bool:
    return trust.meet(Run.of(happened.thing), happened.event.enterprise_id, owner)


def _has_parts(kind: EventKind) -> bool:
    return kind in (EventKind.AGGREGATION, EventKind.ASSOCIATION)


def names_in(reader: Reader, story: Story) -> Names:
    """What everything that a story names is called."""
    keys = {line.place for line in story.lines if line.place}
    sorts = [each for line in story.lines for each in (*line.things, *_one(line.subject))]
    return names_of(reader, keys, {line.by for line in story.lines}, {each.gtin for each in sorts if each.gtin})


def names_of(reader: Reader, places: Iterable[str], bodies: Iterable[str], gtins: Iterable[str]) -> Names:
    """What places, enterprises, products and the materials of those enterprises are called."""
    keys, named = set(places), set(bodies)
    called = {gtin: product_name(reader, gtin, named) for gtin in gtins}
    return Names(
        locations.by_keys(reader, keys | {whole_place(key) for key in keys}),
        enterprises.names(reader, named),
        {gtin: text for gtin, text in called.items() if text},
    )


def product_name(reader: Reader, gtin: str, bodies: Iterable[str]) -> ProductText | MaterialName | None:
    """What a product is called, or else a material by one of some enterprises."""
    product = products.by_gtin(reader, gtin)
    return product.text if product else materials.by_gtin(reader, gtin, bodies)


def _one(subject: Named | None) -> tuple[Named, ...]:
    return () if subject is None else (subject,)
