"""The summary of a label's sightings: what verdicts tell of them, and the trace that suspicion is weighed from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from traceqr.registry.scan_statements import LabelKey
from traceqr.suspicion.trace import Look, Trace
from traceqr.suspicion.weighing import Suspicion, weigh
from traceqr.verdict import History


@dataclass(slots=True)
class Summary:
    """A label's sightings. `signs` are what makes it suspect, heaviest first, blanks between; empty if it is not."""

    first_seen_ms: int = 0
    last_seen_ms: int = 0
    times_seen: int = 0
    devices: int = 0
    trace: str = ""
    signs: str = ""
    suspicion: Suspicion | None = None
    """As it was weighed last in this transaction, if it was."""

    weighed_ms: int = 0
    place: str = ""
    """When and where the device was that it was weighed for."""

    suspect_before: bool = False
    """Whether it was suspect already when this transaction began."""

    def count(self, at_ms: int, new_device: bool) -> None:
        """Add one scan; scans may be confirmed in another order than they were made."""
        self.first_seen_ms = min(self.first_seen_ms, at_ms) if self.times_seen else at_ms
        self.last_seen_ms = max(self.last_seen_ms, at_ms) if self.times_seen else at_ms
        self.times_seen += 1
        self.devices += new_device

    def watch(self, look: Look, early: bool) -> None:
        """Take a device into the trace that sees the label for the first time, and weigh it anew."""
        trace = Trace.parse(self.trace)
        if early:
            trace.add_early(look)
        else:
            trace.add(look)
        self._weigh(trace, look)

    def relocate(self, look: Look, before: str) -> None:
        """A device that is in the trace has said where it is."""
        trace = Trace.parse(self.trace)
        trace.relocate(look, before)
        self._weigh(trace, look)

    def _weigh(self, trace: Trace, look: Look) -> None:
        if self.suspicion is None:
            self.suspect_before = bool(self.signs)
        self.trace, self.place, self.weighed_ms = str(trace), look.place, look.at_ms
        found = self.suspicion = weigh(trace, look.at_ms)
        self.signs = " ".join(found.signs) if found.suspect else ""

    def row(self) -> tuple[int, int, int, int, str, str]:
        """As it is stored, in the order of `scan_statements.new_summaries`."""
        return self.first_seen_ms, self.last_seen_ms, self.times_seen, self.devices, self.trace, self.signs

    def history(self, own: bool) -> History:
        """What a device is told that has or has not been seen with the label before."""
        signs = tuple(self.signs.split())
        if not self.times_seen:
            return History(signs=signs)
        return History(self.first_seen_ms, self.times_seen, self.devices - own, own, signs)


def by_label(rows: Iterable[dict[str, Any]]) -> dict[LabelKey, Summary]:
    """Summaries from their rows."""
    return {(batch, index): Summary(*counts) for batch, index, *counts in (row.values() for row in rows)}
