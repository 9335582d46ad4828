"""kill -9 of a worker, and of the whole server, at any moment under load: what was acknowledged is there, once."""

from __future__ import annotations

import itertools
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from support.audit import recorded, wounds
from support.burst import Burst, require_kept
from support.clerk import at_work, require_done
from support.ports import free_port
from support.processes import children, family, kill
from support.server import Server, serving
from support.together import in_threads
from support.world import World

from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.registry import opening

USUALLY = {"sqlite": 50, "postgres": 20}
CLIENTS = 6
LABELS_A_ROUND = 1_500
WHOLE_EVERY = 10
"""Kills of a worker to each of the whole server, which takes a second to start."""

BETWEEN = 25
"""Scans acknowledged between two kills, at least: each kill meets a server at work."""


@dataclass
class Kills:
    """What was killed so far."""

    workers: int = 0
    servers: int = 0

    @property
    def done(self) -> int:
        return self.workers + self.servers


def test_all_wait_for_whoever_reads_the_log_after_a_crash(tmp_path: Path) -> None:
    """The first to open a registry after a crash reads its log, a long one for longer than SQLite itself waits."""
    source = opening.create(f"sqlite:///{tmp_path / 'source.db'}")
    with source.transaction() as tx:
        tx.raw.execute("PRAGMA wal_autocheckpoint = 0")  # type: ignore[attr-defined]
    for number in range(30):
        with source.transaction() as tx:
            tx.insert_many("meta", ("name", "value"), [(f"{number} {row}", "x" * 3_000) for row in range(1_000)])
    for ending in ("", "-wal"):  # as a crash leaves them; without the shared memory, which is worth nothing then
        shutil.copy(tmp_path / f"source.db{ending}", tmp_path / f"crashed.db{ending}")
    source.close()
    crashed = opening.open_database(f"sqlite:///{tmp_path / 'crashed.db'}")

    def count() -> int:
        with crashed.snapshot() as reader:
            return int(reader.rows("SELECT COUNT(*) AS rows FROM meta WHERE value LIKE 'xxx%'")[0]["rows"])

    assert in_threads([count] * 6) == [30_000] * 6
    crashed.close()


def labels(world: World, port: int, count: int) -> list[Label]:
    """Labels for a server on this port, in two batches by turns: a group of scans is recorded batch by batch."""
    origin = Origin.parse(f"HTTP://127.0.0.1:{port}")
    made = [world.labels(world.issue(count // 2, origin=origin)) for _ in range(2)]
    return list(itertools.chain.from_iterable(zip(*made, strict=True)))


def test_killed_at_any_moment(
    engine: str, furnished: World, tmp_path: Path, rounds: Callable[[int], int], figure: Callable[[str], None]
) -> None:
    wanted, port, chance = rounds(USUALLY[engine]), free_port(), random.Random(1)
    pool = labels(furnished, port, 2_000 + wanted * LABELS_A_ROUND // 10)
    burst, kills = Burst(port, pool), Kills()
    with at_work(furnished.url) as clerk, burst.going_on(CLIENTS):
        while kills.done < wanted:
            with serving(tmp_path, furnished.url, port) as server:
                until = min(wanted, kills.done + WHOLE_EVERY)
                while kills.done < until - 1:
                    at_work_and_then(burst, chance)
                    kill_a_worker(server, chance)
                    kills.workers += 1
                    if chance.random() < 0.2:
                        clerk.kill()
                        clerk.start()
                at_work_and_then(burst, chance)
                kill(family(server.process.pid))
                server.process.wait()
                kills.servers += 1
            assert wounds(furnished.database) == []
        with serving(tmp_path, furnished.url, port):
            burst.await_good(BETWEEN)
    assert wounds(furnished.database) == []
    scans = require_kept(burst, recorded(furnished.database))
    acts = require_done(clerk, furnished.database)
    assert burst.lost > 0, "no kill met a scan under way"
    figure(
        f"{kills.workers} kills of a worker and {kills.servers} of the server, {clerk.kills} of a clerk,"
        f" {engine}: {scans:,} acknowledged scans and {acts:,} acts all there, none twice;"
        f" {burst.lost:,} requests lost their answer"
    )


def at_work_and_then(burst: Burst, chance: random.Random) -> None:
    """Let the server work, and stop at any moment of it."""
    burst.await_good(BETWEEN)
    time.sleep(chance.uniform(0, 0.05))


def kill_a_worker(server: Server, chance: random.Random) -> None:
    while not (pids := children(server.process.pid)):
        time.sleep(0.01)  # both were killed one after the other, and the new ones are on their way
    kill([chance.choice(pids)])
