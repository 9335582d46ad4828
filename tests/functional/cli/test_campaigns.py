"""A season, as an operator plays it on the command line."""

from __future__ import annotations

from pathlib import Path

from support.program import Program
from support.world import ASSOCIATION, CAMPAIGN, World, uscc

EDITION = f"""
id = "season-2026"
code = "SE2026"
organiser = "{ASSOCIATION}"
year = 2026
name_zh = "质量月"
name_en = "Quality Month"
theme_zh = "诚信"
theme_en = "Good faith"
apply_from = 2020-01-01
apply_until = 2198-12-31
valid_from = 2020-01-01
valid_until = 2198-12-31

[[articles.signers]]
zh = "一"
en = "One"
[[articles.society]]
zh = "二"
en = "Two"
"""
HEADER = "信用代码,企业名称,区划代码,行业\n"


def test_a_season(program: Program, shop: World) -> None:
    assert "version 1 of its text" in program.good("campaign", "import", program.file("season.toml", EDITION))
    assert [each["id"] for each in program.json("campaign", "list")] == [CAMPAIGN, "season-2026"]
    assert "SE2026" in program.good("campaign", "list")
    table = program.file("p.csv", HEADER + "".join(f"{uscc(n)},企业{n},{n}30106,食品\n" for n in (3, 4)))
    take = ("participant", "import", table, "--campaign", "season-2026")
    assert program.good(*take, "--dry-run") == "2 would be added, 0 would be changed, 0 unchanged; nothing was done\n"
    assert program.json("pledge", "queue", "season-2026") == []
    assert program.good(*take) == "2 added, 0 changed, 0 unchanged\n"
    assert program.json(*take) == {"added": 0, "changed": 0, "unchanged": 2, "dry_run": False}

    (first,) = program.json("pledge", "queue", "season-2026", "--region", "330000")
    number = first["number"]
    assert "430106" in program.good("pledge", "queue", "season-2026", "--after", f"330106:{number}", "--most", 1)
    assert f"there may be more: --after 330106:{number}" in program.good("pledge", "queue", "season-2026", "--most", 1)
    assert program.good("pledge", "ask", number, "--text", "问") == f"returned: pledge {number}\n"
    assert program.good("pledge", "answer", number, "--text", "答") == f"applied: pledge {number}\n"
    accepted = f"accepted: pledge {number}\naccepted: pledge {number + 1}\n"
    assert program.good("pledge", "accept", number, number + 1) == accepted
    shown = program.json("campaign", "show", "season-2026")
    assert [article["group"] for article in shown["articles"]] == ["signers", "society"]
    sign = ("pledge", "sign", number, "--name", "李诚", "--title", "总经理", "--digest")
    assert "the text has changed since" in program.refused(*sign, "ab")
    assert program.good(*sign, shown["text_digest"]) == f"signed: pledge {number}\n"
    assert program.good("pledge", "publish", number) == f"published: pledge {number}\n"
    assert "expected it to be signed, it is accepted" in program.refused("pledge", "publish", number + 1)

    said = program.good("pledge", "breach", number, "--text", "抽检不合格", "--yes")
    assert said.startswith(f"breached: pledge {number}, by finding ")
    finding = said.split()[-1]
    assert program.good("pledge", "reply", number, "--text", "已整改") == f"replied: to finding {finding}\n"
    told = program.json("pledge", "show", number)
    assert (told["state"], told["certificate"][:16], told["signatures"][0]["name"]) == (
        "breached",
        f"SE2026-{number:08d}-",
        "李诚",
    )
    assert [note["kind"] for note in told["notes"]] == ["question", "answer"]
    text = program.good("pledge", "show", told["certificate"].lower())
    for words in ("李诚, 总经理", "抽检不合格", "已整改", "season-2026", told["certificate"]):
        assert words in text
    assert "expected --yes" in program.refused("pledge", "breach", number, "--text", "x", code=2)
    cleared = program.good("pledge", "clear", number, "--reason", "复检合格", "--finding", finding)
    assert cleared == f"cleared: finding {finding}; pledge {number} is published\n"
    board = program.good("campaign", "show", "season-2026")
    for words in ("food", "330000", "430000", "accepted", "published"):
        assert words in board


def test_refusals(program: Program, shop: World) -> None:
    assert "expected the id of an open campaign" in program.refused("campaign", "show", "none")
    assert "expected the id of an open campaign" in program.refused("pledge", "queue", "none")
    assert "expected a region of 6 digits" in program.refused("campaign", "show", CAMPAIGN, "--region", "33")
    assert "expected a region of 6 digits" in program.refused("pledge", "queue", CAMPAIGN, "--region", "x")
    assert "expected a place such as 330106:27" in program.refused("pledge", "queue", CAMPAIGN, "--after", "x")
    assert "9 is none" in program.refused("pledge", "show", 9)
    assert "is none" in program.refused("pledge", "show", "9" * 4_000)
    assert "one of its characters is mistyped" in program.refused("pledge", "show", "QM2026-00000001-A")
    assert "expected a certificate number" in program.refused("pledge", "show", "x")
    assert "has pledge 1" in program.refused("pledge", "apply", CAMPAIGN, "--uscc", uscc())
    bad = program.file("p.csv", HEADER + f"{uscc(3)},企业,330106,茶\n")
    told = program.refused("participant", "import", bad, "--campaign", CAMPAIGN, "--dry-run")
    assert "nothing was imported, 1 fault" in told
    assert "row 2, column sector (行业)" in told


def test_a_certificate_of_another_edition(program: Program, shop: World) -> None:
    own = program.json("pledge", "show", 1)["certificate"]
    assert own.startswith("QM2026-00000001-")
    assert program.json("pledge", "show", own)["number"] == 1
    assert "expected the number of a certificate" in program.refused("pledge", "show", "QM2025-00000001-S")


def test_the_certificate_of_a_pledge_as_a_file(program: Program, shop: World, tmp_path: Path) -> None:
    file = tmp_path / "certificate.pdf"
    program.good("pledge", "certificate", 1, "-o", file)
    assert file.read_bytes().startswith(b"%PDF-")
    program.good("pledge", "breach", 1, "--text", "抽检不合格", "--yes")
    again = program.refused("pledge", "certificate", 1, "-o", tmp_path / "none.pdf")
    assert "expected a published pledge, 1 is breached" in again
