"""Recalls: an enterprise's own, and those that an association orders for enterprises of its region."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from traceqr import recalling, seconding
from traceqr.access import Right
from traceqr.acting import ActRefused, Desk
from traceqr.activating import Range
from traceqr.evidence import Recall
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.office.foreseeing import Foreseen, foresee
from traceqr.office.house import Absent, Denied, Office, Stale
from traceqr.office.materials import Used, users
from traceqr.office.tracking import TrackingOffice
from traceqr.recalling import MAX_CLOSING, MAX_NAME, MAX_REMARK, MOST, OUTCOMES, Announcement, Lot, Material, Statement
from traceqr.recalling import Target as Resolved
from traceqr.registry import batches, enterprises, holdings, notices, products, proposals, recall_reach, recalls
from traceqr.registry.database import Reader, Row
from traceqr.registry.notices import Notice
from traceqr.registry.proposals import Proposal
from traceqr.registry.recall_reach import Reached as Spread
from traceqr.registry.recalls import Cover, Reach, Sought

__all__ = (
    "MAX_CLOSING",
    "MAX_NAME",
    "MAX_REMARK",
    "MOST",
    "OUTCOMES",
    "Announcement",
    "Lot",
    "Range",
    "RecallOffice",
    "Statement",
    "Target",
    "Used",
)

ACTS = frozenset({"batch.recall", "lot.recall", "product.recall", "material.recall"})
"""That may wait for a second person."""

Target = Range | Lot | Used


@dataclass(frozen=True, slots=True)
class Preview:
    """What a recall would say, and over what. `labels` are those that there are now."""

    cover: Cover
    told: Recall
    product_zh: str
    product_en: str
    labels: int
    foreseen: Foreseen | None = None
    """What it would reach, where that was asked for."""

    @property
    def in_each(self) -> list[Recall]:
        """The same in each of its languages alone."""
        return [replace(self.told, wordings=(words,)) for words in self.told.wordings]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A recall that waits for a second person, or for being done."""

    proposal: Proposal
    preview: Preview


@dataclass(frozen=True, slots=True)
class RecallFile:
    """A recall with all there is of it. `lifts` says whether whoever looks may lift it, `states` whether he may state
    its progress. `seen` is what a change by this page gives back.
    """

    row: Row
    told: Recall
    progress: Sequence[Row]
    labels: int
    reach: Reach
    lifts: bool
    states: bool
    seen: int
    spread: Spread
    made: Sequence[Row]
    """The batches whose labels were made of what is recalled."""
    inspected: Sequence[Row] = ()
    """Inspections that it rests on, where whoever looks may see them."""


@dataclass(frozen=True, slots=True)
class RecallOffice(Office):
    """Recalls of the identity's own enterprise, or of enterprises in the region of its association."""

    def listed(self, text: str = "", open_: bool | None = None, before: int | None = None, most: int = 50) -> list[Row]:
        """Recalls, latest first, from below ledger position `before` on."""
        self._need_look()
        with self.desk.database.snapshot() as reader:
            return recalls.sought(reader, self._sought(text, open_), before, most)

    def waiting(self) -> list[Proposed]:
        """What was proposed in the own body and is not done yet."""
        self._need_look()
        with self.desk.database.snapshot() as reader:
            found = proposals.waiting_of(reader, self._body, ACTS, self.house.clock())
            return [shown for each in found if (shown := self._proposed(reader, each))]

    def proposed(self, proposal_id: str) -> Proposed:
        """One of them. Raises `Absent`."""
        self._need_look()
        with self.desk.database.snapshot() as reader:
            found = self._proposal(reader, proposal_id)
            shown = self._proposed(reader, found)
            if shown is None:
                raise Absent("expected the proposal of a recall of what is there, found another")
            return replace(shown, preview=self._foreseen(reader, shown.preview))

    def file(self, recall_id: str) -> RecallFile:
        """One recall. Raises `Absent`."""
        self._need_look()
        with self.desk.database.snapshot() as reader:
            row = self._row(reader, recall_id)
            cover = recalls.cover_of(row)
            going_on = row["closed_ms"] is None
            return RecallFile(
                row,
                recalls.told_of(row),
                recalls.progress_of(reader, recall_id),
                recalls.labels_under(reader, cover),
                recalls.reach(reader, cover, row["opened_ms"], recall_id=recall_id),
                going_on and self.identity.may(self._right) and self._has_laid(reader, row),
                going_on and self.identity.may(Right.CHANGE_STATE) and self.identity.enterprise is not None,
                row["changed_position"],
                recall_reach.counted(reader, recall_id),
                recall_reach.by_product(reader, recall_id),
                self.inspected(reader, "recall", recall_id),
            )

    def told(self, recall_id: str) -> Row:
        """The row of a recall, for whoever has just changed it. Raises `Absent`."""
        self.need(self._right)
        with self.desk.database.snapshot() as reader:
            return self._row(reader, recall_id)

    def users(self, gtin: Gtin, lot: str) -> list[str]:
        """The codes of the enterprises of the region that have stated events of a lot, to one of whom a recall of what
        was made of it is addressed; none for an enterprise, whose recall is its own.
        """
        self.need(self._right)
        with self.desk.database.snapshot() as reader:
            found = [enterprises.by_id(reader, body) for body in sorted(users(reader, gtin, lot))]
        own = self.identity.enterprise is not None
        return [] if own else sorted(each.uscc for each in found if each and self.identity.sees_region(each.region))

    def look(self, target: Target, announcement: Announcement) -> Preview:
        """What a recall would say, over what, and whom it would reach. Raises `ActRefused`."""
        self.need(self._right)
        whole = recalling.require_whole(announcement)
        with self.desk.database.snapshot() as reader:
            resolved = self._resolved(reader, target)
            return self._foreseen(reader, self._preview(reader, resolved, whole))

    def issue(self, target: Target, announcement: Announcement) -> Notice | None:
        """Recall labels; None where it waits for the yes of a second person. Raises `ActRefused`, also for what is
        recalled or proposed with these words already, and `Denied` for programs where two people must agree.
        """
        self.need(self._right)
        whole = recalling.require_whole(announcement)
        if self.house.second_person and self.identity.token:
            raise Denied("expected two people to agree to a recall: propose it in the console")
        with self.desk.together() as (desk, tx):
            resolved = self._resolved(tx, target)
            preview = self._preview(tx, resolved, whole)
            if any(_same(each, preview.cover) for each in self._alike(tx, preview, resolved)):
                raise ActRefused("expected something new, these labels are recalled with these words already")
            if not self.house.second_person:
                return recalling.recall(desk, resolved, whole, self.identity.organisation)
            self._propose(desk, tx, resolved, whole)
        return None

    def carry_out(self, proposal_id: str) -> Notice:
        """Recall as two people have agreed to: both or nothing lands. Raises `Absent` and `ActRefused`."""
        self.need(self._right)
        with self.desk.together() as (desk, tx):
            found = self._proposal(tx, proposal_id)
            arguments = json.loads(found.arguments)
            target, announcement = _agreed(found)
            self._require_mine(tx, target)
            seconding.carry_out(desk, proposal_id, found.act, found.subject, arguments)
            return _recall(desk, target, announcement, arguments, self.identity.organisation)

    def state_progress(self, recall_id: str, seen: int | None, statement: Statement, *, tell_reach: bool) -> None:
        """State how far a recall has come, by the page that was shown. Raises `Absent`, `Stale` and `ActRefused`."""
        if self.identity.enterprise is None:
            raise Denied("expected an identity of the enterprise, got one of none")
        self.need(self._right)
        reach = self._reach(recall_id) if tell_reach else Reach(more=True)
        reached = None if reach.more else reach.since
        with self._changing(recall_id, seen) as (desk, _row):
            recalling.state_progress(desk, recall_id, replace(statement, reached=reached))

    def lift(self, recall_id: str, seen: int | None, reason: str, outcome: str) -> None:
        """Lift a recall that the own body has laid, by the page that was shown. Raises as above."""
        with self._changing(recall_id, seen) as (desk, row):
            with desk.database.snapshot() as reader:
                if not self._has_laid(reader, row):
                    raise ActRefused("expected a recall that the own enterprise has laid, it is another's")
            recalling.lift(desk, recall_id, reason, outcome)

    def _reach(self, recall_id: str) -> Reach:
        """Counted before the lock is taken: it may take its time."""
        with self.desk.database.snapshot() as reader:
            row = self._row(reader, recall_id)
            return recalls.reach(reader, recalls.cover_of(row), row["opened_ms"], recall_id=recall_id)

    # --- whose it is

    @property
    def _right(self) -> Right:
        """That which lets somebody recall: an enterprise's own, or in a region."""
        return Right.CHANGE_STATE if self.identity.enterprise is not None else Right.ORDER_RECALLS

    def _need_look(self) -> None:
        self.need(Right.SEE if self.identity.enterprise is not None else Right.ORDER_RECALLS)

    @property
    def _body(self) -> str:
        return self.identity.enterprise or self.identity.organisation or ""

    def _sought(self, text: str, open_: bool | None) -> Sought:
        if self.identity.enterprise is not None:
            return Sought(enterprise_id=self.identity.enterprise, text=text, open=open_)
        return Sought(region=self.identity.region or "", text=text, open=open_)

    def _is_mine(self, reader: Reader, enterprise_id: str) -> bool:
        if self.identity.enterprise is not None:
            return enterprise_id == self.identity.enterprise
        found = enterprises.by_id(reader, enterprise_id)
        return found is not None and self.identity.sees_region(found.region)

    def _resolved(self, reader: Reader, target: Target) -> Resolved:
        """The same with the id of the enterprise that used a material. Raises `ActRefused`."""
        if not isinstance(target, Used):
            return target
        own = self.identity.enterprise
        if own is None:
            firm = enterprises.by_uscc(reader, target.uscc)
            if firm is None or not self.identity.sees_region(firm.region):
                raise ActRefused(f"expected the USCC of an enterprise of the region, got {target.uscc!r}", "uscc")
            own = firm.id
        return Material(target.gtin, target.lot, target.name, own)

    def _require_mine(self, reader: Reader, target: Resolved) -> None:
        """Of what is somebody else's the same is said as of what is not there."""
        if isinstance(target, Material):
            self._require_used(reader, target)
            return
        if isinstance(target, Range):
            field, found = "batch", batches.by_number(reader, target.batch)
            owner = found.enterprise_id if found else None
        else:
            field, product = "gtin", products.by_gtin(reader, target.gtin.digits)
            owner = product.enterprise_id if product else None
        if owner is None or not self._is_mine(reader, owner):
            raise ActRefused(f"expected the {field} of something one may recall, got another", field)

    def _require_used(self, reader: Reader, target: Material) -> None:
        """A material is recalled by who has used it, and only where it is nobody's: see `recalling.laid_over`."""
        if not self._is_mine(reader, target.enterprise_id):
            raise ActRefused("expected the gtin of something one may recall, got another", "gtin")
        if target.enterprise_id not in users(reader, target.gtin, target.lot):
            field = "gtin" if self.identity.enterprise is not None else "uscc"
            raise ActRefused("expected a lot that the enterprise has stated events of, got another", field)

    def _row(self, reader: Reader, recall_id: str) -> Row:
        row = recalls.by_id(reader, recall_id) if _is_id(recall_id) else None
        if row is None or not self._is_mine(reader, row["enterprise_id"]):
            raise Absent("expected a recall of the own enterprise or region, found none")
        return row

    def _has_laid(self, reader: Reader, row: Row) -> bool:
        if self.identity.enterprise is None:
            return bool(row["ordered_by"] == self.identity.organisation)
        found = holdings.notice(reader, self.identity.enterprise, row["id"])
        actor = json.loads(found["entry"])["actor"] if found else ""
        return row["ordered_by"] is None and holdings.enterprise_of(reader, actor) == self.identity.enterprise

    def _proposal(self, reader: Reader, proposal_id: str) -> Proposal:
        found = proposals.by_id(reader, proposal_id) if _is_id(proposal_id) else None
        body = (self.identity.enterprise, self.identity.organisation)
        if found is None or (found.enterprise_id, found.organisation_id) != body or found.act not in ACTS:
            raise Absent("expected the proposal of a recall in the own body, found none")
        return found

    # --- how it is made

    def _preview(self, reader: Reader, target: Resolved, announcement: Announcement) -> Preview:
        self._require_mine(reader, target)
        cover = recalling.laid_over(reader, target).cover
        texts = {name: announcement.texts.get(name, "") for name in recalls.TEXTS}
        nameless = {"id": "", "grade": announcement.grade, "ordered_zh": "", "ordered_en": ""}
        told = recalls.told_of({**texts, **nameless})
        return Preview(cover, told, *_named(reader, cover), recalls.labels_under(reader, cover))

    def _foreseen(self, reader: Reader, preview: Preview) -> Preview:
        """With what it would reach, as far as whoever looks may know."""
        telling, partakes = TrackingOffice(self.house, self.identity).telling(reader)
        return replace(preview, foreseen=foresee(reader, preview.cover, self.identity.enterprise, telling, partakes))

    def _alike(self, reader: Reader, preview: Preview, target: Resolved) -> list[Notice]:
        hazard, gtin = preview.told.in_language("zh-Hans").hazard, preview.cover.gtin
        if isinstance(target, Material):
            return notices.open_on_material(reader, gtin, target.lot, hazard, target.enterprise_id)
        return notices.open_with_reason(reader, "recall", gtin, hazard)

    def _propose(self, desk: Desk, reader: Reader, target: Resolved, announcement: Announcement) -> None:
        (act, subject), arguments = recalling.act_of(target), recalling.arguments_of(target, announcement)
        for each in proposals.waiting_about(reader, self._body, subject, self.house.clock()):
            if each.act == act and json.loads(each.arguments) == arguments:
                raise ActRefused("expected something new, this recall waits for a second person already")
        seconding.propose(
            desk,
            act,
            subject,
            arguments,
            enterprise=self.identity.enterprise,
            organisation=self.identity.organisation,
        )

    def _proposed(self, reader: Reader, proposal: Proposal) -> Proposed | None:
        """None where what was proposed to be recalled is not there any more, or never was."""
        try:
            return Proposed(proposal, self._preview(reader, *_agreed(proposal)))
        except (ActRefused, Absent):
            return None

    @contextmanager
    def _changing(self, recall_id: str, seen: int | None) -> Iterator[tuple[Desk, Row]]:
        """Where something is done about a recall, if it is as it was shown; None is by nobody's page."""
        self.need(self._right)
        with self.desk.together() as (desk, tx):
            row = self._row(tx, recall_id)
            if seen is not None and row["changed_position"] != seen:
                raise Stale(f"recall {recall_id}: expected a change by its present page, got one by page {seen}")
            yield desk, row


def _is_id(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _named(reader: Reader, cover: Cover) -> tuple[str, str]:
    """What is recalled, in Chinese and English. A material has the one name that it was given."""
    if cover.material is not None:
        return cover.material, ""
    product = products.by_gtin(reader, cover.gtin)
    assert product is not None  # it was found
    return product.text.name_zh, product.text.name_en


def _agreed(proposal: Proposal) -> tuple[Resolved, Announcement]:
    """What was proposed. Raises `Absent` for what nobody can recall."""
    try:
        return recalling.agreed(proposal.act, proposal.subject, json.loads(proposal.arguments))
    except (ValueError, InvalidGtin) as error:
        raise Absent("expected the proposal of a recall of what is there, found another") from error


def _same(notice: Notice, cover: Cover) -> bool:
    return (notice.batch, notice.first, notice.last, notice.lot) == (cover.batch, cover.first, cover.last, cover.lot)


def _recall(
    desk: Desk, target: Resolved, announcement: Announcement, arguments: Mapping[str, Any], ordered_by: str | None
) -> Notice:
    """As it was agreed to: with all words, or with a reason alone, as the command line proposes it."""
    if "texts" in arguments or isinstance(target, Material):
        return recalling.recall(desk, target, announcement, ordered_by)
    reason = announcement.texts["hazard_zh_hans"]
    if isinstance(target, Range):
        return recalling.open_on_batch(desk, "recall", target, reason)
    return recalling.open_on_product(desk, "recall", target.gtin, reason)
