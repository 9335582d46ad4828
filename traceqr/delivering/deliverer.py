"""The deliverer: one round finds out what is new, and tries all that is due.

Invariants:

- One process at a time delivers, by a lease in the registry. Each attempt is counted, and the next one set, in a
  transaction before it is made, which also asks for the lease anew: a process that lost it sends nothing more, and two
  that both believe they have it never make the same attempt.
- A process that is killed after sending and before writing that down sends the same again later, under the same id.
  So everything arrives at least once, and receivers drop what they have had.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from traceqr.delivering.courier import Courier
from traceqr.delivering.gathering import Gatherer
from traceqr.delivering.outcome import Outcome
from traceqr.delivering.postman import Mail, Postman
from traceqr.delivering.schedule import ATTEMPTS, LONGEST_MS, Draw, wait_ms
from traceqr.endpoint import Endpoint, InvalidEndpoint
from traceqr.instant import DAY_MS
from traceqr.notifying import KEPT_DAYS, MAIL_PACE, TEST
from traceqr.registry import leases, meta, notifications, pacing, subscriptions
from traceqr.registry.database import Transaction
from traceqr.registry.notifications import Waiting
from traceqr.registry.subscriptions import Subscription
from traceqr.webhook import SecretUnreadable, WebhookSeal, headers

AT_ONCE = 8
"""Receivers that are called at the same time: one that is slow holds up no other."""

RECEIVERS, CALLS, IN_A_MAIL = 200, 20, 200
"""In one round: receivers, calls to one of them, and notifications of one mail."""

PRUNED = 500

Write = Callable[[str, Sequence[Waiting]], tuple[str, str]]
"""Subject and text of a mail in a language, about notifications of one event."""


class _LostLease(Exception):
    """Somebody else delivers now."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did: `had` says whether it was this process's turn."""

    had: bool
    announced: int = 0
    delivered: int = 0
    failed: int = 0
    forgotten: int = 0


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Delivers for one registry. `holder` is a name of this process that no other has."""

    gatherer: Gatherer
    courier: Courier
    postman: Postman
    seal: WebhookSeal = field(repr=False)
    write: Write
    draw: Draw
    holder: str

    def round(self) -> Round:
        """One round, of bounded work."""
        with self.gatherer.database.recording() as tx:
            if not leases.hold(tx, meta.DELIVERER, self.holder, self._now()):
                return Round(had=False)
        announced = self.gatherer.gather()
        ended = self._deliver()
        delivered = sum(outcome.fault == "" for outcome in ended)
        return Round(True, announced, delivered, len(ended) - delivered, self._forget())

    def stop(self) -> None:
        """Let others deliver at once."""
        with self.gatherer.database.recording() as tx:
            leases.give_back(tx, meta.DELIVERER, self.holder)

    def _now(self) -> int:
        return self.gatherer.clock()

    def _deliver(self) -> list[Outcome]:
        now_ms = self._now()
        with self.gatherer.database.snapshot() as reader:
            names = notifications.due(reader, now_ms, now_ms + LONGEST_MS, RECEIVERS)
            found = [one for name in names if (one := subscriptions.by_id(reader, name)) and one.state == "active"]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return [outcome for ended in pool.map(self._deliver_to, found) for outcome in ended]

    def _deliver_to(self, one: Subscription) -> list[Outcome]:
        """What is due for one receiver. After a fault the rest waits for the next round."""
        ended: list[Outcome] = []
        try:
            for send in self._mails(one) if one.kind == "mail" else self._calls(one):
                if outcome := send():
                    ended.append(outcome)
                    if outcome.fault:
                        break
        except _LostLease:
            pass
        return ended

    # --- webhooks

    def _calls(self, one: Subscription) -> list[Callable[[], Outcome | None]]:
        return [self._bound(self._call, one, waiting) for waiting in self._due(one, CALLS)]

    def _call(self, one: Subscription, waiting: Waiting) -> Outcome | None:
        if not self._claim([waiting]):
            return None
        return self._ended([waiting], self._called(one, waiting))

    def _called(self, one: Subscription, waiting: Waiting) -> Outcome:
        try:
            endpoint = Endpoint.parse(one.address, loopback=self.courier.loopback)
            secret = self.seal.open(one.id, one.secret or "")
        except InvalidEndpoint:
            return Outcome("endpoint")
        except SecretUnreadable:
            return Outcome("secret")
        body = waiting.payload.encode("utf-8")
        return self.courier.send(endpoint, headers(secret, waiting.notification_id, self._now() // 1000, body), body)

    # --- mail

    def _mails(self, one: Subscription) -> list[Callable[[], Outcome | None]]:
        """A mail for each event of which something is due; all that is new of it goes along."""
        due = sorted(self._due(one, IN_A_MAIL), key=attrgetter("event"))
        return [self._bound(self._mail, one, list(group)) for _, group in groupby(due, key=attrgetter("event"))]

    def _mail(self, one: Subscription, due: Sequence[Waiting]) -> Outcome | None:
        event = due[0].event
        with self.gatherer.database.snapshot() as reader:
            fresh = notifications.fresh_of(reader, one.id, event, IN_A_MAIL)
        together = {waiting.notification_id: waiting for waiting in (*due, *fresh)}
        pace = f"mail:{one.id}:{event}" if event != TEST else ""
        claimed = self._claim(list(together.values())[:IN_A_MAIL], pace)
        if not claimed:
            return None
        subject, text = self.write(one.language, claimed)
        name = f"{claimed[0].notification_id}.{len(claimed)}"
        mail = Mail(name, one.address, subject, text, one.language, self._now())
        return self._ended(claimed, self.postman.send(mail), pace)

    # --- what is written down

    def _due(self, one: Subscription, most: int) -> list[Waiting]:
        now_ms = self._now()
        with self.gatherer.database.snapshot() as reader:
            return notifications.due_of(reader, one.id, now_ms, now_ms + LONGEST_MS, most)

    def _claim(self, wanted: Sequence[Waiting], pace: str = "") -> list[Waiting]:
        """Count an attempt of each, before it is made; returns those that are ours to make, none while their pace is
        used up. Raises `_LostLease`.
        """
        with self.gatherer.database.recording() as tx:
            now_ms = self._now()
            if not leases.hold(tx, meta.DELIVERER, self.holder, now_ms):
                raise _LostLease
            spent = [waiting for waiting in wanted if waiting.attempts >= ATTEMPTS]
            for waiting in spent:  # the last attempt was begun, and nobody wrote down how it ended
                notifications.ended(tx, waiting, "given_up", "interrupted", None, now_ms)
            if pace and pacing.wait_ms(tx, pace, MAIL_PACE, now_ms):
                return []
            return [waiting for waiting in wanted if waiting not in spent and self._begun(tx, waiting, now_ms)]

    def _begun(self, tx: Transaction, waiting: Waiting, now_ms: int) -> bool:
        return notifications.claim(tx, waiting, now_ms + wait_ms(waiting.attempts + 1, self.draw))

    def _ended(self, claimed: Sequence[Waiting], outcome: Outcome, pace: str = "") -> Outcome:
        with self.gatherer.database.recording() as tx:
            if pace and not outcome.fault:
                pacing.take(tx, pace, MAIL_PACE, self._now())
            for waiting in claimed:
                notifications.ended(tx, waiting, _state(waiting, outcome), outcome.fault, outcome.status, self._now())
        return outcome

    def _forget(self) -> int:
        """Take out what is old, some at a time."""
        before_ms = self._now() - KEPT_DAYS * DAY_MS
        with self.gatherer.database.snapshot() as reader:
            old = notifications.old(reader, before_ms, PRUNED)
        if old:
            with self.gatherer.database.recording() as tx:
                notifications.forget(tx, old)
        return len(old)

    @staticmethod
    def _bound(send: Callable[..., Outcome | None], *given: object) -> Callable[[], Outcome | None]:
        return lambda: send(*given)


def _state(waiting: Waiting, outcome: Outcome) -> str:
    if not outcome.fault:
        return "delivered"
    return "given_up" if waiting.attempts + 1 >= ATTEMPTS else "waiting"
