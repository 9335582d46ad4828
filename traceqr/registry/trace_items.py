"""The things of events: kept as runs on lines, and found again by what they touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from traceqr.registry.database import Reader, Row, Transaction
from traceqr.tracing.event import Item, Part
from traceqr.tracing.run import Run, blocks, level_of, reach
from traceqr.tracing.thing import ThingKind, on_line

CHUNK = 40
"""Lines or runs asked for in one statement, at most."""


@dataclass(frozen=True, slots=True)
class Touch:
    """A run of an event that touches what was asked for."""

    event: int
    ordinal: int
    part: Part
    run: Run


def insert(tx: Transaction, items: Iterable[tuple[int, int, Item]]) -> None:
    """Add the items of events, each with the event's number and its place there."""
    held = list(items)
    lines = _lines(tx, {item.run.line for _, _, item in held})
    _mark(tx, "taken", {lines[item.run.line] for _, _, item in held if item.part is Part.INPUT})
    carriers = (item for _, _, item in held if item.part is Part.OUTPUT and is_carrier(item.run))
    _mark(tx, "made", {lines[item.run.line] for item in carriers})
    tx.insert_many("trace_item", _COLUMNS, list(_rows(held, lines)))


_COLUMNS = (
    *("line", "level", "block", "event_number", "ordinal", "part"),
    *("first", "last", "spelling", "quantity", "unit"),
)


def _rows(items: Iterable[tuple[int, int, Item]], lines: dict[str, int]) -> Iterator[tuple[object, ...]]:
    for event, ordinal, item in items:
        run = item.run
        line, level = lines[run.line], level_of(run)
        rest = (event, ordinal, str(item.part), run.first, run.last, item.spelling, item.quantity, item.unit)
        for block in blocks(run):
            yield (line, level, block, *rest)


def _lines(tx: Transaction, texts: Iterable[str]) -> dict[str, int]:
    """The numbers of lines; those that are new are added. The lock of the act is held."""
    wanted = sorted(set(texts))
    found = line_numbers(tx, wanted)
    fresh = [text for text in wanted if text not in found]
    if fresh:
        row = tx.row("SELECT COALESCE(MAX(number), 0) AS number FROM trace_line")
        assert row is not None  # an aggregate always has its one row
        numbers = range(row["number"] + 1, row["number"] + 1 + len(fresh))
        things = [(text, on_line(text, 0)) for text in fresh]
        rows = [(n, text, str(a.kind), a.gtin or "", 0, 0) for n, (text, a) in zip(numbers, things, strict=True)]
        tx.insert_many("trace_line", ("number", "text", "kind", "gtin", "taken", "made"), rows)
        found |= dict(zip(fresh, numbers, strict=True))
    return found


def _mark(tx: Transaction, column: str, lines: Iterable[int]) -> None:
    """Mark lines as such of which things were taken for an input, or made with what is in them."""
    spelled = ", ".join(str(int(number)) for number in sorted(lines))
    if spelled:
        tx.execute(f"UPDATE trace_line SET {column} = 1 WHERE {column} = 0 AND number IN ({spelled})")


def is_carrier(run: Run) -> bool:
    """Whether these things are there to carry others."""
    return on_line(run.line, run.first).kind.is_carrier


def are_carriers_taken(reader: Reader) -> bool:
    """Whether single things, in which others may be, were ever taken for an input: classes hold nothing."""
    kinds = ", ".join(f"'{kind}'" for kind in ThingKind if not kind.is_class)
    return reader.row(f"SELECT number FROM trace_line WHERE taken = 1 AND kind IN ({kinds}) LIMIT 1") is not None


def are_carriers_made(reader: Reader) -> bool:
    """Whether a transformation has ever named a carrier as an output."""
    return reader.row("SELECT number FROM trace_line WHERE made = 1 LIMIT 1") is not None


def line_numbers(reader: Reader, texts: Sequence[str]) -> dict[str, int]:
    """The numbers of those lines that events have named."""
    found: dict[str, int] = {}
    for start in range(0, len(texts), CHUNK):
        wanted = {f"text{place}": text for place, text in enumerate(texts[start : start + CHUNK])}
        marks = ", ".join(f":{name}" for name in wanted)
        for row in reader.rows(f"SELECT text, number FROM trace_line WHERE text IN ({marks})", wanted):
            found[row["text"]] = row["number"]
    return found


def lines_of_product(reader: Reader, gtin: str, kinds: Iterable[ThingKind] | None = None) -> list[str]:
    """The lines of a product: its lots, its items, and itself; or those of some kinds."""
    wanted = frozenset(kinds or ThingKind)
    rows = reader.rows(
        "SELECT text, kind FROM trace_line WHERE gtin = :gtin AND gtin <> '' ORDER BY number", {"gtin": gtin}
    )
    return [row["text"] for row in rows if ThingKind(row["kind"]) in wanted]


def touching(reader: Reader, runs: Sequence[Run], parts: Iterable[Part] | None = None) -> list[Touch]:
    """What events say of any place of these runs, in some parts or in all: each run of an event once, in the order of
    their capture.
    """
    reader.by_index()
    numbers = line_numbers(reader, sorted({run.line for run in runs}))
    spelled = _spelled(parts)
    found: dict[tuple[int, int], Touch] = {}
    known = [run for run in runs if run.line in numbers]
    for start in range(0, len(known), CHUNK):
        asked = known[start : start + CHUNK]
        for row in reader.rows(_touching(asked, numbers) + spelled):
            run = asked[row["asked"]]
            if row["first"] <= run.last and row["last"] >= run.first:
                place = row["event_number"], row["ordinal"]
                found[place] = Touch(*place, Part(row["part"]), Run(run.line, row["first"], row["last"]))
    return [found[key] for key in sorted(found)]


def _touching(runs: Sequence[Run], numbers: dict[str, int]) -> str:
    """The statement. All that stands in it are numbers of ours."""
    asked = ", ".join(
        f"({place}, {numbers[run.line]}, {level}, {low}, {high})"
        for place, run in enumerate(runs)
        for level, low, high in reach(run.first, run.last)
    )
    return (
        f"WITH wanted (asked, line, level, low, high) AS (VALUES {asked})"
        " SELECT w.asked, i.event_number, i.ordinal, i.part, i.first, i.last FROM wanted w JOIN trace_item i"
        " ON i.line = w.line AND i.level = w.level AND i.block BETWEEN w.low AND w.high"
    )


def of_events(reader: Reader, events: Iterable[int], parts: Iterable[Part] | None = None) -> dict[int, list[Item]]:
    """The items of events, in their order, by the events' numbers; in some parts or in all."""
    found: dict[int, list[Item]] = {}
    listed = sorted(set(events))
    for start in range(0, len(listed), 10 * CHUNK):
        spelled = ", ".join(str(int(number)) for number in listed[start : start + 10 * CHUNK])
        rows = reader.rows(
            "SELECT i.event_number, i.ordinal, i.block, i.part, i.first, i.last, i.spelling, i.quantity, i.unit, l.text"
            " FROM trace_item i JOIN trace_line l ON l.number = i.line"
            f" WHERE i.event_number IN ({spelled}){_spelled(parts)} ORDER BY i.event_number, i.ordinal, i.block"
        )
        for row in _once(rows):
            found.setdefault(row["event_number"], []).append(_item(row))
    return found


def _spelled(parts: Iterable[Part] | None) -> str:
    if parts is None:
        return ""
    listed = ", ".join(f"'{part}'" for part in sorted(set(parts)))
    return f" AND i.part IN ({listed})"


def _once(rows: Iterable[Row]) -> Iterator[Row]:
    """Each item once: one that lies in two blocks has two rows."""
    before: tuple[int, int] | None = None
    for row in rows:
        place = row["event_number"], row["ordinal"]
        if place != before:
            yield row
        before = place


def _item(row: Row) -> Item:
    run = Run(row["text"], row["first"], row["last"])
    return Item(Part(row["part"]), run, row["spelling"], row["quantity"], row["unit"])
