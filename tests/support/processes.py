"""Processes from outside: who is whose child, what is open in them, and how to end them as a power cut would."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

GONE_WITHIN_S = 10


def children(pid: int) -> list[int]:
    """The children of a process, oldest first; none where the process has ended."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def family(pid: int) -> list[int]:
    """A process and all that descend from it, the eldest first."""
    found = [pid]
    for one in found:  # grows while it is walked
        found += children(one)
    return found


def kill(pids: Iterable[int]) -> None:
    """SIGKILL to processes that the test started, and wait until they have ended."""
    ended = list(pids)
    for pid in ended:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for pid in ended:
        _await_end(pid)


def _await_end(pid: int) -> None:
    deadline = time.monotonic() + GONE_WITHIN_S
    while is_alive(pid):
        assert time.monotonic() < deadline, f"expected process {pid} to end within {GONE_WITHIN_S} s"
        time.sleep(0.005)


def is_alive(pid: int) -> bool:
    """Whether a process runs: one that has ended and was not yet collected by its parent does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")


def open_files(pid: int) -> list[str]:
    """What the descriptors of a process lead to."""
    found = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            found.append(str(entry.readlink()))
    return found


def peak_memory_kb(pid: int) -> int:
    """The most memory that a process has held at once."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
