"""Enterprises from a table."""

from __future__ import annotations

from traceqr.acting import Desk
from traceqr.enrolling import EnterpriseEntry, Tally, enrol_enterprises
from traceqr.importing.cells import REGION, USCC, phone, region, uscc
from traceqr.importing.decoding import Source
from traceqr.importing.landing import land
from traceqr.importing.table import Column, Table, Watch, unwatched
from traceqr.region import COUNTRY

TABLE = Table(
    columns=(
        Column("uscc", USCC, uscc),
        Column("name_zh", ("企业名称", "中文名称", "名称", "公司名称", "单位名称", "企业全称")),
        Column("name_en", ("英文名称", "企业英文名称"), required=False),
        Column("region", REGION, region),
        Column("sector", ("行业", "所属行业"), required=False),
        Column("service_phone", ("服务电话", "客服电话", "服务热线", "客服热线"), phone, required=False),
        Column("contact", ("联系人", "联系方式"), required=False, lines=True),
    ),
    key=("uscc",),
)


def import_enterprises(
    desk: Desk, source: Source, watch: Watch = unwatched, *, dry_run: bool = False, scope: str = COUNTRY
) -> Tally:
    """Enrol or amend all enterprises of a file, none of them outside a region. Raises `ImportRefused`. A `dry_run`
    changes nothing.
    """
    return land(
        desk,
        source,
        TABLE,
        EnterpriseEntry,
        lambda at, entries: enrol_enterprises(at, entries, scope),
        watch,
        dry_run=dry_run,
    )
