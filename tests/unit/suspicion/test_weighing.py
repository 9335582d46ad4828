"""From traces to scores: what accuses, and what does not."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from traceqr.instant import DAY_MS, HOUR_MS
from traceqr.suspicion.trace import Look, Trace
from traceqr.suspicion.weighing import THRESHOLD, WEIGHTS, Sign, Suspicion, Weight, weigh

START = 1_790_000_000_000
CITIES = ["330100", "440100", "110000", "510100", "210100", "420100", "610100", "350100", "530100", "650100"]


def weighed(looks: Iterable[Look], early: Iterable[Look] = ()) -> Suspicion:
    trace, at_ms = Trace(), START
    for look in early:
        trace.add_early(look)
    for look in looks:
        trace.add(look)
        at_ms = max(at_ms, look.at_ms)
    return weigh(trace, at_ms)


def day(number: float) -> int:
    return START + int(number * DAY_MS)


class TestInnocents:
    """What people do with a genuine label."""

    def test_a_family(self) -> None:
        assert weighed(Look(day(number / 10), "330100", 1) for number in range(6)).score == 0

    def test_friends_at_a_table(self) -> None:
        found = weighed(Look(START + number * HOUR_MS // 8, "330100", number) for number in range(8))
        assert not found.suspect

    def test_a_gift_to_another_city(self) -> None:
        looks = [Look(day(0), CITIES[0], 1), Look(day(20), CITIES[1], 2), Look(day(20.1), CITIES[1], 2)]
        assert weighed(looks).score == 0

    def test_a_second_look_months_later_with_a_new_phone(self) -> None:
        assert weighed([Look(day(0), CITIES[0], 1), Look(day(200), CITIES[0], 1)]).score == 0

    def test_a_dealer_who_goes_through_his_stock(self) -> None:
        looks = [Look(day(0), CITIES[0], 1, through_many=True), Look(day(9), CITIES[0], 2)]
        assert weighed(looks).score == 0

    def test_a_label_that_is_sold_on_twice(self) -> None:
        looks = [Look(day(90 * number), CITIES[number], number) for number in range(3)]
        assert not weighed(looks).suspect

    def test_printers_and_packers(self) -> None:
        early = [Look(day(-9), CITIES[0], 1, through_many=True), Look(day(-5), CITIES[0], 2)]
        assert weighed([Look(day(0), CITIES[3], 3)], early).score == 0


class TestCopies:
    def test_spread_wide(self) -> None:
        looks = [Look(day(2 * number), CITIES[number], number) for number in range(8)]
        found = weighed(looks)
        assert found.suspect
        assert {Sign.DEVICES, Sign.REGIONS} <= set(found.signs)

    def test_in_one_city(self) -> None:
        found = weighed(Look(day(2 * number), CITIES[0], number) for number in range(11))
        assert found.suspect
        assert found.signs == (Sign.DEVICES,)

    def test_where_no_place_is_known(self) -> None:
        assert weighed(Look(day(2 * number), "", number) for number in range(11)).suspect

    def test_in_far_cities_at_the_same_time(self) -> None:
        found = weighed(Look(day(0) + number * HOUR_MS, CITIES[number], number) for number in range(7))
        assert found.suspect
        assert Sign.LEAPS in found.signs

    def test_sold_before_the_genuine_ones_were_for_sale(self) -> None:
        early = [Look(day(-9 + number), CITIES[number], number) for number in range(6)]
        found = weighed([], early)
        assert found.suspect
        assert found.signs[0] is Sign.EARLY

    def test_going_on_after_the_purchase_was_confirmed(self) -> None:
        looks = [Look(day(2 * number), CITIES[0], number, bought_ms=day(1)) for number in range(7)]
        found = weighed(looks)
        assert found.suspect
        assert found.signs[0] is Sign.AFTER


class TestScores:
    def test_a_score_is_the_sum_of_its_points(self) -> None:
        found = weighed(Look(day(number), CITIES[number], number, market="330000") for number in range(9))
        assert found.score == int(sum(point.points for point in found.points))
        assert [point.points for point in found.points] == sorted((p.points for p in found.points), reverse=True)

    def test_it_fades_with_time(self) -> None:
        trace = Trace()
        for number in range(11):
            trace.add(Look(day(number), CITIES[0], number))
        assert weigh(trace, day(11)).suspect
        assert not weigh(trace, day(800)).suspect

    @pytest.mark.parametrize("sign", Sign)
    def test_what_is_bounded_cannot_make_a_label_suspect_alone(self, sign: Sign) -> None:
        assert WEIGHTS[sign].most < THRESHOLD or WEIGHTS[sign].points(1000) > THRESHOLD

    def test_a_weight(self) -> None:
        weight = Weight(10, 2, 25)
        assert [weight.points(credit) for credit in (0, 2, 3, 4.5, 9)] == [0, 0, 10, 25, 25]
