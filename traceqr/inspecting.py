"""Inspecting: what devices send from the field is taken, entry by entry, and never changed. Each entry is on the ledger
by its digest, so that nobody can say later that it was another.

An entry is taken once, however often it is sent. What does not fit what is there is told, and nothing is merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from traceqr.access import Identity, Role
from traceqr.acting import Act, ActRefused, Desk
from traceqr.attachments import Attachments
from traceqr.inspection.entry import Entry, InvalidEntry
from traceqr.inspection.proof import ENTRY, BrokenSignature, DeviceKey
from traceqr.inspection.shapes import Fault
from traceqr.instant import day_end, from_iso, parse_date
from traceqr.label.format import InvalidLabel, Label
from traceqr.registry import accounts, cases, enterprises, field_devices, field_photos, inspections, organisations
from traceqr.registry.database import Reader, Transaction
from traceqr.registry.inspections import Correction, Inspection, Link


class EntryRefused(ActRefused):
    """An entry that is not taken. `code` says why, for programs; `more` are members of the answer."""

    def __init__(self, code: str, message: str, **more: Any) -> None:
        super().__init__(message, "entry")
        self.code = code
        self.more = more


@dataclass(frozen=True, slots=True)
class Taken:
    """An entry as it is kept, and whether it has just been."""

    link: Link
    new: bool


def read(text: str) -> Entry:
    """An entry of its text. Raises `EntryRefused`."""
    try:
        return Entry.parse(text)
    except InvalidEntry as error:
        raise EntryRefused("entry-malformed", str(error), faults=error.faults) from error


def take(desk: Desk, sender: Identity, entry: Entry, signature: str) -> Taken:
    """Take an entry that an inspector sends who has signed in. Raises `EntryRefused`."""
    if entry.account != sender.account:
        raise EntryRefused("account-other", "expected an entry of the account that is signed in, got another's")
    with desk.database.snapshot() as reader:
        if found := _there(reader, entry):
            return Taken(found, False)
        _require_signed(reader, entry, signature)
    with desk.act() as act:
        if found := _there(act.tx, entry):
            # Somebody was quicker; an act that writes nothing records nothing.
            return Taken(found, False)
        _require_device(act.tx, entry)
        _require_photos(act.tx, entry)
        if entry.number == 0:
            return Taken(_first(act, desk, sender, entry, signature), True)
        return Taken(_later(act, sender, entry, signature), True)


def missing_photos(reader: Reader, attachments: Attachments | None, digests: Sequence[str]) -> list[str]:
    """Which of some photos have not come, or are not kept any more."""
    held = field_photos.sizes(reader, digests)
    return [digest for digest in digests if digest not in held or not (attachments and attachments.exists(digest))]


def _there(reader: Reader, entry: Entry) -> Link | None:
    """The entry, if it is there. Raises `EntryRefused` where another has its place."""
    found = inspections.link(reader, entry.inspection, entry.number)
    if found is not None and found.digest != entry.digest:
        raise EntryRefused(
            "entry-conflict",
            f"expected entry {entry.number} as it is there, got another; what is there stays",
            digest=found.digest,
        )
    return found


def _require_device(reader: Reader, entry: Entry) -> DeviceKey:
    device = field_devices.by_id(reader, entry.device)
    if device is None or device.account_id != entry.account:
        raise EntryRefused("device-unknown", "expected a device that the account has enrolled, got another")
    if device.state != "enrolled":
        raise EntryRefused("device-revoked", "expected a device that is enrolled, this one was revoked")
    return DeviceKey(device.public_key)


def _require_signed(reader: Reader, entry: Entry, signature: str) -> None:
    try:
        _require_device(reader, entry).verify(signature, ENTRY + entry.octets)
    except BrokenSignature as error:
        raise EntryRefused("signature-broken", str(error)) from error


def _require_photos(reader: Reader, entry: Entry) -> None:
    sizes = field_photos.sizes(reader, [photo["digest"] for photo in entry.photos])
    missing = [photo["digest"] for photo in entry.photos if photo["digest"] not in sizes]
    if missing:
        raise EntryRefused("photos-missing", f"expected {len(missing)} photos before the entry", missing=missing)
    part = "record" if entry.number == 0 else "addition"
    _refuse(
        Fault(f"{part}/photos/{place}/bytes", f"{sizes[photo['digest']]:,}, as it came", f"{photo['bytes']:,}")
        for place, photo in enumerate(entry.photos)
        if photo["bytes"] != sizes[photo["digest"]]
    )


def _refuse(faults: Iterable[Fault]) -> None:
    if found := list(faults):
        raise EntryRefused("entry-malformed", "; ".join(map(str, found)), faults=found)


def _first(act: Act, desk: Desk, sender: Identity, entry: Entry, signature: str) -> Link:
    record = entry.content
    officers = [officer["account"] for officer in record["officers"]]
    _refuse(
        Fault(f"record/officers/{place}/account", "the account of an inspector", f'"{account}"')
        for place, account in enumerate(officers)
        if not _is_inspector(act.tx, account)
    )
    inspection = _inspection(act, sender, entry)
    payload = {"organisation": inspection.organisation_id, "state": inspection.state}
    link = _recorded(act, entry, signature, "inspection.record", payload)
    inspections.insert(act.tx, inspection, link.position)
    inspections.insert_link(act.tx, link, [photo["digest"] for photo in entry.photos])
    inspections.insert_marks(act.tx, inspection, officers, _products(act.tx, record))
    inspections.insert_corrections(act.tx, _ordered(desk, inspection, record))
    _tie(act, inspection)
    return link


def _is_inspector(reader: Reader, account_id: str) -> bool:
    account = accounts.by_id(reader, account_id)
    return account is not None and account.role == Role.INSPECTOR


def _inspection(act: Act, sender: Identity, entry: Entry) -> Inspection:
    record, premises = entry.content, entry.content["premises"]
    organisation = organisations.by_id(act.tx, sender.organisation or "")
    assert organisation is not None  # an inspector is held for one
    owner = enterprises.by_uscc(act.tx, premises["uscc"]) if premises["uscc"] else None
    return Inspection(
        entry.inspection,
        entry.account,
        organisation.id,
        organisation.region,
        owner.id if owner else None,
        premises["name"],
        premises["uscc"],
        record["kind"],
        record["finding"],
        len(record["labels"]),
        record["case"],
        record["follows"],
        from_iso(record["started"]),
        act.at_ms,
        "recorded",
        1,
    )


def _later(act: Act, sender: Identity, entry: Entry, signature: str) -> Link:
    inspection = inspections.by_id(act.tx, entry.inspection)
    if inspection is None or inspection.entries < entry.number:
        there = inspection.entries if inspection else 0
        raise EntryRefused("entry-ahead", f"expected entry {there} first, got {entry.number}", entries=there)
    _require_fitting(act.tx, sender, inspection, entry)
    state = "withdrawn" if entry.kind == "withdrawn" else inspection.state
    payload = {"organisation": inspection.organisation_id, "state": state}
    link = _recorded(act, entry, signature, "inspection.add", payload)
    inspections.grow(act.tx, inspection.id, entry.number + 1, state, link.position)
    inspections.insert_link(act.tx, link, [photo["digest"] for photo in entry.photos])
    if entry.kind == "followed-up":
        inspections.follow_up(act.tx, inspection.id, entry.content["measure"], act.at_ms, entry.number)
    if entry.kind == "withdrawn":
        _untie(act, inspection)
    return link


def _require_fitting(reader: Reader, sender: Identity, inspection: Inspection, entry: Entry) -> None:
    """The addition goes on where the last entry ends, and is by somebody whose business it is."""
    if sender.organisation != inspection.organisation_id:
        raise EntryRefused("inspection-other", "expected an inspection of the own organisation, got another's")
    if entry.kind in ("correction", "withdrawn") and entry.account not in inspections.officers(reader, inspection.id):
        raise EntryRefused("inspection-other", "expected an officer of the inspection, got somebody else")
    if inspection.state != "recorded":
        raise EntryRefused("inspection-withdrawn", f"expected one that stands, this inspection was {inspection.state}")
    before = inspections.link(reader, inspection.id, entry.number - 1)
    assert before is not None  # there are so many entries
    if entry.previous != before.digest:
        raise EntryRefused(
            "entry-forked",
            "expected an entry that follows the last one, got one that follows another",
            digest=before.digest,
        )
    measure = entry.content["measure"]
    if measure is not None and measure not in {each.measure for each in inspections.corrections(reader, inspection.id)}:
        _refuse([Fault("addition/measure", "the place of a correction that was ordered", f"{measure}")])


def _recorded(act: Act, entry: Entry, signature: str, name: str, payload: dict[str, Any]) -> Link:
    said = {"entry": entry.number, "digest": entry.digest, "device": entry.device, "account": entry.account, **payload}
    position = act.record(name, f"inspection:{entry.inspection}", said)
    return Link(
        entry.inspection,
        entry.number,
        entry.digest,
        entry.device,
        entry.account,
        entry.kind,
        entry.made_ms,
        entry.server_ms,
        act.at_ms,
        entry.text,
        signature,
        position,
    )


def _products(reader: Reader, record: Any) -> set[str]:
    """The GTINs of the goods that were met, and of the labels: by their texts, or by a serial that was typed."""
    found = {goods["gtin"] for goods in record["goods"] if goods["gtin"]}
    typed = set()
    for label in record["labels"]:
        if label["text"] is None:
            typed.add(label["serial"][:8])
        elif gtin := _gtin(label["text"]):
            found.add(gtin)
    matters = (cases.of_batch(reader, int(batch)) for batch in sorted(typed))
    return found | {matter.gtin for matter in matters if matter is not None}


def _gtin(text: str) -> str:
    try:
        return str(Label.parse(text).gtin)
    except InvalidLabel:
        return ""


def _ordered(desk: Desk, inspection: Inspection, record: Any) -> list[Correction]:
    """The corrections that were ordered. Each is due when its day ends."""
    return [
        Correction(inspection.id, place, inspection.region, day_end(parse_date(measure["until"]), desk.timezone))
        for place, measure in enumerate(record["measures"])
        if measure["kind"] == "ordered"
    ]


def _tie(act: Act, inspection: Inspection) -> None:
    """An inspection that follows another has looked at its corrections, whichever of the two came first."""
    before = inspections.by_id(act.tx, inspection.follows) if inspection.follows else None
    if before is not None and before.organisation_id == inspection.organisation_id:
        inspections.follow_up_all(act.tx, before.id, act.at_ms, inspection.id)
    _look_again(act.tx, inspection)


def _untie(act: Act, inspection: Inspection) -> None:
    """One that was withdrawn has looked at nothing; what looked at the same corrections later counts in its place."""
    inspections.unfollow(act.tx, inspection.id)
    before = inspections.by_id(act.tx, inspection.follows) if inspection.follows else None
    if before is not None:
        _look_again(act.tx, before)


def _look_again(tx: Transaction, inspection: Inspection) -> None:
    """Whatever has looked at the corrections of an inspection, in the order in which it came: the first counts."""
    looks: list[Link | Inspection] = [
        *(each for each in inspections.links(tx, inspection.id) if each.kind == "followed-up"),
        *(
            each
            for each in inspections.following(tx, inspection.id)
            if each.organisation_id == inspection.organisation_id and each.state == "recorded"
        ),
    ]
    for look in sorted(looks, key=lambda each: each.received_ms):
        if isinstance(look, Link):
            measure = Entry.parse(look.content).content["measure"]
            inspections.follow_up(tx, inspection.id, measure, look.received_ms, look.entry)
        else:
            inspections.follow_up_all(tx, inspection.id, look.received_ms, look.id)
