"""What the documents that we draw have in common: their typeface, and the symbol that leads to their page."""

from __future__ import annotations

import functools
import io

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from traceqr.printing import fonts
from traceqr.printing.design import Weight
from traceqr.symbol.encode import encode_text

REGULAR, BOLD = "certificate-regular", "certificate-bold"


@functools.cache
def register() -> None:
    """Make the typeface known, once in a process. Raises `PrintError` where the font files are missing."""
    paths = {path.name: path for path in fonts.files()}
    for name, weight in ((REGULAR, Weight.REGULAR), (BOLD, Weight.BOLD)):
        fonts.face(weight)  # which says how to get the files where there are none
        with paths[fonts.FILES[weight]].open("rb") as file:
            pdfmetrics.registerFont(TTFont(name, io.BytesIO(file.read())))


def draw_symbol(canvas: Canvas, text: str, x: float, y: float, side: float) -> None:
    """A QR symbol of vectors, with its quiet zone inside `side`."""
    rows = encode_text(text).framed
    dot = side / len(rows)
    canvas.setFillColorRGB(0, 0, 0)
    path = canvas.beginPath()
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                path.rect(x + across * dot, y + side - (down + 1) * dot, dot, dot)
    canvas.drawPath(path, stroke=0, fill=1)
