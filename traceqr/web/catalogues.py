"""The message catalogues: `.po` files read once in a process, one for each audience.

There is no compile step and no `.mo` file: what translators edit is what runs.
"""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from traceqr.web.language import Language


@cache
def load(language: Language) -> NullTranslations:
    """The catalogue of a language. English sentences are the message ids, so English has none."""
    if language is Language.EN:
        return NullTranslations()
    folder = files("traceqr.web") / "translations" / language.locale / "LC_MESSAGES"
    whole = Catalog(locale=language.locale)
    for source in sorted(folder.iterdir(), key=lambda source: source.name):
        with source.open("rb") as file:
            for message in read_po(file, locale=language.locale):
                whole.add(message.id, message.string)
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return Translations(compiled)
