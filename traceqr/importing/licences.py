"""Licences of marks from a table."""

from __future__ import annotations

import re
from pathlib import Path

from traceqr.acting import Desk
from traceqr.enrolling import Tally
from traceqr.importing.cells import USCC, CellError, day, gtin, guarded, uscc
from traceqr.importing.landing import land
from traceqr.importing.table import Column, Table, Watch, unwatched
from traceqr.label.gtin import Gtin
from traceqr.licensing import LicenceEntry, grant_licences

_BETWEEN = re.compile("[ \n,，、;；/]+")
_QUOTA = re.compile("[0-9]{1,15}|[0-9]{1,3}(,[0-9]{3}){1,4}")


def gtins(text: str) -> tuple[Gtin, ...]:
    """GTINs with spaces, commas, semicolons or line ends between them."""
    return tuple(gtin(each) for each in _BETWEEN.split(text) if each)


@guarded
def quota(text: str) -> int:
    """A number of labels, with commas between thousands or without."""
    if not _QUOTA.fullmatch(text):
        raise CellError(f"expected a number of labels such as 50000, got {text!r}")
    return int(text.replace(",", ""))


TABLE = Table(
    columns=(
        Column("mark", ("专用标识", "标识", "标识编号")),
        Column("uscc", USCC, uscc),
        Column("gtins", ("商品条码", "条码", "许可产品", "gtin"), gtins, lines=True),
        Column("valid_from", ("有效期起", "生效日期", "起始日期"), day),
        Column("valid_until", ("有效期止", "有效期至", "截止日期"), day),
        Column("quota", ("限量", "标签数量", "许可数量"), quota),
    ),
    key=("mark", "uscc", "gtins", "valid_from"),
)


def import_licences(desk: Desk, path: Path, watch: Watch = unwatched) -> Tally:
    """Grant all licences of a file. Raises `ImportRefused`."""
    granted = land(desk, path, TABLE, LicenceEntry, grant_licences, watch)
    added = sum(each.added for each in granted)
    return Tally(added=added, unchanged=len(granted) - added)
