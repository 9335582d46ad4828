"""Products from a table, with their pictures from files beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePosixPath, PureWindowsPath

from traceqr.acting import Desk
from traceqr.enrolling import ProductEntry, Tally, enrol_products
from traceqr.importing.cells import USCC, CellError, gtin, uscc
from traceqr.importing.decoding import Source
from traceqr.importing.landing import land
from traceqr.importing.table import Column, Table, Watch, unwatched
from traceqr.picture import MAX_BYTES, Picture

GTIN = ("商品条码", "条码", "条形码", "商品条形码", "产品条码", "产品条形码", "国际条码", "69码", "EAN", "EAN-13")
NAME = ("商品名称", "产品名称", "中文名称", "名称", "品名", "商品品名", "产品品名", "物料名称", "存货名称", "货品名称")


def table(picture: Callable[[str], Picture], own: str = "") -> Table:
    """The columns of a file. `picture` finds the picture that a cell names; `own` is the code of the only enterprise
    that may stand in it, and need not.
    """
    return Table(
        columns=(
            Column("gtin", GTIN, gtin),
            Column("uscc", USCC, own_code(own) if own else uscc, required=not own, empty=own),
            Column("name_zh", NAME),
            Column("name_en", ("英文名称", "商品英文名称", "产品英文名称"), required=False),
            Column("brand", ("品牌", "商标", "品牌名称"), required=False),
            Column("specification", ("规格", "规格型号", "商品规格", "产品规格"), required=False),
            Column("standard", ("执行标准", "产品标准", "标准", "产品执行标准", "执行标准号"), required=False),
            Column("picture", ("图片", "商品图片", "产品图片"), picture, required=False, empty=None),
        ),
        key=("gtin",),
    )


def import_products(
    desk: Desk, source: Source, watch: Watch = unwatched, *, dry_run: bool = False, own: str = ""
) -> Tally:
    """Enrol all products of a file, or new versions of them, of no other enterprise than the `own` one if it is given.
    Pictures lie beside a file on disk; one that came in over the web has none. Raises `ImportRefused`. A `dry_run`
    changes nothing.
    """
    picture = _picture_in(source.parent) if isinstance(source, Path) else _no_picture
    return land(desk, source, table(picture, own), ProductEntry, enrol_products, watch, dry_run=dry_run)


def own_code(code: str) -> Callable[[str], str]:
    """Reads the code of one enterprise, and refuses that of any other."""

    def parse(cell: str) -> str:
        found = uscc(cell)
        if found != code:
            raise CellError(f"expected {code}, the code of the own enterprise, got {found!r}")
        return found

    return parse


def _no_picture(name: str) -> Picture:
    raise CellError(f"expected an empty cell, since pictures do not come with an uploaded table, got {name[:60]!r}")


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
