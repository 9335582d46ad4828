"""Events as EPCIS 2.0 has them (GS1 EPCIS 2.0, section 7.4), in what is asked of them and in their own words."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from traceqr.tracing.run import Run


class EventKind(enum.StrEnum):
    """The dimension of an event."""

    OBJECT = "object"
    AGGREGATION = "aggregation"
    TRANSACTION = "transaction"
    TRANSFORMATION = "transformation"
    ASSOCIATION = "association"


class Action(enum.StrEnum):
    """What an event does to the things it names. A transformation has none."""

    ADD = "add"
    OBSERVE = "observe"
    DELETE = "delete"
    NONE = ""


class Part(enum.StrEnum):
    """What part a thing has in an event."""

    OBJECT = "object"
    """What an object or transaction event is about (`epcList`, `quantityList`)."""
    PARENT = "parent"
    CHILD = "child"
    INPUT = "input"
    OUTPUT = "output"


class Audience(enum.StrEnum):
    """Who is told of an event: each is told what the ones before are, and more."""

    PUBLIC = "public"
    PARTNERS = "partners"
    REGULATORS = "regulators"


class Standing(enum.StrEnum):
    """By what right an event speaks of its things. What a stranger states is kept and counts for nothing."""

    OWNER = "owner"
    PARTNER = "partner"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Item:
    """Things in an event: a run of single things, or a class with a quantity.

    `spelling` says how their identifiers were written in the document, so that they are written so again: `urn:7` for
    EPC URNs of a company prefix of 7 digits, else the origin of Digital Links, such as `https://id.gs1.org`; empty for
    things that are URIs themselves.
    """

    part: Part
    run: Run
    spelling: str = ""
    quantity: str | None = None
    """Of a class: a decimal number as it was written, or None where only that it was there is told."""
    unit: str = ""
    """The unit of the quantity, UN/ECE Recommendation 20 code; empty where pieces are counted."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A business transaction, or a source or destination, that an event names: its type and its identifier."""

    kind: str
    """`transaction`, `source` or `destination`."""
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """That an event was stated in error (EPCIS 2.0, section 7.4.1.4): when, why, and what stands in its place."""

    at_ms: int
    reason: str
    corrective: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody stated of things: what, when, where, why and how.

    The first members are what events are asked by; `content` is the event as its document had it, but for the lists of
    single things (`epcList`, `parentID`, `childEPCs`, `inputEPCList`, `outputEPCList`), which `items` say. Places are
    spelled as `414/GLN` or `414/GLN/EXTENSION`, or are URIs. Steps and dispositions of the CBV are their bare names,
    such as `shipping`; others are URIs.
    """

    id: str
    """A URI; made from the content where the document gave none (CBV 2.0, section 8.9)."""
    kind: EventKind
    action: Action
    at_ms: int
    items: tuple[Item, ...]
    step: str = ""
    disposition: str = ""
    read_point: str = ""
    location: str = ""
    transformation: str = ""
    mentions: tuple[Mention, ...] = ()
    declaration: Declaration | None = None
    audience: Audience | None = None
    """As the document asks for it; None leaves it to what the enterprise has set for the step."""
    content: Mapping[str, Any] = field(default_factory=dict)

    def runs(self, *parts: Part) -> list[Run]:
        """The runs that have one of these parts in it."""
        return [item.run for item in self.items if item.part in parts]
