"""Tickets: what the page of a verdict gives to whoever wants to report, so that a report is about a label that was
really looked at. And receipts, which follow from what was sent: the same form sent twice is one report.
"""

from __future__ import annotations

import binascii
import hmac

from traceqr.receipt import Receipt
from traceqr.reporting import Scanned
from traceqr.web.device import derive

MAX_AGE_MS = 24 * 3_600_000
"""A page that was left open for longer is scanned again."""

_CLOCKS_MS = 600_000
"""Another node, whose clock is ahead, may have made the page."""

_TAG = 15
"""Octets, 20 characters in base64."""

_LONGEST = 200
_PARTS = 5


class Tickets:
    """Makes and reads tickets, and makes receipts."""

    def __init__(self, secret: str) -> None:
        self._tag_key = derive(secret, b"ticket.v1")
        self._receipt_key = derive(secret, b"receipt.v1")
        self._sender_key = derive(secret, b"report.sender.v1")

    def issue(self, scanned: Scanned, at_ms: int) -> str:
        """What stands in the link of a page that was made at an instant. Cheap: every verdict has one."""
        stem = f"{scanned.verdict}.{scanned.verdict_reason}.{scanned.batch}.{scanned.index}.{at_ms}"
        return f"{stem}.{self._tag(stem)}"

    def read(self, ticket: str, now_ms: int) -> Scanned | None:
        """The label of a ticket that we made and that is not too old."""
        stem, _, tag = ticket[:_LONGEST].rpartition(".")
        if not stem.isascii() or not hmac.compare_digest(self._tag(stem).encode(), tag.encode("utf-8", "replace")):
            return None
        parts = stem.split(".")
        if len(parts) != _PARTS or not -_CLOCKS_MS <= now_ms - int(parts[4]) <= MAX_AGE_MS:
            return None
        return Scanned(parts[0], parts[1], int(parts[2]), int(parts[3]))

    def receipt(self, *sent: bytes) -> Receipt:
        """The receipt of what was sent."""
        framed = b"".join(len(part).to_bytes(8) + part for part in sent)
        return Receipt.drawn(hmac.digest(self._receipt_key, framed, "sha256")[:16])

    def pseudonym(self, day: str, name: str) -> str:
        """What a browser or a network is called on one day by the paces of reports."""
        return hmac.digest(self._sender_key, f"{day}\n{name}".encode(), "sha256").hex()[:32]

    def _tag(self, stem: str) -> str:
        tag = hmac.digest(self._tag_key, stem.encode(), "sha256")[:_TAG]
        return binascii.b2a_base64(tag, newline=False).decode("ascii").translate(_TO_URL)


_TO_URL = str.maketrans("+/", "-_")
