"""Days and instants in words, in the deployment's timezone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date

from traceqr.instant import InvalidDate, parse_date
from traceqr.web.language import Language

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_CLOCK = {Language.ZH_HANS: "{day} {hour:02d}:{minute:02d}", Language.ZH_HANT: "{day} {hour:02d}:{minute:02d}"}
_CLOCK_EN = "{day}, {hour:02d}:{minute:02d}"


class Dates:
    """Writes dates for readers of one language. Days recur from label to label, so their words are kept."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self._zone = zone
        self._pattern = _CLOCK.get(language, _CLOCK_EN)
        self._words: Callable[[date], str] = lru_cache(maxsize=4096)(
            lambda day: format_date(day, "long", locale=language.locale)
        )

    def day(self, iso: str) -> str:
        """A calendar date such as `2026-09-01`; what is not one is shown as it is."""
        try:
            return self._words(parse_date(iso))
        except InvalidDate:
            return iso

    def moment(self, at_ms: int) -> str:
        """An instant to the minute."""
        local = self._local(at_ms)
        return self._pattern.format(day=self._words(local.date()), hour=local.hour, minute=local.minute)

    def day_of(self, at_ms: int) -> str:
        """The day of an instant."""
        return self._words(self._local(at_ms).date())

    def last_day_before(self, end_ms: int) -> str:
        """The last day that is wholly or partly inside a span whose end is not included."""
        return self.day_of(end_ms - 1)

    def is_past(self, iso: str, at_ms: int) -> bool:
        """Whether a calendar date lies before the day of `at_ms`."""
        try:
            return parse_date(iso) < self._local(at_ms).date()
        except InvalidDate:
            return False

    def _local(self, at_ms: int) -> datetime:
        return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(self._zone)
