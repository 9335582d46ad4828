"""From a label text and what is known of it to a verdict, in numbered steps. Pure.

The steps, in order; the first that decides ends the matter:

1. text: the text is a label of format 1.
2. key: its key number was allotted, to a key of the role `label`.
3. seal: the signature holds.
4. window: the key's verifying window holds the present instant.
5. batch: the registry answers, and knows this serial with this GTIN, pledge and key.
6. state: the label is not void, recalled or held, in this order.
7. trust: the key was not compromised before the label was first seen, and the host is official.
8. activation: the label was activated for sale.
9. history: whether its sightings speak for copies, or another device has seen it; who confirmed his purchase is safe.

A bad label is `forged` before anything else is asked; what cannot be decided is `unchecked`, never good.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection
from dataclasses import dataclass

from traceqr.errors import RegistryUnavailable
from traceqr.label.format import InvalidLabel, Label
from traceqr.label.keyring import KeyRefused, Keyring, PublicKey, Role, Status
from traceqr.suspicion.weighing import Sign


class Code(enum.StrEnum):
    """What a verdict says. The words on screen are in docs and catalogues; `genuine` is said of the code alone."""

    GENUINE = "genuine"
    SEEN = "seen"
    SUSPECT = "suspect"
    INACTIVE = "inactive"
    HELD = "held"
    RECALLED = "recalled"
    VOID = "void"
    FORGED = "forged"
    UNCHECKED = "unchecked"


class Step(enum.IntEnum):
    """The numbered step that decided."""

    TEXT = 1
    KEY = 2
    SEAL = 3
    WINDOW = 4
    BATCH = 5
    STATE = 6
    TRUST = 7
    ACTIVATION = 8
    HISTORY = 9


class Life(enum.StrEnum):
    """The life cycle of a label. `void` is terminal."""

    ISSUED = "issued"
    ACTIVE = "active"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class State:
    """Life cycle, and whether a hold or a recall lies over it."""

    life: Life
    held: bool = False
    recalled: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a label's sightings: confirmed devices only, the asking one told apart."""

    first_seen_ms: int | None = None
    times_seen: int = 0
    other_devices: int = 0
    own_before: bool = False
    signs: tuple[str, ...] = ()
    """What makes the label suspect, heaviest first, by the names of `suspicion.weighing.Sign`; empty if it is not."""

    confirmed_here: bool = False
    """Whether the asking device has confirmed the purchase by the hidden code, and no other one has entered it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the registry knows of one serial. `history` is None where it may not be told or is not known."""

    gtin: str
    pledge: int
    key: int
    count: int
    state: State
    history: History | None = None
    sighted_in_time: bool = False
    """Whether it is known, with no history, that the label was seen before the cut-off of its compromised key."""

    def with_history(self, history: History | None) -> Facts:
        """The same serial with its history. Spelled out: `dataclasses.replace` takes as long as a query."""
        return Facts(self.gtin, self.pledge, self.key, self.count, self.state, history, self.sighted_in_time)


@dataclass(frozen=True, slots=True)
class Ruling:
    """Which step decided, and what: the core of a verdict, before evidence is added.

    `reason` is a stable identifier, listed in docs/label-format.md; `label` is None if the text is not one.
    """

    step: Step
    code: Code
    reason: str
    label: Label | None = None
    facts: Facts | None = None

    @property
    def sealed(self) -> bool:
        """Whether a seal that holds was found: only then is a scan recorded."""
        return self.step > Step.SEAL

    @property
    def history_checked(self) -> bool:
        """Whether the label's history went into the ruling."""
        return self.facts is not None and self.facts.history is not None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A label whose seal holds inside the key's window: what steps 1 to 4 hand on."""

    label: Label
    key: PublicKey


def judge(
    text: str,
    keyring: Keyring,
    facts_of: Callable[[Label], Facts | None],
    official_hosts: Collection[str],
    at_ms: int,
) -> Ruling:
    """All nine steps. `facts_of` is asked only for a label whose seal holds; it may raise `RegistryUnavailable`."""
    label = read(text)
    if isinstance(label, Ruling):
        return label
    first = check_seal(label, keyring, at_ms)
    if isinstance(first, Ruling):
        return first
    try:
        facts = facts_of(label)
    except RegistryUnavailable:
        return unreachable(label)
    return decide(first, facts, official_hosts)


def read(text: str) -> Label | Ruling:
    """Step 1: all that needs neither keys nor registry. Never raises, whatever the text."""
    # 1. text
    try:
        return Label.parse(text)
    except InvalidLabel as error:
        return Ruling(Step.TEXT, Code.FORGED, error.reason)


def check_seal(label: Label, keyring: Keyring, at_ms: int) -> Sealed | Ruling:
    """Steps 2 to 4: all that needs the keys alone."""
    # 2. key
    try:
        key = keyring.find(label.seal.key)
    except KeyRefused:
        return Ruling(Step.KEY, Code.UNCHECKED, "key-refused", label)
    if key is None:
        return Ruling(Step.KEY, Code.FORGED, "key-unknown", label)
    if key.role is not Role.LABEL:
        return Ruling(Step.KEY, Code.FORGED, "key-role", label)
    # 3. seal
    if not label.seal.holds(key.verifier, label.gtin, label.serial):
        return Ruling(Step.SEAL, Code.FORGED, "seal-broken", label)
    # 4. window
    if not key.verifying.holds(at_ms):
        reason = "key-window-ahead" if at_ms < key.verifying.from_ms else "key-window-passed"
        return Ruling(Step.WINDOW, Code.UNCHECKED, reason, label)
    return Sealed(label, key)


def unreachable(label: Label) -> Ruling:
    """Step 5 when the registry does not answer: nothing good is said."""
    return Ruling(Step.BATCH, Code.UNCHECKED, "registry-unreachable", label)


def decide(sealed: Sealed, facts: Facts | None, official_hosts: Collection[str]) -> Ruling:
    """Steps 5 to 9, on what the registry knows of the label; None stands for a batch that was never issued."""
    label = sealed.label
    # 5. batch
    if facts is None:
        return Ruling(Step.BATCH, Code.FORGED, "batch-unknown", label)
    if mismatch := _mismatch(label, facts):
        return Ruling(Step.BATCH, Code.FORGED, mismatch, label)
    # 6. state
    if stopped := _stopped(facts.state):
        return Ruling(Step.STATE, stopped[0], stopped[1], label, facts)
    # 7. trust
    if distrust := _distrust(sealed, facts, official_hosts):
        return Ruling(Step.TRUST, Code.SUSPECT, distrust, label, facts)
    # 8. activation
    if facts.state.life is Life.ISSUED:
        return Ruling(Step.ACTIVATION, Code.INACTIVE, "not-activated", label, facts)
    # 9. history
    code, reason = _from_history(facts.history)
    return Ruling(Step.HISTORY, code, reason, label, facts)


def _mismatch(label: Label, facts: Facts) -> str | None:
    if label.seal.key != facts.key:
        return "key-mismatch"
    if label.gtin.digits != facts.gtin:
        return "gtin-mismatch"
    if label.seal.pledge != facts.pledge:
        return "pledge-mismatch"
    if label.serial.index >= facts.count:
        return "index-past-count"
    return None


def _stopped(state: State) -> tuple[Code, str] | None:
    if state.life is Life.VOID:
        return Code.VOID, "voided"
    if state.recalled:
        return Code.RECALLED, "under-recall"
    if state.held:
        return Code.HELD, "on-hold"
    return None


def _distrust(sealed: Sealed, facts: Facts, official_hosts: Collection[str]) -> str | None:
    key = sealed.key
    sighted = facts.sighted_in_time or _sighted_before(facts.history, key.compromised_ms)
    if key.status is Status.COMPROMISED and not sighted:
        return "key-compromised"
    if sealed.label.origin.host not in official_hosts:
        return "host-foreign"
    return None


def _sighted_before(history: History | None, cutoff_ms: int | None) -> bool:
    if history is None or history.first_seen_ms is None or cutoff_ms is None:
        return False
    return history.first_seen_ms < cutoff_ms


_SIGN_REASONS: dict[str, str] = {Sign.EARLY: "seen-before-sale", Sign.AFTER: "seen-after-purchase"}
"""Reasons by the heaviest sign; any other is that many devices, in many places, look at one code."""


def _from_history(history: History | None) -> tuple[Code, str]:
    if history is None:
        return Code.GENUINE, "history-not-checked"
    if history.confirmed_here:
        return Code.GENUINE, "purchase-confirmed"
    if history.signs:
        return Code.SUSPECT, _SIGN_REASONS.get(history.signs[0], "going-around")
    if history.other_devices:
        return Code.SEEN, "seen-before"
    return Code.GENUINE, "own-earlier-scan" if history.own_before else "first-sighting"
