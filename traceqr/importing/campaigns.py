"""A campaign with the text to sign, from a TOML file: it has paragraphs, which no table holds well.

The keys are id, organiser, year, name_zh, name_en, theme_zh, theme_en, and `[[articles]]`, each with zh and en.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from traceqr.acting import ActRefused, Desk
from traceqr.errors import TraceqrError
from traceqr.evidence import Article
from traceqr.importing.cells import CellError, clean
from traceqr.importing.decoding import read_text
from traceqr.importing.fault import Fault, ImportRefused
from traceqr.pledging import CampaignEntry, open_campaign
from traceqr.registry.pledges import Campaign

MAX_BYTES = 1_000_000
MAX_ARTICLES = 50

_ID = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_MAX_ID = 64
_FIRST_YEAR, _LAST_YEAR = 1978, 2199
"""The first Quality Month was in 1978."""

_Fields = Mapping[str, Callable[[Any], Any]]


def import_campaign(desk: Desk, path: Path) -> Campaign:
    """Open the campaign of a file, or publish a new version of its text. Raises `ImportRefused`."""
    entry = parse_campaign(path.name, read_text(path, MAX_BYTES))
    try:
        return open_campaign(desk, entry)
    except ActRefused as error:
        raise ImportRefused(path.name, [Fault(0, error.field, str(error))]) from error


def parse_campaign(source: str, text: str) -> CampaignEntry:
    """Read the text of such a file. Raises `ImportRefused` with every fault, by its key."""
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # numbers and nesting past Python's limits raise these
        raise ImportRefused(source, [Fault(0, "", f"expected TOML, got a text that is not: {error}")]) from error
    faults: list[Fault] = []
    values = _read(found, _FIELDS, "", faults)
    articles = _articles(values.pop("articles", []), faults)
    if faults:
        raise ImportRefused(source, faults)
    return CampaignEntry(**values, articles=articles)


def _read(found: Mapping[str, Any], fields: _Fields, prefix: str, faults: list[Fault]) -> dict[str, Any]:
    """The values of a TOML table. Faults go to `faults`, under the key with `prefix` before it."""
    for key in found:
        if key not in fields:
            faults.append(Fault(0, f"{prefix}{key}"[:80], f"expected keys among {', '.join(fields)}, got {key[:80]!r}"))
    values = {}
    for key, parse in fields.items():
        try:
            if key not in found:
                raise CellError("expected a value, found none")
            values[key] = parse(found[key])
        except TraceqrError as error:
            faults.append(Fault(0, f"{prefix}{key}", str(error)))
    return values


def _articles(found: Sequence[Any], faults: list[Fault]) -> tuple[Article, ...]:
    articles = []
    for number, article in enumerate(found, 1):
        before = len(faults)
        values = _read(article, _ARTICLE_FIELDS, f"article {number}, ", faults)
        if len(faults) == before:
            articles.append(Article(**values))
    return tuple(articles)


def _line(value: Any) -> str:
    return _text(value, lines=False)


def _paragraphs(value: Any) -> str:
    return _text(value, lines=True)


def _text(value: Any, *, lines: bool) -> str:
    if not isinstance(value, str):
        raise CellError(f"expected a text in quotes, got {_shown(value)}")
    text = clean(value, lines=lines)
    if not text:
        raise CellError("expected a text, got an empty one")
    return text


def _shown(value: Any) -> str:
    try:
        return str(value)[:80]
    except ValueError:
        return "a number of very many digits"  # written in hexadecimal, past Python's limit for decimals


def _id(value: Any) -> str:
    text = _line(value)
    if not _ID.fullmatch(text) or len(text) > _MAX_ID:
        raise CellError(f"expected at most {_MAX_ID} letters a to z, digits and hyphens, got {text[:80]!r}")
    return text


def _year(value: Any) -> int:
    if isinstance(value, str):
        raise CellError(
            f"expected a year from {_FIRST_YEAR} to {_LAST_YEAR}, a number without quotes, got {value[:80]!r}"
        )
    if type(value) is not int or not _FIRST_YEAR <= value <= _LAST_YEAR:
        raise CellError(f"expected a year from {_FIRST_YEAR} to {_LAST_YEAR}, got {_shown(value)}")
    return value


def _article_list(value: Any) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(article, dict) for article in value):
        raise CellError("expected [[articles]], each with zh and en")
    if not 1 <= len(value) <= MAX_ARTICLES:
        raise CellError(f"expected 1 to {MAX_ARTICLES} articles, got {len(value)}")
    return value


_FIELDS: _Fields = {
    "id": _id,
    "organiser": _line,
    "year": _year,
    "name_zh": _line,
    "name_en": _line,
    "theme_zh": _line,
    "theme_en": _line,
    "articles": _article_list,
}
_ARTICLE_FIELDS: _Fields = {"zh": _paragraphs, "en": _paragraphs}
