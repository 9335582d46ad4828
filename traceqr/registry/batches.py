"""Batches of labels, and what a verdict needs of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from traceqr.registry import numbering
from traceqr.registry.database import Reader, Row, Transaction

CHUNK = 400
"""Batches or lots asked for in one statement, at most."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything, with the signing key, that its labels are a function of, and the enterprise that issued it, as the
    ledger tells it at a position. Dates are ISO, or None.
    """

    number: int
    gtin: str
    product_version: int
    enterprise_id: str
    enterprise_position: int
    pledge: int
    key_number: int
    label_count: int
    origin: str
    lot: str | None
    produced_on: str | None
    expires_on: str | None
    market: str | None = None
    """The regions that it is meant for, with spaces between; None for all."""


_COLUMNS = tuple(Batch.__dataclass_fields__)


def insert(tx: Transaction, batch: Batch, position: int) -> None:
    """Add a batch: one row, whatever its size."""
    tx.insert_many("batch", (*_COLUMNS, "position"), [(*asdict(batch).values(), position)])


def next_number(tx: Transaction) -> int:
    """The number of the next batch. Batches are never deleted, so numbers are never used twice."""
    return numbering.next_number(tx, "batch")


def by_number(reader: Reader, number: int) -> Batch | None:
    """The batch of that number."""
    row = reader.row(f"SELECT {', '.join(_COLUMNS)} FROM batch WHERE number = :number", {"number": number})
    return Batch(**row) if row else None


def by_numbers(reader: Reader, numbers: Iterable[int]) -> dict[int, Batch]:
    """Those of some batches that there are, by their numbers."""
    found: dict[int, Batch] = {}
    listed = sorted(set(numbers))
    for start in range(0, len(listed), CHUNK):
        spelled = ", ".join(str(int(number)) for number in listed[start : start + CHUNK])
        for row in reader.rows(f"SELECT {', '.join(_COLUMNS)} FROM batch WHERE number IN ({spelled})"):
            found[row["number"]] = Batch(**row)
    return found


def of_key(reader: Reader, key_number: int) -> list[int]:
    """The numbers of the batches under a key."""
    rows = reader.rows("SELECT number FROM batch WHERE key_number = :key ORDER BY number", {"key": key_number})
    return [row["number"] for row in rows]


def of_lots(reader: Reader, gtin: str, lots: Sequence[str]) -> list[tuple[int, int]]:
    """The batches of some lots of a product, each with how many labels it has."""
    found: list[tuple[int, int]] = []
    for start in range(0, len(lots), CHUNK):
        wanted = {f"lot{place}": lot for place, lot in enumerate(lots[start : start + CHUNK])}
        rows = reader.rows(
            "SELECT number, label_count FROM batch WHERE gtin = :gtin"
            f" AND lot IN ({', '.join(f':{name}' for name in wanted)}) ORDER BY number",
            {"gtin": gtin, **wanted},
        )
        found += [(row["number"], row["label_count"]) for row in rows]
    return found


def of_product(reader: Reader, gtin: str) -> list[tuple[int, int]]:
    """The batches of a product, each with how many labels it has."""
    rows = reader.rows("SELECT number, label_count FROM batch WHERE gtin = :gtin ORDER BY number", {"gtin": gtin})
    return [(row["number"], row["label_count"]) for row in rows]


def is_issued_by(reader: Reader, gtin: str, enterprise_id: str) -> bool:
    """Whether an enterprise has issued labels of a product."""
    sql = "SELECT number FROM batch WHERE gtin = :gtin AND enterprise_id = :enterprise LIMIT 1"
    return reader.row(sql, {"gtin": gtin, "enterprise": enterprise_id}) is not None


def everything(reader: Reader) -> list[Row]:
    """All batches with product name and instant of issue, latest first."""
    return reader.rows(
        "SELECT b.number, b.gtin, v.name_zh, b.label_count, b.lot, b.pledge, l.at_ms AS issued_ms FROM batch b"
        " JOIN product_version v ON v.gtin = b.gtin AND v.version = b.product_version"
        " JOIN ledger l ON l.position = b.position ORDER BY b.number DESC"
    )


def of_enterprise(reader: Reader, enterprise_id: str, before: int | None = None, most: int = 50) -> list[Row]:
    """Batches of an enterprise with product name and instant of issue, latest first, from below `before` on."""
    return reader.rows(
        "SELECT b.number, b.gtin, v.name_zh, v.name_en, b.label_count, b.lot, b.pledge, l.at_ms AS issued_ms FROM"
        " (SELECT number FROM batch WHERE enterprise_id = :enterprise AND number < :before"
        " ORDER BY number DESC LIMIT :most) q"
        " JOIN batch b ON b.number = q.number"
        " JOIN product_version v ON v.gtin = b.gtin AND v.version = b.product_version"
        " JOIN ledger l ON l.position = b.position ORDER BY b.number DESC",
        {"enterprise": enterprise_id, "before": 2**62 if before is None else before, "most": most},
    )


def labels_by_life(reader: Reader, enterprise_id: str) -> dict[str, int]:
    """How many labels of an enterprise are in each life."""
    rows = reader.rows(
        "SELECT s.life, CAST(SUM(s.last - s.first + 1) AS BIGINT) AS labels FROM batch b"
        " JOIN span s ON s.batch = b.number WHERE b.enterprise_id = :enterprise GROUP BY s.life",
        {"enterprise": enterprise_id},
    )
    return {row["life"]: row["labels"] for row in rows}


def product_names(reader: Reader, numbers: Sequence[int]) -> dict[int, tuple[str, str]]:
    """What is in batches: the product's names in Chinese and English, by the batch's number."""
    if not numbers:
        return {}
    wanted = {f"number{place}": number for place, number in enumerate(numbers)}
    rows = reader.rows(
        "SELECT b.number, v.name_zh, v.name_en FROM batch b"
        " JOIN product_version v ON v.gtin = b.gtin AND v.version = b.product_version"
        f" WHERE b.number IN ({', '.join(f':{name}' for name in wanted)})",
        wanted,
    )
    return {row["number"]: (row["name_zh"], row["name_en"]) for row in rows}
