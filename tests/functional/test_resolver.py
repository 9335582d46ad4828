"""The commands of docs/resolver.md, typed as they stand there, against a running server."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from support.server import ROOT, Server, serving
from support.world import World, gtin

DOCUMENT = (ROOT / "docs" / "resolver.md").read_text(encoding="utf-8")


def typed(name: str, server: Server) -> list[str]:
    """What the commands of a tour printed, a line each."""
    found = re.search(rf"<!-- tour: {name} -->\n```sh\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found, f"expected a tour named {name} in docs/resolver.md"
    environment = {**os.environ, "ORIGIN": server.origin, "GTIN": str(gtin()), "no_proxy": "*"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", found[1]], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_walk_through_and_what_a_raw_client_may_try(tmp_path: Path) -> None:
    world = World(tmp_path).furnish()
    for tag in ("zh", "en"):
        world.link(href=f"https://tea.example/{tag}", languages=(tag,))
    with serving(tmp_path, world.url) as server:
        home = f"{server.origin}/products/{gtin()}"
        assert typed("ask", server) == [
            f"307 {home}?utm_source=shelf",
            f"307 {home}",
            "307 https://tea.example/en?linkType=gs1:instructions",
            "404",
            f"307 {home}/unsealed",
            "400",
        ]
        product, lot, description = (json.loads(line) for line in typed("linkset", server))
        assert product["linkset"][0]["anchor"] == f"{server.origin}/01/{gtin()}"
        assert lot == product
        assert description["resolverRoot"] == server.origin
        for path in (f"/01/{gtin()}", f"/products/{gtin()}"):
            assert b"\r\nX-Evil" not in server.raw(
                f"GET {path}?a=%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            )
        host = f"GET /01/{gtin()} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
        assert b"evil.example" not in server.raw(host.encode()), "who is asked is no business of the Host header"
        absolute = f"GET https://evil.example/01/{gtin()} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        assert b"Location: https://evil" not in server.raw(absolute.encode())
        long = f"GET /01/{gtin()}?{'x' * 5_000} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        assert server.raw(long.encode()).startswith(b"HTTP/1.1 414 ")
    world.close()
