from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from typing import Literal

import pytest
import segno
from PIL import Image, ImageFilter, ImageOps, ImageStat, PngImagePlugin

from tests.unit.symbol.specimens import label_at, photo_of, saved
from traceqr.label.format import InvalidLabel, Label
from traceqr.symbol import reading
from traceqr.symbol.reading import MAX_PHOTO_BYTES, MAX_PIXELS_ELSE, READING_SIDE, PhotoError, read_photo

LABEL = label_at()
OTHER = label_at(index=43)
ORIENTATION = 0x0112


def qr_photo(content: str | bytes, encoding: str | None = None, eci: bool = False) -> Image.Image:
    """A QR code that holds anything."""
    code = segno.make(content, mode="byte", encoding=encoding, eci=eci, micro=False)
    drawn = io.BytesIO()
    code.save(drawn, kind="png", scale=5, border=4)
    return Image.open(drawn).convert("L")


def beside(*pictures: Image.Image) -> Image.Image:
    """Pictures side by side on white."""
    paper = Image.new("L", (sum(p.width for p in pictures), max(p.height for p in pictures)), 255)
    x = 0
    for picture in pictures:
        paper.paste(picture, (x, 0))
        x += picture.width
    return paper


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int, rows: bytes = b"\0" * 100) -> bytes:
    """A small PNG file whose header names any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def refused(content: bytes) -> str:
    """The reason why a photo is refused."""
    with pytest.raises(PhotoError) as caught:
        read_photo(content)
    return caught.value.reason


def is_label(text: str) -> bool:
    try:
        Label.parse(text)
    except InvalidLabel:
        return False
    return True


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_each_format(kind: str) -> None:
    assert read_photo(saved(photo_of(LABEL), kind)) == str(LABEL)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_each_mode_of_png(mode: str) -> None:
    if mode == "I;16":
        grey = photo_of(LABEL)
        picture = Image.frombytes("I;16", grey.size, bytes(byte for dot in grey.tobytes() for byte in (dot, dot)))
    else:
        picture = photo_of(LABEL).convert(mode)
    assert picture.mode == mode
    assert read_photo(saved(picture)) == str(LABEL)


def test_cmyk_jpeg() -> None:
    assert read_photo(saved(photo_of(LABEL).convert("RGB").convert("CMYK"), "JPEG")) == str(LABEL)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparent_background_is_paper(mode: str) -> None:
    ink = photo_of(LABEL).point(lambda value: 255 - value)
    picture = Image.new("LA", ink.size, (0, 0))
    picture.putalpha(ink)
    kind = "PNG" if mode != "PA" else "GIF"
    assert read_photo(saved(picture.convert("RGBA" if mode == "PA" else mode), kind)) == str(LABEL)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_rotated_by_exif(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    assert read_photo(saved(photo_of(LABEL), kind, exif=exif)) == str(LABEL)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_turns_the_picture_upright(orientation: int) -> None:
    scene = Image.new("L", (200, 100), 255)
    scene.paste(0, (0, 0, 40, 20))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    content = saved(scene, exif=exif)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    found = reading._picture(content)
    assert (found.size, found.tobytes()) == (upright.size, upright.tobytes())


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("tiff", [b"garbage", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"])
def test_broken_exif_does_not_spoil_a_good_picture(tiff: bytes) -> None:
    assert read_photo(saved(photo_of(LABEL), "JPEG", exif=b"Exif\0\0" + tiff)) == str(LABEL)


def test_broken_exif_in_a_png_does_not_spoil_it_either() -> None:
    profile = PngImagePlugin.PngInfo()
    profile.add_text("Raw profile type exif", "\nexif\n4\nno hex digits")
    assert read_photo(saved(photo_of(LABEL), pnginfo=profile)) == str(LABEL)


@pytest.mark.parametrize("angle", [7, 45, 90, 133, 180, 270])
def test_turned_by_hand(angle: int) -> None:
    photo = photo_of(LABEL).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert read_photo(saved(photo, "JPEG")) == str(LABEL)


def test_blurred_and_noisy() -> None:
    photo = photo_of(LABEL, 10).filter(ImageFilter.GaussianBlur(4))
    noise = Image.effect_noise(photo.size, 90)
    assert read_photo(saved(Image.blend(photo, noise, 0.4), "JPEG")) == str(LABEL)


def test_large_photo_is_reduced_first() -> None:
    scene = Image.new("RGB", (8000, 6000), (180, 170, 160))
    scene.paste(photo_of(LABEL, 24), (3000, 2000))
    assert scene.width > 3 * READING_SIDE
    assert read_photo(saved(scene, "JPEG")) == str(LABEL)


def test_picture_of_one_bit_a_dot_larger_than_is_read() -> None:
    scene = Image.new("1", (READING_SIDE + 1000, 1200), 1)
    scene.paste(photo_of(LABEL, 10).convert("1"), (1500, 200))
    assert read_photo(saved(scene)) == str(LABEL)


def test_first_frame_of_an_animation() -> None:
    frames = photo_of(LABEL), photo_of(OTHER)
    content = saved(frames[0], "GIF", save_all=True, append_images=[frames[1]])
    assert read_photo(content) == str(LABEL)


def test_label_beside_an_unrelated_code() -> None:
    for scene in (beside(photo_of(LABEL), qr_photo("http://e.com")), beside(qr_photo("http://e.com"), photo_of(LABEL))):
        assert read_photo(saved(scene)) == str(LABEL)


def test_two_labels_in_one_picture() -> None:
    assert refused(saved(beside(photo_of(LABEL), photo_of(OTHER)))) == "photo-several-labels"


def test_upper_and_lower_case_are_two_labels() -> None:
    lower = label_at("https://qr.example.org")
    assert refused(saved(beside(photo_of(LABEL), photo_of(lower)))) == "photo-several-labels"


def test_same_label_twice_is_one() -> None:
    assert read_photo(saved(beside(photo_of(LABEL), photo_of(LABEL)))) == str(LABEL)


def test_codes_without_label_give_the_text_of_one() -> None:
    assert read_photo(saved(beside(qr_photo("one"), qr_photo("two")))) in ("one", "two")


@pytest.mark.parametrize(
    "text",
    [f" {LABEL}", f"{LABEL} ", f"{LABEL}\n", f"\t{LABEL}", f"{LABEL}\0", "(01)06901234567892", "a\\b%41 <GS>\x1d"],
)
def test_nothing_is_trimmed_or_escaped(text: str) -> None:
    assert read_photo(saved(qr_photo(text))) == text
    assert not is_label(text)


def test_label_in_byte_mode_is_the_same_text() -> None:
    assert read_photo(saved(qr_photo(str(LABEL)))) == str(LABEL)


@pytest.mark.parametrize(
    ("content", "encoding", "eci"),
    [
        (bytes(range(128, 256)), None, False),
        (b"\xff\xfe\x00\x80abc", None, False),
        ("\u4f60\u597d\uff0c\u4e16\u754c", "gb18030", False),
        ("\u4f60\u597d", "utf-8", True),
        (b"\xef\xbb\xbf" + str(LABEL).encode(), None, False),
        (str(LABEL).encode() + b"\xff", None, False),
        (str(LABEL), "utf-16-be", True),
        (str(LABEL).replace("01", "\uff10\uff11"), "utf-8", True),
    ],
)
def test_what_is_not_plain_text_is_never_a_label(content: str | bytes, encoding: str | None, eci: bool) -> None:
    text = read_photo(saved(qr_photo(content, encoding, eci)))
    assert text
    assert not is_label(text)


def test_chinese_text_is_read() -> None:
    text = "\u8d28\u91cf\u6708\uff1a\u6b63\u54c1"
    assert read_photo(saved(qr_photo(text, "utf-8", True))) == text


NOT_IMAGES = {
    "empty": b"",
    "one byte": b"\xff",
    "zeros": bytes(1000),
    "random": bytes((at * 7919 + 13) % 251 for at in range(4000)),
    "html": b"<!doctype html><title>x</title><script>1</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>',
    "pdf": b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\n",
    "xbm": b"#define a_width 8\n#define a_height 1\nstatic char a_bits[] = {\n0x00};\n",
    "jpeg marker": b"\xff\xd8\xff\xe0",
    "png signature": b"\x89PNG\r\n\x1a\n",
    "png without pixels": png_of(100, 100)[:33],
    "png of no width": png_of(0, 100),
    "png with too few rows": png_of(100, 100),
    "png of garbage": png_of(10, 10)[:45] + b"garbage" * 10,
    "gif header": b"GIF89a\x10\x00\x10\x00",
    "webp header": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    "bmp header": b"BM" + bytes(60),
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100),
}


@pytest.mark.parametrize("name", NOT_IMAGES)
def test_not_an_image(name: str) -> None:
    assert refused(NOT_IMAGES[name]) == "photo-not-image"


def test_zip_is_not_an_image() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("label.png", saved(photo_of(LABEL)))
    assert refused(archive.getvalue()) == "photo-not-image"


@pytest.mark.parametrize("kind", ["TIFF", "PPM", "ICO", "TGA"])
def test_other_formats_of_pillow_are_not_tried(kind: str) -> None:
    assert refused(saved(photo_of(LABEL), kind)) == "photo-not-image"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_truncated(kind: str, share: float) -> None:
    content = saved(photo_of(LABEL), kind)
    assert refused(content[: int(len(content) * share)]) == "photo-not-image"


def test_too_many_bytes() -> None:
    assert refused(saved(photo_of(LABEL)) + bytes(MAX_PHOTO_BYTES)) == "photo-too-large"


def test_exactly_as_many_bytes_as_allowed() -> None:
    content = saved(photo_of(LABEL))
    assert read_photo(content + bytes(MAX_PHOTO_BYTES - len(content))) == str(LABEL)


@pytest.mark.parametrize(
    "size", [(10_000, 5_001), (50_000_001, 1), (10_000, 10_000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)]
)
@pytest.mark.parametrize("action", ["error", "ignore"])
def test_decompression_bomb(size: tuple[int, int], action: Literal["error", "ignore"]) -> None:
    # The picture has no pixel data at all: had it been decoded before it was measured, it would be "not an image".
    with warnings.catch_warnings(action=action):
        assert refused(png_of(*size)) == "photo-too-large"


def test_as_many_pixels_as_allowed_are_decoded() -> None:
    width = 10_000
    rows = bytes((width + 1) * (MAX_PIXELS_ELSE // width))
    assert refused(png_of(width, MAX_PIXELS_ELSE // width, rows)) == "photo-without-code"


def test_text_chunk_that_inflates() -> None:
    plain = saved(photo_of(LABEL))
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000)))
    assert refused(plain[:33] + bomb + plain[33:]) == "photo-not-image"


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (640, 480), (3, 3)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_picture_without_a_code(kind: str, size: tuple[int, int]) -> None:
    assert refused(saved(Image.new("L", size, 200), kind)) == "photo-without-code"


def test_noise_without_a_code() -> None:
    assert refused(saved(Image.effect_noise((800, 600), 120))) == "photo-without-code"


def test_bar_code_is_not_a_qr_code() -> None:
    bars = Image.frombytes("L", (95, 1), bytes(255 * (at * 7 % 3 > 0) for at in range(95))).resize((380, 100))
    assert refused(saved(bars)) == "photo-without-code"


@pytest.mark.parametrize(("side", "module"), [(1024, 1), (2048, 1), (2048, 2), (4000, 1), (4000, 2), (4000, 4)])
def test_hostile_tiles_of_finder_patterns_are_reduced(side: int, module: int) -> None:
    ring = Image.new("L", (8, 8), 255)
    ring.paste(0, (0, 0, 7, 7))
    ring.paste(255, (1, 1, 6, 6))
    ring.paste(0, (2, 2, 5, 5))
    tile = ring.resize((8 * module, 8 * module), Image.Resampling.NEAREST)
    scene = Image.new("L", (side, side), 255)
    for y in range(0, side, tile.height):
        for x in range(0, side, tile.width):
            scene.paste(tile, (x, y))
    content = saved(scene)
    assert refused(content) == "photo-without-code"
    assert max(reading._picture(content).size) <= READING_SIDE


def test_large_pictures_are_smoothed_before_the_search() -> None:
    """The reader's time grows with the square of the finder patterns: fine ones must not reach it."""
    noise = Image.effect_noise((READING_SIDE, READING_SIDE), 255)
    sharpest = max(ImageStat.Stat(searched).stddev[0] for searched in reading._tries(noise))
    assert sharpest < ImageStat.Stat(noise).stddev[0] / 2
