"""Running things at the same instant: in threads of this process, and in processes of their own."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 30


class ChildFailed(Exception):
    """A child raised; the message holds its traceback."""


def until(what: Callable[[], T]) -> T:
    """The first answer that is true; asked for again and again, within `PATIENCE_S`."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError(f"expected it within {PATIENCE_S} s")


def in_threads(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Results of all jobs, started at once, in the order of the jobs. The first exception is raised again."""
    results: list[T | BaseException | None] = [None] * len(jobs)
    barrier = threading.Barrier(len(jobs))

    def run(at: int) -> None:
        barrier.wait()
        try:
            results[at] = jobs[at]()
        except BaseException as error:
            results[at] = error

    threads = [threading.Thread(target=run, args=(at,), daemon=True) for at in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), f"a thread hangs for {PATIENCE_S} s"
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results  # type: ignore[return-value]


def in_processes(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """The same in forked children. A job opens what it needs itself; its result is pickled."""
    start_read, start_write = os.pipe()
    children = [_fork(job, start_read, start_write) for job in jobs]
    os.close(start_read)
    os.close(start_write)  # the starting shot: every child reads the end of this pipe
    return [_collect(*child) for child in children]


def in_child(job: Callable[[], T]) -> T:
    """One job in a forked child."""
    return in_processes([job])[0]


def _fork(job: Callable[[], T], start_read: int, start_write: int) -> tuple[int, int]:
    result_read, result_write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(result_write)
        return pid, result_read
    status = 1
    try:
        signal.alarm(PATIENCE_S)  # a child that hangs is killed, and has then said nothing
        os.close(start_write)
        os.read(start_read, 1)
        try:
            outcome = pickle.dumps((True, job()))
        except BaseException:
            outcome = pickle.dumps((False, traceback.format_exc()))
        with os.fdopen(result_write, "wb") as out:
            out.write(outcome)
        status = 0
    finally:
        os._exit(status)  # nothing of pytest's runs in the child


def _collect(pid: int, result_read: int) -> T:
    with os.fdopen(result_read, "rb") as source:
        outcome = source.read()
    os.waitpid(pid, 0)
    if not outcome:
        raise ChildFailed(f"the child said nothing within {PATIENCE_S} s")
    good, value = pickle.loads(outcome)
    if not good:
        raise ChildFailed(value)
    return value
