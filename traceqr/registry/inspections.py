"""Inspections: their entries, which are never changed, and what they are looked for by."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Row, Transaction


@dataclass(frozen=True, slots=True)
class Inspection:
    """An inspection as it is looked for; what counts is what its entries say."""

    id: str
    account_id: str
    organisation_id: str
    region: str
    enterprise_id: str | None
    premises: str
    uscc: str
    kind: str
    finding: str
    labels: int
    reference: str | None
    follows: str | None
    started_ms: int
    received_ms: int
    state: str
    entries: int


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as it is kept."""

    inspection_id: str
    entry: int
    digest: str
    device_id: str
    account_id: str
    kind: str
    made_ms: int
    server_ms: int | None
    received_ms: int
    content: str
    signature: str
    position: int


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction that was ordered: until when, and what looked at it."""

    inspection_id: str
    measure: int
    region: str
    due_ms: int
    followed_ms: int | None = None
    followed_entry: int | None = None
    followed_by: str | None = None

    def is_late(self, now_ms: int) -> bool:
        """Whether nobody has looked at it, and it is past its day."""
        return self.followed_ms is None and self.due_ms <= now_ms


_COLUMNS = tuple(Inspection.__dataclass_fields__)
_LINK = tuple(Link.__dataclass_fields__)
_CORRECTION = tuple(Correction.__dataclass_fields__)


def insert(tx: Transaction, inspection: Inspection, position: int) -> None:
    """Add an inspection."""
    tx.insert_many("inspection", (*_COLUMNS, "position"), [(*asdict(inspection).values(), position)])


def grow(tx: Transaction, inspection_id: str, entries: int, state: str, position: int) -> None:
    """Note that there is one more entry, and how the inspection stands with it."""
    tx.execute(
        "UPDATE inspection SET entries = :entries, state = :state, position = :position WHERE id = :id",
        {"id": inspection_id, "entries": entries, "state": state, "position": position},
    )


def insert_link(tx: Transaction, link: Link, photos: Sequence[str]) -> None:
    """Add an entry, with the photos that it names."""
    tx.insert_many("inspection_entry", _LINK, [tuple(asdict(link).values())])
    tx.insert_many(
        "inspection_photo",
        ("inspection_id", "entry", "ordinal", "digest"),
        [(link.inspection_id, link.entry, ordinal, digest) for ordinal, digest in enumerate(photos)],
    )


def insert_marks(tx: Transaction, inspection: Inspection, officers: Collection[str], gtins: Collection[str]) -> None:
    """Add what an inspection is found by: who made it, and the products that it met."""
    tx.insert_many(
        "inspection_officer",
        ("inspection_id", "account_id", "received_ms"),
        [(inspection.id, account, inspection.received_ms) for account in sorted(officers)],
    )
    tx.insert_many("inspection_product", ("inspection_id", "gtin"), [(inspection.id, gtin) for gtin in sorted(gtins)])


def by_id(reader: Reader, inspection_id: str) -> Inspection | None:
    """The inspection of that id."""
    row = reader.row(f"SELECT {', '.join(_COLUMNS)} FROM inspection WHERE id = :id", {"id": inspection_id})
    return Inspection(**row) if row else None


def links(reader: Reader, inspection_id: str) -> list[Link]:
    """The entries of an inspection, in their order."""
    rows = reader.rows(
        f"SELECT {', '.join(_LINK)} FROM inspection_entry WHERE inspection_id = :id ORDER BY inspection_entry.entry",
        {"id": inspection_id},
    )
    return [Link(**row) for row in rows]


def link(reader: Reader, inspection_id: str, entry: int) -> Link | None:
    """One entry."""
    row = reader.row(
        f"SELECT {', '.join(_LINK)} FROM inspection_entry WHERE inspection_id = :id AND entry = :entry",
        {"id": inspection_id, "entry": entry},
    )
    return Link(**row) if row else None


def officers(reader: Reader, inspection_id: str) -> list[str]:
    """The accounts of the officers of an inspection."""
    rows = reader.rows("SELECT account_id FROM inspection_officer WHERE inspection_id = :id", {"id": inspection_id})
    return [row["account_id"] for row in rows]


def met(reader: Reader, inspection_id: str, gtin: str) -> bool:
    """Whether an inspection met a product."""
    found = reader.row(
        "SELECT gtin FROM inspection_product WHERE inspection_id = :id AND gtin = :gtin",
        {"id": inspection_id, "gtin": gtin},
    )
    return found is not None


def products(reader: Reader, inspection_id: str) -> list[Row]:
    """The products that an inspection met, with the names of those that are enrolled, and of their enterprises."""
    return reader.rows(
        "SELECT n.gtin, v.name_zh, v.name_en, e.name_zh AS enterprise_zh, e.name_en AS enterprise_en, e.uscc"
        " FROM inspection_product n LEFT JOIN product p ON p.gtin = n.gtin"
        " LEFT JOIN product_version v ON v.gtin = p.gtin AND v.version = p.version"
        " LEFT JOIN enterprise e ON e.id = p.enterprise_id WHERE n.inspection_id = :id ORDER BY n.gtin",
        {"id": inspection_id},
    )


def names_photo(reader: Reader, inspection_id: str, digest: str) -> bool:
    """Whether some entry of an inspection names a photo."""
    found = reader.row(
        "SELECT ordinal FROM inspection_photo WHERE digest = :digest AND inspection_id = :id LIMIT 1",
        {"digest": digest, "id": inspection_id},
    )
    return found is not None


def of_officer(reader: Reader, account_id: str, before: tuple[int, str], most: int) -> list[Row]:
    """Inspections that somebody made, the one received last first, below an instant and an id: with the digest of the
    last entry.
    """
    return reader.rows(
        "SELECT i.id, i.entries, e.digest, i.received_ms, i.finding, i.premises, i.state FROM inspection_officer o"
        " JOIN inspection i ON i.id = o.inspection_id"
        " JOIN inspection_entry e ON e.inspection_id = i.id AND e.entry = i.entries - 1"
        " WHERE o.account_id = :account"
        " AND (o.received_ms < :at_ms OR (o.received_ms = :at_ms AND i.id < :id))"
        " ORDER BY o.received_ms DESC, i.id DESC LIMIT :most",
        {"account": account_id, "at_ms": before[0], "id": before[1], "most": most},
    )


# --- corrections


def insert_corrections(tx: Transaction, corrections: Sequence[Correction]) -> None:
    """Add what was ordered."""
    tx.insert_many("inspection_correction", _CORRECTION, [tuple(asdict(each).values()) for each in corrections])


def corrections(reader: Reader, inspection_id: str) -> list[Correction]:
    """What was ordered in an inspection."""
    rows = reader.rows(
        f"SELECT {', '.join(_CORRECTION)} FROM inspection_correction WHERE inspection_id = :id ORDER BY measure",
        {"id": inspection_id},
    )
    return [Correction(**row) for row in rows]


def due(reader: Reader, organisation_id: str, most: int) -> list[Row]:
    """Inspections of an organisation with a correction that nobody has looked at, the one due first first: what
    `of_officer` gives, and `due_ms`.
    """
    return reader.rows(
        "SELECT i.id, i.entries, e.digest, i.received_ms, i.finding, i.premises, i.state, MIN(c.due_ms) AS due_ms"
        " FROM inspection_correction c JOIN inspection i ON i.id = c.inspection_id"
        " JOIN inspection_entry e ON e.inspection_id = i.id AND e.entry = i.entries - 1"
        " WHERE c.followed_ms IS NULL AND i.state = 'recorded' AND i.organisation_id = :organisation"
        " GROUP BY i.id, i.entries, e.digest, i.received_ms, i.finding, i.premises, i.state"
        " ORDER BY due_ms, i.id LIMIT :most",
        {"organisation": organisation_id, "most": most},
    )


def follow_up(tx: Transaction, inspection_id: str, measure: int, at_ms: int, entry: int) -> None:
    """An entry of the inspection itself looks at one of its corrections; the first that does counts."""
    tx.execute(
        "UPDATE inspection_correction SET followed_ms = :at_ms, followed_entry = :entry"
        " WHERE inspection_id = :id AND measure = :measure AND followed_ms IS NULL",
        {"id": inspection_id, "measure": measure, "at_ms": at_ms, "entry": entry},
    )


def follow_up_all(tx: Transaction, inspection_id: str, at_ms: int, by: str) -> None:
    """Another inspection looks at all corrections that nobody has looked at."""
    tx.execute(
        "UPDATE inspection_correction SET followed_ms = :at_ms, followed_by = :by"
        " WHERE inspection_id = :id AND followed_ms IS NULL",
        {"id": inspection_id, "at_ms": at_ms, "by": by},
    )


def unfollow(tx: Transaction, by: str) -> None:
    """The inspection that looked at corrections was withdrawn: nobody has looked at them."""
    tx.execute(
        "UPDATE inspection_correction SET followed_ms = NULL, followed_by = NULL WHERE followed_by = :by", {"by": by}
    )


def following(reader: Reader, inspection_id: str) -> list[Inspection]:
    """Inspections that say they follow this one, the first received first."""
    rows = reader.rows(
        f"SELECT {', '.join(_COLUMNS)} FROM inspection WHERE follows = :id ORDER BY received_ms, id",
        {"id": inspection_id},
    )
    return [Inspection(**row) for row in rows]


# --- what came of them


def refer(tx: Transaction, referral_id: str, inspection_id: str, kind: str, target: str, position: int) -> None:
    """Note what came of an inspection."""
    tx.insert_many(
        "inspection_referral",
        ("id", "inspection_id", "kind", "target", "position"),
        [(referral_id, inspection_id, kind, target, position)],
    )


def referrals(reader: Reader, inspection_id: str) -> list[Row]:
    """What came of an inspection: kind and target, in the order in which it came."""
    return reader.rows(
        "SELECT id, kind, target, position FROM inspection_referral WHERE inspection_id = :id ORDER BY position",
        {"id": inspection_id},
    )


_TARGETS = {
    "case": "SELECT region FROM case_file WHERE id = :id",
    "recall": "SELECT e.region FROM recall r JOIN enterprise e ON e.id = r.enterprise_id WHERE r.id = :id",
    "breach": "SELECT p.region FROM pledge_finding f JOIN pledge p ON p.number = f.pledge WHERE f.id = :id",
}


def region_of(reader: Reader, kind: str, target: str) -> str | None:
    """The region of what came of an inspection; None where there is no such thing."""
    row = reader.row(_TARGETS[kind], {"id": target})
    return str(row["region"]) if row else None


def referring_to(reader: Reader, kind: str, target: str) -> list[Row]:
    """Inspections that something came of, but for erased ones: `id`, what was found, and when it was received."""
    return reader.rows(
        "SELECT i.id, i.region, i.premises, i.finding, i.received_ms FROM inspection_referral r"
        " JOIN inspection i ON i.id = r.inspection_id WHERE r.kind = :kind AND r.target = :target"
        " AND i.state <> 'erased' ORDER BY r.position",
        {"kind": kind, "target": target},
    )
