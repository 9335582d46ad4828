"""What consoles and rosters ask of pledges: queues by region, funnels, an enterprise through the years."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.world import CAMPAIGN, ENGINES, World, new_world, uscc

from tests.registry.test_plans import Heard, plan
from traceqr import region as regions
from traceqr.registry import enterprises, pledge_records, pledges
from traceqr.registry.database import Reader, Row
from traceqr.registry.pledges import Place, Sought

MANY = 6_000
REGIONS = ("110101", "330102", "330106", "330206", "440106")
SECTORS = ("food", "hotel", "retail")


def fill(world: World) -> None:
    """Two editions with thousands of pledges in all states, put in as they are."""
    world.furnish()
    world.campaign("quality-month-2025", year=2025)
    world.application(2, "published")
    with world.database.maintenance() as tx:
        (enterprise,) = tx.rows("SELECT * FROM enterprise WHERE uscc = :uscc", {"uscc": uscc(1)})
        (pledge,) = tx.rows("SELECT * FROM pledge WHERE number = 2")
        new = range(10, 10 + MANY)
        tx.insert_many(
            "enterprise",
            tuple(enterprise),
            (tuple({**enterprise, "id": f"e{at}", "uscc": f"{at:018d}"}.values()) for at in new),
        )
        for first, campaign in ((0, CAMPAIGN), (MANY, "quality-month-2025")):
            rows = (
                {
                    **pledge,
                    "number": first + at,
                    "campaign_id": campaign,
                    "enterprise_id": f"e{at}",
                    "state": pledges.STATES[at % len(pledges.STATES)],
                    "region": REGIONS[at % len(REGIONS)],
                    "sector": SECTORS[at % len(SECTORS)],
                }
                for at in new
            )
            tx.insert_many("pledge", tuple(pledge), (tuple(row.values()) for row in rows))
        for table in ("pledge_note", "pledge_finding", "pledge_signature"):
            common = {"pledge": 0, "salt": "s", "position": 0}
            own = {
                "pledge_note": {"kind": "question", "content": "q"},
                "pledge_finding": {"content": "f"},
                "pledge_signature": {"text_version": 1, "name": "n", "title": "t", "account_id": "a"},
            }[table]
            columns = ("id", *common, *own)
            tx.insert_many(
                table, columns, (tuple({"id": f"n{at}", **common, "pledge": at, **own}.values()) for at in new)
            )
        if not world.on_a_file:
            tx.run_script("ANALYZE;")


@pytest.fixture(scope="module", params=ENGINES)
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with new_world(request.param, tmp_path_factory.mktemp("pledges")) as world:
        fill(world)
        yield world


def ask(world: World, question: Callable[[Reader], Any]) -> Any:
    with world.database.snapshot() as reader:
        return question(reader)


def expected(world: World, state: str, scope: str) -> list[tuple[str, int]]:
    rows = world.rows("SELECT region, number, state FROM pledge WHERE campaign_id = :id", id=CAMPAIGN)
    return sorted(
        (row["region"], row["number"]) for row in rows if row["state"] == state and regions.within(row["region"], scope)
    )


class TestQueue:
    @pytest.mark.parametrize("scope", ["000000", "330000", "330100", "330106", "990000"])
    def test_page_after_page_is_all_of_it_once(self, full: World, scope: str) -> None:
        found: list[Row] = []
        after = None
        while page := ask(full, lambda r: pledges.queue(r, CAMPAIGN, "applied", scope, 100, after)):  # noqa: B023
            assert len(page) <= 100
            found += page
            after = Place(page[-1]["region"], page[-1]["number"])
        assert [(row["region"], row["number"]) for row in found] == expected(full, "applied", scope)

    def test_a_place_outside_the_scope_shows_nothing_beyond_it(self, full: World) -> None:
        assert ask(full, lambda r: pledges.queue(r, CAMPAIGN, "applied", "330106", 10, Place("330106", 10**9))) == []

    def test_what_a_row_says(self, full: World) -> None:
        (row,) = ask(full, lambda r: pledges.queue(r, CAMPAIGN, "published", "310000", 1))
        assert (row["number"], row["uscc"], row["sector"]) == (1, uscc(1), "food")


class TestSought:
    def test_by_sector(self, full: World) -> None:
        rows = ask(full, lambda r: pledges.sought(r, CAMPAIGN, Sought("applied", "330000", "food"), 100))
        assert {row["sector"] for row in rows} == {"food"}

    @pytest.mark.parametrize("part", ["uscc", "name_zh", "name_en"])
    def test_by_code_or_name(self, full: World, part: str) -> None:
        (row,) = ask(full, lambda r: pledges.queue(r, CAMPAIGN, "published", "310000", 1))
        wanted = Sought("published", "310000", text=row[part])
        assert row in ask(full, lambda r: pledges.sought(r, CAMPAIGN, wanted, 10))

    @pytest.mark.parametrize("text", ["%", "_", "' OR '1'='1", "\\", "不存在的企业"])
    def test_signs_stand_for_nothing_but_themselves(self, full: World, text: str) -> None:
        wanted = Sought("published", "310000", text=text)
        assert ask(full, lambda r: pledges.sought(r, CAMPAIGN, wanted, 10)) == []


class TestFunnel:
    @pytest.mark.parametrize("scope", ["000000", "330000", "330106"])
    def test_counts(self, full: World, scope: str) -> None:
        rows = ask(full, lambda r: pledges.funnel(r, CAMPAIGN, full.clock(), scope))
        told = Counter[tuple[str, str, str]]()
        for row in rows:
            told[row["standing"], row["region"], row["sector"]] += row["count"]
        stored = full.rows("SELECT state, region, sector FROM pledge WHERE campaign_id = :id", id=CAMPAIGN)
        assert told == Counter(
            (row["state"], row["region"], row["sector"]) for row in stored if regions.within(row["region"], scope)
        )

    def test_expired(self, full: World) -> None:
        end = full.one("SELECT MAX(valid_to_ms) AS last FROM pledge")["last"]
        standings = [
            {row["standing"] for row in ask(full, lambda r, at=at: pledges.funnel(r, CAMPAIGN, at))}
            for at in (end - 1, end)
        ]
        assert standings == [set(pledges.STATES), {*pledges.STATES, "expired"} - {"published"}]

    def test_of_nobody(self, full: World) -> None:
        assert ask(full, lambda r: pledges.funnel(r, "none", 0)) == []


def test_an_enterprise_through_the_years(full: World) -> None:
    rows = ask(full, lambda r: pledges.through_the_years(r, "e20"))
    assert [(row["year"], row["number"], row["code"]) for row in rows] == [
        (2026, 20, "QM2026"),
        (2025, MANY + 20, "QM2025"),
    ]


SCANNED = re.compile(r"(SCAN|Seq Scan on|SEARCH(?=.*\bANY\())\s+(g|f|n|s|pledge\w*)\b")


def test_each_finds_its_rows_by_an_index(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    heard.listen(monkeypatch)
    questions: list[Callable[[Reader], Any]] = [
        lambda r: pledges.queue(r, CAMPAIGN, "applied", "330000", 50),
        lambda r: pledges.queue(r, CAMPAIGN, "applied", "000000", 50, Place("330102", 500)),
        lambda r: pledges.through_the_years(r, "e20"),
        lambda r: pledges.of_enterprise(r, CAMPAIGN, "e20"),
        lambda r: pledge_records.file_of(r, 20),
        lambda r: pledge_records.against(r, 20),
        lambda r: enterprises.by_uscc(r, uscc(1)),
    ]
    for question in questions:
        assert ask(full, question)
    monkeypatch.undo()
    assert len(heard.statements) >= len(questions)
    for sql, params in heard.statements.items():
        text = plan(full, sql, params)
        assert not SCANNED.search(text), f"{sql}\n{text}"
    with pytest.raises(AssertionError):
        assert not SCANNED.search(plan(full, "SELECT number FROM pledge WHERE sector = 'x'", {}))


def test_a_page_of_a_queue_comes_in_the_order_of_the_index(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sorted, so the tenth page costs as much as the first."""
    heard = Heard()
    heard.listen(monkeypatch)
    ask(full, lambda r: pledges.queue(r, CAMPAIGN, "applied", "000000", 50, Place("330102", 500)))
    monkeypatch.undo()
    ((sql, params),) = [(sql, params) for sql, params in heard.statements.items() if "pledge g" in sql]
    text = plan(full, sql, params)
    assert "pledge_of_campaign" in text
    assert "TEMP B-TREE" not in text
    assert "Sort" not in text


class TestInOrder:
    @pytest.mark.parametrize("scope", ["000000", "330000", "330106"])
    def test_page_after_page_is_all_of_it_once(self, full: World, scope: str) -> None:
        found = [0]
        while page := ask(full, lambda r: pledges.in_order(r, CAMPAIGN, scope, found[-1], 700)):  # noqa: B023
            found += [row["number"] for row in page]
        rows = full.rows("SELECT number, region FROM pledge WHERE campaign_id = :id ORDER BY number", id=CAMPAIGN)
        assert found[1:] == [row["number"] for row in rows if regions.within(row["region"], scope)]

    def test_nothing_is_sorted(self, full: World, monkeypatch: pytest.MonkeyPatch) -> None:
        heard = Heard()
        heard.listen(monkeypatch)
        ask(full, lambda r: pledges.in_order(r, CAMPAIGN, "000000", 500, 100))
        monkeypatch.undo()
        ((sql, params),) = [(sql, params) for sql, params in heard.statements.items() if "pledge g" in sql]
        text = plan(full, sql, params)
        assert "TEMP B-TREE" not in text, text
        assert "Sort" not in text, text


class TestEnterprises:
    @pytest.mark.parametrize("scope", ["000000", "310000", "110000"])
    def test_page_after_page_is_all_of_it_once(self, full: World, scope: str) -> None:
        what, found, after = enterprises.Sought(scope), [], None
        while page := ask(full, lambda r: enterprises.sought(r, what, 700, after)):  # noqa: B023
            found += [row["uscc"] for row in page]
            after = page[-1]["region"], page[-1]["uscc"]
        rows = full.rows("SELECT uscc, region FROM enterprise")
        assert found == sorted(row["uscc"] for row in rows if regions.within(row["region"], scope))

    def test_by_code_name_and_sector(self, full: World) -> None:
        for what, count in (
            (enterprises.Sought(text=uscc(1)), 1),
            (enterprises.Sought(text="第2茶业"), 1),
            (enterprises.Sought(text="No. 2"), 1),
            (enterprises.Sought(text="%"), 0),
            (enterprises.Sought(sector="food", text=uscc(2)), 1),
            (enterprises.Sought(sector="retail", text=uscc(2)), 0),
            (enterprises.Sought("110000", text=uscc(1)), 0),
        ):
            assert len(ask(full, lambda r: enterprises.sought(r, what, 10))) == count, what  # noqa: B023

    def test_a_page_comes_in_the_order_of_the_index(self, full: World, monkeypatch: pytest.MonkeyPatch) -> None:
        heard = Heard()
        heard.listen(monkeypatch)
        ask(full, lambda r: enterprises.sought(r, enterprises.Sought("310000"), 50, ("310000", f"{500:018d}")))
        monkeypatch.undo()
        ((sql, params),) = [(sql, params) for sql, params in heard.statements.items() if "FROM enterprise" in sql]
        text = plan(full, sql, params)
        assert "enterprise_in_region" in text, text
        assert "TEMP B-TREE" not in text, text
        assert "Sort" not in text, text


def test_a_funnel_reads_one_campaign(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    heard.listen(monkeypatch)
    ask(full, lambda r: pledges.funnel(r, CAMPAIGN, full.clock(), "330000"))
    monkeypatch.undo()
    ((sql, params),) = [(sql, params) for sql, params in heard.statements.items() if "standing" in sql]
    text = plan(full, sql, params)
    if full.on_a_file:
        assert "SEARCH pledge USING INDEX" in text, text  # half of all rows: PostgreSQL may rather read them through
