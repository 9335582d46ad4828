"""Photos that people send with a report: decoded in a process of their own, made smaller and encoded anew, so that
nothing of the upload survives but what is seen. Where the camera was is told apart, for those who agreed to that.
"""

from __future__ import annotations

import base64
import io
import json
import re
import sys
import threading
import warnings
import zipfile
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps

from traceqr.confined import ask, confine
from traceqr.errors import TraceqrError

MAX_BYTES = 10_000_000
MAX_PIXELS = {"JPEG": 50_000_000}
MAX_PIXELS_ELSE = 16_000_000
"""A JPEG is decoded at a part of its size; others only whole."""

EDGE = 1_600
"""Pixels of the longer edge: small print on a label stays legible."""

_STARTS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
_HEIC = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heif", b"avif")
_OTHERS = (b"%PDF-", b"<svg", b"<html", b"<script", b"<!doctype")
_LOOKED_AT = 1_024
"""So far from the start other programs look for what a file is."""

_MARK, _SCAN, _END = 0xFF, 0xDA, 0xD9
_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
"""The marker behind the coded data of a scan, in which FF stands before 00 and before restart markers alone."""

CPU_SECONDS = 3
WALL_SECONDS = 10
MEMORY_BYTES = 1 << 30
AT_ONCE = 2
"""Photos that one process has looked at the same time; more wait."""

_free = threading.BoundedSemaphore(AT_ONCE)

_GPS = 0x8825
_NORTH, _LATITUDE, _EAST, _LONGITUDE = 1, 2, 3, 4
"""Tags of Exif 2.32, section 4.6.6."""

Position = tuple[int, int]
"""Latitude and longitude in hundredths of a degree, which is about a kilometre."""


class PhotoRefused(TraceqrError):
    """A photo that is not kept. `reason` is one of photo-not-picture, -heic, -too-large, -not-alone and -busy."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Photo:
    """A JPEG without metadata; and where it was taken, rounded, if the upload said so."""

    content: bytes
    position: Position | None


def read_photo(content: bytes) -> Photo:
    """A photo from what was uploaded. Raises `PhotoRefused`."""
    if len(content) > MAX_BYTES:
        raise PhotoRefused("photo-too-large", f"expected a photo of at most {MAX_BYTES:,} bytes, got {len(content):,}")
    if not _free.acquire(timeout=WALL_SECONDS):
        raise PhotoRefused("photo-busy", "expected to look at the photo at once, too many others are being read")
    try:
        said = ask("traceqr.photo", content, WALL_SECONDS)
    finally:
        _free.release()
    if not said:
        raise PhotoRefused(
            "photo-too-large", "expected a photo that can be read in seconds, got one that costs too much"
        )
    answer: dict[str, Any] = json.loads(said)
    if "reason" in answer:
        raise PhotoRefused(answer["reason"], answer["message"])
    position = answer["position"]
    return Photo(base64.b64decode(answer["content"]), tuple(position) if position else None)


def ends_with_its_picture(content: bytes) -> bool:
    """Whether a JPEG has one picture and nothing behind it (ITU-T T.81, annex B). Of one that is kept as it came."""
    at = 2
    while at + 4 <= len(content) and content[at] == _MARK and content[at + 1] not in (_END, _MARK):
        code, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        at += 2 + length
        if code == _SCAN:
            following = _AFTER_SCAN.search(content, at)
            at = following.end() - 2 if following else len(content)
    return content[at:] == bytes((_MARK, _END))


def examine(content: bytes) -> Photo:
    """A photo as it is kept. To be called where it may fail to end. Raises `PhotoRefused`."""
    kind = _kind(content)
    _require_one_thing(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _redrawn(content, kind)
    except PhotoRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoRefused("photo-too-large", "expected a photo of fewer pixels, got far more") from error
    # Crafted files make Pillow's decoders raise nearly every built-in exception, from SyntaxError to struct.error.
    except Exception as error:
        raise PhotoRefused("photo-not-picture", f"expected a whole {kind} picture, got a damaged one") from error


def _kind(content: bytes) -> str:
    for start, kind in _STARTS.items():
        if content.startswith(start):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        raise PhotoRefused("photo-heic", "expected a JPEG, PNG or WebP picture, got HEIC or AVIF")
    raise PhotoRefused("photo-not-picture", "expected a JPEG, PNG or WebP picture, got something else")


def _require_one_thing(content: bytes) -> None:
    """No other program may take the file for something else."""
    head = content[:_LOOKED_AT].lower()
    if any(other.lower() in head for other in _OTHERS) or zipfile.is_zipfile(io.BytesIO(content)):
        raise PhotoRefused(
            "photo-not-alone", "expected a picture and nothing else, got a file that is something else too"
        )


def _redrawn(content: bytes, kind: str) -> Photo:
    image = Image.open(io.BytesIO(content), formats=(kind,))
    # The header tells the size; nothing is decoded before it is known to be bearable.
    most = MAX_PIXELS.get(kind, MAX_PIXELS_ELSE)
    if image.width * image.height > most:
        raise PhotoRefused("photo-too-large", f"expected at most {most:,} pixels, got {image.width} x {image.height}")
    position = _position(image)
    image.draft("RGB", (EDGE, EDGE))
    upright = ImageOps.exif_transpose(image)
    drawn = Image.new("RGB", upright.size, "white")
    drawn.paste(upright, mask=upright.convert("RGBA").getchannel("A") if upright.has_transparency_data else None)
    drawn.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
    output = io.BytesIO()
    drawn.save(output, "JPEG", quality=80, optimize=True)
    return Photo(output.getvalue(), position)


def _position(image: Image.Image) -> Position | None:
    """What the camera noted of where it was; None where it noted nothing that can be."""
    try:
        noted = image.getexif().get_ifd(_GPS)
        latitude = _hundredths(noted[_LATITUDE], str(noted[_NORTH]) == "S")
        longitude = _hundredths(noted[_LONGITUDE], str(noted[_EAST]) == "W")
    except Exception:
        return None
    return (latitude, longitude) if abs(latitude) <= 9_000 and abs(longitude) <= 18_000 else None


def _hundredths(noted: Any, is_negative: bool) -> int:
    degrees, minutes, seconds = (float(part) for part in noted)
    rounded = round(100 * (degrees + minutes / 60 + seconds / 3600))
    return -rounded if is_negative else rounded


def _main() -> None:
    confine(CPU_SECONDS, MEMORY_BYTES)
    answer: dict[str, object]
    try:
        photo = examine(sys.stdin.buffer.read(MAX_BYTES + 1))
        answer = {"content": base64.b64encode(photo.content).decode("ascii"), "position": photo.position}
    except PhotoRefused as error:
        answer = {"reason": error.reason, "message": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main()
