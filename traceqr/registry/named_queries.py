"""Questions for events that enterprises keep under names, and to whom goes what they find."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Row, Transaction


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """`query` is its parameters, in JSON."""

    id: str
    enterprise_id: str
    name: str
    query: str
    state: str


@dataclass(frozen=True, slots=True)
class QuerySubscription:
    """`schedule` is JSON, empty where what is found goes as it comes. `mark` is where the next question begins."""

    subscription_id: str
    query_id: str
    schedule: str
    report_if_empty: bool
    initial_ms: int | None
    next_ms: int
    mark: str


_QUERY = tuple(NamedQuery.__dataclass_fields__)
_COLUMNS = tuple(QuerySubscription.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_QUERY)} FROM named_query"
_JOINED = (
    f"SELECT {', '.join(f'q.{name}' for name in _COLUMNS)} FROM query_subscription q"
    " JOIN subscription s ON s.id = q.subscription_id WHERE s.state = 'active'"
)


def insert(tx: Transaction, query: NamedQuery, position: int) -> None:
    """Keep a query."""
    tx.insert_many("named_query", (*_QUERY, "position"), [(*asdict(query).values(), position)])


def remove(tx: Transaction, query_id: str, position: int) -> None:
    """Keep it no longer."""
    tx.execute(
        "UPDATE named_query SET state = 'removed', position = :position WHERE id = :id",
        {"position": position, "id": query_id},
    )


def by_name(reader: Reader, enterprise_id: str, name: str) -> NamedQuery | None:
    """The query that an enterprise has under a name."""
    row = reader.row(
        f"{_SELECT} WHERE enterprise_id = :enterprise AND name = :name AND state = 'active'",
        {"enterprise": enterprise_id, "name": name},
    )
    return NamedQuery(**row) if row else None


def by_id(reader: Reader, query_id: str) -> NamedQuery | None:
    """The query of an id."""
    row = reader.row(f"{_SELECT} WHERE id = :id", {"id": query_id})
    return NamedQuery(**row) if row else None


def of_enterprise(reader: Reader, enterprise_id: str) -> list[NamedQuery]:
    """An enterprise's queries, in the order in which they were made."""
    rows = reader.rows(
        f"{_SELECT} WHERE enterprise_id = :enterprise AND state = 'active' ORDER BY position, id",
        {"enterprise": enterprise_id},
    )
    return [NamedQuery(**row) for row in rows]


def subscribe(tx: Transaction, one: QuerySubscription, position: int) -> None:
    """Let what a query finds go to a subscription."""
    values = {**asdict(one), "report_if_empty": int(one.report_if_empty)}
    tx.insert_many("query_subscription", (*_COLUMNS, "position"), [(*values.values(), position)])


def subscriptions_of(reader: Reader, query_id: str) -> list[QuerySubscription]:
    """The subscriptions of a query that were not removed."""
    rows = reader.rows(f"{_JOINED} AND q.query_id = :query ORDER BY q.subscription_id", {"query": query_id})
    return [_subscription(row) for row in rows]


def due(reader: Reader, now_ms: int, most: int) -> list[QuerySubscription]:
    """Subscriptions whose query is to be asked again, the one that has waited longest first."""
    rows = reader.rows(
        f"{_JOINED} AND q.next_ms <= :now_ms ORDER BY q.next_ms, q.subscription_id LIMIT :most",
        {"now_ms": now_ms, "most": most},
    )
    return [_subscription(row) for row in rows]


def go_on(tx: Transaction, one: QuerySubscription, next_ms: int, mark: str) -> bool:
    """Set when a query is asked again, and for what; returns whether nobody else did so since it was read."""
    changed = tx.execute(
        "UPDATE query_subscription SET next_ms = :next_ms, mark = :mark"
        " WHERE subscription_id = :id AND next_ms = :seen_ms AND mark = :seen",
        {"next_ms": next_ms, "mark": mark, "id": one.subscription_id, "seen_ms": one.next_ms, "seen": one.mark},
    )
    return bool(changed)


def _subscription(row: Row) -> QuerySubscription:
    return QuerySubscription(**{**row, "report_if_empty": bool(row["report_if_empty"])})
