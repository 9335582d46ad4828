"""`traceqr batch labels --format csv`, one process, beside raw Ed25519 signing; and its peak memory by size."""

import os
import resource
import subprocess
import sys
from pathlib import Path

from measure import ORIGIN, bench, interleaved, table

from traceqr import issuing
from traceqr.demo.catalogue import ITEMS
from traceqr.label.gtin import Gtin
from traceqr.label.seal import message
from traceqr.label.serial import Serial
from traceqr.registry import keys

LABELS = 100_000
COMMAND = Path(sys.executable).with_name("traceqr")


def main() -> None:
    with bench() as here:
        batch = issuing.issue(here.desk, issuing.Order(ITEMS[0].gtin, 10 * LABELS, ORIGIN, pledge=4, active=True))
        with here.database.snapshot() as reader:
            key = keys.by_number(reader, batch.key_number)
        private = here.keys.private(key)
        gtin = Gtin.parse(batch.gtin)
        environment = {
            **os.environ,
            "TRACEQR_DATABASE": f"sqlite:///{here.database.path}",
            "TRACEQR_KEYS": str(here.keys.path),
        }

        def command(count: int) -> None:
            target = here.folder / "labels.csv"
            subprocess.run(
                [
                    COMMAND,
                    "batch",
                    "labels",
                    str(batch.number),
                    "--format",
                    "csv",
                    "-o",
                    target,
                    "--last",
                    str(count - 1),
                ],
                env=environment,
                check=True,
            )

        signed = [message(batch.key_number, 4, gtin, Serial(batch.number, index)) for index in range(LABELS)]

        def raw() -> None:
            for each in signed:
                private.sign(each)

        ours, theirs = interleaved(5, lambda: command(LABELS), raw)
        rows = [
            ("raw Ed25519 signing", f"{LABELS / theirs:,.0f} a second"),
            ("the command, start-up included", f"{LABELS / ours:,.0f} a second"),
            ("ratio", f"{theirs / ours:.2f} (goal 0.7)"),
        ]
        table(f"{LABELS:,} labels to CSV, one process", rows)
        peaks = []
        for count in (LABELS // 100, LABELS, 10 * LABELS):
            command(count)
            # The peak of all children so far: flat as long as it does not grow with the size.
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            peaks.append((f"{count:,} labels", f"{peak:.0f} MB"))
        table("Peak memory of the command (goal under 200 MB, flat)", peaks)


if __name__ == "__main__":
    main()
