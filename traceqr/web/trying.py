"""Tables that are tried out, with every fault named, and land as they were tried: what all forms for them share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr.office.taking_in import Outcome, Table
from traceqr.web import fault_words, forms, parcels
from traceqr.web.beside import beside
from traceqr.web.fault_words import Told
from traceqr.web.forms import OfficeForm
from traceqr.web.office_pages import done
from traceqr.web.parcels import Parcel, ParcelOver
from traceqr.web.site import language, site
from traceqr.web.tables import table_file

_ = str

MAX_OPEN = 200
"""From more faults on, those of each column are folded up."""

WHOLE = _("The file as a whole")
TALLY = _("Imported: %(added)s new, %(changed)s changed, %(unchanged)s unchanged.")

NO_FILE = _("Choose a file.")
TOO_LARGE = _("Choose a file of at most 5 MB. Larger ones are imported at the command line.")
OVER = _("The file was kept for an hour, and is gone. Choose it again.")

UNTRIED: dict[str, object] = {"outcome": None, "parcel": "", "name": ""}
"""What a page shows while no table was tried."""

Show = Callable[..., BaseResponse]
"""Makes the page: of a form, with a status and what `shown` gives."""


class FileForm(OfficeForm):
    """A table."""

    table = forms.file(_("Table (CSV or Excel)"), ".csv,.txt,.xlsx,text/csv")


def answer(purpose: str, take: Callable[[Table, bool], Outcome], show: Show) -> BaseResponse:
    """Answer a form. `take` takes a table in, or only tries it: then its second argument is true."""
    form = FileForm()
    if request.method == "GET":
        return show(form, 200, UNTRIED)
    parcel = _parcel(form, purpose)
    if parcel is None:
        return show(form, 422, UNTRIED)
    step, table = request.form.get("step", ""), Table(parcel.name, parcel.content)
    outcome = beside(lambda: take(table, step != "land"))
    if step == "faults":
        return _table_of_faults(outcome)
    if step == "land" and outcome.tally:
        return done(_worded(outcome), request.path)
    return show(form, 422 if outcome.faults else 200, _shown(parcel, purpose, outcome))


def _shown(parcel: Parcel, purpose: str, outcome: Outcome) -> dict[str, object]:
    """What a page shows of a table that was tried."""
    told = fault_words.told(outcome.faults)
    return {
        "parcel": parcels.seal(parcel, purpose),
        "name": parcel.name,
        "digest": hashlib.sha256(parcel.content).hexdigest(),
        "outcome": outcome,
        "by_column": _by_column(told),
        "open": len(told) <= MAX_OPEN,
        "whole": WHOLE,
    }


def _parcel(form: FileForm, purpose: str) -> Parcel | None:
    """The file that is chosen, or the one that was tried; a fault of the form where there is none."""
    lands, sealed = request.form.get("step") == "land", request.form.get("parcel", "")
    given = None if lands else parcels.uploaded("table")  # what lands is what was tried
    try:
        parcel = given or (parcels.unseal(sealed, purpose) if sealed else None)
    except ParcelOver:
        form.table.errors = [OVER]
        return None
    if parcel is None:
        form.table.errors = [NO_FILE]
    elif len(parcel.content) > parcels.MAX_BYTES:
        form.table.errors = [TOO_LARGE]
        return None
    return parcel


def _worded(outcome: Outcome) -> str:
    assert outcome.tally is not None  # it has landed
    counts = {name: f"{getattr(outcome.tally, name):,}" for name in ("added", "changed", "unchanged")}
    return site().pages.words(language(), TALLY, **counts)


def _by_column(faults: Sequence[Told]) -> dict[str, list[Told]]:
    """Faults by the column that they are in, the column with the most of them first."""
    found: dict[str, list[Told]] = {}
    for fault in faults:
        found.setdefault(fault.column, []).append(fault)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def _table_of_faults(outcome: Outcome) -> Response:
    rows = (
        (str(each.row or ""), each.column, each.expected, each.came, each.hint)
        for each in fault_words.told(outcome.faults)
    )
    return table_file("faults.csv", ("row", "column", "expected", "found", "hint"), rows)
