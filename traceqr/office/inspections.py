"""Inspections as those see them who watch a region: the association, and inspectors of a regulator.

The record as it was signed names people: who was met, who signed, and how they are reached. That is shown to inspectors
alone. The association sees what was found and what was ordered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traceqr import referring
from traceqr import region as regions
from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.attachments import AttachmentUnavailable
from traceqr.errors import TraceqrError
from traceqr.inspection.record import FINDINGS, KINDS
from traceqr.instant import to_iso
from traceqr.minuting.content import Kept, content_of, fitting
from traceqr.office.house import Absent, Office
from traceqr.printing.format import PrintError
from traceqr.referring import KINDS as REFERRALS
from traceqr.registry import enterprises, field_devices, inspection_search, inspections, organisations
from traceqr.registry.database import Reader, Row
from traceqr.registry.enterprises import Enterprise
from traceqr.registry.inspection_search import STANDINGS, Sought
from traceqr.registry.inspections import Correction, Inspection, Link
from traceqr.registry.organisations import Organisation

__all__ = (
    "FINDINGS",
    "KINDS",
    "REFERRALS",
    "STANDINGS",
    "Asked",
    "InspectionFile",
    "InspectionOffice",
    "Queue",
    "Undrawn",
)

PAGE = 50
CHUNK = 500
"""Inspections that an export reads at a time."""

COLUMNS = (
    *("inspection", "received", "started", "region", "organisation", "kind", "finding", "premises", "uscc"),
    *("enterprise", "labels", "entries", "state", "correction_due"),
)
"""Of a table of inspections."""

_AFTER = re.compile("([0-9]{1,18})-([0-9a-f]{32})")
_ID = re.compile("[0-9a-f]{32}")
_GTIN = re.compile("[0-9]{14}")
_USCC = re.compile("[0-9A-Z]{18}")


class Undrawn(TraceqrError):
    """The document cannot be drawn, for want of its typeface."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, as it was typed; empty is all."""

    region: str = ""
    gtin: str = ""
    uscc: str = ""
    finding: str = ""
    kind: str = ""
    standing: str = "all"


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of inspections, each with `late`; after which one the next page begins, empty at the end; and how many
    there are by finding and by region.
    """

    rows: Sequence[Row]
    after: str
    by_finding: Mapping[str, int]
    by_region: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Addition:
    """An entry that was added, with its content."""

    link: Link
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InspectionFile:
    """An inspection with what belongs to it. `record` is that of entry 0; without people unless it is `whole`."""

    inspection: Inspection
    record: Mapping[str, Any]
    first: Link
    additions: Sequence[Addition]
    corrections: Sequence[Correction]
    following: Sequence[Inspection]
    products: Sequence[Row]
    referrals: Sequence[Row]
    organisation: Organisation
    enterprise: Enterprise | None
    whole: bool
    refers: Sequence[str]
    """What whoever looks may tie to it."""

    now_ms: int

    @property
    def batches(self) -> list[int]:
        """The batches of labels that were met, by their serials."""
        found = {int(label["serial"][:8]) for label in self.record["labels"] if label["serial"]}
        return sorted(found - {0})

    def correction(self, measure: int) -> Correction | None:
        """The correction that a measure ordered."""
        return next((each for each in self.corrections if each.measure == measure), None)


@dataclass(frozen=True, slots=True)
class InspectionOffice(Office):
    """Inspections made in the region of the identity's organisation. What is another's is `Absent`."""

    def queue(self, asked: Asked, after: str = "", most: int = PAGE) -> Queue:
        """A page of at most `most`, the one received last first. Raises `Absent` for what nobody can ask for."""
        what, found = self._sought(asked), _AFTER.fullmatch(after)
        before = (int(found[1]), found[2]) if found else (2**62, "")
        with self.house.database.snapshot() as reader:
            rows = inspection_search.sought(reader, what, before, most + 1)
            findings = inspection_search.by_finding(reader, what)
            by_region = inspection_search.by_region(reader, what)
        shown = [_with_late(row, what.now_ms) for row in rows[:most]]
        return Queue(shown, _place(shown[-1]) if len(rows) > most else "", findings, by_region)

    def all(self, asked: Asked) -> Iterator[Row]:
        """All of them, read some at a time while they are asked for."""
        return self._read(self._sought(asked))

    def _read(self, what: Sought) -> Iterator[Row]:
        before = (2**62, "")
        while True:
            with self.house.database.snapshot() as reader:
                rows = inspection_search.sought(reader, what, before, CHUNK)
            yield from (_told(_with_late(row, what.now_ms)) for row in rows)
            if len(rows) < CHUNK:
                return
            before = (rows[-1]["received_ms"], rows[-1]["id"])

    def file(self, inspection_id: str) -> InspectionFile:
        """One inspection. Raises `Absent`."""
        self._need()
        with self.house.database.snapshot() as reader:
            inspection = self._own(reader, inspection_id)
            links = inspections.links(reader, inspection_id)
            organisation = organisations.by_id(reader, inspection.organisation_id)
            assert organisation is not None  # a foreign key
            record, whole = json.loads(links[0].content)["record"], self.identity.may(Right.INSPECT)
            return InspectionFile(
                inspection,
                record if whole else _without_people(record),
                links[0],
                [Addition(link, json.loads(link.content)["addition"]) for link in links[1:]],
                inspections.corrections(reader, inspection_id),
                _followers(reader, inspection),
                inspections.products(reader, inspection_id),
                inspections.referrals(reader, inspection_id),
                organisation,
                enterprises.by_id(reader, inspection.enterprise_id) if inspection.enterprise_id else None,
                whole,
                self._refers(),
                self.house.clock(),
            )

    def entries(self, inspection_id: str) -> list[Link]:
        """The entries as they were signed, with the keys to check them by. For inspectors alone."""
        self.need(Right.INSPECT)
        self._need()
        with self.house.database.snapshot() as reader:
            self._own(reader, inspection_id)
            return inspections.links(reader, inspection_id)

    def keys(self, links: Sequence[Link]) -> dict[str, str]:
        """The public keys of the devices of entries, by the device's id."""
        self.need(Right.INSPECT)
        with self.house.database.snapshot() as reader:
            found = (field_devices.by_id(reader, each) for each in sorted({link.device_id for link in links}))
            return {device.id: device.public_key for device in found if device is not None}

    def photo(self, inspection_id: str, digest: str) -> bytes:
        """A photo of an inspection. Raises `Absent`."""
        self._need()
        with self.house.database.snapshot() as reader:
            self._own(reader, inspection_id)
            named = inspections.names_photo(reader, inspection_id, digest)
        try:
            content = self.house.attachments.get(digest) if named and self.house.attachments else None
        except AttachmentUnavailable as error:
            raise Absent(str(error)) from error
        if content is None:
            raise Absent("expected a photo of the inspection, found none")
        return content

    def document(self, inspection_id: str) -> bytes:
        """The record as a PDF. It names people: for inspectors alone. Raises `Undrawn` where there are no fonts."""
        self.need(Right.INSPECT)
        from traceqr.minuting.drawing import draw  # what draws takes its time to load, and few ask for it

        file = self.file(inspection_id)
        kept = Kept(
            inspection_id,
            file.organisation.name_zh,
            file.organisation.name_en,
            file.record,
            file.first.digest,
            file.first.position,
            file.first.made_ms,
            file.first.received_ms,
            [(each.link.entry, each.link.received_ms, each.content) for each in file.additions],
            file.inspection.state == "withdrawn",
        )
        content = content_of(kept, self._photos(file), str(self.house.origin.lower()), self.house.timezone)
        try:
            return draw(content)
        except PrintError as error:
            raise Undrawn(str(error)) from error

    def _photos(self, file: InspectionFile) -> dict[str, bytes]:
        """The photos of a record and its additions that are drawn and are there, by their digests."""
        found = {}
        named = (file.record, *(each.content for each in file.additions))
        for digest in fitting([photo for content in named for photo in content["photos"]]):
            try:
                found[digest] = self.photo(file.inspection.id, digest)
            except Absent:
                continue
        return found

    def open_case(self, inspection_id: str, batch: int) -> str:
        """Open a case about a batch that the inspection met; its id. Raises `Absent` and `ActRefused`, as below."""
        self._need_referring("case")
        with self.house.database.snapshot() as reader:
            self._own(reader, inspection_id)
        return referring.open_case(self.desk, inspection_id, batch)

    def refer(self, inspection_id: str, kind: str, target: str) -> None:
        """Tie a case, a recall or a finding of the own region to an inspection."""
        self._need_referring(kind)
        with self.house.database.snapshot() as reader:
            self._own(reader, inspection_id)
            region = inspections.region_of(reader, kind, target)
        if region is None or not self.identity.sees_region(region):
            raise ActRefused(f"expected the id of a {kind} in the own region, {target!r} is none", "target")
        referring.refer(self.desk, inspection_id, kind, target)

    def _need(self) -> None:
        self.need(Right.WATCH_INSPECTIONS)

    def _need_referring(self, kind: str) -> None:
        self._need()
        if kind not in self._refers():
            raise Absent("expected something that may be tied to an inspection, got another")

    def _refers(self) -> tuple[str, ...]:
        """Cases are opened by either; recalls and findings against pledges are the association's."""
        rights = {
            "case": Right.WATCH_INSPECTIONS,
            "recall": Right.ORDER_RECALLS,
            "breach": Right.FIND_BREACH,
        }
        return tuple(kind for kind, right in rights.items() if self.identity.may(right))

    def _own(self, reader: Reader, inspection_id: str) -> Inspection:
        found = inspections.by_id(reader, inspection_id) if _ID.fullmatch(inspection_id) else None
        if found is None or found.state == "erased" or not self.identity.sees_region(found.region):
            raise Absent("expected an inspection of the own region, found none")
        return found

    def _sought(self, asked: Asked) -> Sought:
        self._need()
        assert self.identity.region is not None  # whoever has the right is held for an organisation
        scope = regions.at_level(self.identity.region, len(self.identity.region))
        if asked.region:
            if not regions.is_region(asked.region) or not self.identity.sees_region(asked.region):
                raise Absent("expected a region in the own one, got another")
            scope = asked.region
        known = (
            (asked.gtin, _GTIN.fullmatch),
            (asked.uscc, _USCC.fullmatch),
            (asked.finding, FINDINGS.__contains__),
            (asked.kind, KINDS.__contains__),
        )
        if asked.standing not in STANDINGS or any(text and not is_known(text) for text, is_known in known):
            raise Absent("expected a GTIN, a USCC, a finding, a kind and a standing of the lists, or none")
        return Sought(self.house.clock(), scope, asked.gtin, asked.uscc, asked.finding, asked.kind, asked.standing)


def _followers(reader: Reader, inspection: Inspection) -> list[Inspection]:
    """Those of the same organisation that say they follow it: what strangers say of it is nobody's business here."""
    found = inspections.following(reader, inspection.id)
    return [each for each in found if each.organisation_id == inspection.organisation_id]


def _place(row: Row) -> str:
    return f"{row['received_ms']}-{row['id']}"


def _with_late(row: Row, now_ms: int) -> Row:
    return {**row, "late": row["due_ms"] is not None and row["due_ms"] <= now_ms}


def _told(row: Row) -> Row:
    """A row of a table, by `COLUMNS`."""
    return {
        "inspection": row["id"],
        "received": to_iso(row["received_ms"]),
        "started": to_iso(row["started_ms"]),
        "region": row["region"],
        "organisation": row["organisation_zh"],
        "kind": row["kind"],
        "finding": row["finding"],
        "premises": row["premises"],
        "uscc": row["uscc"],
        "enterprise": row["enterprise_zh"] or "",
        "labels": row["labels"],
        "entries": row["entries"],
        "state": row["state"],
        "correction_due": "" if row["due_ms"] is None else to_iso(row["due_ms"]),
    }


def _without_people(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record without who was met, who signed, what the party said, and how anybody is reached."""
    premises = {**record["premises"], "person": "", "phone": "", "position": None}
    return {**record, "premises": premises, "officers": [], "signatures": [], "statement": "", "refused": None}
