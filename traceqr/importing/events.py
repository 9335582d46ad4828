"""Events of a supply chain from a table: goods received, made, packed and shipped, as an ERP or a MES exports them.

Rows that agree in all that is not goods, and name the same document, order or case, are one event. An event is named by
its hash, so that the same table again is known and not captured twice.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from traceqr.acting import ActRefused, Desk, EntriesRefused
from traceqr.chain import capturing
from traceqr.chain.capturing import MAX_EVENTS, Captured
from traceqr.enrolling import Tally
from traceqr.epcis.event_hash import hash_id
from traceqr.epcis.link import ORIGIN
from traceqr.epcis.ranged import MAX_LISTED
from traceqr.importing import event_cells
from traceqr.importing.cells import CellError
from traceqr.importing.decoding import Source
from traceqr.importing.event_cells import PARTY, Cells, Moment, Much, amount, counted, document, document_uri
from traceqr.importing.landing import rehearsal
from traceqr.importing.table import Column, Record, Sheet, Table, Watch, read_table, unwatched
from traceqr.registry import enterprises
from traceqr.tracing.event import Action, Event, EventKind, Item, Mention, Part
from traceqr.tracing.run import Run, merged
from traceqr.tracing.thing import MAX_LOT, InvalidThing, Thing, on_line

MAX_THINGS = 1_000_000
"""Single things of a file that events list one by one."""

MAX_LONG = 32_000
"""Characters of a cell that lists things: Excel has no longer ones."""


class Kind(enum.StrEnum):
    """What a table tells of."""

    RECEIVING = "receiving"
    PRODUCTION = "production"
    PACKING = "packing"
    SHIPPING = "shipping"


WHAT = ("货物", "物料", "货物编码", "物料编码", "箱码", "物流单元")
LOT = ("批号", "生产批号", "物料批号", "批次号")
QUANTITY = ("数量", "实收数量", "发货数量", "产量")
UNIT = ("单位", "计量单位")
PLACE = ("地点", "场所", "仓库", "工厂", "车间")
FROM = ("来源", "供应商", "发货方", "发货地点")
DOCUMENT = ("送货单号", "发货单号", "随货单号", "单据号", "单号")


def table(kind: Kind, cells: Cells | None = None) -> Table:
    """The columns of a file. Without `cells` it is there to be told of, and reads nothing."""
    of = cells or _UNREAD
    where = Column("place", PLACE, of.place)
    much = (
        Column("lot", LOT, _lot, required=False),
        Column("quantity", QUANTITY, amount, required=False, empty=None),
        Column("unit", UNIT, event_cells.unit, required=False),
    )
    paper = Column("document", DOCUMENT, document, required=False)
    columns = {
        Kind.RECEIVING: (
            _goods("what", WHAT, of.things),
            *much,
            Column("received_at", ("收货时间", "收货日期", "入库时间", "入库日期", "到货时间"), of.moment),
            Column("from", FROM, of.party, required=False, empty=None),
            where,
            paper,
        ),
        Kind.PRODUCTION: (
            _goods("output", ("产出", "成品", "产品编码", "成品编码", "产出标签"), of.things, required=False),
            *much,
            _goods("inputs", ("投入", "原料", "投料", "领料", "原料批次"), of.things, required=False),
            Column("made_at", ("生产时间", "生产日期", "完工时间", "完工日期"), of.moment),
            where,
            Column("order", ("生产订单", "生产订单号", "工单", "工单号"), document, required=False),
        ),
        Kind.PACKING: (
            Column("case", ("箱码", "箱号", "外箱", "SSCC", "托盘码", "托盘号"), of.unit),
            _goods("labels", ("标签", "产品标签", "序列号", "标签码文", "内装物"), of.single),
            Column("packed_at", ("装箱时间", "装箱日期", "包装时间", "打包时间"), of.moment),
            where,
        ),
        Kind.SHIPPING: (
            _goods("what", WHAT, of.things),
            *much,
            Column("shipped_at", ("发货时间", "发货日期", "出库时间", "出库日期"), of.moment),
            Column("from", ("发货地点", "发货方", "发货仓库", "来源"), of.party),
            Column("to", ("收货方", "收货地点", "客户", "去向", "送达地点"), of.party),
            paper,
        ),
    }
    return Table(columns[kind], key=(), most=MAX_EVENTS)


def _goods(
    name: str, synonyms: tuple[str, ...], parse: Callable[[str], list[Much]], *, required: bool = True
) -> Column:
    return Column(name, synonyms, parse, required=required, empty=(), lines=True, most=MAX_LONG)


def import_events(
    desk: Desk, source: Source, kind: Kind, enterprise_id: str, watch: Watch = unwatched, *, dry_run: bool = False
) -> Tally:
    """Capture what the rows of a file tell, stated by an enterprise: `added` are new, `unchanged` were known. All or
    none. Raises `ImportRefused`. A `dry_run` changes nothing.
    """
    with desk.database.snapshot() as reader:
        enterprise = enterprises.by_id(reader, enterprise_id)
        if enterprise is None:
            raise ActRefused("expected an enrolled enterprise, found none")
        cells = Cells(reader, enterprise, desk.timezone, desk.clock())
        sheet = read_table(source, table(kind, cells), watch)
    stated = _stated(sheet, _Making(kind, enterprise.uscc), watch)
    captured = None
    if stated and not sheet.full:
        captured = _captured(rehearsal(desk) if dry_run or sheet.faults else desk, enterprise_id, stated, sheet, kind)
    if sheet.faults or captured is None:
        raise sheet.refusal()
    return Tally(added=len(captured.new), unchanged=len(captured.known))


def _captured(
    desk: Desk, enterprise_id: str, stated: Sequence[tuple[int, Event]], sheet: Sheet, kind: Kind
) -> Captured | None:
    try:
        return capturing.capture(desk, enterprise_id, [event for _, event in stated])
    except EntriesRefused as error:
        for place, refusal in error.refusals:
            # Instants, places and shapes were looked at in their cells: what is left to refuse is in the goods.
            sheet.blame(stated[place][0], refusal.field or _SHAPES[kind].goods, str(refusal))
    return None


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the events of a kind are."""

    kind: EventKind
    action: Action
    step: str
    disposition: str
    goods: str
    part: Part
    at: str
    key: str
    """The column by which rows belong together."""


_SHAPES = {
    Kind.RECEIVING: _Shape(
        EventKind.OBJECT, Action.OBSERVE, "receiving", "in_progress", "what", Part.OBJECT, "received_at", "document"
    ),
    Kind.PRODUCTION: _Shape(
        EventKind.TRANSFORMATION, Action.NONE, "commissioning", "active", "output", Part.OUTPUT, "made_at", "order"
    ),
    Kind.PACKING: _Shape(
        EventKind.AGGREGATION, Action.ADD, "packing", "in_progress", "labels", Part.CHILD, "packed_at", "case"
    ),
    Kind.SHIPPING: _Shape(
        EventKind.OBJECT, Action.OBSERVE, "shipping", "in_transit", "what", Part.OBJECT, "shipped_at", "document"
    ),
}
_HEAD = ("case", "order", "document", "from", "to", "place", "received_at", "made_at", "packed_at", "shipped_at")


def _stated(sheet: Sheet, making: _Making, watch: Watch) -> list[tuple[int, Event]]:
    """Events, each with the row in which it begins."""
    found: list[tuple[int, Event]] = []
    listed = 0
    whole = not sheet.faults  # what an event lacks may stand in a row that could not be read
    for rows in watch(list(_grouped(sheet, making)), "writing"):
        try:
            event = making.event(rows, whole=whole)
        except _RowRefused as error:
            sheet.blame(error.row, error.field, str(error))
            continue
        single = sum(len(item.run) for item in event.items)
        listed += single if single <= MAX_LISTED else 0
        if listed > MAX_THINGS:
            sheet.blame(rows[0].row, "", f"expected at most {MAX_THINGS:,} things in a file, got more")
            break
        found.append((rows[0].row, replace(event, id=hash_id(event))))
    return found


def _grouped(sheet: Sheet, making: _Making) -> Iterator[list[_Row]]:
    groups: dict[tuple[object, ...], list[_Row]] = {}
    for record in sheet.records:
        try:
            row = making.row(record)
        except ActRefused as error:
            sheet.blame(record.row, error.field, str(error))
            continue
        own = () if record.values.get(making.shape.key) else (record.row,)
        head = (*(record.values.get(name) for name in _HEAD), *own)
        groups.setdefault(head, []).append(row)
    yield from groups.values()


class _RowRefused(ActRefused):
    def __init__(self, row: int, field: str, message: str) -> None:
        super().__init__(message, field)
        self.row = row


@dataclass(frozen=True, slots=True)
class _Row:
    """The goods of a row, by their parts, and all that it says."""

    row: int
    goods: tuple[tuple[Part, Much], ...]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Making:
    """How rows become events."""

    kind: Kind
    uscc: str

    @property
    def shape(self) -> _Shape:
        """What the events are."""
        return _SHAPES[self.kind]

    def row(self, record: Record) -> _Row:
        """A row by itself. Raises `ActRefused`."""
        shape, values = self.shape, record.values
        goods = [(shape.part, each) for each in _with_columns(values, shape.goods)]
        goods += [(Part.INPUT, each) for each in values.get("inputs", ())]
        if not goods:
            raise ActRefused("expected what was made, or what it was made of, got two empty cells", shape.goods)
        return _Row(record.row, tuple(goods), values)

    def event(self, rows: Sequence[_Row], *, whole: bool) -> Event:
        """Rows that belong together. Raises `_RowRefused`."""
        shape, values = self.shape, rows[0].values
        items = _items(rows, self._column)
        parts = {item.part for item in items}
        if whole and self.kind is Kind.PRODUCTION and len(parts) < 2:
            lacking = "inputs" if Part.INPUT not in parts else "output"
            raise _RowRefused(
                rows[0].row,
                lacking,
                f"expected {lacking} in a row of the same order, time and place, found none",
            )
        if "case" in values:
            items.insert(0, Item(Part.PARENT, Run.of(values["case"]), ORIGIN))
        moment: Moment = values[shape.at]
        place = values.get("place") or _place(values.get("from"))
        return Event(
            id="",
            kind=shape.kind,
            action=shape.action,
            at_ms=moment.at_ms,
            items=tuple(items),
            step=shape.step,
            disposition=shape.disposition,
            read_point=place,
            location="" if self.kind is Kind.SHIPPING else place,
            mentions=tuple(self._mentions(values)),
            content={"eventTime": moment.iso, "eventTimeZoneOffset": moment.offset},
        )

    def _column(self, part: Part) -> str:
        return "inputs" if part is Part.INPUT else self.shape.goods

    def _mentions(self, values: Mapping[str, Any]) -> Iterator[Mention]:
        """A delivery note is its sender's, so that both ends tell the same one."""
        sender = values.get("from") if self.kind is Kind.RECEIVING else None
        issuer = sender[1].removeprefix(PARTY) if sender and sender[1].startswith(PARTY) else self.uscc
        for name, kind in (("document", "desadv"), ("order", "prodorder")):
            if values.get(name):
                yield Mention("transaction", kind, document_uri(values[name], issuer))
        for name, kind in (("from", "source"), ("to", "destination")):
            if values.get(name):
                yield Mention(kind, *values[name])


def _place(party: tuple[str, str] | None) -> str:
    return party[1] if party and party[0] == "location" else ""


def _with_columns(values: Mapping[str, Any], goods: str) -> list[Much]:
    """The goods of a cell, with lot, quantity and unit from the columns beside it."""
    things: Sequence[Much] = values.get(goods, ())
    given = [name for name in ("lot", "quantity", "unit") if values.get(name)]
    (only, *more) = things or (None,)
    if only is None or more or not only.run.line.startswith("01/") or only.quantity is not None:
        if given:
            raise ActRefused(f"expected an empty cell beside all but a single GTIN, got {values[given[0]]!r}", given[0])
        return list(things)
    if values.get("quantity") is None:
        raise ActRefused("expected a quantity beside a GTIN, got an empty cell", "quantity")
    try:
        run, much = only.run, counted(values["quantity"], values["unit"])
        if values["lot"]:
            run = Run.of(Thing.lot(on_line(run.line, run.first).key, values["lot"]))
    except CellError as error:
        raise ActRefused(str(error), "quantity") from error
    return [Much(run, *much)]


def _items(rows: Sequence[_Row], column: Callable[[Part], str]) -> list[Item]:
    """The goods of rows: single things in as few runs as can be, of each class what there is of it in all."""
    single: dict[Part, list[tuple[Run, int]]] = {}
    classes: dict[tuple[Part, Run], Item] = {}
    for row in rows:
        for part, much in row.goods:
            if much.run.line.startswith(("01/", "10/")):
                key = (part, much.run)
                classes[key] = _added(classes.get(key), part, much, row.row, column(part))
            else:
                single.setdefault(part, []).append((much.run, row.row))
    items = []
    for part, runs in sorted(single.items()):
        _require_once(runs, column(part))
        items += [Item(part, run, _spelling(run)) for run in merged(run for run, _ in runs)]
    return [*items, *(classes[key] for key in sorted(classes))]


def _spelling(run: Run) -> str:
    return "" if run.line.startswith("uri/") else ORIGIN


def _require_once(runs: list[tuple[Run, int]], column: str) -> None:
    ordered = sorted(runs)
    furthest = ordered[0][0]
    for run, row in ordered[1:]:
        if run.line == furthest.line and run.first <= furthest.last:
            raise _RowRefused(row, column, f"expected each thing once, got {on_line(run.line, run.first)} again")
        furthest = run


def _added(before: Item | None, part: Part, much: Much, row: int, column: str) -> Item:
    if before is None:
        return Item(part, much.run, ORIGIN, much.quantity, much.unit)
    if before.unit != much.unit or before.quantity is None or much.quantity is None:
        shown = on_line(much.run.line, much.run.first)
        raise _RowRefused(row, column, f"expected {shown} with a quantity in one unit, got it again in another")
    try:
        return replace(before, quantity=amount(format(Decimal(before.quantity) + Decimal(much.quantity), "f")))
    except CellError as error:
        raise _RowRefused(row, column, str(error)) from error


def _lot(text: str) -> str:
    try:
        return Thing.lot("00000000000000", text).qualifier
    except InvalidThing as error:
        raise CellError(f"expected a lot of 1 to {MAX_LOT} printable characters, got {text!r}") from error


_UNREAD = object.__new__(Cells)
"""For tables that are told of: its methods are named there, and never called."""
