"""A world that has been lived in: something in every table, and every kind of it."""

from __future__ import annotations

import hashlib

from support.access_scenarios import SEAL
from support.chain_scenarios import trace
from support.field_scenarios import inspect
from support.kept import Kept, bring_back, is_new, keep
from support.scenarios import announcement
from support.staff import VAULT, admitted, enterprise_id, organisation_id
from support.world import ARTICLES, ASSOCIATION, CAMPAIGN, HOSTS, ORIGIN, World, certificate, gtin, uscc, viewer

from traceqr import (
    activating,
    admitting,
    bundling,
    claiming,
    enrolling,
    entrusting,
    exporting,
    handling,
    hiding,
    keying,
    licensing,
    notifying,
    passporting,
    pledging,
    recalling,
    recognising,
    seconding,
    upholding,
)
from traceqr.access import Role as Rank
from traceqr.access import Scope
from traceqr.activating import Range
from traceqr.authenticating import Doorkeeper
from traceqr.enrolling import ProductEntry
from traceqr.evidence import Article
from traceqr.label.keyring import Role
from traceqr.notifying import Body, Counter, Wish
from traceqr.photo import Photo
from traceqr.picture import Picture
from traceqr.recalling import Lot, Statement
from traceqr.registry import answered, purchases
from traceqr.registry.answered import Answered
from traceqr.registry.batches import Batch
from traceqr.registry.exports import Content
from traceqr.registry.pacing import Pace
from traceqr.registry.purchases import RightEntry
from traceqr.reporting import Scanned, Sender
from traceqr.suspecting import suspected

REASON = "检查：一个理由"
FINDING = "SELECT id FROM pledge_finding WHERE pledge = :pledge ORDER BY position LIMIT 1"


def settle(world: World) -> Batch:
    """Every table has rows, with nulls, Chinese text and all states. Returns an active batch of ten labels.

    It is built once in a process on each engine, by the use cases; a new world after that gets a copy.
    """
    if not is_new(world):
        return _build(world)
    engine = "sqlite" if world.on_a_file else "postgres"
    if engine not in _kept:
        batch = _build(world)
        _kept[engine] = (keep(world), batch)
        return batch
    kept, batch = _kept[engine]
    bring_back(world, kept)
    return batch


_kept: dict[str, tuple[Kept, Batch]] = {}


def _build(world: World) -> Batch:
    world.furnish()
    world.enterprise(2, name_zh="龙井山茶叶合作社", contact="张三 000-0000-0002")
    world.enterprise(2, name_en="Longjing Hill")
    world.claim("gtin", str(gtin(5, "6990000")), accepted=False, documents=(certificate(), certificate(b"2")))
    revoked = world.claim("gtin", str(gtin(6, "6990000")), documents=(certificate(),))
    claiming.revoke_claim(world.desk, revoked, ASSOCIATION, REASON)
    world.product(brand="新清泉")
    enrolling.enrol_products(world.desk, [_pictured()])
    world.campaign(CAMPAIGN, (*ARTICLES, Article("三、不掺假", "Third: no adulteration 🍵")))
    pledging.withdraw(world.desk, world.pledge(2), REASON)
    world.application(13, "refused")
    pledging.answer(world.desk, world.application(14, "returned"), REASON)
    upholding.reply(world.desk, world.application(15, "breached"), REASON)
    cleared = world.application(16, "breached")
    upholding.declare_breach(world.desk, cleared, "另一项 🍵")
    upholding.clear(world.desk, cleared, REASON, str(world.one(FINDING, pledge=cleared)["id"]))
    world.mark()
    world.licence()
    world.mark(meaning_en="Pledged in public")
    world.mark("stable-2026", prefix="WD", artwork="stable-quality")
    licensing.suspend_licence(world.desk, world.licence("stable-2026"), REASON)
    licensing.withdraw_licence(world.desk, world.licence("stable-2026", gtins=(gtin(2),)), REASON)
    licensing.extend_licence(world.desk, 1, quota=200)
    recognising.revoke_recognition(world.desk, world.recognition(), REASON)
    world.recognition(year=2024, level="province")
    world.link(title="怎样冲泡 🍵", languages=("zh", "en"), media_type="text/html", context="retail")
    world.link(f"/01/{gtin()}/10/A%2F1", kind="gs1:defaultLink")
    world.link(f"/01/{gtin()}/10/A%2F1", kind="gs1:defaultLink", href="https://tea.example/lot")
    hiding.new_root(world.desk, world.folder)
    batch = world.issue(10, lot="批号-1", marks=(1,))
    exporting.finish(world.desk, world.export(1, 0, 4), hashlib.sha256(b"printed").hexdigest(), 7)
    world.export(1, 5, 9, format="pdf", options={"sheet": "a4"})
    world.export(1, content=Content.HIDDEN)
    world.issue(20, active=False, pledge=0)
    activating.activate(world.desk, Range(2, 5, 9), REASON)
    activating.void(world.desk, Range(2, 8, 12), REASON)
    held = recalling.open_on_batch(world.desk, "hold", Range(1, 2, 5), REASON)
    recalling.open_on_batch(world.desk, "hold", Range(1, 4, 7), REASON)
    recalling.open_on_batch(world.desk, "recall", Range(1, 6, 6), REASON)
    recalling.lift(world.desk, held.id, REASON)
    recalling.open_on_product(world.desk, "recall", gtin(2), REASON)
    lot = recalling.recall(world.desk, Lot(gtin(), "批号-1"), announcement(), organisation_id(world))
    recalling.state_progress(world.desk, lot.id, Statement(3, 2, "已下架 🍵", 1))
    recalling.state_progress(world.desk, lot.id, Statement(4, 4))
    recalling.lift(world.desk, lot.id, REASON, "completed")
    keying.retire(world.desk, world.key(Role.BUNDLE).number, REASON)
    stolen = world.key().number
    world.issue(6, active=False)
    scan(world, batch)
    buy(world, batch)
    keying.compromise(world.desk, stolen, REASON)
    world.key(Role.BUNDLE)
    bundling.publish(world.desk, world.database, world.folder, HOSTS)
    employ(world)
    complain(world)
    trace(world, batch)
    inspect(world)
    world.key(Role.PASSPORT)
    passporting.publish(world.desk, world.database, world.folder, str(ORIGIN))
    return batch


def complain(world: World) -> None:
    """Reports of a label and of none, with photos and a contact; cases that are open, closed and opened again."""
    photos = (Photo(b"a photo", (3_024, 12_015)), Photo(b"another", None))
    world.report(
        content=REASON,
        shop="集市 3 号",
        contact="王五 000",
        photos=photos,
        with_position=True,
        sender=Sender("d", "n", "330100"),
    )
    world.report(Scanned("forged", "seal-broken"), Sender(place="JP"), reason="quality")
    world.report(sender=Sender("e"))
    # The label that goes around has opened it already.
    first = str(world.one("SELECT id FROM case_file WHERE batch = 1 AND place = ''")["id"])
    clerk = next(row["id"] for row in world.rows("SELECT id FROM account WHERE role = 'manager' ORDER BY position"))
    handling.assign(world.desk, first, clerk)
    handling.note(world.desk, first, REASON)
    world.clock.pass_days(8)
    handling.escalate(world.desk, first)
    handling.answer(world.desk, first, REASON)
    handling.close(world.desk, first, "copied", REASON)
    handling.reopen(world.desk, first, REASON)
    for case in world.rows("SELECT id FROM case_file WHERE gtin = ''"):
        handling.answer(world.desk, case["id"], REASON, organisation_id(world))
        handling.close(world.desk, case["id"], "other")
    with world.database.transaction() as tx:
        suspected(tx, world.desk.new_id, 2, 7, "310100", world.clock(), "many-devices")


def employ(world: World) -> None:
    """People of every role with a second factor, some who left; a link, a token, a proposal, and somebody signed in."""
    owner = admitted(world, Rank.MANAGER, factor=True)
    admitting.invite(world.desk, Rank.OPERATOR)
    gone = admitted(world, Rank.OFFICER)
    admitting.close(world.desk, gone.account.id)
    admitting.erase(world.desk, gone.account.id)
    body = enterprise_id(world)
    old = entrusting.issue_token(world.desk, body, owner.account.id, "MES 一号线", [Scope.PRINT, Scope.READ], 30)
    entrusting.revoke_token(world.desk, old.token.id)
    entrusting.issue_token(world.desk, body, owner.account.id, "ERP", [Scope.READ], 30)
    mail = Wish("mail", "quality@firm.example", ["recall.issued", "label.suspect"], "en")
    notifying.add(world.desk, SEAL, Body(body), mail)
    hook = notifying.add(world.desk, SEAL, Body(body), Wish("webhook", "https://a.firm.example/x", ["recall.issued"]))
    gone_by = notifying.add(world.desk, SEAL, Body(body), Wish("mail", "gone@firm.example", ["batch.burst"]))
    notifying.renew_secret(world.desk, SEAL, hook.subscription.id)
    notifying.remove(world.desk, gone_by.subscription.id)
    Counter(world.database, world.clock, world.desk.new_id, str(ORIGIN)).try_out(hook.subscription.id)
    seconding.propose(world.desk, "product.recall", f"product:{gtin(2)}", {"reason": REASON}, enterprise=body)
    with world.database.transaction() as tx:
        answered.keep(tx, Answered(body, "key-1", "ab" * 32, 201, "{}", world.clock()))
    keeper = Doorkeeper(world.database, world.clock, VAULT, world.desk.new_id)
    keeper.sign_in(owner.login, owner.password, "firefox", None)
    keeper.take("sign-in", "somebody", Pace(1, 60_000))


def _pictured() -> ProductEntry:
    content = bytes(range(256)) * 200
    picture = Picture(hashlib.sha256(content).hexdigest(), "image/webp", content)
    return ProductEntry(gtin(2), uscc(1), "红茶", "Black Tea", "清泉", "500 g", "GB/T 13738", picture)


def buy(world: World, batch: Batch) -> None:
    """The hidden code of a label, entered rightly: by its owner, and by somebody else."""
    with world.database.recording() as tx:
        purchases.keep(tx, RightEntry(batch.number, 1, "a", world.clock(), "330100"))
        purchases.keep(tx, RightEntry(batch.number, 1, "b", world.clock() + 1, ""))


def scan(world: World, batch: Batch) -> None:
    """Scans of three labels by three devices, one of which never comes back; one again after a day, and one by many."""
    verifier = world.verifier()
    for index in (0, 1, 9):
        for device, returned in (("a", True), ("b", False), ("c", True)):
            world.clock.pass_ms(1_000)
            verifier.scan(world.label(batch, index), viewer(device, returned=returned))
    for number in range(11):  # a code that goes around
        world.clock.pass_days(1)
        verifier.scan(world.label(batch, 2), viewer(f"stranger-{number}", network=f"network {number}"))
    world.clock.pass_days(1)
    verifier.scan(world.label(batch, 0), viewer("a"))
