"""Erasing: inspections go when the term of their files is over. The ledger keeps that they were, and their digests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from traceqr.acting import Act, ActRefused, Desk
from traceqr.attachments import Attachments
from traceqr.instant import DAY_MS, day_start
from traceqr.registry import erasures, field_photos, organisations, reports

LEAST_DAYS = 730
"""So long at least an offence can be punished (China, Administrative Penalty Law, article 36): nothing goes before."""

CHUNK = 20
"""Inspections of one act, with up to 200 photos an entry: others wait some 10 ms for theirs."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: inspections, and files of photos."""

    inspections: int
    photos: int


def first_instant(desk: Desk, before: date) -> int:
    """The instant, in ms, at which the day begins. Raises `ActRefused` for a day too near."""
    before_ms, latest_ms = day_start(before, desk.timezone), desk.clock() - LEAST_DAYS * DAY_MS
    if before_ms > latest_ms:
        latest = datetime.fromtimestamp(latest_ms // 1000, desk.timezone).date()
        raise ActRefused(f"expected {latest} or earlier, {LEAST_DAYS} days ago, got {before}", "before")
    return before_ms


def due(desk: Desk, before: date, organisation_id: str | None = None) -> int:
    """How many inspections were complete before a day, of one organisation or of all. Raises `ActRefused`."""
    before_ms = first_instant(desk, before)
    with desk.database.snapshot() as reader:
        if organisation_id is not None and organisations.by_id(reader, organisation_id) is None:
            raise ActRefused(f"expected the id of an organisation, {organisation_id!r} is none", "organisation")
        return erasures.count(reader, before_ms, organisation_id)


def untold(number: int) -> None:
    """Nobody watches."""


def erase(
    desk: Desk,
    attachments: Attachments | None,
    before: date,
    organisation_id: str | None = None,
    watch: Callable[[int], object] = untold,
) -> Erased:
    """Erase what is `due`; `watch` is told of each number that went. What is interrupted is finished by doing it again,
    but for files of photos, which `reports prune` finishes. Raises `ActRefused` and `AttachmentUnavailable`.
    """
    due(desk, before, organisation_id)
    before_ms, place, inspections, files = first_instant(desk, before), (0, ""), 0, 0
    while True:
        with desk.act() as act:
            found = erasures.some(act.tx, before_ms, organisation_id, place, CHUNK)
            digests = {digest for _, each in found for digest in _erase(act, each, before_ms)}
            field_photos.remove(act.tx, sorted(digests))
        # Files go last: a registry that was killed in between names none that is not there.
        files += _remove(desk, attachments, digests) if attachments else 0
        inspections += len(found)
        watch(len(found))
        if len(found) < CHUNK:
            return Erased(inspections, files)
        place = found[-1]


def _erase(act: Act, inspection_id: str, before_ms: int) -> list[str]:
    """Erase one; returns the digests of its photos."""
    digests = erasures.photos(act.tx, inspection_id)
    position = act.record("inspection.erase", f"inspection:{inspection_id}", {"before_ms": before_ms})
    erasures.erase(act.tx, inspection_id, position)
    return digests


def _remove(desk: Desk, attachments: Attachments, digests: set[str]) -> int:
    """Remove the files of photos that nothing names any more; returns how many."""
    with desk.database.snapshot() as reader:
        named = {each for each in digests if field_photos.row(reader, each) or reports.is_photo(reader, each)}
    gone = sorted(digests - named)
    for digest in gone:
        attachments.remove(digest)
    return len(gone)
