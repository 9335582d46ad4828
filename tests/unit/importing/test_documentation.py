"""docs/importing.md says all there is to know of tables, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from traceqr.importing import (
    campaigns,
    claims,
    enterprises,
    events,
    licences,
    locations,
    organisations,
    participants,
    pledges,
    products,
    recognitions,
)
from traceqr.importing.campaigns import parse_campaign
from traceqr.importing.table import Table
from traceqr.sector import SECTORS

DOCUMENT = (Path(__file__).parents[3] / "docs" / "importing.md").read_text(encoding="utf-8")
TABLES = {
    "organisation": organisations.TABLE,
    "enterprise": enterprises.TABLE,
    "product": products.table(Path()),
    "claim": claims.TABLE,
    "participant": participants.TABLE,
    "pledge": pledges.TABLE,
    "licence": licences.TABLE,
    "recognition": recognitions.TABLE,
    "location": locations.table(),
    **{f"event import {kind}": events.table(kind) for kind in events.Kind},
}


def section(noun: str) -> str:
    command = f"{noun} FILE" if noun.startswith("event ") else f"{noun} import"
    return DOCUMENT.partition(f"### `traceqr {command}`\n")[2].partition("\n#")[0]


@pytest.mark.parametrize(("noun", "table"), TABLES.items())
def test_every_column_and_synonym(noun: str, table: Table) -> None:
    rows = re.findall(r"^\| (\*?[a-z_]+\*?) \| (.*?) \|", section(noun), re.MULTILINE)
    assert rows.pop(0) == ("column", "also")
    assert rows == [
        (column.name if column.required else f"*{column.name}*", ", ".join(column.synonyms)) for column in table.columns
    ]


@pytest.mark.parametrize(
    ("noun", "words"),
    [
        ("organisation", organisations.KINDS),
        ("organisation", organisations.LEVELS),
        ("claim", claims.KINDS),
        ("location", locations.KINDS),
    ],
)
def test_every_word(noun: str, words: dict[str, tuple[str, ...]]) -> None:
    for word, synonyms in words.items():
        assert f"{word} ({', '.join(synonyms)})" in section(noun)


def test_the_campaign_of_the_document() -> None:
    text = DOCUMENT.partition("```toml\n")[2].partition("```")[0]
    entry = parse_campaign("campaign.toml", text)
    assert (entry.id, entry.sectors, len(entry.articles)) == ("quality-month-2026", ("food", "retail"), 3)
    assert campaigns.MAX_ARTICLES == 50


def test_every_key_of_a_campaign_is_in_the_document() -> None:
    text = DOCUMENT.partition("```toml\n")[2].partition("```")[0]
    assert sorted(re.findall(r"^([a-z_]+) =", text.partition("[[")[0], re.MULTILINE)) == sorted(
        set(campaigns._FIELDS) - {"articles"}
    )


def test_every_sector_with_its_words() -> None:
    rows = re.findall(r"^\| ([a-z-]+) \| (.*?) \| (.*?) \|$", DOCUMENT.partition("### Sectors\n")[2], re.MULTILINE)
    assert rows[2:] == [
        (code, f"{words.zh_hans} / {words.zh_hant} / {words.en}", ", ".join(participants.SECTOR_WORDS[code]))
        for code, words in SECTORS.items()
    ]


def test_no_word_is_that_of_two_sectors() -> None:
    words = [word for synonyms in participants.SECTOR_WORDS.values() for word in synonyms]
    assert len(words) == len(set(words))
