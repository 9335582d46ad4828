"""Associations and regulators from a table."""

from __future__ import annotations

from pathlib import Path

from traceqr.acting import Desk
from traceqr.enrolling import OrganisationEntry, Tally, enrol_organisations
from traceqr.importing.cells import REGION, choice, region
from traceqr.importing.landing import land
from traceqr.importing.table import Column, Table, Watch, unwatched

KINDS = {"association": ("协会",), "regulator": ("监管部门", "市场监督管理部门", "市场监管部门")}
LEVELS = {
    "national": ("国家", "国家级", "全国"),
    "province": ("省", "省级", "自治区", "直辖市"),
    "city": ("市", "市级"),
    "district": ("区县", "区", "县", "区县级", "县级"),
}

TABLE = Table(
    columns=(
        Column("kind", ("机构类型", "类型"), choice(KINDS)),
        Column("level", ("级别", "层级"), choice(LEVELS)),
        Column("region", REGION, region),
        Column("name_zh", ("机构名称", "中文名称", "名称", "单位名称", "机构全称")),
        Column("name_en", ("英文名称", "机构英文名称"), required=False),
    ),
    key=("name_zh",),
)


def import_organisations(desk: Desk, path: Path, watch: Watch = unwatched) -> Tally:
    """Enrol all organisations of a file. Raises `ImportRefused`."""
    return land(desk, path, TABLE, OrganisationEntry, enrol_organisations, watch)
