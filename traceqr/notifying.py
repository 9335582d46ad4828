"""Notifying: who wants to be told what happens, and what there is to tell.

What happened is announced to all bodies that it concerns and that have subscribed; whoever delivers (`delivering`)
sends it. A notification names things by their ids and leads to a page behind the door: it says nothing of any person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import rfc8785

from traceqr.acting import Act, ActRefused, Desk
from traceqr.endpoint import Endpoint, InvalidEndpoint, mail_address
from traceqr.instant import HOUR_MS, Clock, to_iso
from traceqr.noting import salted
from traceqr.registry import enterprises, notifications, organisations, pacing, subscriptions
from traceqr.registry.database import Database, Transaction
from traceqr.registry.notifications import Notification
from traceqr.registry.pacing import Pace
from traceqr.registry.subscriptions import Listener, Subscription
from traceqr.webhook import WebhookSeal, new_secret

OF_CASES = ("report.filed", "case.opened", "case.late", "case.answered", "case.closed")
OF_RECALLS = ("recall.issued", "recall.reached", "recall.lifted")
OF_INSPECTIONS = ("correction.late",)
EVENTS = (*OF_CASES, "label.suspect", "batch.burst", *OF_RECALLS)
"""What an enterprise may be told."""

WATCHED = (*(event for event in EVENTS if event != "batch.burst"), *OF_INSPECTIONS)
"""What an organisation may be told of its region."""

INSPECTED = (*OF_RECALLS, *OF_INSPECTIONS)
"""Of those, what regulators have pages for."""

QUERY_FOUND = "query.found"
"""What a named query finds, sent to those alone who subscribed to it (`asking`): it is announced to nobody else."""

TEST = "test"
"""Sent when somebody tries a subscription."""

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
MAX_SUBSCRIPTIONS = 20
"""Of one body."""

GATHER_MS = 5 * 60_000
"""A mail waits so long for more of its kind."""

MAIL_PACE = Pace(2, HOUR_MS)
"""Mails of one kind to one subscription: beyond the first two, one an hour, with all that there is."""

KEPT_DAYS = 90
"""So long deliveries are kept."""

_TRIES = Pace(5, 60_000)
_AGAIN = Pace(20, 30_000)


class NotNow(ActRefused):
    """Somebody asks too often; `wait_ms` says when it may be asked again."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__(f"expected the next one in {wait_ms:,} ms or later")
        self.wait_ms = wait_ms


@dataclass(frozen=True, slots=True)
class Body:
    """Who subscribes: an enterprise or an organisation, by its id."""

    enterprise: str | None = None
    organisation: str | None = None

    @property
    def ids(self) -> tuple[str | None, str | None]:
        """As rows have them."""
        return self.enterprise, self.organisation

    @property
    def events(self) -> tuple[str, ...]:
        """What it may be told."""
        return EVENTS if self.enterprise else WATCHED


@dataclass(frozen=True, slots=True)
class Wish:
    """A subscription as it is asked for. `loopback` lets tests name this machine."""

    kind: str
    address: str
    events: Sequence[str]
    language: str = "zh-Hans"
    loopback: bool = False


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription, and its secret where it has one: it is told once."""

    subscription: Subscription
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `region` is where; organisations in charge of it are told too. `pages` are the paths
    that an enterprise and an organisation are led to. `key` tells it from another of the same name and subject.
    """

    name: str
    subject: str
    at_ms: int
    enterprise: str | None
    region: str
    pages: tuple[str, str]
    key: str = ""
    data: Mapping[str, str | int] = field(default_factory=dict)


# --- who wants to be told


def add(desk: Desk, seal: WebhookSeal, body: Body, wish: Wish) -> Subscribed:
    """Subscribe a body. Raises `ActRefused`, with the field at fault."""
    address, events = _address(wish), _events(body, wish)
    if wish.language not in LANGUAGES:
        raise ActRefused(f"expected a language of {', '.join(LANGUAGES)}, got {wish.language!r}", "language")
    with desk.act() as act:
        _require_body(act, body)
        there = subscriptions.of_body(act.tx, *body.ids)
        if len(there) >= MAX_SUBSCRIPTIONS:
            raise ActRefused(f"expected at most {MAX_SUBSCRIPTIONS} subscriptions; remove one that is not needed")
        others = [one for one in there if one.events != QUERY_FOUND]  # several queries may go to one address
        if events != [QUERY_FOUND] and any((one.kind, one.address) == (wish.kind, address) for one in others):
            raise ActRefused("expected an address that is not subscribed yet, got one that is", "address")
        secret = new_secret() if wish.kind == "webhook" else ""
        name, salt = desk.new_id(), desk.new_id()
        made = Subscription(
            name,
            *body.ids,
            wish.kind,
            address,
            salt,
            " ".join(events),
            wish.language,
            seal.seal(name, secret) if secret else None,
            act.at_ms,
            "active",
        )
        payload = {**_whose(made), "kind": made.kind, "events": made.events, "address_digest": salted(salt, address)}
        subscriptions.insert(act.tx, made, act.record("subscription.add", f"subscription:{name}", payload))
        return Subscribed(made, secret)


def remove(desk: Desk, subscription_id: str) -> None:
    """End a subscription; what waits for it is given up."""
    with desk.act() as act:
        found = _active(act, subscription_id)
        position = act.record("subscription.remove", f"subscription:{found.id}", _whose(found))
        subscriptions.remove(act.tx, found.id, position)
        notifications.give_up(act.tx, found.id, "removed")


def renew_secret(desk: Desk, seal: WebhookSeal, subscription_id: str) -> Subscribed:
    """Give a webhook another secret. What is sent from now on is signed by that one alone."""
    with desk.act() as act:
        found = _active(act, subscription_id)
        if found.kind != "webhook":
            raise ActRefused("expected a webhook, got a subscription by mail, which has no secret")
        secret = new_secret()
        payload = {**_whose(found), "address_digest": salted(found.salt, found.address)}
        position = act.record("subscription.renew_secret", f"subscription:{found.id}", payload)
        subscriptions.set_secret(act.tx, found.id, seal.seal(found.id, secret), position)
        return Subscribed(found, secret)


def _address(wish: Wish) -> str:
    try:
        if wish.kind == "mail":
            return mail_address(wish.address.strip())
        if wish.kind == "webhook":
            return Endpoint.parse(wish.address.strip(), loopback=wish.loopback).url
    except InvalidEndpoint as error:
        raise ActRefused(str(error), "address") from error
    raise ActRefused(f"expected mail or webhook, got {wish.kind!r}", "kind")


def _events(body: Body, wish: Wish) -> list[str]:
    if body.enterprise and list(wish.events) == [QUERY_FOUND]:
        return [QUERY_FOUND]
    if unknown := set(wish.events) - set(body.events):
        raise ActRefused(f"expected events among {', '.join(body.events)}, got {min(unknown)!r}", "events")
    if not wish.events:
        raise ActRefused("expected at least one event, got none", "events")
    return [event for event in body.events if event in wish.events]


def _require_body(act: Act, body: Body) -> None:
    if body.enterprise and not body.organisation and enterprises.by_id(act.tx, body.enterprise):
        return
    if body.organisation and not body.enterprise and organisations.by_id(act.tx, body.organisation):
        return
    raise ActRefused("expected the id of an enrolled enterprise, or of an organisation, got none")


def _active(act: Act, subscription_id: str) -> Subscription:
    found = subscriptions.by_id(act.tx, subscription_id)
    if found is None or found.state != "active":
        raise ActRefused(f"expected the id of a subscription that was not removed, {subscription_id!r} is none")
    return found


def _whose(one: Subscription) -> dict[str, str]:
    if one.enterprise_id:
        return {"enterprise": one.enterprise_id}
    return {"organisation": str(one.organisation_id)}


# --- what there is to tell


def announce(tx: Transaction, listeners: Iterable[Listener], event: Event, origin: str) -> int:
    """Put an event out for all bodies that want to be told of it, once however often it is announced; returns for how
    many that was new. Who subscribed after it happened is not told.
    """
    wanting: dict[tuple[str | None, str | None], list[Subscription]] = {}
    for listener in listeners:
        if _wants(listener, event):
            wanting.setdefault(listener.subscription.body, []).append(listener.subscription)
    return sum(_put_out(tx, Body(*ids), subscribed, event, origin) for ids, subscribed in wanting.items())


def _wants(listener: Listener, event: Event) -> bool:
    one = listener.subscription
    if event.name not in one.events.split() or event.at_ms < one.since_ms:
        return False
    if one.enterprise_id:
        return one.enterprise_id == event.enterprise
    return listener.region is not None and bool(event.region) and event.region.startswith(listener.region)


def _put_out(tx: Transaction, body: Body, to: Sequence[Subscription], event: Event, origin: str) -> bool:
    made = _notification(body, event, origin)
    goes_to = [(one.id, event.at_ms + GATHER_MS if one.kind == "mail" else event.at_ms) for one in to]
    return notifications.insert(tx, made, goes_to)


def _notification(body: Body, event: Event, origin: str) -> Notification:
    whose = next(one for one in body.ids if one)
    told = "\n".join(("traceqr.notification.v1", event.name, event.subject, event.key, whose))
    name = hashlib.sha256(told.encode()).hexdigest()[:32]
    page = event.pages[0] if body.enterprise else event.pages[1]
    about = {"enterprise": event.enterprise} if event.enterprise else {}
    payload: dict[str, Any] = {
        "id": name,
        "type": event.name,
        "timestamp": to_iso(event.at_ms),
        "data": {"subject": event.subject, **about, **event.data, "link": origin + page},
    }
    return Notification(name, event.name, event.subject, *body.ids, rfc8785.dumps(payload).decode("utf-8"), event.at_ms)


@dataclass(frozen=True, slots=True)
class Counter:
    """Where somebody has a notification sent: to try a subscription, or once more. Neither is an act."""

    database: Database
    clock: Clock
    new_id: Callable[[], str]
    origin: str

    def try_out(self, subscription_id: str) -> None:
        """Send a test to one subscription. Raises `ActRefused`, and `NotNow`."""
        with self.database.recording() as tx:
            found = self._active(tx, subscription_id)
            self._take(tx, f"notify:try:{_owner(found)}", _TRIES)
            pages = ("/console/notifications", _page_of_organisation(tx, found))
            now_ms = self.clock()
            event = Event(TEST, f"subscription:{found.id}", now_ms, found.enterprise_id, "", pages, self.new_id())
            made = _notification(Body(*found.body), event, self.origin)
            notifications.insert(tx, made, [(found.id, now_ms)])

    def again(self, subscription_id: str, notification_id: str) -> None:
        """Begin a delivery anew. Raises `ActRefused`, and `NotNow`."""
        with self.database.recording() as tx:
            found = self._active(tx, subscription_id)
            self._take(tx, f"notify:again:{_owner(found)}", _AGAIN)
            if not notifications.again(tx, found.id, notification_id, self.clock()):
                raise ActRefused("expected a delivery of the last days, found none")

    def _active(self, tx: Transaction, subscription_id: str) -> Subscription:
        found = subscriptions.by_id(tx, subscription_id)
        if found is None or found.state != "active":
            raise ActRefused(f"expected the id of a subscription that was not removed, {subscription_id!r} is none")
        return found

    def _take(self, tx: Transaction, name: str, pace: Pace) -> None:
        if wait := pacing.take(tx, name, pace, self.clock()):
            raise NotNow(wait)


def _page_of_organisation(tx: Transaction, one: Subscription) -> str:
    owner = organisations.by_id(tx, one.organisation_id) if one.organisation_id else None
    return f"/{'inspections' if owner and owner.kind == 'regulator' else 'association'}/notifications"


def _owner(one: Subscription) -> str:
    return str(one.enterprise_id or one.organisation_id)
