"""Recording among the greenlets of a worker.

A group of scans is recorded by a greenlet, without a pause from the lock to the commit: one that let others go first in
between would hold the lock until all of them have had their turn. That takes milliseconds, less than handing it over to
a thread and back. What takes longer, a lock that another process holds or a slow disk, would stop all greenlets: it is
done by a thread of the operating system.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import gevent
from gevent.event import Event
from gevent.monkey import is_module_patched
from gevent.threadpool import ThreadPool

from traceqr.grouping import THREADS, Crew, Signal

T = TypeVar("T")

_SWITCH_S = 0.000_5
"""How long a greenlet may compute before a thread beside it gets its turn. Python's own 5 ms is as long as a commit."""

_LATEST_S = 0.003
"""How long a group waits at most for greenlets that have something to do, and may bring more: what a commit takes."""


def crew(*, waiting_blocks: bool) -> Crew:
    """Who records scans in this process. `waiting_blocks` says that whoever waits for the registry stops his thread."""
    if not is_module_patched("threading"):
        return THREADS
    sys.setswitchinterval(_SWITCH_S)
    return Greenlets(ThreadPool(1) if waiting_blocks else None)


class Greenlets:
    """The crew of a process whose greenlets share a thread; it serves one `Grouped`. All groups begin and end in that
    thread; what would stop all greenlets is done by `threads`.
    """

    def __init__(self, threads: ThreadPool | None) -> None:
        self._threads = threads
        loop = gevent.get_hub().loop
        self._idle = loop.idle()
        self._late = loop.timer(_LATEST_S)

    def start(self, work: Callable[[], None]) -> None:
        """See `Crew.start`. Not before the greenlets that can go on have done so: they bring more to do together."""

        def begin() -> None:
            self._idle.stop()
            self._late.stop()
            gevent.spawn(work)

        self._idle.start(begin)
        self._late.start(begin)

    def signal(self) -> Signal:
        """See `Crew.signal`."""
        made: Signal = Event()
        return made

    def release(self, signals: Sequence[Signal]) -> None:
        """See `Crew.release`."""
        for signal in signals:
            signal.set()

    def aside(self, call: Callable[[], T]) -> T:
        """See `Crew.aside`."""
        if self._threads is None:
            return call()
        made: T = self._threads.apply(call)
        return made


def apart(call: Callable[[], T]) -> T:
    """Compute something long in a thread beside the greenlets, where there are any."""
    if not is_module_patched("threading"):
        return call()
    made: T = gevent.get_hub().threadpool.apply(call)
    return made
