"""Entries of inspections: each is taken once, follows the one before it, and is on the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from support.inspections import ID, LABEL, PHOTO, Inspectors, Key, addition, digest, enrolled, furnished_inspectors
from support.staff import admitted
from support.world import World, gtin

from traceqr import admitting, equipping, inspecting
from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.enrolling import OrganisationEntry, enrol_organisations
from traceqr.inspecting import EntryRefused
from traceqr.instant import DAY_MS, from_iso
from traceqr.registry import field_photos, inspections
from traceqr.registry.database import RegistryConflict
from traceqr.registry.inspections import Correction, Inspection

OTHER, THIRD = "f" * 32, "e" * 32
DUE_MS = from_iso("2026-09-17T00:00:00+08:00")


@pytest.fixture
def field(world: World) -> Inspectors:
    return furnished_inspectors(world)


def held(field: Inspectors, inspection: str = ID) -> Inspection:
    with field.world.database.snapshot() as reader:
        found = inspections.by_id(reader, inspection)
    assert found is not None
    return found


def corrections(field: Inspectors, inspection: str = ID) -> list[Correction]:
    with field.world.database.snapshot() as reader:
        return inspections.corrections(reader, inspection)


def refused(field: Inspectors, text: str, **more: Any) -> EntryRefused:
    before = field.world.acts()
    with pytest.raises(EntryRefused) as caught:
        field.take(text, **more)
    assert field.world.acts() == before
    return caught.value


def photo(field: Inspectors, name: str = PHOTO["digest"], size: int = 1) -> None:
    with field.world.database.recording() as tx:
        field_photos.put(tx, name, size, field.first.account.id, 0)


class TestARecord:
    def test_is_taken_as_it_was_signed(self, field: Inspectors) -> None:
        text = field.entry()
        taken = field.take(text)
        assert taken.new
        assert (taken.link.content, taken.link.digest, taken.link.entry) == (text, digest(text), 0)
        assert taken.link.received_ms == field.world.clock()

    def test_is_on_the_ledger_by_its_digest_and_names_nobody(self, field: Inspectors) -> None:
        text = field.entry()
        position = field.take(text).link.position
        row = field.world.one("SELECT act, subject, entry FROM ledger WHERE position = :at", at=position)
        assert (row["act"], row["subject"]) == ("inspection.record", f"inspection:{ID}")
        assert digest(text) in row["entry"]
        for word in ("甲", "乙", "丙", "示例", "000-0000", "沪-001"):
            assert word not in row["entry"]

    def test_is_found_by_what_it_says(self, field: Inspectors) -> None:
        world = field.world
        world.issue()
        record = field.record(
            labels=[{**LABEL, "text": world.text(1)}, {**LABEL, "text": "HTTP://EVIL.EXAMPLE", "serial": None}],
            goods=[{**field.record()["goods"][0], "gtin": str(gtin(7))}],
        )
        record["premises"]["uscc"] = world.one("SELECT uscc FROM enterprise")["uscc"]
        field.take(field.entry(record=record))
        found = held(field)
        assert (found.region, found.state, found.entries, found.labels) == ("310100", "recorded", 1, 2)
        assert found.enterprise_id == world.one("SELECT id FROM enterprise")["id"]
        products = world.rows("SELECT gtin FROM inspection_product ORDER BY gtin")
        assert [row["gtin"] for row in products] == sorted([str(gtin(1)), str(gtin(7))])
        assert len(world.rows("SELECT account_id FROM inspection_officer")) == 2

    def test_a_typed_serial_leads_to_its_product(self, field: Inspectors) -> None:
        field.world.issue()
        labels = [{**LABEL, "text": None, "how": "typed", "serial": f"{batch:08d}00000001"} for batch in (1, 9)]
        field.take(field.entry(record=field.record(labels=labels)))
        assert field.world.one("SELECT gtin FROM inspection_product")["gtin"] == str(gtin(1))

    def test_corrections_that_were_ordered_are_due_when_their_day_ends(self, field: Inspectors) -> None:
        field.take(field.entry())
        (correction,) = corrections(field)
        assert (correction.measure, correction.due_ms, correction.followed_ms) == (1, DUE_MS, None)
        assert not correction.is_late(DUE_MS - 1)
        assert correction.is_late(DUE_MS)

    @pytest.mark.parametrize("statement", ["UPDATE inspection_entry SET content = 'x'", "DELETE FROM inspection_entry"])
    def test_nobody_changes_it(self, field: Inspectors, statement: str) -> None:
        field.take(field.entry())
        with (
            pytest.raises(RegistryConflict, match="append-only"),
            field.world.database.transaction() as tx,
        ):
            tx.execute(statement)


class TestSentTwice:
    def test_it_exists_once(self, field: Inspectors) -> None:
        text = field.entry()
        first = field.take(text)
        field.world.clock.pass_days(1)
        again = field.take(text)
        assert not again.new
        assert again.link == first.link
        assert field.world.acts().count("inspection.record") == 1

    def test_also_where_the_device_was_revoked_meanwhile(self, field: Inspectors) -> None:
        text = field.entry()
        field.take(text)
        equipping.revoke(field.world.desk, field.device)
        assert not field.take(text).new

    def test_another_entry_of_the_same_number_is_a_conflict(self, field: Inspectors) -> None:
        text = field.entry()
        field.take(text)
        error = refused(field, field.entry(record=field.record(finding="unclear")))
        assert (error.code, error.more) == ("entry-conflict", {"digest": digest(text)})
        assert held(field).finding == "problem"

    def test_somebody_else_s_inspection_of_the_same_id_is_a_conflict(self, field: Inspectors) -> None:
        field.take(field.entry())
        key = Key()
        device = enrolled(field.world, field.second, key)
        text = field.entry(device=device, account=field.second.account.id)
        assert refused(field, text, sender=field.second.identity, key=key).code == "entry-conflict"


class TestWhoSendsIt:
    def test_not_another_account(self, field: Inspectors) -> None:
        assert refused(field, field.entry(), sender=field.second.identity).code == "account-other"

    def test_not_a_device_that_was_never_enrolled(self, field: Inspectors) -> None:
        assert refused(field, field.entry(device="00000000000000ff")).code == "device-unknown"

    def test_not_a_device_of_somebody_else(self, field: Inspectors) -> None:
        device = enrolled(field.world, field.second, Key())
        assert refused(field, field.entry(device=device)).code == "device-unknown"

    def test_not_a_device_that_was_revoked(self, field: Inspectors) -> None:
        equipping.revoke(field.world.desk, field.device)
        assert refused(field, field.entry()).code == "device-revoked"

    def test_not_with_another_key(self, field: Inspectors) -> None:
        assert refused(field, field.entry(), key=Key()).code == "signature-broken"

    def test_not_what_was_altered_after_it_was_signed(self, field: Inspectors) -> None:
        signature = field.key.sign_entry(field.entry())
        altered = inspecting.read(field.entry(record=field.record(finding="conforming")))
        with pytest.raises(EntryRefused) as caught:
            inspecting.take(field.world.desk, field.sender, altered, signature)
        assert caught.value.code == "signature-broken"

    def test_not_with_an_officer_who_is_no_inspector(self, field: Inspectors) -> None:
        clerk = admitted(field.world, Role.CLERK).account.id
        record = field.record()
        record["officers"][1]["account"] = record["signatures"][1]["account"] = clerk
        error = refused(field, field.entry(record=record))
        assert (error.code, [fault.where for fault in error.more["faults"]]) == (
            "entry-malformed",
            ["record/officers/1/account"],
        )

    def test_an_officer_who_has_left_since_is_one_still(self, field: Inspectors) -> None:
        admitting.close(field.world.desk, field.second.account.id)
        assert field.take(field.entry()).new

    def test_what_is_no_entry_is_told_with_its_faults(self) -> None:
        with pytest.raises(EntryRefused) as caught:
            inspecting.read("{}")
        assert caught.value.code == "entry-malformed"
        assert {fault.where for fault in caught.value.more["faults"]} >= {"format", "inspection", "made"}


class TestPhotos:
    def test_come_before_the_entry(self, field: Inspectors) -> None:
        text = field.entry(record=field.record(photos=[PHOTO, {**PHOTO, "digest": "cd" * 32}]))
        photo(field)
        error = refused(field, text)
        assert (error.code, error.more) == ("photos-missing", {"missing": ["cd" * 32]})
        photo(field, "cd" * 32)
        assert field.take(text).new
        assert len(field.world.rows("SELECT digest FROM inspection_photo")) == 2

    def test_are_of_the_size_that_the_entry_says(self, field: Inspectors) -> None:
        photo(field, size=2)
        error = refused(field, field.entry(record=field.record(photos=[PHOTO])))
        assert error.code == "entry-malformed"
        assert error.more["faults"][0].where == "record/photos/0/bytes"


class TestAdditions:
    @pytest.fixture
    def begun(self, field: Inspectors) -> tuple[Inspectors, str]:
        text = field.entry()
        field.take(text)
        return field, text

    @pytest.mark.parametrize("kind", ["correction", "supplement"])
    def test_words_are_added_and_the_record_stays(self, begun: tuple[Inspectors, str], kind: str) -> None:
        field, text = begun
        taken = field.take(field.later(text, addition=addition(kind=kind)))
        assert (taken.link.entry, taken.link.kind, held(field).entries) == (1, kind, 2)
        with field.world.database.snapshot() as reader:
            assert [each.content for each in inspections.links(reader, ID)] == [text, taken.link.content]
        assert field.world.acts()[-1] == "inspection.add"

    def test_the_one_before_must_be_there(self, begun: tuple[Inspectors, str]) -> None:
        field, text = begun
        second = field.later(text, entry=2)
        error = refused(field, second)
        assert (error.code, error.more) == ("entry-ahead", {"entries": 1})

    def test_an_addition_to_nothing_is_ahead(self, field: Inspectors) -> None:
        error = refused(field, field.later(field.entry()))
        assert (error.code, error.more) == ("entry-ahead", {"entries": 0})

    def test_one_that_follows_another_entry_is_told(self, begun: tuple[Inspectors, str]) -> None:
        field, text = begun
        error = refused(field, field.later(text + " "))
        assert (error.code, error.more) == ("entry-forked", {"digest": digest(text)})

    def test_a_correction_that_was_ordered_is_looked_at(self, begun: tuple[Inspectors, str]) -> None:
        field, text = begun
        field.take(field.later(text, addition=addition(kind="followed-up", measure=1)))
        (correction,) = corrections(field)
        assert (correction.followed_ms, correction.followed_entry) == (field.world.clock(), 1)
        assert not correction.is_late(DUE_MS + DAY_MS)

    @pytest.mark.parametrize("measure", [0, 2, 49])
    def test_not_of_a_measure_that_is_no_such_correction(self, begun: tuple[Inspectors, str], measure: int) -> None:
        field, text = begun
        error = refused(field, field.later(text, addition=addition(kind="followed-up", measure=measure)))
        assert [fault.where for fault in error.more["faults"]] == ["addition/measure"]

    def test_a_record_that_was_withdrawn_stays_and_takes_no_more(self, begun: tuple[Inspectors, str]) -> None:
        field, text = begun
        withdrawn = field.later(text, addition=addition(kind="withdrawn"))
        field.take(withdrawn)
        assert held(field).state == "withdrawn"
        assert refused(field, field.later(withdrawn, entry=2)).code == "inspection-withdrawn"

    def _colleague(self, field: Inspectors, text: str, kind: str, body: str | None = None) -> Any:
        person, key = admitted(field.world, Role.INSPECTOR, body), Key()
        device = enrolled(field.world, person, key)
        more = {"kind": kind, "measure": 1 if kind == "followed-up" else None}
        later = field.later(text, device=device, account=person.account.id, addition=addition(**more))
        return field.take(later, sender=person.identity, key=key)

    @pytest.mark.parametrize("kind", ["supplement", "followed-up"])
    def test_a_colleague_may_add_and_follow_up(self, begun: tuple[Inspectors, str], kind: str) -> None:
        assert self._colleague(*begun, kind).new

    @pytest.mark.parametrize("kind", ["correction", "withdrawn"])
    def test_but_not_correct_or_withdraw(self, begun: tuple[Inspectors, str], kind: str) -> None:
        with pytest.raises(EntryRefused) as caught:
            self._colleague(*begun, kind)
        assert caught.value.code == "inspection-other"

    def test_nobody_of_another_organisation(self, begun: tuple[Inspectors, str]) -> None:
        field, text = begun
        entry = OrganisationEntry("regulator", "city", "330100", "另一监管局", "Another")
        enrol_organisations(field.world.desk, [entry])
        body = str(field.world.one("SELECT id FROM organisation WHERE region = '330100'")["id"])
        with pytest.raises(EntryRefused) as caught:
            self._colleague(field, text, "supplement", body)
        assert caught.value.code == "inspection-other"

    def test_from_a_new_device_of_the_same_officer(self, begun: tuple[Inspectors, str]) -> None:
        field, text = begun
        equipping.revoke(field.world.desk, field.device)
        key = Key()
        device = enrolled(field.world, field.first, key)
        assert field.take(field.later(text, device=device), key=key).new


class TestFollowingInspections:
    def _follow(self, field: Inspectors) -> str:
        text = field.entry(inspection=OTHER, record=field.record(kind="follow-up", follows=ID, measures=[]))
        field.take(text)
        return text

    @pytest.mark.parametrize("order", ["record first", "follow-up first"])
    def test_one_that_follows_has_looked_at_all_corrections(self, field: Inspectors, order: str) -> None:
        steps = [lambda: field.take(field.entry()), lambda: self._follow(field)]
        for step in steps if order == "record first" else reversed(steps):
            step()  # type: ignore[no-untyped-call]
        (correction,) = corrections(field)
        assert (correction.followed_by, correction.followed_entry) == (OTHER, None)

    def test_once_it_is_withdrawn_nobody_has(self, field: Inspectors) -> None:
        field.take(field.entry())
        text = self._follow(field)
        field.take(field.later(text, inspection=OTHER, addition=addition(kind="withdrawn")))
        assert corrections(field)[0].followed_ms is None

    @pytest.mark.parametrize("later", ["inspection", "entry"])
    def test_but_whatever_has_looked_since(self, field: Inspectors, later: str) -> None:
        begun = field.entry()
        field.take(begun)
        text = self._follow(field)
        if later == "entry":
            field.take(field.later(begun, addition=addition(kind="followed-up", measure=1)))
        else:
            field.take(field.entry(inspection=THIRD, record=field.record(follows=ID, measures=[])))
        field.take(field.later(text, inspection=OTHER, addition=addition(kind="withdrawn")))
        (correction,) = corrections(field)
        assert (correction.followed_entry, correction.followed_by) == ((1, None) if later == "entry" else (None, THIRD))

    def test_what_an_entry_has_followed_up_stays_its_own(self, field: Inspectors) -> None:
        text = field.entry()
        field.take(text)
        field.take(field.later(text, addition=addition(kind="followed-up", measure=1)))
        self._follow(field)
        assert corrections(field)[0].followed_by is None


class TestDevices:
    def test_a_key_is_enrolled_once(self, field: Inspectors) -> None:
        account = field.first.account.id
        key = equipping.device_key(field.key.jwk, field.key.prove(account), account)
        assert equipping.known(field.world.desk, key, account).id == field.device  # type: ignore[union-attr]
        with pytest.raises(ActRefused, match="never enrolled"):
            equipping.enrol(field.world.desk, account, "手机", key)
        with pytest.raises(ActRefused, match="never enrolled"):
            equipping.known(field.world.desk, key, field.second.account.id)
        equipping.revoke(field.world.desk, field.device)
        with pytest.raises(ActRefused, match="never enrolled"):
            equipping.known(field.world.desk, key, account)

    def test_a_key_that_has_not_signed_for_the_account_is_refused(self, field: Inspectors) -> None:
        key = Key()
        for proof in (key.prove(field.second.account.id), Key().prove(field.first.account.id), "", None):
            with pytest.raises(ActRefused) as caught:
                equipping.device_key(key.jwk, proof, field.first.account.id)
            assert caught.value.field == "proof"

    @pytest.mark.parametrize("jwk", [None, "key", [], {}, {"kty": "EC"}])
    def test_what_is_no_key_is_refused(self, jwk: Any) -> None:
        with pytest.raises(ActRefused) as caught:
            equipping.device_key(jwk, "", "00")
        assert caught.value.field == "key"

    def test_only_inspectors_have_devices(self, field: Inspectors) -> None:
        clerk = admitted(field.world, Role.CLERK)
        with pytest.raises(ActRefused, match="an inspector that is open"):
            enrolled(field.world, clerk, Key())

    @pytest.mark.parametrize("name", ["", "a\nb", "a" * 61])
    def test_a_device_has_a_name(self, field: Inspectors, name: str) -> None:
        key = Key()
        account = field.first.account.id
        with pytest.raises(ActRefused) as caught:
            equipping.enrol(field.world.desk, account, name, equipping.device_key(key.jwk, key.prove(account), account))
        assert caught.value.field == "name"

    def test_there_is_an_end_to_them(self, field: Inspectors) -> None:
        for _ in range(equipping.MAX_DEVICES - 1):
            enrolled(field.world, field.first, Key())
        with pytest.raises(ActRefused, match="at most 10 devices"):
            enrolled(field.world, field.first, Key())
        equipping.revoke(field.world.desk, field.device)
        enrolled(field.world, field.first, Key())

    def test_one_is_revoked_once(self, field: Inspectors) -> None:
        equipping.revoke(field.world.desk, field.device)
        with pytest.raises(ActRefused, match="a device that is enrolled"):
            equipping.revoke(field.world.desk, field.device)


class TestBadges:
    def test_the_number_is_kept_and_stays_off_the_ledger(self, field: Inspectors) -> None:
        equipping.state_badge(field.world.desk, field.first.account.id, " 沪-001 ")
        assert field.world.one("SELECT badge FROM inspector")["badge"] == "沪-001"
        assert "沪" not in field.world.rows("SELECT entry FROM ledger ORDER BY position DESC LIMIT 1")[0]["entry"]

    def test_it_goes_with_the_account(self, field: Inspectors) -> None:
        account = field.first.account.id
        equipping.state_badge(field.world.desk, account, "沪-001")
        admitting.close(field.world.desk, account)
        admitting.erase(field.world.desk, account)
        assert field.world.one("SELECT badge, salt FROM inspector") == {"badge": "", "salt": ""}

    @pytest.mark.parametrize("badge", ["", " ", "a" * 41, "a\nb"])
    def test_what_is_none_is_refused(self, field: Inspectors, badge: str) -> None:
        with pytest.raises(ActRefused):
            equipping.state_badge(field.world.desk, field.first.account.id, badge)
