"""The signer's socket."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager
from pathlib import Path

from traceqr.wire import listening as wire
from traceqr.wire.listening import MAX_PATH, Post, SocketError, group_of

__all__ = ["MAX_PATH", "SocketError", "group_of", "listening"]


def listening(path: Path) -> AbstractContextManager[socket.socket]:
    """See `wire.listening.listening`."""
    return wire.listening(path, Post("signer", "TRACEQR_SIGNER"))
