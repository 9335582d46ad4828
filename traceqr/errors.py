"""The one error root. Every error that leaves TraceQR derives from `TraceqrError`."""

from __future__ import annotations


class TraceqrError(Exception):
    """Something was not as expected. The message says what was expected, what came and where."""


class RegistryUnavailable(TraceqrError):
    """The registry cannot be reached, is locked, or is not a registry this program can read."""
