"""A flood of requests, from a process of its own so that it costs the test nothing. Run as a script.

Each of its connections keeps at most one request under way. At a rate, requests are sent when they are due, however
long the answers take, as long as a connection is free; without one, as fast as the answers come.
"""

from __future__ import annotations

import itertools
import json
import re
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_TICK_S = 0.002


class Flood:
    """Connections to one server, and the requests that go round on them."""

    def __init__(self, port: int, connections: int, requests: Sequence[bytes]) -> None:
        self._requests = itertools.cycle(requests)
        self._selector = selectors.DefaultSelector()
        self._free = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(connections)]
        self._got: dict[socket.socket, bytes] = {}
        self.statuses: Counter[int] = Counter()
        for sock in self._free:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(sock, selectors.EVENT_READ)

    def run(self, rate: float, seconds: float) -> float:
        """Returns the answers a second."""
        started, sent = time.perf_counter(), 0
        while (passed := time.perf_counter() - started) < seconds:
            due = int(passed * rate) - sent if rate else len(self._free)
            for _ in range(min(due, len(self._free))):
                sock = self._free.pop()
                sock.sendall(next(self._requests))
                self._got[sock] = b""
                sent += 1
            for key, _ in self._selector.select(_TICK_S):
                self._receive(key.fileobj)  # type: ignore[arg-type]
        return self.statuses.total() / (time.perf_counter() - started)

    def _receive(self, sock: socket.socket) -> None:
        chunk = sock.recv(65_536)
        if not chunk:
            raise SystemExit("the server hung up")
        got = self._got[sock] = self._got[sock] + chunk
        end = got.find(b"\r\n\r\n")
        length = _LENGTH.search(got, 0, end) if end >= 0 else None
        if length and len(got) >= end + 4 + int(length[1]):
            self.statuses[int(got[9:12])] += 1
            del self._got[sock]
            self._free.append(sock)


def main() -> None:
    """Arguments: port, connections, rate, seconds. Standard input: request targets, a line each."""
    port, connections, rate, seconds = sys.argv[1:]
    requests = [
        f"GET {line.strip()} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\n"
        "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n\r\n".encode()
        for line in sys.stdin
    ]
    flood = Flood(int(port), int(connections), requests)
    rate_s = flood.run(float(rate), float(seconds))
    print(json.dumps({"rate": rate_s, "statuses": flood.statuses}))


def start(
    port: int, targets: Sequence[str], seconds: float, *, rate: float = 0, connections: int = 16
) -> subprocess.Popen[str]:
    """Begin a flood; `told` waits for its end."""
    arguments = [str(port), str(connections), str(rate), str(seconds)]
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__)), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    process.stdin.write("\n".join(targets))
    process.stdin.close()
    return process


def told(process: subprocess.Popen[str]) -> tuple[float, dict[int, int]]:
    """Answers a second, and how often each status came."""
    assert process.stdout is not None
    with process.stdout:
        said = json.loads(process.stdout.read())
    assert process.wait(30) == 0
    return said["rate"], {int(status): count for status, count in said["statuses"].items()}


if __name__ == "__main__":
    main()
