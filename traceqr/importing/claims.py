"""Claims to GTINs and company prefixes from a table."""

from __future__ import annotations

from pathlib import Path

from traceqr.acting import ActRefused, Desk
from traceqr.claiming import ClaimEntry, file_claims
from traceqr.errors import TraceqrError
from traceqr.importing.cells import USCC, choice, gtin, uscc, wide
from traceqr.importing.landing import land
from traceqr.importing.table import Column, Table, Watch, unwatched
from traceqr.registry.claims import Claim

KINDS = {"gtin": ("商品条码", "条码", "条形码", "商品条形码"), "prefix": ("厂商识别代码", "前缀")}

TABLE = Table(
    columns=(
        Column("uscc", USCC, uscc),
        Column("kind", ("类型", "申领类型"), choice(KINDS)),
        # A GTIN of 13 digits and the same with a zero in front are one: no prefix is as long.
        Column("value", ("代码", "条码或前缀"), lambda text: text.zfill(14) if len(text) == 13 else text),
        Column("evidence", ("证明材料", "证明", "依据", "证书", "证书编号"), lines=True),
    ),
    key=("uscc", "kind", "value"),
)


def claim_entry(uscc: str, kind: str, value: str, evidence: str) -> ClaimEntry:
    """A claim, its GTIN in any trade form. Raises `ActRefused` when it is none."""
    if kind != "gtin":
        if hint := wide(value):
            raise ActRefused(f"expected digits, got {value!r}{hint}", "value")
        return ClaimEntry(uscc, kind, value, evidence)
    try:
        return ClaimEntry(uscc, kind, gtin(value).digits, evidence)
    except TraceqrError as error:
        raise ActRefused(str(error), "value") from error


def import_claims(desk: Desk, path: Path, watch: Watch = unwatched) -> list[Claim]:
    """File all claims of a file. Raises `ImportRefused`."""
    return land(desk, path, TABLE, claim_entry, file_claims, watch)
