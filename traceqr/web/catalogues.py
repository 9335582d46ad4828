"""The message catalogues: `.po` files read once at start.

There is no compile step and no `.mo` file: what translators edit is what runs.
"""

from __future__ import annotations

import io
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from traceqr.web.language import Language


def load(language: Language) -> NullTranslations:
    """The catalogue of a language. English sentences are the message ids, so English has none."""
    if language is Language.EN:
        return NullTranslations()
    source = files("traceqr.web") / "translations" / language.locale / "LC_MESSAGES" / "messages.po"
    with source.open("rb") as file:
        catalogue = read_po(file, locale=language.locale)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
