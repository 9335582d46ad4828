"""What mails say: a digest of what has happened, in the language of who gets it; plain text, and links."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from traceqr.registry.notifications import Waiting
from traceqr.web import catalogues
from traceqr.web.dates import Dates
from traceqr.web.language import DEFAULT, Language
from traceqr.web.notification_words import EVENT_NAMES, detail, subject_name

MOST_LINES = 50
"""More are counted."""

_ = str

_INTRODUCTION = _("TraceQR tells you what has happened:")
_MORE = _("and %(number)s more")
_WHY = _(
    "You get this mail because your organisation has named this address. Whoever manages its notifications there can"
    " change that:"
)


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes mails of a deployment: `origin` is where its consoles are."""

    origin: str
    zone: ZoneInfo

    def write(self, language: str, told: Sequence[Waiting]) -> tuple[str, str]:
        """Subject and text about notifications of one event, to a reader of a language."""
        reader = Language(language) if language in set(Language) else DEFAULT
        gettext = catalogues.load(reader).gettext
        event = told[0].event
        name = gettext(EVENT_NAMES.get(event, event))
        subject = f"{name} · TraceQR" if len(told) == 1 else f"{name} ({len(told)}) · TraceQR"
        lines = [gettext(_INTRODUCTION), "", f"{name}: {len(told)}", ""]
        for one in told[:MOST_LINES]:
            lines += self._lines(one, reader)
        if len(told) > MOST_LINES:
            lines.append(gettext(_MORE) % {"number": len(told) - MOST_LINES})
        return subject, "\n".join([*lines, "", "--", gettext(_WHY), self._page(told[0]), ""])

    def _lines(self, one: Waiting, reader: Language) -> list[str]:
        data = _data(one)
        message, name = subject_name(str(data.get("subject", "")))
        words = catalogues.load(reader).gettext(message) % {"name": name}
        more = detail(one.event, one.payload)
        said = [f"  {catalogues.load(reader).gettext(more[0]) % more[1]}"] if more else []
        return [f"- {words} · {Dates(reader, self.zone).moment(one.at_ms)}", *said, f"  {data.get('link', '')}"]

    def _page(self, one: Waiting) -> str:
        link = str(_data(one).get("link", ""))
        sides = ("association", "inspections")
        side = next((each for each in sides if link.startswith(f"{self.origin}/{each}/")), "console")
        return f"{self.origin}/{side}/notifications"


def _data(one: Waiting) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(one.payload)["data"]
    return found
