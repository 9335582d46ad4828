"""Tracing in the consoles: a label, a lot or a unit, by whoever owns or has handled it, and by bodies of the region."""

from __future__ import annotations

import pytest
from support.chain import Chain, labels, sscc
from support.staff import enterprise_id
from support.world import gtin

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_tenancy import elsewhere
from tests.unit.web.world import GREEN_TEA
from traceqr import enrolling
from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.chain import arranging
from traceqr.enrolling import OrganisationEntry
from traceqr.office.tracking import thing_of
from traceqr.registry.batches import Batch
from traceqr.registry.materials import MaterialName
from traceqr.tracing.event import Audience, Mention
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing

HERE, THERE, INSPECTORS = "/console/follow", "/association/trace", "/inspections/trace"
LEAVES = Thing.lot(str(gtin(1, "6905555")), "L-2026-04")
SHOP = "414/6901234000039"
SHOWN = "GLN 6901234000039"


@pytest.fixture
def sold(offices: Offices) -> Batch:
    """Ten labels made of leaves, in a case that is under way to a shop."""
    base = offices.world.base
    base.enterprise(2)
    chain = Chain(base)
    batch = base.issue(10, gtin=GREEN_TEA, lot="<b>LOT</b>")
    chain.made([labels(batch, 0, 9)], [LEAVES])
    chain.packed(sscc(1), labels(batch, 0, 4), location="414/6901234000015")
    to = (Mention("destination", "location", SHOP),)
    chain.seen(sscc(1), step="shipping", mentions=to)
    return batch


def asked(visitor: Visitor, text: str, path: str = HERE, status: int = 200) -> str:
    answer = visitor.client.get(path, query_string={"q": text, "lang": "en"})
    assert answer.status_code == status, answer.text
    return str(answer.text)


def lot_of(batch: Batch) -> str:
    return f"10/{batch.gtin}/{batch.lot}"


SAID = {
    "HTTPS://QR.EXAMPLE.ORG/01/06901234567892/21/0000000100000005?s=123": "21/06901234567892/0000000100000005",
    "https://id.gs1.org/00/369012340000000017": "00/369012340000000017",
    "(00)369012340000000017": "00/369012340000000017",
    "(01)06901234567892(10)LOT-1": "10/06901234567892/LOT-1",
    "6901234567892  LOT 1": "10/06901234567892/LOT 1",
    " 369012340000000017 ": "00/369012340000000017",
}


class TestWhatIsTyped:
    @pytest.mark.parametrize("text", SAID)
    def test_is_read(self, text: str) -> None:
        assert str(thing_of(text)) == SAID[text]

    @pytest.mark.parametrize("text", ["", "x", "369012340000000018", "(01)12(10)x", "6901234567891 L", "9" * 501])
    def test_or_refused(self, text: str) -> None:
        with pytest.raises(ActRefused, match="expected a label, a GTIN with a lot, or an SSCC"):
            thing_of(text)


class TestTheConsole:
    def test_tells_labels_places_and_materials(self, offices: Offices, sold: Batch) -> None:
        visitor = offices.as_(Role.CLERK)
        page = asked(visitor, str(LEAVES))
        assert "Labels that contain it" in page
        assert SHOWN in page
        assert "&lt;b&gt;LOT&lt;/b&gt;" in page
        assert "<b>LOT" not in page
        label = asked(visitor, f"21/{sold.gtin}/{sold.number:08d}00000003")
        assert "L-2026-04" in label
        assert "Shipped" in label
        assert str(enterprise_id(offices.world.base)) not in label

    def test_begins_traceability_and_has_no_entry_of_its_own(self, offices: Offices, sold: Batch) -> None:
        visitor = offices.as_(Role.CLERK)
        first = visitor.client.get("/console/trace", query_string={"lang": "en"}).text
        assert first.index(f'action="{HERE}"') < first.index("What we stated")
        for page in (first, asked(visitor, "")):
            menu = page.partition('<nav class="menu"')[2].partition("</nav>")[0]
            assert f'href="{HERE}"' not in menu
            assert '<a href="/console/trace" aria-current="page">' in menu
            assert '<a href="/console/trace" aria-current="true">Trace and events</a>' in page

    def test_leads_to_a_recall_of_the_lot(self, offices: Offices, sold: Batch) -> None:
        page = asked(offices.as_(Role.CLERK), lot_of(sold))
        assert f"/console/recalls/new?over=lot&amp;gtin={sold.gtin}" in page
        base = offices.world.base
        arranging.name_material(base.desk, MaterialName(LEAVES.gtin or "", enterprise_id(base), "鲜叶"))
        page = asked(offices.as_(Role.CLERK), str(LEAVES))
        assert "/console/recalls/new?over=material" in page
        assert "name=%E9%B2%9C%E5%8F%B6" in page

    def test_begins_with_a_form_and_says_what_it_cannot_read(self, offices: Offices, sold: Batch) -> None:
        visitor = offices.as_(Role.CLERK)
        assert 'name="q"' in asked(visitor, "")
        assert "This is no label, lot or SSCC." in asked(visitor, "<script>", status=422)
        past = f"21/{sold.gtin}/{sold.number:08d}00000010"
        assert "This is no label, lot or SSCC." in asked(visitor, past, status=422)

    def test_tells_a_stranger_nothing(self, offices: Offices, sold: Batch) -> None:
        stranger = offices.as_(Role.MANAGER, enterprise_id(offices.world.base, 2))
        for text in (str(LEAVES), lot_of(sold), str(sscc(1)), str(Thing.lot(str(gtin(7)), "none"))):
            page = asked(stranger, text, status=404)
            assert "Nothing is known of this" in page
            assert SHOWN not in page

    def test_tells_who_used_it_what_he_may_know(self, offices: Offices, sold: Batch) -> None:
        base = offices.world.base
        chain = Chain(base)
        base.claim("prefix", "6907777", enterprise=2)
        chain.numbers = iter(range(100, 200))
        mixed = Thing.lot(str(gtin(1, "6907777")), "MIX")
        chain.made([mixed], [Run.of(Thing.parse(lot_of(sold)))], by=2)
        chain.seen(labels(sold, 0, 9), location=SHOP, audience=Audience.REGULATORS)
        other = offices.as_(Role.MANAGER, enterprise_id(base, 2))
        page = asked(other, lot_of(sold))
        assert SHOWN not in page
        assert "more are labels of enterprises" not in page  # how many labels the lot has is its owner's matter
        assert SHOWN in asked(offices.as_(Role.MANAGER), lot_of(sold))

    def test_tells_who_used_a_material_of_his_own_goods_alone(self, offices: Offices, sold: Batch) -> None:
        base = offices.world.base
        chain = Chain(base)
        base.claim("prefix", "6907777", enterprise=2)
        base.product(1, enterprise=2, prefix="6907777")
        theirs = base.issue(7, gtin=gtin(1, "6907777"), pledge=0)
        chain.numbers = iter(range(100, 200))
        chain.made([labels(theirs, 0, 6)], [LEAVES], by=2)
        page = asked(offices.as_(Role.MANAGER, enterprise_id(base, 2)), str(LEAVES))
        assert "more are labels of enterprises" not in page
        assert "<dt>Labels that contain it</dt><dd>7</dd>" in page


class TestBodies:
    def test_of_the_region_see_all(self, offices: Offices, sold: Batch) -> None:
        page = asked(offices.as_(Role.OFFICER), str(LEAVES), THERE)
        assert SHOWN in page
        assert f"/association/recalls/new?over=lot&amp;gtin={sold.gtin}" in asked(
            offices.as_(Role.OFFICER), lot_of(sold), THERE
        )
        regulator = OrganisationEntry("regulator", "province", "310000", "某省市场监督管理局（测试）", "Province")
        enrolling.enrol_organisations(offices.world.base.desk, [regulator])
        body = offices.world.base.one("SELECT id FROM organisation WHERE name_zh = :name", name=regulator.name_zh)["id"]
        inspector = asked(offices.as_(Role.INSPECTOR, body), str(sscc(1)), INSPECTORS)
        assert SHOWN in inspector
        assert "recalls/new" not in inspector

    def test_of_another_region_see_nothing(self, offices: Offices, sold: Batch) -> None:
        assert SHOWN not in asked(offices.as_(Role.OFFICER, elsewhere(offices)), str(LEAVES), THERE, 404)
