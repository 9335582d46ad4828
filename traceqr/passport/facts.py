"""What passports are made of: frozen facts, filled from the registry, all of them public."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from traceqr.instant import to_iso
from traceqr.tracing.event import Action, EventKind
from traceqr.tracing.thing import Thing

MAX_CLAIMS = 50
"""Claims of one passport: more than a few is rare, and the passport must stay small."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs: the deployment, by its origin in lower case, such as `https://qr.example.org`."""

    origin: str

    @property
    def host(self) -> str:
        """Host and port."""
        return self.origin.partition("://")[2]

    @property
    def did(self) -> str:
        """Its decentralised identifier (did:web): a port's colon is written `%3A`."""
        return f"did:web:{self.host.replace(':', '%3A')}"


@dataclass(frozen=True, slots=True)
class Term:
    """From when a credential is good, and until when (not included): None for one that is made anew at each request."""

    from_ms: int
    until_ms: int | None = None

    @property
    def members(self) -> dict[str, str]:
        """As credentials have it."""
        told = {"validFrom": to_iso(self.from_ms)}
        return told if self.until_ms is None else {**told, "validUntil": to_iso(self.until_ms)}


@dataclass(frozen=True, slots=True)
class Party:
    """An enterprise by its code, or an organisation, which has none here. `page` is the path of its page."""

    name_zh: str
    name_en: str
    uscc: str = ""
    page: str = ""

    @property
    def name(self) -> str:
        """In English where it has such a name."""
        return self.name_en or self.name_zh


class Level(enum.StrEnum):
    """What a passport is about: all of a product, a lot of it, or one piece."""

    MODEL = "model"
    BATCH = "batch"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Goods:
    """A product, a lot of it, or one piece. `path` is that of its Digital Link, without a seal."""

    level: Level
    path: str
    gtin: str
    name_zh: str
    name_en: str
    brand: str
    specification: str
    standard: str
    picture: str | None
    producer: Party
    lot: str = ""
    serial: str = ""
    produced_on: str = ""

    @property
    def name(self) -> str:
        """In English where it has such a name."""
        return self.name_en or self.name_zh


@dataclass(frozen=True, slots=True)
class Attestation:
    """A pledge, a licence of a mark, or a recognition. `path` is that of its credential, `page` that of its page.

    `conforms` is false where it was broken, suspended or withdrawn before its end.
    """

    path: str
    page: str
    kind: str
    name_zh: str
    name_en: str
    number: str
    description: str
    topic: str
    scheme: str
    """The path of the page about what it was given in or for."""
    by: Party
    to: Party
    conforms: bool
    on: str = ""
    """The day on which it was given, where that is known."""
    until: str = ""
    """The last day, where it has one."""
    products: tuple[tuple[str, str], ...] = ()
    """GTIN and name of each product that it is for; empty where it is for all that the enterprise does."""

    @property
    def name(self) -> str:
        """In English where it has such a name."""
        return self.name_en or self.name_zh


@dataclass(frozen=True, slots=True)
class OpenRecall:
    """A recall that is open. `words` say the hazard and what to do."""

    id: str
    page: str
    since: str
    words: str


@dataclass(frozen=True, slots=True)
class Things:
    """Things of one sort in an event: one of them, so many, or a quantity of a class."""

    name: str
    thing: Thing | None = None
    """None where single things are counted."""
    gtin: str = ""
    count: int = 0
    quantity: str | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, as far as everybody is told of it. `target` is what it happened to; `inputs` and `outputs` are those of
    a transformation, `children` what was packed.
    """

    id: str
    kind: EventKind
    action: Action
    at_ms: int
    step: str
    disposition: str
    place: str
    target: Things
    inputs: tuple[Things, ...] = ()
    outputs: tuple[Things, ...] = ()
    children: tuple[Things, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """The public events of a lot or of a piece, and whether those are all. `path` is that of the credential."""

    path: str
    about: str
    happenings: tuple[Happening, ...]
    complete: bool


Document = Mapping[str, object]
"""A credential, as the value of a JSON text."""
