"""Files of what is told of a thing: a report as PDF and CSV, and events as EPCIS 2.0, for whoever may trace it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pypdfium2
import pytest
from support.chain import Chain, item, labels, sscc
from support.chain_scenarios import location
from support.staff import enterprise_id
from support.world import World, gtin

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.office.test_tenancy import elsewhere
from tests.unit.web.world import GREEN_TEA
from traceqr import recalling
from traceqr.access import Role
from traceqr.activating import Range
from traceqr.chain import arranging
from traceqr.epcis import document
from traceqr.office import trace_reports
from traceqr.registry.batches import Batch
from traceqr.tracing.event import Action, Audience, EventKind, Mention, Part
from traceqr.tracing.thing import Thing
from traceqr.web import trace_table

HERE, THERE = "/console/follow", "/association/trace"
PDF, CSV, EVENTS = "report.pdf", "report.csv", "events.jsonld"
LEAVES = Thing.lot(str(gtin(1, "6905555")), "L-2026-04")
FACTORY, SHOP = "414/6901234000009", "414/6907777000032"
FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def base(offices: Offices) -> World:
    base = offices.world.base
    base.enterprise(2)
    return base


@pytest.fixture
def sold(base: World) -> Batch:
    """Ten labels made of leaves that were bought, five of them in a case that is under way to a shop."""
    chain = Chain(base)
    arranging.set_locations(base.desk, [location(base, FACTORY)])
    batch = base.issue(10, gtin=GREEN_TEA, lot="LOT-1")
    bought = chain.event(
        EventKind.OBJECT,
        Action.OBSERVE,
        item(Part.OBJECT, LEAVES, "12.5", "KGM"),
        step="receiving",
        location=FACTORY,
        mentions=(
            Mention("source", "owning_party", "urn:x:farm"),
            Mention("transaction", "desadv", "urn:epcglobal:cbv:bt:6901234000008:DN-7"),
        ),
        content={"type": "ObjectEvent", "action": "OBSERVE", "eventTimeZoneOffset": "+08:00"},
    )
    chain.state(bought)
    chain.made([labels(batch, 0, 9)], [LEAVES])
    chain.packed(sscc(1), labels(batch, 0, 4), location=FACTORY)
    chain.seen(sscc(1), step="shipping", read_point=FACTORY, mentions=(Mention("destination", "location", SHOP),))
    return batch


def label(batch: Batch, index: int = 3) -> str:
    return str(Thing.label(batch.gtin, batch.number, index))


def got(visitor: Visitor, name: str, text: str, path: str = HERE, language: str = "en", status: int = 200) -> Any:
    answer = visitor.client.get(f"{path}/{name}", query_string={"q": text, "lang": language})
    assert answer.status_code == status, answer.text
    return answer


def text_of(pdf: bytes) -> str:
    found = pypdfium2.PdfDocument(pdf)
    return "".join(str(page.get_textpage().get_text_range()) for page in found).replace("\r", "").replace("\n", "")


def lines(visitor: Visitor, text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(got(visitor, CSV, text).data.decode("utf-8-sig"))))


def events(visitor: Visitor, text: str, path: str = HERE) -> list[dict[str, Any]]:
    answer = got(visitor, EVENTS, text, path)
    assert answer.content_type == "application/ld+json"
    found: list[dict[str, Any]] = json.loads(answer.data)["epcisBody"]["eventList"]
    return found


class TestTheDocument:
    def test_says_what_was_asked_and_what_is_known(self, offices: Offices, base: World, sold: Batch) -> None:
        visitor = offices.as_(Role.CLERK)
        answer = got(visitor, PDF, label(sold))
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="trace-21-')
        said = text_of(answer.data)
        expected = ["Traceability report", "追溯报告", label(sold), "No open recall", "One step back", "urn:x:farm"]
        expected += ["12.5 kg", "DN-7", "L-2026-04", "One step on", "Tea factory 1", "GLN 6907777000032", "Shipped"]
        expected += ["Events that this rests on", "Page 1 of ", "It was sent on, and nobody", f"{sold.number:08d}"]
        assert [each for each in expected if each not in said] == []
        assert enterprise_id(base) not in said

    def test_is_the_same_for_the_same_registry_and_instant(self, offices: Offices, sold: Batch) -> None:
        visitor = offices.as_(Role.CLERK)
        first, second = (got(visitor, PDF, str(LEAVES)).data for _ in range(2))
        assert first == second

    @pytest.mark.parametrize(("language", "title"), [("zh-Hans", "追溯报告"), ("zh-Hant", "追溯報告")])
    def test_speaks_the_readers_language(self, offices: Offices, sold: Batch, language: str, title: str) -> None:
        said = text_of(got(offices.as_(Role.CLERK), PDF, label(sold), language=language).data)
        assert said.startswith(title)
        assert "一号茶厂" in said

    def test_tells_of_recalls(self, offices: Offices, base: World, sold: Batch) -> None:
        recalling.open_on_batch(base.desk, "recall", Range(sold.number, 3, 3), "r")
        visitor = offices.as_(Role.CLERK)
        assert "It is recalled, or contains what is." in text_of(got(visitor, PDF, label(sold)).data)
        assert "No open recall" in text_of(got(visitor, PDF, label(sold, 4)).data)

    def test_says_that_it_is_not_all(self, offices: Offices, sold: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("traceqr.chain.deriving.MAX_DEPTH", 0)
        assert "This is not all" in text_of(got(offices.as_(Role.CLERK), PDF, str(LEAVES)).data)


class TestTheTable:
    def test_has_a_line_for_each_thing_and_place(self, offices: Offices, base: World, sold: Batch) -> None:
        found = lines(offices.as_(Role.CLERK), label(sold))
        assert tuple(found[0]) == trace_table.COLUMNS
        by_direction = {row["direction"]: row for row in found}
        bought = by_direction["supplied-by"]
        assert (bought["thing"], bought["quantity"], bought["unit"]) == (str(LEAVES), "12.5", "KGM")
        assert (bought["from"], bought["references"]) == ("urn:x:farm", "urn:epcglobal:cbv:bt:6901234000008:DN-7")
        assert bought["place"] == f"一号茶厂 {FACTORY}"
        assert by_direction["supplied-to"]["to"] == SHOP
        assert by_direction["contained-in"]["quantity"] == "1"
        assert by_direction["now-at"]["to"] == SHOP
        assert len([row for row in found if row["direction"] == "event"]) == 5

    def test_has_no_formula_in_it(self, offices: Offices, base: World, sold: Batch) -> None:
        chain = Chain(base)
        chain.numbers = iter(range(100, 200))  # type: ignore[assignment]
        arranging.set_locations(base.desk, [location(base, FACTORY, name_zh=FORMULA)])
        chain.made([labels(sold, 0, 9)], [Thing.lot(str(gtin(2, "6905555")), FORMULA)])
        found = lines(offices.as_(Role.CLERK), label(sold))
        cells = [cell for row in found for cell in row.values()]
        assert any(FORMULA in cell for cell in cells)
        assert [cell for cell in cells if cell.startswith("=")] == []

    @pytest.mark.parametrize("of", ["lot", "case"])
    def test_a_lot_and_a_case_are_made_of_what_their_labels_are(self, offices: Offices, sold: Batch, of: str) -> None:
        text = f"10/{sold.gtin}/LOT-1" if of == "lot" else str(sscc(1))
        found = {row["direction"]: row for row in lines(offices.as_(Role.CLERK), text)}
        assert found["made-of"]["thing"] == found["supplied-by"]["thing"] == str(LEAVES)
        assert (found["supplied-to"]["thing"], found["supplied-to"]["quantity"]) == (str(sscc(1)), "1")


class TestTheEvents:
    def test_are_those_that_the_report_rests_on_and_read_again(self, offices: Offices, sold: Batch) -> None:
        visitor = offices.as_(Role.CLERK)
        body = got(visitor, EVENTS, label(sold)).data
        steps = [each.get("bizStep") for each in json.loads(body)["epcisBody"]["eventList"]]
        assert sorted(filter(None, steps)) == sorted(
            ["commissioning", "receiving", "commissioning", "packing", "shipping"]
        )
        reading = document.read(body, now_ms=offices.world.base.clock())
        assert reading.problems == ()
        assert len(reading.events) == 5

    def test_say_also_what_was_in_what_was_used(self, offices: Offices, base: World) -> None:
        chain = Chain(base)
        batch = base.issue(5, gtin=GREEN_TEA)
        chain.packed(sscc(9), LEAVES)
        chain.made([labels(batch, 0, 4)], [sscc(9)])
        found = events(offices.as_(Role.CLERK), label(batch, 0))
        assert [each["bizStep"] for each in found] == ["commissioning", "packing", "commissioning"]

    def test_are_bounded_and_the_file_says_so(
        self, offices: Offices, sold: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(trace_reports, "MAX_EVENTS", 2)
        visitor = offices.as_(Role.CLERK)
        answer = got(visitor, EVENTS, label(sold))
        assert "-incomplete.jsonld" in answer.headers["Content-Disposition"]
        assert len(json.loads(answer.data)["epcisBody"]["eventList"]) == 2
        assert "The first 2 are shown." in text_of(got(visitor, PDF, label(sold)).data)
        monkeypatch.setattr(trace_reports, "MAX_EVENTS", 100)
        monkeypatch.setattr(trace_reports, "MAX_WEIGHT", 1)
        assert "-incomplete.jsonld" in got(visitor, EVENTS, label(sold)).headers["Content-Disposition"]


class TestWhoIsTold:
    def test_strangers_nothing(self, offices: Offices, base: World, sold: Batch) -> None:
        stranger = offices.as_(Role.MANAGER, enterprise_id(base, 2))
        for name in (PDF, CSV, EVENTS):
            for text in (label(sold), str(LEAVES), str(sscc(1))):
                assert "Nothing is known of this" in got(stranger, name, text, status=404).text

    def test_bodies_of_the_region_all_and_of_another_nothing(self, offices: Offices, sold: Batch) -> None:
        officer, other = offices.as_(Role.OFFICER), offices.as_(Role.OFFICER, elsewhere(offices))
        assert len(events(officer, label(sold), THERE)) == 5
        for name in (PDF, CSV, EVENTS):
            assert got(officer, name, label(sold), THERE).data
            got(other, name, label(sold), THERE, status=404)
            assert officer.client.get(f"{HERE}/{name}", query_string={"q": label(sold)}).status_code == 302

    def test_users_of_a_thing_what_they_may_know(self, offices: Offices, base: World, sold: Batch) -> None:
        chain = Chain(base)
        chain.numbers = iter(range(100, 200))  # type: ignore[assignment]
        base.claim("prefix", "6907777", enterprise=2)
        mixed = Thing.lot(str(gtin(1, "6907777")), "MIX")
        lot = Thing.lot(sold.gtin, "LOT-1")
        chain.made([mixed], [lot], by=2)
        chain.seen(lot, step="holding", location=FACTORY, audience=Audience.REGULATORS)
        chain.seen(lot, step="storing", location=FACTORY, audience=Audience.PUBLIC)
        other = offices.as_(Role.MANAGER, enterprise_id(base, 2))
        assert sorted(each["bizStep"] for each in events(other, str(lot))) == ["commissioning", "storing"]
        assert "Held back" not in text_of(got(other, PDF, str(lot)).data)
        assert {row["step"] for row in lines(other, str(lot))} == {"commissioning", "storing", ""}
        mine = [each["bizStep"] for each in events(offices.as_(Role.MANAGER), str(lot))]
        assert "holding" in mine


@pytest.mark.parametrize("name", [PDF, CSV, EVENTS])
@pytest.mark.parametrize("text", ["", "x", "=1", "369012340000000018", "\u202e", "9" * 600])
def test_what_is_no_thing_is_said(offices: Offices, sold: Batch, name: str, text: str) -> None:
    got(offices.as_(Role.CLERK), name, text, status=422 if text else 200)


def test_a_deployment_without_fonts_says_so(offices: Offices, sold: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    from traceqr.printing.format import PrintError

    def missing() -> None:
        raise PrintError("no fonts")

    monkeypatch.setattr("traceqr.certifying.sheet.register", missing)
    got(offices.as_(Role.CLERK), PDF, label(sold), status=503)


def test_the_page_leads_to_the_files(offices: Offices, sold: Batch) -> None:
    visitor = offices.as_(Role.CLERK)
    page = visitor.client.get(HERE, query_string={"q": label(sold), "lang": "en"}).text
    for name in (PDF, CSV, EVENTS):
        assert f'href="{HERE}/{name}?q=21%2F' in page
    assert "urn:x:farm" in page.partition("One step back")[2].partition("One step on")[0]
