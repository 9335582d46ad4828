"""The power goes at any moment: what was acknowledged is there, and nothing is damaged.

The disk is tests/faults/power_loss.c, built here. That this test can fail is shown by the same disk under a registry
that does not wait for it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.audit import recorded, wounds
from support.world import World

from traceqr.errors import TraceqrError
from traceqr.registry.sqlite import SqliteDatabase

SOURCE = Path(__file__).with_name("power_loss.c")
TESTS = Path(__file__).parents[1]
COMPILER = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)

LOST_POWER = 99
MOST_OPERATIONS = 500
LABELS = 300
LIVES_OF_A_REGISTRY = 20
"""Power cuts that one registry lives through, before a new one: what is checked grows with each."""

NO_SYNC = "PRAGMA synchronous = OFF"
FILES = ("", "-wal", "-journal")


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if COMPILER is None:
        pytest.skip("POWER LOSS IS NOT TESTED: there is no C compiler (cc, gcc or clang)")
    built = tmp_path_factory.mktemp("disk") / "power_loss.so"
    options = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra"]
    made = subprocess.run(
        [COMPILER, *options, "-o", built, SOURCE, "-ldl", "-lpthread"], capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    return built


@dataclass
class Outcome:
    """What a series of power cuts has left."""

    cuts: int = 0
    scans: int = 0
    acts: int = 0
    lost: int = 0
    wounds: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.cuts:,} power cuts: {self.scans:,} acknowledged scans, {self.acts:,} acts"


@dataclass
class Said:
    """What one registry has acknowledged."""

    scans: set[tuple[int, int, str]] = field(default_factory=set)
    batches: set[int] = field(default_factory=set)


@contextmanager
def powered(disk: Path) -> Iterator[subprocess.Popen[str]]:
    env = {"LD_PRELOAD": str(disk), "PYTHONPATH": f"{TESTS}:{TESTS.parent}", "PATH": os.environ["PATH"]}
    process = subprocess.Popen(
        [sys.executable, "-m", "support.powered"], env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def live(process: subprocess.Popen[str], order: dict[str, Any], said: Said) -> None:
    """One life of the program, to the loss of its power."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    for line in process.stdout:
        what, *rest = json.loads(line)
        if what == "scan":
            said.scans.add(tuple(rest))
        elif what == "issue":
            said.batches.add(*rest)
        elif what == "end":
            assert rest == [LOST_POWER], f"expected the power to be lost, the process ended with {rest}"
            return
        else:
            pytest.fail(f"expected a good verdict while there is power, got {rest}")
    pytest.fail("the process under the disk has ended")


def examine(registry: Path, into: Path, said: Said) -> tuple[int, list[str]]:
    """How much of what was acknowledged a copy has lost, and what is wrong with it. The registry itself stays as the
    power cut left it, for the next life to find.
    """
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    for ending in FILES:
        with suppress(FileNotFoundError):
            shutil.copy(registry.with_name(registry.name + ending), into)
    database = SqliteDatabase(into / registry.name)
    try:
        kept = recorded(database)
        with database.snapshot() as reader:
            batches = {row["number"] for row in reader.rows("SELECT number FROM batch")}
        twice = [f"there twice: {pair}" for pair, times in kept.items() if times != 1]
        return len(said.scans - set(kept)) + len(said.batches - batches), wounds(database) + twice
    except TraceqrError as error:
        return len(said.scans) + len(said.batches), [str(error)]
    finally:
        database.close()


def cut(disk: Path, folder: Path, cuts: int, lives: int, *pragmas: str) -> Outcome:
    """So many power cuts, so many of them on one registry after the other."""
    world = World(folder).furnish()
    batch = world.issue(LABELS)
    texts = [str(label) for label in world.labels(batch)]
    world.close()
    outcome, chance = Outcome(), random.Random(3)
    with powered(disk) as process:
        while outcome.cuts < cuts:
            registry, said = folder / f"registry-{outcome.cuts}.db", Said()
            shutil.copy(world.path, registry)
            for _ in range(min(lives, cuts - outcome.cuts)):
                often = [f"PRAGMA wal_autocheckpoint = {chance.choice((5, 20, 1000))}"]
                order = {"path": str(registry), "seed": chance.getrandbits(63), "texts": texts}
                order |= {"operations": chance.randint(1, MOST_OPERATIONS), "pragmas": [*often, *pragmas]}
                live(process, order, said)
                lost, found = examine(registry, folder / "examined", said)
                outcome.cuts += 1
                outcome.lost += lost
                outcome.wounds += found
            outcome.scans += len(said.scans)
            outcome.acts += len(said.batches)
    return outcome


def test_what_was_acknowledged_survives(
    disk: Path, tmp_path: Path, rounds: Callable[[int], int], figure: Callable[[str], None]
) -> None:
    outcome = cut(disk, tmp_path, rounds(120), LIVES_OF_A_REGISTRY)
    figure(f"{outcome}; {outcome.lost} lost, {len(outcome.wounds)} damaged")
    assert outcome.wounds == []
    assert outcome.lost == 0
    assert outcome.scans > outcome.cuts, "the power went before anything was done"


def test_the_disk_loses_what_nobody_waits_for(disk: Path, tmp_path: Path, figure: Callable[[str], None]) -> None:
    outcome = cut(disk, tmp_path, 20, 1, NO_SYNC)
    figure(f"the same without waiting for the disk, {outcome}; {outcome.lost} lost, {len(outcome.wounds)} damaged")
    assert outcome.lost > 0
