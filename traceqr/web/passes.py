"""Signed passes: what shows that a request comes from the page that answered a scan. The image on it needs one to
confirm the scan, the form on it to enter a hidden code.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from itsdangerous import BadData, URLSafeSerializer

from traceqr.web.device import derive

MAX_AGE_MS = 600_000
"""A page that was left open for longer confirms nothing."""


@dataclass(frozen=True, slots=True)
class Pass:
    """A scan that was answered by a page."""

    batch: int
    index: int
    device: str
    at_ms: int


class Passes:
    """Signs and reads passes for one purpose."""

    def __init__(self, secret: str, purpose: str = "seen", max_age_ms: int = MAX_AGE_MS) -> None:
        self._max_age_ms = max_age_ms
        self._serializer = URLSafeSerializer(
            derive(secret, f"{purpose}.v1".encode()),
            salt=purpose.encode(),
            signer_kwargs={"digest_method": hashlib.sha256},
        )

    def issue(self, scan: Pass) -> str:
        """The token that stands in the image's address."""
        return str(self._serializer.dumps(asdict(scan)))

    def read(self, token: str, now_ms: int) -> Pass | None:
        """The scan of a token that we signed and that is not too old. Another node, whose clock is ahead, may have
        answered the page.
        """
        try:
            scan = Pass(**self._serializer.loads(token))
        except (BadData, TypeError):
            return None
        return scan if abs(now_ms - scan.at_ms) <= self._max_age_ms else None
