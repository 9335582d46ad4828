"""Print files of an enterprise's batches: put on the ledger, and fetched by a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from traceqr import exporting
from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.activating import Range
from traceqr.exporting import Asked
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.house import Absent
from traceqr.printing import formats, sheets
from traceqr.printing.format import PrintError
from traceqr.printing.volumes import file_name
from traceqr.registry import batches, exports
from traceqr.registry.database import Reader
from traceqr.registry.exports import Content, Earlier
from traceqr.signer.granting import LINK, NotGranted, grant, linked

FORMATS = formats.NAMES
DESIGNS = ("classic", "marked", "strip")
"""Built-in designs without a place for hidden codes, which no web node has."""

SHEETS = ("A4", "Letter", "roll", *sheets.SHEETS)
"""For PDF."""

VALID_MS = 24 * 3_600_000


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
            self._require_own(reader, number)
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
        now_ms = self.house.clock()
        with self.house.database.snapshot() as reader:
            self._require_own(reader, order.batch)
            plan = exporting.plan(reader, Range(order.batch, order.first, order.last), now_ms)
        options = _taken(order)
        try:
            # No key is at hand to choose a mask by the look of the labels; readers take every mask.
            form = formats.make(order.format, plan.job(formats.level_of(options), 0), options)
        except PrintError as error:
            raise Unprintable(str(error), "format") from error
        if form.size is None:
            raise Unprintable(f"expected a format whose length is known before it is made, {order.format} is none")
        shows_marks = formats.shows_marks(order.format, options)
        asked = Asked(order.format, options, Content.LABELS, order.again, shows_marks)
        try:
            return exporting.export(self.desk, plan, linked(asked, 0, now_ms + VALID_MS)).id
        except ActRefused as refusal:
            if refusal.field == "again":
                raise PrintedBefore(str(refusal), "again") from refusal
            raise

    def _require_own(self, reader: Reader, number: int) -> None:
        found = batches.by_number(reader, number)
        if found is None or found.enterprise_id != self.enterprise:
            raise Absent("expected the number of an own batch, got another")


def _taken(order: PrintOrder) -> dict[str, Any]:
    """Of the options, those that the format takes. Designs and sheets are built in: a name never becomes a path."""
    if order.format not in formats.KINDS:
        raise Unprintable(f"expected a format of {', '.join(FORMATS)}, got {order.format!r}", "format")
    for name, known in (("design", DESIGNS), ("sheet", SHEETS)):
        if order.options.get(name, known[0]) not in known:
            raise Unprintable(f"expected a built-in {name}, got {order.options[name]!r}", name)
    taken = formats.KINDS[order.format].options
    return {name: value for name, value in order.options.items() if name in taken}
