"""Looking at designs before anything is printed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from support.program import Program
from support.world import World

from traceqr.printing.design import BUILT_IN


def test_the_list(program: Program) -> None:
    lines = program.good("design", "list").splitlines()[1:]
    assert [line.split()[0] for line in lines] == list(BUILT_IN)
    assert "40 x 55 mm" in lines[0]


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_preview_shows_a_symbol_on_the_official_host(program: Program, shop: World, name: str) -> None:
    before = shop.dump()
    assert program.run("design", "preview", name, "-o", program.root / "it.png").exit_code == 0
    picture = Image.open(io.BytesIO((program.root / "it.png").read_bytes()))
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.text.startswith("HTTPS://QR.EXAMPLE.ORG/01/")
    said = program.run("verify", found.text)
    assert said.exit_code == 1, "it is no label"
    assert "FORGED" in said.output
    assert shop.dump() == before


def test_what_cannot_be_drawn(program: Program, shop: World) -> None:
    target = Path(program.root / "it.png")
    for wrong, said in (
        (("nosuch.toml",), "nosuch.toml"),
        (("classic", "--width", "5"), "expected a label of 10 to 400 mm width, got 5"),
        (("classic", "--dpi", "72"), "expected a preview of 300 to 1200 dpi, got 72"),
    ):
        assert said in program.refused("design", "preview", *wrong, "-o", target)
        assert not target.exists()
