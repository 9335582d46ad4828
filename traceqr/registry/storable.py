"""What every backend can store: SQLite would take more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from traceqr.registry.database import NOT_STORABLE, Params, RegistryConflict


def storable(params: Params) -> Params:
    """The parameters of a statement. Raises `RegistryConflict`."""
    _require_storable(params.values())
    return params


def storable_row(values: Sequence[Any]) -> Sequence[Any]:
    """The values of a row. Raises `RegistryConflict`."""
    _require_storable(values)
    return values


def _require_storable(values: Iterable[Any]) -> None:
    """Refuse text with a NUL: PostgreSQL stores none, so no backend does."""
    for value in values:
        if isinstance(value, str) and "\0" in value:
            raise RegistryConflict(f"{NOT_STORABLE}: got text with NUL")
