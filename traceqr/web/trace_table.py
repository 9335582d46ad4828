"""A report about a traced thing as a table: a line for each thing that was handed on, each material, each range of
labels, each place and each event. Words are those of the standards, whatever the reader's language is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from traceqr.instant import to_iso
from traceqr.office.trace_reports import Statement, TraceReport
from traceqr.office.tracking import Hand, Named, TraceFile
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing, on_line

COLUMNS = (
    *("direction", "step", "thing", "quantity", "unit", "from", "to", "place", "when", "stated_by"),
    *("references", "event"),
)
"""Of the table."""

_UNSAFE = re.compile("[^0-9A-Za-z]+")


def file_name(report_of: Thing, suffix: str) -> str:
    """The name of a file about a thing, in ASCII."""
    return f"trace-{_UNSAFE.sub('-', report_of.text)[:60].strip('-')}{suffix}"


def rows(report: TraceReport) -> Iterator[Sequence[str]]:
    """The lines of the table, each with a value for each of `COLUMNS`."""
    file = report.file
    for direction, hands in (("supplied-by", file.steps.up), ("supplied-to", file.steps.down), ("hand", file.hands)):
        for hand in hands:
            yield _handed(direction, hand, file)
    for one in file.inputs:
        yield _row("made-of", thing=one.thing.text, quantity=one.quantity, unit=one.unit, when=to_iso(one.at_ms))
    for holding in file.holdings:
        for run in holding.runs:
            maker = _named(file.bodies, holding.enterprise_id)
            yield _row("contained-in", thing=_range(run), quantity=str(len(run)), **{"from": maker})
    for spot in file.spots:
        when = to_iso(spot.last_ms) if spot.last_ms else ""
        yield _row(
            "now-at", quantity=str(spot.labels), place=_placed(file, spot.place), to=_placed(file, spot.to), when=when
        )
    for each in report.statements:
        yield _stated(each, file)


def _handed(direction: str, hand: Hand, file: TraceFile) -> Sequence[str]:
    return _row(
        direction,
        step=hand.step,
        thing=hand.thing.text,
        quantity=hand.quantity,
        unit=hand.unit,
        **{"from": "; ".join(_named(file.bodies, key) for key in hand.sources)},
        to="; ".join(_named(file.bodies, key) for key in hand.destinations),
        place=_placed(file, hand.place),
        when=to_iso(hand.at_ms),
        stated_by=_named(file.bodies, hand.stated_by),
        references="; ".join(value for _kind, value in hand.references),
        event=hand.event_id,
    )


def _stated(statement: Statement, file: TraceFile) -> Sequence[str]:
    event = statement.event
    return _row(
        "event",
        step=event.step,
        thing="; ".join(map(_range, statement.runs)),
        place=_placed(file, event.location or event.read_point),
        when=to_iso(event.at_ms),
        stated_by=_named(file.bodies, event.enterprise_id),
        event=event.event_id,
    )


def _row(direction: str, **values: str) -> Sequence[str]:
    return [direction, *(values.get(name, "") for name in COLUMNS[1:])]


def _range(run: Run) -> str:
    first, last = (on_line(run.line, number).text for number in (run.first, run.last))
    return first if first == last else f"{first} - {last}"


def _named(names: Mapping[str, Named], key: str) -> str:
    found = names.get(key)
    return (found.zh or found.en) if found else key


def _placed(file: TraceFile, key: str) -> str:
    place = file.places.get(key)
    return f"{place.name_zh} {key}" if place else key
