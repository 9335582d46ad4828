"""The web worker's side of the signer's socket. It holds no key, and waits as the worker's sockets wait: under gevent
others go on meanwhile.

Each question has a connection of its own, which costs a hundredth of what sealing a strip takes. So a slow download
holds no place at the signer: the answer waits in the socket, and the signer is done with it.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from pathlib import Path

from traceqr.errors import TraceqrError
from traceqr.signer.frames import DONE, FAILED, MAX_ANSWER, SIGNATURE_BYTES, FinishRequest, SealRequest
from traceqr.wire.frames import FrameError, heard, receive, send

SOON_S = 1.0
"""How long somebody who waits for a page waits for a signer that is busy or away."""

PATIENCE_S = 15.0
"""The same for a download under way: a signer that is started anew is back within seconds."""

_ANSWER_S = 20.0
_SEND_S = 5.0
_PAUSE_S = 0.05


class SignerAway(TraceqrError):
    """The signer cannot be reached, or cannot answer now."""


class SignerRefused(TraceqrError):
    """The signer may not do it. `reason` is a stable identifier."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Line:
    """The way to the signer: the path of its socket."""

    path: Path

    def ask(self, export: str, first: int, last: int, patience_s: float = PATIENCE_S) -> Question:
        """Ask for the seals of labels, and go on. Raises `SignerAway`."""
        request = SealRequest(export, first, last)
        return Question(self, request, _asked(self.path, request.to_bytes(), patience_s))

    def finish(self, export: str, size: int, digest: str) -> None:
        """Say that all of an export was sent. Raises `SignerAway` or `SignerRefused`."""
        _answer(_asked(self.path, FinishRequest(export, size, digest).to_bytes(), PATIENCE_S))


class Question:
    """Seals that were asked for. Close it where the answer is no longer wanted."""

    def __init__(self, line: Line, request: SealRequest, connection: socket.socket) -> None:
        self._line = line
        self._request = request
        self._connection = connection
        self._signatures: list[bytes] | None = None

    def close(self) -> None:
        """The answer is no longer wanted."""
        self._connection.close()

    def signatures(self, patience_s: float = PATIENCE_S) -> list[bytes]:
        """The signatures, 64 bytes each, waited for once. A signer that went away is asked again, for so long. Raises
        `SignerAway` or `SignerRefused`.
        """
        if self._signatures is None:
            self._signatures = self._waited_for(time.monotonic() + patience_s)
        return self._signatures

    def _waited_for(self, deadline: float) -> list[bytes]:
        while True:
            try:
                return self._split(_answer(self._connection))
            except SignerAway:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise
                time.sleep(min(_PAUSE_S, left))
                self._connection = _asked(self._line.path, self._request.to_bytes(), left)

    def _split(self, content: bytes) -> list[bytes]:
        count = self._request.last - self._request.first + 1
        if len(content) != count * SIGNATURE_BYTES:
            raise SignerAway(f"expected {count} signatures from the signer, got {len(content):,} bytes")
        return [content[at : at + SIGNATURE_BYTES] for at in range(0, len(content), SIGNATURE_BYTES)]


def _asked(path: Path, request: bytes, patience_s: float) -> socket.socket:
    """A connection on which a request was sent, and no other will be."""
    deadline = time.monotonic() + patience_s
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(_SEND_S)
            connection.connect(str(path))
            send(connection, request, seconds=_SEND_S)
            connection.shutdown(socket.SHUT_WR)
        except OSError as error:
            connection.close()
            if isinstance(error, PermissionError) or time.monotonic() >= deadline:
                raise SignerAway(f"the signer cannot be reached at {path}: {error.strerror or error}") from error
        else:
            return connection
        time.sleep(_PAUSE_S)


def _answer(connection: socket.socket) -> bytes:
    """What follows the status of an answer that says yes."""
    try:
        with connection:
            content = receive(connection, MAX_ANSWER, _ANSWER_S)
    except (OSError, FrameError) as error:
        raise SignerAway(f"the signer broke off its answer: {error}") from error
    if content is None:
        raise SignerAway("the signer closed the connection without an answer")
    status = content[:1]
    if status == DONE:
        return content[1:]
    reason, words = heard(content[1:])
    if status == FAILED:
        raise SignerAway(f"the signer cannot answer now ({reason}): {words}")
    raise SignerRefused(reason, words)
