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
import struct
from dataclasses import dataclass

from traceqr.wire.frames import FrameError

VERSION = 1
MAX_LABELS = 8_192
SIGNATURE_BYTES = 64
MAX_REQUEST = 64
"""Bytes: the longest request has 58."""

MAX_ANSWER = 1 + MAX_LABELS * SIGNATURE_BYTES
DONE, REFUSED, FAILED, GARBLED = b"+", b"-", b"!", b"?"

_SEAL = struct.Struct(">Bc16sII")
_FINISH = struct.Struct(">Bc16sQ32s")
_EXPORT = re.compile(b"[0-9a-f]{16}")


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
