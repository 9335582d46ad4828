"""Events of a supply chain for tests, in few words: who stated what, in the order in which it came."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from stdnum import ean
from support.staff import enterprise_id
from support.world import World

from traceqr.chain import capturing
from traceqr.chain.capturing import Captured
from traceqr.registry.batches import Batch
from traceqr.tracing.event import Action, Event, EventKind, Item, Part
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing, label_line

HOUR_MS = 3_600_000


def sscc(number: int, prefix: str = "6901234") -> Thing:
    """A logistic unit under a company prefix of 7 digits."""
    stem = f"3{prefix}{number:09d}"
    return Thing.unit(stem + ean.calc_check_digit(stem))


def labels(batch: Batch, first: int, last: int) -> Run:
    """Labels of a batch."""
    return Run(label_line(batch.gtin, batch.number), first, last)


def item(part: Part, what: Thing | Run, quantity: str | None = None, unit: str = "") -> Item:
    """A thing in an event."""
    run = what if isinstance(what, Run) else Run.of(what)
    return Item(part, run, "https://id.gs1.org", quantity, unit)


@dataclass
class Chain:
    """A world in which things are traced. Each event is an hour after the one before, unless it says when."""

    world: World
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def event(self, kind: EventKind, action: Action, *items: Item, **changes: Any) -> Event:
        """An event that nobody has stated yet."""
        self.world.clock.pass_ms(HOUR_MS)
        values = {
            "id": f"https://events.example/{next(self.numbers)}",
            "kind": kind,
            "action": action,
            "at_ms": self.world.clock(),
            "items": tuple(items),
            "content": {"type": kind.name.title() + "Event"},
            **changes,
        }
        return Event(**values)

    def state(self, *events: Event, by: int = 1, **options: Any) -> Captured:
        """Capture events that enterprise number `by` states."""
        return capturing.capture(self.world.desk, enterprise_id(self.world, by), events, **options)

    def seen(self, *things: Thing | Run, by: int = 1, **changes: Any) -> Captured:
        """Things are observed, `step` says in which step."""
        items = [item(Part.OBJECT, thing) for thing in things]
        return self.state(self.event(EventKind.OBJECT, Action.OBSERVE, *items, **changes), by=by)

    def packed(
        self, parent: Thing, *children: Thing | Run, by: int = 1, action: Action = Action.ADD, **changes: Any
    ) -> Captured:
        """Things are packed into another, or (`action` is delete) taken out of it."""
        items = [item(Part.PARENT, parent), *(item(Part.CHILD, child) for child in children)]
        return self.state(self.event(EventKind.AGGREGATION, action, *items, step="packing", **changes), by=by)

    def made(self, outputs: list[Thing | Run], inputs: list[Thing | Run], by: int = 1, **changes: Any) -> Captured:
        """Things are made of others."""
        items = [item(Part.INPUT, one) for one in inputs] + [item(Part.OUTPUT, one) for one in outputs]
        event = self.event(EventKind.TRANSFORMATION, Action.NONE, *items, step="commissioning", **changes)
        return self.state(event, by=by)
