"""Signed passes: what the image on a verdict page needs to confirm the scan that the page answered."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from itsdangerous import BadData, URLSafeSerializer

from traceqr.web.device import derive

MAX_AGE_MS = 600_000
"""A page that was left open for longer confirms nothing."""


@dataclass(frozen=True, slots=True)
class Pass:
    """The scan that an image request may confirm."""

    batch: int
    index: int
    device: str
    at_ms: int


class Passes:
    """Signs and reads passes."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(
            derive(secret, b"seen.v1"), salt=b"seen", signer_kwargs={"digest_method": hashlib.sha256}
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
        return scan if abs(now_ms - scan.at_ms) <= MAX_AGE_MS else None
