"""Servers for the benchmarks: ours and the bare one, under the same gunicorn with the same settings."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from stock import Stock

SECRET = "of-a-benchmark-only-" * 3
METRICS_TOKEN = "of-a-benchmark-only"
WORKERS = 2
STARTED_WITHIN_S = 30
OURS = ("traceqr", "serve")
BARE = ("gunicorn", "--config", str(files("traceqr.web").joinpath("gunicorn.conf.py")), "bare:app")


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(stock: Stock, address: int) -> dict[str, str]:
    """What ours is told: the registry to serve, and the port of loopback that its labels lead to."""
    return {
        "TRACEQR_ORIGIN": f"http://127.0.0.1:{address}",
        "TRACEQR_DATABASE": stock.url,
        "TRACEQR_KEYS": str(stock.folder / "no-keys-here"),
        "TRACEQR_SECRET_KEY": SECRET,
        "TRACEQR_METRICS_TOKEN": METRICS_TOKEN,
    }


@contextmanager
def serving(program: Sequence[str], port: int, folder: Path, workers: int = WORKERS, **told: str) -> Iterator[int]:
    """Serve by a program of Python's, which is told the given variables, on a port of loopback, with its log in a
    folder; gives the process id of the master.
    """
    command = [sys.executable, "-m", *program, "--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACEQR_")}
    environment |= {"PYTHONPATH": str(Path(__file__).parent), **told}
    log = folder / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        _await(process, port, log)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"expected a server on port {port}: {log.read_text()}")


def counter(port: int, name: str) -> float:
    """The sum of a metric over its labels; 0 while it is not there."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read().decode()
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE))
