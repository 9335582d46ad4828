"""Reports by people who scanned a label: `/report` for the form, `/reports/RECEIPT` for what became of it."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

from flask import Blueprint, Flask, Response, abort, current_app, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr.acting import ActRefused
from traceqr.attachments import AttachmentFolder, AttachmentUnavailable
from traceqr.contact import ContactSeal
from traceqr.errors import RegistryUnavailable
from traceqr.instant import DAY_MS
from traceqr.photo import Photo, PhotoRefused, read_photo
from traceqr.receipt import Receipt
from traceqr.registry import reports as records
from traceqr.registry.database import Database, RegistryConflict, Row
from traceqr.reporting import (
    MAX_CONTACT,
    MAX_CONTENT,
    MAX_PHOTOS,
    MAX_SHOP,
    AlreadyReported,
    ReportDesk,
    Scanned,
    Sender,
    Statement,
    TooFast,
    checked,
)
from traceqr.settings import Settings
from traceqr.web import assets
from traceqr.web.crossing import refuse_cross_site
from traceqr.web.device import Device
from traceqr.web.exhibit import VARY, rendered
from traceqr.web.language import Language
from traceqr.web.report_words import ANSWER_NAMES, FAULTS, FINDING_NAMES, PHOTO_REFUSED, REASON_NAMES, field_fault
from traceqr.web.site import cookies, language, site

EXTENSION = "traceqr-reports"

MAX_FORM = 24_000_000
"""Bytes of a whole form: four photos as phones make them."""

_MAX_PARTS = 40

blueprint = Blueprint("reports", __name__)

_NONCE = re.compile("[0-9a-f]{32}")


@dataclass(slots=True)
class Draft:
    """A form as it was typed, and what is wrong with it, by field."""

    ticket: str
    scanned: Scanned
    nonce: str
    reason: str = ""
    content: str = ""
    shop: str = ""
    contact: str = field(default="", repr=False)
    position: bool = False
    faults: dict[str, str] = field(default_factory=dict)

    def statement(self, photos: list[Photo]) -> Statement:
        """What is said by it."""
        return Statement(self.reason, self.content, self.shop, self.contact, photos, self.position)


def install(app: Flask, settings: Settings, database: Database) -> None:
    """Take reports into this registry."""
    folder = settings.attachments
    app.extensions[EXTENSION] = ReportDesk(
        database,
        lambda: site().clock(),
        lambda: secrets.token_hex(8),
        ContactSeal.of(settings.contact_key or settings.require_secret_key()),
        AttachmentFolder(folder) if folder else None,
    )
    app.register_blueprint(blueprint)


def desk() -> ReportDesk:
    """That of the current app."""
    found: ReportDesk = current_app.extensions[EXTENSION]
    return found


@blueprint.get("/report")
def form() -> BaseResponse:
    """The form, for whoever comes from the page of a verdict."""
    draft = _draft(request.args.get("t", ""))
    if draft is None:
        return _over()
    response = _form(draft)
    if site().devices.read(cookies()) is None:
        site().devices.set(response, site().devices.new())
    return response


@blueprint.post("/report")
def send() -> BaseResponse:
    """File it, and show the receipt."""
    request.max_content_length, request.max_form_parts = MAX_FORM, _MAX_PARTS
    refuse_cross_site(request.headers, site().origin.scheme)
    draft = _draft(request.form.get("t", ""))
    if draft is None:
        return _over()
    _typed(draft)
    device = site().devices.read(cookies())
    try:
        receipt = _filed(draft, device)
    except TooFast as error:
        draft.faults["form"] = "too-fast"
        return _form(draft, 429, minutes=-(-error.wait_ms // 60_000), wait_ms=error.wait_ms)
    except (RegistryUnavailable, RegistryConflict):  # a conflict: the role lacks a right
        abort(503)
    return redirect(f"/reports/{receipt}", 303) if receipt else _form(draft, 422)


@blueprint.get("/reports")
def find() -> BaseResponse:
    """Where a receipt is typed."""
    typed = request.args.get("receipt", "")
    found = Receipt.parse(typed)
    if found:
        return redirect(f"/reports/{found}", 303)
    return _answer(_rendered("receipts.html", typed=typed[:100], unknown=bool(typed)), 404 if typed else 200)


@blueprint.get("/reports/<typed>")
def follow(typed: str) -> BaseResponse:
    """How a report stands."""
    receipt = Receipt.parse(typed)
    try:
        found = desk().told(receipt) if receipt else None
    except (RegistryUnavailable, RegistryConflict):
        abort(503)
    if found is None:
        return _answer(_rendered("receipts.html", typed=typed[:100], unknown=True), 404)
    told, said = found
    late = told.state == "open" and told.answered_ms is None and told.due_ms < site().clock()
    return _answer(
        _rendered(
            "receipt.html",
            receipt=str(receipt),
            told=told,
            said=said,
            late=late,
            reason_names=REASON_NAMES,
            finding_names=FINDING_NAMES,
            answer_names=ANSWER_NAMES,
        )
    )


def _draft(ticket: str) -> Draft | None:
    scanned = site().tickets.read(ticket, site().clock())
    return Draft(ticket, scanned, secrets.token_hex(16)) if scanned else None


def _typed(draft: Draft) -> None:
    """Take in what was sent. A form keeps its own nonce, so that one sent twice is one report."""
    sent = request.form
    draft.nonce = sent["n"] if _NONCE.fullmatch(sent.get("n", "")) else draft.nonce
    draft.reason, draft.content = sent.get("reason", ""), sent.get("content", "")
    draft.shop, draft.contact, draft.position = sent.get("shop", ""), sent.get("contact", ""), "position" in sent


def _filed(draft: Draft, device: Device | None) -> Receipt | None:
    """The receipt of a report that is filed; None, and faults in the draft, for one that is not."""
    sender = _sender(device)
    try:
        checked(draft.statement([]))  # before photos are looked at, which takes time
        desk().attempt(sender)
        sent = [each.read() for each in request.files.getlist("photos")[: MAX_PHOTOS + 1]]
        sent = [content for content in sent if content]
        if len(sent) > MAX_PHOTOS:
            draft.faults["photos"] = PHOTO_REFUSED["too-many"]
            return None
        if sent and desk().attachments is None:
            draft.faults["photos"] = PHOTO_REFUSED["not-kept"]
            return None
        receipt = _receipt(draft, sender, sent)
        if not sent or desk().awaits(draft.scanned, sender, receipt):
            photos = [read_photo(content) for content in sent]
            desk().file(draft.scanned, sender, draft.statement(photos), receipt)
    except AlreadyReported:
        draft.faults["content"] = FAULTS["alike"]
    except ActRefused as refusal:
        draft.faults[refusal.field] = field_fault(refusal.field, str(refusal))
    except PhotoRefused as refusal:
        draft.faults["photos"] = PHOTO_REFUSED[refusal.reason]
    except AttachmentUnavailable:
        draft.faults["photos"] = PHOTO_REFUSED["not-kept"]
    return None if draft.faults else receipt


def _receipt(draft: Draft, sender: Sender, photos: list[bytes]) -> Receipt:
    texts = (draft.nonce, sender.device, draft.ticket, draft.reason, draft.content, draft.shop, draft.contact)
    return site().tickets.receipt(*(text.encode("utf-8", "surrogatepass") for text in texts), *photos)


def _sender(device: Device | None) -> Sender:
    """Pseudonyms of the day: what is kept of paces tells nobody who reported what, nor tomorrow who came again."""
    here = site()
    day = str(here.clock() // DAY_MS)
    network = here.whereabouts.network(request.environ)
    return Sender(
        here.tickets.pseudonym(day, device.stored) if device else "",
        here.tickets.pseudonym(day, network) if network else "",
        here.whereabouts.place(request.environ),
        str(language()),
    )


def _form(draft: Draft, status: int = 200, *, minutes: int = 0, wait_ms: int = 0) -> Response:
    html = _rendered(
        "report.html",
        addresses={tag: f"/report?t={draft.ticket}&lang={tag}" for tag in map(str, Language)},
        draft=draft,
        subject=_subject(draft.scanned),
        reason_names=REASON_NAMES,
        takes_photos=desk().attachments is not None,
        minutes=minutes,
        limits={"content": MAX_CONTENT, "shop": MAX_SHOP, "contact": MAX_CONTACT},
    )
    response = _answer(html, status)
    if wait_ms:
        response.headers["Retry-After"] = str(-(-wait_ms // 1000))
    return response


def _subject(scanned: Scanned) -> Row | None:
    """What the report is about; None for no product, or where the registry cannot be asked."""
    if not scanned.has_product:
        return None
    try:
        with desk().database.snapshot(soon=True) as reader:
            return records.subject(reader, scanned.batch)
    except (RegistryUnavailable, RegistryConflict):
        return None


def _over() -> Response:
    """The page was left open for too long, or the link came from somewhere else."""
    return _answer(_rendered("report_over.html"), 410)


def _rendered(template: str, **values: object) -> str:
    return rendered(template, report_style=assets.address("report.css"), **values)


def _answer(html: str, status: int = 200) -> Response:
    return Response(html, status, mimetype="text/html", headers={**VARY, "Cache-Control": "no-store"})
