"""Reporting: what people who scanned a label say is wrong with it, filed without an account and without an act.

A report joins the case that is open about its product, batch and province. Who may file how fast is told by paces for
the browser, the network, the label, and all together; names of networks are pseudonyms of a day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from traceqr import gazetteer
from traceqr import region as regions
from traceqr.acting import ActRefused
from traceqr.attachments import Attachments
from traceqr.contact import ContactSeal
from traceqr.errors import TraceqrError
from traceqr.instant import DAY_MS, Clock
from traceqr.noting import require_text
from traceqr.photo import Photo
from traceqr.receipt import Receipt
from traceqr.registry import case_texts, cases, opening, pacing, reports
from traceqr.registry.case_texts import Event
from traceqr.registry.cases import Matter
from traceqr.registry.database import Database, Reader, Transaction
from traceqr.registry.pacing import Pace
from traceqr.registry.reports import REASONS, Report, Told

ANSWER_DAYS = 7
"""An enterprise that is told something answers within so many days: what the pledge means by answering in time."""

MAX_CONTENT, MAX_SHOP, MAX_CONTACT, MAX_PHOTOS = 1_000, 200, 100, 4

MIN_ALIKE = 20
"""From so many characters on, nobody else happens to write the same."""

ATTEMPT = Pace(15, 30_000)
"""Forms sent by one browser or network, good or bad: looking at photos takes time."""

NOWHERE = Pace(200, 2_000)
"""Forms of all whose network is not known, together: a new browser costs nothing, and tells none of them apart."""

DEVICE = Pace(5, 20 * 60_000)
NETWORK = Pace(30, 2 * 60_000)
"""A household, an office or a part of a mobile network."""

LABEL = Pace(5, 60 * 60_000)
TOGETHER = Pace(500, 2_000)

_ALIKE = "expected what was not reported in these words yet, got a report of the same ones"

_WITHOUT_PRODUCT = frozenset({"forged", "unchecked"})
"""Verdicts that show no product: whoever imitates a label must not reach the enterprise that it names."""


class TooFast(TraceqrError):
    """Reports come too fast; `wait_ms` says when one will be taken."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__(f"expected a report in {wait_ms:,} ms or later")
        self.wait_ms = wait_ms


class AlreadyReported(ActRefused):
    """The case has a report of exactly these words."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """The label that a report is about, as its page told it. `batch` and `index` are 0 where it is none of ours."""

    verdict: str
    verdict_reason: str
    batch: int = 0
    index: int = 0

    @property
    def has_product(self) -> bool:
        """Whether it is a label of a product of ours."""
        return self.batch > 0 and self.verdict not in _WITHOUT_PRODUCT


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a report comes from: pseudonyms of browser and network, '' where they are not known; a place, and the
    language of the page.
    """

    device: str = ""
    network: str = ""
    place: str = ""
    language: str = "zh-Hans"


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody says. Texts are as they were typed."""

    reason: str
    content: str = ""
    shop: str = ""
    contact: str = field(default="", repr=False)
    photos: Sequence[Photo] = ()
    with_position: bool = False
    """Whether the sender agreed that the positions in his photos are kept."""


@dataclass(frozen=True, slots=True)
class ReportDesk:
    """Where reports are filed, and receipts are looked up. `attachments` is None where no photos are taken."""

    database: Database
    clock: Clock
    new_id: Callable[[], str]
    seal: ContactSeal = field(repr=False)
    attachments: Attachments | None = None

    def attempt(self, sender: Sender) -> None:
        """To be called before a form is looked at that costs something. Raises `TooFast`."""
        paces = [(f"attempt:{kind}:{name}", ATTEMPT) for kind, name in _senders(sender)]
        if not sender.network:
            paces.append(("attempt:nowhere", NOWHERE))
        with self.database.recording() as tx:
            opening.require_schema(tx)
            self._take(tx, paces)

    def awaits(self, scanned: Scanned, sender: Sender, receipt: Receipt) -> bool:
        """Whether a report is still to be filed under a receipt: to be asked before its photos are looked at and kept,
        which costs more than all else. Raises `TooFast` for one that would not be taken.
        """
        now_ms = self.clock()
        with self.database.snapshot(soon=True) as reader:
            if reports.has_receipt(reader, receipt.digest):
                return False
            waits = [
                pacing.wait_ms(reader, name, pace, now_ms, pacing.REPORTS) for name, pace in _paces(scanned, sender)
            ]
        if wait_ms := max(waits, default=0):
            raise TooFast(wait_ms)
        return True

    def file(self, scanned: Scanned, sender: Sender, statement: Statement, receipt: Receipt) -> None:
        """File a report under a receipt; one of the same receipt is filed already. Raises `ActRefused` for what is said
        wrongly, `AlreadyReported`, `TooFast`, `AttachmentUnavailable` and `RegistryUnavailable`.
        """
        said = checked(statement)
        if said.photos and not self._wanted(scanned, sender, said, receipt):
            return
        photos = self._kept(said)
        with self.database.recording() as tx:
            opening.require_schema(tx)
            if not reports.has_receipt(tx, receipt.digest):
                self._take(tx, _paces(scanned, sender))
                self._insert(tx, scanned, sender, said, photos, receipt)

    def told(self, receipt: Receipt) -> tuple[Told, list[dict[str, object]]] | None:
        """How a report stands, and all that was said to those who reported; None for no report."""
        with self.database.snapshot(soon=True) as reader:
            found = reports.told(reader, receipt.digest)
            return (found, case_texts.answers(reader, found.case_id)) if found else None

    def _insert(
        self,
        tx: Transaction,
        scanned: Scanned,
        sender: Sender,
        said: Statement,
        photos: Sequence[reports.Photo],
        receipt: Receipt,
    ) -> None:
        now_ms, report_id, place = self.clock(), self.new_id(), _where(said, sender)
        matter = matter_of(tx, scanned, place)
        case_id = cases.report(tx, self.new_id(), matter, now_ms, now_ms + ANSWER_DAYS * DAY_MS)
        likeness = _likeness(said)
        if likeness and reports.has_likeness(tx, case_id, likeness):
            raise AlreadyReported(_ALIKE)
        report = Report(
            report_id,
            receipt.digest,
            case_id,
            now_ms,
            scanned.batch if scanned.has_product else 0,
            scanned.index if scanned.has_product else 0,
            scanned.verdict,
            scanned.verdict_reason,
            said.reason,
            said.content,
            likeness,
            said.shop,
            place,
            sender.language,
            self.seal.seal(report_id, said.contact) if said.contact else None,
        )
        reports.insert(tx, report, photos)
        case_texts.insert_event(tx, Event(self.new_id(), now_ms, "reported", case_id, report_id))

    def _wanted(self, scanned: Scanned, sender: Sender, said: Statement, receipt: Receipt) -> bool:
        """Whether photos are to be kept: else whoever is refused fills the disk."""
        if not self.awaits(scanned, sender, receipt):
            return False
        if likeness := _likeness(said):
            with self.database.snapshot(soon=True) as reader:
                case_id = cases.open_about(reader, matter_of(reader, scanned, _where(said, sender)))
                if case_id and reports.has_likeness(reader, case_id, likeness):
                    raise AlreadyReported(_ALIKE)
        return True

    def _kept(self, said: Statement) -> list[reports.Photo]:
        """Contents first: a report names no photo that is not there. One that no report came to name is pruned."""
        if said.photos and self.attachments is None:
            raise ActRefused("expected a report without photos, since this deployment has no place for them", "photos")
        return [
            reports.Photo(
                self.attachments.put(photo.content),
                *(photo.position if photo.position and said.with_position else (None, None)),
            )
            for photo in said.photos
            if self.attachments
        ]

    def _take(self, tx: Transaction, paces: Sequence[tuple[str, Pace]]) -> None:
        now_ms = self.clock()
        waits = [pacing.take(tx, name, pace, now_ms, pacing.REPORTS) for name, pace in paces]
        if wait_ms := max(waits, default=0):
            raise TooFast(wait_ms)  # what was taken is rolled back


def checked(statement: Statement) -> Statement:
    """A statement as it is kept. Raises `ActRefused`, with the field that is at fault."""
    if statement.reason not in REASONS:
        raise ActRefused(f"expected a reason, one of {', '.join(REASONS)}, got {statement.reason!r}", "reason")
    if len(statement.photos) > MAX_PHOTOS:
        raise ActRefused(f"expected at most {MAX_PHOTOS} photos, got {len(statement.photos)}", "photos")
    content = _optional(statement.content, "content", MAX_CONTENT, lines=True)
    if statement.reason == "other" and not content:
        raise ActRefused("expected words that say what is wrong, got none", "content")
    return Statement(
        statement.reason,
        content,
        _optional(statement.shop, "shop", MAX_SHOP, lines=False),
        _optional(statement.contact, "contact", MAX_CONTACT, lines=False),
        statement.photos,
        statement.with_position,
    )


def matter_of(reader: Reader, scanned: Scanned, place: str) -> Matter:
    """What a case about a label is about. One without a product is in the charge of the province, or of the country."""
    province = gazetteer.province(place)
    found = cases.of_batch(reader, scanned.batch) if scanned.has_product else None
    if found is None:
        return Matter(place=province, region=province if regions.is_region(province) else regions.COUNTRY)
    return Matter(found.gtin, found.batch, province, found.enterprise_id, found.region)


def _where(said: Statement, sender: Sender) -> str:
    """The place of the first photo whose position is kept, else that of the request."""
    for photo in said.photos if said.with_position else ():
        if photo.position and (place := gazetteer.nearest(photo.position[0] / 100, photo.position[1] / 100)):
            return place
    return sender.place


def _optional(text: str, name: str, most: int, *, lines: bool) -> str:
    return require_text(text, name, most, lines=lines) if text.strip() else ""


def _likeness(said: Statement) -> str | None:
    words = " ".join(said.content.casefold().split())
    return hashlib.sha256(words.encode()).hexdigest() if len(words) >= MIN_ALIKE else None


def _senders(sender: Sender) -> list[tuple[str, str]]:
    return [(kind, name) for kind, name in (("device", sender.device), ("network", sender.network)) if name]


def _paces(scanned: Scanned, sender: Sender) -> list[tuple[str, Pace]]:
    """In one order for all, so that no two wait for each other."""
    by_sender = {"device": DEVICE, "network": NETWORK}
    found = [(f"report:{kind}:{name}", by_sender[kind]) for kind, name in _senders(sender)]
    if scanned.has_product:
        found.append((f"report:label:{scanned.batch}.{scanned.index}", LABEL))
    return [*found, ("report:all", TOGETHER)]
