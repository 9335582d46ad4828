"""The message catalogues: `.po` files read once in a process, one for each audience.

There is no compile step and no `.mo` file: what translators edit is what runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.support import NullTranslations

from traceqr.web.language import Language


class Catalogue(NullTranslations):
    """What is said for each message. Chinese has one form for one and for many."""

    def __init__(self, told: dict[str, str]) -> None:
        super().__init__()
        self._told = told

    def gettext(self, message: str) -> str:
        """See `gettext.NullTranslations.gettext`."""
        return self._told.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """See `gettext.NullTranslations.ngettext`."""
        return self._told.get(msgid1) or super().ngettext(msgid1, msgid2, n)


@cache
def load(language: Language) -> NullTranslations:
    """The catalogue of a language. English sentences are the message ids, so English has none."""
    if language is Language.EN:
        return NullTranslations()
    folder = files("traceqr.web") / "translations" / language.locale / "LC_MESSAGES"
    told: dict[str, str] = {}
    for source in sorted(folder.iterdir(), key=lambda source: source.name):
        with source.open("rb") as file:
            told.update(_said(read_po(file, locale=language.locale)))
    return Catalogue(told)


def _said(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    for message in catalogue:
        message_id, said = _first(message.id), _first(message.string)
        if message_id and said:
            yield message_id, said


def _first(forms: Sequence[str] | None) -> str:
    """The one form, or that for one."""
    return forms if isinstance(forms, str) else forms[0] if forms else ""
