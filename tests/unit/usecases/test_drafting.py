"""What scanners give and people type, as things; and deeds as events."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from support.chain import sscc
from support.world import gtin

from traceqr.acting import ActRefused
from traceqr.chain import drafting
from traceqr.chain.drafting import Deed, Draft
from traceqr.tracing.event import EventKind, Part
from traceqr.tracing.thing import Thing

UNIT = sscc(1)
LEAVES = str(gtin(1, "6905555"))
LOT = Thing.lot(LEAVES, "L1")
AT_MS = 1_795_048_200_000
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("line", "thing", "quantity", "unit"),
    [
        (UNIT.key, UNIT, "", ""),
        (f" {UNIT.key} ", UNIT, "", ""),
        (f"(00){UNIT.key}", UNIT, "", ""),
        (f"00{UNIT.key}", UNIT, "", ""),
        (f"]C100{UNIT.key}", UNIT, "", ""),
        (f"https://id.gs1.org/00/{UNIT.key}", UNIT, "", ""),
        (f"{LEAVES} L1", LOT, "", ""),
        (f"{LEAVES[1:]} L1", LOT, "", ""),
        (f"{LEAVES}\tL1\t12.5\tkg", LOT, "12.5", "KGM"),
        (f"{LEAVES} L1 12.5kg", LOT, "12.5", "KGM"),
        (f"{LEAVES},L1,3", LOT, "3", ""),
        (f"{LEAVES} L1 3 千克", LOT, "3", "KGM"),
        (f"{LEAVES} L1 3 XBX", LOT, "3", "XBX"),
        (f"{LEAVES} 20260901", Thing.lot(LEAVES, "20260901"), "", ""),
        (f"(01){LEAVES}(10)L1", LOT, "", ""),
        (f"(01){LEAVES}(10)L1 2 t", LOT, "2", "TNE"),
        (f"01{LEAVES}10L1", LOT, "", ""),
        (f"01{LEAVES}10L1\x1d", LOT, "", ""),
        (f"https://id.gs1.org/01/{LEAVES}/10/L1", LOT, "", ""),
        (f"(01){LEAVES}(21)A1", Thing.item(LEAVES, "A1"), "", ""),
    ],
)
def test_lines(line: str, thing: Thing, quantity: str, unit: str) -> None:
    told = drafting.read_line(line)
    assert (told.thing, told.quantity, told.unit) == (thing, quantity, unit)


@pytest.mark.parametrize(
    ("line", "first", "last"),
    [
        ("0000000100000042", 42, 42),
        ("0000 0001 0000 0042", 42, 42),
        ("0000000100000000-0000000100000009", 0, 9),
        ("0000000100000000 至 0000000100000009", 0, 9),
    ],
)
def test_serials(line: str, first: int, last: int) -> None:
    told = drafting.read_line(line)
    assert told.serial is not None
    assert told.last is not None
    assert (told.serial.batch, told.serial.index, told.last.index) == (1, first, last)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "https://evil.example/00",
        UNIT.key[:-1] + "0",
        f"(00){UNIT.key[:-1]}0",
        f"{LEAVES[:-1]}9 L1",
        "0000000000000042",
        "0000000100000009 - 0000000100000000",
        "0000000100000000 - 0000000200000000",
        f"{LEAVES} L1 3 stones",
        "1" * 5_000,
        "٣٦٩٠١٢٣٤٠٠٠٠٠٠٠٠١٧",
        "\0",
    ],
)
def test_others_are_refused(line: str) -> None:
    with pytest.raises(ActRefused, match="expected"):
        drafting.read_line(line)


def test_blank_lines_are_none_and_a_bad_one_is_named() -> None:
    assert len(drafting.read_lines(f"\n{UNIT.key}\r\n\n{LEAVES} L1\n", "things")) == 2
    with pytest.raises(ActRefused, match="line 3: expected") as caught:
        drafting.read_lines(f"{UNIT.key}\n\nx", "things")
    assert caught.value.field == "things"
    with pytest.raises(ActRefused, match="at most 2,000 lines"):
        drafting.read_lines("x\n" * 2_001, "things")


def test_a_draft_becomes_an_event_with_the_hash_of_what_it_says() -> None:
    draft = Draft(Deed.MAKE, AT_MS, SHANGHAI, things=[(UNIT, "", "")], inputs=[(LOT, "12.5", "KGM")])
    event = drafting.event(draft)
    assert event.kind is EventKind.TRANSFORMATION
    assert (event.at_ms, event.content["eventTimeZoneOffset"]) == (AT_MS, "+08:00")
    assert {item.part: item.quantity for item in event.items} == {Part.INPUT: "12.5", Part.OUTPUT: None}
    assert drafting.event(draft) == event
    later = Draft(Deed.MAKE, AT_MS + 1, SHANGHAI, things=draft.things, inputs=draft.inputs)
    assert drafting.event(later).id != event.id


def test_a_thing_that_was_scanned_twice_is_there_once() -> None:
    event = drafting.event(Draft(Deed.RECEIVE, AT_MS, SHANGHAI, things=[(UNIT, "", "")] * 2))
    assert len(event.items) == 1


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(Deed.SHIP, AT_MS, SHANGHAI), "things"),
        (Draft(Deed.PACK, AT_MS, SHANGHAI, things=[(UNIT, "", "")]), "parent"),
        (Draft(Deed.PACK, AT_MS, SHANGHAI, parent=LOT, things=[(UNIT, "", "")]), "parent"),
        (Draft(Deed.PALLETISE, AT_MS, SHANGHAI, parent=UNIT, things=[(LOT, "", "")]), "things"),
        (Draft(Deed.MAKE, AT_MS, SHANGHAI, things=[(UNIT, "", "")]), "inputs"),
        (Draft(Deed.RECEIVE, AT_MS, SHANGHAI, things=[(UNIT, "3", "")]), "things"),
        (Draft(Deed.RECEIVE, AT_MS, SHANGHAI, things=[(UNIT, "", "")] * 10_001), "things"),
    ],
    ids=range(7),
)
def test_what_lacks_something_is_refused(draft: Draft, field: str) -> None:
    with pytest.raises(ActRefused, match="expected") as caught:
        drafting.event(draft)
    assert caught.value.field == field
