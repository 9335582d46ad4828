"""Where a product's labels are scanned, as an enterprise and its association see it."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from support.staff import enterprise_id
from support.travellers import go_around
from support.world import viewer

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_tenancy import elsewhere
from tests.unit.web.world import GREEN_TEA
from traceqr.access import Role
from traceqr.instant import CHINA, day_number, numbered_day
from traceqr.registry.tallies import WEEK, week_of

PAGE = f"/console/products/{GREEN_TEA}/places"
COLUMNS = ("gtin", "week", "place", "suspect", "lane", "scans")


def this_week(offices: Offices) -> int:
    return week_of(day_number(offices.world.time(), CHINA))


def count(offices: Offices, *rows: tuple[int, str, int, int]) -> None:
    """So many scans: how many weeks ago, place, whether of suspect labels, how many. Each in two lanes."""
    week = this_week(offices)
    with offices.world.database.maintenance() as tx:
        tx.insert_many(
            "scan_place",
            COLUMNS,
            [
                (str(GREEN_TEA), week - WEEK * ago, place, suspect, lane, part)
                for ago, place, suspect, scans in rows
                for lane, part in ((0, scans - scans // 2), (3, scans // 2))
            ],
        )


@pytest.fixture
def visitor(offices: Offices) -> Visitor:
    return offices.as_(Role.CLERK)


def tile(page: str, name: str) -> tuple[set[str], str]:
    """The classes of a province's tile, and what it is read as."""
    found = re.search(rf'<li class="([^"]+)">(?:(?!</li>).)*<span class="unseen">({name}: [^<]+)</span></li>', page)
    assert found, name
    return set(found[1].split()), found[2]


class TestTheMap:
    def test_of_nothing(self, offices: Offices, visitor: Visitor) -> None:
        offices.world.base.issue(5, gtin=GREEN_TEA)
        page = visitor.get(PAGE).text
        assert "Nobody has scanned a label of this product in these weeks." in page
        assert "Scans are not sales" in page

    def test_of_scans_that_were_made(self, offices: Offices) -> None:
        base = offices.world.base
        batch = base.issue(5, gtin=GREEN_TEA)
        go_around(base, base.label(batch), devices=9)
        base.verifier().scan(base.label(batch, 1), viewer("at home"))
        page = offices.as_(Role.CLERK).get(PAGE).text
        assert "<dd>10" in page
        assert "1 (10%)" in page
        assert tile(page, "Guangdong")[1] == "Guangdong: 1 scan"
        assert "Hangzhou, Zhejiang" in page

    def test_provinces_are_sums_of_their_cities(self, offices: Offices, visitor: Visitor) -> None:
        count(offices, (0, "330100", 0, 40), (1, "330200", 0, 2), (1, "330200", 1, 1_200), (2, "110000", 0, 7))
        page = visitor.get(PAGE).text
        classes, told = tile(page, "Zhejiang")
        assert told == "Zhejiang: 1,242 scans, 1,200 of them suspect"
        assert "hot" in classes
        assert "<em>▲1.2K</em>" in page
        classes, told = tile(page, "Beijing")
        assert (told, "hot" in classes) == ("Beijing: 7 scans", False)
        assert tile(page, "Hainan") == ({"r8", "c4", "s0"}, "Hainan: 0 scans")

    def test_hong_kong_macao_and_taiwan_are_tiles(self, offices: Offices, visitor: Visitor) -> None:
        count(offices, (0, "710000", 0, 3), (0, "810000", 0, 4), (0, "820000", 0, 5))
        page = visitor.get(PAGE).text
        for name, scans in (("Taiwan", 3), ("Hong Kong", 4), ("Macao", 5)):
            assert tile(page, name)[1] == f"{name}: {scans} scans"
        assert re.search(r"<dt>Abroad</dt><dd>none</dd>", page)

    def test_abroad_and_unknown_stand_beside_it(self, offices: Offices, visitor: Visitor) -> None:
        count(offices, (0, "JP", 0, 30), (0, "JP", 1, 2), (0, "SG", 0, 8), (0, "", 0, 50), (0, "", 1, 10))
        page = visitor.get(PAGE).text
        assert "Japan 32 (▲2) · Singapore 8</dd>" in page
        assert "<dd>60 (60%), 10 of them suspect</dd>" in page

    def test_a_place_that_was_told_later_is_counted_once(self, offices: Offices, visitor: Visitor) -> None:
        """Of a scan that was suspect, what is taken away is taken from those that were not."""
        count(offices, (0, "", 1, 2), (0, "330100", 0, 1))
        with offices.world.database.maintenance() as tx:
            tx.insert_many("scan_place", COLUMNS, [(str(GREEN_TEA), this_week(offices), "", 0, 1, -1)])
        page = visitor.get(PAGE).text
        assert "<dd>1 (50%), 1 of them suspect</dd>" in page

    @pytest.mark.parametrize(("weeks", "scans"), [("4", "1"), ("13", "11"), ("52", "111"), ("5", "11"), ("x", "11")])
    def test_of_some_weeks(self, offices: Offices, visitor: Visitor, weeks: str, scans: str) -> None:
        count(offices, (3, "330100", 0, 1), (4, "330100", 0, 10), (51, "330100", 0, 100), (52, "330100", 0, 1_000))
        page = visitor.get(f"{PAGE}?weeks={weeks}").text
        assert f"<dt>All scans</dt><dd>{scans}</dd>" in page

    def test_weeks_without_scans_are_there(self, offices: Offices, visitor: Visitor) -> None:
        count(offices, (2, "330100", 0, 5))
        page = visitor.get(f"{PAGE}?weeks=4").text
        course = page[page.index("Scans by week") : page.index("Cities and countries")]
        assert re.findall(r'<td class="number">(\d+)</td><td class="number">0</td>', course) == ["0", "5", "0", "0"]
        assert course.count("not over yet") == 1

    def test_what_comes_meanwhile_is_seen(self, offices: Offices, visitor: Visitor) -> None:
        """A process remembers weeks that are over, and not those that scans may still be added to."""
        count(offices, (1, "330100", 0, 5))
        assert "<dd>5</dd>" in visitor.get(PAGE).text
        count(offices, (0, "330100", 0, 2))
        assert "<dd>7</dd>" in visitor.get(PAGE).text
        offices.world.time.pass_ms(WEEK * 86_400_000)
        count(offices, (0, "440100", 0, 1))
        assert "<dd>8</dd>" in offices.as_(Role.CLERK).get(PAGE).text

    def test_the_table_has_fifty_places(self, offices: Offices, visitor: Visitor) -> None:
        count(offices, *((0, f"{13 + at % 3}{at // 3 + 1:02d}00", 0, 100 + at) for at in range(33)))
        count(offices, *((0, f"A{chr(65 + at)}", 0, 1 + at) for at in range(26)))
        page = visitor.get(PAGE).text
        table = page[page.index("Cities and countries") :]
        assert table.count("<tr><td>") == 50
        assert "Shown are 50 of 59 places" in page
        assert visitor.get(f"{PAGE}.csv").text.count("\n") == 60

    def test_what_is_no_product_of_ones_own(self, visitor: Visitor) -> None:
        for gtin in ("06901234000016", "1", "x"):
            assert visitor.get(f"/console/products/{gtin}/places").status_code == 404


class TestFiles:
    def test_hold_each_place_in_each_week(self, offices: Offices, visitor: Visitor) -> None:
        count(offices, (1, "330100", 0, 5), (1, "330100", 1, 3), (0, "JP", 0, 1), (0, "", 0, 9))
        answer = visitor.get(f"{PAGE}.csv?weeks=4")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="places-{GREEN_TEA}-4-weeks.csv"'
        rows = list(csv.DictReader(io.StringIO(answer.text[1:])))
        monday = numbered_day(this_week(offices)).isoformat()
        assert [
            (row["place"], row["place_name"], row["province"], row["scans"], row["suspect_scans"]) for row in rows
        ] == [
            ("330100", "Hangzhou, Zhejiang", "330000", "8", "3"),
            ("", "", "", "9", "0"),
            ("JP", "Japan", "", "1", "0"),
        ]
        assert [row["week"] for row in rows][1:] == [monday, monday]
        told = json.loads(visitor.get(f"{PAGE}.json?weeks=4").text)
        assert (told["gtin"], told["weeks"]) == (str(GREEN_TEA), 4)
        assert [{name: str(value) for name, value in row.items()} for row in told["places"]] == rows

    def test_of_nothing(self, visitor: Visitor) -> None:
        assert json.loads(visitor.get(f"{PAGE}.json").text)["places"] == []
        assert visitor.get(f"{PAGE}.csv").text.count("\n") == 1


class TestOthers:
    def test_another_enterprise(self, offices: Offices) -> None:
        offices.world.base.enterprise(2)
        other = offices.as_(Role.MANAGER, enterprise_id(offices.world.base, 2))
        for kind in ("", ".csv", ".json"):
            assert other.get(PAGE + kind).status_code == 404

    def test_its_association(self, offices: Offices) -> None:
        count(offices, (0, "330100", 0, 5))
        officer, path = offices.as_(Role.OFFICER), PAGE.replace("console", "association")
        page = officer.get(path).text
        assert tile(page, "Zhejiang")[1] == "Zhejiang: 5 scans"
        assert "/console/" not in page
        assert "330100" in officer.get(f"{path}.csv").text
        for gtin in ("06901234000016", "1", "x"):
            assert officer.get(f"/association/products/{gtin}/places").status_code == 404

    def test_an_association_of_another_region(self, offices: Offices) -> None:
        officer, path = offices.as_(Role.OFFICER, elsewhere(offices)), PAGE.replace("console", "association")
        for kind in ("", ".csv", ".json"):
            assert officer.get(path + kind).status_code == 404
