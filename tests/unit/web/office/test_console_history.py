"""What was done in an enterprise's name, or to what is its own: on its page and as a table."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from typing import Any

import pytest
from support.staff import enterprise_id

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.world import GREEN_TEA
from traceqr import activating, entrusting, keying, recalling
from traceqr.access import Identity, Role, Scope
from traceqr.activating import Range
from traceqr.checking.acts import EFFECTS
from traceqr.office.history import HistoryOffice, Sought
from traceqr.office.house import Denied
from traceqr.registry import trail
from traceqr.web import deeds
from traceqr.web.door import EXTENSION

SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def clerk(offices: Offices) -> Visitor:
    return offices.as_(Role.CLERK)


def rows(page: Any) -> list[str]:
    """The rows of the table, each without its tags."""
    body = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in body.split("</tr>") if "<td>" in each]


def table(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


class TestThePage:
    def test_who_did_what_to_what(self, offices: Offices, clerk: Visitor) -> None:
        base = offices.world.base
        batch = offices.world.issue(active=False)
        name = base.one("SELECT name FROM account")["name"]
        path = f"/console/batches/{batch}"
        answer = clerk.post(path, act="activate", first="1", last="3")
        assert answer.status_code == 303
        page = clerk.get("/console/history")
        assert page.status_code == 200
        first, second = rows(page)[:2]
        assert re.search(rf"Labels activated Batch {batch} labels 1 to 3 {name}$", first)
        assert re.search(rf"Batch issued Batch {batch} \d+ labels The operator of the system$", second)
        assert f'href="{path}"' in page.text

    def test_the_association_is_called_by_its_name(self, offices: Offices, clerk: Visitor) -> None:
        base = offices.world.base
        officer = offices.person(Role.OFFICER)
        desk = replace(base.desk, actor=f"account:{officer.account.id}")
        recalling.open_on_product(desk, "hold", GREEN_TEA, "抽检不合格")
        held = rows(clerk.get("/console/history"))[0]
        body = base.one("SELECT name_en FROM organisation WHERE id = :id", id=officer.account.organisation_id)
        assert "Product held 抽检不合格" in held
        assert held.endswith(body["name_en"])
        assert officer.account.name not in clerk.get("/console/history").text

    def test_a_token_is_called_by_its_name(self, offices: Offices, clerk: Visitor) -> None:
        base = offices.world.base
        owner = offices.person(Role.MANAGER)
        made = entrusting.issue_token(base.desk, enterprise_id(base), owner.account.id, "ERP", [Scope.ISSUE], 30)
        batch = offices.world.issue(active=False)
        activating.activate(replace(base.desk, actor=f"token:{made.token.id}"), Range(batch), "")
        assert rows(clerk.get("/console/history"))[0].endswith("Token ERP")

    def test_a_lift_is_shown_with_what_it_lay_over(self, offices: Offices, clerk: Visitor) -> None:
        desk = offices.world.base.desk
        batch = offices.world.issue()
        over_labels = recalling.open_on_batch(desk, "hold", Range(batch, 1, 2), "x")
        over_all = recalling.open_on_product(desk, "recall", GREEN_TEA, "x")
        recalling.lift(desk, over_labels.id, "again good")
        recalling.lift(desk, over_all.id, "again good")
        product, labels = rows(clerk.get("/console/history"))[:2]
        assert f"Recall lifted again good Product {GREEN_TEA.trade}" in product
        assert f"Hold lifted again good Batch {batch}" in labels

    def test_a_stolen_key_concerns_those_whose_labels_it_signed(self, offices: Offices, clerk: Visitor) -> None:
        base = offices.world.base
        offices.world.issue(active=False)
        keying.compromise(base.desk, base.one("SELECT key_number FROM batch")["key_number"], "stolen")
        assert "Signing key declared stolen" in rows(clerk.get("/console/history"))[0]

    def test_no_text_becomes_markup(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        recalling.open_on_product(offices.world.base.desk, "hold", GREEN_TEA, SCRIPT)
        assert SCRIPT not in clerk.get("/console/history").text
        assert "&lt;script&gt;" in clerk.get("/console/history").text

    @pytest.mark.parametrize("language", ["zh-CN", "zh-TW"])
    def test_in_each_language(self, offices: Offices, clerk: Visitor, language: str) -> None:
        offices.world.issue()
        clerk.language = language
        assert not re.findall(r">(Batch|Act|When|Batch issued)<", clerk.get("/console/history").text)


class TestFilters:
    def test_by_kind_and_by_batch(self, offices: Offices, clerk: Visitor) -> None:
        desk = offices.world.base.desk
        first, second = offices.world.issue(), offices.world.issue()
        recalling.open_on_batch(desk, "hold", Range(first), "x")
        assert len(rows(clerk.get(f"/console/history?batch={first}"))) == 2
        assert len(rows(clerk.get(f"/console/history?batch={second}"))) == 1
        assert ["Labels held" in each for each in rows(clerk.get("/console/history?kind=notices"))] == [True]
        assert rows(clerk.get(f"/console/history?kind=notices&batch={second}")) == []
        assert "There are none." in clerk.get("/console/history?kind=marks&batch=7").text

    @pytest.mark.parametrize(
        "query", ["kind=nonsense", "batch=x", "batch=-1", f"batch={'9' * 40}", "before=x", "before="]
    )
    def test_what_is_no_filter_filters_nothing(self, offices: Offices, clerk: Visitor, query: str) -> None:
        offices.world.issue()
        assert rows(clerk.get(f"/console/history?{query}")) == rows(clerk.get("/console/history"))

    def test_pages_follow_each_other_without_gap_or_repeat(self, offices: Offices, clerk: Visitor) -> None:
        for _ in range(60):
            offices.world.issue(1)
        every = [each["entry"] for each in table(clerk.get("/console/history.csv?kind=labels"))]
        seen, path = [], "/console/history?kind=labels"
        while path:
            page = clerk.get(path)
            seen += re.findall(r"Entry (\d+)", page.text)
            following = re.search(r'href="([^"]+before=\d+)"', page.text)
            path = following[1].replace("&amp;", "&") if following else ""
        assert seen == every
        assert len(seen) == 60


class TestTheTable:
    def test_says_all_that_the_page_says(self, offices: Offices, clerk: Visitor) -> None:
        batch = offices.world.issue()
        recalling.open_on_batch(offices.world.base.desk, "recall", Range(batch, 0, 1), "破损")
        answer = clerk.get("/console/history.csv")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "history.csv" in answer.headers["Content-Disposition"]
        first = table(answer)[0]
        assert (first["act"], first["what"], first["by"], first["on"]) == (
            "batch.recall", "Labels recalled", "operator", "batch",
        )  # fmt: skip
        assert (first["id"], first["first"], first["last"], first["reason"]) == (str(batch), "0", "1", "破损")

    def test_a_formula_is_text(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        recalling.open_on_product(offices.world.base.desk, "hold", GREEN_TEA, FORMULA)
        assert table(clerk.get("/console/history.csv"))[0]["reason"] == f"'{FORMULA}"

    def test_is_filtered_as_the_page_is(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        assert {each["act"] for each in table(clerk.get("/console/history.csv?kind=labels"))} == {"batch.issue"}

    def test_its_words_are_the_readers(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        clerk.language = "zh-CN"
        assert table(clerk.get("/console/history.csv"))[0]["what"] == "新建批次赋码"


class TestWhoSees:
    def test_nothing_of_others(self, offices: Offices) -> None:
        base = offices.world.base
        base.enterprise(2)
        batch = offices.world.issue()
        other = offices.as_(Role.MANAGER, enterprise_id(base, 2))
        for path in ("/console/history", "/console/history.csv", f"/console/history?batch={batch}"):
            assert "batch.issue" not in other.get(path).text
            assert "Batch issued" not in other.get(path).text

    def test_a_product_that_another_took_over_leaves_its_past(
        self, offices: Offices, clerk: Visitor
    ) -> None:
        base = offices.world.base
        base.enterprise(2)
        recalling.open_on_product(base.desk, "hold", GREEN_TEA, "before")
        held = base.one("SELECT id FROM notice")["id"]
        with base.database.maintenance() as tx:
            tx.execute("UPDATE product SET enterprise_id = :id", {"id": enterprise_id(base, 2)})
        recalling.lift(base.desk, held, "after")
        other = offices.as_(Role.MANAGER, enterprise_id(base, 2))
        assert "before" in clerk.get("/console/history?kind=notices").text
        assert "after" not in clerk.get("/console/history?kind=notices").text
        assert [each["reason"] for each in table(other.get("/console/history.csv?kind=notices"))] == ["after"]

    def test_a_token_without_the_right_to_read(self, offices: Offices) -> None:
        base = offices.world.base
        identity = Identity("a", Role.MANAGER, enterprise_id(base), token="t", scopes=frozenset({Scope.PRINT}))
        office = HistoryOffice(offices.app.extensions[EXTENSION].house, identity)
        with pytest.raises(Denied):
            office.page(Sought())
        with pytest.raises(Denied):
            office.all(Sought())


def test_every_act_that_concerns_an_enterprise_has_words() -> None:
    acts = {act for act in EFFECTS if trail.kind_of(act)} | {"batch.activate", "batch.void", "labels.resume"}
    assert acts <= set(deeds.ACT_NAMES)
    assert set(deeds.KIND_NAMES) == set(trail.KINDS)
    assert {trail.kind_of(act) for act in deeds.ACT_NAMES} - {None} == set(trail.KINDS)
