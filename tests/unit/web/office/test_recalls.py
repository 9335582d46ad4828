"""Recalls in the consoles: written, looked at, issued by one or two, followed and lifted; ordered by an association."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from support.chain import Chain
from support.chain_scenarios import LEAVES
from support.scenarios import announcement
from support.staff import enterprise_id, organisation_id
from support.world import gtin, uscc, viewer

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_tenancy import elsewhere
from tests.unit.web.world import GREEN_TEA
from traceqr import recalling
from traceqr.access import Role
from traceqr.activating import Range
from traceqr.chain import arranging
from traceqr.recalling import Lot
from traceqr.registry.locations import Location
from traceqr.tracing.event import Audience
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing, label_line
from traceqr.web import door, recall_desk

HERE, THERE = "/console/recalls", "/association/recalls"
SCRIPT = "<script>alert(1)</script>"
TEXTS = dict(announcement().texts)
LOT = {"over": "lot", "gtin": "6901234567892", "lot": "20260915-A2", "grade": "2", **TEXTS}


@pytest.fixture
def alone(offices: Offices) -> Offices:
    """Where one person is enough."""
    extensions = offices.app.extensions
    found = extensions[door.EXTENSION]
    extensions[door.EXTENSION] = replace(found, house=replace(found.house, second_person=False))
    return offices


@pytest.fixture
def clerk(offices: Offices) -> Visitor:
    return offices.as_(Role.CLERK)


@pytest.fixture
def officer(offices: Offices) -> Visitor:
    return offices.as_(Role.OFFICER)


def send(visitor: Visitor, step: str = "save", prefix: str = HERE, **changes: str) -> Any:
    return visitor.post(f"{prefix}/new", **{**LOT, **changes}, step=step)


def opened(offices: Offices) -> list[dict[str, Any]]:
    return offices.world.base.rows("SELECT kind, gtin, batch, first, last, lot FROM notice ORDER BY opened_position")


def issued(offices: Offices, **more: Any) -> str:
    """A recall of the enterprise's own, of labels 1 to 3 of a batch of five."""
    batch = offices.world.issue()
    person = offices.person(Role.CLERK)
    desk = replace(offices.world.desk, actor=f"account:{person.account.id}")
    return recalling.recall(desk, Range(batch, 1, 3), announcement(), **more).id


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "nothing chosen": ({"over": ""}, "must be filled in"),
    "no hazard": ({"hazard_zh_hans": " "}, "must be filled in"),
    "nothing to do": ({"advice_zh_hans": ""}, "must be filled in"),
    "half of a language": ({"contact_en": ""}, "Write all three texts in this language, or none."),
    "text turned round": ({"hazard_en": "a\u202eb"}, "cannot be shown"),
    "too long": ({"hazard_en": "x" * 501}, "too long"),
    "no GTIN": ({"gtin": "12"}, "right check digit"),
    "no lot": ({"lot": ""}, "Enter the production lot"),
    "an unknown lot": ({"lot": "L9"}, "No batch of this product has this lot."),
    "a product that is not there": ({"gtin": gtin(9).trade}, "not yours"),
    "no batch": ({"over": "batch", "batch": "x"}, "Enter the number of a batch."),
    "a batch that is not there": ({"over": "batch", "batch": "7"}, "not yours"),
    "labels outside": ({"over": "batch", "batch": "1", "last": "5"}, "not all of this batch"),
    "labels turned round": ({"over": "batch", "batch": "1", "first": "3", "last": "1"}, "not all of this batch"),
    "a label of another": ({"over": "batch", "batch": "1", "first": "0000000200000001"}, "no label of this batch"),
    "a class that there is not": ({"grade": "4"}, "Not a valid choice"),
}


class TestIssuing:
    def test_what_people_will_read_is_shown_first(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        offices.world.issue()
        page = send(clerk, "look")
        assert page.status_code == 200
        for text in TEXTS.values():
            assert text in page.text
        assert re.search(r"Labels under it</dt><dd>10<", page.text)
        assert "Class 2 recall" in page.text
        assert opened(offices) == []

    def test_and_may_be_changed_before(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        page = send(clerk, "change", hazard_en="Glass.")
        assert page.status_code == 200
        assert "Glass.</textarea>" in page.text
        assert "wrong-why" not in page.text

    def test_one_is_enough_where_the_operator_says_so(self, alone: Offices, clerk: Visitor) -> None:
        alone.world.issue()
        answer = send(clerk)
        assert answer.status_code == 303
        (notice,) = opened(alone)
        assert (notice["kind"], notice["lot"], notice["batch"]) == ("recall", "20260915-A2", None)
        page = clerk.get(answer.headers["Location"]).text
        assert "It is recalled." in page
        assert "Lift the recall" in page

    @pytest.mark.parametrize(
        ("over", "found"),
        [
            ({"over": "product"}, (None, None, None, None)),
            ({"over": "batch", "batch": "1"}, (1, 0, 4, None)),
            ({"over": "batch", "batch": "1", "first": "0000000100000002", "last": "3"}, (1, 2, 3, None)),
        ],
    )
    def test_what_may_be_recalled(self, alone: Offices, clerk: Visitor, over: dict[str, str], found: Any) -> None:
        alone.world.issue()
        assert send(clerk, **over).status_code == 303
        (notice,) = opened(alone)
        assert tuple(notice[name] for name in ("batch", "first", "last", "lot")) == found

    @pytest.mark.parametrize("name", WRONG)
    @pytest.mark.parametrize("step", ["look", "save"])
    def test_what_is_wrong(self, alone: Offices, clerk: Visitor, name: str, step: str) -> None:
        alone.world.issue()
        changes, words = WRONG[name]
        page = send(clerk, step, **changes)
        assert page.status_code == 422
        assert words in page.text
        assert TEXTS["advice_zh_hant"] in page.text, "what was typed stays"
        assert opened(alone) == []

    def test_twice(self, alone: Offices, clerk: Visitor) -> None:
        alone.world.issue()
        assert send(clerk).status_code == 303
        again = send(clerk)
        assert again.status_code == 422
        assert "recalled with these words already" in again.text
        assert len(opened(alone)) == 1

    def test_a_script_is_text(self, alone: Offices, clerk: Visitor) -> None:
        alone.world.issue()
        hostile = dict.fromkeys(TEXTS, SCRIPT)
        assert SCRIPT not in send(clerk, "look", **hostile).text
        place = send(clerk, **hostile).headers["Location"]
        for path in (place, HERE, "/console/", "/console/batches/1", f"/console/products/{GREEN_TEA}"):
            assert SCRIPT not in clerk.get(path).text, path


class TestTwoPeople:
    def test_it_is_proposed_agreed_to_and_done(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        assert send(clerk).headers["Location"] == HERE
        assert opened(offices) == []
        (proposed,) = offices.world.base.rows("SELECT id, act, subject FROM proposal")
        assert (proposed["act"], proposed["subject"]) == ("lot.recall", f"product:{GREEN_TEA}")
        path = f"{HERE}/proposals/{proposed['id']}"
        assert path in clerk.get(HERE).text
        clerk.post(f"{path}/do", form=HERE + "/new")
        assert opened(offices) == []
        manager = offices.as_(Role.MANAGER)
        assert path in manager.get("/account/proposals").text
        assert TEXTS["hazard_en"] in manager.get(path).text
        manager.post(f"/account/proposals/{proposed['id']}/second", form="/account/proposals")
        assert "A second person has agreed." in clerk.get(HERE).text
        for _ in range(2):
            clerk.post(f"{path}/do", form=path if not opened(offices) else HERE + "/new")
        (notice,) = opened(offices)
        assert notice["lot"] == "20260915-A2"
        row = offices.world.base.one("SELECT grade, advice_en FROM recall")
        assert (row["grade"], row["advice_en"]) == (2, TEXTS["advice_en"])
        assert "This proposal is over." in clerk.get(path).text

    def test_twice(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        send(clerk)
        again = send(clerk)
        assert again.status_code == 422
        assert "waits for a second person already" in again.text
        assert len(offices.world.base.rows("SELECT id FROM proposal")) == 1

    def test_the_proposer_is_no_second(self, offices: Offices) -> None:
        offices.world.issue()
        manager = offices.as_(Role.MANAGER)
        send(manager)
        (proposed,) = offices.world.base.rows("SELECT id FROM proposal")
        manager.post(f"/account/proposals/{proposed['id']}/second", form="/account/proposals")
        manager.post(f"{HERE}/proposals/{proposed['id']}/do", form=HERE + "/new")
        assert opened(offices) == []

    def test_of_what_has_passed_to_another_meanwhile(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        send(clerk)
        (proposed,) = offices.world.base.rows("SELECT id FROM proposal")
        offices.as_(Role.MANAGER).post(f"/account/proposals/{proposed['id']}/second", form="/account/proposals")
        offices.world.base.enterprise(2)
        with offices.world.database.transaction() as tx:
            other = {"other": enterprise_id(offices.world.base, 2), "gtin": str(GREEN_TEA)}
            tx.execute("UPDATE product SET enterprise_id = :other WHERE gtin = :gtin", other)
        assert clerk.get(f"{HERE}/proposals/{proposed['id']}").status_code == 404
        clerk.post(f"{HERE}/proposals/{proposed['id']}/do", form=HERE + "/new")
        assert opened(offices) == []
        assert clerk.get(HERE).status_code == 200


class TestOne:
    def test_whom_it_reached(self, offices: Offices, clerk: Visitor) -> None:
        one, world = issued(offices), offices.world
        scan = world.base.verifier().scan
        scan(str(world.label(1, 2)), viewer())
        scan(str(world.label(1, 0)), viewer())
        page = clerk.get(f"{HERE}/{one}").text
        figures = re.findall(r"<dd>([\d,]+)</dd></div>", page)
        assert figures[-3:] == ["3", "0", "1"]

    def test_progress_is_published(self, offices: Offices, clerk: Visitor) -> None:
        one = issued(offices)
        offices.world.base.verifier().scan(str(offices.world.label(1, 2)), viewer())
        given = {"recovered": "2", "destroyed": "1", "remark": f"off the shelves {SCRIPT}", "tell_reach": "y"}
        answer = clerk.post(f"{HERE}/{one}/progress", form=f"{HERE}/{one}", **given)
        assert answer.status_code == 303
        row = offices.world.base.one("SELECT recovered, destroyed, reached FROM recall_progress")
        assert tuple(row.values()) == (2, 1, 1)
        for path in (f"{HERE}/{one}", f"/recalls/{one}"):
            page = clerk.get(path).text
            assert "off the shelves" in page
            assert SCRIPT not in page

    def test_reach_is_kept_unless_it_is_told(self, offices: Offices, clerk: Visitor) -> None:
        one = issued(offices)
        clerk.post(f"{HERE}/{one}/progress", form=f"{HERE}/{one}", recovered="2", destroyed="1")
        assert offices.world.base.one("SELECT reached FROM recall_progress") == {"reached": None}
        assert "looked at since" not in clerk.get(f"/recalls/{one}").text

    @pytest.mark.parametrize(
        "change",
        [*({"recovered": bad} for bad in ("4", "", "²")), {"destroyed": "-1"}, {"remark": "x" * 1_001}],
    )
    def test_progress_that_cannot_be(self, offices: Offices, clerk: Visitor, change: dict[str, str]) -> None:
        one = issued(offices)
        given = {"recovered": "2", "destroyed": "1", "remark": "typed", **change}
        answer = clerk.post(f"{HERE}/{one}/progress", form=f"{HERE}/{one}", **given)
        assert answer.status_code == 422
        assert "wrong-why" in answer.text
        assert offices.world.base.rows("SELECT id FROM recall_progress") == []

    def test_it_is_lifted(self, offices: Offices, clerk: Visitor) -> None:
        one = issued(offices)
        page = f"{HERE}/{one}"
        assert clerk.post(f"{page}/lift", form=page, reason="all is back").status_code == 422
        assert clerk.post(f"{page}/lift", form=page, reason=" ", outcome="completed").status_code == 422
        assert clerk.post(f"{page}/lift", form=page, reason="x", outcome="burnt").status_code == 422
        stale = clerk.hidden(page)
        assert clerk.post(f"{page}/lift", form=page, reason="all is back", outcome="completed").status_code == 303
        assert "Completed: what had to be done is done" in clerk.get(page).text
        again = clerk.send(f"{page}/lift", {**stale, "reason": "again", "outcome": "other"})
        assert again.status_code == 409
        assert "somebody else was quicker" in again.text
        assert offices.world.base.one("SELECT closing FROM recall") == {"closing": "all is back"}

    def test_a_page_that_is_out_of_date_states_nothing(self, offices: Offices, clerk: Visitor) -> None:
        one = issued(offices)
        stale = clerk.hidden(f"{HERE}/{one}")
        clerk.post(f"{HERE}/{one}/progress", form=f"{HERE}/{one}", recovered="2", destroyed="1")
        again = clerk.send(f"{HERE}/{one}/progress", {**stale, "recovered": "1", "destroyed": "1"})
        assert again.status_code == 409
        assert len(offices.world.base.rows("SELECT id FROM recall_progress")) == 1

    def test_one_of_the_operator_stays(self, offices: Offices, clerk: Visitor) -> None:
        batch = offices.world.issue()
        one = recalling.recall(offices.world.desk, Range(batch), announcement()).id
        page = clerk.get(f"{HERE}/{one}").text
        assert "Lift the recall" not in page
        assert "Publish the progress" in page
        clerk.post(f"{HERE}/{one}/lift", form=f"{HERE}/{one}", reason="x", outcome="other")
        assert "Somebody else has laid this" in clerk.get(HERE).text
        assert offices.world.base.one("SELECT closed_position FROM notice") == {"closed_position": None}


class TestList:
    def test_pages_and_filters(self, offices: Offices, clerk: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(recall_desk, "PAGE", 2)
        batch, desk = offices.world.issue(), offices.world.desk
        ids = [recalling.recall(desk, Range(batch, at, at), announcement()).id for at in range(3)]
        recalling.lift(desk, ids[1], "r")
        page = clerk.get(HERE).text
        assert [one for one in ids if f"{HERE}/{one}" in page] == ids[1:]
        following = re.search(r'href="(/console/recalls\?[^"]*before=\d+)"', page)
        assert following
        assert f"{HERE}/{ids[0]}" in clerk.get(following[1].replace("&amp;", "&")).text
        assert f"{HERE}/{ids[1]}" not in clerk.get(f"{HERE}?state=open").text
        assert f"{HERE}/{ids[1]}" in clerk.get(f"{HERE}?state=lifted").text
        assert "There are none." in clerk.get(f"{HERE}?q=L9").text

    def test_a_lot_is_listed_on_the_first_page(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        one = recalling.recall(offices.world.desk, Lot(GREEN_TEA, "20260915-A2"), announcement()).id
        for path in ("/console/", "/console/batches/1"):
            assert f'href="{HERE}/{one}"' in clerk.get(path).text


class TestOrdered:
    def test_by_an_association(self, alone: Offices, officer: Visitor, clerk: Visitor) -> None:
        alone.world.issue()
        answer = send(officer, prefix=THERE)
        assert answer.status_code == 303
        (row,) = alone.world.base.rows("SELECT id, ordered_by, enterprise_id FROM recall")
        assert row["ordered_by"] == organisation_id(alone.world.base)
        assert row["enterprise_id"] == enterprise_id(alone.world.base)
        assert alone.world.base.acts()[-1] == "lot.recall"
        actor = alone.world.base.rows("SELECT entry FROM ledger ORDER BY position DESC LIMIT 1")[0]["entry"]
        assert '"actor":"account:' in actor
        page = clerk.get(f"{HERE}/{row['id']}").text
        assert "Ordered by" in page
        assert "Lift the recall" not in page
        clerk.post(f"{HERE}/{row['id']}/lift", form=f"{HERE}/{row['id']}", reason="x", outcome="other")
        clerk.post(f"/console/notices/{row['id']}/lift", form=f"{HERE}/{row['id']}", reason="x")
        assert alone.world.base.one("SELECT closed_position FROM notice") == {"closed_position": None}
        page = f"{THERE}/{row['id']}"
        assert "Publish the progress" not in officer.get(page).text
        assert officer.post(f"{page}/progress", form=page, recovered="1", destroyed="1").status_code == 403
        assert officer.post(f"{page}/lift", form=page, reason="well", outcome="unfounded").status_code == 303

    def test_takes_two_of_the_association(self, offices: Offices, officer: Visitor) -> None:
        offices.world.issue()
        send(officer, prefix=THERE)
        (proposed,) = offices.world.base.rows("SELECT id, organisation_id, enterprise_id FROM proposal")
        assert (proposed["organisation_id"], proposed["enterprise_id"]) == (organisation_id(offices.world.base), None)
        second = offices.as_(Role.OFFICER)
        path = f"{THERE}/proposals/{proposed['id']}"
        assert path in second.get("/account/proposals").text
        second.post(f"/account/proposals/{proposed['id']}/second", form="/account/proposals")
        officer.post(f"{path}/do", form=path)
        assert offices.world.base.one("SELECT ordered_by FROM recall") == {"ordered_by": proposed["organisation_id"]}

    def test_what_an_enterprise_laid_it_reads_and_does_not_lift(self, offices: Offices, officer: Visitor) -> None:
        one = issued(offices)
        page = f"{THERE}/{one}"
        assert f'href="{page}"' in officer.get(THERE).text
        assert "Lift the recall" not in officer.get(page).text
        officer.post(f"{page}/lift", form=THERE + "/new", reason="x", outcome="other", seen="1")
        assert offices.world.base.one("SELECT closed_position FROM notice") == {"closed_position": None}

    def test_not_of_another_region(self, alone: Offices) -> None:
        one = issued(alone)
        visitor = alone.as_(Role.OFFICER, elsewhere(alone))
        assert one not in visitor.get(THERE).text
        assert visitor.get(f"{THERE}/{one}").status_code == 404
        answer = send(visitor, prefix=THERE)
        assert answer.status_code == 422
        assert "not yours" in answer.text
        assert len(opened(alone)) == 1


OF_LEAVES = {"over": "material", "gtin": LEAVES.gtin or "", "lot": LEAVES.qualifier, "name": "鲜叶"}
SHOP = "414/6901234000030"


class TestMaterials:
    """What was made of a lot that is nobody's."""

    @pytest.fixture
    def batch(self, alone: Offices) -> int:
        """Five labels, the first two made of leaves and in a shop."""
        world = alone.world
        number, mine = world.issue(), enterprise_id(world.base)
        made = Run(label_line(str(GREEN_TEA), number), 0, 1)
        chain = Chain(world.base)
        chain.made([made], [LEAVES])
        chain.seen(made, step="retail_selling", location=SHOP)
        place = Location(SHOP, mine, "shop", "示例门店", "Example shop", "310000", "")
        arranging.set_locations(world.base.desk, [place])
        return number

    def another(self, offices: Offices) -> tuple[str, str]:
        """The id and the code of a second enterprise, which has made two of its own labels of leaves."""
        base = offices.world.base
        base.enterprise(2)
        base.claim("prefix", "6907777", enterprise=2)
        base.product(1, enterprise=2, prefix="6907777")
        theirs = base.issue(5, gtin=gtin(1, "6907777"), pledge=0)
        chain = Chain(base)
        chain.numbers = iter(range(100, 200))  # type: ignore[assignment]
        chain.made([Run(label_line(theirs.gtin, theirs.number), 0, 1)], [LEAVES], by=2, audience=Audience.PARTNERS)
        return enterprise_id(base, 2), uscc(2)

    def test_the_trace_page_leads_to_the_form(self, alone: Offices, clerk: Visitor, batch: int) -> None:
        page = clerk.client.get("/console/follow", query_string={"q": str(LEAVES), "lang": "en"}).text
        assert "Recall what was made of it" in page
        (address,) = re.findall(r'href="(/console/recalls/new[^"]*)"', page)
        form = clerk.get(address.replace("&amp;", "&")).text
        assert f'value="{LEAVES.qualifier}"' in form
        assert re.search(r'<input[^>]*checked[^>]*value="material"', form)
        assert "USCC of the enterprise" not in form

    def test_a_mock_recall_is_shown_first(self, alone: Offices, clerk: Visitor, batch: int) -> None:
        self.another(alone)
        page = send(clerk, "look", **OF_LEAVES).text
        shown = re.findall(r"<dt>(Labels|Batches|Enterprises|Places|Shops among them)</dt><dd>(\d+)</dd>", page)
        assert dict(shown) == dict.fromkeys(("Batches", "Enterprises", "Places", "Shops among them"), "1") | {
            "Labels": "2"
        }
        assert "Example shop" in page
        assert "鲜叶" in page
        assert opened(alone) == []

    def test_recalled_listed_told_and_lifted(self, alone: Offices, clerk: Visitor, batch: int) -> None:
        theirs, _ = self.another(alone)
        answer = send(clerk, **OF_LEAVES)
        assert answer.status_code == 303, answer.text
        row = alone.world.base.one("SELECT id, enterprise_id, ordered_by FROM recall")
        assert (row["enterprise_id"], row["ordered_by"]) == (enterprise_id(alone.world.base), None)
        assert alone.world.base.rows("SELECT batch, first, last FROM recall_reach") == [
            {"batch": batch, "first": 0, "last": 1}
        ], "a recall by the enterprise itself lies over what it made"
        page = clerk.get(answer.headers["Location"]).text
        assert f"What was made of lot {LEAVES.qualifier}" in page
        assert f'href="{HERE}/{row["id"]}"' in clerk.get(HERE).text
        told = clerk.client.get(f"/recalls/{row['id']}?lang=en").text
        assert "All that was made of the lot" in told
        assert "鲜叶" in told
        assert clerk.get(f"{HERE}/{row['id']}").status_code == 200
        assert alone.as_(Role.MANAGER, theirs).get(f"{HERE}/{row['id']}").status_code == 404
        assert "recalled with these words already" in send(clerk, **OF_LEAVES).text
        path = f"{HERE}/{row['id']}"
        assert clerk.post(f"{path}/lift", form=path, reason="well", outcome="unfounded").status_code == 303
        verdict = alone.world.base.verifier().verify(str(alone.world.label(batch, 0)))
        assert str(verdict.code) == "genuine"

    def test_two_enterprises_recall_the_same_lot_in_the_same_words(
        self, alone: Offices, clerk: Visitor, batch: int
    ) -> None:
        theirs, _ = self.another(alone)
        assert send(clerk, **OF_LEAVES).status_code == 303
        assert send(alone.as_(Role.CLERK, theirs), **OF_LEAVES).status_code == 303
        assert len(opened(alone)) == 2

    def test_ordered_of_what_anybody_made(self, alone: Offices, batch: int) -> None:
        _, code = self.another(alone)
        officer = alone.as_(Role.OFFICER)
        page = officer.get(f"{THERE}/new?over=material&gtin={LEAVES.gtin}&lot={LEAVES.qualifier}").text
        assert re.search(r'name="uscc"[^>]*value="[0-9A-Z]{18}"', page), "somebody who used it is filled in"
        look = send(officer, "look", THERE, **OF_LEAVES, uscc=code).text
        assert re.search(r"<dt>Labels</dt><dd>4</dd>", look)
        assert re.search(r"<dt>Enterprises</dt><dd>2</dd>", look)
        assert send(officer, prefix=THERE, **OF_LEAVES, uscc=code).status_code == 303
        row = alone.world.base.one("SELECT id, ordered_by, enterprise_id FROM recall")
        assert row["ordered_by"] == organisation_id(alone.world.base)
        assert row["enterprise_id"] == enterprise_id(alone.world.base, 2)
        assert len(alone.world.base.rows("SELECT batch FROM recall_reach")) == 2
        path = f"{THERE}/{row['id']}"
        assert officer.post(f"{path}/lift", form=path, reason="well", outcome="unfounded").status_code == 303

    def test_waits_for_a_second_person(self, offices: Offices, alone: Offices, batch: int) -> None:
        found = offices.app.extensions[door.EXTENSION]
        offices.app.extensions[door.EXTENSION] = replace(found, house=replace(found.house, second_person=True))
        clerk, manager = offices.as_(Role.CLERK), offices.as_(Role.MANAGER)
        assert send(clerk, **OF_LEAVES).headers["Location"] == HERE
        assert "waits for a second person already" in send(clerk, **OF_LEAVES).text
        (proposed,) = offices.world.base.rows("SELECT id, act, subject FROM proposal")
        assert (proposed["act"], proposed["subject"]) == ("material.recall", f"material:{LEAVES.gtin}")
        path = f"{HERE}/proposals/{proposed['id']}"
        assert path in manager.get("/account/proposals").text
        assert "Recall of what was made of a material" in manager.get("/account/proposals").text
        page = manager.get(path).text
        assert "Whom it would reach" in page
        assert "鲜叶" in page
        manager.post(f"/account/proposals/{proposed['id']}/second", form="/account/proposals")
        assert "鲜叶" in clerk.get(HERE).text
        clerk.post(f"{path}/do", form=path)
        assert offices.world.base.acts()[-1] == "material.recall"
        assert offices.world.base.one("SELECT grade FROM recall") == {"grade": 2}

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"name": " "}, "Enter what the material is called"),
            ({"lot": ""}, "Enter the lot of the material"),
            ({"lot": "another"}, "stated no event of this lot"),
            ({"lot": "x" * 65}, "too long"),
            ({"gtin": "12"}, "right check digit"),
            ({"gtin": gtin(9, "6905555").trade}, "stated no event of this lot"),
            ({"name": "x" * 101}, "too long"),
        ],
    )
    @pytest.mark.parametrize("step", ["look", "save"])
    def test_what_is_wrong(
        self, alone: Offices, clerk: Visitor, batch: int, step: str, changes: dict[str, str], words: str
    ) -> None:
        answer = send(clerk, step, **{**OF_LEAVES, **changes})
        assert answer.status_code == 422
        assert words in answer.text
        assert opened(alone) == []

    def test_anothers_product_is_not_the_enterprises_to_recall(self, alone: Offices, batch: int) -> None:
        self.another(alone)
        base = alone.world.base
        theirs = Thing.lot(str(gtin(1, "6907777")), "THEIRS")
        chain = Chain(base)
        chain.numbers = iter(range(300, 400))  # type: ignore[assignment]
        chain.made([Run(label_line(str(GREEN_TEA), batch), 4, 4)], [theirs])
        clerk, officer = alone.as_(Role.CLERK), alone.as_(Role.OFFICER)
        page = clerk.client.get("/console/follow", query_string={"q": str(theirs), "lang": "en"}).text
        assert "Labels that contain it" in page
        assert "recalls/new" not in page
        over = {"over": "material", "gtin": theirs.gtin or "", "lot": theirs.qualifier, "name": "x"}
        for visitor, prefix in ((clerk, HERE), (officer, THERE)):
            answer = send(visitor, prefix=prefix, **over, uscc=uscc(1))
            assert answer.status_code == 422
            assert "it is recalled by its lot, by that enterprise or an association" in answer.text
        assert "not yours" in send(clerk, **{**over, "over": "lot"}).text
        assert opened(alone) == []
        assert send(officer, prefix=THERE, **{**over, "over": "lot"}).status_code == 303

    def test_who_has_not_used_it_has_nothing_to_recall(self, alone: Offices, batch: int) -> None:
        alone.world.base.enterprise(2)
        other = alone.as_(Role.MANAGER, enterprise_id(alone.world.base, 2))
        assert "stated no event of this lot" in send(other, **OF_LEAVES, uscc=uscc(1)).text
        assert opened(alone) == []

    @pytest.mark.parametrize("code", ["", "x", "91310000000000000X"])
    def test_an_order_names_an_enterprise_of_the_region(self, alone: Offices, batch: int, code: str) -> None:
        answer = send(alone.as_(Role.OFFICER), prefix=THERE, **OF_LEAVES, uscc=code)
        assert answer.status_code == 422
        assert "No enterprise of your region" in answer.text
        far = alone.as_(Role.OFFICER, elsewhere(alone))
        assert "No enterprise of your region" in send(far, prefix=THERE, **OF_LEAVES, uscc=uscc(1)).text
        assert opened(alone) == []


class TestTenancy:
    @pytest.fixture
    def others(self, offices: Offices) -> Visitor:
        offices.world.base.enterprise(2)
        return offices.as_(Role.MANAGER, enterprise_id(offices.world.base, 2))

    def test_nothing_of_anothers(self, alone: Offices, others: Visitor) -> None:
        one = issued(alone)
        before = alone.world.base.acts()
        assert one not in others.get(HERE).text
        assert others.get(f"{HERE}/{one}").status_code == 404
        for what, data in (
            ("lift", {"reason": "x", "outcome": "other"}),
            ("progress", {"recovered": "1", "destroyed": "1"}),
        ):
            assert others.post(f"{HERE}/{one}/{what}", form=HERE + "/new", **data, seen="1").status_code == 404
        for over in ({"over": "lot"}, {"over": "product"}, {"over": "batch", "batch": "1"}):
            for step in ("look", "save"):
                answer = send(others, step, **over)
                assert answer.status_code == 422
                assert "not yours" in answer.text
        assert alone.world.base.acts() == before

    def test_no_proposal_of_anothers(self, offices: Offices, clerk: Visitor, others: Visitor, officer: Visitor) -> None:
        offices.world.issue()
        send(clerk)
        (proposed,) = offices.world.base.rows("SELECT id FROM proposal")
        for visitor, prefix in ((others, HERE), (officer, THERE)):
            path = f"{prefix}/proposals/{proposed['id']}"
            assert visitor.get(path).status_code == 404
            assert visitor.post(f"{path}/do", form=f"{prefix}/new").status_code == 404

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.INSPECTOR])
    @pytest.mark.parametrize("path", [HERE, f"{HERE}/new", THERE, f"{THERE}/new"])
    def test_other_roles(self, offices: Offices, role: Role, path: str) -> None:
        assert offices.as_(role).get(path).status_code == 302
