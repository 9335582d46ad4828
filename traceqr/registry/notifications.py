"""Notifications and their deliveries: what bodies are told, how far that has come, and what is tried next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from traceqr.registry.database import Reader, Row, Transaction

_AT_ONCE = 100
"""Rows of one statement: SQLite bounds how deep a condition may be."""


@dataclass(frozen=True, slots=True)
class Notification:
    """`payload` is the canonical JSON that is sent."""

    id: str
    event: str
    subject: str
    enterprise_id: str | None
    organisation_id: str | None
    payload: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that waits, with what is to be sent. `attempts` were begun so far."""

    subscription_id: str
    notification_id: str
    attempts: int
    next_ms: int
    event: str
    payload: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of deliveries ends."""

    at_ms: int
    notification_id: str
    subscription_id: str


_COLUMNS = tuple(Notification.__dataclass_fields__)
_WAITING = (
    "SELECT d.subscription_id, d.notification_id, d.attempts, d.next_ms, n.event, n.payload, n.at_ms FROM delivery d"
    " JOIN notification n ON n.id = d.notification_id WHERE d.subscription_id = :subscription AND d.state = 'waiting'"
)
_DUE = "(d.next_ms <= :now_ms OR d.next_ms > :far_ms)"
"""An instant further away than any wait was set before the clock was set back."""


def insert(tx: Transaction, notification: Notification, goes_to: Sequence[tuple[str, int]]) -> bool:
    """Add a notification, unless it is there already, and its deliveries: ids of subscriptions, each with the instant
    of the first attempt. Returns whether it was added.
    """
    names = ", ".join(f":{name}" for name in _COLUMNS)
    added = tx.execute(
        f"INSERT INTO notification ({', '.join(_COLUMNS)}) VALUES ({names}) ON CONFLICT (id) DO NOTHING",
        dict(zip(_COLUMNS, astuple(notification), strict=True)),
    )
    if added:
        tx.insert_many(
            "delivery",
            ("subscription_id", "notification_id", "attempts", "next_ms", "state", "fault"),
            [(subscription, notification.id, 0, next_ms, "waiting", "") for subscription, next_ms in goes_to],
        )
    return bool(added)


def due(reader: Reader, now_ms: int, far_ms: int, most: int) -> list[str]:
    """Subscriptions for which something is to be tried now, the one that has waited longest first."""
    rows = reader.rows(
        f"SELECT d.subscription_id FROM delivery d WHERE d.state = 'waiting' AND {_DUE}"
        " GROUP BY d.subscription_id ORDER BY MIN(d.next_ms), d.subscription_id LIMIT :most",
        {"now_ms": now_ms, "far_ms": far_ms, "most": most},
    )
    return [row["subscription_id"] for row in rows]


def due_of(reader: Reader, subscription_id: str, now_ms: int, far_ms: int, most: int) -> list[Waiting]:
    """What is to be tried now for a subscription, in the order in which it is due."""
    rows = reader.rows(
        f"{_WAITING} AND {_DUE} ORDER BY d.next_ms, n.at_ms, n.id LIMIT :most",
        {"subscription": subscription_id, "now_ms": now_ms, "far_ms": far_ms, "most": most},
    )
    return [Waiting(**row) for row in rows]


def fresh_of(reader: Reader, subscription_id: str, event: str, most: int) -> list[Waiting]:
    """What waits for its first attempt, of one event."""
    rows = reader.rows(
        f"{_WAITING} AND d.attempts = 0 AND n.event = :event ORDER BY n.at_ms, n.id LIMIT :most",
        {"subscription": subscription_id, "event": event, "most": most},
    )
    return [Waiting(**row) for row in rows]


def claim(tx: Transaction, waiting: Waiting, next_ms: int) -> bool:
    """Count an attempt before it is made; returns whether nobody else did so since it was read."""
    return bool(
        tx.execute(
            "UPDATE delivery SET attempts = attempts + 1, next_ms = :next_ms"
            " WHERE subscription_id = :subscription AND notification_id = :notification"
            " AND state = 'waiting' AND attempts = :attempts AND next_ms = :seen_ms",
            {
                "next_ms": next_ms,
                "subscription": waiting.subscription_id,
                "notification": waiting.notification_id,
                "attempts": waiting.attempts,
                "seen_ms": waiting.next_ms,
            },
        )
    )


def ended(tx: Transaction, waiting: Waiting, state: str, fault: str, status: int | None, at_ms: int) -> None:
    """Write down how an attempt ended, unless it was written down before, or nobody waits for it any more."""
    tx.execute(
        "UPDATE delivery SET state = :state, fault = :fault, status = :status, tried_ms = :at_ms"
        " WHERE subscription_id = :subscription AND notification_id = :notification AND state = 'waiting'",
        {
            "state": state,
            "fault": fault,
            "status": status,
            "at_ms": at_ms,
            "subscription": waiting.subscription_id,
            "notification": waiting.notification_id,
        },
    )


def again(tx: Transaction, subscription_id: str, notification_id: str, now_ms: int) -> bool:
    """Begin a delivery anew; returns whether there is one."""
    return bool(
        tx.execute(
            "UPDATE delivery SET state = 'waiting', attempts = 0, next_ms = :now_ms, fault = '', status = NULL"
            " WHERE subscription_id = :subscription AND notification_id = :notification",
            {"now_ms": now_ms, "subscription": subscription_id, "notification": notification_id},
        )
    )


def give_up(tx: Transaction, subscription_id: str, fault: str) -> None:
    """Let nothing wait any more for a subscription."""
    tx.execute(
        "UPDATE delivery SET state = 'given_up', fault = :fault WHERE subscription_id = :subscription"
        " AND state = 'waiting'",
        {"fault": fault, "subscription": subscription_id},
    )


def page(
    reader: Reader, body: tuple[str | None, str | None], from_ms: int, most: int, before: Place | None = None
) -> list[Row]:
    """Deliveries of a body's notifications since an instant, the latest first, with kind and address they go to."""
    column = "enterprise_id" if body[0] else "organisation_id"
    begin = before or Place(2**62, "", "")
    return reader.rows(
        "SELECT n.id AS notification_id, n.event, n.subject, n.payload, n.at_ms, d.subscription_id, d.attempts,"
        " d.next_ms, d.state, d.fault, d.status, d.tried_ms, s.kind, s.address, s.state AS subscription_state"
        " FROM notification n JOIN delivery d ON d.notification_id = n.id"
        f" JOIN subscription s ON s.id = d.subscription_id WHERE n.{column} = :body AND n.at_ms >= :from_ms"
        " AND (n.at_ms < :at_ms OR (n.at_ms = :at_ms AND (n.id < :id OR (n.id = :id AND s.id > :subscription))))"
        " ORDER BY n.at_ms DESC, n.id DESC, s.id LIMIT :most",
        {
            "body": body[0] or body[1],
            "from_ms": from_ms,
            "at_ms": begin.at_ms,
            "id": begin.notification_id,
            "subscription": begin.subscription_id,
            "most": most,
        },
    )


def counted(reader: Reader) -> dict[str, int]:
    """Deliveries by their state."""
    rows = reader.rows("SELECT state, COUNT(*) AS number FROM delivery GROUP BY state")
    return {row["state"]: row["number"] for row in rows}


def old(reader: Reader, before_ms: int, most: int) -> list[str]:
    """Notifications from before an instant."""
    rows = reader.rows(
        "SELECT id FROM notification WHERE at_ms < :before ORDER BY at_ms LIMIT :most",
        {"before": before_ms, "most": most},
    )
    return [row["id"] for row in rows]


def forget(tx: Transaction, ids: Sequence[str]) -> None:
    """Take notifications out, with their deliveries."""
    for first in range(0, len(ids), _AT_ONCE):
        names = {f"n{place}": one for place, one in enumerate(ids[first : first + _AT_ONCE])}
        marks = ", ".join(f":{name}" for name in names)
        tx.execute(f"DELETE FROM delivery WHERE notification_id IN ({marks})", names)
        tx.execute(f"DELETE FROM notification WHERE id IN ({marks})", names)
