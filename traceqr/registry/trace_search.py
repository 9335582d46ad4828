"""Events that are asked for: of one enterprise or about its things, in the order in which they happened or were told;
or by what they name.

An index answers each question. Whoever asks for more than a bound is told so by one that is over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from traceqr.registry import ledger, trace_events, trace_items
from traceqr.registry.database import Reader, Row
from traceqr.registry.trace_events import TOLD, Told
from traceqr.tracing.event import Part
from traceqr.tracing.run import Run, reach

CHUNK = 40
"""Runs asked for in one statement, at most."""

EVER_MS = 2**62

Key = tuple[int, int, int]
"""By what events are put in order: an instant, whether the event was captured, and its number without its sign."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of events in their order: from an instant on and up to another, both included, and behind a key; of
    those behind the first number of captured events and the first position on the ledger, up to the last ones.
    """

    recorded: bool = False
    descending: bool = False
    low_ms: int = -EVER_MS
    high_ms: int = EVER_MS
    after: Key | None = None
    first_number: int = 0
    first_position: int = -1
    last_number: int = EVER_MS
    last_position: int = EVER_MS

    def key(self, told: Told) -> Key:
        """The place of an event."""
        return (told.recorded_ms if self.recorded else told.at_ms), int(told.number > 0), abs(told.number)

    def behind(self, key: Key) -> Span:
        """What follows a place."""
        return replace(self, after=key)

    @property
    def bounds(self) -> tuple[int, int]:
        """The first and the last instant that there is anything of."""
        if self.after is None:
            return self.low_ms, self.high_ms
        at_ms = self.after[0]
        return (self.low_ms, min(self.high_ms, at_ms)) if self.descending else (max(self.low_ms, at_ms), self.high_ms)

    @property
    def order(self) -> str:
        """As a statement has it."""
        return "DESC" if self.descending else "ASC"

    def has(self, key: Key) -> bool:
        """Whether a place lies behind the one where it begins."""
        return self.after is None or (key < self.after if self.descending else key > self.after)


def of_enterprise(
    reader: Reader, enterprise_id: str, span: Span, most: int, narrowed: tuple[str, str] | None = None
) -> list[Told]:
    """What an enterprise states, of a step, a read point or a location where it is `narrowed` to one."""
    column = "recorded_ms" if span.recorded else "at_ms"
    only = f" AND e.{narrowed[0]} = :narrowed" if narrowed else ""
    if narrowed and narrowed[0] in ("location", "read_point"):
        only += f" AND e.{narrowed[0]} <> ''"  # by which the index serves
    where = f"e.enterprise_id = :enterprise{only} AND {_within('e.' + column, 'e.number', span)}"
    params = {"enterprise": enterprise_id, **_params(span, most)} | ({"narrowed": narrowed[1]} if narrowed else {})
    order = _ordered(span, f"e.{column}", "e.number")
    rows = reader.rows(f"SELECT {TOLD} FROM trace_event e WHERE {where} {order} LIMIT :most", params)
    return [trace_events.told(row) for row in rows]


def concerning(reader: Reader, enterprise_id: str, span: Span, most: int) -> list[Told]:
    """What others state of an enterprise's things."""
    column = "recorded_ms" if span.recorded else "at_ms"
    where = f"c.enterprise_id = :enterprise AND {_within('c.' + column, 'c.event_number', span)}"
    rows = reader.rows(
        f"SELECT {TOLD} FROM (SELECT c.event_number FROM trace_concern c WHERE {where}"
        f" {_ordered(span, 'c.' + column, 'c.event_number')} LIMIT :most) w"
        " JOIN trace_event e ON e.number = w.event_number",
        {"enterprise": enterprise_id, **_params(span, most)},
    )
    return sorted((trace_events.told(row) for row in rows), key=span.key, reverse=span.descending)


def _ordered(span: Span, *columns: str) -> str:
    """By columns that are never null."""
    return "ORDER BY " + ", ".join(f"{column} {span.order}" for column in columns)


def _within(column: str, number: str, span: Span) -> str:
    side = "<" if span.descending else ">"
    return (
        f"{column} BETWEEN :low AND :high AND ({column} <> :after_ms OR {number} {side} :after_number)"
        f" AND {number} > :first_number AND {number} <= :last_number"
    )


def _params(span: Span, most: int) -> dict[str, Any]:
    low, high = span.bounds
    at_ms, captured, number = span.after or (-EVER_MS - 1, 0, 0)
    # Events that arose stand before those that were captured at the same instant.
    after = number if captured else 0
    return {
        "low": low,
        "high": high,
        "most": most,
        "first_number": span.first_number,
        "last_number": span.last_number,
        "after_ms": at_ms,
        "after_number": after,
    }


def concerned(reader: Reader, enterprise_id: str, numbers: Iterable[int]) -> set[int]:
    """Those events of these numbers that name things of an enterprise, stated by others."""
    found: set[int] = set()
    listed = sorted(set(numbers))
    for start in range(0, len(listed), trace_events.CHUNK):
        spelled = ", ".join(str(int(number)) for number in listed[start : start + trace_events.CHUNK])
        rows = reader.rows(
            f"SELECT event_number FROM trace_concern WHERE enterprise_id = :enterprise AND event_number IN ({spelled})",
            {"enterprise": enterprise_id},
        )
        found |= {row["event_number"] for row in rows}
    return found


def touching(reader: Reader, runs: Sequence[Run], parts: Iterable[Part], most: int) -> set[int]:
    """The numbers of events that name any of these runs in some parts: at most one more than `most`."""
    reader.by_index()
    lines = trace_items.line_numbers(reader, sorted({run.line for run in runs}))
    known = [run for run in runs if run.line in lines]
    listed = ", ".join(f"'{part}'" for part in sorted(set(parts)))
    found: set[int] = set()
    for start in range(0, len(known), CHUNK):
        asked = ", ".join(
            f"({lines[run.line]}, {level}, {low}, {high}, {run.first}, {run.last})"
            for run in known[start : start + CHUNK]
            for level, low, high in reach(run.first, run.last)
        )
        rows = reader.rows(
            f"WITH wanted (line, level, low, high, first, last) AS (VALUES {asked})"
            " SELECT DISTINCT i.event_number FROM wanted w JOIN trace_item i ON i.line = w.line AND i.level = w.level"
            " AND i.block BETWEEN w.low AND w.high AND i.first <= w.last AND i.last >= w.first"
            f" WHERE i.part IN ({listed}) LIMIT :most",
            {"most": most + 1},
        )
        found |= {row["event_number"] for row in rows}
        if len(found) > most:
            break
    return found


def mentioning(reader: Reader, kind: str, kind_of: str, values: Iterable[str], most: int) -> set[int]:
    """The numbers of events that mention any of these values: at most one more than `most`."""
    found: set[int] = set()
    for value in sorted(set(values)):
        rows = reader.rows(
            "SELECT event_number FROM trace_mention"
            " WHERE kind = :kind AND value = :value AND type = :type ORDER BY event_number LIMIT :most",
            {"kind": kind, "value": value, "type": kind_of, "most": most + 1},
        )
        found |= {row["event_number"] for row in rows}
        if len(found) > most:
            break
    return found


def values(reader: Reader, enterprise_id: str, column: str, most: int, *, own: bool) -> list[str]:
    """The steps, read points, locations or dispositions that an enterprise's events have; those of events that partners
    are told of alone, unless the list is for itself. Each is one step into the index, however many events have it.
    """
    found: list[str] = []
    after = ""
    for _ in range(most):
        row = reader.row(
            f"SELECT MIN(e.{column}) AS value FROM trace_event e"
            f" WHERE e.enterprise_id = :enterprise AND e.{column} > :after AND e.{column} <> ''",
            {"enterprise": enterprise_id, "after": after},
        )
        if row is None or row["value"] is None:
            break
        after = str(row["value"])
        if own or _is_told(reader, enterprise_id, column, after):
            found.append(after)
    return found


def _is_told(reader: Reader, enterprise_id: str, column: str, value: str) -> bool:
    return bool(
        reader.row(
            f"SELECT e.number FROM trace_event e WHERE e.enterprise_id = :enterprise AND e.{column} = :value"
            f" AND e.{column} <> '' AND e.audience <> 'regulators' LIMIT 1",
            {"enterprise": enterprise_id, "value": value},
        )
    )


def last_number(reader: Reader) -> int:
    """The number of the event that was captured last; 0 where none was."""
    return trace_events.next_number(reader) - 1


def label_acts(
    reader: Reader, enterprise_id: str, span: Span, behind: int | None, most: int
) -> tuple[list[Row], int | None]:
    """Batch and position of the acts on an enterprise's labels, in the order of the span, behind a position; and behind
    which one there may be more. What a key that was compromised voided is told of each batch.
    """
    side, start = ("<", EVER_MS) if span.descending else (">", -1)
    low, high = _positions(reader, span)
    rows = reader.rows(
        "SELECT batch, position FROM trail WHERE enterprise_id = :enterprise AND kind = 'labels'"
        f" AND position BETWEEN :low AND :high AND position {side} :behind {_ordered(span, 'position')} LIMIT :most",
        {
            "enterprise": enterprise_id,
            "low": low,
            "high": high,
            "most": most,
            "behind": start if behind is None else behind,
        },
    )
    found = [each for row in rows for each in _of_batches(reader, enterprise_id, row)]
    return found, rows[-1]["position"] if len(rows) == most else None


def _of_batches(reader: Reader, enterprise_id: str, row: Row) -> list[Row]:
    if row["batch"] is not None:
        return [row]
    found = reader.rows(
        "SELECT DISTINCT s.batch, s.life_position AS position FROM batch b JOIN span s ON s.batch = b.number"
        " WHERE b.enterprise_id = :enterprise AND s.life_position = :position",
        {"enterprise": enterprise_id, "position": row["position"]},
    )
    return sorted(found, key=itemgetter("batch"))


def _positions(reader: Reader, span: Span) -> tuple[int, int]:
    """The first and the last position on the ledger of a span: instants are in its order."""
    low, high = span.bounds
    head = min(ledger.next_position(reader), span.last_position + 1)
    return max(_first_from(reader, low, head), span.first_position + 1), _first_from(reader, high + 1, head) - 1


def _first_from(reader: Reader, at_ms: int, head: int) -> int:
    low, high = 0, head
    if at_ms <= 0 or at_ms >= EVER_MS:
        return low if at_ms <= 0 else high
    while low < high:
        middle = (low + high) // 2
        row = reader.row("SELECT at_ms FROM ledger WHERE position = :position", {"position": middle})
        if row is None or row["at_ms"] >= at_ms:
            high = middle
        else:
            low = middle + 1
    return low
