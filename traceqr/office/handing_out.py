"""Labels that an enterprise lets be fetched for print, by a link: put on the ledger where no private key is."""

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
from traceqr.printing import formats
from traceqr.printing.design import BUILT_IN
from traceqr.printing.format import Format, PrintError
from traceqr.printing.sheets import is_own
from traceqr.printing.volumes import file_name
from traceqr.registry.exports import Content
from traceqr.signer.granting import linked
from traceqr.symbol.symbol import SymbolError

HOUR_MS = 3_600_000
MAX_HOURS = 24 * 30

MASK = 0
"""Of the symbols. Which one looks best is chosen by sealed labels, and nobody seals here; any is read as well."""


@dataclass(frozen=True, slots=True)
class HandedOut:
    """An export, and the file that its link leads to."""

    export: str
    batch: int
    first: int
    last: int
    format: str
    bytes: int
    until_ms: int
    file: str


def hand_out(
    office: EnterpriseOffice,
    labels: tuple[int, int | None, int | None],
    name: str,
    options: Mapping[str, Any],
    hours: int,
    again: str,
) -> HandedOut:
    """Put an export of a batch's labels, from a first to a last, on the ledger. Raises `Absent` and `ActRefused`."""
    target = Range(*labels)
    office.need(Right.PRINT)
    _require_built_in(options)
    desk = office.desk
    now_ms = desk.clock()
    with desk.database.snapshot() as reader:
        office.own_batch(reader, target.batch)
        plan = exporting.plan(reader, target, now_ms)
    try:
        form = formats.make(name, plan.job(formats.level_of(options), MASK), options)
        size = _size(name, form)
        asked = Asked(name, formats.noted(options), Content.LABELS, again, formats.shows_marks(name, options))
    except (PrintError, SymbolError) as error:
        raise ActRefused(str(error), "options") from error
    until_ms = now_ms + hours * HOUR_MS
    made = exporting.export(desk, plan, linked(asked, MASK, until_ms))
    file = file_name(plan.batch.number, plan.first, plan.last, form.suffix)
    return HandedOut(made.id, plan.batch.number, plan.first, plan.last, name, size, until_ms, file)


def _require_built_in(options: Mapping[str, Any]) -> None:
    """No path of a file of the server is taken from outside."""
    if options.get("design", BUILT_IN[0]) not in BUILT_IN or is_own(str(options.get("sheet", ""))):
        raise ActRefused("expected a design and a sheet that come with the program, got others", "options")


def _size(name: str, form: Format) -> int:
    if form.size is None:
        raise PrintError(f"expected a format whose length is known before it is made, {name} is none")
    return form.size
