"""Products from a table, in an enterprise's console: tried, with every fault named, and landed as they were tried."""

from __future__ import annotations

import io

import pytest
from support.staff import enterprise_id
from support.world import gtin, uscc

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_association_imports import hidden, land, table, try_out
from traceqr.access import Identity, Role, Scope
from traceqr.office.house import Denied
from traceqr.office.product_tables import ProductTableOffice
from traceqr.office.taking_in import Table
from traceqr.web.door import EXTENSION

IMPORT = "/console/products/import"
OWN = uscc(1)


def row(number: int, **changes: str) -> dict[str, str]:
    return {
        "gtin": gtin(number).trade,
        "uscc": OWN,
        "name_zh": f"示例商品{number}",
        "name_en": f"Product {number}",
        "brand": "清泉",
        "specification": "250 g",
        "standard": "GB/T 14456",
        **changes,
    }


def without(column: str, given: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if name != column}


def mistyped(digits: str) -> str:
    """With another check digit."""
    return f"{digits[:-1]}{(int(digits[-1]) + 1) % 10}"


def enrolled(offices: Offices) -> int:
    return int(offices.world.base.one("SELECT COUNT(*) AS n FROM product")["n"])


@pytest.fixture
def clerk(offices: Offices) -> Visitor:
    return offices.as_(Role.CLERK)


class TestLanding:
    def test_products_land_as_they_were_tried(self, offices: Offices, clerk: Visitor) -> None:
        before = enrolled(offices)
        shown = try_out(clerk, IMPORT, table([row(number) for number in range(20, 60)]))
        assert shown.status_code == 200, shown.text
        assert "Nothing is wrong with it" in shown.text
        assert enrolled(offices) == before
        assert land(clerk, IMPORT, shown).status_code == 303
        assert enrolled(offices) == before + 40
        assert "Imported: 40 new, 0 changed, 0 unchanged." in clerk.get(IMPORT).text
        page = clerk.get(f"/console/products/{gtin(20)}").text
        assert "示例商品20" in page
        account = offices.world.base.one("SELECT id FROM account")["id"]
        assert (
            f"account:{account}"
            in offices.world.base.one("SELECT entry FROM ledger ORDER BY position DESC LIMIT 1")["entry"]
        )

    def test_the_column_of_the_enterprise_may_be_left_out(self, offices: Offices, clerk: Visitor) -> None:
        shown = try_out(clerk, IMPORT, table([without("uscc", row(20))]))
        assert land(clerk, IMPORT, shown).status_code == 303
        found = offices.world.base.one("SELECT enterprise_id FROM product WHERE gtin = :gtin", gtin=str(gtin(20)))
        assert found == {"enterprise_id": enterprise_id(offices.world.base)}

    def test_a_new_version_keeps_the_picture(self, offices: Offices, clerk: Visitor) -> None:
        base = offices.world.base
        assert land(clerk, IMPORT, try_out(clerk, IMPORT, table([row(20)]))).status_code == 303
        shown = try_out(clerk, IMPORT, table([row(20, brand="Clear Spring"), row(21)]))
        assert land(clerk, IMPORT, shown).status_code == 303
        assert "Imported: 1 new, 1 changed, 0 unchanged." in clerk.get(IMPORT).text
        assert base.one("SELECT version FROM product WHERE gtin = :gtin", gtin=str(gtin(20))) == {"version": 2}

    def test_what_became_wrong_after_it_was_tried_lands_not(self, offices: Offices, clerk: Visitor) -> None:
        base = offices.world.base
        shown = try_out(clerk, IMPORT, table([row(20), row(21)]))
        base.enterprise(2)
        base.product(20, enterprise=2)
        before = enrolled(offices)
        answer = land(clerk, IMPORT, shown)
        assert answer.status_code == 422
        assert "a GTIN that no other enterprise has enrolled" in answer.text
        assert enrolled(offices) == before


class TestFaults:
    def test_each_bad_row_is_named_and_nothing_lands(self, offices: Offices, clerk: Visitor) -> None:
        before = enrolled(offices)
        rows = [
            row(20),
            row(21, gtin=mistyped(gtin(21).trade)),
            row(22, name_zh=""),
            row(23, gtin="69"),
            row(20),
            row(24, name_zh="长" * 2_001),
        ]
        answer = try_out(clerk, IMPORT, table(rows))
        assert answer.status_code == 422
        assert "Nothing was imported: 5 faults" in answer.text
        for words in ("as the last digit", "a value", "a GTIN of 8, 12, 13 or 14 digits", "at most 2,000 characters"):
            assert words in answer.text, words
        assert enrolled(offices) == before

    def test_another_enterprise_is_a_fault_of_its_own(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.base.enterprise(2)
        before = offices.world.base.dump("session", "pace")
        answer = try_out(clerk, IMPORT, table([row(20), row(21, uscc=uscc(2))]))
        assert answer.status_code == 422
        assert f"your own code, {OWN}" in answer.text
        assert f"<code>{uscc(2)}</code>" in answer.text
        assert offices.world.base.dump("session", "pace") == before

    def test_the_product_of_another_is_not_taken(self, offices: Offices) -> None:
        """It is enrolled by the first enterprise, and the second has no right to its GTIN."""
        base = offices.world.base
        base.enterprise(2)
        other = offices.as_(Role.CLERK, enterprise_id(base, 2))
        known = base.one("SELECT gtin FROM product")["gtin"]
        answer = try_out(other, IMPORT, table([without("uscc", row(20, gtin=known))]))
        assert answer.status_code == 422
        assert "a GTIN that no other enterprise has enrolled" in answer.text

    def test_a_path_of_a_picture_opens_nothing(self, clerk: Visitor) -> None:
        answer = try_out(clerk, IMPORT, table([row(20, picture="../../etc/passwd")]))
        assert answer.status_code == 422
        assert "pictures do not come with an uploaded table" in answer.text

    def test_stored_script_is_text(self, offices: Offices, clerk: Visitor) -> None:
        shown = try_out(clerk, IMPORT, table([row(20, brand="<script>alert(1)</script>")]))
        assert land(clerk, IMPORT, shown).status_code == 303
        for path in ("/console/products", f"/console/products/{gtin(20)}"):
            assert "<script>alert" not in clerk.get(path).text

    @pytest.mark.parametrize(
        "content", [b"", b"\x00\x01", b"PK\x03\x04xxxx", b"gtin,name_zh\n", b"nothing,of,this\n1,2,3\n"]
    )
    def test_what_is_no_such_table(self, clerk: Visitor, content: bytes) -> None:
        assert try_out(clerk, IMPORT, content).status_code == 422

    def test_no_file(self, clerk: Visitor) -> None:
        assert "Choose a file." in clerk.post(IMPORT).text

    @pytest.mark.parametrize("language", ["zh-CN", "zh-TW"])
    def test_in_each_language(self, clerk: Visitor, language: str) -> None:
        clerk.language = language
        rows = [row(20, uscc=uscc(2)), row(21, gtin="69"), row(22, picture="x.jpg")]
        answer = try_out(clerk, IMPORT, table([{"picture": "", **each} for each in rows]))
        assert answer.status_code == 422
        assert not [word for word in ("own code", "digits", "pictures", "Columns") if word in answer.text]


class TestWho:
    def test_a_parcel_is_for_whoever_tried_it(self, offices: Offices, clerk: Visitor) -> None:
        shown = try_out(clerk, IMPORT, table([row(20)]))
        offices.world.base.enterprise(2)
        before = enrolled(offices)
        for other in (offices.as_(Role.CLERK), offices.as_(Role.MANAGER, enterprise_id(offices.world.base, 2))):
            token = other.token(IMPORT)
            data = {"csrf_token": token, "parcel": hidden(shown.text, "parcel"), "step": "land"}
            assert other.client.post(IMPORT, data=data).status_code == 422
        assert enrolled(offices) == before

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.OFFICER, Role.INSPECTOR])
    def test_nobody_else(self, offices: Offices, role: Role) -> None:
        assert offices.as_(role).get(IMPORT).status_code == 302

    def test_a_token_without_the_right(self, offices: Offices) -> None:
        body, scopes = enterprise_id(offices.world.base), frozenset({Scope.READ})
        identity = Identity("a", Role.CLERK, body, token="t", scopes=scopes)
        desk = ProductTableOffice(offices.app.extensions[EXTENSION].house, identity)
        with pytest.raises(Denied):
            desk.take(Table("table.csv", table([row(20)])), dry_run=False)
        with pytest.raises(Denied):
            desk.code()


def test_the_faults_as_a_table(clerk: Visitor) -> None:
    shown = try_out(clerk, IMPORT, table([row(20, gtin="69", brand="=1+1")]))
    data = {"csrf_token": hidden(shown.text, "csrf_token"), "parcel": hidden(shown.text, "parcel"), "step": "faults"}
    answer = clerk.client.post(IMPORT, data=data, content_type="multipart/form-data")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "gtin" in io.BytesIO(answer.data).read().decode("utf-8-sig")
