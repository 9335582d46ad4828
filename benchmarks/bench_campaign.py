"""Participants of a campaign, 2,000 in one import, beside bare inserts of as many rows in one transaction."""

import csv
import io
import sqlite3
import time
from datetime import date

from measure import bench, table
from stdnum.cn import uscc as stdnum_uscc

from traceqr import campaigning
from traceqr.demo import catalogue
from traceqr.importing.decoding import Upload
from traceqr.importing.participants import import_participants

COUNT = 2_000
ROUNDS = 3
HEADER = ("uscc", "name_zh", "region", "sector", "service_phone", "contact")


def participants(first: int) -> list[tuple[str, ...]]:
    stems = (f"91330106{number:09d}" for number in range(first, first + COUNT))
    codes = [stem + str(stdnum_uscc.calc_check_digit(stem)) for stem in stems]
    return [(code, f"企业{code}（示例）", "330106", "食品", "400-000-0000", "质量部") for code in codes]


def upload(rows: list[tuple[str, ...]]) -> Upload:
    output = io.StringIO(newline="")
    csv.writer(output).writerows([HEADER, *rows])
    return Upload("participants.csv", output.getvalue().encode())


def timed(side) -> float:
    started = time.perf_counter()
    side()
    return time.perf_counter() - started


def insert_bare(bare, rows) -> None:
    """As many rows as the import makes: an enterprise, a pledge, and an entry for each."""
    bare.execute("BEGIN IMMEDIATE")
    for place in range(4):
        bare.executemany(f"INSERT INTO row{place} VALUES (?, ?, ?, ?, ?, ?)", rows)
    bare.execute("COMMIT")


def main() -> None:
    with bench() as here:
        year = date.today().year  # noqa: DTZ011
        entry = catalogue.campaign(year + 1, with_codes=True)
        campaigning.open_campaign(here.desk, _open_now(entry))
        bare = sqlite3.connect(here.folder / "bare.db", isolation_level=None)
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        for place in range(4):
            bare.execute(f"CREATE TABLE row{place} (a TEXT PRIMARY KEY, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT)")
        ours, theirs, dry, again = [], [], [], []
        for at in range(ROUNDS):
            rows = participants(1 + at * COUNT)
            file = upload(rows)
            dry.append(timed(lambda: import_participants(here.desk, file, entry.id, dry_run=True)))  # noqa: B023
            theirs.append(timed(lambda: insert_bare(bare, rows)))  # noqa: B023
            ours.append(timed(lambda: import_participants(here.desk, file, entry.id)))  # noqa: B023
            again.append(timed(lambda: import_participants(here.desk, file, entry.id)))  # noqa: B023
        bare.close()
        best, bare_best = min(ours), min(theirs)
        table(
            f"Import {COUNT:,} participants, each enrolled and applied for",
            [
                (
                    "bare inserts in one transaction",
                    f"{bare_best:.3f} s, {COUNT / bare_best:,.0f} enterprises a second",
                ),
                ("import", f"{best:.3f} s, {COUNT / best:,.0f} enterprises a second (goal under 5 s)"),
                ("ratio", f"{bare_best / best:.3f}"),
                ("dry run", f"{min(dry):.3f} s"),
                ("the same again, nothing to do", f"{min(again):.3f} s"),
            ],
        )


def _open_now(entry):
    from dataclasses import replace

    return replace(entry, apply_from=date(2020, 1, 1), apply_until=date(2199, 12, 31))


if __name__ == "__main__":
    main()
