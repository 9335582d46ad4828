"""Every use case that changes state, done once each: what must be there before, the act, and its ledger entries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from support.world import ARTICLES, ASSOCIATION, CAMPAIGN, World, gtin, uscc

from traceqr import (
    activating,
    enrolling,
    exporting,
    hiding,
    issuing,
    keying,
    licensing,
    pledging,
    pruning,
    recalling,
    restoring,
)
from traceqr.activating import Range
from traceqr.evidence import Article
from traceqr.exporting import Asked, Export
from traceqr.registry.exports import Content

REASON = "a reason"


@dataclass(frozen=True)
class Scenario:
    """`use_case` is the function walked, by its full name; `acts` the entries that it appends, in order.

    `changes` is False for acts that are on the ledger but leave the tables as they are.
    """

    name: str
    use_case: str
    run: Callable[[World], Any]
    acts: tuple[str, ...]
    prepare: Callable[[World], Any] = World.furnish
    changes: bool = True


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__name__}"


def _issued(world: World) -> None:
    world.furnish().issue(active=False)


def _active(world: World) -> None:
    world.furnish().issue()


def _filed(world: World) -> None:
    world.furnish().claim("gtin", str(gtin(5, "6990000")), accepted=False)


def _with(*opened: Callable[[World], Any]) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        _active(world)
        for step in opened:
            step(world)

    return prepare


def _nothing(world: World) -> None:
    assert world.acts() == []


def hold(world: World) -> None:
    recalling.open_on_batch(world.desk, "hold", Range(1, 2, 3), REASON)


def recall_product(world: World) -> None:
    recalling.open_on_product(world.desk, "recall", gtin(), REASON)


def notice_id(world: World) -> str:
    return str(world.one("SELECT id FROM notice WHERE closed_position IS NULL")["id"])


def prune(world: World) -> None:
    pruning.prune(world.desk, world.database, date(2026, 8, 1), False, lambda _rows: None)


def broken_off(world: World) -> Export:
    return Export(str(world.one("SELECT id FROM label_export")["id"]), world.plan())


def claim_id(world: World) -> str:
    return str(world.one("SELECT id FROM gtin_claim WHERE state = 'filed'")["id"])


_TABLE = (
    ("enrol organisation", enrolling.enrol_organisations, World.association, ("organisation.enrol",), _nothing),
    ("enrol enterprise", enrolling.enrol_enterprises, World.enterprise, ("enterprise.enrol",), _nothing),
    ("amend enterprise", enrolling.enrol_enterprises, lambda w: w.enterprise(name_en="New"), ("enterprise.amend",)),
    ("amend a contact alone", enrolling.enrol_enterprises, lambda w: w.enterprise(contact="x"), ("enterprise.amend",)),
    ("enrol product", enrolling.enrol_products, lambda w: w.product(2), ("product.enrol",)),
    ("amend product", enrolling.enrol_products, lambda w: w.product(brand="新"), ("product.amend",)),
    ("file claim", enrolling.file_claims, lambda w: w.claim("prefix", "6999999", accepted=False), ("claim.file",)),
    (
        "accept claim",
        enrolling.accept_claim,
        lambda w: enrolling.accept_claim(w.desk, claim_id(w), ASSOCIATION),
        ("claim.accept",),
        _filed,
    ),
    (
        "refuse claim",
        enrolling.refuse_claim,
        lambda w: enrolling.refuse_claim(w.desk, claim_id(w), ASSOCIATION, REASON),
        ("claim.refuse",),
        _filed,
    ),
    ("open campaign", pledging.open_campaign, lambda w: w.campaign("quality-month-2027"), ("campaign.open",)),
    (
        "revise campaign",
        pledging.open_campaign,
        lambda w: w.campaign(CAMPAIGN, (*ARTICLES, Article("三", "Third"))),
        ("campaign.revise",),
    ),
    (
        "publish pledge",
        pledging.publish_pledges,
        lambda w: w.pledge(2),
        ("pledge.publish",),
        lambda w: w.furnish().enterprise(2),
    ),
    (
        "withdraw pledge",
        pledging.withdraw_pledge,
        lambda w: pledging.withdraw_pledge(w.desk, 1, REASON),
        ("pledge.withdraw",),
    ),
    ("define mark", licensing.define_mark, World.mark, ("mark.define",)),
    ("revise mark", licensing.define_mark, lambda w: w.mark(name_en="New"), ("mark.revise",), World.licensed),
    ("grant licence", licensing.grant_licences, World.licence, ("licence.grant",), lambda w: w.furnish().mark()),
    (
        "suspend licence",
        licensing.suspend_licence,
        lambda w: licensing.suspend_licence(w.desk, 1, REASON),
        ("licence.suspend",),
        World.licensed,
    ),
    (
        "resume licence",
        licensing.resume_licence,
        lambda w: licensing.resume_licence(w.desk, 1),
        ("licence.resume",),
        lambda w: licensing.suspend_licence(w.licensed().desk, 1, REASON),
    ),
    (
        "withdraw licence",
        licensing.withdraw_licence,
        lambda w: licensing.withdraw_licence(w.desk, 1, REASON),
        ("licence.withdraw",),
        World.licensed,
    ),
    (
        "extend licence",
        licensing.extend_licence,
        lambda w: licensing.extend_licence(w.desk, 1, date(2026, 12, 31)),
        ("licence.extend",),
        World.licensed,
    ),
    ("issue with a mark", issuing.issue, lambda w: w.issue(marks=(1,)), ("batch.issue",), World.licensed),
    ("issue", issuing.issue, lambda w: w.issue(active=False), ("batch.issue",)),
    ("issue active", issuing.issue, World.issue, ("batch.issue",)),
    (
        "activate",
        activating.activate,
        lambda w: activating.activate(w.desk, Range(1, 2, 5), REASON),
        ("batch.activate",),
        _issued,
    ),
    ("void", activating.void, lambda w: activating.void(w.desk, Range(1, 2, 5), REASON), ("batch.void",), _active),
    ("hold batch", recalling.open_on_batch, hold, ("batch.hold",), _active),
    (
        "recall batch",
        recalling.open_on_batch,
        lambda w: recalling.open_on_batch(w.desk, "recall", Range(1), REASON),
        ("batch.recall",),
        _active,
    ),
    (
        "hold product",
        recalling.open_on_product,
        lambda w: recalling.open_on_product(w.desk, "hold", gtin(), REASON),
        ("product.hold",),
        _active,
    ),
    ("recall product", recalling.open_on_product, recall_product, ("product.recall",), _active),
    (
        "lift hold",
        recalling.lift,
        lambda w: recalling.lift(w.desk, notice_id(w), REASON),
        ("hold.lift",),
        _with(hold),
    ),
    (
        "lift recall",
        recalling.lift,
        lambda w: recalling.lift(w.desk, notice_id(w), REASON),
        ("recall.lift",),
        _with(recall_product),
    ),
    ("new key", keying.new_key, World.key, ("key.add",)),
    ("new hidden root", hiding.new_root, lambda w: hiding.new_root(w.desk, w.folder), ("hidden_root.add",)),
    ("retire key", keying.retire, lambda w: keying.retire(w.desk, 1, REASON), ("key.retire",)),
    ("destroy key", keying.destroy, lambda w: keying.destroy(w.desk, w.folder, 1, REASON), ("key.destroy",)),
    (
        "compromise key",
        keying.compromise,
        lambda w: keying.compromise(w.desk, 1, REASON),
        ("key.compromise",),
        _issued,
    ),
    (
        "export labels",
        exporting.export,
        World.export,
        ("labels.export",),
        _active,
    ),
    (
        "export labels again",
        exporting.export,
        lambda w: w.export(again=REASON),
        ("labels.export",),
        _with(World.export),
    ),
    (
        "export hidden codes",
        exporting.export,
        lambda w: w.export(content=Content.HIDDEN),
        ("hidden.export",),
        _with(World.export),
    ),
    (
        "finish hidden codes",
        exporting.finish,
        lambda w: exporting.finish(w.desk, Export(broken_off(w).id, w.plan(), Content.HIDDEN), "ab" * 32, 7),
        ("hidden.exported",),
        _with(lambda w: w.export(content=Content.HIDDEN)),
    ),
    (
        "finish an export",
        exporting.finish,
        lambda w: exporting.finish(w.desk, broken_off(w), "ab" * 32, 7),
        ("labels.exported",),
        _with(World.export),
    ),
    (
        "resume an export",
        exporting.resume,
        lambda w: exporting.resume(w.desk, w.plan(), Asked("csv"), 3),
        ("labels.resume",),
        _with(World.export),
        False,
    ),
    (
        "prove labels",
        exporting.prove,
        lambda w: exporting.prove(w.desk, w.plan(), Asked("csv"), [0, 9]),
        ("labels.proof",),
        _active,
        False,
    ),
    (
        "accept restore",
        restoring.accept,
        lambda w: restoring.accept(w.desk, w.folder, 2),
        ("ledger.lost", "ledger.lost", "ledger.restore", "key.add"),
        _issued,
    ),
    ("prune scans", pruning.prune, prune, ("scans.prune",), _active),
    (
        "several in one act",
        enrolling.enrol_enterprises,
        lambda w: enrolling.enrol_enterprises(w.desk, [_entry(w, number) for number in (7, 8)]),
        ("enterprise.enrol", "enterprise.enrol"),
    ),
)


def _entry(world: World, number: int) -> enrolling.EnterpriseEntry:
    return enrolling.EnterpriseEntry(uscc(number), f"企业{number}", "E", "310000", "food", "1", "c")


SCENARIOS: dict[str, Scenario] = {
    row[0]: Scenario(row[0], _name(row[1]), *row[2:])
    for row in _TABLE  # type: ignore[arg-type]
}
