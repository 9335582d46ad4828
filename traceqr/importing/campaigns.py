"""A campaign with the text to sign, from a TOML file: it has paragraphs, which no table holds well.

The articles stand in three groups, `[[articles.signers]]`, `[[articles.trade]]` and `[[articles.society]]`, each with
zh and en.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from traceqr.acting import ActRefused, Desk
from traceqr.campaigning import CampaignEntry, open_campaign
from traceqr.certificate import is_code
from traceqr.errors import TraceqrError
from traceqr.evidence import Article, ArticleGroup
from traceqr.importing import cells
from traceqr.importing.cells import CellError, clean
from traceqr.importing.decoding import Source, read_text
from traceqr.importing.fault import Fault, ImportRefused
from traceqr.registry.campaigns import Campaign
from traceqr.sector import SECTORS

MAX_BYTES = 1_000_000
MAX_ARTICLES = 50
MAX_LISTED = 50
"""Co-organisers, and sectors."""

_ID = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_MAX_ID = 64
_FIRST_YEAR, _LAST_YEAR = 1978, 2199
"""The first Quality Month was in 1978."""

_Fields = Mapping[str, Callable[[Any], Any]]


def import_campaign(desk: Desk, source: Source) -> Campaign:
    """Open the campaign of a file, or amend it and publish a new version of its text. Raises `ImportRefused`."""
    entry = parse_campaign(source.name, read_text(source, MAX_BYTES))
    try:
        return open_campaign(desk, entry)
    except ActRefused as error:
        raise ImportRefused(source.name, [Fault(0, error.field, str(error))]) from error


def parse_campaign(source: str, text: str) -> CampaignEntry:
    """Read the text of such a file. Raises `ImportRefused` with every fault, by its key."""
    values = _parsed(source, text, _OPTIONAL)
    return CampaignEntry(**values)


@dataclass(frozen=True, slots=True)
class Articles:
    """What a file says of the text to sign, and of which campaign it is; empty where it does not say."""

    campaign: str
    articles: tuple[Article, ...]


def read_articles(source: Source) -> Articles:
    """The articles of such a file, in which all else may be left out. Raises `ImportRefused` with every fault."""
    values = _parsed(source.name, read_text(source, MAX_BYTES), frozenset(_FIELDS) - {"articles"})
    return Articles(values.get("id", ""), values["articles"])


def _parsed(source: str, text: str, optional: Collection[str]) -> dict[str, Any]:
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # numbers and nesting past Python's limits raise these
        raise ImportRefused(source, [Fault(0, "", f"expected TOML, got a text that is not: {error}")]) from error
    faults: list[Fault] = []
    values = _read(found, _FIELDS, "", faults, optional)
    articles = _articles(values.pop("articles", {}), faults)
    if faults:
        raise ImportRefused(source, faults)
    return {**values, "articles": articles}


def _read(
    found: Mapping[str, Any], fields: _Fields, prefix: str, faults: list[Fault], optional: Collection[str] = ()
) -> dict[str, Any]:
    """The values of a TOML table. Faults go to `faults`, under the key with `prefix` before it."""
    for key in found:
        if key not in fields:
            faults.append(Fault(0, f"{prefix}{key}"[:80], f"expected keys among {', '.join(fields)}, got {key[:80]!r}"))
    values = {}
    for key, parse in fields.items():
        if key not in found and key in optional:
            continue
        try:
            if key not in found:
                raise CellError("expected a value, found none")
            values[key] = parse(found[key])
        except TraceqrError as error:
            faults.append(Fault(0, f"{prefix}{key}", str(error)))
    return values


def _articles(found: Mapping[str, list[Any]], faults: list[Fault]) -> tuple[Article, ...]:
    articles = []
    for group in ArticleGroup:
        for number, article in enumerate(found.get(group, []), 1):
            before = len(faults)
            values = _read(article, _ARTICLE_FIELDS, f"articles.{group} {number}, ", faults)
            if len(faults) == before:
                articles.append(Article(**values, group=group))
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


def _code(value: Any) -> str:
    text = _line(value)
    if not is_code(text):
        raise CellError(f"expected 2 to 12 letters A to Z and digits, such as QM2026, got {text[:80]!r}")
    return text


def _region(value: Any) -> str:
    return cells.region(_line(value))


def _day(value: Any) -> date:
    """A date without quotes, as TOML has them, or in quotes as in a table."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return cells.day(clean(value, lines=False))
    raise CellError(f"expected a date such as 2026-09-01, got {_shown(value)}")


def _lines(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise CellError(f"expected a list of texts in square brackets, got {_shown(value)}")
    if len(value) > MAX_LISTED:
        raise CellError(f"expected at most {MAX_LISTED} texts, got {len(value)}")
    texts = tuple(_line(each) for each in value)
    if len(set(texts)) < len(texts):
        raise CellError("expected each text once")
    return texts


def _sectors(value: Any) -> tuple[str, ...]:
    texts = _lines(value)
    for text in texts or ("none",):
        if text not in SECTORS:
            raise CellError(f"expected sectors among {', '.join(SECTORS)}, got {text[:80]!r}")
    return texts


def _article_groups(value: Any) -> dict[str, list[Any]]:
    """The articles by group, in any order; that each has its texts is seen to later."""
    if not isinstance(value, dict) or not all(_is_list_of_tables(each) for each in value.values()):
        raise CellError(f"expected {_GROUPS}, each with zh and en")
    for group in value:
        if group not in set(ArticleGroup):
            raise CellError(f"expected {_GROUPS}, got [[articles.{group[:80]}]]")
    count = sum(map(len, value.values()))
    if not 1 <= count <= MAX_ARTICLES:
        raise CellError(f"expected 1 to {MAX_ARTICLES} articles, got {count}")
    return value


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(article, dict) for article in value)


_GROUPS = ", ".join(f"[[articles.{group}]]" for group in ArticleGroup)

_FIELDS: _Fields = {
    "id": _id,
    "code": _code,
    "organiser": _line,
    "co_organisers": _lines,
    "year": _year,
    "name_zh": _line,
    "name_en": _line,
    "theme_zh": _line,
    "theme_en": _line,
    "slogan_zh": _line,
    "slogan_en": _line,
    "region": _region,
    "sectors": _sectors,
    "apply_from": _day,
    "apply_until": _day,
    "valid_from": _day,
    "valid_until": _day,
    "articles": _article_groups,
}
_OPTIONAL = frozenset({"co_organisers", "slogan_zh", "slogan_en", "region", "sectors"})
_ARTICLE_FIELDS: _Fields = {"zh": _paragraphs, "en": _paragraphs}
