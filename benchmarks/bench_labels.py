"""`traceqr batch labels --format csv`, one process, beside raw Ed25519 signing; and its peak memory by size."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from measure import ORIGIN, Bench, bench, interleaved, table

from traceqr import issuing
from traceqr.demo.catalogue import ITEMS
from traceqr.label.gtin import Gtin
from traceqr.label.seal import message
from traceqr.label.serial import Serial
from traceqr.registry import keys
from traceqr.registry.batches import Batch

LABELS = 100_000
COMMAND = Path(sys.executable).with_name("traceqr")


@dataclass(frozen=True)
class Command:
    """The command on one batch."""

    here: Bench
    batch: Batch

    def run(self, count: int) -> None:
        """Write the first labels of the batch to a file."""
        chosen = ["--format", "csv", "-o", str(self.here.folder / "labels.csv"), "--last", str(count - 1)]
        environment = {
            **os.environ,
            "TRACEQR_DATABASE": f"sqlite:///{self.here.database.path}",
            "TRACEQR_KEYS": str(self.here.keys.path),
        }
        subprocess.run(
            [COMMAND, "batch", "labels", str(self.batch.number), *chosen],
            env=environment,
            check=True,
            stderr=subprocess.DEVNULL,
        )


def raw_signing(here: Bench, batch: Batch) -> Callable[[], None]:
    """What the labels cost at least: their signatures, from messages that are ready."""
    with here.database.snapshot() as reader:
        key = keys.by_number(reader, batch.key_number)
    assert key is not None
    private, gtin = here.keys.private(key), Gtin.parse(batch.gtin)
    signed = [message(batch.key_number, 4, gtin, Serial(batch.number, index)) for index in range(LABELS)]

    def raw() -> None:
        for each in signed:
            private.sign(each)

    return raw


def speed(command: Command) -> None:
    """Print the rate of the command beside that of raw signing."""
    ours, theirs = interleaved(5, lambda: command.run(LABELS), raw_signing(command.here, command.batch))
    rows = [
        ("raw Ed25519 signing", f"{LABELS / theirs:,.0f} a second"),
        ("the command, start-up included", f"{LABELS / ours:,.0f} a second"),
        ("ratio", f"{theirs / ours:.2f} (goal 0.7)"),
    ]
    table(f"{LABELS:,} labels to CSV, one process", rows)


def memory(command: Command) -> None:
    """Print the peak memory of the command by size."""
    peaks = []
    for count in (LABELS // 100, LABELS, 10 * LABELS):
        command.run(count)
        # The peak of all children so far: flat as long as it does not grow with the size.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        peaks.append((f"{count:,} labels", f"{peak:.0f} MB"))
    table("Peak memory of the command (goal under 200 MB, flat)", peaks)


def main() -> None:
    with bench() as here:
        order = issuing.Order(ITEMS[0].gtin, 10 * LABELS, ORIGIN, pledge=4, active=True)
        command = Command(here, issuing.issue(here.desk, order))
        speed(command)
        memory(command)


if __name__ == "__main__":
    main()
