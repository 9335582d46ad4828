"""What an enterprise, an association or a regulator lets be told, to whom, and whether it arrives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from traceqr import notifying
from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.instant import DAY_MS
from traceqr.notifying import Body, Counter, Subscribed, Wish
from traceqr.office.house import Absent, Denied, Office
from traceqr.registry import notifications, subscriptions
from traceqr.registry.database import Row
from traceqr.registry.notifications import Place
from traceqr.registry.subscriptions import Subscription

__all__ = ("MAX_SUBSCRIPTIONS", "SHOWN_DAYS", "Deliveries", "NotificationOffice", "Subscribed")

MAX_SUBSCRIPTIONS = notifying.MAX_SUBSCRIPTIONS
PAGE, SHOWN_DAYS = 50, 30

_PLACE = re.compile("([0-9]{1,18})-([0-9a-f]{32})-([0-9a-f]{1,64})")


@dataclass(frozen=True, slots=True)
class Deliveries:
    """A page of them, and after which one the next page begins, empty at the end."""

    rows: Sequence[Row]
    after: str


@dataclass(frozen=True, slots=True)
class NotificationOffice(Office):
    """The notifications of the identity's own body."""

    @property
    def body(self) -> Body:
        """The own body. Raises `Denied` for an identity of none."""
        if self.identity.enterprise is None and self.identity.organisation is None:
            raise Denied("expected an identity of an enterprise or an organisation, got one of none")
        return Body(self.identity.enterprise, self.identity.organisation)

    @property
    def events(self) -> Sequence[str]:
        """What the own body may be told, as far as it has pages for it."""
        return notifying.INSPECTED if self.identity.may(Right.INSPECT) else self.body.events

    def subscriptions(self) -> Sequence[Subscription]:
        """Whom it lets be told."""
        self.need(Right.NOTIFY)
        with self.house.database.snapshot() as reader:
            return subscriptions.of_body(reader, *self.body.ids)

    def subscribe(self, kind: str, address: str, events: Sequence[str], language: str) -> Subscribed:
        """Let somebody be told; a webhook's secret is shown once. Raises `ActRefused`."""
        self.need(Right.NOTIFY)
        if self.house.webhooks is None:
            raise Denied("expected a deployment with a seal for webhooks, it has none")
        if unknown := set(events) - set(self.events):
            raise ActRefused(f"expected events among {', '.join(self.events)}, got {min(unknown)!r}", "events")
        wish = Wish(kind, address, events, language, self.house.loopback_webhooks)
        return notifying.add(self.desk, self.house.webhooks, self.body, wish)

    def remove(self, subscription_id: str) -> None:
        """Let him be told no more. Raises `Absent`, as all below."""
        notifying.remove(self.desk, self._own(subscription_id).id)

    def renew_secret(self, subscription_id: str) -> Subscribed:
        """Give a webhook another secret, which is shown once."""
        found = self._own(subscription_id)
        if found.kind != "webhook" or self.house.webhooks is None:
            raise Absent("expected a webhook of the own body, found none")
        return notifying.renew_secret(self.desk, self.house.webhooks, found.id)

    def try_out(self, subscription_id: str) -> None:
        """Send a test. Raises `ActRefused` where that is asked for too often."""
        self._counter.try_out(self._own(subscription_id).id)

    def again(self, subscription_id: str, notification_id: str) -> None:
        """Send something once more. Raises `ActRefused` too."""
        self._counter.again(self._own(subscription_id).id, notification_id)

    def deliveries(self, after: str = "") -> Deliveries:
        """What was sent in the last days, the latest first."""
        self.need(Right.NOTIFY)
        found = _PLACE.fullmatch(after)
        place = Place(int(found[1]), found[2], found[3]) if found else None
        from_ms = self.house.clock() - SHOWN_DAYS * DAY_MS
        with self.house.database.snapshot() as reader:
            rows = notifications.page(reader, self.body.ids, from_ms, PAGE + 1, place)
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        return Deliveries(
            rows[:PAGE], f"{last['at_ms']}-{last['notification_id']}-{last['subscription_id']}" if last else ""
        )

    @property
    def _counter(self) -> Counter:
        return Counter(self.house.database, self.house.clock, self.house.new_id, str(self.house.origin.lower()))

    def _own(self, subscription_id: str) -> Subscription:
        self.need(Right.NOTIFY)
        with self.house.database.snapshot() as reader:
            found = subscriptions.by_id(reader, subscription_id)
        if found is None or found.state != "active" or found.body != self.body.ids:
            raise Absent("expected a subscription of the own body, found none")
        return found
