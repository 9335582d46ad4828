"""Signed pledges from a table."""

from __future__ import annotations

from pathlib import Path

from traceqr.acting import Desk
from traceqr.enrolling import Tally
from traceqr.importing.cells import USCC, day, uscc
from traceqr.importing.landing import land
from traceqr.importing.table import Column, Table, Watch, unwatched
from traceqr.pledging import PledgeEntry, publish_pledges

TABLE = Table(
    columns=(
        Column("campaign", ("活动", "活动编号", "届")),
        Column("uscc", USCC, uscc),
        Column("signed_on", ("签署日期", "承诺日期"), day),
        Column("valid_from", ("有效期起", "生效日期", "起始日期"), day),
        Column("valid_until", ("有效期止", "有效期至", "截止日期"), day),
    ),
    key=("campaign", "uscc"),
)


def import_pledges(desk: Desk, path: Path, watch: Watch = unwatched) -> Tally:
    """Publish all pledges of a file. Raises `ImportRefused`."""
    return land(desk, path, TABLE, PledgeEntry, publish_pledges, watch)
