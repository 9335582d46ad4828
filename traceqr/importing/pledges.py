"""Pledges that were signed on paper, from a table."""

from __future__ import annotations

from traceqr.acting import Desk
from traceqr.enrolling import Tally
from traceqr.importing.cells import USCC, day, uscc
from traceqr.importing.decoding import Source
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


def import_pledges(desk: Desk, source: Source, watch: Watch = unwatched, *, dry_run: bool = False) -> Tally:
    """Publish all pledges of a file. Raises `ImportRefused`. A `dry_run` changes nothing."""
    return land(desk, source, TABLE, PledgeEntry, publish_pledges, watch, dry_run=dry_run)
