"""The association's console: pledges and figures of an edition, as files."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from support.world import CAMPAIGN, uscc

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_association import association
from traceqr.access import Role
from traceqr.instant import to_iso
from traceqr.office import reporting
from traceqr.office.house import Absent, Denied
from traceqr.office.reporting import COLUMNS, ReportOffice
from traceqr.web.door import EXTENSION

EDITION = f"/association/campaigns/{CAMPAIGN}"


def table(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf"), "older spreadsheets need it"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.fixture
def officer(offices: Offices) -> Visitor:
    return offices.as_(Role.OFFICER)


def test_pledges_with_state_and_dates(offices: Offices, officer: Visitor) -> None:
    base = offices.world.base
    applied, signed = base.application(5), base.application(6, "signed")
    rows = {int(row["number"]): row for row in table(officer.get(f"{EDITION}/pledges.csv"))}
    assert sorted(rows) == [1, applied, signed]
    assert rows[1]["state"] == "published"
    assert rows[1]["certificate"].startswith("QM2026-00000001-")
    assert (rows[1]["valid_from"], rows[1]["valid_until"]) == ("2026-09-01", "2027-08-31")
    assert rows[applied]["uscc"] == uscc(5)
    assert (rows[applied]["certificate"], rows[applied]["signed"], rows[applied]["valid_from"]) == ("", "", "")
    assert rows[signed]["signed"] == to_iso(base.clock()), "the instant of the signature"
    assert rows[signed]["region_name"] == "上海市"
    assert rows[signed]["sector_name"] == "食品"


def test_that_a_pledge_has_expired_follows_from_its_dates(offices: Offices) -> None:
    offices.world.time.pass_days(400)
    visitor = offices.as_(Role.OFFICER)
    assert table(visitor.get(f"{EDITION}/pledges.csv"))[0]["state"] == "expired"
    assert table(visitor.get(f"{EDITION}/figures.csv"))[0]["expired"] == "1"


def test_no_cell_is_a_formula(offices: Offices, officer: Visitor) -> None:
    number = offices.world.base.application(5)
    offices.world.base.enterprise(5, name_zh="=HYPERLINK(1)", name_en='@SUM(1)\n"x"')
    row = table(officer.get(f"{EDITION}/pledges.csv"))[number - 1]
    assert (row["name_zh"], row["name_en"]) == ("'=HYPERLINK(1)", '\'@SUM(1) "x"')
    told = json.loads(officer.get(f"{EDITION}/pledges.json").data)
    assert told["pledges"][number - 1]["name_zh"] == "=HYPERLINK(1)"


def test_no_contact_leaves_the_house(offices: Offices, officer: Visitor) -> None:
    offices.world.base.enterprise(1, contact="张三 13800000000")
    for name in ("pledges.csv", "pledges.json", "figures.csv"):
        assert "13800000000" not in officer.get(f"{EDITION}/{name}").text


def test_as_json(officer: Visitor) -> None:
    answer = officer.get(f"{EDITION}/pledges.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert f'filename="{CAMPAIGN}-pledges.json"' in answer.headers["Content-Disposition"]
    told = json.loads(answer.data)
    assert told["campaign"] == CAMPAIGN
    assert [list(one) for one in told["pledges"]] == [list(COLUMNS)]


def test_an_edition_without_pledges(offices: Offices, officer: Visitor) -> None:
    offices.world.base.campaign("quality-month-2027")
    edition = "/association/campaigns/quality-month-2027"
    assert table(officer.get(f"{edition}/pledges.csv")) == []
    assert json.loads(officer.get(f"{edition}/pledges.json").data)["pledges"] == []
    assert table(officer.get(f"{edition}/figures.csv")) == []


def test_page_by_page_each_is_there_once(offices: Offices, officer: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "_PAGE", 2)
    numbers = [offices.world.base.application(each) for each in (5, 6, 7)]
    assert [int(row["number"]) for row in table(officer.get(f"{EDITION}/pledges.csv"))] == [1, *numbers]


def test_figures_by_region_and_sector(offices: Offices, officer: Visitor) -> None:
    offices.world.base.application(5)
    (row,) = table(officer.get(f"{EDITION}/figures.csv"))
    assert (row["region"], row["sector"], row["applied"], row["published"], row["refused"]) == (
        *("310000", "food", "1", "1", "0"),
    )


class TestWhoseTheyAre:
    def test_of_the_own_region_alone(self, offices: Offices) -> None:
        visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
        assert table(visitor.get(f"{EDITION}/pledges.csv")) == []
        assert json.loads(visitor.get(f"{EDITION}/pledges.json").data)["pledges"] == []
        assert table(visitor.get(f"{EDITION}/figures.csv")) == []
        own = offices.as_(Role.OFFICER, association(offices, "本省协会（测试）", "310000"))
        assert len(table(own.get(f"{EDITION}/pledges.csv"))) == 1

    def test_an_edition_of_another_region(self, offices: Offices) -> None:
        visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
        offices.world.base.campaign("province-2027", region="330000")
        for name in ("pledges.csv", "pledges.json", "figures.csv"):
            assert visitor.get(f"/association/campaigns/province-2027/{name}").status_code == 404

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICER])
    def test_the_office_itself_asks(self, offices: Offices, role: Role) -> None:
        desk = ReportOffice(offices.app.extensions[EXTENSION].house, offices.person(role).identity)
        for ask in (lambda: desk.report(CAMPAIGN), lambda: desk.figures(CAMPAIGN)):
            with pytest.raises(Denied):
                ask()

    def test_what_is_not_there(self, offices: Offices) -> None:
        desk = ReportOffice(offices.app.extensions[EXTENSION].house, offices.person(Role.OFFICER).identity)
        with pytest.raises(Absent):
            desk.report("none")
