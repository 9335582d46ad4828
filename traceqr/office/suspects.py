"""Suspect labels: which they are, what makes them so, and what is known of where each was seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from traceqr.access import Right
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.label.keyring import KeyRefused, Status
from traceqr.label.serial import Serial
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.house import Absent
from traceqr.office.review import ReviewOffice
from traceqr.registry import batches, dossiers, enterprises, keys, scans, suspects
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader, Row
from traceqr.registry.enterprises import Enterprise
from traceqr.registry.sightings import Summary
from traceqr.registry.suspects import BEGINNING, Mark
from traceqr.suspicion.trace import Stay, Trace
from traceqr.suspicion.weighing import Suspicion, weigh
from traceqr.verdict import Code, Life, State

PAGE = 50
LATEST = 50
"""Scans of a label that its page shows."""

_AT_ONCE = 200
_USCC = re.compile("[0-9A-Z]{18}")
_MARK = re.compile("([0-9]{1,15})-([0-9]{1,8})-([0-9]{1,8})")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for, each empty for any: a product by the digits under its bar code, an enterprise by its code."""

    product: str = ""
    uscc: str = ""


@dataclass(frozen=True, slots=True)
class Suspected:
    """A suspect label as it stood when it was seen last. `uscc` and the names of its enterprise are for others than
    the enterprise itself.
    """

    serial: Serial
    gtin: str
    name_zh: str
    name_en: str
    since_ms: int
    last_ms: int
    score: int
    signs: tuple[str, ...]
    place: str
    uscc: str = ""
    enterprise_zh: str = ""
    enterprise_en: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of suspects, and below which mark the next one begins; empty at the end."""

    rows: Sequence[Suspected]
    below: str


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A place where a label was seen: what the devices there count, in which of the regions that were told apart, and
    how many scans of there are still kept, and when the first was. What is not known of it is None.
    """

    place: str
    credit: float | None
    region: int | None
    scans: int
    first_ms: int | None
    last_ms: int


@dataclass(frozen=True, slots=True)
class Look:
    """A scan. `device` is a number that tells the devices of one page apart, and means nothing beyond it; `told` says
    that the person has told the place, `early` that the label was not for sale then.
    """

    device: int
    at_ms: int
    channel: str
    agent: str
    place: str
    told: bool
    early: bool


@dataclass(frozen=True, slots=True)
class SuspectFile:
    """A suspect label with all that is known of it. `suspicion` is what its trace comes to now; `verdict` what somebody
    is told who scans it now.
    """

    label: Suspected
    batch: Batch
    verdict: Code
    suspicion: Suspicion
    seen: Summary
    places: Sequence[Whereabouts]
    looks: Sequence[Look]


@dataclass(frozen=True, slots=True)
class SuspectOffice(EnterpriseOffice):
    """The suspect labels of the identity's own enterprise."""

    def page(self, asked: Asked, below: str = "", most: int = PAGE) -> Listed:
        """The latest first."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            return _page(reader, lambda mark: self._rows(reader, asked, most + 1, mark), below, most)

    def all(self, asked: Asked) -> Iterator[Suspected]:
        """All of them, read some at a time."""
        self.need(Right.SEE)
        return _all(lambda below: self.page(asked, below, _AT_ONCE))

    def file(self, batch: int, index: int) -> SuspectFile:
        """One suspect label. Raises `Absent`."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            return _file(reader, self.own_batch(reader, batch), index, None, self.house.clock())

    def _rows(self, reader: Reader, asked: Asked, most: int, below: Mark) -> list[Row]:
        gtin = _gtin(asked.product)
        return [] if gtin is None else suspects.of_enterprise(reader, self.enterprise, most, below, gtin)


@dataclass(frozen=True, slots=True)
class SuspectReviewOffice(ReviewOffice):
    """The suspect labels of the enterprises in the region of the officer's association: to be seen, and no more."""

    def page(self, asked: Asked, below: str = "", most: int = PAGE) -> Listed:
        """The latest first. Raises `Absent` for an enterprise outside the region."""
        self.need(Right.SEE_REGION)
        with self.house.database.snapshot() as reader:
            return _page(reader, lambda mark: self._rows(reader, asked, most + 1, mark), below, most)

    def all(self, asked: Asked) -> Iterator[Suspected]:
        """All of them, read some at a time."""
        self.need(Right.SEE_REGION)
        return _all(lambda below: self.page(asked, below, _AT_ONCE))

    def file(self, batch: int, index: int) -> SuspectFile:
        """One suspect label. Raises `Absent`."""
        self.need(Right.SEE_REGION)
        with self.house.database.snapshot() as reader:
            found = batches.by_number(reader, batch)
            enterprise = enterprises.by_id(reader, found.enterprise_id) if found else None
            if found is None or enterprise is None or not self.identity.sees_region(enterprise.region):
                raise Absent("expected a label of an enterprise of the own region, got another")
            return _file(reader, found, index, enterprise, self.house.clock())

    def _rows(self, reader: Reader, asked: Asked, most: int, below: Mark) -> list[Row]:
        gtin = _gtin(asked.product)
        if gtin is None:
            return []
        if not asked.uscc:
            return suspects.of_region(reader, self.scope, most, below, gtin)
        enterprise = enterprises.by_uscc(reader, asked.uscc) if _USCC.fullmatch(asked.uscc) else None
        if enterprise is None or not self.identity.sees_region(enterprise.region):
            raise Absent("expected an enterprise of the own region, found none")
        rows = suspects.of_enterprise(reader, enterprise.id, most, below, gtin)
        return [{**row, **_of(enterprise)} for row in rows]


def _of(enterprise: Enterprise) -> dict[str, str]:
    return {
        "uscc": enterprise.uscc,
        "enterprise_zh": enterprise.name_zh,
        "enterprise_en": enterprise.name_en,
    }


def _gtin(product: str) -> str | None:
    """The GTIN of a product, empty for any; None for what is no GTIN, which no product has."""
    try:
        return Gtin.from_trade(product).digits if product else ""
    except InvalidGtin:
        return None


def _page(reader: Reader, rows_below: Callable[[Mark], list[Row]], below: str, most: int) -> Listed:
    found = _MARK.fullmatch(below)
    rows = rows_below((int(found[1]), int(found[2]), int(found[3])) if found else BEGINNING)
    shown = _suspected(reader, rows[:most])
    if len(rows) <= most:
        return Listed(shown, "")
    last = shown[-1]
    return Listed(shown, f"{last.since_ms}-{last.serial.batch}-{last.serial.index}")


def _all(page_below: Callable[[str], Listed]) -> Iterator[Suspected]:
    """The first of them are read at once, so that what is refused is refused before anything is sent."""
    return _onward(page_below, page_below(""))


def _onward(page_below: Callable[[str], Listed], page: Listed) -> Iterator[Suspected]:
    yield from page.rows
    while page.below:
        page = page_below(page.below)
        yield from page.rows


def _suspected(reader: Reader, rows: Sequence[Row]) -> list[Suspected]:
    names = batches.product_names(reader, sorted({row["batch"] for row in rows}))
    return [
        Suspected(
            Serial(row["batch"], row["label_index"]),
            row["gtin"],
            *names[row["batch"]],
            row["since_ms"],
            row["last_ms"],
            row["score"],
            tuple(row["signs"].split()),
            row["place"],
            *(row.get(name, "") for name in ("uscc", "enterprise_zh", "enterprise_en")),
        )
        for row in rows
    ]


def _file(reader: Reader, batch: Batch, index: int, of: Enterprise | None, now_ms: int) -> SuspectFile:
    row = suspects.find(reader, batch.number, index)
    if row is None:
        raise Absent("expected a label that is suspect, got another")
    seen = scans.summary(reader, batch.number, index) or Summary()
    trace = Trace.parse(seen.trace)
    return SuspectFile(
        _suspected(reader, [{**row, **(_of(of) if of else {})}])[0],
        batch,
        _verdict(reader, batch, index, seen),
        weigh(trace, now_ms),
        seen,
        _places(trace.stays, scans.places(reader, batch.number, index)),
        _looks(scans.latest(reader, batch.number, index, LATEST)),
    )


def _verdict(reader: Reader, batch: Batch, index: int, seen: Summary) -> Code:
    """As `verdict.decide` has it of a label whose seal holds, at an official address, looked at by a newcomer."""
    standing = dossiers.standing(reader, batch.number, index)
    state = standing.facts.state if standing else State(Life.ISSUED)
    if state.life is Life.VOID:
        return Code.VOID
    if state.recalled or state.held:
        return Code.RECALLED if state.recalled else Code.HELD
    if _stolen(reader, batch.key_number, seen):
        return Code.SUSPECT
    if state.life is Life.ISSUED:
        return Code.INACTIVE
    if seen.signs:
        return Code.SUSPECT
    return Code.SEEN if seen.devices else Code.GENUINE


def _stolen(reader: Reader, number: int, seen: Summary) -> bool:
    """Whether the label's key was, before it was seen first."""
    try:
        key = keys.by_number(reader, number)
    except KeyRefused:
        return False
    if key is None or key.status is not Status.COMPROMISED:
        return False
    return not (seen.times_seen and key.compromised_ms is not None and seen.first_seen_ms < key.compromised_ms)


def _places(stays: Sequence[Stay], kept: Sequence[Row]) -> list[Whereabouts]:
    """Those of the trace, heaviest first, then others, of which scans are kept."""
    rows = {row["place"]: row for row in kept}
    found = []
    for stay in sorted(stays, key=lambda stay: -stay.credit):
        row = rows.pop(stay.place, None)
        scanned, first = (row["scans"], row["first_ms"]) if row else (0, None)
        last = max(stay.last_ms, row["last_ms"]) if row else stay.last_ms
        found.append(Whereabouts(stay.place, stay.credit, stay.region, scanned, first, last))
    others = sorted(rows.values(), key=lambda row: -row["scans"])
    return found + [
        Whereabouts(row["place"], None, None, row["scans"], row["first_ms"], row["last_ms"]) for row in others
    ]


def _looks(rows: Sequence[Row]) -> list[Look]:
    """Devices are numbered in the order in which they came first among these scans."""
    numbers: dict[str, int] = {}
    for row in reversed(rows):
        numbers.setdefault(row["device"], len(numbers) + 1)
    return [
        Look(
            numbers[row["device"]],
            row["at_ms"],
            row["channel"],
            row["agent"],
            row["place"],
            bool(row["shared"]),
            bool(row["early"]) and not row["confirmed"],
        )
        for row in rows
    ]
