"""Pruning: detail goes, counts stay, and nobody but the device that was pruned is told anything else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from support.world import ON_A_FILE, ON_A_SERVER, World, viewer

from traceqr import pruning
from traceqr.acting import ActRefused
from traceqr.evidence import Purchase
from traceqr.instant import DAY_MS, day_number, day_start, from_iso
from traceqr.pruning import SETTLED_DAYS, Stock
from traceqr.registry import batches, meta, purchases, retention, scans
from traceqr.registry.database import Database, Spread, Transaction
from traceqr.registry.purchases import RightEntry
from traceqr.registry.retention import Kept
from traceqr.registry.scans import Scan
from traceqr.verdict import Code, History

OLD, NEW = date(2026, 9, 2), date(2026, 11, 1)
"""The day before whose start is pruned, and one on which everything is old."""


@pytest.fixture
def scanned(furnished: World) -> World:
    """Ten labels: scanned by devices `old` and `both` on the first of September, by `both` and `new` on the third.
    A device that never came back scanned each of them on the first too.
    """
    batch = furnished.issue(10)
    verifier = furnished.verifier()
    for index in range(10):
        text = furnished.label(batch, index)
        for device in ("old", "both"):
            verifier.scan(text, viewer(device))
        verifier.scan(text, viewer("passer-by", returned=False))
    furnished.clock.pass_days(2)
    for index in range(10):
        for device in ("both", "new"):
            verifier.scan(furnished.label(batch, index), viewer(device))
    furnished.clock.pass_days(90)
    return furnished


def prune(world: World, before: date = OLD, *, unconfirmed_only: bool = False) -> int:
    return pruning.prune(world.desk, world.database, before, unconfirmed_only, lambda _rows: None)


def rows(world: World) -> list[tuple[int, int, str, int]]:
    found = world.rows("SELECT batch, label_index, device, confirmed FROM scan")
    return sorted(tuple(row.values()) for row in found)


def told(world: World, *devices: str | None) -> dict[tuple[int, str | None], History]:
    """What each device would be told of each label now."""
    with world.database.snapshot() as reader:
        return {(index, one): scans.history(reader, 1, index, one) for index in range(10) for one in devices}


def stock(world: World, before_ms: int = 2**62) -> Stock:
    with world.database.snapshot() as reader:
        return pruning.stock(reader, before_ms)


def test_old_detail_goes_and_counts_stay(scanned: World) -> None:
    before = scanned.rows("SELECT * FROM sighting")
    assert prune(scanned) == 30
    assert rows(scanned) == sorted((1, index, device, 1) for index in range(10) for device in ("both", "new"))
    assert scanned.rows("SELECT * FROM sighting") == before
    assert {row["times_seen"] for row in before} == {4}


def test_who_bought_is_forgotten_and_when_stays(scanned: World) -> None:
    clock = scanned.clock
    old_ms, new_ms = day_start(OLD, scanned.desk.timezone) - 1, clock()
    with scanned.database.recording() as tx:
        for index, at_ms in ((1, old_ms), (2, old_ms), (3, new_ms)):
            purchases.keep(tx, RightEntry(1, index, "buyer", at_ms, "330100"))
            purchases.keep(tx, RightEntry(1, index, "other", at_ms, "JP"))
    before = scanned.rows("SELECT * FROM purchase ORDER BY label_index")
    prune(scanned, unconfirmed_only=True)
    assert scanned.rows("SELECT * FROM purchase ORDER BY label_index") == before
    prune(scanned)
    assert scanned.rows("SELECT * FROM purchase ORDER BY label_index") == [
        {**row, "device": "" if row["label_index"] < 3 else "buyer"} for row in before
    ]
    with scanned.database.snapshot() as reader:
        told = purchases.of_label(reader, 1, 1, "buyer")
    assert told == Purchase(old_ms, "330100", False, 1, old_ms, "JP")


def test_everybody_else_is_told_the_same(scanned: World) -> None:
    """`both` scanned before and after the date: what is left knows it still."""
    others = ("both", "new", "a stranger", None)
    before = told(scanned, *others)
    verdicts = [scanned.verifier().verify(text(scanned, index), history=True) for index in range(10)]
    prune(scanned)
    assert told(scanned, *others) == before
    assert [scanned.verifier().verify(text(scanned, index), history=True) for index in range(10)] == verdicts


def text(world: World, index: int) -> str:
    with world.database.snapshot() as reader:
        batch = batches.by_number(reader, 1)
    assert batch is not None
    return world.label(batch, index)


def test_a_pruned_device_counts_as_another_one(scanned: World) -> None:
    assert told(scanned, "old")[0, "old"].own_before
    prune(scanned, NEW)
    assert told(scanned, "old")[0, "old"] == told(scanned, "a stranger")[0, "a stranger"]
    verdict = scanned.verifier().scan(text(scanned, 0), viewer("new"))
    assert verdict.code is Code.SEEN
    assert scanned.one("SELECT devices, times_seen FROM sighting WHERE label_index = 0") == {
        "devices": 4,
        "times_seen": 5,
    }


def test_scans_that_never_came_to_count(scanned: World) -> None:
    before = told(scanned, "old", "both", "new", "passer-by", None)
    assert prune(scanned, NEW, unconfirmed_only=True) == 10
    assert len(rows(scanned)) == 40
    assert all(confirmed for *_, confirmed in rows(scanned))
    assert told(scanned, "old", "both", "new", "passer-by", None) == before, "they counted for nobody"
    assert stock(scanned).pruned_before_ms is None, "the detail that the summaries are made of is all there"


def test_the_day_begins_in_the_zone_of_the_deployment(furnished: World) -> None:
    batch = furnished.issue(2)
    midnight = from_iso("2026-09-05T00:00:00+08:00")
    for index, at_ms in enumerate((midnight - 1, midnight)):
        furnished.clock.at_ms = at_ms
        furnished.verifier().scan(furnished.label(batch, index), viewer())
    furnished.clock.pass_days(9)
    assert prune(furnished, date(2026, 9, 5)) == 1
    assert [row["label_index"] for row in furnished.rows("SELECT label_index FROM scan")] == [1]


def test_it_is_on_the_ledger(scanned: World) -> None:
    before = len(scanned.acts())
    prune(scanned)
    prune(scanned, NEW, unconfirmed_only=True)
    entries = [json.loads(row["entry"]) for row in scanned.rows("SELECT entry FROM ledger ORDER BY position")][before:]
    assert [(entry["act"], entry["subject"], entry["payload"]) for entry in entries] == [
        ("scans.prune", "scans", {"before_ms": day_start(OLD, scanned.desk.timezone), "what": "all"}),
        ("scans.prune", "scans", {"before_ms": day_start(NEW, scanned.desk.timezone), "what": "unconfirmed"}),
    ]


def test_the_registry_remembers_the_latest_date(scanned: World) -> None:
    for day in (date(2026, 9, 3), OLD):
        prune(scanned, day)
    with scanned.database.snapshot() as reader:
        assert meta.read(reader, meta.SCANS_PRUNED_BEFORE_MS) == str(day_start(date(2026, 9, 3), scanned.desk.timezone))


class TestRefused:
    @pytest.mark.parametrize("day", [date(2026, 9, 9), date(2026, 9, 10), date(2026, 9, 11), date(2027, 1, 1)])
    def test_what_may_still_come_to_count(self, furnished: World, day: date) -> None:
        furnished.clock.at_ms = day_start(date(2026, 9, 10), furnished.desk.timezone) - 1
        before = furnished.dump()
        latest = "which is 2026-09-08 at the latest in Asia/Shanghai"
        with pytest.raises(ActRefused, match=f"began a day ago or earlier, {latest}, got {day}: ") as caught:
            prune(furnished, day)
        assert caught.value.field == "before"
        assert furnished.dump() == before

    def test_a_day_ago_is_not(self, furnished: World) -> None:
        furnished.clock.at_ms = day_start(date(2026, 9, 10), furnished.desk.timezone)
        assert prune(furnished, date(2026, 9, 9)) == 0


class Counting:
    """A registry that notes how many scans each recording took out."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.sizes: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    @contextmanager
    def recording(self) -> Iterator[Transaction]:
        before = self._rows()
        with self._database.recording() as tx:
            yield tx
        self.sizes.append(before - self._rows())

    def _rows(self) -> int:
        with self._database.snapshot() as reader:
            return len(reader.rows("SELECT batch FROM scan"))


def crowd(world: World, batch: int, index: int, devices: int, confirmed: bool = True) -> None:
    """Many devices scan one label."""
    with world.database.recording() as tx:
        made = [
            Scan(batch, index, f"{number:064x}", world.clock() + number, "page", "chrome", "zh-Hans", confirmed)
            for number in range(devices)
        ]
        scans.record(tx, made, spread=Spread.PARTS)


class TestPieces:
    """Others wait to record scans for no longer than a few are taken out."""

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pruning, "CHUNK", 7)

    def test_a_label_that_thousands_scanned(self, furnished: World) -> None:
        crowd(furnished, 1, 3, 23)
        furnished.clock.pass_days(60)
        counting = Counting(furnished.database)
        seen: list[int] = []
        gone = pruning.prune(furnished.desk, counting, date(2026, 10, 1), False, seen.append)  # type: ignore[arg-type]
        assert gone == 23
        assert seen == [7, 7, 7, 2]
        assert counting.sizes == [*seen, 0, 0, 0, 0], "and as often some devices that went through labels"
        assert rows(furnished) == []
        assert furnished.rows("SELECT * FROM visitor") == []

    def test_many_batches_and_those_that_were_never_issued(self, scanned: World) -> None:
        """Their scans are kept too: the seal held."""
        scanned.clock.pass_days(-92)
        for batch, index in ((0, 0), (2, 99), (50_000_000, 5), (99_999_999, 99_999_999)):
            crowd(scanned, batch, index, 9)
        scanned.clock.pass_days(92)
        assert prune(scanned, NEW) == 50 + 36
        assert rows(scanned) == []

    def test_kept_scans_lie_between(self, furnished: World) -> None:
        crowd(furnished, 1, 1, 5)
        for index in range(2, 30, 3):
            crowd(furnished, 1, index, 3, confirmed=index % 2 == 0)
        furnished.clock.pass_days(60)
        assert prune(furnished, date(2026, 10, 1), unconfirmed_only=True) == 15
        assert len(rows(furnished)) == 5 + 15

    def test_interrupted_and_run_again(self, scanned: World) -> None:
        def stop(_rows: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            pruning.prune(scanned.desk, scanned.database, OLD, False, stop)
        assert len(rows(scanned)) == 50 - 7
        assert prune(scanned) == 30 - 7
        assert scanned.acts().count("scans.prune") == 2
        assert len(rows(scanned)) == 20


def test_a_scan_that_came_to_count_meanwhile_stays(furnished: World) -> None:
    """It was found, confirmed, and only then was it to be taken out."""
    crowd(furnished, 1, 1, 3, confirmed=False)
    with furnished.database.snapshot() as reader:
        found = retention.some(reader, 1, 0, furnished.clock() + DAY_MS, True, 100)
    with furnished.database.recording() as tx:
        scans.record(tx, [scans.Confirmation(1, 1, found[1].device, found[1].at_ms)], spread=Spread.PARTS)
    with furnished.database.recording() as tx:
        assert retention.remove(tx, 1, found, unconfirmed_only=True) == 2
    assert rows(furnished) == [(1, 1, found[1].device, 1)]


def test_counting(scanned: World) -> None:
    first = from_iso("2026-09-01T08:00:00+08:00")
    assert stock(scanned) == Stock(Kept(40, first), Kept(10, first), None)
    assert stock(scanned, first) == Stock(Kept(), Kept(), None)
    prune(scanned)
    boundary = day_start(OLD, scanned.desk.timezone)
    assert stock(scanned) == Stock(Kept(20, first + 2 * DAY_MS), Kept(), boundary)
    assert stock(scanned, boundary).confirmed.rows == 0


@ON_A_FILE
def test_each_scan_is_found_by_the_key(furnished: World) -> None:
    crowd(furnished, 1, 1, 150)
    with furnished.database.snapshot() as reader:
        found = retention.some(reader, 1, 0, furnished.clock() + DAY_MS, False, 150)
    plans: list[str] = []

    class Planned:
        def execute(self, sql: str, params: Any) -> int:
            with furnished.database.snapshot() as reader:
                plans.extend(str(row["detail"]) for row in reader.rows(f"EXPLAIN QUERY PLAN {sql}", params))
            return 0

    retention.remove(Planned(), 1, found, unconfirmed_only=False)  # type: ignore[arg-type]
    searches = [plan for plan in plans if "scan" in plan.lower().split()]
    assert len(searches) == 150
    wanted = "SEARCH scan USING PRIMARY KEY (batch=? AND label_index=? AND device=? AND at_ms=?)"
    assert set(searches) == {wanted}


class TestFold:
    """Counts that several processes made beside each other are added up when their days are long over."""

    @ON_A_SERVER
    def test_leaves_the_sums_and_takes_the_rows(self, furnished: World) -> None:
        today = day_number(furnished.clock(), furnished.desk.timezone)
        old, new = today - SETTLED_DAYS - 1, today - SETTLED_DAYS
        counted = {
            "scan_day": ("enterprise_id, day, verdict, batch", [("a", "seen", 0), ("b", "suspect", 7)]),
            "scan_place": ("gtin, week, place, suspect", [("1", "330100", 0), ("2", "", 1)]),
            "scan_batch": ("batch, day", [(1,), (2,)]),
        }
        with furnished.database.maintenance() as tx:
            for table, (key, owners) in counted.items():
                columns = (*key.split(", "), "lane", "scans")
                for owner, *rest in owners:
                    keys = [(owner, day, *rest) for day in (old, new)]
                    tx.insert_many(table, columns, [(*each, lane, 10 + lane) for each in keys for lane in (1, 2, 5)])
            tx.insert_many("scan_batch", ("batch", "day", "lane", "scans"), [(1, old, 0, 100)])
        before = {table: sums(furnished, table, key) for table, (key, _) in counted.items()}
        assert pruning.fold(furnished.desk, furnished.database) == 3 * 2 * 3
        assert {table: sums(furnished, table, key) for table, (key, _) in counted.items()} == before
        for table, (key, _) in counted.items():
            day = key.split(", ")[1]
            lanes = furnished.rows(f"SELECT DISTINCT {day} AS day, lane FROM {table} ORDER BY {day}, lane")
            assert [(row["day"], row["lane"]) for row in lanes] == [(old, 0), (new, 1), (new, 2), (new, 5)]
        assert pruning.fold(furnished.desk, furnished.database) == 0

    @ON_A_FILE
    def test_a_file_has_nothing_to_add_up(self, scanned: World) -> None:
        assert pruning.fold(scanned.desk, scanned.database) == 0


def sums(world: World, table: str, key: str) -> list[tuple[Any, ...]]:
    """What was counted by each key, all its lanes together."""
    found = world.rows(f"SELECT {key}, CAST(SUM(scans) AS BIGINT) AS scans FROM {table} GROUP BY {key} ORDER BY {key}")
    return [tuple(row.values()) for row in found]
