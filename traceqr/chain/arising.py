"""Events that arise by themselves, from the acts on labels that the ledger tells of. They are kept nowhere else.

| act | event (CBV 2.0, sections 7.1 and 7.2) |
| --- | --- |
| labels are issued | an object event, observe, `encoding`, `encoded`: there are codes, and no goods yet |
| labels are activated, or issued active | an object event, add, `commissioning`, `active` |
| labels are voided | an object event, delete, `decommissioning`, `inactive` |

An act tells of those labels alone whose life it changed.
"""

from __future__ import annotations

import hashlib
import re
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

BATCHES = 10**8
"""Numbers of events are below zero: the position of the act times this, and the batch."""


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
    batch = -number % BATCHES
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


def _told(act: LabelAct) -> Told:
    life = _LIVES[act.life]
    return Told(
        number=-(act.position * BATCHES + act.batch),
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


_BATCH_BITS, _DIGEST_BITS = 27, 47


def event_id(act: LabelAct) -> str:
    """The id of the event of an act on a batch: the same whenever it is asked for. A UUID of version 8 (RFC 9562): the
    act's position, the batch, and bits of a digest, so that the event is found again by it.
    """
    told = f"{act.gtin}/{act.batch}/{act.position}/{act.at_ms}".encode()
    digest = int.from_bytes(hashlib.sha256(told).digest()) >> (256 - _DIGEST_BITS)
    bits = (act.position << _BATCH_BITS | act.batch) << _DIGEST_BITS | digest
    high, middle, low = bits >> 74, bits >> 62 & 0xFFF, bits & (1 << 62) - 1
    return f"urn:uuid:{uuid.UUID(int=high << 80 | 8 << 76 | middle << 64 | 2 << 62 | low)}"


def by_id(reader: Reader, text: str) -> Arisen | None:
    """The event of that id."""
    if not _ID.fullmatch(text):
        return None
    number = uuid.UUID(text).int
    bits = number >> 80 << 74 | (number >> 64 & 0xFFF) << 62 | number & (1 << 62) - 1
    position, batch = bits >> (_BATCH_BITS + _DIGEST_BITS), bits >> _DIGEST_BITS & (1 << _BATCH_BITS) - 1
    found = by_number(reader, -(position * BATCHES + batch)) if batch < BATCHES else None
    return found if found and found.told.event_id == text else None


_ID = re.compile("urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
