"""Doing in one go what several threads ask for at the same time.

A commit waits for the disk, and costs the same for one scan as for fifty. So scans that arrive while one commit is
under way are committed together by the next.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Abandoned(Exception):
    """Whoever did the group was ended in the middle of it."""


class _Ticket(Generic[Item, Result]):
    """One thread's wish. `called` is set when it is done, or when this thread is to lead."""

    __slots__ = ("called", "error", "item", "leads", "result")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.called = threading.Event()
        self.leads = False
        self.result: list[Result] = []
        self.error: BaseException | None = None


class Grouped(Generic[Item, Result]):
    """Calls `work` with at most `most` items, in the order of their coming, and hands each thread its own result.

    Whoever comes first leads: takes all that waits and does it, and then calls the first of those who came meanwhile to
    lead the next group. So one group is under way at a time, there is no thread to start or to stop, and nobody works
    for others once his own wish is done. What `work` raises is raised in every thread of the group.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]], most: int) -> None:
        self._work = work
        self._most = most
        self._guard = threading.Lock()
        self._waiting: deque[_Ticket[Item, Result]] = deque()
        self._led = False

    def do(self, item: Item) -> Result:
        """Have an item done, alone or with others."""
        ticket: _Ticket[Item, Result] = _Ticket(item)
        with self._guard:
            self._waiting.append(ticket)
            ticket.leads = not self._led
            self._led = True
        if not ticket.leads:
            self._wait(ticket)
        if ticket.leads:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result[0]

    def _wait(self, ticket: _Ticket[Item, Result]) -> None:
        try:
            ticket.called.wait()
        except BaseException:  # ended while waiting: the wish is withdrawn, and whoever is next leads
            with self._guard:
                if ticket in self._waiting:
                    self._waiting.remove(ticket)
                    if ticket.leads:
                        self._call_next()
            raise

    def _lead(self) -> None:
        with self._guard:
            group = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        try:
            results = self._work([ticket.item for ticket in group])
            for ticket, result in zip(group, results, strict=True):
                ticket.result.append(result)
        except Exception as error:
            for ticket in group:
                ticket.error = error
        except BaseException:
            for ticket in group:
                ticket.error = Abandoned("expected the group to be done, its leader was ended")
            raise
        finally:
            self._hand_over(group)

    def _hand_over(self, group: list[_Ticket[Item, Result]]) -> None:
        with self._guard:
            self._call_next()
        for ticket in group:
            ticket.called.set()

    def _call_next(self) -> None:
        self._led = bool(self._waiting)
        if self._led:
            self._waiting[0].leads = True
            self._waiting[0].called.set()
