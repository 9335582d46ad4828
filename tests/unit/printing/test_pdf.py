"""The PDF files themselves: read by a strict parser, rendered at printer resolution, and every label read back."""

from __future__ import annotations

import io
import pickle
import re
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from tests.unit.symbol.specimens import GTIN, PRIVATE, host_of, saved
from traceqr.label.host import Origin
from traceqr.label.series import Series
from traceqr.printing.design import BUILT_IN, Align, Colour, Design, Kind, built_in
from traceqr.printing.format import Imprint, Job, PrintError
from traceqr.printing.pdf import Pdf
from traceqr.printing.sheets import SHEETS, Sheet, sheet
from traceqr.printing.sizes import SymbolSize
from traceqr.symbol.encode import encode
from traceqr.symbol.symbol import Level, SymbolError
from traceqr.symbol.table import encoder

POPPLER = shutil.which("pdftoppm")
"""Draws pages where it is installed; elsewhere PDFium does, which browsers have."""

SERIES = Series(Origin.parse("HTTPS://QR.EXAMPLE.ORG"), GTIN, 31, 1, 7)
IMPRINT = Imprint(
    "特级初榨橄榄油 Olive oil 500 ml", "A2026-11", "山间油坊有限公司", "500 ml", "2026-11-01", "2028-11-01"
)
QR_CODE = zxingcpp.barcode_formats_from_str("QRCode")


def codes(first: int, last: int) -> Sequence[str]:
    """Twelve digits for each label."""
    return [f"{index * 7919:012d}" for index in range(first, last + 1)]


def pdf_of(
    first: int = 0,
    last: int = 29,
    design: str | Design = "classic",
    on: str = "A4",
    series: Series = SERIES,
    level: Level = Level.M,
    imprint: Imprint = IMPRINT,
    **options: Any,
) -> Pdf:
    made = built_in(design) if isinstance(design, str) else design
    if made.asks_for_hidden_code:
        options.setdefault("codes", codes)
    return Pdf(Job(series, first, last, imprint, level, mask=3), made, sheet(on, made), **options)


def written(pdf: Pdf) -> bytes:
    strip = pdf.job.series.strip(PRIVATE, pdf.job.first, pdf.job.last)
    return pdf.head() + pdf.body(strip) + pdf.tail()


def texts_of(pdf: Pdf) -> list[str]:
    return pdf.job.series.strip(PRIVATE, pdf.job.first, pdf.job.last).texts


def rendered(content: bytes, folder: Path, dpi: int = 600) -> list[Image.Image]:
    """The pages as a printer of that resolution would have them, in grey."""
    if POPPLER is None:
        with closing(pypdfium2.PdfDocument(content)) as document:
            how = {"scale": dpi / 72, "grayscale": True, "no_smoothpath": True}  # printers have no grey dots
            return [page.render(**how).to_pil() for page in document]
    (folder / "labels.pdf").write_bytes(content)
    command = [POPPLER, "-r", str(dpi), "-gray", str(folder / "labels.pdf"), str(folder / "page")]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert done.stderr == ""
    return [Image.open(path) for path in sorted(folder.glob("page-*.pgm"))]


def read(pages: Sequence[Image.Image]) -> list[str]:
    """The symbols of all pages, row by row."""
    found = []
    for page in pages:
        codes_found = zxingcpp.read_barcodes(page, formats=QR_CODE, text_mode=zxingcpp.TextMode.Plain)
        rows = sorted(codes_found, key=lambda each: (round(each.position.top_left.y / 50), each.position.top_left.x))
        found.extend(each.text for each in rows)
    return found


def opened(content: bytes) -> pikepdf.Pdf:
    """By a parser that mends nothing."""
    pdf = pikepdf.open(io.BytesIO(content), attempt_recovery=False)
    assert pdf.check_pdf_syntax() == []
    assert pdf.get_warnings() == []
    return pdf


def words(content: bytes, page: int) -> str:
    """The text that people can select on a page, counted from 0."""
    with closing(pypdfium2.PdfDocument(content)) as document:
        return str(document[page].get_textpage().get_text_range())


class TestReadBack:
    """What is printed is what was sealed."""

    @pytest.mark.parametrize("design", BUILT_IN)
    @pytest.mark.parametrize("on", ["A4", "Letter", "roll"])
    def test_every_label_of_each_design(self, design: str, on: str, tmp_path: Path) -> None:
        pdf = pdf_of(99_990, 99_990 + (22 if on != "roll" else 4), design, on)
        assert read(rendered(written(pdf), tmp_path)) == texts_of(pdf)

    @pytest.mark.parametrize("name", SHEETS)
    def test_every_label_sheet(self, name: str, tmp_path: Path) -> None:
        size = SHEETS[name]
        side = min(size.cell_width, size.cell_height) - 6
        design = Design.parse(
            {
                "width": size.cell_width,
                "height": size.cell_height,
                "item": [
                    {"kind": "symbol", "x": 0.5, "y": 0.5, "width": side, "height": side},
                    {"kind": "host", "x": 1, "y": side + 1, "width": size.cell_width - 2, "height": 2.5, "size": 2.2},
                ],
            }
        )
        pdf = pdf_of(0, size.cells, design, name)
        assert pdf.unit == size.cells
        assert sorted(read(rendered(written(pdf), tmp_path))) == sorted(texts_of(pdf))

    @pytest.mark.parametrize("level", Level)
    @pytest.mark.parametrize("length", [14, 40])
    @pytest.mark.parametrize("upper", [True, False])
    def test_hosts_and_levels(self, level: Level, length: int, upper: bool, tmp_path: Path) -> None:
        origin = f"https://{host_of(length)}"
        series = replace(SERIES, origin=Origin.parse(origin.upper() if upper else origin))
        pdf = pdf_of(0, 1, "strip", "roll", series, level)
        assert read(rendered(written(pdf), tmp_path)) == texts_of(pdf)

    @pytest.mark.parametrize("dpi", [203, 300, 600])
    def test_at_the_resolution_of_the_printer(self, dpi: int, tmp_path: Path) -> None:
        pdf = pdf_of(0, 3, "strip", "roll", dpi=dpi)
        assert read(rendered(written(pdf), tmp_path, dpi)) == texts_of(pdf)

    @pytest.mark.parametrize(("on", "dpi"), [("roll", 203), ("roll", 300), ("roll", 600), ("A4", 300), ("A4", 600)])
    def test_modules_are_whole_dots_with_exact_edges(self, on: str, dpi: int, tmp_path: Path) -> None:
        """Every dot of every module is full ink or bare paper: nothing is grey, nothing a dot off."""
        pdf = pdf_of(0, 0, "classic", on, dpi=dpi)
        (page,) = rendered(written(pdf), tmp_path, dpi)
        (found,) = zxingcpp.read_barcodes(page, formats=QR_CODE)
        size, dots = pdf.symbol_size.modules, pdf.symbol_size.dots
        assert dots
        corner = found.position.top_left
        x, y = (
            min(range(at - 2 * dots, at + 2 * dots), key=lambda place: _misses(page, place, corner, axis, size * dots))
            for axis, at in enumerate((corner.x, corner.y))
        )
        modules = encode(SERIES.strip(PRIVATE, 0, 0).label(0), mask=3).modules
        expected = Image.new("L", (size, size))
        expected.putdata([0 if dark else 255 for row in modules for dark in row])
        expected = expected.resize((size * dots, size * dots), Image.Resampling.NEAREST)
        assert page.crop((x, y, x + size * dots, y + size * dots)).tobytes() == expected.tobytes()

    def test_symbols_are_black_whatever_stands_beside_them(self) -> None:
        """Red is as bright as paper to a red laser, which takes the red of a picture."""
        strip = built_in("strip")
        items = tuple(replace(item, colour=Colour.RED) if item.size else item for item in strip.items)
        pdf = pdf_of(0, 7, replace(strip, items=items))
        with closing(pypdfium2.PdfDocument(written(pdf))) as document:
            seen_by_red_light = document[0].render(scale=300 / 72).to_pil().convert("RGB").getchannel("R")
        assert read([seen_by_red_light]) == texts_of(pdf)

    def test_nothing_reaches_into_the_quiet_zone(self, tmp_path: Path) -> None:
        for design in BUILT_IN:
            pdf = pdf_of(0, 0, design, "roll")
            (page,) = rendered(written(pdf), tmp_path)
            box, dot = pdf.design.symbol.box, 600 / 25.4
            frame = [round(side * dot) for side in (box.x + 0.1, box.y + 0.1, box.right - 0.1, box.bottom - 0.1)]
            inner = page.crop((frame[0], frame[1], frame[2], frame[3])).point(lambda value: 255 - value)
            left, top, right, bottom = inner.getbbox() or (0, 0, 0, 0)
            side = pdf.symbol_size.side_mm * dot
            assert right - left == pytest.approx(side, abs=2)
            assert bottom - top == pytest.approx(side, abs=2)
            assert min(left, top) >= pdf.symbol_size.quiet_mm * dot - 3


def _misses(page: Image.Image, place: int, corner: zxingcpp.Point, axis: int, length: int) -> int:
    """How far a symbol's edge is from a column (axis 0) or row (axis 1): 0 where ink begins just there."""
    if axis == 0:
        line = [page.getpixel((x, corner.y + 8)) for x in (place - 1, place)]
    else:
        line = [page.getpixel((corner.x + 8, y)) for y in (place - 1, place)]
    return 0 if line == [255, 0] else 1


class TestFile:
    """Its structure, by a strict parser."""

    @pytest.mark.parametrize("count", [1, 19, 20, 21, 40, 59])
    def test_parses_with_the_last_page_part_full(self, count: int) -> None:
        pdf = pdf_of(0, count - 1)
        content = written(pdf)
        assert len(content) == pdf.size
        with opened(content) as file:
            assert len(file.pages) == -(-count // 20)
            for at, page in enumerate(file.pages):
                labels = page.Contents.read_bytes().count(b"/L Do")
                assert labels == min(20, count - 20 * at)

    @pytest.mark.parametrize("count", [999, 1000, 1001, 2500])
    def test_parses_with_a_tree_of_pages(self, count: int) -> None:
        pdf = pdf_of(0, count - 1, "strip", "roll")
        content = written(pdf)
        assert len(content) == pdf.size
        with opened(content) as file:
            assert len(file.pages) == count
            assert [int(kid.Count) for kid in file.Root.Pages.Kids][-1] == (count - 1) % 1000 + 1

    def test_references_point_at_objects_without_mending(self) -> None:
        content = written(pdf_of(0, 45))
        start = int(re.findall(rb"startxref\n(\d+)\n", content)[-1])
        assert content[start : start + 5] == b"xref\n"
        entries = re.findall(rb"(\d{10}) 00000 n \n", content[start:])
        for order, entry in enumerate(entries, 1):
            assert content[int(entry) :].startswith(b"%d 0 obj\n" % order)

    def test_paper_is_as_large_as_it_says(self) -> None:
        for on, size in (("A4", (210, 297)), ("Letter", (215.9, 279.4)), ("roll", (40, 55))):
            with opened(written(pdf_of(on=on))) as file:
                box = [float(side) * 25.4 / 72 for side in file.pages[0].mediabox]
            assert box[2:] == pytest.approx(size, abs=0.03)

    def test_asks_to_be_printed_unscaled(self) -> None:
        with opened(written(pdf_of())) as file:
            assert file.Root.ViewerPreferences.PrintScaling == "/None"

    def test_a_roll_with_bleed_says_where_it_is_cut(self) -> None:
        design = built_in("strip")
        pdf = Pdf(Job(SERIES, 0, 1, IMPRINT), design, Sheet.roll(design, bleed=3))
        with opened(written(pdf)) as file:
            trim = [float(side) * 25.4 / 72 for side in file.pages[1].trimbox]
            media = [float(side) * 25.4 / 72 for side in file.pages[1].mediabox]
        assert media == pytest.approx([0, 0, 66, 36], abs=0.03)
        assert trim == pytest.approx([3, 3, 63, 33], abs=0.03)

    def test_black_is_black_alone(self) -> None:
        with opened(written(pdf_of(design="strip"))) as file:
            content = file.pages[0].Contents.read_bytes() + file.pages[0].Resources.XObject.L.read_bytes()
        assert b"0 g" in content
        assert not re.search(rb"\b(k|K|rg|RG)\b", content)

    def test_words_can_be_selected(self) -> None:
        content = written(pdf_of(12_345_677, 12_345_679, "scratch", "roll"))
        text = " ".join(words(content, 1).split())
        assert "特级初榨橄榄油 Olive oil 500 ml" in text
        assert "qr.example.org" in text
        assert "0000 0031 1234 5678" in text
        digits = codes(12_345_678, 12_345_678)[0]
        assert f"{digits[:4]}-{digits[4:8]}-{digits[8:]}" in text


class TestPieces:
    """A file is the same however it is cut."""

    def test_same_bytes_on_each_run(self) -> None:
        assert written(pdf_of(design="scratch")) == written(pickle.loads(pickle.dumps(pdf_of(design="scratch"))))

    @pytest.mark.parametrize("on", ["A4", "roll"])
    def test_same_bytes_however_it_is_cut(self, on: str) -> None:
        pdf = pdf_of(100, 175, "strip", on)
        whole = written(pdf)
        for units in (1, 2):
            step = units * pdf.unit
            strips = (SERIES.strip(PRIVATE, at, min(175, at + step - 1)) for at in range(100, 176, step))
            assert pdf.head() + b"".join(map(pdf.body, strips)) + pdf.tail() == whole

    def test_sub_range(self, tmp_path: Path) -> None:
        pdf = pdf_of(7, 31)
        assert read(rendered(written(pdf), tmp_path)) == SERIES.strip(PRIVATE, 0, 31).texts[7:]

    def test_a_strip_that_begins_inside_a_page(self) -> None:
        with pytest.raises(PrintError, match="expected whole pages of 20 labels, got 20 labels from 5"):
            pdf_of(0, 59).body(SERIES.strip(PRIVATE, 5, 24))

    def test_a_strip_that_ends_inside_a_page(self) -> None:
        with pytest.raises(PrintError, match="expected whole pages of 20 labels, got 10 labels from 20"):
            pdf_of(0, 59).body(SERIES.strip(PRIVATE, 20, 29))

    @pytest.mark.parametrize(("first", "last"), [(40, 60), (60, 79)])
    def test_a_strip_past_the_job(self, first: int, last: int) -> None:
        with pytest.raises(PrintError, match=f"expected labels 0 to 59 of .*, got {first} to {last}"):
            pdf_of(0, 59).body(SERIES.strip(PRIVATE, first, last))

    def test_a_strip_of_another_batch(self) -> None:
        with pytest.raises(PrintError, match=r"expected labels 0 to 59 of .*21/00000031, got .*21/00000032"):
            pdf_of(0, 59).body(replace(SERIES, batch=32).strip(PRIVATE, 0, 19))

    def test_head_holds_no_seal(self) -> None:
        pdf = pdf_of()
        for seal in SERIES.strip(PRIVATE, 0, 3).seals:
            assert seal.encode() not in pdf.head() + pdf.tail()

    def test_size_of_ten_million_is_known_without_making_them(self) -> None:
        pdf = pdf_of(0, 9_999_999, "strip", "A4-3x8-70x37")
        assert pdf.size > 10_000_000 * 300
        assert len(pdf.head()) < 60_000


class TestNotes:
    def test_sizes(self) -> None:
        notes = pdf_of(0, 59).notes
        assert notes[0].startswith("3 pages of 210 x 297 mm (A4), 20 labels of 40 x 55 mm a page. Print at actual size")
        assert notes[1:] == SymbolSize.fit(45, 32, 600).notes

    def test_one_of_each(self) -> None:
        assert pdf_of(0, 0, on="roll").notes[0].startswith("1 page of 40 x 55 mm (roll), 1 label of 40 x 55 mm a page.")

    def test_warns_of_type_that_nobody_reads(self) -> None:
        series = replace(SERIES, origin=Origin.parse(f"HTTPS://{host_of(140).upper()}"))
        assert "Warning: type of 1.0 mm, so that all words fit" in pdf_of(series=series).notes[-1]


class TestLogo:
    def design(self, path: Path) -> Design:
        items = [
            {"kind": "symbol", "x": 4, "y": 4, "width": 32, "height": 32},
            {"kind": "host", "x": 2, "y": 36.5, "width": 36, "height": 3, "size": 2.5},
            {"kind": "logo", "x": 10, "y": 41, "width": 20, "height": 10, "picture": str(path)},
        ]
        return Design.parse({"width": 40, "height": 55, "item": items})

    def test_is_drawn_in_its_box(self, tmp_path: Path) -> None:
        (tmp_path / "logo.png").write_bytes(saved(Image.new("RGB", (300, 300), "black")))
        pdf = pdf_of(0, 0, self.design(tmp_path / "logo.png"), "roll")
        content = written(pdf)
        with opened(content):
            pass
        (page,) = rendered(content, tmp_path, 300)
        dark = page.crop((0, round(40.5 / 25.4 * 300), page.width, page.height)).point(lambda value: 255 - value)
        box = [side * 25.4 / 300 for side in dark.getbbox() or ()]
        assert box == pytest.approx([15, 0.5, 25, 10.5], abs=0.15)

    @pytest.mark.parametrize(("align", "left"), [("left", 10), ("centre", 15), ("right", 20)])
    def test_is_aligned_in_its_box(self, tmp_path: Path, align: str, left: float) -> None:
        (tmp_path / "logo.png").write_bytes(saved(Image.new("RGB", (300, 300), "black")))
        design = self.design(tmp_path / "logo.png")
        items = tuple(replace(item, align=Align(align)) if item.kind is Kind.LOGO else item for item in design.items)
        pdf = pdf_of(0, 0, replace(design, items=items), "roll")
        (page,) = rendered(written(pdf), tmp_path, 300)
        dark = page.crop((0, round(40.5 / 25.4 * 300), page.width, page.height)).point(lambda value: 255 - value)
        assert (dark.getbbox() or (0,))[0] * 25.4 / 300 == pytest.approx(left, abs=0.15)

    def test_transparency_is_paper(self, tmp_path: Path) -> None:
        (tmp_path / "logo.png").write_bytes(saved(Image.new("RGBA", (30, 30), (0, 0, 0, 0))))
        with opened(written(pdf_of(0, 0, self.design(tmp_path / "logo.png"), "roll"))) as file:
            image = file.pages[0].Resources.XObject.I0
            assert set(image.read_bytes()) == {255}

    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(PrintError, match=r"expected a logo in '.*none.png', could not read it"):
            pdf_of(design=self.design(tmp_path / "none.png"), on="roll")

    @pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", b"\x89PNG\r\n\x1a\n\0\0"])
    def test_not_a_picture(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "logo.png").write_bytes(content)
        with pytest.raises(PrintError, match="expected a PNG or JPEG picture in"):
            pdf_of(design=self.design(tmp_path / "logo.png"), on="roll")


class TestRefused:
    """Before any work starts."""

    def test_modules_too_small(self) -> None:
        items = [
            {"kind": "symbol", "x": 1, "y": 1, "width": 8, "height": 8},
            {"kind": "host", "x": 1, "y": 9, "width": 18, "height": 3, "size": 2},
        ]
        design = Design.parse({"width": 20, "height": 13, "item": items})
        with pytest.raises(PrintError, match=r"expected modules of 0.17 mm at least, got 0.127 mm"):
            pdf_of(design=design)

    def test_host_too_long_for_a_symbol(self) -> None:
        series = replace(SERIES, origin=Origin.parse(f"HTTPS://{host_of(156).upper()}"))
        with pytest.raises(SymbolError, match="expected a host that fits a QR symbol of version 10"):
            pdf_of(series=series)

    def test_longest_host_is_printed_on_each_design(self) -> None:
        series = replace(SERIES, origin=Origin.parse(f"HTTPS://{host_of(155).upper()}"))
        for design in BUILT_IN:
            assert pdf_of(0, 0, design, series=series).symbol_size.modules == 57

    def test_more_bytes_than_a_table_of_objects_can_count(self) -> None:
        items = (
            {"kind": "symbol", "x": 0, "y": 0, "width": 24, "height": 24},
            {"kind": "host", "x": 0, "y": 24, "width": 24, "height": 3, "size": 2},
        )
        design = Design.parse({"width": 24, "height": 27, "item": list(items)})
        with pytest.raises(PrintError, match=r"expected a file of at most 9,999,999,999 bytes, got .*in volumes"):
            pdf_of(0, 25_000_000, design)

    def test_unknown_glyph(self) -> None:
        with pytest.raises(PrintError, match=r"in product_name, got '\U0001f600' \(U\+1F600, GRINNING FACE\)"):
            pdf_of(imprint=Imprint("油\U0001f600"))

    def test_lot_that_does_not_fit(self) -> None:
        with pytest.raises(PrintError, match=r"expected lot to fit .* got 211 characters"):
            pdf_of(design="strip", imprint=replace(IMPRINT, lot="L" * 204))

    def test_name_of_300_characters_is_fitted(self, tmp_path: Path) -> None:
        content = written(pdf_of(0, 0, on="roll", imprint=Imprint("特级初榨橄榄油" * 42 + "特级初榨橄榄")))
        assert "\u2026" in words(content, 0)

    def test_name_that_is_empty(self) -> None:
        assert opened(written(pdf_of(0, 0, imprint=Imprint("")))).pages

    def test_design_that_does_not_fit_the_sheet(self) -> None:
        with pytest.raises(PrintError, match="expected a label of at most 70 x 37 mm"):
            Pdf(Job(SERIES, 0, 9, IMPRINT), built_in("classic"), SHEETS["A4-3x8-70x37"])

    def test_hidden_codes_that_are_not_there(self) -> None:
        with pytest.raises(PrintError, match="expected hidden codes for design 'scratch', which prints them, got none"):
            pdf_of(design="scratch", codes=None)

    def test_hidden_codes_without_a_place(self) -> None:
        with pytest.raises(PrintError, match="expected a design with a place for hidden codes, got 'classic'"):
            pdf_of(codes=codes)

    def test_codes_that_are_none(self) -> None:
        pdf = pdf_of(0, 0, "scratch", codes=lambda _first, _last: ["12"])
        with pytest.raises(PrintError, match="expected hidden codes of 12 digits for 1 labels"):
            written(pdf)

    def test_too_many_pages(self) -> None:
        with pytest.raises(
            PrintError, match="expected at most 500,000 pages in one file, got 500,001 labels on pages of 1"
        ):
            pdf_of(0, 500_000, on="roll")

    def test_empty_range(self) -> None:
        with pytest.raises(PrintError, match="expected a first label up to the last, got 5 to 4"):
            pdf_of(5, 4)

    def test_mask_that_is_none(self) -> None:
        with pytest.raises(SymbolError, match="expected a mask from 0 to 7, got 8"):
            encoder(SERIES, Level.M, 8)

    def test_printer_that_is_none(self) -> None:
        with pytest.raises(PrintError, match="expected a printer of 1 to 4800 dpi, got 0"):
            pdf_of(dpi=0)
