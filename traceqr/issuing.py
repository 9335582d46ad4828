"""Issuing: one row makes a batch of labels, of any size, and needs no private key."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from traceqr.acting import Act, ActRefused, Desk
from traceqr.chain import spreading
from traceqr.label.gtin import Gtin
from traceqr.label.host import Origin
from traceqr.label.serial import MAX_BATCH, MAX_COUNT
from traceqr.region import is_region
from traceqr.registry import batches, claims, enterprises, keys, licences, pledges, products, spans
from traceqr.registry.batches import Batch
from traceqr.registry.licences import Licence
from traceqr.registry.products import Product
from traceqr.registry.spans import Span

MAX_LOT = 64
"""Characters: GS1 allows 20 for AI (10); Chinese lot numbers carry words and dates."""

MAX_MARKET = 34
"""Regions of a market: as many as there are provinces."""

MAX_MARKS = 8
"""Marks of a batch; each of its labels shows them all."""


@dataclass(frozen=True, slots=True)
class Order:
    """Labels to issue. `count` is an allotment: those that are never used stay unactivated. `pledge` 0 is none; `marks`
    are the numbers of the licences under which the labels carry marks.
    """

    gtin: Gtin
    count: int
    origin: Origin
    pledge: int = 0
    lot: str | None = None
    produced_on: date | None = None
    expires_on: date | None = None
    active: bool = False
    marks: tuple[int, ...] = ()
    market: tuple[str, ...] = ()
    """The regions that the goods are meant for, by GB/T 2260; none for all."""


def issue(desk: Desk, order: Order) -> Batch:
    """Issue a batch, in constant time for any count. Raises `ActRefused`."""
    _check(order)
    with desk.act() as act:
        product = _product_with_right(act, order.gtin)
        _require_pledge(act, order.pledge, product)
        under = _require_marks(act, order, product)
        key = keys.newest_label_key(act.tx, act.at_ms)
        if key is None:
            raise ActRefused(
                "expected an active label key inside its signing window, found none; run: traceqr keys new"
            )
        number = batches.next_number(act.tx)
        if number > MAX_BATCH:
            raise ActRefused(f"expected a batch number up to {MAX_BATCH}, all are used")
        batch = Batch(
            number=number,
            gtin=product.gtin,
            product_version=product.version,
            enterprise_id=product.enterprise_id,
            enterprise_position=enterprises.position_of(act.tx, product.enterprise_id),
            pledge=order.pledge,
            key_number=key.number,
            label_count=order.count,
            origin=str(order.origin),
            lot=order.lot,
            produced_on=order.produced_on.isoformat() if order.produced_on else None,
            expires_on=order.expires_on.isoformat() if order.expires_on else None,
            market=" ".join(sorted(set(order.market))) or None,
        )
        life = "active" if order.active else "issued"
        payload = {name: value for name, value in asdict(batch).items() if name != "number" and value is not None}
        carried = {"marks": [licence.number for licence in under]} if under else {}
        position = act.record("batch.issue", f"batch:{number}", {**payload, **carried, "life": life})
        batches.insert(act.tx, batch, position)
        for licence in under:
            licences.use(act.tx, licence.number, number, order.count)
        spans.insert_first(act.tx, number, Span(0, order.count - 1, life, position))
        spreading.after_issue(act.tx, batch)
        return batch


def _check(order: Order) -> None:
    if not 1 <= order.count <= MAX_COUNT:
        raise ActRefused(f"expected a count from 1 to {MAX_COUNT:,}, got {order.count:,}", "count")
    if order.lot is not None and not (1 <= len(order.lot) <= MAX_LOT and order.lot.isprintable()):
        raise ActRefused(f"expected a lot of 1 to {MAX_LOT} printable characters, got {order.lot!r}", "lot")
    if order.produced_on and order.expires_on and order.expires_on < order.produced_on:
        raise ActRefused(f"expected an expiry date from {order.produced_on} on, got {order.expires_on}", "expires_on")
    if len(order.market) > MAX_MARKET:
        raise ActRefused(f"expected at most {MAX_MARKET} regions of a market, got {len(order.market)}", "market")
    for each in order.market:
        if not is_region(each):
            raise ActRefused(f"expected regions of six digits (GB/T 2260), such as 330000, got {each!r}", "market")


def _product_with_right(act: Act, gtin: Gtin) -> Product:
    product = products.by_gtin(act.tx, gtin.digits)
    if product is None:
        raise ActRefused(f"expected the GTIN of an enrolled product, got {gtin}; import products first", "gtin")
    if claims.accepted_for(act.tx, product.enterprise_id, product.gtin) is None:
        raise ActRefused(
            f"GTIN {gtin}: expected an accepted claim of the enterprise to it, found none; run: traceqr claim file"
            " --uscc USCC --kind gtin --value GTIN --evidence TEXT",
            "gtin",
        )
    return product


def _require_pledge(act: Act, number: int, product: Product) -> None:
    if number == 0:
        return
    pledge = pledges.by_number(act.tx, number)
    if pledge is None:
        raise ActRefused(f"expected the number of a pledge, {number} is none", "pledge")
    if pledge.enterprise_id != product.enterprise_id:
        raise ActRefused(f"pledge {number}: expected one of the product's own enterprise, got another's", "pledge")
    if not pledge.in_force(act.at_ms):
        raise ActRefused(f"pledge {number}: expected one in force, it is {_why_not(pledge.state)}", "pledge")


def _require_marks(act: Act, order: Order, product: Product) -> list[Licence]:
    """The licences of the order's marks, by number: each covers the product now, and has labels left. The lock of the
    act is held, so of two batches that want the last of a quota the second finds it used.
    """
    if len(order.marks) > MAX_MARKS:
        raise ActRefused(f"expected at most {MAX_MARKS} marks on a batch, got {len(order.marks)}", "marks")
    found = [_licence(act, number, product) for number in sorted(order.marks)]
    if len({licence.mark_id for licence in found}) < len(found):
        raise ActRefused("expected each mark once on a batch, got several licences of one", "marks")
    for licence in found:
        if order.count > licence.left:
            raise ActRefused(
                f"licence {licence.spelled}: expected a batch of at most {licence.left:,} labels, which are left of its"
                f" quota of {licence.quota:,}, got {order.count:,}",
                "marks",
            )
    return found


def _licence(act: Act, number: int, product: Product) -> Licence:
    licence = licences.by_number(act.tx, number)
    if licence is None:
        raise ActRefused(f"expected the number of a licence, {number} is none", "marks")
    if licence.enterprise_id != product.enterprise_id:
        raise ActRefused(f"licence {licence.spelled}: expected one of the product's own enterprise", "marks")
    if not licences.is_for(act.tx, number, product.gtin):
        raise ActRefused(f"licence {licence.spelled}: expected one for GTIN {product.gtin}, it is not", "marks")
    if licence.state != "granted" or not licence.within(act.at_ms):
        why = "outside its dates" if licence.state == "granted" else licence.state
        raise ActRefused(f"licence {licence.spelled}: expected one in force, it is {why}", "marks")
    return licence


def _why_not(state: str) -> str:
    return "outside its dates" if state == "published" else state
