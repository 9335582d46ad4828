"""Verifying: a label's text comes in, one frozen `Verdict` goes out, and a scan that counts is recorded.

Nothing raises for bad input, and nothing fails open: what cannot be decided is `unchecked`. The steps are those of
`traceqr.verdict`; here stands where their facts come from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from traceqr import native
from traceqr.deciding import Decider
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.evidence import Verdict
from traceqr.gazetteer import NOWHERE
from traceqr.grouping import THREADS, Abandoned, Crew, Grouped
from traceqr.instant import CHINA, HOUR_MS, Clock
from traceqr.label.format import Label
from traceqr.label.keyring import Keyring
from traceqr.observing import SILENT, Observer, kind_of
from traceqr.recording import Recorder, Result, Scanned, Seen, Viewer
from traceqr.registry import locating, purchases, scans, tallies
from traceqr.registry.database import Database, Reader, RegistryConflict
from traceqr.registry.locating import Located
from traceqr.registry.scan_events import Confirmation
from traceqr.verdict import Ruling, Step, check_seal, read

__all__ = ["MAX_GROUP", "Verifier", "Viewer"]

MAX_GROUP = 64
"""Scans and confirmations that are committed together at most: the first of them must not wait long for the others."""


LOCATED_MS = HOUR_MS
"""For so long after a scan a person may say where he was."""


class Verifier:
    """Verifies label texts against a registry. Holds no private key; safe to share between threads.

    Scans are counted by the days of `zone`; `watching` says whether they are looked at for signs of copies.
    """

    def __init__(
        self,
        database: Database,
        official_hosts: Collection[str],
        clock: Clock,
        *,
        observer: Observer = SILENT,
        crew: Crew = THREADS,
        zone: ZoneInfo = CHINA,
        watching: bool = True,
    ) -> None:
        self._database = database
        self._clock = clock
        self._observer = observer
        self._zone = zone
        self._decider = Decider(official_hosts)
        self._recorder = Recorder(database, self._decider, observer, crew, zone, watching=watching)
        self._groups: Grouped[Seen, Result] = Grouped(
            self._record, MAX_GROUP, native.new_lock(), crew, RegistryUnavailable
        )

    def verify(self, text: str, *, history: bool = False) -> Verdict:
        """A verdict that records nothing. `history` is for those trusted with it, such as the operator."""
        at_ms = self._clock()
        label = read(text)
        verdict = (
            self._decider.bare(label, at_ms) if isinstance(label, Ruling) else self._looked_up(label, at_ms, history)
        )
        self._observer.decided(verdict.code, False)
        return verdict

    def scan(self, text: str, viewer: Viewer) -> Verdict:
        """A verdict with history, recorded as a scan when the label's seal holds."""
        at_ms = self._clock()
        label = read(text)
        verdict = (
            self._decider.bare(label, at_ms) if isinstance(label, Ruling) else self._recorded(label, at_ms, viewer)
        )
        self._observer.decided(verdict.code, True)
        return verdict

    def confirm(self, batch: int, index: int, device: str, at_ms: int) -> None:
        """The device that scanned at `at_ms` has come back with its cookie: from now on it counts. Raises
        `RegistryUnavailable`.
        """
        try:
            result = self._groups.do(Confirmation(batch, index, device, at_ms))
        except Abandoned as error:
            raise RegistryUnavailable(str(error)) from error
        if isinstance(result, RegistryConflict):
            raise RegistryUnavailable(str(result)) from result

    def locate(self, text: str, device: str, place: str) -> bool:
        """A device that has scanned a label says at which place of the gazetteer it is; tells whether that was kept. A
        text whose seal does not hold names no label, and nowhere is no place. Raises `RegistryUnavailable`.
        """
        verdict = self.verify(text)
        if verdict.label is None or verdict.evidence is None or place == NOWHERE:
            return False
        serial, gtin = verdict.label.serial, verdict.evidence.product.gtin
        since_ms, lane = self._clock() - LOCATED_MS, tallies.lane(self._database.spread)
        told = Located(serial.batch, serial.index, device, since_ms, place, gtin, self._zone, lane)
        with self._database.recording() as tx:
            summary = locating.locate(tx, told)
            if summary is not None and summary.suspicion is not None and summary.suspicion.suspect:
                self._recorder.suspect(tx, {(serial.batch, serial.index): summary})
        return summary is not None

    def keyring(self) -> Keyring:
        """The public keys. Raises `RegistryUnavailable`."""
        with self._reading() as reader:
            return self._decider.remembered(reader).keyring

    def ready(self) -> None:
        """Raise `TraceqrError`, with the reason, unless labels can be verified."""
        keyring = self.keyring()
        if keyring.refused:
            raise TraceqrError("; ".join(keyring.refused.values()))

    def _looked_up(self, label: Label, at_ms: int, history: bool) -> Verdict:
        try:
            with self._reading() as reader:
                memory = self._decider.remembered(reader)
                sealed = check_seal(label, memory.keyring, at_ms)
                if isinstance(sealed, Ruling):
                    return self._decider.bare(sealed, at_ms)
                batch, index = label.serial.batch, label.serial.index
                standing = memory.standing(reader, batch, index)
                told = scans.history(reader, batch, index, None) if history else None
                bought = purchases.of_label(reader, batch, index, None) if history else None
                return self._decider.decided(reader, memory, sealed, at_ms, standing, told, bought)
        except RegistryUnavailable:
            return self._decider.without_registry(label, at_ms)

    def _recorded(self, label: Label, at_ms: int, viewer: Viewer) -> Verdict:
        # Under the keys that are remembered. A broken seal stays broken, so a flood of forged labels joins no group.
        memory = self._decider.memory
        sealed = check_seal(label, memory.keyring, at_ms) if memory else None
        if isinstance(sealed, Ruling) and sealed.step is Step.SEAL:
            return self._decider.bare(sealed, at_ms)
        try:
            verdict = self._groups.do(Scanned(label, viewer, at_ms, sealed, memory.keyring if memory else None))
        except (RegistryUnavailable, Abandoned):
            return self._decider.without_registry(label, at_ms)
        if isinstance(verdict, RegistryConflict):
            return self._decider.without_registry(label, at_ms)
        assert verdict is not None  # a scan has one, only a confirmation has none
        return verdict

    def _record(self, group: Sequence[Seen]) -> list[Result]:
        return self._recorder.record(group, self._groups.waiting)

    @contextmanager
    def _reading(self) -> Iterator[Reader]:
        """A snapshot, and the observer told how that went."""
        try:
            with self._database.snapshot(soon=True) as reader:
                yield reader
        except RegistryUnavailable as error:
            self._observer.unavailable(kind_of(error), False)
            raise
        self._observer.reached(False)
