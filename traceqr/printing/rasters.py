"""What a printer makes of a file, dot by dot: pages of PDF, and the pictures in what is sent to label printers.

The files are our own, made a moment ago; what is not understood in them is a fault of ours, and is said.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator

from PIL import Image

from traceqr.printing.format import PrintError
from traceqr.symbol.symbol import QUIET_ZONE

PAPER, INK = 255, 0

MAX_SIDE = 20_000
"""Dots: more than any label or sheet has at 600 dpi."""

_POINT_INCH = 72
_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]")
_ZPL_LABEL = re.compile(rb"\^XA(.*?)\^XZ", re.DOTALL)
_ZPL_SIZE = re.compile(rb"\^PW([0-9]+)\^LL([0-9]+)")
_ZPL_PICTURE = re.compile(rb"\^FO([0-9]+),([0-9]+)\^GFA,[0-9]+,([0-9]+),([0-9]+),([^^]*)\^FS")
_TSPL_SIZE = re.compile(rb"SIZE ([0-9.]+) mm,([0-9.]+) mm\r\n")
_TSPL_PICTURE = re.compile(rb"BITMAP ([0-9]+),([0-9]+),([0-9]+),([0-9]+),0,")
_TSPL_LINE = re.compile(rb"[A-Z]+[^\r]*\r\n")
_MM_INCH = 25.4
_SVG_SYMBOL = re.compile(rb'<path fill-rule="evenodd"[^>]* scale\(([0-9.]+)\)"[^>]* d="([^"]*)"')
_SVG_STEP = re.compile(rb"([Mhvz])(-?[0-9]+)? ?(-?[0-9]+)?")
_PNG = b"\x89PNG\r\n"


def pages_of_pdf(content: bytes, dpi: int) -> Iterator[Image.Image]:
    """The pages of a PDF file in grey."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        for page in document:
            yield page.render(scale=dpi / _POINT_INCH, grayscale=True).to_pil()
    finally:
        document.close()


def words_of_pdf(content: bytes) -> str:
    """The words of all pages of a PDF file in their order, without spaces and hyphens."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        return re.sub(r"[\s-]", "", "\n".join(page.get_textpage().get_text_range() for page in document))
    finally:
        document.close()


def labels_of_zpl(content: bytes, _dpi: int) -> Iterator[Image.Image]:
    """The labels of a ZPL file, with the pictures that stand on them: type that the printer sets is left out."""
    for match in _ZPL_LABEL.finditer(content):
        label = match[1]
        size = _ZPL_SIZE.search(label)
        if size is None:
            raise PrintError("expected a label of ZPL with its size, got one without")
        image = _paper(int(size[1]), int(size[2]))
        for field in _ZPL_PICTURE.finditer(label):
            x, y, total, row_bytes = (int(field[place]) for place in range(1, 5))
            _put(image, x, y, row_bytes, _unpacked(field[5], total, row_bytes))
        yield image


def _unpacked(data: bytes, total: int, row_bytes: int) -> bytes:
    """The bytes of a `^GFA` field: hexadecimal digits, repeated and filled by ZPL II's own compression."""
    width, rows, row, times = 2 * row_bytes, bytearray(), bytearray(), 0
    for at in range(len(data)):
        char = data[at : at + 1]
        if b"G" <= char <= b"Y":
            times += char[0] - ord("F")
        elif b"g" <= char <= b"z":
            times += 20 * (char[0] - ord("f"))
        elif char == b":":
            rows += rows[-width:]
        elif char in (b",", b"!"):
            row += (b"0" if char == b"," else b"F") * (width - len(row))
        elif _HEXADECIMAL.match(char):
            row += char * (times or 1)
            times = 0
        if len(row) == width:
            rows += row
            row = bytearray()
    if len(rows) != 2 * total or row:
        raise PrintError(f"expected a picture of {total} bytes in ZPL, got {len(rows) // 2}")
    return bytes.fromhex(rows.decode("ascii"))


def labels_of_tspl(content: bytes, dpi: int) -> Iterator[Image.Image]:
    """The same for TSPL, which says the size of labels in millimetres."""
    size = _TSPL_SIZE.match(content)
    if size is None:
        raise PrintError("expected TSPL that begins with the size of the labels, got other content")
    width, height = (round(float(side) / _MM_INCH * dpi) for side in size.groups())
    image, at = _paper(width, height), size.end()
    while at < len(content):
        picture = _TSPL_PICTURE.match(content, at)
        if picture:
            x, y, row_bytes, rows = map(int, picture.groups())
            end = picture.end() + row_bytes * rows
            _put(image, x, y, row_bytes, bytes(byte ^ 0xFF for byte in content[picture.end() : end]))
            at = end + len(b"\r\n")
            continue
        line = _TSPL_LINE.match(content, at)
        if line is None:
            raise PrintError(f"expected a command of TSPL at byte {at:,}, got other content")
        at = line.end()
        if line[0] == b"PRINT 1,1\r\n":
            yield image
            image = _paper(width, height)


def pictures(content: bytes, _dpi: int) -> Iterator[Image.Image]:
    """A PNG picture, or those in a zip file, each with its quiet zone."""
    if content.startswith(_PNG):
        yield _opened(content)
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith(".png"):
                yield _opened(archive.read(name))


def _opened(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
        return image.convert("L")


def symbols_of_svg(content: bytes, dpi: int) -> Iterator[Image.Image]:
    """The symbols of an SVG drawing, or of those in a zip file, each alone on paper: a path of whole modules, filled by
    the even-odd rule, in the nearest whole number of dots a module.
    """
    if not content.startswith(b"<svg"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from symbols_of_svg(archive.read(name), dpi)
        return
    for match in _SVG_SYMBOL.finditer(content):
        dots = max(1, round(float(match[1]) / _MM_INCH * dpi))
        yield _filled(list(_uprights(match[2])), dots)


def _uprights(path: bytes) -> Iterator[tuple[int, int, int]]:
    """The vertical edges of a path of `M`, `h`, `v` and `z`: where each stands, and between which rows."""
    x = y = from_x = from_y = 0
    for command, first, second in _SVG_STEP.findall(path):
        if command == b"M":
            x, y = from_x, from_y = int(first), int(second)
        elif command == b"h":
            x += int(first)
        else:
            end = from_y if command == b"z" else y + int(first)
            yield x, min(y, end), max(y, end)
            x, y = (from_x if command == b"z" else x), end


def _filled(uprights: list[tuple[int, int, int]], dots: int) -> Image.Image:
    """Inside is what an odd number of edges stands left of (SVG 2, section 13.4.2)."""
    side = max(bottom for _, _, bottom in uprights)
    rows = [[0] * (side + 1) for _ in range(side)]
    for x, top, bottom in uprights:
        for y in range(top, bottom):
            rows[y][x] ^= 1
    image = Image.new("L", (side + 2 * QUIET_ZONE, side + 2 * QUIET_ZONE), PAPER)
    for y, row in enumerate(rows):
        inside = 0
        for x, edge in enumerate(row):
            inside ^= edge
            if inside:
                image.putpixel((x + QUIET_ZONE, y + QUIET_ZONE), INK)
    return image.resize((image.width * dots, image.height * dots), Image.Resampling.NEAREST)


def _paper(width: int, height: int) -> Image.Image:
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise PrintError(f"expected a label of at most {MAX_SIDE} dots a side, got {width} x {height}")
    return Image.new("L", (width, height), PAPER)


def _put(image: Image.Image, x: int, y: int, row_bytes: int, bits: bytes) -> None:
    """Ink where a bit is set; a picture covers nothing else."""
    mask = Image.frombytes("1", (8 * row_bytes, len(bits) // row_bytes), bits)
    image.paste(INK, (x, y), mask)


RASTERS: dict[str, Callable[[bytes, int], Iterator[Image.Image]]] = {
    "pdf": pages_of_pdf,
    "zpl": labels_of_zpl,
    "tspl": labels_of_tspl,
    "png": pictures,
    "svg": symbols_of_svg,
    "svg-zip": symbols_of_svg,
}
"""By format: the pictures of a file at a resolution in dpi."""
