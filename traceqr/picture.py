"""Product pictures: decoded with care, made small, and encoded anew, so that nothing of the upload survives."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from traceqr.errors import TraceqrError

MAX_BYTES = 10_000_000
MAX_PIXELS = 40_000_000
EDGE = 480
"""Pixels of the longer edge: sharp at the page's 160 CSS pixels on a phone with three device pixels each."""

_FORMATS = ("JPEG", "PNG", "WEBP")


class PictureError(TraceqrError):
    """Not a picture of a known kind, or one too large."""


class PictureTooLarge(PictureError):
    """One of too many bytes or pixels."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is stored and served; `digest` is SHA-256 of the content in hex."""

    digest: str
    media_type: str
    content: bytes

    @classmethod
    def parse(cls, content: bytes) -> Picture:
        """From the bytes of a JPEG, PNG or WebP file. Raises `PictureError`."""
        if len(content) > MAX_BYTES:
            raise PictureTooLarge(f"expected a picture of at most {MAX_BYTES:,} bytes, got {len(content):,}")
        output = io.BytesIO()
        _shrunk(content).save(output, "WEBP", quality=72, method=6)
        encoded = output.getvalue()
        return cls(hashlib.sha256(encoded).hexdigest(), "image/webp", encoded)


def _shrunk(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=_FORMATS)
            # The header tells the size; nothing is decoded before it is known to be bearable.
            if image.width * image.height > MAX_PIXELS:
                raise PictureTooLarge(f"expected at most {MAX_PIXELS:,} pixels, got {image.width} x {image.height}")
            image.draft("RGB", (EDGE * 2, EDGE * 2))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge(f"expected at most {MAX_PIXELS:,} pixels, got far more") from error
    # Crafted files make Pillow's decoders raise nearly every built-in exception, from SyntaxError to struct.error.
    except Exception as error:
        raise PictureError("expected a JPEG, PNG or WebP picture, got something else or a damaged one") from error
    upright.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
    return upright
