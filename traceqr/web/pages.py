"""Renders templates. One Jinja environment a language, its messages put in when a template is compiled.

A verdict page has some seventy messages; looking each up per request was measured to cost five times as much as
having them bound. So a template is compiled once a language, and each constant `_("...")` becomes that sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from babel.support import NullTranslations
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

from traceqr.label.gtin import Gtin
from traceqr.web import entry_words, words
from traceqr.web.dates import Dates
from traceqr.web.emblems import emblems
from traceqr.web.language import Language
from traceqr.web.places import place_name

MAX_KEPT = 2048
"""Texts kept for each language at most: some 2 KB each, a pledge with a long text more."""

_CALL = ("name", "lparen", "string", "rparen")


class BoundMessages(Extension):
    """Puts constant messages in at compile time, and drops the indentation that only template authors need."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """Lines without their leading blanks."""
        return re.sub(r"(?m)^[ \t]+", "", source)

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """`_("...")` becomes a string."""
        gettext = self.environment.globals["_"]
        window: list[Token] = []
        for token in stream:
            window.append(token)
            if len(window) < len(_CALL):
                continue
            if tuple(part.type for part in window) == _CALL and window[0].value == "_":
                yield Token(window[2].lineno, "string", gettext(window[2].value))  # type: ignore[operator]
                window = []
            else:
                yield window.pop(0)
        yield from window


class Kept:
    """Renders a template over a part of a dossier, such as an enterprise, once: all labels of a batch share it.

    Texts are found by the identity of the part, which is kept beside them so that no other can take it.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._texts: dict[tuple[str, int], tuple[object, Markup]] = {}

    def __call__(self, template: str, part: object) -> Markup:
        """The template with the part as `part`, which must be all that it shows."""
        known = self._texts.get((template, id(part)))
        if known is not None and known[0] is part:
            return known[1]
        if len(self._texts) >= MAX_KEPT:
            self._texts.clear()
        text = Markup(self._environment.get_template(template).render(part=part))  # noqa: S704  escaped when rendered
        self._texts[template, id(part)] = (part, text)
        return text


class Pages:
    """All pages in all languages."""

    def __init__(self, catalogues: Mapping[Language, NullTranslations], shared: Mapping[str, Any], zone: Any) -> None:
        self.dates = {language: Dates(language, zone) for language in catalogues}
        self._environments = {
            language: _environment(language, catalogue, {**shared, "dates": self.dates[language]})
            for language, catalogue in catalogues.items()
        }

    def render(self, template: str, language: Language, **values: Any) -> str:
        """One page. A template that names a value nobody gave raises."""
        return self._environments[language].get_template(template).render(values)

    def words(self, language: Language, message: str, **values: Any) -> str:
        """One message in a language, its places filled in."""
        gettext: Callable[..., str] = self._environments[language].globals["_"]  # type: ignore[assignment]
        return gettext(message, **values)


def _environment(language: Language, catalogue: NullTranslations, shared: Mapping[str, Any]) -> Environment:
    environment = Environment(
        loader=PackageLoader("traceqr.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(shared)
    environment.globals.update(
        _=_filled(catalogue.gettext),
        ngettext=catalogue.ngettext,
        language=language,
        languages=tuple(Language),
        chinese=language is not Language.EN,
        emblems=emblems(language),
        kept=Kept(environment),
        trade=trade,
        grouped=grouped,
        place_name=partial(place_name, spoken=language),
        **_bound_words(catalogue),
    )
    environment.add_extension(BoundMessages)
    return environment


def grouped(number: int) -> str:
    """A number with its thousands apart. A text of a template that formats itself escapes what it is given, and takes a
    hundred times as long.
    """
    return f"{number:,}"


def _filled(gettext: Callable[[str], str]) -> Callable[..., str]:
    """`_("Since %(date)s", date=...)` in templates."""
    return lambda message, **values: gettext(message) % values if values else gettext(message)


def _bound_words(catalogue: NullTranslations) -> dict[str, Any]:
    """The tables of words.py in one language."""
    gettext = catalogue.gettext
    return {
        "names": _each(words.NAMES, gettext),
        "meanings": _each(words.MEANINGS, gettext),
        "warnings": _each(words.WARNINGS, gettext),
        "proves": _each(words.PROVES, gettext),
        "not_proven": _each(words.NOT_PROVEN, gettext),
        "reasons": _each(words.REASONS, gettext),
        "photo_faults": _each(words.PHOTO_FAULTS, gettext),
        "next_steps": _all(words.NEXT_STEPS, gettext),
        "next_steps_by_reason": _all(words.NEXT_STEPS_BY_REASON, gettext),
        "faults": _all(words.FAULTS, gettext),
        "entry_titles": _each(entry_words.TITLES, gettext),
        "entry_leads": _each(entry_words.LEADS, gettext),
        "entry_steps": _all(entry_words.STEPS, gettext),
        "entry_tones": entry_words.TONES,
        "entry_emblems": entry_words.EMBLEMS,
        "tones": words.TONES,
        "buttons": words.BUTTONS,
        "face_of": words.face,
    }


def _each(table: Mapping[Any, str], gettext: Callable[[str], str]) -> dict[Any, str]:
    return {key: gettext(message) for key, message in table.items()}


def _all(table: Mapping[Any, tuple[str, ...]], gettext: Callable[[str], str]) -> dict[Any, tuple[str, ...]]:
    return {key: tuple(map(gettext, messages)) for key, messages in table.items()}


def trade(gtin: str) -> str:
    """A GTIN as the digits under its bar code."""
    return Gtin(gtin).trade
