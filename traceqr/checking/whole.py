"""The check of a whole registry, in one view of it, so that it may serve meanwhile. Memory stays flat for any size.

1. Every table and column is there.
2. The backend finds nothing wrong with its own files.
3. Values have the types of the schema, and keep its CHECKs and foreign keys.
4. The ledger holds: entries, hashes, roots, time, and the mark that is kept outside.
5. What the ledger says is in the tables, and rows name entries that can have made them.
6. Spans, versions, notices, sightings, purchases and counts of scans agree with each other.

Damage is told, never raised: whatever cannot be read is a finding too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from traceqr.checking.agreement import check_entries
from traceqr.checking.entries import LedgerCheck
from traceqr.checking.finding import LIKE_IT, Finding, Findings
from traceqr.checking.labels import check_labels
from traceqr.checking.rows import check_rows
from traceqr.checking.sightings import check_counts, check_sightings
from traceqr.checking.trail import check_trail
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.progress import Progress, unshown
from traceqr.registry import auditing, meta, opening, tables, walking
from traceqr.registry.database import Database, Reader, RegistryConflict, Row
from traceqr.registry.tables import Table, shown
from traceqr.registry.walking import Unreadable

_DECIMAL = re.compile("[0-9]{1,18}")
_FLOOR = "_floor"


class NotAllowed(TraceqrError):
    """We may not read all of the registry, so nothing can be said of it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `counts` are rows by table; `total` counts findings that are not told, too.

    `stray_scans` are of batches that do not exist; that is no fault, nor is it that a backup is `behind` the mark by so
    many entries.
    """

    findings: tuple[Finding, ...]
    total: int
    counts: dict[str, int]
    size: int
    root: str | None
    stray_scans: int = 0
    behind: int = 0


def check(
    database: Database,
    mark_size: int | None = None,
    mark_root: str | None = None,
    progress: Progress = unshown,
    *,
    backup: bool = False,
) -> Report:
    """Check a registry, and its ledger against a mark kept outside it, if there is one; a `backup` may be behind it.

    Raises `RegistryUnavailable` where it cannot be reached, or is no registry of this program's schema; `NotAllowed`
    for a role that may not read all of it.
    """
    opening.check(database)
    findings = Findings()
    if not _are_readable(database):
        for table in tables.tables():
            _check_columns(database, table, findings)
    if findings.told:
        findings.add("schema", "registry", "nothing else was checked")
        return Report(findings.all(), findings.total() - 1, {}, 0, None)
    with _guarded(findings, "registry"):
        for fault in database.faults():
            findings.add("backend", "registry", fault)
    with database.snapshot() as reader:
        return _Check(reader, findings, progress).run(mark_size, mark_root, backup)


def _are_readable(database: Database) -> bool:
    """Whether all columns of all tables are there: one question, which is the only one in a sound registry."""
    try:
        with database.snapshot() as reader:
            walking.require_all_readable(reader, tables.tables())
    except (RegistryUnavailable, RegistryConflict):
        return False
    return True


def _check_columns(database: Database, table: Table, findings: Findings) -> None:
    """Each question in a view of its own, since one that fails ends the view in some backends."""
    if _is_readable(database, table, table.names):
        return
    missing = [name for name in table.names if not _is_readable(database, table, [name])]
    for name in [] if len(missing) == len(table.names) else missing:
        findings.add("schema", f"table {table.name}", f"column {name} is missing, or cannot be read")
    if len(missing) in (0, len(table.names)):
        findings.add("schema", f"table {table.name}", "it is missing, or cannot be read")


def _is_readable(database: Database, table: Table, names: Sequence[str]) -> bool:
    try:
        with database.snapshot() as reader:
            walking.require_readable(reader, table, names)
    except RegistryUnavailable:
        return False
    except RegistryConflict as error:  # a question can be refused for want of rights alone
        raise NotAllowed(
            f"{database.place}: this role may not read all of table {table.name}: check as the owner of the registry"
        ) from error
    return True


@contextmanager
def _guarded(findings: Findings, place: str) -> Iterator[None]:
    """What cannot be read is a finding, and the check goes on."""
    try:
        yield
    except (RegistryUnavailable, RegistryConflict, Unreadable) as error:
        findings.add("reading", place, f"it cannot be read to its end: {error}")


class _Check:
    def __init__(self, reader: Reader, findings: Findings, progress: Progress) -> None:
        self._reader = reader
        self._findings = findings
        self._progress = progress
        self._counts: dict[str, int] = {}
        self._done = 0

    def run(self, mark_size: int | None, mark_root: str | None, backup: bool) -> Report:
        for table in tables.tables():
            with _guarded(self._findings, f"table {table.name}"):
                self._counts[table.name] = walking.count(self._reader, table)
        if meta.read(self._reader, meta.ACCEPTED_MARK) == f"{mark_size}:{mark_root}":
            mark_size = mark_root = None  # the operator has accepted that the ledger is not the one of this mark
        ledger = LedgerCheck(self._findings, mark_size, mark_root, backup=backup)
        for table in tables.tables():
            with _guarded(self._findings, f"table {table.name}"):
                self._check_rules(table)
            if table.name not in ("scan", "sighting"):
                with _guarded(self._findings, f"table {table.name}"):
                    self._check_table(table, ledger)
        with _guarded(self._findings, "table sighting or scan"):
            check_sightings(self._each("scan"), self._each("sighting"), self._pruned_before_ms(), self._findings)
        with _guarded(self._findings, "table scan_day or scan"):
            check_counts(auditing.uncounted_scans(self._reader), self._findings)
        self._check_agreement()
        strays = 0
        with _guarded(self._findings, "table scan"):
            strays = auditing.stray_scans(self._reader)
        chain = ledger.chain
        findings = self._findings
        return Report(findings.all(), findings.total(), self._counts, chain.size, chain.root, strays, ledger.behind)

    def _check_table(self, table: Table, ledger: LedgerCheck) -> None:
        for rows in self._chunks(table):
            if table.name == "ledger":
                entries = ledger.take(rows)
                check_entries(self._reader, entries, self._findings)
                check_trail(self._reader, entries, self._findings)
            elif table.name == "meta":
                self._check_meta(rows)
            else:
                check_rows(self._reader, table, rows, self._findings)
        if table.name == "ledger":
            ledger.end()

    def _check_rules(self, table: Table) -> None:
        if self._counts.get(table.name) == 0:
            return  # nothing can break a rule; rows that are not counted are told by whoever walks along their keys
        for check in table.checks:
            for row in walking.breaches(self._reader, table, check, LIKE_IT):
                self._findings.add("schema", table.spot(row), f"expected {check}, found a row that is not so")
        for key in table.foreign_keys:
            for row in walking.orphans(self._reader, table, key, LIKE_IT):
                named = tables.texts(row, key.columns)
                message = f"it names a row of {key.table} that is not there: {named}"
                self._findings.add("schema", table.spot(row), message)

    def _each(self, name: str) -> Iterator[Row]:
        for rows in self._chunks(tables.table(name)):
            yield from rows

    def _chunks(self, table: Table) -> Iterator[list[Row]]:
        """The rows whose values are of their types, some at a time; the others are told."""
        read = 0
        for rows in walking.walk(self._reader, table):
            read += len(rows)
            self._done += len(rows)
            self._progress(self._done, sum(self._counts.values()))
            yield [row for row in rows if not self._tell_types(table, row)]
        if read != self._counts.get(table.name, read):
            message = f"expected {self._counts[table.name]:,} rows, as it counts them, found {read:,} by their keys"
            self._findings.add("reading", f"table {table.name}", message)

    def _tell_types(self, table: Table, row: Row) -> bool:
        faults = table.faults(row)
        for fault in faults:
            self._findings.add("types", table.spot(row), fault)
        return bool(faults)

    def _check_meta(self, rows: Sequence[Row]) -> None:
        for row in rows:
            number = row["name"].endswith(_FLOOR) or row["name"] == meta.SCANS_PRUNED_BEFORE_MS
            if number and not _DECIMAL.fullmatch(row["value"]):
                self._findings.add("meta", f"meta {row['name']}", f"expected a number, found {shown(row['value'])}")

    def _pruned_before_ms(self) -> int | None:
        value = meta.read(self._reader, meta.SCANS_PRUNED_BEFORE_MS)
        return int(value) if value and _DECIMAL.fullmatch(value) else None

    def _check_agreement(self) -> None:
        reader, add = self._reader, self._findings.add
        with _guarded(self._findings, "table batch or span"):
            check_labels(reader, self._findings)
        with _guarded(self._findings, "table notice"):
            self._check_notices()
        with _guarded(self._findings, "table product"):
            for row in auditing.uneven_versions(reader):
                add("versions", f"product {row['gtin']}", _uneven(row["version"], row["versions"], row["latest"]))
            for row in auditing.uneven_texts(reader):
                add("versions", f"campaign {row['id']}", _uneven(row["text_version"], row["versions"], row["latest"]))
        with _guarded(self._findings, "table mark or mark_licence"):
            for row in auditing.uneven_words(reader):
                add("versions", f"mark {row['id']}", _uneven(row["text_version"], row["versions"], row["latest"]))
            for row in auditing.uneven_quotas(reader):
                message = f"its batches have {row['labels']} labels, and {shown(row['used'])} are counted of its quota"
                add("marks", f"licence {row['number']}", message)
        with _guarded(self._findings, "table batch"):
            for row in auditing.foreign_pledges(reader):
                add("pledges", f"batch {row['number']}", f"its pledge {shown(row['pledge'])} is not there")
        with _guarded(self._findings, "table purchase"):
            for row in auditing.stray_purchases(reader):
                spot = f"batch {shown(row['batch'])}, label {shown(row['label_index'])}"
                add("purchases", spot, "it was confirmed, and has no hidden code")

    def _check_notices(self) -> None:
        reader, add = self._reader, self._findings.add
        for row in auditing.misplaced_notices(reader):
            labels = f"labels {shown(row['first'])} to {shown(row['last'])} of batch {shown(row['batch'])}"
            has = f"that has {shown(row['label_count'])} labels of GTIN {row['gtin_of_batch']}"
            add("notices", f"notice {row['id']}", f"it is over {labels} and GTIN {row['gtin']}, {has}")
        for row in auditing.misplaced_reach(reader):
            labels = f"labels {shown(row['first'])} to {shown(row['last'])} of batch {shown(row['batch'])}"
            add("notices", f"notice {row['notice_id']}", f"it reaches {labels} that are not there, or twice")
        for row in auditing.untold_recalls(reader):
            add("notices", f"notice {row['id']}", "expected a recall to have its words, opened and closed with it")


def _uneven(version: object, versions: int, latest: object) -> str:
    return (
        f"expected versions 1 to {shown(version)} without a gap, found {versions:,} of them, the latest {shown(latest)}"
    )
