"""A market, made up from a seed: labels that people buy, give away, show and photograph, and those who copy them.

What people do is told by rates that stand here by name. They are assumptions, not findings: docs/suspicion.md says
which of them matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from zlib import crc32

import numpy as np

from traceqr import gazetteer
from traceqr.instant import DAY_MS, HOUR_MS
from traceqr.suspicion.trace import Look

YEAR_MS = 365 * DAY_MS
MINUTE_MS = HOUR_MS // 60

SCANNED = 0.12
"""Of the labels that are sold, those that anybody ever looks at."""

MORE_IN_HOUSEHOLD = 0.30
"""Chance of each further device of the same household or table, one after the other."""

GIVEN_AWAY = 0.04
PASSED_ON = 0.004
"""Sold again and again: by collectors, on second-hand markets."""

SHOWN_TO_FRIENDS = 0.003
"""A photograph in a group of friends, who try it at home."""

ON_A_TABLE = 0.006
"""A bottle that a whole party looks at."""

BY_STAFF_BEFORE_SALE = 0.002
CHECKED_BY_DEALER = 0.02
LOOKED_AT_AGAIN = 0.10
NEW_PHONE = 0.02

DISPLAYED = 1 / 5_000
"""Of all labels, those that stand open in a shop. Nearly all of them are looked at."""

DEVICES_AT_DISPLAY = 5.0
VIRAL = 1 / 200_000

SCANS_A_COPY = (0.10, 0.35)
"""Of the copies that a counterfeiter sells, those whose buyer looks: a rate for each counterfeiter."""

MOBILE, AT_HOME = 0.55, 0.40
MOBILE_NETWORKS = 64
"""Networks of /24 behind which the phones of one city stand."""

WRONG_CITY, CAPITAL_INSTEAD = 0.05, 0.08
NO_PLACE = 0.12
"""What files of networks tell wrongly, or not at all."""

SHARES_PLACE = 0.10


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with one device, truly at a place. One that is `fixed` to his line never comes by a mobile network."""

    place: str
    home: int
    fixed: bool = False


@dataclass(slots=True)
class Happened:
    """One look at a label: by whom, when, and whether a scan of the same device came before."""

    at_ms: int
    person: Person
    again: bool = False
    through_many: bool = False
    early: bool = False


@dataclass(slots=True)
class Story:
    """All that happened to one label. `kind` names what it stands for, `copies` how many were made of it."""

    kind: str
    market: str = ""
    copies: int = 0
    happened: list[Happened] = field(default_factory=list)

    def in_order(self) -> list[Happened]:
        """As it came."""
        return sorted(self.happened, key=lambda each: each.at_ms)


class Market:
    """Makes stories. Equal seeds make equal markets."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        seats = sorted(gazetteer.cities(), key=lambda spot: spot.place)
        ranks = self.random.permutation(len(seats)) + 1
        weights = 1 / ranks**0.7  # cities differ in size by some such law
        self._places = [spot.place for spot in seats]
        self._cumulative = np.cumsum(weights / weights.sum())
        self._home = 0

    def place(self) -> str:
        """Some city, the larger the likelier."""
        return self._places[int(np.searchsorted(self._cumulative, self.random.random()))]

    def places(self, number: int) -> list[str]:
        """Some cities."""
        return [self.place() for _ in range(number)]

    def person(self, place: str) -> Person:
        """Somebody there."""
        self._home += 1
        return Person(place, self._home)

    def chance(self, rate: float) -> bool:
        """Whether it happens."""
        return bool(self.random.random() < rate)

    def within(self, span_ms: int) -> int:
        """Some time within a span."""
        return int(self.random.integers(0, max(1, span_ms)))

    def genuine(self, labels: int) -> Iterator[Story]:
        """Those of so many genuine labels that are looked at."""
        looked_at = int(self.random.binomial(labels, SCANNED))
        for _ in range(looked_at):
            yield self._bought()
        for _ in range(int(self.random.binomial(labels, DISPLAYED))):
            yield self.displayed()
        for _ in range(max(1, int(self.random.binomial(labels, VIRAL)))):
            yield self._viral()

    def _bought(self) -> Story:
        place, at_ms = self.place(), self.within(YEAR_MS)
        market = f"{gazetteer.province(place)}" if self.chance(0.2) else ""
        story = Story("bought", market)
        if self.chance(BY_STAFF_BEFORE_SALE):
            story.happened.append(Happened(at_ms - 20 * DAY_MS, self.person(self.place()), early=True))
        if self.chance(CHECKED_BY_DEALER):
            story.happened.append(Happened(at_ms - 5 * DAY_MS, self.person(place), through_many=True))
        self._household(story, place, at_ms)
        for kind, rate, then in self._fates():
            if self.chance(rate):
                story.kind = kind
                then(story, place, at_ms)
        return story

    def _fates(self) -> tuple[tuple[str, float, Callable[[Story, str, int], None]], ...]:
        return (
            ("given away", GIVEN_AWAY, self._given_away),
            ("passed on", PASSED_ON, self._passed_on),
            ("shown to friends", SHOWN_TO_FRIENDS, self._shown),
            ("on a table", ON_A_TABLE, self._at_table),
        )

    def _household(self, story: Story, place: str, at_ms: int) -> None:
        first = self.person(place)
        story.happened.append(Happened(at_ms, first))
        if self.chance(LOOKED_AT_AGAIN):
            story.happened.append(Happened(at_ms + self.within(120 * DAY_MS), first, again=True))
        if self.chance(NEW_PHONE):
            story.happened.append(Happened(at_ms + self.within(300 * DAY_MS), Person(place, first.home)))
        later_ms = at_ms
        while self.chance(MORE_IN_HOUSEHOLD):
            later_ms += self.within(2 * DAY_MS) if self.chance(0.5) else self.within(20 * MINUTE_MS)
            at_home = self.chance(0.6)
            story.happened.append(Happened(later_ms, Person(place, first.home) if at_home else self.person(place)))

    def _given_away(self, story: Story, place: str, at_ms: int) -> None:
        elsewhere = place if self.chance(0.4) else self.place()
        self._household(story, elsewhere, at_ms + self.within(40 * DAY_MS))

    def _passed_on(self, story: Story, place: str, at_ms: int) -> None:  # noqa: ARG002
        for _ in range(int(self.random.integers(1, 4))):
            at_ms += self.within(120 * DAY_MS)
            self._household(story, self.place(), at_ms)

    def _shown(self, story: Story, place: str, at_ms: int) -> None:
        for _ in range(int(self.random.integers(1, 6))):
            where = place if self.chance(0.5) else self.place()
            story.happened.append(Happened(at_ms + self.within(DAY_MS), self.person(where)))

    def _at_table(self, story: Story, place: str, at_ms: int) -> None:
        for _ in range(int(self.random.integers(2, 9))):
            story.happened.append(Happened(at_ms + self.within(2 * HOUR_MS), self.person(place)))

    def displayed(self) -> Story:
        """A label that stands open in a shop for some months."""
        place, at_ms = self.place(), self.within(YEAR_MS - 90 * DAY_MS)
        story = Story("displayed")
        for _ in range(int(self.random.geometric(1 / DEVICES_AT_DISPLAY))):
            story.happened.append(Happened(at_ms + self.within(90 * DAY_MS), self.person(place)))
        return story

    def _viral(self) -> Story:
        at_ms, story = self.within(YEAR_MS - 10 * DAY_MS), Story("viral photo")
        for _ in range(int(self.random.integers(30, 300))):
            story.happened.append(
                Happened(at_ms + int(self.random.exponential(1.5 * DAY_MS)), self.person(self.place()))
            )
        return story

    def dealers(self, dealers: int, stock: int) -> Iterator[Story]:
        """Labels of dealers who go through all of their stock, some twice; the first few count, then the device does
        not any more.
        """
        for _ in range(dealers):
            place, dealer = self.place(), self.person(self.place())
            dealer, at_ms = Person(place, dealer.home), self.within(YEAR_MS - 60 * DAY_MS)
            for number in range(stock):
                story = Story("dealer's stock")
                story.happened.append(Happened(at_ms + number * 4_000, dealer, through_many=number >= 4))
                if self.chance(SCANNED):
                    self._household(story, place, at_ms + self.within(60 * DAY_MS))
                yield story

    def competitor(self, labels: int, devices: int, networks: int) -> Iterator[Story]:
        """Labels that a competitor scans to have them look copied: by so many devices that he makes up, from so many
        networks of his, in cities of his choice.
        """
        lines = [self.person(self.place()) for _ in range(networks)]
        at_ms = self.within(YEAR_MS - 60 * DAY_MS)
        for _ in range(labels):
            story = Story(f"attacked from {networks}")
            self._household(story, self.place(), at_ms - self.within(30 * DAY_MS))
            for number in range(devices):
                attacker = Person(self.place(), lines[number % networks].home, fixed=True)
                story.happened.append(Happened(at_ms + self.within(40 * DAY_MS), attacker))
            yield story

    def copied(self, kind: str, labels: int, copies: tuple[int, int], cities: int, days: int) -> Iterator[Story]:
        """Labels of which so many copies each are sold in so many cities within so many days."""
        for _ in range(labels):
            story = self.displayed() if kind.startswith("photographed") else Story(kind)
            story.kind = kind
            self._copies(story, copies, self.places(cities), days)
            yield story

    def insider(self, labels: int, copies: tuple[int, int]) -> Iterator[Story]:
        """Stock that is not for sale yet, copied: the copies are sold before the labels are activated, and after."""
        for _ in range(labels):
            story = Story("insider, unsold stock")
            self._copies(story, copies, self.places(12), 120)
            opened_ms = min((each.at_ms for each in story.happened), default=0) + self.within(90 * DAY_MS)
            for each in story.happened:
                each.early = each.at_ms < opened_ms
            yield story

    def _copies(self, story: Story, copies: tuple[int, int], cities: list[str], days: int) -> None:
        story.copies = int(self.random.integers(copies[0], copies[1] + 1))
        rate, at_ms = self.random.uniform(*SCANS_A_COPY), self.within(YEAR_MS - 200 * DAY_MS)
        if self.chance(SCANNED):
            self._household(story, self.place(), at_ms - self.within(100 * DAY_MS))
        for _ in range(int(self.random.binomial(story.copies, rate))):
            self._household(story, cities[self.within(len(cities))], at_ms + self.within(days * DAY_MS))


class Eyes:
    """What the service gets to know of what happened: networks and, as the case may be, places."""

    def __init__(self, seed: int, knows: str) -> None:
        self.random = np.random.default_rng(seed)
        self._knows = knows

    def look(self, happened: Happened, market: str) -> Look:
        """A look as it is recorded."""
        place = self._place(happened.person.place)
        return Look(happened.at_ms, place, self._network(happened.person), happened.through_many, market)

    def _network(self, person: Person) -> int:
        kind = self.random.random()
        if kind < MOBILE and not person.fixed:
            return crc32(f"{person.place} {self.random.integers(MOBILE_NETWORKS)}".encode()) & 0xFFFF
        return person.home * 40_503 & 0xFFFF

    def _place(self, truly: str) -> str:
        if self._knows == "none":
            return ""
        if self.random.random() < SHARES_PLACE:
            return truly
        if self._knows == "shared" or self.random.random() < NO_PLACE:
            return ""
        luck = self.random.random()
        if luck < WRONG_CITY:
            return _any(self.random.random())
        return _capital(truly) if luck < WRONG_CITY + CAPITAL_INSTEAD else truly


@lru_cache(maxsize=1)
def _all() -> list[str]:
    return sorted(spot.place for spot in gazetteer.cities())


def _any(luck: float) -> str:
    return _all()[int(luck * len(_all()))]


@lru_cache(maxsize=512)
def _capital(place: str) -> str:
    """The first city of the province, by its code: nearly always the capital."""
    return next(each for each in _all() if each[:2] == place[:2])
