"""Where events say that things were, and what they were packed into: of very many things at once, in few statements."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from traceqr.registry.database import Reader
from traceqr.registry.trace_items import CHUNK, line_numbers
from traceqr.tracing.run import Run, merged, reach, size_of

_COUNTS = "e.standing <> 'stranger' AND e.declares = 0 AND e.declared_ms IS NULL"


class How(enum.IntEnum):
    """What an event says of things, as far as it concerns where they are."""

    SEEN = 0
    PUT_IN = 1
    TAKEN_OUT = 2
    EMPTIED = 3
    """Something may have been taken out of them; whether it was all, their children in the event tell."""


class Move(NamedTuple):
    """What an event says of places `first` to `last` of a line. `place` is where they were, empty where that is not
    told; `parent`, a line and a place on it, is what they were put into or taken out of. There may be very many.
    """

    at_ms: int
    recorded_ms: int
    event: int
    first: int
    last: int
    how: int
    place: str
    sent: int
    enterprise_id: str
    audience: str
    parent: tuple[str, int] | None


def carriers(reader: Reader, runs: Sequence[Run]) -> dict[tuple[str, str], list[Run]]:
    """What runs were packed into, at any time, by events that count: one level; by who says so, and the lines of the
    runs.
    """
    found: dict[tuple[str, str], set[tuple[int, int, int]]] = {}
    columns = "w.asked, e.enterprise_id, p.line, p.first, p.last"
    for asked, statement in _asking(reader, runs, columns, _PARENT, "i.part = 'child'"):
        for row in reader.rows(statement):
            key = row["enterprise_id"], asked[row["asked"]].line
            found.setdefault(key, set()).add((row["line"], row["first"], row["last"]))
    texts = _texts(reader, {line for each in found.values() for line, _, _ in each})
    return {key: _runs(texts, each) for key, each in found.items()}


_PARENT = " JOIN trace_item p ON p.event_number = i.event_number AND p.part = 'parent'"

_MOVE = (
    "w.asked, i.event_number, i.first, i.last, e.at_ms, e.recorded_ms, e.enterprise_id, e.audience,"
    " CASE WHEN e.location <> '' THEN e.location ELSE e.read_point END AS place,"
    " CASE WHEN e.step IN ('shipping', 'departing') THEN 1 ELSE 0 END AS sent,"
    " CASE WHEN i.part = 'parent' THEN 3 WHEN i.part <> 'child' THEN 0"
    " WHEN e.action = 'delete' THEN 2 ELSE 1 END AS how,"
    " p.line AS parent_line, p.first AS parent_first"
)

_CONCERNS = (
    "(i.part = 'child' OR (i.part = 'parent' AND e.action = 'delete') OR (i.part IN ('object', 'output')"
    " AND (e.location <> '' OR e.read_point <> '' OR e.step IN ('shipping', 'departing'))))"
)


def moves(reader: Reader, runs: Sequence[Run]) -> dict[str, list[Move]]:
    """What events that count say of these runs, cut to them, as far as it concerns where they are; by their lines."""
    found: dict[str, list[Move]] = {}
    parents: dict[int, str] = {}
    for asked, statement in _asking(reader, runs, _MOVE, f" LEFT{_PARENT} AND i.part = 'child'", _CONCERNS):
        rows = reader.rows(statement)
        parents |= _texts(reader, {row["parent_line"] for row in rows} - set(parents) - {None})
        for row in rows:
            run, line = asked[row["asked"]], row["parent_line"]
            move = Move(
                row["at_ms"],
                row["recorded_ms"],
                row["event_number"],
                max(run.first, row["first"]),
                min(run.last, row["last"]),
                row["how"],
                row["place"],
                row["sent"],
                row["enterprise_id"],
                row["audience"],
                None if line is None else (parents[line], row["parent_first"]),
            )
            found.setdefault(run.line, []).append(move)
    return found


_HANDED = (
    "i.part <> 'input' AND (e.step IN ('shipping', 'departing', 'receiving', 'arriving', 'accepting')"
    " OR EXISTS (SELECT m.value FROM trace_mention m WHERE m.event_number = e.number"
    " AND m.kind IN ('source', 'destination')))"
)


def handed(reader: Reader, runs: Sequence[Run]) -> list[tuple[int, Run]]:
    """The numbers of the events that count and say that things of runs were sent, or taken in, each with which they
    were; of all others, that pack or see them, there may be very many.
    """
    found: list[tuple[int, Run]] = []
    for asked, statement in _asking(reader, runs, "w.asked, i.event_number, i.first, i.last", "", _HANDED):
        for row in reader.rows(statement):
            run = asked[row["asked"]]
            both = Run(run.line, max(run.first, row["first"]), min(run.last, row["last"]))
            found.append((row["event_number"], both))
    return found


def packed_since(reader: Reader, units: Sequence[Run]) -> dict[Run, int]:
    """When something was first put into any of a run of units, by events that count."""
    found: dict[Run, int] = {}
    wanted = "i.part = 'parent' AND e.action <> 'delete'"
    for asked, statement in _asking(reader, units, "w.asked, MIN(e.at_ms) AS at_ms", "", wanted):
        for row in reader.rows(f"{statement} GROUP BY w.asked"):
            found[asked[row["asked"]]] = row["at_ms"]
    return found


def stating(reader: Reader, run: Run, *, handled: bool = False) -> set[str]:
    """The enterprises that have stated events of a run which count; `handled` leaves out those that merely say to have
    used it.
    """
    found: set[str] = set()
    wanted = "i.part <> 'input'" if handled else "i.line = w.line"
    for _, statement in _asking(reader, [run], "DISTINCT e.enterprise_id", "", wanted):
        found.update(row["enterprise_id"] for row in reader.rows(statement))
    return found


def _asking(
    reader: Reader, runs: Sequence[Run], columns: str, joined: str, wanted: str
) -> Iterator[tuple[Sequence[Run], str]]:
    """The statements for runs, some at a time, each with its runs. All that stands in them are numbers of ours. An item
    that lies in two blocks is found in the first of them that is asked for.
    """
    reader.by_index()
    numbers = line_numbers(reader, sorted({run.line for run in runs}))
    known = [run for run in runs if run.line in numbers]
    for start in range(0, len(known), CHUNK):
        some = known[start : start + CHUNK]
        yield (
            some,
            (
                f"WITH wanted (asked, line, level, size, low, high, first, last) AS (VALUES {_values(some, numbers)})"
                f" SELECT {columns} FROM wanted w JOIN trace_item i"
                " ON i.line = w.line AND i.level = w.level AND i.block BETWEEN w.low AND w.high"
                " AND i.first <= w.last AND i.last >= w.first AND (i.block = w.low OR i.first >= i.block * w.size)"
                f" JOIN trace_event e ON e.number = i.event_number{joined} WHERE {wanted} AND {_COUNTS}"
            ),
        )


def _values(runs: Sequence[Run], numbers: dict[str, int]) -> str:
    return ", ".join(
        f"({place}, {numbers[run.line]}, {level}, {size_of(level)}, {low}, {high}, {run.first}, {run.last})"
        for place, run in enumerate(runs)
        for level, low, high in reach(run.first, run.last)
    )


def _runs(texts: dict[int, str], found: set[tuple[int, int, int]]) -> list[Run]:
    """Ranges by the numbers of their lines, merged before they are made runs: there may be very many."""
    joined: list[tuple[int, int, int]] = []
    for line, first, last in sorted(found):
        if joined and joined[-1][0] == line and first <= joined[-1][2] + 1:
            joined[-1] = (line, joined[-1][1], max(joined[-1][2], last))
        else:
            joined.append((line, first, last))
    return merged(Run(texts[line], first, last) for line, first, last in joined)


def _texts(reader: Reader, numbers: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    listed = sorted(numbers)
    for start in range(0, len(listed), 10 * CHUNK):
        spelled = ", ".join(str(int(number)) for number in listed[start : start + 10 * CHUNK])
        rows = reader.rows(f"SELECT number, text FROM trace_line WHERE number IN ({spelled})")
        found |= {row["number"]: row["text"] for row in rows}
    return found
