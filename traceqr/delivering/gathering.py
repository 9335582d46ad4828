"""Gathering: what has happened since it was last looked, announced to those who want to be told.

It is read where it is written down anyway: acts on the ledger by their position, suspect labels by a column that says
whether they were announced, bursts by the days' counts. Each place is left behind in the transaction that announces
what was found there. So a process that is killed in between announces nothing twice and misses nothing, and those who
act or scan have nothing more to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from traceqr.instant import HOUR_MS, Clock, day_number, numbered_day
from traceqr.notifying import Event, announce
from traceqr.registry import happenings, ledger, meta, subscriptions
from traceqr.registry.database import Database, Transaction
from traceqr.registry.happenings import Deed, Found
from traceqr.registry.subscriptions import Listener
from traceqr.suspicion.bursts import BASE_DAYS, LEAST, bursts

POSITIONS, LABELS = 2_000, 500
"""Of the ledger, and of suspect labels, so many at once: others wait no longer for theirs than for a scan."""

MOST_ROUNDS = 50
"""Then deliveries are seen to first."""

_RECALLS = {
    "batch.recall": "recall.issued",
    "product.recall": "recall.issued",
    "lot.recall": "recall.issued",
    "recall.lift": "recall.lifted",
}


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Announces what has happened. `origin` is what links begin with."""

    database: Database
    clock: Clock
    timezone: ZoneInfo
    origin: str

    def gather(self) -> int:
        """Announce all that is new; returns how many notifications there are of it."""
        return sum(self._all(step) for step in (self._acts, self._suspects, self._bursts))

    def _all(self, step: Callable[[Transaction, Sequence[Listener]], tuple[int, bool]]) -> int:
        made = 0
        for _ in range(MOST_ROUNDS):
            with self.database.recording() as tx:
                more_made, more = step(tx, subscriptions.listeners(tx))
            made += more_made
            if not more:
                break
        return made

    def _acts(self, tx: Transaction, listeners: Sequence[Listener]) -> tuple[int, bool]:
        head, known = ledger.next_position(tx), meta.read(tx, meta.NOTIFIED_POSITION)
        # What was before anybody subscribed needs no look.
        first = int(known or 0) if listeners else head
        last = min(first + POSITIONS, head) - 1
        made = 0
        if last >= first:
            found = happenings.deeds(tx, first, last, list(_RECALLS))
            made = sum(announce(tx, listeners, _of_recall(deed), self.origin) for deed in found)
        if str(last + 1) != known:
            meta.write(tx, meta.NOTIFIED_POSITION, str(last + 1))
        return made, last + 1 < head

    def _suspects(self, tx: Transaction, listeners: Sequence[Listener]) -> tuple[int, bool]:
        found = happenings.unannounced(tx, LABELS)
        made = sum(announce(tx, listeners, _of_label(one), self.origin) for one in found)
        happenings.announced(tx, found, self.clock())
        return made, len(found) == LABELS

    def _bursts(self, tx: Transaction, listeners: Sequence[Listener]) -> tuple[int, bool]:
        """Once an hour, of the day that has begun and the one before it, for those who want to be told."""
        now_ms, looked = self.clock(), meta.read(tx, meta.NOTIFIED_BURSTS_MS)
        if looked is not None and int(looked) <= now_ms < int(looked) + HOUR_MS:
            return 0, False
        meta.write(tx, meta.NOTIFIED_BURSTS_MS, str(now_ms))
        today = day_number(now_ms, self.timezone)
        wanting = {
            one.subscription.enterprise_id for one in listeners if "batch.burst" in one.subscription.events.split()
        }
        found = [
            event
            for enterprise in sorted(filter(None, wanting))
            for day in (today - 1, today)
            for batch in happenings.busy_batches(tx, enterprise, day, LEAST)
            if (event := self._burst(tx, enterprise, batch, day))
        ]
        return sum(announce(tx, listeners, event, self.origin) for event in found), False

    def _burst(self, tx: Transaction, enterprise: str, batch: int, day: int) -> Event | None:
        if not bursts(happenings.scans_by_day(tx, batch, day - BASE_DAYS, day), day, day):
            return None
        on, page = numbered_day(day).isoformat(), f"/console/batches/{batch}"
        data: dict[str, str | int] = {"batch": batch, "day": on}
        return Event("batch.burst", f"batch:{batch}", self.clock(), enterprise, "", (page, page), on, data)


def _of_recall(deed: Deed) -> Event:
    """A recall as issued, and as lifted, is told of with the notice that it made."""
    notice = str(deed.payload.get("notice") or deed.subject.partition(":")[2])
    noun, _, identity = deed.subject.partition(":")
    over: dict[str, str | int] = {}
    if noun == "batch":
        over = {"batch": int(identity)}
    elif noun == "product":
        over = {"gtin": identity}
    return Event(
        _RECALLS[deed.act],
        f"recall:{notice}",
        deed.at_ms,
        deed.enterprise_id,
        deed.region,
        (f"/recalls/{notice}", f"/recalls/{notice}"),
        str(deed.position),
        {"recall": notice, **over},
    )


def _of_label(one: Found) -> Event:
    return Event(
        "label.suspect",
        f"label:{one.batch}.{one.label_index}",
        max(one.since_ms, one.last_ms),
        one.enterprise_id,
        one.region,
        (f"/console/batches/{one.batch}", "/association/"),
        str(one.since_ms),
        {"batch": one.batch, "label": one.label_index, "gtin": one.gtin},
    )
