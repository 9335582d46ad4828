"""Frames: a length (4 bytes, big-endian) and so many bytes, over a socket of any kind."""

from __future__ import annotations

import socket
import struct
import time

from traceqr.errors import TraceqrError

MAX_WORDS = 2_000
"""Bytes of a reason with its words."""

_LENGTH = struct.Struct(">I")


class FrameError(TraceqrError):
    """Bytes that are no frame, or no request of this version."""


def spoken(reason: str, words: str) -> bytes:
    """A reason with its words, as it stands in an answer."""
    return f"{reason}\n{words}".encode("utf-8", "replace")[:MAX_WORDS]


def heard(content: bytes) -> tuple[str, str]:
    """A reason and its words, from an answer."""
    reason, _, words = content.decode("utf-8", "replace").partition("\n")
    return reason, words


def send(connection: socket.socket, *parts: bytes, seconds: float) -> None:
    """Send one frame. Raises `TimeoutError` if the other side does not take it in time, or another `OSError`."""
    connection.settimeout(seconds)
    connection.sendall(b"".join((_LENGTH.pack(sum(map(len, parts))), *parts)))


def receive(connection: socket.socket, most: int, seconds: float) -> bytes | None:
    """One frame of at most so many bytes, within so many seconds however it trickles in; None where the other side has
    closed before its first byte. Raises `FrameError`, `TimeoutError` and other `OSError`.
    """
    deadline = time.monotonic() + seconds
    prefix = _exactly(connection, _LENGTH.size, deadline)
    if not prefix:
        return None
    if len(prefix) < _LENGTH.size:
        raise FrameError("expected a frame, got less than its length")
    (length,) = _LENGTH.unpack(prefix)
    if length > most:
        raise FrameError(f"expected a frame of at most {most:,} bytes, got one of {length:,}")
    content = _exactly(connection, length, deadline)
    if len(content) < length:
        raise FrameError(f"expected a frame of {length:,} bytes, got {len(content):,}")
    return bytes(content)


def _exactly(connection: socket.socket, count: int, deadline: float) -> bytearray:
    """So many bytes, or fewer where the other side has closed."""
    content = bytearray()
    while len(content) < count:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("expected the rest of a frame in time")
        connection.settimeout(left)
        chunk = connection.recv(min(count - len(content), 1 << 16))
        if not chunk:
            break
        content += chunk
    return content
