"""Whose things are: by what right an enterprise states an event about them."""

from __future__ import annotations

from dataclasses import dataclass, field

from traceqr.acting import ActRefused
from traceqr.registry import batches, claims, partners, products
from traceqr.registry.database import Reader
from traceqr.tracing.event import Action, Event, EventKind, Part, Standing
from traceqr.tracing.run import Run
from traceqr.tracing.thing import ThingKind, batch_of_line, on_line

PREFIX_DIGITS = 12
"""Digits of a GS1 company prefix at most."""


@dataclass(slots=True)
class Owners:
    """Who owns what, remembered for as long as a transaction lasts: events speak of the same things again and again."""

    reader: Reader
    enterprise_id: str
    _by_line: dict[str, str | None] = field(default_factory=dict)
    _by_gtin: dict[str, str | None] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _naming: dict[str, bool] | None = None

    def of(self, run: Run) -> str | None:
        """The enterprise whose things these are; None where nobody has claimed them. Raises `ActRefused` for labels
        that were never issued.
        """
        owner = self.of_line(run.line)
        count = self._counts.get(run.line)
        if count is not None and run.last >= count:
            batch = batch_of_line(run.line)
            raise ActRefused(f"batch {batch}: expected labels within 0 to {count - 1}, got {run.first} to {run.last}")
        return owner

    def of_line(self, line: str) -> str | None:
        """The enterprise whose the things of a line are; None where nobody has claimed them."""
        if line not in self._by_line:
            self._by_line[line] = self._owner(line)
        return self._by_line[line]

    def standing(self, event: Event) -> Standing:
        """By what right the enterprise states an event. Raises `ActRefused` where it has none at all: nobody says what
        another has made.
        """
        making = _making(event)
        owners = set()
        for item in event.items:
            owner = self.of(item.run)
            if owner in (None, self.enterprise_id):
                continue
            if item.part in making and not self._makes_for(owner):
                thing = on_line(item.run.line, item.run.first)
                raise ActRefused(f"expected things of the enterprise's own in what it makes, got {thing}, another's")
            if item.part is not Part.INPUT:
                owners.add(owner)
        if not owners:
            return Standing.OWNER
        return Standing.PARTNER if owners <= set(self._named_by) else Standing.STRANGER

    def concerned(self, event: Event) -> frozenset[str]:
        """The other enterprises whose things an event names."""
        owners = {self.of(item.run) for item in event.items}
        return frozenset(owner for owner in owners if owner not in (None, self.enterprise_id))

    @property
    def _named_by(self) -> dict[str, bool]:
        if self._naming is None:
            self._naming = partners.naming(self.reader, self.enterprise_id)
        return self._naming

    def _makes_for(self, owner: str | None) -> bool:
        return owner is not None and self._named_by.get(owner, False)

    def _owner(self, line: str) -> str | None:
        thing = on_line(line, 0)
        if thing.gtin is not None:
            return self._of_batch(line, thing.gtin) or self._of_gtin(thing.gtin)
        if thing.kind in (ThingKind.UNIT, ThingKind.RETURNABLE):
            return self._of_prefix(thing.key[1 : 1 + PREFIX_DIGITS])
        return self._of_prefix(thing.key[:PREFIX_DIGITS]) if thing.kind is ThingKind.ASSET else None

    def _of_batch(self, line: str, gtin: str) -> str | None:
        """The enterprise that issued a batch: a product may have passed to another since."""
        number = batch_of_line(line)
        batch = batches.by_number(self.reader, number) if number else None
        if batch is None or batch.gtin != gtin:
            return None
        self._counts[line] = batch.label_count
        return batch.enterprise_id

    def _of_gtin(self, gtin: str) -> str | None:
        if gtin not in self._by_gtin:
            accepted = claims.accepted_to(self.reader, gtin)
            product = products.by_gtin(self.reader, gtin)
            enrolled = product.enterprise_id if product else None
            self._by_gtin[gtin] = accepted[0].enterprise_id if accepted else enrolled
        return self._by_gtin[gtin]

    def _of_prefix(self, digits: str) -> str | None:
        claim = claims.prefix_of(self.reader, digits)
        return claim.enterprise_id if claim else None


def _making(event: Event) -> frozenset[Part]:
    """The parts of an event in which things come into being."""
    if event.kind is EventKind.TRANSFORMATION:
        return frozenset({Part.OUTPUT})
    if event.kind is EventKind.OBJECT and event.action is Action.ADD:
        return frozenset({Part.OBJECT})
    return frozenset()
