"""Cases in the consoles: what enterprises and associations see of reports, and what they do about them."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from support.staff import enterprise_id, organisation_id
from support.world import World as Base

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_tenancy import elsewhere
from tests.unit.web.world import GREEN_TEA, SECRET
from traceqr import handling
from traceqr.access import Role
from traceqr.contact import ContactSeal
from traceqr.instant import DAY_MS
from traceqr.photo import Photo
from traceqr.receipt import Receipt
from traceqr.reporting import ReportDesk, Scanned, Sender, Statement

SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
FORGED = Scanned("forged", "seal-broken")


def jpeg(colour: str = "green") -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(drawn, "JPEG")
    return drawn.getvalue()


class Market:
    """A deployment with one batch, and people who report."""

    def __init__(self, offices: Offices) -> None:
        self.offices = offices
        self.base: Base = offices.world.base
        self.batch = self.base.issue(100, gtin=GREEN_TEA).number

    def report(self, scanned: Scanned | None = None, sender: Sender | None = None, **said: Any) -> str:
        """Something reported as the deployment takes it; the case's id."""
        desk = replace(self.base.report_desk(), seal=ContactSeal.of(SECRET))
        assert isinstance(desk, ReportDesk)
        receipt = Receipt.drawn(bytes.fromhex(self.base.desk.new_id()) * 2)
        where = scanned or Scanned("genuine", "first-sighting", self.batch, 0)
        desk.file(where, sender or Sender(), Statement(**{"reason": "copied", **said}), receipt)
        row = self.base.one("SELECT case_id FROM report WHERE receipt = :receipt", receipt=receipt.digest)
        return str(row["case_id"])

    def late(self, **said: Any) -> str:
        case_id = self.report(**said)
        self.base.clock.pass_ms(7 * DAY_MS + 1)
        return case_id

    def case(self, case_id: str) -> dict[str, Any]:
        return self.base.one("SELECT * FROM case_file WHERE id = :id", id=case_id)


@pytest.fixture
def market(offices: Offices) -> Market:
    return Market(offices)


@pytest.fixture
def clerk(market: Market) -> Visitor:
    return market.offices.as_(Role.CLERK)


@pytest.fixture
def officer(market: Market) -> Visitor:
    return market.offices.as_(Role.OFFICER)


class TestTheEnterprise:
    def test_it_sees_what_was_reported_of_its_labels(self, market: Market, clerk: Visitor) -> None:
        case_id = market.report(content="第一行\n第二行", shop="集市 3 号", sender=Sender(place="330100"))
        listed = clerk.get("/console/cases").text
        assert f"/console/cases/{case_id}" in listed
        assert "Zhejiang" in listed
        page = clerk.get(f"/console/cases/{case_id}").text
        assert "第一行\n第二行" in page
        assert "集市 3 号" in page
        assert "Hangzhou" in page

    def test_it_answers_closes_and_opens_again(self, market: Market, clerk: Visitor) -> None:
        case_id = market.report()
        here = f"/console/cases/{case_id}"
        assert clerk.post(f"{here}/answer", form=here, answer="We looked into it.").status_code == 303
        assert market.case(case_id)["answered_ms"]
        assert clerk.post(f"{here}/close", form=here, finding="genuine", text="").status_code == 303
        assert market.case(case_id)["finding"] == "genuine"
        assert clerk.post(f"{here}/reopen", form=here, reason="We were wrong.").status_code == 303
        assert market.case(case_id)["state"] == "open"
        page = clerk.get(here).text
        assert "We looked into it." in page
        assert "We were wrong." in page
        assert market.base.acts()[-3:] == ["case.answer", "case.close", "case.reopen"]

    def test_it_is_given_to_a_colleague(self, market: Market, clerk: Visitor) -> None:
        case_id, colleague = market.report(), market.offices.person(Role.CLERK)
        here = f"/console/cases/{case_id}"
        assert clerk.post(f"{here}/assign", form=here, account=colleague.account.id).status_code == 303
        assert colleague.account.name in clerk.get("/console/cases").text

    @pytest.mark.parametrize("account", ["", "x", "0" * 16, SCRIPT])
    def test_to_nobody_else(self, market: Market, clerk: Visitor, account: str) -> None:
        here = f"/console/cases/{market.report()}"
        answer = clerk.post(f"{here}/assign", form=here, account=account)
        assert answer.status_code == 422
        assert "<script>alert" not in answer.text

    def test_notes_stay_among_colleagues(self, market: Market, clerk: Visitor, officer: Visitor) -> None:
        here = market.report()
        clerk.post(f"/console/cases/{here}/note", form=f"/console/cases/{here}", note="only for us")
        officer.post(f"/association/cases/{here}/note", form=f"/association/cases/{here}", note="only for them")
        assert "only for us" in clerk.get(f"/console/cases/{here}").text
        assert "only for them" not in clerk.get(f"/console/cases/{here}").text
        assert "only for us" not in officer.get(f"/association/cases/{here}").text
        assert "only for them" in officer.get(f"/association/cases/{here}").text

    @pytest.mark.parametrize(
        ("act", "said", "told"),
        [
            ("answer", {"answer": " "}, "This must be filled in."),
            ("answer", {"answer": "x" * 1_001}, "This is too long."),
            ("answer", {"answer": "a\u202eb"}, "There are characters that cannot be shown"),
            ("note", {"note": ""}, "This must be filled in."),
        ],
    )
    def test_what_is_wrong_is_said(
        self, market: Market, clerk: Visitor, act: str, said: dict[str, str], told: str
    ) -> None:
        here = f"/console/cases/{market.report()}"
        answer = clerk.post(f"{here}/{act}", form=here, **said)
        assert (answer.status_code, told in answer.text) == (422, True)

    def test_a_case_without_an_answer_is_not_closed(self, market: Market, clerk: Visitor) -> None:
        here = f"/console/cases/{market.report()}"
        answer = clerk.post(f"{here}/close", form=here, finding="other", text="")
        assert answer.status_code == 422
        assert "Answer those who reported" in answer.text

    @pytest.mark.parametrize("finding", ["", "guilty", SCRIPT])
    def test_a_finding_of_the_list(self, market: Market, clerk: Visitor, finding: str) -> None:
        case_id = market.report()
        handling.answer(market.base.desk, case_id, "x")
        here = f"/console/cases/{case_id}"
        assert clerk.post(f"{here}/close", form=here, finding=finding, text="").status_code == 422
        assert market.case(case_id)["state"] == "open"

    def test_script_in_every_text(self, market: Market, clerk: Visitor, officer: Visitor) -> None:
        case_id = market.report(content=SCRIPT, shop=SCRIPT, contact=SCRIPT)
        here = f"/console/cases/{case_id}"
        clerk.post(f"{here}/answer", form=here, answer=SCRIPT)
        clerk.post(f"{here}/note", form=here, note=SCRIPT)
        clerk.post(f"{here}/close", form=here, finding="other", text=SCRIPT)
        clerk.post(f"{here}/reopen", form=here, reason=SCRIPT)
        manager = market.offices.as_(Role.MANAGER)
        for page in (clerk.get(here), manager.get(f"{here}/contacts"), officer.get(f"/association/cases/{case_id}")):
            assert page.status_code == 200
            assert "alert(1)" in page.text
            assert "<script>alert" not in page.text
            assert "<img src=x" not in page.text
            assert 'href="https://' not in page.text, "a link that somebody typed is text"

    def test_a_page_of_before(self, market: Market, clerk: Visitor) -> None:
        """Two who decide at once: the second sees what the first did before he goes on."""
        case_id = market.report()
        here = f"/console/cases/{case_id}"
        before = clerk.hidden(here)
        assert clerk.send(f"{here}/answer", {**before, "answer": "the first"}).status_code == 303
        answer = clerk.send(f"{here}/answer", {**before, "answer": "the second"})
        assert answer.status_code == 409
        assert "has changed since you opened this page" in answer.text
        assert "the second" in answer.text, "what was typed stays"
        assert market.base.acts().count("case.answer") == 1

    def test_reports_that_came_meanwhile_make_no_page_stale(self, market: Market, clerk: Visitor) -> None:
        case_id = market.report()
        here = f"/console/cases/{case_id}"
        before = clerk.hidden(here)
        market.report(content="another")
        assert clerk.send(f"{here}/answer", {**before, "answer": "x"}).status_code == 303


class TestPhotos:
    def test_they_are_shown_within_the_case(self, market: Market, clerk: Visitor) -> None:
        case_id = market.report(photos=(Photo(jpeg(), (3_024, 12_016)),), with_position=True)
        page = clerk.get(f"/console/cases/{case_id}").text
        (address,) = set(re.findall(r'src="(/console/cases/[^"]+)"', page))
        assert "30.24, 120.16" in page
        photo = clerk.get(address)
        assert (photo.data, photo.mimetype) == (jpeg(), "image/jpeg")
        assert photo.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert photo.headers["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize("digest", ["0" * 64, "x", "..%2f..%2ftraceqr.db", "%00"])
    def test_what_is_none_of_the_case(self, market: Market, clerk: Visitor, digest: str) -> None:
        assert clerk.get(f"/console/cases/{market.report()}/photos/{digest}").status_code == 404

    def test_one_of_another_case(self, market: Market, clerk: Visitor) -> None:
        other = market.report(photos=(Photo(jpeg(), None),), sender=Sender(place="JP"))
        digest = market.base.one("SELECT digest FROM report_photo")["digest"]
        case_id = market.report()
        assert clerk.get(f"/console/cases/{case_id}/photos/{digest}").status_code == 404
        shown = clerk.get(f"/console/cases/{other}/photos/{digest}")
        assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")


class TestContacts:
    CONTACT = "王五 138-0000-0000"

    def test_a_manager_and_an_officer_see_them_when_they_ask(self, market: Market, officer: Visitor) -> None:
        case_id, manager = market.report(contact=self.CONTACT), market.offices.as_(Role.MANAGER)
        for visitor, base in ((manager, "/console/cases"), (officer, "/association/cases")):
            assert self.CONTACT not in visitor.get(f"{base}/{case_id}").text
            assert self.CONTACT in visitor.get(f"{base}/{case_id}/contacts").text

    def test_a_clerk_does_not(self, market: Market, clerk: Visitor) -> None:
        case_id = market.report(contact=self.CONTACT)
        assert clerk.get(f"/console/cases/{case_id}/contacts").status_code == 403
        assert "A contact was left." in clerk.get(f"/console/cases/{case_id}").text

    def test_ninety_days_after_it_was_closed_nobody_does(self, market: Market) -> None:
        case_id = market.report(contact=self.CONTACT)
        handling.answer(market.base.desk, case_id, "x")
        handling.close(market.base.desk, case_id, "other")
        market.base.clock.pass_ms(90 * DAY_MS)
        manager = market.offices.as_(Role.MANAGER)
        assert self.CONTACT in manager.get(f"/console/cases/{case_id}/contacts").text
        market.base.clock.pass_ms(1)
        assert self.CONTACT not in manager.get(f"/console/cases/{case_id}/contacts").text

    def test_one_sealed_under_another_secret(self, market: Market) -> None:
        case_id = market.report(contact=self.CONTACT)
        other = ContactSeal.of("another secret of another deployment")
        with market.base.database.transaction() as tx:
            tx.execute("UPDATE report SET contact = :contact", {"contact": other.seal("x", "y")})
        page = market.offices.as_(Role.MANAGER).get(f"/console/cases/{case_id}/contacts")
        assert (page.status_code, "cannot be opened any more" in page.text) == (200, True)

    def test_a_cookie_of_base64_is_not_what_is_kept(self, market: Market) -> None:
        market.report(contact=self.CONTACT)
        kept = str(market.base.one("SELECT contact FROM report")["contact"])
        assert "138" not in base64.b64decode(kept).decode("latin-1")


class TestTheAssociation:
    def test_it_watches_over_its_region(self, market: Market, officer: Visitor) -> None:
        case_id = market.report()
        here = f"/association/cases/{case_id}"
        assert case_id in officer.get("/association/cases").text
        page = officer.get(here).text
        assert "The enterprise answers." in page
        assert f"{here}/answer" not in page
        refused = officer.post(f"{here}/answer", form=here, answer="x")
        assert refused.status_code == 403
        assert officer.post(f"{here}/close", form=here, finding="other").status_code == 403
        assert officer.post(f"{here}/escalate", form=here).status_code == 409

    def test_what_is_late_it_escalates_answers_and_closes(self, market: Market) -> None:
        case_id = market.late()
        officer = market.offices.as_(Role.OFFICER)
        here = f"/association/cases/{case_id}"
        assert case_id in officer.get("/association/cases?standing=late").text
        assert officer.post(f"{here}/escalate", form=here).status_code == 303
        assert officer.post(f"{here}/answer", form=here, answer="We ask them.").status_code == 303
        assert officer.post(f"{here}/close", form=here, finding="not-reproducible", text="").status_code == 303
        case = market.case(case_id)
        assert (case["state"], case["answered_ms"]) == ("closed", None)
        assert "Quality Association" in officer.get(here).text

    def test_forgeries_are_its_own(self, market: Market, officer: Visitor) -> None:
        case_id = market.report(FORGED)
        here = f"/association/cases/{case_id}"
        person = market.base.one("SELECT id FROM account WHERE role = 'officer'")["id"]
        assert officer.post(f"{here}/assign", form=here, account=person).status_code == 303
        assert officer.post(f"{here}/answer", form=here, answer="It is a forgery.").status_code == 303
        assert officer.post(f"{here}/close", form=here, finding="copied", text="x").status_code == 303

    def test_forgeries_of_a_province_are_seen_there_and_in_the_country(self, market: Market, officer: Visitor) -> None:
        case_id = market.report(FORGED, Sender(place="330100"))
        other = market.report(FORGED, Sender(place=""))
        province = market.offices.as_(Role.OFFICER, elsewhere(market.offices))
        assert province.get(f"/association/cases/{case_id}").status_code == 200
        assert province.get(f"/association/cases/{other}").status_code == 404
        assert case_id in province.get("/association/cases").text
        assert other not in province.get("/association/cases").text
        assert officer.get(f"/association/cases/{case_id}").status_code == 200
        assert officer.get(f"/association/cases/{other}").status_code == 200

    def test_who_has_it_at_the_enterprise_is_not_shown(self, market: Market, officer: Visitor) -> None:
        case_id, clerk = market.report(), market.offices.person(Role.CLERK)
        handling.assign(market.base.desk, case_id, clerk.account.id)
        assert clerk.account.name not in officer.get("/association/cases").text
        assert clerk.account.name not in officer.get(f"/association/cases/{case_id}").text

    def test_an_officer_gives_no_case_of_an_enterprise_away(self, market: Market, officer: Visitor) -> None:
        case_id, clerk = market.report(), market.offices.person(Role.CLERK)
        here = f"/association/cases/{case_id}"
        assert officer.post(f"{here}/assign", form=here, account=clerk.account.id).status_code == 422
        assert market.case(case_id)["account_id"] is None


class TestOtherTenants:
    def test_everything_is_absent(self, market: Market) -> None:
        case_id = market.report(photos=(Photo(jpeg(), None),), contact="c")
        forged = market.report(FORGED)
        digest = market.base.one("SELECT digest FROM report_photo")["digest"]
        market.base.enterprise(2)
        visitor = market.offices.as_(Role.MANAGER, enterprise_id(market.base, 2))
        token = visitor.token("/account/")
        before = market.base.dump("session", "pace")
        for case in (case_id, forged):
            here = f"/console/cases/{case}"
            for path in (here, f"{here}/contacts", f"{here}/photos/{digest}"):
                assert visitor.get(path).status_code == 404, path
            for act in ("assign", "note", "answer", "close", "reopen"):
                data = {"csrf_token": token, "seen": "0", "account": "x", "note": "x", "answer": "x", "reason": "x"}
                answer = visitor.send(f"{here}/{act}", {**data, "finding": "other", "text": ""})
                assert answer.status_code in (404, 422), act
        assert case_id not in visitor.get("/console/cases?standing=all").text
        assert market.base.dump("session", "pace") == before


class TestTheList:
    def test_standings(self, market: Market) -> None:
        late = market.late(sender=Sender(place="110100"))
        clerk = market.offices.as_(Role.CLERK)
        answered = market.report(sender=Sender(place="330100"))
        closed = market.report(sender=Sender(place="440100"))
        fresh = market.report(sender=Sender(place="510100"))
        for case_id in (answered, closed):
            handling.answer(market.base.desk, case_id, "x")
        handling.close(market.base.desk, closed, "other")
        shown = {
            standing: {
                case_id
                for case_id in (late, answered, closed, fresh)
                if case_id in clerk.get(f"/console/cases?standing={standing}").text
            }
            for standing in ("open", "late", "answered", "closed", "all")
        }
        assert shown == {
            "open": {late, answered, fresh},
            "late": {late},
            "answered": {answered},
            "closed": {closed},
            "all": {late, answered, closed, fresh},
        }

    def test_of_one_product(self, market: Market, clerk: Visitor) -> None:
        case_id = market.report()
        assert case_id in clerk.get(f"/console/cases?gtin={GREEN_TEA}").text
        assert case_id not in clerk.get("/console/cases?gtin=06901234000016").text

    def test_by_the_digits_under_its_bar_code(self, market: Market, clerk: Visitor) -> None:
        assert market.report() in clerk.get(f"/console/cases?gtin={GREEN_TEA.trade}").text

    @pytest.mark.parametrize("query", ["standing=x", "gtin=1", "gtin=%27", "gtin=6901234000017", "standing=%00"])
    def test_what_there_is_not(self, clerk: Visitor, query: str) -> None:
        assert clerk.get(f"/console/cases?{query}").status_code == 404

    @pytest.mark.parametrize("after", ["x", "1", "-", "9" * 30 + "-a", "1-../"])
    def test_an_odd_place_is_the_beginning(self, market: Market, clerk: Visitor, after: str) -> None:
        assert (
            market.report()
            in clerk.get(
                "/console/cases",
            ).text
        )
        assert clerk.get(f"/console/cases?after={after}").status_code == 200

    def test_pages_of_fifty(self, market: Market, clerk: Visitor) -> None:
        own = enterprise_id(market.base)
        columns = ("id", "gtin", "batch", "place", "enterprise_id", "region", "state", "opened_ms")
        with market.base.database.transaction() as tx:
            tx.insert_many(
                "case_file",
                (*columns, "reports", "suspects"),
                [
                    (f"c{at:03}", str(GREEN_TEA), 1, f"{at:03}", own, "310000", "open", at // 2, 0, 0)
                    for at in range(120)
                ],
            )
        seen: list[str] = []
        path: str | None = "/console/cases"
        while path:
            page = clerk.get(path).text
            seen += re.findall(r'href="/console/cases/(c\d+)"', page)
            more = re.search(r'href="(\?[^"]*after=[^"]+)"', page)
            path = f"/console/cases{more[1].replace('&amp;', '&')}" if more else None
        assert len(seen) == len(set(seen)) == 120
        assert seen[:2] == ["c119", "c118"]

    def test_reports_of_a_case_by_fifty(self, market: Market, clerk: Visitor) -> None:
        case_id = market.report()
        columns = ("id", "receipt", "case_id", "at_ms", "batch", "label_index", "verdict", "verdict_reason", "reason")
        columns += ("content", "shop", "place", "language")
        with market.base.database.transaction() as tx:
            tx.insert_many(
                "report",
                columns,
                [
                    (f"r{at:03}", f"{at:064}", case_id, 1, 1, 0, "seen", "x", "quality", f"said {at:03}.", "", "", "en")
                    for at in range(60)
                ],
            )
        first = clerk.get(f"/console/cases/{case_id}").text
        after = re.search(r'href="\?after=([^"]+)"', first)
        assert after
        second = clerk.get(f"/console/cases/{case_id}?after={after[1]}").text
        assert len(re.findall(r"said \d+\.", first)) == 50
        assert len(re.findall(r"said \d+\.", second)) == 10


def test_an_association_without_its_region_sees_nothing_of_it(market: Market) -> None:
    assert organisation_id(market.base)
    case_id = market.report()
    province = market.offices.as_(Role.OFFICER, elsewhere(market.offices))
    assert province.get(f"/association/cases/{case_id}").status_code == 404
    assert case_id not in province.get("/association/cases?standing=all").text
