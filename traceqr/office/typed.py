"""What people type into forms, held to what tables may hold: no control characters, and no lost ones."""

from __future__ import annotations

from traceqr.acting import ActRefused
from traceqr.errors import TraceqrError
from traceqr.importing import cells


def line(field: str, text: str) -> str:
    """One line of text. Raises `ActRefused` at the field."""
    return _clean(field, text, lines=False)


def lines(field: str, text: str) -> str:
    """Several lines of text. Raises `ActRefused` at the field."""
    return _clean(field, text, lines=True)


def phone(field: str, text: str) -> str:
    """A telephone number, or nothing. Raises `ActRefused` at the field."""
    plain = line(field, text)
    try:
        return cells.phone(plain) if plain else ""
    except TraceqrError as error:
        raise ActRefused(str(error), field) from error


def _clean(field: str, text: str, *, lines: bool) -> str:
    try:
        return cells.clean(text, lines=lines)
    except TraceqrError as error:
        raise ActRefused(str(error), field) from error
