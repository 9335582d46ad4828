"""Claims in the association's console: the queue, documents, decisions, and whose they are."""

from __future__ import annotations

from typing import Any

import pytest
from support.staff import enterprise_id
from support.world import certificate, gtin

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_association import association
from tests.unit.web.world import GREEN_TEA
from traceqr import claiming
from traceqr.access import Role
from traceqr.office.claims_review import ClaimReviewOffice
from traceqr.office.house import Denied
from traceqr.web.door import EXTENSION

QUEUE = "/association/claims"
SCRIPT = "<script>alert(1)</script>"
WHY = "证书与企业不符"


def one(claim: str) -> str:
    return f"{QUEUE}/{claim}"


def state(offices: Offices, claim: str) -> str:
    return str(offices.world.base.one("SELECT state FROM gtin_claim WHERE id = :id", id=claim)["state"])


@pytest.fixture
def officer(offices: Offices) -> Visitor:
    return offices.as_(Role.OFFICER)


@pytest.fixture
def filed(offices: Offices) -> str:
    """A claim of the second enterprise that contests nothing."""
    offices.world.base.enterprise(2)
    return offices.world.base.claim("prefix", "6909999", 2, accepted=False, documents=(certificate(name="证书 1.pdf"),))


@pytest.fixture
def accepted(offices: Offices) -> str:
    """The claim of the first enterprise to green tea."""
    return str(offices.world.base.one("SELECT id FROM gtin_claim WHERE state = 'accepted'")["id"])


@pytest.fixture
def contesting(offices: Offices, accepted: str) -> str:
    """A claim of the second enterprise to what the first one has."""
    assert accepted
    offices.world.base.enterprise(2)
    return offices.world.base.claim("gtin", str(GREEN_TEA), 2, accepted=False)


def document_of(offices: Offices, claim: str) -> str:
    row = offices.world.base.one("SELECT document_id FROM claim_document WHERE claim_id = :id", id=claim)
    return str(row["document_id"])


class TestQueue:
    def test_is_narrowed(self, officer: Visitor, filed: str, accepted: str) -> None:
        for found in ("", "?text=6909999", "?text=第2茶业", "?state=filed"):
            assert one(filed) in officer.get(QUEUE + found).text
        for missed in ("?text=%25", "?text=_", "?text=' OR 1=1", "?state=accepted", "?after=99999999-0"):
            assert one(filed) not in officer.get(QUEUE + missed).text
        assert one(accepted) in officer.get(f"{QUEUE}?state=accepted").text

    @pytest.mark.parametrize("asked", ["state=none", "state=filed%00"])
    def test_what_is_no_filter(self, officer: Visitor, asked: str) -> None:
        assert officer.get(f"{QUEUE}?{asked}").status_code == 404

    def test_goes_on_page_by_page(
        self, offices: Offices, officer: Visitor, filed: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("traceqr.office.claims_review.PAGE", 1)
        second = offices.world.base.claim("gtin", str(gtin(7, "6908888")), 2, accepted=False)
        page = officer.get(QUEUE).text
        assert one(filed) in page
        assert one(second) not in page
        after = page.partition("after=")[2].partition('"')[0]
        last = officer.get(f"{QUEUE}?after={after}").text
        assert one(second) in last
        assert one(filed) not in last
        assert "Next page" not in last

    def test_a_contested_one_says_so(self, officer: Visitor, contesting: str) -> None:
        assert "contested" in officer.get(QUEUE).text


class TestDocuments:
    def test_are_handed_out_and_not_shown(self, offices: Offices, officer: Visitor, filed: str) -> None:
        path = f"{one(filed)}/documents/{document_of(offices, filed)}"
        assert path in officer.get(one(filed)).text
        answer = officer.get(path)
        assert answer.data == certificate().content
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'; sandbox" in answer.headers.getlist("Content-Security-Policy")

    def test_beside_another_claim(self, offices: Offices, officer: Visitor, filed: str, accepted: str) -> None:
        path = f"/documents/{document_of(offices, filed)}"
        assert officer.get(one(accepted) + path).status_code == 404
        assert officer.get(one("none") + path).status_code == 404
        assert officer.get(f"{one(filed)}/documents/none").status_code == 404

    def test_a_name_cannot_add_a_header(self, offices: Offices, officer: Visitor) -> None:
        offices.world.base.enterprise(2)
        held = certificate(name='a"; x=".html')
        claim = offices.world.base.claim("prefix", "6909999", 2, accepted=False, documents=(held,))
        answer = officer.get(f"{one(claim)}/documents/{document_of(offices, claim)}")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="a\\"; x=\\".html"'

    def test_the_enterprise_has_its_own_back(self, offices: Offices, filed: str) -> None:
        owner = offices.as_(Role.CLERK, enterprise_id(offices.world.base, 2))
        path = f"/console/claims/{filed}/documents/{document_of(offices, filed)}"
        assert path in owner.get("/console/claims").text
        answer = owner.get(path)
        assert answer.data == certificate().content
        assert "default-src 'none'; sandbox" in answer.headers.getlist("Content-Security-Policy")
        assert offices.as_(Role.MANAGER).get(path).status_code == 404


class TestDecisions:
    def test_accepted(self, offices: Offices, officer: Visitor, filed: str) -> None:
        assert officer.post(f"{one(filed)}/accept", form=one(filed)).status_code == 303
        assert state(offices, filed) == "accepted"
        assert "Accept the claim" not in officer.get(one(filed)).text

    def test_refused_for_a_reason(self, offices: Offices, officer: Visitor, filed: str) -> None:
        for reason in ("", " \n", "x" * 501, "a‮b", "a\x00b"):
            assert officer.post(f"{one(filed)}/refuse", form=one(filed), reason=reason).status_code == 422
        assert officer.post(f"{one(filed)}/refuse", form=one(filed), reason=SCRIPT).status_code == 303
        assert state(offices, filed) == "refused"
        page = officer.get(one(filed)).text
        assert SCRIPT not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_revoked_for_a_reason(self, offices: Offices, officer: Visitor, accepted: str) -> None:
        assert officer.post(f"{one(accepted)}/revoke", form=one(accepted), reason=" ").status_code == 422
        assert officer.post(f"{one(accepted)}/revoke", form=one(accepted), reason=WHY).status_code == 303
        assert state(offices, accepted) == "revoked"
        assert WHY in officer.get(one(accepted)).text
        assert WHY in offices.as_(Role.MANAGER).get("/console/claims").text

    def test_the_true_owner(self, offices: Offices, officer: Visitor, accepted: str, contesting: str) -> None:
        page = officer.get(one(contesting)).text
        assert "Contests what was accepted" in page
        assert one(accepted) in page
        assert "Others who claim it and wait" in officer.get(one(accepted)).text
        accept = f"{one(contesting)}/accept"
        assert officer.post(accept, form=one(contesting)).status_code == 409
        given = {"instead_of": [accepted], "reason": ""}
        assert officer.post(accept, form=one(contesting), **given).status_code == 422
        assert (state(offices, accepted), state(offices, contesting)) == ("accepted", "filed")
        assert officer.post(accept, form=one(contesting), **{**given, "reason": WHY}).status_code == 303
        assert (state(offices, accepted), state(offices, contesting)) == ("revoked", "accepted")

    def test_who_waits_for_the_same(self, offices: Offices, officer: Visitor, filed: str) -> None:
        offices.world.base.enterprise(3)
        rival = offices.world.base.claim("gtin", str(gtin(5, "6909999")), 3, accepted=False)
        assert one(rival) in officer.get(one(filed)).text
        assert one(filed) in officer.get(one(rival)).text

    @pytest.mark.parametrize("what", ["accept", "refuse"])
    def test_of_two_officers_one_wins(self, offices: Offices, officer: Visitor, filed: str, what: str) -> None:
        hidden = officer.hidden(one(filed))
        claiming.refuse_claim(offices.world.desk, filed, "质量检验协会（测试）", WHY)
        answer = officer.send(f"{one(filed)}/{what}", {**hidden, "reason": "另一个原因"})
        assert answer.status_code == 409
        assert "Somebody else has changed this meanwhile" in answer.text
        assert state(offices, filed) == "refused"

    def test_what_was_accepted_since_is_not_revoked_unseen(
        self, offices: Offices, officer: Visitor, contesting: str, accepted: str
    ) -> None:
        hidden = officer.hidden(one(contesting))
        offices.world.base.claim("prefix", str(GREEN_TEA)[1:9], 1)
        given = {**hidden, "instead_of": [accepted], "reason": WHY}
        assert officer.send(f"{one(contesting)}/accept", given).status_code == 409
        assert state(offices, accepted) == "accepted"


class TestWhoseTheyAre:
    def test_of_another_region(self, offices: Offices, filed: str) -> None:
        visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
        assert one(filed) not in visitor.get(QUEUE).text
        for path in (one(filed), f"{one(filed)}/documents/{document_of(offices, filed)}"):
            assert visitor.get(path).status_code == 404
        seen = str(offices.world.base.one("SELECT position FROM gtin_claim WHERE id = :id", id=filed)["position"])
        for what in ("accept", "refuse", "revoke"):
            answer = visitor.post(f"{one(filed)}/{what}", form="/association/marks/new", reason=WHY, seen=seen)
            assert answer.status_code == 404
        assert state(offices, filed) == "filed"

    def test_a_right_of_another_region_is_not_taken(self, offices: Offices, accepted: str) -> None:
        """An officer accepts for his own region what nobody else loses by."""
        base = offices.world.base
        base.enterprise(2, region="110000")
        claim = base.claim("gtin", str(GREEN_TEA), 2, accepted=False)
        visitor = offices.as_(Role.OFFICER, association(offices, "某省协会（测试）"))
        page = visitor.get(one(claim)).text
        assert "an association to which both regions belong" in page
        assert one(accepted) not in page
        answer = visitor.post(f"{one(claim)}/accept", form=one(claim), instead_of=[accepted], reason=WHY)
        assert answer.status_code == 404
        assert (state(offices, accepted), state(offices, claim)) == ("accepted", "filed")

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICER])
    def test_the_office_itself_asks(self, offices: Offices, accepted: str, role: Role) -> None:
        desk = ClaimReviewOffice(offices.app.extensions[EXTENSION].house, offices.person(role).identity)
        asked: list[Any] = [
            lambda: desk.queue("filed"),
            lambda: desk.file(accepted),
            lambda: desk.document(accepted, "x"),
            lambda: desk.accept(accepted, 1),
            lambda: desk.refuse(accepted, 1, WHY),
            lambda: desk.revoke(accepted, 1, WHY),
        ]
        for ask in asked:
            with pytest.raises(Denied):
                ask()
