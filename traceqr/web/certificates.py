"""Verification pages of certificates: whether one is valid now, and the certificate itself as a PDF."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, abort, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr.certificate import CertificateNumber, InvalidCertificateNumber
from traceqr.certifying.content import PATH, Content, content_of, may_be_drawn
from traceqr.evidence import PledgeState
from traceqr.instant import to_iso
from traceqr.printing.format import PrintError
from traceqr.registry import certificates
from traceqr.registry.certificates import Certified
from traceqr.web.answering import prefers_json
from traceqr.web.exhibit import as_json, page, reading
from traceqr.web.problem import problem
from traceqr.web.site import site

blueprint = Blueprint("certificates", __name__)

_ = str

HEADLINES = {
    PledgeState.IN_FORCE: (_("This certificate is valid"), "good"),
    PledgeState.AHEAD: (_("This certificate is not valid yet"), "note"),
    PledgeState.EXPIRED: (_("This certificate is no longer valid: it has expired"), "warn"),
    PledgeState.WITHDRAWN: (_("This certificate is no longer valid: the pledge was withdrawn"), "stop"),
    PledgeState.BREACHED: (_("This certificate is no longer valid: the pledge was breached"), "stop"),
}
"""What the page says in large letters, and how loud it is, by the state of the pledge now."""

@lru_cache(maxsize=64)
def _drawn(content: Content) -> bytes:
    from traceqr.certifying.drawing import draw  # what draws takes its time to load, and few ask for it

    return draw(content)


@blueprint.get("/certificates")
def find() -> BaseResponse:
    """From a number that somebody typed to its page."""
    typed = request.args.get("number", "").strip()
    if not typed:
        return redirect("/rosters", 303)
    number = _number(typed)
    return _unknown(mistyped=True) if number is None else redirect(f"{PATH}{number}", 303)


@blueprint.get("/certificates/<text>")
def certificate(text: str) -> BaseResponse:
    """The state of a certificate now."""
    number = _number(text)
    if number is None:
        return _unknown(mistyped=True)
    if str(number) != text:
        return redirect(f"{PATH}{number}", 303)
    found = _certified(number)
    if found is None:
        return _unknown(mistyped=False)
    now = _at(found, site().clock())
    if prefers_json():
        return as_json(_for_programs(now))
    headline, tone = HEADLINES[now.pledge.state]
    drawable = may_be_drawn(now)
    return page("certificate.html", certified=now, headline=headline, tone=tone, drawable=drawable)


@blueprint.get("/certificates/<text>.pdf")
def download(text: str) -> BaseResponse:
    """The certificate as a PDF, as long as the pledge is published."""
    number = _number(text)
    found = _certified(number) if number is not None and str(number) == text else None
    if found is None:
        return _unknown(mistyped=number is None)
    if not may_be_drawn(found):
        return redirect(f"{PATH}{number}", 303)
    here = site()
    try:
        content = _drawn(content_of(found, str(here.origin), here.settings.timezone))
    except PrintError:
        abort(503)
    name = f'attachment; filename="{number}.pdf"'
    return Response(content, content_type="application/pdf", headers={"Content-Disposition": name})


def _number(text: str) -> CertificateNumber | None:
    try:
        return CertificateNumber.typed(text)
    except InvalidCertificateNumber:
        return None


def _certified(number: CertificateNumber) -> Certified | None:
    """The one of that number: its code must be the edition's too."""
    with reading() as reader:
        found = certificates.certified(reader, number.pledge)
    return found if found and found.pledge.certificate == str(number) else None


def _at(found: Certified, at_ms: int) -> Certified:
    """With the state of the pledge at an instant. That the text has changed since is of no interest here: the one that
    was signed is shown.
    """
    return replace(found, pledge=replace(found.pledge, state=found.pledge.state_at(at_ms), changed_since=False))


def _unknown(*, mistyped: bool) -> Response:
    if prefers_json():
        detail = "one of its characters is mistyped" if mistyped else "no certificate has this number"
        return problem(404, "certificate-mistyped" if mistyped else "certificate-unknown", detail)
    return page("certificate_unknown.html", 404, mistyped=mistyped)


def _for_programs(found: Certified) -> dict[str, Any]:
    pledge = found.pledge
    return {
        "certificate": pledge.certificate,
        "valid": pledge.state is PledgeState.IN_FORCE,
        "state": str(pledge.state),
        "uscc": found.uscc,
        "name_zh": found.name_zh,
        "name_en": found.name_en,
        "campaign": found.campaign_id,
        "campaign_zh": pledge.campaign_zh,
        "campaign_en": pledge.campaign_en,
        "year": pledge.year,
        "signed": to_iso(pledge.signed_ms),
        "valid_from": to_iso(pledge.valid_from_ms),
        "valid_to": to_iso(pledge.valid_to_ms),
        "text_digest": found.text_digest,
        "ledger_entry": found.entry,
        "findings": [
            {"text": each.text, "since": to_iso(each.since_ms), "reply": each.reply or None} for each in pledge.findings
        ],
    }
