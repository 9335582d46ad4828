"""The association's console: tables are tried, with every fault named, and land as they were tried."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from typing import Any

import pytest
from support.world import CAMPAIGN, uscc
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_association import association
from tests.unit.web.office.test_association_editions import hidden, send
from traceqr.access import Role
from traceqr.enrolling import Tally
from traceqr.office.house import Absent, Denied
from traceqr.office.taking_in import IntakeOffice, Kind, Table
from traceqr.web import parcels
from traceqr.web.door import EXTENSION

ENTERPRISES = "/association/imports/enterprises"
PARTICIPANTS = f"/association/campaigns/{CAMPAIGN}/imports/participants"
PLEDGES = f"/association/campaigns/{CAMPAIGN}/imports/pledges"

FIRST = 11
"""Of the enterprises in tables."""


def row(number: int, **changes: str) -> dict[str, str]:
    return {
        "uscc": uscc(FIRST + number),
        "name_zh": f"示例企业{number}",
        "name_en": "Example",
        "region": "110105",
        "sector": "food",
        "service_phone": "400-000-0000",
        "contact": "质量部",
        **changes,
    }


def pledge(number: int = 1, **changes: str) -> dict[str, str]:
    days = {"signed_on": "2026-08-20", "valid_from": "2026-09-01", "valid_until": "2027-08-31"}
    return {"campaign": CAMPAIGN, "uscc": uscc(number), **days, **changes}


def table(rows: Sequence[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def try_out(visitor: Visitor, path: str, content: bytes, name: str = "table.csv") -> Any:
    return visitor.post(path, table=(io.BytesIO(content), name))


def land(visitor: Visitor, path: str, shown: Any) -> Any:
    data = {"csrf_token": hidden(shown.text, "csrf_token"), "parcel": hidden(shown.text, "parcel"), "step": "land"}
    return send(visitor, path, data)


def enrolled(offices: Offices) -> int:
    return int(offices.world.base.one("SELECT COUNT(*) AS n FROM enterprise")["n"])


@pytest.fixture
def officer(offices: Offices) -> Visitor:
    return offices.as_(Role.OFFICER)


class TestLanding:
    def test_participants_land_as_they_were_tried(self, offices: Offices, officer: Visitor) -> None:
        shown = try_out(officer, PARTICIPANTS, table([row(number) for number in range(40)]))
        assert shown.status_code == 200, shown.text
        assert "Nothing is wrong with it" in shown.text
        assert "<dd>40</dd>" in shown.text
        assert enrolled(offices) == 1
        answer = land(officer, PARTICIPANTS, shown)
        assert answer.status_code == 303
        assert enrolled(offices) == 41
        assert "Imported: 40 new, 0 changed, 0 unchanged." in officer.get(PARTICIPANTS).text
        assert offices.world.base.acts()[-1] == "pledge.apply"

    def test_landing_twice_changes_nothing_more(self, offices: Offices, officer: Visitor) -> None:
        shown = try_out(officer, ENTERPRISES, table([row(1)]))
        assert [land(officer, ENTERPRISES, shown).status_code for _ in range(2)] == [303, 303]
        assert enrolled(offices) == 2
        assert "0 new, 0 changed, 1 unchanged" in officer.get(ENTERPRISES).text

    def test_pledges_signed_on_paper(self, offices: Offices, officer: Visitor) -> None:
        offices.world.base.enterprise(2)
        shown = try_out(officer, PLEDGES, table([pledge(2)]))
        assert land(officer, PLEDGES, shown).status_code == 303
        assert offices.world.base.one("SELECT COUNT(*) AS n FROM pledge WHERE state = 'published'")["n"] == 2

    def test_what_became_wrong_after_it_was_tried_lands_not(self, offices: Offices, officer: Visitor) -> None:
        offices.world.base.enterprise(2)
        shown = try_out(officer, PLEDGES, table([pledge(2)]))
        offices.world.base.application(2, "signed")
        answer = land(officer, PLEDGES, shown)
        assert answer.status_code == 422
        assert "no pledge yet" in answer.text

    def test_what_was_not_tried_lands_not(self, offices: Offices, officer: Visitor) -> None:
        file = (io.BytesIO(table([row(1)])), "table.csv")
        assert officer.post(ENTERPRISES, table=file, step="land").status_code == 422
        assert enrolled(offices) == 1

    def test_what_was_tried_for_something_else_lands_not(self, offices: Offices, officer: Visitor) -> None:
        shown = try_out(officer, ENTERPRISES, table([row(1)]))
        assert land(officer, PARTICIPANTS, shown).status_code == 422
        assert land(offices.as_(Role.OFFICER), ENTERPRISES, shown).status_code in (400, 422)
        assert enrolled(offices) == 1

    def test_altered_on_its_way_lands_not(self, offices: Offices, officer: Visitor) -> None:
        shown = try_out(officer, ENTERPRISES, table([row(1)]))
        parcel = hidden(shown.text, "parcel")
        for altered in (parcel[:-1], "A" + parcel, parcel.partition(".")[0], "é"):
            data = {"csrf_token": hidden(shown.text, "csrf_token"), "parcel": altered, "step": "land"}
            answer = send(officer, ENTERPRISES, data)
            assert answer.status_code == 422
            assert "is gone" in answer.text
        assert enrolled(offices) == 1

    def test_a_file_of_many_bytes(self, offices: Offices, officer: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parcels, "MAX_BYTES", 100)
        answer = try_out(officer, ENTERPRISES, table([row(1)]))
        assert answer.status_code == 422
        assert "at most 5 MB" in answer.text

    def test_what_is_tried_may_be_large(self, offices: Offices, officer: Visitor) -> None:
        """A field of a form holds half a megabyte unless told otherwise."""
        chance = random.Random(1)
        rows = [row(number, contact=chance.randbytes(1_000).hex()) for number in range(500)]
        file = FileStorage(io.BytesIO(table(rows)), "table.csv")
        boundary, body = encode_multipart({"csrf_token": officer.token(ENTERPRISES), "table": file})
        told = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept-Language": "en"}
        shown = officer.client.post(ENTERPRISES, data=body, headers=told)
        assert len(hidden(shown.text, "parcel")) > 500_000
        assert shown.status_code == 200
        assert land(officer, ENTERPRISES, shown).status_code == 303


class TestEmptyTables:
    def test_what_is_filled_in_is_taken(self, offices: Offices, officer: Visitor) -> None:
        for spoken, heading in (("en", "uscc*"), ("zh-CN", "统一社会信用代码*")):
            officer.language = spoken
            answer = officer.get("/association/imports/participants.csv")
            (header,) = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
            assert header[0] == heading
            assert len(header) == len(row(1))
            filled = dict(zip(header, row(1).values(), strict=True))
            officer.language = "en"
            assert "Nothing is wrong with it" in try_out(officer, PARTICIPANTS, table([filled])).text

    def test_of_what_there_is(self, officer: Visitor) -> None:
        assert officer.get("/association/imports/pledges.csv").status_code == 200
        assert officer.get("/association/imports/products.csv").status_code == 404


class TestFaults:
    def test_each_is_named_and_nothing_lands(self, offices: Offices, officer: Visitor) -> None:
        rows = [row(number) for number in range(30)]
        rows[3]["uscc"] = "6.9E+17"
        rows[5]["region"] = "33"
        rows[7]["sector"] = "gambling"
        rows[9]["name_zh"] = ""
        rows[11]["service_phone"] = "call us"
        rows[13]["uscc"] = rows[12]["uscc"]
        answer = try_out(officer, PARTICIPANTS, table(rows))
        assert answer.status_code == 422
        assert "Nothing was imported: 6 faults" in answer.text
        for number, expected, came in (
            (5, "18 characters", "6.9E+17"),
            (7, "a region code of 6 digits (GB/T 2260)", "33"),
            (9, "a sector of the list", "gambling"),
            (11, "a value", "nothing"),
            (13, "a telephone number such as 400-000-0000", "call us"),
            (15, "each only once; it stands in row 14 already", "nothing"),
        ):
            assert f'<td class="number">{number}</td><td>{expected}' in answer.text
            assert f"<code>{came}</code>" in answer.text
        assert "Excel has shortened a long number" in answer.text
        assert 'value="land"' not in answer.text
        assert enrolled(offices) == 1

    def test_in_the_language_of_the_reader(self, offices: Offices, officer: Visitor) -> None:
        officer.language = "zh-CN"
        answer = try_out(officer, PARTICIPANTS, table([row(1, name_zh="")]))
        assert "非空内容" in answer.text

    def test_two_thousand_of_them(self, offices: Offices, officer: Visitor) -> None:
        answer = try_out(officer, ENTERPRISES, table([row(number, name_zh="") for number in range(2_000)]))
        assert answer.text.count("<tr><td") == 2_000
        assert '<details class="faults">' in answer.text, "so many are folded up"

    def test_as_a_table_without_formulas(self, offices: Offices, officer: Visitor) -> None:
        shown = try_out(officer, ENTERPRISES, table([row(1, service_phone="=HYPERLINK(1)"), row(2, region="+1")]))
        data = {"csrf_token": hidden(shown.text, "csrf_token"), "parcel": hidden(shown.text, "parcel")}
        answer = send(officer, ENTERPRISES, {**data, "step": "faults"})
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        found = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert [one["found"] for one in found] == ["'=HYPERLINK(1)", "'+1"]
        assert [one["row"] for one in found] == ["2", "3"]

    def test_script_is_shown_as_it_is_spelled(self, offices: Offices, officer: Visitor) -> None:
        script = "<script>alert(1)</script>"
        rows = [row(1, **dict.fromkeys(("uscc", "region", "sector", "service_phone"), script))]
        for content in (table(rows), f"{script}\n1\n".encode(), script.encode()):
            answer = try_out(officer, PARTICIPANTS, content, f"{script}.csv")
            assert answer.status_code == 422
            assert script not in answer.text
            assert "&lt;script&gt;" in answer.text

    def test_files_that_are_no_tables(self, offices: Offices, officer: Visitor) -> None:
        for content, why in (
            (b"", "a header with these columns"),
            (b"PK\x03\x04", "a workbook (.xlsx) that can be read"),
            (b"\xff\xfe\x00", "a text file in UTF-8"),
            (b"a\x00b", "a text file in UTF-8"),
            (b"uscc,colour\n1,2\n", "columns among these"),
            (table([row(1)]).splitlines()[0], "rows under the header"),
        ):
            answer = try_out(officer, ENTERPRISES, content)
            assert answer.status_code == 422, content
            assert why in answer.text, content
        assert officer.post(ENTERPRISES).status_code == 422

    def test_of_an_edition_that_takes_no_applications(self, offices: Offices, officer: Visitor) -> None:
        offices.world.time.pass_days(80)
        visitor = offices.as_(Role.OFFICER)
        answer = try_out(visitor, PARTICIPANTS, table([row(1)]))
        assert answer.status_code == 422
        assert "applications are taken then" in answer.text

    def test_pledges_of_another_edition(self, offices: Offices, officer: Visitor) -> None:
        offices.world.base.campaign("quality-month-2027")
        answer = try_out(officer, PLEDGES, table([pledge(1, campaign="quality-month-2027")]))
        assert answer.status_code == 422
        assert f"this edition, {CAMPAIGN}" in answer.text


class TestWhoseTheyAre:
    def test_rows_of_another_region_are_faults(self, offices: Offices) -> None:
        visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
        answer = try_out(visitor, PARTICIPANTS, table([row(1), row(2, region="330106")]))
        assert answer.status_code == 422
        assert "Nothing was imported: 1 fault<" in answer.text
        assert "an enterprise of your own region, 110000" in answer.text
        assert "<code>330106</code>" in answer.text

    def test_nobody_takes_an_enterprise_from_another_region(self, offices: Offices) -> None:
        """It is enrolled there, whatever the table says."""
        visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
        for path in (ENTERPRISES, PARTICIPANTS):
            answer = try_out(visitor, path, table([row(1, uscc=uscc(1))]))
            assert answer.status_code == 422
            assert "<code>310000</code>" in answer.text
        assert try_out(visitor, PLEDGES, table([pledge(1)])).status_code == 422

    def test_a_co_organiser_takes_nothing_in(self, offices: Offices) -> None:
        body = association(offices, "协办协会（测试）", "110000")
        offices.world.base.campaign(co_organisers=("协办协会（测试）",))
        visitor = offices.as_(Role.OFFICER, body)
        for path in (PARTICIPANTS, PLEDGES):
            assert visitor.get(path).status_code == 403
            file = (io.BytesIO(table([row(1)])), "table.csv")
            assert visitor.post(path, form="/association/imports/enterprises", table=file).status_code == 403
        assert PARTICIPANTS not in visitor.get("/association/imports").text
        assert enrolled(offices) == 1

    def test_an_edition_that_is_not_there(self, officer: Visitor) -> None:
        assert officer.get("/association/campaigns/none/imports/participants").status_code == 404
        assert officer.get(f"/association/campaigns/{CAMPAIGN}/imports/products").status_code == 404

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICER])
    def test_the_office_itself_asks(self, offices: Offices, role: Role) -> None:
        desk = IntakeOffice(offices.app.extensions[EXTENSION].house, offices.person(role).identity)
        file = Table("table.csv", table([row(1)]))
        for ask in (
            desk.takes_into,
            lambda: desk.into(CAMPAIGN),
            lambda: desk.take(Kind.ENTERPRISES, file, dry_run=True),
            lambda: desk.take(Kind.PARTICIPANTS, file, CAMPAIGN, dry_run=False),
        ):
            with pytest.raises(Denied):
                ask()

    def test_what_belongs_to_an_edition_is_taken_into_one(self, offices: Offices) -> None:
        desk = IntakeOffice(offices.app.extensions[EXTENSION].house, offices.person(Role.OFFICER).identity)
        file = Table("table.csv", table([row(1)]))
        for kind, campaign_id in ((Kind.PARTICIPANTS, ""), (Kind.PLEDGES, ""), (Kind.ENTERPRISES, CAMPAIGN)):
            with pytest.raises(Absent):
                desk.take(kind, file, campaign_id, dry_run=True)
        with offices.app.app_context():
            assert desk.take(Kind.ENTERPRISES, file, dry_run=True).tally == Tally(added=1)
