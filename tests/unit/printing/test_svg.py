"""SVG documents: read as XML, drawn to their measures and by a real Chromium, and every symbol read back."""

from __future__ import annotations

import io
import os
import pickle
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser import chromium
from tests.unit.printing.rolls import SERIES, job_of, plain, texts, whole
from tests.unit.symbol.specimens import GTIN, PRIVATE, host_of, picture_of, rasterise, saved
from traceqr.label.host import Origin
from traceqr.label.series import Series
from traceqr.printing.design import Box, Colour, Design, Item, Kind, built_in
from traceqr.printing.fonts import face
from traceqr.printing.format import Imprint, Job, PrintError
from traceqr.printing.svg import GAP_MM, MARGIN_MM, SvgSheet, SvgZip
from traceqr.symbol.symbol import Level, SymbolError

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"
DOTS_PER_MM = 10
QR_CODE = zxingcpp.barcode_formats_from_str("QRCode")
DESIGNS = ("classic", "strip")


def documents(made: SvgZip, job: Job) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(whole(made, job))) as archive:
        return [archive.read(name).decode() for name in archive.namelist()]


def sheet_of(job: Job, design: str | Design = "classic", **options: int) -> str:
    made = SvgSheet(job, built_in(design) if isinstance(design, str) else design, **options)
    return whole(made, job).decode()


def one(
    imprint: Imprint | None = None, design: str | Design = "classic", series: Series = SERIES
) -> ElementTree.Element:
    """The document of one label."""
    job = job_of(3, 3, imprint or Imprint("Olive oil", "L-7"), series=series)
    (document,) = documents(SvgZip(job, built_in(design) if isinstance(design, str) else design), job)
    return ElementTree.fromstring(document)


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


def read(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture, QR_CODE, text_mode=zxingcpp.TextMode.Plain)]


def texts_in(document: str) -> list[str]:
    """The QR codes of an SVG document, drawn to its measures."""
    root = ElementTree.fromstring(document)
    width, height = (float(root.get(side, "").removesuffix("mm")) for side in ("width", "height"))
    assert root.get("viewBox") == f"0 0 {width:g} {height:g}"
    picture = Image.new("L", (round(width * DOTS_PER_MM), round(height * DOTS_PER_MM)), 255)
    drawn(root, picture)
    return read(picture)


def words(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def lines(root: ElementTree.Element) -> Iterator[tuple[float, float, float, float]]:
    """Of each line of words: x, baseline, length, size."""
    for text in root.iter(f"{SVG}text"):
        x, y, length, size = (float(text.get(name, "")) for name in ("x", "y", "textLength", "font-size"))
        yield x, y, length, size


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    found = chromium.find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(found.path),
            env={**os.environ, **found.environment},
            args=["--no-sandbox", "--disable-gpu"],
        )
        yield browser.new_page(device_scale_factor=3)
        browser.close()


def seen(page: Page, document: str) -> Image.Image:
    """A document as Chromium draws it, three dots to a pixel of CSS: 288 an inch."""
    page.set_content(f"<body style='margin:0'>{document}</body>")
    return Image.open(io.BytesIO(page.locator("svg").first.screenshot())).convert("L")


class TestReading:
    @pytest.mark.parametrize("design", DESIGNS)
    def test_every_file_of_a_zip(self, design: str) -> None:
        job = job_of(0, 39)
        found = [texts_in(document) for document in documents(SvgZip(job, built_in(design)), job)]
        assert found == [[text] for text in texts(job)]

    @pytest.mark.parametrize("level", Level)
    @pytest.mark.parametrize("origin", ["HTTPS://QR.EXAMPLE.ORG", "https://qr.example.org", "HTTP://127.0.0.1:8000"])
    def test_every_level_and_spelling(self, origin: str, level: Level) -> None:
        job = job_of(0, 2, level=level, series=replace(SERIES, origin=Origin.parse(origin)))
        assert [texts_in(document) for document in documents(SvgZip(job), job)] == [[text] for text in texts(job)]

    @pytest.mark.parametrize(("count", "columns"), [(1, 4), (4, 4), (5, 4), (7, 2), (3, 1)])
    def test_every_label_of_a_sheet(self, count: int, columns: int) -> None:
        job = job_of(0, count - 1)
        assert sorted(texts_in(sheet_of(job, columns=columns))) == texts(job)

    @pytest.mark.parametrize("design", DESIGNS)
    def test_as_a_browser_draws_a_label(self, page: Page, design: str) -> None:
        job = job_of(0, 2)
        for document, text in zip(documents(SvgZip(job, built_in(design)), job), texts(job), strict=True):
            assert read(seen(page, document)) == [text]

    def test_as_a_browser_draws_a_sheet(self, page: Page) -> None:
        job = job_of(0, 10)
        assert sorted(read(seen(page, sheet_of(job)))) == texts(job)

    def test_words_have_their_length_in_any_typeface(self, page: Page) -> None:
        """Drawn once in the typefaces that are there and once in another: what is inked begins and ends alike."""
        job = job_of(3, 3)
        (document,) = documents(SvgZip(job), job)
        spans = [seen(page, each).point(lambda grey: 255 * (grey < 128)).crop((0, 0, 453, 100)).getbbox()
                 for each in (document, document.replace("Noto Sans SC, Source Han Sans SC", "serif"))]  # fmt: skip
        assert spans[0]
        assert spans[1]
        assert spans[0][0] == pytest.approx(spans[1][0], abs=12)
        assert spans[0][2] == pytest.approx(spans[1][2], abs=12)


class TestLabel:
    def test_measures(self) -> None:
        root = one()
        assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("40mm", "55mm", "0 0 40 55")

    def test_words(self) -> None:
        assert words(one(Imprint("特级初榨橄榄油"))) == [
            "特级初榨橄榄油",
            "扫码验证 Scan to verify",
            "qr.example.org",
            "1234 5678 0000 0003",
        ]
        assert "批号 LOT L-7" in words(one(design="strip"))

    def test_words_before_a_serial(self) -> None:
        design = built_in("classic")
        items = tuple(replace(item, words="No. ") if item.kind is Kind.SERIAL else item for item in design.items)
        assert words(one(design=replace(design, items=items)))[-1] == "No. 1234 5678 0000 0003"

    def test_title_is_the_serial(self) -> None:
        title = one().find(f"{SVG}title")
        assert title is not None
        assert title.text == "1234 5678 0000 0003"

    @pytest.mark.parametrize("design", DESIGNS)
    def test_words_stand_in_their_boxes(self, design: str) -> None:
        chosen = built_in(design)
        root = one(Imprint("特级初榨橄榄油 Extra virgin olive oil", "L-7", specification="500 ml"), design)
        boxes = [item.box for item in chosen.items if item.size]
        for x, baseline, length, size in lines(root):
            assert any(
                box.x - 0.01 <= x and x + length <= box.right + 0.01
                and box.y - 0.01 <= baseline - 0.88 * size and baseline + 0.12 * size <= box.bottom + 0.01
                for box in boxes
            )  # fmt: skip

    def test_lengths_are_those_of_the_typeface(self) -> None:
        design = built_in("classic")
        bold = face(design.of(Kind.HOST)[0].weight)
        found = {text.text: text for text in one().iter(f"{SVG}text")}["qr.example.org"]
        size = float(found.get("font-size", ""))
        assert float(found.get("textLength", "")) == pytest.approx(bold.width("qr.example.org") * size, abs=0.001)

    def test_name_is_escaped(self) -> None:
        name = "<script>&\"'</script>"
        assert "".join(words(one(Imprint(name)))[:-3]) == name

    def test_long_name_is_shortened(self) -> None:
        name = "特级初榨" * 75
        first, second, *rest = words(one(Imprint(name)))
        assert len(rest) == 3
        assert name.startswith(first + second.removesuffix("\u2026"))
        assert second.endswith("\u2026")

    @pytest.mark.parametrize("length", [1, 20, 53, 155])
    def test_host_is_never_shortened(self, length: int) -> None:
        series = Series(Origin.parse(f"HTTPS://{host_of(length).upper()}"), GTIN, 1, 1, 0)
        assert "".join(words(one(series=series))[2:-1]) == host_of(length)

    def test_modules_of_whole_dots_where_the_printer_is_known(self) -> None:
        job = job_of(0, 0)
        (document,) = documents(SvgZip(job, dpi=300), job)
        scale = float(re.findall(r"scale\(([0-9.]+)\)", document)[0])
        assert scale * 300 / 25.4 == pytest.approx(7, abs=1e-4)
        assert texts_in(document) == texts(job)

    @pytest.mark.parametrize("design", DESIGNS)
    def test_quiet_zone_is_free(self, page: Page, design: str) -> None:
        """Seen, not computed: around the symbol, four modules wide, there is paper."""
        job = job_of(0, 0)
        (document,) = documents(SvgZip(job, built_in(design)), job)
        x, y, module = map(float, re.findall(r"translate\(([0-9.]+) ([0-9.]+)\) scale\(([0-9.]+)\)", document)[0])
        dots = 3 * 96 / 25.4
        outer = tuple(
            round(side * dots) for side in (x - 3.9 * module, y - 3.9 * module, x + 48.9 * module, y + 48.9 * module)
        )
        inner = tuple(
            round(side * dots) for side in (x - 0.2 * module, y - 0.2 * module, x + 45.2 * module, y + 45.2 * module)
        )
        picture = seen(page, document)
        assert picture.crop(inner).getextrema() == (0, 255)
        picture.paste(255, inner)
        assert picture.crop(outer).getextrema() == (255, 255)

    def test_a_rule_and_a_frame(self) -> None:
        design = plain(
            Item(Kind.RULE, Box(30, 12, 20, 0.3), colour=Colour.RED), Item(Kind.FRAME, Box(30, 14, 20, 6)), symbol=28
        )
        rule, frame = one(design=design).iter(f"{SVG}rect")
        assert [rule.get(name) for name in ("x", "y", "width", "height", "fill")] == [
            "30",
            "12",
            "20",
            "0.3",
            "#a3241d",
        ]
        assert [frame.get(name) for name in ("x", "y", "width", "height")] == ["30.1", "14.1", "19.8", "5.8"]

    def test_a_logo_is_held_once_and_shown_on_each_label(self, page: Page, tmp_path: Path) -> None:
        path = tmp_path / "logo.png"
        path.write_bytes(saved(Image.new("RGB", (40, 20), "#008000")))
        design = plain(Item(Kind.LOGO, Box(40, 12, 10, 5), picture=str(path)))
        document = sheet_of(job_of(0, 2), design)
        root = ElementTree.fromstring(document)
        (image,) = root.iter(f"{SVG}image")
        assert image.get(f"{XLINK}href", "").startswith("data:image/png;base64,")
        assert [use.get(f"{XLINK}href") for use in root.iter(f"{SVG}use")] == ["#logo0"] * 3
        page.set_content(f"<body style='margin:0'>{document}</body>")
        shot = Image.open(io.BytesIO(page.locator("svg").first.screenshot())).convert("RGB")
        dots = 3 * 96 / 25.4
        assert shot.getpixel((round((5 + 45) * dots), round((5 + 14.5) * dots))) == (0, 128, 0)


class TestSheet:
    @pytest.mark.parametrize(("count", "columns"), [(1, 4), (4, 4), (5, 4), (7, 2)])
    def test_measures(self, count: int, columns: int) -> None:
        root = ElementTree.fromstring(sheet_of(job_of(0, count - 1), columns=columns))
        across, down = min(count, columns), -(-count // columns)
        assert root.get("width") == f"{2 * MARGIN_MM + across * 40 + (across - 1) * GAP_MM:g}mm"
        assert root.get("height") == f"{2 * MARGIN_MM + down * 55 + (down - 1) * GAP_MM:g}mm"

    @pytest.mark.parametrize(("count", "columns"), [(3, 3), (12, 4), (24, 4), (25, 5), (500, 22), (1000, 31)])
    def test_is_no_long_strip(self, count: int, columns: int) -> None:
        head = SvgSheet(job_of(0, count - 1)).head().decode()
        assert re.findall('width="([0-9.]+)mm"', head) == [f"{2 * MARGIN_MM + columns * 40 + (columns - 1) * GAP_MM:g}"]

    def test_labels_do_not_overlap(self) -> None:
        root = ElementTree.fromstring(sheet_of(job_of(0, 8)))
        places = [tuple(map(float, re.findall(r"[\d.]+", each.get("transform", "")))) for each in root.iter(f"{SVG}g")]
        assert places[:5] == [(5, 5), (47, 5), (89, 5), (131, 5), (5, 62)]
        assert len(set(places)) == 9

    def test_serials_in_order(self) -> None:
        root = ElementTree.fromstring(sheet_of(job_of(40, 44)))
        assert [text for text in words(root) if text.startswith("1234")] == [
            f"1234 5678 0000 00{index}" for index in range(40, 45)
        ]

    def test_the_same_bytes_however_cut(self) -> None:
        job = job_of(0, 30)
        expected = whole(SvgSheet(job), job)
        assert len(expected) == SvgSheet(job).size
        for cut in (1, 7, 16):
            assert whole(SvgSheet(job), job, cut) == expected

    def test_in_another_process(self) -> None:
        job = job_of(0, 5)
        for made in (SvgSheet(job), SvgZip(job)):
            content = whole(made, job)
            travelled = pickle.dumps(made)
            assert len(travelled) < 200_000
            assert whole(pickle.loads(travelled), job) == content

    def test_notes(self) -> None:
        first, *others = SvgSheet(job_of(0, 8)).notes
        assert first == "One sheet of 176 x 179 mm with labels of 40 x 55 mm."
        assert any("module 0.604 mm" in note for note in others)
        assert "turn them into outlines" in others[-1]


class TestRefused:
    @pytest.mark.parametrize("columns", [0, 101])
    def test_columns_out_of_range(self, columns: int) -> None:
        with pytest.raises(PrintError, match=f"expected 1 to 100 columns, got {columns}"):
            SvgSheet(job_of(), columns=columns)

    def test_too_few_or_too_many_labels(self) -> None:
        assert SvgSheet(job_of(0, 999)).size > 0
        with pytest.raises(PrintError, match="expected at most 1,000 labels for one SVG sheet, got 1,001: choose some"):
            SvgSheet(job_of(0, 1_000))
        with pytest.raises(PrintError, match="expected a first label up to the last, got 5 to 4"):
            SvgSheet(job_of(5, 4))

    @pytest.mark.parametrize("kind", [SvgSheet, SvgZip])
    def test_hidden_codes(self, kind: type[SvgSheet | SvgZip]) -> None:
        with pytest.raises(PrintError, match="expected a design without hidden code for SVG, got 'scratch'"):
            kind(job_of(), built_in("scratch"))

    @pytest.mark.parametrize("kind", [SvgSheet, SvgZip])
    def test_a_character_without_a_glyph(self, kind: type[SvgSheet | SvgZip]) -> None:
        with pytest.raises(PrintError, match=r"in product_name, got .* \(U\+1F375, TEACUP"):
            kind(job_of(imprint=Imprint("Tea \U0001f375")))

    @pytest.mark.parametrize("kind", [SvgSheet, SvgZip])
    def test_modules_too_small(self, kind: type[SvgSheet | SvgZip]) -> None:
        with pytest.raises(PrintError, match=r"expected modules of 0.17 mm at least, got 0.151 mm"):
            kind(job_of(), plain(symbol=8.0))

    @pytest.mark.parametrize("kind", [SvgSheet, SvgZip])
    def test_host_too_long(self, kind: type[SvgSheet | SvgZip]) -> None:
        series = Series(Origin.parse(f"https://{host_of(160)}"), GTIN, 5, 1, 0)
        with pytest.raises((SymbolError, PrintError), match=r"expected (a )?host"):
            kind(job_of(series=series))

    def test_labels_of_another_job(self) -> None:
        with pytest.raises(PrintError, match="expected labels 10 to 20 of"):
            SvgSheet(job_of(10, 20)).body(SERIES.strip(PRIVATE, 20, 21))

    def test_an_outline_without_room(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As good as impossible; but should it come, it is said, and no file is spoilt."""
        monkeypatch.setattr("traceqr.printing.svglabel.room", lambda modules: 45 * modules)
        job = job_of(0, 0)
        with pytest.raises(PrintError, match=r"expected outlines of at most 2,025 bytes, got 2,[0-9]{3}"):
            SvgSheet(job).body(SERIES.strip(PRIVATE, 0, 0))
