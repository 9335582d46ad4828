"""Canonical JSON (RFC 8785): one spelling, and no other is read."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import rfc8785

from traceqr.errors import TraceqrError


class NotCanonical(TraceqrError):
    """Octets that are no canonical JSON, or a value that it cannot say."""


def encode(value: Any) -> bytes:
    """As canonical JSON, UTF-8. Raises `NotCanonical` for what it cannot say: lone surrogates, integers past 2^53."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise NotCanonical(f"expected what canonical JSON can say: {error}") from error


def decode(octets: bytes) -> Any:
    """The value of canonical JSON. Raises `NotCanonical` for any other spelling of it, and for what is no JSON at all.

    How long the octets may be is for the caller to bound.
    """
    try:
        value = json.loads(octets.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"expected JSON: {error}") from error
    # Members given twice, spaces, other escapes and other numbers all end here.
    if encode(value) != octets:
        raise NotCanonical("expected canonical JSON (RFC 8785), got another spelling")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
