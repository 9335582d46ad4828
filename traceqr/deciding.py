"""From rulings to verdicts, on what the registry says as of now. What verifying and recording share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from traceqr.evidence import Purchase, Verdict
from traceqr.label.format import Label
from traceqr.registry import dossiers
from traceqr.registry.database import Reader
from traceqr.registry.dossiers import Standing
from traceqr.registry.memory import Memory, as_of_now
from traceqr.verdict import History, Ruling, Sealed, Step, check_seal, decide, unreachable


class Decider:
    """Decides labels under the official hosts, and remembers what it read of the registry. Shared between threads."""

    def __init__(self, official_hosts: Collection[str]) -> None:
        self._hosts = frozenset(official_hosts)
        self.memory: Memory | None = None

    def remembered(self, reader: Reader) -> Memory:
        """The memory, begun anew when the ledger has moved: its head is read in the verdict's own transaction."""
        memory = self.memory = as_of_now(reader, self.memory)
        return memory

    def decided(
        self,
        reader: Reader,
        memory: Memory,
        sealed: Sealed,
        at_ms: int,
        standing: Standing | None,
        history: History | None,
        purchase: Purchase | None = None,
    ) -> Verdict:
        """Steps 5 to 9, with the evidence."""
        if history is not None and purchase is not None and purchase.own and not purchase.other_entries:
            history = replace(history, confirmed_here=True)
        facts = standing.facts.with_history(history) if standing else None
        ruling = decide(sealed, facts, self._hosts)
        if standing is None or ruling.facts is None:
            return self.bare(ruling, at_ms)
        serial = sealed.label.serial
        held = memory.dossier(reader, serial.batch)
        evidence = dossiers.evidence(reader, held, serial.index, standing, at_ms, purchase)
        return _not_ahead(Verdict.of(ruling, at_ms, self._official(ruling), evidence))

    def bare(self, ruling: Ruling, at_ms: int) -> Verdict:
        """A verdict without evidence."""
        return Verdict.of(ruling, at_ms, self._official(ruling))

    def without_registry(self, label: Label, at_ms: int) -> Verdict:
        """A broken seal is forged whatever the registry would say: a key's number never changes its public part."""
        if self.memory is not None:
            found = check_seal(label, self.memory.keyring, at_ms)
            if isinstance(found, Ruling) and found.step is Step.SEAL:
                return self.bare(found, at_ms)
        return self.bare(unreachable(label), at_ms)

    def _official(self, ruling: Ruling) -> bool:
        return ruling.label is not None and ruling.label.origin.host in self._hosts


def _not_ahead(verdict: Verdict) -> Verdict:
    """What was seen by a clock that runs ahead of ours, another node's or our own before it was set back, is told as
    seen just now: nobody is told of a first scan after his own. The ruling was made on what is recorded.
    """
    evidence = verdict.evidence
    if evidence is not None and evidence.purchase is not None and evidence.purchase.confirmed_ms > verdict.at_ms:
        purchase = replace(evidence.purchase, confirmed_ms=verdict.at_ms)
        verdict = replace(verdict, evidence=replace(evidence, purchase=purchase))
    history = verdict.history
    if history is None or history.first_seen_ms is None or history.first_seen_ms <= verdict.at_ms:
        return verdict
    return replace(verdict, history=replace(history, first_seen_ms=verdict.at_ms))
