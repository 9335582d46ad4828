"""Imports, claims, campaigns and pledges, as an operator goes through them."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image
from support.program import Program
from support.world import ASSOCIATION, CAMPAIGN, World, gtin, uscc

CAMPAIGN_FILE = f"""
id = "quality-month-2027"
organiser = "{ASSOCIATION}"
year = 2027
name_zh = "质量月"
name_en = "Quality Month"
theme_zh = "诚信"
theme_en = "Good faith"
code = "QM27"
apply_from = 2020-01-01
apply_until = 2198-12-31
valid_from = 2020-01-01
valid_until = 2198-12-31
[[articles.signers]]
zh = "一"
en = "One"
"""


def test_from_tables_to_a_batch(program: Program) -> None:
    program.good("init")
    organisations = program.file("o.csv", f"类型,级别,区划代码,名称\r\n协会,全国,000000,{ASSOCIATION}\r\n", "utf-8-sig")
    assert program.good("organisation", "import", organisations) == "1 added, 0 changed, 0 unchanged\n"
    enterprises = program.file("e.csv", f"信用代码;企业名称;区划代码\r\n{uscc()};茶业;330100\r\n", "gb18030")
    assert program.json("enterprise", "import", enterprises) == {"added": 1, "changed": 0, "unchanged": 0}
    products = program.file("p.csv", f"商品条码\t信用代码\t商品名称\r\n{gtin().trade}\t{uscc()}\t茶\r\n", "utf-16")
    program.good("product", "import", products)

    claims = program.file("c.csv", f"uscc,kind,value,evidence\n{uscc()},prefix,6901234,证书\n")
    (filed,) = program.json("claim", "import", claims)
    assert [claim["id"] for claim in program.json("claim", "list")] == [filed["id"]]
    assert "expected an accepted claim" in program.refused("batch", "issue", "--gtin", gtin(), "--count", 1)
    assert program.good("claim", "accept", filed["id"], "--by", ASSOCIATION).startswith("accepted: ")
    assert program.json("claim", "list") == []
    assert "6901234" in program.good("claim", "list", "--state", "accepted")

    assert "version 1 of its text" in program.good("campaign", "import", program.file("c.toml", CAMPAIGN_FILE))
    pledges = "campaign,uscc,signed_on,valid_from,valid_until\n"
    row = f"quality-month-2027,{uscc()},2020/1/1,2020/1/1,2199/12/31\n"
    program.good("pledge", "import", program.file("pl.csv", pledges + row))
    (pledge,) = program.json("pledge", "list")
    assert (pledge["number"], pledge["state"], pledge["valid_from"]) == (1, "published", "2019-12-31T16:00:00.000Z")
    batch = program.json("batch", "issue", "--gtin", gtin().trade, "--count", 7, "--pledge", 1)
    assert (batch["number"], batch["count"], batch["pledge"], batch["life"]) == (1, 7, 1, "issued")
    assert (batch["first_serial"], batch["last_serial"]) == ("0000000100000000", "0000000100000006")
    assert program.json("batch", "list")[0]["number"] == 1


def test_an_import_with_faults_lands_nothing(program: Program, shop: World) -> None:
    before = shop.dump()
    rows = f"{gtin(2)},{uscc()},茶\n6.9E+12,{uscc()},\n{gtin(3)},{uscc(7)},茶\n"
    path = program.file("p.csv", f"gtin,uscc,name_zh\n{rows}")
    assert program.refused("product", "import", path).splitlines() == [
        "traceqr: p.csv: nothing was imported, 3 faults:",
        "row 3, column gtin: expected a GTIN of 8, 12, 13 or 14 digits, got '6.9E+12'; Excel has shortened a long"
        " number: format the column as text (文本) and enter it anew",
        "row 3, column name_zh: expected a value, got an empty cell",
        f"row 4, column uscc: expected the code of an enrolled enterprise, got '{uscc(7)}'; import enterprises first",
    ]
    assert shop.dump() == before


def test_one_claim(program: Program, shop: World) -> None:
    (filed,) = program.json(
        "claim", "file", "--uscc", uscc(), "--kind", "gtin", "--value", "9506000134352", "--evidence", "证书"
    )
    assert filed["value"] == "09506000134352"
    said = program.good("claim", "refuse", filed["id"], "--by", ASSOCIATION, "--reason", "not theirs")
    assert said == f"refused: {filed['id']}, gtin 09506000134352\n"
    again = program.refused("claim", "accept", filed["id"], "--by", ASSOCIATION)
    assert f"expected a claim that awaits its decision, {filed['id']} is refused" in again


def certificate(program: Program, name: str = "证书.pdf") -> Path:
    """A PDF file of one empty page."""
    path = program.root / name
    Image.new("RGB", (40, 40), "white").save(path, "PDF")
    return path


def test_a_claim_with_certificates(program: Program, shop: World) -> None:
    paper, photo = certificate(program), program.root / "photo.png"
    Image.new("RGB", (40, 40), "green").save(photo)
    claim = ("claim", "file", "--uscc", uscc(), "--kind", "prefix", "--value", 6955555, "--evidence", "x")
    (filed,) = program.json(*claim, "--document", paper, "--document", photo)
    shown = program.json("claim", "show", filed["id"])
    assert [(each["name"], each["media_type"]) for each in shown["documents"]] == [
        ("证书.pdf", "application/pdf"),
        ("photo.jpg", "image/jpeg"),
    ]
    assert (shown["state"], shown["contests"], shown["organisation_zh"]) == ("filed", [], None)
    for each in shown["documents"]:
        assert f"{each['id']} {each['name']}" in program.good("claim", "show", filed["id"])
    out = program.root / "out.pdf"
    program.good("claim", "document", shown["documents"][0]["id"], "-o", out)
    assert out.read_bytes() == paper.read_bytes()
    assert "'none' is none" in program.refused("claim", "document", "none", "-o", program.root / "none.pdf")
    assert "'none' is none" in program.refused("claim", "show", "none")
    assert not (program.root / "none.pdf").exists()
    before = shop.dump()
    bad = program.file("bad.pdf", "MZ")
    assert "bad.pdf: expected a PDF, JPEG or PNG file" in program.refused(
        *claim, "--document", paper, "--document", bad
    )
    assert shop.dump() == before


def test_a_claim_that_contests_another(program: Program, shop: World) -> None:
    """The owner takes a GTIN back; the labels that were printed tell it."""
    (taken,) = program.json("claim", "list", "--state", "accepted")
    batch = shop.issue(5)
    text = shop.label(batch)
    assert f"accepted by {ASSOCIATION}" in program.good("verify", text)
    shop.enterprise(2)
    (filed,) = program.json(
        "claim", "file", "--uscc", uscc(2), "--kind", "gtin", "--value", gtin(), "--evidence", "证书"
    )
    (listed,) = program.json("claim", "list")
    assert listed["contests"] == [taken["id"]]
    assert taken["id"] in program.good("claim", "list")
    assert taken["id"] in program.good("claim", "show", filed["id"])
    accept = ("claim", "accept", filed["id"], "--by", ASSOCIATION)
    assert "is accepted for another enterprise" in program.refused(*accept)
    assert "expected a reason" in program.refused(*accept, "--instead-of", taken["id"])
    said = program.good(*accept, "--instead-of", taken["id"], "--reason", "papers were forged")
    assert said == f"accepted: {filed['id']}, gtin {gtin()}\n"
    assert "papers were forged" in program.good("claim", "show", taken["id"])
    assert [row["id"] for row in program.json("claim", "list", "--state", "revoked")] == [taken["id"]]
    verified = program.good("verify", text)
    assert re.search(rf"gtin right +REVOKED 20.* by {ASSOCIATION}; another enterprise holds it now", verified)
    assert program.json("verify", "--json", text)["evidence"]["enterprise"]["right_revoked"]["held_by_another"] is True
    refused = program.refused("batch", "labels", 1, "--format", "csv", "-o", program.root / "l.csv")
    assert "expected an accepted claim to GTIN" in refused


def test_a_claim_is_revoked(program: Program, shop: World) -> None:
    (held,) = program.json("claim", "list", "--state", "accepted")
    revoke = ("claim", "revoke", held["id"], "--by", ASSOCIATION, "--reason", "the prefix has lapsed")
    assert "expected --yes" in program.refused(*revoke, code=2)
    assert program.good(*revoke, "--yes") == f"revoked: {held['id']}, prefix 6901234\n"
    assert "expected an accepted claim" in program.refused("batch", "issue", "--gtin", gtin(), "--count", 1)
    assert f"{held['id']} is revoked" in program.refused(*revoke, "--yes")


def test_who_may_decide_is_named(program: Program, shop: World) -> None:
    (filed,) = program.json(
        "claim", "file", "--uscc", uscc(), "--kind", "prefix", "--value", 6955555, "--evidence", "x"
    )
    said = program.refused("claim", "accept", filed["id"], "--by", "质量协会")
    assert said.endswith(f"enrolled organisation, got '质量协会'; enrolled: '{ASSOCIATION}'\n")


def test_lists(program: Program, shop: World) -> None:
    shop.enterprise(2, sector="")
    shop.product(2, enterprise=2, prefix="6907777")
    (organisation,) = program.json("organisation", "list")
    assert {**organisation, "id": ""} == {
        "id": "",
        "kind": "association",
        "level": "national",
        "region": "000000",
        "name_zh": ASSOCIATION,
        "name_en": "Quality Association",
    }
    assert ASSOCIATION in program.good("organisation", "list")
    enterprises = program.json("enterprise", "list")
    assert [each["uscc"] for each in enterprises] == [uscc(1), uscc(2)]
    assert set(enterprises[0]) == {
        "id", "uscc", "name_zh", "name_en", "region", "sector", "service_phone",
    }, "no contact: it is personal data"  # fmt: skip
    lines = program.good("enterprise", "list").splitlines()
    assert (len(lines), lines[2].split()) == (3, [uscc(2), "第2茶业有限公司", "310000", "400-000-0000"])
    assert "000-0000-0001" not in "".join(lines)
    shop.product(name_zh="红茶")
    products = program.json("product", "list")
    assert [(each["gtin"], each["version"]) for each in products] == [
        (gtin(1).digits, 2),
        (gtin(2, "6907777").digits, 1),
    ]
    assert (products[0]["name_zh"], products[0]["uscc"], products[0]["enterprise_zh"], products[0]["picture"]) == (
        "红茶",
        uscc(1),
        "第1茶业有限公司",
        None,
    )
    assert "红茶" in program.good("product", "list")


def test_claims_from_an_operators_table(program: Program, shop: World) -> None:
    header = "税号,类型,代码,证书编号\n"
    rows = f"{uscc()},条形码,{gtin(5).trade},A-1\n{uscc()},商品条码,{gtin(6).trade},A-2\n"
    filed = program.json("claim", "import", program.file("c.csv", header + rows))
    assert [(each["kind"], each["value"]) for each in filed] == [("gtin", gtin(5).digits), ("gtin", gtin(6).digits)]
    faults = program.refused("claim", "import", program.file("c.csv", f"{header}{uscc()},prefix,６９５５５５５,A-3\n"))
    assert (
        "row 2, column value (代码): expected digits, got '６９５５５５５'; it has digits or letters of full" in faults
    )


def test_headers_are_explained_in_chinese(program: Program, shop: World) -> None:
    said = program.refused("product", "import", program.file("p.csv", "品名,售价\n茶,9\n"))
    assert "row 1: expected columns among gtin (商品条码), uscc (统一社会信用代码), name_zh (商品名称)," in said
    assert "row 1: expected the columns gtin (商品条码), uscc (统一社会信用代码) too, found none of that name" in said
    text = f"商品条形码,税号,品名,规格型号\n{gtin(7).trade},{uscc()},茶,250 g\n"
    assert program.json("product", "import", program.file("p.csv", text)) == {"added": 1, "changed": 0, "unchanged": 0}


def test_claims_that_are_refused(program: Program, shop: World) -> None:
    claim = ("claim", "file", "--uscc", uscc(), "--evidence", "x", "--kind")
    assert "expected check digit" in program.refused(*claim, "gtin", "--value", "6901234567893")
    assert "expected a GS1 company prefix" in program.refused(*claim, "prefix", "--value", "69")
    assert "expected the id of a claim, 'none' is none" in program.refused("claim", "accept", "none", "--by", "x")


def test_withdrawing_a_pledge(program: Program, shop: World) -> None:
    assert program.good("pledge", "withdraw", 1, "--reason", "breach", "--yes") == "withdrawn: pledge 1\n"
    withdraw = ("pledge", "withdraw", "--reason", "breach", "--yes")
    assert "signed or published, it is withdrawn" in program.refused(*withdraw, 1)
    assert "expected the number of a pledge" in program.refused(*withdraw, 9)
    assert CAMPAIGN in program.good("pledge", "list")
    assert "withdrawn" in program.good("pledge", "list")


def test_the_operator_is_the_actor(program: Program, shop: World) -> None:
    program.good("pledge", "withdraw", 1, "--reason", "breach", "--yes")
    last = program.good("ledger", "list", "--json").splitlines()[-1]
    assert '"act": "pledge.withdraw", "actor": "operator"' in last
