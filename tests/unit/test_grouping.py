"""Doing in groups: everybody's own result, groups that are bounded and in order, and nobody left waiting."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from support.together import in_threads

from traceqr.grouping import THREADS, Abandoned, Grouped, Threads

ROOT = Path(__file__).resolve().parents[2]


class Gate:
    """Work that can be stopped at a gate; it keeps what it was given."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.inside = 0
        self.most_inside = 0

    def __call__(self, items: Sequence[int]) -> list[str]:
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.groups.append(list(items))
        self.entered.set()
        assert self.gate.wait(30)
        self.inside -= 1
        for item in items:
            if item < 0:
                raise ValueError(f"item {item}")
        return [str(item) for item in items]


def grouped(work: Callable[[Sequence[int]], Sequence[str]], most: int = 64) -> Grouped[int, str]:
    return Grouped(work, most, threading.Lock(), THREADS)


def queued(group: Grouped[int, str], gate: Gate, items: Sequence[int]) -> tuple[threading.Thread, list[object]]:
    """One item is under way at the gate, and the others have come in their order and wait behind it."""
    gate.gate.clear()
    gate.entered.clear()
    outcomes: list[object] = [None] * len(items)

    def ask(at: int) -> None:
        try:
            outcomes[at] = group.do(items[at])
        except Exception as error:
            outcomes[at] = error

    threads = [threading.Thread(target=ask, args=(at,), daemon=True) for at in range(len(items))]
    threads[0].start()
    assert gate.entered.wait(30)
    for number, thread in enumerate(threads[1:], 1):
        thread.start()
        while group.waiting < number:
            thread.join(0.001)

    def end() -> None:
        for thread in threads:
            thread.join(30)

    ending = threading.Thread(target=end, daemon=True)
    ending.start()
    return ending, outcomes


def let_through(ending: threading.Thread, gate: Gate) -> None:
    gate.gate.set()
    ending.join(30)
    assert not ending.is_alive(), "somebody was left waiting"


def test_one_alone() -> None:
    gate = Gate()
    assert grouped(gate).do(7) == "7"
    assert gate.groups == [[7]]


def test_everybody_gets_his_own() -> None:
    gate = Gate()
    group = grouped(gate, 8)

    def ask(worker: int) -> list[str]:
        return [group.do(worker * 1000 + at) for at in range(50)]

    found = in_threads([lambda worker=worker: ask(worker) for worker in range(16)])
    assert found == [[str(worker * 1000 + at) for at in range(50)] for worker in range(16)]
    assert sorted(item for some in gate.groups for item in some) == sorted(
        worker * 1000 + at for worker in range(16) for at in range(50)
    )
    assert max(map(len, gate.groups)) <= 8
    assert gate.most_inside == 1, "one group at a time"


def test_those_who_wait_are_done_together_in_their_order_and_no_more_than_allowed() -> None:
    gate = Gate()
    group = grouped(gate, 4)
    ending, outcomes = queued(group, gate, list(range(10)))
    let_through(ending, gate)
    assert gate.groups == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9]]
    assert outcomes == [str(at) for at in range(10)]
    assert group.waiting == 0


def test_an_error_reaches_all_of_its_group_and_no_other() -> None:
    gate = Gate()
    group = grouped(gate, 3)
    ending, outcomes = queued(group, gate, [0, 1, -2, 3, 4, 5])
    let_through(ending, gate)
    assert gate.groups == [[0], [1, -2, 3], [4, 5]]
    assert [str(outcome) for outcome in outcomes] == ["0", "item -2", "item -2", "item -2", "4", "5"]
    assert all(isinstance(outcome, ValueError) for outcome in outcomes[1:4])
    assert group.do(6) == "6"


@pytest.mark.parametrize("results", [[], ["1"], ["1", "2", "3"]], ids=["none", "too few", "too many"])
def test_another_number_of_results_than_of_items_is_nobodys_result(results: list[str]) -> None:
    """Never somebody else's: a verdict would belong to another label."""
    gate = Gate()

    def work(items: Sequence[int]) -> list[str]:
        found = gate(items)
        return results if len(items) == 2 else found

    group = grouped(work)
    ending, outcomes = queued(group, gate, [0, 1, 2])
    let_through(ending, gate)
    assert outcomes[0] == "0"
    assert all(isinstance(outcome, ValueError) for outcome in outcomes[1:])


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_work_that_is_ended_leaves_nobody_waiting(end: type[BaseException]) -> None:
    """Nor does it end those who wait: they are told, and who comes later is served."""
    gate = Gate()

    def work(items: Sequence[int]) -> list[str]:
        found = gate(items)
        if 1 in items:
            raise end("stop")
        return found

    group = grouped(work, 2)
    ending, outcomes = queued(group, gate, [0, 1, 2, 3])
    let_through(ending, gate)
    assert [type(outcome) for outcome in outcomes] == [str, Abandoned, Abandoned, str]
    assert group.do(4) == "4"


def test_one_who_goes_away_while_he_waits_holds_up_nobody() -> None:
    """Ended by a signal: his wish is done all the same, and the others go on."""

    class Leaving(Exception):
        pass

    class Impatient(Threads):
        leaves = False

        def signal(self) -> threading.Event:
            made = threading.Event()
            if self.leaves:

                def leave(timeout: float | None = None) -> bool:  # fmt: skip
                    raise Leaving

                made.wait = leave  # type: ignore[method-assign]
            return made

    gate, crew = Gate(), Impatient()
    group: Grouped[int, str] = Grouped(gate, 64, threading.Lock(), crew)
    ending, outcomes = queued(group, gate, [0, 1])
    crew.leaves = True
    with pytest.raises(Leaving):
        group.do(2)
    crew.leaves = False
    let_through(ending, gate)
    assert outcomes == ["0", "1"]
    assert gate.groups == [[0], [1, 2]]
    assert group.do(3) == "3"


def test_no_thread_to_be_had_is_said_and_got_over() -> None:
    """The machine is out of threads for a moment: nobody waits for ever, then or later."""

    class Short(Threads):
        short = True

        def start(self, work: Callable[[], None]) -> None:
            if self.short:
                raise RuntimeError("can't start new thread")
            super().start(work)

    crew = Short()
    group: Grouped[int, str] = Grouped(Gate(), 64, threading.Lock(), crew)
    for _ in range(2):
        with pytest.raises(Abandoned, match="none could be started: can't start new thread"):
            group.do(1)
    assert group.waiting == 0
    crew.short = False
    assert group.do(2) == "2"


def test_those_who_came_while_no_thread_was_to_be_had_are_told_too() -> None:
    gate = Gate()
    came = threading.Event()

    class Short(Threads):
        short = True

        def start(self, work: Callable[[], None]) -> None:
            if not self.short:
                return super().start(work)
            assert came.wait(30)
            raise RuntimeError("can't start new thread")

    crew = Short()
    group: Grouped[int, str] = Grouped(gate, 64, threading.Lock(), crew)

    def second() -> str:
        while not group.waiting:
            came.wait(0.001)
        threading.Timer(0.05, came.set).start()
        try:
            return group.do(2)
        except Abandoned:
            return "told"

    def first() -> str:
        try:
            return group.do(1)
        except Abandoned:
            return "told"

    assert in_threads([first, second]) == ["told", "told"]
    crew.short = False
    assert group.do(3) == "3"


def test_an_error_that_concerns_all_ends_the_wait_of_those_behind() -> None:
    """They would only wait as long again for the same."""

    class Away(Exception):
        pass

    gate, calls = threading.Event(), []

    def work(items: Sequence[int]) -> list[str]:
        calls.append(list(items))
        assert gate.wait(30)
        if len(calls) == 1:
            raise Away
        return [str(item) for item in items]

    group: Grouped[int, str] = Grouped(work, 1, threading.Lock(), THREADS, Away)

    def ask(number: int) -> str:
        try:
            return group.do(number)
        except Away:
            return "away"

    def open_gate() -> str:
        while not calls or group.waiting < 3:  # the first waits too, until its group has begun
            gate.wait(0.001)
        gate.set()
        return "opened"

    told = in_threads([lambda number=number: ask(number) for number in range(4)] + [open_gate])
    assert told == ["away"] * 4 + ["opened"]
    assert len(calls) == 1
    assert group.do(9) == "9"


WITH_GREENLETS = """
import gevent.monkey
gevent.monkey.patch_all()
import time
import gevent
from traceqr import native
from traceqr.grouping import Abandoned, Grouped
from traceqr.web.aside import crew

groups, ticks = [], []

def wait():
    before, deadline = len(ticks), time.monotonic() + 20
    while len(ticks) == before:  # until another greenlet has gone on
        assert time.monotonic() < deadline, "the others stood still meanwhile"
        native.sleep(0.005)

def work(items):
    groups.append(list(items))
    hands.aside(wait)
    if -1 in items:
        raise ValueError("bad")
    if -2 in items:
        raise KeyboardInterrupt
    return [str(item) for item in items]

hands = crew(waiting_blocks=True)
group = Grouped(work, 8, native.new_lock(), hands)

def tick():
    while True:
        ticks.append(1)
        gevent.sleep(0.001)

ticking = gevent.spawn(tick)
asking = [gevent.spawn(lambda worker=worker: [group.do(worker * 100 + at) for at in range(20)]) for worker in range(20)]
gevent.joinall(asking, timeout=30)
assert [one.value for one in asking] == [[str(worker * 100 + at) for at in range(20)] for worker in range(20)]
assert max(map(len, groups)) <= 8, groups
assert len(groups) < 400, "nothing was done together"

def outcome(item):
    try:
        return group.do(item)
    except BaseException as error:
        return type(error).__name__

for bad, name in ((-1, "ValueError"), (-2, "Abandoned")):
    groups.clear()
    some = [gevent.spawn(outcome, item) for item in (1, bad, 2)]
    gevent.joinall(some, timeout=30)
    assert all(one.ready() for one in some), "somebody was left waiting"
    told = dict(zip((1, bad, 2), (one.value for one in some)))
    for done in groups:
        for item in done:
            assert told[item] == (name if bad in done else str(item)), (groups, told)
    assert group.do(3) == "3"

killed = gevent.spawn(group.do, 5)
gevent.sleep(0)
killed.kill(timeout=10)
assert killed.ready()
assert group.do(6) == "6"
ticking.kill()
print("done")
"""


def test_greenlets(tmp_path: Path) -> None:
    """As a worker has them, in a process of their own: they wait, and the others go on."""
    script = tmp_path / "greenlets.py"
    script.write_text(WITH_GREENLETS, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "done\n"), ended.stderr
