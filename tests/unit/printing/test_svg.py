from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image

from tests.unit.symbol.specimens import host_of, label_at, label_on, picture_of, rasterise
from traceqr.label.format import Label
from traceqr.printing.svg import GAP_MM, HEIGHT_MM, MARGIN_MM, WIDTH_MM, SheetError, label_svg, sheet
from traceqr.symbol.encode import encode
from traceqr.symbol.symbol import Level, Symbol

SVG = "{http://www.w3.org/2000/svg}"
DOTS_PER_MM = 10


def drawn(element: ElementTree.Element, picture: Image.Image, left: float = 0, top: float = 0) -> None:
    """Draw the symbols under an SVG element where its transforms put them."""
    for child in element:
        if child.tag == f"{SVG}g":
            x, y = map(float, re.findall("[0-9.]+", child.get("transform", "")))
            drawn(child, picture, x, y)
        elif child.get("fill-rule") == "evenodd":
            x, y, scale = map(float, re.findall("[0-9.]+", child.get("transform", "")))
            path = child.get("d", "")
            size = int(re.findall(r"M(\d+)", path)[-1]) + 60
            rows = rasterise(path, size)
            modules = picture_of(rows, 1).resize((round(size * scale * DOTS_PER_MM),) * 2, Image.Resampling.BOX)
            ink = modules.point(lambda value: 255 - value)
            picture.paste(0, (round((left + x) * DOTS_PER_MM), round((top + y) * DOTS_PER_MM)), ink)


def texts_in(document: str) -> list[str]:
    """The QR codes of an SVG document, drawn to its measures."""
    root = ElementTree.fromstring(document)
    width, height = (int(root.get(side, "").removesuffix("mm")) for side in ("width", "height"))
    assert root.get("viewBox") == f"0 0 {width} {height}"
    picture = Image.new("L", (width * DOTS_PER_MM, height * DOTS_PER_MM), 255)
    drawn(root, picture)
    return [found.text for found in zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)]


def words(document: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(document).iter(f"{SVG}text")]


def pairs(count: int) -> Iterator[tuple[Label, Symbol]]:
    for index in range(count):
        label = label_at(index=index)
        yield label, encode(label, mask=0)


def one(name: str = "Olive oil", label: Label | None = None) -> str:
    label = label or label_at()
    return label_svg(label, encode(label, mask=0), name)


def test_measures() -> None:
    root = ElementTree.fromstring(one())
    assert (root.get("width"), root.get("height")) == ("40mm", "55mm") == (f"{WIDTH_MM}mm", f"{HEIGHT_MM}mm")


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("origin", ["HTTPS://QR.EXAMPLE.ORG", "https://qr.example.org", "HTTP://127.0.0.1:8000"])
def test_reads_back(origin: str, level: Level) -> None:
    label = label_at(origin)
    assert texts_in(label_svg(label, encode(label, level), "Olive oil")) == [str(label)]


def test_quiet_zone_is_free() -> None:
    """No text, frame or rule within four modules of the symbol."""
    root = ElementTree.fromstring(one())
    path = next(child for child in root if child.get("fill-rule") == "evenodd")
    x, y, scale = map(float, re.findall("[0-9.]+", path.get("transform", "")))
    left, top, right, bottom = x - 4 * scale, y - 4 * scale, x + 49 * scale, y + 49 * scale
    assert left > 0.3
    assert right < WIDTH_MM - 0.3
    for text in root.iter(f"{SVG}text"):
        baseline, size = float(text.get("y", "")), float(text.get("font-size", ""))
        assert baseline + 0.3 * size < top or baseline - 0.95 * size > bottom
    rule = next(child for child in root if child.get("stroke") and child.tag == f"{SVG}path")
    assert float(re.findall(r"M\d+ ([0-9.]+)", rule.get("d", ""))[0]) > bottom


def test_modules_are_of_a_size_that_gs1_asks_for() -> None:
    for length, version in ((14, 7), (155, 10)):
        label = label_on(length, upper=True)
        symbol = encode(label, mask=0)
        assert symbol.version == version
        scale = re.search(r"scale\(([0-9.]+)\)", label_svg(label, symbol, "x"))
        assert scale
        assert 0.396 <= float(scale[1]) <= 0.990


def test_words_on_the_label() -> None:
    assert words(one("\u7279\u7ea7\u521d\u69a8\u6a44\u6984\u6cb9")) == [
        "\u7279\u7ea7\u521d\u69a8\u6a44\u6984\u6cb9",
        "\u626b\u7801\u9a8c\u8bc1 Scan to verify",
        "qr.example.org",
        "0000 0001 0000 0042",
    ]


def test_name_is_escaped() -> None:
    name = "<script>&\"'</script>"
    assert "".join(words(one(name))[:-3]) == name
    assert "<script>" not in one(name)


def test_name_that_xml_cannot_hold() -> None:
    assert words(one("a\x00b\ud800c\uffffd\u202ee"))[0] == "abcde"


def test_long_name_is_shortened() -> None:
    name = "\u7279\u7ea7\u521d\u69a8" * 75
    first, second, *rest = words(one(name))
    assert len(rest) == 3
    assert name.startswith(first + second.removesuffix("\u2026"))
    assert second.endswith("\u2026")


@pytest.mark.parametrize("name", ["", "  ", "\x00"])
def test_name_without_words(name: str) -> None:
    assert "".join(words(one(name))[:-3]) == ""


@pytest.mark.parametrize("length", [1, 4, 20, 21, 52, 53, 104, 105, 155])
def test_host_is_never_shortened_and_stays_inside(length: int) -> None:
    label = label_on(length, upper=True)
    document = label_svg(label, encode(label, mask=0), "x")
    assert "".join(words(document)[2:-1]) == host_of(length)
    for text in list(ElementTree.fromstring(document).iter(f"{SVG}text"))[2:-1]:
        size, baseline = float(text.get("font-size", "")), float(text.get("y", ""))
        assert len(text.text or "") * size * 0.602 <= 36
        assert baseline - 0.75 * size > 46.5
        assert baseline + 0.25 * size < 53 - 2.2 * 0.75


def test_same_document_each_time() -> None:
    assert one() == one()
    assert list(sheet(pairs(3), "x", count=3)) == list(sheet(pairs(3), "x", count=3))


@pytest.mark.parametrize(("count", "columns"), [(1, 4), (4, 4), (5, 4), (7, 2), (3, 1)])
def test_sheet_reads_back_in_order(count: int, columns: int) -> None:
    document = "".join(sheet(pairs(count), "Olive oil", count=count, columns=columns))
    root = ElementTree.fromstring(document)
    across, down = min(count, columns), -(-count // columns)
    assert root.get("width") == f"{2 * MARGIN_MM + across * WIDTH_MM + (across - 1) * GAP_MM}mm"
    assert root.get("height") == f"{2 * MARGIN_MM + down * HEIGHT_MM + (down - 1) * GAP_MM}mm"
    assert sorted(texts_in(document)) == [str(label) for label, _ in pairs(count)]
    assert [text for text in words(document) if text.startswith("0000")] == [
        label.serial.readable for label, _ in pairs(count)
    ]


def test_labels_of_a_sheet_do_not_overlap() -> None:
    root = ElementTree.fromstring("".join(sheet(pairs(9), "x", count=9)))
    places = [tuple(map(int, re.findall(r"\d+", group.get("transform", "")))) for group in root]
    assert places[:5] == [(5, 5), (47, 5), (89, 5), (131, 5), (5, 62)]
    assert len(set(places)) == 9


def test_sheet_streams_one_label_at_a_time() -> None:
    taken: list[int] = []

    def labels() -> Iterator[tuple[Label, Symbol]]:
        for at, pair in enumerate(pairs(3)):
            taken.append(at)
            yield pair

    pieces = sheet(labels(), "x", count=3)
    next(pieces)
    assert taken == []
    next(pieces)
    assert taken == [0]


@pytest.mark.parametrize(("columns", "count"), [(0, 1), (101, 1), (4, 0), (4, -1)])
def test_sheet_without_cells(columns: int, count: int) -> None:
    with pytest.raises(SheetError, match=f"expected 1 to 100 columns .*, got {columns} and {count}"):
        sheet(pairs(1), "x", count=count, columns=columns)


@pytest.mark.parametrize(("count", "got"), [(2, "more"), (4, "3"), (1, "more")])
def test_sheet_with_another_number_of_labels(count: int, got: str) -> None:
    with pytest.raises(SheetError, match=f"expected {count} labels for the sheet, got {got}"):
        list(sheet(pairs(3), "x", count=count))
