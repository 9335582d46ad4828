"""Holds and recalls: laid over a range of a batch or a whole product, and lifted by their id.

They do not touch the life of a label, so lifting one restores what was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from traceqr.acting import Act, ActRefused, Desk
from traceqr.activating import Range, resolve
from traceqr.label.gtin import Gtin
from traceqr.registry import notices, products, spans
from traceqr.registry.notices import Notice
from traceqr.registry.spans import Span

KINDS = ("hold", "recall")


def open_on_batch(desk: Desk, kind: str, target: Range, reason: str) -> Notice:
    """Hold or recall labels of a batch."""
    _check(kind, reason)
    with desk.act() as act:
        batch, first, last = resolve(act.tx, target)
        notice = Notice(desk.new_id(), kind, batch.gtin, batch.number, first, last, reason)
        payload = {"notice": notice.id, "first": first, "last": last, "reason": reason}
        position = act.record(f"batch.{kind}", f"batch:{batch.number}", payload)
        notices.insert(act.tx, notice, position)
        spans.change(act.tx, batch.number, first, last, _counted(kind, +1))
        return notice


def open_on_product(desk: Desk, kind: str, gtin: Gtin, reason: str) -> Notice:
    """Hold or recall every label of a product, those of later batches too."""
    _check(kind, reason)
    with desk.act() as act:
        product = products.by_gtin(act.tx, gtin.digits)
        if product is None:
            raise ActRefused(f"expected the GTIN of an enrolled product, got {gtin}", "gtin")
        notice = Notice(desk.new_id(), kind, gtin.digits, None, None, None, reason)
        payload = {"notice": notice.id, "reason": reason, "enterprise": product.enterprise_id}
        position = act.record(f"product.{kind}", f"product:{gtin}", payload)
        notices.insert(act.tx, notice, position)
        return notice


def lift(desk: Desk, notice_id: str, reason: str) -> Notice:
    """Close a hold or a recall; what other notices cover stays covered."""
    with desk.act() as act:
        notice = notices.open_by_id(act.tx, notice_id)
        if notice is None:
            raise ActRefused(f"expected the id of an open hold or recall, {notice_id!r} is none")
        payload = {"reason": reason} | ({} if notice.batch else {"enterprise": _owner(act, notice)})
        position = act.record(f"{notice.kind}.lift", f"notice:{notice.id}", payload)
        notices.close(act.tx, notice.id, position)
        _uncover(act, notice)
        return notice


def _owner(act: Act, notice: Notice) -> str:
    """Whose a product is now: it may be another's later."""
    product = products.by_gtin(act.tx, notice.gtin)
    assert product is not None  # the notice refers to it
    return product.enterprise_id


def _uncover(act: Act, notice: Notice) -> None:
    if notice.batch is not None and notice.first is not None and notice.last is not None:
        spans.change(act.tx, notice.batch, notice.first, notice.last, _counted(notice.kind, -1))


def _counted(kind: str, step: int) -> Callable[[Span], Span]:
    def change(span: Span) -> Span:
        if kind == "hold":
            return replace(span, holds=span.holds + step)
        return replace(span, recalls=span.recalls + step)

    return change


def _check(kind: str, reason: str) -> None:
    if kind not in KINDS:
        raise ActRefused(f"expected hold or recall, got {kind!r}", "kind")
    if not reason.strip():
        raise ActRefused("expected a reason that people will read on the label's page, got none", "reason")
