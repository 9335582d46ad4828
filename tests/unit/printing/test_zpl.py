from __future__ import annotations

import pickle
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from support.zpl import printed

from tests.unit.printing.rolls import CHINESE, SERIES, job_of, plain, texts, whole
from tests.unit.symbol.specimens import GTIN, PRIVATE, decode
from traceqr.label.host import Origin
from traceqr.label.series import Series
from traceqr.printing.design import Box, Item, Kind, built_in
from traceqr.printing.format import Imprint, PrintError
from traceqr.printing.plate import Bitmap, Drawing
from traceqr.printing.tspl import Tspl
from traceqr.printing.zpl import Zpl, graphic
from traceqr.symbol.symbol import Level, SymbolError

STRIP = built_in("strip")
BOTH = pytest.mark.parametrize("drawing", Drawing)


@BOTH
@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("name", ["classic", "strip"])
def test_every_symbol_reads_back(name: str, dpi: int, drawing: Drawing) -> None:
    job = job_of(99_999_994, 99_999_999)
    made = Zpl(job, built_in(name), dpi, drawing)
    assert [decode(picture).text for picture in printed(whole(made, job))] == texts(job)


@BOTH
@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("origin", ["HTTPS://QR.EXAMPLE.ORG", "https://qr.a-good-brand.example.cn"])
def test_levels_and_spellings_read_back(origin: str, level: Level, drawing: Drawing) -> None:
    job = job_of(0, 1, level=level, series=Series(Origin.parse(origin), GTIN, 1, 2, 0))
    pictures = list(printed(whole(Zpl(job, STRIP, 300, drawing), job)))
    found = [decode(picture) for picture in pictures]
    assert [each.text for each in found] == texts(job)
    assert {each.ec_level for each in found} == {level}


@BOTH
def test_is_exactly_as_long_as_said(drawing: Drawing) -> None:
    for job in (job_of(0, 0), job_of(0, 299)):
        made = Zpl(job, STRIP, drawing=drawing)
        assert len(whole(made, job)) == made.size


@BOTH
def test_same_bytes_however_it_is_cut(drawing: Drawing) -> None:
    job = job_of(0, 299)
    made = Zpl(job, STRIP, drawing=drawing)
    assert len({whole(made, job, cut) for cut in (1, 7, 256, 300)}) == 1


@BOTH
def test_a_part_is_a_slice_of_the_whole(drawing: Drawing) -> None:
    job, part = job_of(0, 49), job_of(20, 29)
    content = whole(Zpl(job, STRIP, drawing=drawing), job)
    each = len(content) // 50
    assert whole(Zpl(part, STRIP, drawing=drawing), part) == content[20 * each : 30 * each]


@BOTH
def test_same_bytes_from_another_process(drawing: Drawing) -> None:
    job = job_of()
    made = Zpl(job, STRIP, drawing=drawing)
    assert whole(pickle.loads(pickle.dumps(made)), job) == whole(Zpl(job, STRIP, drawing=drawing), job)


@BOTH
def test_each_label_states_all_of_itself(drawing: Drawing) -> None:
    job = job_of()
    lines = whole(Zpl(job, STRIP, drawing=drawing), job).splitlines()
    assert len(lines) == 6
    for index, line in enumerate(lines):
        assert line.startswith(b"^XA^CI28^LH0,0^PW480^LL240^FO")
        assert line.endswith(b"^FS^XZ")
        assert b"^FDqr.example.org^FS" in line
        assert b"^FD1234 5678 0000 000%d^FS" % index in line
        assert b"^PQ" not in line
        assert b"~" not in line


@pytest.mark.parametrize("level", Level)
def test_the_native_command(level: Level) -> None:
    job = job_of(0, 0, level=level)
    content = whole(Zpl(job, STRIP), job).decode()
    (text,) = texts(job)
    assert re.search(rf"\^BY2,3,1\^FO[0-9]+,[0-9]+\^BQN,2,[34]\^FD{level}A,{re.escape(text)}\^FS\^XZ$", content)


def test_both_drawings_have_their_symbol_in_one_place() -> None:
    job = job_of(0, 0)
    native, graphic = (next(printed(whole(Zpl(job, STRIP, 203, each), job))) for each in Drawing)
    corner = (25, 25, 58, 58)  # the finder pattern at the top left, 28 dots, with paper around it
    assert ImageChops.difference(native.crop(corner), graphic.crop(corner)).getbbox() is None
    assert ImageChops.invert(graphic.crop(corner)).getbbox() == (5, 5, 33, 33)


@BOTH
@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_the_quiet_zone_is_paper(dpi: int, drawing: Drawing) -> None:
    job = job_of(0, 0)
    picture = next(printed(whole(Zpl(job, STRIP, dpi, drawing), job)))
    box = STRIP.symbol.box
    scale = dpi / 25.4
    field = picture.crop(tuple(round(edge * scale) for edge in (box.x, box.y, box.right, box.bottom)))
    edges = ImageChops.invert(field).getbbox()
    assert edges is not None
    left, top, right, bottom = edges
    module = (right - left) / 45
    assert module == int(module) >= 4
    assert min(left, top, field.width - right, field.height - bottom) >= 4 * module


def test_modules_are_whole_dots_and_the_size_is_said() -> None:
    notes = " ".join(Zpl(job_of(), STRIP, 203).notes)
    assert "Label of 60.1 x 30.0 mm, 480 x 240 dots at 203 dpi: the print head must be as wide." in notes
    assert "module 0.500 mm (4 dots at 203 dpi)" in notes
    assert "22.52 mm a side" in notes
    assert "The printer makes the symbols" in notes
    assert "The printer makes the symbols" not in " ".join(Zpl(job_of(), STRIP, 203, Drawing.GRAPHIC).notes)


def test_a_native_module_has_ten_dots_at_most() -> None:
    native, graphic = (Zpl(job_of(0, 0), STRIP, 600, each) for each in Drawing)
    assert "(10 dots at 600 dpi)" in " ".join(native.notes)
    assert "(12 dots at 600 dpi)" in " ".join(graphic.notes)


def test_words_are_on_the_label() -> None:
    """Other words give other dots where the name stands, and the same elsewhere."""
    pictures = []
    for name in ("质量月酱油", "质量月白醋"):
        job = job_of(0, 0, Imprint(name))
        pictures.append(next(printed(whole(Zpl(job, STRIP), job))))
    changed = ImageChops.difference(*pictures).getbbox()
    (item,) = STRIP.of(Kind.PRODUCT_NAME)
    assert changed is not None
    assert item.box.x * 7.99 <= changed[0]
    assert changed[3] <= item.box.bottom * 8.01


def test_a_logo_and_a_frame_are_drawn(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "black").save(tmp_path / "logo.png")
    logo = Item(Kind.LOGO, Box(31, 12, 8, 8), picture=str(tmp_path / "logo.png"))
    job = job_of(0, 0)
    picture = next(printed(whole(Zpl(job, plain(logo, Item(Kind.FRAME, Box(0, 0, 60, 30)))), job)))
    assert picture.getpixel((35 * 8, 16 * 8)) == 0
    assert picture.getpixel((240, 0)) == 0
    assert decode(picture).text == texts(job)[0]


def test_a_host_too_long_for_a_line_is_drawn_in_several() -> None:
    host = "qr.a-brand-with-a-long-name.shop.example.com.cn"
    job = job_of(0, 0, series=Series(Origin.parse(f"https://{host}"), GTIN, 1, 1, 7))
    content = whole(Zpl(job, plain(lines=2), 300), job)
    assert f"^FD{host}".encode() not in content
    assert decode(next(printed(content))).text == texts(job)[0]


class TestWordsOfADesign:
    """A design may come from somebody else; what it says is printed, and never obeyed."""

    def made(self, kind: Kind, words: str, language: type[Zpl | Tspl]) -> bytes:
        design = plain()
        items = tuple(replace(item, words=words) if item.kind is kind else item for item in design.items)
        job = job_of(0, 1)
        return whole(language(job, replace(design, items=items)), job)

    @pytest.mark.parametrize("language", [Zpl, Tspl])
    @pytest.mark.parametrize("words", ["^XZ~JA", 'a"\r\nCLS\r\n', "~DG", "官网 ", "a\\&b"])
    def test_before_the_host_they_are_drawn(self, language: type[Zpl | Tspl], words: str) -> None:
        made = self.made(Kind.HOST, words, language)
        assert words.encode() not in made
        assert b"qr.example.org" not in made, "drawn, not set"

    @pytest.mark.parametrize("language", [Zpl, Tspl])
    def test_before_a_serial_they_are_set(self, language: type[Zpl | Tspl]) -> None:
        assert self.made(Kind.SERIAL, "No. ", language).count(b"No. 1234 5678 0000 000") == 2

    @pytest.mark.parametrize("language", [Zpl, Tspl])
    @pytest.mark.parametrize("words", ["^XZ", 'a"', "编号 ", "~"])
    def test_before_a_serial_others_are_refused(self, language: type[Zpl | Tspl], words: str) -> None:
        with pytest.raises(PrintError, match="expected words before a serial of letters, digits"):
            self.made(Kind.SERIAL, words, language)


class TestRefused:
    def test_modules_too_small_to_print(self) -> None:
        with pytest.raises(PrintError, match=r"expected modules of 0.17 mm at least, got 0.125 mm"):
            Zpl(job_of(), plain(symbol=8))

    def test_less_than_a_dot_a_module(self) -> None:
        with pytest.raises(PrintError, match="expected a dot a module at least, got 5 mm for 53 modules"):
            Zpl(job_of(), plain(symbol=5))

    def test_a_label_wider_than_the_print_head(self) -> None:
        with pytest.raises(PrintError, match="at most as wide as the print head, 56 mm, got 60 mm: design 'strip'"):
            Zpl(job_of(), STRIP, head_mm=56)
        assert Zpl(job_of(), STRIP, head_mm=60).size

    @pytest.mark.parametrize("dpi", [0, 200, 204, 1200])
    def test_an_unknown_resolution(self, dpi: int) -> None:
        with pytest.raises(PrintError, match=f"expected a printer of 203, 300, 600 dpi, got {dpi}"):
            Zpl(job_of(), STRIP, dpi)

    def test_a_character_without_a_glyph(self) -> None:
        with pytest.raises(
            PrintError, match=r"expected characters that the typeface has in product_name, got '\U0001f34e'"
        ):
            Zpl(job_of(imprint=Imprint("Apple \U0001f34e")), STRIP)

    def test_a_lot_that_does_not_fit(self) -> None:
        with pytest.raises(PrintError, match="expected lot to fit"):
            Zpl(job_of(imprint=Imprint("x", "L" * 120)), STRIP)

    def test_a_host_in_type_too_small_to_read(self) -> None:
        host = f"{'a' * 60}.{'b' * 30}.example.cn"
        job = job_of(series=Series(Origin.parse(f"https://{host}"), GTIN, 1, 1, 7))
        with pytest.raises(PrintError, match=r"expected host in type of 10 dots at least, got [0-9.]+ at 203 dpi"):
            Zpl(job, plain(symbol=40, width=96), 203)

    def test_a_serial_in_type_too_small_to_read(self) -> None:
        with pytest.raises(PrintError, match="expected a serial in type of 10 dots at least, got 8"):
            Zpl(job_of(), plain(serial=1.0))

    def test_a_hidden_code(self) -> None:
        with pytest.raises(PrintError, match="expected a design without hidden code for a roll printer, got 'scratch'"):
            Zpl(job_of(), built_in("scratch"))

    def test_a_picture_of_too_many_bytes(self) -> None:
        with pytest.raises(
            PrintError, match="expected pictures of at most 99,999 bytes on a label, got one of 145,800"
        ):
            Zpl(job_of(), plain(symbol=55, width=100), 600, Drawing.GRAPHIC)

    def test_a_host_too_long_for_a_symbol(self) -> None:
        host = ".".join(["a" * 50] * 4)
        with pytest.raises(SymbolError, match="version 10"):
            Zpl(job_of(series=Series(Origin.parse(f"https://{host}"), GTIN, 1, 1, 7)), STRIP)

    def test_a_logo_that_is_not_there(self, tmp_path: Path) -> None:
        logo = Item(Kind.LOGO, Box(31, 12, 8, 8), picture=str(tmp_path / "none.png"))
        with pytest.raises(PrintError, match="expected a logo in"):
            Zpl(job_of(), plain(logo))

    def test_labels_of_another_series(self) -> None:
        other = Series(SERIES.origin, GTIN, 2, 1, 7).strip(PRIVATE, 0, 0)
        with pytest.raises(SymbolError, match="expected labels of"):
            Zpl(job_of(), STRIP, drawing=Drawing.GRAPHIC).body(other)


def test_a_name_of_300_characters_ends_in_an_ellipsis_and_leaves_the_symbol_alone() -> None:
    job = job_of(0, 0, Imprint("酱" * 300))
    long = next(printed(whole(Zpl(job, STRIP), job)))
    short_job = job_of(0, 0, Imprint("酱"))
    short = next(printed(whole(Zpl(short_job, STRIP), short_job)))
    changed = ImageChops.difference(long, short).getbbox()
    assert changed is not None
    assert changed[0] >= 230
    assert decode(long).text == texts(job)[0]


def test_words_that_are_unknown_take_no_place() -> None:
    job = job_of(0, 0, Imprint(""))
    assert decode(next(printed(whole(Zpl(job, STRIP), job)))).text == texts(job)[0]
    assert len(whole(Zpl(job, STRIP), job)) < len(whole(Zpl(job_of(0, 0, CHINESE), STRIP), job_of(0, 0, CHINESE)))


@given(st.integers(1, 250), st.data())
@settings(max_examples=80, deadline=None)
def test_pictures_come_back_from_their_short_form(row_bytes: int, data: st.DataObject) -> None:
    pieces = st.lists(st.sampled_from([b"\0", b"\xff", b"\0" * 30, b"\x11" * 210, b"\xa5", b"\xf0\x01"]), max_size=30)
    rows = data.draw(st.lists(pieces.map(lambda some: b"".join(some).ljust(row_bytes, b"\0")[:row_bytes]), min_size=1))
    content = b"".join(row for row in rows for _ in range(data.draw(st.integers(1, 3))))
    if not any(content):
        return  # nothing is drawn: there is no such picture
    bitmap = Bitmap(0, 0, row_bytes, content)
    sheet = b"^XA^PW%d^LL%d" % (8 * row_bytes, bitmap.height) + graphic(bitmap) + b"^XZ\n"
    (picture,) = printed(sheet)
    assert picture.point(lambda grey: 255 - grey).convert("1").tobytes() == content
