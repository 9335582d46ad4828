"""Devices that inspectors have enrolled, and their public keys."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Transaction


@dataclass(frozen=True, slots=True)
class FieldDevice:
    """One device. `public_key` is a point on P-256, uncompressed, in hex."""

    id: str
    account_id: str
    name: str
    public_key: str
    state: str
    enrolled_ms: int
    revoked_ms: int | None


_COLUMNS = tuple(FieldDevice.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM field_device"


def insert(tx: Transaction, device: FieldDevice, position: int) -> None:
    """Add a device."""
    tx.insert_many("field_device", (*_COLUMNS, "position"), [(*asdict(device).values(), position)])


def revoke(tx: Transaction, device_id: str, at_ms: int, position: int) -> None:
    """Let a device sign nothing any more."""
    tx.execute(
        "UPDATE field_device SET state = 'revoked', revoked_ms = :at_ms, position = :position WHERE id = :id",
        {"id": device_id, "at_ms": at_ms, "position": position},
    )


def by_id(reader: Reader, device_id: str) -> FieldDevice | None:
    """The device of that id."""
    row = reader.row(_SELECT + " WHERE id = :id", {"id": device_id})
    return FieldDevice(**row) if row else None


def by_key(reader: Reader, public_key: str) -> FieldDevice | None:
    """The device of that key."""
    row = reader.row(_SELECT + " WHERE public_key = :key", {"key": public_key})
    return FieldDevice(**row) if row else None


def of_account(reader: Reader, account_id: str) -> list[FieldDevice]:
    """All devices of an account, the one enrolled last first."""
    rows = reader.rows(_SELECT + " WHERE account_id = :id ORDER BY enrolled_ms DESC, id", {"id": account_id})
    return [FieldDevice(**row) for row in rows]
