"""The trace of a label's sightings: a summary of fixed size, from which suspicion is weighed.

Each device that sees a label for the first time adds a credit of at most 1 to it. Less comes from a device whose
network has seen the label before, so that all the devices of one network together add less than 2, and less from one
that looks just after another at the same place, as people do who sit together. A device that goes through many labels
adds nothing. Places and journeys count by the same credit: nobody makes a label travel from one network, whatever
positions he claims.

The work is the same after two sightings and after ten thousand.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from traceqr import gazetteer
from traceqr.instant import DAY_MS, HOUR_MS
from traceqr.region import within

MOST_PLACES = 8
"""Places that are kept apart. A label that is seen in so many needs no more to be suspect."""

MOST_NETWORKS = 16
"""Networks that are told apart; whoever comes after so many counts in full."""

HALF_LIFE_MS = 270 * DAY_MS
"""A device counts half as much after this time: what a label meets in years is not what a copy meets in weeks."""

TOGETHER_MS = HOUR_MS
TOGETHER = 0.6
"""What a device counts that looks within an hour after another at the same place."""

REGION_KM = 150.0
"""Places nearer than that are one region: a mobile network often hands over to the net in the next big city."""

PLANE_KMH = 900.0
FAR_KM = 300.0
"""Nothing travels faster; and below some distance, addresses say too little to speak of a journey."""

_SCALE = 1000


@dataclass(slots=True)
class Stay:
    """A place where a label was seen. `credit` is the sum of those who saw it there, `region` the number of the region
    that it was found to lie in.
    """

    place: str
    credit: float
    last_ms: int
    region: int


@dataclass(frozen=True, slots=True)
class Look:
    """A device's first counted look at a label. `network` is a number of 16 bits that stands for its network with this
    label, None where it is not known; `market` are the regions that its batch is meant for, all if empty.
    """

    at_ms: int
    place: str = ""
    network: int | None = None
    through_many: bool = False
    """Whether the device goes through many labels of the batch."""

    market: str = ""
    bought_ms: int | None = None
    """When a buyer confirmed the purchase, if one has."""


@dataclass(slots=True)
class Trace:
    """What is remembered of a label. Sums are of credits, `credit` with its decay up to `last_ms`."""

    last_ms: int = 0
    credit: float = 0.0
    leaps: float = 0.0
    """Of those who saw it farther away than anything travels in the time since it was last seen."""

    early: float = 0.0
    """Of those who saw it before it was activated for sale."""

    after: float = 0.0
    """Of those who saw it after a buyer had confirmed his purchase."""

    outside: float = 0.0
    """Of those who saw it outside the market that it is meant for."""

    stays: list[Stay] = field(default_factory=list)
    networks: str = ""
    """Five hex digits for each: four name it, the fifth says how often, up to 15 times."""

    @classmethod
    def parse(cls, text: str) -> Trace:
        """From the text that `str` gives; the empty text is the trace of a label that nobody has seen."""
        if not text:
            return cls()
        sums, stays, networks = text.split("|")
        last_ms, credit, leaps, early, after, outside = map(int, sums.split(","))
        return cls(
            last_ms,
            credit / _SCALE,
            leaps / _SCALE,
            early / _SCALE,
            after / _SCALE,
            outside / _SCALE,
            [_stay(part) for part in stays.split(",")] if stays else [],
            networks,
        )

    def __str__(self) -> str:
        sums = (self.credit, self.leaps, self.early, self.after, self.outside)
        stays = [f"{stay.place}:{round(stay.credit * _SCALE)}:{stay.last_ms}:{stay.region}" for stay in self.stays]
        told = ",".join([str(round(number * _SCALE)) if number else "0" for number in sums])
        return f"{self.last_ms},{told}|{','.join(stays)}|{self.networks}"

    def credit_at(self, at_ms: int) -> float:
        """What its devices count at an instant."""
        return self.credit * decay(at_ms - self.last_ms)

    @property
    def regions(self) -> float:
        """In how many regions it was seen; one that a device with little credit reported counts little."""
        credits_of: dict[int, float] = {}
        for stay in self.stays:
            credits_of[stay.region] = credits_of.get(stay.region, 0.0) + stay.credit
        return sum(min(1.0, credit) for credit in credits_of.values())

    def add(self, look: Look) -> float:
        """Take a device in that sees the label for the first time. Returns the credit that it was given."""
        credit = self._worth(look)
        self._leap(look, credit)
        self._count(look, credit)
        self._stay(look, credit)
        return credit

    def add_early(self, look: Look) -> None:
        """Take a device in that sees it before it is for sale."""
        self.early += self.add(look)

    def relocate(self, look: Look, before: str) -> None:
        """A device that was taken in has said where it is: at the place of the look, not at the one before."""
        times = self._times(self._place_of(look.network)) if look.network is not None else 1
        credit = 0.5 ** max(0, times - 1)
        for stay in self.stays:
            if stay.place == before:
                stay.credit = max(0.0, stay.credit - credit)
        self.stays = [stay for stay in self.stays if stay.credit > 0]
        self._stay(look, credit)

    def _worth(self, look: Look) -> float:
        if look.through_many:
            return 0.0
        return self._of_network(look.network) * self._of_company(look)

    def _of_network(self, network: int | None) -> float:
        """Half as much each time: all devices of a network together stay below 2."""
        if network is None:
            return 1.0
        at = self._place_of(network)
        times = self._times(at)
        if at >= 0:
            self.networks = f"{self.networks[: at + 4]}{min(times + 1, 15):x}{self.networks[at + 5 :]}"
        elif len(self.networks) < 5 * MOST_NETWORKS:
            self.networks += f"{network:04x}1"
        return 0.5**times if times < 15 else 0.0

    def _times(self, at: int) -> int:
        """How often the network that stands there has been."""
        return int(self.networks[at + 4], 16) if at >= 0 else 0

    def _place_of(self, network: int) -> int:
        """Where a network stands among the others; -1 where it does not."""
        name, known = f"{network:04x}", self.networks
        at = known.find(name)
        while at % 5 and at >= 0:
            at = known.find(name, at + 1)
        return at

    def _of_company(self, look: Look) -> float:
        near = self.credit > 0 and abs(look.at_ms - self.last_ms) <= TOGETHER_MS
        return TOGETHER if near and (not look.place or self._knows(look.place)) else 1.0

    def _knows(self, place: str) -> bool:
        return any(stay.place == place for stay in self.stays)

    def _leap(self, look: Look, credit: float) -> None:
        if not look.place or not self.stays:
            return
        latest = max(self.stays, key=lambda stay: stay.last_ms)
        hours = abs(look.at_ms - latest.last_ms) / HOUR_MS
        distance = _apart_km(look.place, latest.place)
        if distance >= FAR_KM and distance > PLANE_KMH * hours:
            self.leaps += credit

    def _count(self, look: Look, credit: float) -> None:
        self.credit = self.credit_at(look.at_ms) + credit
        self.last_ms = max(self.last_ms, look.at_ms)
        if look.bought_ms is not None and look.at_ms > look.bought_ms:
            self.after += credit
        if look.place and look.market and not _in_market(look.place, look.market):
            self.outside += credit

    def _stay(self, look: Look, credit: float) -> None:
        if not look.place:
            return
        for stay in self.stays:
            if stay.place == look.place:
                stay.credit, stay.last_ms = stay.credit + credit, max(stay.last_ms, look.at_ms)
                return
        if len(self.stays) < MOST_PLACES:
            self.stays.append(Stay(look.place, credit, look.at_ms, self._region_of(look.place)))

    def _region_of(self, place: str) -> int:
        """That of a place nearby, else a new one."""
        near = (stay.region for stay in self.stays if _apart_km(stay.place, place) < REGION_KM)
        return next(near, max((stay.region for stay in self.stays), default=0) + 1)


def decay(elapsed_ms: int) -> float:
    """What is left of a credit after some time; a clock that was set back takes nothing."""
    return float(0.5 ** (max(0, elapsed_ms) / HALF_LIFE_MS))


def _stay(part: str) -> Stay:
    place, credit, last_ms, region = part.split(":")
    return Stay(place, int(credit) / _SCALE, int(last_ms), int(region))


def _apart_km(one: str, other: str) -> float:
    """Places whose distance is not known are not held to be apart."""
    return 0.0 if one == other else gazetteer.distance_km(one, other) or 0.0


def _in_market(place: str, market: str) -> bool:
    return place.isdecimal() and any(within(place, scope) for scope in market.split())
