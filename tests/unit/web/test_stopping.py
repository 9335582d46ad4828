"""Ctrl-C at a terminal stops the server without a word."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

from support.ports import free_port

from tests.unit.web.world import SECRET, World
from traceqr.cli.serving import command

STARTED_WITHIN_S = 30


def wait_for(port: int) -> None:
    for _ in range(STARTED_WITHIN_S * 20):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"expected a server on port {port}")


def test_interrupt_says_no_more_than_that_it_stopped(world: World, tmp_path: Path) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "TRACEQR_ORIGIN": f"http://127.0.0.1:{port}",
        "TRACEQR_SECRET_KEY": SECRET,
        "TRACEQR_DATABASE": world.settings.database,
    }
    said = tmp_path / "said"
    with said.open("wb") as output:
        process = subprocess.Popen(
            command(f"127.0.0.1:{port}", 2),
            cwd=tmp_path,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(port)
        while said.read_text().count("worker-started") < 2:
            time.sleep(0.05)
        # As a terminal does: to the whole group, so that each worker is told twice, by it and by the master.
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    events = sorted(json.loads(line)["event"] for line in said.read_text().splitlines())
    assert events == ["server-started", "server-stopped", *["worker-started"] * 2, *["worker-stopped"] * 2]
