"""The certificate of a pledge: a PDF that says what the registry says, and leads to the page that says what is so."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from support.world import ZONE, World, uscc

from traceqr import pledging, upholding
from traceqr.certifying.content import Content, content_of, may_be_drawn
from traceqr.certifying.drawing import draw
from traceqr.registry import certificates
from traceqr.registry.certificates import Certified

ORIGIN = "https://qr.example.org"
NUMBER = "QM2026-00000001-Y"
LONG = "清泉高山云雾绿茶股份" * 8

IN_ANOTHER = """
import sys
from traceqr.certifying.content import Content
from traceqr.certifying.drawing import draw
from hashlib import sha256
print(sha256(draw(eval(sys.stdin.read()))).hexdigest())
"""


def certified(world: World, number: int = 1) -> Certified:
    with world.database.snapshot() as reader:
        found = certificates.certified(reader, number)
    assert found is not None
    return found


def content(world: World) -> Content:
    return content_of(certified(world), ORIGIN, ZONE)


def text_of(pdf: bytes) -> str:
    page = pypdfium2.PdfDocument(pdf)[0]
    return str(page.get_textpage().get_text_range()).replace("\r\n", "\n")


class TestDrawing:
    def test_it_says_who_pledged_what_and_until_when(self, furnished: World) -> None:
        said = text_of(draw(content(furnished)))
        expected = ("倡议公告证明", NUMBER, "第1茶业有限公司", "Tea House No. 1", uscc(1), "质量月", "Quality Month")
        expected += ("质量强国", "2026-08-20", "2026-09-01 — 2027-08-31", f"{ORIGIN}/certificates/{NUMBER}")
        assert [each for each in expected if each not in said] == []

    def test_its_symbol_leads_to_its_verification_page(self, furnished: World) -> None:
        picture = pypdfium2.PdfDocument(draw(content(furnished)))[0].render(scale=2).to_pil()
        assert [each.text for each in zxingcpp.read_barcodes(picture)] == [f"{ORIGIN}/certificates/{NUMBER}"]

    def test_it_is_a_pdf_with_all_its_fonts(self, furnished: World) -> None:
        with pikepdf.open(io.BytesIO(draw(content(furnished)))) as pdf:
            assert pdf.check_pdf_syntax() == []
            assert len(pdf.pages) == 1
            drawn = [font for font in pdf.pages[0].Resources.Font.values() if font.Subtype == "/TrueType"]
            assert drawn
            assert all("/FontFile2" in font.FontDescriptor for font in drawn)

    def test_the_same_bytes_in_every_process(self, furnished: World) -> None:
        what = content(furnished)
        draw(replace(what, name_zh="另一家企业"))  # what was drawn before leaves no trace
        command = [sys.executable, "-c", IN_ANOTHER]
        other = subprocess.run(command, input=repr(what), capture_output=True, text=True, check=True, timeout=60)
        assert other.stdout.strip() == sha256(draw(what)).hexdigest()

    @pytest.mark.parametrize("field", ["name_zh", "campaign_zh", "theme_zh"])
    def test_long_names_fit(self, furnished: World, field: str) -> None:
        said = text_of(draw(replace(content(furnished), **{field: LONG})))
        assert LONG in said.replace("\n", "")

    def test_a_word_without_end_stays_on_the_page(self, furnished: World) -> None:
        page = pypdfium2.PdfDocument(draw(replace(content(furnished), name_en="W" * 100)))[0].get_textpage()
        boxes = [page.get_charbox(at) for at in range(page.count_chars())]
        assert min(box[0] for box in boxes) > 40
        assert max(box[2] for box in boxes) < 595 - 40

    def test_everything_long_at_once_keeps_clear_of_the_foot(self, furnished: World) -> None:
        what = replace(content(furnished), **dict.fromkeys(("name_zh", "campaign_zh", "theme_zh"), LONG))
        what = replace(what, **dict.fromkeys(("name_en", "campaign_en", "theme_en"), "Clear Spring Tea " * 6))
        what = replace(what, facts=(*what.facts, (("协办单位", "Co-organisers"), LONG)))
        page = pypdfium2.PdfDocument(draw(what))[0].get_textpage()
        at = page.get_text_range().index("Co-organisers")
        assert page.get_charbox(at)[1] > 50 * 72 / 25.4


class TestContent:
    def test_it_is_of_the_present_rows_alone(self, furnished: World) -> None:
        before = content(furnished)
        furnished.clock.pass_days(30)
        assert content(furnished) == before

    def test_organisers_beside_the_first(self, world: World) -> None:
        world.furnish()
        world.regulator()
        world.campaign("quality-month-2027", co_organisers=("市场监督管理局（测试）",))
        number = world.application(2, "published", "quality-month-2027")
        with world.database.snapshot() as reader:
            found = certificates.certified(reader, number)
        assert found is not None
        assert (("协办单位", "Co-organisers"), "市场监督管理局（测试）") in content_of(found, ORIGIN, ZONE).facts

    def test_none_of_a_pledge_that_was_not_published(self, furnished: World) -> None:
        number = furnished.application(2, "signed")
        with furnished.database.snapshot() as reader:
            assert certificates.certified(reader, number) is None
            assert certificates.certified(reader, 99) is None

    def test_none_is_drawn_once_it_is_withdrawn_or_breached(self, furnished: World) -> None:
        assert may_be_drawn(certified(furnished))
        upholding.declare_breach(furnished.desk, 1, "抽检不合格")
        assert not may_be_drawn(certified(furnished))
        number = furnished.application(2, "published")
        pledging.withdraw(furnished.desk, number, "企业申请退出")
        assert not may_be_drawn(certified(furnished, number))
