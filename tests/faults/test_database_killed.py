"""PostgreSQL is killed under load and started again: nothing acknowledged is lost, and nothing wrong is said."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from support.audit import recorded, wounds
from support.burst import Burst, require_kept
from support.clerk import at_work, require_done
from support.own_postgres import own_postgres
from support.ports import free_port
from support.server import Server, serving
from support.world import World

from traceqr.label.host import Origin

CLIENTS = 6
AWAY_S = 1.5
BACK_WITHIN_S = 5
"""After the database lets people in again."""

SCANS = 100
USUALLY = 3
LABELS = 6_000


def ready(server: Server) -> tuple[int, str | None]:
    answer = server.get("/readyz")
    return answer.status, json.loads(answer.body).get("reason")


def test_killed_and_started_again(tmp_path: Path, rounds: Callable[[int], int], figure: Callable[[str], None]) -> None:
    port, kills, killed, back = free_port(), min(rounds(USUALLY), 40), 0, []
    with own_postgres() as database:
        world = World(tmp_path, url=database.url).furnish()
        pool = world.labels(world.issue(LABELS * kills // USUALLY, origin=Origin.parse(f"HTTP://127.0.0.1:{port}")))
        burst = Burst(port, pool)
        with serving(tmp_path, database.url, port) as server, at_work(database.url) as clerk, burst.going_on(CLIENTS):
            for _ in range(kills):
                burst.await_good(SCANS)
                assert ready(server) == (200, None)
                killed += database.kill()
                gone = time.monotonic()
                assert ready(server) == (503, "registry-unreachable")
                time.sleep(AWAY_S)
                starting = time.monotonic()
                open_again = database.start()
                burst.await_good(SCANS)
                time.sleep(0.5)  # whoever still waits for the old server is told so by now
                assert ready(server) == (200, None)
                answers = list(burst.answers)
                while_away = [told for told in answers if gone + 0.1 < told.at_s - told.took_s and told.at_s < starting]
                assert {told.status for told in while_away} <= {503}
                unchecked = [told.at_s for told in answers if told.status == 503]
                assert any(gone < at_s for at_s in unchecked), "nobody was told that the database is away"
                first = min(
                    told.at_s for told in answers if told.status == 200 and told.at_s - told.took_s > gone + 0.1
                )
                back.append(max(first, *unchecked) - open_again)
        assert wounds(world.database) == []
        scans = require_kept(burst, recorded(world.database))
        acts = require_done(clerk, world.database)
        world.close()
    figure(
        f"PostgreSQL killed {kills} times ({killed} processes): {scans:,} acknowledged scans and {acts:,} acts all"
        f" there, none twice; {burst.said()}; good again {max(back):.2f} s after it let people in, at most"
    )
    assert max(back) < BACK_WITHIN_S
