"""Asking: questions for events that an enterprise keeps under a name, and programs that are told what they find."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from traceqr import notifying
from traceqr.acting import Act, ActRefused, Desk
from traceqr.chain import seeking
from traceqr.chain.seeking import Mark
from traceqr.epcis.query import EventQuery, from_json
from traceqr.epcis.schedule import Schedule
from traceqr.notifying import QUERY_FOUND, Body, Subscribed, Wish
from traceqr.registry import named_queries
from traceqr.registry.database import Reader
from traceqr.registry.named_queries import NamedQuery, QuerySubscription
from traceqr.webhook import WebhookSeal

MAX_QUERIES = 100
"""Of one enterprise."""

MAX_QUERY = 20_000
"""Characters of one."""

_NAME = re.compile("[A-Za-z0-9_.-]{1,64}")
_RESERVED = ("SimpleEventQuery",)


class NameTaken(ActRefused):
    """The enterprise has a query of that name."""


@dataclass(frozen=True, slots=True)
class Controls:
    """How a query is subscribed to: where what it finds goes, when it is asked (as it comes where `schedule` is None),
    and from when on. `loopback` lets tests name this machine.
    """

    address: str
    schedule: Mapping[str, str] | None = None
    report_if_empty: bool = False
    initial_ms: int | None = None
    loopback: bool = False


def define(desk: Desk, enterprise_id: str, name: str, query: Mapping[str, Any]) -> NamedQuery:
    """Keep a question under a name. Raises `Refused` for one that cannot be asked, and `ActRefused`."""
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise ActRefused(f"expected a name of 1 to 64 letters, digits, or . _ -, got {name[:80]!r}", "name")
    from_json(query)
    text = json.dumps(query, ensure_ascii=False, separators=(",", ":"))
    if len(text) > MAX_QUERY:
        raise ActRefused(f"expected a query of at most {MAX_QUERY:,} characters, got {len(text):,}", "query")
    with desk.act() as act:
        if named_queries.by_name(act.tx, enterprise_id, name):
            raise NameTaken(f"expected a name that no query has, {name!r} is one's", "name")
        if len(named_queries.of_enterprise(act.tx, enterprise_id)) >= MAX_QUERIES:
            raise ActRefused(f"expected at most {MAX_QUERIES} queries; remove one that is not needed")
        made = NamedQuery(desk.new_id(), enterprise_id, name, text, "active")
        payload = {"enterprise": enterprise_id, "name": name, "query": text}
        named_queries.insert(act.tx, made, act.record("query.define", f"query:{made.id}", payload))
        return made


def drop(desk: Desk, enterprise_id: str, name: str) -> None:
    """Remove a query, and the subscriptions to it."""
    with desk.together() as (joined, tx):
        found = named_queries.by_name(tx, enterprise_id, name)
        if found is None:
            raise ActRefused("expected the name of a query, it is none", "name")
        for one in named_queries.subscriptions_of(tx, found.id):
            notifying.remove(joined, one.subscription_id)
        with joined.act() as act:
            position = act.record("query.drop", f"query:{found.id}", {"enterprise": enterprise_id})
            named_queries.remove(act.tx, found.id, position)


def subscribe(desk: Desk, seal: WebhookSeal, enterprise_id: str, name: str, controls: Controls) -> Subscribed:
    """Let a program be told what a query finds from now on, or from an instant on. Raises `Refused` for a schedule that
    is none, and `ActRefused`.
    """
    schedule = Schedule.read(controls.schedule) if controls.schedule is not None else None
    with desk.together() as (joined, tx):
        query = named_queries.by_name(tx, enterprise_id, name)
        if query is None:
            raise ActRefused("expected the name of a query, it is none", "name")
        mark = first_mark(tx, controls.initial_ms)
        wish = Wish("webhook", controls.address, [QUERY_FOUND], loopback=controls.loopback)
        made = notifying.add(joined, seal, Body(enterprise_id), wish)
        with joined.act() as act:
            _keep(act, query, made.subscription.id, controls, mark, next_ms(schedule, act.at_ms, desk.timezone))
        return made


def unsubscribe(desk: Desk, subscription_id: str) -> None:
    """Let a program be told no more; what waits for it is given up."""
    notifying.remove(desk, subscription_id)


def _keep(act: Act, query: NamedQuery, subscription_id: str, controls: Controls, mark: Mark, at_ms: int) -> None:
    schedule = json.dumps(controls.schedule, sort_keys=True) if controls.schedule is not None else ""
    kept = {
        "query_id": query.id,
        "schedule": schedule,
        "report_if_empty": int(controls.report_if_empty),
        "initial_ms": controls.initial_ms,
    }
    payload = {"enterprise": query.enterprise_id, **kept}
    position = act.record("query.subscribe", f"query_subscription:{subscription_id}", payload)
    one = QuerySubscription(
        subscription_id,
        query.id,
        schedule,
        controls.report_if_empty,
        controls.initial_ms,
        at_ms,
        spelled(mark),
    )
    named_queries.subscribe(act.tx, one, position)


def query_of(query: NamedQuery) -> EventQuery:
    """What a kept query asks."""
    return from_json(json.loads(query.query))


def first_mark(reader: Reader, initial_ms: int | None) -> Mark:
    """Where a new subscription begins: at what comes from now on, or before all that was recorded."""
    mark = seeking.here(reader)
    return mark if initial_ms is None else Mark(None, 0, -1)


def next_ms(schedule: Schedule | None, now_ms: int, zone: ZoneInfo) -> int:
    """When a query is asked next."""
    found = schedule.after(now_ms, zone) if schedule else now_ms
    return now_ms if found is None else found


def spelled(mark: Mark) -> str:
    """A mark as its column has it."""
    first = [mark.first_number, mark.first_position, mark.first_ms]
    return json.dumps([mark.key, mark.last_number, mark.last_position, *first])


def read_mark(text: str) -> Mark:
    """From its column."""
    key, last_number, last_position, *first = json.loads(text)
    return Mark(tuple(key) if key else None, last_number, last_position, None, *first)
