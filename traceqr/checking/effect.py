"""What an act leaves in the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def same(*names: str) -> dict[str, str]:
    """Columns that have the names of the members that they show."""
    return {name: name for name in names}


@dataclass(frozen=True, slots=True)
class Effect:
    """What an act leaves in one table. Columns are mapped to members of the payload.

    `lasting` holds for ever after; `present`, and the values in `becomes`, until a later act changes the row. The row
    is the one of the entry's subject, with the payload's `more_key` behind its id; `instead` names the payload's own.
    """

    table: str
    lasting: Mapping[str, str] = field(default_factory=dict)
    present: Mapping[str, str] = field(default_factory=dict)
    becomes: Mapping[str, str | int | None] = field(default_factory=dict)
    more_key: str = ""
    instead: str = ""
    position: str = "position"
