"""Working beside the greenlets of a worker, in threads of the operating system.

What waits for the disk or for another process would stop all greenlets. And a greenlet that holds the registry's lock
would hold it until all others have had their turn; a thread gets its turn within the switch interval.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from collections.abc import Callable, Sequence

import gevent
from gevent.event import Event
from gevent.monkey import is_module_patched
from gevent.threadpool import ThreadPool

from traceqr.grouping import THREADS, Crew, Signal

_SWITCH_S = 0.000_5
"""How long a greenlet may compute before a thread beside it gets its turn. Python's own 5 ms is as long as a commit."""

_LATEST_S = 0.003
"""How long a group waits at most for greenlets that have something to do, and may bring more: what a commit takes."""

_THREADS = 2


def crew(*, waiting_blocks: bool) -> Crew:
    """Who records scans in this process: a thread, where waiting for the registry stops all greenlets; else a greenlet
    like the others.
    """
    if not is_module_patched("threading"):
        return THREADS
    if waiting_blocks:
        sys.setswitchinterval(_SWITCH_S)
    return Beside(ThreadPool(_THREADS).spawn if waiting_blocks else gevent.spawn)


class Beside:
    """The crew of a process whose greenlets share a thread. `spawn` has work done beside them."""

    def __init__(self, spawn: Callable[[Callable[[], None]], object]) -> None:
        self._spawn = spawn
        self._loop = gevent.get_hub().loop
        self._thread = get_ident()
        self._idle = self._loop.idle()
        self._late = self._loop.timer(_LATEST_S)

    def start(self, work: Callable[[], None]) -> None:
        """See `Crew.start`. Not before the greenlets that can go on have done so: they bring more to do together."""
        self._in_loop(lambda: self._wait_for_others(work))

    def _wait_for_others(self, work: Callable[[], None]) -> None:
        def begin() -> None:
            self._idle.stop()
            self._late.stop()
            self._spawn(work)

        self._idle.start(begin)
        self._late.start(begin)

    def signal(self) -> Signal:
        """See `Crew.signal`."""
        made: Signal = Event()
        return made

    def release(self, signals: Sequence[Signal]) -> None:
        """See `Crew.release`. Only the thread of the greenlets may set what they wait for: it is told once for all."""

        def release() -> None:
            for signal in signals:
                signal.set()

        self._in_loop(release)

    def _in_loop(self, call: Callable[[], None]) -> None:
        """Make a call in the thread of the greenlets."""
        if get_ident() == self._thread:
            call()
        else:
            self._loop.run_callback_threadsafe(call)
