"""Places that events name: where something is read, kept or sold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from traceqr.registry.database import Reader, Transaction

KINDS = ("farm", "factory", "warehouse", "shop", "laboratory", "port", "other")

_CHUNK = 40


@dataclass(frozen=True, slots=True)
class Location:
    """A place of an enterprise. `key` is `414/GLN` or `414/GLN/EXTENSION`, or `uri/URI`; `region` a GB/T 2260 code."""

    key: str
    enterprise_id: str
    kind: str
    name_zh: str
    name_en: str
    region: str
    address: str


_COLUMNS = tuple(Location.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM location"


def insert(tx: Transaction, location: Location, position: int) -> None:
    """Add a place."""
    tx.insert_many("location", (*_COLUMNS, "position"), [(*astuple(location), position)])


def change(tx: Transaction, location: Location, position: int) -> None:
    """Say something else of a place, or whose it is."""
    names = (*_COLUMNS[1:], "position")
    values = dict(zip((*_COLUMNS, "position"), (*astuple(location), position), strict=True))
    tx.execute(f"UPDATE location SET {', '.join(f'{name} = :{name}' for name in names)} WHERE key = :key", values)


def by_keys(reader: Reader, keys: Iterable[str]) -> dict[str, Location]:
    """Places by their keys."""
    found: dict[str, Location] = {}
    listed = sorted(set(keys))
    for start in range(0, len(listed), _CHUNK):
        wanted = {f"key{place}": key for place, key in enumerate(listed[start : start + _CHUNK])}
        for row in reader.rows(f"{_SELECT} WHERE key IN ({', '.join(f':{name}' for name in wanted)})", wanted):
            found[row["key"]] = Location(**row)
    return found


def of_enterprise(reader: Reader, enterprise_id: str, most: int = 1_000) -> list[Location]:
    """Places of an enterprise, the one that was added or changed last first."""
    rows = reader.rows(
        f"{_SELECT} WHERE enterprise_id = :enterprise ORDER BY position DESC LIMIT :most",
        {"enterprise": enterprise_id, "most": most},
    )
    return [Location(**row) for row in rows]
