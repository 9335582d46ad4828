"""Whatever the label, its symbol holds its text; whatever the bytes, reading a photo ends in a text or a reason."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

import pytest
import segno
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.unit.printing.rolls import job_of, whole
from tests.unit.symbol.specimens import (
    GTIN,
    by_segno,
    decode,
    host_of,
    label_at,
    photo_of,
    picture_of,
    rasterise,
    saved,
)
from traceqr.label.format import InvalidLabel, Label
from traceqr.label.host import Origin
from traceqr.label.seal import Seal
from traceqr.label.serial import Serial
from traceqr.printing.csv import Csv
from traceqr.printing.format import Imprint, PrintError
from traceqr.printing.svg import SvgSheet
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png
from traceqr.symbol.reading import PhotoError, read_photo
from traceqr.symbol.svg import outline
from traceqr.symbol.symbol import Level, Symbol

LABEL = label_at()
REASONS = {"photo-not-image", "photo-too-large", "photo-without-code", "photo-several-labels"}

origins = st.tuples(st.integers(1, 40), st.booleans(), st.sampled_from(["", ":8443"])).map(
    lambda drawn: Origin.parse(
        f"https://{host_of(drawn[0])}{drawn[2]}".upper() if drawn[1] else f"https://{host_of(drawn[0])}{drawn[2]}"
    )
)
serials = st.builds(Serial, st.integers(1, 99_999_999), st.integers(0, 99_999_999))
seals = st.builds(Seal, st.integers(1, 2**16 - 1), st.integers(0, 2**32 - 1), st.binary(min_size=64, max_size=64))
labels = st.builds(Label, origins, st.just(GTIN), serials, seals)
levels = st.sampled_from([Level.L, Level.M])


@given(labels, levels, st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_symbol_holds_the_text_and_equals_segno(label: Label, level: Level, mask: int) -> None:
    symbol = encode(label, level, mask=mask)
    assert decode(picture_of(symbol.framed)).text == str(label)
    oracle = by_segno(label, symbol, mask)
    event("segno compared" if oracle else "segno pads wrongly")
    assert oracle is None or symbol.modules == oracle


@given(labels)
@settings(max_examples=30, deadline=None)
def test_png_round_trip(label: Label) -> None:
    assert read_photo(to_png(encode(label, mask=0), 6)) == str(label)


@given(st.data(), st.integers(1, 3))
@settings(max_examples=100, deadline=None)
def test_outline_fills_any_pattern(data: st.DataObject, version: int) -> None:
    size = 17 + 4 * version
    bits = data.draw(st.integers(0, 2 ** (size * size) - 1))
    flat = bytes(bits >> at & 1 for at in range(size * size))
    symbol = Symbol(version, Level.L, tuple(flat[at : at + size] for at in range(0, len(flat), size)))
    assert rasterise(outline(symbol), size) == symbol.modules


def outcome(content: bytes) -> str:
    """The text read, or the reason of the refusal. Any other exception fails the test."""
    try:
        return read_photo(content)
    except PhotoError as error:
        return error.reason


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_as_a_photo(content: bytes) -> None:
    assert outcome(content) in REASONS


PHOTOS = {kind: saved(photo_of(label_at(), 3), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP")}


@pytest.mark.filterwarnings("ignore")
@given(st.sampled_from(sorted(PHOTOS)), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=12))
@settings(max_examples=200, deadline=None)
def test_damaged_photos_end_in_the_text_or_a_reason(kind: str, changes: list[tuple[int, int]]) -> None:
    content = bytearray(PHOTOS[kind])
    for at, value in changes:
        # Half of the changes fall on the header, where they do the most.
        content[at % (64 if at % 2 else len(content))] = value
    assert outcome(bytes(content)) in REASONS | {str(LABEL)}


@given(st.binary(min_size=1, max_size=150))
@settings(max_examples=150, deadline=None)
def test_any_bytes_in_a_code_are_a_text(content: bytes) -> None:
    drawn = io.BytesIO()
    segno.make(content, mode="byte", micro=False).save(drawn, kind="png", scale=4, border=4)
    text = read_photo(drawn.getvalue())
    if content.isascii():
        assert text == content.decode("ascii")
    else:
        assert not text.isascii()
    try:
        Label.parse(text)
    except InvalidLabel:
        return
    raise AssertionError("a text this short is no label")


@given(st.text(max_size=300), st.one_of(st.none(), st.text(max_size=40)))
@settings(max_examples=200)
def test_csv_is_two_lines_of_six_fields_and_no_formula(name: str, lot: str | None) -> None:
    job = job_of(0, 0, Imprint(name, lot or ""))
    content = whole(Csv(job), job).decode()
    *lines, end = content.split("\r\n")
    assert (len(lines), end) == (2, "")
    records = list(csv.reader(io.StringIO(content, newline=""), strict=True))
    assert [len(record) for record in records] == [6, 6]
    assert all(len(line.splitlines()) == 1 for line in lines)
    assert not records[1][4].startswith(("=", "+", "-", "@", "\t"))
    assert not records[1][5].startswith(("=", "+", "-", "@", "\t"))


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_name_makes_well_formed_svg_or_is_refused(name: str) -> None:
    job = job_of(0, 0, Imprint(name))
    try:
        made = SvgSheet(job)
    except PrintError:
        event("refused")
        with pytest.raises(PrintError, match="expected characters that the typeface has in product_name"):
            SvgSheet(job)
        return
    event("drawn")
    document = whole(made, job)
    ElementTree.fromstring(document.decode())
    assert document == whole(SvgSheet(job), job)
