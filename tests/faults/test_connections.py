"""No connection is to be had, or one was inherited: people are told `unchecked` soon, and it heals by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.resources import files
from pathlib import Path

import pytest
from support.audit import recorded, wounds
from support.burst import Told, at_once
from support.own_postgres import own_postgres
from support.ports import free_port
from support.processes import children, family, kill, open_files
from support.server import SECRET, Server, serving
from support.together import in_child, in_threads
from support.world import World, viewer

from traceqr.cli.serving import APP
from traceqr.errors import RegistryUnavailable
from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.registry.postgres import POOL_SIZE
from traceqr.verdict import Code

SOON_S = 8
"""Three seconds of patience, twice at most, on a machine that is busy."""

BACK_WITHIN_S = 5
CONNECTIONS = 24
UNREACHABLE = "registry-unreachable"


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_the_pool_is_exhausted(furnished: World, figure: Callable[[str], None]) -> None:
    text, verifier = furnished.label(furnished.issue(5)), furnished.verifier()
    with ExitStack() as held:
        for _ in range(POOL_SIZE):
            held.enter_context(furnished.database.snapshot())
        started = time.monotonic()
        verdict = verifier.scan(text, viewer())
        took_s = time.monotonic() - started
        assert (verdict.code, verdict.reason) == (Code.UNCHECKED, UNREACHABLE)
        assert took_s < SOON_S
        with pytest.raises(RegistryUnavailable, match="all connections are in use"):
            furnished.issue(5)
    assert verifier.scan(text, viewer()).code is Code.GENUINE
    assert furnished.issue(5).number == 2
    assert wounds(furnished.database) == []
    figure(
        f"pool of {POOL_SIZE} connections exhausted: unchecked after {took_s:.1f} s, genuine as soon as one was free"
    )


def test_others_take_all_connections(tmp_path: Path, figure: Callable[[str], None]) -> None:
    with own_postgres() as database:
        database.run(f"ALTER SYSTEM SET max_connections = {CONNECTIONS}")
        database.kill()
        database.start()
        world, port = World(tmp_path, url=database.url).furnish(), free_port()
        labels = world.labels(world.issue(10, origin=Origin.parse(f"HTTP://127.0.0.1:{port}")))
        world.close()
        with serving(tmp_path, database.url, port) as server:
            assert at_once(port, labels[0]).code == "genuine"
            database.throw_out()
            with database.crowded() as held:
                told = in_threads([partial(at_once, port, label) for label in labels])
                assert {(one.status, one.code, one.verdict["reason"]) for one in told} == {
                    (503, "unchecked", UNREACHABLE)
                }
                assert max(one.took_s for one in told) < SOON_S
                assert server.get("/readyz").status == 503
                assert server.get("/healthz").status == 200
            freed = time.monotonic()
            back_s = first_good(port, labels[1]).at_s - freed
            assert server.get("/readyz").status == 200
        assert wounds(world.database) == []
        world.close()
    figure(
        f"others hold all {held} connections of the server: {len(told)} scans unchecked within"
        f" {max(one.took_s for one in told):.1f} s each, good {back_s:.2f} s after they let go"
    )
    assert back_s < BACK_WITHIN_S


def first_good(port: int, label: Label) -> Told:
    while (told := at_once(port, label)).status != 200:
        time.sleep(0.02)
    return told


def test_a_fork_refuses_what_it_inherits(engine: str, furnished: World, figure: Callable[[str], None]) -> None:
    """With a connection open, and a transaction under way on it."""
    text, verifier = furnished.label(furnished.issue(5)), furnished.verifier()
    assert verifier.scan(text, viewer("a")).code is Code.GENUINE

    def try_everything() -> list[str]:
        said = [verifier.scan(text, viewer("b")).reason, verifier.verify(text).reason]
        for use in (furnished.database.snapshot, furnished.database.recording, furnished.database.transaction):
            with pytest.raises(RegistryUnavailable, match="inherited across it"), use():
                pass
        furnished.database.close()
        return said

    with furnished.database.snapshot() as reader:
        before = reader.rows("SELECT COUNT(*) AS scans FROM scan")
        assert in_child(try_everything) == [UNREACHABLE] * 2
        assert reader.rows("SELECT COUNT(*) AS scans FROM scan") == before
    with furnished.another() as desk, desk.act():
        assert in_child(try_everything) == [UNREACHABLE] * 2
    assert verifier.scan(text, viewer("c")).code is Code.SEEN
    assert wounds(furnished.database) == []
    figure(f"{engine}: a fork with an open connection refused 10 of 10 uses, its parent went on")


@contextmanager
def preloaded(world: World, folder: Path, port: int) -> Iterator[Server]:
    """gunicorn told by its command line to load the application before it forks, which our configuration forbids."""
    config = str(files("traceqr.web").joinpath("gunicorn.conf.py"))
    options = ["--config", config, "--bind", f"127.0.0.1:{port}", "--workers", "2", "--preload"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("TRACEQR_")}
    env |= {"TRACEQR_ORIGIN": f"http://127.0.0.1:{port}", "TRACEQR_DATABASE": world.url}
    env |= {"TRACEQR_SECRET_KEY": SECRET, "TRACEQR_KEYS": str(folder / "no-keys-here")}
    log = folder / "preloaded.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options, APP], cwd=folder, env=env, stdout=output, stderr=output
        )
    try:
        server = Server(port, log, process)
        _await(server)
        yield server
    finally:
        kill(family(process.pid))
        process.wait()


def _await(server: Server) -> None:
    for _ in range(600):
        try:
            if server.get("/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(server.log.read_text())


def test_an_application_loaded_before_the_fork(
    engine: str, furnished: World, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    port = free_port()
    labels = furnished.labels(furnished.issue(10, origin=Origin.parse(f"HTTP://127.0.0.1:{port}")))
    with preloaded(furnished, tmp_path, port) as server:
        told = [at_once(port, label) for label in labels]
        held = open_files(server.process.pid)
        workers = children(server.process.pid)
        assert len(workers) == 2
        master = {one for one in held if one.startswith("socket:")}
        shared = [master & {one for one in open_files(pid) if one.startswith("socket:")} for pid in workers]
    assert [one for one in held if "traceqr.db" in one] == [], "the master has the registry open"
    assert shared[0] == shared[1], "a worker shares with the master what the other does not: an inherited connection"
    codes = {(one.status, one.code) for one in told}
    assert codes in ({(200, "genuine")}, {(503, "unchecked")}), "neither right nor refused"
    good = {one.pair for one in told if one.status == 200}
    assert good == set(recorded(furnished.database))
    assert wounds(furnished.database) == []
    figure(f"{engine}, loaded before the fork: {sorted(codes)}; the master holds no registry open")
