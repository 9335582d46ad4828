"""`read_photo` for servers: in a process of its own, so that a picture that keeps it busy holds up nobody else."""

from __future__ import annotations

import json
import sys
import threading

from traceqr.confined import ask, confine
from traceqr.symbol.reading import MAX_PHOTO_BYTES, PhotoError, read_photo

CPU_SECONDS = 3
"""The slowest honest photo takes half a second."""

WALL_SECONDS = 10
MEMORY_BYTES = 1 << 30
AT_ONCE = 2
"""Photos that one server process has read at the same time; more wait."""

_free = threading.BoundedSemaphore(AT_ONCE)


def read_isolated(content: bytes) -> str:
    """As `read_photo`, whose errors it raises; `photo-too-large` also for a picture that costs too much to read, and
    `photo-busy` when too many others are being read.
    """
    if len(content) > MAX_PHOTO_BYTES:
        raise PhotoError("photo-too-large", f"expected at most {MAX_PHOTO_BYTES} bytes, got {len(content)}")
    if not _free.acquire(timeout=WALL_SECONDS):
        raise PhotoError("photo-busy", "expected to read the photo at once, too many others are being read")
    try:
        answer = _ask(content)
    finally:
        _free.release()
    if "reason" in answer:
        raise PhotoError(answer["reason"], answer["message"])
    return answer["text"]


def _ask(content: bytes) -> dict[str, str]:
    """What the process says of the photo; one that dies or is too slow says that it costs too much."""
    said = ask("traceqr.symbol.isolated", content, WALL_SECONDS)
    if not said:
        return {"reason": "photo-too-large", "message": "expected a picture that can be read in seconds, got another"}
    answer: dict[str, str] = json.loads(said)
    return answer


def _main() -> None:
    confine(CPU_SECONDS, MEMORY_BYTES)
    try:
        answer = {"text": read_photo(sys.stdin.buffer.read(MAX_PHOTO_BYTES + 1))}
    except PhotoError as error:
        answer = {"reason": error.reason, "message": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main()
