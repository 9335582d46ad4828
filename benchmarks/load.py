"""A load generator that costs little itself: many connections, one thread, requests made beforehand.

Each of the connections keeps one request under way and sends its next one as soon as the answer is whole.
"""

from __future__ import annotations

import re
import selectors
import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_PATIENCE_S = 30


@dataclass
class Outcome:
    """What came of a load: seconds of each answer, in order, statuses and body sizes."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    bytes_received: int = 0
    last_body: bytes = b""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def slowest(self, share: float) -> float:
        """Seconds that the quickest of the slowest `share` of answers took: 0.01 for the 99th percentile."""
        return sorted(self.latencies)[-max(1, int(len(self.latencies) * share))]

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(self.latencies)


class _Client:
    """One connection, kept alive; opened again when the server closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.sock = self._connect()
        self._got = b""
        self._length: int | None = None
        self.sent_at = 0.0

    def _connect(self) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self._port), timeout=_PATIENCE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.sock.sendall(request)

    def receive(self) -> tuple[int, bytes] | None:
        """The answer, once it is whole. Raises `ConnectionError` when the server hangs up before."""
        chunk = self.sock.recv(262_144)
        if not chunk:
            raise ConnectionResetError("the server closed the connection before its answer was whole")
        self._got += chunk
        if self._length is None:
            end = self._got.find(b"\r\n\r\n")
            if end < 0:
                return None
            match = _LENGTH.search(self._got, 0, end)
            assert match, f"expected an answer with its length, got {self._got[:end]!r}"
            self._length = end + 4 + int(match[1])
        if len(self._got) < self._length:
            return None
        whole, self._got, self._length = self._got, b"", None
        return int(whole[9:12]), whole.partition(b"\r\n\r\n")[2]


def drive(port: int, requests: Sequence[bytes], clients: int) -> Outcome:
    """Send all requests over `clients` connections and time each answer."""
    outcome, waiting = Outcome(), iter(requests)
    with selectors.DefaultSelector() as selector:
        started = time.perf_counter()
        for _ in range(clients):
            _next(_Client(port), waiting, selector)
        while selector.get_map():
            ready = selector.select(_PATIENCE_S)
            assert ready, f"expected answers within {_PATIENCE_S} s, got none"
            for key, _ in ready:
                client: _Client = key.data
                answer = client.receive()
                if answer is not None:
                    _note(outcome, client, *answer)
                    selector.unregister(client.sock)
                    _next(client, waiting, selector)
        outcome.seconds = time.perf_counter() - started
    return outcome


def _next(client: _Client, waiting: Iterator[bytes], selector: selectors.BaseSelector) -> None:
    request = next(waiting, None)
    if request is None:
        client.sock.close()
        return
    selector.register(client.sock, selectors.EVENT_READ, client)
    client.send(request)


def _note(outcome: Outcome, client: _Client, status: int, body: bytes) -> None:
    outcome.latencies.append(time.perf_counter() - client.sent_at)
    outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
    outcome.bytes_received += len(body)
    outcome.last_body = body


def get(path: str, port: int, **headers: str) -> bytes:
    """A GET request as bytes; underscores in header names become hyphens."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
