"""A verdict as JSON: one form for the label URL, the API and the command line. Members are never renamed."""

from __future__ import annotations

import json
from typing import Any

from traceqr.evidence import (
    Batch,
    Enterprise,
    Evidence,
    Finding,
    Mark,
    Material,
    Notice,
    Pledge,
    Product,
    Purchase,
    Recall,
    Revocation,
    Verdict,
)
from traceqr.instant import to_iso
from traceqr.label.format import Label
from traceqr.verdict import History, State


def to_json(verdict: Verdict) -> dict[str, Any]:
    """JSON values only. What the verdict did not reach is null; instants are ISO 8601 in UTC."""
    return {**_ruling(verdict), "evidence": _evidence(verdict.evidence) if verdict.evidence else None}


def _ruling(verdict: Verdict) -> dict[str, Any]:
    return {
        "code": str(verdict.code),
        "reason": verdict.reason,
        "step": {"number": int(verdict.step), "name": verdict.step.name.lower()},
        "at": to_iso(verdict.at_ms),
        "history_checked": verdict.history_checked,
        "host_official": verdict.host_official,
        "label": _label(verdict.label) if verdict.label else None,
        "state": _state(verdict.state) if verdict.state else None,
        "history": _history(verdict.history) if verdict.history else None,
    }


def to_text(verdict: Verdict) -> str:
    """The same as compact JSON, for the path of every scan: what all labels of a batch share is most of it, and is
    written once; the rest is put together from values that need no escape.
    """
    evidence = verdict.evidence
    told = f'{{{_ruling_text(verdict)},"evidence":'
    if evidence is None:
        return told + "null}"
    return f"{told}{{{_shared(evidence)},{_encode(_own(evidence))[1:]}}}"


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_SHARED = 2048
_texts: dict[tuple[int, ...], tuple[tuple[object, ...], str]] = {}
"""JSON of what labels share, by the identity of its parts, which are kept beside it so that no other can take it."""


def _shared(evidence: Evidence) -> str:
    """Five members of an object."""
    parts = (evidence.batch, evidence.product, evidence.enterprise, evidence.pledge, evidence.marks)
    key = tuple(map(id, parts))
    known = _texts.get(key)
    if known is not None:
        return known[1]
    if len(_texts) >= _SHARED:
        _texts.clear()
    text = _encode(_common(evidence))[1:-1]
    _texts[key] = (parts, text)
    return text


_SIGNS: dict[tuple[str, ...], str] = {(): "[]"}
"""Nearly all labels have none."""

_BOOLEAN = {True: "true", False: "false"}


def _ruling_text(verdict: Verdict) -> str:
    """The members of `_ruling`. Codes and reasons are identifiers, a label is ASCII without quotes or backslashes."""
    return (
        f'"code":"{verdict.code}","reason":"{verdict.reason}",'
        f'"step":{{"number":{verdict.step.value},"name":"{verdict.step.name.lower()}"}},"at":"{to_iso(verdict.at_ms)}",'
        f'"history_checked":{_BOOLEAN[verdict.history_checked]},"host_official":{_BOOLEAN[verdict.host_official]},'
        f'"label":{_label_text(verdict.label)},"state":{_state_text(verdict.state)},'
        f'"history":{_history_text(verdict.history)}'
    )


def _label_text(label: Label | None) -> str:
    if label is None:
        return "null"
    return (
        f'{{"text":"{label}","host":"{label.origin.host}","gtin":"{label.gtin}","serial":"{label.serial}",'
        f'"key":{label.seal.key},"pledge":{label.seal.pledge or "null"}}}'
    )


def _state_text(state: State | None) -> str:
    if state is None:
        return "null"
    return f'{{"life":"{state.life}","held":{_BOOLEAN[state.held]},"recalled":{_BOOLEAN[state.recalled]}}}'


def _history_text(history: History | None) -> str:
    if history is None:
        return "null"
    first = "null" if history.first_seen_ms is None else f'"{to_iso(history.first_seen_ms)}"'
    return (
        f'{{"first_seen":{first},"times_seen":{history.times_seen},"other_devices":{history.other_devices},'
        f'"own_before":{_BOOLEAN[history.own_before]},"signs":{_SIGNS.get(history.signs) or _encode(history.signs)},'
        f'"confirmed_here":{_BOOLEAN[history.confirmed_here]}}}'
    )


def _label(label: Label) -> dict[str, Any]:
    return {
        "text": str(label),
        "host": label.origin.host,
        "gtin": str(label.gtin),
        "serial": str(label.serial),
        "key": label.seal.key,
        "pledge": label.seal.pledge or None,
    }


def _state(state: State) -> dict[str, Any]:
    return {"life": str(state.life), "held": state.held, "recalled": state.recalled}


def _history(history: History) -> dict[str, Any]:
    return {
        "first_seen": None if history.first_seen_ms is None else to_iso(history.first_seen_ms),
        "times_seen": history.times_seen,
        "other_devices": history.other_devices,
        "own_before": history.own_before,
        "signs": list(history.signs),
        "confirmed_here": history.confirmed_here,
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {**_common(evidence), **_own(evidence)}


def _common(evidence: Evidence) -> dict[str, Any]:
    """What labels of a batch share."""
    return {
        "batch": _batch(evidence.batch),
        "product": _product(evidence.product),
        "enterprise": _enterprise(evidence.enterprise),
        "pledge": evidence.pledge and _pledge(evidence.pledge),
        "marks": [_mark(mark) for mark in evidence.marks],
    }


def _own(evidence: Evidence) -> dict[str, Any]:
    return {
        "notices": [_notice(notice) for notice in evidence.notices],
        "activated": None if evidence.activated_ms is None else to_iso(evidence.activated_ms),
        "hidden_codes": evidence.hidden_codes,
        "purchase": None if evidence.purchase is None else purchase_to_json(evidence.purchase),
    }


def purchase_to_json(purchase: Purchase) -> dict[str, Any]:
    """A purchase, also for the answer to an entry. Places are codes, or null."""
    return {
        "confirmed": to_iso(purchase.confirmed_ms),
        "place": purchase.place or None,
        "own_device": purchase.own,
        "entries_by_others": purchase.other_entries,
        "last_by_others": None if purchase.last_other_ms is None else to_iso(purchase.last_other_ms),
        "last_place_of_others": purchase.last_other_place or None,
    }


def _batch(batch: Batch) -> dict[str, Any]:
    return {
        "number": batch.number,
        "count": batch.count,
        "lot": batch.lot,
        "produced_on": batch.produced_on,
        "expires_on": batch.expires_on,
        "issued": to_iso(batch.issued_ms),
    }


def _product(product: Product) -> dict[str, Any]:
    return {
        "gtin": product.gtin,
        "version": product.version,
        "name_zh": product.name_zh,
        "name_en": product.name_en,
        "brand": product.brand,
        "specification": product.specification,
        "standard": product.standard,
        "picture": product.picture,
        "changed_since": product.changed_since,
    }


def _enterprise(enterprise: Enterprise) -> dict[str, Any]:
    return {
        "name_zh": enterprise.name_zh,
        "name_en": enterprise.name_en,
        "uscc": enterprise.uscc,
        "service_phone": enterprise.service_phone,
        "accepted_by_zh": enterprise.accepted_by_zh,
        "accepted_by_en": enterprise.accepted_by_en,
        "changed_since": enterprise.changed_since,
        "printed_zh": enterprise.printed_zh or enterprise.name_zh,
        "printed_en": enterprise.printed_en or enterprise.name_en,
        "right_revoked": None if enterprise.revoked is None else _revocation(enterprise.revoked),
    }


def _revocation(revoked: Revocation) -> dict[str, Any]:
    return {
        "since": to_iso(revoked.since_ms),
        "by_zh": revoked.by_zh,
        "by_en": revoked.by_en,
        "held_by_another": revoked.held_by_another,
    }


def _pledge(pledge: Pledge) -> dict[str, Any]:
    return {
        "number": pledge.number,
        "state": str(pledge.state),
        "campaign_zh": pledge.campaign_zh,
        "campaign_en": pledge.campaign_en,
        "year": pledge.year,
        "theme_zh": pledge.theme_zh,
        "theme_en": pledge.theme_en,
        "organiser_zh": pledge.organiser_zh,
        "organiser_en": pledge.organiser_en,
        "articles": [{"group": str(article.group), "zh": article.zh, "en": article.en} for article in pledge.articles],
        "signed": to_iso(pledge.signed_ms),
        "valid_from": to_iso(pledge.valid_from_ms),
        "valid_to": to_iso(pledge.valid_to_ms),
        "changed_since": pledge.changed_since,
        "certificate": pledge.certificate or None,
        "findings": [_finding(finding) for finding in pledge.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "text": finding.text,
        "since": to_iso(finding.since_ms),
        "reply": finding.reply or None,
        "replied": None if finding.replied_ms is None else to_iso(finding.replied_ms),
    }


def _mark(mark: Mark) -> dict[str, Any]:
    return {
        "id": mark.id,
        "state": str(mark.state),
        "since": to_iso(mark.since_ms),
        "reason": mark.reason,
        "name_zh": mark.name_zh,
        "name_en": mark.name_en,
        "meaning_zh": mark.meaning_zh,
        "meaning_en": mark.meaning_en,
        "organisation_zh": mark.organisation_zh,
        "organisation_en": mark.organisation_en,
        "licence": mark.licence,
        "valid_from": to_iso(mark.valid_from_ms),
        "valid_to": to_iso(mark.valid_to_ms),
        "changed_since": mark.changed_since,
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "kind": notice.kind,
        "since": to_iso(notice.since_ms),
        "reason": notice.reason,
        "recall": notice.recall and recall_to_json(notice.recall),
        "material": notice.material and _material(notice.material),
    }


def _material(material: Material) -> dict[str, Any]:
    return {
        "gtin": material.gtin,
        "lot": material.lot or None,
        "name_zh": material.name_zh or None,
        "name_en": material.name_en or None,
        "recalled_by_zh": material.by_zh or None,
        "recalled_by_en": material.by_en or None,
    }


def recall_to_json(recall: Recall) -> dict[str, Any]:
    """What a recall tells, by language; languages that nobody wrote are left out, and what is empty is null."""
    return {
        "id": recall.id,
        "class": recall.grade,
        "ordered_by_zh": recall.ordered_zh or None,
        "ordered_by_en": recall.ordered_en or None,
        "texts": {
            each.language: {"hazard": each.hazard, "advice": each.advice or None, "contact": each.contact or None}
            for each in recall.wordings
        },
    }
