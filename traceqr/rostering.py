"""Rostering: the roster of an edition, kept in the process as tuples and searched there.

A roster is good until an act touches a pledge of the edition, an enterprise or a licence, which a few probes of indexes
tell on every request. What follows from dates is not kept. Initials are made when a roster is read and remembered by
name, so that a rebuild costs as much as what is new: stored at enrolment they would be one more column that a wrong
reading of a character stays in.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from threading import Lock

from stdnum import numdb

from traceqr import sector as sectors
from traceqr.region import within
from traceqr.registry import campaigns, rosters
from traceqr.registry.campaigns import Campaign
from traceqr.registry.database import Reader, Row
from traceqr.registry.rosters import Stamp

MAX_ROSTERS = 12
"""Editions kept at once: at 10,000 enterprises each takes some 10 MB."""

MAX_QUERY = 60
"""Characters of a search that are looked at."""

IN_FORCE, AHEAD, EXPIRED = "in-force", "ahead", "expired"
STATES = (IN_FORCE, AHEAD, EXPIRED, "withdrawn", "breached")
"""As readers are told them; the first three follow from the dates."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A mark that an enterprise is licensed to carry, from and until when."""

    artwork: str
    name_zh: str
    name_en: str
    valid_from_ms: int
    valid_to_ms: int


@dataclass(frozen=True, slots=True)
class Member:
    """An enterprise in an edition. `region` and `sector` are those that it applied with."""

    number: int
    uscc: str
    name_zh: str
    name_en: str
    region: str
    sector: str
    state: str
    signed_ms: int
    valid_from_ms: int
    valid_to_ms: int
    marks: tuple[Carried, ...]

    def state_at(self, at_ms: int) -> str:
        """One of `STATES`."""
        return state_at(self.state, self.valid_from_ms, self.valid_to_ms, at_ms)

    def marks_at(self, at_ms: int) -> tuple[Carried, ...]:
        """The marks whose licence is in force."""
        return tuple(mark for mark in self.marks if mark.valid_from_ms <= at_ms < mark.valid_to_ms)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which members are asked for; empty asks for any. `region` is a code of GB/T 2260, `state` one of `STATES`."""

    text: str = ""
    region: str = ""
    sector: str = ""
    state: str = ""


class Roster:
    """The members of an edition by region, sector and name."""

    def __init__(self, stamp: Stamp, campaign: Campaign, members: Sequence[Member]) -> None:
        self.stamp = stamp
        self.campaign = campaign
        self.members = tuple(sorted(members, key=_order))
        self._names = _Lines([_squeezed(member.name_zh) for member in self.members])
        self._plain = _Lines([_plain(member) for member in self.members])
        self._codes = _Codes([member.uscc.lower() for member in self.members])
        self._edges = _edges(self.members)
        self.provinces = sorted({member.region[:2] + "0000" for member in self.members})
        self.sectors = [code for code in sectors.SECTORS if code in {sectors.known(m.sector) for m in self.members}]

    def found(self, asked: Asked, at_ms: int) -> Sequence[Member]:
        """Those that are asked for, in order."""
        found = self._named(asked.text)
        if asked.region:
            found = [each for each in found if within(each.region, asked.region)]
        if asked.sector:
            found = [each for each in found if sectors.known(each.sector) == asked.sector]
        if asked.state:
            found = [each for each in found if each.state_at(at_ms) == asked.state]
        return found

    def good_until(self, at_ms: int) -> int:
        """The next instant at which a state or a mark changes by its dates alone."""
        place = bisect_right(self._edges, at_ms)
        return self._edges[place] if place < len(self._edges) else 2**62

    def _named(self, text: str) -> Sequence[Member]:
        """Those whose name holds the text, or whose initials or English name do, or whose code begins or ends so."""
        wanted = _squeezed(text[:MAX_QUERY])
        if not wanted:
            return self.members
        if not wanted.isascii():
            return [self.members[place] for place in self._names.holding(wanted)]
        places = self._plain.holding(wanted)
        if coded := self._codes.with_end(wanted):
            places = sorted(coded.union(places))
        return [self.members[place] for place in places]


class _Lines:
    """Many short texts that are searched as one, which is quicker than one by one; the more so where all is ASCII."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._text = "\n".join(lines)
        self._starts = list(accumulate((len(line) + 1 for line in lines), initial=0))

    def holding(self, wanted: str) -> list[int]:
        """The places of the lines that hold a text without line breaks."""
        places, at = [], self._text.find(wanted)
        while at >= 0:
            place = bisect_right(self._starts, at) - 1
            places.append(place)
            at = self._text.find(wanted, self._starts[place + 1])
        return places


class _Codes:
    """Codes that are looked for by their beginning, or by their end. What stands in the middle is alike in too many:
    `MA` is in most of them, and in as many initials.
    """

    LEAST_END = 4
    """Characters of an end: fewer are rather initials."""

    def __init__(self, codes: Sequence[str]) -> None:
        self._forward = sorted((code, place) for place, code in enumerate(codes))
        self._backward = sorted((code[::-1], place) for place, code in enumerate(codes))

    def with_end(self, wanted: str) -> set[int]:
        """The places of the codes that begin or end with a text."""
        found = self._beginning(self._forward, wanted)
        if len(wanted) >= self.LEAST_END:
            found |= self._beginning(self._backward, wanted[::-1])
        return found

    @staticmethod
    def _beginning(codes: list[tuple[str, int]], wanted: str) -> set[int]:
        first = bisect_left(codes, (wanted,))
        last = bisect_left(codes, (wanted + "\x7f",), first)
        return {place for _, place in codes[first:last]}


class Rosters:
    """The rosters that were asked for, kept as long as they are good."""

    def __init__(self) -> None:
        self._kept: dict[str, Roster] = {}
        self._lock = Lock()

    def of(self, reader: Reader, campaign_id: str) -> Roster | None:
        """The roster of an edition as it is in this snapshot; None where there is no such edition."""
        now = rosters.stamp(reader, campaign_id)
        if now is None:
            return None
        kept = self._kept.get(campaign_id)
        if kept is None or kept.stamp != now:
            campaign = campaigns.by_id(reader, campaign_id)
            assert campaign is not None  # it has a stamp
            kept = Roster(now, campaign, _members(reader, campaign_id))
            with self._lock:
                self._kept.pop(campaign_id, None)
                while len(self._kept) >= MAX_ROSTERS:
                    del self._kept[next(iter(self._kept))]
                self._kept[campaign_id] = kept
        return kept


def state_at(stored: str, valid_from_ms: int, valid_to_ms: int, at_ms: int) -> str:
    """One of `STATES`, of a pledge that was published."""
    if stored != "published":
        return stored
    if at_ms < valid_from_ms:
        return AHEAD
    return IN_FORCE if at_ms < valid_to_ms else EXPIRED


@lru_cache(maxsize=4096)
def region_name(code: str) -> str:
    """A region in Chinese, with its province before it; the code itself where it is not known."""
    if code == "000000":
        return "全国"
    parts = [part for _, found in numdb.get("cn/loc").info(code) for part in found.values()]
    if len(parts) != 2:
        return code
    province, place = parts[0], parts[1].split(",")[-1].rpartition("]")[2]
    return province if place in ("", province) else f"{province}{place}"


@lru_cache(maxsize=65_536)
def initials(name: str) -> str:
    """The first letters of a Chinese name as it is read aloud; Latin letters and digits in it stay as they are."""
    from pypinyin import Style, lazy_pinyin  # a large dictionary: only where a roster is made

    return _squeezed("".join(lazy_pinyin(name, style=Style.FIRST_LETTER)))


def _members(reader: Reader, campaign_id: str) -> list[Member]:
    marks: dict[str, dict[str, Carried]] = {}
    for row in rosters.marked(reader, campaign_id):
        own = marks.setdefault(row["uscc"], {})
        carried = Carried(row["artwork"], row["name_zh"], row["name_en"], row["valid_from_ms"], row["valid_to_ms"])
        own[f"{row['artwork']} {row['valid_from_ms']} {row['valid_to_ms']}"] = carried
    return [_member(row, tuple(marks.get(row["uscc"], {}).values())) for row in rosters.members(reader, campaign_id)]


def _member(row: Row, marks: tuple[Carried, ...]) -> Member:
    return Member(**row, marks=marks)


def _edges(members: Sequence[Member]) -> list[int]:
    """All instants at which something begins or ends."""
    edges = {edge for each in members for edge in (each.valid_from_ms, each.valid_to_ms)}
    edges |= {edge for each in members for mark in each.marks for edge in (mark.valid_from_ms, mark.valid_to_ms)}
    return sorted(edges)


def _order(member: Member) -> tuple[str, str, str, int]:
    return (member.region, member.sector, initials(member.name_zh), member.number)


def _squeezed(text: str) -> str:
    """As it is searched: small letters, and no blanks, so that they need not be typed rightly."""
    return "".join(text.lower().split())


def _plain(member: Member) -> str:
    """What is searched for in Latin letters; a tab between the parts."""
    parts = (initials(member.name_zh), _squeezed(member.name_en))
    return "\t".join(parts).encode("ascii", "ignore").decode()
