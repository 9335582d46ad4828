"""The disk is full: scans are unchecked, acts are refused in words, nothing half is there, and space heals it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.audit import recorded, wounds
from support.burst import Told, at_once, wrong
from support.own_postgres import own_postgres
from support.ports import free_port
from support.server import Server, serving
from support.small_disk import NotPermitted, SmallDisk, bound_files, small_disk
from support.world import World, gtin, uscc

from traceqr import enrolling, issuing
from traceqr.enrolling import ProductEntry
from traceqr.errors import TraceqrError
from traceqr.label.format import Label
from traceqr.label.host import Origin

MOST_SCANS = 20_000
UNCHECKED_IN_A_ROW = 5
LABELS = 200
IMPORTED = 4_000
BOTH = pytest.mark.parametrize("kind", ["sqlite", "postgres"])
SIZE_MB = {"sqlite": 12, "postgres": 160}
SPARE = {"sqlite": 400_000, "postgres": 1_000_000}
"""Bytes left to an import, far fewer than it needs."""

LEFT = 60_000
"""Bytes left to scans: the disk is full in the middle of them."""


@dataclass
class Site:
    """A served registry on a disk that can be filled."""

    disk: SmallDisk
    world: World
    server: Server
    labels: Sequence[Label]


@contextmanager
def on_a_small_disk(kind: str, tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as opened:
        try:
            disk = opened.enter_context(small_disk(SIZE_MB[kind]))
        except NotPermitted as error:
            pytest.skip(f"A FULL DISK IS NOT TESTED, only a bound on files: mounting a small one failed ({error})")
        own = opened.enter_context(own_postgres(disk.folder / "p")) if kind == "postgres" else None
        url = own.url if own else ""
        home = disk.folder if kind == "sqlite" else tmp_path
        world = World(home, url=url).furnish()
        opened.callback(world.close)
        port = free_port()
        labels = world.labels(world.issue(LABELS, origin=Origin.parse(f"HTTP://127.0.0.1:{port}")))
        if own:  # with no room for the next file of its log, PostgreSQL stops for good; it has one, and most of this
            own.run("SELECT pg_switch_wal()")
            own.run("CHECKPOINT")
        server = opened.enter_context(serving(tmp_path, world.url, port))
        yield Site(disk, world, server, labels)


def scan_until(site: Site, status: int, in_a_row: int) -> list[Told]:
    """Scan until so many answers in a row have a status."""
    answers: list[Told] = []
    while {told.status for told in answers[-in_a_row:]} != {status} or len(answers) < in_a_row:
        assert len(answers) < MOST_SCANS, f"expected status {status} after {MOST_SCANS} scans"
        answers.append(at_once(site.server.port, site.labels[len(answers) % LABELS]))
    return answers


def products(first: int, count: int) -> list[ProductEntry]:
    return [
        ProductEntry(gtin(number), uscc(), f"绿茶{number}" * 8, "Green Tea " * 8, "清泉", "250 g", "GB/T 14456", None)
        for number in range(first, first + count)
    ]


def issue_until_refused(world: World) -> tuple[int, str]:
    """How many batches were issued on a full disk, and the words in which the next was refused."""
    for done in range(MOST_SCANS):
        try:
            issuing.issue(world.desk, world.order(5))
        except TraceqrError as error:
            return done, str(error)
    raise AssertionError("the disk is never full")


@BOTH
def test_scans_on_a_full_disk(kind: str, tmp_path: Path, figure: Callable[[str], None]) -> None:
    with on_a_small_disk(kind, tmp_path) as site:
        scan_until(site, 200, 3)
        site.disk.fill(LEFT)
        answers = scan_until(site, 503, UNCHECKED_IN_A_ROW)
        assert [told.verdict["reason"] for told in answers if told.status != 200][-1] == "registry-unreachable"
        assert {told.code for told in answers if told.status != 200} == {"unchecked"}
        site.disk.free()
        freed = time.monotonic()
        healed = scan_until(site, 200, UNCHECKED_IN_A_ROW)
        took_s = healed[-UNCHECKED_IN_A_ROW].at_s - freed
        kept = recorded(site.world.database)
        assert {told.pair for told in (*answers, *healed) if told.status == 200} <= set(kept)
        assert set(kept.values()) == {1}
        assert wrong([*answers, *healed]) == []
        assert wounds(site.world.database) == []
        assert json.loads(site.server.get("/readyz").body)["status"] == "ready"
    good = sum(told.status == 200 for told in answers)
    figure(
        f"disk full during scans, {kind}: {good} recorded with what was left, {len(answers) - good} unchecked;"
        f" good again {took_s:.2f} s after space came back, nothing restarted"
    )


@BOTH
def test_acts_on_a_full_disk(kind: str, tmp_path: Path, figure: Callable[[str], None]) -> None:
    with on_a_small_disk(kind, tmp_path) as site:
        before = site.world.dump()
        site.disk.fill(SPARE[kind])
        with pytest.raises(TraceqrError, match="the registry cannot be used") as refused:
            enrolling.enrol_products(site.world.desk, products(100, IMPORTED))
        assert site.world.dump() == before, "part of a refused import has landed"
        site.disk.fill()
        done, words = issue_until_refused(site.world)
        assert words.startswith("the registry cannot be used")
        assert wounds(site.world.database) == []
        assert len(site.world.rows("SELECT number FROM batch")) == 1 + done
        site.disk.free()
        enrolling.enrol_products(site.world.desk, products(100, 500))
        assert len(site.world.rows("SELECT gtin FROM product")) == 1 + 500
        assert site.world.issue(5).number == 2 + done
        assert wounds(site.world.database) == []
    figure(
        f"disk full during acts, {kind}: an import of {IMPORTED:,} refused whole ({refused.value}); {done} batches"
        f" issued with what was left, then refused ({words}); both done once space was back"
    )


def test_scans_under_a_bound_on_files(tmp_path: Path, figure: Callable[[str], None]) -> None:
    """Needs no right to mount: a file that may not grow takes no scan, as on a full disk."""
    world, port = World(tmp_path).furnish(), free_port()
    labels = world.labels(world.issue(LABELS, origin=Origin.parse(f"HTTP://127.0.0.1:{port}")))
    with serving(tmp_path, world.url, port) as server:
        site = Site(SmallDisk(tmp_path), world, server, labels)
        scan_until(site, 200, 3)
        bound_files(server.process.pid, (tmp_path / "traceqr.db-wal").stat().st_size)
        answers = scan_until(site, 503, UNCHECKED_IN_A_ROW)
        bound_files(server.process.pid, -1)
        healed = scan_until(site, 200, UNCHECKED_IN_A_ROW)
    kept = recorded(world.database)
    assert {told.pair for told in (*answers, *healed) if told.status == 200} <= set(kept)
    assert wrong([*answers, *healed]) == []
    assert wounds(world.database) == []
    world.close()
    figure(f"files may not grow, sqlite: {len(answers)} scans until unchecked, good again once they may")
