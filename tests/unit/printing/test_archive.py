"""Zip files, read by Python's `zipfile`, which knows nothing of ours, and by Info-ZIP where it is there."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.printing.rolls import SERIES, job_of, whole
from tests.unit.symbol.specimens import PRIVATE
from traceqr.label.series import Strip
from traceqr.printing.archive import Archive, Members, check_count, check_strip
from traceqr.printing.counterweight import Counterweight
from traceqr.printing.format import Format, Job, PrintError
from traceqr.printing.png import PngZip
from traceqr.printing.stencil import INDEX, SEAL
from traceqr.printing.svg import SvgZip

UNZIP = shutil.which("unzip")


def end(free: int) -> bytes:
    return free.to_bytes(4, "big")


def members_of(job: Job) -> Members:
    """Files that hold index and seal, to look into."""
    return Members.of(job, "txt", (b"label ", INDEX, b" ", SEAL, b"\n"), Counterweight(end, 32))


def opened(members: Members, job: Job) -> zipfile.ZipFile:
    strip = job.series.strip(PRIVATE, job.first, job.last)
    content = members.filled(strip, {}) + members.archive.tail()
    assert len(content) == members.archive.size
    return zipfile.ZipFile(io.BytesIO(content))


class Far(io.RawIOBase):
    """An archive of many gigabytes, of which the members are made as they are read."""

    def __init__(self, archive: Archive, member: bytes) -> None:
        self._at = 0
        self._archive = archive
        self._member = member
        self._tail = archive.tail()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._archive.size)[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        piece = self._piece()[: len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _piece(self) -> bytes:
        directory = self._archive.size - len(self._tail)
        if self._at >= directory:
            return self._tail[self._at - directory :]
        each = directory // len(self._archive)
        index, within = divmod(self._at, each)
        header = b"".join(
            part if isinstance(part, bytes) else b"%08d" % (self._archive.first + index)
            for part in self._archive.header()
        )
        return (header + self._member)[within:]


@pytest.mark.parametrize(("first", "last"), [(0, 0), (0, 5), (4_096, 4_200), (99_999_990, 99_999_999)])
def test_members(first: int, last: int) -> None:
    job = job_of(first, last)
    archive = opened(members_of(job), job)
    assert archive.testzip() is None
    assert archive.namelist() == [f"12345678{index:08d}.txt" for index in range(first, last + 1)]
    seals = job.series.seals(PRIVATE, first, last)
    for info, index, seal in zip(archive.infolist(), range(first, last + 1), seals, strict=True):
        assert archive.read(info)[:-4] == b"label %08d %b\n" % (index, seal.encode())
        assert (info.date_time, info.compress_type) == ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED)
        assert info.external_attr >> 16 == 0o100600


def test_damage_to_a_member_is_found() -> None:
    job = job_of(0, 2)
    members = members_of(job)
    content = bytearray(members.filled(job.series.strip(PRIVATE, 0, 2), {}) + members.archive.tail())
    content[80] ^= 1
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() == "1234567800000000.txt"


@pytest.mark.parametrize("kind", [PngZip, SvgZip])
@pytest.mark.skipif(UNZIP is None, reason="unzip is not there")
def test_by_info_zip(kind: type[PngZip | SvgZip], tmp_path: Path) -> None:
    job = job_of(0, 40)
    path = tmp_path / "labels.zip"
    path.write_bytes(whole(kind(job), job))
    assert UNZIP
    done = subprocess.run([UNZIP, "-tqq", str(path)], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("count", [65_534, 65_535, 65_536, 100_000])
def test_many_members(count: int) -> None:
    """From 65,535 on the count stands in the zip64 form alone."""
    archive = Archive(12_345_678, 0, count - 1, "txt", 4)
    member = Counterweight(end, 32).after(0)
    with zipfile.ZipFile(Far(archive, member)) as found:
        assert len(found.namelist()) == count
        for index in (0, 1, count // 2, count - 1):
            assert found.read(f"12345678{index:08d}.txt") == member
    assert (b"PK\6\6" in archive.tail()[-120:]) == (count >= 65_535)


def test_more_than_four_gigabytes() -> None:
    body = b"x" * 99_990
    member = body + Counterweight(end, 32).after(zlib.crc32(body))
    archive = Archive(12_345_678, 7, 60_006, "txt", len(member))
    assert archive.size > 5 << 30
    with zipfile.ZipFile(Far(archive, member)) as found:
        assert len(found.namelist()) == 60_000
        for index in (7, 42_954, 50_000, 60_006):
            assert found.read(f"12345678{index:08d}.txt") == member


@pytest.mark.parametrize("kind", [PngZip, SvgZip])
def test_sizes_are_known_before(kind: type[PngZip | SvgZip]) -> None:
    for job in (job_of(3, 3), job_of(3, 90)):
        assert kind(job).size == len(whole(kind(job), job))


@pytest.mark.parametrize("kind", [PngZip, SvgZip])
def test_the_same_bytes_however_cut(kind: type[PngZip | SvgZip]) -> None:
    job = job_of(0, 300)
    expected = whole(kind(job), job)
    for cut in (1, 7, 256):
        assert whole(kind(job), job, cut) == expected


@pytest.mark.parametrize("kind", [PngZip, SvgZip])
def test_a_part_holds_the_same_files(kind: type[PngZip | SvgZip]) -> None:
    job, part = job_of(0, 20), job_of(5, 9)
    with (
        zipfile.ZipFile(io.BytesIO(whole(kind(job), job))) as all_of_them,
        zipfile.ZipFile(io.BytesIO(whole(kind(part), part))) as some,
    ):
        assert some.namelist() == all_of_them.namelist()[5:10]
        assert all(some.read(name) == all_of_them.read(name) for name in some.namelist())


@pytest.mark.parametrize("kind", [PngZip, SvgZip])
def test_too_many_labels(kind: type[PngZip | SvgZip]) -> None:
    assert kind(job_of(0, 99_999)).size > 0
    with pytest.raises(PrintError, match=r"at most 100,000 labels in one archive, got 100,001: .* --volume 100000"):
        kind(job_of(0, 100_000))
    assert kind(job_of(0, 100_000), most=1_000_000).size > 0


@pytest.mark.parametrize("kind", [PngZip, SvgZip])
def test_no_labels(kind: type[PngZip | SvgZip]) -> None:
    with pytest.raises(PrintError, match="expected a first label up to the last, got 5 to 4"):
        kind(job_of(5, 4))


def strips() -> list[Strip]:
    other = replace(SERIES, batch=9)
    return [SERIES.strip(PRIVATE, 9, 10), SERIES.strip(PRIVATE, 15, 21), other.strip(PRIVATE, 10, 12)]


@pytest.mark.parametrize("strip", strips(), ids=["before", "past the end", "another batch"])
@pytest.mark.parametrize("kind", [PngZip, SvgZip])
def test_labels_of_another_job(kind: type[PngZip | SvgZip], strip: Strip) -> None:
    made: Format = kind(job_of(10, 20))
    with pytest.raises(PrintError, match=r"expected labels 10 to 20 of HTTPS://.*, got "):
        made.body(strip)


def test_checks_let_pass_what_is_right() -> None:
    check_count(job_of(0, 9), 10)
    check_strip(job_of(0, 9), SERIES.strip(PRIVATE, 9, 9))
