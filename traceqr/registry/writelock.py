"""One writer at a time, across threads and processes."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from traceqr.errors import RegistryUnavailable

PATIENCE_S = 10.0
"""How long to wait before saying that the registry cannot be had. Acts take milliseconds, large imports seconds."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.000_2, 0.002


class WriteLock:
    """A thread lock inside a file lock beside the registry: flock tells processes apart, but not the threads of one.

    Waiting polls. The kernel would queue those who wait, but a waiting system call stops all that its process does
    where greenlets share a thread: with the lock held elsewhere, a web worker did not even answer that it was alive.
    The pauses are short and bounded, so that no one waits long because another came first.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[float]:
        """Wait for the lock and hold it; gives the instant, by the monotonic clock, up to which to be patient.

        The file is opened anew each time: an inherited descriptor would share its lock. Raises `RegistryUnavailable`
        when the lock file cannot be opened, or others hold the lock for too long.
        """
        deadline = time.monotonic() + PATIENCE_S
        if not self._threads.acquire(timeout=PATIENCE_S):
            raise self._impatient()
        try:
            process, handle = os.getpid(), self._open()
            try:
                self._wait(handle, deadline)
                yield deadline
            finally:
                # A process forked meanwhile shares the lock through its copy of the descriptor. So closing is not
                # enough, or the lock would last as long as that process; and that process must not unlock for us.
                if os.getpid() == process:
                    fcntl.flock(handle, fcntl.LOCK_UN)
                os.close(handle)
        finally:
            self._threads.release()

    def _wait(self, handle: int, deadline: float) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise self._impatient() from None
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
            else:
                return

    def _impatient(self) -> RegistryUnavailable:
        return RegistryUnavailable(
            f"the registry is being written to by another process for more than {PATIENCE_S:g} s (lock {self._path}):"
            " wait for it, or end it"
        )

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise RegistryUnavailable(f"cannot open the write lock {self._path}: {error.strerror}") from error
