"""Product pictures for the demonstration, drawn from a few shapes: nothing is fetched, nothing is somebody's photo."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

from traceqr.picture import Picture

EDGE = 480
_SCALE = 2  # drawn twice as large and shrunk, for smooth edges
_PAPER = "#f6f1e7"

Box = tuple[float, float, float, float]


class Canvas:
    """Draws in units of a hundredth of the edge, so that the motifs read as proportions."""

    def __init__(self) -> None:
        self._image = Image.new("RGB", (EDGE * _SCALE, EDGE * _SCALE), _PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, box: Box, colour: str, radius: float = 0) -> None:
        """A rectangle with round corners."""
        self._draw.rounded_rectangle(self._scaled(box), radius=radius * EDGE * _SCALE / 100, fill=colour)

    def oval(self, box: Box, colour: str) -> None:
        """An ellipse."""
        self._draw.ellipse(self._scaled(box), fill=colour)

    def polygon(self, points: list[tuple[float, float]], colour: str) -> None:
        """A filled polygon."""
        unit = EDGE * _SCALE / 100
        self._draw.polygon([(x * unit, y * unit) for x, y in points], fill=colour)

    def ring(self, box: Box, colour: str, width: float) -> None:
        """The outline of an ellipse."""
        self._draw.ellipse(self._scaled(box), outline=colour, width=round(width * EDGE * _SCALE / 100))

    def png(self) -> bytes:
        """The picture at its final size."""
        output = io.BytesIO()
        self._image.resize((EDGE, EDGE), Image.Resampling.LANCZOS).save(output, "PNG")
        return output.getvalue()

    def _scaled(self, box: Box) -> Box:
        unit = EDGE * _SCALE / 100
        return (box[0] * unit, box[1] * unit, box[2] * unit, box[3] * unit)


def draw(motif: str, colours: tuple[str, str]) -> Picture:
    """The picture of a motif in a dark and a light colour."""
    canvas = Canvas()
    canvas.oval((18, 82, 82, 92), "#e4dccb")  # the shadow that it stands on
    _MOTIFS[motif](canvas, *colours)
    return Picture.parse(canvas.png())


def _tin(canvas: Canvas, dark: str, light: str) -> None:
    canvas.box((30, 24, 70, 88), dark, 4)
    canvas.box((28, 16, 72, 30), light, 4)
    canvas.box((30, 44, 70, 72), light)
    canvas.oval((42, 50, 58, 66), dark)


def _cake(canvas: Canvas, dark: str, light: str) -> None:
    canvas.oval((18, 20, 82, 84), light)
    canvas.oval((26, 28, 74, 76), dark)
    canvas.ring((34, 36, 66, 68), light, 1.2)
    canvas.oval((47, 49, 53, 55), light)


def _pouch(canvas: Canvas, dark: str, light: str) -> None:
    canvas.polygon([(30, 18), (70, 18), (76, 88), (24, 88)], dark)
    canvas.box((29, 14, 71, 22), light, 1)
    canvas.oval((37, 42, 63, 68), light)
    canvas.polygon([(44, 60), (50, 46), (56, 60)], dark)


def _jar(canvas: Canvas, dark: str, light: str) -> None:
    canvas.box((30, 28, 70, 88), light, 10)
    canvas.box((33, 42, 67, 85), dark, 8)
    canvas.box((33, 16, 67, 29), "#6d5237", 3)
    canvas.box((36, 54, 64, 72), _PAPER, 2)


def _cooker(canvas: Canvas, dark: str, light: str) -> None:
    canvas.box((18, 36, 82, 86), light, 16)
    canvas.box((18, 28, 82, 46), dark, 10)
    canvas.box((42, 20, 58, 30), dark, 4)
    canvas.oval((42, 56, 58, 72), dark)
    canvas.oval((46, 60, 54, 68), light)


def _kettle(canvas: Canvas, dark: str, light: str) -> None:
    canvas.ring((56, 30, 86, 72), dark, 5)
    canvas.polygon([(31, 36), (12, 30), (29, 58)], light)
    canvas.polygon([(30, 26), (66, 26), (72, 82), (24, 82)], light)
    canvas.box((22, 80, 74, 88), dark, 3)
    canvas.box((34, 18, 62, 28), dark, 4)


def _lamp(canvas: Canvas, dark: str, light: str) -> None:
    canvas.polygon([(34, 44), (66, 44), (92, 84), (8, 84)], "#fbf3d2")
    canvas.polygon([(38, 18), (62, 18), (74, 46), (26, 46)], light)
    canvas.box((48, 46, 52, 84), dark)
    canvas.box((34, 83, 66, 89), dark, 3)


def _towels(canvas: Canvas, dark: str, light: str) -> None:
    for top, body, band in ((58, dark, light), (34, light, dark)):
        canvas.box((18, top, 82, top + 28), body, 9)
        canvas.box((64, top, 70, top + 28), band)


def _quilt(canvas: Canvas, dark: str, light: str) -> None:
    canvas.box((14, 24, 86, 86), dark, 8)
    for row in range(3):
        for column in range(3):
            left, top = 18 + column * 22, 28 + row * 19
            canvas.box((left, top, left + 20, top + 17), light, 5)


def _pillow(canvas: Canvas, dark: str, light: str) -> None:
    canvas.box((12, 34, 88, 82), dark, 18)
    canvas.box((16, 32, 84, 76), light, 16)
    canvas.oval((36, 44, 64, 62), dark)
    canvas.oval((38, 45, 62, 60), light)


def _carton(canvas: Canvas, dark: str, light: str) -> None:
    canvas.polygon([(32, 32), (50, 14), (68, 32)], light)
    canvas.box((32, 32, 68, 88), light)
    canvas.polygon([(32, 60), (50, 48), (68, 62), (68, 88), (32, 88)], dark)
    canvas.box((46, 10, 54, 18), dark, 1)


def _cup(canvas: Canvas, dark: str, light: str) -> None:
    canvas.polygon([(26, 32), (74, 32), (66, 88), (34, 88)], dark)
    canvas.polygon([(28, 46), (72, 46), (69, 70), (31, 70)], light)
    canvas.box((23, 24, 77, 34), light, 4)


_MOTIFS: dict[str, Callable[[Canvas, str, str], None]] = {
    "tin": _tin,
    "cake": _cake,
    "pouch": _pouch,
    "jar": _jar,
    "cooker": _cooker,
    "kettle": _kettle,
    "lamp": _lamp,
    "towels": _towels,
    "quilt": _quilt,
    "pillow": _pillow,
    "carton": _carton,
    "cup": _cup,
}
