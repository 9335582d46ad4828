"""The record of an inspection as a PDF: it says what was signed, and leads to its page."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from support.inspections import ID, LABEL, PHOTO, addition, jpeg, record
from support.world import ZONE

from traceqr.certifying.sheet import MAX_ROW, pieces
from traceqr.minuting.content import MAX_PICTURE_BYTES, Kept, content_of, fitting
from traceqr.minuting.drawing import draw

ORIGIN = "https://qr.example.org"


def kept(**changes: Any) -> Kept:
    return Kept(ID, "市场监督管理局（测试）", "Market Regulation", record(**changes), "ab" * 32, 7, 0, 0)


def drawn(found: Kept, photos: dict[str, bytes] | None = None) -> bytes:
    return draw(content_of(found, photos or {}, ORIGIN, ZONE))


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    pages = [str(page.get_textpage().get_text_range()) for page in document]
    return "\n".join(pages).replace("\r\n", "\n")


def test_it_says_what_was_signed_in_the_usual_order() -> None:
    typed = {**LABEL, "text": None, "how": "typed", "offline": None, "online": None}
    said = text_of(drawn(kept(labels=[LABEL, typed], photos=[PHOTO], case="案-1")))
    expected = [
        "现场检查笔录",
        "市场监督管理局（测试）",
        "2026-09-01 08:00 — 2026-09-01 08:40",
        "日常检查",
        "产品质量法",
    ]
    expected += ["示例茶行", "示例路 1 号地下仓库", "000-0000-0000", "执法证号 沪-001", "发现问题", "标签经查验"]
    expected += ["0000000100000001", "码真", "第 3 版", "已被查询过", "手工录入", "绿茶", "24 盒", "查封", "封-0001"]
    expected += [
        "责令改正",
        "2026-09-16",
        "货架",
        "货是朋友送来的",
        "当事人",
        ID,
        "ab" * 32,
        f"{ORIGIN}/inspections/{ID}",
    ]
    flat = said.replace("\n", "")
    assert [each for each in expected if each not in flat] == []


def test_its_symbol_leads_to_its_page() -> None:
    picture = pypdfium2.PdfDocument(drawn(kept()))[0].render(scale=3).to_pil()
    assert zxingcpp.read_barcode(picture).text == f"{ORIGIN}/inspections/{ID}"


def test_a_refusal_is_told_with_its_reason_and_witness() -> None:
    signatures = record()["signatures"][:2]
    said = text_of(drawn(kept(signatures=signatures, refused={"reason": "当事人离开", "witness": "丁"})))
    for words in ("当事人拒绝签名", "当事人离开", "见证人：丁"):
        assert words in said


def test_additions_stand_behind_the_record() -> None:
    added = addition(kind="followed-up", measure=1, text="已停止销售")
    found = replace(kept(), additions=[(1, 86_400_000, added)])
    said = text_of(drawn(found))
    for words in ("附加记录 1 · 改正情况复查", "措施 2：停止销售，说明来源", "已停止销售"):
        assert words in said


def test_photos_of_additions_are_named_and_shown() -> None:
    added = addition(photos=[{**PHOTO, "caption": "封条"}])
    found = replace(kept(), additions=[(1, 86_400_000, added)])
    pdf = drawn(found, {PHOTO["digest"]: jpeg(100, (400, 300))})
    said = text_of(pdf).replace("\n", "")
    assert "附加记录 1 照片 1" in said
    assert "封条" in said
    assert PHOTO["digest"] in said
    assert sum(1 for page in pypdfium2.PdfDocument(pdf) for each in page.get_objects() if each.type == 3) == 1


def test_one_that_was_withdrawn_says_so() -> None:
    assert "本笔录已撤回" in text_of(drawn(replace(kept(), withdrawn=True)))


def test_signatures_are_drawn_as_they_were() -> None:
    """A long stroke leaves ink where it was drawn; a dot is ink too."""
    signatures = [{**each, "strokes": [[[0, 0], [1000, 300]], [[5, 5]]]} for each in record()["signatures"]]
    assert ink(drawn(kept(signatures=signatures))) > ink(drawn(kept()))


def ink(pdf: bytes) -> int:
    """Dark dots of all pages."""
    pages = (page.render(scale=2).to_pil().convert("L") for page in pypdfium2.PdfDocument(pdf))
    return sum(sum(page.histogram()[:100]) for page in pages)


def test_photos_are_shown_as_long_as_they_are_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    photos = [{**PHOTO, "digest": f"{place:064x}"} for place in range(3)]
    files = {photo["digest"]: jpeg(100 + place, (400, 300)) for place, photo in enumerate(photos)}
    monkeypatch.setattr("traceqr.minuting.drawing.MAX_PICTURE_BYTES", 2 * len(jpeg(100, (400, 300))) + 100)
    pdf = drawn(kept(photos=photos), files)
    document = pypdfium2.PdfDocument(pdf)
    assert sum(1 for page in document for each in page.get_objects() if each.type == 3) == 2
    assert f"{2:064x}" in text_of(pdf).replace("\n", "")


def test_photos_that_are_not_drawn_are_not_asked_for() -> None:
    sizes = (MAX_PICTURE_BYTES - 10, 11, 10, 1)
    photos = [{**PHOTO, "digest": f"{place:064x}", "bytes": size} for place, size in enumerate(sizes)]
    assert fitting(photos) == [f"{0:064x}", f"{2:064x}"]


def test_a_long_table_is_cut_into_grids_of_few_lines() -> None:
    assert [len(piece) for piece in pieces([("3", "改" * 1_000)] * 50)] == [2] * 25
    assert list(pieces([])) == []


def test_a_tall_row_is_cut_into_some_that_fit() -> None:
    lines = [f"{place}" for place in range(2 * MAX_ROW + 1)]
    rows = [row for piece in pieces([("1", "\n".join(lines))]) for row in piece]
    assert [row[0] for row in rows] == ["1", "", ""]
    assert [line for row in rows for line in row[1].split("\n")] == lines


def test_no_row_is_lost_where_a_table_is_cut() -> None:
    measures = [{**record()["measures"][1], "what": f"第{place}项" + "\n改" * 99} for place in range(10)]
    said = text_of(drawn(kept(measures=measures)))
    assert all(f"第{place}项" in said for place in range(10))


def test_the_longest_record_is_drawn_over_many_pages() -> None:
    long = "长" * 5_000
    measures = [{**record()["measures"][1], "what": "改" * 1_000} for _ in range(20)]
    labels = [LABEL] * 500
    pdf = drawn(kept(findings=long, statement=long, measures=measures, labels=labels))
    assert len(pypdfium2.PdfDocument(pdf)) > 20


def test_what_the_typeface_lacks_and_what_looks_like_markup_harms_nothing() -> None:
    said = text_of(drawn(kept(findings='<b>不是</b> & "标记" 🍵\ue000')))
    assert '<b>不是</b> & "标记"' in said


def test_the_same_record_gives_the_same_bytes() -> None:
    assert drawn(kept()) == drawn(kept())


def test_a_signature_of_one_point_is_drawn() -> None:
    signatures = [{**each, "strokes": [[[5, 5]]]} for each in record()["signatures"]]
    assert io.BytesIO(drawn(kept(signatures=signatures))).read(5) == b"%PDF-"
