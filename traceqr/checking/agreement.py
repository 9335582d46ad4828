"""The rows against the ledger: whatever an entry says was done is in the tables, and says the same there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from traceqr.checking.acts import EFFECTS
from traceqr.checking.digests import derived
from traceqr.checking.effect import Effect
from traceqr.checking.finding import Findings
from traceqr.registry import auditing
from traceqr.registry.database import Reader, Row
from traceqr.registry.ledger import Entry
from traceqr.registry.tables import shown, table
from traceqr.registry.walking import rows_of_keys

_ON_BATCHES = frozenset(
    {"batch.hold", "batch.recall", "labels.export", "labels.exported", "hidden.export", "hidden.exported"}
)
"""Acts that leave a row with a batch, and are about it."""


def subject_parts(entry: Entry) -> tuple[str, str]:
    """`batch:7` is ('batch', '7')."""
    noun, _, identity = entry.subject.partition(":")
    return noun, identity


_DIGITS = re.compile("[0-9]{1,18}")


def whole(text: str) -> int | None:
    """The number that a subject's id is, or None."""
    return int(text) if _DIGITS.fullmatch(text) else None


def check_entries(reader: Reader, entries: Sequence[Entry], findings: Findings) -> None:
    """Is what these entries say in the tables?"""
    for name in {effect.table for entry in entries for effect in EFFECTS.get(entry.act, ())}:
        concerned = [
            (entry, effect, key)
            for entry in entries
            for effect in EFFECTS.get(entry.act, ())
            if effect.table == name and (key := _key(entry, effect)) is not None
        ]
        rows = rows_of_keys(reader, table(name), sorted({key for _, _, key in concerned}))
        for entry, effect, key in concerned:
            for message in _differences(entry, effect, key, rows.get(key)):
                findings.add("acts", f"ledger entry {entry.position}", f"{entry.act} of {entry.subject}: {message}")
    _check_documents(reader, [entry for entry in entries if entry.act == "claim.file"], findings)
    for entry in entries:
        _check_spans(reader, entry, findings)
        _check_marks(reader, entry, findings)


def _key(entry: Entry, effect: Effect) -> tuple[Any, ...] | None:
    """The primary key of the row that an act concerns; None where the entry does not name one."""
    parts: list[Any] = [entry.payload.get(effect.instead) if effect.instead else subject_parts(entry)[1]]
    if effect.more_key:
        parts.append(entry.payload.get(effect.more_key))
    concerned = table(effect.table)
    for place, name in enumerate(concerned.primary_key):
        column = concerned.column(name)
        if column.kind != "TEXT" and isinstance(parts[place], str):
            parts[place] = whole(parts[place])
        if parts[place] is None or column.fault(parts[place]):
            return None
    return tuple(parts)


def _differences(entry: Entry, effect: Effect, key: tuple[Any, ...], row: Row | None) -> Iterable[str]:
    concerned = table(effect.table)
    if row is None:
        named = ", ".join(f"{name} {shown(value)}" for name, value in zip(concerned.primary_key, key, strict=True))
        yield f"expected its row in table {effect.table}, {named}; found none"
        return
    if concerned.faults(row):
        return  # said already
    payload, said = _derived_payload(entry), derived(effect.table, row)
    wanted: dict[str, Any] = {name: payload.get(member) for name, member in effect.lasting.items()}
    position = row[effect.position]
    if position == entry.position:
        wanted |= {name: payload.get(member) for name, member in effect.present.items()} | dict(effect.becomes)
    elif (position is None or position < entry.position) and not _may_stay(entry, row):
        yield f"{concerned.spot(row)} does not show it: its {effect.position} is {shown(position)}"
    for name, value in wanted.items():
        if (found := said[name]) != value:
            yield f"{concerned.spot(row)}: expected {name} {shown(value)}, as the entry says, found {shown(found)}"


def _may_stay(entry: Entry, row: Row) -> bool:
    """A compromised key stays compromised when its private part is destroyed, and keeps the position."""
    return entry.act == "key.destroy" and row["status"] == "compromised"


def _derived_payload(entry: Entry) -> dict[str, Any]:
    """A payload with members named like columns where it says the same in another form."""
    payload = dict(entry.payload)
    noun, identity = subject_parts(entry)
    if entry.act in _ON_BATCHES:
        payload["batch"] = whole(identity)
    elif noun == "product":
        payload["gtin"] = identity
    elif noun == "pledge":
        payload["pledge"] = whole(identity)
    elif noun == "case":
        payload["case_id"] = identity
    elif noun == "inspection":
        payload["inspection"] = identity
    for window in ("signing", "verifying"):
        ends = payload.get(f"{window}_ms")
        if isinstance(ends, list) and len(ends) == 2:
            payload[f"{window}_from_ms"], payload[f"{window}_to_ms"] = ends
    return payload


def _check_documents(reader: Reader, filed: Sequence[Entry], findings: Findings) -> None:
    """Do the documents beside claims have the digests that were filed?"""
    found = auditing.digests_beside(reader, [subject_parts(entry)[1] for entry in filed])
    for entry in filed:
        wanted, digests = entry.payload.get("documents", []), found.get(subject_parts(entry)[1], [])
        if digests != wanted:
            findings.add(
                "acts",
                f"ledger entry {entry.position}",
                f"claim.file of {entry.subject}: expected documents {shown(wanted)} beside it, found {shown(digests)}",
            )


def _check_spans(reader: Reader, entry: Entry, findings: Findings) -> None:
    """Does the state of labels show an act on them? What it forbids is looked for."""
    noun, identity = subject_parts(entry)
    number = whole(identity)
    if number is None:
        return
    first, last = entry.payload.get("first"), entry.payload.get("last")
    found: list[Row] = []
    if noun == "batch" and type(first) is int and type(last) is int:
        if entry.act == "batch.void":
            found = auditing.not_void(reader, number, first, last)
        elif entry.act == "batch.activate":
            found = auditing.still_issued(reader, number, first, last)
    elif noun == "key" and entry.act == "key.compromise":
        found = auditing.still_issued_under(reader, number, entry.position)
    for row in found:
        findings.add(
            "acts",
            f"ledger entry {entry.position}",
            f"{entry.act} of {entry.subject} does not show in batch {row['batch']}: the span from {row['first']} to"
            f" {row['last']} is {row['life']}",
        )


def _check_marks(reader: Reader, entry: Entry, findings: Findings) -> None:
    """Are the marks of a batch, and the products of a licence, those of the entry?"""
    found: list[Any]
    number = whole(subject_parts(entry)[1])
    if entry.act == "batch.issue" and number is not None:
        what, wanted, found = "marks", entry.payload.get("marks", []), auditing.marks_of_batch(reader, number)
    elif entry.act == "licence.grant" and number is not None:
        what, wanted, found = "gtins", entry.payload.get("gtins", []), auditing.products_of_licence(reader, number)
    else:
        return
    if wanted != found:
        findings.add(
            "acts",
            f"ledger entry {entry.position}",
            f"{entry.act} of {entry.subject}: expected {what} {shown(wanted)}, as the entry says, found {shown(found)}",
        )
