"""The life of labels: issued, active, void. Void is terminal; nothing revives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from traceqr.acting import Act, ActRefused, Desk
from traceqr.registry import batches, spans
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader
from traceqr.registry.spans import Span


@dataclass(frozen=True, slots=True)
class Range:
    """Labels `first` to `last` of a batch, both included; None is the batch's own first or last."""

    batch: int
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What an act did: the range it was asked for, resolved, and how many labels in it changed."""

    batch: int
    first: int
    last: int
    labels: int


def activate(desk: Desk, target: Range, reason: str) -> Changed:
    """Let issued labels be sold: issued becomes active, active and void stay as they are."""
    return _transition(desk, target, "batch.activate", "active", frozenset({"issued"}), reason)


def void(desk: Desk, target: Range, reason: str) -> Changed:
    """End labels for ever: issued and active become void."""
    if not reason.strip():
        raise ActRefused("expected a reason that people will read on the label's page, got none", "reason")
    return _transition(desk, target, "batch.void", "void", frozenset({"issued", "active"}), reason)


def void_unactivated(act: Act, batch: int, position: int) -> int:
    """Void what a batch has not yet activated, as part of another act; returns how many labels."""
    found = batches.by_number(act.tx, batch)
    assert found is not None  # the number was read in this transaction
    return spans.change(act.tx, batch, 0, found.label_count - 1, _to("void", frozenset({"issued"}), position))


def resolve(reader: Reader, target: Range) -> tuple[Batch, int, int]:
    """The batch, first and last of a range. Raises `ActRefused` for what lies outside."""
    batch = batches.by_number(reader, target.batch)
    if batch is None:
        raise ActRefused(f"expected the number of a batch, {target.batch} is none")
    end = batch.label_count - 1
    first = 0 if target.first is None else target.first
    last = end if target.last is None else target.last
    if not 0 <= first <= last <= end:
        turned = target.first is not None and target.last is not None and first > last
        hint = ": the range is the wrong way round" if turned else ""
        raise ActRefused(f"batch {batch.number}: expected labels within 0 to {end}, got {first} to {last}{hint}")
    return batch, first, last


def _transition(desk: Desk, target: Range, name: str, life: str, sources: frozenset[str], reason: str) -> Changed:
    with desk.act() as act:
        batch, first, last = resolve(act.tx, target)
        position = act.record(name, f"batch:{batch.number}", {"first": first, "last": last, "reason": reason})
        labels = spans.change(act.tx, batch.number, first, last, _to(life, sources, position))
        if not labels:
            wanted = " or ".join(sorted(sources))
            raise ActRefused(
                f"batch {batch.number}: expected labels that are {wanted} in {first} to {last}, found none"
            )
        return Changed(batch.number, first, last, labels)


def _to(life: str, sources: frozenset[str], position: int) -> Callable[[Span], Span]:
    def change(span: Span) -> Span:
        return replace(span, life=life, life_position=position) if span.life in sources else span

    return change
