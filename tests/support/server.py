"""A real gunicorn on a free loopback port, started for a test and stopped with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError, URLError

from support.ports import free_port

ROOT = Path(__file__).parents[2]
SECRET = "only-for-tests-" * 4
STARTED_WITHIN_S = 30


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Server:
    """A running server, and what it has written to its log."""

    port: int
    log: Path
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> Answer:
        return self.send(urllib.request.Request(self.origin + path, headers=_names(headers)))

    def post(self, path: str, body: bytes, **headers: str) -> Answer:
        return self.send(urllib.request.Request(self.origin + path, body, _names(headers)))

    def raw(self, request: bytes) -> bytes:
        """Send bytes as they are, for what no client library would."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            answer = b""
            while chunk := connection.recv(65_536):
                answer += chunk
        return answer

    @staticmethod
    def send(request: urllib.request.Request) -> Answer:
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=30) as response:
                return Answer(response.status, dict(response.headers), response.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        return None


@contextmanager
def serving(
    folder: Path, database: str, port: int | None = None, program: Sequence[str] = (), **settings: str
) -> Iterator[Server]:
    """Serve a registry, by `traceqr serve` or another program of Python's, which is given the address to bind. The
    private keys are out of reach: a verifier needs none.
    """
    port = port or free_port()
    log = folder / f"server-{port}.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACEQR_")}
    environment |= {
        "TRACEQR_ORIGIN": f"http://127.0.0.1:{port}",
        "TRACEQR_DATABASE": database,
        "TRACEQR_KEYS": str(folder / "no-keys-here"),
        "TRACEQR_SECRET_KEY": SECRET,
        **settings,
    }
    program = program or ("traceqr", "serve", "--workers", "2")
    command = [sys.executable, "-m", *program, "--bind", f"127.0.0.1:{port}"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        _await(process, port, log)
        yield Server(port, log, process)
    finally:
        process.send_signal(signal.SIGINT)  # at once: after SIGTERM each worker sleeps for a second, and then another
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(STARTED_WITHIN_S * 20):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"expected a server on port {port}, its log says: {log.read_text()}")


def _names(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
