"""Labels on goods, and the running site that they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.ports import free_port
from support.server import Server, serving
from support.world import World

from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.registry.batches import Batch
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png
from traceqr.symbol.reading import read_photo


@dataclass
class Shop:
    """A world whose labels lead to a running server."""

    world: World
    server: Server
    batch: Batch

    def text(self, index: int) -> str:
        """The text of a label."""
        return self.world.label(self.batch, index)

    def path(self, index: int) -> str:
        """The request target of a label."""
        return self.text(index).partition(str(self.server.port))[2]

    def printed(self, index: int) -> bytes:
        """The picture of a label as it is printed."""
        return to_png(encode(Label.parse(self.text(index))))

    def scanned(self, index: int) -> str:
        """What a camera reads from that picture."""
        return read_photo(self.printed(index))


@contextmanager
def open_shop(folder: Path) -> Iterator[Shop]:
    """A thousand active labels, and a verifier without private keys that serves them."""
    world, port = World(folder).furnish(), free_port()
    batch = world.issue(1_000, origin=Origin.parse(f"HTTP://127.0.0.1:{port}"))
    with serving(folder, world.url, port) as server:
        yield Shop(world, server, batch)
    world.close()
