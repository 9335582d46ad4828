"""Participants from a table: 2,000 at a time, whole or not at all, every bad cell named."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from support.world import CAMPAIGN, World, new_world, uscc

from traceqr import pledging
from traceqr.acting import ActRefused
from traceqr.enrolling import Tally
from traceqr.importing.decoding import Upload
from traceqr.importing.fault import ImportRefused
from traceqr.importing.participants import import_participants

HEADER = ["统一社会信用代码", "企业名称", "行政区划代码", "所属行业", "服务电话", "联系方式"]
Rows = list[list[str]]


def rows(count: int) -> Rows:
    return [
        [uscc(number), f"企业{number}有限公司", "330106", "食品", "400-000-0000", f"质量部{number}"]
        for number in range(1, count + 1)
    ]


def upload(body: Rows) -> Upload:
    output = io.StringIO(newline="")
    csv.writer(output).writerows([HEADER, *body])
    return Upload("participants.csv", output.getvalue().encode("utf-8-sig"))


@pytest.fixture
def season(world: World) -> World:
    world.association()
    world.campaign(region="330000")
    return world


def test_they_are_enrolled_and_apply(season: World) -> None:
    assert import_participants(season.desk, upload(rows(3)), CAMPAIGN) == Tally(added=3)
    assert season.rows("SELECT number, state, region, sector FROM pledge ORDER BY number") == [
        {"number": number, "state": "applied", "region": "330106", "sector": "food"} for number in (1, 2, 3)
    ]
    before = season.dump()
    assert import_participants(season.desk, upload(rows(3)), CAMPAIGN) == Tally(unchanged=3)
    assert season.dump() == before


def test_a_dry_run_says_what_would_land(season: World) -> None:
    import_participants(season.desk, upload(rows(3)), CAMPAIGN)
    body = rows(5)
    body[0][1] = "改名有限公司"
    before = season.dump()
    told = import_participants(season.desk, upload(body), CAMPAIGN, dry_run=True)
    assert told == Tally(added=2, changed=1, unchanged=2)
    assert season.dump() == before
    assert import_participants(season.desk, upload(body), CAMPAIGN) == told


def test_no_campaign(season: World) -> None:
    with pytest.raises(ActRefused, match="expected the id of an open campaign, got 'none'"):
        import_participants(season.desk, upload(rows(1)), "none")


def test_one_that_was_refused_stays_so(season: World) -> None:
    import_participants(season.desk, upload(rows(1)), CAMPAIGN)
    pledging.refuse(season.desk, 1, "r")
    assert import_participants(season.desk, upload(rows(1)), CAMPAIGN) == Tally(unchanged=1)
    assert season.one("SELECT state FROM pledge") == {"state": "refused"}


# --- 2,000 rows, 37 of them bad


def cell(column: int, value: str) -> Callable[[Rows, int], None]:
    def spoil(body: Rows, at: int) -> None:
        body[at][column] = value

    return spoil


def double(body: Rows, at: int) -> None:
    body[at][0] = body[at - 1][0]


def mistype(body: Rows, at: int) -> None:
    body[at][0] = body[at][0][:-1] + ("0" if body[at][0][-1] != "0" else "1")


def more(body: Rows, at: int) -> None:
    body[at].append("?")


USCC, NAME, REGION = "uscc (统一社会信用代码)", "name_zh (企业名称)", "region (行政区划代码)"
SECTOR, PHONE, CONTACT = "sector (所属行业)", "service_phone (服务电话)", "contact (联系方式)"
SPOILT: list[tuple[Callable[[Rows, int], None], str, str]] = [
    (mistype, USCC, "expected check character"),
    (cell(0, "91330106MA2DEMXA1"), USCC, "of 18 characters, got '91330106MA2DEMXA1' with 17"),
    (cell(0, "9.13E+17"), USCC, "Excel has shortened a long number"),
    (cell(0, ""), USCC, "expected a value, got an empty cell"),
    (cell(0, "９1310000000000001X"), USCC, "full width (全角)"),
    (cell(0, "91310000I00000001X"), USCC, "letter I for digit 1?"),
    (cell(0, "统一社会信用代码"), USCC, "of 18 characters"),
    (double, USCC, "expected each uscc once, it is in row"),
    (cell(1, ""), NAME, "expected a value, got an empty cell"),
    (cell(1, "#REF!"), NAME, "expected a value, got Excel's error '#REF!'"),
    (cell(1, "##########"), NAME, "got Excel's error"),
    (cell(1, "x" * 2_001), NAME, "expected at most 2,000 characters, got 2,001"),
    (cell(1, "茶\x07业"), NAME, "expected text without control characters"),
    (cell(1, "茶\ufffd业"), NAME, "a character that was lost in an earlier conversion"),
    (cell(1, "茶\n业"), NAME, "expected one line"),
    (cell(1, "\u202e业茶"), NAME, "expected text without control characters"),
    (cell(2, ""), REGION, "expected a value, got an empty cell"),
    (cell(2, "33010"), REGION, "expected a region of 6 digits"),
    (cell(2, "浙江省"), REGION, "expected a region of 6 digits"),
    (cell(2, "330106.0"), REGION, "Excel took it for a number"),
    (cell(2, "３３０１０６"), REGION, "full width (全角)"),
    (cell(2, "3.3E+05"), REGION, "Excel has shortened a long number"),
    (cell(2, "440106"), REGION, "expected an enterprise of region 330000"),
    (cell(2, "000000"), REGION, "expected an enterprise of region 330000"),
    (cell(3, ""), SECTOR, "expected a value, got an empty cell"),
    (cell(3, "茶叶"), SECTOR, "got '茶叶'"),
    (cell(3, "food;retail"), SECTOR, "got 'food;retail'"),
    (cell(3, "#N/A"), SECTOR, "got Excel's error '#N/A'"),
    (cell(3, "0"), SECTOR, "got '0'"),
    (cell(4, "见联系人"), PHONE, "expected a telephone number"),
    (cell(4, "4.00E+09"), PHONE, "expected a telephone number"),
    (cell(4, "+"), PHONE, "expected a telephone number"),
    (cell(4, "1"), PHONE, "expected a telephone number"),
    (cell(5, "x" * 2_001), CONTACT, "expected at most 2,000 characters"),
    (cell(5, "#VALUE!"), CONTACT, "got Excel's error"),
    (cell(5, "王\x7f五"), CONTACT, "expected text without control characters"),
    (more, "G", "expected no cell in a column without a heading, got '?'"),
]


def test_two_thousand_rows_with_37_bad_ones(tmp_path: Path) -> None:
    """Nothing lands, and the report names each: what no cell may hold, and what the campaign does not take."""
    body = rows(2_000)
    places = [50 * at + 7 for at in range(len(SPOILT))]
    for (spoil, _, _), at in zip(SPOILT, places, strict=True):
        spoil(body, at)
    with new_world("sqlite", tmp_path) as world:
        world.association()
        world.campaign(region="330000")
        before = world.dump()
        for dry_run in (True, False):
            with pytest.raises(ImportRefused) as refused:
                import_participants(world.desk, upload(body), CAMPAIGN, dry_run=dry_run)
            assert world.dump() == before
            told = [str(fault) for fault in refused.value.faults]
            assert len(told) == len(SPOILT) == 37
            for fault, at, (_, column, words) in zip(told, places, SPOILT, strict=True):
                assert fault.startswith(f"row {at + 2}, column {column}: "), fault
                assert words in fault
