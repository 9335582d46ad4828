"""Retelling: events as they were stated, put together again from what the registry has of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traceqr.chain.arising import Arisen
from traceqr.epcis import vocabulary
from traceqr.epcis.writing import Told as Telling
from traceqr.instant import from_iso
from traceqr.registry import trace_events, trace_items
from traceqr.registry.database import Reader
from traceqr.registry.trace_events import Told
from traceqr.tracing.event import Declaration, Event, Item, Mention


@dataclass(frozen=True, slots=True)
class Found:
    """An event that was found: a captured one, or one that arose from an act."""

    told: Told
    arisen: Arisen | None = None


def retold(reader: Reader, found: Sequence[Found]) -> list[Telling]:
    """Events in full, in the order in which they are given, each with when it was recorded."""
    numbers = [each.told.number for each in found if each.arisen is None]
    contents = trace_events.contents(reader, numbers)
    mentions = trace_events.mentions_of(reader, numbers)
    items = trace_items.of_events(reader, numbers)
    return [
        Telling(
            _arisen(each.arisen)
            if each.arisen
            else _captured(
                each.told,
                json.loads(contents[each.told.number]),
                items.get(each.told.number, []),
                mentions.get(each.told.number, []),
            ),
            each.told.recorded_ms,
        )
        for each in found
    ]


def _arisen(arisen: Arisen) -> Event:
    return _event(arisen.told, arisen.items)


def _captured(told: Told, content: Mapping[str, Any], items: Sequence[Item], mentions: Sequence[Mention]) -> Event:
    return _event(told, items, content, mentions, _declaration(told, content) if told.declares else None)


def _event(
    told: Told,
    items: Sequence[Item],
    content: Mapping[str, Any] | None = None,
    mentions: Sequence[Mention] = (),
    declaration: Declaration | None = None,
) -> Event:
    return Event(
        id=told.event_id,
        kind=told.kind,
        action=told.action,
        at_ms=told.at_ms,
        items=tuple(items),
        step=told.step,
        disposition=told.disposition,
        read_point=told.read_point,
        location=told.location,
        transformation=told.transformation or "",
        mentions=tuple(mentions),
        declaration=declaration,
        audience=told.audience,
        content=content or {},
    )


def _declaration(told: Told, content: Mapping[str, Any]) -> Declaration:
    said = content.get("errorDeclaration")
    if said is None:
        return Declaration(told.recorded_ms, "")
    reason = vocabulary.ERROR_REASONS.read(said["reason"]) if "reason" in said else ""
    return Declaration(from_iso(said["declarationTime"]), reason, tuple(said.get("correctiveEventIDs", ())))
