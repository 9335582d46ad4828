"""Signatures that were drawn on a screen, as pictures of lines for a page."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

_EDGE = 20

Stroke = Sequence[Sequence[float]]


def drawn(strokes: Sequence[Stroke], name: str) -> Markup:
    """An SVG of strokes, cut to what they cover; `name` says whose they are."""
    points = [point for stroke in strokes for point in stroke]
    left, top = min(x for x, _ in points) - _EDGE, min(y for _, y in points) - _EDGE
    width, height = max(x for x, _ in points) + _EDGE - left, max(y for _, y in points) + _EDGE - top
    paths = "".join(f'<polyline points="{_spelled(stroke)}"/>' for stroke in strokes)
    return Markup(
        '<svg class="strokes" role="img" aria-label="{}" viewBox="{} {} {} {}" fill="none" stroke="currentColor"'
        ' stroke-width="6" stroke-linecap="round" stroke-linejoin="round">{}</svg>'
    ).format(name, round(left), round(top), round(width), round(height), Markup(paths))  # noqa: S704  numbers alone


def _spelled(stroke: Stroke) -> str:
    """The points of a stroke; of a dot twice the same, so that there is a line to draw."""
    placed = list(stroke) if len(stroke) > 1 else [*stroke, *stroke]
    return " ".join(f"{float(x):.1f},{float(y):.1f}" for x, y in placed)
