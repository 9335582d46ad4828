"""Events written as EPCIS 2.0 has them, in JSON-LD: chunk by chunk, so that documents stream however long they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from traceqr.epcis.spelling import EpcFormat, PrefixLength, no_prefix_lengths
from traceqr.epcis.vocabulary import CbvFormat
from traceqr.tracing.event import Event

MAX_LISTED = 10_000
"""Single things that an event lists one by one; those of more are written as `traceqr:epcRanges`."""


@dataclass(frozen=True, slots=True)
class Form:
    """How identifiers and words are wanted. Where `prefix_length` knows no company prefix, Digital Links stay such."""

    epcs: EpcFormat = EpcFormat.NO_PREFERENCE
    words: CbvFormat = CbvFormat.NO_PREFERENCE
    prefix_length: PrefixLength = no_prefix_lengths


AS_CAPTURED = Form()


@dataclass(frozen=True, slots=True)
class Told:
    """An event, and when it was recorded."""

    event: Event
    recorded_ms: int | None = None


def event_value(told: Told, form: Form = AS_CAPTURED) -> dict[str, Any]:
    """An event as the value of a JSON text, its lists in full."""
    raise NotImplementedError


def event_text(told: Told, form: Form = AS_CAPTURED) -> Iterator[str]:
    """The JSON text of an event that stands by itself, with its context, in chunks."""
    raise NotImplementedError


def document(events: Iterable[Told], created_ms: int, form: Form = AS_CAPTURED) -> Iterator[str]:
    """The JSON text of an EPCISDocument around events, in chunks."""
    raise NotImplementedError


def query_document(
    events: Iterable[Told],
    created_ms: int,
    form: Form = AS_CAPTURED,
    *,
    query_name: str = "SimpleEventQuery",
    subscription: str = "",
) -> Iterator[str]:
    """The JSON text of an EPCISQueryDocument around the events that a query found, in chunks."""
    raise NotImplementedError
