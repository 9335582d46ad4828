"""Verifying: a label's text comes in, one frozen `Verdict` goes out, and a scan that counts is recorded.

Nothing raises for bad input, and nothing fails open: what cannot be decided is `unchecked`. The steps are those of
`traceqr.verdict`; here stands where their facts come from.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.evidence import Verdict
from traceqr.instant import Clock
from traceqr.label.format import Label
from traceqr.label.keyring import Keyring
from traceqr.registry import dossiers, keys, ledger, opening, scans
from traceqr.registry.database import Database, Reader
from traceqr.registry.dossiers import Dossier
from traceqr.registry.scans import Scan
from traceqr.verdict import Code, History, Life, Ruling, Sealed, Step, check_seal, decide, read, unreachable


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who scans. `device` is the HMAC of the device cookie; `returned` says that the cookie came with the request."""

    device: str
    returned: bool
    channel: str
    agent: str
    language: str


MAX_DOSSIERS = 512
"""Batches whose dossier is kept in memory at most: some 4 KB each, 300 KB with the longest pledge text there can be."""


@dataclass(frozen=True, slots=True)
class _Memory:
    """What was read at one head of the ledger. Every act moves the head, so nothing here outlives its truth."""

    head: int
    keyring: Keyring
    dossiers: dict[int, Dossier]

    def dossier(self, reader: Reader, batch: int) -> Dossier:
        """The dossier of a batch, read once. `reader` sees the registry at this head."""
        held = self.dossiers.get(batch)  # once: another thread may empty the dict at any time
        if held is None:
            if len(self.dossiers) >= MAX_DOSSIERS:
                self.dossiers.clear()
            held = self.dossiers[batch] = dossiers.dossier(reader, batch)
        return held


class Verifier:
    """Verifies label texts against a registry. Holds no private key; safe to share between threads."""

    def __init__(self, database: Database, official_hosts: Collection[str], clock: Clock) -> None:
        self._database = database
        self._hosts = frozenset(official_hosts)
        self._clock = clock
        self._memory: _Memory | None = None

    def verify(self, text: str, *, history: bool = False) -> Verdict:
        """A verdict that records nothing. `history` is for those trusted with it, such as the operator."""
        at_ms = self._clock()
        label = read(text)
        if isinstance(label, Ruling):
            return self._verdict(label, at_ms)
        try:
            with self._database.snapshot() as reader:
                memory = self._remembered(reader)
                sealed = check_seal(label, memory.keyring, at_ms)
                if isinstance(sealed, Ruling):
                    return self._verdict(sealed, at_ms)
                told = _history(reader, label, None) if history else None
                return self._decided(reader, memory, sealed, at_ms, told)
        except RegistryUnavailable:
            return self._verdict(self._without_registry(label, at_ms), at_ms)

    def scan(self, text: str, viewer: Viewer) -> Verdict:
        """A verdict with history, recorded as a scan when the label's seal holds."""
        at_ms = self._clock()
        label = read(text)
        if isinstance(label, Ruling):
            return self._verdict(label, at_ms)
        try:
            # The signature, the dearest step, is checked before the write lock is taken.
            keyring = self.keyring()
            sealed = check_seal(label, keyring, at_ms)
            if isinstance(sealed, Ruling):
                return self._verdict(sealed, at_ms)
            return self._recorded(sealed, keyring, at_ms, viewer)
        except RegistryUnavailable:
            return self._verdict(self._without_registry(label, at_ms), at_ms)

    def confirm(self, batch: int, index: int, device: str, at_ms: int) -> None:
        """The device that scanned at `at_ms` has come back with its cookie: from now on it counts."""
        with self._database.transaction() as tx:
            opening.require_schema(tx)
            standing = dossiers.standing(tx, batch, index)
            if standing is None or standing.facts.state.life is not Life.ISSUED:
                scans.confirm(tx, batch, index, device, at_ms)

    def keyring(self) -> Keyring:
        """The public keys. Raises `RegistryUnavailable`."""
        with self._database.snapshot() as reader:
            return self._remembered(reader).keyring

    def ready(self) -> None:
        """Raise `TraceqrError`, with the reason, unless labels can be verified."""
        opening.check(self._database)
        keyring = self.keyring()
        if keyring.refused:
            raise TraceqrError("; ".join(keyring.refused.values()))

    def _recorded(self, sealed: Sealed, keyring: Keyring, at_ms: int, viewer: Viewer) -> Verdict:
        label = sealed.label
        with self._database.transaction() as tx:
            memory = self._remembered(tx)
            if memory.keyring is not keyring:  # the ledger has moved since the seal was checked
                again = check_seal(label, memory.keyring, at_ms)
                if isinstance(again, Ruling):
                    return self._verdict(again, at_ms)
                sealed = again
            verdict = self._decided(tx, memory, sealed, at_ms, _history(tx, label, viewer.device))
            scan = Scan(
                label.serial.batch,
                label.serial.index,
                viewer.device,
                at_ms,
                viewer.channel,
                viewer.agent,
                viewer.language,
            )
            # What is not yet for sale is scanned by printers and packers: kept, but not held against its buyer.
            scans.record(tx, scan, confirmed=viewer.returned and verdict.code is not Code.INACTIVE)
            return verdict

    def _decided(self, reader: Reader, memory: _Memory, sealed: Sealed, at_ms: int, history: History | None) -> Verdict:
        serial = sealed.label.serial
        standing = dossiers.standing(reader, serial.batch, serial.index)
        if standing is None:
            return self._verdict(decide(sealed, None, self._hosts), at_ms)
        ruling = decide(sealed, replace(standing.facts, history=history), self._hosts)
        if ruling.facts is None:
            return self._verdict(ruling, at_ms)
        dossier = memory.dossier(reader, serial.batch)
        evidence = dossiers.evidence(reader, dossier, serial.index, standing, at_ms)
        return Verdict.of(ruling, at_ms, self._official(ruling), evidence)

    def _verdict(self, ruling: Ruling, at_ms: int) -> Verdict:
        return Verdict.of(ruling, at_ms, self._official(ruling))

    def _official(self, ruling: Ruling) -> bool:
        return ruling.label is not None and ruling.label.origin.host in self._hosts

    def _remembered(self, reader: Reader) -> _Memory:
        """The memory, begun anew when the ledger has moved: its head is read in the verdict's own transaction."""
        opening.require_schema(reader)
        head = ledger.next_position(reader)
        memory = self._memory
        if memory is None or memory.head != head:
            memory = self._memory = _Memory(head, keys.keyring(reader), {})
        return memory

    def _without_registry(self, label: Label, at_ms: int) -> Ruling:
        """A broken seal is forged whatever the registry would say: a key's number never changes its public part."""
        if self._memory is not None:
            found = check_seal(label, self._memory.keyring, at_ms)
            if isinstance(found, Ruling) and found.step is Step.SEAL:
                return found
        return unreachable(label)


def _history(reader: Reader, label: Label, device: str | None) -> History:
    return scans.history(reader, label.serial.batch, label.serial.index, device)
