"""Subscriptions: whom an enterprise or an organisation lets be told what happens, and how."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from traceqr.access import region_prefix
from traceqr.registry.database import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Subscription:
    """`events` are words with blanks between, `secret` is sealed, None for mail. `since_ms` is when it began."""

    id: str
    enterprise_id: str | None
    organisation_id: str | None
    kind: str
    address: str
    salt: str = field(repr=False)
    events: str
    language: str
    secret: str | None = field(repr=False)
    since_ms: int
    state: str

    @property
    def body(self) -> tuple[str | None, str | None]:
        """The enterprise or the organisation that it belongs to."""
        return self.enterprise_id, self.organisation_id


@dataclass(frozen=True, slots=True)
class Listener:
    """An active subscription. `region` is what the codes of its organisation's region begin with; None for an
    enterprise's.
    """

    subscription: Subscription
    region: str | None


_COLUMNS = tuple(Subscription.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM subscription"


def insert(tx: Transaction, subscription: Subscription, position: int) -> None:
    """Add a subscription."""
    tx.insert_many("subscription", (*_COLUMNS, "position"), [(*asdict(subscription).values(), position)])


def remove(tx: Transaction, subscription_id: str, position: int) -> None:
    """End a subscription: neither address nor secret is kept."""
    tx.execute(
        "UPDATE subscription SET state = 'removed', address = '', salt = '', secret = NULL, position = :position"
        " WHERE id = :id",
        {"position": position, "id": subscription_id},
    )


def set_secret(tx: Transaction, subscription_id: str, sealed: str, position: int) -> None:
    """Replace the sealed secret."""
    tx.execute(
        "UPDATE subscription SET secret = :sealed, position = :position WHERE id = :id",
        {"sealed": sealed, "position": position, "id": subscription_id},
    )


def by_id(reader: Reader, subscription_id: str) -> Subscription | None:
    """The subscription of that id."""
    row = reader.row(_SELECT + " WHERE id = :id", {"id": subscription_id})
    return Subscription(**row) if row else None


def of_body(reader: Reader, enterprise_id: str | None, organisation_id: str | None) -> list[Subscription]:
    """The active subscriptions of an enterprise or of an organisation, in the order in which they were changed."""
    column = "enterprise_id" if enterprise_id else "organisation_id"
    rows = reader.rows(
        f"{_SELECT} WHERE {column} = :id AND state = 'active' ORDER BY position, id",
        {"id": enterprise_id or organisation_id},
    )
    return [Subscription(**row) for row in rows]


def listeners(reader: Reader) -> list[Listener]:
    """All active subscriptions."""
    columns = ", ".join(f"s.{name}" for name in _COLUMNS)
    rows = reader.rows(
        f"SELECT {columns}, o.level, o.region FROM subscription s LEFT JOIN organisation o ON o.id = s.organisation_id"
        " WHERE s.state = 'active' ORDER BY s.id"
    )
    return [_listener(row.pop("level"), row.pop("region"), Subscription(**row)) for row in rows]


def _listener(level: str | None, region: str | None, subscription: Subscription) -> Listener:
    return Listener(subscription, region_prefix(level, region) if level and region else None)
