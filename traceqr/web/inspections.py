"""Inspections of a region, for its association and for inspectors: `/inspections/`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField
from wtforms.validators import InputRequired

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.instant import from_iso, to_iso
from traceqr.office.inspections import COLUMNS, Asked, InspectionFile, InspectionOffice, Undrawn
from traceqr.web import forms
from traceqr.web import inspection_words as words
from traceqr.web.calls import Row
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.numbers import whole
from traceqr.web.office_pages import done, page
from traceqr.web.refusals import worded
from traceqr.web.strokes import drawn
from traceqr.web.tables import table_file

_ = str

HOME = "/inspections/"
_SHUT = "default-src 'none'; sandbox"
_PLACES = {"case": "/association/cases/", "recall": "/association/recalls/"}
"""Where those have pages of their own that come of inspections."""

_ASKED = ("region", "gtin", "uscc", "finding", "kind", "standing")

blueprint = Blueprint("inspections", __name__, url_prefix="/inspections")
blueprint.before_request(guard(Role.OFFICER, Role.INSPECTOR))


class CaseForm(OfficeForm):
    """Which labels the case is about."""

    batch = SelectField(_("Batch of the labels"), [InputRequired(forms.NEEDED)], validate_choice=False)


class ReferralForm(OfficeForm):
    """What there is already that came of the inspection."""

    kind = SelectField(_("What came of it"), [InputRequired(forms.NEEDED)], validate_choice=False)
    target = forms.line(_("Its id, the last part of its page's address"), 64)


def office() -> InspectionOffice:
    """The desk of whoever asks."""
    return InspectionOffice(door().house, identity())


@blueprint.get("/")
def listed() -> BaseResponse:
    """The one received last first, fifty at a time."""
    asked = _asked()
    return page(
        "office/inspections.html",
        found=office().queue(asked, request.args.get("after", "")),
        asked=asked,
        query=_query(asked),
        words=words,
    )


@blueprint.get("/all.csv")
def table() -> Response:
    """All that are asked for, as a table."""
    found = office().all(_asked())
    return table_file("inspections.csv", COLUMNS, ([str(row[name]) for name in COLUMNS] for row in found))


@blueprint.get("/all.json")
def document() -> Response:
    """The same as JSON."""
    return _file("inspections.json", "application/json", _listed(office().all(_asked())))


@blueprint.get("/<inspection_id>")
def shown(inspection_id: str) -> BaseResponse:
    """One inspection."""
    return _shown(inspection_id)


@blueprint.get("/<inspection_id>/record.pdf")
def record(inspection_id: str) -> Response:
    """The record as a document. It names people, and is for inspectors alone."""
    try:
        content = office().document(inspection_id)
    except Undrawn:
        abort(503)
    return _file(f"inspection-{inspection_id}.pdf", "application/pdf", content)


@blueprint.get("/<inspection_id>/entries.json")
def entries(inspection_id: str) -> Response:
    """The entries as they were signed, with the keys that they are checked by."""
    here = office()
    links = here.entries(inspection_id)
    body = {
        "inspection": inspection_id,
        "keys": here.keys(links),
        "entries": [
            {
                "entry": link.content,
                "digest": link.digest,
                "signature": link.signature,
                "received": to_iso(link.received_ms),
                "position": link.position,
            }
            for link in links
        ],
    }
    return _file(f"inspection-{inspection_id}.json", "application/json", json.dumps(body, ensure_ascii=False, indent=1))


@blueprint.get("/<inspection_id>/photos/<digest>")
def photo(inspection_id: str, digest: str) -> Response:
    """A photo, as the device has kept it."""
    response = Response(office().photo(inspection_id, digest), mimetype="image/jpeg")
    response.headers["Content-Security-Policy"] = _SHUT
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@blueprint.post("/<inspection_id>/case")
def open_case(inspection_id: str) -> BaseResponse:
    """Open a case about labels that were met."""
    form = CaseForm()
    return _decided(
        inspection_id,
        form,
        lambda: office().open_case(inspection_id, whole(form.batch.data) or 0),
        _("The case is open."),
    )


@blueprint.post("/<inspection_id>/refer")
def refer(inspection_id: str) -> BaseResponse:
    """Tie what there is already to it."""
    form = ReferralForm()
    return _decided(
        inspection_id,
        form,
        lambda: office().refer(inspection_id, form.kind.data, form.target.data),
        _("It is tied to the inspection."),
    )


def _decided(inspection_id: str, form: OfficeForm, do: Callable[[], object], message: str) -> BaseResponse:
    if not form.validate():
        return _shown(inspection_id, 422, sent=form)
    try:
        do()
    except ActRefused as refusal:
        if refusal.field not in form:
            return _shown(inspection_id, 409, worded(str(refusal)), form)
        form.take_refusal(refusal)
        return _shown(inspection_id, 422, sent=form)
    return done(message, HOME + inspection_id)


def _shown(inspection_id: str, status: int = 200, problem: str = "", sent: OfficeForm | None = None) -> BaseResponse:
    file = office().file(inspection_id)
    opening = sent if isinstance(sent, CaseForm) else CaseForm(formdata=None)
    tying = sent if isinstance(sent, ReferralForm) else ReferralForm(formdata=None)
    opening.batch.choices = forms.choices((str(batch), str(batch)) for batch in file.batches)
    tying.kind.choices = forms.choices((kind, words.REFERRAL_NAMES[kind]) for kind in file.refers)
    return page(
        "office/inspection.html",
        status,
        file=file,
        own=HOME + inspection_id,
        problem=problem,
        opening=opening,
        tying=tying,
        words=words,
        places=_places(file),
        drawn=drawn,
        ms=from_iso,
        recalled=_recalled(file),
    )


def _places(file: InspectionFile) -> dict[str, str]:
    """Where things that came of an inspection are shown to whoever looks. Inspectors have no such pages."""
    if identity().role is not Role.OFFICER:
        return {}
    return {row["id"]: _PLACES[row["kind"]] + row["target"] for row in file.referrals if row["kind"] in _PLACES}


def _recalled(file: InspectionFile) -> str:
    """What the form of a recall is filled in with."""
    product = next((row["gtin"] for row in file.products if row["uscc"]), "")
    return urlencode({"over": "product", "gtin": product, "hazard_zh_hans": file.record["findings"][:200]})


def _asked() -> Asked:
    given = {name: request.args.get(name, "").strip()[:20] for name in _ASKED}
    return Asked(**{**given, "standing": given["standing"] or "all"})


def _query(asked: Asked) -> str:
    return urlencode({name: value for name in _ASKED if (value := getattr(asked, name)) and value != "all"})


def _listed(rows: Iterator[Row]) -> Iterator[str]:
    """A document that is sent as it is made, one inspection a line."""
    yield '{"inspections": ['
    between = "\n"
    for row in rows:
        yield between + json.dumps(row, ensure_ascii=False)
        between = ",\n"
    yield "\n]}\n"


def _file(name: str, kind: str, content: str | bytes | Iterator[str]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Cookie"}
    return Response(content, content_type=kind, headers=headers)
