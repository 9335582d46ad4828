"""Photos beside reports: what is hostile ends by itself, what is hidden is gone, where it was taken is told apart."""

from __future__ import annotations

import hashlib
import io
import struct
import threading
import zipfile
import zlib
from typing import Any

import pytest
from PIL import Image

from traceqr import photo
from traceqr.photo import EDGE, MAX_BYTES, PhotoRefused, examine, read_photo

HANGZHOU = {1: "N", 2: (30.0, 14.0, 24.0), 3: "E", 4: (120.0, 9.0, 36.0)}


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (40, 30), mode: str = "RGB", gps: dict[int, Any] | None = None
) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "who took it, with which phone"
    if gps is not None:
        exif.get_ifd(0x8825).update(gps)
    drawn = io.BytesIO()
    Image.new(mode, size, "green").save(drawn, kind, exif=exif)
    return drawn.getvalue()


def bomb(side: int) -> bytes:
    """A PNG of some hundred bytes that says it has so many pixels a side."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("run.exe", "MZ")
    return packed.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_metadata_are_gone_and_the_position_is_told_apart(kind: str) -> None:
    sent = picture(kind, gps=HANGZHOU)
    assert b"who took it" in sent
    made = read_photo(sent)
    assert made.position == (3_024, 12_016)
    assert b"who took it" not in made.content
    with Image.open(io.BytesIO(made.content)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (40, 30), {})
        assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_what_stands_behind_the_picture_is_gone() -> None:
    assert b"<script>" not in examine(picture() + bytes(1_024) + b"<script>alert(1)</script>").content


def test_it_is_made_small_and_upright() -> None:
    drawn, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (4_000, 2_000)).save(drawn, "JPEG", exif=exif)
    with Image.open(io.BytesIO(examine(drawn.getvalue()).content)) as image:
        assert image.size == (EDGE // 2, EDGE)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "1", "CMYK"])
def test_colours_of_every_kind(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    drawn = io.BytesIO()
    Image.new(mode, (8, 8)).save(drawn, kind)
    with Image.open(io.BytesIO(examine(drawn.getvalue()).content)) as image:
        assert image.mode == "RGB"


def test_what_is_transparent_shows_white() -> None:
    drawn = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(drawn, "PNG")
    with Image.open(io.BytesIO(examine(drawn.getvalue()).content)) as image:
        assert image.getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("gps", "position"),
    [
        ({1: "S", 2: (33.0, 52.0, 0.0), 3: "W", 4: (151.0, 12.0, 0.0)}, (-3_387, -15_120)),
        ({}, None),
        ({1: "N", 2: (30.0, 14.0, 24.0)}, None),
        ({1: "N", 2: (95.0, 0.0, 0.0), 3: "E", 4: (1.0, 0.0, 0.0)}, None),
        ({1: "N", 2: (30.0, 0.0), 3: "E", 4: (1.0, 0.0, 0.0)}, None),
    ],
    ids=["south and west", "none", "half", "beyond the pole", "too few numbers"],
)
def test_positions(gps: dict[int, Any], position: tuple[int, int] | None) -> None:
    assert examine(picture(gps=gps)).position == position


REFUSED = {
    "nothing": (b"", "photo-not-picture"),
    "GIF": (picture("GIF", mode="P"), "photo-not-picture"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "photo-not-picture"),
    "HTML": (b"<html><script>alert(1)</script></html>", "photo-not-picture"),
    "BMP": (picture("BMP"), "photo-not-picture"),
    "TIFF": (picture("TIFF"), "photo-not-picture"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(80), "photo-heic"),
    "AVIF": (b"\0\0\0\x18ftypavif\0\0\0\0mif1" + bytes(80), "photo-heic"),
    "PDF": (b"%PDF-1.7\n%%EOF", "photo-not-picture"),
    "picture and archive": (picture() + archive(), "photo-not-alone"),
    "picture and PDF": (picture()[:20] + b"%PDF-1.7" + picture()[20:], "photo-not-alone"),
    "picture and page": (picture()[:20] + b"<SCRIPT>" + picture()[20:], "photo-not-alone"),
    "cut off": (picture()[:100], "photo-not-picture"),
    "PNG cut off": (picture("PNG")[:60], "photo-not-picture"),
    "bomb": (bomb(50_000), "photo-too-large"),
    "far too many pixels": (bomb(2**31 - 1), "photo-too-large"),
    "too many pixels for a PNG": (bomb(4_001), "photo-too-large"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photo(what: str) -> None:
    content, reason = REFUSED[what]
    with pytest.raises(PhotoRefused) as caught:
        examine(content)
    assert caught.value.reason == reason


def test_a_refusal_comes_out_of_the_process() -> None:
    with pytest.raises(PhotoRefused, match="got HEIC or AVIF") as caught:
        read_photo(REFUSED["HEIC"][0])
    assert caught.value.reason == "photo-heic"


def test_too_many_bytes() -> None:
    with pytest.raises(PhotoRefused, match="at most 10,000,000 bytes"):
        read_photo(bytes(MAX_BYTES + 1))


def test_a_process_that_dies_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo, "ask", lambda *_: None)
    with pytest.raises(PhotoRefused, match="costs too much"):
        read_photo(picture())


def test_too_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo, "WALL_SECONDS", 0)
    monkeypatch.setattr(photo, "_free", threading.BoundedSemaphore(1))
    with photo._free, pytest.raises(PhotoRefused) as caught:
        read_photo(picture())
    assert caught.value.reason == "photo-busy"


def test_garbled_pictures_raise_nothing_else() -> None:
    good = picture(gps=HANGZHOU)
    for at in range(4, 400, 3):
        content = bytearray(good)
        content[at % len(content)] ^= 0xFF
        try:
            assert hashlib.sha256(examine(bytes(content)).content)
        except PhotoRefused:
            continue
