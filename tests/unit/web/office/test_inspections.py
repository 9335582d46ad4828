"""Inspections as an association and inspectors see them: whose they are, what each is shown, and what comes of them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import Any

import pypdfium2
import pytest
from support.inspections import ID, LABEL, Inspectors, Key, addition, digest, enrolled, jpeg
from support.world import uscc

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.world import GREEN_TEA
from traceqr import enrolling, recalling, upholding
from traceqr.access import Role
from traceqr.enrolling import OrganisationEntry
from traceqr.inspection.proof import ENTRY, DeviceKey
from traceqr.office.inspections import COLUMNS
from traceqr.registry import field_photos

LIST = "/inspections/"
PAGE = f"/inspections/{ID}"
PHOTO = jpeg()
PEOPLE = ("丙", "000-0000-0000", "货是朋友送来的", "沪-001", "31.230416")
"""What stands in the record of people, and nobody but inspectors is shown."""


@pytest.fixture
def field(offices: Offices) -> Inspectors:
    """Two inspectors, and one inspection that met a label, with a photo."""
    base = offices.world.base
    found = _inspectors(offices)
    base.issue(gtin=GREEN_TEA)
    name, attachments = hashlib.sha256(PHOTO).hexdigest(), offices.world.settings.attachments
    assert attachments is not None
    (attachments / name[:2]).mkdir(parents=True)
    (attachments / name[:2] / name).write_bytes(PHOTO)
    with base.database.recording() as tx:
        field_photos.put(tx, name, len(PHOTO), found.first.account.id, base.clock())
    photos = [{"digest": name, "bytes": len(PHOTO), "at": LABEL["at"], "position": None, "caption": "货架"}]
    record = found.record(labels=[{**LABEL, "text": base.text(1), "serial": "0000000100000000"}], photos=photos)
    record["premises"]["uscc"] = uscc(1)
    found.take(found.entry(record=record))
    return found


def _inspectors(offices: Offices) -> Inspectors:
    base = offices.world.base
    first, second = offices.person(Role.INSPECTOR), offices.person(Role.INSPECTOR)
    key = Key()
    return Inspectors(base, first, second, key, enrolled(base, first, key))


def another(offices: Offices, number: int, field: Inspectors, **changes: Any) -> str:
    """One more inspection; its id."""
    inspection = f"{number:032x}"
    field.take(field.entry(inspection=inspection, record=field.record(**changes)))
    return inspection


def officer(offices: Offices) -> Visitor:
    return offices.as_(Role.OFFICER)


def inspector(offices: Offices, field: Inspectors) -> Visitor:
    return offices.visitor().sign_in(field.first)


def stranger(offices: Offices, role: Role = Role.INSPECTOR, level: str = "city", region: str = "330100") -> Visitor:
    """Somebody of another region."""
    kind = "regulator" if role is Role.INSPECTOR else "association"
    base = offices.world.base
    enrolling.enrol_organisations(base.desk, [OrganisationEntry(kind, level, region, f"另一{kind}", "Another")])
    body = str(base.one("SELECT id FROM organisation WHERE name_zh = :name", name=f"另一{kind}")["id"])
    return offices.as_(role, body)


class TestWhoSees:
    @pytest.mark.parametrize("role", [Role.OFFICER, Role.INSPECTOR])
    def test_nobody_of_another_region(self, offices: Offices, field: Inspectors, role: Role) -> None:
        visitor = stranger(offices, role)
        assert ID not in visitor.get(LIST).text
        for path in (PAGE, PAGE + "/record.pdf", PAGE + "/entries.json", f"{PAGE}/photos/{'ab' * 32}"):
            assert visitor.get(path).status_code in (403, 404)
        assert visitor.send(PAGE + "/case", {"csrf_token": visitor.token(LIST), "batch": "1"}).status_code == 404

    def test_the_association_of_the_province_and_of_the_country(self, offices: Offices, field: Inspectors) -> None:
        assert officer(offices).get(PAGE).status_code == 200
        assert stranger(offices, Role.OFFICER, "province", "310000").get(PAGE).status_code == 200

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.CLERK, Role.OPERATOR])
    def test_nobody_else(self, offices: Offices, field: Inspectors, role: Role) -> None:
        answer = offices.as_(role).get(PAGE)
        assert answer.status_code == 302
        assert "/inspections" not in answer.headers["Location"]

    def test_who_has_not_signed_in_comes_back_to_it(self, offices: Offices, field: Inspectors) -> None:
        visitor = offices.visitor()
        assert visitor.get(PAGE).headers["Location"] == "/account/sign-in"
        visitor.sign_in(field.first)
        assert visitor.get("/account/go").headers["Location"] == PAGE

    def test_the_association_is_shown_what_was_found_and_no_people(self, offices: Offices, field: Inspectors) -> None:
        page = officer(offices).get(PAGE).text
        for words in ("示例茶行", "货架上的绿茶", "Sealed off", "封-0001", "Correction ordered", uscc(1)):
            assert words in page
        assert [each for each in PEOPLE if each in page] == []
        assert "<polyline" not in page

    @pytest.mark.parametrize("path", ["/record.pdf", "/entries.json"])
    def test_nor_the_record_as_it_was_signed(self, offices: Offices, field: Inspectors, path: str) -> None:
        assert officer(offices).get(PAGE + path).status_code == 403

    def test_inspectors_are_shown_all(self, offices: Offices, field: Inspectors) -> None:
        page = inspector(offices, field).get(PAGE).text
        assert [each for each in PEOPLE if each not in page] == []
        assert page.count('<svg class="strokes"') == 3

    def test_a_photo_is_shown_as_it_came_and_runs_nothing(self, offices: Offices, field: Inspectors) -> None:
        answer = officer(offices).get(f"{PAGE}/photos/{hashlib.sha256(PHOTO).hexdigest()}")
        assert (answer.data, answer.mimetype) == (PHOTO, "image/jpeg")
        assert "sandbox" in answer.headers["Content-Security-Policy"]

    def test_a_photo_of_something_else_is_not(self, offices: Offices, field: Inspectors) -> None:
        other = another(offices, 7, field)
        path = f"/inspections/{other}/photos/{hashlib.sha256(PHOTO).hexdigest()}"
        assert inspector(offices, field).get(path).status_code == 404

    def test_what_strangers_say_that_follows_it_is_not(self, offices: Offices, field: Inspectors) -> None:
        own = another(offices, 8, field, follows=ID, measures=[])
        base, organisation = offices.world.base, OrganisationEntry("regulator", "city", "330100", "另一局", "Another")
        enrolling.enrol_organisations(base.desk, [organisation])
        body = str(base.one("SELECT id FROM organisation WHERE name_zh = '另一局'")["id"])
        first, second, key = offices.person(Role.INSPECTOR, body), offices.person(Role.INSPECTOR, body), Key()
        elsewhere = Inspectors(base, first, second, key, enrolled(base, first, key))
        foreign = another(offices, (9 << 124) + 9, elsewhere, follows=ID, measures=[])
        page = officer(offices).get(PAGE).text
        assert f"/inspections/{own}" in page
        assert foreign[:8] not in page

    @pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
    def test_in_each_language(self, offices: Offices, field: Inspectors, language: str) -> None:
        visitor = inspector(offices, field)
        visitor.language = language
        assert visitor.get(PAGE).status_code == visitor.get(LIST).status_code == 200

    def test_what_is_typed_in_a_record_is_no_markup(self, offices: Offices, field: Inspectors) -> None:
        other = another(offices, 8, field, findings="<script>alert(1)</script>", statement="<b>x</b>")
        page = inspector(offices, field).get(f"/inspections/{other}").text
        assert "<script>alert" not in page
        assert "&lt;b&gt;x&lt;/b&gt;" in page


class TestTheList:
    def _found(self, visitor: Visitor, **asked: str) -> set[str]:
        table = visitor.client.get("/inspections/all.csv", query_string=asked).text
        return {row["inspection"] for row in csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))}

    def test_by_what_one_asks_for(self, offices: Offices, field: Inspectors) -> None:
        goods = [{**field.record()["goods"][0], "gtin": "06900000000014"}]
        other = another(offices, 1, field, finding="conforming", kind="special", measures=[], goods=goods)
        visitor = officer(offices)
        for asked, expected in (
            ({}, {ID, other}),
            ({"finding": "problem"}, {ID}),
            ({"kind": "special"}, {other}),
            ({"gtin": "06900000000014"}, {other}),
            ({"gtin": str(GREEN_TEA)}, {ID}),
            ({"uscc": uscc(1)}, {ID}),
            ({"uscc": uscc(2)}, set()),
            ({"region": "310000"}, {ID, other}),
            ({"region": "310104"}, set()),
            ({"standing": "open"}, {ID}),
            ({"standing": "late"}, {ID}),
            ({"standing": "withdrawn"}, set()),
        ):
            assert self._found(visitor, **asked) == expected, asked

    def test_a_product_of_an_enterprise_is_found_by_the_enterprise(self, offices: Offices, field: Inspectors) -> None:
        other = another(offices, 1, field, goods=[{**field.record()["goods"][0], "gtin": str(GREEN_TEA)}])
        assert self._found(officer(offices), uscc=uscc(1)) == {ID, other}

    def test_corrections_are_open_until_they_are_looked_at(self, offices: Offices, field: Inspectors) -> None:
        later = another(offices, 2, field, measures=[{**field.record()["measures"][1], "until": "2026-12-31"}])
        visitor = officer(offices)
        assert self._found(visitor, standing="open") == {ID, later}
        assert self._found(visitor, standing="late") == {ID}
        text = field.world.one("SELECT content FROM inspection_entry WHERE inspection_id = :id", id=ID)["content"]
        field.take(field.later(text, addition=addition(kind="followed-up", measure=1)))
        assert self._found(visitor, standing="open") == {later}
        assert "looked at" in visitor.get(PAGE).text

    def test_what_was_withdrawn_stands_apart(self, offices: Offices, field: Inspectors) -> None:
        text = field.world.one("SELECT content FROM inspection_entry")["content"]
        field.take(field.later(text, addition=addition(kind="withdrawn", text="误录")))
        visitor = officer(offices)
        assert self._found(visitor) == set()
        assert self._found(visitor, standing="withdrawn") == {ID}
        page = visitor.get(PAGE).text
        assert "误录" in page
        assert "Record withdrawn" in page
        assert "Tie it to this inspection" not in page

    def test_it_is_counted_by_finding_and_by_region(self, offices: Offices, field: Inspectors) -> None:
        another(offices, 1, field, finding="unclear")
        page = officer(offices).get(LIST).text
        assert "Problem found <strong>1</strong>" in page
        assert "Not clear yet <strong>1</strong>" in page
        assert "overdue" in page

    def test_page_by_page(self, offices: Offices, field: Inspectors, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("traceqr.office.inspections.InspectionOffice.queue.__defaults__", ("", 2))
        for number in range(3):
            field.world.clock.pass_ms(1_000)
            another(offices, number + 1, field)
        visitor = officer(offices)
        first = visitor.get(LIST + "?finding=problem").text
        assert ID not in first
        after = first.partition("after=")[2].partition('"')[0]
        assert ID in visitor.get(f"{LIST}?after={after}").text

    @pytest.mark.parametrize(
        "asked", ["finding=x", "kind=x", "standing=x", "gtin=1", "uscc=x", "region=x", "region=3301", "gtin=%00"]
    )
    def test_what_nobody_can_ask_for(self, offices: Offices, field: Inspectors, asked: str) -> None:
        visitor = officer(offices)
        assert visitor.get(f"{LIST}?{asked}").status_code == 404
        assert visitor.get(f"/inspections/all.json?{asked}").status_code == 404

    def test_a_region_beside_the_own_one(self, offices: Offices, field: Inspectors) -> None:
        assert inspector(offices, field).get(f"{LIST}?region=330000").status_code == 404


class TestFiles:
    def test_the_table(self, offices: Offices, field: Inspectors) -> None:
        table = officer(offices).get("/inspections/all.csv").text.removeprefix("\ufeff")
        (row,) = csv.DictReader(io.StringIO(table))
        assert tuple(row) == COLUMNS
        assert (row["inspection"], row["finding"], row["uscc"], row["labels"]) == (ID, "problem", uscc(1), "1")

    def test_the_same_as_json(self, offices: Offices, field: Inspectors) -> None:
        said = json.loads(officer(offices).get("/inspections/all.json").text)
        assert [row["inspection"] for row in said["inspections"]] == [ID]

    def test_the_record_as_a_document(self, offices: Offices, field: Inspectors) -> None:
        answer = inspector(offices, field).get(PAGE + "/record.pdf")
        document = pypdfium2.PdfDocument(answer.data)
        said = "".join(str(page.get_textpage().get_text_range()) for page in document)
        assert answer.mimetype == "application/pdf"
        for words in ("现场检查笔录", "示例茶行", "执法证号 沪-001", f"https://qr.example.org{PAGE}", "照片 1"):
            assert words in said

    def test_the_entries_prove_themselves(self, offices: Offices, field: Inspectors) -> None:
        said = json.loads(inspector(offices, field).get(PAGE + "/entries.json").text)
        (entry,) = said["entries"]
        assert digest(entry["entry"]) == entry["digest"]
        DeviceKey(said["keys"][field.device]).verify(entry["signature"], ENTRY + entry["entry"].encode())

    @pytest.mark.parametrize("path", ["x", "0" * 31, ID.upper().replace("0", "A"), "f" * 32])
    def test_what_there_is_not(self, offices: Offices, field: Inspectors, path: str) -> None:
        visitor = inspector(offices, field)
        for more in ("", "/record.pdf", "/entries.json"):
            assert visitor.get(f"/inspections/{path}{more}").status_code == 404


class TestWhatComesOfIt:
    @pytest.mark.parametrize("who", [officer, None])
    def test_a_case_is_opened(self, offices: Offices, field: Inspectors, who: Any) -> None:
        visitor = who(offices) if who else inspector(offices, field)
        answer = visitor.post(PAGE + "/case", form=PAGE, batch="1")
        assert answer.status_code == 303
        case = offices.world.base.one("SELECT id, batch, gtin, state FROM case_file")
        assert (case["batch"], case["gtin"], case["state"]) == (1, str(GREEN_TEA), "open")
        assert case["id"][:8] in visitor.get(PAGE).text

    def test_the_case_leads_back_to_it(self, offices: Offices, field: Inspectors) -> None:
        visitor = officer(offices)
        visitor.post(PAGE + "/case", form=PAGE, batch="1")
        case = offices.world.base.one("SELECT id FROM case_file")["id"]
        assert PAGE in visitor.get(f"/association/cases/{case}").text
        assert PAGE not in offices.as_(Role.MANAGER).get(f"/console/cases/{case}").text

    @pytest.mark.parametrize("batch", ["2", "x", "", "9" * 30, "-1", "²"])
    def test_not_about_labels_that_it_did_not_meet(self, offices: Offices, field: Inspectors, batch: str) -> None:
        assert officer(offices).post(PAGE + "/case", form=PAGE, batch=batch).status_code == 422
        assert offices.world.base.rows("SELECT id FROM case_file") == []

    def test_not_twice(self, offices: Offices, field: Inspectors) -> None:
        visitor = officer(offices)
        visitor.post(PAGE + "/case", form=PAGE, batch="1")
        answer = visitor.post(PAGE + "/case", form=PAGE, batch="1")
        assert answer.status_code == 409
        assert "It is tied to this inspection already." in answer.text

    def test_a_recall_is_tied_to_it(self, offices: Offices, field: Inspectors) -> None:
        base, visitor = offices.world.base, officer(offices)
        notice = _recall(base)
        assert "/association/recalls/new?" in visitor.get(PAGE).text
        assert visitor.post(PAGE + "/refer", form=PAGE, kind="recall", target=notice).status_code == 303
        assert f"/association/recalls/{notice}" in visitor.get(PAGE).text
        assert PAGE in visitor.get(f"/association/recalls/{notice}").text
        assert PAGE not in offices.as_(Role.MANAGER).get(f"/console/recalls/{notice}").text

    def test_a_finding_against_a_pledge_is_tied_to_it(self, offices: Offices, field: Inspectors) -> None:
        found = upholding.declare_breach(offices.world.base.desk, 1, "现场检查发现伪码").finding_id
        visitor = officer(offices)
        assert PAGE not in visitor.get("/association/applications/1").text
        assert visitor.post(PAGE + "/refer", form=PAGE, kind="breach", target=found).status_code == 303
        assert "Finding against a pledge" in visitor.get(PAGE).text
        page = visitor.get("/association/applications/1").text
        assert PAGE in page
        assert f"#{found}" in page, "an address that ends with the id"
        assert PAGE not in offices.as_(Role.MANAGER).get("/console/pledges/1").text

    @pytest.mark.parametrize(
        ("kind", "target"), [("recall", "x"), ("case", "x"), ("breach", "x"), ("case", ""), ("case", "a\x7f")]
    )
    def test_not_what_there_is_not(self, offices: Offices, field: Inspectors, kind: str, target: str) -> None:
        assert officer(offices).post(PAGE + "/refer", form=PAGE, kind=kind, target=target).status_code == 422

    @pytest.mark.parametrize("kind", ["x", "recall", "breach"])
    def test_inspectors_tie_cases_alone(self, offices: Offices, field: Inspectors, kind: str) -> None:
        assert inspector(offices, field).post(PAGE + "/refer", form=PAGE, kind=kind, target="x").status_code == 404


def _recall(base: Any) -> str:
    return str(recalling.open_on_product(base.desk, "recall", GREEN_TEA, "召回").id)


class TestOwnDevices:
    def test_one_is_listed_and_revoked(self, offices: Offices, field: Inspectors) -> None:
        visitor = inspector(offices, field)
        assert field.device in visitor.get("/account/devices").text
        path = f"/account/devices/{field.device}/revoke"
        assert visitor.post(path, form="/account/devices").status_code == 303
        page = visitor.get("/account/devices").text
        assert "The device is revoked." in page
        assert path not in page
        assert visitor.post(path, form="/account/devices").status_code == 404

    def test_nobody_revokes_another_s(self, offices: Offices, field: Inspectors) -> None:
        visitor = offices.visitor().sign_in(field.second)
        path = f"/account/devices/{field.device}/revoke"
        assert visitor.post(path, form="/account/devices").status_code == 404
        assert offices.world.base.one("SELECT state FROM field_device")["state"] == "enrolled"

    def test_the_number_is_stated(self, offices: Offices, field: Inspectors) -> None:
        visitor = inspector(offices, field)
        assert visitor.post("/account/devices/badge", form="/account/devices", badge="沪-009").status_code == 303
        assert 'value="沪-009"' in visitor.get("/account/devices").text
        assert visitor.get("/inspect/api/me").json["number"] == "沪-009"

    @pytest.mark.parametrize("badge", ["", " ", "x" * 41, "a\x00"])
    def test_what_is_no_number(self, offices: Offices, field: Inspectors, badge: str) -> None:
        visitor = inspector(offices, field)
        answer = visitor.post("/account/devices/badge", form="/account/devices", badge=badge)
        assert answer.status_code == 422

    @pytest.mark.parametrize("role", [Role.OFFICER, Role.MANAGER])
    def test_nobody_else_has_any(self, offices: Offices, role: Role) -> None:
        assert offices.as_(role).get("/account/devices").status_code == 302
