"""Materials that nobody has claimed, as recalls of what was made of them name them."""

from __future__ import annotations

from dataclasses import dataclass

from traceqr.label.gtin import Gtin
from traceqr.registry import trace_moves
from traceqr.registry.database import Reader
from traceqr.tracing.run import Run
from traceqr.tracing.thing import InvalidThing, Thing


@dataclass(frozen=True, slots=True)
class Used:
    """A lot of a material, what it is called, and the code of the enterprise that used it: an enterprise need not say
    its own.
    """

    gtin: Gtin
    lot: str
    name: str
    uscc: str = ""


def users(reader: Reader, gtin: Gtin, lot: str) -> set[str]:
    """The ids of those who have stated events of a lot; nobody of what events have no spelling for."""
    try:
        return trace_moves.stating(reader, Run.of(Thing.lot(gtin.digits, lot)))
    except InvalidThing:
        return set()
