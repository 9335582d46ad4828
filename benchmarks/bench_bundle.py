"""Trust bundles: bytes a million labels where the void ones lie at random and where they lie in runs, beside what zlib
makes of the bits alone; how long publishing takes, at first, after one label has changed, and where nothing has; and
how long a verifier needs until it judges. With a number as its argument, so many batches of a million labels.
"""

import hashlib
import random
import resource
import sys
import time
import zlib
from itertools import pairwise

from measure import ORIGIN, bench, table

from traceqr import activating, bundling, issuing, keying
from traceqr.activating import Range
from traceqr.bundle.judging import Holder
from traceqr.bundle.scope import ALL
from traceqr.bundle.taking import take_manifest, take_part
from traceqr.demo.catalogue import ITEMS
from traceqr.exporting import series
from traceqr.instant import system_clock
from traceqr.label.keyring import Role
from traceqr.registry import bundles, keys, spans
from traceqr.registry.spans import Span

LABELS = 1_000_000
VOID = LABELS // 100
RUNS = 20
"""In which as many are void."""


def at_random(seed: int) -> list[tuple[int, int]]:
    return [(index, index) for index in sorted(random.Random(seed).sample(range(LABELS), VOID))]


def in_runs(seed: int) -> list[tuple[int, int]]:
    starts = sorted(random.Random(seed).sample(range(0, LABELS - 1_000, 1_000), RUNS))
    return [(start, start + VOID // RUNS - 1) for start in starts]


def lay(tx, batch: int, void: list[tuple[int, int]]) -> None:
    """Void labels of a batch, all of one act: a hundred thousand acts would take the night."""
    position = spans.of_batch(tx, batch)[0].life_position
    tx.execute("DELETE FROM span WHERE batch = :batch", {"batch": batch})
    edges = sorted({0, LABELS, *(edge for first, last in void for edge in (first, last + 1))})
    starts = {first for first, _ in void}
    made = [Span(low, high - 1, "void" if low in starts else "active", position) for low, high in pairwise(edges)]
    merged = [made[0]]
    for span in made[1:]:
        if span.life == merged[-1].life:
            merged[-1] = Span(merged[-1].first, span.last, span.life, position)
        else:
            merged.append(span)
    columns = ("batch", "first", "last", "life", "life_position", "holds", "recalls")
    rows = ((batch, span.first, span.last, span.life, span.life_position, 0, 0) for span in merged)
    tx.insert_many("span", columns, rows)


def timed(work):
    started = time.perf_counter()
    done = work()
    return done, time.perf_counter() - started


def alone() -> int:
    """The bits of a million labels, 1% void, as one zlib stream."""
    octets = bytearray(b"\x55" * (LABELS // 4))
    for index, _ in at_random(0):
        octets[index // 4] ^= 3 << 2 * (index % 4)
    return len(zlib.compress(bytes(octets), 9))


def judged(fetched) -> tuple[int, float]:
    """Take what was fetched, as a device does, and judge one label."""
    file, parts, keyring, text = fetched
    started = time.perf_counter()
    taken = take_manifest(file, trusted=keyring, scope=ALL, held=None, at_ms=system_clock())
    held = {digest: take_part(taken.manifest, digest, octets) for digest, octets in parts.items()}
    ruling = Holder(taken.manifest, held.get).judge(text, system_clock())
    assert ruling.reason in ("history-not-checked", "voided"), ruling
    return len(file), time.perf_counter() - started


def fetch(here, batch):
    with here.database.snapshot() as reader:
        _, file = bundles.manifest(reader, str(ALL))
        keyring = keys.keyring(reader)
        digests = sorted(bundles.named(reader))
        parts = {}
        for at in range(0, len(digests), bundles.MOST_PARTS):
            parts |= bundles.parts(reader, digests[at : at + bundles.MOST_PARTS])
    assert all(hashlib.sha256(octets).hexdigest() == digest for digest, octets in parts.items())
    text = series(batch).strip(here.private(batch), 0, 0).texts[0]
    return file, parts, keyring, text


def run(count: int, title: str, void) -> None:
    with bench() as here:
        keying.new_key(here.desk, here.keys, Role.BUNDLE)
        publish = lambda: bundling.publish(here.desk, here.database, here.keys, {ORIGIN.host})  # noqa: E731
        before = publish()
        order = issuing.Order(ITEMS[0].gtin, LABELS, ORIGIN, active=True)
        issued = [issuing.issue(here.desk, order) for _ in range(count)]
        with here.database.transaction() as tx:
            for batch in issued:
                lay(tx, batch.number, void(batch.number))
        first, first_s = timed(publish)
        changed = Range(issued[-1].number, 5, 5)
        activating.void(here.desk, changed, "a label that was torn")
        one, one_s = timed(publish)
        _, none_s = timed(publish)
        fetched = fetch(here, issued[0])
        manifest, open_s = judged(fetched)
        a_million = (first.octets - before.octets) / count
        table(
            f"{count} batches of {LABELS:,} labels, {title}",
            [
                ("bytes a million labels", f"{a_million:,.0f}"),
                ("parts, and bytes of the manifest", f"{first.parts} and {manifest:,}"),
                ("publish at first", f"{first_s:.2f} s, {first_s / count * 1e3:.0f} ms a batch"),
                ("publish after one label was voided", f"{one_s:.2f} s; {one.made} part of {one.made_octets:,} bytes"),
                ("publish where nothing has changed", f"{none_s * 1e3:.1f} ms"),
                ("take it all and judge a label", f"{open_s * 1e3:.0f} ms"),
                ("most memory so far", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"),
            ],
        )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    table("Bits of a million labels, 1% void at random", [("one zlib stream at level 9", f"{alone():,} bytes")])
    run(count, f"1% void in {RUNS} runs (goal under 1,024 bytes)", in_runs)
    run(count, "1% void at random (goal at most 20,000 bytes)", at_random)


if __name__ == "__main__":
    main()
