"""Serving the signer's socket: a thread for each connection, so many at once, until it is told to stop.

Threads are enough: libsodium lets other threads run while it signs, so two of them sign on two cores.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from contextlib import suppress

from traceqr.signer.frames import FAILED, GARBLED, MAX_REQUEST, FrameError, parse_request, receive, send, spoken
from traceqr.signer.listening import stranger
from traceqr.signer.sealing import Answer, Say, Signer, garbled

CONNECTIONS = 32
"""At once. One more is told that the signer is busy, and closed."""

IDLE_S = 10.0
"""How long a connection may take over a request, or for none."""

SEND_S = 10.0
"""How long a worker may take over an answer."""

STOP_S = 5.0
"""How long requests under way may take when the signer stops; 8,192 labels take some 0.3 s."""


class Service:
    """The connections of one signer."""

    def __init__(self, signer: Signer, say: Say, connections: int = CONNECTIONS, idle_s: float = IDLE_S) -> None:
        self._signer = signer
        self._say = say
        self._most = connections
        self._idle_s = idle_s
        self._guard = threading.Lock()
        self._open: dict[socket.socket, threading.Thread] = {}

    def serve(self, listener: socket.socket, group: int, stop: socket.socket) -> None:
        """Accept until a byte can be read from `stop`; then end what is idle, and finish what is under way."""
        listener.setblocking(False)
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(stop, selectors.EVENT_READ)
            while all(key.fileobj is not stop for key, _ in selector.select()):
                self._accept(listener, group)
        self._end()

    def _accept(self, listener: socket.socket, group: int) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:  # the other side has left already, or descriptors are short for a moment
            time.sleep(0.01)
            return
        user = stranger(connection, group)
        if user is not None:
            self._say("stranger-refused", user=user)
            connection.close()
        elif len(self._open) >= self._most:
            self._busy(connection)
        else:
            self._begin(connection)

    def _begin(self, connection: socket.socket) -> None:
        thread = threading.Thread(target=self._attend, args=(connection,), name="connection", daemon=True)
        with self._guard:
            self._open[connection] = thread
        try:
            thread.start()
        except RuntimeError:  # the system gives no more threads at this moment
            with self._guard:
                del self._open[connection]
            self._busy(connection)

    def _busy(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            send(connection, FAILED, spoken("busy", "as many workers ask as may at once"), seconds=0.1)

    def _attend(self, connection: socket.socket) -> None:
        """One request after another."""
        try:
            # A worker that closes early, or says nothing for too long, has only wasted its own time.
            with connection, suppress(OSError):
                while self._answered(connection):
                    pass
        finally:
            with self._guard:
                del self._open[connection]

    def _answered(self, connection: socket.socket) -> bool:
        """Whether more may be asked."""
        try:
            content = receive(connection, MAX_REQUEST, self._idle_s)
            if content is None:
                return False
            answer: Answer = self._signer.answer(parse_request(content))
        except FrameError as error:
            self._say("request-garbled", words=str(error))
            answer = garbled(error)
        send(connection, *answer, seconds=SEND_S)
        return answer[0] != GARBLED

    def _end(self) -> None:
        deadline = time.monotonic() + STOP_S
        with self._guard:
            under_way = list(self._open.items())
        for connection, _ in under_way:
            with suppress(OSError):
                # What was sent already is answered; who waits for a request gets none.
                connection.shutdown(socket.SHUT_RD)
        for _, thread in under_way:
            thread.join(max(0.0, deadline - time.monotonic()))
