"""What a part says of its product, enterprise, pledges and marks: what a person is shown, and nothing that decides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from traceqr.bundle import reading
from traceqr.bundle.reading import GTIN, REGION, USCC, Malformed
from traceqr.evidence import MarkState, PledgeState
from traceqr.instant import to_iso
from traceqr.label.seal import MAX_PLEDGE

PLEDGE_STATES = ("published", "withdrawn", "breached")
MARK_STATES = ("granted", "suspended", "withdrawn")


@dataclass(frozen=True, slots=True)
class Product:
    """The product, as it was when the batches were issued."""

    gtin: str
    name_zh: str
    name_en: str
    brand: str
    specification: str
    standard: str

    @classmethod
    def read(cls, value: Any) -> Product:
        """From its record. Raises `Malformed`, as all that read do."""
        return cls(*_texts(value, "product", tuple(cls.__dataclass_fields__), gtin=GTIN))

    def members(self) -> dict[str, Any]:
        """As a record."""
        return _as_they_are(self)


@dataclass(frozen=True, slots=True)
class Enterprise:
    """Who issued the batches, by its present names."""

    uscc: str
    name_zh: str
    name_en: str
    region: str
    service_phone: str

    @classmethod
    def read(cls, value: Any) -> Enterprise:
        """From its record."""
        return cls(*_texts(value, "enterprise", tuple(cls.__dataclass_fields__), uscc=USCC, region=REGION))

    def members(self) -> dict[str, Any]:
        """As a record."""
        return _as_they_are(self)


@dataclass(frozen=True, slots=True)
class Pledge:
    """A pledge in the state that is stored; what it is on a day follows from its dates."""

    number: int
    state: str
    campaign_zh: str
    campaign_en: str
    year: int
    valid_from_ms: int
    valid_to_ms: int

    @classmethod
    def read(cls, value: Any, where: str) -> Pledge:
        """From its record."""
        names = ("number", "state", "campaign_zh", "campaign_en", "year", "valid_from", "valid_to")
        given = reading.record(value, where, *names)
        return cls(
            reading.integer(given["number"], f"{where}.number", 1, MAX_PLEDGE),
            reading.choice(given["state"], f"{where}.state", PLEDGE_STATES),
            reading.text(given["campaign_zh"], f"{where}.campaign_zh"),
            reading.text(given["campaign_en"], f"{where}.campaign_en"),
            reading.integer(given["year"], f"{where}.year", 0, 9999),
            *_validity(given, where),
        )

    def members(self) -> dict[str, Any]:
        """As a record."""
        return {**_as_they_are(self, "valid_from_ms", "valid_to_ms"), **_spelled(self)}

    def state_at(self, at_ms: int) -> PledgeState:
        """What it is at an instant: its dates decide, unless it was withdrawn or breached."""
        if self.state != "published":
            return PledgeState(self.state)
        if at_ms < self.valid_from_ms:
            return PledgeState.AHEAD
        return PledgeState.IN_FORCE if at_ms < self.valid_to_ms else PledgeState.EXPIRED


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark in the state that is stored, by the number of its licence as people write it."""

    licence: str
    name_zh: str
    name_en: str
    state: str
    valid_from_ms: int
    valid_to_ms: int
    reason: str | None

    @classmethod
    def read(cls, value: Any, where: str) -> Mark:
        """From its record."""
        names = ("licence", "name_zh", "name_en", "state", "valid_from", "valid_to", "reason")
        given = reading.record(value, where, *names)
        return cls(
            reading.text(given["licence"], f"{where}.licence"),
            reading.text(given["name_zh"], f"{where}.name_zh"),
            reading.text(given["name_en"], f"{where}.name_en"),
            reading.choice(given["state"], f"{where}.state", MARK_STATES),
            *_validity(given, where),
            reading.optional(given["reason"], f"{where}.reason", partial(reading.text, pattern=None)),
        )

    def members(self) -> dict[str, Any]:
        """As a record."""
        return {**_as_they_are(self, "valid_from_ms", "valid_to_ms"), **_spelled(self)}

    def state_at(self, at_ms: int) -> MarkState:
        """What it is at an instant."""
        if self.state != "granted":
            return MarkState(self.state)
        if at_ms < self.valid_from_ms:
            return MarkState.AHEAD
        return MarkState.IN_FORCE if at_ms < self.valid_to_ms else MarkState.EXPIRED


def _texts(value: Any, where: str, names: tuple[str, ...], **patterns: Any) -> list[str]:
    given = reading.record(value, where, *names)
    return [reading.text(given[name], f"{where}.{name}", patterns.get(name)) for name in names]


def _validity(given: Any, where: str) -> tuple[int, int]:
    valid_from = reading.instant(given["valid_from"], f"{where}.valid_from")
    valid_to = reading.instant(given["valid_to"], f"{where}.valid_to")
    if not valid_from < valid_to:
        raise Malformed(f"{where}.valid_to: expected an instant after valid_from")
    return valid_from, valid_to


def _as_they_are(card: Any, *left_out: str) -> dict[str, Any]:
    return {name: getattr(card, name) for name in card.__dataclass_fields__ if name not in left_out}


def _spelled(card: Pledge | Mark) -> dict[str, str]:
    return {"valid_from": to_iso(card.valid_from_ms), "valid_to": to_iso(card.valid_to_ms)}
