from __future__ import annotations

import io

import pytest
from PIL import Image

from traceqr.picture import EDGE, MAX_BYTES, Picture, PictureError


def encoded(kind: str = "JPEG", size: tuple[int, int] = (40, 30), orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "who took it, and where"
    drawn = io.BytesIO()
    Image.new("RGB", size, "green").save(drawn, kind, exif=exif)
    return drawn.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_it_is_encoded_anew_without_its_metadata(kind: str) -> None:
    made = Picture.parse(encoded(kind))
    assert made.media_type == "image/webp"
    assert b"who took it" not in made.content
    with Image.open(io.BytesIO(made.content)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("WEBP", (40, 30), {})


def test_it_is_made_small_and_upright() -> None:
    with Image.open(io.BytesIO(Picture.parse(encoded(size=(2_000, 1_000), orientation=6)).content)) as image:
        assert image.size == (EDGE // 2, EDGE)


def test_the_same_picture_has_the_same_digest() -> None:
    assert Picture.parse(encoded()).digest == Picture.parse(encoded()).digest


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"%PDF-1.7", encoded()[:100], encoded("PNG")[:60]])
def test_what_is_no_picture(content: bytes) -> None:
    with pytest.raises(PictureError, match="expected a JPEG, PNG or WebP picture"):
        Picture.parse(content)


def test_too_large() -> None:
    with pytest.raises(PictureError, match="at most 10,000,000 bytes"):
        Picture.parse(bytes(MAX_BYTES + 1))
    with pytest.raises(PictureError, match="at most 40,000,000 pixels"):
        Picture.parse(encoded("PNG", (8_000, 5_001)))


def test_garbled_metadata_raise_nothing_else() -> None:
    """Decoders raise whatever they like over crafted files."""
    good, refused = encoded(orientation=6), 0
    for at in range(20, 140):
        content = bytearray(good)
        content[at] ^= 0xFF
        try:
            Picture.parse(bytes(content))
        except PictureError:
            refused += 1
    assert 0 < refused < 120
