"""What people report, with its photos; and what the owner of a receipt is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Row, Transaction

REASONS = ("copied", "wrong-product", "opened", "quality", "inactive", "price", "other")
"""What a report may be about."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report as it is stored. `receipt` is a digest, `contact` is sealed."""

    id: str
    receipt: str
    case_id: str
    at_ms: int
    batch: int
    label_index: int
    verdict: str
    verdict_reason: str
    reason: str
    content: str
    likeness: str | None
    shop: str
    place: str
    language: str
    contact: str | None


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of a report, by the digest that its content is found by; the position in hundredths of a degree."""

    digest: str
    latitude: int | None = None
    longitude: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a receipt leads to: the report's day, and how its case stands. Nothing of what was written in it."""

    case_id: str
    at_ms: int
    reason: str
    gtin: str
    state: str
    due_ms: int
    answered_ms: int | None
    escalated_ms: int | None
    closed_ms: int | None
    finding: str | None
    enterprise_zh: str | None
    enterprise_en: str | None


_COLUMNS = tuple(Report.__dataclass_fields__)


def insert(tx: Transaction, report: Report, photos: Sequence[Photo]) -> None:
    """Add a report with its photos."""
    tx.insert_many("report", _COLUMNS, [tuple(asdict(report).values())])
    tx.insert_many(
        "report_photo",
        ("report_id", "ordinal", "digest", "latitude", "longitude"),
        [(report.id, ordinal, *asdict(photo).values()) for ordinal, photo in enumerate(photos)],
    )


def has_receipt(reader: Reader, receipt: str) -> bool:
    """Whether a report of that receipt is there."""
    return reader.row("SELECT id FROM report WHERE receipt = :receipt", {"receipt": receipt}) is not None


def has_likeness(reader: Reader, case_id: str, likeness: str) -> bool:
    """Whether a case has a report of the same words."""
    found = reader.row(
        "SELECT id FROM report WHERE case_id = :case AND likeness = :likeness", {"case": case_id, "likeness": likeness}
    )
    return found is not None


def subject(reader: Reader, batch: int) -> Row | None:
    """What a report about a label of a batch is about, by the names of product and enterprise. Reads what a public node
    may.
    """
    return reader.row(
        "SELECT b.gtin, v.name_zh, v.name_en, e.name_zh AS enterprise_zh, e.name_en AS enterprise_en FROM batch b"
        " JOIN product_version v ON v.gtin = b.gtin AND v.version = b.product_version"
        " JOIN enterprise e ON e.id = b.enterprise_id WHERE b.number = :batch",
        {"batch": batch},
    )


def told(reader: Reader, receipt: str) -> Told | None:
    """What the owner of a receipt sees. Reads what a public node may."""
    row = reader.row(
        "SELECT r.case_id, r.at_ms, r.reason, c.gtin, c.state, c.due_ms, c.answered_ms, c.escalated_ms, c.closed_ms,"
        " c.finding, e.name_zh AS enterprise_zh, e.name_en AS enterprise_en FROM report r"
        " JOIN case_file c ON c.id = r.case_id LEFT JOIN enterprise e ON e.id = c.enterprise_id"
        " WHERE r.receipt = :receipt",
        {"receipt": receipt},
    )
    return Told(**row) if row else None


def of_case(reader: Reader, case_id: str, most: int, after: tuple[int, str] = (-1, "")) -> list[Row]:
    """The reports of a case, earliest first, from the one on that follows the instant and the id of `after`; without
    contacts, but with whether there is one.
    """
    return reader.rows(
        "SELECT id, at_ms, batch, label_index, verdict, verdict_reason, reason, content, shop, place, language,"
        " CASE WHEN contact IS NULL THEN 0 ELSE 1 END AS has_contact FROM report WHERE case_id = :case"
        " AND (at_ms > :at_ms OR (at_ms = :at_ms AND id > :id)) ORDER BY at_ms, id LIMIT :most",
        {"case": case_id, "at_ms": after[0], "id": after[1], "most": most},
    )


def photos_of(reader: Reader, report_ids: Sequence[str]) -> dict[str, list[Row]]:
    """The photos of reports, in their order, by the report's id: digest, and where it was taken."""
    found: dict[str, list[Row]] = {report_id: [] for report_id in report_ids}
    if found:
        wanted = {f"report{at}": report_id for at, report_id in enumerate(report_ids)}
        for row in reader.rows(
            "SELECT report_id, ordinal, digest, latitude, longitude FROM report_photo"
            f" WHERE report_id IN ({', '.join(f':{name}' for name in wanted)}) ORDER BY ordinal",
            wanted,
        ):
            found[row["report_id"]].append(row)
    return found


def photo_in_case(reader: Reader, case_id: str, digest: str) -> bool:
    """Whether a photo stands beside some report of a case."""
    found = reader.row(
        "SELECT p.ordinal FROM report_photo p JOIN report r ON r.id = p.report_id"
        " WHERE r.case_id = :case AND p.digest = :digest",
        {"case": case_id, "digest": digest},
    )
    return found is not None


def contacts_of(reader: Reader, case_id: str, most: int) -> dict[str, str]:
    """The sealed contacts of a case, by the report's id."""
    rows = reader.rows(
        "SELECT id, contact FROM report WHERE case_id = :case AND contact IS NOT NULL ORDER BY at_ms, id LIMIT :most",
        {"case": case_id, "most": most},
    )
    return {row["id"]: row["contact"] for row in rows}


def with_contact(reader: Reader, closed_before_ms: int, most: int) -> list[str]:
    """Ids of reports with a contact in cases closed before an instant."""
    rows = reader.rows(
        "SELECT r.id FROM case_file c JOIN report r ON r.case_id = c.id"
        " WHERE c.closed_ms < :before AND r.contact IS NOT NULL LIMIT :most",
        {"before": closed_before_ms, "most": most},
    )
    return [row["id"] for row in rows]


def erase_contacts(tx: Transaction, report_ids: Sequence[str]) -> None:
    """Take contacts out."""
    for report_id in report_ids:
        tx.execute("UPDATE report SET contact = NULL WHERE id = :id", {"id": report_id})


def photos_in_closed(reader: Reader, closed_before_ms: int, most: int) -> list[Row]:
    """Photos of reports in cases closed before an instant: report_id, ordinal and digest."""
    return reader.rows(
        "SELECT p.report_id, p.ordinal, p.digest FROM case_file c JOIN report r ON r.case_id = c.id"
        " JOIN report_photo p ON p.report_id = r.id WHERE c.closed_ms < :before LIMIT :most",
        {"before": closed_before_ms, "most": most},
    )


def remove_photos(tx: Transaction, photos: Sequence[Row]) -> None:
    """Take photos from their reports; their contents are removed by whoever has the place of attachments."""
    for photo in photos:
        tx.execute(
            "DELETE FROM report_photo WHERE report_id = :report AND ordinal = :ordinal",
            {"report": photo["report_id"], "ordinal": photo["ordinal"]},
        )


def is_photo(reader: Reader, digest: str) -> bool:
    """Whether any report has a photo of that digest."""
    return reader.row("SELECT ordinal FROM report_photo WHERE digest = :digest", {"digest": digest}) is not None
