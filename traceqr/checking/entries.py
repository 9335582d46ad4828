"""The ledger against itself: every entry in its place, canonical, hashed, in order of time, and as far as its mark."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from traceqr.checking.chain import Chain
from traceqr.checking.finding import Findings
from traceqr.instant import to_iso
from traceqr.registry.database import Row
from traceqr.registry.ledger import Entry, InvalidEntry

_MEMBERS = {"act", "actor", "at_ms", "payload", "position", "subject"}
_TYPES = {"act": str, "actor": str, "at_ms": int, "payload": dict, "position": int, "subject": str}
_COLUMNS = ("position", "at_ms", "act", "subject")
_LATEST_MS = 253_402_300_800_000
"""Where the calendar of `to_iso` ends."""


class LedgerCheck:
    """Takes the rows of the ledger in order, some at a time. `mark_size` and `mark_root` are what is kept outside the
    registry: how many entries there were, and their root. A `backup` may have fewer; `behind` says how many.
    """

    def __init__(
        self, findings: Findings, mark_size: int | None, mark_root: str | None, *, backup: bool = False
    ) -> None:
        self.chain = Chain()
        self.behind = 0
        self._backup = backup
        self._findings = findings
        self._mark = (mark_size, mark_root)
        self._at_ms: int | None = None
        self._compare_mark()

    def take(self, rows: Sequence[Row]) -> list[Entry]:
        """Check rows; returns those entries that can be read, for what else is to be asked of them."""
        return [entry for row in rows if (entry := self._take(row)) is not None]

    def end(self) -> None:
        """There are no more rows: is that all there was?"""
        size = self._mark[0]
        self.behind = max((size or 0) - self.chain.size, 0)
        if self.behind and not self._backup:
            self._say(
                "ledger",
                f"expected at least {size:,} entries, as the mark outside the registry says, found {self.chain.size:,}:"
                f" the last {self.behind:,} are gone (an older copy was restored, or the end was cut off); a backup is"
                " looked at with --backup; if this is the registry in use, see: traceqr ledger accept-restore",
            )

    def _take(self, row: Row) -> Entry | None:
        place = f"ledger entry {row['position']}"
        for fault in self.chain.take(row):
            self._say(place, fault)
        self._compare_time(place, row["at_ms"])
        self._compare_mark()
        try:
            entry = _parse(row["entry"])
        except ValueError as error:
            self._say(place, str(error))
            return None
        for name in _COLUMNS:
            if getattr(entry, name) != row[name]:
                self._say(place, f"its text says {name} {getattr(entry, name)!r}, its column {row[name]!r}")
        return entry if entry.position == row["position"] else None

    def _compare_time(self, place: str, at_ms: int) -> None:
        if self._at_ms is not None and at_ms < self._at_ms:
            self._say(place, f"expected an instant from {_when(self._at_ms)} on, found {_when(at_ms)}: time went back")
        self._at_ms = at_ms

    def _compare_mark(self) -> None:
        size, root = self._mark
        if size != self.chain.size or self.chain.root in (None, root):
            return
        self._say(
            "ledger",
            f"expected root {root} after {size:,} entries, as the mark outside the registry says, found"
            f" {self.chain.root}: the ledger was rewritten",
        )

    def _say(self, place: str, message: str) -> None:
        self._findings.add("ledger", place, message)


def _parse(text: str) -> Entry:
    """An entry of its text. Raises `ValueError` for one that is not canonical."""
    try:
        members: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"expected canonical JSON, found text that is none: {text[:60]!r}") from error
    if not isinstance(members, dict) or set(members) != _MEMBERS:
        raise ValueError(f"expected an object with {', '.join(sorted(_MEMBERS))}, found {text[:60]!r}")
    for name, kind in _TYPES.items():
        if type(members[name]) is not kind:
            raise ValueError(f"expected {name} as {kind.__name__}, found {members[name]!r:.60}")
    entry = Entry(**members)
    try:
        canonical = entry.canonical()
    except (InvalidEntry, RecursionError) as error:
        raise ValueError(f"expected canonical JSON (RFC 8785): {error}") from error
    if canonical != text.encode("utf-8", "surrogatepass"):
        raise ValueError("expected canonical JSON (RFC 8785), found the same said in another spelling")
    return entry


def _when(at_ms: int) -> str:
    return to_iso(at_ms) if 0 <= at_ms < _LATEST_MS else f"{at_ms} ms"
