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
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

SECRET = "of-a-benchmark-only-" * 3
METRICS_TOKEN = "of-a-benchmark-only"
WORKERS = 2
OURS = "traceqr.web.app:from_environment()"
BARE = "bare:app"


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: str, port: int, folder: Path, **settings: str) -> Iterator[int]:
    """Serve an app with two workers; gives the process id of the master."""
    config = str(files("traceqr.web").joinpath("gunicorn.conf.py"))
    command = [sys.executable, "-m", "gunicorn", "--config", config, "--bind", f"127.0.0.1:{port}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACEQR_")}
    environment |= {"PYTHONPATH": str(Path(__file__).parent), **settings}
    log = folder / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--workers", str(WORKERS), app], env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _await(process, port, log)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
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
