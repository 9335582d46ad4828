"""Where events say that things were, and what they were packed into: of very many things at once, in few statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from traceqr.registry.database import Reader, Row
from traceqr.registry.trace_items import CHUNK, line_numbers
from traceqr.tracing.run import Run, merged, reach

_COUNTS = "e.standing <> 'stranger' AND e.declares = 0 AND e.declared_ms IS NULL"


@dataclass(frozen=True, slots=True)
class Move:
    """What an event says of a run of things: `place` is where it was, empty where that is not told; `parent` is what it
    was put into, or taken out of.
    """

    run: Run
    event: int
    part: str
    action: str
    at_ms: int
    recorded_ms: int
    step: str
    place: str
    enterprise_id: str
    audience: str
    parent: tuple[str, int] | None


def carriers(reader: Reader, runs: Sequence[Run]) -> list[Run]:
    """What runs were packed into, at any time, by events that count: one level."""
    found: set[tuple[int, int, int]] = set()
    for _, statement in _asking(reader, runs, "p.line, p.first, p.last", _PARENT, "i.part = 'child'"):
        found.update((row["line"], row["first"], row["last"]) for row in reader.rows(statement))
    return _runs(reader, found)


_PARENT = " JOIN trace_item p ON p.event_number = i.event_number AND p.part = 'parent'"

_MOVE = (
    "w.asked, i.event_number, i.ordinal, i.part, i.first, i.last, e.action, e.at_ms, e.recorded_ms, e.step, e.location,"
    " e.read_point, e.enterprise_id, e.audience, p.line AS parent_line, p.first AS parent_first"
)

_PLACED = "(e.location <> '' OR e.read_point <> '' OR e.step IN ('shipping', 'departing'))"


def moves(reader: Reader, runs: Sequence[Run]) -> list[Move]:
    """What events that count say of these runs, cut to them, as far as it concerns where they are."""
    found: dict[tuple[int, int, Run], Move] = {}
    parents: dict[int, str] = {}
    wanted = f"(i.part = 'child' OR (i.part = 'parent' AND e.action = 'delete') OR {_PLACED}) AND i.part <> 'input'"
    for asked, statement in _asking(reader, runs, _MOVE, f" LEFT{_PARENT} AND i.part = 'child'", wanted):
        rows = reader.rows(statement)
        parents |= _texts(reader, {row["parent_line"] for row in rows} - set(parents) - {None})
        for row in rows:
            run = asked[row["asked"]]
            found[row["event_number"], row["ordinal"], run] = _move(run, row, parents)
    return list(found.values())


def _move(asked: Run, row: Row, parents: dict[int, str]) -> Move:
    line = row["parent_line"]
    return Move(
        Run(asked.line, max(asked.first, row["first"]), min(asked.last, row["last"])),
        row["event_number"],
        row["part"],
        row["action"],
        row["at_ms"],
        row["recorded_ms"],
        row["step"],
        row["location"] or row["read_point"],
        row["enterprise_id"],
        row["audience"],
        None if line is None else (parents[line], row["parent_first"]),
    )


def _asking(
    reader: Reader, runs: Sequence[Run], columns: str, joined: str, wanted: str
) -> Iterator[tuple[Sequence[Run], str]]:
    """The statements for runs, some at a time, each with its runs. All that stands in them are numbers of ours."""
    numbers = line_numbers(reader, sorted({run.line for run in runs}))
    known = [run for run in runs if run.line in numbers]
    for start in range(0, len(known), CHUNK):
        some = known[start : start + CHUNK]
        yield some, (
            f"WITH wanted (asked, line, level, low, high, first, last) AS (VALUES {_values(some, numbers)})"
            f" SELECT {columns} FROM wanted w JOIN trace_item i"
            " ON i.line = w.line AND i.level = w.level AND i.block BETWEEN w.low AND w.high"
            " AND i.first <= w.last AND i.last >= w.first"
            f" JOIN trace_event e ON e.number = i.event_number{joined} WHERE {wanted} AND {_COUNTS}"
        )


def _values(runs: Sequence[Run], numbers: dict[str, int]) -> str:
    return ", ".join(
        f"({place}, {numbers[run.line]}, {level}, {low}, {high}, {run.first}, {run.last})"
        for place, run in enumerate(runs)
        for level, low, high in reach(run.first, run.last)
    )


def _runs(reader: Reader, found: set[tuple[int, int, int]]) -> list[Run]:
    """Ranges by the numbers of their lines, merged before they are made runs: there may be very many."""
    joined: list[tuple[int, int, int]] = []
    for line, first, last in sorted(found):
        if joined and joined[-1][0] == line and first <= joined[-1][2] + 1:
            joined[-1] = (line, joined[-1][1], max(joined[-1][2], last))
        else:
            joined.append((line, first, last))
    texts = _texts(reader, {line for line, _, _ in joined})
    return merged(Run(texts[line], first, last) for line, first, last in joined)


def _texts(reader: Reader, numbers: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    listed = sorted(numbers)
    for start in range(0, len(listed), 10 * CHUNK):
        spelled = ", ".join(str(int(number)) for number in listed[start : start + 10 * CHUNK])
        rows = reader.rows(f"SELECT number, text FROM trace_line WHERE number IN ({spelled})")
        found |= {row["number"]: row["text"] for row in rows}
    return found
