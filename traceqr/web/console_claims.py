"""The claims of an enterprise to GTINs: `/console/claims`."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import MultipleFileField, RadioField
from wtforms.validators import InputRequired

from traceqr.access import Right, Role
from traceqr.acting import ActRefused
from traceqr.office.claims import ClaimOffice, UnreadableDocument, read_documents
from traceqr.web import forms
from traceqr.web.attachment import attachment
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.office_pages import done, page

_ = str

blueprint = Blueprint("console_claims", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

KIND_NAMES = {"prefix": _("Company prefix"), "gtin": _("A single GTIN")}
STATE_NAMES = {
    "filed": _("under review"),
    "accepted": _("accepted"),
    "refused": _("refused"),
    "revoked": _("revoked"),
}
BAD_VALUE = _("Enter a company prefix of 7 to 12 digits, or a GTIN of 14 digits with the right check digit.")
BAD_FILE = _("Choose up to 5 PDF, JPEG or PNG files of at most 5 MB each.")


class ClaimForm(OfficeForm):
    """A claim to file."""

    kind = RadioField(
        _("What you claim"), [InputRequired(forms.NEEDED)], choices=forms.choices(KIND_NAMES.items()), default="prefix"
    )
    value = forms.line(_("Digits"), 14, inputmode="numeric", autocomplete="off")
    evidence = forms.lines(_("What shows your right, in words; everybody may read it"), 500)
    documents = MultipleFileField(_("Certificates"), render_kw={"accept": "application/pdf,image/jpeg,image/png"})


def office() -> ClaimOffice:
    """The desk of whoever asks."""
    return ClaimOffice(door().house, identity())


@blueprint.route("/console/claims", methods=["GET", "POST"])
def listed() -> BaseResponse:
    """The claims, and a new one."""
    form, here = ClaimForm(), office()
    if request.method == "POST":
        here.need(Right.CLAIM)
        if form.validate() and _filed(form):
            return done(_("The claim is filed, and waits for its review."), url_for("console_claims.listed"))
    return page(
        "console/claims.html",
        422 if request.method == "POST" else 200,
        claims=here.listed(),
        documents=here.documents(),
        form=form,
        may_claim=identity().may(Right.CLAIM),
        kind_names=KIND_NAMES,
        state_names=STATE_NAMES,
    )


@blueprint.get("/console/claims/<claim_id>/documents/<document_id>")
def document(claim_id: str, document_id: str) -> BaseResponse:
    """A document beside a claim, to be kept and not shown."""
    return attachment(office().document(claim_id, document_id))


def _filed(form: ClaimForm) -> bool:
    sent = [(each.filename or "", each.read()) for each in request.files.getlist("documents") if each.filename]
    here = office()
    here.need(Right.CLAIM)  # before files are looked at, which takes its time
    try:
        here.file(form.kind.data, form.value.data.strip(), form.evidence.data.strip(), read_documents(sent))
    except UnreadableDocument:
        form.documents.errors = [BAD_FILE]
    except ActRefused as refusal:
        if refusal.field == "value":
            form.value.errors = [BAD_VALUE]
        else:
            form.take_refusal(refusal)
    else:
        return True
    return False
