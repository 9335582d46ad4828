"""Exporting labels for print: computed from the batch and its key, and on the ledger before the first byte.

An export is two entries: `labels.export` says who takes which labels in what form, before any of them is released;
`labels.exported` says with its SHA-256 what was written, once all of it is. One without the other was broken off.
`hidden.export` and `hidden.exported` are the same for the hidden codes of labels, in a file of their own.
Labels that left the house once do so again only for a reason, which the ledger keeps: printing a batch twice is how an
insider would make copies that no signature tells from the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from traceqr.acting import Act, ActRefused, Desk
from traceqr.activating import Range, resolve
from traceqr.evidence import Mark
from traceqr.instant import to_iso
from traceqr.label.gtin import Gtin
from traceqr.label.host import Origin
from traceqr.label.keyring import PublicKey, Status
from traceqr.label.series import Series
from traceqr.printing.format import Imprint, Job
from traceqr.registry import claims, dossiers, exports, keys, spans
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader
from traceqr.registry.dossiers import Dossier
from traceqr.registry.exports import Content, Earlier, ExportRow
from traceqr.symbol.symbol import Level


@dataclass(frozen=True, slots=True)
class Plan:
    """Labels `first` to `last` of a batch that may be printed, the key that seals them, and what stands beside them."""

    batch: Batch
    first: int
    last: int
    key: PublicKey
    imprint: Imprint
    marks: tuple[Mark, ...] = ()
    """What the batch carries, in the states of the instant for which it was planned."""

    def __len__(self) -> int:
        return self.last - self.first + 1

    @property
    def series(self) -> Series:
        """What all labels of the batch share."""
        return series(self.batch)

    def job(self, level: Level = Level.M, mask: int = 0) -> Job:
        """The labels of one file."""
        return Job(self.series, self.first, self.last, self.imprint, level, mask)


@dataclass(frozen=True, slots=True)
class Asked:
    """The form in which labels are asked for. `options` are those of the format that were given, as plain values;
    `again` is the reason for labels that left the house before; `shows_marks` is false where the form has no place for
    the marks of a batch.
    """

    format: str
    options: Mapping[str, Any] = field(default_factory=dict)
    content: Content = Content.LABELS
    again: str = ""
    shows_marks: bool = True


@dataclass(frozen=True, slots=True)
class Export:
    """An export that is on the ledger: its labels may be made and released."""

    id: str
    plan: Plan
    content: Content = Content.LABELS


def series(batch: Batch) -> Series:
    """What all labels of a batch share."""
    return Series(Origin.parse(batch.origin), Gtin.parse(batch.gtin), batch.number, batch.key_number, batch.pledge)


def plan(reader: Reader, target: Range, at_ms: int) -> Plan:
    """Labels that may be printed now. Raises `ActRefused` for those of no batch, outside it, or wholly void, for a key
    that may not print, and where the enterprise that issued them has lost the right to the GTIN.
    """
    batch, first, last = resolve(reader, target)
    _require_right(reader, batch)
    key = _printable_key(reader, batch, at_ms)
    if all(span.life == "void" for span in spans.within(reader, batch.number, first, last)):
        raise ActRefused(f"batch {batch.number}: expected labels to print in {first} to {last}, all are void")
    found = dossiers.dossier(reader, batch.number)
    return Plan(batch, first, last, key, _imprint(batch, found), found.marks_at(at_ms))


def export(desk: Desk, planned: Plan, asked: Asked) -> Export:
    """Put an export on the ledger; what is planned is asked again under the lock, since labels may have been voided
    and keys stolen meanwhile. Raises `ActRefused`.
    """
    again = asked.again.strip()
    with desk.act() as act:
        agreed = _again(act, planned)
        _require_marks(agreed, asked)
        earlier = exports.overlapping(act.tx, agreed.batch.number, agreed.first, agreed.last, asked.content)
        if earlier and not again:
            raise ActRefused(_twice(earlier), "again")
        row = ExportRow(desk.new_id(), agreed.batch.number, agreed.first, agreed.last, asked.content, asked.format)
        payload = _payload(row, asked, agreed) | ({"again": again, "earlier": earlier.row.id} if earlier else {})
        exports.insert(act.tx, row, act.record(f"{_noun(row.content)}.export", f"batch:{row.batch}", payload))
        return Export(row.id, agreed, row.content)


def resume(desk: Desk, planned: Plan, asked: Asked, start: int) -> Export:
    """Go on with the latest export of exactly these labels in this form that was broken off, from label `start` on.

    It stays the same export; the ledger says from where its labels were made again. Raises `ActRefused`.
    """
    with desk.act() as act:
        agreed = _again(act, planned)
        _require_marks(agreed, asked)
        if not agreed.first <= start <= agreed.last + 1:
            raise ActRefused(f"expected a label of {agreed.first} to {agreed.last} to go on from, got {start}")
        found = exports.unfinished(act.tx, agreed.batch.number, agreed.first, agreed.last)
        broken = next((each for each in found if _is_as_asked(each, asked)), None)
        if broken is None:
            raise ActRefused(
                f"batch {agreed.batch.number}: expected an export of labels {agreed.first} to {agreed.last} to"
                f" {asked.format}, with these options, that was broken off; found none to go on with"
            )
        act.record("labels.resume", f"batch:{agreed.batch.number}", {"export": broken.row.id, "from": start})
        return Export(broken.row.id, agreed, asked.content)


def finish(desk: Desk, made: Export, digest: str, size: int) -> None:
    """An export is whole: SHA-256 in hex and bytes of all that was written. Raises `ActRefused` if it was so."""
    with desk.act() as act:
        payload = {"export": made.id, "digest": digest, "bytes": size, "labels": len(made.plan)}
        position = act.record(f"{_noun(made.content)}.exported", f"batch:{made.plan.batch.number}", payload)
        if not exports.finish(act.tx, made.id, digest, size, position):
            raise ActRefused(f"expected an export that goes on, {made.id} is none")


def prove(desk: Desk, planned: Plan, asked: Asked, indexes: list[int]) -> None:
    """Put on the ledger that labels are made to be looked at. They are sealed as they are printed, by the same key, so
    nobody may do it unseen; but they are not written anywhere, so it is no export, and labels can be printed after it.
    """
    with desk.act() as act:
        agreed = _again(act, planned)
        _require_marks(agreed, asked)
        payload = {"format": asked.format, "options": dict(asked.options), "labels": indexes}
        if asked.content is not Content.LABELS:
            payload["content"] = str(asked.content)
        act.record("labels.proof", f"batch:{agreed.batch.number}", payload)


def _noun(content: Content) -> str:
    """Labels with their hidden codes are labels; the entry says that it had both."""
    return "hidden" if content is Content.HIDDEN else "labels"


def _again(act: Act, planned: Plan) -> Plan:
    return plan(act.tx, Range(planned.batch.number, planned.first, planned.last), act.at_ms)


def shown_marks(plan: Plan, asked: Asked) -> tuple[Mark, ...]:
    """The marks of a batch whose artwork stands on labels of that form. Hidden codes come without any."""
    return plan.marks if asked.shows_marks and asked.content is not Content.HIDDEN else ()


def require_sound(shown: Iterable[Mark]) -> None:
    """Raise `ActRefused` for marks that must not be printed: what left the house before says on its page that they are
    suspended or withdrawn, and new labels with them would be wrong from the first. A licence that has only run out does
    not matter: its labels were issued, and counted, while it was in force.
    """
    for mark in shown:
        if mark.troubled:
            raise ActRefused(
                f"licence {mark.licence} of mark {mark.id} is {mark.state} since {to_iso(mark.since_ms)}:"
                f" {mark.reason}; labels that show the mark are not printed; take a design without marks",
                "design",
            )


def _require_marks(agreed: Plan, asked: Asked) -> None:
    require_sound(shown_marks(agreed, asked))


def _payload(row: ExportRow, asked: Asked, agreed: Plan) -> dict[str, Any]:
    shown = [mark.number for mark in shown_marks(agreed, asked)]
    return ({"marks": shown} if shown else {}) | {
        "export": row.id,
        "first": row.first,
        "last": row.last,
        "content": str(row.content),
        "format": row.format,
        "options": dict(asked.options),
    }


def _is_as_asked(broken: Earlier, asked: Asked) -> bool:
    row = broken.row
    return (row.format, row.content, broken.payload["options"]) == (asked.format, asked.content, dict(asked.options))


def _twice(earlier: Earlier) -> str:
    row = earlier.row
    what = {"labels": "labels", "hidden": "hidden codes of labels", "both": "labels with their hidden codes"}
    broken = "" if earlier.digest else ", and broken off"
    return (
        f"batch {row.batch}: {what[row.content]} {row.first} to {row.last} were exported to {row.format} already, by"
        f" {earlier.actor} at {to_iso(earlier.at_ms)}{broken} (export {row.id}); nothing was written. What is printed"
        " twice nobody can tell apart: say why it is needed, for the ledger, with --again REASON"
    )


def _imprint(batch: Batch, found: Dossier) -> Imprint:
    """All of it as it was when the batch was issued, so that its files are the same whenever they are made."""
    enterprise = found.enterprise
    return Imprint(
        found.product.name_zh,
        batch.lot or "",
        enterprise.printed_zh or enterprise.name_zh,
        found.product.specification,
        batch.produced_on or "",
        batch.expires_on or "",
        tuple(mark.artwork for mark in found.marks),
    )


def _require_right(reader: Reader, batch: Batch) -> None:
    if claims.accepted_for(reader, batch.enterprise_id, batch.gtin) is None:
        raise ActRefused(
            f"batch {batch.number}: expected an accepted claim to GTIN {batch.gtin} of the enterprise that issued it,"
            " found none: it was revoked, and labels are not printed under it any more"
        )


def _printable_key(reader: Reader, batch: Batch, at_ms: int) -> PublicKey:
    key = keys.by_number(reader, batch.key_number)
    assert key is not None  # a foreign key of the registry
    if not key.may_print(at_ms):
        state = key.status if key.status not in (Status.ACTIVE, Status.RETIRED) else "outside its verifying window"
        raise ActRefused(f"batch {batch.number}: expected a key that may print, key {key.number} is {state}")
    return key
