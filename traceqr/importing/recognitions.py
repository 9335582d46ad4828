"""Recognitions of enterprises from a table."""

from __future__ import annotations

import re

from traceqr.acting import Desk
from traceqr.enrolling import Tally
from traceqr.importing.cells import USCC, CellError, choice, guarded, uscc
from traceqr.importing.decoding import Source
from traceqr.importing.landing import land
from traceqr.importing.organisations import LEVELS
from traceqr.importing.table import Column, Table, Watch, unwatched
from traceqr.recognising import RecognitionEntry, record_recognitions
from traceqr.region import COUNTRY

KINDS = {
    "award": ("质量奖", "奖项"),
    "demonstration": ("示范引领单位", "示范单位"),
    "practice": ("典型做法", "典型案例"),
}

_YEAR = re.compile("([0-9]{4})年?")


@guarded
def year(text: str) -> int:
    """A year in four digits, with 年 behind it or without."""
    found = _YEAR.fullmatch(text)
    if found is None:
        raise CellError(f"expected a year such as 2026, got {text!r}")
    return int(found[1])


TABLE = Table(
    columns=(
        Column("uscc", USCC, uscc),
        Column("kind", ("荣誉类别", "荣誉类型", "类别"), choice(KINDS)),
        Column("level", ("级别", "荣誉级别"), choice({**LEVELS, "other": ("其他",)})),
        Column("year", ("年度", "年份", "获奖年度"), year),
        Column("name_zh", ("荣誉名称", "中文名称", "名称")),
        Column("name_en", ("英文名称", "荣誉英文名称"), required=False),
        Column("conferred_by_zh", ("授予单位", "颁发单位", "认定单位")),
        Column("conferred_by_en", ("授予单位英文名称",), required=False),
    ),
    key=("uscc", "year", "name_zh"),
)


def import_recognitions(
    desk: Desk, source: Source, watch: Watch = unwatched, *, dry_run: bool = False, scope: str = COUNTRY
) -> Tally:
    """Record all recognitions of a file, of enterprises within a region. A `dry_run` does all but keep them. Raises
    `ImportRefused`.
    """
    return land(
        desk,
        source,
        TABLE,
        RecognitionEntry,
        lambda at, entries: record_recognitions(at, entries, scope),
        watch,
        dry_run=dry_run,
    )
