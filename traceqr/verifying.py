"""Verifying: a label's text comes in, one frozen `Verdict` goes out, and a scan that counts is recorded.

Nothing raises for bad input, and nothing fails open: what cannot be decided is `unchecked`. The steps are those of
`traceqr.verdict`; here stands where their facts come from.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from traceqr import native
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.evidence import Verdict
from traceqr.grouping import THREADS, Abandoned, Crew, Grouped
from traceqr.instant import Clock
from traceqr.label.format import Label
from traceqr.label.keyring import Keyring
from traceqr.observing import SILENT, Observer, kind_of
from traceqr.registry import dossiers, scans
from traceqr.registry.database import Database, Reader, RegistryConflict, Transaction
from traceqr.registry.dossiers import Standing
from traceqr.registry.memory import Memory, as_of_now
from traceqr.registry.scans import Confirmation, Event, Scan
from traceqr.verdict import History, Life, Ruling, Sealed, Step, check_seal, decide, read, unreachable


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who scans. `device` is the HMAC of the device cookie; `returned` says that the cookie came with the request."""

    device: str
    returned: bool
    channel: str
    agent: str
    language: str


MAX_GROUP = 64
"""Scans and confirmations that are committed together at most: the first of them must not wait long for the others."""


class Verifier:
    """Verifies label texts against a registry. Holds no private key; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        official_hosts: Collection[str],
        clock: Clock,
        *,
        observer: Observer = SILENT,
        crew: Crew = THREADS,
    ) -> None:
        self._database = database
        self._hosts = frozenset(official_hosts)
        self._clock = clock
        self._observer = observer
        self._memory: Memory | None = None
        self._recorder: Grouped[_Seen, Verdict | None] = Grouped(
            self._record, MAX_GROUP, native.new_lock(), crew, RegistryUnavailable
        )

    def verify(self, text: str, *, history: bool = False) -> Verdict:
        """A verdict that records nothing. `history` is for those trusted with it, such as the operator."""
        verdict = self._verified(text, history)
        self._observer.decided(verdict.code, False)
        return verdict

    def scan(self, text: str, viewer: Viewer) -> Verdict:
        """A verdict with history, recorded as a scan when the label's seal holds."""
        verdict = self._scanned(text, viewer)
        self._observer.decided(verdict.code, True)
        return verdict

    def _verified(self, text: str, history: bool) -> Verdict:
        at_ms = self._clock()
        label = read(text)
        if isinstance(label, Ruling):
            return self._verdict(label, at_ms)
        try:
            with self._reading() as reader:
                memory = self._remembered(reader)
                sealed = check_seal(label, memory.keyring, at_ms)
                if isinstance(sealed, Ruling):
                    return self._verdict(sealed, at_ms)
                serial = sealed.label.serial
                standing = memory.standing(reader, serial.batch, serial.index)
                told = scans.history(reader, serial.batch, serial.index, None) if history else None
                return self._decided(reader, memory, sealed, at_ms, standing, told)
        except RegistryUnavailable:
            return self._verdict(self._without_registry(label, at_ms), at_ms)

    def _scanned(self, text: str, viewer: Viewer) -> Verdict:
        at_ms = self._clock()
        label = read(text)
        if isinstance(label, Ruling):
            return self._verdict(label, at_ms)
        try:
            # The signature, the dearest step, is checked before anything is locked.
            keyring, sealed = self._sealed(label, at_ms)
            if isinstance(sealed, Ruling):
                return self._verdict(sealed, at_ms)
            verdict = self._recorder.do(_Scanned(sealed, keyring, viewer, at_ms))
            assert verdict is not None  # a scan has one, only a confirmation has none
            return verdict
        except (RegistryUnavailable, Abandoned):
            return self._verdict(self._without_registry(label, at_ms), at_ms)

    def confirm(self, batch: int, index: int, device: str, at_ms: int) -> None:
        """The device that scanned at `at_ms` has come back with its cookie: from now on it counts."""
        self._recorder.do(Confirmation(batch, index, device, at_ms))

    def keyring(self) -> Keyring:
        """The public keys. Raises `RegistryUnavailable`."""
        with self._reading() as reader:
            return self._remembered(reader).keyring

    def ready(self) -> None:
        """Raise `TraceqrError`, with the reason, unless labels can be verified."""
        keyring = self.keyring()
        if keyring.refused:
            raise TraceqrError("; ".join(keyring.refused.values()))

    def _sealed(self, label: Label, at_ms: int) -> tuple[Keyring, Sealed | Ruling]:
        """Steps 2 to 4, under the keys that are remembered, which spares a question: what holds under them is looked at
        again when it is recorded, and a broken seal stays broken. What else they say may have changed. Raises
        `RegistryUnavailable`.
        """
        if memory := self._memory:
            sealed = check_seal(label, memory.keyring, at_ms)
            if isinstance(sealed, Sealed) or sealed.step is Step.SEAL:
                return memory.keyring, sealed
        keyring = self.keyring()
        return keyring, check_seal(label, keyring, at_ms)

    @contextmanager
    def _reading(self) -> Iterator[Reader]:
        """A snapshot, and the observer told how that went."""
        try:
            with self._database.snapshot() as reader:
                yield reader
        except RegistryUnavailable as error:
            self._observer.unavailable(kind_of(error), False)
            raise
        self._observer.reached(False)

    def _record(self, group: Sequence[_Seen]) -> list[Verdict | None]:
        """Decide and record what came together, in one transaction. One that the registry refuses harms no other."""
        began = time.perf_counter()
        try:
            with self._database.recording() as tx:
                memory = self._remembered(tx)
                results = self._entered(tx, memory, [self._prepared(tx, memory, seen) for seen in group])
        except RegistryConflict:
            if len(group) == 1:
                raise
            return [result for seen in group for result in self._record([seen])]
        except RegistryUnavailable as error:
            self._observer.unavailable(kind_of(error), True)
            raise
        self._observer.reached(True)
        self._observer.committed(len(group), time.perf_counter() - began, self._recorder.waiting)
        return results

    def _prepared(self, tx: Transaction, memory: Memory, seen: _Seen) -> _Prepared:
        """What is to be recorded, and all that the verdict needs but the history, which recording finds out."""
        if isinstance(seen, Confirmation):
            standing = memory.standing(tx, seen.batch, seen.label_index)
            return _Prepared(seen, None, None) if _counts(standing) else _Prepared(None, None, None)
        sealed = seen.sealed
        if memory.keyring is not seen.keyring:  # the ledger has moved since the seal was checked
            again = check_seal(sealed.label, memory.keyring, seen.at_ms)
            if isinstance(again, Ruling):
                return _Prepared(None, seen, again)
            sealed = again
        serial, viewer = sealed.label.serial, seen.viewer
        standing = memory.standing(tx, serial.batch, serial.index)
        scan = Scan(
            serial.batch,
            serial.index,
            viewer.device,
            seen.at_ms,
            viewer.channel,
            viewer.agent,
            viewer.language,
            counts=viewer.returned and _counts(standing),
        )
        return _Prepared(scan, seen if sealed is seen.sealed else replace(seen, sealed=sealed), None, standing)

    def _entered(self, tx: Transaction, memory: Memory, group: list[_Prepared]) -> list[Verdict | None]:
        by_batch = self._database.by_batch
        histories = iter(scans.record(tx, [one.event for one in group if one.event], by_batch=by_batch))
        results: list[Verdict | None] = []
        for one in group:
            history = next(histories) if one.event else None
            if one.ruling is not None and one.scanned is not None:
                results.append(self._verdict(one.ruling, one.scanned.at_ms))
            elif one.scanned is not None:
                told = self._decided(tx, memory, one.scanned.sealed, one.scanned.at_ms, one.standing, history)
                results.append(told)
            else:
                results.append(None)
        return results

    def _decided(
        self,
        reader: Reader,
        memory: Memory,
        sealed: Sealed,
        at_ms: int,
        standing: Standing | None,
        history: History | None,
    ) -> Verdict:
        facts = standing.facts.with_history(history) if standing else None
        ruling = decide(sealed, facts, self._hosts)
        if standing is None or ruling.facts is None:
            return self._verdict(ruling, at_ms)
        serial = sealed.label.serial
        evidence = dossiers.evidence(reader, memory.dossier(reader, serial.batch), serial.index, standing, at_ms)
        return _not_ahead(Verdict.of(ruling, at_ms, self._official(ruling), evidence))

    def _verdict(self, ruling: Ruling, at_ms: int) -> Verdict:
        return Verdict.of(ruling, at_ms, self._official(ruling))

    def _official(self, ruling: Ruling) -> bool:
        return ruling.label is not None and ruling.label.origin.host in self._hosts

    def _remembered(self, reader: Reader) -> Memory:
        """The memory, begun anew when the ledger has moved: its head is read in the verdict's own transaction."""
        self._memory = as_of_now(reader, self._memory)
        return self._memory

    def _without_registry(self, label: Label, at_ms: int) -> Ruling:
        """A broken seal is forged whatever the registry would say: a key's number never changes its public part."""
        if self._memory is not None:
            found = check_seal(label, self._memory.keyring, at_ms)
            if isinstance(found, Ruling) and found.step is Step.SEAL:
                return found
        return unreachable(label)


@dataclass(frozen=True, slots=True)
class _Scanned:
    """A scan whose seal holds under `keyring`."""

    sealed: Sealed
    keyring: Keyring
    viewer: Viewer
    at_ms: int


_Seen = _Scanned | Confirmation


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One member of a group, in the group's transaction: what to record of it, the scan, and its ruling or standing."""

    event: Event | None
    scanned: _Scanned | None
    ruling: Ruling | None
    standing: Standing | None = None


def _counts(standing: Standing | None) -> bool:
    """Whether a scan may count as a sighting. What is not yet for sale is scanned by printers and packers: kept, but
    not held against its buyer.
    """
    return standing is None or standing.facts.state.life is not Life.ISSUED


def _not_ahead(verdict: Verdict) -> Verdict:
    """What was seen by a clock that runs ahead of ours, another node's or our own before it was set back, is told as
    seen just now: nobody is told of a first scan after his own. The ruling was made on what is recorded.
    """
    history = verdict.history
    if history is None or history.first_seen_ms is None or history.first_seen_ms <= verdict.at_ms:
        return verdict
    return replace(verdict, history=replace(history, first_seen_ms=verdict.at_ms))
