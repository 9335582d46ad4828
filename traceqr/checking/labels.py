"""The state of labels: the spans of each batch are disjoint and merged, cover it from its first label to its last, and
count the notices that are open over them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from traceqr.checking.finding import Findings
from traceqr.registry import auditing
from traceqr.registry.database import Reader, Row
from traceqr.registry.tables import table
from traceqr.registry.walking import walk

_ALIKE = ("life", "life_position", "holds", "recalls")
_COUNTS = ("holds", "recalls")


def check_labels(reader: Reader, findings: Findings) -> None:
    """Check all batches, in the order of their numbers; both tables are walked side by side."""
    groups = groupby(_sound(reader, "span"), key=lambda span: span["batch"])
    number, spans = next(groups, (None, iter(())))
    for batch in _sound(reader, "batch"):
        while number is not None and number < batch["number"]:  # of no batch: told as a broken foreign key
            number, spans = next(groups, (None, iter(())))
        mine = spans if number == batch["number"] else iter(())
        for message in _faults(batch, mine, auditing.open_notices(reader, batch["gtin"], batch["number"])):
            findings.add("spans", f"batch {batch['number']}", message)


def _sound(reader: Reader, name: str) -> Iterator[Row]:
    of = table(name)
    for rows in walk(reader, of):
        yield from (row for row in rows if not of.faults(row))


def _faults(batch: Row, spans: Iterator[Row], notices: list[Row]) -> Iterator[str]:
    changes, count = _changes(notices), batch["label_count"]
    covered, before = 0, None
    due: Counter[str] = Counter()
    edges = iter(sorted(changes))
    edge = next(edges, None)
    for span in spans:
        yield from _join(covered, before, span, count)
        while edge is not None and edge <= span["first"]:
            due.update(changes[edge])
            edge = next(edges, None)
        yield from _overlay(span, due, edge)
        covered, before = max(covered, span["last"] + 1), span
    if covered < count:
        yield f"expected spans up to label {count - 1}, found none from {covered} on"


def _join(covered: int, before: Row | None, span: Row, count: int) -> Iterator[str]:
    """What is wrong where a span begins, after those that cover the labels below `covered`; and where it ends."""
    if span["first"] > covered:
        yield f"labels {covered} to {span['first'] - 1} are in no span"
    elif span["first"] < covered:
        yield f"labels {span['first']} to {min(covered - 1, span['last'])} are in two spans"
    elif before and all(before[name] == span[name] for name in _ALIKE):
        yield f"the spans from {before['first']} and from {span['first']} are alike, and should be one"
    if span["last"] >= count:
        yield f"expected labels up to {count - 1}, found a span up to {span['last']}"


def _changes(notices: list[Row]) -> dict[int, Counter[str]]:
    """By label: by how much the counts of open notices change from the label before it."""
    changes: dict[int, Counter[str]] = {}
    for notice in notices:
        if type(notice["first"]) is int and type(notice["last"]) is int:
            name = f"{notice['kind']}s"
            changes.setdefault(notice["first"], Counter())[name] += 1
            changes.setdefault(notice["last"] + 1, Counter())[name] -= 1
    return {label: change for label, change in changes.items() if any(change.values())}


def _overlay(span: Row, due: Counter[str], edge: int | None) -> Iterator[str]:
    where = f"span {span['first']} to {span['last']}"
    for name in _COUNTS:
        if span[name] != due[name]:
            yield f"{where}: expected {name} {due[name]}, as the open notices say, found {span[name]}"
    if edge is not None and edge <= span["last"]:
        yield f"{where}: a notice begins or ends at label {edge}, where no span does"
