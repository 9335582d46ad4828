"""Claiming: whose GTIN it is."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from stdnum import ean
from support.world import ARTICLES, ASSOCIATION, ON_A_FILE, World, certificate, gtin, uscc

from traceqr import claiming, enrolling, exporting
from traceqr.acting import ActRefused, EntriesRefused
from traceqr.claiming import ClaimEntry
from traceqr.enrolling import ProductEntry
from traceqr.evidence import Article, Evidence, Revocation
from traceqr.exporting import Asked
from traceqr.instant import DAY_MS
from traceqr.label.gtin import Gtin
from traceqr.picture import Picture
from traceqr.registry import claims, documents
from traceqr.registry.batches import Batch
from traceqr.registry.exports import Content
from traceqr.signer.granting import NotGranted, grant, linked
from traceqr.verdict_json import to_json


class TestClaims:
    def test_packing_levels_of_one_product_belong_together(self, furnished: World) -> None:
        """Another indicator digit makes another GTIN of the same product: nobody else may claim it."""
        furnished.enterprise(2)
        first = gtin(9, "6908888")
        furnished.claim("gtin", first.digits)
        stem = "1" + first.digits[1:13]
        carton = stem + ean.calc_check_digit(stem)
        other = furnished.claim("gtin", carton, enterprise=2, accepted=False)
        with pytest.raises(ActRefused, match="is accepted for another enterprise"):
            claiming.accept_claim(furnished.desk, other, ASSOCIATION)
        assert furnished.claim("gtin", carton), "its owner may claim it beside the other"

    def test_a_prefix_reaches_into_no_gtin_8(self, furnished: World) -> None:
        with pytest.raises(EntriesRefused, match="from the range of GTIN-8"):
            furnished.claim("prefix", "0000069")

    @pytest.mark.parametrize(
        ("kind", "value", "field"),
        [
            ("brand", "6901234", "kind"),
            ("prefix", "690123", "value"),
            ("prefix", "6901234567890", "value"),
            ("prefix", "６９０１２３４", "value"),
            ("prefix", "690123 ", "value"),
            ("gtin", "6901234000011", "value"),
            ("gtin", "0690123400001x", "value"),
            ("gtin", str(gtin())[:-1] + str((int(str(gtin())[-1]) + 1) % 10), "value"),
        ],
    )
    def test_what_is_no_claim(self, furnished: World, kind: str, value: str, field: str) -> None:
        with pytest.raises(EntriesRefused) as caught:
            claiming.file_claims(furnished.desk, [ClaimEntry(uscc(1), kind, value, "e")])
        assert caught.value.refusals[0][1].field == field

    @pytest.mark.parametrize("length", [7, 8, 9, 10, 11, 12])
    def test_a_prefix_covers_what_starts_with_it(self, furnished: World, length: int) -> None:
        made = gtin(77, "6955555")
        claim = furnished.claim("prefix", str(made)[1 : 1 + length])
        with furnished.database.snapshot() as reader:
            enterprise = furnished.one("SELECT id FROM enterprise")["id"]
            found = claims.accepted_for(reader, enterprise, str(made))
            assert found is not None
            assert found.id == claim
            assert claims.accepted_for(reader, enterprise, str(gtin(77, "6955556"))) is None
            assert claims.accepted_for(reader, "somebody else", str(made)) is None

    def test_an_outer_case_falls_under_the_prefix(self, furnished: World) -> None:
        stem = "1" + str(gtin())[1:13]
        case = Gtin.parse(stem + str(ean.calc_check_digit(stem)))
        enrolling.enrol_products(furnished.desk, [ProductEntry(case, uscc(1), "a", "a", "b", "c", "d", None)])
        assert furnished.issue(gtin=case).gtin == str(case)

    @pytest.mark.parametrize(
        ("accepted", "wanted"),
        [
            (("prefix", "6955555"), ("prefix", "6955555")),
            (("prefix", "6955555"), ("prefix", "69555550")),
            (("prefix", "69555550"), ("prefix", "6955555")),
            (("prefix", "6955555"), ("gtin", str(gtin(3, "6955555")))),
            (("gtin", str(gtin(3, "6955555"))), ("prefix", "6955555")),
            (("gtin", str(gtin(99999, "6955555"))), ("prefix", "6955555")),
            (("prefix", "69555559999"), ("prefix", "6955555")),
            (("gtin", str(gtin(3, "6955555"))), ("gtin", str(gtin(3, "6955555")))),
        ],
        ids=lambda pair: " ".join(pair),
    )
    def test_two_enterprises_never_share_a_gtin(
        self, furnished: World, accepted: tuple[str, str], wanted: tuple[str, str]
    ) -> None:
        furnished.enterprise(2)
        furnished.claim(*accepted)
        claim = furnished.claim(*wanted, enterprise=2, accepted=False)
        before = furnished.dump()
        with pytest.raises(ActRefused, match="is accepted for another enterprise"):
            claiming.accept_claim(furnished.desk, claim, ASSOCIATION)
        assert furnished.dump() == before

    @pytest.mark.parametrize(
        ("accepted", "wanted"),
        [
            (("prefix", "6955555"), ("prefix", "6955556")),
            (("prefix", "69555551"), ("prefix", "69555552")),
            (("gtin", str(gtin(3, "6955555"))), ("gtin", str(gtin(4, "6955555")))),
            (("prefix", "6955556"), ("gtin", str(gtin(3, "6955555")))),
        ],
        ids=lambda pair: " ".join(pair),
    )
    def test_neighbours_do_not_disturb(
        self, furnished: World, accepted: tuple[str, str], wanted: tuple[str, str]
    ) -> None:
        furnished.enterprise(2)
        furnished.claim(*accepted)
        furnished.claim(*wanted, enterprise=2)

    def test_one_enterprise_may_hold_a_prefix_and_a_gtin_under_it(self, furnished: World) -> None:
        furnished.claim("gtin", str(gtin()))
        with pytest.raises(ActRefused, match="accepted already as"):
            furnished.claim("gtin", str(gtin()))

    def test_a_decision_is_final(self, furnished: World) -> None:
        claim = furnished.claim("prefix", "6955555", accepted=False)
        claiming.refuse_claim(furnished.desk, claim, ASSOCIATION, "no certificate")
        for decide in (
            lambda: claiming.accept_claim(furnished.desk, claim, ASSOCIATION),
            lambda: claiming.refuse_claim(furnished.desk, claim, ASSOCIATION, "again"),
        ):
            with pytest.raises(ActRefused, match=f"expected a claim that awaits its decision, {claim} is refused"):
                decide()
        furnished.enterprise(2)
        furnished.claim("prefix", "6955555", enterprise=2)  # what was refused binds nobody

    @pytest.mark.parametrize("reason", ["", " \n"])
    def test_a_refusal_needs_a_reason(self, furnished: World, reason: str) -> None:
        claim = furnished.claim("prefix", "6955555", accepted=False)
        with pytest.raises(ActRefused, match="expected a reason"):
            claiming.refuse_claim(furnished.desk, claim, ASSOCIATION, reason)

    def test_only_who_is_enrolled_decides(self, furnished: World) -> None:
        claim = furnished.claim("prefix", "6955555", accepted=False)
        expected = "expected the Chinese name of an enrolled organisation, got '无名'; enrolled: "
        with pytest.raises(ActRefused, match=f"{expected}'{ASSOCIATION}'$"):
            claiming.accept_claim(furnished.desk, claim, "无名")
        for number in range(1, 5):
            furnished.association(f"协会{number}")
        with pytest.raises(ActRefused, match=f"{expected}'{ASSOCIATION}', '协会1', '协会2', '协会3', '协会4'$"):
            claiming.accept_claim(furnished.desk, claim, "无名")
        for number in range(5, 7):
            furnished.association(f"协会{number}")
        with pytest.raises(ActRefused, match=r"'协会4' and 2 more$"):
            claiming.refuse_claim(furnished.desk, claim, "无名", "r")

    def test_with_nobody_enrolled_no_one_decides(self, world: World) -> None:
        world.enterprise()
        claim = world.claim(accepted=False)
        with pytest.raises(ActRefused, match="none is enrolled yet: import organisations first"):
            claiming.accept_claim(world.desk, claim, "无名")

    @ON_A_FILE
    def test_finding_the_right_takes_the_same_probes_however_many_claims_there_are(self, furnished: World) -> None:
        """By the plan of the query: a search by kind and value, never a walk over the enterprise's claims."""
        with furnished.database.snapshot() as reader:
            seen: list[str] = []

            class Explaining:
                def rows(self, sql: str, params: object = None) -> list[dict[str, object]]:
                    seen.extend(str(row["detail"]) for row in reader.rows("EXPLAIN QUERY PLAN " + sql, params))
                    return reader.rows(sql, params)

            claims.accepted_for(Explaining(), "e", str(gtin()))  # type: ignore[arg-type]
            for claim in (claims.Claim("i", "e", "prefix", "6955555", "", "filed"),
                          claims.Claim("i", "e", "gtin", str(gtin()), "", "filed")):  # fmt: skip
                claims.accepted_overlapping(Explaining(), claim)  # type: ignore[arg-type]
        seen = [step for step in seen if step != "USE TEMP B-TREE FOR ORDER BY"]
        assert len(seen) >= 5
        assert all("USING INDEX gtin_claim_accepted (kind=? AND value" in step for step in seen), seen


class TestContests:
    """The owner files against a claim that was accepted for a stranger, and an organisation decides."""

    @pytest.fixture
    def contest(self, furnished: World) -> str:
        """A claim of enterprise 2 to the GTIN of a product of enterprise 1, whose prefix is accepted."""
        furnished.enterprise(2)
        return furnished.claim("gtin", str(gtin()), enterprise=2, accepted=False)

    def accepted(self, world: World) -> list[str]:
        rows = world.rows("SELECT id FROM gtin_claim WHERE state = 'accepted' ORDER BY position, id")
        return [str(row["id"]) for row in rows]

    def test_it_is_filed_and_says_what_it_contests(self, furnished: World, contest: str) -> None:
        (stranger,) = self.accepted(furnished)
        with furnished.database.snapshot() as reader:
            (listed,) = claims.in_state(reader, "filed")
            filed = claims.by_id(reader, contest)
            assert filed is not None
            assert [other.id for other in claims.contested(reader, filed)] == listed["contests"] == [stranger]
            (other,) = claims.in_state(reader, "accepted")
            assert other["contests"] == []

    def test_accepted_in_its_place(self, furnished: World, contest: str) -> None:
        (stranger,) = self.accepted(furnished)
        decided = claiming.accept_claim(furnished.desk, contest, ASSOCIATION, [stranger, stranger], "forged papers")
        assert (decided.state, self.accepted(furnished)) == ("accepted", [contest])
        revoked, accepted = (
            json.loads(row["entry"])
            for row in furnished.rows("SELECT entry FROM ledger ORDER BY position DESC LIMIT 2")[::-1]
        )
        assert (revoked["act"], revoked["subject"]) == ("claim.revoke", f"claim:{stranger}")
        assert (revoked["payload"]["reason"], revoked["payload"]["instead"]) == ("forged papers", contest)
        assert (accepted["act"], accepted["subject"]) == ("claim.accept", f"claim:{contest}")
        row = furnished.one("SELECT state, decided_ms FROM gtin_claim WHERE id = :id", id=stranger)
        assert row == {"state": "revoked", "decided_ms": furnished.clock.at_ms}

    def test_all_that_overlap_must_be_named(self, furnished: World, contest: str) -> None:
        (prefix,) = self.accepted(furnished)
        alone = furnished.claim("gtin", str(gtin()))
        before = furnished.dump()
        for named in ([], [prefix], [alone]):
            with pytest.raises(ActRefused, match="is accepted for another enterprise, as") as caught:
                claiming.accept_claim(furnished.desk, contest, ASSOCIATION, named, "r")
            assert caught.value.field == "instead_of"
        assert furnished.dump() == before
        claiming.accept_claim(furnished.desk, contest, ASSOCIATION, [alone, prefix], "r")
        assert self.accepted(furnished) == [contest]

    def test_nothing_else_can_be_named(self, furnished: World, contest: str) -> None:
        (stranger,) = self.accepted(furnished)
        elsewhere, own = furnished.claim("prefix", "6955555"), furnished.claim("prefix", "6966666", enterprise=2)
        before = furnished.dump()
        for other in (elsewhere, own, contest, "none"):
            with pytest.raises(ActRefused, match=f"expected claims of others that it contests, '{other}' is none"):
                claiming.accept_claim(furnished.desk, contest, ASSOCIATION, [stranger, other], "r")
        assert furnished.dump() == before

    @pytest.mark.parametrize("reason", ["", " "])
    def test_to_revoke_needs_a_reason(self, furnished: World, contest: str, reason: str) -> None:
        (stranger,) = self.accepted(furnished)
        for decide in (
            lambda: claiming.accept_claim(furnished.desk, contest, ASSOCIATION, [stranger], reason),
            lambda: claiming.revoke_claim(furnished.desk, stranger, ASSOCIATION, reason),
        ):
            with pytest.raises(ActRefused, match="expected a reason") as caught:
                decide()
            assert caught.value.field == "reason"

    def test_a_contest_may_be_refused_and_changes_nothing_then(self, furnished: World, contest: str) -> None:
        (stranger,) = self.accepted(furnished)
        claiming.refuse_claim(furnished.desk, contest, ASSOCIATION, "their papers are good")
        assert self.accepted(furnished) == [stranger]
        assert furnished.issue().number == 1

    def test_revoked_by_itself(self, furnished: World) -> None:
        (claim,) = self.accepted(furnished)
        assert claiming.revoke_claim(furnished.desk, claim, ASSOCIATION, "lapsed").state == "revoked"
        for again in (
            lambda: claiming.revoke_claim(furnished.desk, claim, ASSOCIATION, "r"),
            lambda: claiming.revoke_claim(furnished.desk, furnished.claim(accepted=False), ASSOCIATION, "r"),
        ):
            with pytest.raises(ActRefused, match=r"expected an accepted claim, .* is (revoked|filed)"):
                again()
        with pytest.raises(ActRefused, match="expected an accepted claim of the enterprise"):
            furnished.issue()

    def test_who_lost_the_right_may_claim_it_again(self, furnished: World, contest: str) -> None:
        (first,) = self.accepted(furnished)
        claiming.accept_claim(furnished.desk, contest, ASSOCIATION, [first], "r")
        again = furnished.claim("gtin", str(gtin()), accepted=False)
        claiming.accept_claim(furnished.desk, again, ASSOCIATION, [contest], "an error")
        assert self.accepted(furnished) == [again]

    @pytest.mark.parametrize("seed", range(4))
    def test_one_reading_finds_what_each_question_finds(self, furnished: World, seed: int) -> None:
        """Prefixes and GTINs of all lengths, some inside others, on every side of the borders."""
        chance = random.Random(seed)
        for number in (2, 3):
            furnished.enterprise(number)
        values = [("prefix", "69" + "".join(chance.choices("09", k=chance.randint(5, 10)))) for _ in range(20)]
        values += [("gtin", str(gtin(chance.choice((0, 9, 90000, 99999)), "69" + "".join(chance.choices("09", k=5)))))
                   for _ in range(20)]  # fmt: skip
        filed = [furnished.claim(*value, enterprise=chance.randint(1, 3), accepted=False) for value in values]
        for claim in filed[::2]:
            with contextlib.suppress(ActRefused):
                claiming.accept_claim(furnished.desk, claim, ASSOCIATION)
        with furnished.database.snapshot() as reader:
            listed = claims.in_state(reader, "filed")
            for row in listed:
                claim = claims.by_id(reader, row["id"])
                assert claim is not None
                assert sorted(row["contests"]) == sorted(other.id for other in claims.contested(reader, claim))
        assert any(row["contests"] for row in listed)


class TestDocuments:
    """Certificates beside claims."""

    def test_they_are_kept_in_their_order_and_once(self, furnished: World) -> None:
        one, two = certificate(b"1", "一.pdf"), certificate(b"2", "二.pdf")
        first = furnished.claim("prefix", "6955555", accepted=False, documents=(two, one, two))
        second = furnished.claim("prefix", "6966666", accepted=False, documents=(replace(one, name="other.pdf"),))
        with furnished.database.snapshot() as reader:
            beside = documents.documents_of(reader, first)
            assert [(each.digest, each.name) for each in beside] == [(two.digest, "二.pdf"), (one.digest, "一.pdf")]
            assert documents.documents_of(reader, second) == [beside[1]]
            assert documents.document(reader, beside[1].id) == one
            assert documents.by_id(reader, beside[1].id) == beside[1]
            assert documents.document(reader, "none") is None
            assert documents.by_id(reader, "none") is None

    def test_each_enterprise_has_its_own(self, furnished: World) -> None:
        """Else one could tell from the id whether another has filed the same."""
        furnished.enterprise(2)
        found = []
        for number in (1, 2):
            claim = furnished.claim("prefix", f"695555{number}", number, accepted=False, documents=(certificate(),))
            with furnished.database.snapshot() as reader:
                found += documents.documents_of(reader, claim)
        assert len({each.id for each in found}) == len({each.enterprise_id for each in found}) == 2

    def test_the_ledger_holds_digests_only(self, furnished: World) -> None:
        secret = certificate(b"private", "张三的证书.pdf")
        furnished.claim("prefix", "6955555", accepted=False, documents=(secret,))
        entry = furnished.one("SELECT entry FROM ledger ORDER BY position DESC LIMIT 1")["entry"]
        assert json.loads(entry)["payload"]["documents"] == [secret.digest]
        assert "张三" not in entry
        assert "private" not in entry

    def test_no_more_than_a_few(self, furnished: World) -> None:
        many = tuple(certificate(bytes([at])) for at in range(claiming.MAX_DOCUMENTS + 1))
        before = furnished.dump()
        with pytest.raises(EntriesRefused, match="at most 5 documents beside a claim, got 6") as caught:
            furnished.claim("prefix", "6955555", documents=many)
        assert caught.value.refusals[0][1].field == "documents"
        assert furnished.dump() == before


class TestBatchesOfWhoLostTheRight:
    """Enterprise 1 has issued a batch; then its claim is revoked, and the owner enrols the product."""

    @pytest.fixture
    def batch(self, furnished: World) -> Batch:
        return furnished.issue(10)

    def revoke(self, world: World) -> None:
        world.clock.pass_days(1)
        claiming.revoke_claim(world.desk, str(world.one("SELECT id FROM gtin_claim")["id"]), ASSOCIATION, "forged")

    def hand_over(self, world: World) -> None:
        self.revoke(world)
        world.enterprise(2)
        world.claim("gtin", str(gtin()), enterprise=2)
        world.product(1, enterprise=2, name_zh="真正的绿茶")

    def shown(self, world: World, batch: Batch) -> Evidence:
        found = world.verifier().verify(world.label(batch)).evidence
        assert found is not None
        return found

    def test_a_right_that_holds(self, furnished: World, batch: Batch) -> None:
        assert self.shown(furnished, batch).enterprise.revoked is None

    def test_its_labels_say_so_at_once(self, furnished: World, batch: Batch) -> None:
        """By a verifier that remembers the batch from before."""
        verifier, text = furnished.verifier(), furnished.label(batch)
        assert verifier.verify(text).evidence.enterprise.revoked is None  # type: ignore[union-attr]
        self.revoke(furnished)
        evidence = verifier.verify(text).evidence
        assert evidence is not None
        expected = Revocation(furnished.clock.at_ms, ASSOCIATION, "Quality Association", held_by_another=False)
        assert evidence.enterprise.revoked == expected
        assert evidence.enterprise.accepted_by_zh == ""

    def test_they_show_who_issued_them_and_never_the_new_owner(self, furnished: World, batch: Batch) -> None:
        self.hand_over(furnished)
        evidence = self.shown(furnished, batch)
        assert (evidence.enterprise.uscc, evidence.enterprise.name_zh) == (uscc(1), "第1茶业有限公司")
        assert evidence.enterprise.revoked is not None
        assert evidence.enterprise.revoked.held_by_another
        assert (evidence.product.name_zh, evidence.product.changed_since) == ("绿茶1", False)
        written = json.dumps(to_json(furnished.verifier().verify(furnished.label(batch))), ensure_ascii=False)
        assert '"held_by_another": true' in written
        for of_the_owner in (uscc(2), "第2茶业有限公司", "真正的绿茶"):
            assert of_the_owner not in written

    def test_its_own_changes_are_marked_still(self, furnished: World, batch: Batch) -> None:
        furnished.product(brand="新")
        self.hand_over(furnished)
        assert self.shown(furnished, batch).product.changed_since

    def test_labels_of_the_owner_show_the_owner(self, furnished: World, batch: Batch) -> None:
        self.hand_over(furnished)
        evidence = self.shown(furnished, furnished.issue(5, pledge=0))
        assert (evidence.enterprise.uscc, evidence.enterprise.revoked) == (uscc(2), None)
        assert evidence.product.name_zh == "真正的绿茶"

    def test_a_right_that_was_given_back(self, furnished: World, batch: Batch) -> None:
        self.revoke(furnished)
        furnished.claim()
        assert self.shown(furnished, batch).enterprise.revoked is None
        assert len(furnished.plan(batch.number)) == 10

    def test_a_narrower_claim_that_was_revoked_takes_nothing(self, furnished: World, batch: Batch) -> None:
        narrow = furnished.claim("gtin", str(gtin()))
        claiming.revoke_claim(furnished.desk, narrow, ASSOCIATION, "no need")
        assert self.shown(furnished, batch).enterprise.revoked is None

    @pytest.mark.parametrize("lose", [revoke, hand_over])
    def test_nothing_of_them_is_printed(self, furnished: World, batch: Batch, lose: Callable[..., None]) -> None:
        planned = furnished.plan(batch.number)
        broken = furnished.export(batch.number, 0, 4)
        lose(self, furnished)
        before = furnished.dump()
        asked = Asked("csv")
        for act in (
            lambda: furnished.plan(batch.number),
            lambda: exporting.export(furnished.desk, planned, asked),
            lambda: exporting.export(furnished.desk, planned, Asked("csv", content=Content.HIDDEN)),
            lambda: exporting.resume(furnished.desk, broken.plan, asked, 2),
            lambda: exporting.prove(furnished.desk, planned, asked, [0]),
        ):
            with pytest.raises(ActRefused, match=r"expected an accepted claim to GTIN .* it was revoked"):
                act()
        assert furnished.dump() == before

    def test_no_link_gives_them_out(self, furnished: World, batch: Batch) -> None:
        made = exporting.export(
            furnished.desk, furnished.plan(batch.number), linked(Asked("csv"), 0, furnished.clock() + 9 * DAY_MS)
        )
        with furnished.database.snapshot() as reader:
            assert grant(reader, made.id, furnished.clock()).plan == made.plan
        self.revoke(furnished)
        with furnished.database.snapshot() as reader, pytest.raises(NotGranted, match="was revoked") as refused:
            grant(reader, made.id, furnished.clock())
        assert refused.value.reason == "labels-withdrawn"

    def test_a_picture_of_the_former_holder_is_not_kept(self, furnished: World) -> None:
        content = b"a picture"
        digest = hashlib.sha256(content).hexdigest()
        furnished.product(1, picture=Picture(digest, "image/webp", content))
        batch = furnished.issue(5)
        self.hand_over(furnished)
        assert self.shown(furnished, batch).product.picture == digest
        assert self.shown(furnished, furnished.issue(5, pledge=0)).product.picture is None


class TestWhatABatchWasPrintedUnder:
    """Its page shows that version, and marks what changed later; what is printed again is as it was."""

    def shown(self, world: World, batch: Batch) -> Evidence:
        found = world.verifier().verify(world.label(batch)).evidence
        assert found is not None
        return found

    def test_an_amended_enterprise(self, furnished: World) -> None:
        before = furnished.issue(5)
        assert not self.shown(furnished, before).enterprise.changed_since
        imprint = furnished.plan(before.number).imprint
        furnished.enterprise(name_zh="改名茶业有限公司", service_phone="400-000-9999")
        after = furnished.issue(5)
        old, new = self.shown(furnished, before).enterprise, self.shown(furnished, after).enterprise
        assert (old.changed_since, new.changed_since) == (True, False)
        assert old.name_zh == new.name_zh == "改名茶业有限公司", "people must find it under the name that it has now"
        assert furnished.plan(before.number).imprint == imprint
        assert (old.printed_zh, old.printed_en, new.printed_zh) == ("第1茶业有限公司", "", "")
        assert furnished.plan(after.number).imprint.enterprise_name == "改名茶业有限公司"

    def test_what_is_not_shown_is_no_change(self, furnished: World) -> None:
        batch = furnished.issue(5)
        furnished.enterprise(contact="李四 000-0000-0009")
        assert not self.shown(furnished, batch).enterprise.changed_since
        furnished.enterprise(service_phone="400-000-9999")
        found = self.shown(furnished, batch).enterprise
        assert (found.changed_since, found.printed_zh) == (True, "")

    def test_one_that_took_its_name_back(self, furnished: World) -> None:
        batch = furnished.issue(5)
        furnished.enterprise(name_zh="改名茶业有限公司")
        furnished.enterprise()
        assert not self.shown(furnished, batch).enterprise.changed_since

    def test_one_amended_that_lost_the_product(self, furnished: World) -> None:
        """What its labels are printed with is its own name of then, though the product is another's now."""
        batch = furnished.issue(5)
        furnished.enterprise(name_zh="改名茶业有限公司")
        TestBatchesOfWhoLostTheRight().hand_over(furnished)
        found = self.shown(furnished, batch).enterprise
        assert (found.changed_since, found.printed_zh, found.name_zh) == (True, "第1茶业有限公司", "改名茶业有限公司")

    def test_the_text_of_its_pledge(self, furnished: World) -> None:
        batch = furnished.issue(5)
        furnished.campaign(articles=(*ARTICLES, Article("三", "Third")))
        pledge = self.shown(furnished, batch).pledge
        assert pledge is not None
        assert (pledge.articles, pledge.changed_since) == (ARTICLES, True)
