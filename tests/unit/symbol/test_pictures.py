"""Every way to draw a symbol, read back."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.unit.symbol.specimens import decode, label_at, picture_of, rasterise
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png
from traceqr.symbol.svg import number, outline, to_svg, xml_text
from traceqr.symbol.symbol import Level, SymbolError
from traceqr.symbol.terminal import to_terminal

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("origin", ["HTTPS://QR.EXAMPLE.ORG", "https://qr.example.org"])
def test_outline_fills_exactly_the_dark_modules(origin: str, level: Level) -> None:
    symbol = encode(label_at(origin), level)
    assert rasterise(outline(symbol), symbol.size) == symbol.modules


def test_svg_reads_back_with_its_quiet_zone() -> None:
    label = label_at()
    symbol = encode(label)
    root = ElementTree.fromstring(to_svg(symbol, 0.5, "Label"))
    paper, ink = root.findall(f"{SVG}path")
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("26.5mm", "26.5mm", "0 0 53 53")
    assert (paper.get("fill"), paper.get("d")) == ("#fff", "M0 0h53v53h-53z")
    assert (ink.get("transform"), ink.get("fill-rule")) == ("translate(4 4)", "evenodd")
    assert root.get("shape-rendering") == "crispEdges"
    rows = rasterise(ink.get("d", ""), symbol.size)
    assert decode(picture_of(rows).resize((180, 180))).text == str(label)


def test_svg_is_compact_and_the_same_each_time() -> None:
    symbol = encode(label_at())
    assert to_svg(symbol) == to_svg(symbol)
    assert len(to_svg(symbol)) < 3500


def test_svg_title_is_escaped() -> None:
    root = ElementTree.fromstring(to_svg(encode(label_at()), title='<b>&"\x00\u202e\ud800\uffff\u6b63</b>'))
    assert root.findtext(f"{SVG}title") == '<b>&"\u6b63</b>'


@pytest.mark.parametrize("module_mm", [0, -1, 1001, float("nan")])
def test_svg_size_out_of_range(module_mm: float) -> None:
    with pytest.raises(SymbolError, match="expected a module of more than 0 and at most 1000 mm, got"):
        to_svg(encode(label_at()), module_mm)


@pytest.mark.parametrize(
    ("value", "text"), [(26.5, "26.5"), (53.0, "53"), (0.12345, "0.123"), (3_562_510.0, "3562510"), (100, "100")]
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


def test_xml_text_keeps_rare_characters_and_joiners() -> None:
    text = "\u5eb7\u200d\U00030000\U000323b0 e\u0301"
    assert xml_text(text) == text


@pytest.mark.parametrize("dots", [1, 2, 8, 16])
@pytest.mark.parametrize("level", Level)
def test_png_reads_back(level: Level, dots: int) -> None:
    label = label_at()
    symbol = encode(label, level)
    picture = Image.open(io.BytesIO(to_png(symbol, dots)))
    assert (picture.format, picture.mode) == ("PNG", "1")
    assert picture.size == ((symbol.size + 8) * dots,) * 2
    assert decode(picture.convert("L").resize((picture.width * 2,) * 2, Image.Resampling.NEAREST)).text == str(label)


def test_png_dots_are_the_modules() -> None:
    symbol = encode(label_at())
    drawn = Image.open(io.BytesIO(to_png(symbol, 3))).convert("L")
    assert drawn.tobytes() == picture_of(symbol.framed, 3).tobytes()


def test_png_is_the_same_each_time_and_carries_dpi_when_asked() -> None:
    symbol = encode(label_at())
    assert to_png(symbol) == to_png(symbol)
    assert "dpi" not in Image.open(io.BytesIO(to_png(symbol))).info
    assert Image.open(io.BytesIO(to_png(symbol, dpi=300))).info["dpi"] == pytest.approx((300, 300), abs=0.1)


@pytest.mark.parametrize("dots", [0, -1, 65])
def test_png_dots_out_of_range(dots: int) -> None:
    with pytest.raises(SymbolError, match=f"expected 1 to 64 dots a module, got {dots}"):
        to_png(encode(label_at()), dots)


@pytest.mark.parametrize("dpi", [0, 10_001])
def test_png_dpi_out_of_range(dpi: int) -> None:
    with pytest.raises(SymbolError, match=f"expected a resolution of 1 to 10000 dpi, got {dpi}"):
        to_png(encode(label_at()), dpi=dpi)


def test_terminal_reads_back_module_by_module() -> None:
    label = label_at()
    symbol = encode(label)
    halves = {" ": (0, 0), "\u2580": (1, 0), "\u2584": (0, 1), "\u2588": (1, 1)}
    rows: list[bytes] = []
    for line in to_terminal(symbol).splitlines():
        match = re.fullmatch("\x1b\\[38;5;16;48;5;231m([ \u2580\u2584\u2588]+)\x1b\\[0m", line)
        assert match
        rows += [bytes(halves[char][half] for char in match[1]) for half in (0, 1)]
    assert rows.pop() == bytes(53)
    assert tuple(rows) == symbol.framed
    assert decode(picture_of(rows)).text == str(label)
