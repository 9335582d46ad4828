"""Places that events name, from a table: what they are, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence

from traceqr.acting import ActRefused, Desk, EntriesRefused
from traceqr.chain import arranging
from traceqr.enrolling import Tally
from traceqr.importing.cells import REGION, USCC, choice, guarded, region, uscc
from traceqr.importing.decoding import Source
from traceqr.importing.event_cells import place_key
from traceqr.importing.landing import land
from traceqr.importing.products import own_code
from traceqr.importing.table import Column, Table, Watch, unwatched
from traceqr.registry import enterprises, locations
from traceqr.registry.database import Store
from traceqr.registry.locations import Location
from traceqr.tracing.place import Place

KINDS = {
    "farm": ("基地", "农场", "种植基地", "养殖场"),
    "factory": ("工厂", "车间", "厂房", "加工厂"),
    "warehouse": ("仓库", "库房", "配送中心", "物流中心"),
    "shop": ("门店", "商店", "超市", "店铺"),
    "laboratory": ("实验室", "检验室", "检测机构"),
    "port": ("港口", "口岸", "机场"),
    "other": ("其他",),
}


@guarded
def _key(text: str) -> str:
    found = place_key(text)
    return Place.parse(found if found.startswith("414/") else f"uri/{found}").key


def table(own: str = "") -> Table:
    """The columns of a file. `own` is the code of the only enterprise that may stand in it, and need not."""
    return Table(
        columns=(
            Column("place", ("地点编码", "GLN", "位置码", "全球位置码"), _key),
            Column("uscc", USCC, own_code(own) if own else uscc, required=not own, empty=own),
            Column("kind", ("类型", "地点类型", "场所类型"), choice(KINDS)),
            Column("name_zh", ("地点名称", "中文名称", "名称", "场所名称")),
            Column("name_en", ("英文名称", "地点英文名称"), required=False),
            Column("region", REGION, region),
            Column("address", ("地址", "详细地址"), required=False),
        ),
        key=("place",),
        most=arranging.MAX_LOCATIONS,
    )


def import_locations(
    desk: Desk, source: Source, watch: Watch = unwatched, *, dry_run: bool = False, own: str = ""
) -> Tally:
    """Say what places are, by a file: new ones, or others said anew, of no other enterprise than the `own` one if it is
    given. All or none. Raises `ImportRefused`. A `dry_run` changes nothing.
    """
    ids = _Ids(desk.database)

    def entry(place: str, uscc: str, **told: str) -> Location:
        return Location(key=place, enterprise_id=ids.of(uscc), **told)

    return land(desk, source, table(own), entry, _set, watch, dry_run=dry_run)


class _Ids:
    """Enterprises by their codes, each looked up once."""

    def __init__(self, database: Store) -> None:
        self._database = database
        self._found: dict[str, str | None] = {}

    def of(self, code: str) -> str:
        """The id. Raises `ActRefused` where none is enrolled under the code."""
        if code not in self._found:
            with self._database.snapshot() as reader:
                found = enterprises.by_uscc(reader, code)
            self._found[code] = found.id if found else None
        known = self._found[code]
        if known is None:
            raise ActRefused(f"expected the code of an enrolled enterprise, got {code!r}", "uscc")
        return known


def _set(desk: Desk, entries: Sequence[Location]) -> Tally:
    """Those that differ from what is known."""
    listed = list(entries)
    with desk.database.snapshot() as reader:
        held = locations.by_keys(reader, [each.key for each in listed])
    differing = [at for at, each in enumerate(listed) if held.get(each.key) != each]
    if differing:
        try:
            arranging.set_locations(desk, [listed[at] for at in differing])
        except EntriesRefused as error:
            raise EntriesRefused([(differing[at], _named(refusal)) for at, refusal in error.refusals]) from error
    added = sum(listed[at].key not in held for at in differing)
    return Tally(added, len(differing) - added, len(listed) - len(differing))


def _named(refusal: ActRefused) -> ActRefused:
    return ActRefused(str(refusal), "place") if refusal.field == "key" else refusal
