"""Numbers of logistic units: the next ones, never twice."""

from __future__ import annotations

import pytest
from support.chain_scenarios import PREFIX
from support.staff import enterprise_id
from support.world import ASSOCIATION, World

from traceqr import claiming
from traceqr.acting import ActRefused
from traceqr.chain import allocating
from traceqr.registry import sscc_allocations
from traceqr.registry.sscc_allocations import MAX_COUNT, Allocation
from traceqr.tracing.thing import Thing


@pytest.fixture
def granted(furnished: World) -> World:
    furnished.claim("prefix", PREFIX)
    return furnished


def allocate(world: World, count: int = 5, prefix: str = PREFIX, extension: str = "0", **more: int) -> Allocation:
    return allocating.allocate(world.desk, enterprise_id(world), prefix, extension, count, **more)


def test_the_next_ones_each_time(granted: World) -> None:
    first, second = allocate(granted), allocate(granted, 2)
    assert (first.low, first.high) == ("06907777000000000", "06907777000000004")
    assert (second.low, second.high) == ("06907777000000005", "06907777000000006")
    assert len(second) == 2


def test_each_extension_digit_counts_for_itself(granted: World) -> None:
    allocate(granted, extension="3")
    assert allocate(granted, extension="2").low == "26907777000000000"
    assert allocate(granted, extension="3").low == "36907777000000005"
    assert allocate(granted, extension="4").low == "46907777000000000"


def test_a_prefix_within_another_gives_no_number_anew(granted: World) -> None:
    granted.claim("prefix", PREFIX + "00")
    allocate(granted, 5)
    assert allocate(granted, prefix=PREFIX + "00").low == "06907777000000005"
    assert allocate(granted).low == "06907777000000010"


def test_from_a_reference_on(granted: World) -> None:
    assert allocate(granted, begin=500).low == "06907777000000500"
    with pytest.raises(ActRefused, match="expected a reference from 505 on, got 100") as caught:
        allocate(granted, begin=100)
    assert caught.value.field == "begin"
    assert allocate(granted).low == "06907777000000505"


def test_when_the_prefix_has_passed_on_they_go_on(granted: World) -> None:
    allocate(granted)
    claim = granted.one("SELECT id FROM gtin_claim WHERE value = :value", value=PREFIX)["id"]
    claiming.revoke_claim(granted.desk, claim, ASSOCIATION, "r")
    with pytest.raises(ActRefused, match="expected a company prefix of the enterprise's own"):
        allocate(granted)
    granted.enterprise(2)
    granted.claim("prefix", PREFIX, 2)
    found = allocating.allocate(granted.desk, enterprise_id(granted, 2), PREFIX, "0", 1)
    assert found.low == "06907777000000005"


def test_what_acts_may_have_given_out_that_were_lost_is_skipped_once(granted: World) -> None:
    allocate(granted)
    with granted.database.transaction() as tx:
        sscc_allocations.skip(tx, 2)
    assert allocate(granted).low == f"0690777700000{5 + 2 * MAX_COUNT:04d}"
    assert allocate(granted).low == f"0690777700000{10 + 2 * MAX_COUNT:04d}"
    assert allocate(granted, extension="1").low == f"1690777700000{2 * MAX_COUNT:04d}"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": MAX_COUNT + 1}, "count"),
        ({"extension": "x"}, "extension"),
        ({"extension": "12"}, "extension"),
        ({"extension": "²"}, "extension"),
        ({"prefix": "6909999"}, "prefix"),
        ({"begin": -1}, "begin"),
        ({"begin": 10**9}, "count"),
        ({"begin": 10**9 - 2}, "count"),
    ],
)
def test_bad_ones_are_refused(granted: World, changes: dict[str, object], field: str) -> None:
    before = granted.dump()
    with pytest.raises(ActRefused) as caught:
        allocate(granted, **changes)  # type: ignore[arg-type]
    assert caught.value.field == field
    assert granted.dump() == before


def test_they_are_sound(granted: World) -> None:
    stems = allocate(granted, 3).stems()
    assert [stem[-1] for stem in stems] == ["0", "1", "2"]
    assert [Thing.unit(sscc).key[:-1] for sscc in allocating.ssccs(stems)] == stems
