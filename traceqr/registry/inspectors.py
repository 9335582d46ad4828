"""What inspectors state of themselves: the numbers of their certificates."""

from __future__ import annotations

from traceqr.registry.database import Reader, Row, Transaction


def put(tx: Transaction, account_id: str, badge: str, salt: str, position: int) -> None:
    """State the number of somebody's certificate, in the place of an earlier one."""
    tx.execute(
        "INSERT INTO inspector (account_id, badge, salt, position) VALUES (:id, :badge, :salt, :position)"
        " ON CONFLICT (account_id) DO UPDATE SET badge = excluded.badge, salt = excluded.salt,"
        " position = excluded.position",
        {"id": account_id, "badge": badge, "salt": salt, "position": position},
    )


def badge(reader: Reader, account_id: str) -> str:
    """The number of somebody's certificate; empty where none was stated."""
    row = reader.row("SELECT badge FROM inspector WHERE account_id = :id", {"id": account_id})
    return str(row["badge"]) if row else ""


def of_organisation(reader: Reader, organisation_id: str) -> list[Row]:
    """The inspectors of an organisation whose accounts are open: account, name and badge, in the order of accounts."""
    return reader.rows(
        "SELECT a.id AS account, a.name, COALESCE(i.badge, '') AS badge FROM account a"
        " LEFT JOIN inspector i ON i.account_id = a.id WHERE a.organisation_id = :organisation"
        " AND a.role = 'inspector' AND a.state = 'active' ORDER BY a.id",
        {"organisation": organisation_id},
    )
