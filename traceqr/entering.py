"""Entering a hidden code: from what somebody typed to an outcome, and the purchase that a right code confirms.

Whether a code is right is told by the guard alone, a process of its own. What people mistype is told by the check
digits here, without asking it, and costs nothing. A guard or a registry that cannot be reached says nothing about a
code, neither good nor bad.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.evidence import Purchase
from traceqr.grouping import THREADS, Crew
from traceqr.instant import Clock
from traceqr.label.hidden import HiddenCode, InvalidHiddenCode, MistypedHiddenCode
from traceqr.label.serial import Serial
from traceqr.observing import SILENT, Observer, kind_of
from traceqr.registry import dossiers, purchases
from traceqr.registry.database import Database, RegistryConflict
from traceqr.registry.purchases import RightEntry
from traceqr.verdict import Life

T = TypeVar("T")

MAX_TYPED = 64
"""Characters of what is typed that are looked at: a code has 14 with its hyphens."""

_BETWEEN = frozenset(" -\t\u00ad\u200b\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u3000\ufe63\uff0d")
"""What people and keyboards put between groups of digits, and what nobody sees."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A well-formed code that a device entered for a label. `device` is an HMAC in hex; `network` a pseudonym of where
    it came from, in hex, or empty.
    """

    serial: Serial
    code: HiddenCode
    device: str
    network: str = ""


class Judged(enum.Enum):
    """What the guard says of an entry."""

    RIGHT = enum.auto()
    WRONG = enum.auto()
    WAIT = enum.auto()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The guard's answer. `wait_s` is in how many seconds the device may enter another code; `others` says that it must
    wait because of wrong entries by others, and not by its own.
    """

    judged: Judged
    wait_s: int = 0
    others: bool = False

    @classmethod
    def right(cls) -> Judgement:
        """The code is that of the label."""
        return cls(Judged.RIGHT)

    @classmethod
    def wrong(cls, wait_s: int) -> Judgement:
        """It is not."""
        return cls(Judged.WRONG, wait_s)

    @classmethod
    def wait(cls, wait_s: int, *, others: bool) -> Judgement:
        """It was not looked at."""
        return cls(Judged.WAIT, wait_s, others)


class GuardAway(TraceqrError):
    """The guard cannot be reached, or cannot answer now."""


class Guard(Protocol):
    """The way to the guard."""

    def ask(self, entry: Entry) -> Judgement:
        """Whether the code of an entry is right. Raises `GuardAway`."""


class Outcome(enum.StrEnum):
    """What comes of an entry."""

    CONFIRMED = "confirmed"
    """The first right entry: the purchase is confirmed."""

    CONFIRMED_AGAIN = "confirmed-again"
    """The device that confirmed it looks again."""

    ALREADY_CONFIRMED = "already-confirmed"
    """The code is right, and another device has entered it before."""

    WRONG = "wrong"
    WAIT = "wait"
    MISTYPED = "mistyped"
    """12 digits of which the last two do not fit the others."""

    MALFORMED = "malformed"
    """Not 12 digits."""

    UNAVAILABLE = "not-available"
    """It could not be found out."""


@dataclass(frozen=True, slots=True)
class Entered:
    """The answer. `purchase` is there after a right entry; `wait_s` and `others` are as of `Judgement`."""

    outcome: Outcome
    at_ms: int
    purchase: Purchase | None = None
    wait_s: int = 0
    others: bool = False


class Entries:
    """Takes entries. Holds no root and no code; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        guard: Guard | None,
        clock: Clock,
        *,
        observer: Observer = SILENT,
        crew: Crew = THREADS,
    ) -> None:
        self._database = database
        self._guard = guard
        self._clock = clock
        self._observer = observer
        self._crew = crew

    @property
    def open(self) -> bool:
        """Whether there is a guard to ask."""
        return self._guard is not None

    def enter(self, typed: str, serial: Serial, device: str, network: str = "", place: str = "") -> Entered:
        """What comes of a code that somebody typed for a label that he has scanned. Never raises."""
        entered = self._entered(typed, serial, device, network, place)
        self._observer.entered(entered.outcome)
        return entered

    def _entered(self, typed: str, serial: Serial, device: str, network: str, place: str) -> Entered:
        at_ms = self._clock()
        try:
            code = HiddenCode.parse(tidied(typed))
        except MistypedHiddenCode:
            return Entered(Outcome.MISTYPED, at_ms)
        except InvalidHiddenCode:
            return Entered(Outcome.MALFORMED, at_ms)
        if self._guard is None:
            return Entered(Outcome.UNAVAILABLE, at_ms)
        try:
            if not self._asked(lambda: self._has_code(serial)):
                return Entered(Outcome.UNAVAILABLE, at_ms)
            judgement = self._guard.ask(Entry(serial, code, device, network))
            if judgement.judged is Judged.RIGHT:
                return self._confirmed(serial, device, at_ms, place)
        except (GuardAway, RegistryUnavailable, RegistryConflict):
            return Entered(Outcome.UNAVAILABLE, at_ms)
        outcome = Outcome.WRONG if judgement.judged is Judged.WRONG else Outcome.WAIT
        return Entered(outcome, at_ms, wait_s=judgement.wait_s, others=judgement.others)

    def _confirmed(self, serial: Serial, device: str, at_ms: int, place: str) -> Entered:
        entry = RightEntry(serial.batch, serial.index, device, at_ms, place)
        kept = self._asked(lambda: self._keep(entry))
        purchase = kept.purchase
        if purchase.confirmed_ms > at_ms:  # by a clock that is ahead of ours: nobody is told of what is to come
            purchase = replace(purchase, confirmed_ms=at_ms)
        if kept.is_first:
            return Entered(Outcome.CONFIRMED, at_ms, purchase)
        return Entered(Outcome.CONFIRMED_AGAIN if purchase.own else Outcome.ALREADY_CONFIRMED, at_ms, purchase)

    def _has_code(self, serial: Serial) -> bool:
        """Whether the label is for sale, and its batch has hidden codes."""
        with self._database.snapshot(soon=True) as reader:
            standing = dossiers.standing(reader, serial.batch, serial.index)
            if standing is None or serial.index >= standing.facts.count or standing.facts.state.life is not Life.ACTIVE:
                return False
            return dossiers.has_hidden_codes(reader, serial.batch)

    def _keep(self, entry: RightEntry) -> purchases.Kept:
        with self._database.recording() as tx:
            return purchases.keep(tx, entry)

    def _asked(self, call: Callable[[], T]) -> T:
        try:
            found = self._crew.aside(call)
        except RegistryUnavailable as error:
            self._observer.unavailable(kind_of(error), True)
            raise
        self._observer.reached(True)
        return found


def tidied(typed: str) -> str:
    """The digits of what was typed, full-width ones as ASCII, without what stands between them. What has other
    characters keeps them, and is no code.
    """
    if len(typed) > MAX_TYPED:
        return ""
    return "".join(each for each in unicodedata.normalize("NFKC", typed.strip()) if each not in _BETWEEN)
