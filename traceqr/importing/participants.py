"""Participants of a campaign from a table: enterprises that are enrolled or amended, and apply."""

from __future__ import annotations

from traceqr.acting import Desk
from traceqr.enrolling import EnterpriseEntry, Tally
from traceqr.importing import enterprises
from traceqr.importing.cells import choice
from traceqr.importing.decoding import Source
from traceqr.importing.landing import land
from traceqr.importing.table import Column, Table, Watch, unwatched
from traceqr.pledging import apply_many
from traceqr.region import COUNTRY
from traceqr.sector import SECTORS

SECTOR_WORDS = {
    code: tuple(dict.fromkeys((words.zh_hans, words.zh_hant, *words.also))) for code, words in SECTORS.items()
}

TABLE = Table(
    columns=tuple(
        Column("sector", column.synonyms, choice(SECTOR_WORDS)) if column.name == "sector" else column
        for column in enterprises.TABLE.columns
    ),
    key=enterprises.TABLE.key,
)
"""As of enterprises, but each names its sector: rosters are made by it."""


def import_participants(
    desk: Desk,
    source: Source,
    campaign_id: str,
    watch: Watch = unwatched,
    *,
    dry_run: bool = False,
    scope: str = COUNTRY,
) -> Tally:
    """Enrol or amend all enterprises of a file, none of them outside a region, and apply for each in a campaign. Raises
    `ImportRefused`, and `ActRefused` where the campaign takes no applications. A `dry_run` changes nothing.
    """
    return land(
        desk,
        source,
        TABLE,
        EnterpriseEntry,
        lambda at, entries: apply_many(at, campaign_id, entries, scope),
        watch,
        dry_run=dry_run,
    )
