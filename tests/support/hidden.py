"""Hidden codes, names of devices, and a guard for tests."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from support.world import World

from traceqr import hiding
from traceqr.guard.asking import Line
from traceqr.guard.counters import Counters
from traceqr.guard.frames import MAX_REQUEST
from traceqr.guard.judging import Judge
from traceqr.label.hidden import HiddenCode
from traceqr.label.serial import Serial
from traceqr.registry.batches import Batch
from traceqr.registry.exports import Content
from traceqr.wire.listening import LocalDoor, Post, listening
from traceqr.wire.serving import Service


def code(number: int) -> HiddenCode:
    """A well-formed code of ten digits and their check digits."""
    return HiddenCode(f"{number:010d}{98 - number * 100 % 97:02d}")


def wrong_code(right: HiddenCode) -> HiddenCode:
    """A well-formed code that is not that one."""
    return code((int(right.digits[:10]) + 1) % 10**10)


def name(of: str) -> str:
    """A pseudonym as the web makes them: 64 hex digits."""
    return hashlib.sha256(of.encode()).hexdigest()


def issue_with_codes(world: World, count: int = 10, **changes: Any) -> Batch:
    """A batch whose labels have hidden codes, which were given out for print."""
    if world.one("SELECT COUNT(*) AS roots FROM hidden_root")["roots"] == 0:
        hiding.new_root(world.desk, world.folder)
    batch = world.issue(count, **changes)
    world.export(batch.number, content=Content.HIDDEN)
    return batch


def right_code(world: World, serial: Serial) -> HiddenCode:
    """The code of a label."""
    with world.database.snapshot() as reader:
        return hiding.root_of(reader, world.folder, serial.batch).code(serial)


@contextmanager
def guarding(world: World, path: Path, **limits: Any) -> Iterator[Line]:
    """The guard of a world in a thread of this process, and a way to it over its real socket."""

    def say(event: str, **fields: object) -> None:
        """Nobody listens."""

    ours, theirs = socket.socketpair()
    counters = path.with_name(path.name + ".db")
    with ours, theirs, closing(Counters(counters)) as kept, listening(path, Post("guard", "TRACEQR_GUARD")) as listener:
        service = Service(Judge(world.database, world.folder, kept, say).reply, MAX_REQUEST, say, **limits)
        thread = threading.Thread(target=service.serve, args=(listener, LocalDoor(path), ours))
        thread.start()
        try:
            yield Line(path, patience_s=0)
        finally:
            theirs.send(b"s")
            thread.join(20)
