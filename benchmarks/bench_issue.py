"""Issuing a batch of ten million labels, durably, beside a bare durable commit of one row; and bytes a batch."""

import sqlite3
from datetime import date

from measure import ORIGIN, bench, interleaved, table

from traceqr import issuing
from traceqr.demo.catalogue import ITEMS

BATCHES = 1_000
ORDER = issuing.Order(
    ITEMS[0].gtin, 10_000_000, ORIGIN, 4, "DH-2026-09-01/A", date(2026, 9, 1), date(2028, 3, 1), active=True
)


def main() -> None:
    with bench() as here:
        bare = sqlite3.connect(here.folder / "bare.db", isolation_level=None)
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        bare.execute("CREATE TABLE row (number INTEGER PRIMARY KEY, text TEXT)")

        ours, theirs = interleaved(
            25,
            lambda: issuing.issue(here.desk, ORDER),
            lambda: bare.execute("INSERT INTO row (text) VALUES (?)", ("x" * 500,)),
        )
        bare.close()
        table(
            "Issue a batch of 10,000,000 labels",
            [
                ("bare durable insert of one row", f"{theirs * 1e3:.2f} ms"),
                ("issue, with its ledger entry", f"{ours * 1e3:.2f} ms (goal 20 ms)"),
            ],
        )
        before = _size(here)
        for _ in range(BATCHES):
            issuing.issue(here.desk, ORDER)
        table(
            f"Registry a batch, averaged over {BATCHES:,}",
            [("bytes", f"{(_size(here) - before) / BATCHES:.0f} (goal under 1,024)")],
        )


def _size(here) -> int:
    with sqlite3.connect(here.database.path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (page,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    return pages * page


if __name__ == "__main__":
    main()
