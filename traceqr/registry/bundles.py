"""Trust bundles as they are kept: publications, their manifests, and the parts that these name."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

from traceqr.registry import numbering
from traceqr.registry.database import Reader, Row, Transaction

MOST_PARTS = 32
"""Handed out by one question."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published at once: a manifest for each scope, of one version."""

    number: int
    ledger_size: int
    made_ms: int
    expires_ms: int
    key_number: int


_COLUMNS = tuple(Publication.__dataclass_fields__)


def next_number(reader: Reader) -> int:
    """The number of the next publication. They are never deleted, and a restore skips those that may be lost."""
    return numbering.next_number(reader, "bundle")


def insert(
    tx: Transaction, publication: Publication, manifests: Mapping[str, tuple[str, bytes]], position: int
) -> None:
    """Add a publication with the digest and the file of each manifest, by scope."""
    tx.insert_many("bundle", (*_COLUMNS, "position"), [(*asdict(publication).values(), position)])
    tx.insert_many(
        "bundle_manifest",
        ("bundle", "scope", "digest", "content"),
        [
            (publication.number, scope, digest, base64.b64encode(file).decode())
            for scope, (digest, file) in sorted(manifests.items())
        ],
    )


def latest(reader: Reader) -> Publication | None:
    """The last publication."""
    row = reader.row(f"SELECT {', '.join(_COLUMNS)} FROM bundle ORDER BY number DESC LIMIT 1")
    return Publication(**row) if row else None


def everything(reader: Reader, most: int) -> list[Row]:
    """Publications with the number of their manifests that are kept, latest first."""
    return reader.rows(
        f"SELECT {', '.join(f'b.{name}' for name in _COLUMNS)},"
        " (SELECT COUNT(*) FROM bundle_manifest m WHERE m.bundle = b.number) AS manifests"
        " FROM bundle b ORDER BY b.number DESC LIMIT :most",
        {"most": most},
    )


def manifest(reader: Reader, scope: str) -> tuple[str, bytes] | None:
    """Digest and file of the latest manifest of a scope."""
    row = reader.row(
        "SELECT digest, content FROM bundle_manifest WHERE scope = :scope ORDER BY bundle DESC LIMIT 1",
        {"scope": scope},
    )
    return (row["digest"], base64.b64decode(row["content"])) if row else None


def digest_of_manifest(reader: Reader, scope: str) -> str | None:
    """Of the latest manifest of a scope."""
    row = reader.row(
        "SELECT digest FROM bundle_manifest WHERE scope = :scope ORDER BY bundle DESC LIMIT 1", {"scope": scope}
    )
    return str(row["digest"]) if row else None


def scopes(reader: Reader, number: int) -> list[str]:
    """The scopes of a publication whose manifests are kept."""
    rows = reader.rows("SELECT scope FROM bundle_manifest WHERE bundle = :number", {"number": number})
    return sorted(row["scope"] for row in rows)


def part_of_source(reader: Reader, source: str) -> tuple[str, int] | None:
    """Digest and size of a part that was made from just this."""
    rows = reader.rows("SELECT digest, bytes FROM bundle_part WHERE source = :source", {"source": source})
    # One, unless it was made by two machines whose zlib differs.
    return min(((row["digest"], row["bytes"]) for row in rows), default=None)


def keep_part(tx: Transaction, digest: str, source: str, octets: bytes, at_ms: int) -> None:
    """Keep a part that no publication names yet. One that is there already was made from something else the same."""
    tx.execute(
        "INSERT INTO bundle_part (digest, source, bytes, dropped_ms, content)"
        " VALUES (:digest, :source, :bytes, :at_ms, :content) ON CONFLICT (digest) DO UPDATE SET source = :source",
        {
            "digest": digest,
            "source": source,
            "bytes": len(octets),
            "at_ms": at_ms,
            "content": base64.b64encode(octets).decode(),
        },
    )


def parts(reader: Reader, digests: Sequence[str]) -> dict[str, bytes]:
    """The parts of some digests that are kept; at most `MOST_PARTS` are asked for."""
    return {row["digest"]: base64.b64decode(row["content"]) for row in _of_parts(reader, "content", digests)}


def sizes(reader: Reader, digests: Sequence[str]) -> dict[str, int]:
    """The sizes of those of some parts that are kept; at most `MOST_PARTS` are asked for."""
    return {row["digest"]: row["bytes"] for row in _of_parts(reader, "bytes", digests)}


def _of_parts(reader: Reader, column: str, digests: Sequence[str]) -> list[Row]:
    """The digest of each part that is kept, and a column of it."""
    if not digests:
        return []
    wanted = {f"digest{place}": digest for place, digest in enumerate(digests[:MOST_PARTS])}
    names = ", ".join(f":{name}" for name in wanted)
    return reader.rows(f"SELECT digest, {column} FROM bundle_part WHERE digest IN ({names})", wanted)


def stock(reader: Reader) -> tuple[int, int]:
    """How many parts are kept, and how many octets they have."""
    row = reader.row("SELECT COUNT(*) AS parts, COALESCE(CAST(SUM(bytes) AS BIGINT), 0) AS bytes FROM bundle_part")
    assert row is not None  # an aggregate always has its one row
    return row["parts"], row["bytes"]


def named(reader: Reader) -> set[str]:
    """The parts that the last publication names."""
    return {row["digest"] for row in reader.rows("SELECT digest FROM bundle_part WHERE dropped_ms IS NULL")}


def name_parts(tx: Transaction, named: Collection[str], at_ms: int) -> list[str]:
    """Note which parts the last publication names, and since when the others are not. Gives those that are not kept."""
    kept = {row["digest"]: row["dropped_ms"] for row in tx.rows("SELECT digest, dropped_ms FROM bundle_part")}
    wanted = set(named)
    taken_up = [digest for digest, dropped in kept.items() if dropped is not None and digest in wanted]
    dropped = [digest for digest, dropped in kept.items() if dropped is None and digest not in wanted]
    changes = [*((digest, None) for digest in taken_up), *((digest, at_ms) for digest in dropped)]
    tx.execute_each(
        [
            ("UPDATE bundle_part SET dropped_ms = :at_ms WHERE digest = :digest", {"digest": digest, "at_ms": since})
            for digest, since in changes
        ]
    )
    return sorted(wanted - kept.keys())


def prune(tx: Transaction, latest: int, before_ms: int) -> int:
    """Take out parts that no publication has named since an instant, and manifests that were replaced before it; gives
    the number of parts.
    """
    tx.execute(
        "DELETE FROM bundle_manifest WHERE bundle < :latest"
        " AND bundle IN (SELECT number FROM bundle WHERE made_ms < :before)",
        {"latest": latest, "before": before_ms},
    )
    return tx.execute("DELETE FROM bundle_part WHERE dropped_ms < :before", {"before": before_ms})
