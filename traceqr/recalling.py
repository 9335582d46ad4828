"""Holds and recalls: laid over labels of a batch, a lot or a whole product, and lifted by their id.

They do not touch the life of a label, so lifting one restores what was. A hold has a reason. A recall tells people what
the hazard is, what to do and whom to ask; its enterprise states how far it has come.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from traceqr.acting import Act, ActRefused, Desk
from traceqr.activating import Range, resolve
from traceqr.chain import spreading
from traceqr.label.gtin import Gtin
from traceqr.noting import require_text, salted
from traceqr.registry import claims, enterprises, notices, organisations, products, recall_reach, recalls, spans
from traceqr.registry.database import Reader
from traceqr.registry.notices import Notice
from traceqr.registry.recalls import LANGUAGES, PARTS, TEXTS, Cover, Progress, Told
from traceqr.registry.spans import Span

KINDS = ("hold", "recall")

GRADES = (1, 2, 3)
"""Classes of a recall, as for food and medicines: 1 is the worst."""

OUTCOMES = ("completed", "unfounded", "other")
"""How a recall may end."""

MOST = {"hazard": 500, "advice": 1_000, "contact": 200}
"""Characters of each text."""

MAX_CLOSING = 1_000
MAX_NAME = 100
MAX_REMARK = 1_000
_BIGGEST = 2**62


@dataclass(frozen=True, slots=True)
class Announcement:
    """What people are told, by the names of `recalls.TEXTS`; those that are left out are empty."""

    texts: Mapping[str, str]
    grade: int | None = None

    @classmethod
    def of_reason(cls, reason: str) -> Announcement:
        """The least that there is to tell."""
        return cls({"hazard_zh_hans": reason})


@dataclass(frozen=True, slots=True)
class Lot:
    """A whole product, or all batches of one of its lots."""

    gtin: Gtin
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """A lot of a material that is no product of anybody here, and what it is called; `enterprise_id` is that of the
    enterprise that used it, whose recall it is or whom an order is addressed to.
    """

    gtin: Gtin
    lot: str
    name: str
    enterprise_id: str


Target = Range | Lot | Material


@dataclass(frozen=True, slots=True)
class Statement:
    """How far a recall has come: packs taken back and destroyed so far. `reached` is how many labels were looked at
    since, where that is to be told.
    """

    recovered: int
    destroyed: int
    remark: str = ""
    reached: int | None = None


@dataclass(frozen=True, slots=True)
class _Laid:
    """What a notice is laid over, and how its entry names it. `more` goes into the entry."""

    cover: Cover
    noun: str
    subject: str
    enterprise: str
    more: Mapping[str, Any] = field(default_factory=dict)


def open_on_batch(desk: Desk, kind: str, target: Range, reason: str) -> Notice:
    """Hold or recall labels of a batch, with no more words than a reason."""
    _check(kind, reason)
    with desk.act() as act:
        return _open(act, desk, kind, _on_batch(act.tx, target), Announcement.of_reason(reason), None)


def open_on_product(desk: Desk, kind: str, gtin: Gtin, reason: str) -> Notice:
    """Hold or recall every label of a product, those of later batches too, with no more words than a reason."""
    _check(kind, reason)
    with desk.act() as act:
        return _open(act, desk, kind, _on_lot(act.tx, Lot(gtin)), Announcement.of_reason(reason), None)


def open_on_material(desk: Desk, target: Material, reason: str, ordered_by: str | None = None) -> Notice:
    """Recall what was made of a material, with no more words than a reason."""
    _check("recall", reason)
    with desk.act() as act:
        _require_organisation(act.tx, ordered_by)
        return _open(act, desk, "recall", _on_material(act.tx, target), Announcement.of_reason(reason), ordered_by)


def recall(desk: Desk, target: Target, announcement: Announcement, ordered_by: str | None = None) -> Notice:
    """Recall labels, and tell people all that they need. `ordered_by` is the id of the organisation that orders it. A
    recall of a material lies over what was made of it: by anybody, where it is ordered; else as the enterprise says.
    """
    whole = require_whole(announcement)
    with desk.act() as act:
        _require_organisation(act.tx, ordered_by)
        return _open(act, desk, "recall", laid_over(act.tx, target), whole, ordered_by)


def state_progress(desk: Desk, notice_id: str, statement: Statement) -> Progress:
    """State how far a recall has come. It is published, and replaces what was stated before."""
    remark = require_text(statement.remark, "remark", MAX_REMARK) if statement.remark.strip() else ""
    with desk.act() as act:
        notice = _open_one(act, notice_id)
        if notice.kind != "recall":
            raise ActRefused(f"expected the id of an open recall, {notice_id!r} is a hold")
        row = recalls.by_id(act.tx, notice.id)
        assert row is not None  # every recall tells something
        made = recall_reach.counted(act.tx, notice.id).labels
        under = recalls.labels_under(act.tx, recalls.cover_of(row)) + made
        for name in ("recovered", "destroyed", "reached"):
            _require_within(name, getattr(statement, name), under)
        stated = Progress(desk.new_id(), notice.id, statement.recovered, statement.destroyed, statement.reached, remark)
        salt = desk.new_id()
        payload = {
            "notice": notice.id,
            "progress": stated.id,
            **{name: getattr(stated, name) for name in ("recovered", "destroyed", "reached")},
            "remark_digest": salted(salt, remark),
        }
        position = act.record("recall.progress", f"notice:{notice.id}", payload)
        recalls.insert_progress(act.tx, stated, salt, position)
        return stated


def lift(desk: Desk, notice_id: str, reason: str, outcome: str = "other") -> Notice:
    """Close a hold or a recall, a recall with its outcome; what other notices cover stays covered."""
    if outcome not in OUTCOMES:
        raise ActRefused(f"expected an outcome of {', '.join(OUTCOMES)}, got {outcome!r}", "outcome")
    with desk.act() as act:
        notice = _open_one(act, notice_id)
        payload: dict[str, Any] = {"reason": reason}
        if notice.kind == "recall":
            payload |= {"notice": notice.id, "reason": require_text(reason, "reason", MAX_CLOSING), "outcome": outcome}
        if notice.batch is None:
            payload |= {"enterprise": _owner(act, notice)}
        position = act.record(f"{notice.kind}.lift", f"notice:{notice.id}", payload)
        notices.close(act.tx, notice.id, position)
        if notice.kind == "recall":
            recalls.close(act.tx, notice.id, outcome, payload["reason"], position)
        _uncover(act, notice)
        return notice


# --- what a recall is about, and what it tells


def act_of(target: Target) -> tuple[str, str]:
    """The act that recalls it, and its subject, as they stand on the ledger and in a proposal."""
    if isinstance(target, Material):
        return "material.recall", f"material:{target.gtin.digits}"
    if isinstance(target, Range):
        return "batch.recall", f"batch:{target.batch}"
    return ("product.recall" if target.lot is None else "lot.recall"), f"product:{target.gtin.digits}"


def arguments_of(target: Target, announcement: Announcement) -> dict[str, Any]:
    """What a second person agrees to: all that is told, and over which labels."""
    given = {name: announcement.texts[name] for name in TEXTS if announcement.texts.get(name)}
    return {"texts": given, "grade": announcement.grade, **_over(target)}


def _over(target: Target) -> dict[str, Any]:
    if isinstance(target, Range):
        return {"first": target.first, "last": target.last}
    if isinstance(target, Material):
        return {"lot": target.lot, "name": target.name, "enterprise": target.enterprise_id}
    return {"lot": target.lot}


def agreed(act_name: str, subject: str, arguments: Mapping[str, Any]) -> tuple[Target, Announcement]:
    """What was agreed to, from a proposal of such an act: the other way round."""
    target = _target(act_name, subject.partition(":")[2], arguments)
    if "texts" not in arguments:
        return target, Announcement.of_reason(arguments["reason"])
    return target, Announcement(arguments["texts"], arguments["grade"])


def _target(act_name: str, identity: str, arguments: Mapping[str, Any]) -> Target:
    if act_name == "batch.recall":
        return Range(int(identity), arguments.get("first"), arguments.get("last"))
    gtin, lot = Gtin.parse(identity), arguments.get("lot")
    if act_name == "material.recall":
        return Material(gtin, str(lot), arguments["name"], arguments["enterprise"])
    return Lot(gtin, lot)


def laid_over(reader: Reader, target: Target) -> _Laid:
    """What a recall would lie over. Raises `ActRefused` for what is not there."""
    if isinstance(target, Material):
        return _on_material(reader, target)
    return _on_batch(reader, target) if isinstance(target, Range) else _on_lot(reader, target)


def require_whole(announcement: Announcement) -> Announcement:
    """An announcement that tells all in simplified Chinese, and in each other language all or nothing."""
    if announcement.grade is not None and announcement.grade not in GRADES:
        raise ActRefused(f"expected class 1, 2 or 3, got {announcement.grade!r}", "grade")
    if unknown := set(announcement.texts) - set(TEXTS):
        raise ActRefused(f"expected texts named {', '.join(TEXTS)}, got {min(unknown)!r}", "texts")
    texts = {}
    for ending in LANGUAGES.values():
        given = {part: announcement.texts.get(f"{part}_{ending}", "") for part in PARTS}
        needed = ending == "zh_hans" or any(text.strip() for text in given.values())
        for part, text in given.items():
            name = f"{part}_{ending}"
            texts[name] = require_text(text, name, MOST[part]) if needed else ""
    return Announcement(texts, announcement.grade)


def _on_batch(reader: Reader, target: Range) -> _Laid:
    batch, first, last = resolve(reader, target)
    cover = Cover(batch.gtin, batch.number, first, last)
    return _Laid(cover, "batch", f"batch:{batch.number}", batch.enterprise_id, {"first": first, "last": last})


def _on_lot(reader: Reader, target: Lot) -> _Laid:
    product = products.by_gtin(reader, target.gtin.digits)
    if product is None:
        raise ActRefused(f"expected the GTIN of an enrolled product, got {target.gtin}", "gtin")
    cover, subject = Cover(product.gtin, lot=target.lot), f"product:{product.gtin}"
    more: dict[str, Any] = {"enterprise": product.enterprise_id}
    if target.lot is None:
        return _Laid(cover, "product", subject, product.enterprise_id, more)
    if not (recalls.has_lot(reader, product.gtin, target.lot) or spreading.is_traced(reader, product.gtin, target.lot)):
        raise ActRefused(f"expected a lot that a batch of {target.gtin} has, got {target.lot!r}", "lot")
    return _Laid(cover, "lot", subject, product.enterprise_id, {**more, "lot": target.lot})


def _on_material(reader: Reader, target: Material) -> _Laid:
    digits, name = target.gtin.digits, require_text(target.name, "name", MAX_NAME)
    if products.by_gtin(reader, digits) is not None or claims.accepted_to(reader, digits):
        raise ActRefused(f"expected the GTIN of a material that nobody has claimed, got {target.gtin}", "gtin")
    if not spreading.is_traced(reader, digits, target.lot):
        raise ActRefused(f"expected a lot of {target.gtin} that events name, got {target.lot!r}", "lot")
    if enterprises.by_id(reader, target.enterprise_id) is None:
        raise ActRefused("expected the id of an enrolled enterprise, it is none", "enterprise")
    more = {"material": digits, "material_name": name, "lot": target.lot}
    cover = Cover(digits, lot=target.lot, material=name)
    return _Laid(cover, "material", f"material:{digits}", target.enterprise_id, more)


# --- opening and closing


def _open(act: Act, desk: Desk, kind: str, laid: _Laid, announcement: Announcement, ordered_by: str | None) -> Notice:
    cover, reason = laid.cover, announcement.texts["hazard_zh_hans"]
    notice = Notice(desk.new_id(), kind, cover.gtin, cover.batch, cover.first, cover.last, reason, cover.lot)
    notice = replace(notice, material=cover.material)
    payload = {"notice": notice.id, **laid.more, "reason": reason}
    told = Told(notice.id, laid.enterprise, ordered_by, announcement.grade, _all(announcement))
    salt = desk.new_id() if kind == "recall" else ""
    if kind == "recall":
        payload |= {"grade": told.grade, "ordered_by": ordered_by, "text_digest": digest(salt, told.texts)}
        payload["enterprise"] = laid.enterprise
    position = act.record(f"{laid.noun}.{kind}", laid.subject, payload)
    notices.insert(act.tx, notice, position)
    if kind == "recall":
        recalls.insert(act.tx, told, salt, position)
    _count(act, notice, +1)
    if kind == "recall":
        spreading.lay(act.tx, notice)
    return notice


def digest(salt: str, texts: Mapping[str, str]) -> str:
    """What the ledger holds of a recall's words. They are in lines of their own, so they are put in JSON."""
    return salted(salt, json.dumps([texts[name] for name in TEXTS], ensure_ascii=False, separators=(",", ":")))


def _all(announcement: Announcement) -> dict[str, str]:
    return {name: announcement.texts.get(name, "") for name in TEXTS}


def _require_organisation(reader: Reader, organisation_id: str | None) -> None:
    if organisation_id is not None and organisations.by_id(reader, organisation_id) is None:
        raise ActRefused("expected the id of an enrolled organisation, it is none", "ordered_by")


def _open_one(act: Act, notice_id: str) -> Notice:
    notice = notices.open_by_id(act.tx, notice_id)
    if notice is None:
        raise ActRefused(f"expected the id of an open hold or recall, {notice_id!r} is none")
    return notice


def _owner(act: Act, notice: Notice) -> str:
    """Whose a product is now: it may be another's later. Of a material: whose recall it is."""
    if notice.material is not None:
        told = recalls.by_id(act.tx, notice.id)
        assert told is not None  # every recall tells something
        return str(told["enterprise_id"])
    product = products.by_gtin(act.tx, notice.gtin)
    assert product is not None  # the notice refers to it
    return product.enterprise_id


def _uncover(act: Act, notice: Notice) -> None:
    _count(act, notice, -1)
    if notice.kind == "recall":
        spreading.lift(act.tx, notice)


def _count(act: Act, notice: Notice, step: int) -> None:
    if notice.batch is not None and notice.first is not None and notice.last is not None:
        spans.change(act.tx, notice.batch, notice.first, notice.last, _counted(notice.kind, step))


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


def _require_within(name: str, value: int | None, under: int) -> None:
    if value is not None and not 0 <= value <= min(under, _BIGGEST):
        raise ActRefused(f"expected {name} from 0 to {under:,}, as many as there are labels, got {value:,}", name)
