"""The commands of docs/passport.md, typed as they stand there, against a running server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from support.server import ROOT, Server, serving
from support.world import World, gtin

from traceqr import passporting
from traceqr.instant import system_clock
from traceqr.label.keyring import Role

DOCUMENT = (ROOT / "docs" / "passport.md").read_text(encoding="utf-8")


def typed(name: str, server: Server, folder: Path) -> list[str]:
    """What the commands of a tour printed, a line each."""
    found = re.search(rf"<!-- tour: {name} -->\n```sh\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found, f"expected a tour named {name} in docs/passport.md"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "ORIGIN": server.origin, "GTIN": str(gtin()), "no_proxy": "*", "PATH": path}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", found[1]],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_walk_through(tmp_path: Path) -> None:
    world = World(tmp_path).furnish()
    world.clock.at_ms = system_clock()  # who checks goes by the clock on the wall
    world.key(Role.PASSPORT)
    with serving(tmp_path, world.url) as server:
        passporting.publish(world.desk, world.database, world.folder, server.origin)
        assert typed("check", server, tmp_path) == [f"DigitalProductPassport {gtin()}"]
        led, passport = typed("links", server, tmp_path)
        assert led == f"307 {server.origin}/passport/01/{gtin()}?linkType=untp:dpp"
        assert json.loads(passport)["credentialSubject"]["granularityLevel"] == "model"
    world.close()
