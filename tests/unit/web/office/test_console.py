"""An enterprise's products and batches, through the forms: what its people do, mistype, and must not reach."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from support.staff import enterprise_id
from support.world import gtin, uscc, viewer

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.world import GREEN_TEA
from traceqr import picture, recalling
from traceqr.access import Role
from traceqr.activating import Range
from traceqr.instant import CHINA, day_number
from traceqr.label.format import Label
from traceqr.verdict import Code
from traceqr.verifying import Verifier
from traceqr.web.assets import STATIC

SCRIPT = "<script>alert(1)</script>"
PRODUCT = f"/console/products/{GREEN_TEA}"
TEXTS = {
    "name_zh": "绿茶",
    "name_en": "Green Tea",
    "brand": "清泉",
    "specification": "250 g",
    "standard": "GB/T 14456",
}


def drawn(colour: str, size: tuple[int, int] = (8, 8)) -> io.BytesIO:
    """A picture."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    file.seek(0)
    return file


def bomb() -> bytes:
    """A small file that says it is 40,000 pixels wide and high."""
    content = bytearray(drawn("red").getvalue())
    content[16:24] = (40_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "an empty file": (lambda: b"", "Choose a JPEG, PNG or WebP picture"),
    "a script": (
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "Choose a JPEG, PNG or WebP picture",
    ),
    "another kind": (lambda: b"GIF89a\x01\x00\x01\x00", "Choose a JPEG, PNG or WebP picture"),
    "a picture cut off": (lambda: drawn("red", (300, 300)).getvalue()[:60], "Choose a JPEG, PNG or WebP picture"),
    "too many pixels": (bomb, "at most 10 MB and 40 megapixels"),
}


def where(answer: Any) -> str:
    return str(answer.headers["Location"])


@pytest.fixture
def clerk(offices: Offices) -> Visitor:
    return offices.as_(Role.CLERK)


@pytest.fixture
def others(offices: Offices) -> Visitor:
    """Somebody of another enterprise."""
    offices.world.base.enterprise(2)
    return offices.as_(Role.MANAGER, enterprise_id(offices.world.base, 2))


def spans(offices: Offices) -> list[tuple[Any, ...]]:
    rows = offices.world.base.rows("SELECT first, last, life, holds, recalls FROM span ORDER BY batch, first")
    return [tuple(row.values()) for row in rows]


class TestOverview:
    def test_counts_labels_by_life(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        offices.world.issue(active=False)
        figures = re.findall(r"<dd>(\d+)</dd>", clerk.get("/console/").text)
        assert figures[:4] == ["10", "5", "0", "0"]

    def test_of_an_enterprise_with_nothing(self, others: Visitor) -> None:
        page = others.get("/console/")
        assert "There are no batches yet." in page.text
        assert "There are no pledges yet." in page.text

    def test_shows_nothing_of_others(self, offices: Offices, others: Visitor) -> None:
        offices.world.issue()
        assert re.findall(r"<dd>(\d+)</dd>", others.get("/console/").text) == ["0"] * 6
        for path in ("/console/products", "/console/batches", "/console/marks"):
            assert "<tbody>" not in others.get(path).text

    @pytest.mark.parametrize("language", ["zh-CN", "zh-TW"])
    @pytest.mark.parametrize("path", ["/console/", "/console/products", "/console/batches/1", PRODUCT])
    def test_in_each_language(self, offices: Offices, clerk: Visitor, language: str, path: str) -> None:
        offices.world.issue()
        clerk.language = language
        page = clerk.get(path)
        assert page.status_code == 200
        assert not {"Labels", "Products", "Recall"} & set(re.findall(r">([A-Z][a-z]+)<", page.text))


class TestScans:
    def count(self, offices: Offices, verdict: str, ago: int, scans: int, batch: int = 0, number: int = 1) -> None:
        base = offices.world.base
        day = day_number(base.clock(), CHINA) - ago
        row = (enterprise_id(base, number), day, verdict, batch, 0, scans)
        with base.database.maintenance() as tx:
            tx.insert_many("scan_day", ("enterprise_id", "day", "verdict", "batch", "lane", "scans"), [row])

    def figures(self, visitor: Visitor, path: str = "/console/") -> dict[str, str]:
        page = visitor.get(path).text
        return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page.partition("<h2>Scans</h2>")[2]))

    def test_of_thirty_days_or_of_ninety(self, offices: Offices, clerk: Visitor) -> None:
        for verdict, ago, scans in (("genuine", 0, 7), ("seen", 29, 1_000), ("seen", 30, 5), ("forged", 89, 1)):
            self.count(offices, verdict, ago, scans)
        self.count(offices, "seen", 90, 1)
        assert self.figures(clerk) == {"Scans": "1,007", "of them suspect": "0"}
        assert self.figures(clerk, "/console/?days=90")["Scans"] == "1,013"
        assert self.figures(clerk, "/console/?days=7") == self.figures(clerk, "/console/?days=x") == self.figures(clerk)

    def test_what_is_scanned_shows(self, offices: Offices, clerk: Visitor) -> None:
        base = offices.world.base
        text = base.text(offices.world.issue())
        Verifier(base.database, {Label.parse(text).origin.host}, base.clock).scan(text, viewer("a"))
        assert self.figures(clerk)["Scans"] == "1"
        rows = re.findall(r"<tr><td>([^<]+)</td><td class=.number.>([^<]+)</td></tr>", clerk.get("/console/").text)
        assert rows == [("genuine, scanned for the first time", "1")]

    def test_every_day_stands_in_the_table(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        self.count(offices, "suspect", 2, 3, batch=1)
        self.count(offices, "seen", 2, 4)
        page = clerk.get("/console/").text
        assert len(re.findall("data-short", page)) == 30
        assert re.findall(r"data-short[^>]+>[^<]+</td>" + r'<td class="number">([1-9]\d*)</td>' * 2, page) == [
            ("7", "3")
        ]

    def test_suspects_by_batch_most_first(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        offices.world.issue()
        self.count(offices, "suspect", 2, 3, batch=1)
        self.count(offices, "suspect", 1, 3, batch=2)
        self.count(offices, "suspect", 0, 1, batch=2)
        page = clerk.get("/console/").text.partition("Batches with suspect scans")[2].partition("</table>")[0]
        assert re.findall(r"/console/batches/(\d)", page) == ["2", "1"]
        assert re.findall(r'<td class="number">(\d)</td>', page) == ["4", "3"]

    def test_nothing_of_another_enterprise(self, offices: Offices, clerk: Visitor, others: Visitor) -> None:
        offices.world.issue()
        self.count(offices, "suspect", 0, 77, batch=1)
        assert self.figures(others) == {"Scans": "0", "of them suspect": "0"}
        assert "Nobody has scanned a label in these days." in others.get("/console/").text
        assert self.figures(clerk)["of them suspect"] == "77"

    @pytest.mark.parametrize("code", Code)
    def test_every_verdict_has_words(self, offices: Offices, clerk: Visitor, code: Code) -> None:
        offices.world.issue()
        self.count(offices, code, 0, 5, batch=int(code == "suspect"))
        assert clerk.get("/console/").status_code == 200

    def test_charts_come_only_where_they_were_brought(self, clerk: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(STATIC, "echarts.js", STATIC["office.js"])
        assert re.findall(r'src="/static/(\w+).js', clerk.get("/console/").text) == ["office", "echarts", "charts"]
        monkeypatch.delitem(STATIC, "echarts.js")
        assert re.findall(r'src="/static/(\w+).js', clerk.get("/console/").text) == ["office"]


class TestProducts:
    def test_is_enrolled_amended_and_has_a_history(self, clerk: Visitor) -> None:
        answer = clerk.post("/console/products/new", gtin=gtin(7).trade, **TEXTS)
        assert where(answer) == f"/console/products/{gtin(7)}"
        answer = clerk.post(where(answer), version="1", **{**TEXTS, "brand": "Clear Spring"})
        assert answer.status_code == 303
        page = clerk.get(where(answer)).text
        assert "The product is changed." in page
        assert "Brand: Clear Spring" in page

    def test_a_form_of_an_older_version(self, offices: Offices, clerk: Visitor) -> None:
        clerk.post(PRODUCT, version="1", **TEXTS)
        answer = clerk.post(PRODUCT, version="1", **{**TEXTS, "brand": "typed and kept"})
        assert answer.status_code == 422
        assert "Somebody else has changed this product" in answer.text
        assert "typed and kept" in answer.text
        assert offices.world.base.one("SELECT version FROM product WHERE gtin = :g", g=str(GREEN_TEA))["version"] == 2

    @pytest.mark.parametrize("version", ["", "-1", "x", "²"])
    def test_a_form_of_no_version(self, clerk: Visitor, version: str) -> None:
        assert clerk.post(PRODUCT, version=version, **TEXTS).status_code == 422

    @pytest.mark.parametrize("digits", ["6901234567890", "tea", "0", "٦٩"])
    def test_a_mistyped_gtin(self, clerk: Visitor, digits: str) -> None:
        answer = clerk.post("/console/products/new", gtin=digits, **TEXTS)
        assert answer.status_code == 422
        assert "Enter the digits under the bar code" in answer.text

    def test_one_that_is_there(self, clerk: Visitor) -> None:
        answer = clerk.post("/console/products/new", gtin=GREEN_TEA.trade, **TEXTS)
        assert "You have a product with this GTIN already." in answer.text

    def test_one_of_another_enterprise(self, offices: Offices, others: Visitor) -> None:
        answer = others.post("/console/products/new", gtin=GREEN_TEA.trade, **TEXTS)
        assert answer.status_code == 422
        assert "Another enterprise has this GTIN." in answer.text

    def test_a_picture_and_what_is_none(self, offices: Offices, clerk: Visitor) -> None:
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, "PNG")
        file.seek(0)
        assert clerk.post(PRODUCT, version="1", picture=(file, "a.png"), **TEXTS).status_code == 303
        assert offices.world.base.one("SELECT COUNT(*) AS n FROM picture")["n"] == 1
        answer = clerk.post(PRODUCT, version="2", picture=(io.BytesIO(b"GIF89a"), "a.png"), **TEXTS)
        assert "Choose a JPEG, PNG or WebP picture" in answer.text

    def test_its_picture_is_shown_replaced_and_removed(self, offices: Offices, clerk: Visitor) -> None:
        def kept() -> list[str]:
            return re.findall(r'<img class="(?:picture|thumb)" src="/pictures/([0-9a-f]{64})"', clerk.get(PRODUCT).text)

        assert kept() == []
        assert clerk.post(PRODUCT, version="1", picture=(drawn("red"), "a.png"), **TEXTS).status_code == 303
        (first, again) = kept()
        assert first == again
        assert clerk.client.get(f"/pictures/{first}").content_type == "image/webp"
        assert f"/pictures/{first}" in clerk.get("/console/products").text
        assert clerk.post(PRODUCT, version="2", **TEXTS).status_code == 303
        assert clerk.post(PRODUCT, version="2", picture=(drawn("blue"), "b.png"), **TEXTS).status_code == 303
        assert kept()[0] != first
        assert clerk.post(PRODUCT, version="3", bare="y", **TEXTS).status_code == 303
        assert offices.world.base.one("SELECT picture FROM product_version WHERE version = 4") == {"picture": None}
        assert "/pictures/" not in clerk.get("/console/products").text
        assert "Picture: none" in " ".join(clerk.get(PRODUCT).text.split())

    def test_a_picture_is_not_removed_and_replaced_at_once(self, offices: Offices, clerk: Visitor) -> None:
        answer = clerk.post(PRODUCT, version="1", bare="y", picture=(drawn("red"), "a.png"), **TEXTS)
        assert answer.status_code == 422
        assert "not both" in answer.text
        assert offices.world.base.one("SELECT COUNT(*) AS n FROM product_version")["n"] == 1

    @pytest.mark.parametrize("kind", HOSTILE)
    def test_hostile_pictures(self, offices: Offices, clerk: Visitor, kind: str) -> None:
        before = offices.world.base.dump("session", "pace")
        content, words = HOSTILE[kind]
        for path, more in ((PRODUCT, {"version": "1"}), ("/console/products/new", {"gtin": gtin(9).trade})):
            file = (io.BytesIO(content()), "picture.png")
            answer = clerk.post(path, picture=file, **more, **TEXTS)
            assert answer.status_code == 422
            assert words in answer.text
        assert offices.world.base.dump("session", "pace") == before

    def test_a_picture_of_too_many_bytes(self, clerk: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(picture, "MAX_BYTES", 50)
        answer = clerk.post(PRODUCT, version="1", picture=(drawn("red"), "a.png"), **TEXTS)
        assert answer.status_code == 422
        assert "at most 10 MB and 40 megapixels" in answer.text

    def test_nothing_of_what_was_hidden_in_a_picture_is_kept(self, clerk: Visitor) -> None:
        content = drawn("red").getvalue() + b"<script>alert(1)</script>GPS"
        assert clerk.post(PRODUCT, version="1", picture=(io.BytesIO(content), "a.png"), **TEXTS).status_code == 303
        digest = re.findall(r"/pictures/([0-9a-f]{64})", clerk.get(PRODUCT).text)[0]
        assert b"script" not in clerk.client.get(f"/pictures/{digest}").data

    def test_a_script_in_every_field(self, clerk: Visitor) -> None:
        assert clerk.post(PRODUCT, version="1", **dict.fromkeys(TEXTS, SCRIPT)).status_code == 303
        for path in (PRODUCT, "/console/products", f"/console/products?q={SCRIPT}", "/console/"):
            page = clerk.get(path).text
            assert SCRIPT not in page

    def test_are_searched_and_paged(self, offices: Offices, clerk: Visitor) -> None:
        for number in range(1, 61):
            offices.world.base.product(number)
        page = clerk.get("/console/products").text
        assert page.count("<tr><td>") == 50
        after = re.search(r'href="(/console/products\?after=\d+)"', page)
        assert after
        assert clerk.get(after[1]).text.count("<tr><td>") == 11
        assert clerk.get("/console/products?q=TEA+60").text.count("<tr><td>") == 1
        for none in ("%25", "_", "green+tea+61"):
            assert "There are no products here." in clerk.get(f"/console/products?q={none}").text


class TestBatches:
    def issue(self, visitor: Visitor, **more: Any) -> Any:
        values = {"gtin": GREEN_TEA.trade, "count": "10", "pledge": "0", **more}
        return visitor.post("/console/batches/new", **values)

    def test_is_issued(self, offices: Offices, clerk: Visitor) -> None:
        answer = self.issue(clerk, lot="L1", produced_on="2026-09-01", expires_on="2027-09-01", pledge="1")
        assert where(answer) == "/console/batches/1"
        row = offices.world.base.one("SELECT * FROM batch")
        assert (row["label_count"], row["lot"], row["pledge"], row["expires_on"]) == (10, "L1", 1, "2027-09-01")
        assert spans(offices) == [(0, 9, "issued", 0, 0)]

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"gtin": "6901234567890"}, "Enter the digits under the bar code"),
            ({"gtin": gtin(3).trade}, "Your right to this GTIN is not accepted yet."),
            ({"count": "0"}, "Enter a whole number"),
            ({"count": "100000001"}, "Enter a whole number"),
            ({"count": "٣"}, "Enter a whole number"),
            ({"produced_on": "1.9.2026"}, "Enter a day"),
            ({"produced_on": "2026-09-02", "expires_on": "2026-09-01"}, "lies before the production date"),
            ({"lot": "x" * 65}, "This is too long."),
            ({"pledge": "99"}, ""),
            ({"marks": "99"}, ""),
        ],
    )
    def test_a_bad_order(self, offices: Offices, clerk: Visitor, wrong: dict[str, str], said: str) -> None:
        answer = self.issue(clerk, **wrong)
        assert answer.status_code == 422
        assert said in answer.text
        assert spans(offices) == []

    def test_of_another_enterprises_product(self, offices: Offices, others: Visitor) -> None:
        assert self.issue(others).status_code == 422
        assert spans(offices) == []

    def test_is_activated_by_range(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue(active=False)
        text = str(offices.world.label(1, 1))
        answer = clerk.post("/console/batches/1", act="activate", first=text, last="0000000100000003")
        assert answer.status_code == 303
        assert [(first, last, life) for first, last, life, *_ in spans(offices)] == [
            (0, 0, "issued"),
            (1, 3, "active"),
            (4, 4, "issued"),
        ]

    def test_a_recall_is_written_on_a_page_of_its_own(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        answer = clerk.post("/console/batches/1", act="recall", first="0000000100000001", reason="too much cadmium")
        page = clerk.get(where(answer)).text
        for field in ('name="batch"[^>]* value="1"', 'name="first"[^>]* value="1"', "too much cadmium<"):
            assert re.search(field, page)
        assert offices.world.base.rows("SELECT id FROM notice") == []

    def test_asks_before_what_is_grave(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        before, act = spans(offices), "void"
        answer = clerk.post("/console/batches/1", act=act, reason="too much cadmium")
        assert answer.status_code == 422
        assert "Tick the box" in answer.text
        assert "too much cadmium" in answer.text
        assert spans(offices) == before
        assert clerk.post("/console/batches/1", act=act, reason="too much cadmium", sure="y").status_code == 303
        assert spans(offices) != before

    @pytest.mark.parametrize(
        "wrong",
        [
            {"first": "3", "last": "1"},
            {"last": "5"},
            {"first": "0000000200000001"},
            {"first": "HTTPS://EVIL.EXAMPLE/01/"},
            {"first": "-1"},
            {"first": "²"},
        ],
    )
    def test_a_bad_range(self, offices: Offices, clerk: Visitor, wrong: dict[str, str]) -> None:
        offices.world.issue(active=False)
        before = spans(offices)
        assert clerk.post("/console/batches/1", act="activate", **wrong).status_code == 422
        assert spans(offices) == before

    def test_twice(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue(active=False)
        assert clerk.post("/console/batches/1", act="activate").status_code == 303
        answer = clerk.post("/console/batches/1", act="activate")
        assert answer.status_code == 422
        assert "No label in this range can be changed so." in answer.text

    def test_a_photo_of_no_label(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue(active=False)
        photo = (io.BytesIO(b"no picture"), "photo.jpg")
        assert clerk.post("/console/batches/1", act="activate", first_photo=photo).status_code == 422

    def test_is_held_and_lifted(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.issue()
        clerk.post("/console/batches/1", act="hold", reason=SCRIPT, first="2")
        assert spans(offices)[-1][3] == 1
        page = clerk.get("/console/batches/1").text
        assert SCRIPT not in page
        (notice,) = re.findall(r'action="(/console/notices/\w+/lift)"', page)
        assert clerk.post(notice, form="/console/batches/1", reason=" ").status_code == 303
        assert spans(offices)[-1][3] == 1
        clerk.post(notice, form="/console/batches/1", reason="tested, all well")
        assert spans(offices)[-1][3] == 0

    def test_a_recall_of_the_operator_stays(self, offices: Offices, clerk: Visitor) -> None:
        base = offices.world.base
        batch = base.issue(5, gtin=GREEN_TEA)
        laid = [
            recalling.open_on_batch(base.desk, "recall", Range(batch.number), "unsafe"),
            recalling.open_on_product(base.desk, "hold", GREEN_TEA, "unsafe"),
        ]
        for each in laid:
            clerk.post(f"/console/notices/{each.id}/lift", form="/console/products/new", reason="well")
            assert "Somebody else has laid this" in clerk.get("/console/").text
        assert len(base.rows("SELECT id FROM notice WHERE closed_position IS NULL")) == 2

    def test_are_paged(self, offices: Offices, clerk: Visitor) -> None:
        for _ in range(52):
            offices.world.issue()
        page = clerk.get("/console/batches").text
        assert page.count("<tr><td>") == 50
        assert clerk.get("/console/batches?before=3").text.count("<tr><td>") == 2


class TestHoldOfAProduct:
    def test_without_a_reason(self, offices: Offices, clerk: Visitor) -> None:
        assert clerk.post(f"{PRODUCT}/hold", form=PRODUCT, reason="").status_code == 422
        assert offices.world.base.rows("SELECT id FROM notice") == []

    def test_is_held_at_once(self, offices: Offices, clerk: Visitor) -> None:
        clerk.post(f"{PRODUCT}/hold", form=PRODUCT, reason="to be tested")
        assert offices.world.base.one("SELECT kind FROM notice")["kind"] == "hold"
        assert "The product is on hold." in clerk.get(PRODUCT).text


class TestTenancy:
    """What is somebody else's is not there."""

    @pytest.mark.parametrize("path", [PRODUCT, "/console/products/tea", "/console/batches/1", "/console/batches/9"])
    def test_pages(self, offices: Offices, others: Visitor, path: str) -> None:
        offices.world.issue()
        assert others.get(path).status_code == 404

    @pytest.mark.parametrize(
        ("path", "data"),
        [
            (PRODUCT, {**TEXTS, "version": "1"}),
            (f"{PRODUCT}/hold", {"reason": "x"}),
            ("/console/batches/1", {"act": "void", "reason": "x", "sure": "y"}),
            ("/console/batches/1", {"act": "hold", "reason": "x"}),
            ("/console/batches/1", {"act": "activate"}),
        ],
    )
    def test_acts(self, offices: Offices, others: Visitor, path: str, data: dict[str, str]) -> None:
        offices.world.issue(active=False)
        acts = offices.world.base.acts()
        assert others.post(path, form="/console/products/new", **data).status_code == 404
        assert offices.world.base.acts() == acts

    def test_notices(self, offices: Offices, clerk: Visitor, others: Visitor) -> None:
        offices.world.issue()
        clerk.post("/console/batches/1", act="hold", reason="x")
        clerk.post(f"{PRODUCT}/hold", form=PRODUCT, reason="x")
        acts = offices.world.base.acts()
        for row in offices.world.base.rows("SELECT id FROM notice"):
            answer = others.post(f"/console/notices/{row['id']}/lift", form="/console/products/new", reason="x")
            assert answer.status_code == 404
        assert offices.world.base.acts() == acts
        assert uscc(1) not in others.get("/console/").text

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.OFFICER, Role.INSPECTOR])
    @pytest.mark.parametrize("path", ["/console/", PRODUCT, "/console/batches", "/console/marks"])
    def test_other_roles(self, offices: Offices, role: Role, path: str) -> None:
        assert offices.as_(role).get(path).status_code == 302
