"""Why a bundle, or a part of one, is not taken."""

from __future__ import annotations

from traceqr.errors import TraceqrError


class BundleRefused(TraceqrError):
    """A manifest or a part that is not taken. `reason` is a stable identifier, listed in docs/bundle-format.md."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
