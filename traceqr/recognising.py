"""Recognising: the honours of enterprises that an association vouches for, and which it takes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from traceqr.acting import Act, ActRefused, Desk, each
from traceqr.enrolling import Tally, require_enterprise, require_region
from traceqr.region import COUNTRY
from traceqr.registry import recognitions
from traceqr.registry.recognitions import KINDS, LEVELS, Recognition

FIRST_YEAR = 1978
"""The first Quality Month was in that year; older honours are history."""

MAX_NAME = 100
MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class RecognitionEntry:
    """An honour to record; see `registry.recognitions.Recognition`. The English words may be empty."""

    uscc: str
    kind: str
    level: str
    year: int
    name_zh: str
    name_en: str
    conferred_by_zh: str
    conferred_by_en: str


def record_recognitions(desk: Desk, entries: Sequence[RecognitionEntry], scope: str = COUNTRY) -> Tally:
    """Record honours: all of them or none. One that is there with the same words is left alone. No enterprise may lie
    outside a region. Raises `EntriesRefused`.
    """
    with desk.act() as act:
        return sum(each(entries, lambda entry: _record(desk, act, entry, scope)), Tally())


def revoke_recognition(desk: Desk, number: int, reason: str) -> Recognition:
    """Let an honour stand no more, because it was taken back or recorded by mistake: its entry stays, with the reason.

    Raises `ActRefused`.
    """
    told = reason.strip()
    _require_words("reason", told, MAX_REASON)
    with desk.act() as act:
        known = recognitions.by_number(act.tx, number)
        if known is None:
            raise ActRefused(f"expected the number of a recognition, {number} is none", "number")
        if known.state == "revoked":
            raise ActRefused(f"recognition {number}: expected one that stands, it is revoked", "number")
        position = act.record("recognition.revoke", f"recognition:{number}", {"reason": told})
        recognitions.revoke(act.tx, number, told, position)
        return replace(known, state="revoked", reason=told)


def _record(desk: Desk, act: Act, entry: RecognitionEntry, scope: str) -> Tally:
    _check(desk, act, entry)
    enterprise = require_enterprise(act, entry.uscc)
    require_region(enterprise.region, scope, "uscc")
    said = {name: value for name, value in asdict(entry).items() if name != "uscc"}
    known = recognitions.standing(act.tx, enterprise.id, entry.year, entry.name_zh)
    if known:
        if all(getattr(known, name) == value for name, value in said.items()):
            return Tally(unchanged=1)
        raise ActRefused(
            f"{entry.name_zh!r} of {entry.year} is recorded already as recognition {known.number}, with other words;"
            " revoke it first",
            "name_zh",
        )
    found = Recognition(
        number=recognitions.next_number(act.tx), enterprise_id=enterprise.id, state="recorded", reason=None, **said
    )
    position = act.record("recognition.record", f"recognition:{found.number}", {"enterprise_id": enterprise.id, **said})
    recognitions.insert(act.tx, found, position)
    return Tally(added=1)


def _check(desk: Desk, act: Act, entry: RecognitionEntry) -> None:
    if entry.kind not in KINDS:
        raise ActRefused(f"expected a kind of {', '.join(KINDS)}, got {entry.kind!r}", "kind")
    if entry.level not in LEVELS:
        raise ActRefused(f"expected a level of {', '.join(LEVELS)}, got {entry.level!r}", "level")
    this_year = datetime.fromtimestamp(act.at_ms / 1000, UTC).astimezone(desk.timezone).year
    if not FIRST_YEAR <= entry.year <= this_year:
        raise ActRefused(f"expected a year from {FIRST_YEAR} to {this_year}, got {entry.year}", "year")
    for name in ("name_zh", "name_en", "conferred_by_zh", "conferred_by_en"):
        if getattr(entry, name) or name.endswith("_zh"):
            _require_words(name, getattr(entry, name), MAX_NAME)


def _require_words(name: str, text: str, most: int) -> None:
    shown = all(char.isprintable() or char == "\u3000" for char in text)
    if not 1 <= len(text) <= most or text != text.strip() or not shown:
        raise ActRefused(f"expected {name} of 1 to {most} printable characters, got {text[:80]!r}", name)
