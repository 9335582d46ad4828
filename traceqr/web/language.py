"""The three languages of the pages, and which of them a reader wants."""

from __future__ import annotations

import enum
from functools import lru_cache

COOKIE = "traceqr-lang"
HOST_COOKIE = "__Host-traceqr-lang"
"""The same over HTTPS: browsers take it from this very host alone."""

COOKIE_MAX_AGE = 400 * 86_400
MAX_RANGES = 20
"""Language ranges read from a header at most, to bound the work; browsers send fewer than ten."""

_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


class Language(enum.StrEnum):
    """By the tag (BCP 47) that stands in `lang` attributes and in the address."""

    ZH_HANS = "zh-Hans"
    ZH_HANT = "zh-Hant"
    EN = "en"

    @property
    def locale(self) -> str:
        """The name as Babel and the catalogues' folders spell it."""
        return self.value.replace("-", "_")

    @property
    def own_name(self) -> str:
        """The name in the language itself, for the switch."""
        return {"zh-Hans": "简体", "zh-Hant": "繁體", "en": "English"}[self.value]


DEFAULT = Language.ZH_HANS
_BY_TAG = {language.value: language for language in Language}


def choose(wish: str | None, cookie: str | None, accept: str | None) -> Language:
    """By the address, else by the cookie of an earlier wish, else by the Accept-Language header."""
    return _BY_TAG.get(wish or "") or _BY_TAG.get(cookie or "") or from_header(accept)


@lru_cache(maxsize=512)
def from_header(accept: str | None) -> Language:
    """The first language of ours that the header asks for (RFC 9110, section 12.5.4); English if it asks for others."""
    if accept is None or not accept.strip():
        return DEFAULT
    found = (_of_range(tag) for tag in _ranges(accept))
    return next((language for language in found if language), Language.EN)


def _ranges(accept: str) -> list[str]:
    """The ranges in order of preference, those refused with q=0 left out."""
    weighted = []
    for part in accept.split(",", MAX_RANGES)[:MAX_RANGES]:
        tag, _, parameter = part.partition(";")
        weight = _weight(parameter)
        if weight > 0:
            weighted.append((weight, tag.strip().lower()))
    return [tag for weight, tag in sorted(weighted, key=lambda item: -item[0])]


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0


def _of_range(tag: str) -> Language | None:
    if tag == "*":
        return DEFAULT
    if tag.startswith(_TRADITIONAL) and not tag.startswith("zh-hans"):
        return Language.ZH_HANT
    primary = tag.partition("-")[0]
    return {"zh": Language.ZH_HANS, "en": Language.EN}.get(primary)
