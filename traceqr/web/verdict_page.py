"""The page of a verdict. Most of it is the same for all labels of a batch, so it is rendered once and then filled in.

The template is given a `Shown`, which is the key that a rendered page is kept by, and the slots. It can name nothing
else of a verdict: what is missing from `Shown` raises, so no page can show one label what was rendered for another.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter

from markupsafe import Markup, escape

from traceqr.evidence import Batch, Enterprise, Evidence, Pledge, Product, Verdict
from traceqr.verdict import Code, History
from traceqr.web.language import Language
from traceqr.web.pages import Pages

MAX_KEPT = 4_000_000
"""Characters of all pages that are kept, two bytes each: a page has some 6,000, one with a long pledge 50,000."""

TEMPLATE = "verdict.html"

_SLOT = f"\0{secrets.token_hex(8)}:%s\0"
"""Stands in a rendered page for what is filled in. No text of a registry can hold it: nobody knows it beforehand."""

_FILLED = re.compile(re.escape(_SLOT) % "([A-Za-z-]+)")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of a verdict, slots apart. `expired` says that the date of the batch has passed."""

    code: Code
    reason: str
    step: int
    history_checked: bool
    host_official: bool
    host: str | None
    history: History | None
    evidence: Evidence | None
    expired: bool

    @property
    def key(self) -> tuple[object, ...]:
        """The same for pages that are the same, as long as the parts of the dossier live: all fields, of the evidence
        too, where the parts of a dossier stand for themselves.
        """
        if self.evidence is None:
            return _OWN(self)
        parts = _OF_EVIDENCE(self.evidence)
        return (*_OWN(self), *[id(part) if isinstance(part, _SHARED) else part for part in parts])


_OWN = attrgetter(*(each.name for each in fields(Shown) if each.name != "evidence"))
_OF_EVIDENCE = attrgetter(*(each.name for each in fields(Evidence)))
_SHARED = (Batch, Product, Enterprise, Pledge)
"""What all labels of a batch share: the very same objects, see `registry.dossiers.Dossier`."""


class VerdictPages:
    """Renders verdicts in all languages."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._kept: dict[tuple[object, ...], tuple[object, list[str]]] = {}
        self._characters = 0

    def render(
        self,
        language: Language,
        verdict: Verdict,
        *,
        seen_token: str | None,
        ticket: str,
        entry_pass: str | None = None,
        addresses: Mapping[str, str],
        repost: str | None,
    ) -> str:
        """The page. `addresses` lead to it in each language; where none does, `repost` is the text to send again.
        `ticket` lets somebody report what the page shows.
        """
        dates = self._pages.dates[language]
        slots = {
            "serial": verdict.label.serial.readable if verdict.label else "",
            "checked": dates.moment(verdict.at_ms),
            "ticket": ticket,
            **({"token": seen_token} if seen_token else {}),
            **({"entry": entry_pass} if entry_pass else {}),
            **addresses,
        }
        shown = _shown(verdict, _expired(verdict, dates.is_past))
        # A label that others have seen or bought has a page of its own, and so has a text that is sent again.
        bought = shown.evidence is not None and shown.evidence.purchase is not None
        if repost is not None or bought or (shown.history is not None and shown.history.times_seen):
            return self._rendered(language, shown, slots, repost)
        pieces = self._pieces(language, shown, slots)
        return "".join([escape(slots[piece]) if place % 2 else piece for place, piece in enumerate(pieces)])

    def _pieces(self, language: Language, shown: Shown, slots: Mapping[str, str]) -> list[str]:
        """Text and names of slots in turn. The evidence is kept beside them, so that its parts keep their identity."""
        key = (language, "token" in slots, "entry" in slots, *shown.key)
        kept = self._kept.get(key)
        if kept is None:
            marked = {name: Markup(_SLOT % name) for name in slots}  # noqa: S704  letters and digits
            pieces = _FILLED.split(self._rendered(language, shown, marked, None))
            self._characters += sum(map(len, pieces))
            if self._characters > MAX_KEPT:
                self._kept.clear()
                self._characters = sum(map(len, pieces))
            kept = self._kept[key] = (shown.evidence, pieces)
        return kept[1]

    def _rendered(self, language: Language, shown: Shown, slots: Mapping[str, str], repost: str | None) -> str:
        return self._pages.render(
            TEMPLATE,
            language,
            verdict=shown,
            serial=slots["serial"],
            checked=slots["checked"],
            seen_token=slots.get("token"),
            entry_pass=slots.get("entry"),
            ticket=slots["ticket"],
            addresses=slots,
            repost=repost,
        )


def _shown(verdict: Verdict, expired: bool) -> Shown:
    label = verdict.label
    return Shown(
        verdict.code,
        verdict.reason,
        verdict.step.value,
        verdict.history_checked,
        verdict.host_official,
        label.origin.host if label else None,
        verdict.history,
        verdict.evidence,
        expired,
    )


def _expired(verdict: Verdict, is_past: Callable[[str, int], bool]) -> bool:
    expires_on = verdict.evidence.batch.expires_on if verdict.evidence else None
    return expires_on is not None and is_past(expires_on, verdict.at_ms)
