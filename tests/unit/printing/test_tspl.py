from __future__ import annotations

import pickle
import re

import pytest
from PIL import ImageChops
from support import zpl
from support.tspl import printed

from tests.unit.printing.rolls import job_of, plain, texts, whole
from tests.unit.symbol.specimens import GTIN, decode
from traceqr.label.host import Origin
from traceqr.label.series import Series
from traceqr.printing.design import built_in
from traceqr.printing.format import Imprint, PrintError
from traceqr.printing.plate import Drawing
from traceqr.printing.tspl import Tspl
from traceqr.printing.zpl import Zpl
from traceqr.symbol.symbol import Level

STRIP = built_in("strip")
BOTH = pytest.mark.parametrize("drawing", Drawing)


@BOTH
@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("name", ["classic", "strip"])
def test_every_symbol_reads_back(name: str, dpi: int, drawing: Drawing) -> None:
    job = job_of(99_999_994, 99_999_999)
    made = Tspl(job, built_in(name), dpi, drawing)
    assert [decode(picture).text for picture in printed(whole(made, job), dpi)] == texts(job)


@BOTH
@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("origin", ["HTTPS://QR.EXAMPLE.ORG", "https://qr.a-good-brand.example.cn"])
def test_levels_and_spellings_read_back(origin: str, level: Level, drawing: Drawing) -> None:
    job = job_of(0, 1, level=level, series=Series(Origin.parse(origin), GTIN, 1, 2, 0))
    found = [decode(picture) for picture in printed(whole(Tspl(job, STRIP, 300, drawing), job), 300)]
    assert [each.text for each in found] == texts(job)
    assert {each.ec_level for each in found} == {level}


@BOTH
def test_is_exactly_as_long_as_said(drawing: Drawing) -> None:
    for job in (job_of(0, 0), job_of(0, 299)):
        made = Tspl(job, STRIP, drawing=drawing)
        assert len(whole(made, job)) == made.size


@BOTH
def test_same_bytes_however_it_is_cut(drawing: Drawing) -> None:
    job = job_of(0, 299)
    made = Tspl(job, STRIP, drawing=drawing)
    assert len({whole(made, job, cut) for cut in (1, 7, 256, 300)}) == 1


@BOTH
def test_a_part_is_a_slice_of_the_whole(drawing: Drawing) -> None:
    job, part = job_of(0, 49), job_of(20, 29)
    made, some = Tspl(job, STRIP, drawing=drawing), Tspl(part, STRIP, drawing=drawing)
    labels = whole(made, job).removeprefix(made.head())
    each = len(labels) // 50
    assert whole(some, part) == made.head() + labels[20 * each : 30 * each]


@BOTH
def test_same_bytes_from_another_process(drawing: Drawing) -> None:
    job = job_of()
    made = Tspl(job, STRIP, drawing=drawing)
    assert whole(pickle.loads(pickle.dumps(made)), job) == whole(Tspl(job, STRIP, drawing=drawing), job)


def test_the_file_says_size_and_gap_once() -> None:
    job = job_of()
    content = whole(Tspl(job, STRIP, gap_mm=3.5), job)
    head = b"SIZE 60 mm,30 mm\r\nGAP 3.5 mm,0 mm\r\nDIRECTION 0\r\nREFERENCE 0,0\r\nCLS\r\n"
    assert content.startswith(head)
    assert content.count(b"SIZE") == 1
    assert content.count(b"PRINT 1,1\r\n") == 6


@pytest.mark.parametrize("level", Level)
def test_the_native_command_asks_for_model_2(level: Level) -> None:
    job = job_of(0, 0, level=level)
    (text,) = texts(job)
    content = whole(Tspl(job, STRIP), job)
    command = rf'\r\nQRCODE [0-9]+,[0-9]+,{level},[34],A,0,M2,S7,"{re.escape(text)}"\r\nPRINT 1,1\r\n'
    assert len(re.findall(command.encode(), content)) == 1


def test_the_serial_is_set_in_a_built_in_font() -> None:
    job = job_of(0, 1)
    assert b'"1",0,1,1,"1234 5678 0000 0001"\r\n' in whole(Tspl(job, STRIP), job)


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_graphics_are_those_of_zpl(dpi: int) -> None:
    """Apart from the words in the printers' own fonts."""
    job = job_of(0, 0)
    tspl_label = next(printed(whole(Tspl(job, STRIP, dpi, Drawing.GRAPHIC), job), dpi))
    zpl_label = next(zpl.printed(whole(Zpl(job, STRIP, dpi, Drawing.GRAPHIC), job)))
    above = (0, 0, tspl_label.width, round(20 * dpi / 25.4))
    assert ImageChops.difference(tspl_label.crop(above), zpl_label.crop(above)).getbbox() is None
    left = (0, 0, round(29 * dpi / 25.4), tspl_label.height)
    assert ImageChops.difference(tspl_label.crop(left), zpl_label.crop(left)).getbbox() is None


def test_the_size_is_said() -> None:
    notes = " ".join(Tspl(job_of(), STRIP, 300).notes)
    assert "709 x 354 dots at 300 dpi" in notes
    assert "module 0.508 mm (6 dots at 300 dpi)" in notes


class TestRefused:
    @pytest.mark.parametrize("gap", [-0.1, 25.5, float("nan"), float("inf")])
    def test_a_gap_out_of_range(self, gap: float) -> None:
        with pytest.raises(PrintError, match=r"expected a gap of 0 to 25.4 mm between labels, got"):
            Tspl(job_of(), STRIP, gap_mm=gap)

    def test_modules_too_small_to_print(self) -> None:
        with pytest.raises(PrintError, match=r"expected modules of 0.17 mm at least, got 0.125 mm"):
            Tspl(job_of(), plain(symbol=8))

    def test_a_label_wider_than_the_print_head(self) -> None:
        with pytest.raises(PrintError, match="at most as wide as the print head, 54 mm, got 60 mm"):
            Tspl(job_of(), STRIP, head_mm=54)

    def test_an_unknown_resolution(self) -> None:
        with pytest.raises(PrintError, match="expected a printer of 203, 300, 600 dpi, got 400"):
            Tspl(job_of(), STRIP, 400)

    def test_a_character_without_a_glyph(self) -> None:
        with pytest.raises(PrintError, match="expected characters that the typeface has in product_name"):
            Tspl(job_of(imprint=Imprint("Apple \U0001f34e")), STRIP)

    def test_a_serial_that_no_built_in_font_is_small_enough_for(self) -> None:
        with pytest.raises(PrintError, match="expected a serial in type of 12 dots at least, got 10"):
            Tspl(job_of(), plain(width=47))


def test_a_name_of_300_characters_leaves_the_symbol_alone() -> None:
    job = job_of(0, 0, Imprint("酱" * 300))
    assert decode(next(printed(whole(Tspl(job, STRIP), job), 203))).text == texts(job)[0]
