"""What a phone's camera sees: labels on a table, at an angle, with noise; a film of it for Chromium's fake camera."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy
from browser import chromium
from browser.conftest import ARGUMENTS
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, BrowserType

FRAMES = 15
"""Of each sight in a film, which has some thirty a second and begins anew at its end."""

WIDTH, HEIGHT = 1280, 720

Corner = tuple[int, int]
IN_THE_MIDDLE: Sequence[Corner] = ((420, 120), (850, 90), (890, 610), (390, 560))
"""Where a label's corners lie that is held up at an angle: clockwise from the upper left."""


def shelf(rows: int = 2, columns: int = 3) -> list[Sequence[Corner]]:
    """Where the corners of labels lie that stand beside each other, a little askew."""
    side, found = 300, []
    for place in range(rows * columns):
        x, y = 90 + place % columns * 390, 30 + place // columns * 345
        found.append(((x + 8, y), (x + side, y + 10), (x + side - 6, y + side), (x, y + side - 8)))
    return found


def sight(labels: Sequence[bytes], corners: Sequence[Sequence[Corner]] = (IN_THE_MIDDLE,), seed: int = 1) -> bytes:
    """A JPEG of some printed labels, which are PNG, each with its corners at the given places."""
    table = Image.new("RGB", (WIDTH, HEIGHT), (168, 160, 148))
    for label, places in zip(labels, corners, strict=True):
        _lay(table, Image.open(io.BytesIO(label)).convert("RGB"), places)
    blurred = numpy.asarray(table.filter(ImageFilter.GaussianBlur(0.8)), dtype=numpy.int16)
    noise = numpy.random.default_rng(seed).normal(0, 9, blurred.shape)
    shadow = numpy.linspace(12, -30, WIDTH)[None, :, None]
    seen = Image.fromarray(numpy.clip(blurred + noise + shadow, 0, 255).astype(numpy.uint8))
    picture = io.BytesIO()
    seen.save(picture, "JPEG", quality=85)
    return picture.getvalue()


def _lay(table: Image.Image, label: Image.Image, places: Sequence[Corner]) -> None:
    paper = label.resize((label.width * 3, label.height * 3), Image.Resampling.NEAREST)
    lies = ((0, 0), (paper.width, 0), (paper.width, paper.height), (0, paper.height))
    rows, wanted = [], []
    for (x, y), (u, v) in zip(places, lies, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    view = numpy.linalg.solve(numpy.array(rows, dtype=float), numpy.array(wanted, dtype=float))
    how = (Image.Transform.PERSPECTIVE, tuple(view), Image.Resampling.BILINEAR)
    size = table.size
    table.paste(paper.transform(size, *how), mask=Image.new("L", paper.size, 255).transform(size, *how))


def film(sights: Sequence[bytes], path: Path) -> Path:
    """What a fake camera is fed with: one sight after the other (Motion JPEG)."""
    path.write_bytes(b"".join(each * FRAMES for each in sights))
    return path


@contextmanager
def phone_that_sees(kind: BrowserType, seen: Path, *, allowed: bool = True) -> Iterator[Browser]:
    """A Chromium whose camera sees a film. Pages may use it, unless its owner refuses."""
    found = chromium.find()
    answer = "--use-fake-ui-for-media-stream" + ("" if allowed else "=deny")
    fake = ["--use-fake-device-for-media-stream", answer]
    arguments = [*ARGUMENTS, *fake, f"--use-file-for-fake-video-capture={seen}"]
    started = kind.launch(executable_path=str(found.path), env={**os.environ, **found.environment}, args=arguments)
    try:
        yield started
    finally:
        started.close()
