"""Signing keys: their public parts, windows and status."""

from __future__ import annotations

from traceqr.label.keyring import KeyRefused, Keyring, PublicKey, Role, Status, Window
from traceqr.registry import numbering
from traceqr.registry.database import Reader, Row, Transaction

_SELECT = (
    "SELECT k.number, k.role, k.algorithm, k.public_key, k.signing_from_ms, k.signing_to_ms, k.verifying_from_ms,"
    " k.verifying_to_ms, k.status, c.at_ms AS compromised_ms"
    " FROM signing_key k LEFT JOIN ledger c ON c.position = k.compromised_position"
)


def insert(tx: Transaction, key: PublicKey, position: int) -> None:
    """Add a key."""
    tx.insert_many(
        "signing_key",
        (
            "number",
            "role",
            "algorithm",
            "public_key",
            "signing_from_ms",
            "signing_to_ms",
            "verifying_from_ms",
            "verifying_to_ms",
            "status",
            "position",
        ),
        [
            (
                key.number,
                str(key.role),
                key.algorithm,
                key.octets.hex(),
                key.signing.from_ms,
                key.signing.to_ms,
                key.verifying.from_ms,
                key.verifying.to_ms,
                str(key.status),
                position,
            )
        ],
    )


def set_status(tx: Transaction, number: int, status: Status, compromised_position: int | None, position: int) -> None:
    """Change a key's status; a compromise names the ledger position as of which it holds."""
    tx.execute(
        "UPDATE signing_key SET status = :status, compromised_position = :compromised, position = :position"
        " WHERE number = :number",
        {"status": str(status), "compromised": compromised_position, "position": position, "number": number},
    )


def compromised_position(reader: Reader, number: int) -> int | None:
    """The cut-off of a key as a ledger position, or None for a key that is not compromised."""
    row = reader.row("SELECT compromised_position FROM signing_key WHERE number = :number", {"number": number})
    return row["compromised_position"] if row else None


def next_number(tx: Transaction) -> int:
    """The number of the next key, over all roles. Keys are never deleted, so numbers are never used twice."""
    return numbering.next_number(tx, "signing_key")


def keyring(reader: Reader) -> Keyring:
    """All keys. One that must not be used is refused by number, and leaves the others usable."""
    keys: dict[int, PublicKey] = {}
    refused: dict[int, str] = {}
    for row in reader.rows(_SELECT + " ORDER BY k.number"):
        try:
            keys[row["number"]] = _key(row)
        except KeyRefused as error:
            refused[row["number"]] = str(error)
    return Keyring(keys, refused)


def by_number(reader: Reader, number: int) -> PublicKey | None:
    """The key of that number. Raises `KeyRefused` when it must not be used."""
    row = reader.row(_SELECT + " WHERE k.number = :number", {"number": number})
    return _key(row) if row else None


def newest_label_key(reader: Reader, at_ms: int) -> PublicKey | None:
    """The key under which new batches are issued: the last allotted of those that may."""
    found = may_sign(reader, Role.LABEL, at_ms)
    return found[-1] if found else None


def may_sign(reader: Reader, role: Role, at_ms: int) -> list[PublicKey]:
    """The keys of a role that may sign what is new, by their numbers."""
    keys = keyring(reader).keys
    return [keys[number] for number in sorted(keys) if keys[number].role is role and keys[number].may_issue(at_ms)]


def _key(row: Row) -> PublicKey:
    try:
        octets, role, status = bytes.fromhex(row["public_key"]), Role(row["role"]), Status(row["status"])
    except ValueError as error:
        raise KeyRefused(f"key {row['number']}: its record in the registry is garbled") from error
    return PublicKey(
        number=row["number"],
        role=role,
        octets=octets,
        signing=Window(row["signing_from_ms"], row["signing_to_ms"]),
        verifying=Window(row["verifying_from_ms"], row["verifying_to_ms"]),
        status=status,
        compromised_ms=row["compromised_ms"],
        algorithm=row["algorithm"],
    )
