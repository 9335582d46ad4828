"""A registry that has gone back in time: no act is done on it until it is accepted, and no number is used twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.scenarios import SCENARIOS
from support.world import World

from traceqr import acting, activating, issuing, keying, restoring
from traceqr.acting import ActRefused, Desk, RegistryBehind, Unmarked
from traceqr.activating import Range
from traceqr.highwater import HighWater, HighWaterError, Mark
from traceqr.importing.landing import rehearsal
from traceqr.label.keyring import Role
from traceqr.registry import ledger, meta, numbering
from traceqr.registry.database import Database, Transaction
from traceqr.verdict import Code

OTHER = "cd" * 32


@pytest.fixture
def kept(furnished: World) -> World:
    """A furnished world with one batch, whose desk has a high-water file."""
    furnished.desk = replace(furnished.desk, high_water=HighWater(furnished.root / "keys" / "high-water.json"))
    furnished.issue(10)
    return furnished


def water(world: World) -> HighWater:
    assert world.desk.high_water
    return world.desk.high_water


def tail(world: World) -> Mark:
    with world.database.snapshot() as reader:
        return acting.present(reader)


def lose(world: World, acts: int) -> Mark:
    """The registry has gone back by some acts: the file has seen more."""
    mark = Mark(tail(world).size + acts, OTHER)
    water(world).advance(mark)
    return mark


def rewrite(world: World) -> Mark:
    """The file has seen other entries at the positions that the registry has."""
    mark = Mark(tail(world).size - 2, OTHER)
    water(world).path.unlink()
    water(world).advance(mark)
    return mark


def stored(world: World, name: str) -> str | None:
    with world.database.snapshot() as reader:
        return meta.read(reader, name)


class TestTheMark:
    def test_follows_each_act(self, kept: World) -> None:
        assert water(kept).read() == tail(kept)
        kept.issue(5)
        keying.retire(kept.desk, 1, "yearly change")
        assert water(kept).read() == tail(kept)
        assert tail(kept).size == len(kept.acts())

    def test_is_that_of_the_last_entry_of_an_act_over_many(self, kept: World) -> None:
        before = tail(kept).size
        SCENARIOS["several in one act"].run(kept)
        assert tail(kept).size == before + 2
        assert water(kept).read() == tail(kept)

    def test_a_refused_act_leaves_it(self, kept: World) -> None:
        before = water(kept).read()
        with pytest.raises(ActRefused):
            activating.activate(kept.desk, Range(99), "none such")
        assert water(kept).read() == before

    def test_a_rehearsal_leaves_it(self, kept: World) -> None:
        before = water(kept).read()
        issuing.issue(rehearsal(kept.desk), kept.order())
        assert water(kept).read() == before == tail(kept)

    def test_a_registry_that_is_ahead_is_as_it_should_be(self, kept: World) -> None:
        """After a crash between commit and mark, or by another machine with a file of its own."""
        issuing.issue(replace(kept.desk, high_water=None), kept.order())
        assert tail(kept).size == water(kept).read().size + 1  # type: ignore[union-attr]
        kept.issue(5)
        assert water(kept).read() == tail(kept)

    def test_a_registry_of_before_there_were_marks_begins_one(self, furnished: World) -> None:
        furnished.desk = replace(furnished.desk, high_water=HighWater(furnished.root / "mark" / "water.json"))
        assert stored(furnished, meta.HIGH_WATER) is None
        furnished.issue(5)
        assert stored(furnished, meta.HIGH_WATER) == "kept"
        assert water(furnished).read() == tail(furnished)

    def test_a_first_file_that_cannot_be_made_stops_the_act(self, furnished: World) -> None:
        (furnished.root / "mark").write_text("a file where the folder should be")
        furnished.desk = replace(furnished.desk, high_water=HighWater(furnished.root / "mark" / "water.json"))
        before = furnished.dump()
        with pytest.raises(HighWaterError, match="cannot read the high-water file"):
            furnished.issue(5)
        assert furnished.dump() == before

    def test_what_cannot_be_marked_is_done_but_not_released(self, kept: World) -> None:
        """The folder takes no draft: the act stands, its labels do not leave the house."""
        (water(kept).path.parent / ".high-water.json.new").mkdir()
        before = len(kept.acts())
        with pytest.raises(
            Unmarked, match=r"the act is done and on the ledger, do not do it again; but nothing was rel"
        ):
            kept.export()
        assert kept.acts()[before:] == ["labels.export"]
        (water(kept).path.parent / ".high-water.json.new").rmdir()
        assert len(kept.labels(kept.issue(3))) == 3
        assert water(kept).read() == tail(kept)


DAMAGE: dict[str, tuple[Callable[[World], Any], str]] = {
    "acts lost": (lambda world: lose(world, 1), "the registry has lost acts: expected"),
    "another history": (rewrite, "the registry has another history: expected"),
    "no file": (lambda world: water(world).path.unlink(), "found none: nobody can tell whether the registry has lost"),
    "garbled file": (lambda world: water(world).path.write_text("{"), "is garbled"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_no_act_is_done_on_such_a_registry(kept: World, damage: str) -> None:
    do, message = DAMAGE[damage]
    do(kept)
    before = kept.dump()
    for act in (
        lambda: kept.issue(5),
        lambda: kept.export(),
        lambda: activating.void(kept.desk, Range(1), "x"),
        lambda: keying.new_key(kept.desk, kept.folder, Role.LABEL),
        lambda: kept.enterprise(3),
    ):
        with pytest.raises((RegistryBehind, HighWaterError), match=message) as caught:
            act()
        assert "traceqr ledger accept-restore" in str(caught.value)
    assert kept.dump() == before
    assert kept.verifier().verify(kept.label(kept_batch(kept))).code is Code.GENUINE, "verifying goes on"


def kept_batch(world: World) -> Any:
    from traceqr.registry import batches

    with world.database.snapshot() as reader:
        return batches.by_number(reader, 1)


def test_the_message_says_what_was_expected_and_found(kept: World) -> None:
    found = tail(kept)
    lose(kept, 5)
    with pytest.raises(RegistryBehind) as caught:
        kept.issue(5)
    said = str(caught.value)
    assert f"expected {found.size + 5:,} ledger entries with root {OTHER[:12]}" in said
    assert f"found {found.size:,} with root {found.root[:12]}" in said
    assert (caught.value.expected, caught.value.found) == (Mark(found.size + 5, OTHER), found)


class TestAccepting:
    def test_lost_acts(self, kept: World) -> None:
        found = tail(kept)
        mark = lose(kept, 3)
        accepted = restoring.accept(kept.desk, kept.folder)
        assert kept.acts()[found.size :] == ["ledger.lost"] * 3 + ["ledger.restore", "key.add"]
        assert accepted.position == mark.size, "no position that a lost act had is used again"
        entry = kept.one("SELECT entry FROM ledger WHERE position = :at", at=accepted.position)["entry"]
        assert f'"payload":{{"expected":{{"root":"{OTHER}","size":{mark.size}}}' in entry
        assert f'"found":{{"root":"{found.root}","size":{found.size}}},"lost":3}}' in entry
        assert water(kept).read() == tail(kept)

    def test_numbers_that_lost_acts_may_have_used_are_skipped(self, kept: World) -> None:
        lose(kept, 3)
        accepted = restoring.accept(kept.desk, kept.folder)
        assert accepted.next_numbers == {
            "batch": 5,
            "pledge": 5,
            "mark_licence": 4,
            "recognition": 4,
            "signing_key": 6,
            "hidden_root": 4,
            "bundle": 4,
            "passport_issue": 4,
        }
        assert accepted.key is not None
        assert (accepted.key.number, accepted.key.role) == (5, Role.LABEL)
        batch = kept.issue(5, pledge=1)
        assert (batch.number, batch.key_number) == (5, 5), "new batches use the new key"
        kept.enterprise(2)
        assert kept.pledge(2) == 5
        assert kept.key().number == 6

    def test_and_again_after_the_next_loss(self, kept: World) -> None:
        lose(kept, 3)
        restoring.accept(kept.desk, kept.folder)
        lose(kept, 4)
        assert restoring.accept(kept.desk, kept.folder).next_numbers == {
            "batch": 9,
            "pledge": 9,
            "mark_licence": 8,
            "recognition": 8,
            "signing_key": 11,
            "hidden_root": 8,
            "bundle": 8,
            "passport_issue": 8,
        }

    def test_key_files_that_are_there_are_skipped_too(self, kept: World) -> None:
        """The folder of keys was not lost with the registry: a lost key's files are kept, and never overwritten."""
        for number in (3, 4):
            (kept.folder.path / f"000{number}-label.key").write_text("of a lost key")
        lose(kept, 1)
        accepted = restoring.accept(kept.desk, kept.folder)
        assert accepted.key is not None
        assert accepted.key.number == 5
        assert (kept.folder.path / "0003-label.key").read_text() == "of a lost key"

    def test_another_history(self, kept: World) -> None:
        found, mark = tail(kept), rewrite(kept)
        accepted = restoring.accept(kept.desk, kept.folder)
        assert kept.acts()[found.size :] == ["ledger.restore", "key.add"], "its own entries hold the positions"
        assert accepted.finding.lost == mark.size, "where the histories parted is not known: none may be common"
        assert accepted.next_numbers["batch"] == 2 + mark.size
        assert water(kept).read() == tail(kept)
        kept.issue(5)

    def test_another_history_whose_parting_the_operator_knows(self, kept: World) -> None:
        rewrite(kept)
        assert restoring.accept(kept.desk, kept.folder, 2).next_numbers["batch"] == 4

    def test_no_file(self, kept: World) -> None:
        found = tail(kept)
        water(kept).path.unlink()
        with pytest.raises(RegistryBehind, match="--lost N"):
            restoring.accept(kept.desk, kept.folder)
        restoring.accept(kept.desk, kept.folder, 20)
        assert kept.acts()[found.size :] == ["ledger.lost"] * 20 + ["ledger.restore", "key.add"]
        assert kept.issue(5).number == 22
        assert water(kept).read() == tail(kept)

    def test_no_file_and_nothing_lost(self, kept: World) -> None:
        found = tail(kept)
        water(kept).path.unlink()
        accepted = restoring.accept(kept.desk, kept.folder, 0)
        assert accepted.key is None
        assert kept.acts()[found.size :] == ["ledger.restore"]
        assert kept.issue(5).number == 2
        assert water(kept).read() == tail(kept)

    def test_a_file_as_old_as_the_registry(self, kept: World) -> None:
        """Both came back from one picture of the machine: nothing shows, so the operator says it."""
        assert restoring.accept(kept.desk, kept.folder, 6).next_numbers["batch"] == 8

    def test_more_than_the_file_knows_of(self, kept: World) -> None:
        lose(kept, 3)
        assert restoring.accept(kept.desk, kept.folder, 7).finding.filled == 7
        assert kept.issue(5).number == 9

    def test_examining_changes_nothing(self, kept: World) -> None:
        lose(kept, 3)
        before, files = kept.dump(), sorted(kept.folder.path.iterdir())
        finding = restoring.examine(kept.desk)
        assert (finding.lost, finding.filled) == (3, 3)
        assert (kept.dump(), sorted(kept.folder.path.iterdir())) == (before, files)


class TestRefused:
    @pytest.mark.parametrize("lost", [None, 0])
    def test_nothing_to_accept(self, kept: World, lost: int | None) -> None:
        before, files = kept.dump(), sorted(kept.folder.path.iterdir())
        with pytest.raises(ActRefused, match="expected a registry that is behind its high-water file, it is not"):
            restoring.accept(kept.desk, kept.folder, lost)
        assert (kept.dump(), sorted(kept.folder.path.iterdir())) == (before, files)

    @pytest.mark.parametrize("lost", [0, 2])
    def test_fewer_than_the_file_says(self, kept: World, lost: int) -> None:
        lose(kept, 3)
        with pytest.raises(ActRefused, match=f"expected at least 3 lost acts, as the high-water file says, got {lost}"):
            restoring.accept(kept.desk, kept.folder, lost)

    def test_another_history_with_nothing_lost(self, kept: World) -> None:
        rewrite(kept)
        with pytest.raises(ActRefused, match="expected at least 1 lost acts, as the high-water file says, got 0"):
            restoring.accept(kept.desk, kept.folder, 0)

    def test_a_file_of_another_world(self, kept: World) -> None:
        lose(kept, restoring.MAX_LOST + 1)
        with pytest.raises(ActRefused, match=r"expected at most 1,000,000 lost acts, got 1,000,001: is the high-water"):
            restoring.accept(kept.desk, kept.folder)

    def test_twice(self, kept: World) -> None:
        lose(kept, 3)
        restoring.accept(kept.desk, kept.folder)
        with pytest.raises(ActRefused, match="nothing to accept"):
            restoring.accept(kept.desk, kept.folder)


class Crash(BaseException):
    """The machine stops here."""


class _Uncommitted:
    """A registry whose transactions crash at their commit."""

    def __init__(self, database: Database) -> None:
        self.snapshot = database.snapshot
        self._transaction = database.transaction

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._transaction() as tx:
            yield tx
            raise Crash


class _Crashing:
    """A high-water file, or a registry, behind which the machine stops."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.path = getattr(real, "path", Path())

    def read(self) -> Mark | None:
        return self._real.read()  # type: ignore[no-any-return]

    def advance(self, mark: Mark) -> None:
        raise Crash


class TestInterrupted:
    """Accepting can be run again wherever it was stopped."""

    def test_before_the_commit(self, kept: World) -> None:
        lose(kept, 3)
        before = kept.dump()

        def stop(_positions: range) -> range:
            raise Crash

        with pytest.raises(Crash):
            restoring.accept(kept.desk, kept.folder, None, stop)
        assert kept.dump() == before
        assert restoring.accept(kept.desk, kept.folder).next_numbers["batch"] == 5

    def test_after_the_files_of_the_new_key(self, kept: World) -> None:
        """The registry does not know that key: its number is skipped, its files stay."""
        lose(kept, 3)
        with pytest.raises(Crash):
            restoring.accept(replace(kept.desk, database=_Uncommitted(kept.database)), kept.folder)
        accepted = restoring.accept(kept.desk, kept.folder)
        assert accepted.key is not None
        assert accepted.key.number == 6

    @pytest.mark.parametrize("damage", ["acts lost", "another history"])
    def test_between_commit_and_mark(self, kept: World, damage: str) -> None:
        DAMAGE[damage][0](kept)
        crashing: Desk = replace(kept.desk, high_water=_Crashing(water(kept)))  # type: ignore[arg-type]
        with pytest.raises(Crash):
            restoring.accept(crashing, kept.folder)
        mark = water(kept).read()
        assert mark is not None
        assert mark.root == OTHER, "the file still says what was lost"
        keys = len(kept.rows("SELECT number FROM signing_key"))
        with pytest.raises(ActRefused, match="nothing to accept"):
            restoring.accept(kept.desk, kept.folder)
        kept.issue(5)
        assert water(kept).read() == tail(kept)
        assert len(kept.rows("SELECT number FROM signing_key")) == keys, "one new key, not two"

    def test_a_mark_is_accepted_once(self, kept: World) -> None:
        """The same loss again, after the registry went on: it is another registry that remembers that."""
        lose(kept, 3)
        restoring.accept(kept.desk, kept.folder)
        lose(kept, 1)
        with pytest.raises(RegistryBehind):
            kept.issue(5)


def test_floors_leave_numbers_of_keys_to_use(kept: World) -> None:
    """Entries come by the hundred thousand, key numbers end at 65,535."""
    with kept.database.transaction() as tx:
        assert numbering.skip(tx, "signing_key", 500_000) == 1_001
        assert numbering.skip(tx, "batch", 500_000) == 500_001
        assert ledger.next_position(tx) == tail(kept).size
    assert kept.key().number == 1_002
    assert kept.issue(5).number == 500_002
