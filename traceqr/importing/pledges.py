"""Pledges that were signed on paper, from a table."""

from __future__ import annotations

from typing import Any

from traceqr.acting import ActRefused, Desk
from traceqr.enrolling import Tally
from traceqr.importing.cells import USCC, day, uscc
from traceqr.importing.decoding import Source
from traceqr.importing.landing import land
from traceqr.importing.table import Column, Table, Watch, unwatched
from traceqr.pledging import PledgeEntry, publish_pledges
from traceqr.region import COUNTRY

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


def import_pledges(
    desk: Desk,
    source: Source,
    watch: Watch = unwatched,
    *,
    dry_run: bool = False,
    campaign_id: str = "",
    scope: str = COUNTRY,
) -> Tally:
    """Publish all pledges of a file, none of an enterprise outside a region, and all in one campaign where it is named.
    Raises `ImportRefused`. A `dry_run` changes nothing.
    """

    def entry(**values: Any) -> PledgeEntry:
        if campaign_id and values["campaign"] != campaign_id:
            raise ActRefused(f"expected campaign {campaign_id!r}, got {values['campaign']!r}", "campaign")
        return PledgeEntry(**values)

    return land(
        desk, source, TABLE, entry, lambda at, entries: publish_pledges(at, entries, scope), watch, dry_run=dry_run
    )
