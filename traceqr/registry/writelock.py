"""One writer at a time, across threads and processes, in a fair queue."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
        """Wait for the lock and hold it. The file is opened anew each time: an inherited descriptor would share it."""
        with self._threads:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)
