"""A signer with its keys, a web node without any, and links to files of labels: what a print house sees of them."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.ports import free_port
from support.program import Program
from support.server import SECRET, Server, serving
from support.world import SetClock, World, new_world

from traceqr import exporting
from traceqr.exporting import Asked, Export
from traceqr.instant import system_clock
from traceqr.label.host import Origin
from traceqr.registry.batches import Batch
from traceqr.signer.frames import MAX_REQUEST
from traceqr.signer.granting import linked
from traceqr.signer.listening import listening
from traceqr.signer.sealing import Signer
from traceqr.wire.listening import LocalDoor
from traceqr.wire.serving import Service

STARTED_WITHIN_S = 30


@dataclass
class PrintHouse:
    """A deployment in a folder: `port` is where its web node is, or will be."""

    world: World
    port: int
    program: Program = field(init=False)

    def __post_init__(self) -> None:
        self.program = Program(self.world.root)
        self.program.env |= {
            "TRACEQR_DATABASE": self.world.url,
            "TRACEQR_ORIGIN": f"http://127.0.0.1:{self.port}",
            "TRACEQR_SECRET_KEY": SECRET,
            "TRACEQR_SIGNER": str(self.socket),
        }

    @property
    def socket(self) -> Path:
        return self.world.root / "signer"

    @property
    def said(self) -> list[dict[str, Any]]:
        """What the signer has logged."""
        lines = (self.world.root / "signer.log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def issue(self, count: int, **changes: Any) -> Batch:
        return self.world.issue(count, origin=Origin.parse(f"HTTP://127.0.0.1:{self.port}"), **changes)

    def link(self, *options: object, batch: int = 1, name: str = "csv") -> str:
        """The path of a link."""
        made = self.program.run("batch", "link", batch, "--format", name, *options)
        assert made.exit_code == 0, made.output
        return made.stdout.strip().removeprefix(f"http://127.0.0.1:{self.port}")

    def export(self, *options: object, batch: int = 1, name: str = "csv") -> str:
        """The id of an export with a link."""
        made = self.program.run("batch", "link", batch, "--format", name, *options, "--json")
        assert made.exit_code == 0, made.output
        return str(json.loads(made.stdout)["export"])

    def file(self, *options: object, batch: int = 1, name: str = "csv") -> bytes:
        """What the command line writes."""
        made = self.program.run("batch", "labels", batch, "--format", name, "--again", "to compare", *options)
        assert made.exit_code == 0, made.output
        return made.stdout_bytes

    @contextmanager
    def signer(self) -> Iterator[subprocess.Popen[bytes]]:
        """A signer that listens."""
        with (self.world.root / "signer.log").open("ab") as log:
            process = self.program.start("signer", stderr=log)
        try:
            self._await(process)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + STARTED_WITHIN_S
        while not (self.socket.exists() and any(line["event"] == "signer-started" for line in self.said[-1:])):
            assert process.poll() is None, (self.world.root / "signer.log").read_text()
            assert time.monotonic() < deadline, "expected a signer that listens"
            time.sleep(0.02)
        assert stat.S_ISSOCK(self.socket.stat().st_mode)

    @contextmanager
    def node(self, roles: str = "public,print", workers: int = 2, **settings: str) -> Iterator[Server]:
        """A web node that has no key folder."""
        more = {"TRACEQR_ROLES": roles, "TRACEQR_SIGNER": str(self.socket), **settings}
        program = ("traceqr", "serve", "--workers", str(workers))
        with serving(self.world.root, self.world.url, self.port, program, **more) as server:
            yield server


@contextmanager
def open_print_house(folder: Path, behind_ms: int = 0, engine: str = "sqlite") -> Iterator[PrintHouse]:
    """A registry and a key as of now, or so long ago; nothing runs yet."""
    with ExitStack() as held:
        world = held.enter_context(new_world(engine, folder, SetClock(system_clock() - behind_ms)))
        today = datetime.now(UTC).date() - timedelta(days=1)
        world.association()
        world.enterprise()
        world.product()
        world.claim()
        world.campaign()
        world.pledge(signed_on=today, valid_from=today, valid_until=today + timedelta(days=300))
        world.key()
        yield PrintHouse(world, free_port())


@contextmanager
def answering(world: World, socket_path: Path, **limits: Any) -> Iterator[list[dict[str, object]]]:
    """The signer of a world in a thread of this process, by the clock of the world; gives what it says."""
    said: list[dict[str, object]] = []

    def say(event: str, **fields: object) -> None:
        said.append({"event": event, **fields})

    ours, theirs = socket.socketpair()
    with ours, theirs, listening(socket_path) as listener:
        service = Service(Signer(world.desk, world.folder, say).reply, MAX_REQUEST, say, **limits)
        thread = threading.Thread(target=service.serve, args=(listener, LocalDoor(socket_path), ours))
        thread.start()
        try:
            yield said
        finally:
            theirs.send(b"s")
            thread.join(20)


def linked_export(world: World, hours: float = 24, **asked: Any) -> Export:
    """An export with a link, by the clock of the world."""
    until_ms = world.clock() + int(hours * 3_600_000)
    form = Asked(**{"format": "csv", **asked})
    return exporting.export(world.desk, world.plan(), linked(form, 0, until_ms))
