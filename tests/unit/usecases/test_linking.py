"""Links that enterprises keep: whose they are, how many, and what gives way to what."""

from __future__ import annotations

import pytest
from support.world import ASSOCIATION, World, gtin, uscc

from traceqr import claiming, linking
from traceqr.acting import ActRefused
from traceqr.digital_link.elements import check_digit
from traceqr.digital_link.identified import Identified
from traceqr.registry import links


def keyed(key: str, digits: str) -> str:
    return f"/{key}/{digits}{check_digit(digits)}"


PRODUCT = f"/01/{gtin()}"
OTHERS = f"/01/{gtin(1, '6990000')}"
SSCC, GLN = keyed("00", "36901234000000001"), keyed("414", "690123400001")


@pytest.fixture
def furnished(world: World) -> World:
    return world.furnish()


def own(world: World) -> str:
    return str(world.one("SELECT id FROM enterprise WHERE uscc = :uscc", uscc=uscc())["id"])


def kept(world: World, path: str = PRODUCT) -> list[tuple[str, str]]:
    what = Identified.parse(path)
    with world.database.snapshot() as reader:
        return [(one.kind, one.href) for one in links.about(reader, what.levels(), own(world))]


@pytest.mark.parametrize(
    "path",
    [PRODUCT, PRODUCT + "/10/A1", PRODUCT + "/21/7", SSCC, GLN, GLN + "/254/D", GLN.replace("/414/", "/417/")],
)
def test_a_link_is_kept_about_what_the_enterprise_has_the_right_to(furnished: World, path: str) -> None:
    link = furnished.link(path)
    assert link.placed.about == Identified.parse(path)
    assert kept(furnished, path) == [("gs1:instructions", "https://tea.example/brew")]


@pytest.mark.parametrize("path", [OTHERS, keyed("00", "36990000000000001"), keyed("414", "699000000001")])
def test_nobody_links_what_is_anothers(furnished: World, path: str) -> None:
    with pytest.raises(ActRefused, match="expected an accepted claim") as refusal:
        furnished.link(path)
    assert refusal.value.field == "about"


def test_a_claim_to_one_gtin_gives_no_right_to_parcels(world: World) -> None:
    world.association()
    world.enterprise()
    world.product()
    world.claim("gtin", str(gtin()))
    assert world.link(PRODUCT)
    with pytest.raises(ActRefused, match="expected an accepted claim"):
        world.link(SSCC)


def test_a_serial_stands_alone(furnished: World) -> None:
    with pytest.raises(ActRefused, match="expected a serial without lot"):
        furnished.link(PRODUCT + "/10/A1/21/7")


@pytest.mark.parametrize(("field", "value"), [("href", "javascript:alert(1)"), ("kind", "gs1:x"), ("title", "")])
def test_what_is_no_link_is_refused(furnished: World, field: str, value: str) -> None:
    with pytest.raises(ActRefused, match="expected") as refusal:
        furnished.link(**{field: value})
    assert refusal.value.field == field


def test_there_is_one_default_and_the_same_link_is_there_once(furnished: World) -> None:
    first = furnished.link(kind="gs1:defaultLink")
    assert furnished.link(kind="gs1:defaultLink") == first
    furnished.link(kind="gs1:defaultLink", href="https://tea.example/new")
    furnished.link(title="Another title")
    furnished.link()
    assert kept(furnished) == [
        ("gs1:defaultLink", "https://tea.example/new"),
        ("gs1:instructions", "https://tea.example/brew"),
    ]


def test_the_narrowest_come_first(furnished: World) -> None:
    furnished.link(href="https://tea.example/all")
    furnished.link(PRODUCT + "/10/A1", href="https://tea.example/lot")
    furnished.link(PRODUCT + "/10/A2", href="https://tea.example/other")
    assert [href for _, href in kept(furnished, PRODUCT + "/10/A1/21/9")] == [
        "https://tea.example/lot",
        "https://tea.example/all",
    ]


def test_links_have_a_bound(furnished: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "MAX_LINKS", 2)
    monkeypatch.setattr(linking, "MAX_OF_KEY", 3)
    furnished.link(href="https://tea.example/1")
    furnished.link(href="https://tea.example/2")
    with pytest.raises(ActRefused, match="expected at most 2 links about one thing"):
        furnished.link(href="https://tea.example/3")
    furnished.link(href="https://tea.example/2", title="Changed")
    furnished.link(PRODUCT + "/10/A1")
    with pytest.raises(ActRefused, match="and 3 about a key"):
        furnished.link(PRODUCT + "/10/A2")


def test_a_link_is_removed_by_its_own_enterprise_once(furnished: World) -> None:
    link = furnished.link()
    furnished.enterprise(2)
    other = furnished.one("SELECT id FROM enterprise WHERE uscc = :uscc", uscc=uscc(2))["id"]
    with pytest.raises(ActRefused, match="expected the id of a link"):
        linking.remove_link(furnished.desk, other, link.id)
    linking.remove_link(furnished.desk, own(furnished), link.id)
    with pytest.raises(ActRefused, match="expected the id of a link"):
        linking.remove_link(furnished.desk, own(furnished), link.id)
    assert kept(furnished) == []


def test_who_loses_the_right_holds_nothing(furnished: World) -> None:
    claim = furnished.one("SELECT id FROM gtin_claim")["id"]
    what = Identified.parse(SSCC)
    with furnished.database.snapshot() as reader:
        assert linking.holder(reader, what) == own(furnished)
    claiming.revoke_claim(furnished.desk, claim, ASSOCIATION, "wrong")
    with furnished.database.snapshot() as reader:
        assert linking.holder(reader, what) is None
