"""Suspect labels, as an enterprise and its association see them."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from support.staff import enterprise_id
from support.travellers import go_around
from support.world import uscc

from tests.unit.web.office.conftest import Offices
from tests.unit.web.office.test_tenancy import elsewhere
from tests.unit.web.world import GREEN_TEA
from traceqr import activating, keying, recalling
from traceqr.access import Role
from traceqr.activating import Range
from traceqr.instant import CHINA, DAY_MS, day_number
from traceqr.registry.batches import Batch
from traceqr.registry.suspects import Suspect
from traceqr.suspicion.weighing import Sign
from traceqr.web import suspicion_words


@pytest.fixture
def batch(offices: Offices) -> Batch:
    """A batch whose label 2 goes around."""
    base = offices.world.base
    batch = base.issue(5, gtin=GREEN_TEA, lot="L-7")
    go_around(base, base.label(batch, 2))
    return batch


def label_page(batch: Batch, index: int = 2, home: str = "console") -> str:
    return f"/{home}/suspects/{batch.number}/{index}"


def invent(offices: Offices, batch: Batch, count: int) -> None:
    """So many suspects more, put in as they are, two at each instant."""
    at = offices.world.time()
    rows = [
        Suspect(
            batch.number + number, number, batch.enterprise_id, batch.gtin, at + number // 2, at, 120, "far-apart", "JP"
        )
        for number in range(count)
    ]
    with offices.world.database.maintenance() as tx:
        (one,) = tx.rows("SELECT * FROM batch WHERE number = :number", {"number": batch.number})
        more = [tuple({**one, "number": row.batch}.values()) for row in rows if row.batch != batch.number]
        tx.insert_many("batch", tuple(one), more)
        columns = tuple(Suspect.__dataclass_fields__)
        tx.insert_many("suspect", columns, [tuple(getattr(row, name) for name in columns) for row in rows])


class TestTheList:
    def test_tells_why(self, offices: Offices, batch: Batch) -> None:
        page = offices.as_(Role.CLERK).get("/console/suspects").text
        assert f'href="{label_page(batch)}"' in page
        assert "0000 0001 0000 0002" in page
        assert "many devices" in page
        assert "many regions" in page
        assert "Guangzhou, Guangdong" in page  # the place of the last of twelve, through ten cities

    def test_says_so_where_there_are_none(self, offices: Offices) -> None:
        assert "There are none." in offices.as_(Role.CLERK).get("/console/suspects").text

    def test_of_one_product(self, offices: Offices, batch: Batch) -> None:
        visitor = offices.as_(Role.CLERK)
        for product, found in ((str(GREEN_TEA)[1:], True), ("6901234000016", False), ("<script>", False)):
            page = visitor.client.get("/console/suspects", query_string={"product": product}).text
            assert (label_page(batch) in page) is found, product
            assert "<script>" not in page

    def test_goes_on_page_by_page(self, offices: Offices, batch: Batch) -> None:
        invent(offices, batch, 120)
        visitor, path, found = offices.as_(Role.CLERK), "/console/suspects", []
        while path:
            page = visitor.get(path).text
            found += re.findall(r'href="/console/suspects/(\d+/\d+)"', page)
            onward = re.search(r'href="(/console/suspects\?below=[0-9-]+)">Next', page)
            path = onward[1] if onward else ""
        assert len(found) == len(set(found)) == 121
        assert found[:2] == ["120/119", "119/118"]
        assert found[-1] == "1/2"  # since when, decides: it went around before

    @pytest.mark.parametrize("below", ["x", "1-2", "9" * 40, "1-1-999999999", "-1-1-1"])
    def test_begins_anew_below_what_is_no_mark(self, offices: Offices, batch: Batch, below: str) -> None:
        page = offices.as_(Role.CLERK).client.get("/console/suspects", query_string={"below": below})
        assert label_page(batch) in page.text

    def test_as_a_table_and_as_json(self, offices: Offices, batch: Batch) -> None:
        invent(offices, batch, 250)
        visitor = offices.as_(Role.CLERK)
        answer = visitor.get("/console/suspects.csv")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="suspects.csv"'
        rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert len(rows) == 251
        found = json.loads(visitor.get("/console/suspects.json").text)["suspects"]
        assert [{name: str(value) for name, value in one.items()} for one in found] == rows
        last = found[-1]
        assert (last["serial"], last["place"], last["uscc"]) == ("0000000100000002", "440100", "")
        assert set(last["signs"].split()) >= {"many-devices", "many-regions"}
        assert last["since"] < last["last"]


class TestALabel:
    def test_tells_each_sign_with_what_is_innocent(self, offices: Offices, batch: Batch) -> None:
        page = offices.as_(Role.CLERK).get(label_page(batch)).text
        assert re.search(r"It was looked at by what counts as 1\d\.\d devices", page)
        assert "Innocent if a picture of the label is passed on" in page
        assert re.search(r"Its score is \d{3} now\. From 100 on", page)
        assert "12 times, by 12 devices" in page
        assert '<strong class="flag">suspect</strong>' in page

    def test_tells_places_and_scans_and_no_device(self, offices: Offices, batch: Batch) -> None:
        page = offices.as_(Role.CLERK).get(label_page(batch)).text
        assert "Hangzhou, Zhejiang" in page
        rows = re.findall(r'<td class="number">(\d+)</td></tr>', page[page.index("The latest scans") :])
        assert rows == [str(number) for number in range(12, 0, -1)]
        for number in range(12):
            assert f"{number:032x}" not in page

    def test_of_many_scans_the_latest_fifty(self, offices: Offices, batch: Batch) -> None:
        base = offices.world.base
        go_around(base, base.label(batch, 2), devices=70)
        page = offices.as_(Role.CLERK).get(label_page(batch)).text
        rows = re.findall(r'<td class="number">(\d+)</td></tr>', page[page.index("The latest scans") :])
        assert len(rows) == 50
        assert set(rows) == {str(number) for number in range(1, 51)}

    def test_what_is_told_now(self, offices: Offices, batch: Batch) -> None:
        desk, visitor = offices.world.desk, offices.as_(Role.CLERK)

        def now() -> str:
            found = re.search(r'<strong class="flag">([^<]+)</strong>', visitor.get(label_page(batch)).text)
            assert found
            return found[1]

        assert now() == "suspect"
        hold = recalling.open_on_batch(desk, "hold", Range(batch.number, 0, 3), "r")
        assert now() == "on hold"
        recalling.open_on_batch(desk, "recall", Range(batch.number), "r")
        assert now() == "recalled"
        recalling.lift(desk, hold.id, "r")
        assert now() == "recalled"
        activating.void(desk, Range(batch.number, 2, 2), "r")
        assert now() == "void"

    def test_of_a_stolen_key_it_is_suspect_whatever_was_seen(self, offices: Offices, batch: Batch) -> None:
        keying.compromise(offices.world.desk, batch.key_number, "stolen")
        assert '<strong class="flag">suspect</strong>' in offices.as_(Role.CLERK).get(label_page(batch)).text

    def test_suspicion_fades(self, offices: Offices, batch: Batch) -> None:
        offices.world.time.pass_ms(2_000 * DAY_MS)
        page = offices.as_(Role.CLERK).get(label_page(batch)).text
        assert "Its score has fallen to" in page
        assert "150 km or more apart" in page  # regions do not fade

    def test_is_held_by_the_form_of_its_batch(self, offices: Offices, batch: Batch) -> None:
        visitor = offices.as_(Role.CLERK)
        link = re.search(r'href="([^"]+act=hold[^"]+)#change"', visitor.get(label_page(batch)).text)
        assert link
        form = visitor.get(link[1].replace("&amp;", "&")).text
        assert re.search(r'name="first"[^>]* value="2"', form)
        assert re.search(r'checked[^>]*value="hold"', form)

    @pytest.mark.parametrize("query", ["act=sell&label=2", "act=hold&label=-1", "act=hold", "label=2"])
    def test_an_address_that_proposes_nothing(self, offices: Offices, batch: Batch, query: str) -> None:
        form = offices.as_(Role.CLERK).get(f"/console/batches/{batch.number}?{query}").text
        assert not re.search(r'name="first"[^>]* value="2"', form)
        assert re.search(r'checked[^>]*value="activate"', form)

    def test_as_files(self, offices: Offices, batch: Batch) -> None:
        visitor = offices.as_(Role.CLERK)
        rows = list(csv.DictReader(io.StringIO(visitor.get(label_page(batch) + "/scans.csv").text[1:])))
        assert [row["device"] for row in rows] == [str(number) for number in range(12, 0, -1)]
        assert rows[-1]["place_name"] == "Hangzhou, Zhejiang"
        told = json.loads(visitor.get(label_page(batch) + "/file.json").text)
        assert (told["serial"], told["lot"], told["verdict_now"]) == ("0000000100000002", "L-7", "suspect")
        assert {point["sign"] for point in told["points"]} >= {"many-devices", "many-regions"}
        assert sum(point["points"] for point in told["points"]) == pytest.approx(told["score_now"], abs=1)
        assert len(told["scans"]) == told["times_seen"] == 12
        assert f"{3:032x}" not in json.dumps(told)

    def test_that_is_not_suspect_is_not_there(self, offices: Offices, batch: Batch) -> None:
        visitor = offices.as_(Role.CLERK)
        for index in (1, 99, 10**9):
            assert visitor.get(label_page(batch, index)).status_code == 404

    def test_seen_before_sale(self, offices: Offices) -> None:
        base = offices.world.base
        batch = base.issue(3, gtin=GREEN_TEA, active=False)
        go_around(base, base.label(batch))
        page = offices.as_(Role.CLERK).get(label_page(batch, 0)).text
        assert "looked at it before it was activated" in page
        assert "<small>before sale</small>" in page
        assert '<strong class="flag">not activated yet</strong>' in page

    def test_outside_its_market(self, offices: Offices) -> None:
        base = offices.world.base
        batch = base.issue(3, gtin=GREEN_TEA, market=("330000",))
        go_around(base, base.label(batch))
        assert (
            "outside the regions that its batch is meant for" in offices.as_(Role.CLERK).get(label_page(batch, 0)).text
        )


def test_its_case_leads_to_it(offices: Offices, batch: Batch) -> None:
    case = offices.world.base.one("SELECT case_id FROM case_suspect")["case_id"]
    for role, home in ((Role.CLERK, "console"), (Role.OFFICER, "association")):
        assert f'href="{label_page(batch, home=home)}"' in offices.as_(role).get(f"/{home}/cases/{case}").text


class TestTheFirstPage:
    def test_says_how_many_are_new(self, offices: Offices, batch: Batch) -> None:
        invent(offices, batch, 3)
        page = offices.as_(Role.CLERK).get("/console/").text
        assert re.search(r'href="/console/suspects">[^<]+</a> <strong class="flag">4</strong>', page)

    def test_says_nothing_of_those_that_are_old(self, offices: Offices, batch: Batch) -> None:
        offices.world.time.pass_ms(31 * DAY_MS)
        assert "last 30 days</a> <strong" not in offices.as_(Role.CLERK).get("/console/").text

    def test_counts_so_far_and_no_farther(self, offices: Offices, batch: Batch) -> None:
        invent(offices, batch, 1_001)
        page = offices.as_(Role.CLERK).get("/console/").text
        assert 'last 30 days</a> <strong class="flag">over 1,000</strong>' in page


class TestBursts:
    def fill(self, offices: Offices, batch: Batch, *days: tuple[int, int]) -> None:
        """So many scans, so many days ago."""
        today = day_number(offices.world.time(), CHINA)
        with offices.world.database.maintenance() as tx:
            tx.execute("DELETE FROM scan_batch")
            rows = [(batch.number, today - ago, 0, scans) for ago, scans in days]
            tx.insert_many("scan_batch", ("batch", "day", "lane", "scans"), rows)

    def test_a_burst_is_told_of_its_batch(self, offices: Offices, batch: Batch) -> None:
        self.fill(offices, batch, (0, 1), (3, 90), (4, 2), (20, 3))
        page = offices.as_(Role.CLERK).get(f"/console/batches/{batch.number}").text
        assert "its labels were scanned 90 times; the four weeks before let expect 0.2." in page
        assert page.count("let expect") == 1

    def test_one_that_is_long_past_is_not(self, offices: Offices, batch: Batch) -> None:
        self.fill(offices, batch, (28, 90), (60, 500))
        assert "let expect" not in offices.as_(Role.CLERK).get(f"/console/batches/{batch.number}").text

    def test_many_scans_every_day_are_none(self, offices: Offices, batch: Batch) -> None:
        self.fill(offices, batch, *((ago, 100 + ago % 3) for ago in range(60)))
        assert "let expect" not in offices.as_(Role.CLERK).get(f"/console/batches/{batch.number}").text


def test_every_sign_has_its_words() -> None:
    for words in (suspicion_words.SIGN_NAMES, suspicion_words.FOUND, suspicion_words.INNOCENT):
        assert set(words) == set(Sign)


class TestOthers:
    def test_another_enterprise(self, offices: Offices, batch: Batch) -> None:
        offices.world.base.enterprise(2)
        visitor = offices.as_(Role.MANAGER, enterprise_id(offices.world.base, 2))
        assert "There are none." in visitor.get("/console/suspects").text
        assert str(GREEN_TEA) not in visitor.get("/console/suspects.csv").text
        for path in ("", "/scans.csv", "/file.json"):
            assert visitor.get(label_page(batch) + path).status_code == 404

    def test_its_association(self, offices: Offices, batch: Batch) -> None:
        officer = offices.as_(Role.OFFICER)
        for query in ("", f"?uscc={uscc()}", f"?product={GREEN_TEA}"):
            page = officer.get(f"/association/suspects{query}").text
            assert label_page(batch, home="association") in page, query
            assert uscc() in page, query
        page = officer.get(label_page(batch, home="association")).text
        assert "many devices" in page
        assert "/console/" not in page  # what is to be done about it is the enterprise's affair
        assert officer.get("/association/suspects.csv").text.count(uscc()) == 1
        assert json.loads(officer.get("/association/suspects.json").text)["suspects"][0]["uscc"] == uscc()
        assert officer.get(label_page(batch)).status_code in (302, 403)

    def test_an_association_of_another_region(self, offices: Offices, batch: Batch) -> None:
        officer = offices.as_(Role.OFFICER, elsewhere(offices))
        assert "There are none." in officer.get("/association/suspects").text
        assert officer.get(f"/association/suspects?uscc={uscc()}").status_code == 404
        assert officer.get(label_page(batch, home="association")).status_code == 404
        assert uscc() not in officer.get("/association/suspects.json").text

    @pytest.mark.parametrize("path", ["/association/suspects", "/association/suspects.csv"])
    @pytest.mark.parametrize("code", ["x", uscc(77), "a%00b"])
    def test_an_enterprise_that_nobody_knows(self, offices: Offices, path: str, code: str) -> None:
        assert offices.as_(Role.OFFICER).get(f"{path}?uscc={code}").status_code == 404
