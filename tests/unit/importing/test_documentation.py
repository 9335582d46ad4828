"""docs/importing.md says all there is to know of tables, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from traceqr.importing import campaigns, claims, enterprises, licences, organisations, pledges, products
from traceqr.importing.campaigns import parse_campaign
from traceqr.importing.table import Table

DOCUMENT = (Path(__file__).parents[3] / "docs" / "importing.md").read_text(encoding="utf-8")
TABLES = {
    "organisation": organisations.TABLE,
    "enterprise": enterprises.TABLE,
    "product": products.table(Path()),
    "claim": claims.TABLE,
    "pledge": pledges.TABLE,
    "licence": licences.TABLE,
}


def section(noun: str) -> str:
    return DOCUMENT.partition(f"### `traceqr {noun} import`\n")[2].partition("\n#")[0]


@pytest.mark.parametrize(("noun", "table"), TABLES.items())
def test_every_column_and_synonym(noun: str, table: Table) -> None:
    rows = re.findall(r"^\| (\*?[a-z_]+\*?) \| (.*?) \|", section(noun), re.MULTILINE)
    assert rows.pop(0) == ("column", "also")
    assert rows == [
        (column.name if column.required else f"*{column.name}*", ", ".join(column.synonyms)) for column in table.columns
    ]


@pytest.mark.parametrize(
    ("noun", "words"),
    [("organisation", organisations.KINDS), ("organisation", organisations.LEVELS), ("claim", claims.KINDS)],
)
def test_every_word(noun: str, words: dict[str, tuple[str, ...]]) -> None:
    for word, synonyms in words.items():
        assert f"{word} ({', '.join(synonyms)})" in section(noun)


def test_the_campaign_of_the_document() -> None:
    text = DOCUMENT.partition("```toml\n")[2].partition("```")[0]
    entry = parse_campaign("campaign.toml", text)
    assert (entry.id, len(entry.articles)) == ("quality-month-2026", 1)
    assert campaigns.MAX_ARTICLES == 50
