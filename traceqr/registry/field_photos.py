"""Photos that devices have sent, before and after an entry names them. The folder of attachments has the contents."""

from __future__ import annotations

from collections.abc import Sequence

from traceqr.registry.database import Reader, Row, Transaction


def put(tx: Transaction, digest: str, size: int, account_id: str, at_ms: int) -> bool:
    """Note that a photo has come; whether it is new. One that came before is as if it had come now."""
    new = row(tx, digest) is None
    tx.execute(
        "INSERT INTO field_photo (digest, bytes, account_id, received_ms) VALUES (:digest, :bytes, :account, :at_ms)"
        " ON CONFLICT (digest) DO UPDATE SET received_ms = excluded.received_ms",
        {"digest": digest, "bytes": size, "account": account_id, "at_ms": at_ms},
    )
    return new


def row(reader: Reader, digest: str) -> Row | None:
    """What is noted of a photo: `bytes`, and whose device sent it."""
    return reader.row("SELECT bytes, account_id FROM field_photo WHERE digest = :digest", {"digest": digest})


def sizes(reader: Reader, digests: Sequence[str]) -> dict[str, int]:
    """The sizes of those that have come, of up to 200 photos."""
    if not digests:
        return {}
    wanted = {f"d{place}": digest for place, digest in enumerate(digests)}
    rows = reader.rows(
        f"SELECT digest, bytes FROM field_photo WHERE digest IN ({', '.join(f':{name}' for name in wanted)})", wanted
    )
    return {row["digest"]: row["bytes"] for row in rows}


def unnamed(reader: Reader, before_ms: int, most: int) -> list[str]:
    """Photos that came before an instant and that no entry names."""
    rows = reader.rows(
        "SELECT p.digest FROM field_photo p WHERE p.received_ms < :before AND NOT EXISTS"
        " (SELECT 1 AS named FROM inspection_photo n WHERE n.digest = p.digest) LIMIT :most",
        {"before": before_ms, "most": most},
    )
    return [row["digest"] for row in rows]


def remove(tx: Transaction, digests: Sequence[str]) -> None:
    """Forget photos that no entry names."""
    for digest in digests:
        tx.execute(
            "DELETE FROM field_photo WHERE digest = :digest AND NOT EXISTS"
            " (SELECT 1 AS named FROM inspection_photo n WHERE n.digest = :digest)",
            {"digest": digest},
        )
