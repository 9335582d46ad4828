from __future__ import annotations

import io
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image

from tests.unit.printing.rolls import job_of, plain
from tests.unit.symbol.specimens import GTIN, PUBLIC, host_of
from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.label.series import Series
from traceqr.printing.design import BUILT_IN, Kind, built_in
from traceqr.printing.format import Imprint, PrintError
from traceqr.printing.preview import DPI, EXAMPLE, example, preview
from traceqr.symbol.symbol import SymbolError

ORIGIN = Origin.parse("HTTPS://QR.EXAMPLE.ORG")


def picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("dpi", [300, 600])
@pytest.mark.parametrize("name", BUILT_IN)
def test_measures_and_symbol(name: str, dpi: int) -> None:
    design = built_in(name)
    made = picture(preview(design, example(ORIGIN), dpi))
    assert made.size == (round(design.width * dpi / 25.4), round(design.height * dpi / 25.4))
    assert made.info["dpi"] == pytest.approx((dpi, dpi), abs=0.1)
    (found,) = zxingcpp.read_barcodes(made.convert("L"), text_mode=zxingcpp.TextMode.Plain)
    assert found.text.startswith("HTTPS://QR.EXAMPLE.ORG/01/06901234000016/21/0000000100000000?s=")


def test_its_seal_does_not_hold() -> None:
    job = job_of(5, 5)
    (found,) = zxingcpp.read_barcodes(picture(preview(built_in("classic"), job)), text_mode=zxingcpp.TextMode.Plain)
    label = Label.parse(found.text)
    assert (label.serial.batch, label.serial.index, label.seal.key, label.seal.pledge) == (12_345_678, 5, 1, 7)
    assert not label.seal.holds(PUBLIC, label.gtin, label.serial)


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_item_is_there(name: str) -> None:
    """Each box with something to say holds ink, of its colour."""
    design = built_in(name)
    made = picture(preview(design, example(ORIGIN))).convert("RGB")
    for item in design.items:
        box = item.box
        sides = (round(side * DPI / 25.4) for side in (box.x, box.y, box.right + 0.1, box.bottom + 0.1))
        found = made.crop(tuple(sides))  # type: ignore[arg-type]
        darkest = min(found.get_flattened_data())
        assert darkest == ((163, 36, 29) if item.colour == "red" and item.kind is not Kind.FRAME else darkest)
        assert darkest < (200, 200, 200), item.kind


def test_words_are_those_of_the_job() -> None:
    design = built_in("classic")
    job = example(ORIGIN)
    other = replace(job, imprint=replace(EXAMPLE, product_name="绿茶"))
    one, two = (picture(preview(design, each)).convert("L") for each in (job, other))
    height = round(design.symbol.box.y * DPI / 25.4)
    assert one.crop((0, 0, one.width, height)).tobytes() != two.crop((0, 0, one.width, height)).tobytes()
    assert one.crop((0, height, *one.size)).tobytes() == two.crop((0, height, *one.size)).tobytes()


def test_the_same_bytes_each_time() -> None:
    assert preview(built_in("strip"), example(ORIGIN)) == preview(built_in("strip"), example(ORIGIN))


def test_too_many_dots() -> None:
    with pytest.raises(PrintError, match="expected a preview of at most 30,000,000 dots, got one of 400 x 42 mm"):
        preview(plain(width=400, symbol=40), example(ORIGIN), 1200)


@pytest.mark.parametrize("dpi", [299, 1_201])
def test_resolution_out_of_range(dpi: int) -> None:
    with pytest.raises(PrintError, match=f"expected a preview of 300 to 1200 dpi, got {dpi}"):
        preview(built_in("classic"), example(ORIGIN), dpi)


def test_a_character_without_a_glyph() -> None:
    with pytest.raises(PrintError, match=r"in product_name, got .* \(U\+1F375, TEACUP"):
        preview(built_in("classic"), example(ORIGIN, Imprint("Tea \U0001f375")))


def test_modules_too_small() -> None:
    with pytest.raises(PrintError, match=r"expected modules of 0.17 mm at least, got"):
        preview(plain(symbol=8.0), example(ORIGIN), 600)


def test_host_too_long() -> None:
    series = Series(Origin.parse(f"https://{host_of(103)}"), GTIN, 5, 1, 0)
    with pytest.raises(SymbolError, match="expected a host that fits a QR symbol of version 10"):
        preview(built_in("classic"), job_of(series=series))
