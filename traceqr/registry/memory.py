"""What a process remembers of the registry between verdicts.

It was read at one head of the ledger, and every act moves the head. So whoever reads the head in the transaction of a
verdict knows whether the memory still holds: a recall or a stolen key shows with the next scan, on every node. Where
the database lets a transaction see what is committed after it began, what is read is at least as new as the head.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from traceqr.label.keyring import Keyring
from traceqr.registry import dossiers, keys, opening
from traceqr.registry.database import Reader
from traceqr.registry.dossiers import Dossier, Standing

MAX_BATCHES = 512
"""Batches kept in memory at most: some 4 KB each, 300 KB with the longest pledge text there can be."""

MAX_SPANS = 64
"""Of a batch with more spans each label is looked up by itself."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What was read at one head of the ledger."""

    head: str | None
    keyring: Keyring
    _dossiers: dict[int, Dossier] = field(default_factory=dict)
    _standings: dict[int, list[tuple[int, Standing]] | None] = field(default_factory=dict)

    def dossier(self, reader: Reader, batch: int) -> Dossier:
        """The dossier of a batch, read once. `reader` sees the registry at this head."""
        held = self._dossiers.get(batch)  # once: another thread may empty the dict at any time
        if held is None:
            if len(self._dossiers) >= MAX_BATCHES:
                self._dossiers.clear()
            held = self._dossiers[batch] = dossiers.dossier(reader, batch)
        return held

    def standing(self, reader: Reader, batch: int, index: int) -> Standing | None:
        """The standing of a label, or None for a batch that was never issued. `reader` is as above."""
        spans = self._spans(reader, batch)
        if spans is None:
            return dossiers.standing(reader, batch, index)
        found = bisect_right(spans, index, key=lambda span: span[0])
        return spans[found - 1][1] if found else None

    def _spans(self, reader: Reader, batch: int) -> list[tuple[int, Standing]] | None:
        try:
            return self._standings[batch]
        except KeyError:
            if len(self._standings) >= MAX_BATCHES:
                self._standings.clear()
            spans = self._standings[batch] = dossiers.standings(reader, batch, MAX_SPANS)
            return spans


def as_of_now(reader: Reader, memory: Memory | None) -> Memory:
    """The memory if it still holds, else a new one. Raises `RegistryUnavailable`, also for another schema than ours."""
    head = opening.require_schema_and_head(reader)
    if memory is not None and memory.head == head:
        return memory
    return Memory(head, keys.keyring(reader))
