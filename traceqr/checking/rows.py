"""Every row that names a ledger entry names one that can have made it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from traceqr.checking.acts import MAKERS, NAMED, NOUNS
from traceqr.checking.finding import Findings
from traceqr.checking.tracing import captures, events
from traceqr.registry.database import Reader, Row
from traceqr.registry.tables import Table, shown, table
from traceqr.registry.walking import rows_of_keys

_LIVES = {
    "issued": {"batch.issue"},
    "active": {"batch.issue", "batch.activate"},
    "void": {"batch.void", "key.compromise"},
}
_DECIDED = {"claim.accept", "claim.refuse", "claim.revoke"}


def check_rows(reader: Reader, of: Table, rows: Sequence[Row], findings: Findings) -> None:
    """Do these rows of a table name entries that fit?"""
    for (name, column), acts in MAKERS.items():
        if name == of.name:
            for row, entry in _with_entries(reader, rows, column):
                for message in _misfits(of, row, entry, acts):
                    findings.add("acts", of.spot(row), f"{column} {row[column]}: {message}")
    special = _SPECIAL.get(of.name)
    for row, message in special(reader, rows) if special else ():
        findings.add("acts", of.spot(row), message)


def _with_entries(reader: Reader, rows: Sequence[Row], column: str) -> Iterator[tuple[Row, Row]]:
    """Rows with the ledger's row that they name; one that is not there is told as a broken foreign key."""
    entries = rows_of_keys(reader, table("ledger"), sorted({(row[column],) for row in rows if row[column] is not None}))
    for row in rows:
        if entry := entries.get((row[column],)):
            yield row, entry


def _misfits(of: Table, row: Row, entry: Row, acts: frozenset[str]) -> Iterator[str]:
    identity = row[of.primary_key[0]]
    if entry["act"] not in acts:
        yield f"expected an entry of {' or '.join(sorted(acts))}, found {shown(entry['act'])}"
    elif of.name == "notice" and entry["act"].endswith(("hold", "recall")):
        if (named := _payload(entry).get("notice")) != identity:
            yield f"expected the entry that opened it, found that of notice {shown(named)}"
    elif member := NAMED.get(of.name):
        if (named := _payload(entry).get(member)) != identity:
            yield f"expected an entry about it, found that of {member} {shown(named)}"
    elif entry["subject"] != (subject := f"{NOUNS.get(of.name, of.name)}:{identity}"):
        yield f"expected an entry about {subject}, found one about {shown(entry['subject'])}"
    elif entry["act"] in _DECIDED and row["decided_ms"] != entry["at_ms"]:
        yield f"expected decided_ms {entry['at_ms']}, as the entry says, found {shown(row['decided_ms'])}"


def _payload(entry: Row) -> dict[str, Any]:
    """What an entry says; empty where it cannot be read, which is told elsewhere."""
    try:
        members = json.loads(entry["entry"])
    except (TypeError, ValueError, RecursionError):
        return {}
    payload = members.get("payload") if isinstance(members, dict) else None
    return payload if isinstance(payload, dict) else {}


def _spans(reader: Reader, rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    batches = rows_of_keys(reader, table("batch"), sorted({(row["batch"],) for row in rows}))
    for row, entry in _with_entries(reader, rows, "life_position"):
        batch = batches.get((row["batch"],))
        if batch and (message := _life(row, entry, batch["key_number"])):
            yield row, f"life_position {row['life_position']}: {message}"


def _life(span: Row, entry: Row, key_number: Any) -> str | None:
    acts, payload = _LIVES.get(span["life"], set()), _payload(entry)
    if entry["act"] not in acts:
        wanted = " or ".join(sorted(acts))
        return f"expected an entry of {wanted} behind a life that is {span['life']}, found {shown(entry['act'])}"
    subject = f"key:{key_number}" if entry["act"] == "key.compromise" else f"batch:{span['batch']}"
    if entry["subject"] != subject:
        return f"expected an entry about {subject}, found one about {shown(entry['subject'])}"
    if entry["act"] == "batch.issue" and payload.get("life") != span["life"]:
        return f"expected the life it was issued with, {shown(payload.get('life'))}, found {shown(span['life'])}"
    first, last = payload.get("first", span["first"]), payload.get("last", span["last"])
    if type(first) is int and type(last) is int and not first <= span["first"] <= span["last"] <= last:
        return f"the entry is about labels {first} to {last}, the span about {span['first']} to {span['last']}"
    return None


def _products(reader: Reader, rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """A product belongs to the enterprise that enrolled its present version."""
    versions = rows_of_keys(reader, table("product_version"), [(row["gtin"], row["version"]) for row in rows])
    present = [{**row, "position": found["position"]} for row in rows if (found := versions.get(_version(row)))]
    for row, entry in _with_entries(reader, [row for row in present if type(row["position"]) is int], "position"):
        enterprise = _payload(entry).get("enterprise")
        if enterprise != row["enterprise_id"]:
            yield (
                row,
                f"expected enterprise {shown(enterprise)}, as its entry says, found {shown(row['enterprise_id'])}",
            )


def _version(product: Row) -> tuple[Any, Any]:
    return product["gtin"], product["version"]


def _affected(reader: Reader, rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """Labels come to be reached by acts that recall, that tell what was made of what, or by whose word, or that issue
    them.
    """
    for row, entry in _with_entries(reader, rows, "position"):
        if entry["act"] not in _REACHING:
            yield row, f"expected an entry of {' or '.join(sorted(_REACHING))}, found {shown(entry['act'])}"


def _contents(_: Reader, rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    for row in rows:
        try:
            content = base64.b64decode(row["content"], validate=True)
        except (binascii.Error, ValueError):
            yield row, "expected content in base64, found something else"
            continue
        if hashlib.sha256(content).hexdigest() != row["digest"]:
            yield row, "its content is not the one that the digest was taken over"


def _envelopes(_: Reader, rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    for row in rows:
        if hashlib.sha256(row["content"].encode("utf-8", "surrogatepass")).hexdigest() != row["digest"]:
            yield row, "its content is not the one that the digest was taken over"


_REACHING = {
    *("batch.recall", "product.recall", "lot.recall", "material.recall"),
    *("trace.capture", "partner.name", "partner.drop", "batch.issue"),
}

_SPECIAL: dict[str, Callable[[Reader, Sequence[Row]], Iterator[tuple[Row, str]]]] = {
    "span": _spans,
    "product": _products,
    "recall_affected": _affected,
    "picture": _contents,
    "document": _contents,
    "bundle_manifest": _contents,
    "bundle_part": _contents,
    "passport": _envelopes,
    "capture": captures,
    "trace_event": events,
}
