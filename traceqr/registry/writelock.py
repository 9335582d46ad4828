"""One writer at a time, across threads and processes, in a fair queue."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from traceqr.errors import RegistryUnavailable


class WriteLock:
    """A thread lock inside a file lock beside the registry.

    flock tells processes apart but not the threads of one, so both are needed. Waiting is blocking on purpose:
    the kernel queues the waiters, where SQLite's busy handler sleeps and polls, and lets a late comer overtake.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the lock and hold it. The file is opened anew each time: an inherited descriptor would share it.

        Raises `RegistryUnavailable` when the lock file cannot be opened.
        """
        with self._threads:
            process, handle = os.getpid(), self._open()
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                # A process forked meanwhile shares the lock through its copy of the descriptor. So closing is not
                # enough, or the lock would last as long as that process; and that process must not unlock for us.
                if os.getpid() == process:
                    fcntl.flock(handle, fcntl.LOCK_UN)
                os.close(handle)

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise RegistryUnavailable(f"cannot open the write lock {self._path}: {error.strerror}") from error
