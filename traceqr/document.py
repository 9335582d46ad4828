"""Certificates that enterprises put beside their claims: PDF files and pictures, which come from anyone.

What a file is, is told by its content, never by its name or by what is said of it. It is looked at in a process of its
own, since a crafted one can keep a decoder busy, or end it. A picture is encoded anew, so that nothing of the upload
survives. A PDF cannot be: it is kept as it is, and must only be handed out as an attachment, never shown by a page.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import threading
import warnings
import zipfile
from dataclasses import dataclass

from PIL import Image, ImageOps

from traceqr.confined import ask, confine
from traceqr.errors import TraceqrError

MAX_BYTES = 5_000_000
MAX_PIXELS = 40_000_000
MAX_PAGES = 60
EDGE = 2_400
"""Pixels of a picture's longer edge as it is kept: a page of A4 at 200 dpi, small print included."""

MAX_NAME = 120

PDF = "application/pdf"
JPEG = "image/jpeg"
SUFFIXES = {PDF: ".pdf", JPEG: ".jpg"}

CPU_SECONDS = 5
"""The slowest honest file takes a second."""

WALL_SECONDS = 15
MEMORY_BYTES = 1 << 30
AT_ONCE = 2
"""Files that one process has looked at the same time; more wait."""

_free = threading.BoundedSemaphore(AT_ONCE)

_PDF_START = b"%PDF-"
_PDF_START_WITHIN = 1_024
"""Readers of PDF look for its start so far into a file, whatever stands before it."""

_PDF_END = b"%%EOF"
_PICTURES = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n"}
_ACTIVE = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia")
"""Names in a PDF of what acts or hides something. In compressed objects, or spelled otherwise, they are not seen."""

_KINDS = "a PDF, JPEG or PNG file"


class DocumentError(TraceqrError):
    """A file that is not kept. The message says what was expected."""


@dataclass(frozen=True, slots=True)
class Document:
    """A certificate as it is kept; `digest` is SHA-256 of the content in hex. `name` is one for people to tell it by,
    free of folders and control characters, with the suffix of what it is.
    """

    digest: str
    media_type: str
    name: str
    content: bytes


def read_document(name: str, content: bytes) -> Document:
    """A certificate from what was uploaded under a name. Raises `DocumentError`."""
    if not content:
        raise DocumentError(f"expected {_KINDS}, got an empty one")
    if len(content) > MAX_BYTES:
        raise DocumentError(f"expected a file of at most {MAX_BYTES:,} bytes, got {len(content):,}")
    media_type, kept = _examined_apart(content)
    return Document(hashlib.sha256(kept).hexdigest(), media_type, shown_name(name, media_type), kept)


def shown_name(name: str, media_type: str) -> str:
    """The last part of a file's name, with nothing in it that could deceive, and a suffix that is true."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(char for char in last if char.isprintable())
    stem = plain.rpartition(".")[0] if "." in plain else plain
    return (stem.strip(" .")[:MAX_NAME] or "document") + SUFFIXES[media_type]


def examine(content: bytes) -> tuple[str, bytes]:
    """Media type and bytes of a file as it is kept. To be called where it may fail to end. Raises `DocumentError`."""
    if content.startswith(_PDF_START):
        _check_pdf(content)
        return PDF, content
    for kind, start in _PICTURES.items():
        if content.startswith(start):
            _require_one_thing(content)
            return JPEG, _redrawn(content, kind)
    raise DocumentError(f"expected {_KINDS}, got something else, whatever its name says")


def _examined_apart(content: bytes) -> tuple[str, bytes]:
    """`examine`, in a process of its own."""
    if not _free.acquire(timeout=WALL_SECONDS):
        raise DocumentError("expected to look at the file at once, too many others are being read: try again")
    try:
        said = ask("traceqr.document", content, WALL_SECONDS)
    finally:
        _free.release()
    if not said:
        raise DocumentError(f"expected {_KINDS} that can be read in seconds, got one that costs too much")
    head, _, kept = said.partition(b"\n")
    answer: dict[str, str] = json.loads(head)
    if "refused" in answer:
        raise DocumentError(answer["refused"])
    return answer["media_type"], kept or content


def _require_one_thing(content: bytes) -> None:
    """No other program may take the file for something else."""
    if not content.startswith(_PDF_START) and _PDF_START in content[: _PDF_START_WITHIN + len(_PDF_START)]:
        raise DocumentError("expected a picture and nothing else, got one that is a PDF file too")
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise DocumentError("expected a certificate and nothing else, got a file that is an archive too")


def _redrawn(content: bytes, kind: str) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=(kind,))
            # The header tells the size; nothing is decoded before it is known to be bearable.
            if image.width * image.height > MAX_PIXELS:
                raise DocumentError(f"expected at most {MAX_PIXELS:,} pixels, got {image.width} x {image.height}")
            image.draft("RGB", (EDGE, EDGE))
            upright = _on_paper(ImageOps.exif_transpose(image))
    except DocumentError:
        raise
    # Crafted files make Pillow's decoders raise nearly every built-in exception, from SyntaxError to struct.error.
    except Exception as error:
        raise DocumentError(f"expected a whole {kind} picture, got a damaged one") from error
    upright.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
    output = io.BytesIO()
    upright.save(output, "JPEG", quality=85, optimize=True)
    return output.getvalue()


def _on_paper(image: Image.Image) -> Image.Image:
    """In colour. What is transparent shows white paper: black print on nothing would be black on black."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("RGB")


def _check_pdf(content: bytes) -> None:
    _require_one_thing(content)
    if content.rpartition(_PDF_END)[2].strip(b"\r\n\t \0") or _PDF_END not in content:
        raise DocumentError("expected a whole PDF file that ends where it says, got one cut off or with more behind it")
    if any(name in content for name in _ACTIVE):
        raise DocumentError("expected a PDF file of pages alone, got one with scripts or files inside")
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise DocumentError(_unopened(error)) from error
    try:
        _check_pages(document)
    except pypdfium2.PdfiumError as error:
        raise DocumentError("expected a whole PDF file, got one with pages that cannot be read") from error
    finally:
        document.close()


def _unopened(error: Exception) -> str:
    if "assword" in str(error):
        return "expected a PDF file that opens without a password, got one that asks for it"
    return "expected a whole PDF file, got a damaged one"


def _check_pages(document: object) -> None:
    """Each page must load. That interprets what is on it, which is where a hostile file spends its time."""
    from pypdfium2 import PdfDocument, raw

    assert isinstance(document, PdfDocument)
    if raw.FPDFDoc_GetJavaScriptActionCount(document) or raw.FPDFDoc_GetAttachmentCount(document):
        raise DocumentError("expected a PDF file of pages alone, got one with scripts or files inside")
    pages = len(document)
    if not 1 <= pages <= MAX_PAGES:
        raise DocumentError(f"expected a PDF file of 1 to {MAX_PAGES} pages, got {pages:,}")
    for number in range(pages):
        document[number].close()


def _main() -> None:
    confine(CPU_SECONDS, MEMORY_BYTES)
    kept = b""
    try:
        media_type, kept = examine(sys.stdin.buffer.read(MAX_BYTES + 1))
        answer = {"media_type": media_type}
    except DocumentError as error:
        answer = {"refused": str(error)}
    # A PDF is kept as it came: whoever asks has it.
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + (b"" if answer.get("media_type") == PDF else kept))


if __name__ == "__main__":
    _main()
