"""Noting: texts that may name people. They are kept in the registry, and only a salted digest goes on the ledger."""

from __future__ import annotations

import hashlib

from traceqr.acting import ActRefused
from traceqr.legible import unshown

MAX_TEXT = 2_000


def require_text(text: str, field: str, most: int = MAX_TEXT, *, lines: bool = True) -> str:
    """A text of 1 to `most` characters, without white space around it. Raises `ActRefused`."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    if not 1 <= len(plain) <= most:
        raise ActRefused(f"expected a {field} of 1 to {most:,} characters, got {len(plain):,}", field)
    if found := unshown(plain):
        raise ActRefused(f"expected a {field} without control characters, got {found!r}", field)
    if "\n" in plain and not lines:
        raise ActRefused(f"expected a {field} of one line, got several", field)
    return plain


def salted(salt: str, *texts: str) -> str:
    """What the ledger holds of texts: SHA-256 over salt and texts, each on a line of its own."""
    return hashlib.sha256("\n".join((salt, *texts)).encode()).hexdigest()
