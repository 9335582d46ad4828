from __future__ import annotations

import io
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from traceqr.printing import fonts
from traceqr.printing.design import Align, Box, Item, Kind, Weight
from traceqr.printing.fonts import FILES, cleaned, face, files, subset_of
from traceqr.printing.format import PrintError
from traceqr.printing.typesetting import ELLIPSIS, Line, typeset

NAME = Item(Kind.PRODUCT_NAME, Box(3, 3, 34, 7), size=3.1, lines=2, weight=Weight.BOLD)
HOST = Item(Kind.HOST, Box(3, 46, 34, 3.5), size=2.8, lines=4, weight=Weight.BOLD)
BOLD = face(Weight.BOLD)


def right_of(line: Line) -> float:
    return line.x + BOLD.width(line.text) * line.size


class TestFiles:
    def test_both_weights_are_there(self) -> None:
        assert all(file.is_file() for file in files()), "run: make fonts"

    @pytest.mark.parametrize("weight", Weight)
    def test_outlines_are_those_that_pdf_files_embed(self, weight: Weight) -> None:
        with TTFont(Path(fonts.__file__).parent / "fonts" / FILES[weight], lazy=True) as font:
            assert "glyf" in font
            assert font["OS/2"].fsType == 0  # may be embedded and subset

    def test_missing_ones_are_told_with_the_remedy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(FILES, Weight.BOLD, "none.ttf")
        subset_of.cache_clear()
        with pytest.raises(PrintError, match=r"expected the font none.ttf, .* found none; run: make fonts"):
            subset_of(Weight.BOLD, frozenset("none"))


class TestFace:
    @pytest.mark.parametrize("weight", Weight)
    def test_all_digits_are_of_one_width(self, weight: Weight) -> None:
        assert len({face(weight).width(digit) for digit in "0123456789"}) == 1

    def test_widths(self) -> None:
        assert face(Weight.REGULAR).width("油 1") == pytest.approx(1 + 0.224 + 0.555)

    @pytest.mark.parametrize("text", ["Olive oil", "特级初榨橄榄油", "特級初榨橄欖油", "№ 5 ½ ℃ · ×"])
    def test_has_what_names_are_written_in(self, text: str) -> None:
        face(Weight.REGULAR).require(text, "product_name")

    @pytest.mark.parametrize(
        ("char", "name"),
        [
            ("\U0001f600", r"U\+1F600, GRINNING FACE"),
            ("\u0e01", r"U\+0E01, THAI CHARACTER KO KAI"),
            ("\ue000", r"U\+E000, a character without a name"),
        ],
    )
    def test_unknown_glyph_is_named(self, char: str, name: str) -> None:
        with pytest.raises(
            PrintError, match=f"expected characters that the typeface has in product_name, got .*{name}"
        ):
            face(Weight.REGULAR).require(f"oil {char}", "product_name")


class TestSubset:
    def test_holds_the_characters_and_no_more(self) -> None:
        made = subset_of(Weight.REGULAR, frozenset("橄榄油 0123456789"))
        font = TTFont(io.BytesIO(made.content))
        assert {chr(code) for code in font.getBestCmap()} == set("橄榄油 0123456789") == set(made.glyphs)
        assert len(font.getGlyphOrder()) == len(made.widths) == 15
        assert len(made.content) < 10_000

    def test_numbers_and_widths_are_those_of_the_font(self) -> None:
        made = subset_of(Weight.BOLD, frozenset("Aé油1"))
        font = TTFont(io.BytesIO(made.content))
        for char, glyph in made.glyphs.items():
            assert font.getGlyphID(font.getBestCmap()[ord(char)]) == glyph
            assert made.widths[glyph] == pytest.approx(1000 * BOLD.width(char))
        assert made.hex("A") == b"%04x" % made.glyphs["A"]

    def test_is_the_same_each_time(self) -> None:
        made = subset_of(Weight.BOLD, frozenset("abc"))
        subset_of.cache_clear()
        assert subset_of(Weight.BOLD, frozenset("cba")) == made

    def test_others_have_another_name(self) -> None:
        one, other = (subset_of(Weight.BOLD, frozenset(text)) for text in ("ab", "cd"))
        assert one.name.endswith("+NotoSansSC-Bold")
        assert one.name != other.name


@pytest.mark.parametrize(
    ("text", "expected"),
    [("  a \n b\t", "a b"), ("a\u0000\u202eb\u200d", "ab"), ("e\u0301", "é"), ("\ufeff", "")],
)
def test_cleaned(text: str, expected: str) -> None:
    assert cleaned(text) == expected


class TestTypesetting:
    def test_what_fits_is_set_in_its_size_in_the_middle(self) -> None:
        (line,) = typeset(NAME, "Olive oil", BOLD)
        assert line.size == 3.1
        assert line.x - 3 == pytest.approx(37 - right_of(line))
        assert 3 + 3.1 * 0.88 < line.y < 10 - 3.1 * 0.12

    @pytest.mark.parametrize("align", Align)
    def test_align(self, align: Align) -> None:
        (line,) = typeset(Item(Kind.LOT, NAME.box, size=3, weight=Weight.BOLD, align=align), "L7", BOLD)
        if align is Align.LEFT:
            assert line.x == 3
        else:
            assert right_of(line) == pytest.approx(37 if align is Align.RIGHT else 20 + (right_of(line) - line.x) / 2)

    def test_nothing(self) -> None:
        assert typeset(NAME, "", BOLD) == ()

    def test_two_lines_are_even(self) -> None:
        first, second = typeset(NAME, "特级初榨橄榄油冷压一级", BOLD)
        assert first.text + second.text == "特级初榨橄榄油冷压一级"
        assert abs(len(first.text) - len(second.text)) <= 1

    def test_words_are_kept_whole(self) -> None:
        lines = typeset(NAME, "Extra virgin olive oil of the hills", BOLD)
        assert " ".join(line.text for line in lines) == "Extra virgin olive oil of the hills"

    def test_no_line_begins_with_what_closes(self) -> None:
        for length in range(4, 30):
            for line in typeset(NAME, "油" * length + "，、（好）。" * 3, BOLD):
                assert line.text[0] not in "，、）。"
                assert not line.text.endswith("（")

    def test_name_of_300_characters_is_smaller_and_ends_in_an_ellipsis(self) -> None:
        name = "特级初榨橄榄油" * 43
        first, second = typeset(NAME, name[:300], BOLD)
        assert first.size == second.size == pytest.approx(3.1 * 0.6)
        assert second.text.endswith(ELLIPSIS)
        assert name.startswith(first.text + second.text[:-1])
        assert max(right_of(first), right_of(second)) <= 37 + 1e-6

    @pytest.mark.parametrize("text", ["x" * 300, "x " * 150, "W" * 300, "i" * 300])
    def test_name_of_300_letters(self, text: str) -> None:
        lines = typeset(NAME, cleaned(text), BOLD)
        assert len(lines) == 2
        assert all(right_of(line) <= 37 + 1e-6 for line in lines)

    def test_long_host_is_set_in_full(self) -> None:
        host = ".".join(["quality"] * 19) + ".org"
        lines = typeset(HOST, host, BOLD)
        assert "".join(line.text for line in lines) == host
        assert all(right_of(line) <= 37 + 1e-6 for line in lines)
        assert all(line.text.endswith(".") for line in lines[:-1])

    def test_middling_host_stays_on_one_line(self) -> None:
        (line,) = typeset(HOST, "labels.quality.example.org", BOLD)
        assert 0.6 * 2.8 <= line.size < 2.8

    def test_host_is_never_shortened(self) -> None:
        small = Item(Kind.HOST, Box(0, 0, 10, 1.5), size=1.5, weight=Weight.BOLD)
        with pytest.raises(PrintError, match=r"expected host to fit 10 x 1.5 mm at \(0, 0\), got 30 characters: 'aaa"):
            typeset(small, "a" * 26 + ".org", BOLD)

    @given(
        st.text(st.sampled_from("油ab Wi.，（）-1"), min_size=1, max_size=320).map(cleaned).filter(bool),
        st.floats(5, 60),
        st.floats(2, 12),
        st.integers(1, 4),
    )
    def test_whatever_is_set_stays_in_its_box(self, text: str, width: float, height: float, lines: int) -> None:
        box = Box(1, 2, width, height)
        item = Item(Kind.PRODUCT_NAME, box, size=min(height, 3), lines=lines, weight=Weight.BOLD)
        made = typeset(item, text, BOLD)
        assert 1 <= len(made) <= lines
        for line in made:
            assert line.x >= box.x - 1e-6
            assert right_of(line) <= box.right + 1e-6
            assert line.y - 0.88 * line.size >= box.y - 1e-6
            assert line.y + 0.12 * line.size <= box.bottom + 1e-6
        assert "".join(line.text for line in made).replace(" ", "").removesuffix(ELLIPSIS) in text.replace(" ", "")
