"""Recording scans, a group at a time: what came together is decided and committed in one transaction."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from traceqr import suspecting
from traceqr.deciding import Decider
from traceqr.errors import RegistryUnavailable
from traceqr.evidence import Purchase, Verdict
from traceqr.gazetteer import NOWHERE
from traceqr.grouping import Crew
from traceqr.instant import CHINA
from traceqr.label.format import Label
from traceqr.label.keyring import Keyring
from traceqr.observing import Observer, kind_of
from traceqr.registry import purchases, scans
from traceqr.registry.database import Database, RegistryBusy, RegistryConflict, Row, Spread, Transaction
from traceqr.registry.dossiers import Dossier, Standing
from traceqr.registry.memory import Memory
from traceqr.registry.scan_events import Confirmation, Event, Scan, label_of, network_number
from traceqr.registry.scan_statements import LabelKey
from traceqr.registry.sightings import Summary
from traceqr.registry.tallies import Tally, Told
from traceqr.verdict import Life, Ruling, Sealed, check_seal

SLOW_S = 0.02
"""A group that took longer was held up by the disk; so the next one is not committed where others would wait for it."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who scans. `device` is the HMAC of the device cookie; `returned` says that the cookie came with the request.
    `place` is a place of the gazetteer, `network` the pseudonym of a network; both may be empty.
    """

    device: str
    returned: bool
    channel: str
    agent: str
    language: str
    place: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A label that somebody scanned, with what its seal is under `keyring`; both are None while no key is known."""

    label: Label
    viewer: Viewer
    at_ms: int
    seal: Sealed | Ruling | None
    keyring: Keyring | None


INSPECTOR = "inspector"
"""The channel of scans by inspectors: kept and shown as such, counted nowhere, and held against no label."""

Seen = Scanned | Confirmation
"""What is recorded."""

Result = Verdict | RegistryConflict | None
"""What comes of it."""


NewId = Callable[[], str]
"""Makes the ids of what is new."""


def _new_id() -> str:
    return secrets.token_hex(8)


class Recorder:
    """Decides and records groups. Holds no private key."""

    def __init__(
        self,
        database: Database,
        decider: Decider,
        observer: Observer,
        crew: Crew,
        zone: ZoneInfo = CHINA,
        *,
        watching: bool = True,
        new_id: NewId = _new_id,
    ) -> None:
        self._database = database
        self._decider = decider
        self._observer = observer
        self._crew = crew
        self._zone = zone
        self._watching = watching
        self._new_id = new_id
        self._slow = False

    def record(self, group: Sequence[Seen], waiting: int) -> list[Result]:
        """The verdict of each scan, and None for each confirmation, when they are durably recorded.

        Seals, the dearest step, were checked before anything is locked. What the registry refuses harms no other: it
        gets the refusal for its result. `waiting` is for the observer. Raises `RegistryUnavailable`.
        """
        began = time.perf_counter()
        checked = [_checked(seen) for seen in group]
        try:
            if told := self._without_recording(checked):
                return told
            results = self._committed(checked)
        except RegistryConflict as error:
            if len(group) == 1:
                self._observer.unavailable(kind_of(error), True)
                return [error]
            return [result for seen in group for result in self.record([seen], waiting)]
        except RegistryUnavailable as error:
            self._observer.unavailable(kind_of(error), True)
            raise
        self._observer.reached(True)
        self._observer.committed(len(group), time.perf_counter() - began, waiting)
        return results

    def _without_recording(self, group: list[_Checked]) -> list[Result]:
        """The verdicts of a group in which no seal holds, so that a flood of such labels keeps no writer waiting. Empty
        if there is something to record, or the keys have changed.
        """
        rulings = [(one.seal, one.at_ms) for one in group if isinstance(one.seal, Ruling)]
        if len(rulings) < len(group):
            return []
        with self._database.snapshot(soon=True) as reader:
            keyring = self._decider.remembered(reader).keyring
        if any(one.keyring is not keyring for one in group):
            return []
        return [self._decider.bare(ruling, at_ms) for ruling, at_ms in rulings]

    def _committed(self, group: list[_Checked]) -> list[Result]:
        """Where the registry is free and its disk is quick, the commit is over before another thread would have begun.
        Where it is not, all others of this process must not stand still for it.
        """
        if not self._slow:
            try:
                return self._in_transaction(group, soon=True)
            except RegistryBusy:
                pass
        return self._crew.aside(lambda: self._in_transaction(group, soon=False))

    def _in_transaction(self, group: list[_Checked], *, soon: bool) -> list[Result]:
        began = time.perf_counter()
        with self._database.recording(soon=soon) as tx:
            held = time.perf_counter()
            results = self._decided(tx, self._decider.remembered(tx), group)
        ended = time.perf_counter()
        self._slow = ended - (began if soon else held) > SLOW_S
        return results

    def _decided(self, tx: Transaction, memory: Memory, group: list[_Checked]) -> list[Result]:
        ready, spread = [_with_standing(tx, memory, one) for one in group], self._database.spread
        bought = _bought(tx, memory, ready, spread)
        events = [_after(one.event, bought) for one in ready if one.event]
        entered = scans.enter(tx, events, spread=spread, watching=self._watching)
        tally = Tally(spread, self._zone, watching=self._watching)
        told = zip(entered.before, entered.kept, strict=True)
        results: list[Result] = []
        for one in ready:
            history, kept = next(told) if one.event else (None, False)
            if isinstance(one.seal, Ruling):
                results.append(self._decider.bare(one.seal, one.at_ms))
            elif one.seal is not None:
                purchase = _purchase(bought, one.seen)
                verdict = self._decider.decided(tx, memory, one.seal, one.at_ms, one.standing, history, purchase)
                results.append(verdict)
                # A stolen key may seal a batch that nobody issued.
                if kept and one.standing is not None and _is_counted(one):
                    tally.add(_told(memory.dossier(tx, one.batch), one, verdict))
            else:
                results.append(None)
        tx.execute_each([*entered.changes, *tally.changes()])
        if entered.suspects:
            self.suspect(tx, entered.suspects)
        return results

    def suspect(self, tx: Transaction, found: Mapping[LabelKey, Summary]) -> None:
        """Keep labels that are suspect by what was written in this transaction."""
        suspecting.keep(tx, self._decider.remembered(tx), found, self._new_id)


@dataclass(slots=True)
class _Checked:
    """One member of a group: its seal under `keyring` (None for a confirmation), and what there is to record of it."""

    seen: Seen
    seal: Sealed | Ruling | None
    keyring: Keyring | None
    event: Event | None = None
    standing: Standing | None = None

    @property
    def at_ms(self) -> int:
        """When it was seen."""
        return self.seen.at_ms

    @property
    def batch(self) -> int:
        """The batch of its label."""
        return self.seen.batch if isinstance(self.seen, Confirmation) else self.seen.label.serial.batch


def _is_counted(one: _Checked) -> bool:
    """Whether it is one of the scans that figures are made of."""
    return isinstance(one.seen, Scanned) and one.seen.viewer.channel != INSPECTOR


def _told(held: Dossier, one: _Checked, verdict: Verdict) -> Told:
    place = one.seen.viewer.place if isinstance(one.seen, Scanned) else NOWHERE
    return Told(held.enterprise_id, held.product.gtin, one.batch, one.at_ms, verdict.code, place)


def _bought(tx: Transaction, memory: Memory, group: list[_Checked], spread: Spread) -> dict[LabelKey, Row]:
    """The purchases of labels that something happens to, asked for where the batch has hidden codes."""
    labels = [
        label_of(one.event)
        for one in group
        if one.event and _issued(tx, memory, one) and memory.dossier(tx, one.batch).hidden_codes
    ]
    return purchases.of_labels(tx, labels, spread) if labels else {}


def _issued(tx: Transaction, memory: Memory, one: _Checked) -> bool:
    """Whether there is a batch: a stolen key may seal labels of one that nobody issued."""
    if isinstance(one.seen, Confirmation):
        return memory.standing(tx, one.seen.batch, one.seen.label_index) is not None
    return one.standing is not None


def _after(event: Event, bought: dict[LabelKey, Row]) -> Event:
    """The event, with when another device had confirmed the purchase of its label."""
    row = bought.get(label_of(event)) if bought else None
    return event if row is None or row["device"] == event.device else replace(event, bought_ms=row["confirmed_ms"])


def _purchase(bought: dict[LabelKey, Row], seen: Seen) -> Purchase | None:
    if not bought or isinstance(seen, Confirmation):
        return None
    return purchases.told(bought.get((seen.label.serial.batch, seen.label.serial.index)), seen.viewer.device)


def _checked(seen: Seen) -> _Checked:
    return _Checked(seen, None, None) if isinstance(seen, Confirmation) else _Checked(seen, seen.seal, seen.keyring)


def _with_standing(tx: Transaction, memory: Memory, one: _Checked) -> _Checked:
    """What is to be recorded, and all that the verdict needs but the history, which recording finds out."""
    seen = one.seen
    if isinstance(seen, Confirmation):
        standing = memory.standing(tx, seen.batch, seen.label_index)
        one.event = replace(seen, early=not _counts(standing), market=_market(tx, memory, seen.batch, standing))
        return one
    if one.keyring is not memory.keyring:  # there was none yet, or the ledger has moved since
        one.seal = check_seal(seen.label, memory.keyring, seen.at_ms)
    if not isinstance(one.seal, Ruling):
        serial = seen.label.serial
        one.standing = memory.standing(tx, serial.batch, serial.index)
        one.event = _event(seen, one.standing, _market(tx, memory, serial.batch, one.standing))
    return one


def _event(seen: Scanned, standing: Standing | None, market: str) -> Scan:
    serial, viewer = seen.label.serial, seen.viewer
    counts = _counts(standing)
    returned = viewer.returned and viewer.channel != INSPECTOR
    return Scan(
        serial.batch,
        serial.index,
        viewer.device,
        seen.at_ms,
        viewer.channel,
        viewer.agent,
        viewer.language,
        counts=returned and counts,
        early=returned and not counts,
        place=viewer.place,
        network=network_number(viewer.network, serial.batch, serial.index),
        market=market,
    )


def _market(tx: Transaction, memory: Memory, batch: int, standing: Standing | None) -> str:
    """The regions that a batch is meant for."""
    return memory.dossier(tx, batch).market if standing is not None else ""


def _counts(standing: Standing | None) -> bool:
    """Whether a scan may count as a sighting. What is not yet for sale is scanned by printers and packers: kept, but
    not held against its buyer.
    """
    return standing is None or standing.facts.state.life is not Life.ISSUED
