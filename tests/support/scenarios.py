"""Every use case that changes state, done once each: what must be there before, the act, and its ledger entries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from support import access_scenarios, chain_scenarios, field_scenarios
from support.staff import admitted, organisation_id
from support.world import ARTICLES, ASSOCIATION, CAMPAIGN, HOSTS, ORIGIN, World, certificate, gtin, uscc

from traceqr import (
    activating,
    bundling,
    campaigning,
    claiming,
    enrolling,
    exporting,
    forgetting,
    handling,
    hiding,
    issuing,
    keying,
    licensing,
    linking,
    passporting,
    pledging,
    pruning,
    recalling,
    recognising,
    restoring,
    upholding,
)
from traceqr.access import Role
from traceqr.activating import Range
from traceqr.evidence import Article
from traceqr.exporting import Asked, Export
from traceqr.label.keyring import Role as KeyRole
from traceqr.recalling import Announcement, Lot, Statement
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


def _contested(world: World) -> None:
    world.furnish().enterprise(2)
    world.claim("gtin", str(gtin()), enterprise=2, accepted=False)


def _with(*opened: Callable[[World], Any]) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        _active(world)
        for step in opened:
            step(world)

    return prepare


def _second(world: World) -> None:
    world.furnish().enterprise(2)


def _pledge_in(state: str) -> Callable[[World], None]:
    """Pledge 2, in a state."""

    def prepare(world: World) -> None:
        assert world.furnish().application(2, state) == 2

    return prepare


def _nothing(world: World) -> None:
    assert world.acts() == []


def _case(*steps: Callable[[World], Any]) -> Callable[[World], None]:
    """A case with one report, brought further."""
    return _with(World.case, *steps)


def case_id(world: World) -> str:
    return str(world.one("SELECT id FROM case_file")["id"])


def _answered(world: World) -> None:
    handling.answer(world.desk, case_id(world), REASON)


def _closed(world: World) -> None:
    handling.close(world.desk, case_id(world), "genuine")


def _late(world: World) -> None:
    world.clock.pass_days(8)


def _assign(world: World) -> Any:
    return handling.assign(world.desk, case_id(world), str(world.one("SELECT id FROM account")["id"]))


def hold(world: World) -> None:
    recalling.open_on_batch(world.desk, "hold", Range(1, 2, 3), REASON)


def recall_product(world: World) -> None:
    recalling.open_on_product(world.desk, "recall", gtin(), REASON)


def announcement(grade: int | None = 2) -> Announcement:
    """A recall in all three languages."""
    return Announcement(
        {
            "hazard_zh_hans": "瓶口可能有玻璃碎屑，会划伤口腔。",
            "advice_zh_hans": "立即停止饮用，将产品退回购买处，可全额退款。",
            "contact_zh_hans": "质量部 400-000-0000",
            "hazard_zh_hant": "瓶口可能有玻璃碎屑，會劃傷口腔。",
            "advice_zh_hant": "立即停止飲用，將產品退回購買處，可全額退款。",
            "contact_zh_hant": "品質部 400-000-0000",
            "hazard_en": "Splinters of glass at the neck of the bottle may cut the mouth.",
            "advice_en": "Do not drink it. Take it back to where you bought it for a full refund.",
            "contact_en": "Quality department, 400-000-0000",
        },
        grade,
    )


def recall_lot(world: World) -> None:
    recalling.recall(world.desk, Lot(gtin(), "L1"), announcement())


def _of_a_lot(world: World) -> None:
    world.furnish().issue(lot="L1")


def _lot_recalled(world: World) -> None:
    _of_a_lot(world)
    recall_lot(world)


def notice_id(world: World) -> str:
    return str(world.one("SELECT id FROM notice WHERE closed_position IS NULL")["id"])


def prune(world: World) -> None:
    pruning.prune(world.desk, world.database, date(2026, 8, 1), False, lambda _rows: None)


def broken_off(world: World) -> Export:
    return Export(str(world.one("SELECT id FROM label_export")["id"]), world.plan())


def claim_id(world: World, state: str = "filed") -> str:
    return str(world.one("SELECT id FROM gtin_claim WHERE state = :state", state=state)["id"])


_TABLE = (
    ("enrol organisation", enrolling.enrol_organisations, World.association, ("organisation.enrol",), _nothing),
    ("enrol enterprise", enrolling.enrol_enterprises, World.enterprise, ("enterprise.enrol",), _nothing),
    ("amend enterprise", enrolling.enrol_enterprises, lambda w: w.enterprise(name_en="New"), ("enterprise.amend",)),
    ("amend a contact alone", enrolling.enrol_enterprises, lambda w: w.enterprise(contact="x"), ("enterprise.amend",)),
    ("enrol product", enrolling.enrol_products, lambda w: w.product(2), ("product.enrol",)),
    ("amend product", enrolling.enrol_products, lambda w: w.product(brand="新"), ("product.amend",)),
    ("file claim", claiming.file_claims, lambda w: w.claim("prefix", "6999999", accepted=False), ("claim.file",)),
    (
        "file claim with certificates",
        claiming.file_claims,
        lambda w: w.claim("prefix", "6999999", accepted=False, documents=(certificate(), certificate(b"2"))),
        ("claim.file",),
    ),
    (
        "accept claim",
        claiming.accept_claim,
        lambda w: claiming.accept_claim(w.desk, claim_id(w), ASSOCIATION),
        ("claim.accept",),
        _filed,
    ),
    (
        "refuse claim",
        claiming.refuse_claim,
        lambda w: claiming.refuse_claim(w.desk, claim_id(w), ASSOCIATION, REASON),
        ("claim.refuse",),
        _filed,
    ),
    (
        "accept a claim instead of another's",
        claiming.accept_claim,
        lambda w: claiming.accept_claim(w.desk, claim_id(w), ASSOCIATION, [claim_id(w, "accepted")], REASON),
        ("claim.revoke", "claim.accept"),
        _contested,
    ),
    (
        "revoke claim",
        claiming.revoke_claim,
        lambda w: claiming.revoke_claim(w.desk, claim_id(w, "accepted"), ASSOCIATION, REASON),
        ("claim.revoke",),
    ),
    ("open campaign", campaigning.open_campaign, lambda w: w.campaign("quality-month-2027"), ("campaign.open",)),
    (
        "revise campaign",
        campaigning.open_campaign,
        lambda w: w.campaign(CAMPAIGN, (*ARTICLES, Article("三", "Third"))),
        ("campaign.revise",),
    ),
    (
        "amend campaign",
        campaigning.open_campaign,
        lambda w: w.campaign(apply_until=date(2027, 1, 31)),
        ("campaign.amend",),
    ),
    ("apply", pledging.apply, lambda w: pledging.apply(w.desk, CAMPAIGN, uscc(2)), ("pledge.apply",), _second),
    (
        "apply anew",
        pledging.apply,
        lambda w: pledging.apply(w.desk, CAMPAIGN, uscc(2)),
        ("pledge.apply",),
        _pledge_in("refused"),
    ),
    (
        "apply for many",
        pledging.apply_many,
        lambda w: pledging.apply_many(w.desk, CAMPAIGN, [_entry(w, number) for number in (7, 8)]),
        ("enterprise.enrol", "pledge.apply") * 2,
    ),
    (
        "ask back",
        pledging.ask_back,
        lambda w: pledging.ask_back(w.desk, 2, REASON),
        ("pledge.ask",),
        _pledge_in("applied"),
    ),
    (
        "answer",
        pledging.answer,
        lambda w: pledging.answer(w.desk, 2, REASON),
        ("pledge.answer",),
        _pledge_in("returned"),
    ),
    ("accept pledge", pledging.accept, lambda w: pledging.accept(w.desk, 2), ("pledge.accept",), _pledge_in("applied")),
    (
        "accept pledges",
        pledging.accept_many,
        lambda w: pledging.accept_many(w.desk, [2]),
        ("pledge.accept",),
        _pledge_in("applied"),
    ),
    (
        "refuse pledge",
        pledging.refuse,
        lambda w: pledging.refuse(w.desk, 2, REASON),
        ("pledge.refuse",),
        _pledge_in("applied"),
    ),
    (
        "sign",
        pledging.sign,
        lambda w: pledging.sign(w.desk, 2, w.signature()),
        ("pledge.sign",),
        _pledge_in("accepted"),
    ),
    (
        "publish signed",
        pledging.publish,
        lambda w: pledging.publish(w.desk, 2),
        ("pledge.publish",),
        _pledge_in("signed"),
    ),
    (
        "publish several",
        pledging.publish_many,
        lambda w: pledging.publish_many(w.desk, [2]),
        ("pledge.publish",),
        _pledge_in("signed"),
    ),
    (
        "withdraw application",
        pledging.withdraw,
        lambda w: pledging.withdraw(w.desk, 2, REASON),
        ("pledge.withdraw",),
        _pledge_in("applied"),
    ),
    (
        "declare breach",
        upholding.declare_breach,
        lambda w: upholding.declare_breach(w.desk, 2, REASON),
        ("pledge.breach",),
        _pledge_in("published"),
    ),
    ("reply", upholding.reply, lambda w: upholding.reply(w.desk, 2, REASON), ("pledge.reply",), _pledge_in("breached")),
    ("clear", upholding.clear, lambda w: upholding.clear(w.desk, 2, REASON), ("pledge.clear",), _pledge_in("breached")),
    (
        "publish pledge",
        pledging.publish_pledges,
        lambda w: w.pledge(2),
        ("pledge.publish",),
        lambda w: w.furnish().enterprise(2),
    ),
    (
        "withdraw pledge",
        pledging.withdraw,
        lambda w: pledging.withdraw(w.desk, 1, REASON),
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
    ("set a link", linking.set_link, World.link, ("link.set",), World.furnish),
    (
        "set another default link",
        linking.set_link,
        lambda w: w.link(kind="gs1:defaultLink", href="https://tea.example/new"),
        ("link.remove", "link.set"),
        lambda w: w.furnish().link(kind="gs1:defaultLink"),
    ),
    (
        "remove a link",
        linking.remove_link,
        lambda w: linking.remove_link(w.desk, *w.one("SELECT enterprise_id, id FROM link").values()),
        ("link.remove",),
        lambda w: w.furnish().link(),
    ),
    ("record recognition", recognising.record_recognitions, World.recognition, ("recognition.record",), World.furnish),
    (
        "revoke recognition",
        recognising.revoke_recognition,
        lambda w: recognising.revoke_recognition(w.desk, 1, REASON),
        ("recognition.revoke",),
        lambda w: w.furnish().recognition(),
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
    ("recall lot", recalling.recall, recall_lot, ("lot.recall",), _of_a_lot),
    (
        "recall with words",
        recalling.recall,
        lambda w: recalling.recall(w.desk, Range(1, 2, 5), announcement()),
        ("batch.recall",),
        _active,
    ),
    (
        "order recall",
        recalling.recall,
        lambda w: recalling.recall(w.desk, Lot(gtin()), announcement(), organisation_id(w)),
        ("product.recall",),
        _active,
    ),
    (
        "state progress",
        recalling.state_progress,
        lambda w: recalling.state_progress(w.desk, notice_id(w), Statement(3, 2, "已下架", 1)),
        ("recall.progress",),
        _lot_recalled,
    ),
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
    (
        "assign case",
        handling.assign,
        _assign,
        ("case.assign",),
        _case(lambda w: admitted(w, Role.CLERK)),
    ),
    (
        "note on case",
        handling.note,
        lambda w: handling.note(w.desk, case_id(w), REASON),
        ("case.note",),
        _case(),
    ),
    ("answer case", handling.answer, _answered, ("case.answer",), _case()),
    (
        "escalate case",
        handling.escalate,
        lambda w: handling.escalate(w.desk, case_id(w)),
        ("case.escalate",),
        _case(_late),
    ),
    ("close case", handling.close, _closed, ("case.close",), _case(_answered)),
    (
        "reopen case",
        handling.reopen,
        lambda w: handling.reopen(w.desk, case_id(w), REASON),
        ("case.reopen",),
        _case(_answered, _closed),
    ),
    ("new key", keying.new_key, World.key, ("key.add",)),
    (
        "publish bundles",
        bundling.publish,
        lambda w: bundling.publish(w.desk, w.database, w.folder, HOSTS),
        ("bundle.publish",),
        _with(lambda w: w.key(KeyRole.BUNDLE)),
    ),
    (
        "publish passports",
        passporting.publish,
        lambda w: passporting.publish(w.desk, w.database, w.folder, str(ORIGIN)),
        ("passport.publish",),
        _with(lambda w: w.key(KeyRole.PASSPORT)),
    ),
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
    (
        "prune reports",
        forgetting.forget,
        lambda w: forgetting.forget(w.desk, w.database, None, 0, 0),
        ("reports.prune",),
        _case(),
        False,
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
    for row in (*_TABLE, *access_scenarios.TABLE, *field_scenarios.TABLE, *chain_scenarios.TABLE)  # type: ignore[arg-type]
}
