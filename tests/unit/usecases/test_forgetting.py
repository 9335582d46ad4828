"""What people reported about themselves goes after its term: in the registry, and beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.inspections import PHOTO, furnished_inspectors
from support.world import World

from traceqr import forgetting, handling
from traceqr.acting import ActRefused
from traceqr.attachments import AttachmentFolder
from traceqr.forgetting import Gone
from traceqr.photo import Photo
from traceqr.registry import case_texts, field_photos
from traceqr.reporting import Scanned, Sender

WORDS = "what was said of the product"


@pytest.fixture
def market(furnished: World) -> World:
    furnished.issue(10)
    return furnished


def folder(world: World) -> AttachmentFolder:
    return AttachmentFolder(world.root / "attachments")


def closed(world: World, place: str, photo: bytes) -> str:
    case_id = world.case(sender=Sender(place=place), contact="c", content=WORDS, photos=(Photo(photo, None),))
    handling.answer(world.desk, case_id, "x")
    handling.close(world.desk, case_id, "other")
    return case_id


def age(world: World) -> None:
    """The files were put there when the reports came, by the clock of the test."""
    for path in folder(world).root.rglob("*"):
        os.utime(path, (1_000, 1_000))


def forget(world: World, contact_days: int = 90, photo_days: int = 730) -> Gone:
    return forgetting.forget(world.desk, world.database, folder(world), contact_days, photo_days)


def test_contacts_go_first_and_photos_later(market: World) -> None:
    closed(market, "110100", b"a photo")
    age(market)
    market.clock.pass_days(90)
    assert forget(market) == Gone(0, 0, 0)
    market.clock.pass_ms(1)
    assert forget(market) == Gone(1, 0, 0)
    assert market.one("SELECT contact, content FROM report") == {"contact": None, "content": WORDS}
    market.clock.pass_days(640)
    assert forget(market) == Gone(0, 1, 1)
    assert market.rows("SELECT digest FROM report_photo") == []
    assert list(folder(market).digests(2**44)) == []
    assert market.acts().count("reports.prune") == 3


def test_what_is_open_stays(market: World) -> None:
    case_id = closed(market, "110100", b"a photo")
    handling.reopen(market.desk, case_id, "x")
    market.case(scanned=Scanned("seen", "x", 1, 3), contact="c", photos=(Photo(b"b", None),))
    age(market)
    market.clock.pass_days(4_000)
    assert forget(market, 0, 0) == Gone(0, 0, 0)


def test_a_photo_that_another_report_names_too_stays(market: World) -> None:
    closed(market, "110100", b"the same")
    market.case(sender=Sender(place="310100"), photos=(Photo(b"the same", None),))
    age(market)
    market.clock.pass_days(1)
    assert forget(market, 0, 0) == Gone(1, 1, 0)
    assert len(list(folder(market).digests(2**44))) == 1


def test_what_no_report_came_to_name_goes_after_a_day(market: World) -> None:
    digest = folder(market).put(b"of a report that was refused")
    market.clock.at_ms = int(Path(folder(market).root / digest[:2] / digest).stat().st_mtime * 1000)
    assert forget(market).attachments == 0
    market.clock.pass_days(1.01)
    assert forget(market).attachments == 1


def test_more_than_fit_into_one_transaction(market: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "CHUNK", 2)
    for at in range(5):
        closed(market, f"{11 + at}0000", bytes([at]))
    market.clock.pass_days(1)
    gone = forget(market, 0, 0)
    assert (gone.contacts, gone.photos) == (5, 5)


def test_paces_and_old_events_go(market: World) -> None:
    market.report(sender=Sender("d", "n"))
    market.clock.pass_days(91)
    forget(market)
    assert market.rows("SELECT name FROM report_pace") == []
    with market.database.snapshot() as reader:
        assert case_texts.events_after(reader, 0, "", 9) == []


@pytest.mark.parametrize("days", [-1, 36_501])
def test_days_that_are_none(market: World, days: int) -> None:
    with pytest.raises(ActRefused, match="expected 0 to 36,500 days"):
        forget(market, days)
    with pytest.raises(ActRefused, match="expected 0 to 36,500 days"):
        forget(market, 0, days)


class TestPhotosOfInspections:
    def _put(self, world: World, content: bytes) -> str:
        name = folder(world).put(content)
        with world.database.recording() as tx:
            account = world.rows("SELECT id FROM account ORDER BY position")[0]["id"]
            field_photos.put(tx, name, len(content), account, world.clock())
        return name

    def test_one_that_an_entry_names_stays_and_others_wait_for_theirs(self, world: World) -> None:
        field = furnished_inspectors(world)
        named, unnamed = self._put(world, b"a photo"), self._put(world, b"another")
        photo = {**PHOTO, "digest": named, "bytes": 7}
        field.take(field.entry(record=field.record(photos=[photo])))
        age(world)
        world.clock.pass_days(30)
        assert forget(world).attachments == 0
        assert folder(world).exists(unnamed)
        world.clock.pass_ms(1)
        assert forget(world).attachments == 1
        world.clock.pass_days(9_000)
        assert forget(world).attachments == 0
        assert folder(world).get(named) == b"a photo"
        assert world.one("SELECT digest FROM field_photo")["digest"] == named

    def test_one_that_is_sent_again_waits_again(self, world: World) -> None:
        furnished_inspectors(world)
        self._put(world, b"a photo")
        world.clock.pass_days(29)
        self._put(world, b"a photo")
        world.clock.pass_days(29)
        forget(world)
        assert len(world.rows("SELECT digest FROM field_photo")) == 1
