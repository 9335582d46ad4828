"""Accounts: who has access, in which role for which body, and what they prove themselves by."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Row, Transaction


@dataclass(frozen=True, slots=True)
class Account:
    """A person's access. `login` and `name` are personal data and stay here; empty once they are erased."""

    id: str
    login: str
    name: str
    role: str
    organisation_id: str | None
    enterprise_id: str | None
    state: str
    salt: str


@dataclass(frozen=True, slots=True)
class Credential:
    """`password` is a hash, `totp` a sealed secret or None, `totp_step` the time step of the last code used."""

    account_id: str
    password: str
    totp: str | None
    totp_step: int


_COLUMNS = tuple(Account.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM account"


def insert(tx: Transaction, account: Account, position: int) -> None:
    """Add an account."""
    tx.insert_many("account", (*_COLUMNS, "position"), [(*asdict(account).values(), position)])


def update(tx: Transaction, account: Account, position: int) -> None:
    """Replace login, name, state and salt; the role and the body it is held for stay."""
    tx.execute(
        "UPDATE account SET login = :login, name = :name, state = :state, salt = :salt, position = :position"
        " WHERE id = :id",
        {
            "login": account.login,
            "name": account.name,
            "state": account.state,
            "salt": account.salt,
            "position": position,
            "id": account.id,
        },
    )


def by_id(reader: Reader, account_id: str) -> Account | None:
    """The account of that id."""
    row = reader.row(_SELECT + " WHERE id = :id", {"id": account_id})
    return Account(**row) if row else None


def by_login(reader: Reader, login: str) -> Account | None:
    """The account that signs in by that."""
    row = reader.row(_SELECT + " WHERE login = :login", {"login": login})
    return Account(**row) if row else None


def of_enterprise(reader: Reader, enterprise_id: str) -> list[Account]:
    """All accounts of an enterprise, as they were last changed."""
    rows = reader.rows(_SELECT + " WHERE enterprise_id = :id ORDER BY position", {"id": enterprise_id})
    return [Account(**row) for row in rows]


def of_organisation(reader: Reader, organisation_id: str) -> list[Account]:
    """All accounts of an organisation, as they were last changed."""
    rows = reader.rows(_SELECT + " WHERE organisation_id = :id ORDER BY position", {"id": organisation_id})
    return [Account(**row) for row in rows]


def everyone(reader: Reader) -> list[Row]:
    """All accounts with the name of the body they are held for."""
    return reader.rows(
        "SELECT a.id, a.login, a.name, a.role, a.state, COALESCE(e.name_zh, o.name_zh, '') AS body_zh FROM account a"
        " LEFT JOIN enterprise e ON e.id = a.enterprise_id LEFT JOIN organisation o ON o.id = a.organisation_id"
        " ORDER BY a.position"
    )


def put_password(tx: Transaction, account_id: str, password: str, position: int) -> None:
    """Set the hash of a password; an empty one opens nothing. A second factor stays."""
    tx.execute(
        "INSERT INTO credential (account_id, password, totp_step, position) VALUES (:id, :password, 0, :position)"
        " ON CONFLICT (account_id) DO UPDATE SET password = excluded.password, position = excluded.position",
        {"id": account_id, "password": password, "position": position},
    )


def put_totp(tx: Transaction, account_id: str, totp: str | None, step: int, position: int) -> None:
    """Set the sealed secret of the second factor, or take it away. `step` is that of the code that proved it."""
    tx.execute(
        "UPDATE credential SET totp = :totp, totp_step = :step, position = :position WHERE account_id = :id",
        {"totp": totp, "step": step, "position": position, "id": account_id},
    )


def put_recovery_codes(tx: Transaction, account_id: str, digests: list[str]) -> None:
    """Replace all recovery codes."""
    tx.execute("DELETE FROM recovery_code WHERE account_id = :id", {"id": account_id})
    tx.insert_many("recovery_code", ("account_id", "digest"), [(account_id, digest) for digest in digests])


def credential(reader: Reader, account_id: str) -> Credential | None:
    """What an account proves itself by; None once it was taken away."""
    row = reader.row(
        "SELECT account_id, password, totp, totp_step FROM credential WHERE account_id = :id AND password <> ''",
        {"id": account_id},
    )
    return Credential(**row) if row else None


def drop_credential(tx: Transaction, account_id: str, position: int) -> None:
    """Take away all that an account proves itself by."""
    put_password(tx, account_id, "", position)
    put_totp(tx, account_id, None, 0, position)
    put_recovery_codes(tx, account_id, [])


def rehash(tx: Transaction, account_id: str, old: str, new: str) -> None:
    """Put a hash of the same password in the place of one that was made with dated parameters."""
    tx.execute(
        "UPDATE credential SET password = :new WHERE account_id = :id AND password = :old",
        {"new": new, "id": account_id, "old": old},
    )


def take_step(tx: Transaction, account_id: str, step: int) -> bool:
    """Use up the code of a time step, and with it all earlier ones. False where it is used up already."""
    taken = tx.execute(
        "UPDATE credential SET totp_step = :step WHERE account_id = :id AND totp_step < :step",
        {"step": step, "id": account_id},
    )
    return taken == 1


def take_recovery_code(tx: Transaction, account_id: str, digest: str) -> bool:
    """Use up a recovery code. False where there is none of that digest."""
    taken = tx.execute(
        "DELETE FROM recovery_code WHERE account_id = :id AND digest = :digest", {"id": account_id, "digest": digest}
    )
    return taken == 1


def recovery_codes_left(reader: Reader, account_id: str) -> int:
    """How many recovery codes are left."""
    row = reader.row("SELECT COUNT(*) AS number FROM recovery_code WHERE account_id = :id", {"id": account_id})
    return int(row["number"]) if row else 0
