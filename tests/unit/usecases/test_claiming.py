"""Claiming: whose GTIN it is."""

from __future__ import annotations

import pytest
from stdnum import ean
from support.world import ASSOCIATION, ON_A_FILE, World, gtin, uscc

from traceqr import claiming, enrolling
from traceqr.acting import ActRefused, EntriesRefused
from traceqr.claiming import ClaimEntry
from traceqr.enrolling import ProductEntry
from traceqr.label.gtin import Gtin
from traceqr.registry import claims


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
