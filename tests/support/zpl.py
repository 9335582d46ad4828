"""A small ZPL printer: draws what the program writes in ZPL, dot by dot, so that symbols can be read back.

It knows the commands that the program uses, and refuses others: a label that needs more than it was proven with is a
failure. Text in a printer's font is drawn in another one, so only its place and size are like the real ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import qrcode
from PIL import Image, ImageDraw, ImageFont

_COMMAND = re.compile(r"\^([A-Z][A-Z0-9])([^^]*)")
_QUIET = {"XZ", "CI", "LH"}
_CORRECTION = {
    "L": qrcode.constants.ERROR_CORRECT_L,
    "M": qrcode.constants.ERROR_CORRECT_M,
    "Q": qrcode.constants.ERROR_CORRECT_Q,
}


def printed(content: bytes) -> Iterator[Image.Image]:
    """The labels of a ZPL file, in grey."""
    text = content.decode("ascii")
    labels = re.findall(r"\^XA(.*?\^XZ)\n", text, re.DOTALL)
    assert "".join(f"^XA{label}\n" for label in labels) == text, "expected labels and nothing between them"
    for label in labels:
        yield _Label().draw(label)


class _Label:
    """One label on its way through the printer."""

    def __init__(self) -> None:
        self.picture = Image.new("L", (1, 1), 255)
        self.width = 0
        self.place = (0, 0)
        self.sinks = 10
        self.magnification = 0
        self.box = (0, "L")
        self.type = 0

    def draw(self, commands: str) -> Image.Image:
        for name, rest in _COMMAND.findall(commands):
            if name not in _QUIET:
                getattr(self, f"do_{name.lower()}")(rest)
        return self.picture

    def do_pw(self, rest: str) -> None:
        self.width = int(rest)

    def do_ll(self, rest: str) -> None:
        self.picture = Image.new("L", (self.width, int(rest)), 255)

    def do_fo(self, rest: str) -> None:
        x, y = map(int, rest.split(","))
        assert 0 <= x < self.picture.width, "expected fields on the label"
        assert 0 <= y < self.picture.height, "expected fields on the label"
        self.place, self.magnification = (x, y), 0

    def do_fs(self, rest: str) -> None:
        assert not rest.strip()

    def do_by(self, rest: str) -> None:
        self.sinks = int(rest.split(",")[2])

    def do_bq(self, rest: str) -> None:
        orientation, model, magnification = rest.split(",")
        assert (orientation, model) == ("N", "2")
        assert 1 <= int(magnification) <= 10
        self.magnification = int(magnification)

    def do_fb(self, rest: str) -> None:
        width, lines, _, justified, _ = rest.split(",")
        assert lines == "1"
        self.box = (int(width), justified)

    def do_a0(self, rest: str) -> None:
        orientation, height, width = rest.split(",")
        assert orientation == "N"
        assert height == width
        assert int(height) >= 10
        self.type = int(height)

    def do_fd(self, rest: str) -> None:
        if self.magnification:
            self._symbol(rest)
        else:
            self._words(rest)

    def do_gf(self, rest: str) -> None:
        kind, sent, count, width, digits = rest.split(",", 4)
        assert kind == "A"
        assert sent == count
        assert int(count) <= 99_999
        rows = list(_rows(digits, 2 * int(width)))
        assert len(rows) * int(width) == int(count), "expected as many rows as were announced"
        self._ink(Image.frombytes("1", (8 * int(width), len(rows)), bytes.fromhex("".join(rows))))

    def _symbol(self, data: str) -> None:
        level, mode, text = data[0], data[1], data[3:]
        assert mode == "A"
        assert data[2] == ","
        code = qrcode.QRCode(error_correction=_CORRECTION[level], border=0)
        code.add_data(text, optimize=8)
        code.make()
        size = len(code.modules)
        modules = Image.new("1", (size, size))
        modules.putdata([255 if dark else 0 for row in code.modules for dark in row])
        side = size * self.magnification
        self.place = (self.place[0], self.place[1] + self.sinks)
        self._ink(modules.resize((side, side), Image.Resampling.NEAREST))

    def _words(self, text: str) -> None:
        font = ImageFont.load_default(self.type * 0.8)
        width, justified = self.box
        spare = width - font.getlength(text)
        assert spare >= 0, "expected words that fit their box"
        x = self.place[0] + {"L": 0, "C": spare / 2, "R": spare}[justified]
        ImageDraw.Draw(self.picture).text((x, self.place[1]), text, 0, font)

    def _ink(self, dots: Image.Image) -> None:
        """Dots of ink over what is there. Rows end at whole bytes, so paper may reach over the edge, but no ink."""
        edges = dots.getbbox()
        assert edges is not None
        right, bottom = self.place[0] + edges[2], self.place[1] + edges[3]
        assert right <= self.picture.width, "expected all ink on the label"
        assert bottom <= self.picture.height, "expected all ink on the label"
        self.picture.paste(0, self.place, dots)


def _rows(digits: str, width: int) -> Iterator[str]:
    """Rows of hexadecimal digits, their "Alternative Data Compression Scheme" undone."""
    row, last, times = "", "", 0
    for char in digits:
        if char == ":":
            assert (not row, bool(last)) == (True, True), "expected a row to repeat"
            row = last
        elif char in ",!":
            row = row.ljust(width, "0" if char == "," else "F")
        elif char in "0123456789ABCDEF":
            row += char * (times or 1)
            times = 0
        else:
            times += ord(char) - ord("F") if char.isupper() else 20 * (ord(char) - ord("f"))
        assert len(row) <= width, "expected rows of the announced width"
        if len(row) == width:
            yield row
            row, last = "", row
    assert not row
    assert not times
