"""Words in whole dots: none is cut off at the edge of its box."""

from __future__ import annotations

import pytest
from PIL import Image, ImageOps

from tests.unit.printing.rolls import SERIES, job_of
from tests.unit.symbol.specimens import host_of
from traceqr.label.host import Origin
from traceqr.label.series import Series
from traceqr.printing import lettering
from traceqr.printing.design import Align, Box, Item, Kind, Weight
from traceqr.printing.format import Imprint, PrintError
from traceqr.printing.plate import to_dots
from traceqr.printing.typesetting import ELLIPSIS, typeset

ASIDE = 60
"""Dots of paper beyond the box, where nothing may come."""


def beyond(item: Item, length: int, dpi: int, name: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How far ink reaches over the left and the right edge of a box, in dots; empty where the words are refused."""
    series = Series(Origin.parse(f"https://{host_of(length)}"), SERIES.gtin, SERIES.batch, 1, 7)
    size = to_dots(item.box.width, dpi), to_dots(item.box.height, dpi)
    monkeypatch.setattr(lettering, "_paper", lambda given: Image.new("L", (given[0] + ASIDE, given[1]), 255))
    try:
        picture = lettering.drawn(item, job_of(imprint=Imprint(name), series=series), dpi, size)
    except PrintError:
        return []
    assert picture is not None
    edges = ImageOps.invert(picture).getbbox()
    assert edges is not None
    return [-edges[0], edges[2] - size[0]]


@pytest.mark.parametrize("align", Align)
@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("weight", Weight)
def test_a_host_is_whole(weight: Weight, dpi: int, align: Align, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = 0
    for length in range(8, 60, 3):
        item = Item(Kind.HOST, Box(1, 1, 28, 9), 2.6, 3, weight, align)
        reach = beyond(item, length, dpi, "x", monkeypatch)
        drawn += bool(reach)
        assert max(reach, default=0) <= 0, (length, reach)
    assert drawn > 10


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("name", ["特级初榨橄榄油礼盒装 500 ml", "WWWWWWWWWWWWWWWW", "明前滇红 特级 Yunnan Black Tea"])
def test_a_name_is_whole(name: str, dpi: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in range(14, 40, 2):
        item = Item(Kind.PRODUCT_NAME, Box(0, 0, width, 9), 3.2, 2)
        assert max(beyond(item, 14, dpi, name, monkeypatch), default=0) <= 0, width


def test_a_name_that_is_shortened_keeps_its_spaces() -> None:
    text = "Family Pack Extra Large Natural Mineral Water from the Mountains"
    item = Item(Kind.PRODUCT_NAME, Box(0, 0, 20, 5), 2.4, 2)
    words = " ".join(line.text for line in typeset(item, text, lettering.face(item.weight)))
    assert words.endswith(ELLIPSIS)
    assert text.startswith(words.removesuffix(ELLIPSIS).rstrip())
