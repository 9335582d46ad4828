"""The courier: one call of somebody else's program, to an address that was looked at first, and nothing more.

The call ends after ten seconds, whatever the other side does. It follows no redirect, and shows nobody what was
answered but the status: whoever names an address learns nothing of what lies behind it.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from traceqr import __version__
from traceqr.delivering.outcome import Outcome
from traceqr.endpoint import Endpoint, Resolve, is_loopback, is_public

PATIENCE_S = 10.0
"""For all of it: connecting, TLS, sending and the answer."""

MAX_ANSWER = 4_096
"""Octets read of an answer's body, so that the other side need not see its connection reset."""

MAX_ADDRESSES = 4
"""Addresses of one host that are tried, one after the other."""


class _Failed(Exception):
    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the machine's resolver tells them."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that no name may have
        raise OSError(str(error)) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class Courier:
    """Calls endpoints. `loopback` lets tests call this machine."""

    resolve: Resolve = resolve
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    loopback: bool = False
    patience_s: float = PATIENCE_S
    monotonic: Callable[[], float] = time.monotonic

    def send(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Outcome:
        """One call. What goes wrong is in the outcome."""
        until = self.monotonic() + self.patience_s
        try:
            addresses = self._looked_up(endpoint, until)
            with self._connected(endpoint, addresses, until) as connection:
                return _exchanged(connection, endpoint, headers, body)
        except _Failed as failed:
            return Outcome(failed.fault)

    def _looked_up(self, endpoint: Endpoint, until: float) -> Sequence[str]:
        """The addresses of the host, all of which may be called: one that may not spoils the others, since a name that
        leads here and there is a trap.
        """
        try:
            found = self._resolved(endpoint, until)
        except OSError as error:
            raise _Failed("name") from error
        if not found:
            raise _Failed("name")
        if not all(is_public(address) or (self.loopback and is_loopback(address)) for address in found):
            raise _Failed("address")
        return found[:MAX_ADDRESSES]

    def _resolved(self, endpoint: Endpoint, until: float) -> Sequence[str]:
        """What the resolver says in time. It has a patience of its own, and a name server that never answers, or leads
        from name to name, belongs to the other side too: such a resolver is left to end by itself.
        """
        answers: SimpleQueue[Sequence[str] | OSError] = SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self.resolve(endpoint.host, endpoint.port))
            except OSError as error:
                answers.put(error)

        threading.Thread(target=ask, name="resolver", daemon=True).start()
        try:
            said = answers.get(timeout=max(0.0, until - self.monotonic()))
        except Empty as error:
            raise _Failed("timeout") from error
        if isinstance(said, OSError):
            raise said
        return said

    @contextmanager
    def _connected(self, endpoint: Endpoint, addresses: Sequence[str], until: float) -> Iterator[socket.socket]:
        """A connection to one of the addresses, which are not looked up again: what was looked at is what is called."""
        bare = self._reached(endpoint.port, addresses, until)
        connection = self._wrapped(bare, endpoint)
        with connection, self._cut_off(connection, until):
            if isinstance(connection, ssl.SSLSocket):
                connection.do_handshake()
            yield connection

    def _reached(self, port: int, addresses: Sequence[str], until: float) -> socket.socket:
        for address in addresses:
            if (left := until - self.monotonic()) <= 0:
                break
            with suppress(OSError):
                return socket.create_connection((address, port), timeout=left)
        raise _Failed("timeout" if self.monotonic() >= until else "connection")

    def _wrapped(self, bare: socket.socket, endpoint: Endpoint) -> socket.socket:
        if not endpoint.secure:
            return bare
        try:
            return self.context.wrap_socket(bare, server_hostname=endpoint.host, do_handshake_on_connect=False)
        except (OSError, ValueError) as error:
            bare.close()
            raise _Failed("connection") from error

    @contextmanager
    def _cut_off(self, connection: socket.socket, until: float) -> Iterator[None]:
        """Shut the connection when time is up: timeouts of sockets begin anew with each octet that drips in."""
        late = threading.Event()

        def cut() -> None:
            late.set()
            with suppress(OSError):
                # That of the plain socket: a TLS socket would forget its state under the thread that reads from it.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

        timer = threading.Timer(max(0.0, until - self.monotonic()), cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _Failed("timeout" if late.is_set() else _named(error)) from error
        finally:
            timer.cancel()


def _named(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, TimeoutError):
        return "timeout"
    # `RemoteDisconnected` is both.
    return "connection" if isinstance(error, OSError) else "answer"


def _exchanged(connection: socket.socket, endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Send a request over a connection, and read what became of it."""
    protocol = http.client.HTTPConnection(endpoint.host, endpoint.port)
    protocol.auto_open = 0  # it must never look the name up again
    protocol.sock = connection
    told = {
        "Host": endpoint.authority,
        "User-Agent": f"TraceQR/{__version__}",
        "Content-Type": "application/json",
        "Connection": "close",
        **headers,
    }
    protocol.request("POST", endpoint.target, body, told)
    answer = protocol.getresponse()
    status = answer.status
    with suppress(OSError, http.client.HTTPException, ValueError):
        answer.read(MAX_ANSWER)
    if 200 <= status < 300:
        return Outcome("", status)
    return Outcome("redirect" if 300 <= status < 400 else "status", status)
