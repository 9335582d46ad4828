"""Inspections as they are looked for, on both engines: by all that one may ask for, alone and together."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from support.inspections import ID, PHOTO, Inspectors, addition, furnished_inspectors
from support.world import World, gtin, uscc

from traceqr import recalling, referring, upholding
from traceqr.acting import ActRefused
from traceqr.registry import field_photos, inspection_search, inspections, inspectors
from traceqr.registry.inspection_search import STANDINGS, Sought

FIRST = (2**62, "")
OTHER, WITHDRAWN = "1" * 32, "2" * 32


@pytest.fixture
def field(world: World) -> Inspectors:
    """Three inspections, a second apart: one of a product at an enterprise, one of nothing wrong, one withdrawn."""
    found = furnished_inspectors(world)
    record = found.record(goods=[{**found.record()["goods"][0], "gtin": str(gtin())}])
    record["premises"]["uscc"] = uscc(1)
    for inspection, made in (
        (ID, record),
        (OTHER, found.record(finding="conforming", kind="special", measures=[])),
        (WITHDRAWN, found.record()),
    ):
        world.clock.pass_ms(1_000)
        found.take(found.entry(inspection=inspection, record=made))
    text = found.entry(inspection=WITHDRAWN)
    found.take(found.later(text, inspection=WITHDRAWN, addition=addition(kind="withdrawn")))
    return found


def ids(field: Inspectors, **asked: Any) -> list[str]:
    with field.world.database.snapshot() as reader:
        rows = inspection_search.sought(reader, Sought(field.world.clock(), **asked), FIRST, 10)
    return [row["id"] for row in rows]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [OTHER, ID]),
        ({"scope": "310000"}, [OTHER, ID]),
        ({"scope": "310100"}, [OTHER, ID]),
        ({"scope": "310104"}, []),
        ({"scope": "330000"}, []),
        ({"gtin": str(gtin())}, [ID]),
        ({"gtin": str(gtin(9))}, []),
        ({"uscc": uscc(1)}, [ID]),
        ({"uscc": uscc(2)}, []),
        ({"finding": "problem"}, [ID]),
        ({"finding": "conforming", "kind": "special"}, [OTHER]),
        ({"kind": "recall"}, []),
        ({"standing": "open"}, [ID]),
        ({"standing": "late"}, []),
        ({"standing": "withdrawn"}, [WITHDRAWN]),
    ],
)
def test_each_is_found_by_what_it_says(field: Inspectors, asked: dict[str, str], expected: list[str]) -> None:
    assert ids(field, **asked) == expected


def test_a_correction_is_late_once_its_day_is_over(field: Inspectors) -> None:
    field.world.clock.pass_days(15.7)
    assert ids(field, standing="late") == [ID]


def test_whatever_is_asked_for_together(field: Inspectors) -> None:
    some = itertools.product(
        ("000000", "310000"), ("", str(gtin())), ("", uscc(1)), ("", "problem"), ("", "routine"), STANDINGS
    )
    with field.world.database.snapshot() as reader:
        for scope, product, code, finding, kind, standing in some:
            what = Sought(field.world.clock(), scope, product, code, finding, kind, standing)
            rows = inspection_search.sought(reader, what, FIRST, 10)
            assert sum(inspection_search.by_finding(reader, what).values()) == len(rows)
            assert sum(row["inspections"] for row in inspection_search.by_region(reader, what)) == len(rows)


def test_it_is_counted_by_finding_and_region(field: Inspectors) -> None:
    with field.world.database.snapshot() as reader:
        what = Sought(field.world.clock())
        assert inspection_search.by_finding(reader, what) == {"problem": 1, "conforming": 1}
        assert inspection_search.by_region(reader, what) == [{"region": "310100", "inspections": 2, "problems": 1}]


def test_pages_follow_each_other(field: Inspectors) -> None:
    with field.world.database.snapshot() as reader:
        what = Sought(field.world.clock())
        (first,) = inspection_search.sought(reader, what, FIRST, 1)
        (second,) = inspection_search.sought(reader, what, (first["received_ms"], first["id"]), 1)
        assert [first["id"], second["id"]] == [OTHER, ID]
        assert (second["due_ms"] is not None, first["due_ms"]) == (True, None)
        account = field.second.account.id
        own = inspections.of_officer(reader, account, FIRST, 2)
        rest = inspections.of_officer(reader, account, (own[-1]["received_ms"], own[-1]["id"]), 2)
        assert [row["id"] for row in own + rest] == [WITHDRAWN, OTHER, ID]
        assert [row["entries"] for row in own] == [2, 1]


def test_what_stands_beside_one(field: Inspectors) -> None:
    with field.world.database.snapshot() as reader:
        (product,) = inspections.products(reader, ID)
        assert (product["gtin"], product["uscc"]) == (str(gtin()), uscc(1))
        assert inspections.met(reader, ID, str(gtin()))
        assert not inspections.met(reader, OTHER, str(gtin()))
        assert not inspections.names_photo(reader, ID, "ab" * 32)
        assert sorted(inspections.officers(reader, ID)) == sorted([field.first.account.id, field.second.account.id])
        of_them = inspectors.of_organisation(reader, field.first.account.organisation_id or "")
        assert [row["account"] for row in of_them] == sorted([field.first.account.id, field.second.account.id])


class TestReferrals:
    def test_a_case_is_opened_and_joined(self, field: Inspectors) -> None:
        world = field.world
        world.issue()
        case = referring.open_case(world.desk, ID, 1)
        with world.database.snapshot() as reader:
            assert [(row["kind"], row["target"]) for row in inspections.referrals(reader, ID)] == [("case", case)]
            assert [row["id"] for row in inspections.referring_to(reader, "case", case)] == [ID]
        row = world.one("SELECT gtin, batch, place, region, reports, due_ms FROM case_file")
        assert (row["gtin"], row["batch"], row["place"]) == (str(gtin()), 1, "310000")
        assert (row["reports"], row["due_ms"]) == (0, None)
        assert world.one("SELECT kind FROM case_event")["kind"] == "inspected"
        with pytest.raises(ActRefused, match="not tied to it yet"):
            referring.open_case(world.desk, ID, 1)

    def test_not_about_a_batch_that_it_did_not_meet(self, field: Inspectors) -> None:
        field.world.issue()
        for inspection, batch in ((OTHER, 1), (ID, 2)):
            with pytest.raises(ActRefused, match="a product that the inspection met"):
                referring.open_case(field.world.desk, inspection, batch)

    def test_a_recall_and_a_finding_are_tied_to_it(self, field: Inspectors) -> None:
        desk = field.world.desk
        notice = recalling.open_on_product(desk, "recall", gtin(), "召回").id
        finding = upholding.declare_breach(desk, 1, "伪码").finding_id
        referring.refer(desk, ID, "recall", notice)
        referring.refer(desk, ID, "breach", finding)
        with field.world.database.snapshot() as reader:
            assert [row["target"] for row in inspections.referrals(reader, ID)] == [notice, finding]
            for kind, target in (("recall", notice), ("breach", finding)):
                assert inspections.region_of(reader, kind, target) == "310000"

    @pytest.mark.parametrize("kind", ["case", "recall", "breach", "fine"])
    def test_not_what_there_is_not(self, field: Inspectors, kind: str) -> None:
        with pytest.raises(ActRefused):
            referring.refer(field.world.desk, ID, kind, "x")

    @pytest.mark.parametrize("inspection", [WITHDRAWN, "f" * 32])
    def test_not_to_one_that_does_not_stand(self, field: Inspectors, inspection: str) -> None:
        with pytest.raises(ActRefused, match=r"this one was withdrawn|the id of an inspection"):
            referring.refer(field.world.desk, inspection, "case", "x")


def test_photos_that_no_entry_names_are_found(field: Inspectors) -> None:
    world, account = field.world, field.first.account.id
    with world.database.recording() as tx:
        assert field_photos.put(tx, PHOTO["digest"], 1, account, 5)
        assert not field_photos.put(tx, PHOTO["digest"], 1, account, 6)
        field_photos.put(tx, "cd" * 32, 1, account, 5)
    named = field.entry(inspection="5" * 32, record=field.record(photos=[PHOTO]))
    field.take(named)
    with world.database.recording() as tx:
        assert field_photos.unnamed(tx, 6, 9) == ["cd" * 32]
        field_photos.remove(tx, [PHOTO["digest"], "cd" * 32])
    with world.database.snapshot() as reader:
        assert field_photos.sizes(reader, [PHOTO["digest"], "cd" * 32]) == {PHOTO["digest"]: 1}
        assert inspections.names_photo(reader, "5" * 32, PHOTO["digest"])
