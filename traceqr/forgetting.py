"""Forgetting: what people reported about themselves goes once their case has been closed for long enough. What they
said of the product stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from traceqr.acting import ActRefused, Desk
from traceqr.attachments import Attachments
from traceqr.instant import DAY_MS
from traceqr.registry import case_texts, field_photos, pacing, reports
from traceqr.registry.database import Database, Reader, Transaction

Found = TypeVar("Found")

CONTACT_DAYS = 90
PHOTO_DAYS = 730
"""After a case was closed: what the form promises of contacts, and what a dispute may need of photos."""

EVENT_DAYS = 90
"""So long it is kept that something happened to a case, for those who tell others of it."""

FIELD_PHOTO_DAYS = 30
"""So long a photo of a device in the field waits for the entry that names it. One that is named stays."""

CHUNK = 200
"""Rows of one transaction: others wait for milliseconds."""


@dataclass(frozen=True, slots=True)
class Gone:
    """What was taken out: contacts, photos of reports, and attachments that nothing names any more."""

    contacts: int
    photos: int
    attachments: int


def forget(
    desk: Desk,
    database: Database,
    attachments: Attachments | None,
    contact_days: int = CONTACT_DAYS,
    photo_days: int = PHOTO_DAYS,
) -> Gone:
    """Take out contacts and photos of cases that were closed so many days ago or earlier. The act is recorded first;
    what is interrupted after it is finished by doing it again. Raises `ActRefused` and `AttachmentUnavailable`.
    """
    for name, days in (("contact_days", contact_days), ("photo_days", photo_days)):
        if not 0 <= days <= 36_500:
            raise ActRefused(f"expected 0 to 36,500 days, got {days:,}", name)
    with desk.act() as act:
        now_ms = act.at_ms
        contacts_ms, photos_ms = now_ms - contact_days * DAY_MS, now_ms - photo_days * DAY_MS
        act.record("reports.prune", "reports", {"contacts_before_ms": contacts_ms, "photos_before_ms": photos_ms})
    with database.recording() as tx:
        pacing.prune(tx, now_ms, pacing.REPORTS)
    with database.recording() as tx:
        case_texts.prune_events(tx, now_ms - EVENT_DAYS * DAY_MS)
    gone = (
        _swept(database, lambda reader: reports.with_contact(reader, contacts_ms, CHUNK), reports.erase_contacts),
        _swept(database, lambda reader: reports.photos_in_closed(reader, photos_ms, CHUNK), reports.remove_photos),
    )
    waited_ms = now_ms - FIELD_PHOTO_DAYS * DAY_MS
    _swept(database, lambda reader: field_photos.unnamed(reader, waited_ms, CHUNK), field_photos.remove)
    return Gone(*gone, _unnamed(database, attachments, now_ms) if attachments else 0)


def _swept(
    database: Database, find: Callable[[Reader], list[Found]], take: Callable[[Transaction, list[Found]], object]
) -> int:
    """Find some and take them out, each time in a transaction of its own, until there are none; returns how many."""
    gone = 0
    while True:
        with database.snapshot() as reader:
            found = find(reader)
        if not found:
            return gone
        with database.recording() as tx:
            take(tx, found)
        gone += len(found)


def _unnamed(database: Database, attachments: Attachments, now_ms: int) -> int:
    """Contents go last, and those of the last day never: a report that is being filed has put its photos already."""
    gone = 0
    for digest in attachments.digests(now_ms - DAY_MS):
        with database.snapshot() as reader:
            named = reports.is_photo(reader, digest) or field_photos.row(reader, digest) is not None
        if not named:
            attachments.remove(digest)
            gone += 1
    return gone
