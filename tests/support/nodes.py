"""One database, three nodes that only verify, and a console that holds the keys: as in docs/scaling.md.

Labels lead to one address, as they do where a balancer stands in front and hands the Host header on: clients connect to
a node's own port, and name that address.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from csv import DictReader
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict
from support import postgres
from support.audit import Pair, recorded
from support.burst import NAVIGATION, NETWORK, PATIENCE_S, await_more, people
from support.ports import free_port
from support.processes import family, kill
from support.program import Program
from support.server import ROOT, SECRET, serving

from traceqr.label.format import Label
from traceqr.registry import opening
from traceqr.web.device import Device, Devices

HOST = "qr.example.org"
NODES = 3
GTIN = "06999905500019"
EXAMPLES = ROOT / "docs" / "examples"

devices = Devices(SECRET, True, os.urandom)
"""The deployment's own: all nodes share the secret, and serve https behind a proxy."""

_roles = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a device was told of a label by a node. Instants by the monotonic clock: asked, and answered in full."""

    node: int
    pair: Pair
    status: int
    verdict: dict[str, Any]
    asked_s: float
    told_s: float

    @property
    def code(self) -> str:
        """The verdict's code."""
        return str(self.verdict.get("code"))


@dataclass
class Node:
    """A verifier: `traceqr serve` in one worker, so that who asks the node knows which process answers."""

    number: int
    folder: Path
    url: str
    port: int = field(default_factory=free_port)
    _held: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Serve, on the same port as before."""
        self.folder.mkdir(exist_ok=True)
        program = ("traceqr", "serve", "--workers", "1")
        settings = {"TRACEQR_ORIGIN": f"https://{HOST}", "TRACEQR_ROLES": "public"}
        self.server = self._held.enter_context(serving(self.folder, self.url, self.port, program, **settings))

    def kill(self) -> None:
        """SIGKILL to the node with all of its processes."""
        kill(family(self.server.process.pid))
        self.server.process.wait()
        self._held.close()

    def stop(self) -> None:
        """End it, however it stands."""
        self._held.close()

    def get(self, path: str, **headers: str) -> Any:
        """As the balancer asks for somebody."""
        return self.server.get(path, **{"Host": HOST, **headers})

    def scan(self, label: Label, device: Device, connection: http.client.HTTPConnection | None = None) -> Heard:
        """A person's scan, by a device that has its cookie. Raises OSError or HTTPException without a whole answer."""
        if connection is None:
            with closing(self.connection()) as own:
                return self.scan(label, device, own)
        asked_s = time.monotonic()
        connection.request("GET", label.path, headers=headers_of(device))
        answer = connection.getresponse()
        body = answer.read()
        pair = (label.serial.batch, label.serial.index, device.stored)
        return Heard(self.number, pair, answer.status, json.loads(body), asked_s, time.monotonic())

    def connection(self) -> http.client.HTTPConnection:
        """A connection to keep."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)


def headers_of(device: Device) -> dict[str, str]:
    """The header fields of a person who scans with a device and reads JSON."""
    cookie = f"{devices.name}={device.cookie}"
    return {"Host": HOST, "Accept": "application/json", **NAVIGATION, "X-Forwarded-For": NETWORK, "Cookie": cookie}


class Console:
    """The command line with the owner's role, keys and high-water file; each command in a process of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir()
        self.keys = folder / "keys"
        self.high_water = folder / "high-water.json"
        self._program = Program(folder)
        self._program.env |= {"TRACEQR_DATABASE": url, "TRACEQR_HIGH_WATER": str(self.high_water)}

    def run(self, *args: object) -> str:
        """Standard output of a command that must succeed."""
        process = self._program.start(*args, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, f"{args}: {complaint.decode()}{said.decode()}"
        return said.decode()

    def json(self, *args: object) -> Any:
        """What such a command says to programs."""
        return json.loads(self.run(*args, "--json"))

    def furnish(self) -> None:
        """The registry and its first key, and an enterprise with its products, from the examples of the documents."""
        self.run("init")
        for what in ("organisation", "enterprise", "product"):
            self.run(what, "import", EXAMPLES / f"{what}s.csv")
        for claim in self.json("claim", "import", EXAMPLES / "claims.csv"):
            self.run("claim", "accept", claim["id"], "--by", "质量检验协会（示例）")

    def issue(self, count: int, *options: str) -> tuple[int, list[Label]]:
        """A batch's number, and its labels as they go to print."""
        number = self.json("batch", "issue", "--gtin", GTIN, "--count", count, *options)["number"]
        printed = self.run("batch", "labels", number, "--format", "csv", "-o", "-")
        return number, [Label.parse(row["text"]) for row in DictReader(printed.splitlines())]


@dataclass
class Deployment:
    """All of it, running."""

    url: str
    role: str
    console: Console
    nodes: list[Node]

    def on_every_node(self, label: Label, device: Device) -> list[Heard]:
        """One scan on each node, one after the other."""
        return [node.scan(label, device) for node in self.nodes]

    def codes(self, label: Label, device: Device) -> list[str]:
        """The verdicts' codes of such scans."""
        return [heard.code for heard in self.on_every_node(label, device)]

    def require_codes(self, device: Device, code: str, *labels: Label) -> None:
        """Every node says the same of each of the labels."""
        for label in labels:
            assert self.codes(label, device) == [code] * NODES, f"label {label.serial.index}"

    def recorded(self, batch: int) -> set[Pair]:
        """Who has scanned which labels of a batch, by the database. Each once, or the test fails."""
        database = opening.open_database(self.url)
        try:
            found = {pair: times for pair, times in recorded(database).items() if pair[0] == batch}
        finally:
            database.close()
        assert set(found.values()) <= {1}, "there twice"
        return set(found)

    def sightings(self, batch: int) -> dict[int, tuple[int, int]]:
        """Of each label of a batch that was seen: how often, and by how many devices."""
        database = opening.open_database(self.url)
        try:
            with database.snapshot() as reader:
                rows = reader.rows(
                    "SELECT label_index, times_seen, devices FROM sighting WHERE batch = :batch", {"batch": batch}
                )
        finally:
            database.close()
        return {row["label_index"]: (row["times_seen"], row["devices"]) for row in rows}


@contextmanager
def deployment(folder: Path) -> Iterator[Deployment]:
    """An empty database, filled by the console, and three nodes that were let in by `traceqr grant`."""
    with ExitStack() as held:
        role = held.enter_context(_role())
        url = held.enter_context(postgres.empty_database())
        console = Console(folder / "console", url)
        console.furnish()
        console.run("grant", role)
        parts = conninfo_to_dict(url)
        public = f"postgresql://{role}@/{parts['dbname']}?host={parts['host']}"
        nodes = [Node(number, folder / f"node-{number}", public) for number in range(1, NODES + 1)]
        for node in nodes:
            held.callback(node.stop)
            node.start()
        yield Deployment(url, role, console, nodes)


@contextmanager
def _role() -> Iterator[str]:
    """A role that may connect. What was granted to it goes with the database, so it is entered before that."""
    name = f"node_{next(_roles)}"
    postgres.run_as_owner(f"CREATE ROLE {name} LOGIN NOSUPERUSER")
    try:
        yield name
    finally:
        postgres.run_as_owner(f"DROP ROLE {name}")


@dataclass
class Crowd:
    """People who scan until told to stop, each in a thread, each scan by `choose`: a node, a label and a device."""

    choose: Callable[[int], tuple[Node, Label, Device]]
    """Of the scan's number, from 0."""
    heard: list[Heard] = field(default_factory=list)
    lost: list[tuple[int, Pair]] = field(default_factory=list)
    """Scans without a whole answer, by node."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._numbers = itertools.count()

    def scanning(self, count: int) -> AbstractContextManager[None]:
        """So many of them, until the block ends."""
        return people(count, self._person, self._stop)

    def await_more(self, scans: int, of: Sequence[Node] = ()) -> None:
        """Wait until so many more are answered, by these nodes if any are named."""
        numbers = {node.number for node in of}
        await_more(scans, lambda: sum(not of or one.node in numbers for one in list(self.heard)), self.said)

    def said(self) -> dict[str, int]:
        """How often each node gave each verdict."""
        return dict(Counter(f"node {one.node}: {one.status} {one.code}" for one in list(self.heard)))

    def _person(self) -> None:
        with ExitStack() as held:
            connections: dict[int, http.client.HTTPConnection] = {}
            while not self._stop.is_set():
                with self._guard:
                    node, label, device = self.choose(next(self._numbers))
                if node.number not in connections:
                    connections[node.number] = held.enter_context(closing(node.connection()))
                self._scan(node, label, device, connections[node.number])

    def _scan(self, node: Node, label: Label, device: Device, connection: http.client.HTTPConnection) -> None:
        try:
            heard = node.scan(label, device, connection)
        except (OSError, http.client.HTTPException):
            connection.close()
            with self._guard:
                self.lost.append((node.number, (label.serial.batch, label.serial.index, device.stored)))
            self._stop.wait(0.02)
        else:
            with self._guard:
                self.heard.append(heard)
