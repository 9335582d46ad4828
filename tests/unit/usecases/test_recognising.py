"""Honours of enterprises: recorded all or none, revoked with a reason, and never said twice."""

from __future__ import annotations

import pytest
from support.world import ASSOCIATION, World, uscc

from traceqr import recognising
from traceqr.acting import ActRefused, EntriesRefused
from traceqr.enrolling import Tally
from traceqr.recognising import RecognitionEntry
from traceqr.registry import recognitions

ENTRY = RecognitionEntry(uscc(1), "award", "national", 2025, "质量奖", "", ASSOCIATION, "")


def _of(world: World) -> list[recognitions.Recognition]:
    with world.database.snapshot() as reader:
        return recognitions.of_enterprise(reader, world.one("SELECT id FROM enterprise")["id"])


def test_one_is_recorded_once(world: World) -> None:
    world.furnish()
    assert recognising.record_recognitions(world.desk, [ENTRY, ENTRY]) == Tally(added=1, unchanged=1)
    (one,) = _of(world)
    assert (one.number, one.state, one.conferred_by_zh) == (1, "recorded", ASSOCIATION)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("uscc", uscc(9), "expected the code of an enrolled enterprise"),
        ("kind", "medal", "expected a kind of award, demonstration, practice, got 'medal'"),
        ("level", "world", "expected a level of national"),
        ("year", 1977, "expected a year from 1978 to 2026, got 1977"),
        ("year", 2027, "expected a year from 1978 to 2026, got 2027"),
        ("name_zh", "", "expected name_zh of 1 to 100 printable characters, got ''"),
        ("name_en", " x", "expected name_en of 1 to 100"),
        ("conferred_by_zh", "长" * 101, "expected conferred_by_zh of 1 to 100"),
    ],
)
def test_an_entry_that_is_not_as_expected_lands_with_no_other(
    world: World, field: str, value: object, message: str
) -> None:
    world.furnish()
    wrong = RecognitionEntry(**{**{name: getattr(ENTRY, name) for name in ENTRY.__dataclass_fields__}, field: value})
    with pytest.raises(EntriesRefused) as refused:
        recognising.record_recognitions(world.desk, [ENTRY, wrong])
    ((index, refusal),) = refused.value.refusals
    assert (index, refusal.field) == (1, field)
    assert message in str(refusal)
    assert _of(world) == []


def test_other_words_for_one_that_stands_are_refused(world: World) -> None:
    world.furnish().recognition()
    with pytest.raises(EntriesRefused) as refused:
        world.recognition(level="city")
    assert "is recorded already as recognition 1" in str(refused.value.refusals[0][1])


def test_one_is_revoked_once_and_may_be_recorded_anew(world: World) -> None:
    world.furnish().recognition()
    assert recognising.revoke_recognition(world.desk, 1, " 误录 ").reason == "误录"
    with pytest.raises(ActRefused, match="recognition 1: expected one that stands, it is revoked"):
        recognising.revoke_recognition(world.desk, 1, "误录")
    world.recognition(level="city")
    assert [(one.number, one.state) for one in _of(world)] == [(2, "recorded"), (1, "revoked")]


@pytest.mark.parametrize("reason", ["", " ", "a\nb", "长" * 501])
def test_a_reason_is_shown_so_it_is_one(world: World, reason: str) -> None:
    world.furnish().recognition()
    with pytest.raises(ActRefused, match="expected reason of 1 to 500 printable characters"):
        recognising.revoke_recognition(world.desk, 1, reason)


def test_a_number_of_none_is_refused(world: World) -> None:
    with pytest.raises(ActRefused, match="expected the number of a recognition, 7 is none"):
        recognising.revoke_recognition(world.desk, 7, "误录")


def test_none_outside_a_region(world: World) -> None:
    world.furnish()
    inside = world.one("SELECT region FROM enterprise")["region"]
    with pytest.raises(EntriesRefused, match="expected an enterprise within region 990000"):
        recognising.record_recognitions(world.desk, [ENTRY], scope="990000")
    assert _of(world) == []
    assert recognising.record_recognitions(world.desk, [ENTRY], scope=inside) == Tally(added=1)


def test_those_that_are_sought(world: World) -> None:
    world.furnish()
    number = world.recognition()
    row = world.one("SELECT uscc, name_zh, region FROM enterprise")
    with world.database.snapshot() as reader:
        for text in ("", row["uscc"], row["name_zh"][1:3]):
            assert [each["number"] for each in recognitions.sought(reader, row["region"], text, None, 5)] == [number]
        for scope, text, below in (("990000", "", None), (row["region"], "%", None), (row["region"], "", number)):
            assert recognitions.sought(reader, scope, text, below, 5) == []
