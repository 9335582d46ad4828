"""Products from a table, with their pictures from files beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePosixPath, PureWindowsPath

from traceqr.acting import Desk
from traceqr.enrolling import ProductEntry, Tally, enrol_products
from traceqr.importing.cells import USCC, CellError, gtin, uscc
from traceqr.importing.landing import land
from traceqr.importing.table import Column, Table, Watch, unwatched
from traceqr.picture import MAX_BYTES, Picture

GTIN = ("商品条码", "条码", "条形码", "商品条形码", "产品条码", "产品条形码", "国际条码", "69码", "EAN", "EAN-13")
NAME = ("商品名称", "产品名称", "中文名称", "名称", "品名", "商品品名", "产品品名", "物料名称", "存货名称", "货品名称")


def table(folder: Path) -> Table:
    """The columns of a file in `folder`, to which the paths of pictures are relative."""
    return Table(
        columns=(
            Column("gtin", GTIN, gtin),
            Column("uscc", USCC, uscc),
            Column("name_zh", NAME),
            Column("name_en", ("英文名称", "商品英文名称", "产品英文名称"), required=False),
            Column("brand", ("品牌", "商标", "品牌名称"), required=False),
            Column("specification", ("规格", "规格型号", "商品规格", "产品规格"), required=False),
            Column("standard", ("执行标准", "产品标准", "标准", "产品执行标准", "执行标准号"), required=False),
            Column("picture", ("图片", "商品图片", "产品图片"), _picture_in(folder), required=False, empty=None),
        ),
        key=("gtin",),
    )


def import_products(desk: Desk, path: Path, watch: Watch = unwatched) -> Tally:
    """Enrol all products of a file, or new versions of them. Raises `ImportRefused`."""
    return land(desk, path, table(path.parent), ProductEntry, enrol_products, watch)


def _picture_in(folder: Path) -> Callable[[str], Picture]:
    @cache
    def read(name: str) -> Picture:
        return Picture.parse(_content(folder, name))

    return read


def _content(folder: Path, name: str) -> bytes:
    """The bytes of a picture, from no other folder than the table's and those inside it."""
    given = PurePosixPath(name.replace("\\", "/"))
    path = folder / given
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
        there = path.is_file()
    except (OSError, RuntimeError) as error:  # too long a name, or links that lead in a circle
        raise CellError(f"expected the path of a picture beside this file, got {name[:60]!r}: {error}") from error
    if given.is_absolute() or PureWindowsPath(name).drive or not inside:
        raise CellError(f"expected the path of a picture beside this file, such as pictures/tea.jpg, got {name!r}")
    if not there:
        raise CellError(f"expected a picture at {name!r} beside this file, found none")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CellError(f"expected a picture that can be read at {name!r}: {error.strerror}") from error
