"""The association's console: editions are opened, amended and worded."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from support.world import CAMPAIGN

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_association import association
from traceqr.access import Role
from traceqr.campaigning import Draft
from traceqr.evidence import Article
from traceqr.office.editions import AnotherText, EditionOffice, Head, Terms
from traceqr.office.house import Absent, Denied
from traceqr.web.door import EXTENSION
from traceqr.web.parcels import LIFE_MS

NEW = "/association/editions/new"
EDITION = f"/association/campaigns/{CAMPAIGN}/edition"
TEXT = f"/association/campaigns/{CAMPAIGN}/text"

TOML = """
[[articles.society]]
zh = "人人监督质量。"
en = "Let everybody watch over quality."

[[articles.signers]]
zh = "不合格的产品不出厂。"
en = "What fails inspection does not ship."
"""

TYPED: dict[str, Any] = {
    "year": "2027",
    "id": "quality-month-2027",
    "code": "QM2027",
    "name_zh": "质量月（测试）",
    "name_en": "Quality Month",
    "theme_zh": "质量为本",
    "theme_en": "Quality first",
    "region": "000000",
    "apply_from": "2027-07-01",
    "apply_until": "2027-08-31",
    "valid_from": "2027-09-01",
    "valid_until": "2028-08-31",
    "sectors": ["food", "retail"],
    "slogan_zh": "",
    "slogan_en": "",
    "co_organisers": "",
}


WRONG: list[tuple[str, Any, str]] = [
    ("id", "Quality 2027", "Use small letters"),
    ("id", CAMPAIGN, "There is an edition of this name in addresses"),
    ("code", "qm", "2 to 12 capital letters"),
    ("code", "QM2026", "Another edition has this code"),
    ("region", "33", "Enter the 6 digits"),
    ("year", "26", "Enter a year"),
    ("year", "x", "Enter a year"),
    ("apply_from", "1.7.2027", "Enter a day"),
    ("apply_until", "2027-06-30", "The last day lies before the first"),
    ("valid_until", "9999-12-31", "Enter a year from 1970 to 2999"),
    ("sectors", [], "This must be filled in"),
    ("sectors", ["gambling"], "not a valid choice"),
    ("co_organisers", "没有的协会", "No organisation of this name is enrolled"),
    ("name_zh", " ", "This must be filled in"),
    ("name_zh", "质量\u202e月", "characters that cannot be shown"),
    ("theme_en", "x" * 201, "This is too long"),
]


FAULTY = [
    ("no toml", "a file in the form of TOML"),
    ("[[articles.society]]\nzh = '某'\nen = 'x'", "binds those who sign"),
    ("[[articles.signers]]\nzh = '某'", "a value"),
    ("[[articles.signers]]\nzh = '某'\nen = 'x'\nnote = 'y'", "keys among these"),
    ("id = 'another'\n" + TOML, "the file of this edition, quality-month-2027"),
    ("PK\x03\x04", "not a workbook"),
]


def upload(text: str = TOML, name: str = "campaign.toml") -> tuple[io.BytesIO, str]:
    return io.BytesIO(text.encode()), name


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def carried(page: str) -> dict[str, Any]:
    """All that stands hidden in the form of a page."""
    values: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page):
        values.setdefault(name, []).append(value)
    return values


def send(visitor: Visitor, path: str, data: dict[str, Any]) -> Any:
    return visitor.client.post(path, data=data, headers={"Accept-Language": visitor.language})


@pytest.fixture
def officer(offices: Offices) -> Visitor:
    return offices.as_(Role.OFFICER)


def opened(offices: Offices, campaign_id: str = "quality-month-2027") -> int:
    return len(offices.world.base.rows("SELECT id FROM campaign WHERE id = :id", id=campaign_id))


class TestOpening:
    def test_is_shown_first_and_opened_as_it_was_shown(self, offices: Offices, officer: Visitor) -> None:
        shown = officer.post(NEW, **TYPED, text=upload())
        assert shown.status_code == 200, shown.text
        assert shown.text.index("What fails inspection") < shown.text.index("Let everybody watch")
        assert "What they call on society for" in shown.text
        assert opened(offices) == 0
        answer = send(officer, NEW, {**carried(shown.text), "step": "save"})
        assert answer.status_code == 303, answer.text
        assert answer.headers["Location"] == "/association/campaigns/quality-month-2027"
        row = offices.world.base.one("SELECT * FROM campaign WHERE id = 'quality-month-2027'")
        assert (row["code"], row["sectors"], row["text_version"]) == ("QM2027", "food retail", 1)
        assert offices.world.base.acts()[-1] == "campaign.open"

    def test_another_text_than_was_shown_opens_nothing(self, offices: Offices, officer: Visitor) -> None:
        first = officer.post(NEW, **TYPED, text=upload())
        second = officer.post(NEW, **TYPED, text=upload(TOML.replace("人人", "大家")))
        data = {**carried(first.text), "parcel": hidden(second.text, "parcel"), "step": "save"}
        assert send(officer, NEW, data).status_code == 422
        assert opened(offices) == 0

    def test_going_back_keeps_what_was_typed_and_chosen(self, officer: Visitor) -> None:
        shown = officer.post(NEW, **TYPED, text=upload())
        page = send(officer, NEW, {**carried(shown.text), "step": "change"}).text
        assert 'value="QM2027"' in page
        assert "Chosen: campaign.toml" in page
        again = send(officer, NEW, {**TYPED, "csrf_token": officer.token(NEW), "parcel": hidden(page, "parcel")})
        assert "Open this edition" in again.text

    def test_wrong_input_is_said_at_its_field(self, offices: Offices, officer: Visitor) -> None:
        for field, value, why in WRONG:
            answer = officer.post(NEW, **{**TYPED, field: value, "text": upload()})
            assert answer.status_code == 422, (field, value)
            assert why in answer.text, (field, value)
            assert "campaign.toml" in answer.text, "the file must be chosen but once"
        assert len(offices.world.base.rows("SELECT id FROM campaign")) == 1

    def test_without_a_text(self, officer: Visitor) -> None:
        answer = officer.post(NEW, **TYPED)
        assert answer.status_code == 422
        assert "Choose a file." in answer.text

    def test_a_file_with_faults(self, offices: Offices, officer: Visitor) -> None:
        for text, why in FAULTY:
            answer = officer.post(NEW, **TYPED, text=upload(text))
            assert answer.status_code == 422, text
            assert why in answer.text, text
        assert opened(offices) == 0

    def test_a_file_that_was_kept_too_long(self, offices: Offices, officer: Visitor) -> None:
        shown = officer.post(NEW, **TYPED, text=upload())
        for _ in range(4):  # not so long that the session ends
            offices.world.time.pass_ms(LIFE_MS // 4)
            officer.get("/association/")
        answer = send(officer, NEW, {**carried(shown.text), "step": "save"})
        assert answer.status_code == 422
        assert "kept for an hour, and is gone" in answer.text

    def test_a_file_that_somebody_else_has_uploaded(self, offices: Offices, officer: Visitor) -> None:
        parcel = hidden(officer.post(NEW, **TYPED, text=upload()).text, "parcel")
        other = offices.as_(Role.OFFICER)
        answer = other.post(NEW, **TYPED, parcel=parcel)
        assert answer.status_code == 422
        assert "is gone" in answer.text

    def test_script_is_shown_as_it_is_spelled(self, officer: Visitor) -> None:
        script = "<script>alert(1)</script>"
        text = TOML.replace("人人监督质量。", script)
        typed = {**TYPED, "name_zh": script, "theme_en": script, "slogan_zh": script}
        for answer in (officer.post(NEW, **typed, text=upload(text, f"{script}.toml")), officer.post(NEW, **typed)):
            assert script not in answer.text
            assert "&lt;script&gt;" in answer.text

    def test_of_a_province_not_for_another(self, offices: Offices) -> None:
        visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
        for region, status in (("000000", 422), ("330000", 422), ("110000", 200), ("110105", 200)):
            answer = visitor.post(NEW, **{**TYPED, "region": region}, text=upload())
            assert answer.status_code == status, region
        assert "lie within your own" in visitor.post(NEW, **TYPED, text=upload()).text


class TestAmending:
    def changed(self, visitor: Visitor, **changes: Any) -> Any:
        page = visitor.get(EDITION).text
        keys = ("apply_from", "apply_until", "valid_from", "valid_until")
        typed = {key: date.fromisoformat(hidden_value(page, key)).isoformat() for key in keys}
        typed |= {"sectors": ["food"], "slogan_zh": "月月讲质量", "shown": hidden_value(page, "shown"), **changes}
        return visitor.post(EDITION, **typed)

    def test_terms(self, offices: Offices, officer: Visitor) -> None:
        assert self.changed(officer, apply_until="2027-01-31").status_code == 303
        page = officer.get(EDITION).text
        assert 'value="2027-01-31"' in page
        assert "月月讲质量" in page
        assert offices.world.base.acts()[-1] == "campaign.amend"

    def test_co_organisers_by_their_names(self, offices: Offices, officer: Visitor) -> None:
        body = association(offices, "协办协会（测试）")
        assert self.changed(officer, co_organisers="协办协会（测试）\n\n 协办协会（测试）").status_code == 303
        assert offices.world.base.one("SELECT co_organisers FROM campaign")["co_organisers"] == body
        assert "协办协会（测试）" in officer.get(EDITION).text

    def test_a_stale_form_changes_nothing(self, offices: Offices, officer: Visitor) -> None:
        shown = hidden_value(officer.get(EDITION).text, "shown")
        assert self.changed(offices.as_(Role.OFFICER), apply_until="2027-01-31").status_code == 303
        answer = self.changed(officer, shown=shown, apply_until="2027-03-31")
        assert answer.status_code == 409
        assert "Somebody else has changed this edition" in answer.text
        assert 'value="2027-01-31"' in officer.get(EDITION).text

    @pytest.mark.parametrize("shown", ["", "x", "-1", "9" * 30])
    def test_a_form_of_nothing(self, officer: Visitor, shown: str) -> None:
        assert self.changed(officer, shown=shown).status_code == 409

    def test_wrong_days(self, officer: Visitor) -> None:
        answer = self.changed(officer, apply_until="2026-06-30")
        assert answer.status_code == 422
        assert "The last day lies before the first" in answer.text


def hidden_value(page: str, name: str) -> str:
    """Of a field of a form, hidden or not."""
    found = re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', page)
    assert found, name
    return found[1]


class TestWording:
    def test_is_shown_first_and_saved_as_it_was_shown(self, offices: Offices, officer: Visitor) -> None:
        shown = officer.post(TEXT, form=EDITION, text=upload(), shown=hidden(officer.get(EDITION).text, "shown"))
        assert shown.status_code == 200
        assert "Version 2" in shown.text
        assert offices.world.base.one("SELECT text_version FROM campaign")["text_version"] == 1
        answer = send(officer, TEXT, {**carried(shown.text), "step": "save"})
        assert answer.status_code == 303
        assert offices.world.base.text_digest() == hidden(shown.text, "digest")
        assert "What fails inspection" in officer.get(EDITION).text

    def test_saved_twice_is_refused(self, offices: Offices, officer: Visitor) -> None:
        shown = officer.post(TEXT, form=EDITION, text=upload(), shown=hidden(officer.get(EDITION).text, "shown"))
        data = {**carried(shown.text), "step": "save"}
        assert [send(officer, TEXT, data).status_code for _ in range(2)] == [303, 409]
        assert offices.world.base.one("SELECT text_version FROM campaign")["text_version"] == 2

    def test_another_than_was_shown_is_refused(self, offices: Offices, officer: Visitor) -> None:
        shown = officer.post(TEXT, form=EDITION, text=upload(), shown=hidden(officer.get(EDITION).text, "shown"))
        for digest in ("0" * 64, "", "é"):
            answer = send(officer, TEXT, {**carried(shown.text), "digest": digest, "step": "save"})
            assert answer.status_code == 409
            assert "not the text that was shown" in answer.text
        assert offices.world.base.one("SELECT text_version FROM campaign")["text_version"] == 1

    def test_the_same_text_is_no_new_version(self, officer: Visitor) -> None:
        same = '[[articles.signers]]\nzh = "不作虚假宣传。"\nen = "We advertise nothing untrue."'
        answer = officer.post(TEXT, form=EDITION, text=upload(same), shown="1")
        assert answer.status_code == 422
        assert "Nothing was changed" in answer.text

    def test_a_file_with_faults(self, officer: Visitor) -> None:
        answer = officer.post(TEXT, form=EDITION, text=upload("no toml"), shown="1")
        assert answer.status_code == 422
        assert "a file in the form of TOML" in answer.text


TERMS = Terms(date(2027, 7, 1), date(2027, 8, 31), date(2027, 9, 1), date(2028, 8, 31), ("food",), (), "", "")
HEAD = Head("quality-month-2027", "QM2027", 2027, "质量月", "Quality Month", "质量为本", "Quality first", "000000")
DRAFT = Draft((Article("有诺必践", "We keep our word"),), "0" * 64)


class TestWhoseTheyAre:
    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICER])
    def test_the_office_itself_asks(self, offices: Offices, role: Role) -> None:
        desk = EditionOffice(offices.app.extensions[EXTENSION].house, offices.person(role).identity)
        for ask in (
            desk.organiser,
            lambda: desk.read_text("x", b"", ""),
            lambda: desk.open(HEAD, TERMS, DRAFT),
            lambda: desk.own_edition(CAMPAIGN),
            lambda: desk.amend(CAMPAIGN, TERMS, 1),
            lambda: desk.revise(CAMPAIGN, DRAFT, DRAFT.digest, 1),
        ):
            with pytest.raises(Denied):
                ask()

    def test_another_association_reads_and_changes_nothing(self, offices: Offices) -> None:
        before = offices.world.base.dump("session", "pace", "ledger", "organisation", "account", "credential")
        body = association(offices, "本省协会（测试）", "310000")
        desk = EditionOffice(offices.app.extensions[EXTENSION].house, offices.person(Role.OFFICER, body).identity)
        for ask in (
            lambda: desk.own_edition(CAMPAIGN),
            lambda: desk.amend(CAMPAIGN, TERMS, 1),
            lambda: desk.revise(CAMPAIGN, DRAFT, DRAFT.digest, 1),
        ):
            with pytest.raises(Denied):
                ask()
        with pytest.raises(Absent):
            desk.own_edition("none")
        after = offices.world.base.dump("session", "pace", "ledger", "organisation", "account", "credential")
        assert {table for table in before if before[table] != after[table]} <= {"invitation", "recovery_code", "meta"}

    def test_a_text_is_saved_only_as_it_was_shown(self, offices: Offices) -> None:
        desk = EditionOffice(offices.app.extensions[EXTENSION].house, offices.person(Role.OFFICER).identity)
        with pytest.raises(AnotherText):
            desk.revise(CAMPAIGN, DRAFT, "1" * 64, desk.own_edition(CAMPAIGN).shown)
