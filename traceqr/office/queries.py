"""The questions for events that an enterprise keeps, and the programs that are told what they find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from traceqr import asking
from traceqr.access import Right
from traceqr.asking import Controls, NameTaken
from traceqr.epcis.query import EventQuery
from traceqr.notifying import Subscribed
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.house import Absent, Denied
from traceqr.registry import named_queries, subscriptions
from traceqr.registry.database import Reader
from traceqr.registry.named_queries import NamedQuery, QuerySubscription
from traceqr.registry.subscriptions import Subscription

__all__ = ("Controls", "Listener", "NameTaken", "NamedQuery", "QueryOffice")


@dataclass(frozen=True, slots=True)
class Listener:
    """A program that is told, and how."""

    controls: QuerySubscription
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class QueryOffice(EnterpriseOffice):
    """The named queries of the identity's own enterprise."""

    def queries(self) -> Sequence[NamedQuery]:
        """All of them."""
        with self._reading() as reader:
            return named_queries.of_enterprise(reader, self.enterprise)

    def query(self, name: str) -> NamedQuery:
        """One. Raises `Absent`, as all below."""
        with self._reading() as reader:
            return self._named(reader, name)

    def asked(self, name: str) -> EventQuery:
        """What one asks."""
        return asking.query_of(self.query(name))

    def define(self, name: str, query: Mapping[str, Any]) -> NamedQuery:
        """Keep one. Raises `NameTaken`, `ActRefused` and `Refused`."""
        self.need(Right.SEE_EVENTS)
        return asking.define(self.desk, self.enterprise, name, query)

    def drop(self, name: str) -> None:
        """Remove one, and the subscriptions to it."""
        asking.drop(self.desk, self.enterprise, self.query(name).name)

    def listeners(self, name: str) -> Sequence[Listener]:
        """Who is told what one finds."""
        with self._reading() as reader:
            found = named_queries.subscriptions_of(reader, self._named(reader, name).id)
            held = [(one, subscriptions.by_id(reader, one.subscription_id)) for one in found]
        return [Listener(one, subscription) for one, subscription in held if subscription]

    def listener(self, name: str, subscription_id: str) -> Listener:
        """One of them."""
        found = [each for each in self.listeners(name) if each.subscription.id == subscription_id]
        if not found:
            raise Absent("expected the id of a subscription to the query, found none")
        return found[0]

    def subscribe(self, name: str, controls: Controls) -> Subscribed:
        """Let a program be told; the secret by which messages are signed is told once. Raises `ActRefused`."""
        if self.house.webhooks is None:
            raise Denied("expected a deployment with a seal for webhooks, it has none")
        controls = replace(controls, loopback=self.house.loopback_webhooks)
        return asking.subscribe(self.desk, self.house.webhooks, self.enterprise, self.query(name).name, controls)

    def unsubscribe(self, name: str, subscription_id: str) -> None:
        """Let it be told no more."""
        asking.unsubscribe(self.desk, self.listener(name, subscription_id).subscription.id)

    def _reading(self) -> Any:
        self.need(Right.SEE_EVENTS)
        return self.house.database.snapshot()

    def _named(self, reader: Reader, name: str) -> NamedQuery:
        found = named_queries.by_name(reader, self.enterprise, name)
        if found is None:
            raise Absent("expected the name of a query of the own enterprise, found none")
        return found
