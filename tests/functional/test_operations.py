"""What operators live by: the log, the metrics, readiness, and stopping and reloading that lose nothing."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import re
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.parser import text_string_to_metric_families
from support import postgres
from support.ports import free_port
from support.server import ROOT, Server, serving
from support.shop import Shop
from support.together import PATIENCE_S, until
from support.world import ENGINES, World, new_world

from traceqr.label.host import Origin

BROWSER = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}
SCAN = {name.replace("-", "_"): value for name, value in BROWSER.items()}
MARK = "x7Hostile7x"
TOKEN = "for-tests-only-" * 2
ALLOWED = {"Authorization": f"Bearer {TOKEN}"}


@contextmanager
def shop_on(engine: str, folder: Path, program: tuple[str, ...] = (), **settings: str) -> Iterator[Shop]:
    """Active labels, and a server of two workers that counts; what it keeps for that is in the folder too."""
    with new_world(engine, folder) as world:
        port = free_port()
        batch = world.furnish().issue(1_000, origin=Origin.parse(f"HTTP://127.0.0.1:{port}"))
        settings = {"TRACEQR_METRICS_TOKEN": TOKEN, "TMPDIR": str(folder), **settings}
        with serving(folder, world.url, port, program, **settings) as server:
            yield Shop(world, server, batch)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with shop_on("sqlite", tmp_path) as opened:
        yield opened


def stopped(server: Server) -> int:
    server.process.send_signal(signal.SIGTERM)
    return server.process.wait(PATIENCE_S)


def logged(server: Server, event: str = "") -> list[dict[str, Any]]:
    """The lines of the log, all of which are JSON; those of one event, or all."""
    lines = [json.loads(line) for line in server.log.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if event in ("", line["event"])]


def started(server: Server) -> set[int]:
    return {line["pid"] for line in logged(server, "worker-started")}


# --- the log


def test_start_and_stop_are_logged_and_nothing_else(shop: Shop) -> None:
    until(lambda: len(started(shop.server)) == 2)
    assert shop.server.get(shop.path(1), **SCAN).status == 200
    assert stopped(shop.server) == 0
    lines = logged(shop.server)
    assert sorted(line["event"] for line in lines) == [
        "server-started",
        "server-stopped",
        *["worker-started"] * 2,
        *["worker-stopped"] * 2,
    ]
    for line in lines:
        assert set(line) <= {"timestamp", "level", "event", "pid", "workers"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["timestamp"])
        assert line["level"] == "info"
    assert (lines[0]["pid"], lines[0]["workers"]) == (shop.server.process.pid, 2)


HOSTILE = (
    f"GET /{MARK} HTTP/1.1\r\nHost: {MARK}\r\n\r\n",
    f"GET /01/{MARK}%0d%0a%1b[31m?{MARK}={MARK} HTTP/1.1\r\nHost: x\r\nUser-Agent: {MARK}\r\n\r\n",
    f"GET /01/{MARK} HTTP/1.1\r\nHost: x\r\nCookie: {MARK}={MARK}\r\n\r\n",
    f"{MARK} / HTTP/1.1\r\nHost: x\r\n\r\n",
    f"GET / {MARK}\r\n\r\n",
    f"{MARK}\r\n\r\n",
    f"GET / HTTP/1.1\r\n{MARK}\r\n\r\n",
    f"GET / HTTP/1.1\r\n{MARK} : x\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: x\r\nX: {MARK * 1_000}\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {MARK}\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: x\r\nExpect: {MARK}\r\n\r\n",
    f"POST /check HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{MARK}\r\n",
    f"POST /check HTTP/1.1\r\nHost: x\r\nContent-Length: {MARK}\r\n\r\n",
    f"POST /api/v1/verify HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{MARK}{{{{",
    f"GET /seen/{MARK}.gif HTTP/1.1\r\nHost: x\r\nCookie: device={MARK}\r\n\r\n",
    f"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {MARK}\r\n\r\n",
    f"\x16\x03\x01{MARK}",
    f"GET /{MARK * 500} HTTP/1.1\r\n\r\n",
)


def test_no_byte_of_hostile_requests_is_in_the_log(shop: Shop) -> None:
    path, away, target = shop.world.path, shop.world.path.with_suffix(".away"), shop.path(1)
    for attempt in range(2):  # the second time without a registry, so that there is something to log
        if attempt:
            path.rename(away)
            assert shop.server.get(target, **SCAN).status == 503
        for request in HOSTILE:
            raw = request.encode("latin-1").replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: close\r\n", 1)
            with socket.create_connection(("127.0.0.1", shop.server.port), PATIENCE_S) as connection:
                connection.sendall(raw)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65_536):
                    pass
    away.rename(path)
    assert stopped(shop.server) == 0
    said = shop.server.log.read_text(encoding="utf-8")
    assert logged(shop.server, "registry-away"), "expected something to be logged"
    for piece in (MARK, "hostile", "127.0.0.1", "HTTP/1", "GET", "/01/", "\x1b", str(tmp_of(shop))):
        assert piece.lower() not in said.lower(), piece


def tmp_of(shop: Shop) -> Path:
    return shop.world.root


def test_the_registry_going_and_coming_is_logged_once_a_worker(shop: Shop) -> None:
    path, away, target = shop.world.path, shop.world.path.with_suffix(".away"), shop.path(1)
    for _ in range(8):
        assert shop.server.get(target, **SCAN).status == 200
    path.rename(away)
    for _ in range(40):
        assert shop.server.get(target, **SCAN).status == 503
    away.rename(path)
    until(lambda: shop.server.get(target, **SCAN).status == 200 and logged(shop.server, "registry-back"))
    gone = [(line["pid"], line["doing"]) for line in logged(shop.server, "registry-away")]
    assert gone
    assert len(gone) == len(set(gone)), "expected one line a change"
    assert {pid for pid, _ in gone} <= started(shop.server)
    for line in logged(shop.server, "registry-away"):
        assert (line["level"], line["kind"]) == ("error", "FileNotFoundError")


# --- metrics


def counted(server: Server, name: str, **labels: str) -> float:
    """The sum of a metric over the series that have these labels."""
    answer = server.get("/metrics", **ALLOWED)
    assert answer.status == 200
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    return sum(sample.value for sample in samples if sample.name == name and labels.items() <= sample.labels.items())


def own_count(folder: Path, pid: int) -> float:
    """Verdicts that one worker has counted."""
    found = folder.glob(f"traceqr-metrics-*/counter_{pid}.db")
    values = [value for file in found for value in MmapedDict.read_all_values_from_file(file)]
    return sum(value for key, value, _, _ in values if "traceqr_verdicts_total" in key)


def test_counts_add_up_over_workers_and_survive_one_that_is_killed(shop: Shop) -> None:
    folder = shop.world.root
    first = until(lambda: len(pids := started(shop.server)) == 2 and pids)
    scans = 0

    def scanned() -> bool:
        nonlocal scans
        scans += 1
        return shop.server.get(shop.path(scans), **SCAN).status == 200

    until(lambda: scanned() and all(own_count(folder, pid) for pid in first))
    assert counted(shop.server, "traceqr_verdicts_total", kind="scan", code="genuine") == scans
    os.kill(min(first), signal.SIGKILL)
    until(lambda: len(started(shop.server)) == 3)
    assert counted(shop.server, "traceqr_verdicts_total", kind="scan", code="genuine") == scans
    (new,) = started(shop.server) - first
    until(lambda: scanned() and own_count(folder, new))
    assert shop.server.get("/01/forged?s=1", Accept="application/json").status == 200
    for name, labels in (
        ("traceqr_verdicts_total", {"kind": "scan", "code": "genuine"}),
        ("traceqr_request_seconds_count", {"endpoint": "public.label"}),
        ("traceqr_commit_members_sum", {}),
    ):
        expected = scans + (name == "traceqr_request_seconds_count")
        assert counted(shop.server, name, **labels) == expected, name
    assert counted(shop.server, "traceqr_verdicts_total", kind="verification", code="forged") == 1
    assert counted(shop.server, "traceqr_commit_seconds_count") == counted(shop.server, "traceqr_commit_members_count")
    assert 0 < counted(shop.server, "traceqr_commit_seconds_count") <= scans
    assert counted(shop.server, "traceqr_scans_waiting") == 0
    assert counted(shop.server, "traceqr_build_info", backend="sqlite") == 1
    assert "was sent SIGKILL" in shop.server.log.read_text()
    assert stopped(shop.server) == 0
    assert list(folder.glob("traceqr-metrics-*")) == [], "expected the counters' folder to go with the server"


def test_a_registry_that_is_away_is_counted_by_kind(guarded: Shop) -> None:
    shop = guarded
    assert shop.server.get(shop.path(1), **SCAN).status == 200
    path, away, target = shop.world.path, shop.world.path.with_suffix(".away"), shop.path(1)
    path.rename(away)
    for _ in range(3):
        assert shop.server.get(target, Accept="application/json").status == 503
    away.rename(path)
    assert counted(shop.server, "traceqr_registry_errors_total", doing="reading", kind="FileNotFoundError") == 3
    assert counted(shop.server, "traceqr_verdicts_total", code="unchecked") == 3
    assert counted(shop.server, "traceqr_server_errors_total", status="503") == 3


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN},
               {"Authorization": f"Basic {TOKEN}"}, {"Authorization": f"bearer {TOKEN[:-1]}é"}],
    ids=["none", "empty", "longer", "bare", "basic", "not ascii"],
)  # fmt: skip
def test_without_the_token_there_is_no_such_page(guarded: Shop, header: dict[str, str]) -> None:
    answer = guarded.server.get("/metrics", **header)
    other = guarded.server.get("/no-such-page", **header)
    assert (answer.status, answer.body) == (404, other.body)
    assert guarded.server.get("/metrics", **ALLOWED).status == 200


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One that several tests share, of which one alone takes the registry away."""
    with shop_on("sqlite", tmp_path_factory.mktemp("guarded")) as opened:
        yield opened


def test_no_token_no_metrics(tmp_path: Path) -> None:
    with shop_on("sqlite", tmp_path, TRACEQR_METRICS_TOKEN="") as shop:
        assert shop.server.get("/metrics").status == 404
        assert shop.server.get("/metrics", Authorization="Bearer ").status == 404
        assert shop.server.get(shop.path(1), **SCAN).status == 200


def test_gunicorn_by_itself_serves_the_same(tmp_path: Path) -> None:
    """By the configuration in the project's root, as other supervisors start it."""
    program = ("gunicorn", "--chdir", str(ROOT), "--config", str(ROOT / "gunicorn.conf.py"), "wsgi:app")
    with shop_on("sqlite", tmp_path, program, PYTHONPATH=str(ROOT), WEB_CONCURRENCY="2") as shop:
        until(lambda: len(started(shop.server)) == 2)
        for index in range(10):
            assert shop.server.get(shop.path(index), **SCAN).status == 200
        assert counted(shop.server, "traceqr_verdicts_total", kind="scan") == 10


# --- readiness


def test_readiness_follows_postgresql(tmp_path: Path, short_folder: Path) -> None:
    database = postgres.start(short_folder / "d")
    world = World(tmp_path, url=database.get_uri("postgres")).furnish()
    with serving(tmp_path, world.url) as server:
        until(lambda: server.get("/readyz").status == 200)
        os.kill(database.get_pid(), signal.SIGQUIT)  # at once, as after a crash
        until(lambda: server.get("/readyz").status == 503)
        assert json.loads(server.get("/readyz").text) == {"status": "not-ready", "reason": "registry-unreachable"}
        assert server.get("/healthz").status == 200
        until(lambda: not database.get_postmaster_info().is_running())
        database.ensure_postgres_running()
        until(lambda: server.get("/readyz").status == 200)
    world.close()
    database.stop()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """One whose name leaves room for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="tqop"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


# --- stopping and reloading under load


@dataclass
class Load:
    """Clients that scan one label after the other over connections that they keep, until they are told to stop."""

    shop: Shop
    keep: bool = True
    answered: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)
    _paths: list[str] = field(default_factory=list)

    @contextmanager
    def running(self, clients: int = 8) -> Iterator[None]:
        threads = [threading.Thread(target=self._scan, args=(at, clients), daemon=True) for at in range(clients)]
        self._paths = [label.path for label in self.shop.world.labels(self.shop.batch)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.enough.set()
            for thread in threads:
                thread.join(PATIENCE_S)
                assert not thread.is_alive(), "a client waits for its answer"

    def _scan(self, first: int, step: int) -> None:
        indices = itertools.cycle(range(first, len(self._paths), step))
        while not self.enough.is_set() and (connection := self._connected()):
            with closing(connection):
                while not self.enough.is_set() and self._asked(connection, next(indices)):
                    pass

    def _asked(self, connection: http.client.HTTPConnection, index: int) -> bool:
        """Scan one label; whether the connection may be used again. That a worker has it, and closes it only with an
        answer that says so, makes every fault one of the server.
        """
        try:
            connection.request("GET", self._paths[index], headers=BROWSER)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.faults.append(f"scan {index}: {error!r}")
            return False
        if answer.status != 200 or not re.search(b'data-verdict="(genuine|seen)"', body):
            self.faults.append(f"scan {index}: {answer.status}")
        self.answered.add(index)
        return self.keep and answer.getheader("Connection") != "close"

    def _connected(self) -> http.client.HTTPConnection | None:
        """A connection that a worker has taken and keeps; none when the server takes no more."""
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.shop.server.port, timeout=PATIENCE_S)
            try:
                connection.request("GET", "/healthz")
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                return None
            if answer.getheader("Connection") != "close":
                return connection
            connection.close()

    def recorded(self) -> set[int]:
        return {row["label_index"] for row in self.shop.world.rows("SELECT label_index FROM scan")}


@pytest.mark.parametrize("engine", ENGINES)
def test_stopping_answers_what_was_accepted_and_keeps_what_was_answered(engine: str, tmp_path: Path) -> None:
    with shop_on(engine, tmp_path) as shop:
        load = Load(shop)
        with load.running():
            until(lambda: len(load.answered) > 100)
            assert stopped(shop.server) == 0
        assert load.faults == []
        assert load.answered <= load.recorded()
        assert [line for line in logged(shop.server) if line["level"] != "info"] == []


@pytest.mark.parametrize("engine", ENGINES)
def test_reloading_loses_nothing(engine: str, tmp_path: Path) -> None:
    with shop_on(engine, tmp_path) as shop:
        first = until(lambda: len(pids := started(shop.server)) == 2 and pids)
        load = Load(shop, keep=False)
        with load.running(4):
            until(lambda: len(load.answered) > 50)
            shop.server.process.send_signal(signal.SIGHUP)
            until(lambda: {line["pid"] for line in logged(shop.server, "worker-stopped")} >= first)
            before = len(load.answered)
            until(lambda: len(load.answered) > before + 20 or len(load.answered) == 1_000)
        assert load.faults == []
        assert load.answered <= load.recorded()
        until(lambda: len(started(shop.server) - first) == 2)
        assert counted(shop.server, "traceqr_verdicts_total", kind="scan") >= len(load.answered)


def test_a_reload_takes_new_code(tmp_path: Path) -> None:
    release = tmp_path / "release.py"
    source = (
        "from traceqr.web.app import from_environment\n"
        "app = from_environment()\n"
        "app.after_request(lambda answer: answer.headers.set('X-Release', '{}') or answer)\n"
    )
    release.write_text(source.format("first"))
    program = ("gunicorn", "--config", str(ROOT / "gunicorn.conf.py"), "release:app")
    with shop_on("sqlite", tmp_path, program, PYTHONDONTWRITEBYTECODE="1", WEB_CONCURRENCY="2") as shop:
        assert shop.server.get("/healthz").headers["X-Release"] == "first"
        release.write_text(source.format("second"))
        shop.server.process.send_signal(signal.SIGHUP)
        until(lambda: len(logged(shop.server, "worker-stopped")) == 2)
        assert shop.server.get("/healthz").headers["X-Release"] == "second"
