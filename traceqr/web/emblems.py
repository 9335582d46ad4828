"""The emblems: one drawn seal per face of a verdict, told apart by shape. Their lettering is outlines, not text, so
that every phone shows the same seal; the characters follow Noto Serif CJK Bold (SIL Open Font License 1.1).
"""

from __future__ import annotations

from importlib.resources import files

from markupsafe import Markup

from traceqr.verdict import Code
from traceqr.web.language import Language
from traceqr.web.words import NOT_OURS

FRONT = "front"
"""The house's own seal. It says "check", so that nobody takes the front page for a verdict."""


def emblems(language: Language) -> dict[str, Markup]:
    """The emblems with Traditional lettering for its readers, with Simplified for all others."""
    names = (FRONT, NOT_OURS, *map(str, Code))
    return {name: Markup(_read(name, language)) for name in names}  # noqa: S704  our own drawings, no input in them


def _read(name: str, language: Language) -> str:
    folder = files("traceqr.web") / "static"
    own = folder / f"emblem-{name}-hant.svg"
    source = own if language is Language.ZH_HANT and own.is_file() else folder / f"emblem-{name}.svg"
    return source.read_text(encoding="utf-8").strip()
