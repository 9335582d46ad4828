"""Marks and licences in the association's console."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from support.world import MARK, gtin, uscc

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_association import association
from tests.unit.web.world import GREEN_TEA
from traceqr import licensing
from traceqr.access import Role
from traceqr.office.house import Denied
from traceqr.office.licences import Asked, LicenceOffice
from traceqr.office.marks import Words
from traceqr.web.door import EXTENSION

MARKS = "/association/marks"
LICENCES = "/association/licences"
NEW = f"{LICENCES}/new?uscc={uscc()}"
ONE = f"{LICENCES}/1"
SCRIPT = "<script>alert(1)</script>"

WORDS = {"name_zh": "质量月标识", "name_en": "Mark", "meaning_zh": "公开承诺", "meaning_en": "Pledged in public"}
KIND = {**WORDS, "id": "our-mark", "prefix": "OM", "artwork": "quality-month"}
GRANT = {
    "mark": MARK,
    "gtin": [str(GREEN_TEA)],
    "valid_from": "2026-11-01",
    "valid_until": "2027-10-31",
    "quota": "1,000",
}


@pytest.fixture
def officer(offices: Offices) -> Visitor:
    return offices.as_(Role.OFFICER)


@pytest.fixture
def licence(offices: Offices) -> int:
    """Of the first enterprise, for green tea."""
    offices.world.base.mark()
    return offices.world.base.licence(gtins=(GREEN_TEA,))


def row(offices: Offices, number: int = 1) -> Any:
    return offices.world.base.one("SELECT * FROM mark_licence WHERE number = :number", number=number)


class TestMarks:
    def test_defined_and_listed(self, officer: Visitor) -> None:
        assert "No mark has been defined yet." in officer.get(MARKS).text
        assert officer.post(f"{MARKS}/new", **KIND).status_code == 303
        assert f"{MARKS}/our-mark" in officer.get(MARKS).text
        assert "Pledged in public" in officer.get(f"{MARKS}/our-mark").text

    @pytest.mark.parametrize(
        "change",
        [
            {"id": ""},
            {"id": "Our Mark"},
            {"id": "a--b"},
            {"id": "x" * 41},
            {"prefix": "1A"},
            {"prefix": "Q"},
            {"prefix": "ABCDEFGHI"},
            {"artwork": "../secret"},
            {"artwork": ""},
            {"name_zh": "x" * 61},
            {"meaning_en": " "},
            {"meaning_en": "a‮b"},
        ],
    )
    def test_what_is_no_mark(self, offices: Offices, officer: Visitor, change: dict[str, str]) -> None:
        answer = officer.post(f"{MARKS}/new", **{**KIND, **change})
        assert answer.status_code == 422
        assert 'class="wrong-why"' in answer.text
        assert offices.world.base.rows("SELECT id FROM mark") == []

    def test_an_id_or_prefix_that_is_taken(self, offices: Offices, officer: Visitor) -> None:
        officer.post(f"{MARKS}/new", **KIND)
        for change, told in (({"prefix": "XX"}, "has this id"), ({"id": "another"}, "begin so")):
            answer = officer.post(f"{MARKS}/new", **{**KIND, **change, "name_en": "Changed"})
            assert answer.status_code == 422
            assert told in answer.text
        assert "Changed" not in officer.get(MARKS).text

    def test_new_words(self, offices: Offices, officer: Visitor) -> None:
        officer.post(f"{MARKS}/new", **KIND)
        page = f"{MARKS}/our-mark"
        hidden = officer.hidden(page)
        changed = {**WORDS, "meaning_en": f"Two\r\nlines {SCRIPT}"}
        assert officer.post(page, **changed).status_code == 303
        text = officer.get(page).text
        assert "Two lines" in text
        assert SCRIPT not in text
        answer = officer.send(page, {**hidden, **WORDS})
        assert answer.status_code == 409
        assert "Somebody else has changed this meanwhile" in answer.text
        assert officer.post(page, **{**changed, "name_zh": ""}).status_code == 422
        versions = offices.world.base.rows("SELECT version FROM mark_text WHERE mark_id = 'our-mark'")
        assert len(versions) == 2

    def test_of_another_association(self, offices: Offices, licence: int) -> None:
        visitor = offices.as_(Role.OFFICER, association(offices, "本省协会（测试）", "310000"))
        assert MARK not in visitor.get(MARKS).text
        assert visitor.get(f"{MARKS}/{MARK}").status_code == 404
        assert visitor.post(f"{MARKS}/{MARK}", form=f"{MARKS}/new", **WORDS, seen="1").status_code == 404
        answer = visitor.post(f"{MARKS}/new", **{**KIND, "id": MARK})
        assert answer.status_code == 422
        assert len(offices.world.base.rows("SELECT version FROM mark_text")) == 1


class TestGranting:
    @pytest.fixture(autouse=True)
    def mark(self, offices: Offices) -> str:
        return offices.world.base.mark()

    def test_an_enterprise_is_found(self, offices: Offices, officer: Visitor) -> None:
        for text in (uscc(), "第1茶业", "Tea House No. 1"):
            assert NEW in officer.get(f"{LICENCES}/new?text={text}").text
        for text in ("%25", "_", "' OR 1=1 --", "第9茶业"):
            assert "No enterprise of your region" in officer.get(f"{LICENCES}/new?text={text}").text

    def test_granted(self, offices: Offices, officer: Visitor) -> None:
        answer = officer.post(NEW, **GRANT)
        assert answer.status_code == 303
        assert answer.headers["Location"] == ONE
        assert row(offices)["quota"] == 1_000
        page = officer.get(ONE).text
        assert "QM-2026-000001" in page
        assert GREEN_TEA.trade in page
        assert officer.post(NEW, **GRANT).headers["Location"] == ONE
        assert len(offices.world.base.rows("SELECT number FROM mark_licence")) == 1

    def test_for_products_that_are_typed(self, offices: Offices, officer: Visitor) -> None:
        offices.world.base.claim()
        typed = [str(offices.world.base.product(number)) for number in (1, 2)]
        answer = officer.post(NEW, **{**GRANT, "gtin": [], "others": f"{typed[0]}\r\n {gtin(2).trade}，{typed[0]}"})
        assert answer.status_code == 303
        rows = offices.world.base.rows("SELECT gtin FROM licence_product ORDER BY gtin")
        assert [each["gtin"] for each in rows] == typed

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"gtin": []}, "Choose at least one product."),
            ({"others": "6901234567890"}, "no valid GTIN"),
            ({"gtin": ["x"]}, "no valid GTIN"),
            ({"gtin": [str(gtin(99))]}, "not one of this enterprise"),
            ({"valid_until": "2026-10-31"}, "The last day lies before the first."),
            ({"valid_until": "soon"}, "Enter a day"),
            ({"valid_until": "9999-01-01"}, "Enter a year from 1970"),
            ({"quota": "0"}, "Enter a whole number"),
            ({"quota": "-5"}, "Enter a whole number"),
            ({"quota": "٣"}, "Enter a whole number"),
            ({"quota": "9" * 14}, "Enter a whole number"),
            ({"mark": "none"}, "Not a valid choice"),
        ],
    )
    def test_what_is_no_licence(self, offices: Offices, officer: Visitor, change: dict[str, Any], told: str) -> None:
        answer = officer.post(NEW, **{**GRANT, **change})
        assert answer.status_code == 422
        assert told in answer.text
        assert offices.world.base.rows("SELECT number FROM mark_licence") == []

    def test_what_was_ticked_stays_ticked(self, officer: Visitor) -> None:
        answer = officer.post(NEW, **{**GRANT, "quota": "many"})
        assert f'value="{GREEN_TEA}" checked' in answer.text
        assert 'value="many"' in answer.text

    def test_two_for_the_same_days(self, offices: Offices, officer: Visitor) -> None:
        officer.post(NEW, **GRANT)
        answer = officer.post(NEW, **{**GRANT, "quota": "2000"})
        assert answer.status_code == 422
        assert "QM-2026-000001 of this mark on these days already" in answer.text

    def test_a_product_without_a_right(self, offices: Offices, officer: Visitor) -> None:
        other = str(offices.world.base.product(3))
        assert f'value="{other}" disabled' in officer.get(NEW).text
        assert officer.post(NEW, **{**GRANT, "gtin": [other]}).status_code == 422

    def test_products_beyond_those_that_are_shown(
        self, offices: Offices, officer: Visitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("traceqr.office.licences.OFFERED", 1)
        other = str(offices.world.base.product(3))
        assert "Show these products" in officer.get(NEW).text
        assert other in officer.get(f"{NEW}&product={other}").text

    def test_an_enterprise_of_another_region(self, offices: Offices) -> None:
        visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
        visitor.post(f"{MARKS}/new", **KIND)
        assert "No enterprise of your region" in visitor.get(f"{LICENCES}/new?text=茶业").text
        assert visitor.get(NEW).status_code == 404
        answer = visitor.post(NEW, form=f"{MARKS}/new", **{**GRANT, "mark": "our-mark"})
        assert answer.status_code == 404
        assert offices.world.base.rows("SELECT number FROM mark_licence") == []


class TestLicences:
    def test_narrowed_and_paged(
        self, offices: Offices, officer: Visitor, licence: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        offices.world.base.mark("second", prefix="SE")
        offices.world.base.licence("second", gtins=(GREEN_TEA,))
        for found in ("", f"?mark={MARK}", "?state=granted", f"?text={uscc()}", "?text=茶业"):
            assert f'"{ONE}"' in officer.get(LICENCES + found).text
        for missed in ("?mark=second", "?state=withdrawn", "?text=%25", "?before=1", "?mark=' OR 1=1"):
            assert f'"{ONE}"' not in officer.get(LICENCES + missed).text
        assert officer.get(f"{LICENCES}?state=none").status_code == 404
        for page in ("x", "-1", "9" * 30):
            assert f'"{ONE}"' in officer.get(f"{LICENCES}?before={page}").text
        assert officer.get(f"{LICENCES}/{'9' * 30}").status_code == 404
        monkeypatch.setattr("traceqr.office.licences.PAGE", 1)
        monkeypatch.setattr("traceqr.web.association_licences.PAGE", 1)
        page = officer.get(LICENCES).text
        assert f'"{ONE}"' not in page
        assert "before=2" in page

    def test_suspended_and_resumed(self, offices: Offices, officer: Visitor, licence: int) -> None:
        hidden = officer.hidden(ONE)
        assert officer.post(f"{ONE}/suspend", form=ONE, reason=" ").status_code == 422
        assert officer.post(f"{ONE}/suspend", form=ONE, reason="a‮b").status_code == 422
        assert officer.post(f"{ONE}/suspend", form=ONE, reason=SCRIPT).status_code == 303
        page = officer.get(ONE).text
        assert SCRIPT not in page
        assert "&lt;script&gt;" in page
        for act in ("resume", "suspend", "extend", "withdraw"):
            answer = officer.send(f"{ONE}/{act}", {**hidden, "reason": "x", "quota": "5000"})
            assert answer.status_code == 409, act
            assert "Somebody else has changed this meanwhile" in answer.text
        assert row(offices)["state"] == "suspended"
        assert officer.post(f"{ONE}/resume", form=ONE).status_code == 303
        assert row(offices)["state"] == "granted"

    def test_extended(self, offices: Offices, officer: Visitor, licence: int) -> None:
        for given in ({}, {"quota": "1"}, {"quota": "x"}, {"valid_until": "2026-09-02"}, {"valid_until": "x"}):
            assert officer.post(f"{ONE}/extend", form=ONE, **given).status_code == 422, given
        assert officer.post(f"{ONE}/extend", form=ONE, quota="5,000", valid_until="2027-12-31").status_code == 303
        assert row(offices)["quota"] == 5_000

    def test_withdrawn_by_two(self, offices: Offices, officer: Visitor, licence: int) -> None:
        answer = officer.post(f"{ONE}/withdraw", form=ONE, reason="抽检不合格")
        assert answer.status_code == 303
        assert row(offices)["state"] == "granted"
        assert "waits for the yes of a second person" in officer.get(ONE).text
        again = officer.post(f"{ONE}/withdraw", form=ONE, reason="抽检不合格")
        assert again.status_code == 422
        assert "proposed already" in again.text
        (proposed,) = offices.world.base.rows("SELECT id FROM proposal")
        path = f"{ONE}/withdraw/{proposed['id']}"
        assert officer.post(path, form=ONE).status_code == 303  # nobody has agreed yet: the page says so
        assert row(offices)["state"] == "granted"
        second = offices.as_(Role.OFFICER)
        assert f'href="{ONE}"' in second.get("/account/proposals").text
        second.post(f"/account/proposals/{proposed['id']}/second", form="/account/proposals")
        assert "Withdraw now" in officer.get(ONE).text
        assert officer.post(path, form=ONE).status_code == 303
        assert (row(offices)["state"], row(offices)["reason"]) == ("withdrawn", "抽检不合格")
        assert "Withdraw for ever" not in officer.get(ONE).text

    def test_what_cannot_be_done_leaves_the_proposal(self, offices: Offices, officer: Visitor, licence: int) -> None:
        officer.post(f"{ONE}/withdraw", form=ONE, reason="抽检不合格")
        (proposed,) = offices.world.base.rows("SELECT id FROM proposal")
        offices.as_(Role.OFFICER).post(f"/account/proposals/{proposed['id']}/second", form="/account/proposals")
        licensing.withdraw_licence(offices.world.desk, 1, "别的原因")
        officer.post(f"{ONE}/withdraw/{proposed['id']}", form=MARKS + "/new")
        assert offices.world.base.one("SELECT state FROM proposal")["state"] == "seconded"
        assert row(offices)["reason"] == "别的原因"

    def test_a_proposal_of_something_else(self, offices: Offices, officer: Visitor, licence: int) -> None:
        other = offices.world.base.licence(gtins=(GREEN_TEA,), valid_from=_day(2027, 1), valid_until=_day(2027, 2))
        officer.post(f"{ONE}/withdraw", form=ONE, reason="抽检不合格")
        (proposed,) = offices.world.base.rows("SELECT id FROM proposal")
        offices.as_(Role.OFFICER).post(f"/account/proposals/{proposed['id']}/second", form="/account/proposals")
        assert officer.post(f"{LICENCES}/{other}/withdraw/{proposed['id']}", form=ONE).status_code == 404
        assert row(offices, other)["state"] == "granted"

    def test_of_another_association(self, offices: Offices, licence: int) -> None:
        visitor = offices.as_(Role.OFFICER, association(offices, "本省协会（测试）", "310000"))
        assert f'"{ONE}"' not in visitor.get(LICENCES).text
        assert f'"{ONE}"' not in visitor.get(f"{LICENCES}?mark={MARK}").text
        assert visitor.get(ONE).status_code == 404
        for act in ("suspend", "resume", "extend", "withdraw", "withdraw/x"):
            given = {"reason": "x", "quota": "5000", "seen": str(row(offices)["position"])}
            assert visitor.post(f"{ONE}/{act}", form=f"{MARKS}/new", **given).status_code == 404, act
        answer = visitor.post(NEW, form=f"{MARKS}/new", **GRANT)
        assert answer.status_code == 422  # the mark is none of those that may be chosen
        assert row(offices)["state"] == "granted"
        assert len(offices.world.base.rows("SELECT number FROM mark_licence")) == 1


def test_with_one_person(offices: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    offices.world.base.mark()
    offices.world.base.licence(gtins=(GREEN_TEA,))
    object.__setattr__(offices.app.extensions[EXTENSION].house, "second_person", False)
    officer = offices.as_(Role.OFFICER)
    assert officer.post(f"{ONE}/withdraw", form=ONE, reason="抽检不合格").status_code == 303
    assert row(offices)["state"] == "withdrawn"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICER])
def test_the_office_itself_asks(offices: Offices, role: Role) -> None:
    desk = LicenceOffice(offices.app.extensions[EXTENSION].house, offices.person(role).identity)
    words = Words("a", "b", "c", "d")
    asked: list[Any] = [
        desk.kinds,
        lambda: desk.kind(MARK),
        lambda: desk.define("x", "XX", "quality-month", words),
        lambda: desk.revise(MARK, 1, words),
        lambda: desk.listed(Asked()),
        lambda: desk.file(1),
        lambda: desk.enterprises("x"),
        lambda: desk.licensee(uscc()),
        lambda: desk.grant(MARK, uscc(), [GREEN_TEA], (_day(2026, 1), _day(2026, 2)), 1),
        lambda: desk.suspend(1, 1, "x"),
        lambda: desk.resume(1, 1),
        lambda: desk.extend(1, 1, None, 5),
        lambda: desk.withdraw(1, 1, "x"),
        lambda: desk.carry_out(1, "x"),
    ]
    for ask in asked:
        with pytest.raises(Denied):
            ask()


def _day(year: int, month: int) -> date:
    return date(year, month, 1)
