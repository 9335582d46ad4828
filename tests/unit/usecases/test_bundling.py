"""Publishing bundles: what they tell is what the registry says, a change sends no more than what changed, and no bundle
is published beside another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from support.scenarios import announcement
from support.world import HOSTS, World, gtin, uscc, viewer

from traceqr import activating, bundling, enrolling, keying, licensing, recalling, restoring, upholding
from traceqr.acting import ActRefused, RegistryBehind
from traceqr.activating import Range
from traceqr.bundle.bits import Bits, OneBit, Runs
from traceqr.bundle.judging import Holder
from traceqr.bundle.part import Part
from traceqr.bundle.refusal import BundleRefused
from traceqr.bundle.scope import Scope
from traceqr.bundle.taking import Taken, take_manifest, take_part
from traceqr.bundling import KEPT_MS, LIFETIME_MS, LISTED_MS, RENEW_MS, Published
from traceqr.checking.whole import check
from traceqr.enrolling import OrganisationEntry
from traceqr.highwater import HighWater, Mark
from traceqr.instant import DAY_MS, HOUR_MS
from traceqr.label.format import Label
from traceqr.label.keyfiles import KeyFileError
from traceqr.label.keyring import Role
from traceqr.recalling import Announcement, Lot
from traceqr.registry import batches, bundles, keys
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader, Transaction
from traceqr.verdict import Code

REASON = "a reason"


@pytest.fixture
def house(furnished: World) -> World:
    """A furnished world with a key for bundles."""
    furnished.key(Role.BUNDLE)
    return furnished


def publish(world: World, **given: Any) -> Published:
    return bundling.publish(world.desk, world.database, world.folder, given.pop("hosts", HOSTS), **given)


@dataclass(frozen=True)
class Fetched:
    """What a holder fetched of a scope."""

    taken: Taken
    parts: dict[str, Part]

    @property
    def holder(self) -> Holder:
        return Holder(self.taken.manifest, self.parts.get)


def fetch(world: World, scope: str = "all", held: Taken | None = None) -> Fetched:
    """All that the registry hands out of a scope, taken as a device takes it."""
    with world.database.snapshot() as reader:
        found = bundles.manifest(reader, scope)
        assert found is not None
        digest, file = found
        assert hashlib.sha256(file).hexdigest() == digest == bundles.digest_of_manifest(reader, scope)
        trusted = keys.keyring(reader)
        taken = take_manifest(file, trusted=trusted, scope=Scope(scope), held=held, at_ms=world.clock())
        return Fetched(taken, {part.digest: _part(reader, taken, part.digest) for part in taken.manifest.parts})


def _part(reader: Reader, taken: Taken, digest: str) -> Part:
    return take_part(taken.manifest, digest, bundles.parts(reader, [digest])[digest])


def assert_same_as_online(world: World, *counts: int) -> set[Code]:
    """Each label of the first batches, and one past the last, is told offline as online; gives the verdicts."""
    holder, verifier, codes = fetch(world).holder, world.verifier(), set()
    for number, count in enumerate(counts, 1):
        batch = next(batch for batch in all_batches(world) if batch.number == number)
        for index in range(count + 1):
            text = world.label(batch, index)
            online, offline = verifier.verify(text), holder.judge(text, world.clock())
            assert (offline.code, offline.reason) == (online.code, online.reason), (number, index)
            codes.add(offline.code)
    return codes


def all_batches(world: World) -> list[Batch]:
    with world.database.snapshot() as reader:
        numbers = [row["number"] for row in reader.rows("SELECT number FROM batch ORDER BY number")]
        found = [batches.by_number(reader, number) for number in numbers]
    return [batch for batch in found if batch]


class TestWhatIsTold:
    def test_each_label_is_told_as_the_registry_tells_it(self, house: World) -> None:
        """All states and overlays, and both ways of writing lives."""
        house.issue(12, active=False, lot="A")
        house.issue(300, lot="B")
        house.issue(5, pledge=0)
        activating.activate(house.desk, Range(1, 2, 9), REASON)
        activating.void(house.desk, Range(1, 8, 8), REASON)
        recalling.open_on_batch(house.desk, "hold", Range(1, 3, 5), REASON)
        recalling.open_on_batch(house.desk, "hold", Range(1, 5, 6), REASON)
        recalling.open_on_batch(house.desk, "recall", Range(1, 6, 8), REASON)
        recalling.open_on_batch(house.desk, "recall", Range(1, 7, 7), REASON)
        lifted = recalling.open_on_batch(house.desk, "hold", Range(1), REASON)
        recalling.lift(house.desk, lifted.id, REASON)
        for index in range(0, 300, 8):
            activating.void(house.desk, Range(2, index, index), REASON)
        assert (publish(house).parts, publish(house).files) == (1, {})
        lives = [type(batch.life) for part in fetch(house).parts.values() for batch in part.batches]
        assert lives == [Runs, Bits, Runs]
        assert assert_same_as_online(house, 12, 300, 5) == {
            *(Code.INACTIVE, Code.GENUINE, Code.HELD, Code.RECALLED, Code.VOID, Code.FORGED),
        }

    def test_lots_and_products_cover_all_their_batches(self, house: World) -> None:
        house.issue(3, lot="A")
        recalling.recall(house.desk, Lot(gtin(), "A"), announcement())
        house.issue(3, lot="A")
        house.issue(3, lot="B")
        publish(house)
        assert assert_same_as_online(house, 3, 3, 3) == {Code.RECALLED, Code.GENUINE, Code.FORGED}
        recalling.open_on_product(house.desk, "hold", gtin(), REASON)
        publish(house)
        assert assert_same_as_online(house, 3, 3, 3) == {Code.RECALLED, Code.HELD, Code.FORGED}

    def test_labels_sighted_before_a_theft_stay_good(self, house: World) -> None:
        """And those that are not, and those that came to be known later, are told by the next publication."""
        few, many = house.issue(6), house.issue(300)
        verifier = house.verifier()
        for text in (house.label(few, 2), *(house.label(many, index) for index in range(0, 300, 2))):
            verifier.scan(text, viewer())
        house.clock.pass_ms(HOUR_MS)
        keying.compromise(house.desk, few.key_number, REASON)
        verifier.scan(house.label(few, 4), viewer())
        publish(house)
        holder, at_ms = fetch(house).holder, house.clock()
        told = [holder.judge(house.label(few, index), at_ms).code for index in range(6)]
        assert told == [Code.SUSPECT, Code.SUSPECT, Code.GENUINE, Code.SUSPECT, Code.SUSPECT, Code.SUSPECT]
        assert isinstance(fetch(house).parts.popitem()[1].batches[1].sighted, OneBit)
        assert holder.judge(house.label(many, 298), at_ms).code is Code.GENUINE
        assert holder.judge(house.label(many, 299), at_ms).code is Code.SUSPECT

    def test_what_is_shown_of_a_batch(self, house: World) -> None:
        house.mark()
        house.licence()
        batch = house.issue(3, lot="L-1", marks=(1,))
        publish(house)
        shown = fetch(house).holder.shown(Label.parse(house.label(batch)))
        assert shown is not None
        part, told = shown
        assert (part.product.name_zh, part.product.name_en) == ("绿茶1", "Green Tea 1")
        assert (part.enterprise.uscc, part.enterprise.region) == (uscc(1), "310000")
        assert [(pledge.number, pledge.state) for pledge in part.pledges] == [(1, "published")]
        assert [(mark.licence, mark.state, mark.reason) for mark in part.marks] == [("QM-2026-000001", "granted", None)]
        assert (told.lot, told.marks, told.origin) == ("L-1", ("QM-2026-000001",), "HTTPS://QR.EXAMPLE.ORG")

    def test_recalls_are_told_with_their_words(self, house: World) -> None:
        house.regulator()
        body = str(house.one("SELECT id FROM organisation WHERE kind = 'regulator'")["id"])
        texts = {"hazard_zh_hans": "异物", "advice_zh_hans": "停止食用", "contact_zh_hans": "质量部"}
        opened = recalling.recall(house.desk, Lot(gtin()), Announcement(texts, 2), body)
        publish(house)
        (recall,) = fetch(house, "public").taken.manifest.recalls
        assert (recall.id, recall.gtin, recall.grade) == (opened.id, str(gtin()), 2)
        assert recall.ordered == ("市场监督管理局（测试）", "Market Regulation")
        assert {tag: words.advice for tag, words in recall.words.items()} == {"zh-Hans": "停止食用"}
        recalling.lift(house.desk, opened.id, REASON)
        publish(house)
        assert fetch(house, "public").taken.manifest.recalls == ()


class TestScopes:
    def test_there_is_one_for_each_province_where_somebody_is(self, house: World) -> None:
        house.enterprise(2, region="330106")
        house.claim("gtin", str(gtin(5, "6990000")), enterprise=2)
        house.product(5, 2, "6990000")
        house.issue(3)
        house.issue(3, gtin=gtin(5, "6990000"), pledge=0)
        published = publish(house)
        assert published.files.keys() == {"public", "all", "region:310000", "region:330000"}
        assert [part.batches for part in fetch(house, "all").taken.manifest.parts] == [(1,), (2,)]
        assert [part.batches for part in fetch(house, "region:330000").taken.manifest.parts] == [(2,)]
        assert fetch(house, "public").taken.manifest.parts == ()

    def test_an_inspector_of_a_province_without_enterprises_has_one(self, house: World) -> None:
        entry = OrganisationEntry("regulator", "district", "650102", "一处（测试）", "One")
        enrolling.enrol_organisations(house.desk, [entry])
        assert "region:650000" in publish(house).files

    def test_hosts_and_keys_are_told(self, house: World) -> None:
        publish(house, hosts={"b.example", "a.example:8000"})
        manifest = fetch(house, "public").taken.manifest
        assert manifest.hosts == ("a.example:8000", "b.example")
        assert {number: key.role for number, key in manifest.keyring.keys.items()} == {1: Role.LABEL, 2: Role.BUNDLE}
        assert (manifest.next_batch, manifest.made_ms) == (1, house.clock())
        assert manifest.expires_ms == house.clock() + LIFETIME_MS


CHANGES: dict[str, Callable[[World], Any]] = {
    "a void label": lambda w: activating.void(w.desk, Range(1, 3, 3), REASON),
    "a hold": lambda w: recalling.open_on_batch(w.desk, "hold", Range(1, 3, 3), REASON),
    "a lifted hold": lambda w: recalling.lift(w.desk, w.held, REASON),
    "a recalled lot": lambda w: recalling.recall(w.desk, Lot(gtin(), "A"), announcement()),
    "a breach": lambda w: upholding.declare_breach(w.desk, 1, REASON),
    "a suspended licence": lambda w: licensing.suspend_licence(w.desk, 1, REASON),
    "a name": lambda w: w.enterprise(name_en="Another name"),
    "a new batch": lambda w: w.issue(2, lot="A"),
}


class TestWhatIsSent:
    def test_nothing_is_published_where_nothing_has_changed(self, house: World) -> None:
        house.issue(3)
        first = publish(house)
        house.clock.pass_ms(RENEW_MS - 1)
        assert publish(house) == replace(first, files={}, made=0, made_octets=0)
        assert house.acts().count("bundle.publish") == 1

    def test_an_act_that_a_bundle_does_not_tell_of_changes_nothing(self, house: World) -> None:
        house.issue(3)
        publish(house)
        house.mark()
        assert publish(house).files == {}
        assert house.acts()[-1] == "mark.define"

    def test_what_has_not_changed_is_published_again_after_an_hour(self, house: World) -> None:
        house.issue(3)
        publish(house)
        house.clock.pass_ms(RENEW_MS)
        again = publish(house)
        assert (again.publication.number, again.made, again.parts) == (2, 0, 1)
        assert fetch(house).taken.manifest.made_ms == house.clock()

    @pytest.mark.parametrize("hosts", [{"qr.example.org", "qr.example.net"}, {"qr.example.net"}])
    def test_other_hosts_are_a_change(self, house: World, hosts: set[str]) -> None:
        publish(house)
        assert publish(house, hosts=hosts).files
        assert set(fetch(house, "public").taken.manifest.hosts) == hosts

    def test_a_new_key_for_bundles_is_listed_for_a_month_before_it_signs(self, house: World) -> None:
        """So who has taken a bundle of that month trusts it, though it was not there when his device was set up."""
        with house.database.snapshot() as reader:
            at_set_up = keys.keyring(reader)
        publish(house)
        held = fetch(house, "public").taken
        new = house.key(Role.BUNDLE)
        assert publish(house).publication.key_number == 2
        house.clock.pass_ms(LISTED_MS - 1)
        assert publish(house).publication.key_number == 2
        held = fetch(house, "public", held).taken
        house.clock.pass_ms(RENEW_MS)
        assert publish(house).publication.key_number == new.number
        with house.database.snapshot() as reader:
            found = bundles.manifest(reader, "public")
        assert found is not None
        given = {"trusted": at_set_up, "scope": Scope("public"), "at_ms": house.clock()}
        assert take_manifest(found[1], held=held, **given).manifest.version == 4
        with pytest.raises(BundleRefused, match="bundle-key-unknown"):
            take_manifest(found[1], held=None, **given)

    def test_a_new_key_signs_at_once_where_the_old_one_was_retired(self, house: World) -> None:
        publish(house)
        new = house.key(Role.BUNDLE)
        keying.retire(house.desk, 2, REASON)
        assert publish(house).publication.key_number == new.number

    def test_later_versions_are_taken_by_those_who_hold_earlier_ones(self, house: World) -> None:
        held = None
        for _ in range(3):
            house.issue(2)
            publish(house)
            held = fetch(house, "all", held).taken
        assert held is not None
        assert (held.manifest.version, len(held.manifest.parts)) == (3, 1)

    @pytest.mark.parametrize("change", CHANGES)
    def test_one_change_makes_one_part_anew(self, house: World, change: str) -> None:
        """Of two enterprises; the other one's part keeps its digest."""
        house.mark()
        house.licence()
        house.enterprise(2, region="330106")
        house.claim("gtin", str(gtin(5, "6990000")), enterprise=2)
        house.product(5, 2, "6990000")
        house.issue(10, lot="A", marks=(1,))
        house.issue(10, gtin=gtin(5, "6990000"), pledge=0)
        opened = recalling.open_on_batch(house.desk, "hold", Range(1, 7, 7), REASON)
        house.held = opened.id  # type: ignore[attr-defined]
        assert publish(house).made == 2
        before = {part.digest for part in fetch(house).taken.manifest.parts}
        CHANGES[change](house)
        again = publish(house)
        after = {part.digest for part in fetch(house).taken.manifest.parts}
        assert (again.made, len(before & after), len(after - before)) == (1, 1, 1)
        assert_same_as_online(house, 10, 10)

    def test_an_amended_product_changes_no_batch_that_was_printed(self, house: World) -> None:
        house.issue(3)
        publish(house)
        house.product(brand="another")
        house.issue(3)
        again = publish(house)
        assert (again.made, again.parts) == (1, 2)
        brands = [part.product.brand for part in fetch(house).parts.values()]
        assert sorted(brands) == ["another", "清泉"]

    def test_parts_are_cut_so_that_one_change_is_little(self, house: World) -> None:
        """After 64 batches, or four million labels; what comes later changes no part that is full."""
        for count in (1, 4_000_000, 3_999_999, 1, 1):
            house.issue(count)
        for _ in range(65):
            house.issue(1)
        assert publish(house).made == 4
        named = [part.batches for part in fetch(house).taken.manifest.parts]
        assert [len(batches) for batches in named] == [2, 2, 64, 2]
        house.issue(1)
        assert publish(house).made == 1


class TestWhoMayPublish:
    def test_without_a_key_nobody(self, furnished: World) -> None:
        with pytest.raises(ActRefused, match="expected a key for bundles, there is none"):
            publish(furnished)

    @pytest.mark.parametrize("end", [keying.retire, lambda desk, number, why: keying.compromise(desk, number, why)])
    def test_not_under_a_key_that_has_ended(self, house: World, end: Callable[..., Any]) -> None:
        end(house.desk, 2, REASON)
        with pytest.raises(ActRefused, match="expected a key for bundles, there is none"):
            publish(house)

    def test_not_without_the_private_part(self, house: World) -> None:
        (house.folder.path / "0002-bundle.key").unlink()
        with pytest.raises(KeyFileError, match="expected a private key"):
            publish(house)
        assert "bundle.publish" not in house.acts()

    def test_not_beside_another_publication(self, house: World) -> None:
        """The second one has read what is older: it would be a later version that tells less."""
        house.issue(3)
        between = Between(house)
        with pytest.raises(ActRefused, match="expected no other publication meanwhile"):
            bundling.publish(house.desk, between, house.folder, HOSTS)  # type: ignore[arg-type]
        assert between.published
        assert house.acts().count("bundle.publish") == 1

    def test_not_by_a_registry_that_has_lost_acts(self, house: World) -> None:
        """Until it is accepted; then the versions go on above those that may be lost."""
        house.desk = replace(house.desk, high_water=HighWater(house.root / "keys" / "high-water.json"))
        publish(house)
        assert house.desk.high_water
        house.desk.high_water.advance(Mark(len(house.acts()) + 5, "cd" * 32))
        house.clock.pass_ms(RENEW_MS)
        with pytest.raises(RegistryBehind):
            publish(house)
        held = fetch(house, "public").taken
        restoring.accept(house.desk, house.folder)
        assert publish(house).publication.number == 7
        fetch(house, "public", held)


class Between:
    """A database in which another process publishes while parts are kept."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.published = False

    def snapshot(self) -> AbstractContextManager[Reader]:
        return self._world.database.snapshot()

    @contextmanager
    def recording(self) -> Iterator[Transaction]:
        with self._world.database.recording() as tx:
            yield tx
        if not self.published:
            self.published = True
            publish(self._world)


class TestWhatIsKept:
    def test_parts_that_are_no_longer_named_stay_for_a_day(self, house: World) -> None:
        house.issue(3)
        publish(house)
        (old,) = fetch(house).parts
        house.clock.pass_ms(1)
        activating.void(house.desk, Range(1, 0, 0), REASON)
        publish(house)
        assert kept(house) == {old, *fetch(house).parts}
        house.clock.pass_ms(KEPT_MS)
        publish(house)
        assert old in kept(house)
        house.clock.pass_ms(RENEW_MS)
        publish(house)
        assert kept(house) == set(fetch(house).parts)
        assert [row["bundle"] for row in house.rows("SELECT DISTINCT bundle FROM bundle_manifest ORDER BY bundle")] == [
            3,
            4,
        ]

    def test_a_part_that_is_named_again_stays(self, house: World) -> None:
        house.issue(3)
        publish(house)
        (old,) = fetch(house).parts
        opened = recalling.open_on_batch(house.desk, "hold", Range(1), REASON)
        publish(house)
        recalling.lift(house.desk, opened.id, REASON)
        again = publish(house)
        assert (again.made, set(fetch(house).parts)) == (0, {old})
        house.clock.pass_days(2)
        publish(house)
        assert kept(house) == {old}

    def test_the_latest_bundle_is_handed_out_even_when_it_has_expired(self, house: World) -> None:
        publish(house, lifetime_ms=HOUR_MS)
        house.clock.pass_ms(DAY_MS)
        with house.database.snapshot() as reader:
            assert bundles.manifest(reader, "public") is not None
            assert bundles.manifest(reader, "region:650000") is None

    def test_the_check_finds_nothing_wrong(self, house: World) -> None:
        house.issue(100)
        publish(house)
        assert check(house.database).findings == ()


def kept(world: World) -> set[str]:
    return {row["digest"] for row in world.rows("SELECT digest FROM bundle_part")}
