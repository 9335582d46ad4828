"""What recalls tell people, how far they have come, and how many they have reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from traceqr.evidence import Recall, Wording
from traceqr.registry.database import Reader, Row, Transaction

LANGUAGES: Mapping[str, str] = {"zh-Hans": "zh_hans", "zh-Hant": "zh_hant", "en": "en"}
"""What the names of columns end with, by the tag of the language (BCP 47)."""

PARTS = ("hazard", "advice", "contact")

TEXTS = tuple(f"{part}_{ending}" for ending in LANGUAGES.values() for part in PARTS)
"""The columns of all words, in the order in which the ledger's digest is taken over them."""

COUNTED = 100_000
"""Scanned labels under one recall are counted so far; where there are more, that is said."""

MOST_BATCHES = 500
"""Batches of a product or a lot that are looked at for it, the latest first."""

_ABOVE_ALL = 2**62

_SELECT = (
    f"SELECT r.id, r.enterprise_id, r.ordered_by, r.grade, {', '.join(f'r.{name}' for name in TEXTS)},"
    " r.outcome, r.closing, r.reach_whole, r.position, r.changed_position,"
    " COALESCE(n.gtin, n.material) AS gtin, n.batch, n.first, n.last,"
    " COALESCE(n.lot, b.lot) AS lot, COALESCE(v.name_zh, n.material_name) AS product_zh,"
    " COALESCE(v.name_en, '') AS product_en, n.material,"
    " e.uscc, e.name_zh AS enterprise_zh, e.name_en AS enterprise_en, e.service_phone, e.region,"
    " o.name_zh AS ordered_zh, o.name_en AS ordered_en,"
    " opened.at_ms AS opened_ms, changed.at_ms AS changed_ms, closed.at_ms AS closed_ms"
    " FROM recall r JOIN notice n ON n.id = r.id LEFT JOIN batch b ON b.number = n.batch"
    " LEFT JOIN product p ON p.gtin = n.gtin"
    " LEFT JOIN product_version v ON v.gtin = n.gtin AND v.version = COALESCE(b.product_version, p.version)"
    " JOIN enterprise e ON e.id = r.enterprise_id LEFT JOIN organisation o ON o.id = r.ordered_by"
    " JOIN ledger opened ON opened.position = r.position JOIN ledger changed ON changed.position = r.changed_position"
    " LEFT JOIN ledger closed ON closed.position = r.closed_position"
)


@dataclass(frozen=True, slots=True)
class Told:
    """The row of a recall: whose goods it is about, who ordered it if not the enterprise, and all words by `TEXTS`."""

    id: str
    enterprise_id: str
    ordered_by: str | None
    grade: int | None
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Progress:
    """What an enterprise states of a recall: packs taken back and destroyed so far, and labels looked at since."""

    id: str
    recall: str
    recovered: int
    destroyed: int
    reached: int | None
    remark: str


@dataclass(frozen=True, slots=True)
class Cover:
    """What lies under a recall: labels of a batch, a lot of a product, or all of it; or nothing but what was made of a
    lot of a `material`, which is its name.
    """

    gtin: str
    batch: int | None = None
    first: int | None = None
    last: int | None = None
    lot: str | None = None
    material: str | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """Which recalls are wanted; what is empty is not asked for. `open` is None for both that are and that were."""

    enterprise_id: str = ""
    gtin: str = ""
    uscc: str = ""
    text: str = ""
    region: str = ""
    open: bool | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Labels that were looked at: before the recall, so that somebody probably holds the goods, and since. `more` says
    that the count was broken off.
    """

    before: int = 0
    since: int = 0
    more: bool = False


def insert(tx: Transaction, told: Told, salt: str, position: int) -> None:
    """Add what a recall tells."""
    values = {
        "id": told.id,
        "enterprise_id": told.enterprise_id,
        "ordered_by": told.ordered_by,
        "grade": told.grade,
        **{name: told.texts[name] for name in TEXTS},
        "salt": salt,
        "reach_whole": 1,
        "position": position,
        "changed_position": position,
    }
    tx.insert_many("recall", tuple(values), [tuple(values.values())])


def close(tx: Transaction, recall_id: str, outcome: str, closing: str, position: int) -> None:
    """Say how a recall ended."""
    tx.execute(
        "UPDATE recall SET outcome = :outcome, closing = :closing, closed_position = :position,"
        " changed_position = :position WHERE id = :id",
        {"outcome": outcome, "closing": closing, "position": position, "id": recall_id},
    )


def set_reach_whole(tx: Transaction, recall_id: str, whole: bool) -> None:
    """Say whether all that a recall reaches was found."""
    tx.execute(
        "UPDATE recall SET reach_whole = :reach_whole WHERE id = :id", {"reach_whole": int(whole), "id": recall_id}
    )


def insert_progress(tx: Transaction, progress: Progress, salt: str, position: int) -> None:
    """Add a statement of progress."""
    values = {**asdict(progress), "salt": salt, "position": position}
    tx.insert_many("recall_progress", tuple(values), [tuple(values.values())])
    tx.execute(
        "UPDATE recall SET changed_position = :position WHERE id = :id", {"position": position, "id": progress.recall}
    )


def by_id(reader: Reader, recall_id: str) -> Row | None:
    """A recall with the names of what and whom it concerns."""
    return reader.row(f"{_SELECT} WHERE r.id = :id", {"id": recall_id})


def sought(reader: Reader, what: Sought, before: int | None, most: int) -> list[Row]:
    """Recalls, latest first, from below ledger position `before` on."""
    conditions = {
        " AND r.enterprise_id = :enterprise": what.enterprise_id,
        " AND COALESCE(n.gtin, n.material) = :gtin": what.gtin,
        " AND e.uscc = :uscc": what.uscc,
        " AND e.region >= :lowest AND e.region <= :highest": what.region,
        " AND (REPLACE(v.name_zh, :text, '') <> v.name_zh OR REPLACE(v.name_en, :text, '') <> v.name_en"
        " OR REPLACE(e.name_zh, :text, '') <> e.name_zh OR REPLACE(e.name_en, :text, '') <> e.name_en"
        " OR REPLACE(n.material_name, :text, '') <> n.material_name OR n.lot = :text OR b.lot = :text)": what.text,
        " AND r.closed_position IS NULL": what.open is True,
        " AND r.closed_position IS NOT NULL": what.open is False,
    }
    values = {
        "enterprise": what.enterprise_id,
        "gtin": what.gtin,
        "uscc": what.uscc,
        "text": what.text,
        "lowest": what.region.ljust(6, "0") if what.region else "",
        "highest": what.region.ljust(6, "9") if what.region else "",
    }
    return reader.rows(
        f"{_SELECT} WHERE r.position < :before{''.join(sql for sql, wanted in conditions.items() if wanted)}"
        " ORDER BY r.position DESC LIMIT :most",
        {
            **{name: value for name, value in values.items() if value},
            "before": _ABOVE_ALL if before is None else before,
            "most": most,
        },
    )


def changed_last(reader: Reader, most: int) -> list[Row]:
    """Recalls by what was last done about them, the latest first."""
    return reader.rows(f"{_SELECT} ORDER BY r.changed_position DESC LIMIT :most", {"most": most})


def progress_of(reader: Reader, recall_id: str, most: int = 100) -> list[Row]:
    """What was stated of a recall, latest first."""
    return reader.rows(
        "SELECT g.id, g.recovered, g.destroyed, g.reached, g.remark, l.at_ms FROM recall_progress g"
        " JOIN ledger l ON l.position = g.position WHERE g.recall = :recall ORDER BY g.position DESC LIMIT :most",
        {"recall": recall_id, "most": most},
    )


def told_of(row: Row) -> Recall:
    """What a recall tells, from a row with the columns of `recall` and the names of who ordered it."""
    found = (
        Wording(tag, *(row[f"{part}_{ending}"] for part in PARTS))
        for tag, ending in LANGUAGES.items()
        if row[f"hazard_{ending}"]
    )
    return Recall(row["id"], row["grade"], tuple(found), row["ordered_zh"] or "", row["ordered_en"] or "")


def labels_under(reader: Reader, cover: Cover) -> int:
    """How many labels lie under a recall now; later batches of its product or lot will, too."""
    if cover.batch is not None and cover.first is not None and cover.last is not None:
        return cover.last - cover.first + 1
    if cover.material is not None:
        return 0
    row = reader.row(
        "SELECT COALESCE(CAST(SUM(label_count) AS BIGINT), 0) AS labels FROM batch"
        f" WHERE gtin = :gtin{' AND lot = :lot' if cover.lot is not None else ''}",
        {"gtin": cover.gtin, **({} if cover.lot is None else {"lot": cover.lot})},
    )
    return int(row["labels"]) if row else 0


def has_lot(reader: Reader, gtin: str, lot: str) -> bool:
    """Whether a batch of a product is of that lot."""
    found = reader.row("SELECT MAX(number) AS number FROM batch WHERE gtin = :gtin AND lot = :lot", _lot(gtin, lot))
    return found is not None and found["number"] is not None


def _lot(gtin: str, lot: str) -> dict[str, str]:
    return {"gtin": gtin, "lot": lot}


def reach(reader: Reader, cover: Cover, since_ms: int, most: int = COUNTED, recall_id: str = "") -> Reach:
    """How many labels under a recall were looked at, by the summaries of their sightings: at most `most` are read. With
    those that were made of what is recalled, where its id is given.
    """
    before = since = 0
    left, ranges = most, [*_ranges(reader, cover), *_reached(reader, recall_id)]
    for batch, first, last in ranges:
        row = reader.row(
            "SELECT COUNT(*) AS labels,"
            " COALESCE(CAST(SUM(CASE WHEN q.first_seen_ms < :since THEN 1 ELSE 0 END) AS BIGINT), 0) AS earlier,"
            " COALESCE(CAST(SUM(CASE WHEN q.last_seen_ms >= :since THEN 1 ELSE 0 END) AS BIGINT), 0) AS later FROM"
            " (SELECT first_seen_ms, last_seen_ms FROM sighting WHERE batch = :batch AND label_index >= :first"
            " AND label_index <= :last ORDER BY label_index LIMIT :most) q",
            {"batch": batch, "first": first, "last": last, "since": since_ms, "most": left + 1},
        )
        assert row is not None  # a count has one
        before, since, left = before + row["earlier"], since + row["later"], left - row["labels"]
        if left < 0:
            return Reach(before, since, more=True)
    return Reach(before, since, more=len(ranges) >= MOST_BATCHES)


def _reached(reader: Reader, recall_id: str) -> Sequence[tuple[int, int, int]]:
    rows = reader.rows(
        "SELECT batch, first, last FROM recall_reach WHERE notice_id = :notice ORDER BY batch, first LIMIT :most",
        {"notice": recall_id, "most": MOST_BATCHES},
    )
    return [(row["batch"], row["first"], row["last"]) for row in rows]


def _ranges(reader: Reader, cover: Cover) -> Sequence[tuple[int, int, int]]:
    """Batch, first and last of what lies under a recall."""
    if cover.batch is not None and cover.first is not None and cover.last is not None:
        return [(cover.batch, cover.first, cover.last)]
    if cover.material is not None:
        return []
    rows = reader.rows(
        "SELECT number, label_count FROM batch"
        f" WHERE gtin = :gtin{' AND lot = :lot' if cover.lot is not None else ''} ORDER BY number DESC LIMIT :most",
        {"gtin": cover.gtin, "most": MOST_BATCHES, **({} if cover.lot is None else {"lot": cover.lot})},
    )
    return [(row["number"], 0, row["label_count"] - 1) for row in rows]


def cover_of(row: Row) -> Cover:
    """What lies under a recall, from its row."""
    whole_lot = row["lot"] if row["batch"] is None else None
    material = row["product_zh"] if row["material"] is not None else None
    return Cover(row["gtin"], row["batch"], row["first"], row["last"], whole_lot, material)
