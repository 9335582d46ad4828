"""Doing in one go what several threads ask for at the same time.

A commit waits for the disk, and costs the same for one scan as for fifty. So scans that arrive while one commit is
under way are committed together by the next.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
T = TypeVar("T")


class Abandoned(Exception):
    """There was no thread to do the group, or the one that did it was ended in the middle."""


class Signal(Protocol):
    """What `threading.Event` is: one side waits, another one sets it."""

    def wait(self) -> object:
        """Wait until it is set."""

    def set(self) -> None:
        """Let go who waits."""


class Crew(Protocol):
    """How a process has work done beside what it does."""

    def start(self, work: Callable[[], None]) -> None:
        """Have the work done soon, and return at once."""

    def signal(self) -> Signal:
        """A signal from such work to one that waits here."""

    def release(self, signals: Sequence[Signal]) -> None:
        """Set all of them, from such work."""

    def aside(self, call: Callable[[], T]) -> T:
        """Make a call that may wait for long, from such work, so that all else goes on meanwhile."""


class Threads:
    """The crew of a process without greenlets."""

    def start(self, work: Callable[[], None]) -> None:
        """See `Crew.start`."""
        threading.Thread(target=work, name="group", daemon=True).start()

    def signal(self) -> threading.Event:
        """See `Crew.signal`."""
        return threading.Event()

    def release(self, signals: Sequence[Signal]) -> None:
        """See `Crew.release`."""
        for signal in signals:
            signal.set()

    def aside(self, call: Callable[[], T]) -> T:
        """See `Crew.aside`: a thread may wait."""
        return call()


THREADS = Threads()


class _Ticket(Generic[Item, Result]):
    """One thread's wish."""

    __slots__ = ("done", "error", "item", "result")

    def __init__(self, item: Item, done: Signal) -> None:
        self.item = item
        self.done = done
        self.result: list[Result] = []
        self.error: BaseException | None = None


class Grouped(Generic[Item, Result]):
    """Calls `work` with at most `most` items, in the order of their coming, and hands each thread its own result.

    One group is under way at a time, in a thread of the crew, which decides when it begins. What `work` raises is
    raised in every thread of the group. An error of the class `common` concerns those who wait as well: they are told
    at once, instead of waiting as long again for the same.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result]],
        most: int,
        lock: threading.Lock,
        crew: Crew,
        common: type[Exception] | tuple[()] = (),
    ) -> None:
        self._common = common
        self._work = work
        self._most = most
        self._guard = lock
        self._crew = crew
        self._waiting: deque[_Ticket[Item, Result]] = deque()
        self._working = False

    def do(self, item: Item) -> Result:
        """Have an item done, alone or with others."""
        ticket: _Ticket[Item, Result] = _Ticket(item, self._crew.signal())
        with self._guard:
            self._waiting.append(ticket)
            start, self._working = not self._working, True
        if start:
            self._start()
        ticket.done.wait()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result[0]

    @property
    def waiting(self) -> int:
        """How many wait for the next group."""
        return len(self._waiting)

    def _start(self) -> None:
        try:
            self._crew.start(self._one_group)
        except Exception as error:  # there is no thread to be had: whoever came meanwhile would wait for ever
            with self._guard:
                left, self._working = list(self._waiting), False
                self._waiting.clear()
            for ticket in left:
                ticket.error = Abandoned(f"expected a thread to do the group, none could be started: {error}")
            self._crew.release([ticket.done for ticket in left])

    def _one_group(self) -> None:
        with self._guard:
            group = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        try:
            self._do(group)
        finally:
            with self._guard:
                self._working = more = bool(self._waiting)
            self._crew.release([ticket.done for ticket in group])
            if more:
                self._start()

    def _do(self, group: list[_Ticket[Item, Result]]) -> None:
        try:
            results = self._work([ticket.item for ticket in group])
            for ticket, result in zip(group, results, strict=True):
                ticket.result.append(result)
        except BaseException as error:
            if isinstance(error, self._common):
                with self._guard:
                    group += self._waiting
                    self._waiting.clear()
            for ticket in group:
                ticket.error = error if isinstance(error, Exception) else Abandoned("the group was ended")
