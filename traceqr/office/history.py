"""What was done in an enterprise's name, or to what is its own: by whom, when, and to what, as the ledger says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from traceqr.access import Right
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.registry import accounts, claims, licences, notices, organisations, proposals, tokens, trail
from traceqr.registry.database import Reader, Row
from traceqr.registry.trail import KINDS, Sought

__all__ = ("KINDS", "Deed", "HistoryOffice", "Sought", "Who")

_AT_ONCE = 500
"""Acts that a download reads at a time."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who did an act. `kind` is person, token, organisation, signer or operator; the names are empty where there are
    none, or they were erased.
    """

    kind: str
    name_zh: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """An act. `noun` and `id` are what it was done to, `about` is what people call that; `place` is the page of it: the
    noun and the id of an own batch, product, pledge or case, or None.
    """

    position: int
    at_ms: int
    act: str
    kind: str
    who: Who
    noun: str
    id: str
    about: str
    place: tuple[str, str] | None
    first: int | None
    last: int | None
    count: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class HistoryOffice(EnterpriseOffice):
    """The trail of the identity's own enterprise."""

    def page(self, sought: Sought, before: int | None = None, most: int = 50) -> list[Deed]:
        """Acts, latest first, from below ledger position `before` on."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            rows = trail.page(reader, self.enterprise, sought, before, most)
            names = _Names(reader, self.enterprise)
            return [_deed(row, names) for row in rows]

    def all(self, sought: Sought) -> Iterator[Deed]:
        """All of them, latest first, read some at a time. What is done meanwhile comes before, and is left out."""
        self.need(Right.SEE)
        return self._all(sought)

    def _all(self, sought: Sought) -> Iterator[Deed]:
        before: int | None = None
        while deeds := self.page(sought, before, _AT_ONCE):
            yield from deeds
            before = deeds[-1].position


@dataclass(frozen=True, slots=True)
class _Names:
    """What ids stand for, each looked up once."""

    reader: Reader
    enterprise: str
    actors: dict[str, Who] = field(default_factory=dict)

    def actor(self, spelled: str) -> Who:
        """Who an actor of the ledger is, as this enterprise may know."""
        if spelled not in self.actors:
            noun, _, identity = spelled.partition(":")
            lookup = {"account": self._account, "token": self._token}.get(noun)
            self.actors[spelled] = lookup(identity) if lookup else Who("signer" if noun == "signer" else "operator")
        return self.actors[spelled]

    def _account(self, identity: str) -> Who:
        found = accounts.by_id(self.reader, identity)
        if found is None or (found.enterprise_id is None and found.organisation_id is None):
            return Who("operator")
        if found.enterprise_id is not None:
            # Another enterprise's people are nobody's business; an own person may have been erased.
            name = found.name if found.enterprise_id == self.enterprise else ""
            return Who("person", name, name)
        body = organisations.by_id(self.reader, found.organisation_id or "")
        return Who("organisation", body.name_zh, body.name_en) if body else Who("organisation")

    def _token(self, identity: str) -> Who:
        found = tokens.by_id(self.reader, identity)
        name = found.name if found and found.enterprise_id == self.enterprise else ""
        return Who("token", name, name)

    def thing(self, noun: str, identity: str) -> str:
        """What people call a thing of the enterprise, where the id tells them nothing; else the id."""
        if noun == "account":
            found = accounts.by_id(self.reader, identity)
            return found.name if found and found.enterprise_id == self.enterprise else ""
        if noun == "token":
            return self._token(identity).name_zh
        if noun == "claim":
            claim = claims.by_id(self.reader, identity)
            return claim.value if claim and claim.enterprise_id == self.enterprise else ""
        if noun == "licence" and identity.isdecimal():
            licence = licences.by_number(self.reader, int(identity))
            return licence.spelled if licence else ""
        if noun == "case":
            return identity[:8]
        return identity if noun in ("batch", "product", "pledge", "recognition", "key") else ""


def _deed(row: Row, names: _Names) -> Deed:
    entry: Mapping[str, Any] = json.loads(row["entry"])
    payload: Mapping[str, Any] = entry["payload"]
    noun, identity = _meant(entry, row, names.reader)
    return Deed(
        row["position"],
        entry["at_ms"],
        entry["act"],
        row["kind"],
        names.actor(entry["actor"]),
        noun,
        identity,
        names.thing(noun, identity),
        (noun, identity) if noun in ("batch", "product", "pledge", "case") else None,
        _whole(payload, "first"),
        _whole(payload, "last"),
        _whole(payload, "label_count"),
        str(payload.get("reason") or payload.get("again") or ""),
    )


def _meant(entry: Mapping[str, Any], row: Row, reader: Reader) -> tuple[str, str]:
    """What an act was done to: a notice stands for what it lies over, and a proposal for what it is about."""
    noun, _, identity = str(entry["subject"]).partition(":")
    if noun == "notice":
        if row["batch"] is not None:
            return "batch", str(row["batch"])
        found = notices.product_of(reader, identity)
        return ("product", found) if found else (noun, identity)
    if noun == "proposal" and (proposed := proposals.by_id(reader, identity)):
        noun, _, identity = proposed.subject.partition(":")
    return noun, identity


def _whole(payload: Mapping[str, Any], name: str) -> int | None:
    value = payload.get(name)
    return value if type(value) is int else None
