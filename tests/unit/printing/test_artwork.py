"""The drawings of marks: read strictly, placed as large as they fit, and the same outlines in every format."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageFilter

from tests.unit.printing.rolls import CHINESE, job_of, whole
from traceqr.printing.artwork import ARTWORKS, GAP_MM, LEAST_MM, arranged, artwork, content
from traceqr.printing.design import Align, Box, Design, Kind, built_in
from traceqr.printing.format import Format, Imprint, PrintError
from traceqr.printing.formats import shows_marks
from traceqr.printing.lettering import drawn
from traceqr.printing.pdf import Pdf
from traceqr.printing.plate import Drawing
from traceqr.printing.preview import preview
from traceqr.printing.sheets import Sheet
from traceqr.printing.svg import SvgSheet
from traceqr.printing.tspl import Tspl
from traceqr.printing.zpl import Zpl

MARKED = built_in("marked")
(PLACE,) = MARKED.of(Kind.MARKS)


def imprint(*names: str) -> Imprint:
    return replace(CHINESE, marks=names)


def form(name: str, marks: Imprint, design: Design = MARKED) -> Format:
    job = job_of(0, 1, marks)
    forms: dict[str, Format] = {
        "pdf": Pdf(job, design, Sheet.roll(design)),
        "svg": SvgSheet(job, design),
        "zpl": Zpl(job, design, 300, Drawing.NATIVE),
        "tspl": Tspl(job, design, 300, Drawing.GRAPHIC),
    }
    return forms[name]


def made(name: str, marks: Imprint) -> bytes:
    return whole(form(name, marks), job_of(0, 1, marks))


@pytest.mark.parametrize("name", ARTWORKS)
class TestEach:
    def test_its_outlines(self, name: str) -> None:
        found = artwork(name)
        commands = list(found.commands())
        places = [place for _, some in commands for place in some]
        assert {letter for letter, _ in commands} == {"M", "L", "Q", "Z"}
        assert all(0 <= x <= found.width and 0 <= y <= found.height for x, y in places)
        assert (commands[0][0], commands[-1][0]) == ("M", "Z")
        assert sum(letter == "M" for letter, _ in commands) == sum(letter == "Z" for letter, _ in commands)

    def test_it_needs_no_typeface_and_no_other_file(self, name: str) -> None:
        assert re.search(rb"<text|<image|href|<style|<script|font", content(name)) is None

    def test_ink_and_paper_in_grey(self, name: str) -> None:
        """At 10 mm and 203 dpi, where every dot is black or white, both the emblem and the words have both."""
        item = replace(PLACE, box=Box(0, 0, 28, 10), align=Align.LEFT)
        picture = drawn(item, job_of(0, 0, imprint(name)), 203, (224, 80))
        assert picture is not None
        for part in (picture.crop((0, 0, 80, 80)), picture.crop((86, 0, 200, 80))):
            dark = sum(grey < 150 for grey in part.get_flattened_data()) / (part.width * part.height)
            assert 0.1 < dark < 0.75

    def test_dots_are_those_of_a_viewer_of_pdf(self, name: str) -> None:
        item = replace(PLACE, colour="ink")
        design = replace(MARKED, items=tuple(item if each.kind is Kind.MARKS else each for each in MARKED.items))
        job = job_of(0, 0, imprint(name))
        content = whole(Pdf(job, design, Sheet.roll(design)), job)
        page = pypdfium2.PdfDocument(content)[0].render(scale=300 / 72).to_pil().convert("L")
        ours = Image.open(io.BytesIO(preview(design, job, 300))).convert("L")
        box = tuple(round(side * 300 / 25.4) for side in (item.box.x, item.box.y, item.box.right, item.box.bottom))
        one, two = page.crop(box), ours.crop(box)  # type: ignore[arg-type]
        assert strays(one, two) == strays(two, one) == 0


def strays(one: Image.Image, other: Image.Image) -> int:
    """Dots that are ink in one picture, and in the other are paper with all that surround them."""
    ink = one.point(lambda grey: 255 if grey < 64 else 0)
    paper = other.filter(ImageFilter.MinFilter(3)).point(lambda grey: 255 if grey > 192 else 0)
    return sum(map(bool, ImageChops.multiply(ink, paper).get_flattened_data()))


@pytest.mark.parametrize("name", ["../designs/strip", "", "quality-month.svg", "QUALITY-MONTH"])
def test_no_such_artwork(name: str) -> None:
    with pytest.raises(PrintError, match="expected an artwork of quality-month, stable-quality, got"):
        artwork(name)


class TestArranged:
    @pytest.mark.parametrize("box", [Box(1, 2, 70, 12), Box(1, 2, 33, 15), Box(3, 3, 28, 40), Box(0, 0, 200, 200)])
    @pytest.mark.parametrize("align", Align)
    @pytest.mark.parametrize("names", [ARTWORKS[:1], ARTWORKS, ARTWORKS * 2])
    def test_inside_apart_and_in_proportion(self, box: Box, align: Align, names: tuple[str, ...]) -> None:
        if len(names) == 4 and box.width * box.height < 800:
            return
        placed = arranged(names, box, align)
        assert len(placed) == len(names)
        for at, one in enumerate(placed):
            assert box.encloses(one.box)
            assert one.box.width / one.box.height == pytest.approx(one.artwork.width / one.artwork.height)
            assert not any(one.box.overlaps(other.box) for other in placed[at + 1 :])
        assert len({round(one.box.height, 6) for one in placed}) == 1

    def test_as_large_as_they_fit(self) -> None:
        (one,) = arranged(ARTWORKS[:1], Box(0, 0, 100, 10))
        assert one.box.height == pytest.approx(10)
        assert [placed.box.y for placed in arranged(ARTWORKS, Box(0, 0, 28, 21))] == pytest.approx([0, 10 + GAP_MM])

    def test_none(self) -> None:
        assert arranged((), PLACE.box) == ()

    @pytest.mark.parametrize("box", [Box(0, 0, 10, 10), Box(0, 0, 70, LEAST_MM - 0.1), Box(0, 0, 1, 400)])
    def test_too_small_to_read(self, box: Box) -> None:
        with pytest.raises(PrintError, match="expected a place in which each of 1 marks is at least 6 mm high"):
            arranged(ARTWORKS[:1], box)


@pytest.mark.parametrize("name", ["pdf", "svg", "zpl", "tspl"])
class TestFormats:
    def test_with_and_without(self, name: str) -> None:
        none, *some = (len(made(name, imprint(*names))) for names in ((), ARTWORKS[:1], ARTWORKS))
        assert none < min(some) - 1_000, "an empty place takes nothing"

    def test_byte_identical(self, name: str) -> None:
        assert made(name, imprint(*ARTWORKS)) == made(name, imprint(*ARTWORKS))
        job = job_of(0, 1, imprint(*ARTWORKS))
        made_at_once = form(name, imprint(*ARTWORKS))
        assert whole(made_at_once, job, cut=1) == whole(made_at_once, job, cut=2)

    def test_a_place_that_is_too_small(self, name: str) -> None:
        small = replace(PLACE, box=replace(PLACE.box, height=5))
        design = replace(MARKED, items=tuple(small if each.kind is Kind.MARKS else each for each in MARKED.items))
        assert form(name, imprint(), design)
        with pytest.raises(PrintError, match="at least 6 mm high"):
            whole(form(name, imprint(*ARTWORKS), design), job_of(0, 1, imprint(*ARTWORKS)))


def test_svg_and_pdf_hold_outlines_alone() -> None:
    assert artwork("quality-month").path.encode() in made("svg", imprint("quality-month"))
    assert made("svg", imprint(*ARTWORKS)).count(b'<use xlink:href="#mark1"/>') == 2
    assert b"/Subtype/Image" not in made("pdf", imprint(*ARTWORKS))


def test_which_forms_show_marks() -> None:
    assert shows_marks("pdf", {"design": "marked"})
    assert not shows_marks("pdf", {})
    assert not shows_marks("csv", {})
    assert not shows_marks("png", {"design": "marked"})


def test_a_design_has_one_place_for_marks() -> None:
    twice = (*MARKED.items, replace(PLACE, box=Box(1, 1, 30, 2)))
    with pytest.raises(PrintError, match="expected one marks, got 2"):
        replace(MARKED, items=twice)


@pytest.mark.parametrize("key", ["size", "words", "picture", "weight"])
def test_a_place_for_marks_has_no_type(key: str) -> None:
    values = {"kind": "marks", "x": 1, "y": 1, "width": 30, "height": 10, key: "x"}
    with pytest.raises(PrintError, match=key):
        Design.parse({"name": "x", "width": 40, "height": 50, "item": [values]})
