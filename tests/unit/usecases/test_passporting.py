"""Passports say what is public and stands, and are signed when that is new; what no longer is so is not handed out."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from support import untp
from support.chain import Chain, labels, sscc
from support.chain_scenarios import GLN, location
from support.scenarios import announcement
from support.staff import enterprise_id
from support.world import ASSOCIATION, ORIGIN, ZONE, World, gtin, uscc

from traceqr import claiming, keying, licensing, passporting, recalling, recognising, upholding
from traceqr.acting import ActRefused
from traceqr.chain import arranging
from traceqr.checking.whole import check
from traceqr.digital_link.identified import Identified
from traceqr.documenting import Clerk, Contents
from traceqr.instant import DAY_MS
from traceqr.label.keyfiles import KeyFileError
from traceqr.label.keyring import Role
from traceqr.passport.conformity import LICENCE, PLEDGE, RECOGNITION, conformity
from traceqr.passport.facts import Document, Issuer, Term
from traceqr.passport.proof import proven
from traceqr.passporting import LIFETIME_MS, Published
from traceqr.recalling import Lot, Material
from traceqr.registry import keys, passports
from traceqr.tracing.event import Audience
from traceqr.tracing.thing import Thing

ISSUER = Issuer("https://qr.example.org")
REASON = "a reason"
PUBLIC = {"audience": Audience.PUBLIC}
TEA = str(gtin())
LEAVES = Thing.lot(str(gtin(1, "6905555")), "L1")
LOT = Identified("01", TEA, (("10", "A7"),))
PRODUCT = Identified("01", TEA)


@pytest.fixture
def house(furnished: World) -> World:
    """A furnished world with a key for passports, and a lot of which there are labels."""
    furnished.key(Role.PASSPORT)
    furnished.issue(10, lot="A7", produced_on=date(2026, 9, 1))
    return furnished


def publish(world: World, **given: Any) -> Published:
    return passporting.publish(world.desk, world.database, world.folder, str(ORIGIN), **given)


def contents(world: World, what: Identified = PRODUCT) -> Contents | None:
    with world.database.snapshot() as reader:
        return Clerk(reader, world.clock(), ZONE).of(what)


def subject(world: World, what: Identified = PRODUCT) -> dict[str, Any]:
    """What the passport of something says of it."""
    found = contents(world, what)
    assert found is not None
    document = found.passport(ISSUER, Term(world.clock()))
    assert untp.faults(untp.PASSPORT, document) == []
    told: dict[str, Any] = json.loads(json.dumps(document["credentialSubject"]))
    return told


def kept(world: World, what: Identified = PRODUCT) -> str | None:
    """The envelope that a node hands out now."""
    found = contents(world, what)
    if found is None:
        return None
    return handed_out(world, f"/passport{what.path}", found.passport(ISSUER, Term(world.clock())))


def handed_out(world: World, path: str, document: Document) -> str | None:
    with world.database.snapshot() as reader:
        return passporting.current(reader, path, document, keys.keyring(reader), world.clock())


def attested(world: World, kind: str, number: int = 1) -> dict[str, Any] | None:
    """The credential of an attestation."""
    with world.database.snapshot() as reader:
        found = Clerk(reader, world.clock(), ZONE).attestation(kind, number)
    if found is None:
        return None
    document = conformity(ISSUER, found, Term(world.clock()))
    assert untp.faults(untp.CONFORMITY, document) == []
    told: dict[str, Any] = json.loads(json.dumps(document["credentialSubject"]))
    return told


def lose_the_right(world: World) -> None:
    claim = world.one("SELECT id FROM gtin_claim WHERE state = 'accepted'")
    claiming.revoke_claim(world.desk, claim["id"], ASSOCIATION, REASON)


def recall(world: World) -> str:
    """Recall all of the product; the id of the recall."""
    return recalling.recall(world.desk, Lot(gtin()), announcement()).id


def claims(world: World, what: Identified = PRODUCT) -> list[tuple[str, bool]]:
    return [(one["conformityTopic"], one["conformance"]) for one in subject(world, what).get("conformityClaim", [])]


class TestWhatAPassportSays:
    def test_of_a_product(self, house: World) -> None:
        told = subject(house)
        product = told["product"]
        assert (told["granularityLevel"], product["id"]) == ("model", f"https://qr.example.org/01/{TEA}")
        assert product["registeredId"] == TEA
        assert product["producedByParty"]["registeredId"] == uscc()
        assert not {"batchNumber", "serialNumber", "productionDate"} & set(product)
        assert "traceabilityInformation" not in told

    def test_of_a_lot(self, house: World) -> None:
        told = subject(house, LOT)
        product = told["product"]
        assert (told["granularityLevel"], product["batchNumber"], product["productionDate"]) == (
            *("batch", "A7"),
            "2026-09-01",
        )
        assert told["id"] == f"https://qr.example.org/01/{TEA}/10/A7"

    def test_of_what_there_is_none(self, house: World) -> None:
        assert contents(house, Identified("01", TEA, (("10", "B1"),))) is None
        assert contents(house, Identified("01", TEA, (("21", "1"),))) is None
        assert contents(house, Identified("01", str(gtin(9)))) is None
        assert contents(house, Identified("414", "6901234000009")) is None

    def test_without_the_right_to_the_gtin(self, house: World) -> None:
        lose_the_right(house)
        assert contents(house) is None
        assert contents(house, LOT) is None

    def test_days_that_differ_are_not_told(self, house: World) -> None:
        house.issue(10, lot="A7", produced_on=date(2026, 9, 2))
        assert "productionDate" not in subject(house, LOT)["product"]


class TestConformity:
    def test_a_pledge(self, house: World) -> None:
        assert claims(house) == [("governance.ethics", True)]
        told = attested(house, PLEDGE)
        assert told is not None
        assert (told["assessorLevel"], told["attestationType"]) == ("Self", "declaration")
        assert told["assessment"][0]["auditor"]["name"] == "Quality Association"

    def test_a_pledge_that_was_breached_does_not_conform(self, house: World) -> None:
        upholding.declare_breach(house.desk, 1, "The tea was old.")
        assert claims(house) == [("governance.ethics", False)]
        told = attested(house, PLEDGE)
        assert told is not None
        assert told["assessment"][0]["conformance"] is False

    def test_a_pledge_that_is_over_is_not_told(self, house: World) -> None:
        house.clock.pass_days(3_000)
        assert claims(house) == []
        assert attested(house, PLEDGE) is None

    def test_a_licence(self, house: World) -> None:
        house.mark()
        number = house.licence()
        assert ("governance.compliance", True) in claims(house)
        licensing.suspend_licence(house.desk, number, REASON)
        assert ("governance.compliance", False) in claims(house)
        told = attested(house, LICENCE, number)
        assert told is not None
        assert told["assessment"][0]["assessedProduct"][0]["product"]["registeredId"] == TEA

    def test_a_licence_for_many_products_names_the_first(self, house: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(passports, "MAX_LICENSED", 1)
        house.mark()
        number = house.licence(gtins=(house.product(2), gtin()))
        told = attested(house, LICENCE, number)
        assert told is not None
        assert len(told["assessment"][0]["assessedProduct"]) == 1
        assert told["description"].endswith("The first 1 products are listed.")

    def test_a_licence_for_other_products_is_not_told(self, house: World) -> None:
        house.mark()
        house.licence(gtins=(house.product(2),))
        assert claims(house) == [("governance.ethics", True)]

    def test_a_recognition(self, house: World) -> None:
        house.recognition()
        assert ("governance.compliance", True) in claims(house)
        told = attested(house, RECOGNITION)
        assert told is not None
        assert told["issuedToParty"]["registeredId"] == uscc()
        recognising.revoke_recognition(house.desk, 1, REASON)
        assert attested(house, RECOGNITION) is None

    @pytest.mark.parametrize("kind", [PLEDGE, LICENCE, RECOGNITION])
    def test_of_what_there_is_none(self, house: World, kind: str) -> None:
        assert attested(house, kind, 99) is None


class TestRecalls:
    def test_of_the_product(self, house: World) -> None:
        recall(house)
        assert claims(house)[0] == claims(house, LOT)[0] == ("social.safety", False)

    def test_of_another_lot(self, house: World) -> None:
        house.issue(10, lot="B1")
        recalling.recall(house.desk, Lot(gtin(), "B1"), announcement())
        assert claims(house)[0] == ("social.safety", False)
        assert "Lot B1." in subject(house)["conformityClaim"][0]["description"]
        assert claims(house, LOT)[0] == ("governance.ethics", True)

    def test_of_a_material_reaches_the_lot(self, house: World) -> None:
        chain = Chain(house)
        batch = house.issue(10, lot="C1")
        chain.made([labels(batch, 0, 9)], [LEAVES], **PUBLIC)
        material = Material(gtin(1, "6905555"), "L1", "Tea leaves", enterprise_id(house))
        recalling.open_on_material(house.desk, material, REASON)
        lot = Identified("01", TEA, (("10", "C1"),))
        assert claims(house, lot)[0] == ("social.safety", False)
        assert claims(house, LOT)[0] == ("governance.ethics", True)


class TestEvents:
    def document(self, world: World, what: Identified = LOT) -> dict[str, Any]:
        found = contents(world, what)
        assert found is not None
        document = found.events(ISSUER, Term(world.clock()))
        assert document is not None
        assert untp.faults(untp.EVENTS, document) == []
        told: dict[str, Any] = json.loads(json.dumps(document))
        return told

    def test_of_a_lot(self, house: World) -> None:
        arranging.set_locations(house.desk, [location(house, name_en="Tea factory")])
        chain, lot = Chain(house), Thing.lot(TEA, "A7")
        chain.seen(LEAVES, step="receiving", location=GLN, **PUBLIC)
        chain.made([lot], [LEAVES], location=GLN, **PUBLIC)
        chain.seen(lot, step="inspecting", disposition="conformant", **PUBLIC)
        told = self.document(house)["credentialSubject"]
        assert [one["bizStep"] for one in told] == ["receiving", "commissioning", "inspecting"]
        assert told[0]["epcList"][0]["id"].endswith("/10/L1")
        assert [one["type"][0] for one in told] == ["ObjectEvent", "TransformationEvent", "ObjectEvent"]
        assert told[1]["inputEPCList"][0]["id"].endswith("/10/L1")
        assert told[1]["outputEPCList"][0]["id"] == f"https://qr.example.org/01/{TEA}/10/A7"
        assert told[2]["disposition"] == "conformant"
        assert told[1]["bizLocation"] == f"https://qr.example.org/{GLN}"
        (way,) = subject(house, LOT)["traceabilityInformation"]
        assert way["traceabilityEvent"][0]["linkURL"] == f"https://qr.example.org/passport/events/01/{TEA}/10/A7"

    def test_what_is_not_for_everybody_is_left_out(self, house: World) -> None:
        chain, lot = Chain(house), Thing.lot(TEA, "A7")
        chain.seen(lot, step="storing")
        chain.seen(lot, step="inspecting", audience=Audience.REGULATORS)
        found = contents(house, LOT)
        assert found is not None
        assert found.way is None
        assert found.events(ISSUER, Term(0)) is None

    def test_of_a_case_what_was_packed_is_counted(self, house: World) -> None:
        batch = house.issue(10)
        Chain(house).packed(sscc(1), labels(batch, 0, 5), **PUBLIC)
        with house.database.snapshot() as reader:
            way = Clerk(reader, house.clock(), ZONE).way(sscc(1), PRODUCT, "a case")
        assert way is not None
        (packed,) = way.happenings
        assert [(one.gtin, one.count) for one in packed.children] == [(TEA, 6)]


class TestPublishing:
    def test_what_is_signed_counts(self, house: World) -> None:
        assert kept(house) is None
        done = publish(house)
        assert done.issue is not None
        assert (done.issue.credentials, done.looked_at, done.after) == (3, 3, None)
        for what in (PRODUCT, LOT):
            text = kept(house, what)
            assert text is not None
            with house.database.snapshot() as reader:
                told = proven(text, ISSUER, keys.keyring(reader), house.clock())
            assert told["credentialSubject"]["product"]["id"] == f"https://qr.example.org{what.path}"
        assert [entry for entry in house.acts() if entry == "passport.publish"] == ["passport.publish"]
        assert check(house.database).findings == ()

    def test_an_envelope_that_was_changed_is_found(self, house: World) -> None:
        publish(house)
        with house.database.maintenance() as tx:
            tx.execute("UPDATE passport SET content = 'x' WHERE path = '/passport/pledges/1'")
        (finding,) = check(house.database).findings
        assert "passport" in str(finding)

    def test_nothing_is_signed_twice(self, house: World) -> None:
        publish(house)
        again = publish(house)
        assert (again.issue, again.looked_at) == (None, 3)

    def test_half_of_the_term_over_it_is_signed_again(self, house: World) -> None:
        publish(house)
        house.clock.pass_ms(LIFETIME_MS // 2)
        done = publish(house)
        assert done.issue is not None
        assert done.issue.credentials == 3

    def test_what_says_something_new_is_signed_alone(self, house: World) -> None:
        publish(house)
        house.issue(5, lot="B1")
        done = publish(house)
        assert done.issue is not None
        assert done.issue.credentials == 1

    def test_one_that_says_something_else_now_is_not_handed_out(self, house: World) -> None:
        publish(house)
        notice = recall(house)
        assert (kept(house), kept(house, LOT)) == (None, None)
        publish(house)
        text = kept(house)
        assert text is not None
        recalling.lift(house.desk, notice, REASON)
        assert kept(house) is None

    def test_one_that_has_run_out_is_neither_handed_out_nor_kept(self, house: World) -> None:
        publish(house)
        house.clock.pass_ms(LIFETIME_MS)
        assert kept(house) is None
        assert len(house.rows("SELECT path FROM passport")) == 3
        lose_the_right(house)
        publish(house)
        house.product(2)
        house.claim("gtin", str(gtin(2)))
        publish(house)
        found = {row["path"] for row in house.rows("SELECT path FROM passport")}
        assert found == {"/passport/pledges/1", f"/passport/01/{gtin(2)}"}

    def test_one_under_a_stolen_key_is_not_handed_out(self, house: World) -> None:
        publish(house)
        number = house.one("SELECT key_number FROM passport_issue")["key_number"]
        keying.compromise(house.desk, number, REASON)
        assert kept(house) is None
        with pytest.raises(ActRefused, match="there is none: make one"):
            publish(house)
        house.key(Role.PASSPORT)
        publish(house)
        assert kept(house) is not None

    def test_it_needs_a_key_for_passports_and_its_private_part(self, furnished: World) -> None:
        furnished.key(Role.BUNDLE)
        with pytest.raises(ActRefused, match="run: traceqr keys new --role passport"):
            publish(furnished)
        key = furnished.key(Role.PASSPORT)
        (furnished.folder.path / f"{key.number:04d}-passport.key").unlink()
        with pytest.raises(KeyFileError):
            publish(furnished)
        assert furnished.rows("SELECT path FROM passport") == []

    def test_in_several_goes(self, house: World, monkeypatch: pytest.MonkeyPatch) -> None:
        house.product(2)
        house.claim("gtin", str(gtin(2)))
        monkeypatch.setattr(passporting, "MOST_SIGNED", 1)
        first = publish(house)
        assert first.after is not None
        second = publish(house, after=first.after)
        assert (first.issue and second.issue) is not None
        third = publish(house, after=second.after or "9" * 14)
        assert (third.issue, third.after) == (None, None)

    def test_another_issue_meanwhile(self, house: World, monkeypatch: pytest.MonkeyPatch) -> None:
        real = passports.next_number
        told = iter([1, 2])
        monkeypatch.setattr(passports, "next_number", lambda reader: next(told, real(reader)))
        with pytest.raises(ActRefused, match="another process published"):
            publish(house)
        assert house.rows("SELECT path FROM passport") == []

    def test_a_lot_that_no_digital_link_can_name_has_none(self, house: World) -> None:
        house.issue(5, lot="春茶 01")
        done = publish(house)
        assert done.issue is not None
        assert done.issue.credentials == 3


def test_terms(house: World) -> None:
    publish(house, lifetime_ms=DAY_MS)
    row = house.one("SELECT made_ms, expires_ms FROM passport_issue")
    assert row["expires_ms"] - row["made_ms"] == DAY_MS
