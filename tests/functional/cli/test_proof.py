"""`traceqr batch proof`: labels as they are printed are read back, in every format; and what is wrong is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image
from support.program import Program
from support.world import World, gtin

from traceqr import hiding, issuing, proving
from traceqr.exporting import Plan
from traceqr.label.host import Origin
from traceqr.printing import pdfpages, rasters
from traceqr.printing.design import Kind
from traceqr.printing.format import Format, Job, PrintError
from traceqr.printing.formats import make
from traceqr.printing.pdflabel import Hole
from traceqr.proving import Proof, ProofError, windows


@pytest.fixture
def batch(program: Program, shop: World) -> int:
    hiding.new_root(shop.desk, shop.folder)
    return issuing.issue(shop.desk, shop.order(200)).number


@pytest.mark.parametrize(
    ("right", "down", "is_same"), [(0, 0, True), (12, -9, True), (60, 0, False), (0, 110, False), (-60, 2, False)]
)
def test_a_code_that_is_read_again_at_its_place_is_one(right: int, down: int, is_same: bool) -> None:
    before = ((100, 100), (200, 102), (201, 200), (99, 201))
    assert proving.is_same_place(tuple((x + right, y + down) for x, y in before), before) is is_same


DRAWN = [
    ("pdf",),
    ("pdf", "--dpi", "203", "--sheet", "Letter"),
    ("pdf", "--dpi", "600", "--sheet", "roll", "--level", "Q"),
    ("pdf", "--design", "strip", "--sheet", "roll"),
    ("svg",),
    ("svg", "--dpi", "203", "--design", "strip"),
    ("svg-zip", "--level", "Q"),
    ("png",),
    ("png", "--dots", "3", "--level", "Q"),
    ("png", "--sheet", "contact"),
    ("zpl", "--graphic", "--dpi", "203"),
    ("zpl", "--graphic", "--dpi", "600", "--level", "L"),
    ("tspl", "--graphic", "--dpi", "300"),
]
SENT = [("csv",), ("txt", "--no-header"), ("zpl", "--native"), ("tspl",)]


@pytest.mark.parametrize("form", [*DRAWN, *SENT], ids=" ".join)
def test_every_format(program: Program, shop: World, batch: int, form: tuple[str, ...]) -> None:
    before = shop.dump("ledger", "trail", "meta")
    result = program.run("batch", "proof", batch, "--sample", 5, "--format", *form, "--json")
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    found = json.loads(result.stdout)
    assert (found["holds"], found["strange"], found["drawn"]) == (True, 0, form in DRAWN)
    assert len(found["labels"]) >= 5
    assert {label["fault"] for label in found["labels"]} == {None}
    assert {0, 199} <= {label["index"] for label in found["labels"]}, "from the first to the last"
    entry = json.loads(shop.rows("SELECT entry FROM ledger WHERE act = 'labels.proof'")[0]["entry"])
    assert entry["payload"]["labels"] == [label["index"] for label in found["labels"]]
    assert shop.dump("ledger", "trail", "meta") == before, "no export, and no scan"


def test_the_design_that_prints_both_codes(program: Program, shop: World, batch: int) -> None:
    options = ("--design", "scratch", "--with-hidden", "--sample", 3, "--json")
    assert json.loads(program.good("batch", "proof", batch, *options))["holds"]
    entry = json.loads(shop.rows("SELECT entry FROM ledger WHERE act = 'labels.proof'")[0]["entry"])
    assert entry["payload"]["content"] == "both"


@pytest.mark.parametrize(("kind", "what"), [(Kind.SERIAL, "serial"), (Kind.HIDDEN_CODE, "hidden code")])
def test_words_that_are_wrong_are_found(
    program: Program, batch: int, monkeypatch: pytest.MonkeyPatch, kind: Kind, what: str
) -> None:
    """The symbol may be right, and a digit beside it wrong."""
    original = pdfpages.Pages._write

    def wrong(pages: Any, cells: Any, hole: Hole, digits: Any) -> None:
        original(pages, cells, hole, (digits + 1) % 10 if hole.kind is kind else digits)

    monkeypatch.setattr(pdfpages.Pages, "_write", wrong)
    result = program.run("batch", "proof", batch, "--design", "scratch", "--with-hidden", "--sample", 1)
    assert result.exit_code == 1
    assert f"its {what} in words is another" in result.stdout
    assert "codes were read that are none of these labels" not in result.stdout


def test_words_beside_another_symbol_are_found(program: Program, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    original = pdfpages.Pages._write

    def turned(pages: Any, cells: Any, hole: Hole, digits: Any) -> None:
        original(pages, cells, hole, digits[:, ::-1])

    monkeypatch.setattr(pdfpages.Pages, "_write", turned)
    result = program.run("batch", "proof", batch, "--sample", 1)
    assert (result.exit_code, "its serial in words is another" in result.stdout) == (1, True)


def test_the_report(program: Program, batch: int) -> None:
    lines = program.good("batch", "proof", batch, "--sample", 2, "--format", "zpl", "--graphic").splitlines()
    assert lines[0].split() == ["label", "serial", "finding"]
    assert lines[1] == "0      0000000100000000  read, and its seal holds"
    assert lines[-1] == "batch 1, zpl: 2 of 2 read from pictures at 300 dpi"
    assert program.good("batch", "proof", batch, "--sample", 2, "--format", "csv").splitlines()[-1] == (
        "others draw these symbols: print one, and scan it: traceqr verify --image photo.jpg"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((9,), "expected the number of a batch, 9 is none"),
        ((1, "--first", "200"), "expected labels within 0 to 199"),
        ((1, "--format", "csv", "--dpi", "300"), "expected options that csv takes"),
    ],
)
def test_refused(program: Program, shop: World, batch: int, arguments: tuple[object, ...], message: str) -> None:
    assert message in program.refused("batch", "proof", *arguments)
    assert "labels.proof" not in shop.acts()


def test_a_label_that_cannot_be_read_ends_with_1(program: Program, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def blank(_content: bytes, _dpi: int) -> list[Image.Image]:
        return [Image.new("L", (500, 500), 255)]

    monkeypatch.setitem(rasters.RASTERS, "pdf", blank)
    result = program.run("batch", "proof", batch, "--sample", 1)
    assert result.exit_code == 1
    assert "it was not read" in result.stdout
    assert "batch 1, pdf: 0 of 20 read from pictures at 300 dpi" in result.stdout


class TestWhatIsFound:
    """Files that are wrong in one way each, made by our own formats from what is wrong."""

    @pytest.fixture
    def plan(self, shop: World, batch: int) -> Plan:
        return shop.plan()

    def proof(self, plan: Plan, shop: World, other: Callable[[Job], Job], private: Any = None) -> Proof:
        def part(first: int, last: int) -> tuple[Job, Format]:
            job = other(Job(plan.series, first, last, plan.imprint))
            return job, make("zpl", job, {"drawing": "graphic"})

        key = private or shop.folder.private(plan.key)
        return proving.prove(plan, key, "zpl", 300, True, [(7, 7)], part)

    def fault(self, *args: Any) -> str | None:
        (label,) = self.proof(*args).labels
        return label.fault

    def test_nothing(self, plan: Plan, shop: World) -> None:
        found = self.proof(plan, shop, lambda job: job)
        assert (found.holds, found.labels[0].serial) == (True, "0000000100000007")

    def test_another_key(self, plan: Plan, shop: World) -> None:
        assert self.fault(plan, shop, lambda job: job, Ed25519PrivateKey.generate()) == "its seal does not hold"

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ({"key": 2}, "its seal names another key or pledge"),
            ({"pledge": 0}, "its seal names another key or pledge"),
            ({"gtin": gtin(7)}, "its product or its host is another"),
            ({"origin": Origin.parse("HTTPS://QR.EXAMPLE.COM")}, "its product or its host is another"),
            ({"batch": 2}, "it was not read"),
        ],
    )
    def test_another_label(self, plan: Plan, shop: World, change: dict[str, Any], fault: str) -> None:
        found = self.proof(plan, shop, lambda job: replace(job, series=replace(job.series, **change)))
        assert (found.holds, found.labels[0].fault, found.strange) == (False, fault, 1)


@pytest.mark.parametrize(
    ("first", "last", "unit", "sample", "expected"),
    [
        (0, 99, 1, 1, [(0, 0)]),
        (0, 99, 1, 3, [(0, 0), (49, 49), (99, 99)]),
        (5, 6, 1, 9, [(5, 5), (6, 6)]),
        (0, 99, 24, 24, [(0, 23), (96, 99)]),
        (0, 99, 24, 1, [(0, 23)]),
        (3, 3, 24, 5, [(3, 3)]),
    ],
)
def test_windows(first: int, last: int, unit: int, sample: int, expected: list[tuple[int, int]]) -> None:
    assert windows(first, last, unit, sample) == expected


class TestRasters:
    def test_zpl_pictures_as_the_guide_packs_them(self) -> None:
        """Repeats (G to Y, g to z), a row filled with paper or ink, a row like the one before."""
        with pytest.raises(PrintError, match="expected a picture of 10 bytes in ZPL, got 8"):
            list(rasters.labels_of_zpl(b"^XA^PW32^LL16^FO3,2^GFA,10,10,2,80!,:IF0^FS^XZ", 203))
        (image,) = rasters.labels_of_zpl(b"^XA^PW32^LL16^FO3,2^GFA,10,10,2,80!,:IF0I0F^FS^XZ", 203)
        rows = ["".join("#" if image.getpixel((x, y)) == 0 else "." for x in range(3, 19)) for y in range(2, 7)]
        assert rows == ["#" + "." * 7 + "#" * 8, "." * 16, "." * 16, "#" * 12 + "." * 4, "." * 12 + "####"]

    def test_a_side_without_end(self) -> None:
        with pytest.raises(PrintError, match="expected a label of at most 20000 dots a side, got 99999 x 16"):
            list(rasters.labels_of_zpl(b"^XA^PW99999^LL16^XZ", 203))

    @pytest.mark.parametrize("content", [b"", b"PRINT 1,1\r\n", b"SIZE 10 mm,10 mm\r\n\0"])
    def test_what_is_no_tspl(self, content: bytes) -> None:
        with pytest.raises(PrintError, match=r"expected (TSPL|a command of TSPL)"):
            list(rasters.labels_of_tspl(content, 203))

    def test_a_picture_of_another_format_is_not_guessed(self, shop: World, batch: int) -> None:
        plan = shop.plan()
        with pytest.raises(ProofError, match=r"expected a format that can be proven .*, got gif"):
            proving.prove(plan, shop.folder.private(plan.key), "gif", 300, True, [], lambda *_: None)  # type: ignore[arg-type,return-value]
