"""An act and the answer that a program was given to it land together, once, on both engines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.staff import enterprise_id
from support.together import in_threads
from support.world import ORIGIN, World, gtin

from traceqr.access import Identity, Right, Role, Scope
from traceqr.acting import RegistryBehind, Unmarked
from traceqr.authenticating import Doorkeeper
from traceqr.highwater import HighWater
from traceqr.office.house import Denied, House
from traceqr.office.trade import KeyReused, TradeOffice
from traceqr.second_factor import Vault

VAULT = Vault.of("only-for-tests-" * 4)
DIGEST, ANOTHER = "a" * 64, "b" * 64


@pytest.fixture
def office(furnished: World, tmp_path: Path) -> TradeOffice:
    world, desk = furnished, furnished.desk
    doorkeeper = Doorkeeper(world.database, world.clock, VAULT, desk.new_id)
    mark = HighWater(tmp_path / "mark" / "high-water.json")
    house = House(
        world.database, world.clock, desk.timezone, desk.new_id, mark, ORIGIN, VAULT, doorkeeper, second_person=True
    )
    scopes = frozenset({Scope.ISSUE})
    return TradeOffice(house, Identity("a1", Role.MANAGER, enterprise_id(world), token="t1", scopes=scopes))


def issue(office: TradeOffice, key: str = "one", digest: str = DIGEST) -> Any:
    return office.once(Right.ISSUE, key, digest, lambda joined: (201, str(joined.issue(gtin(), 10).number)))


def test_of_many_at_once_with_one_key_one_acts(furnished: World, office: TradeOffice) -> None:
    made = in_threads([lambda: issue(office)] * 8)
    assert {(one.status, one.body) for one in made} == {(201, "1")}
    assert furnished.acts().count("batch.issue") == 1
    assert office.house.high_water.read().size == len(furnished.acts())  # type: ignore[union-attr]


def test_another_request_with_the_key_is_refused(furnished: World, office: TradeOffice) -> None:
    issue(office)
    before = furnished.dump()
    with pytest.raises(KeyReused):
        issue(office, digest=ANOTHER)
    assert furnished.dump() == before


def test_what_breaks_after_the_act_takes_it_back(furnished: World, office: TradeOffice) -> None:
    issue(office, "before")
    before, mark = furnished.dump(), office.house.high_water.read()

    def act(joined: TradeOffice) -> tuple[int, str]:
        joined.issue(gtin(), 10)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.once(Right.ISSUE, "one", DIGEST, act)
    assert (furnished.dump(), office.house.high_water.read()) == (before, mark)
    assert issue(office).body == "2"


def test_two_acts_in_one_transaction(furnished: World, office: TradeOffice) -> None:
    with office.desk.together() as (desk, _):
        joined = replace(office, joined=desk)
        assert [joined.issue(gtin(), 10).number, joined.issue(gtin(), 10).number] == [1, 2]
    assert office.house.high_water.read().size == len(furnished.acts())  # type: ignore[union-attr]


def test_a_registry_that_has_lost_acts_is_not_written(furnished: World, office: TradeOffice) -> None:
    issue(office)
    high_water = office.house.high_water
    mark = high_water.read()
    assert mark is not None
    high_water.advance(replace(mark, size=mark.size + 5))
    before = furnished.dump()
    with pytest.raises(RegistryBehind):
        issue(office, "two")
    assert furnished.dump() == before


def test_an_answer_is_told_again_only_once_its_act_is_marked(furnished: World, office: TradeOffice) -> None:
    issue(office, "before")
    path = office.house.high_water.path
    lock = path.with_name(path.name + ".lock")
    lock.unlink()
    lock.mkdir()
    for _ in range(2):
        with pytest.raises(Unmarked):
            issue(office)
    lock.rmdir()
    assert issue(office).body == "2"
    assert furnished.acts().count("batch.issue") == 2
    assert office.house.high_water.read().size == len(furnished.acts())  # type: ignore[union-attr]


def test_a_key_opens_nothing_without_the_right(furnished: World, office: TradeOffice) -> None:
    issue(office)
    reading = replace(office, identity=replace(office.identity, scopes=frozenset({Scope.READ})))
    with pytest.raises(Denied):
        issue(reading)
    assert furnished.acts().count("batch.issue") == 1
