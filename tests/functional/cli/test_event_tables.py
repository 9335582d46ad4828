"""Events and places from tables, as an operator imports them."""

from __future__ import annotations

import csv

import openpyxl
import pytest
from support.chain import sscc
from support.program import Program
from support.world import World, uscc

KINDS = ("receiving", "production", "packing", "shipping")
HEADER = "what,received_at,place\n"
ROW = f"{sscc(1).key},2025-09-01 08:30,6901234000009\n"


def test_a_template_that_is_filled_in_is_taken(program: Program, shop: World) -> None:
    path = program.root / "receiving.xlsx"
    assert program.good("event", "template", "receiving", "-o", path) == f"written: {path}\n"
    book = openpyxl.load_workbook(path)
    filled = {"货物": sscc(1).key, "收货时间": "2025-09-01 08:30", "地点": "6901234000009"}
    sheet = book.worksheets[0]
    sheet.append([filled.get(str(cell.value).rstrip("*"), "") for cell in sheet[1]])
    book.save(path)
    wanted = {"added": 1, "changed": 0, "unchanged": 0}
    assert program.json("event", "import", "receiving", path, "--dry-run") == {**wanted, "dry_run": True}
    assert program.json("event", "import", "receiving", path) == {**wanted, "dry_run": False}
    assert program.good("event", "import", "receiving", path) == "0 events captured, 1 known already\n"
    assert shop.acts().count("trace.capture") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_header_of_each_kind(program: Program, kind: str) -> None:
    text = program.good("event", "template", kind, "--english")
    (header,) = csv.reader([text.removeprefix("\ufeff").strip()])
    assert [name for name in header if name.endswith("_at*")]


def test_a_template_of_another_form(program: Program) -> None:
    refused = program.run("event", "template", "packing", "-o", program.root / "packing.pdf")
    assert refused.exit_code == 2
    assert "expected a file named .csv or .xlsx, got 'packing.pdf'" in refused.output


def test_who_states_them(program: Program, shop: World) -> None:
    path = program.file("r.csv", HEADER + ROW)
    shop.enterprise(2)
    refused = program.refused("event", "import", "receiving", path)
    assert "expected --enterprise, since 2 enterprises are enrolled" in refused
    refused = program.refused("event", "import", "receiving", path, "--enterprise", uscc(7))
    assert f"expected the code of an enrolled enterprise, got '{uscc(7)}'" in refused
    program.good("event", "import", "receiving", path, "--enterprise", uscc(2))
    assert shop.one("SELECT standing FROM trace_event") == {"standing": "stranger"}


def test_bad_cells_are_named_and_nothing_is_captured(program: Program, shop: World) -> None:
    before = shop.dump()
    path = program.file("r.csv", f"{HEADER}{ROW}{sscc(2).key},2999-01-01,nowhere\n")
    assert program.refused("event", "import", "receiving", path).splitlines() == [
        "traceqr: r.csv: nothing was imported, 2 faults:",
        "row 3, column received_at: expected a date from 2000 to 2199, got '2999-01-01'",
        "row 3, column place: expected the GLN or URI of a place, or the name that the enterprise gave it,"
        " got 'nowhere'",
    ]
    assert shop.dump() == before


def test_places(program: Program, shop: World) -> None:
    text = f"place,uscc,kind,name_zh,region\n6901234000009,{uscc()},工厂,一号茶厂,330100\n"
    path = program.file("l.csv", text)
    dry = program.good("location", "import", path, "--dry-run")
    assert dry == "1 would be added, 0 would be changed, 0 unchanged; nothing was done\n"
    assert program.json("location", "import", path) == {"added": 1, "changed": 0, "unchanged": 0, "dry_run": False}
    assert program.good("location", "import", path) == "0 added, 0 changed, 1 unchanged\n"
    program.file("l.csv", text.replace("一号", "二号"))
    assert program.good("location", "import", path) == "0 added, 1 changed, 0 unchanged\n"
    assert shop.acts().count("location.set") == 2
