"""The page of a label's way and of a logistic unit's: for whoever has the label, in three languages, never a scan."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from support.chain import Chain, labels, sscc
from support.chain_scenarios import GLN, location
from support.world import gtin

from tests.unit.web.world import ENGLISH, NAVIGATION, World
from traceqr.chain import arranging
from traceqr.label.format import Label
from traceqr.registry import batches
from traceqr.tracing.event import Audience
from traceqr.tracing.thing import Thing

LEAVES = Thing.lot(str(gtin(1, "6905555")), "春茶 <b>01</b>")
PUBLIC = {"audience": Audience.PUBLIC}


@pytest.fixture
def label(world: World) -> Label:
    """The label of a product whose way is known."""
    arranging.set_locations(world.desk, [location(world.base, name_en="Tea <i>factory</i>")])
    chain = Chain(world.base)
    number = world.issue()
    with world.database.snapshot() as reader:
        batch = batches.by_number(reader, number)
    assert batch is not None
    chain.seen(LEAVES, step="receiving", location=GLN, **PUBLIC)
    chain.made([labels(batch, 0, 4)], [LEAVES], location=GLN, **PUBLIC)
    chain.packed(sscc(1), labels(batch, 0, 4), **PUBLIC)
    chain.seen(sscc(1), step="storing", location="414/6901234000016")
    chain.seen(sscc(1), step="shipping", read_point=GLN, **PUBLIC)
    return world.label(number)


def page(client: FlaskClient, address: str, status: int = 200, **headers: str) -> str:
    answer = client.get(address, headers={**ENGLISH, **headers})
    assert answer.status_code == status
    return re.sub(r"\s+", " ", answer.text)


def test_the_page_of_a_scan_leads_there(client: FlaskClient, label: Label) -> None:
    link = re.search(r'href="(/trace/01/[^"]+)"', page(client, label.path, **NAVIGATION))
    assert link
    assert "Made from" in page(client, link[1].replace("&amp;", "&"))


def test_it_tells_the_way(client: FlaskClient, label: Label) -> None:
    html = page(client, f"/trace{label.path}")
    found = re.findall(r'<p class="what"><strong>([^<]+)</strong>', html)
    assert found == ["Activated for sale", "Goods received", "Made from", "Packed", "Shipped"]
    assert "Where it arrived after that is not told." in html
    assert "Stored" not in html
    assert "6901234000016" not in html


@pytest.mark.parametrize(
    ("language", "words"), [("zh-Hans", "追溯信息"), ("zh-Hant", "追溯資訊"), ("en", "Where it came")]
)
def test_in_each_language(client: FlaskClient, label: Label, language: str, words: str) -> None:
    assert words in page(client, f"/trace{label.path}&lang={language}")


def test_what_enterprises_write_is_text(client: FlaskClient, label: Label) -> None:
    html = page(client, f"/trace{label.path}")
    assert "Tea &lt;i&gt;factory" in html
    assert "<b>01" not in html
    assert "<i>factory" not in html


def test_looking_is_no_scan(world: World, client: FlaskClient, label: Label) -> None:
    page(client, f"/trace{label.path}", **NAVIGATION)
    assert world.base.rows("SELECT * FROM scan") == []


def test_without_the_seal_nothing_is_told(client: FlaskClient, label: Label) -> None:
    forged = label.path[:-1] + str((int(label.path[-1]) + 1) % 10)
    html = page(client, f"/trace{forged}", **NAVIGATION)
    assert 'data-verdict="forged"' in html
    assert "Made from" not in html


def test_of_a_label_without_events(world: World, client: FlaskClient) -> None:
    html = page(client, f"/trace{world.label(world.issue(active=False)).path}")
    assert "What it is made of is not told." in html
    assert "Not yet activated" in html


class TestUnits:
    def test_whoever_knows_the_number_sees_what_is_public(self, client: FlaskClient, label: Label) -> None:
        html = page(client, f"/trace/00/{sscc(1).key}")
        assert "5 × " in html
        assert "Stored" not in html

    def test_its_address_as_a_digital_link_leads_there(self, world: World, client: FlaskClient, label: Label) -> None:
        assert label
        world.base.claim("prefix", "6901234")
        answer = client.get(f"/00/{sscc(1).key}", headers={**NAVIGATION, **ENGLISH})
        assert answer.status_code == 307
        assert answer.headers["Location"] == f"https://qr.example.org/trace/00/{sscc(1).key}"
        assert 'rel="https://ref.gs1.org/voc/traceability"' in answer.headers["Link"]
        assert client.get(f"/00/{sscc(2).key}", headers=NAVIGATION).status_code == 404

    @pytest.mark.parametrize("number", [sscc(2).key, sscc(1).key[:-1] + "x", "1", "0" * 40])
    def test_others_are_not_there(self, client: FlaskClient, label: Label, number: str) -> None:
        assert label
        page(client, f"/trace/00/{number}", 404)


@pytest.mark.parametrize("address", ["/trace", "/trace/"])
def test_without_a_label_there_is_nothing(client: FlaskClient, address: str) -> None:
    assert client.get(address).headers["Location"] == "/"
