"""Enrolling: who there is, what they make, and whose GTIN it is."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image
from support.world import ASSOCIATION, World, gtin, uscc

from traceqr import enrolling
from traceqr.acting import ActRefused, EntriesRefused
from traceqr.enrolling import OrganisationEntry, ProductEntry, Tally, parse_uscc
from traceqr.picture import Picture
from traceqr.registry import products


def picture(colour: str) -> Picture:
    content = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(content, "PNG")
    return Picture.parse(content.getvalue())


def product(world: World, number: int = 1) -> products.Product:
    with world.database.snapshot() as reader:
        found = products.by_gtin(reader, str(gtin(number)))
    assert found is not None
    return found


class TestUscc:
    def test_a_valid_one(self) -> None:
        assert parse_uscc("91310000000000001X"[:17] + uscc(1)[17]) == uscc(1)

    @pytest.mark.parametrize("text", ["", "9131", uscc(1)[:-1], uscc(1) + "0"])
    def test_a_wrong_length(self, text: str) -> None:
        message = f"^expected a unified social credit code of 18 characters, got '{text}' with {len(text)}$"
        with pytest.raises(ActRefused, match=message) as caught:
            parse_uscc(text)
        assert caught.value.field == "uscc"

    @pytest.mark.parametrize(
        ("text", "end"),
        [
            ("91310000O00000001X", "with 'O' in place 9; letter O for digit 0?"),
            ("9131OOOO000000001X", "with 'O' in place 5; letter O for digit 0?"),
            ("9I310000000000001X", "with 'I' in place 2; letter I for digit 1?"),
            ("91310000000000001S", "with 'S' in place 18; letter S for digit 5?"),
            ("913100000Z0000001X", "with 'Z' in place 10; letter Z for digit 2?"),
            ("9131000000000V001X", "with 'V' in place 14"),
            ("9131000A000000001X", "with 'A' in place 8"),
            ("91310000000000茶01X", "with '茶' in place 15"),
            ("91310000\u066000000001X", "with '\u0660' in place 9"),
        ],
    )
    def test_a_character_that_no_code_has(self, text: str, end: str) -> None:
        with pytest.raises(ActRefused) as caught:
            parse_uscc(text)
        assert str(caught.value) == (
            "expected a unified social credit code of 8 digits, then digits and letters without I, O, S, V and Z,"
            f" got {text!r} {end}"
        )
        assert caught.value.field == "uscc"

    @pytest.mark.parametrize("wrong", ["0", "X"])
    def test_a_wrong_check_character(self, wrong: str) -> None:
        code = uscc(1)
        text = code[:-1] + (wrong if wrong != code[-1] else "1")
        with pytest.raises(ActRefused) as caught:
            parse_uscc(text)
        assert str(caught.value) == (
            f"expected check character '{code[-1]}' at the end of unified social credit code '{text}',"
            f" got '{text[-1]}': one of its characters is mistyped"
        )
        assert caught.value.field == "uscc"

    @pytest.mark.parametrize("how", [" {}", "{} ", "{0:.9}-{0}"])
    def test_another_spelling(self, how: str) -> None:
        with pytest.raises(ActRefused) as caught:
            parse_uscc(how.format(uscc(1)))
        assert caught.value.field == "uscc"

    def test_lower_case_is_another_spelling(self) -> None:
        code = next(uscc(number) for number in range(1, 200) if uscc(number)[-1].isalpha())
        with pytest.raises(ActRefused, match="expected"):
            parse_uscc(code.lower())


class TestOrganisations:
    ENTRY = OrganisationEntry("association", "national", "000000", ASSOCIATION, "QA")

    def test_added_once(self, world: World) -> None:
        assert enrolling.enrol_organisations(world.desk, [self.ENTRY]) == Tally(added=1)
        assert enrolling.enrol_organisations(world.desk, [self.ENTRY]) == Tally(unchanged=1)
        assert world.acts() == ["organisation.enrol"]

    @pytest.mark.parametrize(
        "change", [{"kind": "regulator"}, {"level": "city"}, {"region": "110000"}, {"name_en": "x"}]
    )
    def test_another_of_the_same_name_is_refused(self, world: World, change: dict[str, str]) -> None:
        enrolling.enrol_organisations(world.desk, [self.ENTRY])
        with pytest.raises(EntriesRefused, match="is enrolled already, with another kind"):
            enrolling.enrol_organisations(world.desk, [replace(self.ENTRY, **change)])


class TestEnterprises:
    def test_amending_keeps_id_and_products(self, furnished: World) -> None:
        before = furnished.one("SELECT id FROM enterprise")
        furnished.enterprise(name_zh="改名茶业")
        assert furnished.one("SELECT id, name_zh FROM enterprise") == {**before, "name_zh": "改名茶业"}
        assert furnished.issue().number == 1

    def test_the_same_again_is_unchanged(self, furnished: World) -> None:
        before = furnished.dump()
        furnished.enterprise()
        assert furnished.dump() == before

    def test_a_new_contact_has_a_new_salt(self, furnished: World) -> None:
        salt = furnished.one("SELECT contact_salt FROM enterprise")
        furnished.enterprise(contact="other")
        assert furnished.one("SELECT contact_salt FROM enterprise") != salt


class TestProducts:
    def test_each_change_is_a_version_and_a_batch_keeps_its_own(self, furnished: World) -> None:
        old = furnished.issue()
        furnished.product(name_zh="红茶")
        new = furnished.issue()
        assert (old.product_version, new.product_version) == (1, 2)
        evidence = furnished.verifier().verify(furnished.label(old)).evidence
        assert evidence is not None
        assert (evidence.product.name_zh, evidence.product.changed_since) == ("绿茶1", True)
        evidence = furnished.verifier().verify(furnished.label(new)).evidence
        assert evidence is not None
        assert (evidence.product.name_zh, evidence.product.changed_since) == ("红茶", False)

    def test_the_same_again_is_no_version(self, furnished: World) -> None:
        before = furnished.dump()
        furnished.product()
        assert furnished.dump() == before

    def test_anothers_gtin_is_refused(self, furnished: World) -> None:
        furnished.enterprise(2)
        with pytest.raises(EntriesRefused, match="another enterprise has enrolled it") as caught:
            furnished.product(1, enterprise=2)
        assert caught.value.refusals[0][1].field == "gtin"

    def test_who_enrolled_a_gtin_first_gives_way_to_an_accepted_claim(self, furnished: World) -> None:
        """Otherwise an import of other people's GTINs would keep them from their owners."""
        furnished.enterprise(2)
        stranger = furnished.product(7, enterprise=1, prefix="6907777")
        with pytest.raises(EntriesRefused, match="expected an accepted claim"):
            furnished.product(7, enterprise=2, prefix="6907777")
        furnished.claim("prefix", "6907777", enterprise=2)
        owned = furnished.product(7, enterprise=2, prefix="6907777")
        assert owned == stranger
        row = furnished.one("SELECT enterprise_id, version FROM product WHERE gtin = :gtin", gtin=owned.digits)
        owner = furnished.one("SELECT id FROM enterprise WHERE uscc = :uscc", uscc=uscc(2))
        assert (row["enterprise_id"], row["version"]) == (owner["id"], 2)
        with pytest.raises(EntriesRefused, match="another enterprise has enrolled it"):
            furnished.product(7, enterprise=1, prefix="6907777")

    def test_an_unknown_enterprise(self, furnished: World) -> None:
        with pytest.raises(EntriesRefused, match="import enterprises first") as caught:
            furnished.product(2, enterprise=2)
        assert caught.value.refusals[0][1].field == "uscc"

    def test_a_picture_is_kept_once_and_stays_when_none_comes(self, furnished: World) -> None:
        red, blue = picture("red"), picture("blue")
        furnished.product(1, picture=red)
        furnished.product(2, picture=red)
        assert furnished.one("SELECT COUNT(*) AS n FROM picture") == {"n": 1}
        furnished.product(1, picture=None, brand="新")
        assert product(furnished).text.picture == red.digest
        furnished.product(1, picture=blue, brand="新")
        assert product(furnished).text.picture == blue.digest
        with furnished.database.snapshot() as reader:
            assert products.picture(reader, red.digest) == (red.content, "image/webp")
            assert products.picture(reader, "0" * 64) is None

    def test_the_same_product_twice_in_one_import(self, furnished: World) -> None:
        entry = ProductEntry(gtin(8), uscc(1), "a", "a", "b", "c", "d", None)
        tally = enrolling.enrol_products(furnished.desk, [entry, entry, replace(entry, brand="new")])
        assert tally == Tally(added=1, changed=1, unchanged=1)
        assert product(furnished, 8).version == 2
