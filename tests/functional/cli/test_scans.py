"""Scans from the command line: how many are kept, and taking out old ones."""

from __future__ import annotations

import re
import sys
from datetime import datetime, timedelta

import pytest
from support.program import Program
from support.staff import enterprise_id
from support.world import ZONE, World

from tests.functional.cli.test_shell import on_a_terminal
from traceqr.instant import DAY_MS, to_iso
from traceqr.registry import scans
from traceqr.registry.database import Spread
from traceqr.registry.scans import Scan
from traceqr.registry.tallies import Tally, Told

COUNT = ("scans", "count")


def day(ago: int) -> str:
    """A day in the time zone of the deployment."""
    return (datetime.now(ZONE).date() - timedelta(days=ago)).isoformat()


@pytest.fixture
def scanned(shop: World) -> World:
    """Six scans of a month ago, two of which never came to count, and one of now."""
    shop.issue(3)
    then = shop.clock() - 30 * DAY_MS
    made = [
        Scan(1, index, device, then, "page", "chrome", "zh-Hans", counts=device == "a" or index == 0)
        for index in range(3)
        for device in ("a", "b")
    ]
    with shop.database.recording() as tx:
        made.append(Scan(1, 1, "c", shop.clock(), "photo", "wechat", "en", counts=True))
        scans.record(tx, made, spread=Spread.PARTS)
        tally = Tally(Spread.FILE, ZONE)
        for scan in made:
            tally.add(Told(enterprise_id(shop), "06901234000016", scan.batch, scan.at_ms, "seen", ""))
        tx.execute_each(tally.changes())
    return shop


def test_counting(program: Program, scanned: World) -> None:
    oldest = to_iso(scanned.clock() - 30 * DAY_MS)
    assert program.json(*COUNT) == {
        "confirmed": {"rows": 5, "oldest": oldest},
        "unconfirmed": {"rows": 2, "oldest": oldest},
        "pruned_before": None,
    }
    assert program.json(*COUNT, "--before", day(5))["confirmed"]["rows"] == 4
    assert program.json(*COUNT, "--before", day(90))["confirmed"] == {"rows": 0, "oldest": None}
    table = program.good(*COUNT).splitlines()
    assert [line.split("  ")[0] for line in table] == ["scans", "confirmed", "never confirmed"]
    assert table[1].split()[1] == "5"


def test_pruning(program: Program, scanned: World) -> None:
    summaries, counts = scanned.rows("SELECT * FROM sighting"), scanned.rows("SELECT * FROM scan_day")
    assert program.good("scans", "prune", "--before", day(5), "--yes") == "6 scans removed, 1 are left\n"
    assert scanned.rows("SELECT * FROM sighting") == summaries
    assert scanned.rows("SELECT * FROM scan_day") == counts != []
    assert "detail before " in program.good(*COUNT)
    assert scanned.acts()[-1] == "scans.prune"
    assert program.good("scans", "prune", "--before", day(5)) == "there is nothing to remove; 1 are left\n"
    assert scanned.acts().count("scans.prune") == 1, "nothing was done, so nothing is recorded"
    program.good("check")


def test_pruning_what_never_came_to_count(program: Program, scanned: World) -> None:
    pruned = program.json("scans", "prune", "--before", day(5), "--unconfirmed-only", "--yes")
    assert (pruned["removed"], pruned["left"]["confirmed"]["rows"]) == (2, 5)
    assert pruned["left"]["unconfirmed"] == {"rows": 0, "oldest": None}
    assert pruned["left"]["pruned_before"] is None
    program.good("check")


def test_pruning_says_how_far_it_has_come(program: Program, scanned: World) -> None:
    at_once = "from traceqr.cli import main, meter; meter._SHOWN_AFTER_S = meter._STEP_S = 0; main()"
    shown = on_a_terminal(program, f"{sys.executable} -c '{at_once}' scans prune --before {day(5)} --yes >/dev/null")
    assert shown == "\rpruning: 100% of 6 rows\x1b[K\r\x1b[K"
    assert len(scanned.rows("SELECT * FROM scan")) == 1


@pytest.mark.parametrize("ago", [0, -1, -400])
def test_a_day_that_is_not_over_or_to_come(program: Program, scanned: World, ago: int) -> None:
    before = scanned.dump()
    said = program.refused("scans", "prune", "--before", day(ago), "--yes")
    assert re.search(rf"which is {day(1)} at the latest in Asia/Shanghai, got {day(ago)}", said)
    assert scanned.dump() == before


def test_it_is_asked_first(program: Program, scanned: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = scanned.dump()
    said = program.refused("scans", "prune", "--before", day(5), code=2)
    assert said.startswith("Error: expected --yes"), "how to call it is not the question"
    monkeypatch.setattr("traceqr.cli.house.is_attended", lambda: True)
    result = program.run("scans", "prune", "--before", day(5), stdin="n\n")
    assert (result.exit_code, scanned.dump()) == (1, before)
    assert f"Take out the detail of 6 scans before {day(5)}? It cannot be brought back." in result.stderr
    assert program.run("scans", "prune", "--before", day(5), stdin="y\n").exit_code == 0
    assert scanned.dump() != before


@pytest.mark.parametrize("text", ["yesterday", "2026-9-1", "20260901", "2026-02-30", ""])
def test_a_date_that_is_none(program: Program, scanned: World, text: str) -> None:
    assert "expected a date such as 2026-09-01" in program.refused("scans", "prune", "--before", text, code=2)
