"""What a label's trace remembers, and what it gives credit for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceqr.instant import DAY_MS, HOUR_MS
from traceqr.suspicion.trace import HALF_LIFE_MS, MOST_NETWORKS, MOST_PLACES, TOGETHER, Look, Trace, decay
from traceqr.suspicion.weighing import weigh

START = 1_790_000_000_000
HANGZHOU, SHANGHAI, GUANGZHOU, URUMQI = "330100", "310000", "440100", "650100"
CITIES = [HANGZHOU, SHANGHAI, GUANGZHOU, URUMQI, "110000", "210100", "420100", "510100", "610100", "JP", "", "999900"]

looks = st.builds(
    Look,
    at_ms=st.integers(START, START + 900 * DAY_MS),
    place=st.sampled_from(CITIES),
    network=st.one_of(st.none(), st.integers(0, 0xFFFF)),
    through_many=st.booleans(),
    market=st.sampled_from(["", "330000", "330000 310000", "000000"]),
    bought_ms=st.one_of(st.none(), st.integers(START, START + 900 * DAY_MS)),
)


def traced(*seen: Look) -> Trace:
    trace = Trace()
    for look in seen:
        trace.add(look)
    return trace


def days(number: float) -> int:
    return START + int(number * DAY_MS)


class TestCredit:
    def test_strangers_count_in_full(self) -> None:
        trace = traced(*(Look(days(number), network=number) for number in range(5)))
        assert trace.credit_at(days(4)) == pytest.approx(5, abs=0.05)

    def test_a_household_counts_less_than_two(self) -> None:
        assert traced(*(Look(days(number), network=7) for number in range(40))).credit < 2

    def test_who_looks_with_others_counts_less(self) -> None:
        together = traced(Look(START, HANGZHOU), Look(START + HOUR_MS // 2, HANGZHOU))
        assert together.credit == pytest.approx(1 + TOGETHER, abs=0.001)

    def test_who_looks_far_away_at_the_same_time_does_not(self) -> None:
        assert traced(Look(START, HANGZHOU), Look(START + HOUR_MS // 2, URUMQI)).credit == pytest.approx(2, abs=0.001)

    def test_who_goes_through_many_labels_counts_nothing(self) -> None:
        trace = traced(Look(START, HANGZHOU, 1, through_many=True), Look(START, URUMQI, 2, through_many=True))
        assert (trace.credit, trace.leaps, trace.regions) == (0, 0, 0)

    def test_it_fades(self) -> None:
        assert traced(Look(START)).credit_at(START + HALF_LIFE_MS) == pytest.approx(0.5)

    def test_a_clock_that_was_set_back_takes_nothing(self) -> None:
        trace = traced(Look(days(10)), Look(days(3)))
        assert trace.credit == 2
        assert trace.last_ms == days(10)
        assert decay(-DAY_MS) == 1


class TestPlaces:
    def test_neighbouring_cities_are_one_region(self) -> None:
        """Suzhou lies between Shanghai and Wuxi; a phone in either may come from any of them."""
        assert traced(*(Look(days(i), place, i) for i, place in enumerate([SHANGHAI, "320500", "320200"]))).regions == 1

    def test_cities_far_apart_are_regions_of_their_own(self) -> None:
        assert traced(*(Look(days(i), place, i) for i, place in enumerate([SHANGHAI, GUANGZHOU, URUMQI]))).regions == 3

    def test_an_unknown_place_is_no_region(self) -> None:
        assert traced(Look(days(0), "", 1), Look(days(1), "", 2)).regions == 0

    def test_positions_from_one_network_make_no_journey(self) -> None:
        """Whatever a script claims, all of it stays below the credit of two people."""
        trace = traced(*(Look(days(number), place, 7) for number, place in enumerate(CITIES * 5)))
        assert trace.regions < 2
        assert not weigh(trace, days(60)).suspect

    def test_a_leap_is_what_nothing_travels(self) -> None:
        assert traced(Look(START, HANGZHOU, 1), Look(START + HOUR_MS, URUMQI, 2)).leaps == 1
        assert traced(Look(START, HANGZHOU, 1), Look(START + 6 * HOUR_MS, URUMQI, 2)).leaps == 0

    def test_replayed_in_the_wrong_order_it_is_still_a_leap(self) -> None:
        assert traced(Look(START + HOUR_MS, URUMQI, 2), Look(START, HANGZHOU, 1)).leaps == 1

    def test_outside_the_market(self) -> None:
        inside = Look(days(0), HANGZHOU, 1, market="330000 310000")
        outside = Look(days(1), GUANGZHOU, 2, market="330000 310000")
        abroad = Look(days(2), "JP", 3, market="000000")
        unknown = Look(days(3), "", 4, market="330000")
        assert traced(inside, outside, abroad, unknown).outside == 2

    def test_a_place_that_is_told_later(self) -> None:
        trace = traced(Look(days(0), "", 1), Look(days(1), GUANGZHOU, 2))
        trace.relocate(Look(days(0), HANGZHOU, 1), "")
        trace.relocate(Look(days(1), URUMQI, 2), GUANGZHOU)
        assert [(stay.place, stay.credit) for stay in trace.stays] == [(HANGZHOU, 1), (URUMQI, 1)]

    def test_places_told_later_from_one_network_make_no_journey(self) -> None:
        trace = Trace()
        for number, place in enumerate(CITIES):
            trace.add(Look(days(number), "", 7))
            trace.relocate(Look(days(number), place, 7), "")
        assert trace.regions < 2


class TestOther:
    def test_before_it_is_for_sale(self) -> None:
        trace = Trace()
        trace.add_early(Look(START, HANGZHOU, 1))
        trace.add_early(Look(START, HANGZHOU, 2, through_many=True))
        assert trace.early == 1

    def test_after_a_purchase(self) -> None:
        assert traced(Look(days(0), bought_ms=days(1)), Look(days(2), bought_ms=days(1))).after == 1


class TestText:
    def test_nobody_has_seen_it(self) -> None:
        assert Trace.parse("") == Trace()

    @given(st.lists(looks, max_size=40))
    @settings(max_examples=60)
    def test_it_comes_back(self, seen: list[Look]) -> None:
        """Credits in thousandths, all else to the letter."""
        text = str(traced(*seen))
        assert str(Trace.parse(text)) == text

    @given(st.lists(looks, min_size=1, max_size=60))
    @settings(max_examples=60)
    def test_it_stays_small(self, seen: list[Look]) -> None:
        trace = traced(*seen)
        assert len(trace.stays) <= MOST_PLACES
        assert len(trace.networks) <= 5 * MOST_NETWORKS
        assert len(str(trace)) < 500

    @given(st.lists(looks, max_size=40), looks)
    @settings(max_examples=60)
    def test_another_device_takes_no_credit_away(self, seen: list[Look], more: Look) -> None:
        trace = traced(*seen)
        before = trace.credit_at(more.at_ms)
        assert 0 <= trace.add(more) <= 1
        assert trace.credit_at(more.at_ms) >= before - 1e-9

    @given(st.lists(looks, max_size=80), st.integers(0, 0xFFFF))
    @settings(max_examples=60)
    def test_one_network_makes_nothing_suspect(self, seen: list[Look], network: int) -> None:
        trace = Trace()
        for look in seen:
            trace.add(Look(look.at_ms, look.place, network, look.through_many, look.market))
            assert not weigh(trace, look.at_ms).suspect
