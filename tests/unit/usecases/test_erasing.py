"""Inspections go after their term, with what names anybody; digests stay, and the registry agrees with the ledger."""

from __future__ import annotations

from datetime import date

import pytest
from support.inspections import ID, LABEL, PHOTO, Inspectors, addition, furnished_inspectors
from support.world import World

from traceqr import erasing, handling, referring
from traceqr.acting import ActRefused
from traceqr.attachments import AttachmentFolder
from traceqr.checking import whole
from traceqr.erasing import LEAST_DAYS, Erased
from traceqr.inspecting import EntryRefused
from traceqr.instant import DAY_MS, day_number, numbered_day
from traceqr.registry import field_photos, inspection_search, inspections
from traceqr.registry.database import RegistryConflict
from traceqr.registry.inspection_search import Sought

OTHER = "2" * 32


@pytest.fixture
def field(world: World) -> Inspectors:
    return furnished_inspectors(world)


def folder(world: World) -> AttachmentFolder:
    return AttachmentFolder(world.root / "attachments")


def photo(field: Inspectors, content: bytes) -> dict[str, object]:
    digest = folder(field.world).put(content)
    with field.world.database.recording() as tx:
        field_photos.put(tx, digest, len(content), field.first.account.id, field.world.clock())
    return {**PHOTO, "digest": digest, "bytes": len(content)}


def day(world: World, days_ago: float) -> date:
    return numbered_day(day_number(int(world.clock() - days_ago * DAY_MS), world.desk.timezone))


def erase(world: World, organisation: str | None = None) -> Erased:
    """What was complete before the latest day that may be named."""
    return erasing.erase(world.desk, folder(world), day(world, LEAST_DAYS), organisation)


def after_the_term(world: World) -> None:
    world.clock.pass_days(LEAST_DAYS + 2)


def test_what_names_anybody_goes_and_digests_stay(field: Inspectors) -> None:
    world = field.world
    text = field.entry(record=field.record(photos=[photo(field, b"a photo")], labels=[LABEL]))
    first, later = field.take(text), field.take(field.later(text, addition=addition(kind="followed-up", measure=1)))
    after_the_term(world)
    assert erase(world) == Erased(1, 1)
    assert world.acts()[-1] == "inspection.erase"
    row = world.one("SELECT state, premises, uscc, enterprise_id, entries FROM inspection")
    assert row == {"state": "erased", "premises": "", "uscc": "", "enterprise_id": None, "entries": 2}
    rows = world.rows("SELECT content, signature, digest FROM inspection_entry ORDER BY entry")
    assert rows == [{"content": "", "signature": "", "digest": each.link.digest} for each in (first, later)]
    for table in (
        "inspection_officer",
        "inspection_product",
        "inspection_photo",
        "inspection_correction",
        "field_photo",
    ):
        assert world.rows(f"SELECT * FROM {table}") == [], table
    assert list(folder(world).digests(2**62)) == []
    assert whole.check(world.database).total == 0
    with world.database.snapshot() as reader:
        assert inspection_search.sought(reader, Sought(0), (2**62, ""), 9) == []
        assert inspections.of_officer(reader, field.first.account.id, (2**62, ""), 9) == []


def test_nothing_is_found_in_the_bytes_of_the_tables(field: Inspectors) -> None:
    world = field.world
    field.take(field.entry())
    assert "地下仓库" in str(world.dump())
    after_the_term(world)
    erase(world)
    for text in ("地下仓库", "示例茶行", "000-0000-0000", "沪-001", "31.230416"):
        assert text not in str(world.dump()), text


def test_the_same_entry_sent_again_is_answered_as_before_and_no_other_is_taken(field: Inspectors) -> None:
    world, text = field.world, field.entry()
    first = field.take(text)
    after_the_term(world)
    erase(world)
    again = field.take(text)
    assert (again.new, again.link.digest) == (False, first.link.digest)
    with pytest.raises(EntryRefused, match="this inspection was erased") as refused:
        field.take(field.later(text))
    assert refused.value.code == "inspection-withdrawn"
    with pytest.raises(ActRefused, match="this one was erased"):
        referring.refer(world.desk, ID, "case", "c")


def test_what_is_younger_or_was_added_to_since_stays(field: Inspectors) -> None:
    world, text = field.world, field.entry()
    field.take(text)
    world.clock.pass_days(10)
    field.take(field.later(text))
    field.take(field.entry(inspection=OTHER))
    world.clock.pass_days(LEAST_DAYS - 5)
    assert erase(world) == Erased(0, 0)
    world.clock.pass_days(7)
    assert erase(world) == Erased(2, 0)
    assert erase(world) == Erased(0, 0)


def test_what_an_open_case_rests_on_stays(field: Inspectors) -> None:
    world = field.world
    world.issue()
    field.take(field.entry(record=field.record(labels=[{**LABEL, "text": world.text(1)}])))
    case_id = referring.open_case(world.desk, ID, 1)
    after_the_term(world)
    assert erase(world) == Erased(0, 0)
    handling.answer(world.desk, case_id, "x")
    handling.close(world.desk, case_id, "other")
    assert erase(world).inspections == 1
    with world.database.snapshot() as reader:
        assert inspections.referring_to(reader, "case", case_id) == []
    assert whole.check(world.database).total == 0


def test_a_photo_that_another_inspection_names_stays(field: Inspectors) -> None:
    world, shared = field.world, photo(field, b"the same")
    field.take(field.entry(record=field.record(photos=[shared])))
    world.clock.pass_days(9)
    field.take(field.entry(inspection=OTHER, record=field.record(photos=[shared])))
    world.clock.pass_days(LEAST_DAYS - 7)
    assert erase(world) == Erased(1, 0)
    assert folder(world).exists(str(shared["digest"]))
    world.clock.pass_days(9)
    assert erase(world) == Erased(1, 1)


def test_more_than_fit_into_one_act(field: Inspectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "CHUNK", 2)
    for at in range(4):
        field.take(field.entry(inspection=f"{at:032x}"))
    after_the_term(field.world)
    told: list[int] = []
    gone = erasing.erase(field.world.desk, None, day(field.world, LEAST_DAYS), None, told.append)
    assert (gone, told) == (Erased(4, 0), [2, 2, 0])
    assert field.world.acts().count("inspection.erase") == 4


def test_of_one_organisation_alone(field: Inspectors) -> None:
    world = field.world
    field.take(field.entry())
    after_the_term(world)
    others = [row["id"] for row in world.rows("SELECT id FROM organisation") if row["id"] != field.sender.organisation]
    assert erase(world, others[0]) == Erased(0, 0)
    assert erase(world, field.sender.organisation) == Erased(1, 0)


def test_nothing_goes_before_an_offence_is_past_punishing(field: Inspectors) -> None:
    with pytest.raises(ActRefused, match="or earlier, 730 days ago") as refused:
        erasing.due(field.world.desk, day(field.world, LEAST_DAYS - 1))
    assert refused.value.field == "before"


def test_an_organisation_that_is_none(field: Inspectors) -> None:
    with pytest.raises(ActRefused, match="expected the id of an organisation, 'nobody' is none"):
        erase(field.world, "nobody")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inspection_entry SET content = '', signature = ''",
        "UPDATE inspection SET state = 'erased'; UPDATE inspection_entry SET content = 'x', signature = signature",
        "UPDATE inspection SET state = 'erased'; UPDATE inspection_entry SET content = '', signature = '', digest = '"
        + "0" * 64
        + "'",
        "UPDATE inspection SET state = 'erased'; DELETE FROM inspection_entry",
    ],
)
def test_the_database_lets_entries_be_emptied_and_nothing_else(field: Inspectors, statement: str) -> None:
    field.take(field.entry())
    statements = [(each, {}) for each in statement.split("; ")]
    with pytest.raises(RegistryConflict, match="append-only"), field.world.database.maintenance() as tx:
        tx.execute_each(statements)
