"""One writer at a time, across threads and processes."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from traceqr import native
from traceqr.errors import RegistryUnavailable
from traceqr.registry.database import RegistryBusy

PATIENCE_S = 10.0
"""How long to wait before saying that the registry cannot be had. Acts take milliseconds, large imports seconds."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.000_15, 0.000_3
"""Between two tries. Whoever is next tries at the first pace all the time, so that the lock is idle for no longer."""

_PLACES = 3
"""In the queue, so that four writers never overtake each other; of more, some may, on their way into it. With one place
the slowest of four writers' 18,000 writes took 24 to 34 times the median, with three 11 to 21 times.
"""

QUEUE = tuple(f".{place}" for place in range(1, _PLACES + 1))
"""Endings of the lock files of the places behind the lock, the first in the queue first."""


class WriteLock:
    """A thread lock inside a file lock beside the registry: flock tells processes apart, but not the threads of one.

    Waiting polls, so that it can end after a while. Polling alone is unfair: whoever lets go and comes back at once
    finds the lock free, while the others sleep. So there is a queue: each place of it is a lock too, and whoever waits
    holds his place until he has the next one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue = [path.with_name(f"{path.name}{ending}") for ending in reversed(QUEUE)]
        self._threads = native.new_lock()

    @contextmanager
    def held(self, patience_s: float | None = None) -> Iterator[float]:
        """Wait for the lock and hold it; gives the instant, by the monotonic clock, up to which to be patient.

        The files are opened anew each time: an inherited descriptor would share its lock. Raises `RegistryUnavailable`
        when a lock file cannot be opened, and `RegistryBusy` when others hold the lock for too long.
        """
        patience_s = PATIENCE_S if patience_s is None else patience_s
        deadline = time.monotonic() + patience_s
        if not self._threads.acquire(timeout=patience_s):
            raise self._impatient(patience_s, self._path)
        try:
            process = os.getpid()
            own = self._queued(process, deadline, patience_s)
            try:
                yield deadline
            finally:
                _let_go(own, process)
        finally:
            self._threads.release()

    def _queued(self, process: int, deadline: float, patience_s: float) -> int:
        """Go through the queue, holding each place until the next one is had; gives the lock."""
        place: int | None = None
        try:
            for path in (*self._queue, self._path):
                handle = self._opened(path)
                if handle is None:
                    continue
                try:
                    self._wait(handle, path, deadline, patience_s)
                except BaseException:
                    os.close(handle)
                    raise
                before, place = place, handle
                if before is not None:
                    _let_go(before, process)
        except BaseException:
            if place is not None:
                _let_go(place, process)
            raise
        assert place is not None  # the lock itself comes last, and is never left out
        return place

    def _opened(self, path: Path) -> int | None:
        """A lock file, made where there is none. A place that another user has made, and we may not open, is left out:
        places are for fairness alone.
        """
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if isinstance(error, PermissionError) and path is not self._path:
                return None
            raise RegistryUnavailable(f"cannot open the write lock {path}: {error.strerror}") from error

    def _wait(self, handle: int, path: Path, deadline: float, patience_s: float) -> None:
        pause, longest_pause_s = _FIRST_PAUSE_S, _FIRST_PAUSE_S if path is self._path else _LONGEST_PAUSE_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise self._impatient(patience_s, path) from None
                native.sleep(pause)
                pause = min(pause * 2, longest_pause_s)
            else:
                return

    def _impatient(self, patience_s: float, path: Path) -> RegistryBusy:
        return RegistryBusy(
            f"the registry is being written to by another process for more than {patience_s:g} s (lock {path}):"
            " wait for it, or end it"
        )


def _let_go(handle: int, process: int) -> None:
    """A process forked meanwhile shares the lock through its copy of the descriptor. So closing is not enough, or the
    lock would last as long as that process; and that process must not unlock for us.
    """
    if os.getpid() == process:
        fcntl.flock(handle, fcntl.LOCK_UN)
    os.close(handle)
