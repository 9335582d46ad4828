"""Product passports as they are kept: credentials in their envelopes, and what they are made for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from traceqr.registry import numbering
from traceqr.registry.database import Reader, Row, Transaction
from traceqr.registry.recalls import TEXTS

MAX_RECALLS = 20
"""Open recalls of one product, lot or label that are told."""

MAX_LOTS = 1_000
"""Lots of a product that are signed."""

MAX_LICENSED = 200
"""Products of one licence that are named."""

CHUNK = 40
"""Paths or batches asked for in one statement, at most."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Credentials that were signed by one act: `digest` is over their paths and digests."""

    number: int
    made_ms: int
    expires_ms: int
    key_number: int
    credentials: int
    digest: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A credential in its envelope. `source` is the digest of what it says without its term."""

    path: str
    source: str
    digest: str
    content: str


_ISSUE = tuple(Issue.__dataclass_fields__)


def next_number(reader: Reader) -> int:
    """The number of the next issue. They are never deleted."""
    return numbering.next_number(reader, "passport_issue")


def insert(tx: Transaction, issue: Issue, signed: Iterable[Kept], position: int) -> None:
    """Add an issue, its credentials in the place of older ones."""
    tx.insert_many("passport_issue", (*_ISSUE, "position"), [(*asdict(issue).values(), position)])
    tx.execute_each(
        [
            (
                "INSERT INTO passport (path, issue, source, digest, content)"
                " VALUES (:path, :issue, :source, :digest, :content)"
                " ON CONFLICT (path) DO UPDATE SET issue = :issue, source = :source, digest = :digest,"
                " content = :content",
                {**asdict(one), "issue": issue.number},
            )
            for one in signed
        ]
    )


def prune(tx: Transaction, at_ms: int) -> int:
    """Take out credentials that have run out; gives their number."""
    return tx.execute(
        "DELETE FROM passport WHERE issue IN (SELECT number FROM passport_issue WHERE expires_ms <= :at_ms)",
        {"at_ms": at_ms},
    )


def kept(reader: Reader, path: str) -> Row | None:
    """The credential of a path with the columns of its issue."""
    return reader.row(
        "SELECT p.path, p.source, p.digest, p.content, i.made_ms, i.expires_ms, i.key_number"
        " FROM passport p JOIN passport_issue i ON i.number = p.issue WHERE p.path = :path",
        {"path": path},
    )


def sources(reader: Reader, paths: Sequence[str]) -> dict[str, Row]:
    """What those of some paths were made from, under which key, and until when they are good."""
    found: dict[str, Row] = {}
    for start in range(0, len(paths), CHUNK):
        wanted = {f"path{place}": path for place, path in enumerate(paths[start : start + CHUNK])}
        rows = reader.rows(
            "SELECT p.path, p.source, i.expires_ms, i.key_number FROM passport p JOIN passport_issue i"
            f" ON i.number = p.issue WHERE p.path IN ({', '.join(f':{name}' for name in wanted)})",
            wanted,
        )
        found.update({row["path"]: row for row in rows})
    return found


def stock(reader: Reader) -> int:
    """How many credentials are kept."""
    row = reader.row("SELECT COUNT(*) AS credentials FROM passport")
    assert row is not None  # an aggregate always has its one row
    return int(row["credentials"])


def issues(reader: Reader, most: int) -> list[Row]:
    """What was signed, the latest first."""
    return reader.rows(
        f"SELECT {', '.join(_ISSUE)} FROM passport_issue ORDER BY number DESC LIMIT :most", {"most": most}
    )


def products_after(reader: Reader, gtin: str, most: int) -> list[str]:
    """GTINs of enrolled products in their order, from behind one."""
    rows = reader.rows(
        "SELECT gtin FROM product WHERE gtin > :after ORDER BY gtin LIMIT :most", {"after": gtin, "most": most}
    )
    return [row["gtin"] for row in rows]


def lots(reader: Reader, gtin: str, enterprise_id: str) -> list[str]:
    """The lots of a product of which an enterprise has labels: those of the latest batches, at most `MAX_LOTS`."""
    rows = reader.rows(
        "SELECT lot, MAX(number) AS number FROM batch WHERE gtin = :gtin AND enterprise_id = :enterprise"
        " AND lot IS NOT NULL GROUP BY lot ORDER BY number DESC LIMIT :most",
        {"gtin": gtin, "enterprise": enterprise_id, "most": MAX_LOTS},
    )
    return [row["lot"] for row in rows]


def products_of_licence(reader: Reader, number: int) -> list[Row]:
    """GTIN and names of the products that a licence is for, by GTIN: at most `MAX_LICENSED`."""
    return reader.rows(
        "SELECT l.gtin, v.name_zh, v.name_en FROM licence_product l JOIN product p ON p.gtin = l.gtin"
        " JOIN product_version v ON v.gtin = p.gtin AND v.version = p.version"
        " WHERE l.licence = :licence ORDER BY l.gtin LIMIT :most",
        {"licence": number, "most": MAX_LICENSED},
    )


_RECALLS = (
    f"SELECT r.id, r.grade, {', '.join(f'r.{name}' for name in TEXTS)}, o.name_zh AS ordered_zh,"
    " o.name_en AS ordered_en, n.lot, opened.at_ms AS opened_ms"
    " FROM notice n JOIN recall r ON r.id = n.id JOIN ledger opened ON opened.position = r.position"
    " LEFT JOIN organisation o ON o.id = r.ordered_by"
    " WHERE n.closed_position IS NULL AND n.kind = 'recall'"
)


def recalls_of_product(reader: Reader, gtin: str) -> list[Row]:
    """Open recalls of a product, or of anything of it."""
    return reader.rows(
        f"{_RECALLS} AND n.gtin = :gtin ORDER BY r.position LIMIT :most", {"gtin": gtin, "most": MAX_RECALLS}
    )


def recalls_of_batches(reader: Reader, gtin: str, lot: str, batches: Sequence[int]) -> list[Row]:
    """Open recalls that lie over a lot of a product or labels of it, or reach them by what they are made of."""
    chosen = {f"batch{place}": number for place, number in enumerate(batches[:CHUNK])}
    within = ", ".join(f":{name}" for name in chosen) or "0"
    return reader.rows(
        f"{_RECALLS} AND ((n.gtin = :gtin AND n.batch IS NULL AND (n.lot IS NULL OR n.lot = :lot))"
        f" OR n.batch IN ({within}) OR n.id IN (SELECT k.notice_id FROM recall_reach k WHERE k.batch IN ({within})))"
        " ORDER BY r.position LIMIT :most",
        {"gtin": gtin, "lot": lot, "most": MAX_RECALLS, **chosen},
    )
