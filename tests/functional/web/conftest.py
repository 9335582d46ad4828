"""A shop with active labels, and a verifier that serves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.server import Server, free_port, serving
from support.world import World

from traceqr.label.host import Origin
from traceqr.registry.batches import Batch


@dataclass
class Shop:
    """A world whose labels lead to a running server."""

    world: World
    server: Server
    batch: Batch

    def text(self, index: int) -> str:
        return self.world.label(self.batch, index)

    def path(self, index: int) -> str:
        """The request target of a label."""
        return self.text(index).partition(str(self.server.port))[2]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("shop")
    world, port = World(folder).furnish(), free_port()
    batch = world.issue(1_000, origin=Origin.parse(f"HTTP://127.0.0.1:{port}"))
    with serving(folder, world.url, port) as server:
        yield Shop(world, server, batch)
    world.close()
