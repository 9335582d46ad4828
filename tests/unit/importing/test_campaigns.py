"""Campaigns from TOML."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.world import ASSOCIATION, World

from traceqr.importing.campaigns import import_campaign, parse_campaign
from traceqr.importing.fault import ImportRefused

GOOD = f"""
id = "quality-month-2026"
organiser = "{ASSOCIATION}"
year = 2026
name_zh = "全国“质量月”"
name_en = "Quality Month"
theme_zh = "质量强国"
theme_en = "Strong through quality"

[[articles]]
zh = "第一条"
en = "One"

[[articles]]
zh = '''第二条
续'''
en = "Two"
"""


def write(world: World, text: str, encoding: str = "utf-8") -> Path:
    path = world.root / "campaign.toml"
    path.write_bytes(text.encode(encoding))
    return path


def faults(text: str) -> list[str]:
    with pytest.raises(ImportRefused) as refused:
        parse_campaign("campaign.toml", text)
    return list(map(str, refused.value.faults))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_campaign(world: World, encoding: str) -> None:
    world.association()
    opened = import_campaign(world.desk, write(world, GOOD.replace("\n", "\r\n"), encoding))
    assert (opened.id, opened.year, opened.name_zh, opened.text_version) == (
        "quality-month-2026",
        2026,
        "全国“质量月”",
        1,
    )
    articles = world.one("SELECT articles FROM pledge_text")["articles"]
    assert json.loads(articles) == [{"zh": "第一条", "en": "One"}, {"zh": "第二条\n续", "en": "Two"}]


def test_a_new_version_of_the_text(world: World) -> None:
    world.association()
    path = write(world, GOOD)
    assert import_campaign(world.desk, path).text_version == 1
    assert import_campaign(world.desk, path).text_version == 1
    assert import_campaign(world.desk, write(world, GOOD.replace("One", "First"))).text_version == 2


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("year = 2026", "year = 2027", "year: campaign quality-month-2026: expected year as it was opened, 2026"),
        ('"质量强国"', '"x"', "theme_zh: campaign quality-month-2026: expected theme_zh as it was opened"),
        (ASSOCIATION, "另一协会", "organiser: campaign quality-month-2026: expected its organiser"),
    ],
)
def test_only_the_text_of_an_open_campaign_may_change(world: World, old: str, new: str, fault: str) -> None:
    world.association()
    import_campaign(world.desk, write(world, GOOD))
    before = world.dump()
    with pytest.raises(ImportRefused, match=fault):
        import_campaign(world.desk, write(world, GOOD.replace(old, new)))
    assert world.dump() == before


def test_an_organiser_that_is_not_enrolled(world: World) -> None:
    with pytest.raises(ImportRefused, match="organiser: expected the Chinese name of an enrolled organisation, got"):
        import_campaign(world.desk, write(world, GOOD))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("year = 2026", "year = ", "expected TOML, got a text that is not: Invalid value (at line 4, column 8)"),
        (
            "year = 2026",
            'year = "2026"',
            "year: expected a year from 1978 to 2199, a number without quotes, got '2026'",
        ),
        ("year = 2026", f"year = {'9' * 5000}", "expected TOML, got a text that is not: Exceeds the limit"),
        ("year = 2026", f"year = 0x{'f' * 5000}", "year: expected a year from 1978 to 2199, got a number of very many"),
        ("year = 2026", f"year = {'[' * 5000}", "expected TOML, got a text that is not: maximum recursion depth"),
        ("year = 2026", "year = true", "year: expected a year from 1978 to 2199, got True"),
        ("year = 2026", "", "year: expected a value, found none"),
        ('"quality-month-2026"', '"质量月"', "id: expected at most 64 letters a to z, digits and hyphens, got '质"),
        ("year = 2026", "year = 2026\nprice = 1", "price: expected keys among id, organiser, year"),
        ('"Quality Month"', '" "', "name_en: expected a text, got an empty one"),
        ('"Quality Month"', "7", "name_en: expected a text in quotes, got 7"),
        ('"Quality Month"', '"a\\u001bb"', "name_en: expected text without control characters, got '\\x1b'"),
        ('"Quality Month"', '"a\\nb"', "name_en: expected one line, got 'a\\nb'"),
        ('en = "Two"', "", "article 2, en: expected a value, found none"),
        ('en = "Two"', 'en = "Two"\nde = "Zwei"', "article 2, de: expected keys among zh, en, got 'de'"),
    ],
)
def test_faults(old: str, new: str, expected: str) -> None:
    (fault,) = faults(GOOD.replace(old, new))
    assert fault.startswith(expected)


def test_articles_that_are_none() -> None:
    head = GOOD.partition("[[")[0]
    assert faults(head) == ["articles: expected a value, found none"]
    assert faults(f"{head}articles = []") == ["articles: expected 1 to 50 articles, got 0"]
    assert faults(f"{head}articles = ['x']") == ["articles: expected [[articles]], each with zh and en"]
    assert faults(head + "[[articles]]\nzh = 'a'\nen = 'b'\n" * 51) == ["articles: expected 1 to 50 articles, got 51"]


def test_all_faults_at_once() -> None:
    assert len(faults("id = 1\nyear = 'x'\n[[articles]]\nzh = 3\n")) == 9
