"""Digests of events: what a capture, and by it the ledger, holds of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from traceqr.tracing.event import Item


def digest_of(content: str, items: Iterable[Item]) -> str:
    """The digest of an event: SHA-256, in hex, over its runs of things and its JSON as it is kept."""
    runs = [
        [str(item.part), item.run.line, item.run.first, item.run.last, item.spelling, item.quantity, item.unit]
        for item in items
    ]
    told = json.dumps(runs, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(f"{told}\n{content}".encode()).hexdigest()


def digest_of_all(digests: Sequence[str]) -> str:
    """The digest of a capture, over those of its events in their order."""
    return hashlib.sha256("".join(digests).encode("ascii")).hexdigest()
