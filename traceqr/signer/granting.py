"""What may be sealed for the web: labels of an export that is on the ledger, with a link that is still good.

Web workers ask this before they show a file, and the signer asks it again, of the registry itself, before each strip.
So a worker that was broken into gets no seal that the ledger does not tell of, none of an export that was made at the
command line, and none after its link has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from traceqr import exporting
from traceqr.acting import ActRefused
from traceqr.activating import Range
from traceqr.errors import TraceqrError
from traceqr.exporting import Asked, Export, Plan
from traceqr.registry import exports
from traceqr.registry.database import Reader
from traceqr.registry.exports import Content, LinkedExport

LINK = "link"
"""The option of an export, on the ledger, that says it is handed out by a link: until when, and with which mask."""

GRACE_MS = 3_600_000
"""How long an export that was sent whole may be fetched again: the last of it may not have arrived."""


class NotGranted(TraceqrError):
    """Labels that are not given out. `reason` is a stable identifier; the message is for the operator."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Grant:
    """An export that may be given out now, and the form that its labels have."""

    export: Export
    format: str
    options: Mapping[str, Any]
    mask: int

    @property
    def plan(self) -> Plan:
        """Its labels, and the key that seals them."""
        return self.export.plan


def linked(asked: Asked, mask: int, until_ms: int) -> Asked:
    """An export as it is put on the ledger for a link. The mask of its symbols is noted, since nobody without the key
    could choose the same one: the choice looks at labels from all over the batch.
    """
    options = {**asked.options, LINK: {"mask": mask, "until_ms": until_ms}}
    return Asked(asked.format, options, asked.content, asked.again, asked.shows_marks)


def grant(reader: Reader, export_id: str, at_ms: int) -> Grant:
    """Raises `NotGranted`."""
    found = exports.by_id(reader, export_id)
    if found is None:
        raise NotGranted("export-unknown", "expected an export that is on the ledger, found none of that id")
    link = _link(found, at_ms)
    row = found.row
    try:
        plan = exporting.plan(reader, Range(row.batch, row.first, row.last), at_ms)
        exporting.require_sound(plan.marks if found.shows_marks else ())
    except ActRefused as error:
        raise NotGranted("labels-withdrawn", str(error)) from error
    options = {name: value for name, value in found.options.items() if name != LINK}
    return Grant(Export(row.id, plan, row.content), row.format, options, link["mask"])


def _link(found: LinkedExport, at_ms: int) -> Mapping[str, int]:
    """What the ledger says of the link, which must be good now."""
    link: Mapping[str, int] | None = found.options.get(LINK)
    if link is None or found.row.content is not Content.LABELS:
        raise NotGranted("export-not-linked", f"expected an export of labels by a link, {found.row.id} is another one")
    if at_ms >= link["until_ms"]:
        raise NotGranted("link-expired", f"expected a link that is still good, that of export {found.row.id} has ended")
    if found.finished_ms is not None and at_ms >= found.finished_ms + GRACE_MS:
        raise NotGranted("export-finished", f"expected an export that goes on, {found.row.id} was fetched whole before")
    return link
