"""Rows as the ledger speaks of them: with the digests that it holds instead of texts that may name people."""

from __future__ import annotations

import hashlib
import json

from traceqr.registry.database import Row
from traceqr.registry.recalls import TEXTS

_SALTED = {
    "account": ("person_digest", ("login", "name")),
    "subscription": ("address_digest", ("address",)),
    "inspector": ("badge_digest", ("badge",)),
    "pledge_signature": ("signatory_digest", ("name", "title")),
}
"""By table: the digest that the ledger holds, and the texts that it is taken over, behind the salt."""


def derived(name: str, row: Row) -> Row:
    """A row with the digests that the ledger holds instead of what they are taken over."""
    if name == "enterprise":
        return {**row, "contact_digest": _sha256(f"{row['contact_salt']}\n{row['contact']}")}
    if name in _SALTED:
        digest, texts = _SALTED[name]
        return {**row, digest: _sha256("\n".join(str(row[text]) for text in ("salt", *texts)))}
    if name == "pledge_text":
        return {**row, "articles_digest": _articles_digest(row["articles"])}
    if name in ("pledge_note", "pledge_finding", "case_answer", "case_note"):
        return row | {f"{text}_digest": _text_digest(row, text) for text in ("content", "reply", "closing")}
    if name == "recall":
        words = json.dumps([row[text] for text in TEXTS], ensure_ascii=False, separators=(",", ":"))
        return {**row, "text_digest": _sha256(f"{row['salt']}\n{words}")}
    if name == "recall_progress":
        return {**row, "remark_digest": _text_digest(row, "remark")}
    return row


def _text_digest(row: Row, name: str) -> str | None:
    text = row.get(name)
    return None if text is None else _sha256(f"{row['salt']}\n{text}")


def _articles_digest(text: str) -> str:
    """Over the canonical JSON: for objects with the members en and zh, that is sorted and without spaces."""
    try:
        articles = json.loads(text)
    except (ValueError, RecursionError):
        return "no JSON"
    return _sha256(json.dumps(articles, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
