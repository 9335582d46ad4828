"""Judging a label by a bundle, with no network: the nine steps of `traceqr.verdict` on what a holder has. Section 6."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from traceqr.bundle.manifest import Manifest
from traceqr.bundle.part import Batch, Part
from traceqr.label.format import Label
from traceqr.verdict import Code, Facts, Ruling, Sealed, Step, check_seal, decide, read

CLOCK_SLACK_MS = 10 * 60_000
"""So far a clock may be behind the greatest instant that the holder has learnt."""

PartOf = Callable[[str], Part | None]
"""The part of a digest, or None where the holder lacks it or has refused it."""


@dataclass(frozen=True, slots=True)
class Holder:
    """What a holder has: a manifest that it has taken, parts of it, and the greatest instant that it has learnt."""

    manifest: Manifest
    part_of: PartOf
    learnt_ms: int = 0

    def judge(self, text: str, at_ms: int) -> Ruling:
        """A ruling by the clock `at_ms`. Never raises for bad input, and what cannot be told is `unchecked`."""
        label = read(text)
        if isinstance(label, Ruling):
            return label
        first = check_seal(label, self.manifest.keyring, at_ms)
        if isinstance(first, Ruling) and first.step < Step.WINDOW:
            return _not_listed(first)
        if overdue := self._overdue(at_ms):
            return Ruling(Step.WINDOW, Code.UNCHECKED, overdue, label)
        return first if isinstance(first, Ruling) else self._decided(first)

    def shown(self, label: Label) -> tuple[Part, Batch] | None:
        """What the bundle says of a label's batch, for those who show it."""
        entry = self.manifest.part_of(label.serial.batch)
        part = self.part_of(entry.digest) if entry else None
        batch = part.batch(label.serial.batch) if part else None
        return (part, batch) if part and batch else None

    def age_ms(self, at_ms: int) -> int:
        """How old the data is."""
        return at_ms - self.manifest.made_ms

    def _overdue(self, at_ms: int) -> str | None:
        if at_ms < max(self.learnt_ms, self.manifest.made_ms) - CLOCK_SLACK_MS:
            return "clock-back"
        return "data-expired" if at_ms >= self.manifest.expires_ms else None

    def _decided(self, sealed: Sealed) -> Ruling:
        label, number = sealed.label, sealed.label.serial.batch
        if number >= self.manifest.next_batch:
            return Ruling(Step.BATCH, Code.UNCHECKED, "data-without-batch", label)
        if self.manifest.part_of(number) is None and self.manifest.scope.is_whole:
            return decide(sealed, None, self.manifest.hosts)
        shown = self.shown(label)
        if shown is None:
            return Ruling(Step.BATCH, Code.UNCHECKED, "data-not-held", label)
        return decide(sealed, _facts(label, *shown), self.manifest.hosts)


def judge_without_bundle(text: str) -> Ruling:
    """What can be said of a text by one who has no bundle at all: whether it is a label."""
    label = read(text)
    return label if isinstance(label, Ruling) else Ruling(Step.KEY, Code.UNCHECKED, "data-missing", label)


def _not_listed(ruling: Ruling) -> Ruling:
    """Online an unknown key was never allotted; the bundle may be older than the key."""
    if ruling.reason != "key-unknown":
        return ruling
    return Ruling(Step.KEY, Code.UNCHECKED, "data-without-key", ruling.label)


def _facts(label: Label, part: Part, batch: Batch) -> Facts:
    index = min(label.serial.index, batch.count - 1)  # one past the count is told by the count
    return Facts(
        part.product.gtin,
        batch.pledge,
        batch.key,
        batch.count,
        batch.state(index),
        sighted_in_time=batch.is_sighted(index),
    )
