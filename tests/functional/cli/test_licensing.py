"""Marks and licences from the terminal, and what becomes of labels that carry them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.program import Program
from support.world import ASSOCIATION, World, gtin, uscc

TODAY = datetime.now(UTC).date()
UNTIL = TODAY + timedelta(days=90)
REASON = "抽查不合格 / failed a spot check"
DEFINED = (
    *("--organisation", ASSOCIATION, "--prefix", "QM", "--artwork", "quality-month"),
    *("--name-zh", "质量月专用标识", "--name-en", "Quality Month mark"),
    *("--meaning-zh", "企业公开承诺", "--meaning-en", "Pledged in public"),
)


@pytest.fixture
def licensed(program: Program, shop: World) -> dict[str, Any]:
    """A mark, and a licence of a hundred labels."""
    assert program.json("mark", "define", "quality-month", *DEFINED) == {"id": "quality-month", "text_version": 1}
    granted: dict[str, Any] = program.json("licence", "grant", *grant(quota=100))
    return granted


def grant(quota: int) -> tuple[object, ...]:
    days = ("--from", TODAY - timedelta(days=1), "--until", UNTIL)
    return ("--mark", "quality-month", "--uscc", uscc(), "--gtin", gtin(), *days, "--quota", quota)


def write_labels(program: Program, *options: object) -> None:
    result = program.run("batch", "labels", 1, "--format", "pdf", *options)
    assert result.exit_code == 0, result.output


def test_a_mark_from_its_definition_to_the_end(program: Program, licensed: dict[str, Any]) -> None:
    spelled = licensed["licence"]
    assert (licensed["number"], licensed["added"], spelled[:3], spelled[-7:]) == (1, True, "QM-", "-000001")
    assert program.good("licence", "grant", *grant(100)) == f"licence 1 ({spelled}): unchanged, it was granted before\n"
    issued = program.json("batch", "issue", "--gtin", gtin(), "--count", 60, "--mark", 1, "--active")
    assert issued["marks"] == [1]
    assert "at most 40 labels, which are left of its quota of 100, got 41" in program.refused(
        "batch", "issue", "--gtin", gtin(), "--count", 41, "--mark", 1
    )
    path = program.root / "labels.pdf"
    write_labels(program, "--design", "marked", "--last", 9, "-o", path)
    assert path.read_bytes().startswith(b"%PDF")
    text = (
        program.good("batch", "labels", 1, "--format", "csv", "--first", 10, "--last", 10).splitlines()[1].split(",")[0]
    )
    assert f"质量月专用标识 ({spelled}), in-force, until" in program.good("verify", text)

    assert (
        program.good("licence", "suspend", 1, "--reason", REASON)
        == f"licence 1 ({spelled}): suspended, 40 labels left\n"
    )
    told = program.good("verify", text)
    assert f"({spelled}), suspended, until" in told
    assert REASON in told
    (mark,) = program.json("verify", text)["evidence"]["marks"]
    assert (mark["state"], mark["reason"]) == ("suspended", REASON)
    refused = program.refused("batch", "labels", 1, "--format", "pdf", "--design", "marked", "--first", 11, "-o", path)
    assert f"licence {spelled} of mark quality-month is suspended since" in refused
    assert "is suspended since" in program.refused("batch", "proof", 1, "--format", "pdf", "--design", "marked")
    write_labels(program, "--first", 11, "--last", 20, "-o", program.root / "plain.pdf")

    assert program.json("licence", "resume", 1)["state"] == "granted"
    extended = program.json("licence", "extend", 1, "--quota", 500)
    assert (extended["quota"], extended["used"]) == (500, 60)
    assert "expected --until, --quota or both" in program.refused("licence", "extend", 1, code=2)
    assert program.json("licence", "withdraw", 1, "--reason", REASON, "--yes")["state"] == "withdrawn"
    assert "expected it to be suspended, it is withdrawn" in program.refused("licence", "resume", 1)
    assert program.good("check").splitlines()


def test_lists(program: Program, licensed: dict[str, Any]) -> None:
    program.good("batch", "issue", "--gtin", gtin(), "--count", 60, "--mark", 1)
    (mark,) = program.json("mark", "list")
    assert (mark["id"], mark["name_en"]) == ("quality-month", "Quality Month mark")
    assert "质量月专用标识" in program.good("mark", "list")
    for wanted in ((), ("--mark", "quality-month"), ("--state", "granted"), ("--uscc", uscc())):
        (row,) = program.json("licence", "list", *wanted)
        assert (row["number"], row["quota"], row["used"], row["state"]) == (1, 100, 60, "granted")
    assert program.json("licence", "list", "--state", "withdrawn") == []
    assert program.json("licence", "list", "--below", 1) == []
    assert program.good("licence", "list", "--mark", "none") == "there are no licences\n"
    assert "expected the code of an enrolled enterprise, got 'x'" in program.refused("licence", "list", "--uscc", "x")
    shown = program.json("licence", "show", 1)
    assert (shown["gtins"], [batch["number"] for batch in shown["batches"]]) == ([str(gtin())], [1])
    assert "60 of 100" in program.good("licence", "show", 1)
    assert "expected the number of a licence, 9 is none" in program.refused("licence", "show", 9)
    assert program.json("batch", "show", 1)["marks"] == [1]
    assert f"{licensed['licence']} (in-force)" in program.good("batch", "show", 1)


def test_import(program: Program, licensed: dict[str, Any]) -> None:
    path = program.root / "licences.csv"
    header = "mark,uscc,gtins,valid_from,valid_until,quota\n"
    next_year = TODAY.year + 1
    path.write_text(header + f"quality-month,{uscc()},{gtin()},{next_year}-09-01,{next_year}-09-30,700\n")
    assert program.good("licence", "import", path) == "1 added, 0 changed, 0 unchanged\n"
    assert program.json("licence", "import", path) == {"added": 0, "changed": 0, "unchanged": 1}
    path.write_text(header + f"none,{uscc()},{gtin()},{next_year}-09-01,{next_year}-09-30,700\n")
    assert "row 2, column mark: expected the id of a mark that is defined, got 'none'" in program.refused(
        "licence", "import", path
    )
