"""The signer: labels sealed a second over its socket, beside raw Ed25519 signing by as many processes; and whole
downloads from a web node, beside the command that writes the same file.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench_labels import raw
from measure import ORIGIN, Bench, bench, interleaved, table
from serving import OURS, SECRET, free_port, serving

from traceqr import exporting, issuing
from traceqr.activating import Range
from traceqr.demo.catalogue import ITEMS
from traceqr.exporting import Asked
from traceqr.printing.volumes import file_name
from traceqr.registry.batches import Batch
from traceqr.signer.asking import Line
from traceqr.signer.granting import linked
from traceqr.web.links import Link, Links

LABELS = 100_000
STRIPS = (256, 512, 1_024, 8_192)
ROUNDS = 3
HOUR_MS = 3_600_000
COMMAND = Path(sys.executable).with_name("traceqr")
GAP = 0.01


def told(here: Bench) -> Mapping[str, str]:
    """The settings of all processes but the keys, which the signer and the command have alone."""
    return {
        "TRACEQR_DATABASE": f"sqlite:///{here.database.path}",
        "TRACEQR_ORIGIN": str(ORIGIN).lower(),
        "TRACEQR_SECRET_KEY": SECRET,
        "TRACEQR_SIGNER": str(here.folder / "signer"),
        "TRACEQR_ROLES": "public,print",
    }


@contextmanager
def signer(here: Bench) -> Iterator[Line]:
    """A signer that listens."""
    environment = {**os.environ, **told(here), "TRACEQR_KEYS": str(here.keys.path)}
    process = subprocess.Popen([COMMAND, "signer"], env=environment, stderr=subprocess.DEVNULL)
    line = Line(here.folder / "signer")
    while not line.path.exists():
        assert process.poll() is None, "expected a signer that starts"
        time.sleep(GAP)
    try:
        yield line
    finally:
        process.terminate()
        process.wait()


def export(here: Bench, batch: Batch, name: str) -> exporting.Export:
    """An export with a link, of the first labels of the batch."""
    with here.database.snapshot() as reader:
        plan = exporting.plan(reader, Range(batch.number, 0, LABELS - 1), here.desk.clock())
    asked = Asked(name, again=f"benchmark {secrets.token_hex(4)}")
    return exporting.export(here.desk, plan, linked(asked, 0, here.desk.clock() + HOUR_MS))


def sealed(line: Line, export_id: str, step: int, first: int, last: int) -> None:
    """Have labels sealed, a strip after the other: the next is asked for while the one before is still taken in."""
    asked = line.ask(export_id, first, min(first + step - 1, last))
    for start in range(first + step, last + 1, step):
        following = line.ask(export_id, start, min(start + step - 1, last))
        asked.signatures()
        asked = following
    asked.signatures()


def side_by_side(line: Line, export_ids: Iterator[str], step: int, workers: int) -> None:
    """The same by several workers, each with a part, of a new export: none is sealed without end."""
    share, export_id = LABELS // workers, next(export_ids)
    with ThreadPoolExecutor(workers) as pool:
        parts = [(at * share, (at + 1) * share - 1) for at in range(workers)]
        for done in [pool.submit(sealed, line, export_id, step, *part) for part in parts]:
            done.result()


def rates(line: Line, export_ids: Iterator[str], workers: int) -> None:
    """Print the rate over the socket by labels a request, beside raw signing by as many processes, in each round."""
    sides = [partial(side_by_side, line, export_ids, step, workers) for step in STRIPS]
    theirs: list[float] = []
    *ours, _ = interleaved(ROUNDS, *sides, lambda: theirs.append(raw(LABELS, workers, "libsodium")))
    alone = sorted(theirs)[len(theirs) // 2]
    rows = [("raw Ed25519 signing, libsodium", f"{LABELS / alone:,.0f} a second")]
    for step, taken in zip(STRIPS, ours, strict=True):
        rows.append((f"{step:,} labels a request", f"{LABELS / taken:,.0f} a second, {alone / taken:.2f} of it"))
    table(f"Sealing over the socket, {LABELS:,} labels, {workers} at once", rows)


def fetched(address: str) -> None:
    """Fetch a file and drop it."""
    with urllib.request.urlopen(address, timeout=120) as answer:
        while answer.read(1 << 20):
            pass


def written(here: Bench, batch: Batch, name: str) -> None:
    """The command that writes the same file."""
    environment = {**os.environ, **told(here), "TRACEQR_KEYS": str(here.keys.path)}
    chosen = ["--format", name, "--last", str(LABELS - 1), "--again", "benchmark", "-o", str(here.folder / "labels")]
    command = [COMMAND, "batch", "labels", str(batch.number), *chosen]
    subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)


def downloads(here: Bench, batch: Batch, port: int) -> None:
    """Print what a download takes beside the command that writes the same file, start-up included there."""
    rows = []
    for name in ("csv", "zpl", "pdf"):
        made = export(here, batch, name)
        token = Links(SECRET).issue(Link(made.id, here.desk.clock() + HOUR_MS))
        address = f"http://127.0.0.1:{port}/print/{token}/{file_name(batch.number, 0, LABELS - 1, name)}"
        fetched(address)  # the first one pays for fonts and tables
        ours, theirs = interleaved(1, partial(fetched, address), partial(written, here, batch, name))
        rows.append((name, f"{LABELS / ours:,.0f} labels a second; the command: {LABELS / theirs:,.0f}"))
    table(f"A download of {LABELS:,} labels, one worker and the signer; the client on the same cores", rows)


def main() -> None:
    with bench() as here:
        batch = issuing.issue(here.desk, issuing.Order(ITEMS[0].gtin, 10 * LABELS, ORIGIN, pledge=4, active=True))
        port = free_port()
        with signer(here) as line, serving(OURS, port, here.folder, 1, **told(here), TRACEQR_KEYS="no-keys-here"):
            export_ids = iter([export(here, batch, "csv").id for _ in range(2 * ROUNDS * len(STRIPS))])
            rates(line, export_ids, 1)
            rates(line, export_ids, os.cpu_count() or 1)
            downloads(here, batch, port)


if __name__ == "__main__":
    main()
