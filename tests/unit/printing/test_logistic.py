"""Labels of logistic units: what is on them is read back from the finished file."""

from __future__ import annotations

import re

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from traceqr.printing import logistic
from traceqr.printing.format import PrintError
from traceqr.printing.logistic import Code, Parcels
from traceqr.symbol import code128
from traceqr.symbol.symbol import SymbolError

SSCCS = ("369012340000000017", "369012340000000024", "006907777000000003")


def parcels(code: Code = Code.GS1_128, enterprise: str = "示例茶业有限公司") -> Parcels:
    return Parcels(SSCCS, enterprise, "https://qr.example.org", code)


def picture(widths: tuple[int, ...], module: int = 3) -> Image.Image:
    wide = (sum(widths) + 2 * code128.QUIET_ZONE) * module
    drawn = Image.new("L", (wide, 120), 255)
    pen = ImageDraw.Draw(drawn)
    for at, width in code128.bars(widths):
        left = (code128.QUIET_ZONE + at) * module
        pen.rectangle((left, 20, left + width * module - 1, 100), fill=0)
    return drawn


@pytest.mark.parametrize("digits", [f"00{sscc}" for sscc in SSCCS] + [f"{pair:02d}" * 10 for pair in range(0, 100, 7)])
def test_gs1_128_is_read_by_another_hand(digits: str) -> None:
    (found,) = zxingcpp.read_barcodes(np.array(picture(code128.gs1(digits))))
    assert found.symbology_identifier == "]C1"
    assert found.bytes.decode() == digits


@pytest.mark.parametrize("pair", range(100))
def test_every_pair_of_digits(pair: int) -> None:
    (found,) = zxingcpp.read_barcodes(np.array(picture(code128.gs1(f"91{pair:02d}{pair:02d}"))))
    assert found.bytes.decode() == f"91{pair:02d}{pair:02d}"


@pytest.mark.parametrize("digits", ["1", "12a4", "１２"])
def test_what_is_no_pairs_of_digits_is_refused(digits: str) -> None:
    with pytest.raises(SymbolError, match="even number of digits"):
        code128.gs1(digits)


def rendered(content: bytes) -> list[Image.Image]:
    pdfium = pytest.importorskip("pypdfium2")
    document = pdfium.PdfDocument(content)
    return [page.render(scale=300 / 72).to_pil() for page in document]


@pytest.mark.parametrize("code", Code)
def test_pages_of_the_pdf_are_read(code: Code) -> None:
    pages = rendered(logistic.pdf(parcels(code)))
    found = [zxingcpp.read_barcodes(np.array(page.convert("L")))[0].bytes.decode() for page in pages]
    wanted = {Code.GS1_128: [f"00{sscc}" for sscc in SSCCS], Code.QR: [parcels().link(sscc) for sscc in SSCCS]}
    assert found == wanted[code]


def test_the_same_labels_give_the_same_bytes() -> None:
    assert logistic.pdf(parcels()) == logistic.pdf(parcels())


def test_a_name_that_the_typeface_has_not_is_refused() -> None:
    with pytest.raises(PrintError, match="name of the enterprise"):
        logistic.pdf(parcels(enterprise="x\U0001f600"))


class TestZpl:
    def test_one_label_for_each(self) -> None:
        text = logistic.zpl(parcels(enterprise="Sample Tea Ltd.")).decode("ascii")
        assert text.count("^XA") == text.count("^XZ") == len(SSCCS)
        assert re.findall(r"\^FD>;>800(\d+)\^FS", text) == list(SSCCS)
        assert text.count("^FDSample Tea Ltd.^FS") == len(SSCCS)

    @pytest.mark.parametrize("dpi", logistic.DPI)
    def test_modules_are_not_too_narrow_and_fit(self, dpi: int) -> None:
        text = logistic.zpl(parcels(), dpi).decode("ascii")
        module = int(re.findall(r"\^BY(\d+)\^", text)[0])
        across = int(re.findall(r"\^PW(\d+)", text)[0])
        assert module * 25.4 / dpi >= logistic.MODULE_MM
        assert module * (sum(code128.gs1("00" + SSCCS[0])) + 2 * code128.QUIET_ZONE) <= across

    def test_as_qr(self) -> None:
        text = logistic.zpl(parcels(Code.QR)).decode("ascii")
        assert f"^FDMA,https://qr.example.org/00/{SSCCS[0]}^FS" in text

    @pytest.mark.parametrize("name", ["示例", "x^XZ", "~JA"])
    def test_a_name_that_the_printer_would_not_set_is_left_out(self, name: str) -> None:
        assert name not in logistic.zpl(parcels(enterprise=name)).decode("ascii")

    def test_another_resolution_is_refused(self) -> None:
        with pytest.raises(PrintError, match="203, 300, 600"):
            logistic.zpl(parcels(), 72)
