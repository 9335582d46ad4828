"""The single things of an event, one by one, or as the ranges by which an event of very many is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from traceqr.epcis import members
from traceqr.epcis.spelling import (
    COUNTED,
    EpcFormat,
    PrefixLength,
    is_counted_at_end,
    no_prefix_lengths,
    write_thing,
)
from traceqr.epcis.things import is_class
from traceqr.tracing.event import Event, Item, Part
from traceqr.tracing.run import Run
from traceqr.tracing.thing import on_line

MAX_LISTED = 10_000
"""Single things that an event lists one by one; those of more are written as `traceqr:epcRanges`."""


def singles(event: Event) -> list[Item]:
    """The runs of single things, in order: what is in lists, and the parent."""
    classes = frozenset(
        f"uri/{element['epcClass']}" for name in members.CLASSES for element in event.content.get(name, ())
    )
    return [item for item in event.items if not _is_class(item, classes)]


def classes(event: Event) -> list[Item]:
    """The classes, with their quantities."""
    single = {id(item) for item in singles(event)}
    return [item for item in event.items if id(item) not in single]


def is_ranged(event: Event) -> bool:
    """Whether it names more single things than are listed one by one."""
    return sum(len(item.run) for item in event.items) > MAX_LISTED and (
        sum(len(item.run) for item in singles(event) if item.part is not Part.PARENT) > MAX_LISTED
    )


def listed(
    items: Iterable[Item],
    part: Part,
    wanted: EpcFormat = EpcFormat.NO_PREFERENCE,
    prefix_length: PrefixLength = no_prefix_lengths,
) -> Iterator[str]:
    """The URIs of the single things that have a part, one by one."""
    for item in items:
        if item.part is part:
            yield from _uris(item.run, item.spelling, wanted, prefix_length)


def _uris(run: Run, spelling: str, wanted: EpcFormat, prefix_length: PrefixLength) -> Iterator[str]:
    """Where their ends alone differ, and these are digits, all are made of the first."""
    thing = on_line(run.line, run.first)
    uri = write_thing(thing, spelling, wanted, prefix_length)
    if len(run) > 1 and is_counted_at_end(thing, uri):
        stem = uri[:-COUNTED]
        yield from (f"{stem}{number:0{COUNTED}d}" for number in range(run.first, run.last + 1))
    else:
        yield from (write_thing(each, spelling, wanted, prefix_length) for each in run.things())


def ranges(
    event: Event, wanted: EpcFormat = EpcFormat.NO_PREFERENCE, prefix_length: PrefixLength = no_prefix_lengths
) -> list[dict[str, str]]:
    """The same as the value of `traceqr:epcRanges`."""
    return [
        {
            "part": item.part.value,
            "first": write_thing(on_line(item.run.line, item.run.first), item.spelling, wanted, prefix_length),
            "last": write_thing(on_line(item.run.line, item.run.last), item.spelling, wanted, prefix_length),
        }
        for item in singles(event)
        if item.part is not Part.PARENT
    ]


def _is_class(item: Item, classes: frozenset[str]) -> bool:
    return item.quantity is not None or is_class(item.run) or item.run.line in classes
