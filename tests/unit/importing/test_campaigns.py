"""Campaigns from TOML."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.world import ASSOCIATION, World

from traceqr.importing.campaigns import import_campaign, parse_campaign
from traceqr.importing.decoding import Upload
from traceqr.importing.fault import ImportRefused
from traceqr.instant import from_iso

GOOD = f"""
id = "quality-month-2026"
organiser = "{ASSOCIATION}"
year = 2026
name_zh = "全国“质量月”"
name_en = "Quality Month"
theme_zh = "质量强国"
theme_en = "Strong through quality"
code = "QM2026"
apply_from = 2026-07-01
apply_until = 2026-08-31
valid_from = 2026-09-01
valid_until = 2027-08-31

[[articles.signers]]
zh = "第一条"
en = "One"

[[articles.trade]]
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
    assert json.loads(articles) == [
        {"en": "One", "group": "signers", "zh": "第一条"},
        {"en": "Two", "group": "trade", "zh": "第二条\n续"},
    ]


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
        (ASSOCIATION, "另一协会", "organiser: expected the Chinese name of an enrolled organisation"),
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
        ("year = 2026", "year = 2026\nprice = 1", "price: expected keys among id, code, organiser"),
        ('"Quality Month"', '" "', "name_en: expected a text, got an empty one"),
        ('"Quality Month"', "7", "name_en: expected a text in quotes, got 7"),
        ('"Quality Month"', '"a\\u001bb"', "name_en: expected text without control characters, got '\\x1b'"),
        ('"Quality Month"', '"a\\nb"', "name_en: expected one line, got 'a\\nb'"),
        ('en = "Two"', "", "articles.trade 1, en: expected a value, found none"),
        ('en = "Two"', 'en = "Two"\nde = "Zwei"', "articles.trade 1, de: expected keys among zh, en, got 'de'"),
    ],
)
def test_faults(old: str, new: str, expected: str) -> None:
    (fault,) = faults(GOOD.replace(old, new))
    assert fault.startswith(expected)


GROUPS = "[[articles.signers]], [[articles.trade]], [[articles.society]]"


def test_articles_that_are_none() -> None:
    head = GOOD.partition("[[")[0]
    assert faults(head) == ["articles: expected a value, found none"]
    for none in ("articles = []", "articles = ['x']", "[[articles]]\nzh = 'a'\nen = 'b'", "[articles]\ntrade = ['x']"):
        assert faults(f"{head}{none}") == [f"articles: expected {GROUPS}, each with zh and en"]
    assert faults(f"{head}[articles]") == ["articles: expected 1 to 50 articles, got 0"]
    many = "[[articles.{}]]\nzh = 'a'\nen = 'b'\n"
    assert faults(head + many.format("signers") * 26 + many.format("trade") * 25) == [
        "articles: expected 1 to 50 articles, got 51"
    ]
    assert faults(head + many.format("state")) == [f"articles: expected {GROUPS}, got [[articles.state]]"]


def test_all_that_may_be_left_out(world: World) -> None:
    world.association()
    world.association("省质量协会（测试）")
    more = (
        "co_organisers = ['省质量协会（测试）']\nslogan_zh = '口号'\nregion = '330000'\nsectors = ['hotel', 'food']\n"
        "apply_from = '2026/7/1'"
    )
    opened = import_campaign(world.desk, write(world, GOOD.replace("apply_from = 2026-07-01", more)))
    assert (opened.region, opened.sector_codes, opened.slogan_zh) == ("330000", ("food", "hotel"), "口号")
    assert opened.apply_from_ms == from_iso("2026-07-01T00:00:00+08:00")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"QM2026"', '"qm"', "code: expected 2 to 12 letters A to Z and digits, such as QM2026, got 'qm'"),
        ("2026-08-31", "'soon'", "apply_until: expected a date such as 2026-09-01 or 2026/9/1, got 'soon'"),
        (
            "2026-08-31",
            "2026-08-31T00:00:00",
            "apply_until: expected a date such as 2026-09-01, got 2026-08-31 00:00:00",
        ),
        ("2026-08-31", "7", "apply_until: expected a date such as 2026-09-01, got 7"),
        ("year = 2026", "year = 2026\nregion = '33'", "region: expected a region of 6 digits"),
        (
            "year = 2026",
            "year = 2026\nsectors = 'food'",
            "sectors: expected a list of texts in square brackets, got food",
        ),
        ("year = 2026", "year = 2026\nsectors = []", "sectors: expected sectors among agriculture, food, "),
        ("year = 2026", "year = 2026\nsectors = ['fun']", "sectors: expected sectors among agriculture, food, "),
        ("year = 2026", "year = 2026\nsectors = ['food', 'food']", "sectors: expected each text once"),
        ("year = 2026", "year = 2026\nco_organisers = [7]", "co_organisers: expected a text in quotes, got 7"),
        (
            "year = 2026",
            f"year = 2026\nco_organisers = {['x'] * 51}",
            "co_organisers: expected at most 50 texts, got 51",
        ),
    ],
)
def test_faults_of_editions(old: str, new: str, expected: str) -> None:
    (fault,) = faults(GOOD.replace(old, new))
    assert fault.startswith(expected)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2026-08-31", "2026-06-30", "apply_until: expected a last day from 2026-07-01 on, got 2026-06-30"),
        ("signers", "society", "articles: campaign quality-month-2026: expected at least one article that binds"),
    ],
)
def test_what_the_registry_refuses_is_named_by_its_key(world: World, old: str, new: str, expected: str) -> None:
    world.association()
    with pytest.raises(ImportRefused, match=expected):
        import_campaign(world.desk, write(world, GOOD.replace(old, new)))


def test_one_that_came_over_the_web(world: World) -> None:
    world.association()
    assert import_campaign(world.desk, Upload("season.toml", GOOD.encode("gb18030"))).code == "QM2026"
    with pytest.raises(ImportRefused, match=r"season.toml: nothing was imported, 1 fault:\nexpected at most 1,000,000"):
        import_campaign(world.desk, Upload("season.toml", b"#" * 1_000_001))


def test_all_faults_at_once() -> None:
    assert len(faults("id = 1\nyear = 'x'\n[[articles.trade]]\nzh = 3\n")) == 14
