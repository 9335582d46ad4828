"""Questions that are asked again and again: what named queries find anew goes to those who subscribed to them.

What was found is put out in the transaction that moves the mark behind it: so a process that is killed in between sends
nothing twice and misses nothing. An event is behind the mark or not by its number, whenever it happened.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from traceqr import asking
from traceqr.chain import seeking
from traceqr.chain.seeking import Mark, Page
from traceqr.epcis import writing
from traceqr.epcis.problem import Refused
from traceqr.epcis.query import EventQuery, OrderBy
from traceqr.epcis.schedule import Schedule
from traceqr.instant import HOUR_MS, Clock
from traceqr.notifying import QUERY_FOUND
from traceqr.registry import named_queries, notifications
from traceqr.registry.database import Database, Reader
from traceqr.registry.named_queries import NamedQuery, QuerySubscription
from traceqr.registry.notifications import Notification

AT_ONCE = 50
"""Subscriptions whose queries are asked in one round."""

EVENTS = 100
"""Of one message."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks what is due."""

    database: Database
    clock: Clock
    timezone: ZoneInfo

    def ask(self) -> int:
        """Put out what was found; returns how many messages."""
        now_ms = self.clock()
        with self.database.snapshot() as reader:
            due = named_queries.due(reader, now_ms, AT_ONCE)
        return sum(self._asked(one, now_ms) for one in due)

    def _asked(self, one: QuerySubscription, now_ms: int) -> bool:
        with self.database.snapshot() as reader:
            query = named_queries.by_id(reader, one.query_id)
            assert query is not None  # the subscription refers to it
            mark = asking.read_mark(one.mark)
            begins = mark.key is None
            mark = seeking.since(reader, mark) if begins else mark
            page = _page(reader, query, one, mark)
        if page is None:
            return self._go_on(one, now_ms + HOUR_MS, mark=None)
        if page.next:
            return self._go_on(one, one.next_ms, page.next, self._told(query, one, page, now_ms))
        done = Mark(None, mark.last_number, mark.last_position)
        told = page.events or (one.report_if_empty and begins)
        if one.schedule == "" and not page.events and begins:
            return False  # it is asked again in the next round, from the same mark on
        message = self._told(query, one, page, now_ms) if told else None
        return self._go_on(one, self._next(one, now_ms), done, message)

    def _next(self, one: QuerySubscription, now_ms: int) -> int:
        schedule = Schedule.read(json.loads(one.schedule)) if one.schedule else None
        return asking.next_ms(schedule, now_ms, self.timezone)

    def _go_on(
        self, one: QuerySubscription, next_ms: int, mark: Mark | None, message: Notification | None = None
    ) -> bool:
        with self.database.recording() as tx:
            kept = asking.spelled(mark) if mark else one.mark
            if not named_queries.go_on(tx, one, next_ms, kept):
                return False
            return message is not None and notifications.insert(tx, message, [(one.subscription_id, message.at_ms)])

    def _told(self, query: NamedQuery, one: QuerySubscription, page: Page, now_ms: int) -> Notification:
        text = writing.query_document(page.events, now_ms, query_name=query.name, subscription=one.subscription_id)
        about = f"traceqr.query.v1\n{one.subscription_id}\n{one.mark}\n{one.next_ms}"
        name = hashlib.sha256(about.encode()).hexdigest()[:32]
        subject = f"query:{query.name}"
        return Notification(name, QUERY_FOUND, subject, query.enterprise_id, None, "".join(text), now_ms)


def _page(reader: Reader, query: NamedQuery, one: QuerySubscription, mark: Mark) -> Page | None:
    """What a query finds; None where it is too much to be asked."""
    try:
        return seeking.search(reader, query.enterprise_id, _in_order_of_record(query, one), mark)
    except Refused:
        return None


def _in_order_of_record(query: NamedQuery, one: QuerySubscription) -> EventQuery:
    asked = asking.query_of(query)
    bounds = [each for each in (asked.recorded_since_ms, one.initial_ms) if each is not None]
    return replace(
        asked,
        recorded_since_ms=max(bounds, default=None),
        order_by=OrderBy.RECORD_TIME,
        descending=False,
        count_limit=None,
        most=None,
        per_page=EVENTS,
        page_token="",
    )
