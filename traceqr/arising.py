"""Events that arise by themselves, from the acts on labels that the ledger tells of. They are kept nowhere else.

| act | event (CBV 2.0, sections 7.1 and 7.2) |
| --- | --- |
| labels are issued | an object event, observe, `encoding`, `encoded`: there are codes, and no goods yet |
| labels are activated, or issued active | an object event, add, `commissioning`, `active` |
| labels are voided | an object event, delete, `decommissioning`, `inactive` |

An act tells of those labels alone whose life it changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from traceqr.registry import act_history
from traceqr.registry.act_history import LabelAct
from traceqr.registry.database import Reader
from traceqr.registry.trace_events import Told
from traceqr.tracing.event import Action, Audience, EventKind, Item, Part, Standing
from traceqr.tracing.run import Run, without
from traceqr.tracing.thing import batch_of_line, label_line

SPELLING = "https://id.gs1.org"
"""How the labels of such an event are written: as GS1 Digital Links of no deployment."""


@dataclass(frozen=True, slots=True)
class Arisen:
    """An event of an act, with the runs of labels that it tells of."""

    told: Told
    runs: tuple[Run, ...]

    @property
    def items(self) -> list[Item]:
        """Its things, as those of captured events."""
        return [Item(Part.OBJECT, run, SPELLING) for run in self.runs]


@dataclass(frozen=True, slots=True)
class _Life:
    action: Action
    step: str
    disposition: str
    sources: tuple[str, ...]


_LIVES = {
    "issued": _Life(Action.OBSERVE, "encoding", "encoded", ()),
    "active": _Life(Action.ADD, "commissioning", "active", ("issued",)),
    "void": _Life(Action.DELETE, "decommissioning", "inactive", ("issued", "active")),
}
"""By the life that labels get."""

STEPS = frozenset(life.step for life in _LIVES.values())
"""The steps that such events have."""


def of_batches(reader: Reader, batches: Iterable[int]) -> list[Arisen]:
    """The events of batches, in the order of the ledger."""
    found = [arisen for acts in act_history.of_batches(reader, batches).values() for arisen in _replayed(acts)]
    return sorted(found, key=lambda arisen: -arisen.told.number)


def of_lines(reader: Reader, lines: Iterable[str]) -> list[Arisen]:
    """The events of the labels that are on lines."""
    numbers = {number for line in lines if (number := batch_of_line(line)) is not None}
    wanted = set(lines)
    return [arisen for arisen in of_batches(reader, sorted(numbers)) if arisen.runs[0].line in wanted]


def by_number(reader: Reader, number: int) -> Arisen | None:
    """The event of that number, which is below zero."""
    batch = -number % _BATCHES
    return next((each for each in of_batches(reader, [batch]) if each.told.number == number), None)


def _replayed(acts: Sequence[LabelAct]) -> Iterable[Arisen]:
    """Go through the acts on the labels of one batch, from its issue on."""
    lives: dict[str, list[Run]] = {life: [] for life in _LIVES}
    for act in acts:
        line = label_line(act.gtin, act.batch)
        asked = [Run(line, first, last) for first, last in act.ranges]
        sources = _LIVES[act.life].sources if act.act != "batch.issue" else ()
        if act.act == "key.compromise":
            sources = ("issued",)
        changed = asked if act.act == "batch.issue" else _within(asked, [r for life in sources for r in lives[life]])
        if not changed:
            continue
        for life in _LIVES:
            lives[life] = without(lives[life], changed)
        lives[act.life] += changed
        yield Arisen(_told(act), tuple(changed))


def _within(asked: Sequence[Run], held: Sequence[Run]) -> list[Run]:
    return without(asked, without(asked, held))


_BATCHES = 10**8


def _told(act: LabelAct) -> Told:
    life = _LIVES[act.life]
    return Told(
        number=-(act.position * _BATCHES + act.batch),
        event_id=event_id(act),
        enterprise_id=act.enterprise_id,
        kind=EventKind.OBJECT,
        action=life.action,
        at_ms=act.at_ms,
        recorded_ms=act.at_ms,
        step=life.step,
        disposition=life.disposition,
        read_point="",
        location="",
        transformation=None,
        audience=Audience.PUBLIC,
        standing=Standing.OWNER,
        declares=False,
        declared_ms=None,
    )


_NAMESPACE = uuid.UUID("3f0c2f7e-6a0b-4f0e-9b2e-7f6f1f0b8c21")


def event_id(act: LabelAct) -> str:
    """The id of the event of an act on a batch: the same whenever it is asked for."""
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, f'{act.gtin}/{act.batch}/{act.position}/{act.at_ms}')}"
