"""`traceqr batch labels` in its formats, beside raw Ed25519 signing by as many processes; and its memory by size.

Raw is that of `cryptography`, by which the goals were set; beside it that of libsodium, which labels are signed with.
With `--most 10000000` the memory of ten million labels is looked at, too: that takes minutes and 3 GB of disk.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from measure import ORIGIN, Bench, bench, interleaved, table

from traceqr import exporting, issuing
from traceqr.activating import Range
from traceqr.demo.catalogue import ITEMS
from traceqr.printing import formats
from traceqr.printing.format import Format, Job
from traceqr.producing import Work, produce
from traceqr.registry.batches import Batch

LABELS = 200_000
STARTED = 100_000
PICTURES = 40_000
ROUNDS = 3
COMMAND = Path(sys.executable).with_name("traceqr")
GOALS = {"csv": 0.9, "txt": 0.9, "zpl": 0.9, "pdf": 0.6}
MEASURED = ("zpl graphic", "tspl", "tspl graphic", "png", "svg-zip")
"""As measured, without a goal."""

SIZES = (1_000, STARTED, 4 * STARTED, 10_000_000)
RAW = ("cryptography", "libsodium")

_SIGNING = """
import sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.signing import SigningKey
private, count = Ed25519PrivateKey.generate(), int(sys.argv[1])
sign = private.sign if sys.argv[2] == "cryptography" else SigningKey(private.private_bytes_raw()).sign
signed = [b"traceqr.label.v1\\0%050d" % index for index in range(count)]
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.read(1)
for each in signed:
    sign(each)
"""


@dataclass(frozen=True)
class Command:
    """The command on one batch."""

    here: Bench
    batch: Batch

    def run(self, name: str, count: int, jobs: int) -> None:
        """Write the first labels of the batch to a file."""
        chosen = ["--format", *name.split(), "-o", str(self.here.folder / "labels"), "--last", str(count - 1)]
        environment = {
            **os.environ,
            "TRACEQR_DATABASE": f"sqlite:///{self.here.database.path}",
            "TRACEQR_KEYS": str(self.here.keys.path),
        }
        command = [COMMAND, "batch", "labels", str(self.batch.number), *chosen, "--jobs", str(jobs)]
        subprocess.run([*command, "--again", "benchmark"], env=environment, check=True, stderr=subprocess.DEVNULL)


def raw(count: int, jobs: int, library: str = RAW[0]) -> float:
    """Seconds that so many processes take for the signatures alone, from messages that are ready; without start-up."""
    share = str(count // jobs)
    command = [sys.executable, "-c", _SIGNING, share, library]
    signers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(jobs)]
    for signer in signers:
        assert signer.stdout
        signer.stdout.readline()
    started = time.perf_counter()
    for signer in signers:
        assert signer.stdin
        signer.stdin.close()
    for signer in signers:
        signer.wait()
    taken = time.perf_counter() - started
    for signer in signers:
        assert signer.stdout
        signer.stdout.close()
    return taken


class _Nowhere:
    """Takes bytes, and notes when the first label came."""

    def __init__(self) -> None:
        self.first_s = 0.0
        self.last_s = 0.0
        self.size = 0

    def write(self, content: bytes) -> None:
        self.last_s = time.perf_counter()
        self.first_s = self.first_s or self.last_s
        self.size += len(content)


def formed(job: Job, name: str) -> tuple[Format, Job]:
    """A form by the name of a row, and its job: an archive of pictures holds fewer labels."""
    options = {"drawing": "graphic"} if "graphic" in name else {}
    if name in ("png", "svg-zip"):
        job = replace(job, last=job.first + PICTURES - 1)
    return formats.make(name.split()[0], job, options), job


def making(job: Job, private: Ed25519PrivateKey, name: str, jobs: int) -> tuple[float, float]:
    """Labels a second between the first strip and the last, once all processes run; and bytes a label."""
    form, job = formed(job, name)
    work, nowhere = Work.of(form, job, jobs), _Nowhere()
    told: list[tuple[float, int]] = []
    produce(work, private, nowhere, jobs, None, lambda done, _: told.append((time.perf_counter(), done)))  # type: ignore[arg-type]
    (first_s, first), (last_s, last) = told[2 * jobs], told[-1]
    return (last - first) / (last_s - first_s), nowhere.size / len(job)


def rates(job: Job, private: Ed25519PrivateKey, jobs: int) -> None:
    """Print the rate of each format, without start-up, beside that of raw signing in the same round."""
    rows = []
    raws: dict[str, list[float]] = {library: [] for library in RAW}
    for name in (*GOALS, *MEASURED):
        ours, theirs, size = [], {library: [] for library in RAW}, 0.0  # type: ignore[var-annotated]
        for _ in range(ROUNDS):
            for library, taken in theirs.items():
                taken.append(LABELS / raw(LABELS, jobs, library))
            rate, size = making(job, private, name, jobs)
            ours.append(rate)
        mine = statistics.median(ours)
        for library, taken in theirs.items():
            raws[library] += taken
        ratios = " and ".join(f"{mine / statistics.median(taken):.2f} of {name}" for name, taken in theirs.items())
        goal = f", goal {GOALS[name]}" if name in GOALS else ""
        rows.append((name, f"{mine:,.0f} a second, {ratios}{goal}; {size:,.0f} bytes a label"))
    heads = [
        (f"raw Ed25519 signing, {library}", f"{statistics.median(taken):,.0f} a second")
        for library, taken in raws.items()
    ]
    table(f"{LABELS:,} labels, {jobs} processes, without start-up", [*heads, *rows])


def shares(job: Job, private: Ed25519PrivateKey) -> None:
    """Print where the time of a label goes, in one process."""
    first, count = job.first, 8_000  # whole pages
    last = first + count - 1
    signatures = job.series.signatures(private, first, last)
    signing, writing = interleaved(
        ROUNDS,
        lambda: job.series.signatures(private, first, last),
        lambda: job.series.written(signatures),
    )
    rows = [("signing", f"{signing / count * 1e6:.1f} us"), ("seals as digits", f"{writing / count * 1e6:.1f} us")]
    strip = job.series.strip(private, first, last)
    for name in (*GOALS, *MEASURED):
        form, _ = formed(job, name)
        form.body(strip)
        (taken,) = interleaved(ROUNDS, lambda form=form: form.body(strip))  # type: ignore[misc]
        rows.append((f"{name}, beside these", f"{taken / count * 1e6:.1f} us"))
    table("Where the time of a label goes, one process", rows)


def whole(command: Command, jobs: int) -> None:
    """Print the command as it is called, its start-up and the file included."""
    sides: Sequence[Callable[[], object]] = [
        *(lambda name=name: command.run(name, LABELS, jobs) for name in GOALS),  # type: ignore[misc]
        lambda: raw(LABELS, jobs),
    ]
    *ours, theirs = interleaved(1, *sides)
    rows = [
        (name, f"{LABELS / taken:,.0f} a second, {theirs / taken:.2f} of raw signing")
        for name, taken in zip(GOALS, ours, strict=True)
    ]
    table(f"The command, {LABELS:,} labels to a file, {jobs} processes, start-up included on both sides", rows)


def memory(command: Command, jobs: int, most: int) -> None:
    """Print the peak memory of the command by size."""
    peaks = []
    for count in (size for size in SIZES if size <= most):
        command.run("csv", count, jobs)
        # The peak of all children so far: flat as long as it does not grow with the size.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        peaks.append((f"{count:,} labels", f"{peak:.0f} MB"))
    table("Peak memory of a process of the command (goal under 200 MB, flat)", peaks)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, choices=SIZES, default=SIZES[2])
    most = parser.parse_args().most
    jobs = os.cpu_count() or 1
    with bench() as here:
        order = issuing.Order(ITEMS[0].gtin, SIZES[-1], ORIGIN, pledge=4, active=True)
        batch = issuing.issue(here.desk, order)
        command, private = Command(here, batch), here.private(batch)
        with here.database.snapshot() as reader:
            job = exporting.plan(reader, Range(batch.number, 0, LABELS - 1), here.desk.clock()).job()
        memory(command, jobs, most)
        shares(job, private)
        rates(job, private, jobs)
        whole(command, jobs)


if __name__ == "__main__":
    main()
