"""Words for notifications, for the pages of the consoles and for mails: events, states of deliveries, and faults."""

from __future__ import annotations

import json

_ = str

EVENT_NAMES: dict[str, str] = {
    "report.filed": _("Somebody has reported a label"),
    "case.opened": _("A case was opened"),
    "case.late": _("A case is overdue"),
    "case.answered": _("A case was answered"),
    "case.closed": _("A case was closed"),
    "label.suspect": _("A label looks copied"),
    "batch.burst": _("A batch is scanned far more than before"),
    "correction.late": _("An ordered correction is overdue"),
    "recall.issued": _("Goods are recalled"),
    "recall.reached": _("Labels contain what another has recalled"),
    "recall.lifted": _("A recall was lifted"),
    "query.found": _("A query of events has found something"),
    "test": _("This is a test"),
}
"""What happened, by the event's name."""

SUBJECT_NAMES: dict[str, str] = {
    "label": _("Label %(name)s"),
    "batch": _("Batch %(name)s"),
    "case": _("Case %(name)s"),
    "recall": _("Recall %(name)s"),
    "inspection": _("Inspection %(name)s"),
    "query": _("Query %(name)s"),
    "subscription": _("This address"),
}
"""What it happened to, by its noun."""

REACHED = _("%(labels)s labels of %(batches)s batches contain GTIN %(gtin)s.")
REACHED_LOT = _("%(labels)s labels of %(batches)s batches contain lot %(lot)s of GTIN %(gtin)s.")
REACHED_BATCH = _("%(labels)s labels of %(batches)s batches contain labels of batch %(batch)s, GTIN %(gtin)s.")

KIND_NAMES = {"mail": _("Mail"), "webhook": _("Webhook")}

STATE_NAMES = {"waiting": _("waiting"), "delivered": _("delivered"), "given_up": _("given up")}

FAULT_NAMES: dict[str, str] = {
    "name": _("The host's name leads nowhere."),
    "address": _(
        "The host's name leads to an address inside a network. Only addresses of the public internet are called."
    ),
    "connection": _("The receiver could not be reached, or broke off."),
    "certificate": _("The receiver's certificate is not good for its name."),
    "timeout": _("The receiver did not answer in time."),
    "redirect": _("The receiver sent us elsewhere, which is not followed. Enter the address that it means."),
    "status": _("The receiver did not take it."),
    "answer": _("What answered speaks no HTTP."),
    "endpoint": _("The address is none that is called."),
    "secret": _("The secret cannot be read any more. Renew it."),
    "mail-off": _("This deployment sends no mail."),
    "mail-server": _("Our server for mail was away. It will be tried again."),
    "mail-refused": _("The mail was refused. Is the address right?"),
    "interrupted": _("The last attempt was broken off on our side."),
    "removed": _("The subscription was removed before."),
}
"""Why something did not arrive, by the fault of the last attempt."""


def detail(event: str, payload: str) -> tuple[str, dict[str, str]] | None:
    """What a notification tells beyond its subject: the message id, and what goes into it; None for nothing."""
    if event != "recall.reached":
        return None
    told = {name: str(value) for name, value in json.loads(payload)["data"].items()}
    message = REACHED_LOT if "lot" in told else REACHED_BATCH if "batch" in told else REACHED
    wanted = ("labels", "batches", "gtin", "lot", "batch")
    return message, {name: told[name] for name in wanted if f"%({name})s" in message}


def subject_name(subject: str) -> tuple[str, str]:
    """Of `label:7.12`: the message id, and the name that goes into it."""
    noun, _colon, name = subject.partition(":")
    return SUBJECT_NAMES.get(noun, "%(name)s"), name[:8] if noun in ("case", "recall", "inspection") else name
