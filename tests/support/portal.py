"""What lies between a phone and the server: a network that works, is cut, hangs, or answers in the server's place."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_HOPS = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
LOGIN = b"<!doctype html><title>Free wifi</title><h1>Please sign in</h1>"
Answer = tuple[int, list[tuple[str, str]], bytes]
_JSON = [("Content-Type", "application/json")]
_HTML = [("Content-Type", "text/html")]
ANSWERS: dict[str, Answer] = {
    "fault": (500, _HTML, b"<h1>Internal Server Error</h1>"),
    "gateway": (502, _JSON, b'{"code":"bad-gateway"}'),
    "page": (200, _HTML, LOGIN),
    "redirect": (302, [("Location", "http://wifi.example/login")], b""),
    "garbage": (200, _JSON, b'{"inspection":'),
    "other": (200, _JSON, b"[]"),
}
"""What a network may answer in the server's place."""


@dataclass
class Portal:
    """Stands in front of a server.

    `mode` is `open`, `cut`, `hang`, `swallow` (the server acts, and its answer is lost), or a key of ANSWERS; it is
    kept to for paths that begin with `on`. `replaced` are bodies that stand in the place of the server's, by path;
    `limits` say how many requests of a beginning come through before the network is cut for them.
    """

    upstream: int
    mode: str = "open"
    on: str = "/"
    asked: list[tuple[str, str]] = field(default_factory=list)
    replaced: dict[str, bytes] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self, method: str, path: str) -> int:
        """How many requests came through so far."""
        return sum(each[0] == method and each[1].startswith(path) for each in self.asked)

    def mode_for(self, path: str) -> str:
        for beginning, most in self.limits.items():
            if path.startswith(beginning):
                self.limits[beginning] = most - 1
                return "open" if most > 0 else "cut"
        return self.mode if path.startswith(self.on) else "open"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    portal: Portal

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mode = self.portal.mode_for(self.path)
        if mode == "cut":
            self.close_connection = True
            return
        if mode == "hang":
            self.portal.released.wait(60)
            self.close_connection = True
            return
        self.portal.asked.append((self.command, self.path))
        if mode in ANSWERS:
            self._answer(*ANSWERS[mode])
            return
        answer = self._replaced(self._forwarded(body))
        if mode == "swallow":
            self.close_connection = True
            return
        self._answer(*answer)

    do_GET = do_POST = do_PUT = do_HEAD = handle_any

    def _forwarded(self, body: bytes) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.portal.upstream, timeout=30)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOPS}
            connection.request(self.command, self.path, body or None, headers)
            response = connection.getresponse()
            kept = [(name, value) for name, value in response.getheaders() if name.lower() not in _HOPS]
            return response.status, kept, response.read()
        except OSError:
            return 504, [("Content-Type", "text/plain")], b"no server"
        finally:
            connection.close()

    def _replaced(self, answer: Answer) -> Answer:
        if self.path not in self.portal.replaced:
            return answer
        kept = [(name, value) for name, value in answer[1] if name.lower() not in ("etag", "content-encoding")]
        return 200, kept, self.portal.replaced[self.path]

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" and status != 304 else b"")


@contextmanager
def portal_to(upstream: int) -> Iterator[Portal]:
    """A network in front of the server at this port."""
    portal = Portal(upstream)
    handler = type("Handler", (_Handler,), {"portal": portal})
    with _Quiet(("127.0.0.1", 0), handler) as server:
        portal.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield portal
        finally:
            portal.released.set()
            server.shutdown()
            thread.join()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A phone that goes away is nobody's fault."""


def until(true: Callable[[], object], seconds: float = 20) -> None:
    """Wait for something that another process is about to do."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "expected it within the time"
        time.sleep(0.05)
