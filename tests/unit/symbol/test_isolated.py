from __future__ import annotations

import io
import threading

import pytest
from PIL import Image

from tests.unit.symbol.specimens import label_at, photo_of, saved
from traceqr.symbol import isolated
from traceqr.symbol.isolated import read_isolated
from traceqr.symbol.reading import PhotoError

LABEL = label_at()


def endless_jpeg(scans: int) -> bytes:
    """A progressive JPEG of 49 megapixels whose last scan is repeated: each walks the whole picture."""
    output = io.BytesIO()
    Image.new("L", (7_000, 7_000), 255).save(output, "JPEG", progressive=True)
    content = output.getvalue()
    start = content.rindex(b"\xff\xda")
    return content[:-2] + content[start:-2] * scans + content[-2:]


def test_a_label_is_read() -> None:
    assert read_isolated(saved(photo_of(LABEL))) == str(LABEL)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"not a picture", "photo-not-image"), (saved(Image.new("L", (99, 99), 255)), "photo-without-code")],
)
def test_errors_come_through(content: bytes, reason: str) -> None:
    with pytest.raises(PhotoError) as caught:
        read_isolated(content)
    assert caught.value.reason == reason


def test_too_many_bytes_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated.sys, "executable", "/nonexistent")
    with pytest.raises(PhotoError, match="expected at most"):
        read_isolated(bytes(isolated.MAX_PHOTO_BYTES + 1))


def test_a_picture_that_costs_too_much_ends_with_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "WALL_SECONDS", 1)
    with pytest.raises(PhotoError, match="read in seconds") as caught:
        read_isolated(endless_jpeg(3_000))
    assert caught.value.reason == "photo-too-large"


def test_only_so_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "_free", threading.BoundedSemaphore(1))
    monkeypatch.setattr(isolated, "WALL_SECONDS", 0.05)
    with isolated._free, pytest.raises(PhotoError) as caught:
        read_isolated(saved(photo_of(LABEL)))
    assert caught.value.reason == "photo-busy"
