"""Places from a table: whole or not at all, each its enterprise's own."""

from __future__ import annotations

import pytest
from support.chain_scenarios import GLN
from support.staff import enterprise_id
from support.workbooks import workbook
from support.world import World, uscc

from traceqr.checking.whole import check
from traceqr.enrolling import Tally
from traceqr.importing.decoding import Upload
from traceqr.importing.fault import ImportRefused
from traceqr.importing.locations import import_locations
from traceqr.registry import locations

HEADER = ("地点编码", "信用代码", "类型", "名称", "英文名称", "区划代码", "地址")
FACTORY = (GLN[4:], uscc(1), "工厂", "一号茶厂", "Tea factory 1", "330100", "示例路 1 号")
GARDEN = ("https://example.com/garden", uscc(1), "farm", "茶园", "", "330106", "")


def take(world: World, *rows: tuple[str, ...], dry_run: bool = False, own: str = "") -> Tally:
    return import_locations(world.desk, Upload("t", workbook([HEADER, *rows])), dry_run=dry_run, own=own)


def faults(world: World, *rows: tuple[str, ...], own: str = "") -> list[str]:
    before = world.dump()
    with pytest.raises(ImportRefused) as refused:
        take(world, *rows, own=own)
    assert world.dump() == before
    return list(map(str, refused.value.faults))


def test_added_changed_and_left_alone(furnished: World) -> None:
    before = furnished.dump()
    assert take(furnished, FACTORY, GARDEN, dry_run=True) == Tally(added=2)
    assert furnished.dump() == before
    assert take(furnished, FACTORY, GARDEN) == Tally(added=2)
    with furnished.database.snapshot() as reader:
        found = locations.of_enterprise(reader, enterprise_id(furnished))
    assert {each.key: (each.kind, each.name_zh, each.name_en) for each in found} == {
        GLN: ("factory", "一号茶厂", "Tea factory 1"),
        "uri/https://example.com/garden": ("farm", "茶园", ""),
    }
    before = furnished.dump()
    assert take(furnished, FACTORY, GARDEN) == Tally(unchanged=2)
    assert furnished.dump() == before
    assert take(furnished, (*FACTORY[:3], "二号茶厂", *FACTORY[4:]), GARDEN) == Tally(changed=1, unchanged=1)


def test_a_gln_is_its_prefix_s_owner_s_whoever_named_it_before(furnished: World) -> None:
    furnished.enterprise(2)
    shop = ("6907777000001", uscc(2), *FACTORY[2:])
    assert take(furnished, ("6907777000001", *FACTORY[1:])) == Tally(added=1)
    (fault,) = faults(furnished, shop)
    assert "expected a place of the enterprise's own, 414/6907777000001 is another's" in fault
    furnished.claim("prefix", "6907777", enterprise=2)
    assert take(furnished, shop) == Tally(changed=1)
    with furnished.database.snapshot() as reader:
        (place,) = locations.by_keys(reader, ["414/6907777000001"]).values()
    assert place.enterprise_id == enterprise_id(furnished, 2)
    assert check(furnished.database).findings == ()


def test_every_fault_is_named(furnished: World) -> None:
    furnished.enterprise(2)
    rows = [
        ("6901234000000", *FACTORY[1:]),
        (GLN[4:], uscc(7), *FACTORY[2:]),
        ("6901234000016", uscc(2), *FACTORY[2:]),
        ("urn:example:1", uscc(1), "宫殿", *FACTORY[3:]),
        ("urn:example:2", *FACTORY[1:5], "33", "x"),
        ("urn:example:3", *FACTORY[1:3], "名" * 101, *FACTORY[4:]),
        ("一号", *FACTORY[1:]),
    ]
    found = faults(furnished, *rows)
    assert [fault.partition(": expected")[0] for fault in found] == [
        "row 2, column place (地点编码)",
        "row 3, column uscc (信用代码)",
        "row 4, column place (地点编码)",
        "row 5, column kind (类型)",
        "row 6, column region (区划代码)",
        "row 7, column name_zh (名称)",
        "row 8, column place (地点编码)",
    ]
    assert "expected check digit 9 at the end of GLN '6901234000000', got 0" in found[0]
    assert "expected a GLN of the enterprise's own prefix, 6901234000016 is under another's" in found[2]


def test_a_place_twice_and_places_of_others(furnished: World) -> None:
    furnished.enterprise(2)
    take(furnished, GARDEN)
    assert faults(furnished, FACTORY, FACTORY) == [
        "row 3, column place (地点编码): expected each place once, it is in row 2 already"
    ]
    (fault,) = faults(furnished, (GARDEN[0], uscc(2), *GARDEN[2:]))
    assert fault.startswith("row 2, column place (地点编码): expected a place of the enterprise's own")
    (fault,) = faults(furnished, GARDEN, own=uscc(2))
    assert "the code of the own enterprise" in fault
