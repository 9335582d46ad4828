"""Slow clients and floods: people who scan wait no longer than three times as long as when it is quiet.

Both sides are measured in one run, by turns, and compared by their medians: what else the machine does meets both.
"""

from __future__ import annotations

import http.client
import resource
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from importlib.resources import files
from pathlib import Path

import pytest
from support import flood
from support.burst import ask, devices
from support.ports import free_port
from support.processes import children, peak_memory_kb
from support.server import ROOT, Server, serving
from support.world import World

from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.label.seal import SEAL_BYTES

BOUND = 3
IDLE = 5_000
SILENT = 40
LORIS = 40
BODY = 100 * 1024 * 1024
MEMORY_KB = 64 * 1024
"""A worker may grow by so much over a body of 100 MB."""

SCANS = 50
TURNS = 3
PAUSE_S = 0.005
BARE_S = 2.0
FLOOD_S = 2.0


class Shop:
    """A served registry, and people who scan its labels one after the other."""

    def __init__(self, server: Server, labels: Sequence[Label]) -> None:
        self.server = server
        self.labels = labels
        self._next = 0

    def latency_s(self) -> float:
        """The median over some scans by devices that were there before."""
        took = []
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)) as connection:
            for _ in range(SCANS):
                told = ask(connection, self.labels[self._next], devices.new())
                assert (told.status, told.code) == (200, "genuine")
                took.append(told.took_s)
                self._next += 1
                time.sleep(PAUSE_S)
        return statistics.median(took)

    def compare(self, load: Callable[[], ExitStack]) -> tuple[float, float]:
        """Seconds of a scan in the quiet and under a load, each the median of several turns."""
        quiet, loaded = [], []
        for _ in range(TURNS):
            quiet.append(self.latency_s())
            with load():
                loaded.append(self.latency_s())
        return statistics.median(quiet), statistics.median(loaded)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    world, port = World(tmp_path).furnish(), free_port()
    labels = world.labels(world.issue(2 * SCANS * (TURNS + 1), origin=Origin.parse(f"HTTP://127.0.0.1:{port}")))
    with serving(tmp_path, world.url, port) as server:
        shop = Shop(server, labels)
        shop.latency_s()  # warms both sides alike
        yield shop
    world.close()


@contextmanager
def descriptors(wanted: int) -> Iterator[None]:
    """As many as that for this process, or the test is skipped."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"{IDLE:,} IDLE CONNECTIONS ARE NOT TESTED: {wanted:,} descriptors are wanted, {hard:,} permitted")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connected(port: int, count: int, sent: bytes = b"") -> ExitStack:
    """So many connections, each of which has sent some bytes and says no more."""
    opened = ExitStack()
    for _ in range(count):
        sock = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
        sock.sendall(sent)
    return opened


def dripping(port: int, count: int) -> ExitStack:
    """Senders of one byte at a time, which never come to the end of their request."""
    opened, stop = ExitStack(), threading.Event()
    socks = [opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30)) for _ in range(count)]

    def drip() -> None:
        for byte in b"GET /01/ HTTP/1.1\r\nX-Long: " + b"x" * 10_000:
            for sock in socks:
                sock.sendall(bytes([byte]))
            if stop.wait(0.02):
                return

    thread = threading.Thread(target=drip, daemon=True)
    opened.callback(thread.join)
    opened.callback(stop.set)
    thread.start()
    return opened


def said(name: str, quiet_s: float, loaded_s: float) -> str:
    return (
        f"{name}: a scan takes {loaded_s * 1000:.1f} ms, {quiet_s * 1000:.1f} ms when it is quiet"
        f" ({loaded_s / quiet_s:.2f} times)"
    )


def test_idle_connections(shop: Shop, figure: Callable[[str], None]) -> None:
    with descriptors(IDLE + 1_000):
        quiet_s, loaded_s = shop.compare(lambda: connected(shop.server.port, IDLE))
    figure(said(f"{IDLE:,} idle connections", quiet_s, loaded_s))
    assert loaded_s < BOUND * quiet_s


def test_silent_requests(shop: Shop, figure: Callable[[str], None]) -> None:
    begun = b"GET / HTTP/1.1\r\nHost: x\r\n"
    quiet_s, loaded_s = shop.compare(lambda: connected(shop.server.port, SILENT, begun))
    figure(said(f"{SILENT} requests that fall silent", quiet_s, loaded_s))
    assert loaded_s < BOUND * quiet_s


def test_a_byte_at_a_time(shop: Shop, figure: Callable[[str], None]) -> None:
    quiet_s, loaded_s = shop.compare(lambda: dripping(shop.server.port, LORIS))
    figure(said(f"{LORIS} senders of a byte at a time", quiet_s, loaded_s))
    assert loaded_s < BOUND * quiet_s


def send_large(port: int) -> int:
    """A body of 100 MB, as fast as it is taken; returns the status of the answer."""
    chunk = b"x" * (1 << 20)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
        head = f"POST /check HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: {BODY}\r\n\r\n"
        sock.sendall(head.encode())
        try:
            for _ in range(BODY // len(chunk)):
                sock.sendall(chunk)
        except OSError:
            pass  # the server has answered, and takes no more
        try:
            return int(sock.recv(65_536)[9:12] or 0)
        except OSError:
            return 0


def sending_large(port: int, statuses: list[int]) -> ExitStack:
    """One large body after the other, until the block ends."""
    opened, stop = ExitStack(), threading.Event()

    def send() -> None:
        while not stop.is_set():
            statuses.append(send_large(port))

    thread = threading.Thread(target=send, daemon=True)
    opened.callback(thread.join)
    opened.callback(stop.set)
    thread.start()
    return opened


def test_large_bodies(shop: Shop, figure: Callable[[str], None]) -> None:
    workers, statuses = children(shop.server.process.pid), list[int]()
    before = {pid: peak_memory_kb(pid) for pid in workers}
    quiet_s, loaded_s = shop.compare(lambda: sending_large(shop.server.port, statuses))
    grown = max(peak_memory_kb(pid) - before[pid] for pid in workers)
    figure(said(f"{len(statuses)} bodies of 100 MB, one at a time", quiet_s, loaded_s) + f"; grown by {grown:,} KB")
    assert set(statuses) <= {413, 0}
    assert 413 in statuses
    assert grown < MEMORY_KB
    assert loaded_s < BOUND * quiet_s


def bare_server(folder: Path) -> AbstractContextManager[Server]:
    """A bare Flask route on the same server with as many workers."""
    config = str(files("traceqr.web").joinpath("gunicorn.conf.py"))
    program = ("gunicorn", "--config", config, "--workers", "2", "benchmarks.bare:app")
    return serving(folder, "", program=program, PYTHONPATH=str(ROOT))


def forged(label: Label) -> str:
    """The request target of a label with a signature that nobody made."""
    path, _, digits = label.path.partition("?s=")
    seal = bytearray(int(digits).to_bytes(SEAL_BYTES, "big"))
    seal[-40] ^= 1
    return f"{path}?s={int.from_bytes(seal, 'big'):0{len(digits)}d}"


def test_forged_labels(shop: Shop, tmp_path: Path, figure: Callable[[str], None]) -> None:
    """At half the rate that a bare Flask route takes on the same server."""
    targets = [forged(label) for label in shop.labels]
    with bare_server(tmp_path) as server:
        flood.told(flood.start(server.port, targets, 1))  # warms it
        bare, statuses = flood.told(flood.start(server.port, targets, BARE_S))
    assert set(statuses) == {200}
    rates: list[float] = []

    def flooded() -> ExitStack:
        opened = ExitStack()
        running = flood.start(shop.server.port, targets, seconds=FLOOD_S, rate=bare / 2, connections=64)
        time.sleep(0.5)  # it has begun by now

        def end() -> None:
            rate, statuses = flood.told(running)
            assert set(statuses) == {200}
            rates.append(rate)

        opened.callback(end)
        return opened

    quiet_s, loaded_s = shop.compare(flooded)
    sent = f"forged labels sent at {bare / 2:,.0f}/s, answered at {statistics.median(rates):,.0f}/s"
    figure(said(f"{sent} (bare server {bare:,.0f}/s)", quiet_s, loaded_s))
    assert loaded_s < BOUND * quiet_s
