"""Events from tables: what they become, whole or not at all, and every bad cell named."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from support.chain import sscc
from support.chain_scenarios import GLN, location
from support.staff import enterprise_id
from support.workbooks import workbook
from support.world import World, gtin, uscc

from traceqr.chain import arranging, following
from traceqr.chain.capturing import MAX_EVENTS
from traceqr.enrolling import Tally
from traceqr.importing.decoding import Upload
from traceqr.importing.events import Kind, import_events
from traceqr.importing.fault import ImportRefused
from traceqr.registry import trace_items
from traceqr.tracing.thing import Thing

LEAVES = gtin(1, "6905555")
LOT = Thing.lot(str(LEAVES), "春茶 01")
CASES = [str(sscc(number).key) for number in range(1, 5)]
TEA = str(gtin(1))

RECEIVING = ("what", "lot", "quantity", "unit", "received_at", "from", "place", "document")
PRODUCTION = ("output", "lot", "quantity", "unit", "inputs", "made_at", "place", "order")
PACKING = ("case", "labels", "packed_at", "place")
SHIPPING = ("what", "lot", "quantity", "unit", "shipped_at", "from", "to", "document")
AT = "2026-08-30 08:30"


@pytest.fixture
def firm(furnished: World) -> World:
    """An enterprise with a place that has a name, and 100 labels."""
    arranging.set_locations(furnished.desk, [location(furnished)])
    furnished.issue(100)
    return furnished


def text(*rows: Sequence[object]) -> bytes:
    output = io.StringIO(newline="")
    csv.writer(output).writerows(rows)
    return output.getvalue().encode()


def take(world: World, kind: Kind, content: bytes, *, dry_run: bool = False, by: int = 1) -> Tally:
    return import_events(world.desk, Upload("t", content), kind, enterprise_id(world, by), dry_run=dry_run)


def faults(world: World, kind: Kind, *rows: Sequence[object]) -> list[str]:
    """What is wrong with a table, after checking that nothing of it is there."""
    before = world.dump()
    with pytest.raises(ImportRefused) as refused:
        take(world, kind, text(*rows))
    assert world.dump() == before
    return list(map(str, refused.value.faults))


def told(world: World) -> list[dict[str, Any]]:
    names = "kind, action, step, disposition, read_point, location, at_ms, event_id, standing"
    return [dict(row) for row in world.rows(f"SELECT {names} FROM trace_event ORDER BY number")]


def items(world: World) -> list[tuple[Any, ...]]:
    numbers = [row["number"] for row in world.rows("SELECT number FROM trace_event ORDER BY number")]
    with world.database.snapshot() as reader:
        found = trace_items.of_events(reader, numbers)
    return [
        (each.part, each.run.line, each.run.first, each.run.last, each.quantity, each.unit)
        for number in numbers
        for each in found[number]
    ]


def mentions(world: World) -> list[tuple[str, str, str]]:
    rows = world.rows("SELECT kind, type, value FROM trace_mention ORDER BY event_number, kind, type, value")
    return [tuple(row.values()) for row in rows]  # type: ignore[misc]


# --- each kind


def test_received(firm: World) -> None:
    rows = [
        ("货物", "批号", "数量", "单位", "收货时间", "供应商", "仓库", "送货单号"),
        (LEAVES.trade, LOT.qualifier, "1,200.50", "公斤", "2026/8/30 8:30", uscc(7), "一号茶厂", "DN 1"),
        (LEAVES.trade, "L2", "3", "件", "2026/8/30 8:30", uscc(7), GLN[4:], "DN 1"),
        (CASES[0], "", "", "", "2026-08-30T00:30:00Z", "", GLN[4:], ""),
    ]
    assert take(firm, Kind.RECEIVING, text(*rows)) == Tally(added=2)
    first, second = told(firm)
    at_ms = int(dt.datetime(2026, 8, 30, 0, 30, tzinfo=dt.UTC).timestamp()) * 1000
    assert first["event_id"].startswith("ni:///sha-256;")
    assert {**first, "event_id": ""} == {
        "kind": "object",
        "action": "observe",
        "step": "receiving",
        "disposition": "in_progress",
        "read_point": GLN,
        "location": GLN,
        "at_ms": at_ms,
        "event_id": "",
        "standing": "owner",
    }
    assert second["at_ms"] == at_ms
    assert items(firm) == [
        ("object", f"10/{LEAVES}/L2", 0, 0, "3", ""),
        ("object", str(LOT), 0, 0, "1200.5", "KGM"),
        ("object", sscc(1).line, 1, 1, None, ""),
    ]
    assert mentions(firm) == [
        ("source", "possessing_party", f"urn:x-traceqr:uscc:{uscc(7)}"),
        ("transaction", "desadv", f"urn:x-traceqr:document:{uscc(7)}:DN%201"),
    ]
    content = json.loads(firm.rows("SELECT content FROM trace_event ORDER BY number")[0]["content"])
    assert content == {"eventTime": "2026-08-30T08:30:00.000+08:00", "eventTimeZoneOffset": "+08:00"}


def test_made(firm: World) -> None:
    """Rows of one order are one event; what is in several of them is added up."""
    rows = [
        PRODUCTION,
        ("0000000100000000-0000000100000009", "", "", "", f"{LEAVES}/{LOT.qualifier} * 12.5 kg", AT, GLN, "MO-7"),
        ("0000000100000010", "", "", "", f"{LEAVES}/{LOT.qualifier} × 2.5 kg; {CASES[0]}", AT, GLN, "MO-7"),
        (TEA, "T1", "20", "", "", AT, GLN, "MO-7"),
        (TEA, "T2", "20", "", f"{LEAVES}/L2", AT, GLN, ""),
        (TEA, "T3", "20", "", f"{LEAVES}/L2", AT, GLN, ""),
    ]
    assert take(firm, Kind.PRODUCTION, text(*rows)) == Tally(added=3)
    assert [(row["kind"], row["step"]) for row in told(firm)] == [("transformation", "commissioning")] * 3
    assert items(firm)[:5] == [
        ("input", sscc(1).line, 1, 1, None, ""),
        ("output", f"21/{TEA}/00000001########", 0, 10, None, ""),
        ("input", str(LOT), 0, 0, "15", "KGM"),
        ("output", f"10/{TEA}/T1", 0, 0, "20", ""),
        ("input", f"10/{LEAVES}/L2", 0, 0, None, ""),
    ]
    assert mentions(firm) == [("transaction", "prodorder", f"urn:x-traceqr:document:{uscc(1)}:MO-7")]


def test_packed(firm: World) -> None:
    rows = [
        ("箱码", "标签", "装箱时间", "地点"),
        (CASES[0], "0000000100000000 至 0000000100000011", AT, "Tea Factory 1"),
        (CASES[0], f"0000000100000012\n{firm.text(1, 30)}", AT, "Tea Factory 1"),
        (CASES[1], f"https://id.gs1.org/01/{TEA}/21/0000000100000040, {CASES[2]}～{CASES[3]}", AT, GLN),
    ]
    assert take(firm, Kind.PACKING, text(*rows)) == Tally(added=2)
    assert items(firm) == [
        ("parent", sscc(1).line, 1, 1, None, ""),
        ("child", f"21/{TEA}/00000001########", 0, 12, None, ""),
        ("child", f"21/{TEA}/00000001########", 30, 30, None, ""),
        ("parent", sscc(1).line, 2, 2, None, ""),
        ("child", sscc(1).line, 3, 4, None, ""),
        ("child", f"21/{TEA}/00000001########", 40, 40, None, ""),
    ]
    with firm.database.snapshot() as reader:
        assert following.history(reader, Thing.label(TEA, 1, 5))


def test_shipped(firm: World) -> None:
    firm.enterprise(2)
    rows = [
        SHIPPING,
        (f"{CASES[0]}..{CASES[3]}", "", "", "", AT, "一号茶厂", uscc(2), "DN-9"),
        (TEA, "T1", "20", "", AT, uscc(1), "https://example.com/shop", ""),
    ]
    assert take(firm, Kind.SHIPPING, text(*rows)) == Tally(added=2)
    assert [(row["step"], row["disposition"], row["read_point"], row["location"]) for row in told(firm)] == [
        ("shipping", "in_transit", GLN, ""),
        ("shipping", "in_transit", "", ""),
    ]
    assert items(firm)[0] == ("object", sscc(1).line, 1, 4, None, "")
    assert mentions(firm) == [
        ("destination", "possessing_party", f"urn:x-traceqr:uscc:{uscc(2)}"),
        ("source", "location", GLN),
        ("transaction", "desadv", f"urn:x-traceqr:document:{uscc(1)}:DN-9"),
        ("destination", "location", "https://example.com/shop"),
        ("source", "possessing_party", f"urn:x-traceqr:uscc:{uscc(1)}"),
    ]


# --- once, whole, and tried


def test_the_same_table_again_is_known_in_whichever_form(firm: World) -> None:
    rows = [PACKING, (CASES[0], "0000000100000000-0000000100000003", AT, GLN), (CASES[1], "0000000100000004", AT, GLN)]
    assert take(firm, Kind.PACKING, text(*rows)) == Tally(added=2)
    before = firm.dump()
    assert take(firm, Kind.PACKING, text(*rows)) == Tally(unchanged=2)
    turned = [PACKING, rows[2], (CASES[0], "0000000100000002..0000000100000003", "2026/8/30 8:30:00", GLN[4:])]
    turned += [(CASES[0], "0000000100000000 0000000100000001", AT, "一号茶厂")]
    assert take(firm, Kind.PACKING, text(*turned)) == Tally(unchanged=2)
    as_dates = [(*row[:2], dt.datetime.fromisoformat("2026-08-30T08:30"), row[3]) for row in rows[1:]]
    assert take(firm, Kind.PACKING, workbook([PACKING, *as_dates])) == Tally(unchanged=2)
    in_days = [(*row[:2], 46264 + 8.5 / 24, row[3]) for row in rows[1:]]
    assert take(firm, Kind.PACKING, workbook([PACKING, *in_days])) == Tally(unchanged=2)
    assert firm.dump() == before


def test_a_dry_run_leaves_nothing(firm: World) -> None:
    rows = [PACKING, (CASES[0], "0000000100000000", AT, GLN)]
    before = firm.dump()
    assert take(firm, Kind.PACKING, text(*rows), dry_run=True) == Tally(added=1)
    assert firm.dump() == before
    take(firm, Kind.PACKING, text(*rows))
    assert take(firm, Kind.PACKING, text(*rows), dry_run=True) == Tally(unchanged=1)


def test_as_many_rows_as_one_capture_takes(firm: World) -> None:
    rows = [RECEIVING, *[(str(sscc(n).key), "", "", "", AT, "", GLN, "") for n in range(MAX_EVENTS + 1)]]
    assert faults(firm, Kind.RECEIVING, *rows) == ["expected at most 2,000 rows under the header, got more"]
    assert take(firm, Kind.RECEIVING, text(*rows[:-1])) == Tally(added=MAX_EVENTS)


# --- bad cells


GOOD = {
    Kind.RECEIVING: dict(zip(RECEIVING, (LEAVES.trade, "L1", "5", "kg", AT, uscc(7), GLN, "DN-1"), strict=True)),
    Kind.PRODUCTION: dict(zip(PRODUCTION, (TEA, "T1", "5", "", f"{LEAVES}/L1", AT, GLN, "MO-1"), strict=True)),
    Kind.PACKING: dict(zip(PACKING, (CASES[0], "0000000100000000", AT, GLN), strict=True)),
    Kind.SHIPPING: dict(zip(SHIPPING, (CASES[0], "", "", "", AT, GLN, uscc(7), ""), strict=True)),
}

BAD: tuple[tuple[Kind, str, str, str], ...] = (
    (Kind.RECEIVING, "what", "6905555000020", "expected check digit"),
    (Kind.RECEIVING, "what", CASES[0][:-1] + "0", "expected check digit"),
    (Kind.RECEIVING, "what", "3.7E+17", "expected a URI of at most 512 characters, got '3.7E+17'"),
    (Kind.RECEIVING, "what", "", "expected a value, got an empty cell"),
    (Kind.RECEIVING, "what", ";", "expected things, got ';'"),
    (Kind.RECEIVING, "lot", "L" * 65, "expected a lot of 1 to 64 printable characters"),
    (Kind.RECEIVING, "quantity", "", "expected a quantity beside a GTIN, got an empty cell"),
    (Kind.RECEIVING, "quantity", "0", "expected a quantity above 0"),
    (Kind.RECEIVING, "quantity", "-5", "expected a quantity above 0"),
    (Kind.RECEIVING, "quantity", "1,5", "expected a quantity above 0"),
    (Kind.RECEIVING, "quantity", "1234567890123456", "expected a quantity above 0, such as 120 or 12.5, of 15 digits"),
    (Kind.RECEIVING, "unit", "担", "expected a unit such as kg, L, 件 or a code of UN/ECE Recommendation 20, got '担'"),
    (Kind.RECEIVING, "received_at", "30.08.2026", "expected an instant such as 2026-09-01 08:30"),
    (Kind.RECEIVING, "received_at", "2026-02-30 08:00", "expected a day of the calendar and a time of the clock"),
    (Kind.RECEIVING, "received_at", "2026-08-30 25:00", "expected a day of the calendar and a time of the clock"),
    (Kind.RECEIVING, "received_at", "2026-08-30 08:00+99:00", "expected an offset such as +08:00"),
    (Kind.RECEIVING, "received_at", "1999-08-30", "expected a date from 2000 to 2199"),
    (Kind.RECEIVING, "received_at", "999999", "expected a date from 2000 to 2199"),
    (Kind.RECEIVING, "received_at", "2026-09-02", "expected an instant that has been, got '2026-09-02'"),
    (Kind.RECEIVING, "from", f"{uscc(7)[:-1]}*", "expected the GLN or URI of a place, or the name"),
    (Kind.RECEIVING, "from", uscc(7)[:-1] + ("1" if uscc(7)[-1] != "1" else "2"), "expected check character"),
    (
        Kind.RECEIVING,
        "place",
        "二号茶厂",
        "expected the GLN or URI of a place, or the name that the enterprise gave it",
    ),
    (Kind.RECEIVING, "place", "6901234000000", "expected check digit 9 at the end of GLN '6901234000000', got 0"),
    (Kind.RECEIVING, "place", "https://id.gs1.org/417/6901234000009", "expected a place, got"),
    (Kind.RECEIVING, "document", "9" * 81, "expected the number of a document of at most 80 characters"),
    (Kind.RECEIVING, "document", "urn:a b", "expected a URI of at most 512 characters, got 'urn:a b'"),
    (Kind.PRODUCTION, "output", "0000000100000100", "expected a label that was issued, got '0000000100000100'"),
    (Kind.PRODUCTION, "output", "0000000900000000", "expected a label that was issued, got '0000000900000000'"),
    (Kind.PRODUCTION, "inputs", f"{LEAVES}/L1 * 1.5", "expected a whole number where pieces are counted"),
    (Kind.PRODUCTION, "inputs", f"{LEAVES}/L1 * 0 kg", "expected a quantity above 0"),
    (Kind.PRODUCTION, "inputs", f"{LEAVES}/L1 * 5 kg; {LEAVES}/L1 * 5 g", "with a quantity in one unit"),
    (Kind.PRODUCTION, "inputs", f"{TEA}/T1", "expected things as input or as output of an event"),
    (Kind.PRODUCTION, "inputs", "", "expected inputs in a row of the same order, time and place, found none"),
    (Kind.PACKING, "case", "0000000100000000", "expected an SSCC of 18 digits, got '0000000100000000'"),
    (Kind.PACKING, "case", "", "expected a value, got an empty cell"),
    (Kind.PACKING, "labels", f"https://id.gs1.org/01/{TEA}/10/T1", "expected labels or logistic units (SSCC), got"),
    (Kind.PACKING, "labels", "100000000", "expected a serial of 16 digits, got '100000000'; Excel drops zeros"),
    (Kind.PACKING, "labels", "0000000100000009-0000000100000001", "expected a range from a lower to a higher number"),
    (Kind.PACKING, "labels", f"0000000100000001~{CASES[1]}", "expected a range from a lower to a higher number"),
    (Kind.PACKING, "labels", "0000000100000001-0000000100000003 0000000100000002", "expected each thing once"),
    (Kind.PACKING, "labels", "https://x/01/1/21/1?s=1", "expected"),
    (Kind.PACKING, "labels", CASES[0], "expected things as parent or as child of an event"),
    (Kind.SHIPPING, "what", f"{CASES[0]}~{sscc(20_000).key}", "expected at most 10,000 logistic units in a range"),
    (Kind.SHIPPING, "quantity", "5", "expected an empty cell beside all but a single GTIN, got '5'"),
    (Kind.SHIPPING, "to", "", "expected a value, got an empty cell"),
)


@pytest.mark.parametrize(
    ("kind", "column", "cell", "message"), BAD, ids=[f"{row[0]}-{row[1]}-{row[2][:30]}" for row in BAD]
)
def test_a_bad_cell_is_named(firm: World, kind: Kind, column: str, cell: str, message: str) -> None:
    good = GOOD[kind]
    (fault,) = faults(firm, kind, tuple(good), tuple({**good, column: cell}.values()))
    shown = "output" if message.startswith("expected things as input") else column
    assert fault.startswith(f"row 2, column {shown}: ")
    assert message in fault


def test_all_that_is_wrong_is_named_at_once(firm: World) -> None:
    """What the registry says of good rows, too; and nothing that follows from a row that could not be read."""
    firm.enterprise(2)
    other = str(gtin(7, "6906666"))
    firm.product(7, enterprise=2, prefix="6906666")
    good = GOOD[Kind.PRODUCTION]
    rows = [
        {**good, "made_at": "soon", "order": "A"},
        {**good, "inputs": "", "order": "A"},
        {**good, "output": other, "order": "B"},
        {**good, "place": "", "order": "C"},
    ]
    assert faults(firm, Kind.PRODUCTION, tuple(good), *(tuple(row.values()) for row in rows)) == [
        "row 2, column made_at: expected an instant such as 2026-09-01 08:30 or 2026/9/1, got 'soon'",
        f"row 4, column output: expected things of the enterprise's own in what it makes, got 10/{other}/T1, another's",
        "row 5, column place: expected a value, got an empty cell",
    ]


def test_an_empty_row_of_an_order(firm: World) -> None:
    good = {**GOOD[Kind.PRODUCTION], "output": "", "lot": "", "quantity": "", "inputs": ""}
    assert faults(firm, Kind.PRODUCTION, tuple(good), tuple(good.values())) == [
        "row 2, column output: expected what was made, or what it was made of, got two empty cells"
    ]


def test_a_name_of_two_places(firm: World) -> None:
    arranging.set_locations(firm.desk, [location(firm, "uri/https://example.com/2")])
    good = GOOD[Kind.PACKING]
    assert faults(firm, Kind.PACKING, tuple(good), tuple({**good, "place": "一号茶厂"}.values())) == [
        "row 2, column place: expected the name of one place, '一号茶厂' is that of 2: tell its GLN"
    ]


def test_places_of_others_have_no_names(firm: World) -> None:
    firm.enterprise(2)
    with pytest.raises(ImportRefused, match="or the name that the enterprise gave it"):
        take(firm, Kind.PACKING, text(PACKING, (CASES[0], "0000000100000000", AT, "一号茶厂")), by=2)


def test_what_is_unlike_a_table(firm: World) -> None:
    assert faults(firm, Kind.PACKING, PACKING) == ["expected rows under the header, got none"]
    (fault,) = faults(firm, Kind.PACKING, ("case", "labels"), ("1", "2"))
    assert fault.startswith("row 1: expected the columns packed_at (装箱时间), place (地点) too")


def test_many_things_are_bounded(firm: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("traceqr.importing.events.MAX_THINGS", 9)
    row = (CASES[0], "0000000100000000-0000000100000004", AT, GLN)
    rows = [PACKING, row, (CASES[1], "0000000100000005-0000000100000009", *row[2:])]
    assert faults(firm, Kind.PACKING, *rows) == ["row 3: expected at most 9 things in a file, got more"]
