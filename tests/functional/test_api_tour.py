"""The commands of docs/api.md and docs/epcis.md, typed as they stand there, against a server with consoles."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from support import staff
from support.server import ROOT, Server, serving
from support.world import SetClock, World, gtin

from traceqr import entrusting
from traceqr.access import Role, Scope
from traceqr.instant import system_clock

DOCUMENT = "".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("api.md", "epcis.md"))


def typed(name: str, server: Server, token: str, folder: Path) -> list[dict[str, object]]:
    """What the commands of a tour answered, a JSON text each."""
    found = re.search(rf"<!-- tour: {name} -->\n```sh\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found, f"expected a tour named {name} in docs/api.md or docs/epcis.md"
    environment = {**os.environ, "ORIGIN": server.origin, "TOKEN": token, "no_proxy": "*"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", found[1]],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line]


def test_the_walk_through(tmp_path: Path) -> None:
    world = World(tmp_path, SetClock(system_clock()))
    world.furnish()
    manager = staff.admitted(world, Role.MANAGER)
    owner = staff.enterprise_id(world)
    token = entrusting.issue_token(world.desk, owner, manager.account.id, "MES", tuple(Scope), 1).secret
    with serving(tmp_path, world.url, TRACEQR_ROLES="console") as server:
        products, issued = typed("issue", server, token, tmp_path)
        assert [product["gtin"] for product in products["items"]] == [str(gtin())]  # type: ignore[attr-defined]
        assert typed("issue", server, token, tmp_path)[1] == issued
        made, changed, spans = typed("print", server, token, tmp_path)
    assert made["address"].startswith(f"{server.origin}/print/")  # type: ignore[attr-defined]
    assert changed["labels"] == 9
    assert [span["life"] for span in spans["items"]] == ["active", "issued"]  # type: ignore[attr-defined]
    assert world.acts().count("batch.issue") == 1
    world.close()


def test_events_are_captured_and_asked_for(tmp_path: Path) -> None:
    world = World(tmp_path, SetClock(system_clock()))
    world.furnish()
    manager = staff.admitted(world, Role.MANAGER)
    owner = staff.enterprise_id(world)
    token = entrusting.issue_token(world.desk, owner, manager.account.id, "ERP", (Scope.EVENTS,), 1).secret
    with serving(tmp_path, world.url, TRACEQR_ROLES="console") as server:
        job, by_step, by_thing = typed("epcis", server, token, tmp_path)
    assert (job["success"], job["errors"]) == (True, [])
    things = [
        answer["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["epcList"]  # type: ignore[index]
        for answer in (by_step, by_thing)
    ]
    assert things == [["urn:epc:id:sscc:9521141.1000000017"], ["https://id.gs1.org/00/195211410000000172"]]
    assert world.acts().count("trace.capture") == 1
    world.close()
