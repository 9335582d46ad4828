"""Documents of many pages: what they say, that all of it is there, and that the same content gives the same bytes."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp

from traceqr.certifying.sections import Report, Section, Table
from traceqr.certifying.sheet import MAX_ROW, draw, pieces

REPORT = Report(
    title=("追溯报告", "Traceability report"),
    lead="绿茶",
    facts=((("查询内容", "What was asked"), "<b>10/X</b>"), (("产品", ""), "绿茶")),
    sections=(Section(("说明", "Notes"), "第一行\n第二行"),),
    foot=("一", "二", "三"),
    address="https://qr.example.org/console/follow?q=10%2FX",
    paging="第%(page)s页，共%(pages)s页",
    warnings=("涉及召回",),
)


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [str(page.get_textpage().get_text_range()).replace("\r\n", "") for page in document]


def with_rows(*rows: tuple[str, ...], language: str = "zh-CN") -> Report:
    table = Table(("甲", "乙"), rows, (30, 70))
    return replace(REPORT, sections=(Section(("表", ""), "", table),), language=language)


def test_it_says_all_and_its_symbol_leads_to_the_page() -> None:
    pdf = draw(REPORT)
    (said,) = pages_of(pdf)
    for expected in ("追溯报告", "Traceability report", "<b>10/X</b>", "第二行", "涉及召回", "三", "第1页，共1页"):
        assert expected in said
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [REPORT.address]
    assert draw(REPORT) == pdf


def test_pages_are_numbered_and_tables_have_their_heads_on_each() -> None:
    said = pages_of(draw(with_rows(*((f"r{number:03d}", "值") for number in range(120)))))
    assert len(said) > 2
    assert all(f"第{number}页，共{len(said)}页" in page for number, page in enumerate(said, 1))
    assert all("甲" in page for page in said)
    assert [number for number in range(120) if sum(f"r{number:03d}" in page for page in said) != 1] == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_cell_that_is_taller_than_a_page_goes_on(language: str) -> None:
    long = "".join(f"w{number:04d}" for number in range(1_200))
    said = "".join(pages_of(draw(with_rows(("a", long), ("last", "b"), language=language))))
    assert "w0000" in said
    assert "w1199" in said
    assert "last" in said


def test_lines_of_english_are_broken_between_words() -> None:
    words = "Goods received " * 6
    said = pages_of(draw(with_rows((words, "x"), language="en")))[0]
    assert said.count("received") == 6


def test_a_tall_row_becomes_several() -> None:
    (found,) = pieces([("\n".join(map(str, range(MAX_ROW + 5))), "x")])
    assert [row[1] for row in found] == ["x", ""]
