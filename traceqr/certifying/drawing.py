"""The certificate of a pledge (倡议公告证明) as a PDF of one page: ink on paper, in Chinese and English.

The same content gives the same bytes: nothing of the instant or the machine that draws it goes in. Its fonts are parts
of the typeface of labels, embedded; no font of the system is asked for.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from traceqr.certifying.content import Content
from traceqr.certifying.lettering import BOLD as _BOLD
from traceqr.certifying.lettering import REGULAR as _REGULAR
from traceqr.certifying.lettering import draw_symbol, register

WIDTH, HEIGHT = A4
MIDDLE = WIDTH / 2
MM = 72 / 25.4

Colour = tuple[float, float, float]

_INK, _SOFT, _LINE, _SEAL = (0.114, 0.102, 0.086), (0.365, 0.337, 0.294), (0.78, 0.74, 0.66), (0.71, 0.188, 0.11)
_INNER = 134 * MM
"""The widest line."""

_TOP, _BOTTOM = 199 * MM, 50 * MM
"""Between which all is that is not heading and foot."""

_LABELS, _VALUES = 52 * MM, 56 * MM
"""Where the column of facts has its labels end and its values begin."""


def draw(content: Content) -> bytes:
    """The PDF. Raises `PrintError` where the font files are missing."""
    register()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1, lang="zh-CN")
    canvas.setTitle(f"{content.title_zh} {content.number}")
    canvas.setAuthor(content.organisers_zh[0])
    canvas.setSubject(f"{content.campaign_zh} {content.name_zh}")
    canvas.setCreator("TraceQR")
    _frame(canvas)
    _heading(canvas, content)
    _fitted(canvas, content)
    _foot(canvas, content)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _frame(canvas: Canvas) -> None:
    """Two rules, the outer heavy, and corners cut as on a printer's ornament."""
    for inset, line, colour in ((12, 1.6, _INK), (14.2, 0.5, _LINE)):
        canvas.setStrokeColorRGB(*colour)
        canvas.setLineWidth(line)
        canvas.rect(inset * MM, inset * MM, WIDTH - 2 * inset * MM, HEIGHT - 2 * inset * MM)
    canvas.setFillColorRGB(*_SEAL)
    for x in (12 * MM, WIDTH - 12 * MM):
        for y in (12 * MM, HEIGHT - 12 * MM):
            canvas.rect(x - 2 * MM, y - 2 * MM, 4 * MM, 4 * MM, stroke=0, fill=1)


def _heading(canvas: Canvas, content: Content) -> None:
    _emblem(canvas, MIDDLE, 258 * MM, 11 * MM)
    _centred(canvas, 231 * MM, content.title_zh, 30, _BOLD, spacing=6)
    _centred(canvas, 222.5 * MM, content.title_en, 12.5, colour=_SOFT)
    _centred(canvas, 213 * MM, f"{content.number_label} {content.number}", 10.5)


def _emblem(canvas: Canvas, x: float, y: float, radius: float) -> None:
    """The house's own seal: a square of ink with the corners of a symbol cut into it, and a tick."""
    side = radius * 2
    left, bottom, unit = x - radius, y - radius, side / 22
    canvas.setFillColorRGB(*_SEAL)
    canvas.roundRect(left, bottom, side, side, 4 * unit, stroke=0, fill=1)
    canvas.setStrokeColorRGB(1, 1, 1)
    canvas.setLineWidth(1.6 * unit)
    for column, row in ((4, 12), (12, 12), (4, 4)):
        canvas.rect(left + column * unit, bottom + row * unit, 6 * unit, 6 * unit)
    canvas.setLineWidth(2 * unit)
    tick = canvas.beginPath()
    tick.moveTo(left + 12.5 * unit, bottom + 6.5 * unit)
    tick.lineTo(left + 14.7 * unit, bottom + 4.3 * unit)
    tick.lineTo(left + 18.5 * unit, bottom + 8.9 * unit)
    canvas.drawPath(tick, stroke=1, fill=0)


def _named(canvas: Canvas, content: Content) -> float:
    """Who, under which campaign and theme; gives where the next part begins."""
    y = _block(canvas, _TOP, content.name_zh, 21, _BOLD, most=3)
    if content.name_en:
        y = _block(canvas, y - 1 * MM, content.name_en, 11.5, most=3, colour=_SOFT)
    y = _block(canvas, y - 5 * MM, content.campaign_zh, 13, _BOLD)
    y = _block(canvas, y, content.campaign_en, 10, colour=_SOFT)
    y = _block(canvas, y - 2 * MM, content.theme_zh, 12)
    return _block(canvas, y, content.theme_en, 9.5, colour=_SOFT)


def _pledged(canvas: Canvas, content: Content, y: float) -> float:
    y = _block(canvas, y - 5 * MM, content.statement_zh, 11.5, most=3)
    y = _block(canvas, y - 0.5 * MM, content.statement_en, 9, most=3, colour=_SOFT)
    return y - 5 * MM


def _body(canvas: Canvas, content: Content) -> float:
    return _facts(canvas, content, _pledged(canvas, content, _named(canvas, content)))


def _fitted(canvas: Canvas, content: Content) -> None:
    """All between heading and foot, drawn smaller where it would reach into the foot."""
    end = _body(Canvas(io.BytesIO(), pagesize=A4, invariant=1), content)
    scale = min(1.0, (_TOP - _BOTTOM) / (_TOP - end))
    canvas.saveState()
    canvas.translate(MIDDLE * (1 - scale), _TOP * (1 - scale))
    canvas.scale(scale, scale)
    _body(canvas, content)
    canvas.restoreState()


def _facts(canvas: Canvas, content: Content, y: float) -> float:
    for (zh, en), value in content.facts:
        lines = _wrapped(value, 9.5, _REGULAR, WIDTH - _VALUES - 26 * MM, 3)
        _text(canvas, _LABELS - stringWidth(zh, _REGULAR, 9.5), y, zh, 9.5, colour=_SOFT)
        _text(canvas, _LABELS - stringWidth(en, _REGULAR, 6.5), y - 3.2 * MM, en, 6.5, colour=_SOFT)
        for place, line in enumerate(lines):
            _text(canvas, _VALUES, y - place * 4.6 * MM, line, 9.5)
        y -= max(8.2, 4.6 * len(lines) + 2.6) * MM
    return y


def _foot(canvas: Canvas, content: Content) -> None:
    side = 25 * MM
    draw_symbol(canvas, content.address, WIDTH - 24 * MM - side, 21 * MM, side)
    for place, line in enumerate((content.check_zh, content.check_en, content.address)):
        size = (9.5, 7.5, 7.5)[place]
        lines = _wrapped(line, size, _REGULAR, WIDTH - 24 * MM - side - 34 * MM, 2)
        for row, part in enumerate(lines):
            _text(canvas, 24 * MM, (40 - place * 6 - row * 3.4) * MM, part, size, colour=_INK if place != 1 else _SOFT)


def _block(
    canvas: Canvas, y: float, text: str, size: float, font: str = _REGULAR, *, most: int = 2, colour: Colour = _INK
) -> float:
    """Centred lines from `y` down, smaller where they are too many; gives the place beneath them."""
    if not text:
        return y
    lines = _wrapped(text, size, font, _INNER, most)
    while len(lines) > most or max(stringWidth(line, font, size) for line in lines) > _INNER:
        size *= 0.92
        lines = _wrapped(text, size, font, _INNER, most)
    for line in lines:
        _centred(canvas, y, line, size, font, colour=colour)
        y -= size * 1.42
    return y


def _wrapped(text: str, size: float, font: str, width: float, most: int) -> list[str]:
    """The lines of a text: broken at spaces between Latin words, anywhere between Chinese characters."""
    lines, line = [], ""
    for part in _parts(text):
        if line and stringWidth((line + part).rstrip(), font, size) > width:
            lines.append(line.strip())
            line = part.lstrip()
        else:
            line += part
    lines.append(line.strip())
    return lines if len(lines) <= most or size > 5 else lines[:most]


def _parts(text: str) -> Sequence[str]:
    parts: list[str] = []
    for char in text:
        latin = char.isascii() and not char.isspace()
        if latin and parts and parts[-1][-1].isascii() and not parts[-1][-1].isspace() and len(parts[-1]) < 24:
            parts[-1] += char
        else:
            parts.append(char)
    return parts


def _centred(
    canvas: Canvas, y: float, text: str, size: float, font: str = _REGULAR, *, colour: Colour = _INK, spacing: float = 0
) -> None:
    width = stringWidth(text, font, size) + spacing * (len(text) - 1)
    _text(canvas, MIDDLE - width / 2, y, text, size, font, colour=colour, spacing=spacing)


def _text(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    size: float,
    font: str = _REGULAR,
    *,
    colour: Colour = _INK,
    spacing: float = 0,
) -> None:
    canvas.setFillColorRGB(*colour)
    canvas.setFont(font, size)
    canvas.drawString(x, y, text, charSpace=spacing)
