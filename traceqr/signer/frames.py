"""What web workers and the signer say to each other over a UNIX socket.

A frame is its length (4 bytes, big-endian) and so many bytes. A worker sends a request and waits for its answer, one at
a time on a connection; either may close the connection after an answer. All integers are big-endian.

    request = version (1), kind (1), export (16 lower-case hex digits, ASCII), then by kind
        "S" seal      first label (4), last label (4)               at most 8,192 labels
        "F" finish    bytes that were sent (8), their SHA-256 (32)  all of the export's file, in one go
    answer = status (1), then by status
        "+" done      the signatures of the labels in order, 64 bytes each; nothing for "F"
        "-" refused   it may not be: a reason, a line feed, words for the operator (UTF-8)
        "!" failed    it cannot be now, and may be asked again: the same
        "?" garbled   no request of this version: the same, and the connection is closed

There is no other request: none gives a key, and none signs what the worker chose.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from dataclasses import dataclass

from traceqr.errors import TraceqrError

VERSION = 1
MAX_LABELS = 8_192
SIGNATURE_BYTES = 64
MAX_REQUEST = 64
"""Bytes: the longest request has 58."""

MAX_ANSWER = 1 + MAX_LABELS * SIGNATURE_BYTES
MAX_WORDS = 2_000
"""Bytes of a reason with its words."""

DONE, REFUSED, FAILED, GARBLED = b"+", b"-", b"!", b"?"

_LENGTH = struct.Struct(">I")
_SEAL = struct.Struct(">Bc16sII")
_FINISH = struct.Struct(">Bc16sQ32s")
_EXPORT = re.compile(b"[0-9a-f]{16}")


class FrameError(TraceqrError):
    """Bytes that are no frame, or no request of this version."""


@dataclass(frozen=True, slots=True)
class SealRequest:
    """Seal labels `first` to `last` of an export."""

    export: str
    first: int
    last: int

    def to_bytes(self) -> bytes:
        """As it stands in a frame."""
        return _SEAL.pack(VERSION, b"S", self.export.encode("ascii"), self.first, self.last)


@dataclass(frozen=True, slots=True)
class FinishRequest:
    """All of an export was sent: so many bytes, with this SHA-256 in hex."""

    export: str
    size: int
    digest: str

    def to_bytes(self) -> bytes:
        """As it stands in a frame."""
        return _FINISH.pack(VERSION, b"F", self.export.encode("ascii"), self.size, bytes.fromhex(self.digest))


def parse_request(content: bytes) -> SealRequest | FinishRequest:
    """Raises `FrameError`."""
    if content[:1] != bytes([VERSION]):
        raise FrameError(f"expected a request of version {VERSION}, got one that begins with {content[:2]!r}")
    layout = {b"S": _SEAL, b"F": _FINISH}.get(content[1:2])
    if layout is None or len(content) != layout.size:
        raise FrameError(f"expected a request S of {_SEAL.size} bytes or F of {_FINISH.size}, got {len(content)} bytes")
    _, _, export, *rest = layout.unpack(content)
    if not _EXPORT.fullmatch(export):
        raise FrameError(f"expected an export's id of 16 hex digits, got {export!r}")
    if layout is _FINISH:
        return FinishRequest(export.decode(), rest[0], rest[1].hex())
    first, last = rest
    if not first <= last < first + MAX_LABELS:
        raise FrameError(f"expected 1 to {MAX_LABELS:,} labels from the first up to the last, got {first} to {last}")
    return SealRequest(export.decode(), first, last)


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
