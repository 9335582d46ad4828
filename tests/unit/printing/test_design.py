from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from tests.unit.symbol.specimens import GTIN
from traceqr.label.host import Origin
from traceqr.label.series import Series
from traceqr.printing.design import BUILT_IN, CAPTION, Align, Box, Colour, Design, Kind, Weight, built_in, wording
from traceqr.printing.format import Imprint, Job, PrintError

SYMBOL = {"kind": "symbol", "x": 4, "y": 4, "width": 32, "height": 32}
HOST = {"kind": "host", "x": 2, "y": 38, "width": 36, "height": 4, "size": 2.8}


def design(*items: dict[str, Any], **values: Any) -> Design:
    table = {"name": "test", "width": 40, "height": 60, "item": [SYMBOL, HOST, *items], **values}
    return Design.parse(table)


@pytest.mark.parametrize("name", BUILT_IN)
class TestBuiltIn:
    def test_tells_people_where_the_symbol_leads(self, name: str) -> None:
        assert len(built_in(name).of(Kind.HOST)) == 1

    def test_has_serial_and_name(self, name: str) -> None:
        assert built_in(name).of(Kind.SERIAL)
        assert built_in(name).of(Kind.PRODUCT_NAME)

    def test_travels(self, name: str) -> None:
        assert pickle.loads(pickle.dumps(built_in(name))) == built_in(name)

    def test_is_of_the_module_size_that_gs1_asks_for_on_any_host(self, name: str) -> None:
        side = built_in(name).symbol.box.width
        assert 0.396 <= side / (57 + 8) < side / (45 + 8) <= 0.990

    def test_only_scratch_asks_for_hidden_codes(self, name: str) -> None:
        assert built_in(name).asks_for_hidden_code is (name == "scratch")


def test_measures_of_the_built_in_ones() -> None:
    assert [(built_in(name).width, built_in(name).height) for name in BUILT_IN] == [
        (40, 55),
        (60, 30),
        (70, 37),
        (70, 37),
    ]


def test_unknown_design() -> None:
    with pytest.raises(
        PrintError, match="expected a design of classic, strip, marked, scratch, or a file, got 'fancy'"
    ):
        built_in("fancy")


def test_parse_from_toml() -> None:
    parsed = Design.parse(
        """
        name = "plain"
        width = 40
        height = 50
        [[item]]
        kind = "symbol"
        x = 4
        y = 4
        width = 32
        height = 32
        [[item]]
        kind = "host"
        x = 2.5
        y = 38
        width = 35
        height = 4
        size = 2.8
        lines = 2
        weight = "bold"
        align = "right"
        colour = "red"
        """
    )
    host = parsed.of(Kind.HOST)[0]
    assert (parsed.name, parsed.width, parsed.height) == ("plain", 40, 50)
    assert host.box == Box(2.5, 38, 35, 4)
    assert (host.size, host.lines, host.weight, host.align, host.colour) == (
        2.8,
        2,
        Weight.BOLD,
        Align.RIGHT,
        Colour.RED,
    )


def test_wording() -> None:
    imprint = Imprint("Olive oil", "L7", "Hill Ltd", "500 ml", "2026-11-01", "2028-11-01")
    job = Job(Series(Origin.parse("HTTPS://QR.EXAMPLE.ORG"), GTIN, 1, 1, 0), 0, 9, imprint)
    place = {"x": 1, "width": 38, "height": 2, "size": 2}
    kinds = ["product_name", "lot", "enterprise_name", "specification", "produced_on", "expires_on", "serial"]
    made = design(
        *(
            {**place, "kind": kind, "y": 42 + 2 * at, "words": "LOT " if kind == "lot" else ""}
            for at, kind in enumerate(kinds)
        ),
        {**place, "kind": "caption", "y": 56},
        {**place, "kind": "caption", "y": 58, "words": "Look"},
    )
    said = [wording(item, job) for item in made.items]
    assert said[1] == "qr.example.org"
    assert said[2:] == ["Olive oil", "LOT L7", "Hill Ltd", "500 ml", "2026-11-01", "2028-11-01", "", CAPTION, "Look"]


def test_words_before_nothing_are_left_out() -> None:
    job = Job(Series(Origin.parse("HTTPS://QR.EXAMPLE.ORG"), GTIN, 1, 1, 0), 0, 9, Imprint("Olive oil"))
    assert [wording(item, job) for item in built_in("strip").of(Kind.LOT)] == [""]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({**HOST, "kind": "lot", "x": 5}, "expected all items inside 40 x 60 mm, got lot of 36 x 4 mm at \\(5, 38\\)"),
        ({**HOST, "kind": "lot", "y": 57}, "expected all items inside 40 x 60 mm"),
        (
            {**HOST, "kind": "lot", "y": 35.9},
            "expected no item over another, .*; the symbol's box is its quiet zone too",
        ),
        ({**HOST, "kind": "lot", "y": 41}, "expected no item over another, got host of .* and lot of"),
        ({**HOST, "kind": "serial", "y": -1}, r"item 3 \(serial\): expected y from 0 to 400, got -1"),
        ({**HOST, "y": 44}, "expected one host, got 2"),
        ({**SYMBOL, "y": 40, "width": 10, "height": 10}, "expected one symbol, got 2"),
        ({"kind": "rule", "x": 0, "y": 10, "width": 6, "height": 1}, "quiet zone"),
        ({"kind": "frame", "x": 0, "y": 10, "width": 6, "height": 1}, "quiet zone"),
        ({**HOST, "kind": "price"}, "item 3: expected kind to be one of symbol, host, .*, got 'price'"),
        ({**HOST, "kind": ["host"]}, "item 3: expected kind to be one of"),
        ({**HOST, "kind": "lot", "colour": "pink"}, "expected colour to be one of ink, red, got 'pink'"),
        ({**HOST, "kind": "lot", "y": 44, "size": 0}, r"item 3 \(lot\): expected size from 0.7 to 30, got 0"),
        ({**HOST, "kind": "lot", "y": 44, "size": "big"}, "expected size from 0.7 to 30, got 'big'"),
        ({**HOST, "kind": "lot", "y": True}, "expected y from 0 to 400, got True"),
        ({**HOST, "kind": "lot", "y": float("nan")}, "expected y from 0 to 400, got nan"),
        ({**HOST, "kind": "lot", "lines": 1.5}, "expected lines to be a whole number, got 1.5"),
        ({**HOST, "kind": "serial", "lines": 2}, "expected serial in one line, got 2 lines"),
        ({**HOST, "kind": "hidden_code", "lines": 2}, "expected hidden_code in one line, got 2 lines"),
        ({**HOST, "kind": "lot", "lines": 7}, "expected lines from 1 to 6, got 7"),
        ({**HOST, "kind": "lot", "font": "Arial"}, "expected only align, .*, got 'font'"),
        ({**SYMBOL, "size": 3}, r"item 3 \(symbol\): expected only height, kind, width, x, y, got 'size'"),
        ({**HOST, "kind": "caption", "words": "x" * 121}, "expected words of at most 120 characters"),
        (
            {"kind": "logo", "x": 0, "y": 44, "width": 9, "height": 9},
            "expected picture, the path of a PNG or JPEG file",
        ),
        ({"kind": "lot", "x": 0, "y": 44}, "expected width from 0.05 to 400, it is missing"),
        ("lot", "item 3: expected a table, got 'lot'"),
    ],
)
def test_item_that_is_refused(item: Any, message: str) -> None:
    with pytest.raises(PrintError, match=message):
        design(item)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"item": [HOST]}, "expected a symbol, got none"),
        ({"item": [SYMBOL]}, "expected the host in words, got none"),
        ({"item": [{**SYMBOL, "height": 30}, HOST]}, "expected a square box for the symbol, got 32 x 30 mm"),
        ({"item": []}, r"expected 1 to 64 items as \[\[item\]\], got \[\]"),
        ({"item": [SYMBOL] * 65}, "expected 1 to 64 items"),
        ({"item": {"kind": "host"}}, "expected 1 to 64 items"),
        ({"width": 9}, "expected width from 10 to 400, got 9"),
        ({"height": 401}, "expected height from 10 to 400, got 401"),
        ({"height": None}, "expected height from 10 to 400, it is missing"),
        ({"depth": 3}, "design: expected only height, item, name, width, got 'depth'"),
        ({"name": 3}, "expected name of at most 60 characters, got 3"),
    ],
)
def test_design_that_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(PrintError, match=message):
        design(**values)


def test_not_toml() -> None:
    with pytest.raises(PrintError, match="design: expected TOML"):
        Design.parse("width 40")


def test_frames_stand_around_others() -> None:
    around = {"kind": "frame", "x": 1, "y": 1, "width": 38, "height": 58}
    assert design(around).of(Kind.FRAME)[0].box == Box(1, 1, 38, 58)


def test_items_may_touch() -> None:
    assert design({**HOST, "kind": "lot", "y": 42}, {**HOST, "kind": "serial", "y": 36, "height": 2})


class TestReading:
    TEXT = """
        name = "own"
        width = 40
        height = 60
        item = [
            { kind = "symbol", x = 4, y = 4, width = 32, height = 32 },
            { kind = "host", x = 2, y = 38, width = 36, height = 4, size = 2.8 },
            { kind = "logo", x = 2, y = 44, width = 36, height = 8, picture = "logo.png" },
        ]
        """

    def test_reads_a_file_with_a_logo_beside_it(self, tmp_path: Path) -> None:
        (tmp_path / "own.toml").write_text(self.TEXT)
        assert Design.read(tmp_path / "own.toml").of(Kind.LOGO)[0].picture == str(tmp_path / "logo.png")

    def test_no_such_file(self, tmp_path: Path) -> None:
        with pytest.raises(PrintError, match=r"expected a design in .*none.toml', could not read it"):
            Design.read(tmp_path / "none.toml")

    def test_not_text(self, tmp_path: Path) -> None:
        (tmp_path / "own.toml").write_bytes(b"\xff\xfe")
        with pytest.raises(PrintError, match="could not read it"):
            Design.read(tmp_path / "own.toml")

    @pytest.mark.parametrize("text", ["item = 3", "item = [3]", 'item = "x"', ""])
    def test_items_of_another_shape(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "own.toml").write_text(text)
        with pytest.raises(PrintError, match="expected"):
            Design.read(tmp_path / "own.toml")
