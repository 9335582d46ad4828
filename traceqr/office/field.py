"""The desk of an inspector whose device is in the field: who one is, one's devices, and what they send."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from traceqr import equipping, inspecting
from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.attachments import AttachmentUnavailable
from traceqr.inspecting import EntryRefused as EntryRefused
from traceqr.inspecting import Taken as Taken
from traceqr.inspection.record import MAX_PHOTO_BYTES
from traceqr.office.house import Absent, Denied, Office
from traceqr.photo import PhotoRefused, ends_with_its_picture, read_photo
from traceqr.registry import accounts, field_devices, field_photos, inspections, inspectors, organisations
from traceqr.registry.accounts import Account
from traceqr.registry.database import Row
from traceqr.registry.field_devices import FieldDevice
from traceqr.registry.inspections import Correction, Inspection, Link
from traceqr.registry.organisations import Organisation
from traceqr.registry.pacing import Pace

PAGE = 50
MAX_DIGESTS = 50
MAX_DUE = 200
PHOTOS = Pace(2_000, 15_000)
"""Photos that one account sends: ten records with as many as there may be at once, then one in a quarter of a minute. A
session that fell into other hands can fill no disk in a night.
"""

_DIGEST = re.compile("[0-9a-f]{64}")
_AFTER = re.compile("([0-9]{1,18})-([0-9a-f]{32})")
_JPEG = b"\xff\xd8\xff"


class FieldPhotoRefused(ActRefused):
    """A photo that is not kept. `code` is photo-altered, photo-malformed, photo-too-large or photo-busy."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, "photo")
        self.code = code


@dataclass(frozen=True, slots=True)
class Myself:
    """Who is in the field, for whom, with whom, and with which device."""

    account: Account
    badge: str
    organisation: Organisation
    colleagues: Sequence[Row]
    device: FieldDevice | None


@dataclass(frozen=True, slots=True)
class Whole:
    """An inspection with its entries as they were signed, and what was ordered in it."""

    inspection: Inspection
    links: Sequence[Link]
    corrections: Sequence[Correction]


@dataclass(frozen=True, slots=True)
class FieldOffice(Office):
    """What devices of an inspector ask for."""

    def myself(self, device_id: str = "") -> Myself:
        """See `Myself`. The device is that of the id, if it is one's own."""
        self.need(Right.INSPECT)
        with self.house.database.snapshot() as reader:
            account = accounts.by_id(reader, self.identity.account)
            organisation = organisations.by_id(reader, self.identity.organisation or "")
            if account is None or organisation is None:
                raise Absent("expected an account of an organisation, found none")
            others = inspectors.of_organisation(reader, organisation.id)
            device = field_devices.by_id(reader, device_id) if device_id else None
            return Myself(
                account,
                inspectors.badge(reader, account.id),
                organisation,
                [row for row in others if row["account"] != account.id],
                device if device and device.account_id == account.id else None,
            )

    def devices(self) -> list[FieldDevice]:
        """One's own devices, the one enrolled last first."""
        self.need(Right.INSPECT)
        with self.house.database.snapshot() as reader:
            return field_devices.of_account(reader, self.identity.account)

    def enrol(self, name: str, jwk: object, code: str, proof: object) -> tuple[FieldDevice, bool]:
        """Enrol the device of a key, by a code of the second factor; and whether it is new. Raises `ActRefused`,
        `SignInRefused` for a wrong code, and `SlowDown`.
        """
        self.need(Right.INSPECT)
        key = equipping.device_key(jwk, proof, self.identity.account)
        if (held := equipping.known(self.desk, key, self.identity.account)) is not None:
            return held, False
        self.house.doorkeeper.require_code(self.identity.account, code)
        return equipping.enrol(self.desk, self.identity.account, name, key), True

    def revoke(self, device_id: str) -> None:
        """Revoke one of one's own devices. Raises `Absent`."""
        if device_id not in {each.id for each in self.devices() if each.state == "enrolled"}:
            raise Absent("expected one of the own devices, found none")
        equipping.revoke(self.desk, device_id)

    def badge(self) -> str:
        """The number of one's certificate, as one has stated it."""
        self.need(Right.INSPECT)
        with self.house.database.snapshot() as reader:
            return inspectors.badge(reader, self.identity.account)

    def state_badge(self, badge: str) -> None:
        """State the number of one's certificate."""
        self.need(Right.INSPECT)
        equipping.state_badge(self.desk, self.identity.account, badge)

    def take(self, text: str, signature: str) -> Taken:
        """Take an entry. Raises `EntryRefused`."""
        self.need(Right.INSPECT)
        return inspecting.take(self.desk, self.identity, inspecting.read(text), signature)

    def missing(self, digests: Sequence[str]) -> list[str]:
        """Which photos have not come. Raises `ActRefused` for what are no digests, or too many."""
        self.need(Right.INSPECT)
        if not 1 <= len(digests) <= MAX_DIGESTS or not all(map(_DIGEST.fullmatch, digests)):
            raise ActRefused(f"expected 1 to {MAX_DIGESTS} digests of 64 lower-case hex digits, got others", "d")
        with self.house.database.snapshot() as reader:
            return inspecting.missing_photos(reader, self.house.attachments, digests)

    def put_photo(self, digest: str, content: bytes) -> bool:
        """Keep a photo under the digest that the device has signed; whether it is new. Raises `FieldPhotoRefused`,
        `AttachmentUnavailable` and `SlowDown`.
        """
        self.need(Right.INSPECT)
        if self.house.attachments is None:
            raise AttachmentUnavailable("expected a place for photos, this deployment has none")
        self.house.doorkeeper.take("photo", self.identity.account, PHOTOS)
        _require_photo(digest, content)
        # The content first: no row names a photo that is not there.
        self.house.attachments.put(content)
        with self.house.database.recording() as tx:
            return field_photos.put(tx, digest, len(content), self.identity.account, self.house.clock())

    def own(self, after: str = "", most: int = PAGE) -> tuple[list[Row], str]:
        """A page of inspections that one has made, the one received last first; and where the next one begins."""
        self.need(Right.INSPECT)
        found = _AFTER.fullmatch(after)
        if after and not found:
            raise Denied("expected the end of a page as it was told, got another")
        before = (int(found[1]), found[2]) if found else (2**62, "")
        with self.house.database.snapshot() as reader:
            rows = inspections.of_officer(reader, self.identity.account, before, most + 1)
        shown = rows[:most]
        return shown, f"{shown[-1]['received_ms']}-{shown[-1]['id']}" if len(rows) > most else ""

    def due(self, most: int = MAX_DUE) -> list[Row]:
        """Inspections of the own organisation with a correction that nobody has looked at, the one due first first."""
        self.need(Right.INSPECT)
        with self.house.database.snapshot() as reader:
            return inspections.due(reader, self.identity.organisation or "", most)

    def inspection(self, inspection_id: str) -> Whole:
        """An inspection of the own organisation: what may be added to it is seen by what it says. Raises `Absent`."""
        self.need(Right.INSPECT)
        with self.house.database.snapshot() as reader:
            found = inspections.by_id(reader, inspection_id)
            if found is None or found.organisation_id != self.identity.organisation:
                raise Absent("expected an inspection of the own organisation, found none")
            return Whole(found, inspections.links(reader, found.id), inspections.corrections(reader, found.id))


def _require_photo(digest: str, content: bytes) -> None:
    """What came is what the device has kept, and it is a photo and nothing else. It is looked at and not made anew: its
    digest is what was signed.
    """
    if len(content) > MAX_PHOTO_BYTES:
        raise FieldPhotoRefused(
            "photo-too-large", f"expected a photo of at most {MAX_PHOTO_BYTES:,} bytes, got {len(content):,}"
        )
    if hashlib.sha256(content).hexdigest() != digest:
        raise FieldPhotoRefused("photo-altered", "expected the photo of that digest, got another")
    if not content.startswith(_JPEG):
        raise FieldPhotoRefused("photo-malformed", "expected a JPEG picture, got something else")
    try:
        read_photo(content)
    except PhotoRefused as error:
        code = error.reason if error.reason in ("photo-too-large", "photo-busy") else "photo-malformed"
        raise FieldPhotoRefused(code, str(error)) from error
    if not ends_with_its_picture(content):
        raise FieldPhotoRefused("photo-malformed", "expected one picture and nothing behind it, got more")
