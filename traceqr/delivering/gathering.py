"""Gathering: what has happened since it was last looked, announced to those who want to be told.

It is read where it is written down anyway: acts on the ledger by their position, suspect labels and enterprises that
recalls of others reach by a column that says whether they were announced, bursts by the days' counts. Each place is
left behind in the transaction that announces what was found there. So a process that is killed in between announces
nothing twice and misses nothing, and those who act or scan have nothing more to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from traceqr.delivering import occurrences
from traceqr.delivering.questions import Questions
from traceqr.instant import HOUR_MS, Clock, day_number, numbered_day
from traceqr.notifying import Event, announce
from traceqr.registry import case_texts, cases, happenings, inspection_search, ledger, meta, recall_reach, subscriptions
from traceqr.registry.database import Database, Transaction
from traceqr.registry.subscriptions import Listener
from traceqr.suspicion.bursts import BASE_DAYS, LEAST, bursts

POSITIONS, LABELS, CASES = 2_000, 200, 200
"""Of the ledger, of suspect labels, and of what happens to cases and inspections, so many at once: others wait no
longer for theirs than for a scan.
"""

LOOK_BACK_MS = 5 * 60_000
"""What people report is looked for so far back: a node's clock may lag, and its transaction end after another's."""

MOST_ROUNDS = 50
"""Then deliveries are seen to first."""


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Announces what has happened. `origin` is what links begin with."""

    database: Database
    clock: Clock
    timezone: ZoneInfo
    origin: str

    def gather(self) -> int:
        """Announce all that is new; returns how many notifications there are of it."""
        steps = (self._acts, self._reached, self._suspects, self._late, self._uncorrected, self._bursts)
        made = sum(self._all(step) for step in steps) + self._reported()
        return made + Questions(self.database, self.clock, self.timezone).ask()

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
            found = happenings.deeds(tx, first, last, list(occurrences.OF_ACTS))
            events = (event for deed in found for event in occurrences.of_deed(deed, tx))
            made = sum(announce(tx, listeners, event, self.origin) for event in events)
        if str(last + 1) != known:
            meta.write(tx, meta.NOTIFIED_POSITION, str(last + 1))
        return made, last + 1 < head

    def _reached(self, tx: Transaction, listeners: Sequence[Listener]) -> tuple[int, bool]:
        """Enterprises whose labels the recall of another has come to reach."""
        found = recall_reach.unannounced(tx, CASES)
        events = [occurrences.of_affected(one) for one in found if one.is_open and one.labels]
        made = sum(announce(tx, listeners, event, self.origin) for event in events)
        recall_reach.announced(tx, found, self.clock())
        return made, len(found) == CASES

    def _suspects(self, tx: Transaction, listeners: Sequence[Listener]) -> tuple[int, bool]:
        found = happenings.unannounced(tx, LABELS)
        made = sum(announce(tx, listeners, occurrences.of_label(one), self.origin) for one in found)
        happenings.announced(tx, found, self.clock())
        return made, len(found) == LABELS

    def _reported(self) -> int:
        """What people reported. The same is found again for some minutes, and announced once."""
        now_ms = self.clock()
        with self.database.snapshot() as reader:
            begin_ms = min(int(meta.read(reader, meta.NOTIFIED_CASES_MS) or now_ms), now_ms)
        place, made = (begin_ms - LOOK_BACK_MS, ""), 0
        for _ in range(MOST_ROUNDS):
            with self.database.recording() as tx:
                listeners = subscriptions.listeners(tx)
                found = case_texts.events_after(tx, *place, CASES) if listeners else []
                events = [event for one in found for event in occurrences.of_case_event(one, tx)]
                made += sum(announce(tx, listeners, event, self.origin) for event in events)
                reached = now_ms if len(found) < CASES else min(max(begin_ms, found[-1].at_ms), now_ms)
                meta.write(tx, meta.NOTIFIED_CASES_MS, str(reached))
            if len(found) < CASES:
                break
            place = (found[-1].at_ms, found[-1].id)
        return made

    def _late(self, tx: Transaction, listeners: Sequence[Listener]) -> tuple[int, bool]:
        """Cases whose answer has come to be due since it was last looked."""
        now_ms, known = self.clock(), meta.read(tx, meta.NOTIFIED_LATE_MS)
        after_ms = min(int(known), now_ms) if known else now_ms
        found = cases.late_since(tx, after_ms, now_ms, CASES) if listeners else []
        made = sum(announce(tx, listeners, occurrences.of_late(case), self.origin) for case in found)
        more = len(found) == CASES
        meta.write(tx, meta.NOTIFIED_LATE_MS, str(found[-1].due_ms if more else now_ms))
        return made, more

    def _uncorrected(self, tx: Transaction, listeners: Sequence[Listener]) -> tuple[int, bool]:
        """Corrections that have come to be overdue since it was last looked. Many are due when the same day ends, so
        the place to go on from names an inspection too.
        """
        now_ms, known = self.clock(), meta.read(tx, meta.NOTIFIED_CORRECTIONS)
        due, _, name = (known or str(now_ms)).partition(" ")
        found = inspection_search.late_after(tx, (min(int(due), now_ms), name), now_ms, CASES) if listeners else []
        made = sum(announce(tx, listeners, occurrences.of_correction(late), self.origin) for late in found)
        more = len(found) == CASES
        meta.write(tx, meta.NOTIFIED_CORRECTIONS, f"{found[-1].due_ms} {found[-1].id}" if more else str(now_ms))
        return made, more

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
