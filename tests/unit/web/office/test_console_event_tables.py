"""Events and places from a table, in an enterprise's console: tried, with every fault named, and captured as tried."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from support.chain import sscc
from support.staff import enterprise_id
from support.workbooks import workbook
from support.world import uscc

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_association_imports import hidden, land, try_out
from traceqr.access import Identity, Role, Scope
from traceqr.importing import events
from traceqr.importing.events import Kind
from traceqr.office.event_tables import EventTable, EventTableOffice
from traceqr.office.house import Denied
from traceqr.office.taking_in import Table
from traceqr.web.door import EXTENSION

PAGES = "/console/events/import"
RECEIVING = f"{PAGES}/receiving"
HEADER = ("what", "received_at", "place", "from")
GLN = "6901234000009"
AT = "2026-08-30 08:30"


def book(*rows: tuple[Any, ...]) -> bytes:
    return workbook([HEADER, *rows])


def case(number: int, **changes: Any) -> tuple[Any, ...]:
    return tuple({"what": sscc(number).key, "at": AT, "place": GLN, "from": uscc(7), **changes}.values())


def captured(offices: Offices) -> int:
    return int(offices.world.base.one("SELECT COUNT(*) AS n FROM trace_event")["n"])


@pytest.fixture
def clerk(offices: Offices) -> Visitor:
    return offices.as_(Role.CLERK)


def test_a_workbook_lands_as_it_was_tried_and_is_known_afterwards(offices: Offices, clerk: Visitor) -> None:
    content = book(case(1), case(2))
    shown = try_out(clerk, RECEIVING, content, "table.xlsx")
    assert shown.status_code == 200, shown.text
    assert "Nothing is wrong with it" in shown.text
    assert captured(offices) == 0
    assert land(clerk, RECEIVING, shown).status_code == 303
    assert "Imported: 2 new, 0 changed, 0 unchanged." in clerk.get(RECEIVING).text
    assert captured(offices) == 2
    row = offices.world.base.one("SELECT enterprise_id FROM trace_event WHERE number = 1")
    assert row == {"enterprise_id": enterprise_id(offices.world.base)}
    assert land(clerk, RECEIVING, try_out(clerk, RECEIVING, content, "table.xlsx")).status_code == 303
    assert captured(offices) == 2


def test_places_land_and_their_names_are_known(offices: Offices, clerk: Visitor) -> None:
    places = f"{PAGES}/locations"
    table = f"地点编码,类型,地点名称,行政区划代码\n{GLN},工厂,一号茶厂,330100\n".encode()
    assert land(clerk, places, try_out(clerk, places, table)).status_code == 303
    assert try_out(clerk, RECEIVING, book(case(1, place="一号茶厂")), "table.xlsx").status_code == 200


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("a time that has come already", "the GLN of a place, or the name", "as the last digit", "not a formula"),
        ),
        ("zh-CN", ("不晚于当前的时间", "地点的 GLN，或本企业已登记的地点名称", "末位应为", "而非公式")),
        ("zh-TW", ("不晚於目前的時間", "地點的 GLN，或本企業已登記的地點名稱", "末位應為", "而非公式")),
    ],
)
def test_each_bad_cell_is_named_and_nothing_lands(
    offices: Offices, clerk: Visitor, language: str, words: tuple[str, ...]
) -> None:
    clerk.language = language
    wrong = f"{sscc(5).key[:-1]}{(int(sscc(5).key[-1]) + 1) % 10}"
    rows = [case(1), case(2, at="2099-01-01"), case(3, place="nowhere"), case(4, what=wrong), case(6, place="=A1")]
    answer = try_out(clerk, RECEIVING, book(*rows), "table.xlsx")
    assert answer.status_code == 422
    for each in words:
        assert each in answer.text, each
    assert captured(offices) == 0


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04xxxx", b"\xd0\xcf\x11\xe0", b"what\n", b"nothing,of,this\n1,2,3\n"]
)
def test_what_is_no_such_table(clerk: Visitor, content: bytes) -> None:
    assert try_out(clerk, RECEIVING, content).status_code == 422


@pytest.mark.parametrize("kind", EventTable)
def test_an_empty_table_of_each_kind(clerk: Visitor, kind: EventTable) -> None:
    """What is filled in under its header is taken, in whichever language it is."""
    assert f"{PAGES}/{kind}.xlsx" in clerk.get(PAGES).text
    assert clerk.get(f"{PAGES}/{kind}").status_code == 200
    for language in ("en", "zh-CN"):
        clerk.language = language
        text = clerk.get(f"{PAGES}/{kind}.csv").data.decode("utf-8-sig")
        sheet = openpyxl.load_workbook(io.BytesIO(clerk.get(f"{PAGES}/{kind}.xlsx").data)).worksheets[0]
        headings = [cell.value for cell in sheet[1]]
        assert text == ",".join(headings) + "\r\n"
        answer = try_out(clerk, f"{PAGES}/{kind}", text.encode())
        assert answer.status_code == 422
        assert ("rows under the header" if language == "en" else "表头") in answer.text
    assert sheet.column_dimensions["A"].number_format == "@"


def test_kinds_that_there_are_not(clerk: Visitor) -> None:
    for path in (f"{PAGES}/nothing", f"{PAGES}/nothing.csv", f"{PAGES}/receiving.exe"):
        assert clerk.get(path).status_code == 404
    assert set(EventTable) == {*map(str, Kind), "locations"}


def test_a_parcel_is_for_the_kind_that_was_tried(offices: Offices, clerk: Visitor) -> None:
    shown = try_out(clerk, RECEIVING, book(case(1)), "table.xlsx")
    data = {"csrf_token": hidden(shown.text, "csrf_token"), "parcel": hidden(shown.text, "parcel"), "step": "land"}
    assert clerk.client.post(f"{PAGES}/packing", data=data).status_code == 422
    assert captured(offices) == 0


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.OFFICER, Role.INSPECTOR])
def test_nobody_else(offices: Offices, role: Role) -> None:
    visitor = offices.as_(role)
    for path in (PAGES, RECEIVING, f"{RECEIVING}.csv"):
        assert visitor.get(path).status_code == 302


def test_a_token_without_the_right(offices: Offices) -> None:
    body, scopes = enterprise_id(offices.world.base), frozenset({Scope.READ})
    identity = Identity("a", Role.CLERK, body, token="t", scopes=scopes)
    desk = EventTableOffice(offices.app.extensions[EXTENSION].house, identity)
    with pytest.raises(Denied):
        desk.take(EventTable.RECEIVING, Table("table.xlsx", book(case(1))), dry_run=False)


def test_tables_are_told_of_without_a_registry() -> None:
    for kind in Kind:
        names = [name for column in events.table(kind).columns for name in (column.name, *column.synonyms)]
        assert len(names) == len(set(names))
