"""An officer vouches for honours of enterprises of his region in the console, and takes them back."""

from __future__ import annotations

import io
from typing import Any

import pytest
from support.world import ASSOCIATION, uscc

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_association import association
from traceqr import recognising
from traceqr.access import Role
from traceqr.office.house import Absent, Denied
from traceqr.office.recognitions import RecognitionEntry, RecognitionOffice
from traceqr.web.door import EXTENSION

PATH, NEW, IMPORT = "/association/recognitions", "/association/recognitions/new", "/association/imports/recognitions"
SCRIPT = "<script>alert(1)</script>"
FORM = {
    "uscc": uscc(),
    "kind": "award",
    "level": "province",
    "year": "2025",
    "name_zh": "省质量奖",
    "conferred_by_zh": ASSOCIATION,
}
HEADER = "uscc,kind,level,year,name_zh,conferred_by_zh"


@pytest.fixture
def officer(offices: Offices) -> Visitor:
    return offices.as_(Role.OFFICER)


def rows(offices: Offices) -> list[Any]:
    return offices.world.base.rows("SELECT number, name_zh, state, reason FROM recognition ORDER BY number")


def here(number: int) -> str:
    return f"{PATH}/{number}"


def elsewhere(offices: Offices) -> str:
    return association(offices, "某省协会（测试）", "330000")


class TestRecording:
    def test_stands_in_the_list_and_on_the_public_page(self, offices: Offices, officer: Visitor) -> None:
        assert officer.post(NEW, **FORM).status_code == 303
        (row,) = rows(offices)
        assert f'href="{here(row["number"])}"' in officer.get(PATH).text
        assert "省质量奖" in officer.get(f"/enterprises/{uscc()}").text

    def test_the_same_once_more_changes_nothing(self, offices: Offices, officer: Visitor) -> None:
        for _ in range(2):
            assert officer.post(NEW, **FORM).status_code == 303
        assert "nothing has changed" in officer.get(PATH).text
        assert len(rows(offices)) == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"uscc": "9131"},
            {"uscc": uscc(77)},
            {"kind": "medal"},
            {"level": "village"},
            {"year": "1977"},
            {"year": "2027"},
            {"year": "soon"},
            {"name_zh": " "},
            {"name_zh": "x" * 101},
            {"name_zh": "a\u202eb"},
            {"conferred_by_zh": ""},
        ],
    )
    def test_a_bad_one(self, offices: Offices, officer: Visitor, wrong: dict[str, str]) -> None:
        answer = officer.post(NEW, **{**FORM, **wrong})
        assert answer.status_code == 422
        assert f'value="{wrong.get("year", "2025")}"' in answer.text
        assert rows(offices) == []

    def test_the_same_honour_with_other_words(self, offices: Offices, officer: Visitor) -> None:
        officer.post(NEW, **FORM)
        answer = officer.post(NEW, **{**FORM, "level": "city"})
        assert answer.status_code == 422
        assert "Revoke that one first." in answer.text

    def test_a_script(self, offices: Offices, officer: Visitor) -> None:
        officer.post(NEW, **{**FORM, "name_zh": SCRIPT, "name_en": SCRIPT, "conferred_by_zh": SCRIPT})
        (row,) = rows(offices)
        for path in (PATH, here(row["number"]), f"/enterprises/{uscc()}"):
            assert SCRIPT not in officer.get(path).text


class TestRevoking:
    def test_stays_with_the_reason(self, offices: Offices, officer: Visitor) -> None:
        number = offices.world.base.recognition()
        for reason in ("", " ", "x" * 501, "a\nb"):
            assert officer.post(f"{here(number)}/revoke", form=here(number), reason=reason).status_code == 422
        assert officer.post(f"{here(number)}/revoke", form=here(number), reason="误登").status_code == 303
        assert [(row["state"], row["reason"]) for row in rows(offices)] == [("revoked", "误登")]
        page = officer.get(here(number)).text
        assert "误登" in page
        assert f"{here(number)}/revoke" not in page

    def test_after_a_colleague(self, offices: Offices, officer: Visitor) -> None:
        number = offices.world.base.recognition()
        recognising.revoke_recognition(offices.world.desk, number, "x")
        answer = officer.post(f"{here(number)}/revoke", form="/account/", reason="y")
        assert answer.status_code == 409
        assert "somebody else was quicker" in answer.text
        assert rows(offices)[0]["reason"] == "x"


class TestList:
    def test_is_searched_and_paged(self, offices: Offices, officer: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("traceqr.office.recognitions.PAGE", 1)
        first = offices.world.base.recognition()
        second = offices.world.base.recognition(name_zh="示范单位", kind="demonstration")
        page = officer.get(f"{PATH}?text={uscc()}").text
        assert f'href="{here(second)}"' in page
        assert f'href="{here(first)}"' not in page
        assert f"below={second}" in page
        assert f'href="{here(first)}"' in officer.get(f"{PATH}?below={second}").text
        for text in ("%25", "%00none", "' OR 1=1"):
            assert f'href="{here(second)}"' not in officer.get(f"{PATH}?text={text}").text


class TestImport:
    def send(self, visitor: Visitor, *lines: str, **more: str) -> Any:
        content = "\n".join((HEADER, *lines)).encode()
        return visitor.post(IMPORT, table=(io.BytesIO(content), "recognitions.csv"), **more)

    def test_is_tried_then_lands(self, offices: Offices, officer: Visitor) -> None:
        answer = self.send(officer, f"{uscc()},质量奖,省级,2025年,省质量奖,{ASSOCIATION}")
        assert answer.status_code == 200
        assert rows(offices) == []
        parcel = answer.text.partition('name="parcel" value="')[2].partition('"')[0]
        assert officer.post(IMPORT, step="land", parcel=parcel).status_code == 303
        assert [row["name_zh"] for row in rows(offices)] == ["省质量奖"]

    def test_faults_are_named(self, offices: Offices, officer: Visitor) -> None:
        answer = self.send(officer, f"{uscc()},奖牌,省级,2025,省质量奖,{ASSOCIATION}")
        assert answer.status_code == 422
        assert "奖牌" in answer.text
        assert rows(offices) == []

    def test_of_another_region(self, offices: Offices) -> None:
        visitor = offices.as_(Role.OFFICER, elsewhere(offices))
        answer = self.send(visitor, f"{uscc()},award,province,2025,省质量奖,{ASSOCIATION}")
        assert answer.status_code == 422
        assert rows(offices) == []


class TestTenancy:
    def test_another_region(self, offices: Offices) -> None:
        number = offices.world.base.recognition()
        visitor = offices.as_(Role.OFFICER, elsewhere(offices))
        assert f'href="{here(number)}"' not in visitor.get(PATH).text
        assert visitor.get(here(number)).status_code == 404
        assert visitor.post(f"{here(number)}/revoke", form="/account/", reason="x").status_code == 404
        answer = visitor.post(NEW, **{**FORM, "name_zh": "另一个奖"})
        assert answer.status_code == 422
        assert "No enterprise with this USCC takes part." in answer.text
        assert [row["state"] for row in rows(offices)] == ["recorded"]

    def test_a_number_that_is_none(self, officer: Visitor) -> None:
        for number in (0, 999, 10**15):
            assert officer.get(here(number)).status_code == 404

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.CLERK, Role.INSPECTOR, Role.OPERATOR])
    def test_other_roles(self, offices: Offices, role: Role) -> None:
        number = offices.world.base.recognition()
        desk = RecognitionOffice(offices.app.extensions[EXTENSION].house, offices.person(role).identity)
        entry = RecognitionEntry(uscc(), "award", "city", 2025, "奖", "", "市", "")
        for ask in (
            desk.recognitions,
            lambda: desk.recognition(number),
            lambda: desk.record(entry),
            lambda: desk.revoke(number, "x"),
        ):
            with pytest.raises(Denied):
                ask()
        identity = offices.person(Role.OFFICER, elsewhere(offices)).identity
        with pytest.raises(Absent):
            RecognitionOffice(offices.app.extensions[EXTENSION].house, identity).revoke(number, "x")
