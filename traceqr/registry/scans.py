"""Scans, and the summary of each label's sightings that verdicts read.

What happens to labels is recorded a group at a time, in few statements: each takes many rows, or those of one batch
where rows lie apart by batch (`Spread`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from traceqr.registry import scan_statements as statements
from traceqr.registry.database import Reader, Row, Spread, Statement, Transaction
from traceqr.registry.scan_book import Book
from traceqr.registry.scan_events import Confirmation, Event, Scan
from traceqr.registry.scan_statements import LabelKey
from traceqr.registry.sightings import Summary, by_label
from traceqr.verdict import History

__all__ = ["Confirmation", "Entered", "Event", "Scan", "enter", "history", "labels_seen", "record"]


def history(reader: Reader, batch: int, index: int, device: str | None) -> History:
    """A label's confirmed sightings, with `device` (None for nobody's) told apart from the others."""
    label = (batch, index)
    summaries, devices = reader.rows_each(
        [statements.summaries([label]), statements.devices([(*label, device)] if device is not None else [])]
    )
    own = any(row["known"] for row in devices)
    return by_label(summaries).get(label, Summary()).history(own)


def labels_seen(reader: Reader, batch: int, most: int) -> int:
    """How many labels of a batch were scanned; counted up to `most`, so that the count costs the same for all."""
    row = reader.row(
        "SELECT COUNT(*) AS labels FROM (SELECT label_index FROM sighting WHERE batch = :batch"
        " ORDER BY label_index LIMIT :most) q",
        {"batch": batch, "most": most},
    )
    return int(row["labels"]) if row else 0


def summary(reader: Reader, batch: int, index: int) -> Summary | None:
    """What is kept of a label's sightings, if it was seen."""
    (rows,) = reader.rows_each([statements.summaries([(batch, index)])])
    return by_label(rows).get((batch, index))


_OF_LABEL = " FROM scan WHERE batch = :batch AND label_index = :index AND (confirmed = 1 OR early = 1"


def latest(reader: Reader, batch: int, index: int, most: int) -> list[Row]:
    """The latest scans of a label by inspectors, and by devices that have come back with their cookies; the last one
    first.
    """
    return reader.rows(
        f"SELECT device, at_ms, channel, agent, place, shared, early, confirmed{_OF_LABEL} OR channel = 'inspector')"
        " ORDER BY at_ms DESC, device LIMIT :most",
        {"batch": batch, "index": index, "most": most},
    )


def places(reader: Reader, batch: int, index: int) -> list[Row]:
    """The places of such scans of a label: how many there were at each, and when first and last."""
    return reader.rows(
        f"SELECT place, COUNT(*) AS scans, MIN(at_ms) AS first_ms, MAX(at_ms) AS last_ms{_OF_LABEL})"
        " GROUP BY place ORDER BY place",
        {"batch": batch, "index": index},
    )


@dataclass(frozen=True, slots=True)
class Entered:
    """What is known of events, in their order: the history as it was just before each, and whether it is a scan to be
    kept, which a reload is not. `changes` are the statements that keep it all, `suspects` the labels that are suspect
    with it.
    """

    before: list[History]
    kept: list[bool]
    changes: list[Statement]
    suspects: dict[LabelKey, Summary] = field(default_factory=dict)


def enter(tx: Transaction, events: Sequence[Event], *, spread: Spread, watching: bool = True) -> Entered:
    """What keeping events comes to. Summaries that may change are locked before anything else of their labels is read,
    so that of any number of first scans, on any number of machines, one is the first.
    """
    book = Book(events, spread, watching=watching)
    questions = book.questions()
    for (_, take), rows in zip(questions, tx.rows_each([question for question, _ in questions]), strict=True):
        take(rows)
    before, kept = [], []
    for event in events:
        new = book.new
        before.append(book.enter(event))
        kept.append(book.new > new)
    return Entered(before, kept, book.changes(), book.suspects())


def record(tx: Transaction, events: Sequence[Event], *, spread: Spread) -> list[History]:
    """Keep what has happened to labels, in its order; returns for each event the history as it was just before. What it
    is told is not counted: see `tallies.Tally`.
    """
    entered = enter(tx, events, spread=spread)
    tx.execute_each(entered.changes)
    return entered.before
