"""Logos: a picture file, decoded with care, as an image of a PDF file."""

from __future__ import annotations

import io
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from traceqr.printing.design import Box
from traceqr.printing.format import PrintError
from traceqr.printing.sizes import INCH_MM

MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000
DPI = 600
"""A picture is not stored finer than this."""

_FORMATS = ("JPEG", "PNG")


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture of `width` x `height` pixels, red, green and blue a byte each, compressed by zlib."""

    width: int
    height: int
    content: bytes

    @classmethod
    def read(cls, path: str, box: Box) -> Logo:
        """The picture of a file, no finer than its box needs; what is transparent is white. Raises `PrintError`."""
        most = tuple(max(1, round(side / INCH_MM * DPI)) for side in (box.width, box.height))
        image = _decoded(_content(path), path)
        image.thumbnail((most[0], most[1]), Image.Resampling.LANCZOS)
        return cls(image.width, image.height, zlib.compress(image.tobytes(), 9))


def _content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise PrintError(f"expected a logo in {path!r}, could not read it: {error}") from error
    if len(content) > MAX_BYTES:
        raise PrintError(f"expected a logo of at most {MAX_BYTES:,} bytes, got more in {path!r}")
    return content


def _decoded(content: bytes, path: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=_FORMATS)
            # The header tells the size; nothing is decoded before it is known to be bearable.
            if image.width * image.height > MAX_PIXELS:
                raise PrintError(f"expected a logo of at most {MAX_PIXELS:,} pixels, got more in {path!r}")
            picture = image.convert("RGBA")
    except PrintError:
        raise
    # Damaged files make Pillow's decoders raise nearly every built-in exception, from SyntaxError to struct.error.
    except Exception as error:
        raise PrintError(f"expected a PNG or JPEG picture in {path!r}, got something else or a damaged one") from error
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    return paper.convert("RGB")
