"""What officers ask before they decide: claims by region and overlap, licences of an association, what changed last."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.world import CAMPAIGN, ENGINES, MARK, World, certificate, gtin, new_world, uscc

from tests.registry.test_plans import Heard, plan
from traceqr import pledging, seconding, upholding
from traceqr.registry import claims, documents, licences, marks, pledges, proposals
from traceqr.registry.claims import Claim, Place, Sought
from traceqr.registry.database import Reader, Row
from traceqr.registry.licences import Wanted

MANY = 3_000
READ_THROUGH = re.compile(r"(SCAN|Seq Scan on)\s+(c|gtin_claim)\b")


@pytest.fixture(scope="module", params=ENGINES)
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Thousands of filed claims of two enterprises in two provinces, and as many accepted ones of a third."""
    with new_world(request.param, tmp_path_factory.mktemp("deciding")) as world:
        world.licensed()
        world.enterprise(2, region="330106", name_en="Mill")
        world.enterprise(3, region="440106")
        first = world.claim("gtin", str(gtin(1, "6955555")), 2, accepted=False, documents=(certificate(),))
        with world.database.maintenance() as tx:
            (row,) = tx.rows("SELECT * FROM gtin_claim WHERE id = :id", {"id": first})
            (done,) = tx.rows("SELECT * FROM gtin_claim WHERE state = 'accepted'")
            ids = {each["uscc"]: each["id"] for each in tx.rows("SELECT id, uscc FROM enterprise")}
            rows: list[dict[str, Any]] = []
            for at in range(MANY):
                own = ids[uscc(2 + at % 2)]
                rows.append(
                    {**row, "id": f"f{at:05d}", "value": f"697{at:06d}", "kind": "prefix", "enterprise_id": own}
                )
                rows.append({**done, "id": f"a{at:05d}", "value": f"698{at:06d}"})
            tx.insert_many("gtin_claim", tuple(row), (tuple(each[name] for name in row) for each in rows))
            for table in ("gtin_claim", "enterprise"):
                tx.execute(f"ANALYZE {table}")
        yield world


def ask(world: World, question: Callable[[Reader], Any]) -> Any:
    with world.database.snapshot() as reader:
        return question(reader)


def claimed(world: World, claim_id: str) -> Claim:
    found = ask(world, lambda r: claims.by_id(r, claim_id))
    assert found is not None
    return Claim(**{name: getattr(found, name) for name in Claim.__dataclass_fields__})


class TestClaims:
    @pytest.mark.parametrize(("scope", "count"), [("000000", MANY + 1), ("330000", MANY // 2 + 1), ("110000", 0)])
    def test_page_after_page_is_all_of_it_once(self, full: World, scope: str, count: int) -> None:
        seen: list[Row] = []
        place = None
        while rows := ask(full, lambda r, at=place: claims.sought(r, Sought("filed", scope), 700, at)):
            seen += rows
            place = Place(rows[-1]["position"], rows[-1]["id"])
        assert len(seen) == len({row["id"] for row in seen}) == count

    @pytest.mark.parametrize("text", ["697000002", uscc(2), "第2茶", "Mill"])
    def test_by_what_is_claimed_and_by_whom(self, full: World, text: str) -> None:
        found = [row["id"] for row in ask(full, lambda r: claims.sought(r, Sought("filed", text=text), MANY))]
        assert "f00002" in found
        assert "f00003" not in found

    @pytest.mark.parametrize("text", ["%", "_", "697", "'"])
    def test_signs_stand_for_nothing_but_themselves(self, full: World, text: str) -> None:
        assert ask(full, lambda r: claims.sought(r, Sought("filed", text=text), 10)) == []

    def test_who_waits_for_the_same(self, full: World) -> None:
        rival = Claim("new", "another", "gtin", "0697000002000" + "7", "", "filed")
        assert [each.id for each in ask(full, lambda r: claims.rivals(r, rival))] == ["f00002"]
        wide = Claim("new", "another", "prefix", "6970000", "", "filed")
        assert len(ask(full, lambda r: claims.rivals(r, wide))) == 100
        own = claimed(full, "f00002")
        assert ask(full, lambda r: claims.rivals(r, own)) == []

    def test_a_document_stands_beside_its_claim_alone(self, full: World) -> None:
        (row,) = full.rows("SELECT claim_id, document_id FROM claim_document")
        found = ask(full, lambda r: documents.beside(r, row["claim_id"], row["document_id"]))
        assert found == certificate()
        assert ask(full, lambda r: documents.beside(r, "f00002", row["document_id"])) is None
        assert ask(full, lambda r: documents.beside(r, row["claim_id"], "none")) is None

    def test_each_finds_its_rows_by_an_index(self, full: World, monkeypatch: pytest.MonkeyPatch) -> None:
        heard = Heard()
        heard.listen(monkeypatch)
        rival = Claim("new", "another", "gtin", "0697000002000" + "7", "", "filed")
        ask(full, lambda r: claims.sought(r, Sought("filed", "330000"), 50))
        ask(full, lambda r: claims.sought(r, Sought("filed", "330000"), 50, Place(20, "f00100")))
        ask(full, lambda r: claims.rivals(r, rival))
        ask(full, lambda r: claims.contested(r, rival))
        monkeypatch.undo()
        assert len(heard.statements) >= 4
        for sql, params in heard.statements.items():
            text = plan(full, sql, params)
            assert not READ_THROUGH.search(text), f"{sql}\n{text}"


def test_licences_of_an_association(full: World) -> None:
    own = full.one("SELECT organisation_id FROM mark WHERE id = :id", id=MARK)["organisation_id"]

    def found(wanted: Wanted) -> list[int]:
        return [row["number"] for row in ask(full, lambda r: licences.register(r, wanted))]

    assert found(Wanted(organisation_id=own)) == found(Wanted(organisation_id=own, text=uscc())) == [1]
    assert found(Wanted(organisation_id=own, text="Tea House", mark_id=MARK, state="granted")) == [1]
    for missed in (Wanted(organisation_id="another"), Wanted(text="%"), Wanted(text="Mill")):
        assert found(missed) == []


def test_the_words_of_a_mark_through_time(full: World) -> None:
    full.mark(name_zh="另一个名称")
    rows = ask(full, lambda r: marks.versions(r, MARK))
    assert [(row["version"], row["name_zh"]) for row in rows] == [(2, "另一个名称"), (1, "质量月专用标识")]
    assert ask(full, lambda r: marks.versions(r, "none")) == []


def test_what_changed_last(full: World) -> None:
    def last() -> int:
        return int(ask(full, lambda r: pledges.last_change(r, 1)))

    places = [last()]
    upholding.declare_breach(full.desk, 1, "抽检不合格")
    places.append(last())
    upholding.reply(full.desk, 1, "已整改")
    places.append(last())
    upholding.clear(full.desk, 1, "复检合格")
    places.append(last())
    pledging.withdraw(full.desk, 1, "企业申请退出")
    places.append(last())
    assert places == sorted(set(places))
    assert ask(full, lambda r: pledges.last_change(r, 99)) == 0
    assert ask(full, lambda r: licences.last_change(r, 99)) == 0
    assert ask(full, lambda r: claims.last_change(r, "none")) == 0
    assert ask(full, lambda r: licences.last_change(r, 1)) > 0
    assert full.one("SELECT campaign_id FROM pledge WHERE number = 1")["campaign_id"] == CAMPAIGN


def test_what_waits_at_a_body(full: World) -> None:
    own = full.one("SELECT id FROM organisation")["id"]
    made = seconding.propose(full.desk, "licence.withdraw", "licence:1", {"reason": "r"}, organisation=own)
    now_ms = full.clock()
    assert ask(full, lambda r: proposals.waiting_about(r, own, "licence:1", now_ms)) == [made]
    assert ask(full, lambda r: proposals.waiting_about(r, own, "licence:2", now_ms)) == []
    assert ask(full, lambda r: proposals.waiting_about(r, "another", "licence:1", now_ms)) == []
    assert ask(full, lambda r: proposals.waiting_about(r, own, "licence:1", made.until_ms)) == []
