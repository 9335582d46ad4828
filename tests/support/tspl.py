"""A small TSPL printer: draws what the program writes in TSPL, dot by dot, so that symbols can be read back.

It knows the commands that the program uses, and refuses others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import qrcode
from PIL import Image, ImageChops, ImageDraw, ImageFont

_FONTS = {"1": (8, 12), "2": (12, 20), "3": (16, 24), "4": (24, 32), "5": (32, 48)}
_BITMAP = re.compile(rb"BITMAP (\d+),(\d+),(\d+),(\d+),0,")
_TEXT = re.compile(r'TEXT (\d+),(\d+),"([1-5])",0,(\d+),(\d+),"([^"]*)"')
_QRCODE = re.compile(r'QRCODE (\d+),(\d+),([LMQ]),(\d+),A,0,M2,S7,"([^"]*)"')
_SIZE = re.compile(rb"SIZE ([0-9.]+) mm,([0-9.]+) mm\r\nGAP ([0-9.]+) mm,0 mm\r\nDIRECTION 0\r\nREFERENCE 0,0\r\n")
_CORRECTION = {
    "L": qrcode.constants.ERROR_CORRECT_L,
    "M": qrcode.constants.ERROR_CORRECT_M,
    "Q": qrcode.constants.ERROR_CORRECT_Q,
}


def printed(content: bytes, dpi: int) -> Iterator[Image.Image]:
    """The labels of a TSPL file, in grey."""
    size = _SIZE.match(content)
    assert size, "expected size and gap first"
    dots = (round(float(size[1]) * dpi / 25.4), round(float(size[2]) * dpi / 25.4))
    at, picture = size.end(), None
    while at < len(content):
        bitmap = _BITMAP.match(content, at)
        if bitmap:
            assert picture is not None
            x, y, width, height = map(int, bitmap.groups())
            at = bitmap.end() + width * height
            _paste(picture, (x, y), Image.frombytes("1", (8 * width, height), content[bitmap.end() : at]))
            assert content[at : at + 2] == b"\r\n"
            at += 2
            continue
        end = content.index(b"\r\n", at)
        line, at = content[at:end].decode("ascii"), end + 2
        if line == "CLS":
            picture = Image.new("L", dots, 255)
        elif line == "PRINT 1,1":
            assert picture is not None
            yield picture
            picture = None
        else:
            assert picture is not None
            _drawn(picture, line)
    assert picture is None, "expected the last label to be printed"


def _drawn(picture: Image.Image, line: str) -> None:
    text, symbol = _TEXT.fullmatch(line), _QRCODE.fullmatch(line)
    if text:
        _words(picture, *text.groups())
    elif symbol:
        _symbol(picture, *symbol.groups())
    else:
        raise AssertionError(f"expected a known command, got {line!r}")


def _words(picture: Image.Image, x: str, y: str, name: str, across: str, down: str, text: str) -> None:
    wide, high = _FONTS[name]
    size = (wide * int(across) * len(text), high * int(down))
    assert int(x) + size[0] <= picture.width, "expected words on the label"
    assert int(y) + size[1] <= picture.height, "expected words on the label"
    font = ImageFont.load_default(size[1] * 0.7)
    for at, char in enumerate(text):
        ImageDraw.Draw(picture).text((int(x) + at * wide * int(across), int(y)), char, 0, font)


def _symbol(picture: Image.Image, x: str, y: str, level: str, cell: str, text: str) -> None:
    assert 1 <= int(cell) <= 10
    code = qrcode.QRCode(error_correction=_CORRECTION[level], border=0, mask_pattern=7)
    code.add_data(text, optimize=8)
    code.make()
    size = len(code.modules)
    modules = Image.new("1", (size, size))
    modules.putdata([0 if dark else 255 for row in code.modules for dark in row])
    _paste(picture, (int(x), int(y)), modules.resize((size * int(cell),) * 2, Image.Resampling.NEAREST))


def _paste(picture: Image.Image, place: tuple[int, int], dots: Image.Image) -> None:
    """Overwrites what is there, paper too. Rows end at whole bytes, so paper may reach over the edge, but no ink."""
    edges = ImageChops.invert(dots.convert("L")).getbbox()
    assert edges is not None
    assert place[0] + edges[2] <= picture.width, "expected all ink on the label"
    assert place[1] + edges[3] <= picture.height, "expected all ink on the label"
    picture.paste(dots.convert("L"), place)
