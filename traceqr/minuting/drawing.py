"""The record of an inspection as a PDF: pages of A4 in the usual order, with the signatures as they were drawn.

The same content gives the same bytes. Its symbol leads to the page of the inspection, for those who may see it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, KeepTogether, Spacer

from traceqr.certifying.lettering import BOLD, draw_symbol
from traceqr.certifying.sheet import (
    BODY,
    CENTRED,
    INK,
    INNER,
    MM,
    SIDE,
    SMALL,
    TITLE,
    WIDTH,
    build,
    foot_lines,
    grid,
    heading,
    label,
    section,
    style,
    words,
)
from traceqr.minuting.content import MAX_PICTURE_BYTES, Content, Picture, Signed

_SIGNATURE = (80 * MM, 26 * MM)


def draw(content: Content) -> bytes:
    """The PDF. Raises `PrintError` where the font files are missing."""
    return build(
        _story(content),
        lambda canvas, page, _pages: _foot(canvas, content, page),
        title=f"{content.title[0]} {content.number}",
        author=content.organisation_zh,
        lang="zh-CN",
    )


def _story(content: Content) -> Iterator[Flowable]:
    yield words(content.title[0], TITLE)
    yield words(content.title[1], CENTRED)
    yield words(f"{content.organisation_zh} {content.organisation_en}", CENTRED)
    if content.withdrawn:
        yield words("本笔录已撤回 Withdrawn", style("withdrawn", 13, BOLD, alignment=1))
    yield Spacer(1, 4 * MM)
    yield grid([[label(name), words(value, BODY)] for name, value in content.facts], (28, 72))
    for each in content.sections:
        yield from section(each)
    yield KeepTogether([heading(("签名", "Signatures")), *_signatures(content)])
    yield from _pictures(content.pictures)


class _Drawn(Flowable):  # type: ignore[misc]
    """A signature: its strokes, in a field that it is scaled into."""

    def __init__(self, signed: Signed) -> None:
        super().__init__()
        self.width, self.height = _SIGNATURE
        self._strokes = signed.strokes

    def draw(self) -> None:
        """See `Flowable.draw`: the origin is the field's lower left corner, that of the strokes the upper left."""
        canvas, points = self.canv, [point for stroke in self._strokes for point in stroke]
        left, top = min(x for x, _ in points), min(y for _, y in points)
        across = max(1.0, max(x for x, _ in points) - left)
        down = max(1.0, max(y for _, y in points) - top)
        scale = min((self.width - 8) / across, (self.height - 8) / down, self.width / 1000)
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(1.1)
        canvas.setLineCap(1)
        canvas.setLineJoin(1)
        for stroke in self._strokes:
            path = canvas.beginPath()
            placed = [(4 + (x - left) * scale, self.height - 4 - (y - top) * scale) for x, y in stroke]
            path.moveTo(*placed[0])
            for point in placed[1:] or placed:
                path.lineTo(*point)
            canvas.drawPath(path, stroke=1, fill=0)


def _signatures(content: Content) -> Iterator[Flowable]:
    rows = [
        [label(signed.role), words(f"{signed.name}\n{signed.at}", SMALL), _Drawn(signed)]
        for signed in content.signatures
    ]
    yield grid(rows, (18, 32, 50))


def _pictures(pictures: tuple[Picture, ...]) -> Iterator[Flowable]:
    """Photos as they are, one under the other, as long as all together are not too large."""
    left = MAX_PICTURE_BYTES
    for picture in pictures:
        if picture.content is None or len(picture.content) > left:
            continue
        left -= len(picture.content)
        width, height = ImageReader(io.BytesIO(picture.content)).getSize()
        scale = min(INNER / width, 110 * MM / height)
        shown = Image(io.BytesIO(picture.content), width * scale, height * scale)
        yield KeepTogether([Spacer(1, 4 * MM), shown, words(picture.caption, SMALL)])


def _foot(canvas: Canvas, content: Content, page: int) -> None:
    side = 20 * MM
    draw_symbol(canvas, content.address, WIDTH - SIDE - side, 7 * MM, side)
    lines = (
        f"笔录编号 {content.number}    第 {page} 页 Page {page}",
        f"SHA-256 {content.digest}",
        f"公开账簿 Ledger entry {content.position}    {content.address}",
        "以系统中签名的电子笔录为准。Only the signed entries in the system count.",
    )
    foot_lines(canvas, lines)
