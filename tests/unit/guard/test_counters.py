"""The guard's counters: who may be judged when, by a clock that the test owns."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.hidden import code, name, wrong_code
from support.together import in_threads

from traceqr.entering import Entry, Judged, Judgement
from traceqr.guard import counters as module
from traceqr.guard.clock import SteadyClock
from traceqr.guard.counters import Counters, CountersError
from traceqr.guard.delays import LONGEST_MS, OF_BATCH, OF_DEVICE, OF_DEVICE_AND_LABEL, OF_LABEL
from traceqr.label.serial import Serial

RIGHT = code(0)
LABEL = Serial(1, 7)


@dataclass
class Tried:
    """Counters with a clock of the test's, and labels whose right code is always the same."""

    path: Path
    at_ms: int = 1_000_000
    looked: int = 0
    opened: Counters = field(init=False)

    def __post_init__(self) -> None:
        self.opened = Counters(self.path, self._clock)
        self.opened._connection.execute("PRAGMA synchronous = OFF")  # no power fails here, and disks are slow

    def _clock(self, left_ms: int) -> SteadyClock:
        return SteadyClock(left_ms, lambda: self.at_ms, lambda: self.at_ms)

    def enter(self, number: int, device: str = "a", serial: Serial = LABEL, network: str = "") -> Judgement:
        """The code of that number; 0 is the right one."""
        entry = Entry(serial, code(number), name(device), network)

        def is_right() -> bool:
            self.looked += 1
            return entry.code == RIGHT

        return self.opened.judged(entry, is_right)

    def pass_s(self, seconds: float) -> None:
        self.at_ms += int(seconds * 1000)

    def guess(self, times: int, serial: Serial = LABEL, first: int = 1, network: str = "") -> None:
        """So many wrong entries, each by a device of its own; those that are told to wait do so together."""
        numbers = range(first, first + times)
        while numbers := [n for n in numbers if self.enter(n, f"stranger {n}", serial, network).judged is Judged.WAIT]:
            self.pass_s(LONGEST_MS / 1000)

    def count(self, table: str) -> int:
        (found,) = self.opened._connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()
        return int(found)


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[Tried]:
    made = Tried(tmp_path / "counters")
    with closing(made.opened):
        yield made


@contextmanager
def again(tried: Tried) -> Iterator[Tried]:
    """The same file in a guard that was started anew, at the instant that the clock shows now."""
    tried.opened.close()
    made = Tried(tried.path, tried.at_ms)
    with closing(made.opened):
        yield made


class TestOneDevice:
    def test_a_right_code_is_right_again_and_again(self, tried: Tried) -> None:
        assert [tried.enter(0) for _ in range(20)] == [Judgement.right()] * 20

    def test_a_few_wrong_ones_are_free(self, tried: Tried) -> None:
        assert [tried.enter(number) for number in (1, 2, 3, 4)] == [Judgement.wrong(0)] * 4
        assert tried.enter(0) == Judgement.right()

    def test_then_it_waits_and_is_not_looked_at(self, tried: Tried) -> None:
        for number in range(1, 5):
            tried.enter(number)
        assert tried.enter(5) == Judgement.wrong(15)
        looked = tried.looked
        assert tried.enter(0) == Judgement.wait(15, others=False)
        tried.pass_s(14)
        assert tried.enter(0) == Judgement.wait(1, others=False)
        assert tried.looked == looked
        tried.pass_s(1)
        assert tried.enter(0) == Judgement.right()

    def test_it_never_waits_for_longer_than_a_quarter_of_an_hour(self, tried: Tried) -> None:
        waits = []
        for number in range(1, 40):
            waits.append(tried.enter(number).wait_s)
            tried.pass_s(waits[-1])
        assert max(waits) == waits[-1] == 900
        assert tried.enter(0).judged is Judged.RIGHT

    def test_the_same_wrong_code_costs_nothing(self, tried: Tried) -> None:
        """A finger that taps twice; a copy whose printed code many enter."""
        assert [tried.enter(1, f"buyer {each}") for each in range(100)] == [Judgement.wrong(0)] * 100
        assert tried.looked == 1
        assert tried.enter(0) == Judgement.right()

    def test_a_right_one_clears_what_was_wrong_with_this_label(self, tried: Tried) -> None:
        for number in range(1, 5):
            tried.enter(number)
        tried.enter(0)
        assert tried.enter(5) == Judgement.wrong(0)

    def test_a_label_of_ones_own_does_not_clear_the_device(self, tried: Tried) -> None:
        """Who owns a label would enter its code between guesses at others."""
        own = Serial(2, 0)
        for number in range(1, OF_DEVICE.free + 2):
            tried.enter(number, serial=Serial(1, number))
            if number <= OF_DEVICE.free:
                assert tried.enter(0, serial=own) == Judgement.right()
        assert tried.enter(0, serial=own) == Judgement.wait(15, others=False)

    def test_guessing_across_a_batch_is_guessing(self, tried: Tried) -> None:
        for number in range(1, OF_DEVICE.free + 2):
            assert tried.enter(number, serial=Serial(1, number)).judged is Judged.WRONG
        assert tried.enter(99, serial=Serial(1, 99)) == Judgement.wait(15, others=False)
        assert tried.enter(99, serial=Serial(3, 99)) == Judgement.wait(15, others=False)
        assert tried.enter(98, "b", Serial(1, 98)) == Judgement.wrong(0)

    def test_time_forgives(self, tried: Tried) -> None:
        for number in range(1, 6):
            tried.enter(number)
        tried.pass_s(OF_DEVICE_AND_LABEL.most * OF_DEVICE_AND_LABEL.forgive_ms / 1000)
        assert tried.enter(6) == Judgement.wrong(0)


class TestManyDevices:
    def test_an_owner_waits_once_whoever_guesses_meanwhile(self, tried: Tried) -> None:
        tried.guess(40)
        asked = tried.enter(0, "owner")
        assert asked == Judgement.wait(900, others=True)
        for number in range(100, 190):
            tried.pass_s(10)
            tried.enter(number, f"stranger {number}")
        assert tried.enter(0, "owner") == Judgement.right()

    def test_whoever_waits_less_keeps_his_turn(self, tried: Tried) -> None:
        """The delay that he was told does not grow while he waits."""
        tried.guess(OF_LABEL.free + 1)
        assert tried.enter(0, "owner") == Judgement.wait(15, others=True)
        for number in range(100, 140):
            tried.enter(number, f"stranger {number}")
        tried.pass_s(15)
        assert tried.enter(0, "owner") == Judgement.right()

    def test_a_turn_is_for_one_entry(self, tried: Tried) -> None:
        tried.guess(40)
        tried.enter(90, "b")
        tried.pass_s(900)
        assert tried.enter(90, "b").judged is Judged.WRONG
        assert tried.enter(91, "b") == Judgement.wait(900, others=True)

    def test_other_labels_are_not_touched(self, tried: Tried) -> None:
        tried.guess(40)
        assert tried.enter(99, "owner", Serial(1, 8)) == Judgement.wrong(0)

    def test_an_hour_after_its_time_a_turn_is_gone(self, tried: Tried) -> None:
        tried.guess(40)
        assert tried.enter(0, "late").judged is Judged.WAIT
        for number in range(1, 6):
            tried.guess(20, first=number * 100)
        assert tried.enter(0, "late") == Judgement.wait(900, others=True)

    def test_a_batch_has_a_budget_over_all_its_labels(self, tried: Tried) -> None:
        for number in range(OF_BATCH.free + 1):
            tried.enter(number + 1, f"stranger {number}", Serial(1, number))
        assert tried.enter(0, "owner", Serial(1, 5_000)) == Judgement.wait(15, others=True)
        assert tried.enter(0, "owner", Serial(2, 0)) == Judgement.right()
        tried.pass_s(15)
        assert tried.enter(0, "owner", Serial(1, 5_000)) == Judgement.right()

    def test_what_is_asked_at_the_same_time_is_counted_one_by_one(self, tried: Tried) -> None:
        found = in_threads([lambda number=number: tried.enter(number) for number in range(1, 9)])
        assert sorted(each.judged.name for each in found) == ["WAIT"] * 3 + ["WRONG"] * 5


class TestTurns:
    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "LABEL_TURNS", 5)

    @pytest.fixture
    def crowded(self, tried: Tried) -> Tried:
        """All turns of the label are a guesser's, whose devices come from one network."""
        tried.guess(40)
        for number in range(50, 55):
            assert tried.enter(number, f"bot {number}", network=name("bots")).judged is Judged.WAIT
            tried.pass_s(1)
        return tried

    def test_they_are_bounded(self, crowded: Tried) -> None:
        assert crowded.enter(60, "bot 60", network=name("bots")) == Judgement.wait(900, others=True)
        crowded.pass_s(899)
        assert crowded.enter(60, "bot 60", network=name("bots")) == Judgement.wait(900, others=True)
        assert crowded.count("turn") == 5

    def test_another_network_gets_one_that_was_given_last(self, crowded: Tried) -> None:
        assert crowded.enter(0, "owner", network=name("home")) == Judgement.wait(900, others=True)
        for number in range(61, 90):
            crowded.enter(number, f"bot {number}", network=name("bots"))
        crowded.pass_s(900)
        assert crowded.enter(50, "bot 50", network=name("bots")).judged is Judged.WRONG
        assert crowded.enter(54, "bot 54", network=name("bots")).judged is Judged.WAIT
        assert crowded.enter(0, "owner", network=name("home")) == Judgement.right()

    def test_they_are_shared_evenly(self, crowded: Tried) -> None:
        """So nobody takes another's last."""
        for number in range(4):
            crowded.enter(0, f"owner {number}", network=name(f"home {number}"))
        assert crowded.enter(0, "late", network=name("elsewhere")).judged is Judged.WAIT
        crowded.pass_s(900)
        assert [crowded.enter(0, f"owner {number}", network=name(f"home {number}")).judged for number in range(4)] == [
            Judged.RIGHT
        ] * 4

    def test_of_a_batch_too(self, tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "BATCH_TURNS", 3)
        for number in range(OF_BATCH.free + 1):
            tried.enter(number + 1, f"stranger {number}", Serial(1, number))
        for number in range(9):
            tried.enter(number, f"bot {number}", Serial(1, 5_000 + number), name("bots"))
        assert tried.count("turn") == 3
        assert tried.enter(0, "owner", Serial(1, 6_000), name("home")) == Judgement.wait(15, others=True)
        tried.pass_s(15)
        assert tried.enter(0, "owner", Serial(1, 6_000), name("home")) == Judgement.right()


class TestTheFile:
    def test_it_is_for_its_owner_alone(self, tried: Tried) -> None:
        assert stat.S_IMODE(tried.path.stat().st_mode) == 0o600

    def test_it_holds_no_code_and_no_plain_hash_of_one(self, tried: Tried) -> None:
        tried.enter(0)
        tried.enter(1)
        content = tried.path.read_bytes()
        for number in (0, 1):
            assert code(number).digits.encode() not in content

    def test_what_was_counted_outlives_the_guard(self, tried: Tried) -> None:
        for number in range(1, 6):
            tried.enter(number)
        with again(tried) as later:
            assert later.enter(0) == Judgement.wait(15, others=False)
            assert later.enter(1) == Judgement.wrong(15)

    @pytest.mark.parametrize("back_s", [1, 3_600, 86_400 * 400])
    def test_a_clock_that_was_set_back_frees_nobody_and_holds_nobody(self, tried: Tried, back_s: int) -> None:
        tried.at_ms = 10**12
        with again(tried) as first:
            for number in range(1, 6):
                first.enter(number)
            first.pass_s(-back_s)
            with again(first) as later:
                assert later.enter(0) == Judgement.wait(15, others=False)
                later.pass_s(15)
                assert later.enter(0) == Judgement.right()

    def test_turns_outlive_a_clock_that_was_set_back(self, tried: Tried) -> None:
        tried.guess(40)
        assert tried.enter(0, "owner").judged is Judged.WAIT
        tried.pass_s(-86_400)
        with again(tried) as later:
            later.pass_s(900)
            assert later.enter(0, "owner") == Judgement.right()

    def test_what_is_paid_is_forgotten(self, tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "PRUNE_EVERY", 1)
        tried.guess(20)
        assert tried.count("debt") > 10
        tried.enter(0, "waits")
        tried.pass_s(86_400)
        tried.enter(21)
        assert tried.count("debt") == 4
        assert tried.count("turn") == 0
        assert tried.count("tried") == 21
        tried.pass_s(90 * 86_400)
        tried.enter(22)
        assert tried.count("tried") == 1

    def test_it_is_bounded(self, tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
        for limit, most in (("PRUNE_EVERY", 1), ("MOST_DEBTS", 20), ("MOST_TRIED", 30), ("TRIED", 4)):
            monkeypatch.setattr(module, limit, most)
        for number in range(1, 60):
            tried.enter(number, f"stranger {number}", Serial(number // 6 + 1, 0))
            tried.pass_s(1)
        assert tried.count("debt") <= 20
        assert tried.count("tried") <= 30
        (most,) = tried.opened._connection.execute(
            "SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM tried GROUP BY batch)"
        ).fetchone()
        assert most == 4

    def test_a_file_of_somebody_else_is_left_alone(self, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.write_bytes(b"no database, a letter" * 100)
        with pytest.raises(CountersError, match="cannot use the guard's counters"):
            Counters(other)
        assert other.read_bytes() == b"no database, a letter" * 100

    def test_another_database_is_left_alone(self, tmp_path: Path, tried: Tried) -> None:
        tried.opened._connection.execute("PRAGMA application_id = 5")
        with pytest.raises(CountersError, match="found another database"):
            Counters(tried.path)

    def test_a_link_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(CountersError, match="cannot use the guard's counters"):
            Counters(tmp_path / "link")
        assert not (tmp_path / "elsewhere").exists()

    def test_a_disk_that_is_full_tells_nothing(self, tried: Tried) -> None:
        """Nobody is told of a code before it is counted."""
        tried.enter(1)
        tried.opened._connection.execute("PRAGMA query_only = 1")
        with pytest.raises(CountersError, match="cannot be kept"):
            tried.enter(2)
        tried.opened._connection.execute("PRAGMA query_only = 0")
        assert tried.enter(0) == Judgement.right()


def test_the_clock_never_goes_back() -> None:
    """Neither when it starts, nor while it runs; nor does it jump."""
    wall, running = [5_000], [100]
    clock = SteadyClock(9_000, lambda: wall[0], lambda: running[0])
    assert clock() == 9_000
    wall[0] = 10**12
    running[0] = 350
    assert clock() == 9_250
    assert SteadyClock(9_000, lambda: 10_000, lambda: 7)() == 10_000


def test_wrong_codes_of_the_tests_are_well_formed() -> None:
    assert code(1) != code(2)
    assert wrong_code(code(5)) != code(5)
