"""Claims to GTINs and company prefixes, to be decided: `/association/claims`."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.office.claims_review import ClaimReviewOffice
from traceqr.web import forms
from traceqr.web.association import seen
from traceqr.web.association_marks import STALE
from traceqr.web.attachment import attachment
from traceqr.web.console_claims import KIND_NAMES, STATE_NAMES
from traceqr.web.door import door, guard, identity, refuse_nul
from traceqr.web.forms import OfficeForm
from traceqr.web.office_pages import decided, page

_ = str

blueprint = Blueprint("association_claims", __name__)
blueprint.before_request(guard(Role.OFFICER))


class RefusalForm(OfficeForm):
    """Why a claim is refused."""

    reason = forms.lines(_("Why is the claim refused? Everybody may read it."), 500)


class RevocationForm(OfficeForm):
    """Why an accepted claim is revoked."""

    reason = forms.lines(_("Why is the right revoked? Everybody may read it."), 500)


class InsteadForm(OfficeForm):
    """Why accepted claims of others are revoked for this one."""

    reason = forms.lines(_("Why does the right pass to this enterprise? Everybody may read it."), 500)


FORMS: dict[str, type[OfficeForm]] = {"refusal": RefusalForm, "revocation": RevocationForm, "instead": InsteadForm}


def office() -> ClaimReviewOffice:
    """The desk of whoever asks."""
    return ClaimReviewOffice(door().house, identity())


@blueprint.get("/association/claims")
def queue() -> BaseResponse:
    """Claims in a state, the one that waits longest first, fifty at a time."""
    state, text = (request.args.get(name, "").strip()[:100] for name in ("state", "text"))
    found = office().queue(state or "filed", text, request.args.get("after", ""))
    return page(
        "association/claims.html",
        found=found,
        state=state or "filed",
        text=text,
        kind_names=KIND_NAMES,
        state_names=STATE_NAMES,
    )


@blueprint.get("/association/claims/<claim_id>")
def shown(claim_id: str) -> BaseResponse:
    """One claim with all that it is decided by."""
    return _shown(claim_id)


def _shown(claim_id: str, status: int = 200, problem: str = "", sent: OfficeForm | None = None) -> BaseResponse:
    empty = {name: form(formdata=None) for name, form in FORMS.items()}
    filled = {name: sent for name, form in FORMS.items() if isinstance(sent, form)}
    given = empty | filled
    given["instead"].reason.id = "instead"  # it may stand beside the refusal
    return page(
        "association/claim.html",
        status,
        file=office().file(claim_id),
        problem=problem,
        kind_names=KIND_NAMES,
        state_names=STATE_NAMES,
        **given,
    )


@blueprint.get("/association/claims/<claim_id>/documents/<document_id>")
def document(claim_id: str, document_id: str) -> BaseResponse:
    """A document beside a claim, to be kept and not shown."""
    return attachment(office().document(claim_id, document_id))


@blueprint.post("/association/claims/<claim_id>/accept")
def accept(claim_id: str) -> BaseResponse:
    """The enterprise has the right; those that were named in its place lose it."""
    others = request.form.getlist("instead_of")
    refuse_nul(*others)
    if not others:
        return _decided(claim_id, None, lambda: office().accept(claim_id, seen()), _("The claim is accepted."))
    form = InsteadForm()
    return _decided(
        claim_id,
        form,
        lambda: office().accept(claim_id, seen(), others, form.reason.data),
        _("The claim is accepted. What it contests is revoked."),
    )


@blueprint.post("/association/claims/<claim_id>/refuse")
def refuse(claim_id: str) -> BaseResponse:
    """Refuse it, and say why."""
    form = RefusalForm()
    return _decided(
        claim_id, form, lambda: office().refuse(claim_id, seen(), form.reason.data), _("The claim is refused.")
    )


@blueprint.post("/association/claims/<claim_id>/revoke")
def revoke(claim_id: str) -> BaseResponse:
    """Revoke an accepted one, and say why."""
    form = RevocationForm()
    return _decided(
        claim_id, form, lambda: office().revoke(claim_id, seen(), form.reason.data), _("The right is revoked.")
    )


def _decided(claim_id: str, form: OfficeForm | None, decide: Callable[[], None], message: str) -> BaseResponse:
    return decided(
        form,
        decide,
        lambda status, problem: _shown(claim_id, status, problem, form),
        STALE,
        (message, url_for("association_claims.shown", claim_id=claim_id)),
    )
