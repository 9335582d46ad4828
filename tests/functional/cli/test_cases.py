"""Cases and reports from the command line: listed, escalated when late, and forgotten after their term."""

from __future__ import annotations

from support.program import Program
from support.world import World

from traceqr import handling
from traceqr.instant import DAY_MS
from traceqr.reporting import Scanned, Sender


def test_cases_are_listed_escalated_and_forgotten(program: Program, shop: World) -> None:
    shop.issue(3)
    shop.clock.at_ms -= 200 * DAY_MS
    late = shop.case(sender=Sender(place="330100"))
    shop.report(Scanned("forged", "seal-broken"), contact="c")
    forged = str(shop.one("SELECT id FROM case_file WHERE gtin = ''")["id"])
    table = program.good("case", "list")
    assert late in table
    assert "330000" in table
    assert program.json("case", "escalate") == [late]
    assert program.json("case", "escalate") == []
    listed = {row["id"]: row for row in program.json("case", "list", "--standing", "late")}
    assert listed[late]["escalated"] is not None
    assert listed[forged]["escalated"] is None
    handling.answer(shop.desk, forged, "x")
    handling.close(shop.desk, forged, "other")
    assert [row["id"] for row in program.json("case", "list", "--standing", "closed")] == [forged]
    assert program.json("reports", "prune", "--contact-days", "0", "--yes")["contacts"] == 1
    assert shop.acts()[-1] == "reports.prune"
    program.refused("reports", "prune", "--contact-days", "-1", "--yes")
