"""Serving a socket: a thread for each connection, so many at once, until it is told to stop."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from traceqr.wire.frames import FrameError, receive, send, spoken

CONNECTIONS = 32
"""At once. One more is told that the process is busy, and closed."""

IDLE_S = 10.0
"""How long a connection may take over a request, or for none."""

SEND_S = 10.0
"""How long a worker may take over an answer."""

STOP_S = 5.0
"""How long requests under way may take when the process stops."""

FAILED, GARBLED = b"!", b"?"
"""Statuses of answers that every such process gives: it cannot be now, and what was sent is no request."""

Answer = tuple[bytes, bytes]
"""A status, and what follows it."""

Reply = Callable[[bytes], Answer]
"""From a request to its answer. Raises `FrameError` for what is no request, and nothing else."""


class Say(Protocol):
    """Where events go: `say("signer-started", keys=[1])`."""

    def __call__(self, event: str, **fields: object) -> None:
        """One event, with what belongs to it."""


class Door(Protocol):
    """Who may come in."""

    plain: bool
    """Whether somebody can be told something before he is let in."""

    def stranger(self, connection: socket.socket) -> object | None:
        """Who is at the other end, if he may not ask; None for one who may, as far as that is told without waiting."""

    def enter(self, connection: socket.socket) -> socket.socket:
        """The connection to speak over. It may wait; raises `OSError` for one who may not ask."""


class Service:
    """The connections of one process."""

    def __init__(
        self, reply: Reply, most: int, say: Say, *, connections: int = CONNECTIONS, idle_s: float = IDLE_S
    ) -> None:
        """`most` bytes has the longest request."""
        self._reply = reply
        self._most_bytes = most
        self._say = say
        self._most = connections
        self._idle_s = idle_s
        self._guard = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        self._greeting: dict[threading.Thread, socket.socket] = {}
        """Of those, copies of the ones that have not shown yet that they may ask, the first that came first."""

    def serve(self, listener: socket.socket, door: Door, stop: socket.socket) -> None:
        """Accept until a byte can be read from `stop`; then end what is idle, and finish what is under way."""
        listener.setblocking(False)
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(stop, selectors.EVENT_READ)
            while all(key.fileobj is not stop for key, _ in selector.select()):
                self._accept(listener, door)
        self._end()

    def _accept(self, listener: socket.socket, door: Door) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:  # the other side has left already, or descriptors are short for a moment
            time.sleep(0.01)
            return
        user = door.stranger(connection)
        if user is not None:
            self._say("stranger-refused", user=user)
            connection.close()
        elif len(self._open) >= self._most and not self._given_up():
            self._busy(connection, door)
        else:
            self._begin(connection, door)

    def _begin(self, connection: socket.socket, door: Door) -> None:
        thread = threading.Thread(target=self._attend, args=(connection, door), name="connection", daemon=True)
        with self._guard:
            self._open[thread] = connection
        try:
            if not door.plain:
                with self._guard:
                    self._greeting[thread] = connection.dup()  # TLS takes the connection itself away
            thread.start()
        except (RuntimeError, OSError):  # the system gives no more threads, or descriptors, at this moment
            with self._guard:
                del self._open[thread]
                self._greeted(thread)
            self._busy(connection, door)

    def _given_up(self) -> bool:
        """Give up the one who has been greeting for longest, if there is one: else strangers who say nothing would take
        all places, and need no certificate for it.
        """
        with self._guard:
            longest = next(iter(self._greeting), None)
            if longest is None:
                return False
            with self._greeting.pop(longest) as connection, suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            self._open.pop(longest, None)
            return True

    def _greeted(self, thread: threading.Thread) -> None:
        """He greets no more. The lock is held."""
        if copy := self._greeting.pop(thread, None):
            copy.close()

    def _busy(self, connection: socket.socket, door: Door) -> None:
        with connection, suppress(OSError):
            if door.plain:
                send(connection, FAILED, spoken("busy", "as many workers ask as may at once"), seconds=0.1)

    def _attend(self, connection: socket.socket, door: Door) -> None:
        """One request after another."""
        try:
            with suppress(OSError), self._let_in(connection, door) as inside:
                # A worker that closes early, or says nothing for too long, has only wasted its own time.
                while self._answered(inside):
                    pass
        finally:
            with self._guard:
                self._open.pop(threading.current_thread(), None)
                self._greeted(threading.current_thread())

    def _let_in(self, connection: socket.socket, door: Door) -> socket.socket:
        try:
            inside = door.enter(connection)
        except OSError as error:
            connection.close()
            self._say("stranger-refused", user=type(error).__name__)
            raise
        with self._guard:
            self._open[threading.current_thread()] = inside
            self._greeted(threading.current_thread())
        return inside

    def _answered(self, connection: socket.socket) -> bool:
        """Whether more may be asked."""
        try:
            content = receive(connection, self._most_bytes, self._idle_s)
            if content is None:
                return False
            answer = self._reply(content)
        except FrameError as error:
            self._say("request-garbled", words=str(error))
            answer = GARBLED, spoken("garbled", str(error))
        send(connection, *answer, seconds=SEND_S)
        return answer[0] != GARBLED

    def _end(self) -> None:
        deadline = time.monotonic() + STOP_S
        with self._guard:
            under_way = list(self._open.items())
        for _, connection in under_way:
            with suppress(OSError):
                # What was sent already is answered; who waits for a request gets none. By the socket's own method: that
                # of a TLS socket would forget its keys, and what is still to be answered would go out in the clear.
                socket.socket.shutdown(connection, socket.SHUT_RD)
        for thread, _ in under_way:
            thread.join(max(0.0, deadline - time.monotonic()))
