"""The message catalogues: `.po` files read once at start, held by language.

There is no compile step and no `.mo` file: what translators edit is what runs.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib.resources import files

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask
from flask_babel import Babel, Domain, get_locale  # type: ignore[import-untyped]

from traceqr.web.language import DEFAULT, Language


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


class Catalogues(Domain):  # type: ignore[misc]
    """Flask-Babel's domain over catalogues that are already in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.by_language = {language: load(language) for language in Language}
        self._by_locale = {str(Locale.parse(name.locale)): held for name, held in self.by_language.items()}

    def get_translations(self) -> NullTranslations:
        """The catalogue of the request's language."""
        return self._by_locale.get(str(get_locale()), self.by_language[Language.EN])


class BoundBabel(Babel):  # type: ignore[misc]
    """Flask-Babel with our catalogues, so that `gettext` in any later form or view finds them."""

    def __init__(self, app: Flask, catalogues: Catalogues, chosen: Callable[[], Language], zone: str) -> None:
        self._catalogues = catalogues
        super().__init__(
            app,
            configure_jinja=False,
            default_locale=DEFAULT.locale,
            default_timezone=zone,
            locale_selector=lambda: chosen().locale,
        )

    @property
    def domain_instance(self) -> Catalogues:
        """Ours, for every request."""
        return self._catalogues
