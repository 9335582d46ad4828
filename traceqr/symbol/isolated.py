"""`read_photo` for servers: in a process of its own, with little memory, little time and nothing to write to.

A crafted picture of a few kilobytes can keep a decoder or a reader busy for a minute. In a server that would hold up
everyone; here it ends with its process.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading

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
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "traceqr.symbol.isolated"],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # decoders repeat what the file says in their warnings
            timeout=WALL_SECONDS,
            check=True,
            env={},
        )
        answer: dict[str, str] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return {"reason": "photo-too-large", "message": "expected a picture that can be read in seconds, got another"}
    return answer


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main() -> None:
    _limit()
    try:
        answer = {"text": read_photo(sys.stdin.buffer.read(MAX_PHOTO_BYTES + 1))}
    except PhotoError as error:
        answer = {"reason": error.reason, "message": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main()
