"""Certificates from outside: what they are is told by their content, and what is hostile ends by itself."""

from __future__ import annotations

import io
import struct
import threading
import zipfile
import zlib

import pytest
from PIL import Image

from traceqr import document
from traceqr.document import EDGE, JPEG, MAX_BYTES, MAX_PAGES, PDF, DocumentError, examine, read_document, shown_name


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), mode: str = "RGB", orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "who took it, and where"
    drawn = io.BytesIO()
    Image.new(mode, size).save(drawn, kind, exif=exif)
    return drawn.getvalue()


def pdf(*pages: bytes, more: bytes = b"") -> bytes:
    """A PDF file whose pages have these streams of content."""
    kids = b" ".join(b"%d 0 R" % (3 + 2 * place) for place in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%b>>" % more,
        b"<</Type/Pages/Count %d/Kids[%b]/MediaBox[0 0 200 200]>>" % (len(pages), kids),
    ]
    for place, stream in enumerate(pages):
        objects.append(b"<</Type/Page/Parent 2 0 R/Contents %d 0 R>>" % (4 + 2 * place))
        packed = zlib.compress(stream)
        objects.append(b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(packed), packed))
    content, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj%b endobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(content))
    return content + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("run.exe", "MZ")
    return packed.getvalue()


def bomb(side: int) -> bytes:
    """A PNG of some hundred bytes that says it has so many pixels a side."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    lines = chunk(b"IDAT", zlib.compress(bytes(99)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + lines + chunk(b"IEND", b"")


class TestPictures:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG"])
    def test_one_is_encoded_anew_without_its_metadata(self, kind: str) -> None:
        media_type, kept = examine(picture(kind))
        assert media_type == JPEG
        assert b"who took it" not in kept
        with Image.open(io.BytesIO(kept)) as image:
            assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (40, 30), {})

    def test_it_is_upright_and_no_larger_than_a_page(self) -> None:
        with Image.open(io.BytesIO(examine(picture(size=(5_000, 2_500), orientation=6))[1])) as image:
            assert image.size == (EDGE // 2, EDGE)

    @pytest.mark.parametrize("mode", ["RGBA", "LA"])
    def test_what_is_transparent_is_white(self, mode: str) -> None:
        with Image.open(io.BytesIO(examine(picture("PNG", mode=mode))[1])) as image:
            assert image.convert("RGB").getpixel((5, 5)) == (255, 255, 255)

    def test_more_pixels_than_bearable(self) -> None:
        with pytest.raises(DocumentError, match="at most 40,000,000 pixels, got 8000 x 8000"):
            examine(bomb(8_000))

    def test_a_bomb(self) -> None:
        with pytest.raises(DocumentError, match="expected a whole PNG picture"):
            examine(bomb(60_000))

    @pytest.mark.parametrize(("content", "kind"), [(picture()[:300], "JPEG"), (picture("PNG")[:60], "PNG")])
    def test_a_damaged_one(self, content: bytes, kind: str) -> None:
        with pytest.raises(DocumentError, match=f"expected a whole {kind} picture, got a damaged one"):
            examine(content)

    def test_what_stands_behind_it_does_not_survive(self) -> None:
        assert b"<script>" not in examine(picture() + b"<script>alert(1)</script>")[1]

    def test_one_that_is_an_archive_too(self) -> None:
        with pytest.raises(DocumentError, match="an archive too"):
            examine(picture() + archive())

    def test_one_that_is_a_pdf_too(self) -> None:
        """Readers of PDF look for its start in the first kilobyte."""
        content = picture()
        with pytest.raises(DocumentError, match="a PDF file too"):
            examine(content[:2] + b"\xff\xfe\x01\x00" + pdf(b"")[:254] + content[2:])


class TestPdf:
    def test_it_is_kept_as_it_is(self) -> None:
        content = pdf(b"0 0 10 10 re f", b"")
        assert examine(content) == (PDF, content)

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"%PDF-1.7\nnothing\n%%EOF", "expected a whole PDF file, got a damaged one"),
            (pdf(b"")[:-8], "got one cut off or with more behind it"),
            (pdf(b"") + b"<script>1</script>", "got one cut off or with more behind it"),
            (pdf(b"") + archive(), "an archive too"),
            (pdf(b"", more=b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"), "scripts or files inside"),
            (pdf(b"", more=b"/OpenAction<</S/Launch/F(cmd.exe)>>"), "scripts or files inside"),
            (pdf(b"", more=b"/Names<</EmbeddedFiles<</Names[(a)<</EF<<>>>>]>>>>"), "scripts or files inside"),
            (pdf(b"", more=b"/Names<</J#61vaScript<</Names[(a)<</S/J#61vaScript/JS(1)>>]>>>>"), "scripts or files"),
            (pdf(*[b""] * (MAX_PAGES + 1)), f"of 1 to {MAX_PAGES} pages, got 61"),
            (pdf(), "expected a whole PDF file"),
        ],
        ids=["damaged", "cut", "behind", "archive", "script", "launch", "file", "spelled", "pages", "none"],
    )
    def test_what_is_refused(self, content: bytes, words: str) -> None:
        with pytest.raises(DocumentError, match=words):
            examine(content)

    def test_one_that_asks_for_a_password(self) -> None:
        key = b"/Filter/Standard/V 1/R 2/P -4/O(%b)/U(%b)" % (b"o" * 32, b"u" * 32)
        content = pdf(b"").replace(b"/Root", b"/ID[(a)(a)]/Encrypt<<%b>>/Root" % key)
        with pytest.raises(DocumentError, match="opens without a password"):
            examine(content)


@pytest.mark.parametrize(
    "content", [b"GIF89a" + bytes(99), b"MZ" + bytes(99), b"<html>", b" " + pdf(b""), picture("WEBP"), archive()]
)
def test_other_kinds_are_refused_whatever_their_name(content: bytes) -> None:
    with pytest.raises(DocumentError, match="expected a PDF, JPEG or PNG file, got something else"):
        examine(content)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("证书.PDF", "证书.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\a\\证书.exe", "证书.pdf"),
        ("a\u202efdp.exe\0\n", "afdp.pdf"),
        ("", "document.pdf"),
        (".pdf", "document.pdf"),
        ("n" * 999, "n" * 120 + ".pdf"),
    ],
)
def test_names_deceive_nobody(name: str, shown: str) -> None:
    assert shown_name(name, PDF) == shown


class TestApart:
    """In a process of its own."""

    def test_a_certificate(self) -> None:
        content = pdf(b"")
        made = read_document("证书.pdf", content)
        assert (made.name, made.media_type, made.content) == ("证书.pdf", PDF, content)
        photo = read_document("a.png", picture("PNG"))
        assert (photo.name, photo.media_type, photo.content) == ("a.jpg", JPEG, examine(picture("PNG"))[1])

    def test_refusals_come_through(self) -> None:
        with pytest.raises(DocumentError, match="got something else"):
            read_document("a.pdf", b"MZ")

    @pytest.mark.parametrize(
        ("content", "words"), [(b"", "got an empty one"), (bytes(MAX_BYTES + 1), "at most 5,000,000 bytes")]
    )
    def test_sizes_start_no_process(self, content: bytes, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(document.sys, "executable", "/nonexistent")
        with pytest.raises(DocumentError, match=words):
            read_document("a.pdf", content)

    def test_one_that_costs_too_much_ends_with_its_process(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A page of a hundred million bytes, in a file of some hundred thousand."""
        monkeypatch.setattr(document, "WALL_SECONDS", 0.4)
        stream = b"q 1 0 0 1 0 0 cm 0 0 1 1 re f Q\n" * 3_000_000
        with pytest.raises(DocumentError, match="read in seconds"):
            read_document("a.pdf", pdf(stream))

    def test_only_so_many_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(document, "_free", threading.BoundedSemaphore(1))
        monkeypatch.setattr(document, "WALL_SECONDS", 0.05)
        with document._free, pytest.raises(DocumentError, match="too many others"):
            read_document("a.pdf", pdf(b""))
