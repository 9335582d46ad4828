"""What somebody states without a system of his own: packed, shipped, received, made. Each is one event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from traceqr.access import Right
from traceqr.acting import ActRefused, EntriesRefused
from traceqr.chain import capturing, drafting
from traceqr.chain.drafting import MAX_THINGS, Deed, Draft, Told
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.registry import batches, locations, partners, trace_events
from traceqr.registry.database import Reader
from traceqr.registry.locations import Location
from traceqr.tracing.place import is_place
from traceqr.tracing.thing import Thing

__all__ = ("Deed", "StatingOffice")


@dataclass(frozen=True, slots=True)
class StatingOffice(EnterpriseOffice):
    """The small form of the identity's own enterprise."""

    def places(self) -> tuple[Sequence[Location], Sequence[Location]]:
        """The own places, and those of partners, to choose from."""
        self.need(Right.STATE_EVENTS)
        with self.house.database.snapshot() as reader:
            known = {row["partner_id"] for row in partners.of_enterprise(reader, self.enterprise)}
            known |= set(partners.naming(reader, self.enterprise))
            theirs = [place for each in sorted(known) for place in locations.of_enterprise(reader, each)]
            return locations.of_enterprise(reader, self.enterprise), theirs

    def state(self, deed: Deed, said: Mapping[str, str]) -> int:
        """Capture what was done; returns the event's number. `said` has `parent`, `things` and `inputs` as they were
        scanned, `here` and `there` as keys of places, and `at`, a local time or nothing. Raises `ActRefused`.
        """
        self.need(Right.STATE_EVENTS)
        with self.house.database.snapshot() as reader:
            draft = self._draft(reader, deed, said)
        event = drafting.event(draft)
        try:
            capturing.capture(self.desk, self.enterprise, [event])
        except EntriesRefused as error:
            why = error.refusals[0][1]
            raise ActRefused(str(why), why.field or "things") from error
        with self.house.database.snapshot() as reader:
            held = trace_events.by_ids(reader, [event.id])
            return next(int(row["number"]) for row in held if row["enterprise_id"] == self.enterprise)

    def _draft(self, reader: Reader, deed: Deed, said: Mapping[str, str]) -> Draft:
        parents = _amounts(reader, said.get("parent", ""), "parent")
        if len(parents) > 1:
            raise ActRefused(f"expected one logistic unit to pack into, got {len(parents)} codes", "parent")
        return Draft(
            deed,
            self._at(said.get("at", "")),
            self.house.timezone,
            self._place(reader, said.get("here", ""), "here"),
            self._place(reader, said.get("there", ""), "there"),
            parents[0][0] if parents else None,
            _amounts(reader, said.get("things", ""), "things"),
            _amounts(reader, said.get("inputs", ""), "inputs"),
        )

    def _at(self, text: str) -> int:
        if not text.strip():
            return self.house.clock()
        try:
            local = datetime.fromisoformat(text.strip())
            return int(local.replace(tzinfo=local.tzinfo or self.house.timezone).timestamp() * 1000)
        except (ValueError, OverflowError) as error:
            raise ActRefused(f"expected a time such as 2026-09-01T08:30, got {text!r}", "at") from error

    def _place(self, reader: Reader, key: str, field: str) -> str:
        if key and not (is_place(key) and key in locations.by_keys(reader, [key])):
            raise ActRefused(f"expected a place that is known here, got {key!r}", field)
        return key


def _amounts(reader: Reader, text: str, field: str) -> list[tuple[Thing, str, str]]:
    found: list[tuple[Thing, str, str]] = []
    for told in drafting.read_lines(text, field):
        found += ((thing, told.quantity, told.unit) for thing in _things(reader, told, field))
        if len(found) > MAX_THINGS:
            raise ActRefused(f"expected at most {MAX_THINGS:,} things in one event", field)
    return found


def _things(reader: Reader, told: Told, field: str) -> Iterator[Thing]:
    """The things of a line: of labels that were told by their serials, as the batch has them."""
    if told.thing is not None:
        yield told.thing
        return
    assert told.serial is not None  # a line tells one or the other
    assert told.last is not None
    batch = batches.by_number(reader, told.serial.batch)
    if batch is None or told.last.index >= batch.label_count:
        raise ActRefused(f"expected the serial of a label, {told.last} is none", field)
    for index in range(told.serial.index, min(told.last.index, told.serial.index + MAX_THINGS) + 1):
        yield Thing.label(batch.gtin, batch.number, index)
