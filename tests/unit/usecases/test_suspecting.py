"""Suspicion through a real registry: what makes a label suspect, what does not, and what attackers try."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date

import pytest
from support.together import in_processes
from support.world import World, viewer

from traceqr import activating, pruning
from traceqr.activating import Range
from traceqr.evidence import Verdict
from traceqr.instant import CHINA, DAY_MS, HOUR_MS, day_number
from traceqr.registry import opening, scan_places, scans, suspects
from traceqr.registry.batches import Batch
from traceqr.registry.scan_book import MANY_LABELS
from traceqr.registry.scan_statements import VISIT_MS
from traceqr.registry.tallies import week_of
from traceqr.suspicion.trace import Trace
from traceqr.verdict import Code
from traceqr.verdict_json import to_json, to_text
from traceqr.verifying import Verifier

CITIES = ["330100", "440100", "110000", "510100", "210100", "420100", "610100", "350100", "530100", "650100"]


@pytest.fixture
def batch(furnished: World) -> Batch:
    return furnished.issue(40)


@pytest.fixture
def text(furnished: World, batch: Batch) -> str:
    return furnished.label(batch)


@pytest.fixture
def verifier(furnished: World) -> Verifier:
    return furnished.verifier()


def spread(world: World, verifier: Verifier, text: str, devices: int, cities: int = len(CITIES)) -> Verdict:
    """So many strangers look at a label, a day apart, in so many cities."""
    for number in range(devices):
        world.clock.pass_days(1)
        found = verifier.scan(text, viewer(f"s{number}", place=CITIES[number % cities], network=f"n{number}"))
    return found


def told(world: World, verifier: Verifier, text: str) -> Verdict:
    """What a newcomer is told."""
    return verifier.scan(text, viewer("newcomer", returned=False, network="elsewhere"))


class TestCopies:
    def test_a_code_in_many_cities_is_suspect(self, furnished: World, verifier: Verifier, text: str) -> None:
        spread(furnished, verifier, text, 9)
        found = told(furnished, verifier, text)
        assert (found.code, found.reason) == (Code.SUSPECT, "going-around")
        assert found.history is not None
        assert set(found.history.signs) >= {"many-devices", "many-regions"}

    def test_a_code_in_one_city_is_suspect_later(self, furnished: World, verifier: Verifier, text: str) -> None:
        assert spread(furnished, verifier, text, 9, cities=1).code == Code.SEEN
        for number in range(9, 14):
            verifier.scan(text, viewer(f"s{number}", place=CITIES[0], network=f"n{number}"))
            furnished.clock.pass_days(1)
        assert told(furnished, verifier, text).code == Code.SUSPECT

    def test_it_stands_among_the_suspects(self, furnished: World, verifier: Verifier, text: str, batch: Batch) -> None:
        spread(furnished, verifier, text, 12)
        with furnished.database.snapshot() as reader:
            (row,) = suspects.of_enterprise(reader, batch.enterprise_id, 10)
        assert (row["batch"], row["label_index"], row["gtin"]) == (batch.number, 0, batch.gtin)
        assert row["since_ms"] < row["last_ms"] == furnished.clock()
        assert row["score"] > 100
        assert row["signs"].split()[0] in {"many-devices", "many-regions"}
        assert row["place"] == CITIES[11 % len(CITIES)]

    def test_the_neighbours_of_a_suspect_label_are_not(
        self, furnished: World, verifier: Verifier, text: str, batch: Batch
    ) -> None:
        spread(furnished, verifier, text, 12)
        assert told(furnished, verifier, furnished.label(batch, 1)).code == Code.GENUINE

    def test_sold_before_the_genuine_ones_were(self, furnished: World, verifier: Verifier) -> None:
        batch = furnished.issue(4, active=False)
        text = furnished.label(batch)
        assert spread(furnished, verifier, text, 6).code == Code.INACTIVE
        activating.activate(furnished.desk, Range(batch.number), "for sale")
        found = told(furnished, verifier, text)
        assert (found.code, found.reason) == (Code.SUSPECT, "seen-before-sale")
        assert found.history is not None
        assert (found.history.times_seen, found.history.other_devices) == (0, 0)

    def test_who_looked_early_is_not_counted_again(self, furnished: World, verifier: Verifier) -> None:
        batch = furnished.issue(4, active=False)
        verifier.scan(furnished.label(batch), viewer("early", network="n1"))
        activating.activate(furnished.desk, Range(batch.number), "for sale")
        furnished.clock.pass_days(1)
        verifier.scan(furnished.label(batch), viewer("early", network="n1"))
        trace = Trace.parse(furnished.one("SELECT trace FROM sighting")["trace"])
        assert trace.credit == pytest.approx(1, abs=0.01)

    def test_it_is_recalled_before_it_is_suspect(self, furnished: World, verifier: Verifier, text: str) -> None:
        spread(furnished, verifier, text, 12)
        activating.void(furnished.desk, Range(1), "r")
        assert told(furnished, verifier, text).code == Code.VOID

    def test_json_says_why(self, furnished: World, verifier: Verifier, text: str) -> None:
        spread(furnished, verifier, text, 12)
        found = told(furnished, verifier, text)
        assert json.loads(to_text(found)) == to_json(found)
        assert to_json(found)["history"]["signs"] == list(found.history.signs if found.history else ())


class TestInnocents:
    def test_a_family_and_a_second_look(self, furnished: World, verifier: Verifier, text: str) -> None:
        for number in range(6):
            verifier.scan(text, viewer(f"phone {number}", place=CITIES[0], network="home"))
            furnished.clock.pass_ms(10 * HOUR_MS)
        furnished.clock.pass_days(200)
        assert verifier.scan(text, viewer("new phone", place=CITIES[0], network="home")).code == Code.SEEN

    def test_a_dealer_who_goes_through_his_stock(self, furnished: World, verifier: Verifier, batch: Batch) -> None:
        for index in range(40):
            furnished.clock.pass_ms(5_000)
            verifier.scan(furnished.label(batch, index), viewer("dealer", network="shop"))
        rows = furnished.rows("SELECT label_index, trace FROM sighting ORDER BY label_index")
        credited = [Trace.parse(row["trace"]).credit for row in rows]
        assert credited == [1.0] * MANY_LABELS + [0.0] * (40 - MANY_LABELS)
        assert furnished.one("SELECT labels FROM visitor")["labels"] == 40

    def test_the_same_label_again_is_not_another(self, furnished: World, verifier: Verifier, text: str) -> None:
        for _ in range(9):
            furnished.clock.pass_ms(HOUR_MS)
            verifier.scan(text, viewer("owner"))
        assert furnished.one("SELECT labels FROM visitor")["labels"] == 1

    def test_who_comes_back_after_a_month_begins_anew(self, furnished: World, verifier: Verifier, batch: Batch) -> None:
        for index in range(4):
            verifier.scan(furnished.label(batch, index), viewer("customer"))
        furnished.clock.pass_ms(VISIT_MS + 1)
        verifier.scan(furnished.label(batch, 9), viewer("customer"))
        assert furnished.one("SELECT labels FROM visitor")["labels"] == 1

    def test_an_inspector_of_many_labels_makes_none_suspect(
        self, furnished: World, verifier: Verifier, batch: Batch
    ) -> None:
        for index in range(40):
            found = verifier.scan(furnished.label(batch, index), viewer("inspector", network="road"))
        assert found.code == Code.GENUINE

    def test_outside_the_market_is_no_copy(self, furnished: World, verifier: Verifier) -> None:
        """Goods that are diverted are the enterprise's business; their buyer is told nothing of it."""
        text = furnished.label(furnished.issue(4, market=("330000",)))
        for number in range(3):
            found = verifier.scan(text, viewer(f"d{number}", place="650100", network=f"n{number}"))
            furnished.clock.pass_days(1)
        assert found.code == Code.SEEN
        assert Trace.parse(furnished.one("SELECT trace FROM sighting")["trace"]).outside == 3


class TestAttacks:
    def test_a_script_with_a_thousand_cookies_from_one_network(
        self, furnished: World, verifier: Verifier, text: str
    ) -> None:
        """It claims to be all over the country. Nobody is told that the label is suspect."""
        for number in range(1_000):
            furnished.clock.pass_ms(HOUR_MS)
            verifier.scan(text, viewer(f"c{number}", place=CITIES[number % len(CITIES)], network="a cellar"))
        assert told(furnished, verifier, text).code == Code.SEEN
        assert furnished.rows("SELECT * FROM suspect") == []

    def test_a_script_over_a_whole_batch(self, furnished: World, verifier: Verifier, batch: Batch) -> None:
        for number in range(12):
            for index in range(0, 40, 4):
                furnished.clock.pass_ms(1_000)
                verifier.scan(furnished.label(batch, index), viewer(f"c{number}", network="a cellar"))
        assert furnished.rows("SELECT * FROM suspect") == []

    def test_devices_that_never_come_back(self, furnished: World, verifier: Verifier, text: str) -> None:
        """Cookies that are thrown away, `<img>` on other pages, previews: nothing of it counts."""
        for number in range(60):
            viewing = viewer(f"c{number}", returned=False, place=CITIES[number % 10], network=f"n{number}")
            verifier.scan(text, viewing)
        assert told(furnished, verifier, text).reason == "first-sighting"
        assert furnished.rows("SELECT * FROM sighting") == []

    def test_a_confirmation_that_is_sent_again_and_again(
        self, furnished: World, verifier: Verifier, text: str, batch: Batch
    ) -> None:
        at_ms = furnished.clock()
        verifier.scan(text, viewer("new", returned=False, place=CITIES[0], network="n"))
        for _ in range(50):
            verifier.confirm(batch.number, 0, "new", at_ms)
        row = furnished.one("SELECT times_seen, trace FROM sighting")
        assert (row["times_seen"], Trace.parse(row["trace"]).credit) == (1, 1)

    def test_an_early_confirmation_that_is_sent_again(self, furnished: World, verifier: Verifier) -> None:
        batch = furnished.issue(4, active=False)
        at_ms = furnished.clock()
        verifier.scan(furnished.label(batch), viewer("new", returned=False, network="n"))
        for _ in range(50):
            verifier.confirm(batch.number, 0, "new", at_ms)
        assert Trace.parse(furnished.one("SELECT trace FROM sighting")["trace"]).early == 1
        assert furnished.one("SELECT early, confirmed FROM scan") == {"early": 1, "confirmed": 0}

    def test_a_confirmation_counts_where_the_scan_was_made(
        self, furnished: World, verifier: Verifier, text: str, batch: Batch
    ) -> None:
        at_ms = furnished.clock()
        verifier.scan(text, viewer("new", returned=False, place=CITIES[3], network="n"))
        verifier.confirm(batch.number, 0, "new", at_ms)
        assert [stay.place for stay in Trace.parse(furnished.one("SELECT trace FROM sighting")["trace"]).stays] == [
            CITIES[3]
        ]

    def test_clocks_that_run_apart(self, furnished: World, verifier: Verifier, text: str) -> None:
        """Nodes whose clocks differ by an hour, and one that is set back by a week, raise no suspicion."""
        furnished.clock.pass_days(8)
        for skew in (HOUR_MS, -HOUR_MS, -7 * DAY_MS, 2 * HOUR_MS):
            furnished.clock.pass_ms(skew)
            found = verifier.scan(text, viewer(f"d{skew}", place=CITIES[0], network=f"n{skew}"))
        assert found.code == Code.SEEN

    def test_first_scans_at_the_same_time_on_two_nodes(self, furnished: World, text: str) -> None:
        """All are counted, none twice."""

        def scan(worker: int) -> list[str]:
            with closing(opening.open_database(furnished.url)) as database:
                verifier = furnished.verifier(database)
                names = [f"{worker}/{number}" for number in range(10)]
                return [str(verifier.scan(text, viewer(name, network=name)).code) for name in names]

        told = in_processes([lambda worker=worker: scan(worker) for worker in range(2)])
        assert [len(codes) for codes in told] == [10, 10]
        trace = Trace.parse(furnished.one("SELECT trace FROM sighting")["trace"])
        assert trace.credit == pytest.approx(1 + 19 * 0.6, abs=0.02)


class TestOff:
    def test_nothing_is_watched(self, furnished: World, text: str) -> None:
        verifier = furnished.verifier(watching=False)
        assert spread(furnished, verifier, text, 12).code == Code.SEEN
        assert furnished.one("SELECT trace, signs FROM sighting") == {"trace": "", "signs": ""}
        assert furnished.rows("SELECT * FROM visitor") == []


class TestWhere:
    """What is counted by place and by batch."""

    def test_scans_by_place(self, furnished: World, verifier: Verifier, text: str, batch: Batch) -> None:
        spread(furnished, verifier, text, 14)
        week = week_of(day_number(furnished.clock(), CHINA))
        with furnished.database.snapshot() as reader:
            rows = scan_places.sums(reader, batch.gtin, week - 28, week)
            days = scan_places.of_batch(reader, batch.number, week - 28, week + 6)
        found, weeks = [row for row in rows if not row["week"]], [row for row in rows if row["week"]]
        assert {row["place"]: row["scans"] for row in found} == dict.fromkeys(sorted(CITIES[:4]), 2) | dict.fromkeys(
            CITIES[4:], 1
        )
        assert sum(row["suspect"] for row in found) == sum(row["suspect"] for row in weeks) > 0
        assert sum(row["scans"] for row in weeks) == sum(days.values()) == 14

    def test_a_place_that_is_told_moves_the_scan(
        self, furnished: World, verifier: Verifier, text: str, batch: Batch
    ) -> None:
        verifier.scan(text, viewer("d", place="110000"))
        assert verifier.locate(text, "d", "330100")
        week = week_of(day_number(furnished.clock(), CHINA))
        with furnished.database.snapshot() as reader:
            found = scan_places.sums(reader, batch.gtin, week, week)
        moved = {row["place"]: row["scans"] for row in found if not row["week"]}
        assert moved == {"110000": 0, "330100": 1}

    def test_a_place_that_is_told_can_make_a_label_suspect(
        self, furnished: World, verifier: Verifier, text: str
    ) -> None:
        """Then it stands among the suspects at once, and in a case."""
        for number in range(7):
            furnished.clock.pass_days(1)
            verifier.scan(text, viewer(f"s{number}", network=f"n{number}"))
            assert verifier.locate(text, f"s{number}", CITIES[number])
        assert told(furnished, verifier, text).code == Code.SUSPECT
        assert [row["label_index"] for row in furnished.rows("SELECT label_index FROM suspect")] == [0]
        assert len(furnished.rows("SELECT * FROM case_suspect")) == 1

    def test_nowhere_is_not_told(self, verifier: Verifier, text: str) -> None:
        verifier.scan(text, viewer("d"))
        assert not verifier.locate(text, "d", "")
        assert not verifier.locate("no label", "d", "330100")


class TestInspectors:
    """Their scans are kept and shown as what they are, and held against no label."""

    def _inspect(self, world: World, verifier: Verifier, text: str, number: int, *, returned: bool = False) -> Verdict:
        world.clock.pass_days(1)
        place = CITIES[number % len(CITIES)]
        who = viewer(f"i{number}", returned=returned, channel="inspector", place=place, network=f"n{number}")
        return verifier.scan(text, who)

    @pytest.mark.parametrize("returned", [False, True])
    def test_many_of_them_in_many_cities_make_no_label_suspect(
        self, furnished: World, verifier: Verifier, text: str, returned: bool
    ) -> None:
        for number in range(12):
            found = self._inspect(furnished, verifier, text, number, returned=returned)
            assert (found.code, found.history_checked) == (Code.GENUINE, True)
        verdict = told(furnished, verifier, text)
        assert verdict.code is Code.GENUINE
        assert verdict.history is not None
        assert verdict.history.times_seen == 0
        for table in ("sighting", "visitor", "suspect", "scan_day", "scan_place", "scan_batch", "case_file"):
            if table not in ("scan_day", "scan_place", "scan_batch"):  # the newcomer is counted there
                assert furnished.rows(f"SELECT * FROM {table}") == []
        assert furnished.one("SELECT COUNT(*) AS n FROM scan WHERE channel = 'inspector' AND confirmed = 0")["n"] == 12

    def test_they_are_in_no_figure(self, furnished: World, verifier: Verifier, text: str) -> None:
        self._inspect(furnished, verifier, text, 1)
        for table in ("scan_day", "scan_place", "scan_batch"):
            assert furnished.rows(f"SELECT * FROM {table}") == []

    def test_they_are_told_the_history_of_others(self, furnished: World, verifier: Verifier, text: str) -> None:
        spread(furnished, verifier, text, 9)
        found = self._inspect(furnished, verifier, text, 1)
        assert found.code is Code.SUSPECT
        assert found.history is not None
        assert found.history.times_seen == 9

    def test_a_label_that_is_not_for_sale_is_none_that_was_seen_early(self, furnished: World) -> None:
        batch = furnished.issue(5, active=False)
        verifier = furnished.verifier()
        assert self._inspect(furnished, verifier, furnished.label(batch), 1, returned=True).code is Code.INACTIVE
        assert furnished.rows("SELECT * FROM sighting") == []

    def test_they_stand_among_the_latest_scans_of_a_label_but_not_among_its_places(
        self, furnished: World, verifier: Verifier, text: str, batch: Batch
    ) -> None:
        verifier.scan(text, viewer("a", place="330100"))
        self._inspect(furnished, verifier, text, 1)
        with furnished.database.snapshot() as reader:
            assert [row["channel"] for row in scans.latest(reader, batch.number, 0, 9)] == ["inspector", "page"]
            assert [row["place"] for row in scans.places(reader, batch.number, 0)] == ["330100"]

    def test_they_are_kept_where_what_never_came_to_count_goes(
        self, furnished: World, verifier: Verifier, text: str
    ) -> None:
        verifier.scan(text, viewer("a", returned=False))
        self._inspect(furnished, verifier, text, 1)
        furnished.clock.pass_days(60)
        today = date(2026, 10, 15)
        assert pruning.prune(furnished.desk, furnished.database, today, True, lambda _rows: None) == 1
        assert furnished.one("SELECT channel FROM scan")["channel"] == "inspector"
        assert pruning.prune(furnished.desk, furnished.database, today, False, lambda _rows: None) == 1
