"""The pictures themselves: opened by Pillow, which checks every chunk, and read back."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
import zlib
from collections.abc import Iterator

import pytest
import zxingcpp
from PIL import Image

from tests.unit.printing.rolls import SERIES, job_of, texts, whole
from tests.unit.symbol.specimens import GTIN, PRIVATE, decode, host_of
from traceqr.label.host import Origin
from traceqr.label.series import Series
from traceqr.printing.format import Job, PrintError
from traceqr.printing.png import MOST_ON_SHEET, ContactSheet, PngZip
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png
from traceqr.symbol.symbol import Level, SymbolError


def pictures(made: PngZip, job: Job) -> Iterator[tuple[str, Image.Image]]:
    """Each file's name and its picture."""
    with zipfile.ZipFile(io.BytesIO(whole(made, job))) as archive:
        for name in archive.namelist():
            picture = Image.open(io.BytesIO(archive.read(name)))
            picture.load()
            yield name, picture


def chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    at = 8
    while at < len(content):
        (length,) = struct.unpack_from(">L", content, at)
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        assert struct.unpack_from(">L", content, at + 8 + length)[0] == zlib.crc32(kind + data)
        yield kind, data
        at += 12 + length


class TestZip:
    @pytest.mark.parametrize("dots", [1, 2, 3, 4, 5, 8, 13, 24])
    def test_every_label_reads_back(self, dots: int) -> None:
        job = job_of(0, 39)
        found = list(pictures(PngZip(job, dots), job))
        assert [name for name, _ in found] == [f"12345678{index:08d}.png" for index in range(40)]
        assert [decode(picture.convert("L")).text for _, picture in found] == texts(job)

    @pytest.mark.parametrize("level", Level)
    @pytest.mark.parametrize("length", [4, 40, 63])
    def test_every_level_and_longer_hosts(self, level: Level, length: int) -> None:
        series = Series(Origin.parse(f"HTTPS://{host_of(length).upper()}"), GTIN, 5, 1, 0)
        job = job_of(0, 4, series=series, level=level)
        assert [decode(picture.convert("L")).text for _, picture in pictures(PngZip(job, 2), job)] == texts(job)

    @pytest.mark.parametrize("dots", [1, 3, 8, 64])
    def test_dot_by_dot_as_those_made_one_at_a_time(self, dots: int) -> None:
        job = job_of(7, 9)
        strip = job.series.strip(PRIVATE, 7, 9)
        for place, (_, picture) in enumerate(pictures(PngZip(job, dots), job)):
            single = Image.open(io.BytesIO(to_png(encode(strip.label(place), mask=job.mask), dots)))
            assert (picture.mode, picture.size) == ("1", (53 * dots, 53 * dots))
            assert picture.tobytes() == single.tobytes()

    def test_resolution(self) -> None:
        job = job_of(0, 0)
        (_, picture), *_ = pictures(PngZip(job, 8, 600), job)
        assert picture.info["dpi"] == pytest.approx((600, 600), abs=0.1)
        (_, picture), *_ = pictures(PngZip(job, 8), job)
        assert "dpi" not in picture.info

    def test_chunks_are_those_of_the_standard(self) -> None:
        job = job_of(0, 0)
        with zipfile.ZipFile(io.BytesIO(whole(PngZip(job, 8, 300), job))) as archive:
            found = list(chunks(archive.read(archive.namelist()[0])))
        assert [kind for kind, _ in found] == [b"IHDR", b"pHYs", b"IDAT", b"trQr", b"trQr", b"trQr", b"IEND"]
        assert found[0][1] == struct.pack(">2L5B", 424, 424, 1, 0, 0, 0, 0)
        # Bit 5 of each letter of a kind says what a program that does not know it does (ISO/IEC 15948, section 5.4).
        assert [bool(letter & 0x20) for letter in found[3][0]] == [True, True, False, True]

    def test_the_same_bytes_each_time_also_in_another_process(self) -> None:
        job = job_of(0, 20)
        made = PngZip(job, 4)
        content = whole(made, job)
        travelled = pickle.dumps(made)
        assert len(travelled) < 200_000
        assert whole(pickle.loads(travelled), job) == content == whole(PngZip(job, 4), job)

    def test_notes(self) -> None:
        assert PngZip(job_of(), 8).notes == (
            "Pictures of 424 x 424 dots, 8 dots a module, quiet zone included.",
            "Each label is a file named by its serial: 1234567800000000.png is the batch's first.",
            "They name no resolution: the program that places them decides the size. Do not let it smooth them; above"
            " 812 dpi modules are below 0.25 mm.",
        )
        sized = PngZip(job_of(), 5, 300).notes
        assert "Place them at 22.44 mm, no other size." in sized
        assert any("module 0.423 mm (5 dots at 300 dpi)" in note for note in sized)

    @pytest.mark.parametrize("dots", [0, -1, 65])
    def test_dots_out_of_range(self, dots: int) -> None:
        with pytest.raises(PrintError, match=f"expected 1 to 64 dots a module, got {dots}"):
            PngZip(job_of(), dots)

    def test_modules_too_small_to_print(self) -> None:
        with pytest.raises(PrintError, match=r"expected modules of 0.17 mm at least, got 0.085 mm"):
            PngZip(job_of(), 1, 300)

    @pytest.mark.parametrize("dpi", [0, 4801])
    def test_resolution_out_of_range(self, dpi: int) -> None:
        with pytest.raises(PrintError, match=f"expected a printer of 1 to 4800 dpi, got {dpi}"):
            PngZip(job_of(), 8, dpi)

    def test_host_too_long_for_a_symbol(self) -> None:
        series = Series(Origin.parse(f"https://{host_of(120)}"), GTIN, 5, 1, 0)
        with pytest.raises(SymbolError, match="expected a host that fits a QR symbol of version 10"):
            PngZip(job_of(series=series))


class TestContactSheet:
    @pytest.mark.parametrize(("count", "columns", "dots"), [(1, 8, 3), (12, 5, 3), (30, 8, 2), (7, 7, 4), (3, 1, 1)])
    def test_every_symbol_reads_back(self, count: int, columns: int, dots: int) -> None:
        job = job_of(0, count - 1)
        picture = Image.open(io.BytesIO(whole(ContactSheet(job, dots, columns), job)))
        found = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
        assert sorted(barcode.text for barcode in found) == texts(job)

    def test_serials_stand_below_their_symbols(self) -> None:
        """Between two rows of symbols there is ink for each label, and more than a line of it."""
        job = job_of(0, 3)
        picture = Image.open(io.BytesIO(whole(ContactSheet(job, 3, 4), job)))
        side = 53 * 3
        for at in range(4):
            left = 4 + at * (side + 4)
            below = picture.crop((left, 4 + side, left + side, picture.height)).point(lambda grey: 255 - grey)
            box = below.getbbox()
            assert box
            assert 0 < box[0] < box[2] < side
            assert box[3] - box[1] > 25

    def test_serials_differ(self) -> None:
        job = job_of(0, 1)
        picture = Image.open(io.BytesIO(whole(ContactSheet(job, 3, 2), job)))
        one, other = (picture.crop((4 + at * 163, 163, 163 + at * 163, picture.height)) for at in (0, 1))
        assert one.tobytes() != other.tobytes()

    def test_the_same_bytes_each_time(self) -> None:
        job = job_of(0, 9)
        assert whole(ContactSheet(job), job) == whole(ContactSheet(job), job)

    def test_is_one_piece(self) -> None:
        job = job_of(0, 9)
        assert ContactSheet(job).unit == 10
        with pytest.raises(PrintError, match="expected all 10 labels of the contact sheet at once, got 5"):
            ContactSheet(job).body(SERIES.strip(PRIVATE, 0, 4))

    def test_labels_of_another_job(self) -> None:
        with pytest.raises(PrintError, match="expected labels 0 to 9 of"):
            ContactSheet(job_of(0, 9)).body(SERIES.strip(PRIVATE, 1, 10))

    @pytest.mark.parametrize("last", [-1, MOST_ON_SHEET])
    def test_too_few_or_too_many(self, last: int) -> None:
        with pytest.raises(PrintError, match=rf"expected 1 to 1,000 labels on a contact sheet, got {last + 1:,}"):
            ContactSheet(job_of(0, last))

    @pytest.mark.parametrize("columns", [0, 51])
    def test_columns_out_of_range(self, columns: int) -> None:
        with pytest.raises(PrintError, match=f"expected 1 to 50 columns, got {columns}"):
            ContactSheet(job_of(), 3, columns)

    def test_dots_out_of_range(self) -> None:
        with pytest.raises(PrintError, match="expected 1 to 64 dots a module, got 65"):
            ContactSheet(job_of(), 65)
