"""The hash by which an event is named that came without an id (CBV 2.0, section 8.9)."""

from __future__ import annotations

from traceqr.tracing.event import Event


def hash_id(event: Event) -> str:
    """`ni:///sha-256;HEX?ver=CBV2.0`."""
    raise NotImplementedError


def pre_hash(event: Event) -> str:
    """The text that is hashed."""
    raise NotImplementedError
