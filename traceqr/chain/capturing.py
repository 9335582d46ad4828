"""Capturing: events that an enterprise states, taken whole or not at all, and put on the ledger by their digest.

What is found out about things follows from events when somebody asks (`following.py`), in the order in which they
happened: so late ones fall into their place by themselves, and nothing is kept that an error would leave wrong.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traceqr.acting import Act, ActRefused, Desk, EntriesRefused
from traceqr.chain import spreading
from traceqr.chain.owning import Owners
from traceqr.chain.retelling import Found, retold
from traceqr.epcis.event_hash import is_same
from traceqr.instant import to_iso
from traceqr.registry import partners, trace_events, trace_items
from traceqr.registry.trace_events import Stored
from traceqr.tracing.digest import digest_of, digest_of_all
from traceqr.tracing.event import Audience, Event, Part
from traceqr.tracing.run import merged, without

MAX_EVENTS = 2_000
"""Events captured at once at most: the lock of acts is held for them."""

MAX_ITEMS = 20_000
"""Runs of one event at most."""

AHEAD_MS = 10 * 60_000
"""How far the clock of whoever states an event may run ahead of ours."""

DEFAULT_AUDIENCE = Audience.PARTNERS
"""Who is told of events where their enterprise has not set it."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What became of events: how many are new, which were there already, and which were refused, by their places."""

    id: str | None
    new: tuple[int, ...]
    known: tuple[int, ...]
    refused: tuple[tuple[int, str], ...] = ()


def capture(desk: Desk, enterprise_id: str, events: Sequence[Event], *, proceed: bool = False) -> Captured:
    """Capture what an enterprise states. An event of its own that is there already is passed over, so that what is sent
    again is not captured twice; that another has stated the same takes nothing from it. Raises `EntriesRefused`, with
    nothing captured, unless it is to `proceed` with the good ones.
    """
    if not 1 <= len(events) <= MAX_EVENTS:
        raise ActRefused(f"expected 1 to {MAX_EVENTS:,} events at once, got {len(events):,}")
    with desk.act() as act:
        taking = _Taking(act, desk, enterprise_id, [event.id for event in events])
        for place, event in enumerate(events):
            taking.take(place, event)
        if taking.refused and not proceed:
            raise EntriesRefused(taking.refused)
        return taking.finish()


@dataclass(frozen=True, slots=True)
class _Held:
    """An event of the enterprise that is there, or comes with the same capture."""

    number: int
    digest: str
    event: Event | None = None
    """Of those that come with the same capture."""


class _Taking:
    """One capture under way."""

    def __init__(self, act: Act, desk: Desk, enterprise_id: str, ids: Sequence[str]) -> None:
        self._act, self._enterprise_id = act, enterprise_id
        self._owners = Owners(act.tx, enterprise_id)
        self._audiences = partners.audiences(act.tx, enterprise_id)
        self._id, self._next = desk.new_id(), trace_events.next_number(act.tx)
        self._first = self._next
        self._stored: list[tuple[Stored, Event]] = []
        self._new: list[int] = []
        self._known: list[int] = []
        held = trace_events.by_ids(act.tx, sorted(set(ids)))
        self._others = {row["event_id"] for row in held if row["enterprise_id"] != enterprise_id}
        self._held = {
            (row["event_id"], bool(row["declares"])): _Held(row["number"], row["digest"])
            for row in held
            if row["enterprise_id"] == enterprise_id
        }
        self.refused: list[tuple[int, ActRefused]] = []

    def take(self, place: int, event: Event) -> None:
        """Look at an event, and keep it for the end."""
        try:
            row = self._row(event)
        except ActRefused as error:
            self.refused.append((place, error))
            return
        if row is None:
            self._known.append(place)
        else:
            self._stored.append((row, event))
            self._new.append(place)
            self._next += 1

    def finish(self) -> Captured:
        """Write all that was taken."""
        refused = tuple((place, str(error)) for place, error in self.refused)
        if not self._stored:
            return Captured(None, (), tuple(self._known), refused)
        digest = digest_of_all([row.digest for row, _ in self._stored])
        kept: dict[str, Any] = {"first_event": self._first, "events": len(self._stored), "digest": digest}
        position = self._act.record("trace.capture", f"capture:{self._id}", {"enterprise": self._enterprise_id, **kept})
        tx = self._act.tx
        trace_events.insert_capture(
            tx, {"id": self._id, "enterprise_id": self._enterprise_id, **kept, "position": position}
        )
        trace_events.insert(tx, [row for row, _ in self._stored])
        trace_items.insert(
            tx, [(row.number, at, item) for row, event in self._stored for at, item in enumerate(event.items)]
        )
        trace_events.insert_mentions(tx, [(row.number, each) for row, event in self._stored for each in event.mentions])
        trace_events.insert_concerns(tx, ((row, self._owners.concerned(event)) for row, event in self._stored))
        wrong = {row.number: self._held[row.event_id, False].number for row, _ in self._stored if row.declares}
        for number, declared in wrong.items():
            trace_events.declare(tx, declared, self._act.at_ms, number)
        leading = [row.number for row, event in self._stored if event.kind in spreading.SPREADING]
        spreading.after_events(tx, [*leading, *wrong.values()])
        return Captured(self._id, tuple(self._new), tuple(self._known), refused)

    def _row(self, event: Event) -> Stored | None:
        """The row of an event; None where it is there already."""
        self._require_sound(event)
        content = _spelled(event.content)
        digest = digest_of(content, event.items)
        standing = self._owners.standing(event)
        declares = event.declaration is not None
        if self._is_known(event, digest, declares=declares):
            return None
        self._held[event.id, declares] = _Held(self._next, digest, event)
        return Stored(
            number=self._next,
            event_id=event.id,
            declares=int(declares),
            enterprise_id=self._enterprise_id,
            capture_id=self._id,
            kind=str(event.kind),
            action=str(event.action),
            at_ms=event.at_ms,
            recorded_ms=self._act.at_ms,
            step=event.step,
            disposition=event.disposition,
            read_point=event.read_point,
            location=event.location,
            transformation=event.transformation or None,
            audience=str(self._audience(event)),
            standing=str(standing),
            content=content,
            digest=digest,
        )

    def _require_sound(self, event: Event) -> None:
        if event.at_ms > self._act.at_ms + AHEAD_MS:
            now = to_iso(self._act.at_ms)
            raise ActRefused(f"expected an event that has happened by {now}, got one of {to_iso(event.at_ms)}")
        if len(event.items) > MAX_ITEMS:
            raise ActRefused(f"expected at most {MAX_ITEMS:,} runs of things in an event, got {len(event.items):,}")
        _require_apart(event, Part.PARENT, Part.CHILD)
        _require_apart(event, Part.INPUT, Part.OUTPUT)

    def _is_known(self, event: Event, digest: str, *, declares: bool) -> bool:
        """Whether an event is there already, in this spelling or another: then it stays in the one that came first. One
        of the same id that says something else is refused.
        """
        before = self._held.get((event.id, declares))
        if before is not None:
            if before.digest != digest and not is_same(event, self._told(before)):
                raise ActRefused(f"expected an event id that is new, {event.id!r} is that of another event")
            return True
        if declares:
            self._require_declarable(event.id)
        return False

    def _told(self, held: _Held) -> Event:
        if held.event is not None:
            return held.event
        found = trace_events.by_numbers(self._act.tx, [held.number])[held.number]
        return retold(self._act.tx, [Found(found)])[0].event

    def _require_declarable(self, event_id: str) -> None:
        if (event_id, False) in self._held:
            return
        if event_id in self._others:
            raise ActRefused(f"expected an event of one's own to declare an error, {event_id!r} is another's")
        raise ActRefused(f"expected the id of a captured event to declare an error, {event_id!r} is none")

    def _audience(self, event: Event) -> Audience:
        general = self._audiences.get("", DEFAULT_AUDIENCE)
        return event.audience or self._audiences.get(event.step, general)


def _require_apart(event: Event, part: Part, other: Part) -> None:
    """Nothing contains itself, or is made from itself."""
    for line in {run.line for run in event.runs(part)} & {run.line for run in event.runs(other)}:
        ours = merged(run for run in event.runs(part) if run.line == line)
        left = without(ours, (run for run in event.runs(other) if run.line == line))
        if left != ours:
            raise ActRefused(f"expected things as {part} or as {other} of an event, got some of {line} as both")


def _spelled(content: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ActRefused(f"expected an event in JSON: {error}") from error
    return text
