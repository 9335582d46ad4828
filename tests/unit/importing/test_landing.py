"""Tables of every noun into a real registry: whole or not at all, every fault named by row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from support.world import ASSOCIATION, CAMPAIGN, MARK, World, gtin, uscc

from traceqr.acting import Desk
from traceqr.enrolling import Tally
from traceqr.highwater import HighWater
from traceqr.importing.claims import import_claims
from traceqr.importing.decoding import Upload
from traceqr.importing.enterprises import import_enterprises
from traceqr.importing.fault import ImportRefused
from traceqr.importing.landing import land
from traceqr.importing.licences import import_licences
from traceqr.importing.organisations import import_organisations
from traceqr.importing.pledges import import_pledges
from traceqr.importing.products import import_products
from traceqr.importing.table import Column, Table

PRODUCT_HEADER = "商品条码,统一社会信用代码,商品名称,英文名称,品牌,规格,执行标准"


def write(world: World, text: str, encoding: str = "utf-8-sig") -> Path:
    path = world.root / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


def table(*rows: Sequence[object]) -> str:
    output = io.StringIO(newline="")
    csv.writer(output).writerows(rows)
    return output.getvalue()


def faults(world: World, do: Any, text: str) -> list[str]:
    """What is wrong with a file, after checking that nothing of it has landed."""
    before = world.dump()
    with pytest.raises(ImportRefused) as refused:
        do(world.desk, write(world, text))
    assert world.dump() == before
    return list(map(str, refused.value.faults))


# --- each noun


def test_organisations(world: World) -> None:
    text = (
        "机构类型,级别,行政区划代码,机构名称,英文名称\r\n"
        "协会,全国,000000,质量检验协会（测试）,QA\r\n"
        "监管部门,省级,330000,浙江省市场监督管理局,\r\n"
    )
    assert import_organisations(world.desk, write(world, text, "gb18030")) == Tally(added=2)
    assert import_organisations(world.desk, write(world, text)) == Tally(unchanged=2)
    assert world.rows("SELECT kind, level, region, name_zh, name_en FROM organisation ORDER BY region") == [
        {
            "kind": "association",
            "level": "national",
            "region": "000000",
            "name_zh": "质量检验协会（测试）",
            "name_en": "QA",
        },
        {
            "kind": "regulator",
            "level": "province",
            "region": "330000",
            "name_zh": "浙江省市场监督管理局",
            "name_en": "",
        },
    ]


def test_organisations_with_faults(world: World) -> None:
    world.association()
    text = (
        "kind,level,region,name_zh\n"
        "club,national,000000,A\n"
        "协会,world,000000,B\n"
        "协会,全国,0,C\n"
        f"regulator,national,000000,{ASSOCIATION}\n"
    )
    assert faults(world, import_organisations, text) == [
        "row 2, column kind: expected association (协会) or regulator (监管部门, 市场监督管理部门, 市场监管部门),"
        " got 'club'",
        "row 3, column level: expected national (国家, 国家级, 全国) or province (省, 省级, 自治区, 直辖市)"
        " or city (市, 市级) or district (区县, 区, 县, 区县级, 县级), got 'world'",
        "row 4, column region: expected a region of 6 digits (GB/T 2260; 000000 is the whole country), got '0'; Excel"
        " drops zeros in front of a number: format the column as text (文本) and enter it anew",
        f"row 5, column name_zh: '{ASSOCIATION}' is enrolled already, with another kind, level, region or name",
    ]


def test_enterprises(world: World) -> None:
    text = f'uscc,name_zh,region,contact,行业\n{uscc(1)},茶业,330100,"王\n138",食品\n'
    assert import_enterprises(world.desk, write(world, text)) == Tally(added=1)
    row = world.one("SELECT uscc, name_zh, name_en, region, sector, service_phone, contact FROM enterprise")
    assert tuple(row.values()) == (uscc(1), "茶业", "", "330100", "食品", "", "王\n138")
    assert import_enterprises(world.desk, write(world, text.replace("茶业", "茶叶"))) == Tally(changed=1)


def test_products(furnished: World) -> None:
    code = gtin(2).trade
    text = f"{PRODUCT_HEADER}\r\n{code},{uscc()},龙井,Longjing,清泉,250 g,GB/T 18650\r\n"
    assert import_products(furnished.desk, write(furnished, text, "gb18030")) == Tally(added=1)
    row = furnished.one("SELECT * FROM product_version WHERE gtin = :gtin", gtin=f"0{code}")
    assert tuple(row.values())[:8] == (f"0{code}", 1, "龙井", "Longjing", "清泉", "250 g", "GB/T 18650", None)


def test_claims(world: World) -> None:
    world.enterprise()
    text = table(
        ["uscc", "类型", "value", "evidence"],
        [uscc(), "商品条码", gtin(1).trade, "certificate\npage 2"],
        [uscc(), "prefix", "6901234", "certificate"],
    )
    filed = import_claims(world.desk, write(world, text))
    assert [(claim.kind, claim.value, claim.state) for claim in filed] == [
        ("gtin", gtin(1).digits, "filed"),
        ("prefix", "6901234", "filed"),
    ]


def test_claims_with_faults(world: World) -> None:
    world.enterprise()
    code = gtin(1)
    text = table(
        ["uscc", "kind", "value", "evidence"],
        [uscc(), "gtin", "6901234567893", "x"],
        [uscc(), "gtin", "6.9E+12", "x"],
        [uscc(), "prefix", "690", "x"],
        [uscc(2), "prefix", "6901234", "x"],
        [uscc(), "brand", "6901234", "x"],
        [uscc(), "gtin", code.trade, "x"],
        [uscc(), "gtin", code.digits, "x"],
        [uscc(), "prefix", "6901234", ""],
    )
    assert faults(world, import_claims, text) == [
        "row 2, column value: expected check digit 2 at the end of GTIN '06901234567893', got 3",
        "row 3, column value: expected a GTIN of 8, 12, 13 or 14 digits, got '6.9E+12'; Excel has shortened a long"
        " number: format the column as text (文本) and enter it anew",
        "row 4, column value: expected a GS1 company prefix of 7 to 12 digits, got '690'",
        f"row 5, column uscc: expected the code of an enrolled enterprise, got '{uscc(2)}'; import enterprises first",
        "row 6, column kind: expected gtin (商品条码, 条码, 条形码, 商品条形码) or prefix (厂商识别代码, 前缀),"
        " got 'brand'",
        "row 8, column value: expected each uscc with kind with value once, it is in row 7 already",
        "row 9, column evidence: expected a value, got an empty cell",
    ]


def test_pledges(furnished: World) -> None:
    furnished.enterprise(2)
    text = table(
        ["活动", "统一社会信用代码", "签署日期", "有效期起", "有效期止"],
        [CAMPAIGN, uscc(2), "2026/8/20", "2026-09-01", "2027年8月31日"],
    )
    assert import_pledges(furnished.desk, write(furnished, text)) == Tally(added=1)
    known = furnished.one("SELECT signed_ms, valid_from_ms, valid_to_ms FROM pledge WHERE number = 1")
    assert furnished.one("SELECT signed_ms, valid_from_ms, valid_to_ms FROM pledge WHERE number = 2") == known


def test_pledges_with_faults(furnished: World) -> None:
    furnished.enterprise(2)
    days = date(2026, 8, 20), date(2026, 9, 1)
    text = table(
        ["campaign", "uscc", "signed_on", "valid_from", "valid_until"],
        ["none", uscc(2), *days, "2027/8/31"],
        [CAMPAIGN, uscc(2), *days, "2025/8/31"],
        [CAMPAIGN, uscc(2), *days, "8/31/2027"],
        [CAMPAIGN, uscc(1), *days, "2030/8/31"],
    )
    assert faults(furnished, import_pledges, text) == [
        "row 2, column campaign: expected the id of an open campaign, got 'none'",
        "row 3, column valid_until: expected a last day from 2026-09-01 on, got 2025-08-31",
        "row 4, column valid_until: expected a date such as 2026-09-01 or 2026/9/1, got '8/31/2027'",
        "row 4, column uscc: expected each campaign with uscc once, it is in row 3 already",
        f"row 5, column uscc: enterprise {uscc(1)} has pledge 1 in {CAMPAIGN} with other dates",
    ]


LICENCES = ("专用标识", "统一社会信用代码", "商品条码", "有效期起", "有效期止", "限量")


def test_licences(world: World) -> None:
    world.licensed()
    world.product(2)
    world.product(3)
    both = f"{gtin(2)}、{gtin(3)}"
    path = write(world, table(LICENCES, (MARK, uscc(), both, "2026/9/1", "2026年12月31日", "50,000")))
    assert import_licences(world.desk, path) == Tally(added=1)
    assert import_licences(world.desk, path) == Tally(unchanged=1), (
        "a table that is imported twice grants nothing twice"
    )
    row = world.one("SELECT spelled, quota, used, state FROM mark_licence WHERE number = 2")
    assert row == {"spelled": "QM-2026-000002", "quota": 50_000, "used": 0, "state": "granted"}
    found = world.rows("SELECT gtin FROM licence_product WHERE licence = 2 ORDER BY gtin")
    assert [each["gtin"] for each in found] == [str(gtin(2)), str(gtin(3))]


def test_licences_with_faults(world: World) -> None:
    world.licensed()
    world.product(2)
    good = (MARK, uscc(), gtin(2), "2026-09-01", "2026-12-31", 5)

    def but(**changes: object) -> tuple[object, ...]:
        names = ("mark", "uscc", "gtins", "first", "last", "quota")
        return tuple(changes.get(name, value) for name, value in zip(names, good, strict=True))

    rows = (
        good,
        but(mark="none"),
        but(gtins="6.90E+12"),
        but(gtins=gtin(9)),
        but(first="2027-01-01"),
        but(quota="many", first="2026-09-03"),
        but(quota="0", first="2026-09-02"),
        but(quota="1.5", mark=""),
        but(gtins=gtin(1)),
    )
    found = faults(world, import_licences, table(LICENCES, *rows))
    expected = (
        "row 3, column mark (专用标识): expected the id of a mark that is defined, got 'none'",
        "row 4, column gtins (商品条码): expected a GTIN of 8, 12, 13 or 14 digits, got '6.90E+12'; Excel has",
        "row 5, column gtins (商品条码): expected GTINs of the enterprise's own products",
        "row 6, column valid_until (有效期止): expected a last day from 2027-01-01 on, got 2026-12-31",
        "row 7, column quota (限量): expected a number of labels such as 50000, got 'many'",
        "row 8, column quota (限量): expected a quota of 1 to",
        "row 9, column mark (专用标识): expected a value, got an empty cell",
        "row 9, column quota (限量): expected a number of labels such as 50000, got '1.5'",
        "row 10, column gtins (商品条码): GTIN 06901234000016: expected no licence of mark",
    )
    assert len(found) == len(expected)
    for fault, words in zip(found, expected, strict=True):
        assert fault.startswith(words)


# --- pictures


def picture_faults(world: World, name: str) -> list[str]:
    text = table(["gtin", "uscc", "name_zh", "picture"], [gtin(2), uscc(), "茶", name])
    return faults(world, import_products, text)


@pytest.mark.parametrize("name", ["pictures/tea.png", "pictures\\tea.png", "./pictures/tea.png"])
def test_a_picture_beside_the_table(furnished: World, name: str) -> None:
    (furnished.root / "pictures").mkdir()
    Image.new("RGB", (8, 8), "green").save(furnished.root / "pictures" / "tea.png")
    text = table(["gtin", "uscc", "name_zh", "图片"], [gtin(2), uscc(), "茶", name], [gtin(3), uscc(), "茶", name])
    assert import_products(furnished.desk, write(furnished, text)) == Tally(added=2)
    assert furnished.one("SELECT media_type FROM picture")["media_type"] == "image/webp"
    assert furnished.one("SELECT COUNT(picture) AS count FROM product_version")["count"] == 2


@pytest.mark.parametrize("name", ["/etc/passwd", "../secret.png", "C:\\tea.png", "a/../../secret.png", "\\\\host\\tea"])
def test_no_picture_from_elsewhere(furnished: World, name: str) -> None:
    assert picture_faults(furnished, name) == [
        "row 2, column picture: expected the path of a picture beside this file, such as pictures/tea.jpg,"
        f" got {name!r}"
    ]


def test_no_picture_through_a_link(furnished: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret.png"
    Image.new("RGB", (8, 8)).save(elsewhere)
    (furnished.root / "tea.png").symlink_to(elsewhere)
    assert "expected the path of a picture beside this file" in picture_faults(furnished, "tea.png")[0]


def test_picture_paths_that_lead_nowhere(furnished: World) -> None:
    (furnished.root / "a").symlink_to("b")
    (furnished.root / "b").symlink_to("a")
    for name in ("a", "x" * 300):
        assert "row 2, column picture: expected" in picture_faults(furnished, name)[0]


def test_pictures_that_are_none(furnished: World) -> None:
    (furnished.root / "tea.png").write_text("tea")
    assert picture_faults(furnished, "tea.png") == [
        "row 2, column picture: expected a JPEG, PNG or WebP picture, got something else or a damaged one"
    ]
    assert picture_faults(furnished, "none.png") == [
        "row 2, column picture: expected a picture at 'none.png' beside this file, found none"
    ]
    assert picture_faults(furnished, "keys") == [
        "row 2, column picture: expected a picture at 'keys' beside this file, found none"
    ]


# --- whole or not at all


def test_five_hundred_rows_with_bad_ones_of_every_kind(furnished: World) -> None:
    rows: list[list[object]] = [[gtin(at), uscc(), f"产品{at}", "清泉"] for at in range(2, 502)]
    rows[5][0] = "6.90E+12"
    rows[50][0] = rows[49][0]
    rows[100][1] = uscc(2)
    rows[150][2] = ""
    rows[200][3] = "清\x07泉"
    rows[250][1] = "91330000123456789F"
    rows[300][2] = "x" * 2001
    rows[350].append("more")
    rows[400][0] = "6901234567893"
    rows[499][2] = "#REF!"
    found = faults(furnished, import_products, table(["gtin", "uscc", "name_zh", "brand"], *rows))
    assert [fault.split(": ")[0] for fault in found] == [
        "row 7, column gtin",
        "row 52, column gtin",
        "row 102, column uscc",
        "row 152, column name_zh",
        "row 202, column brand",
        "row 252, column uscc",
        "row 302, column name_zh",
        "row 352, column E",
        "row 402, column gtin",
        "row 501, column name_zh",
    ]


def test_what_the_registry_refuses_is_named_by_row(furnished: World) -> None:
    furnished.enterprise(2)
    text = table(
        ["名称", "条码", "信用代码"], ["a", gtin(2), uscc()], ["b", gtin(1), uscc(2)], [], ["c", gtin(4), uscc(9)]
    )
    assert faults(furnished, import_products, text) == [
        f"row 3, column gtin (条码): GTIN {gtin(1)}: another enterprise has enrolled it; expected an accepted"
        f" claim of {uscc(2)} to it",
        f"row 5, column uscc (信用代码): expected the code of an enrolled enterprise, got '{uscc(9)}'; import"
        " enterprises first",
    ]


def test_a_rehearsal_leaves_nothing(furnished: World) -> None:
    seen: list[int] = []

    def do(desk: Desk, entries: Sequence[object]) -> int:
        with desk.act() as act:
            act.record("test.act", "test:1", {})
            seen.extend([len(entries), len(act.tx.rows("SELECT position FROM ledger"))])
        return len(entries)

    before = furnished.dump()
    columns = Table((Column("a", ()), Column("b", ())), ("a",))
    with pytest.raises(ImportRefused, match="1 fault:\nrow 3, column b: expected a value"):
        land(furnished.desk, write(furnished, "a,b\n1,2\n3,\n"), columns, dict, do)
    assert seen == [1, len(before["ledger"]) + 1]
    assert furnished.dump() == before
    assert land(furnished.desk, Upload("a.csv", b"a,b\n1,2\n3,4\n"), columns, dict, do, dry_run=True) == 2
    assert furnished.dump() == before


def test_a_dry_run_keeps_no_mark(furnished: World) -> None:
    """The file outside the registry must not say that acts were done which were not."""
    water = HighWater(furnished.root / "water.json")
    furnished.desk = replace(furnished.desk, high_water=water)
    text = f"uscc,name_zh,region\n{uscc(2)},茶,330100\n"
    assert import_enterprises(furnished.desk, write(furnished, text), dry_run=True) == Tally(added=1)
    assert water.read() is None
    furnished.enterprise(3)
    before = water.read()
    assert import_enterprises(furnished.desk, write(furnished, text), dry_run=True) == Tally(added=1)
    assert water.read() == before
    furnished.enterprise(4)


def test_a_file_that_came_over_the_web(furnished: World) -> None:
    text = f"uscc,name_zh,region\n{uscc(2)},茶,330100\n"
    upload = Upload("../../etc/表.csv", text.encode("utf-16"))
    assert import_enterprises(furnished.desk, upload) == Tally(added=1)
    bad = replace(upload, content=text.replace("330100", "").encode())
    with pytest.raises(ImportRefused, match=r"表.csv: nothing was imported, 1 fault:\nrow 2, column region"):
        import_enterprises(furnished.desk, bad)
    with pytest.raises(ImportRefused, match="expected at most 20,000,000 bytes, got more"):
        import_enterprises(furnished.desk, replace(upload, content=b"x" * 20_000_001))


def test_progress_is_shown_for_reading_and_writing(furnished: World) -> None:
    seen = []

    def watch(items: Sequence[Any], doing: str) -> Sequence[Any]:
        seen.append((doing, len(items)))
        return items

    text = table(["gtin", "uscc", "name_zh"], [gtin(2), uscc(), "a"], [gtin(3), uscc(), "b"])
    import_products(furnished.desk, write(furnished, text), watch)
    assert seen == [("reading", 2), ("writing", 2)]


PRINTABLE = st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
NAME = (
    st.text(PRINTABLE, min_size=1, max_size=30)
    .map(str.strip)
    .filter(lambda text: text and "\ufffd" not in text and not text.startswith(("#", "=")))
)
OPTIONAL = st.one_of(st.just(""), NAME)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(st.integers(1, 99_999), st.tuples(NAME, OPTIONAL, OPTIONAL, OPTIONAL, OPTIONAL), min_size=1),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from([",", ";", "\t"]),
)
def test_a_generated_table_lands_as_it_is(
    tmp_path_factory: pytest.TempPathFactory,
    products: dict[int, tuple[str, ...]],
    encoding: str,
    delimiter: str,
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    try:
        world.enterprise()
        output = io.StringIO(newline="")
        writer = csv.writer(output, delimiter=delimiter)
        writer.writerow(PRODUCT_HEADER.split(","))
        writer.writerows([gtin(number).trade, uscc(), *texts] for number, texts in products.items())
        tally = import_products(world.desk, write(world, output.getvalue(), encoding))
        assert tally == Tally(added=len(products))
        columns = "name_zh, name_en, brand, specification, standard"
        landed = world.rows(f"SELECT gtin, {columns} FROM product_version")
        assert {row.pop("gtin"): tuple(row.values()) for row in landed} == {
            gtin(number).digits: texts for number, texts in products.items()
        }
    finally:
        world.close()
