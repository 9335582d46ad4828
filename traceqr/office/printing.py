"""Print files of an enterprise's batches: put on the ledger, and fetched by a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.handing_out import hand_out
from traceqr.office.house import Absent
from traceqr.printing import formats, sheets
from traceqr.printing.volumes import file_name
from traceqr.registry import exports
from traceqr.registry.exports import Earlier
from traceqr.signer.granting import LINK, NotGranted, grant

FORMATS = formats.NAMES
DESIGNS = ("classic", "marked", "strip")
"""Built-in designs without a place for hidden codes, which no web node has."""

SHEETS = ("A4", "Letter", "roll", *sheets.SHEETS)
"""For PDF."""

VALID_HOURS = 24


class PrintedBefore(ActRefused):
    """Some of the labels left the house before, and no reason is given for doing so again."""


class Unprintable(ActRefused):
    """A form that the labels cannot have. The message says why."""


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """Labels of a batch, and the form that they are to have; `again` is why they are printed once more."""

    batch: int
    first: int | None
    last: int | None
    format: str
    options: Mapping[str, Any]
    again: str = ""


@dataclass(frozen=True, slots=True)
class PrintFile:
    """An export, and where its file may be fetched: `until_ms` is None, and `name` empty, where it no longer may."""

    made: Earlier
    until_ms: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class PrintOffice(EnterpriseOffice):
    """The print files of the identity's own enterprise."""

    def file(self, number: int, export_id: str) -> PrintFile:
        """An export of an own batch. Raises `Absent`."""
        self.need(Right.PRINT)
        now_ms = self.house.clock()
        with self.house.database.snapshot() as reader:
            self.own_batch(reader, number)
            made = next((each for each in exports.of_batch(reader, number) if each.row.id == export_id), None)
            if made is None:
                raise Absent("expected an export of the batch, found none")
            try:
                granted = grant(reader, export_id, now_ms)
            except NotGranted:
                return PrintFile(made)
        job = granted.plan.job(formats.level_of(granted.options), granted.mask)
        suffix = formats.make(granted.format, job, granted.options).suffix
        name = file_name(number, made.row.first, made.row.last, suffix)
        return PrintFile(made, made.payload["options"][LINK]["until_ms"], name)

    def order(self, order: PrintOrder) -> str:
        """Put an export on the ledger, with a link that is good for a day; returns its id. Raises `Absent`,
        `PrintedBefore`, `Unprintable` and `ActRefused`.
        """
        self.need(Right.PRINT)
        options, labels = _taken(order), (order.batch, order.first, order.last)
        try:
            return hand_out(self, labels, order.format, options, VALID_HOURS, order.again).export
        except ActRefused as refusal:
            if refusal.field == "again":
                raise PrintedBefore(str(refusal), "again") from refusal
            if refusal.field == "options":
                raise Unprintable(str(refusal), "format") from refusal
            raise


def _taken(order: PrintOrder) -> dict[str, Any]:
    """Of the options, those that the format takes. Designs and sheets are built in: a name never becomes a path."""
    if order.format not in formats.KINDS:
        raise Unprintable(f"expected a format of {', '.join(FORMATS)}, got {order.format!r}", "format")
    for name, known in (("design", DESIGNS), ("sheet", SHEETS)):
        if order.options.get(name, known[0]) not in known:
            raise Unprintable(f"expected a built-in {name}, got {order.options[name]!r}", name)
    taken = formats.KINDS[order.format].options
    return {name: value for name, value in order.options.items() if name in taken}
