"""The web worker's side of the guard's socket. It holds no root, and waits as the worker's sockets wait: under gevent
others go on meanwhile. Each entry has a connection of its own.
"""

from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path

from traceqr.entering import Entry, GuardAway, Judgement
from traceqr.guard.frames import MAX_ANSWER, parse_answer, to_request
from traceqr.guard.securing import GREETING_S, asking_context
from traceqr.settings import Secured
from traceqr.wire.frames import FrameError, heard, receive, send

PATIENCE_S = 1.0
"""How long somebody who waits for a page waits for a guard that is started anew."""

_ANSWER_S = 5.0
_SEND_S = 2.0
_PAUSE_S = 0.05


class Line:
    """The way to the guard."""

    def __init__(self, place: Path | Secured, patience_s: float = PATIENCE_S) -> None:
        """Raises `SecuringError` for certificates that cannot be used."""
        self._place = place
        self._patience_s = patience_s
        self._context = asking_context(place) if isinstance(place, Secured) else None

    def ask(self, entry: Entry) -> Judgement:
        """Whether the code of an entry is right. Raises `GuardAway`."""
        try:
            with self._connected() as connection:
                send(connection, to_request(entry), seconds=_SEND_S)
                content = receive(connection, MAX_ANSWER, _ANSWER_S)
                judgement = parse_answer(content) if content else None
        except (OSError, FrameError) as error:
            raise GuardAway(f"the guard at {self._place} broke off its answer: {error}") from error
        if judgement is None:
            words = ": ".join(heard(content[1:])) if content else "it closed the connection without one"
            raise GuardAway(f"the guard at {self._place} gives no answer now: {words}")
        return judgement

    def _connected(self) -> socket.socket:
        """A connection; one that is refused is tried again, while a guard may be starting."""
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                return self._connect()
            except ssl.SSLError as error:
                raise GuardAway(f"the guard at {self._place} is not trusted, or does not trust us: {error}") from error
            except OSError as error:
                if isinstance(error, PermissionError) or time.monotonic() >= deadline:
                    raise GuardAway(
                        f"the guard cannot be reached at {self._place}: {error.strerror or error}"
                    ) from error
            time.sleep(_PAUSE_S)

    def _connect(self) -> socket.socket:
        place = self._place
        if isinstance(place, Path):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.settimeout(_SEND_S)
                connection.connect(str(place))
            except OSError:
                connection.close()
                raise
            return connection
        assert self._context is not None  # made with the line
        plain = socket.create_connection((place.host, place.port), timeout=_SEND_S)
        try:
            plain.settimeout(GREETING_S)
            return self._context.wrap_socket(plain, server_hostname=place.host)
        except OSError:
            plain.close()
            raise
